/* The answer of recommendations; see recommendations_json.h. */
#include "api/recommend/recommendations_json.h"

#include "api/recommend/explanation_json.h"
#include "base/json_write.h"
#include "recommender/text_ranker.h"

#include <string.h>

struct writer {
    const struct recommendations_view *view;
    const struct recommendation_list *list;
    struct arena *arena;
    struct json_writer *text;
    bool is_v1;
};

/* An item's metadata: text that can be passed on, or else an object. */
struct metadata {
    const char *plain; /* NULL: see parsed */
    struct json_object *parsed;
    bool adds_name, adds_description;
};

/* The second document's example has the name inside the metadata; the shop's own keys win. */
static struct metadata metadata_of(const struct writer *writer, const struct recommendation *item)
{
    struct metadata metadata = {.adds_name = !writer->is_v1,
                                .adds_description = !writer->is_v1 && *item->description};
    const char *problem;
    if (json_is_plain_object(item->metadata) &&
        (writer->is_v1 ||
         (!strstr(item->metadata, "\"name\"") && !strstr(item->metadata, "\"description\"")))) {
        metadata.plain = item->metadata;
        return metadata;
    }
    if (!json_parse_arena(writer->arena, item->metadata, strlen(item->metadata), &metadata.parsed,
                          &problem) ||
        !json_object_is_type(metadata.parsed, json_type_object))
        metadata.parsed = json_keep(writer->arena, json_object_new_object());
    if (metadata.adds_name && !json_object_object_get_ex(metadata.parsed, "name", NULL))
        json_add_text(metadata.parsed, "name", item->name);
    if (metadata.adds_description && !json_object_object_get_ex(metadata.parsed, "description", NULL))
        json_add_text(metadata.parsed, "description", item->description);
    return metadata;
}

static void write_metadata(const struct writer *writer, const struct recommendation *item,
                           const struct metadata *metadata)
{
    if (!metadata->plain) {
        json_writer_json(writer->text, "metadata", metadata->parsed);
        return;
    }
    json_writer_plain_object(writer->text, "metadata", metadata->plain);
    if (metadata->adds_name)
        json_writer_text(writer->text, "name", item->name);
    if (metadata->adds_description)
        json_writer_text(writer->text, "description", item->description);
    json_writer_end(writer->text);
}

static void write_item(const struct writer *writer, const struct recommendation *item,
                       const struct metadata *metadata)
{
    struct json_writer *text = writer->text;
    json_writer_object(text, "item");
    json_writer_text(text, "id", item->id);
    json_writer_text(text, "object", "item");
    json_writer_text(text, "name", item->name);
    json_writer_text(text, "description", item->description);
    write_metadata(writer, item, metadata);
    if (writer->is_v1) {
        json_writer_boolean(text, "active", true);
        json_writer_integer(text, "created", item->created);
        json_writer_integer(text, "updated_at", item->updated);
    }
    json_writer_end(text);
}

/* What an entry and a group have in common: the flat copies of an item that readers of every age look for. */
static void write_common(const struct writer *writer, const struct recommendation *item, size_t rank)
{
    struct json_writer *text = writer->text;
    const struct metadata metadata = metadata_of(writer, item);
    json_writer_text(text, "id", item->id);
    json_writer_text(text, "entity_id", item->id);
    json_writer_text(text, "item_id", item->id);
    json_writer_integer(text, "rank", (int64_t)rank);
    json_writer_number(text, "score", item->score);
    json_writer_text(text, "name", item->name);
    json_writer_text(text, "description", item->description);
    write_metadata(writer, item, &metadata);
    if (!writer->is_v1)
        json_writer_numbers(text, "embedding", item->vector, ENGINE_VECTOR_SIZE);
    write_item(writer, item, &metadata);
}

