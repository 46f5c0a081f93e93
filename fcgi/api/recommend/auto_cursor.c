/* The cursor of auto mode; see auto_cursor.h.
 *
 * base64url (RFC 4648, section 5, without padding) keeps it fit for a query string. It is not signed: whoever
 * changes it only changes which sections they are shown themselves. Its length and every member are bounded
 * before anything is used. */
#include "api/recommend/auto_cursor.h"

#include "base/json_write.h"
#include "base/text.h"

#include <string.h>

/* A section's id is a prefix and an item's id at most. */
enum { SECTION_ID_CHARACTERS = LIMIT_ID_CHARACTERS + 8 };

static bool read_served(struct json_object *served, struct auto_cursor *cursor)
{
    if (!json_object_is_type(served, json_type_array) || json_object_array_length(served) > LIMIT_SECTIONS)
        return false;
    for (size_t i = 0; i < json_object_array_length(served); i++) {
        struct json_object *id = json_object_array_get_idx(served, i);
        if (!json_object_is_type(id, json_type_string) ||
            text_count_characters(json_object_get_string(id)) > SECTION_ID_CHARACTERS)
            return false;
        cursor->served[cursor->served_count++] = json_object_get_string(id);
    }
    return true;
}

static bool read_json(struct json_object *json, struct auto_cursor *cursor)
{
    struct json_object *version = json_member(json, "v"), *window = json_member(json, "window_days");
    *cursor = (struct auto_cursor){0};
    if (!json_object_is_type(version, json_type_int) || json_object_get_int64(version) != 1 ||
        !json_object_is_type(window, json_type_int))
        return false;
    cursor->window_days = json_object_get_int64(window);
    return cursor->window_days >= 1 && cursor->window_days <= LIMIT_WINDOW_DAYS &&
           read_served(json_member(json, "served"), cursor);
}

bool auto_cursor_read(struct arena *arena, const char *text, struct auto_cursor *cursor)
{
    size_t length = strlen(text), size;
    unsigned char *bytes = arena_alloc(arena, length + 4, 1);
    struct json_object *json;
    const char *problem;
    return text_decode_base64url(text, length, bytes, &size) &&
           json_parse_arena(arena, (char *)bytes, size, &json, &problem) &&
           json_object_is_type(json, json_type_object) && read_json(json, cursor);
}

const char *auto_cursor_write(struct arena *arena, const struct auto_cursor *cursor)
{
    struct json_writer *out = json_writer_create(arena);
    json_writer_object(out, NULL);
    json_writer_integer(out, "v", 1);
    json_writer_integer(out, "window_days", cursor->window_days);
    json_writer_texts(out, "served", cursor->served, cursor->served_count);
    json_writer_end(out);
    const char *json = json_writer_result(out);
    size_t length = strlen(json);
    char *text = arena_alloc(arena, length * 4 / 3 + 4, 1);
    text_encode_base64url((const unsigned char *)json, length, text);
    return text;
}

bool auto_cursor_has(const struct auto_cursor *cursor, const char *section_id)
{
    for (size_t i = 0; i < cursor->served_count; i++) {
        if (!strcmp(cursor->served[i], section_id))
            return true;
    }
    return false;
}
