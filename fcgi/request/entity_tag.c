/* If-None-Match; see entity_tag.h. */
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
