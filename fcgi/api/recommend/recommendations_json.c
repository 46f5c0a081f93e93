/* The answer of recommendations, written from its first member to its last; see recommendations_json.h.
 *
 * Clients of several ages read it, each other names for the same things. So much of it is there twice: the
 * list as `data` and as `recommendations`, an item's metadata beside the entry and inside of `item`. Such a
 * value is written once and then copied (json_writer_again), which is a matter of memcpy(). */
#include "api/recommend/recommendations_json.h"

#include "api/recommend/explanation_json.h"
#include "base/json_plain.h"
#include "recommender/text_ranker.h"

#include <stdio.h>
#include <string.h>

enum { INTERVAL_SIZE = 48 };

/* What the functions below write to and from. */
struct writing {
    struct json_writer *out;
    const struct recommendations_view *view;
    const struct recommendation_list *list;
    bool is_v1;
};

static bool wants(const struct writing *writing, enum entry_field field)
{
    return writing->view->parameters->fields & field;
}

/* ---- Entries */

/* An item's metadata. On the unversioned path the published example has name and description inside of it,
 * too; where the shop's own metadata has such keys, those win, which takes a tree to find out. */
static void write_metadata(const struct writing *writing, const struct recommendation *item)
{
    struct json_writer *out = writing->out;
    const char *stored = item->metadata, *problem;
    struct json_object *metadata = NULL;
    if (writing->is_v1) {
        json_writer_stored(out, "metadata", stored);
        return;
    }
    if (json_is_plain_object(stored) && !strstr(stored, "\"name\"") && !strstr(stored, "\"description\"")) {
        json_writer_object_from(out, "metadata", stored);
        json_writer_text(out, "name", item->name);
        if (*item->description)
            json_writer_text(out, "description", item->description);
        json_writer_end(out);
        return;
    }
    if (!json_parse(stored, strlen(stored), &metadata, &problem) ||
        !json_object_is_type(metadata, json_type_object)) {
        json_object_put(metadata);
        metadata = json_object_new_object();
    }
    if (!json_object_object_get_ex(metadata, "name", NULL))
        json_add_text(metadata, "name", item->name);
    if (*item->description && !json_object_object_get_ex(metadata, "description", NULL))
        json_add_text(metadata, "description", item->description);
    json_writer_json(out, "metadata", metadata);
    json_object_put(metadata);
}

/* The item once more, as an object. metadata is what the entry has of it, where it has. */
static void write_item(const struct writing *writing, const struct recommendation *item, bool has_metadata,
                       struct json_span metadata)
{
    struct json_writer *out = writing->out;
    json_writer_object(out, "item");
    json_writer_id(out, "id", item->id);
    json_writer_text(out, "object", "item");
    json_writer_text(out, "name", item->name);
    json_writer_text(out, "description", item->description);
    if (has_metadata)
        json_writer_again(out, "metadata", metadata);
    else
        write_metadata(writing, item);
    if (writing->is_v1) {
        json_writer_boolean(out, "active", true);
        json_writer_integer(out, "created", item->created);
        json_writer_integer(out, "updated_at", item->updated);
    }
    json_writer_end(out);
}

/* What an entry and a group have in common: the flat copies of an item that readers of every age look for. */
static void write_common(const struct writing *writing, const struct recommendation *item, size_t rank)
{
    struct json_writer *out = writing->out;
    json_writer_id(out, "id", item->id);
    json_writer_id(out, "entity_id", item->id);
    json_writer_id(out, "item_id", item->id);
    json_writer_integer(out, "rank", (int64_t)rank);
    json_writer_number(out, "score", item->score);
    if (wants(writing, ENTRY_NAME))
        json_writer_text(out, "name", item->name);
    if (wants(writing, ENTRY_DESCRIPTION))
        json_writer_text(out, "description", item->description);
    bool has_metadata = wants(writing, ENTRY_METADATA);
    if (has_metadata)
        write_metadata(writing, item);
    const struct json_span metadata = json_writer_last(out);
    if (wants(writing, ENTRY_EMBEDDING))
        json_writer_numbers(out, "embedding", item->vector, ENGINE_VECTOR_SIZE);
    if (wants(writing, ENTRY_ITEM))
        write_item(writing, item, has_metadata, metadata);
}

