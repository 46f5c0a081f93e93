/* The envelope of every list; see list_envelope.h. */
#include "api/list_envelope.h"

#include "base/json.h"

struct json_object *list_envelope(struct json_object *data, bool has_more, const char *next_cursor,
                                  const char *url)
{
    struct json_object *body = json_object_new_object();
    json_add_text(body, "object", "list");
    json_add(body, "data", data);
    json_add_boolean(body, "has_more", has_more);
    json_add_text(body, "next_cursor", next_cursor);
    json_add_text(body, "url", url);
    return body;
}
