/* The log: lines of text to stderr or a file, each written at once so that lines of workers never mix.
 *
 * A line begins with its moment, as RFC 3339 has it, in UTC: 2026-11-30T14:26:23.123Z. The log never stops
 * anybody: what cannot be written to the file goes to stderr, which the web server keeps.
 *
 * The file is known by its path. Once a second, at the next line, the path is looked at: where a log rotation
 * has renamed the file away, or somebody removed it, lines go on in a new one; where it could not be opened
 * before, it is tried again. So neither needs a restart. */
#ifndef PALATE_BASE_LOG_H
#define PALATE_BASE_LOG_H

/* Appends to path from now on, making it (mode 0640) where it is missing; "" means stderr. Where it
 * cannot be opened lines go to stderr, the first of them saying why, until it can be. path is copied. */
void log_open(const char *path) __attribute__((nonnull));

/* One line, at most 2,000 bytes with its moment; control characters become '?'. Never log a token, a body or
 * a secret. */
void log_line(const char *format, ...) __attribute__((format(printf, 1, 2), nonnull));

#endif
