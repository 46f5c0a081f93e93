/* A small file that the workers of a machine map and share: atomic numbers, and no lock that anybody waits for.
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

/* Takes the lowest of the file's places, 0 to places - 1, that no living process has. This process has it until
 * it closes the descriptor that is returned, or any other of the file, or ends, however it ends; its children
 * have it not. -1: all are taken, or the file system has no locks. */
int state_file_claim(const char *path, size_t places, size_t *place)
    __attribute__((nonnull, warn_unused_result));

/* Whether another process has the place; claim is the descriptor of this one's. */
bool state_file_is_claimed(int claim, size_t place) __attribute__((warn_unused_result));

/* Copies what is in the file now, without making or changing it. False: there is none of this format. */
bool state_file_read(const char *path, void *state, size_t size, uint64_t format)
    __attribute__((nonnull, warn_unused_result));

#endif
