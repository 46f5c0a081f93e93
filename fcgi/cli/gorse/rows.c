/* Items, users and feedback in the words of Gorse; see rows.h.
 *
 * What Gorse takes differs from version to version, so that rows are kept to what every version takes.
 * Labels are what its item model learns from: each text of the metadata becomes KEY:TEXT, so that equal
 * texts of different fields are different labels. Numbers would each be a label of their own and say
 * nothing, and long texts are descriptions: both are left out.
 *
 * Gorse keeps one feedback for each user, item and type, with a value that tells how much of it there was.
 * Sent with PUT a feedback replaces the one before, so that sending it again changes nothing; hence what is
 * sent has to be the whole: the rows are sorted by key and time, and the last of each key is left with the sum
 * of the values. (With POST Gorse adds values up itself, but also those of a list that came twice.)
 *
 * An item's moment is when it came into the catalogue, for which Gorse's list of the latest is made. A shop
 * that is imported without one has everything of today, with sales of years before: nothing is sold before it
 * is there, so the first sale counts where it is earlier. */
#include "cli/gorse/rows.h"

#include "base/moment.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Texts of an item's metadata that become labels: what is beyond are descriptions, not labels. */
enum { LABELS_MAX = 200, LABEL_BYTES_MAX = 200 };

/* Gorse trims an id as Go's strings.TrimSpace() does and refuses it when nothing is left, and a slash
 * would end the path in its own API. One such row makes it refuse the whole list. */
bool gorse_takes_id(const char *id)
{
    /* What Go's strings.TrimSpace() takes away, as far as our ids may have it. */
    static const char *const blanks[] = {" ", "\xC2\x85", "\xC2\xA0", "\xE1\x9A\x80", "\xE3\x80\x80"};
    const char *at = id;
    for (size_t i = 0; i < sizeof(blanks) / sizeof(*blanks);) {
        size_t length = strlen(blanks[i]);
        bool blank = !strncmp(at, blanks[i], length);
        at += blank ? length : 0;
        i = blank ? 0 : i + 1;
    }
    return *at && !strchr(id, '/');
}

/* ISO 8601, in UTC. */
static void write_moment(struct json_writer *out, const char *key, int64_t seconds)
{
    char text[MOMENT_SIZE];
    moment_write(seconds * 1000, MOMENT_SECONDS, text);
    json_writer_text(out, key, text);
}

/* Distinct texts, in the order in which they came. */
struct texts {
    const char **list;
    size_t count;
};

static void add_once(struct texts *texts, const char *text)
{
    for (size_t i = 0; i < texts->count; i++) {
        if (!strcmp(texts->list[i], text))
            return;
    }
    texts->list[texts->count++] = text;
}

/* NOLINTNEXTLINE(misc-no-recursion): at most LIMIT_JSON_DEPTH levels. */
static void add_category(struct texts *categories, struct json_object *value)
{
    if (json_object_is_type(value, json_type_array)) {
        for (size_t i = 0; i < json_object_array_length(value); i++)
            add_category(categories, json_object_array_get_idx(value, i));
        return;
    }
    const char *text = json_object_is_type(value, json_type_string) ? json_object_get_string(value) : "";
    if (gorse_takes_id(text))
        add_once(categories, text);
}

/* path: dotted, "" at the top. */
/* NOLINTNEXTLINE(misc-no-recursion): at most LIMIT_JSON_DEPTH levels. */
static void add_labels(struct arena *arena, struct texts *labels, const char *path, struct json_object *value)
{
    if (labels->count == LABELS_MAX)
        return;
    if (json_object_is_type(value, json_type_object)) {
        json_object_object_foreach(value, key, member)
        {
            if (*path || strcmp(key, "category") != 0)
                add_labels(arena, labels, *path ? arena_format(arena, "%s.%s", path, key) : key, member);
        }
    } else if (json_object_is_type(value, json_type_array)) {
        for (size_t i = 0; i < json_object_array_length(value); i++)
            add_labels(arena, labels, path, json_object_array_get_idx(value, i));
    } else if (json_object_is_type(value, json_type_string)) {
        const char *label = arena_format(arena, "%s:%s", path, json_object_get_string(value));
        if (strlen(label) <= LABEL_BYTES_MAX)
            add_once(labels, label);
    }
}

