/* The answer of GET /recommendations; see recommendations_json.h. */
#include "api/recommendations_json.h"

#include "base/json.h"

#include <string.h>

static struct json_object *vector_json(const float *vector)
{
    struct json_object *list = json_object_new_array_ext(ENGINE_VECTOR_SIZE);
    for (int i = 0; i < ENGINE_VECTOR_SIZE; i++)
        json_object_array_add(list, json_new_number((double)vector[i]));
    return list;
}

/* The second document's example has the name inside the metadata; the shop's own keys win. */
static struct json_object *metadata_json(struct arena *arena, const struct recommendation *item)
{
    struct json_object *metadata = NULL;
    const char *problem;
    if (!json_parse_arena(arena, item->metadata, strlen(item->metadata), &metadata, &problem) ||
        !json_object_is_type(metadata, json_type_object))
        metadata = json_keep(arena, json_object_new_object());
    if (!json_object_object_get_ex(metadata, "name", NULL))
        json_add_text(metadata, "name", item->name);
    if (*item->description && !json_object_object_get_ex(metadata, "description", NULL))
        json_add_text(metadata, "description", item->description);
    return metadata;
}

/* What an entry and a group have in common: the flat copies of an item that readers of every age look for. */
static void add_item(struct json_object *entry, struct arena *arena, const struct recommendation *item,
                     size_t rank)
{
    struct json_object *metadata = metadata_json(arena, item), *content = json_object_new_object();
    json_add_text(entry, "id", item->id);
    json_add_text(entry, "entity_id", item->id);
    json_add_text(entry, "item_id", item->id);
    json_add_integer(entry, "rank", (int64_t)rank);
    json_add(entry, "score", json_new_number(item->score));
    json_add_text(entry, "name", item->name);
    json_add_text(entry, "description", item->description);
    json_add(entry, "metadata", json_object_get(metadata));
    json_add(entry, "embedding", vector_json(item->vector));
    json_add_text(content, "id", item->id);
    json_add_text(content, "object", "item");
    json_add_text(content, "name", item->name);
    json_add_text(content, "description", item->description);
    json_add(content, "metadata", json_object_get(metadata));
    json_add(entry, "item", content);
}

static struct json_object *entry_json(struct arena *arena, const struct recommendation *item, size_t rank,
                                      const char *group)
{
    struct json_object *entry = json_object_new_object();
    json_add_text(entry, "object", "recommendation");
    add_item(entry, arena, item, rank);
    json_add_text(entry, "source", item->source);
    json_add(entry, "group", group ? json_object_new_string(group) : NULL);
    return entry;
}

static struct json_object *group_json(struct arena *arena, const struct recommendation_group *group,
                                      size_t rank)
{
    struct json_object *entry = json_object_new_object(), *items = json_object_new_array();
    json_add_text(entry, "object", "recommendation_group");
    add_item(entry, arena, &group->items[0], rank);
    json_add_text(entry, "group", group->key);
    for (size_t i = 0; i < group->item_count; i++)
        json_object_array_add(items, entry_json(arena, &group->items[i], i + 1, group->key));
    json_add(entry, "items", items);
    return entry;
}

static struct json_object *entries_json(struct arena *arena, const struct recommendation_list *list)
{
    struct json_object *entries = json_object_new_array();
    for (size_t i = 0; i < list->item_count; i++)
        json_object_array_add(entries, entry_json(arena, &list->items[i], i + 1, NULL));
    for (size_t i = 0; i < list->group_count; i++)
        json_object_array_add(entries, group_json(arena, &list->groups[i], i + 1));
    return entries;
}

static struct json_object *embedding_json(const struct recommendations_view *view)
{
    struct json_object *embedding = json_object_new_object(), *metadata = json_object_new_object();
    json_add_text(embedding, "entity_id", view->entity_id);
    json_add_text(embedding, "entity_type", entity_type_name(view->entity_type));
    json_add_text(embedding, "name", view->embedding.name);
    json_add_text(embedding, "description", view->embedding.description);
    json_add_text(metadata, "team_id", view->request->tenant.key);
    json_add(embedding, "metadata", metadata);
    return embedding;
}

static struct json_object *embedding_info_json(const struct recommendations_view *view,
                                               const struct recommendation_list *list)
{
    struct json_object *info = json_object_new_object();
    bool item = view->entity_type == ENTITY_ITEM && list->has_history;
    bool unknown = !list->has_history;
    json_add_text(info, "source", item ? "item" : unknown ? "default" : "db");
    json_add(info, "used_default", json_object_new_boolean(unknown));
    json_add(info, "default_reason", unknown ? json_object_new_string("no_db_embedding") : NULL);
    json_add_integer(info, "dimension", ENGINE_VECTOR_SIZE);
    json_add_integer(info, "expected_dimension", ENGINE_VECTOR_SIZE);
    return info;
}

static struct json_object *viewed_json(const struct viewed_window *viewed)
{
    if (!viewed || !viewed->on)
        return NULL;
    struct json_object *window = json_object_new_object();
    json_add(window, "value", viewed->value ? json_object_new_int64(viewed->value) : NULL);
    json_add_text(window, "unit", viewed->unit);
    json_add(window, "interval", viewed->seconds ? json_object_new_int64(viewed->seconds) : NULL);
    return window;
}

struct json_object *recommendations_json(const struct recommendations_view *view,
                                         const struct recommendation_list *list)
{
    struct json_object *body = json_object_new_object();
    struct json_object *entries = entries_json(view->request->arena, list);
    int64_t count = (int64_t)json_object_array_length(entries);
    json_add_text(body, "object", "list");
    json_add_text(body, "message", "Recommendations fetched");
    json_add_text(body, "request_id", view->request->id);
    json_add_text(body, "url", "/recommendations");
    json_add_text(body, "mode", "single");
    json_add(body, "embedding", embedding_json(view));
    json_add(body, "data", entries);
    json_add(body, "recommendations", json_object_get(entries));
    json_add_integer(body, "count", count);
    json_add_integer(body, "quantity", count);
    json_add_integer(body, "limit", (int64_t)view->limit);
    json_add(body, "has_more", json_object_new_boolean(false));
    json_add(body, "next_cursor", NULL);
    json_add(body, "embedding_info", embedding_info_json(view, list));
    json_add(body, "cold_start_fallback_used", json_object_new_boolean(!list->has_history));
    json_add(body, "excluded_viewed_items", viewed_json(view->viewed));
    json_add_integer(body, "processing_time_ms", request_elapsed_us(view->request) / 1000);
    return body;
}
