/* `palate train`: learns a model file for each tenant from the database, or one from files.
 *
 * train.c reads the command line and the database, files.c files, build.c is what both share. */
#ifndef PALATE_CLI_TRAIN_TRAIN_H
#define PALATE_CLI_TRAIN_TRAIN_H

#include "cli/train/build.h"
#include "cli/verb.h"

struct train_options {
    const char *tenant;      /* key; NULL: every active tenant */
    const char *events;      /* path; NULL: train from the database */
    const char *items;       /* path or NULL */
    const char *model;       /* path; not NULL with events */
    const char *time_budget; /* as given, or NULL */
    int64_t budget_us;       /* of it; 0: none */
    struct train_resources resources;
};

/* Fills a struct train_options. */
enum options_outcome train_options_parse(int argc, char **argv, void *given, struct operands *operands)
    __attribute__((nonnull, warn_unused_result));

extern const struct command train_command;

/* The form on files; options->events is not NULL. Returns an enum tool_exit. */
int train_files_run(const struct train_options *options) __attribute__((nonnull));

#endif
