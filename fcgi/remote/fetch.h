/* Gets one small document over HTTP: within a deadline, up to a size, TLS verified, redirects not followed.
 * What the bytes mean is the caller's matter; they are foreign. */
#ifndef PALATE_REMOTE_FETCH_H
#define PALATE_REMOTE_FETCH_H

#include <stdbool.h>
#include <stddef.h>

/* https to anywhere; plain http only where local_http allows it, and then only to localhost, 127.0.0.1 and
 * [::1]. */
bool fetch_allows(const char *url, bool local_http) __attribute__((nonnull, warn_unused_result));

/* The body of an answer 200, with a zero behind; release with memory_free(). NULL after writing a sentence
 * without the URL to problem: the URL is not allowed, no answer within so many milliseconds, another status,
 * or more than limit bytes. */
char *fetch_document(const char *url, bool local_http, size_t limit, long milliseconds, size_t *length,
                     char *problem, size_t problem_size) __attribute__((nonnull, warn_unused_result));

#endif
