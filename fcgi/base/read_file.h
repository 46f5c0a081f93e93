/* A whole small file in memory. */
#ifndef PALATE_BASE_READ_FILE_H
#define PALATE_BASE_READ_FILE_H

#include <stddef.h>

/* Reads a regular file of at most limit bytes; a zero is put behind the *length bytes. The caller frees
 * the text with memory_free(). On failure returns NULL and writes a sentence with the path to problem. */
char *read_file(const char *path, size_t limit, size_t *length, char *problem, size_t problem_size)
    __attribute__((nonnull, warn_unused_result));

#endif
