/* `palate grants`: sql/grants.sql for the configured names. */
#ifndef PALATE_CLI_GRANTS_H
#define PALATE_CLI_GRANTS_H

#include "base/arena.h"
#include "cli/verb.h"

struct grants_options {
    const char *directory; /* "": look for it */
    const char *from;      /* the host that workers connect from, as MariaDB's accounts have it */
};

/* Fills a struct grants_options. */
enum options_outcome grants_options_parse(int argc, char **argv, void *given, struct operands *operands)
    __attribute__((nonnull, warn_unused_result));

struct grants_names {
    const char *database, *worker, *tool; /* users: without host */
    const char *from;
};

/* The text of grants.sql with these in place of palate, 'palate_worker'@'localhost' and
 * 'palate_tool'@'localhost', quoted for SQL; before it a line that chooses the database. NULL, with a
 * sentence in problem, where a name cannot be quoted or the text is not that of grants.sql. */
const char *grants_write(struct arena *arena, const char *sql, const struct grants_names *names,
                         char *problem, size_t problem_size) __attribute__((nonnull, warn_unused_result));

extern const struct command grants_command;

#endif
