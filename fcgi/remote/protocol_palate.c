/* Palate's own protocol, docs/remote-protocol.md: the first document's request and more, in one POST.
 *
 * The service gets what the embedded recommender would see: filters and sequence as JSON that has been read
 * and checked already, which is why it may be written into the body as it is. */
#include "remote/protocol.h"

#include "base/json_write.h"
#include "base/limits.h"

#include <stdio.h>

static void compose(struct arena *arena, const char *base, const char *key, const struct remote_query *query,
                    struct protocol_request *request)
{
    struct json_writer *out = json_writer_create(arena);
    json_writer_object(out, NULL);
    json_writer_text(out, "request_id", query->request_id);
    json_writer_text(out, "tenant", query->tenant);
    json_writer_text(out, "task", query->task);
    json_writer_text(out, "template", query->template_name);
    if (query->context_id)
        json_writer_integer(out, "context_id", query->context_id);
    if (query->user_id)
        json_writer_text(out, "user_id", query->user_id);
    json_writer_written(out, "sequence_data", query->sequence_data);
    json_writer_written(out, "filters", query->filters ? query->filters : "[]");
    json_writer_texts(out, "exclude", query->exclude, query->exclude_count);
    json_writer_integer(out, "quantity", (int64_t)query->quantity);
    json_writer_end(out);
    *request = (struct protocol_request){.url = base, .body = json_writer_result(out)};
    if (*key)
        request->headers[0] = arena_format(arena, "Authorization: Bearer %s", key);
}

/* The first document's entries have a recommendation_id where ours have an item_id; with both ours counts. */
static bool read_entry(struct arena *arena, struct json_object *json, struct remote_entry *entry)
{
    struct json_object *id = json_member(json, "item_id");
    entry->item_id = protocol_item_id(arena, id ? id : json_member(json, "recommendation_id"));
    return entry->item_id && protocol_score(json_member(json, "score"), &entry->score);
}

static bool read(struct arena *arena, const char *bytes, size_t length, struct remote_reply *reply)
{
    struct json_object *json = protocol_parse(arena, bytes, length, reply);
    if (!json)
        return false;
    struct json_object *results = json_member(json, "results");
    if (!json_object_is_type(results, json_type_array)) {
        snprintf(reply->detail, sizeof(reply->detail), "the reply has no list \"results\"");
        return false;
    }
    size_t count = json_object_array_length(results);
    count = count < LIMIT_REMOTE_ENTRIES ? count : LIMIT_REMOTE_ENTRIES;
    reply->entries = arena_alloc(arena, count + 1, sizeof(*reply->entries));
    for (size_t i = 0; i < count; i++)
        reply->count +=
            read_entry(arena, json_object_array_get_idx(results, i), &reply->entries[reply->count]);
    reply->dropped = count - reply->count;
    protocol_sort(arena, reply);
    /* The protocol's scores are 0 to 1; what lies outside keeps its place and is cut. */
    for (size_t i = 0; i < reply->count; i++) {
        double score = reply->entries[i].score;
        reply->entries[i].score = score < 0 ? 0 : score > 1 ? 1 : score;
    }
    return true;
}

const struct protocol protocol_palate = {.name = "palate", .compose = compose, .read = read};
