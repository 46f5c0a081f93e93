/* `palate setup`: hands over to the script that makes an installation, etc/setup/setup. */
#ifndef PALATE_CLI_SETUP_H
#define PALATE_CLI_SETUP_H

#include "cli/verb.h"

/* Its work returns only when the script cannot be run. */
extern const struct command setup_command;

#endif
