/* A file that is written wholly or not at all: under a temporary name in the same folder, then renamed.
 *
 * Whoever opens the path finds the file of before or the new one, never a part, also after a crash or a power
 * cut. Owns the temporary file until write_file_commit() or write_file_abandon(), one of which must follow.
 */
#ifndef PALATE_BASE_WRITE_FILE_H
#define PALATE_BASE_WRITE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct write_file {
    int descriptor; /* for the caller to write to, and to seek in */
    char *path, *temporary;
};

/* 0, or an errno; then there is nothing to end. */
int write_file_begin(struct write_file *file, const char *path) __attribute__((nonnull, warn_unused_result));

/* Gives the file its mode, syncs and renames it, and syncs the folder where that is possible, so that the
 * name lasts, too. 0, or an errno; then no temporary file is left, and path is as it was (but for an EIO of
 * the folder itself, when the new file has the name already). */
int write_file_commit(struct write_file *file, mode_t mode) __attribute__((nonnull, warn_unused_result));

/* The same without the syncs, for what is worthless after a crash of the machine: then the file may be there with
 * any of its bytes missing, so it has to say when it was written. */
int write_file_commit_unsynced(struct write_file *file, mode_t mode)
    __attribute__((nonnull, warn_unused_result));

/* Leaves path as it was. */
void write_file_abandon(struct write_file *file) __attribute__((nonnull));

/* Writes all bytes, over interruptions and in pieces; false with errno when that fails on the way. */
bool write_fully(int descriptor, const void *bytes, size_t length) __attribute__((nonnull));

#endif
