/* Who answers "what next?": one function in front of whoever ranks.
 *
 * Today that is the embedded recommender (engine/). The query says everything a remote one would need, and
 * the list everything that endpoints show and log, so that another can stand in without their knowing. */
#ifndef PALATE_RECOMMENDER_RECOMMENDER_H
#define PALATE_RECOMMENDER_RECOMMENDER_H

#include "base/arena.h"
#include "base/config.h"
#include "engine/recommend.h"
#include "recommender/context_settings.h"
#include "storage/clients.h"
#include "storage/database.h"

struct recommender;

/* config must outlive it. */
struct recommender *recommender_create(const struct config *config)
    __attribute__((nonnull, returns_nonnull, warn_unused_result));
void recommender_destroy(struct recommender *recommender);

/* Something the person did; unknown items are ignored. */
struct history_item {
    const char *item_id;
    float weight; /* signed, recency already inside */
    bool purchased;
};

/* What the person likes to see first; with strict, nothing else. */
struct preferences {
    const char **categories; /* any of them, against metadata.category; letters in any case */
    size_t category_count;
    bool has_minimum, has_maximum;
    double minimum, maximum; /* inclusive, against metadata.price */
    bool strict;
};

struct recommendation_query {
    const struct tenant *tenant;
    enum engine_strategy strategy;
    const char *user_id;                /* not NULL: that user's newest events are the history */
    const struct history_item *history; /* for SIMILAR the last known one is the seed */
    size_t history_count;
    const struct preferences *preferences;  /* NULL: none */
    const struct context_settings *context; /* NULL: none */
    size_t quantity;                        /* items, or groups when the context groups */
    uint64_t seed;                          /* of the request, for what is left to chance */
    int64_t now;                            /* Unix seconds */
};

struct recommendation {
    const char *id, *name, *description, *metadata; /* metadata: JSON text */
    double score;                                   /* 0..1, never rising down the list */
    const char *source;                             /* "model", "content", "trending_backfill", ... */
    const float *vector;                            /* ENGINE_VECTOR_SIZE */
};

struct recommendation_group {
    const char *key;
    struct recommendation *items; /* best first; the first stands for the group */
    size_t item_count;
};

/* Either items or groups. Everything lives in the arena, or in the catalogue until the next request. */
struct recommendation_list {
    struct recommendation *items;
    size_t item_count;
    struct recommendation_group *groups;
    size_t group_count;
    const char *recommender;   /* name for the decision log */
    uint64_t model_generation; /* 0: none */
    bool has_history;          /* something the person did was known and used */
};

/* Ranks. Part of the caller's transaction, and reads through it. Errors: the database's. */
bool recommender_recommend(struct recommender *recommender, struct database *db,
                           const struct recommendation_query *query, struct arena *arena,
                           struct recommendation_list *list, struct error *error)
    __attribute__((nonnull, warn_unused_result));

/* The catalogue's own name and description of an item, copied into the arena; "" for an unknown one. Call it
 * before recommender_recommend(), whose list it may outdate. */
bool recommender_describe(struct recommender *recommender, struct database *db, const struct tenant *tenant,
                          const char *item_id, struct arena *arena, const char **name,
                          const char **description, struct error *error)
    __attribute__((nonnull, warn_unused_result));

#endif
