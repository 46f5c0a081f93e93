/* Gorse's REST interface: GET /api/recommend/{user-id} for a user whom it knows by its feedback, and
 * POST /api/session/recommend for a history. Lists of ids, or of {Id, Score} with X-API-Version 2.
 *
 * Gorse knows neither filters nor exclusions, but for a category; so more is requested where the query
 * excludes items, and the list is filtered afterwards like any reply (recommender/). */
#include "remote/protocol.h"

#include "base/json_write.h"
#include "base/limits.h"
#include "base/moment.h"
#include "base/url.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* As long as the address must not become too long; the filters are enforced on the list anyway. */
enum { CATEGORY_LENGTH_MAX = 1000 };

/* The history as a list of feedback, the form in which Gorse stores such things itself. */
static const char *write_session(struct arena *arena, const struct remote_query *query)
{
    struct json_writer *out = json_writer_create(arena);
    json_writer_list(out, NULL);
    for (size_t i = 0; i < query->history_count; i++) {
        const struct remote_event *event = &query->history[i];
        char moment[MOMENT_SIZE];
        moment_write(event->at * 1000, MOMENT_SECONDS, moment);
        json_writer_object(out, NULL);
        json_writer_text(out, "FeedbackType", event->purchased ? "purchase" : "view");
        json_writer_text(out, "UserId", "");
        json_writer_text(out, "ItemId", event->item_id);
        json_writer_text(out, "Timestamp", moment);
        json_writer_end(out);
    }
    json_writer_end(out);
    return json_writer_result(out);
}

static void compose(struct arena *arena, const char *base, const char *key, const struct remote_query *query,
                    struct protocol_request *request)
{
    size_t length = strlen(base);
    while (length && base[length - 1] == '/')
        length--;
    const char *path = query->user_id
                           ? arena_format(arena, "/api/recommend/%s", url_encode(arena, query->user_id))
                           : "/api/session/recommend";
    /* Gorse knows nothing of what is excluded for this request only, so more is asked for. */
    size_t wanted = query->quantity + query->exclude_count;
    wanted = wanted < LIMIT_REMOTE_ENTRIES ? wanted : LIMIT_REMOTE_ENTRIES;
    const char *category = query->category ? url_encode(arena, query->category) : "";
    bool asks_category = *category && strlen(category) <= CATEGORY_LENGTH_MAX;
    *request = (struct protocol_request){.url = arena_format(arena, "%.*s%s?n=%zu%s%s", (int)length, base,
                                                             path, wanted, asks_category ? "&category=" : "",
                                                             asks_category ? category : ""),
                                         .body = query->user_id ? NULL : write_session(arena, query),
                                         .headers = {"X-API-Version: 2"}};
    if (*key)
        request->headers[1] = arena_format(arena, "X-API-Key: %s", key);
}

static bool read_entry(struct arena *arena, struct json_object *json, size_t rank, struct remote_entry *entry)
{
    if (!json_object_is_type(json, json_type_object)) {
        entry->item_id = protocol_item_id(arena, json);
        entry->score = protocol_score_of_rank(rank);
        return entry->item_id;
    }
    entry->item_id = protocol_item_id(arena, json_member(json, "Id"));
    return entry->item_id && protocol_score(json_member(json, "Score"), &entry->score);
}

static bool read(struct arena *arena, const char *bytes, size_t length, struct remote_reply *reply)
{
    struct json_object *list = protocol_parse(arena, bytes, length, reply);
    if (!list)
        return false;
    if (!json_object_is_type(list, json_type_array)) {
        snprintf(reply->detail, sizeof(reply->detail), "the reply is no list");
        return false;
    }
    size_t count = json_object_array_length(list);
    bool scored = count && json_object_is_type(json_object_array_get_idx(list, 0), json_type_object);
    count = count < LIMIT_REMOTE_ENTRIES ? count : LIMIT_REMOTE_ENTRIES;
    reply->entries = arena_alloc(arena, count + 1, sizeof(*reply->entries));
    for (size_t i = 0; i < count; i++) {
        struct json_object *entry = json_object_array_get_idx(list, i);
        bool alike = json_object_is_type(entry, json_type_object) == scored;
        reply->count += alike && read_entry(arena, entry, i, &reply->entries[reply->count]);
    }
    reply->dropped = count - reply->count;
    protocol_sort(arena, reply);
    /* Gorse's scores have no bounds: one function maps them all, so that those of two lists compare. */
    for (size_t i = 0; scored && i < reply->count; i++) {
        double score = reply->entries[i].score;
        reply->entries[i].score = 0.5 + 0.5 * score / (1 + fabs(score));
    }
    return true;
}

const struct protocol protocol_gorse = {.name = "gorse", .compose = compose, .read = read};
