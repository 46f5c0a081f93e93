/* Origins of web pages (RFC 6454, 6.2): the list of those that may read answers, [http] allow_origin. */
#ifndef PALATE_BASE_ORIGINS_H
#define PALATE_BASE_ORIGINS_H

#include <stdbool.h>

/* Whether the list is "" (none), "*" (any), or origins as browsers write them (scheme://host[:port], lower
 * case, no path, no default port), separated by commas. False after *entry has been set to the place in the
 * list of the first one that is not, and *length to its length. */
bool origins_check(const char *list, const char **entry, int *length)
    __attribute__((nonnull, warn_unused_result));

/* Whether a page of that origin may read answers, by a list that has been checked. */
bool origins_include(const char *list, const char *origin) __attribute__((nonnull, warn_unused_result));

#endif
