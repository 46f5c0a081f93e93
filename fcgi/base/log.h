/* The log: lines of text to stderr or a file, each written at once so that lines of workers never mix. */
#ifndef PALATE_BASE_LOG_H
#define PALATE_BASE_LOG_H

#include <stdbool.h>

/* Appends to path from now on; "" means stderr. False when it cannot be opened (errno is set). */
bool log_open(const char *path) __attribute__((nonnull, warn_unused_result));

/* One line, at most 2,000 bytes; control characters become '?'. Never log a token, a body or a secret. */
void log_line(const char *format, ...) __attribute__((format(printf, 1, 2), nonnull));

#endif
