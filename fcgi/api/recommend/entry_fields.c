/* Which members the entries of a list have; see entry_fields.h.
 *
 * A set of bits, made once for a request, so that writing an entry costs a test for each member. Names are those of
 * the answer; the members that always stay may be named, too, since callers write down all that they read. */
#include "api/recommend/entry_fields.h"

#include "base/json.h"
#include "request/parameters.h"

#include <string.h>

static const struct {
    const char *name;
    unsigned field; /* 0: always there */
} known[] = {
    {"name", ENTRY_NAME},
    {"description", ENTRY_DESCRIPTION},
    {"metadata", ENTRY_METADATA},
    {"embedding", ENTRY_EMBEDDING},
    {"item", ENTRY_ITEM},
    {"source", ENTRY_SOURCE},
    {"group", ENTRY_GROUP},
    {"explanation", ENTRY_EXPLANATION},
    {"object", 0},
    {"id", 0},
    {"entity_id", 0},
    {"item_id", 0},
    {"recommendation_id", 0},
    {"rank", 0},
    {"score", 0},
    {"items", 0},
};

/* One name, without the blanks around it; nothing at all is passed over. */
static bool add_name(struct request *request, const char *name, size_t length, unsigned *fields)
{
    while (length && *name == ' ') {
        name++;
        length--;
    }
    while (length && name[length - 1] == ' ')
        length--;
    for (size_t i = 0; length && i < sizeof(known) / sizeof(known[0]); i++) {
        if (strncmp(known[i].name, name, length) != 0 || known[i].name[length])
            continue;
        *fields |= known[i].field;
        return true;
    }
    return !length || error_field(&request->error, "fields",
                                  "must be some of name, description, metadata, embedding, item, source, "
                                  "group, explanation; id, rank and score are always there");
}

static bool add_names(struct request *request, struct json_object *value, unsigned *fields)
{
    const char *text = "";
    if (!value)
        return error_field(&request->error, "fields", "must be a list of names");
    if (!parameter_text(value, "fields", TEXT_FREE, LIMIT_NAME_CHARACTERS, &text, &request->error))
        return false;
    while (*text) {
        size_t length = strcspn(text, ",");
        if (!add_name(request, text, length, fields))
            return false;
        text += length + (text[length] == ',');
    }
    return true;
}

bool entry_fields_read(struct request *request, unsigned *fields)
{
    struct json_object *value = json_member(request->merged, "fields");
    struct json_object *wish = json_member(request->merged, "embedding");
    bool embedding = false;
    if (value)
        *fields = 0;
    bool is_list = json_object_is_type(value, json_type_array);
    if (value && !is_list && !add_names(request, value, fields))
        return false;
    for (size_t i = 0; is_list && i < json_object_array_length(value); i++) {
        if (!add_names(request, json_object_array_get_idx(value, i), fields))
            return false;
    }
    if (!parameter_wish(wish, "embedding", &embedding, &request->error))
        return false;
    if (wish)
        *fields = embedding ? *fields | ENTRY_EMBEDDING : *fields & ~(unsigned)ENTRY_EMBEDDING;
    return true;
}
