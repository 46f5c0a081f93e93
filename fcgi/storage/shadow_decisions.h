/* The shadow log: what the remote recommender would have answered, one row beside a decision. The worker
 * writes it, and `palate compare` reads it with what users did after. */
#ifndef PALATE_STORAGE_SHADOW_DECISIONS_H
#define PALATE_STORAGE_SHADOW_DECISIONS_H

#include "base/entity.h"
#include "storage/database.h"

struct shadow_row {
    uint32_t tenant_id;
    uint64_t decision_id;
    const char *outcome; /* "answered", or why there is no list */
    size_t result_count;
    const char *results; /* JSON text */
    int64_t remote_us;
};

bool shadow_decisions_insert(struct database *db, const struct shadow_row *row, struct error *error)
    __attribute__((nonnull, warn_unused_result));

/* ---- For the tool */

/* A decision with the list that the remote recommender would have shown instead. */
struct shadow_pair {
    struct entity entity; /* whom or what the request was about; id NULL: not said */
    uint64_t decision_id;
    int64_t at;          /* Unix milliseconds of the decision */
    const char *shown;   /* JSON list of {item_id, ..., group?} */
    const char *outcome; /* "answered", or why there is no list */
    const char *shadow;  /* JSON list of {item_id, ...} */
};

/* Calls each(context, pair) for every pair of the last days, those about one entity one after the other,
 * in the order of time. The pair lives until the call returns; each returns false to stop early. The arena is
 * reset for every row. */
typedef bool shadow_pair_each(void *context, const struct shadow_pair *pair);
bool shadow_pairs_stream(struct database *db, struct arena *arena, uint32_t tenant_id, int64_t days,
                         shadow_pair_each *each, void *context, struct error *error)
    __attribute__((nonnull(1, 2, 5, 7), warn_unused_result));

struct shadow_event {
    const char *item_id;
    int64_t at; /* Unix milliseconds */
};

/* What a user did with after < moment <= last (Unix milliseconds) that speaks for an item (weight above 0,
 * no impression), oldest first. Texts live in the arena. */
bool shadow_events_read(struct database *db, struct arena *arena, uint32_t tenant_id, const char *user_id,
                        int64_t after, int64_t last, struct shadow_event **events, size_t *count,
                        struct error *error) __attribute__((nonnull, warn_unused_result));

#endif