/* Older clients expect group in every entry, null where there are no groups. */
static void write_entry(const struct writing *writing, const struct recommendation *item, size_t rank,
                        const char *group)
{
    struct json_writer *out = writing->out;
    json_writer_object(out, NULL);
    json_writer_text(out, "object", "recommendation");
    write_common(writing, item, rank);
    if (wants(writing, ENTRY_SOURCE))
        json_writer_text(out, "source", item->source);
    if (wants(writing, ENTRY_GROUP) && (!writing->is_v1 || group))
        json_writer_text(out, "group", group);
    if (writing->view->parameters->explain && wants(writing, ENTRY_EXPLANATION))
        explanation_write_item(out, "explanation", writing->view, writing->list, item, rank);
    json_writer_end(out);
}

/* Either items or groups; a group also shows its best item as its own, for clients that know no groups. */
static void write_entries(const struct writing *writing)
{
    struct json_writer *out = writing->out;
    const struct recommendation_list *list = writing->list;
    json_writer_list(out, "data");
    for (size_t i = 0; i < list->item_count; i++)
        write_entry(writing, &list->items[i], i + 1, NULL);
    for (size_t i = 0; i < list->group_count; i++) {
        const struct recommendation_group *group = &list->groups[i];
        json_writer_object(out, NULL);
        json_writer_text(out, "object", "recommendation_group");
        write_common(writing, &group->items[0], i + 1);
        json_writer_text(out, "group", group->key);
        json_writer_list(out, "items");
        for (size_t j = 0; j < group->item_count; j++)
            write_entry(writing, &group->items[j], j + 1, group->key);
        json_writer_end(out);
        json_writer_end(out);
    }
    json_writer_end(out);
    json_writer_again(out, "recommendations", json_writer_last(out));
}

/* ---- What the list came from */

/* Clients of the newer API expect to read where the vector came from that the list was ranked by. Here
 * ranking has no such single vector; source says what stood in its place: an item, stored events, or nothing.
 */
void recommendations_write_embedding_info(struct json_writer *out, const char *key,
                                          const struct recommendations_view *view,
                                          const struct recommendation_list *list, const char *scoring_vector)
{
    bool anchored = view->section && view->section->anchor;
    bool item = anchored || (view->parameters->entity.type == ENTITY_ITEM && list->has_history);
    bool unknown = !list->has_history;
    json_writer_object(out, key);
    json_writer_text(out, "source", item ? "item" : unknown ? "default" : "db");
    json_writer_boolean(out, "used_default", unknown && !anchored);
    json_writer_text(out, "default_reason", unknown && !anchored ? "no_db_embedding" : NULL);
    json_writer_integer(out, "dimension", ENGINE_VECTOR_SIZE);
    json_writer_integer(out, "expected_dimension", ENGINE_VECTOR_SIZE);
    if (list->trace.history)
        json_writer_integer(out, "averaged_interactions", (int64_t)list->trace.history);
    if (scoring_vector)
        json_writer_text(out, "scoring_vector", scoring_vector);
    json_writer_end(out);
}

void recommendations_write_viewed(struct json_writer *out, const char *key,
                                  const struct recommendation_query *query)
{
    const struct viewed_window *viewed = viewed_window_choose(query->viewed, query->context);
    if (!viewed) {
        json_writer_null(out, key);
        return;
    }
    json_writer_object(out, key);
    json_writer_integer_or_null(out, "value", viewed->value, viewed->value);
    json_writer_text(out, "unit", viewed->unit);
    /* Text, as the hosted service has it: a length of time in words. */
    char interval[INTERVAL_SIZE];
    snprintf(interval, sizeof(interval), "%lld %s", (long long)viewed->value, viewed->unit);
    json_writer_text(out, "interval", viewed->seconds ? interval : NULL);
    json_writer_end(out);
}

static void write_suppressed(struct json_writer *out, const struct recommendation_list *list)
{
    json_writer_list(out, "suppressed");
    for (size_t i = 0; i < list->suppressed_count; i++) {
        json_writer_object(out, NULL);
        json_writer_id(out, "item_id", list->suppressed[i].id);
        json_writer_integer(out, "rank", (int64_t)list->suppressed[i].rank);
        json_writer_number(out, "score", list->suppressed[i].score);
        json_writer_text(out, "reason", list->suppressed[i].reason);
        json_writer_end(out);
    }
    json_writer_end(out);
}

