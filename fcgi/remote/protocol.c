/* What the protocols have in common; see protocol.h.
 *
 * A reply is foreign bytes, like a request: ids have the same limits as those of items, numbers must be
 * finite, and what is not understood is refused as a whole. Ids may be JSON numbers, as some services store
 * them, but only those that a 64-bit integer holds: greater ones have been cut to its ends by the parser, and
 * would name another item.
 *
 * A list without scores gets them from its ranks, 20 / (20 + rank): the shape of reciprocal rank fusion
 * (Cormack, Clarke and Buettcher, SIGIR 2009), slowly falling, so that shaping which compares scores has
 * something to compare. */
#include "remote/protocol.h"

#include "base/json.h"
#include "base/limits.h"
#include "base/text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct json_object *protocol_parse(struct arena *arena, const char *bytes, size_t length,
                                   struct remote_reply *reply)
{
    struct json_object *value;
    const char *problem;
    if (!json_parse_any_number(bytes, length, &value, &problem))
        snprintf(reply->detail, sizeof(reply->detail), "the reply is %s", problem);
    else if (!value)
        snprintf(reply->detail, sizeof(reply->detail), "the reply is null");
    else
        return json_keep(arena, value);
    return NULL;
}

const char *protocol_item_id(struct arena *arena, struct json_object *value)
{
    if (json_object_is_type(value, json_type_int)) {
        int64_t number = json_object_get_int64(value);
        /* Greater ones have been cut to these. */
        return number == INT64_MAX || number == INT64_MIN
                   ? NULL
                   : arena_copy_text(arena, json_object_get_string(value));
    }
    if (!json_object_is_type(value, json_type_string))
        return NULL;
    const char *text = json_object_get_string(value);
    size_t length = (size_t)json_object_get_string_len(value);
    if (!length || text_has_control(text, length) || text_count_characters(text) > LIMIT_ID_CHARACTERS)
        return NULL;
    return arena_copy_text(arena, text);
}

bool protocol_score(struct json_object *value, double *score)
{
    if (!json_object_is_type(value, json_type_double) && !json_object_is_type(value, json_type_int))
        return false;
    double number = json_object_get_double(value);
    if (!isfinite(number))
        return false;
    *score = number;
    return true;
}

double protocol_score_of_rank(size_t rank)
{
    return 20.0 / (20.0 + (double)rank);
}

struct placed {
    struct remote_entry entry;
    size_t place;
};

static int compare_placed(const void *left, const void *right)
{
    const struct placed *a = left, *b = right;
    if (a->entry.score > b->entry.score)
        return -1;
    if (a->entry.score < b->entry.score)
        return 1;
    return a->place < b->place ? -1 : a->place > b->place;
}

void protocol_sort(struct arena *arena, struct remote_reply *reply)
{
    struct placed *placed = arena_alloc(arena, reply->count + 1, sizeof(*placed));
    for (size_t i = 0; i < reply->count; i++)
        placed[i] = (struct placed){.entry = reply->entries[i], .place = i};
    qsort(placed, reply->count, sizeof(*placed), compare_placed);
    for (size_t i = 0; i < reply->count; i++)
        reply->entries[i] = placed[i].entry;
}
