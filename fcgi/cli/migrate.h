/* `palate migrate`: applies the numbered schema files. */
#ifndef PALATE_CLI_MIGRATE_H
#define PALATE_CLI_MIGRATE_H

#include "cli/installed_file.h"
#include "cli/verb.h"
#include "storage/schema.h"

#include <stdbool.h>

struct migrate_options {
    const char *directory; /* "": look for it */
    bool dry_run;
};

/* Fills a struct migrate_options. */
enum options_outcome migrate_options_parse(int argc, char **argv, void *given, struct operands *operands)
    __attribute__((nonnull, warn_unused_result));

struct schema_files {
    char directory[INSTALLED_PATH_SIZE];
    char *names[SCHEMA_VERSION_MAX + 1]; /* NULL: no file of that number */
    unsigned newest;                     /* 0: none */
};

/* Lists NNN-*.sql of a folder ("": see installed_file_find_sql()). False after writing a
 * sentence to problem. Free it also then. */
bool schema_files_list(struct schema_files *files, const char *directory, char *problem, size_t problem_size)
    __attribute__((nonnull, warn_unused_result));
void schema_files_free(struct schema_files *files) __attribute__((nonnull));

/* The number in front of "001-initial.sql"; 0 when the name is not of that form. */
unsigned schema_file_version(const char *name) __attribute__((nonnull, warn_unused_result));

extern const struct command migrate_command;

#endif
