/* A file that is either written wholly or not at all: a temporary name in the same folder, then rename.
 *
 * Owns the temporary file until output_file_commit() or output_file_abandon(). A path that is there and is no
 * ordinary file (/dev/stdout, a pipe) is written to directly. Says itself what goes wrong. */
#ifndef PALATE_CLI_OUTPUT_FILE_H
#define PALATE_CLI_OUTPUT_FILE_H

#include "base/write_file.h"

#include <stdbool.h>
#include <stdio.h>

/* Whether path can be written as far as can be told now, for commands that write only after long work: its
 * folder is there and open to us, and path is no folder. ordinary: a device or a pipe will not do either.
 * False after saying why. */
bool output_file_check(const char *path, bool ordinary) __attribute__((nonnull, warn_unused_result));

struct output_file {
    const char *path;
    struct write_file file; /* without a temporary: written directly */
    FILE *stream;           /* for the caller to write to */
};

/* path must outlive it. False after saying why. */
bool output_file_open(struct output_file *output, const char *path)
    __attribute__((nonnull, warn_unused_result));

/* Flushes, syncs and renames. False after saying why; then nothing is left behind and path is as it was. */
bool output_file_commit(struct output_file *output) __attribute__((nonnull, warn_unused_result));

/* Leaves path as it was. */
void output_file_abandon(struct output_file *output) __attribute__((nonnull));

#endif