void gorse_write_item(struct json_writer *out, struct arena *arena, const struct push_item *item)
{
    struct json_object *metadata = NULL;
    struct texts categories = {0}, labels = {.list = arena_alloc(arena, LABELS_MAX, sizeof(*labels.list))};
    const char *problem;
    if (!item->deleted &&
        json_parse_arena(arena, item->metadata, strlen(item->metadata), &metadata, &problem) && metadata) {
        /* A text of a list takes two quotes at least, so there are no more than half as many as bytes. */
        categories.list = arena_alloc(arena, strlen(item->metadata) / 2 + 1, sizeof(*categories.list));
        add_category(&categories, json_member(metadata, "category"));
        add_labels(arena, &labels, "", metadata);
    }
    json_writer_object(out, NULL);
    json_writer_text(out, "ItemId", item->id);
    json_writer_boolean(out, "IsHidden", item->deleted || !item->active);
    json_writer_texts(out, "Categories", categories.list, categories.count);
    bool sold_before = item->first_sale && item->first_sale < item->created;
    write_moment(out, "Timestamp", sold_before ? item->first_sale : item->created);
    json_writer_texts(out, "Labels", labels.list, labels.count);
    json_writer_text(out, "Comment", item->deleted ? "" : item->name);
    json_writer_end(out);
}

void gorse_write_user(struct json_writer *out, const struct push_user *user)
{
    json_writer_object(out, NULL);
    json_writer_text(out, "UserId", user->id);
    json_writer_written(out, "Labels", "[]");
    json_writer_text(out, "Comment", user->name);
    json_writer_end(out);
}

bool gorse_feedback_of(const struct push_event *event, struct gorse_feedback *feedback)
{
    *feedback = (struct gorse_feedback){.user_id = event->user_id,
                                        .item_id = event->item_id,
                                        .purchased = event->is_purchase,
                                        .at = event->occurred_at,
                                        .value = event->is_purchase ? event->quantity : 1};
    return event->weight > 0 && strcmp(event->type, "impression") != 0 && gorse_takes_id(event->user_id) &&
           gorse_takes_id(event->item_id);
}

static int compare_keys(const struct gorse_feedback *a, const struct gorse_feedback *b)
{
    int order = strcmp(a->user_id, b->user_id);
    if (!order)
        order = strcmp(a->item_id, b->item_id);
    return order ? order : a->purchased - b->purchased;
}

static int compare_rows(const void *left, const void *right)
{
    const struct gorse_feedback *a = left, *b = right;
    int order = compare_keys(a, b);
    return order ? order : (a->at > b->at) - (a->at < b->at);
}

size_t gorse_feedback_merge(struct gorse_feedback *rows, size_t count)
{
    size_t left = 0;
    if (count > 1)
        qsort(rows, count, sizeof(*rows), compare_rows);
    for (size_t i = 0; i < count; i++) {
        if (i + 1 == count || compare_keys(&rows[i], &rows[i + 1]) != 0)
            rows[left++] = rows[i];
        else
            rows[i + 1].value += rows[i].value;
    }
    return left;
}

static int compare_merged(const void *key, const void *row)
{
    return compare_keys(key, row);
}

struct gorse_feedback *gorse_feedback_find(struct gorse_feedback *rows, size_t count,
                                           const struct gorse_feedback *total)
{
    return count ? bsearch(total, rows, count, sizeof(*rows), compare_merged) : NULL;
}

void gorse_write_feedback(struct json_writer *out, const struct gorse_feedback *feedback)
{
    json_writer_object(out, NULL);
    json_writer_text(out, "FeedbackType", feedback->purchased ? "purchase" : "view");
    json_writer_text(out, "UserId", feedback->user_id);
    json_writer_text(out, "ItemId", feedback->item_id);
    json_writer_integer(out, "Value", feedback->value);
    write_moment(out, "Timestamp", feedback->at / 1000);
    json_writer_text(out, "Comment", "");
    json_writer_end(out);
}
