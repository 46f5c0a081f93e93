/* `palate settings`: every setting as a commented configuration file. */
#ifndef PALATE_CLI_SETTINGS_H
#define PALATE_CLI_SETTINGS_H

#include "cli/command.h"

int settings_run(const struct tool *tool, int argc, char **argv);

#endif
