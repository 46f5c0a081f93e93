/* Web addresses of services that the configuration names: a strict reader, and percent-encoding.
 *
 * Only "http(s)://HOST[:PORT][/PATH]" in plain ASCII is an address here: no user, query, fragment, backslash
 * or blank, so that no two readers can disagree about its host. Makes no lookup and no connection. */
#ifndef PALATE_BASE_URL_H
#define PALATE_BASE_URL_H

#include "base/arena.h"

#include <stdbool.h>
#include <stddef.h>

struct url {
    bool is_https;
    const char *host; /* points into the text, not terminated; IPv6 with its brackets */
    size_t host_length;
    const char *path; /* from its slash on, "" when there is none */
};

/* False when the text is no such address. */
bool url_read(const char *text, struct url *url) __attribute__((nonnull, warn_unused_result));

/* https to anywhere, or http to a host of the list (separated by commas or blanks; letters in any case). */
bool url_is_allowed(const struct url *url, const char *http_hosts)
    __attribute__((nonnull, warn_unused_result));

/* Whether both name the same host, letters in any case. */
bool url_is_same_host(const struct url *a, const struct url *b) __attribute__((nonnull, warn_unused_result));

/* All but letters, digits, '-', '_' and '~' as %XX; also dots, which alone would be a folder. */
char *url_encode(struct arena *arena, const char *text) __attribute__((nonnull, returns_nonnull));

#endif