static void write_entry(const struct writer *writer, const struct recommendation *item, size_t rank,
                        const char *group)
{
    struct json_writer *text = writer->text;
    json_writer_object(text, NULL);
    json_writer_text(text, "object", "recommendation");
    write_common(writer, item, rank);
    json_writer_text(text, "source", item->source);
    if (!writer->is_v1 || group)
        json_writer_text(text, "group", group);
    if (writer->view->parameters->explain)
        json_writer_json(
            text, "explanation",
            json_keep(writer->arena, explanation_of_item(writer->view, writer->list, item, rank)));
    json_writer_end(text);
}

static void write_group(const struct writer *writer, const struct recommendation_group *group, size_t rank)
{
    struct json_writer *text = writer->text;
    json_writer_object(text, NULL);
    json_writer_text(text, "object", "recommendation_group");
    write_common(writer, &group->items[0], rank);
    json_writer_text(text, "group", group->key);
    json_writer_list(text, "items");
    for (size_t i = 0; i < group->item_count; i++)
        write_entry(writer, &group->items[i], i + 1, group->key);
    json_writer_end(text);
    json_writer_end(text);
}

static struct json_object *entries_json(const struct writer *writer)
{
    const struct recommendation_list *list = writer->list;
    json_writer_list(writer->text, NULL);
    for (size_t i = 0; i < list->item_count; i++)
        write_entry(writer, &list->items[i], i + 1, NULL);
    for (size_t i = 0; i < list->group_count; i++)
        write_group(writer, &list->groups[i], i + 1);
    json_writer_end(writer->text);
    return json_new_text(json_writer_result(writer->text));
}

static struct json_object *embedding_json(const struct recommendations_view *view)
{
    const struct recommendations_parameters *parameters = view->parameters;
    struct json_object *embedding = json_object_new_object(), *metadata = json_object_new_object();
    json_add_text(embedding, "entity_id", parameters->entity.id);
    json_add_text(embedding, "entity_type", entity_type_name(parameters->entity.type));
    json_add_text(embedding, "name", parameters->embedding.name);
    json_add_text(embedding, "description", parameters->embedding.description);
    json_add_text(metadata, "team_id", view->request->tenant.key);
    json_add(embedding, "metadata", metadata);
    return embedding;
}

struct json_object *recommendations_embedding_info(const struct recommendations_view *view,
                                                   const struct recommendation_list *list)
{
    struct json_object *info = json_object_new_object();
    bool anchored = view->section && view->section->anchor;
    bool item = anchored || (view->parameters->entity.type == ENTITY_ITEM && list->has_history);
    bool unknown = !list->has_history;
    json_add_text(info, "source", item ? "item" : unknown ? "default" : "db");
    json_add_boolean(info, "used_default", unknown && !anchored);
    json_add(info, "default_reason", unknown && !anchored ? json_object_new_string("no_db_embedding") : NULL);
    json_add_integer(info, "dimension", ENGINE_VECTOR_SIZE);
    json_add_integer(info, "expected_dimension", ENGINE_VECTOR_SIZE);
    if (list->trace.history)
        json_add_integer(info, "averaged_interactions", (int64_t)list->trace.history);
    return info;
}

struct json_object *recommendations_viewed_json(const struct recommendation_query *query)
{
    const struct viewed_window *viewed = viewed_window_choose(query->viewed, query->context);
    if (!viewed)
        return NULL;
    struct json_object *window = json_object_new_object();
    json_add(window, "value", viewed->value ? json_object_new_int64(viewed->value) : NULL);
    json_add_text(window, "unit", viewed->unit);
    json_add(window, "interval", viewed->seconds ? json_object_new_int64(viewed->seconds) : NULL);
    return window;
}

static struct json_object *section_json(const struct auto_section *section)
{
    if (!section->id)
        return NULL;
    struct json_object *json = json_object_new_object(), *reason = json_object_new_object();
    json_add_text(reason, "type", section->reason);
    json_add_integer(reason, "window_days", section->window_days);
    if (section->anchor)
        json_add_text(reason, "item_id", section->anchor);
    json_add_text(json, "section_id", section->id);
    json_add_text(json, "title", section->title);
    json_add(json, "reason", reason);
    return json;
}

