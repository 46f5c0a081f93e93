/* Gorse's REST interface: GET /api/recommend/{user-id} for a user whom it knows by its feedback, and
 * POST /api/session/recommend for a history. Lists of ids, or of {Id, Score} with X-API-Version 2.
 *
 * Gorse knows neither filters nor exclusions, but for a category, and what it has read of a user or is given as a
 * session it leaves out by itself. So more is requested only where the query excludes items of its own, and the list
 * is filtered afterwards like any reply (recommender/).
 *
 * The order of a list is Gorse's, and its scores are not read: a list is its cached ranking and behind it fallbacks,
 * whose scores are sums, counts or Unix times, so that sorted by them the fallbacks would stand in front (Gorse
 * 0.5.11). To want more than is shown only brings more of them.
 *
 * "null" is an empty list: Gorse answers a session so until the lists of its trainer have the category "". So is 404
 * of the session's path, where no item-to-item recommender is configured, its default. Neither is a failure. */
#include "remote/protocol.h"

#include "base/json_write.h"
#include "base/limits.h"
#include "base/moment.h"
#include "base/url.h"

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
    size_t wanted = query->quantity + query->own_exclude_count;
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

/* An id, or an object with one. */
static const char *read_id(struct arena *arena, struct json_object *entry)
{
    return protocol_item_id(arena,
                            json_object_is_type(entry, json_type_object) ? json_member(entry, "Id") : entry);
}

static bool is_null(const char *bytes, size_t length)
{
    static const char word[] = "null", blanks[] = " \t\r\n";
    for (; length && strchr(blanks, *bytes) && *bytes; bytes++)
        length--;
    while (length && bytes[length - 1] && strchr(blanks, bytes[length - 1]))
        length--;
    return length == sizeof(word) - 1 && !memcmp(bytes, word, length);
}

static bool read(struct arena *arena, const char *bytes, size_t length, struct remote_reply *reply)
{
    if (is_null(bytes, length))
        return true;
    struct json_object *list = protocol_parse(arena, bytes, length, reply);
    if (!list)
        return false;
    if (!json_object_is_type(list, json_type_array)) {
        snprintf(reply->detail, sizeof(reply->detail), "the reply is no list");
        return false;
    }
    size_t count = json_object_array_length(list);
    count = count < LIMIT_REMOTE_ENTRIES ? count : LIMIT_REMOTE_ENTRIES;
    reply->entries = arena_alloc(arena, count + 1, sizeof(*reply->entries));
    for (size_t i = 0; i < count; i++) {
        const char *id = read_id(arena, json_object_array_get_idx(list, i));
        if (id)
            reply->entries[reply->count++] = (struct remote_entry){id, protocol_score_of_rank(i)};
    }
    reply->dropped = count - reply->count;
    return true;
}

static bool is_empty(const struct remote_query *query, long status)
{
    static const long not_found = 404;
    return !query->user_id && status == not_found;
}

const struct protocol protocol_gorse = {
    .name = "gorse", .compose = compose, .read = read, .is_empty = is_empty};
