/* Web addresses of services; see url.h.
 *
 * Two programs that read one address differently are a hole: this file would allow one host and libcurl ask
 * another. So only the plain form is taken, https://HOST[:PORT][/PATH], of which there is one reading: no
 * user (everything before an @ looks like a host), no backslash, no query or fragment, no percent signs or
 * letters beyond ASCII in the host. What is refused here is never given to libcurl, which is also set to
 * allow nothing but http and https.
 *
 * http is for hosts that the operator has listed, where no stranger can listen: the list is compared as text,
 * without a lookup, which could have another answer a moment later. */
#include "base/url.h"

#include <stdint.h>
#include <string.h>
#include <strings.h>

static bool is_alphanumeric(char c)
{
    return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}

/* Where the host ends; NULL when there is none. */
static const char *skip_host(const char *at)
{
    const char *from = at;
    if (*at == '[') {
        at++;
        at += strspn(at, "0123456789abcdefABCDEF:.");
        return *at == ']' && at > from + 2 ? at + 1 : NULL;
    }
    while (is_alphanumeric(*at) || *at == '-' || *at == '.')
        at++;
    return at > from ? at : NULL;
}

static const char *skip_port(const char *at)
{
    if (*at != ':')
        return at;
    int64_t port = 0;
    size_t digits = strspn(++at, "0123456789");
    if (!digits || digits > 5)
        return NULL;
    for (size_t i = 0; i < digits; i++)
        port = port * 10 + (at[i] - '0');
    return port >= 1 && port <= 65535 ? at + digits : NULL;
}

bool url_read(const char *text, struct url *url)
{
    bool https = !strncasecmp(text, "https://", 8);
    if (!https && strncasecmp(text, "http://", 7))
        return false;
    const char *host = text + (https ? 8 : 7), *end = skip_host(host);
    const char *path = end ? skip_port(end) : NULL;
    if (!path || (*path && *path != '/'))
        return false;
    for (const char *at = path; *at; at++) {
        if (!is_alphanumeric(*at) && !strchr("/-._~!$'()*+,;=:%", *at))
            return false;
    }
    *url = (struct url){.is_https = https, .host = host, .host_length = (size_t)(end - host), .path = path};
    return true;
}

bool url_is_allowed(const struct url *url, const char *http_hosts)
{
    if (url->is_https)
        return true;
    for (const char *at = http_hosts; *at;) {
        size_t length = strcspn(at, ", \t");
        if (length == url->host_length && !strncasecmp(at, url->host, length))
            return true;
        at += length;
        at += strspn(at, ", \t");
    }
    return false;
}

bool url_is_same_host(const struct url *a, const struct url *b)
{
    return a->host_length == b->host_length && !strncasecmp(a->host, b->host, a->host_length);
}

char *url_encode(struct arena *arena, const char *text)
{
    static const char digits[] = "0123456789ABCDEF";
    char *encoded = arena_alloc(arena, 3 * strlen(text) + 1, 1), *to = encoded;
    for (; *text; text++) {
        unsigned char byte = (unsigned char)*text;
        if (is_alphanumeric(*text) || strchr("-_~", *text)) {
            *to++ = *text;
            continue;
        }
        *to++ = '%';
        *to++ = digits[byte >> 4];
        *to++ = digits[byte & 15];
    }
    return encoded;
}
