/* Items in requests; see input.h.
 *
 * Every problem of an entry is noted before it is refused, so that the author of a feed of a thousand items
 * sees them all at once. Ids have four names, since clients of several ages send them; several of them in one
 * entry must agree, because whichever won, the other would be a silent loss. */
#include "api/items/input.h"

#include "base/json_list.h"
#include "base/text.h"
#include "request/parameters.h"

#include <string.h>

/* The field's name in errors. */
static const char *field_name(struct request *request, const char *prefix, const char *name)
{
    return *prefix ? arena_format(request->arena, "%s%s", prefix, name) : name;
}

bool item_input_id(struct request *request, struct json_object *object, const char *prefix, const char **id)
{
    static const char *const names[] = {"id", "item_id", "itemId", "entity_id"};
    const char *first = NULL;
    *id = NULL;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct json_object *value = json_member(object, names[i]);
        const char *text = NULL, *field = field_name(request, prefix, names[i]);
        if (!value)
            continue;
        if (!parameter_id(value, field, LIMIT_ID_CHARACTERS, request->arena, &text, &request->error))
            return false;
        if (first && strcmp(*id, text))
            return error_field(&request->error, field, "must be the same as %s", first);
        *id = text;
        first = names[i];
    }
    return true;
}

/* What /v1 promises of new ids: they can stand in a path as they are. */
static bool is_plain_id(const char *id)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
    return id[0] != '_' && id[0] != '-' && !id[strspn(id, letters)];
}

static bool read_name(struct request *request, struct json_object *object, const char *prefix,
                      struct item_input *input)
{
    const char *name = "name";
    struct json_object *value = json_member(object, name);
    if (!value && !request_is_v1(request) && (value = json_member(object, "title")))
        name = "title";
    const char *field = field_name(request, prefix, name);
    if (!parameter_text(value, field, TEXT_FREE, LIMIT_NAME_CHARACTERS, &input->name, &request->error))
        return false;
    return !input->name || *input->name || error_field(&request->error, field, "must not be empty");
}

static bool read_metadata(struct request *request, struct json_object *object, const char *prefix,
                          struct item_input *input)
{
    struct json_object *value = json_member_object(object, "metadata");
    const char *field = field_name(request, prefix, "metadata");
    if (!value)
        return true;
    if (!json_object_is_type(value, json_type_object))
        return error_field(&request->error, field, "must be an object");
    input->metadata = json_text(value);
    return strlen(input->metadata) <= LIMIT_METADATA_BYTES ||
           error_field(&request->error, field, "must have at most %d bytes of JSON", LIMIT_METADATA_BYTES);
}

bool item_input_fields(struct request *request, struct json_object *object, const char *prefix,
                       struct item_input *input)
{
    struct json_object *active = json_member(object, "active");
    bool good = read_name(request, object, prefix, input);
    good = parameter_text(json_member(object, "description"), field_name(request, prefix, "description"),
                          TEXT_FREE, LIMIT_DESCRIPTION_CHARACTERS, &input->description, &request->error) &&
           good;
    good = read_metadata(request, object, prefix, input) && good;
    input->has_active = active;
    return parameter_boolean(active, field_name(request, prefix, "active"), &input->active,
                             &request->error) &&
           good;
}

bool item_input_new(struct request *request, struct json_object *value, const char *prefix,
                    struct item_input *input)
{
    if (!json_object_is_type(value, json_type_object)) {
        char *entry = arena_copy_text(request->arena, prefix); /* "[3]." */
        entry[strcspn(entry, ".")] = '\0';
        return error_field(&request->error, entry, "must be an object");
    }
    bool good = item_input_id(request, value, prefix, &input->id);
    if (good && input->id && request_is_v1(request) && !is_plain_id(input->id))
        good = error_field(&request->error, field_name(request, prefix, "id"),
                           "must be letters, digits, _ and -, and begin with a letter or a digit");
    good = item_input_fields(request, value, prefix, input) && good;
    if (good && !input->name)
        return error_missing(&request->error, field_name(request, prefix, "name"));
    return good;
}

void item_input_keep(struct request *request, struct item_input *input)
{
    struct json_list *list = request->list;
    input->id = json_list_keep(list, request->arena, input->id);
    input->name = json_list_keep(list, request->arena, input->name);
    input->description = json_list_keep(list, request->arena, input->description);
    input->metadata = json_list_keep(list, request->arena, input->metadata);
}

bool item_input_path_id(struct request *request)
{
    const char *id = request->path_id;
    if (!*id || text_has_control(id, strlen(id)) || text_count_characters(id) > LIMIT_ID_CHARACTERS)
        return error_set(&request->error, ERROR_INVALID_ID,
                         "The id in the path must be 1 to %d characters, none of them a control character",
                         LIMIT_ID_CHARACTERS);
    return true;
}
