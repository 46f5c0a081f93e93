/* Runs a program once as another user, with a time limit, and keeps the beginning of what it says. */
#ifndef PALATE_CLI_DOCTOR_PROGRAM_H
#define PALATE_CLI_DOCTOR_PROGRAM_H

#include "cli/doctor/access.h"

#include <stdbool.h>

enum { PROGRAM_TEXT_SIZE = 4096 };

struct program_run {
    int error;      /* errno of starting it; 0: it was started */
    bool timed_out; /* and then killed */
    int exit_code;  /* -1: ended by a signal */
    int signal;
    char output[PROGRAM_TEXT_SIZE], problems[PROGRAM_TEXT_SIZE]; /* standard output and error */
};

/* environment: as for execve(). Standard input is empty. user NULL: as this process. */
void program_run(struct program_run *run, const char *path, char *const *environment,
                 const struct web_user *user, int seconds) __attribute__((nonnull(1, 2, 3)));

#endif
