/* `palate metrics`: the token that GET /metrics wants. */
#ifndef PALATE_CLI_METRICS_H
#define PALATE_CLI_METRICS_H

#include "cli/verb.h"

extern const struct command metrics_command;

#endif
