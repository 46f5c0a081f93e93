/* Items, users and feedback in the words of Gorse: what `palate export gorse` and `palate push` have in
 * common.
 *
 * Pure: reads no clock and makes no requests. Every version of Gorse takes what is made here: labels are a
 * list of distinct texts (later versions take more), ids and categories are not blank and have no slash,
 * because a single one that has makes Gorse refuse the whole file or list. Feedback is `view` or `purchase`,
 * as in the histories of remote/protocol_gorse.c. */
#ifndef PALATE_CLI_GORSE_ROWS_H
#define PALATE_CLI_GORSE_ROWS_H

#include "base/json_write.h"
#include "storage/push_rows.h"

#include <stdbool.h>

/* Whether Gorse takes it as the id of an item or a user, or as a category. */
bool gorse_takes_id(const char *id) __attribute__((nonnull, warn_unused_result));

/* These write a row as the next entry of a list, or as the whole.
 *
 * {ItemId, IsHidden, Categories, Timestamp, Labels, Comment}. The timestamp is the earlier of when the item
 * came into the catalogue and its first sale. Categories are metadata.category, a text or a
 * list; labels "KEY:TEXT" for every other text of the metadata, also in lists and nested objects
 * ("a.b:TEXT"); numbers are no labels. A deleted item is hidden and has neither. The arena is for work.
 */
void gorse_write_item(struct json_writer *out, struct arena *arena, const struct push_item *item)
    __attribute__((nonnull));

/* {UserId, Labels, Comment}; the comment is the name. */
void gorse_write_user(struct json_writer *out, const struct push_user *user) __attribute__((nonnull));

struct gorse_feedback {
    const char *user_id, *item_id;
    bool purchased;
    int64_t at;    /* Unix milliseconds */
    int64_t value; /* pieces of a purchase, times of a view */
};

/* What an event says to Gorse. False when it says nothing: its weight is not above 0, it is an impression
 * (which the user need not even have seen), or Gorse does not take an id. */
bool gorse_feedback_of(const struct push_event *event, struct gorse_feedback *feedback)
    __attribute__((nonnull, warn_unused_result));

/* Gorse keeps one feedback for each user, item and type: leaves one of each, in the order of (user, item,
 * type), with the latest moment and the sum of the values. Returns how many are left. */
size_t gorse_feedback_merge(struct gorse_feedback *rows, size_t count) __attribute__((nonnull));

/* The merged row with the key of total, NULL when there is none. */
struct gorse_feedback *gorse_feedback_find(struct gorse_feedback *rows, size_t count,
                                           const struct gorse_feedback *total)
    __attribute__((nonnull(3), warn_unused_result));

/* {FeedbackType, UserId, ItemId, Value, Timestamp, Comment} */
void gorse_write_feedback(struct json_writer *out, const struct gorse_feedback *feedback)
    __attribute__((nonnull));

#endif
