/* Heap memory that cannot fail; see memory.h.
 *
 * A failed malloc() is checked here once and nowhere else, which removes from every other file the branch
 * that no test reaches. _exit() and not exit(): handlers that run at an exit would want memory. The message
 * is written with write(), since stdio may allocate its buffer. Zeroed memory costs little (calloc() gets it
 * from the kernel zeroed, for what is large) and makes a forgotten member the same in every run.
 *
 * Ending the process is safe for what is stored: an open transaction is rolled back by the server when the
 * connection closes, and a web server starts another worker. */
#include "base/memory.h"

#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { EXIT_OUT_OF_MEMORY = 70 };

void memory_keep_freed(int bytes)
{
    mallopt(M_TRIM_THRESHOLD, bytes);
    mallopt(M_MMAP_THRESHOLD, bytes); /* its usual habit of rising ends with the first mallopt() */
}

void memory_trim(void)
{
    malloc_trim(0);
}

void memory_exhausted(void)
{
    static const char message[] = "palate: out of memory\n";
    ssize_t ignored = write(STDERR_FILENO, message, sizeof(message) - 1);
    (void)ignored;
    _exit(EXIT_OUT_OF_MEMORY);
}

void *memory_alloc(size_t count, size_t size)
{
    void *pointer = calloc(count ? count : 1, size ? size : 1);
    if (!pointer)
        memory_exhausted();
    return pointer;
}

void *memory_reserve(size_t bytes)
{
    return memory_resize(NULL, bytes, 1);
}

void *memory_resize(void *pointer, size_t count, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(count ? count : 1, size ? size : 1, &bytes))
        memory_exhausted();
    void *moved = realloc(pointer, bytes);
    if (!moved)
        memory_exhausted();
    return moved;
}

char *memory_copy_bytes(const char *bytes, size_t length)
{
    if (length == SIZE_MAX)
        memory_exhausted();
    char *copy = memory_alloc(length + 1, 1);
    memcpy(copy, bytes, length);
    return copy;
}

char *memory_copy_text(const char *text)
{
    return memory_copy_bytes(text, strlen(text));
}

void memory_free(void *pointer)
{
    free(pointer);
}
