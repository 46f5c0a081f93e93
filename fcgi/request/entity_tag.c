/* If-None-Match; see entity_tag.h.
 *
 * The header is a list of quoted tags, each perhaps with W/ before it, or a star. Tags of ours hold neither a
 * quote nor a comma, so it is enough to compare at the beginning of each entry; an entry that is broken in
 * some other way fits nothing, and the worst that can happen is a whole answer. */
#include "request/entity_tag.h"

#include <string.h>

bool entity_tag_is_known(const struct request *request, const char *tag)
{
    const char *at = transport_variable(request->transport, "HTTP_IF_NONE_MATCH");
    size_t length = strlen(tag);
    while (at && *at) {
        at += strspn(at, ", \t");
        if (*at == '*')
            return true;
        at += strncmp(at, "W/", 2) ? 0 : 2;
        if (!strncmp(at, tag, length) && strchr(", \t", at[length]))
            return true;
        at += strcspn(at, ",");
    }
    return false;
}
