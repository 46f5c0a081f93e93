/* A small file that the workers of a machine map and share: atomic numbers, no locks.
 *
 * What is in it is its user's struct, whose first member is `_Atomic uint64_t format`, at the same places in
 * every build. A new file is all zero, which must be the state at the beginning, so that whoever comes first
 * has nothing to set up. The file must not be cut while it is in use. */
#ifndef PALATE_BASE_STATE_FILE_H
#define PALATE_BASE_STATE_FILE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

_Static_assert(ATOMIC_LLONG_LOCK_FREE == 2 && ATOMIC_LONG_LOCK_FREE == 2, "atomics work between processes");

/* Maps size bytes of the file for reading and writing, making it when it is not there, for its owner alone.
 * NULL: it cannot be used, or is of another format; problem is a sentence with the path. */
void *state_file_open(const char *path, size_t size, uint64_t format, char *problem, size_t problem_size)
    __attribute__((nonnull, warn_unused_result));

/* NULL is fine. */
void state_file_close(void *state, size_t size);

/* Copies what is in the file now, without making or changing it. False: there is none of this format. */
bool state_file_read(const char *path, void *state, size_t size, uint64_t format)
    __attribute__((nonnull, warn_unused_result));

#endif