/* ---- The envelope */

void recommendations_write_section(struct json_writer *out, const char *key,
                                   const struct auto_section *section)
{
    if (!section || !section->id) {
        json_writer_null(out, key);
        return;
    }
    json_writer_object(out, key);
    json_writer_text(out, "section_id", section->id);
    json_writer_text(out, "title", section->title);
    json_writer_object(out, "reason");
    json_writer_text(out, "type", section->reason);
    json_writer_integer(out, "window_days", section->window_days);
    if (section->anchor)
        json_writer_id(out, "item_id", section->anchor);
    json_writer_end(out);
    json_writer_end(out);
}

/* Which section of a page this is, and where the next page or section begins. */
static void write_place(struct json_writer *out, const struct recommendations_view *view)
{
    const struct auto_section *section = view->section;
    const char *next = section ? section->next_cursor : view->page->next_cursor;
    json_writer_boolean(out, "has_more", section ? next != NULL : view->page->has_more);
    json_writer_text(out, "next_cursor", next);
    if (!section)
        return;
    recommendations_write_section(out, "section", section);
    json_writer_boolean(out, "done", !next);
}

/* Members that only paths below /v1 have. There are no experiments, segments and pipelines to report. */
static void write_v1(struct json_writer *out, const struct recommendations_view *view)
{
    json_writer_written(out, "experiments", "[]");
    json_writer_written(out, "user_segments", "[]");
    json_writer_null(out, "pipeline_id");
    if (!view->parameters->controls)
        return;
    json_writer_object_from(out, "applied_controls", view->parameters->controls);
    json_writer_text(out, "source", "request");
    json_writer_end(out);
}

/* Members that only the unversioned path has: the stored entity, and the count once more. */
static void write_plain(struct json_writer *out, const struct recommendations_view *view, int64_t count)
{
    const struct recommendations_parameters *parameters = view->parameters;
    json_writer_object(out, "embedding");
    json_writer_id(out, "entity_id", parameters->entity.id);
    json_writer_text(out, "entity_type", entity_type_name(parameters->entity.type));
    json_writer_text(out, "name", parameters->embedding.name);
    json_writer_text(out, "description", parameters->embedding.description);
    json_writer_object(out, "metadata");
    json_writer_text(out, "team_id", view->request->tenant.key);
    json_writer_end(out);
    json_writer_end(out);
    json_writer_integer(out, "count", count);
}

const char *recommendations_json(const struct recommendations_view *view,
                                 const struct recommendation_list *list)
{
    const struct recommendations_parameters *parameters = view->parameters;
    const struct text_wish *wish = parameters->wish;
    struct json_writer *out = request_writer(view->request);
    const struct writing writing = {.out = out, .view = view, .list = list, .is_v1 = parameters->is_newer};
    int64_t count = (int64_t)(list->item_count + list->group_count);
    json_writer_object(out, NULL);
    json_writer_text(out, "object", "list");
    json_writer_text(out, "message",
                     wish            ? "Search results fetched"
                     : view->section ? "Auto section generated"
                                     : "Recommendations fetched");
    json_writer_text(out, "request_id", view->request->id);
    /* An answer at an alias calls itself by the path's own name. */
    json_writer_text(out, "url",
                     wish            ? view->request->path
                     : writing.is_v1 ? "/v1/recommendations"
                                     : "/recommendations");
    if (wish)
        json_writer_text(out, "query", wish->text);
    json_writer_text(out, "mode", view->section ? "auto" : "single");
    write_entries(&writing);
    json_writer_integer(out, "quantity", count);
    json_writer_integer(out, "limit", (int64_t)view->query->quantity);
    write_place(out, view);
    recommendations_write_embedding_info(out, "embedding_info", view, list, NULL);
    json_writer_boolean(out, "cold_start_fallback_used", !list->has_history);
    recommendations_write_viewed(out, "excluded_viewed_items", view->query);
    if (parameters->explain)
        explanation_write_request(out, "explanation", view, list);
    if (parameters->include_suppressed)
        write_suppressed(out, list);
    if (writing.is_v1)
        write_v1(out, view);
    else
        write_plain(out, view, count);
    json_writer_integer(out, "processing_time_ms", request_elapsed_us(view->request) / 1000);
    json_writer_end(out);
    return json_writer_result(out);
}
