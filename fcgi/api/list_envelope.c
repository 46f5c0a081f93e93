/* The envelope of every list; see list_envelope.h. */
#include "api/list_envelope.h"

void list_envelope_begin(struct json_writer *out)
{
    json_writer_object(out, NULL);
    json_writer_text(out, "object", "list");
    json_writer_list(out, "data");
}

void list_envelope_end(struct json_writer *out, bool has_more, const char *next_cursor, const char *url)
{
    json_writer_end(out);
    json_writer_boolean(out, "has_more", has_more);
    json_writer_text(out, "next_cursor", next_cursor);
    json_writer_text(out, "url", url);
}
