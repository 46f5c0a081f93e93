/* `palate doctor`: checks an installation, and says how to fix what is wrong. */
#ifndef PALATE_CLI_DOCTOR_DOCTOR_H
#define PALATE_CLI_DOCTOR_DOCTOR_H

#include "cli/verb.h"

struct doctor_options {
    const char *url;      /* NULL: the running service is not checked */
    const char *connect;  /* NULL, or ADDRESS[:PORT] to go to, whatever the host of url resolves to */
    const char *web_user; /* NULL: www-data, where doctor is run by root */
    const char *worker;   /* NULL: looked for */
    const char *sql_directory;
};

/* Fills a struct doctor_options. */
enum options_outcome doctor_options_parse(int argc, char **argv, void *given, struct operands *operands)
    __attribute__((nonnull, warn_unused_result));

extern const struct command doctor_command;

#endif
