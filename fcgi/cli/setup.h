/* `palate setup`: hands over to the script that makes an installation, etc/setup/setup. */
#ifndef PALATE_CLI_SETUP_H
#define PALATE_CLI_SETUP_H

#include "cli/command.h"

/* Returns only when the script cannot be run. */
int setup_run(const struct tool *tool, int argc, char **argv);

#endif
