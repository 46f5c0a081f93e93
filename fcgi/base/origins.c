/* Origins of web pages; see origins.h.
 *
 * A browser sends the page's origin as scheme://host[:port] in lower case and without a default port (RFC
 * 6454, 6.2), and an answer must name exactly that text or "*". So the list is compared as text, byte by
 * byte; and what stands in the configuration must be written as a browser writes it, because any other
 * spelling would silently never fit. Hosts are not looked up and have no wildcards: a pattern is how such
 * lists are gotten wrong. */
#include "base/origins.h"

#include "base/text.h"

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* What browsers allow in the name of a host; a wider set would let list and headers be broken up. */
#define LETTERS "abcdefghijklmnopqrstuvwxyz"
#define DIGITS  "0123456789"

/* The next entry of the list, without the spaces around it; *at moves behind it. */
static const char *next_entry(const char **at, size_t *length)
{
    const char *entry = *at + strspn(*at, " \t");
    size_t whole = strcspn(entry, ",");
    *at = entry + whole + (entry[whole] == ',');
    while (whole && (entry[whole - 1] == ' ' || entry[whole - 1] == '\t'))
        whole--;
    *length = whole;
    return entry;
}

/* Behind the host: nothing, or a port that browsers do not leave out. */
static bool port_is_fit(const char *text, const char *scheme)
{
    char again[8];
    int64_t port;
    if (!*text)
        return true;
    if (*text++ != ':' || !text_to_int64(text, &port) || port < 1 || port > UINT16_MAX)
        return false;
    snprintf(again, sizeof(again), "%d", (int)port);
    bool is_default = (!strcmp(scheme, "http") && port == 80) || (!strcmp(scheme, "https") && port == 443);
    return !strcmp(again, text) && !is_default;
}

/* Whether a browser would write it like that: a scheme, a host in lower case or an IPv6 address in brackets,
 * and no default port. */
static bool is_origin(const char *entry, size_t length)
{
    char text[300];
    if (length >= sizeof(text))
        return false;
    snprintf(text, sizeof(text), "%.*s", (int)length, entry);
    char *host = strstr(text, "://");
    if (!host || text[0] < 'a' || text[0] > 'z' ||
        strspn(text, LETTERS DIGITS "+-.") != (size_t)(host - text))
        return false;
    *host = '\0';
    host += 3;
    size_t name =
        *host == '[' ? 1 + strspn(host + 1, "abcdef" DIGITS ":.") : strspn(host, LETTERS DIGITS "-._");
    if (*host == '[' && host[name++] != ']')
        return false;
    return name && port_is_fit(host + name, text);
}

bool origins_check(const char *list, const char **entry, int *length)
{
    size_t size;
    if (!*list || !strcmp(list, "*"))
        return true;
    for (const char *at = list; *at || at[-1] == ',';) {
        *entry = next_entry(&at, &size);
        *length = (int)size;
        if (!is_origin(*entry, size))
            return false;
    }
    return true;
}

bool origins_include(const char *list, const char *origin)
{
    size_t length, wanted = strlen(origin);
    for (const char *at = list; *at;) {
        const char *entry = next_entry(&at, &length);
        if ((length == 1 && *entry == '*') || (length == wanted && !memcmp(entry, origin, length)))
            return true;
    }
    return false;
}
