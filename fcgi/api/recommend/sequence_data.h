/* sequence_data of the first document: who the customer is, as far as the caller says. */
#ifndef PALATE_API_RECOMMEND_SEQUENCE_DATA_H
#define PALATE_API_RECOMMEND_SEQUENCE_DATA_H

#include "base/arena.h"
#include "base/error.h"
#include "recommender/recommender.h"

#include <json-c/json.h>

struct sequence_data {
    struct preferences preferences;
    const char **browsing, **purchases; /* ids, oldest first */
    size_t browsing_count, purchase_count;
};

/* Reads and checks it. Every problem names its field. Texts live in the arena or the JSON value. */
bool sequence_data_read(struct arena *arena, struct json_object *json, struct sequence_data *data,
                        struct error *error) __attribute__((nonnull(1, 3, 4), warn_unused_result));

/* The histories as one, weighed: purchases more than views, later entries more than earlier; the last view
 * (else the last purchase) stands last. *count entries in the arena. */
struct history_item *sequence_data_history(struct arena *arena, const struct sequence_data *data,
                                           size_t *count) __attribute__((nonnull, returns_nonnull));

#endif