static void add_place(struct json_object *body, const struct recommendations_view *view)
{
    const struct auto_section *section = view->section;
    const char *next = section ? section->next_cursor : view->page->next_cursor;
    json_add_boolean(body, "has_more", section ? next != NULL : view->page->has_more);
    json_add_text(body, "next_cursor", next);
    if (!section)
        return;
    json_add(body, "section", section_json(section));
    json_add_boolean(body, "done", !next);
}

static struct json_object *suppressed_json(const struct recommendation_list *list)
{
    struct json_object *json = json_object_new_array();
    for (size_t i = 0; i < list->suppressed_count; i++) {
        struct json_object *entry = json_object_new_object();
        json_add_text(entry, "item_id", list->suppressed[i].id);
        json_add_integer(entry, "rank", (int64_t)list->suppressed[i].rank);
        json_add(entry, "score", json_new_number(list->suppressed[i].score));
        json_add_text(entry, "reason", list->suppressed[i].reason);
        json_object_array_add(json, entry);
    }
    return json;
}

/* What only the newer API has; there are no experiments, segments and pipelines to tell of. */
static void add_newer(struct json_object *body, const struct recommendations_view *view)
{
    json_add(body, "experiments", json_object_new_array());
    json_add(body, "user_segments", json_object_new_array());
    json_add(body, "pipeline_id", NULL);
    if (!view->parameters->controls)
        return;
    struct json_object *controls = json_object_new_object();
    json_object_object_foreach(view->parameters->controls, key, value)
    {
        json_add(controls, key, json_object_get(value));
    }
    json_add_text(controls, "source", "request");
    json_add(body, "applied_controls", controls);
}

static void add_older(struct json_object *body, const struct recommendations_view *view, int64_t count)
{
    json_add(body, "embedding", embedding_json(view));
    json_add_integer(body, "count", count);
}

static const char *message_of(const struct recommendations_view *view)
{
    if (view->parameters->wish)
        return "Search results fetched";
    return view->section ? "Auto section generated" : "Recommendations fetched";
}

/* An answer at an alias calls itself by the path's own name. */
static const char *url_of(const struct recommendations_view *view)
{
    if (view->parameters->wish)
        return view->request->path;
    return view->parameters->is_newer ? "/v1/recommendations" : "/recommendations";
}

struct json_object *recommendations_json(const struct recommendations_view *view,
                                         const struct recommendation_list *list)
{
    struct writer writer = {.view = view,
                            .list = list,
                            .arena = view->request->arena,
                            .is_v1 = view->parameters->is_newer,
                            .text = json_writer_create(view->request->arena)};
    struct json_object *body = json_object_new_object(), *entries = entries_json(&writer);
    int64_t count = (int64_t)(list->item_count + list->group_count);
    json_add_text(body, "object", "list");
    json_add_text(body, "message", message_of(view));
    json_add_text(body, "request_id", view->request->id);
    json_add_text(body, "url", url_of(view));
    if (view->parameters->wish)
        json_add_text(body, "query", view->parameters->wish->text);
    json_add_text(body, "mode", view->section ? "auto" : "single");
    json_add(body, "data", entries);
    json_add(body, "recommendations", json_object_get(entries));
    json_add_integer(body, "quantity", count);
    json_add_integer(body, "limit", (int64_t)view->query->quantity);
    add_place(body, view);
    json_add(body, "embedding_info", recommendations_embedding_info(view, list));
    json_add_boolean(body, "cold_start_fallback_used", !list->has_history);
    json_add(body, "excluded_viewed_items", recommendations_viewed_json(view->query));
    if (view->parameters->explain)
        json_add(body, "explanation", explanation_of_request(view, list));
    if (view->parameters->include_suppressed)
        json_add(body, "suppressed", suppressed_json(list));
    if (writer.is_v1)
        add_newer(body, view);
    else
        add_older(body, view, count);
    json_add_integer(body, "processing_time_ms", request_elapsed_us(view->request) / 1000);
    return body;
}
