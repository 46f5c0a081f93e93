/* Who answers "what next?": one pair of functions in front of whoever ranks, the embedded recommender
 * (engine/) or a remote one (remote/), as the configuration and the context say.
 *
 * The remote one is asked before the transaction begins, so that no lock and no transaction is ever held
 * while it is slow; in the transaction its list is checked against the catalogue as it then is. */
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

/* What the remote recommender said, and how its list is to be used. */
struct remote_part;
/* What somebody searches for. */
struct text_wish;

struct recommendation_query {
    const struct tenant *tenant;
    enum engine_strategy strategy;
    struct entity entity; /* whom or what the request is about; id NULL: not said */
    /* The entity is a user, whose newest stored events are the history, and whose views and answers before
     * this one count where the context says so. Else the history below is all that is known. */
    bool uses_events;
    const struct recent_events *recent; /* where the events have been read already; NULL: they have not */
    const struct history_item *history; /* for SIMILAR the last known one is the seed */
    size_t history_count;
    const struct preferences *preferences;  /* NULL: none */
    const struct context_settings *context; /* NULL: none */
    /* Of the request: one bracket of conditions beside the context's, both must hold. */
    const struct filter_condition *filters;
    size_t filter_count;
    const char *const *exclude; /* ids that are not wanted; unknown ones are ignored */
    size_t exclude_count;
    const struct viewed_window *viewed; /* NULL: the context's */
    const char *anchor_id; /* with uses_events: items like this one, without what the user is not to see */
    size_t quantity;       /* items, or groups when the context groups */
    size_t length;         /* rank so many, of which the first quantity are the page; 0: quantity */
    bool explain;          /* also say what scores are made of */
    bool list_suppressed;  /* also say what was kept out */
    bool embedded_only;    /* never ask the remote recommender */
    const struct text_wish *wish; /* rank for this text (text_ranker.h); NULL: none */
    uint64_t seed;                /* of the request, for what is left to chance */
    int64_t now;                  /* Unix seconds */

    /* What only a remote recommender is told; NULL and 0: nothing. */
    const char *request_id, *task;
    struct json_object *sequence_data;
    uint32_t context_id;
    struct remote_part *remote; /* set by recommender_prepare() */
};

struct recommendation {
    const char *id, *name, *description, *metadata; /* metadata: JSON text */
    double score;                                   /* 0..1, never rising down the list */
    const char *source;                             /* "model", "content", "trending_backfill", ... */
    const float *vector;                            /* ENGINE_VECTOR_SIZE */
    int64_t created, updated;                       /* Unix seconds */
    bool has_parts;                                 /* the next two are known */
    double raw;                                     /* the engine's value before it was mapped to a score */
    double ranked_score; /* the engine's score, before rotation, diversity and exploration */
};

/* Candidates of a search by where they came from. */
struct text_trace {
    size_t by_words, by_vectors;
};

/* What happened on the way to a list, in numbers. */
struct ranking_trace {
    struct text_trace text;
    size_t history;       /* events of the user that were used */
    size_t purchased;     /* items left out because the user bought them */
    size_t viewed;        /* items left out because the user has seen them lately */
    size_t unwanted;      /* items left out because the request said so */
    size_t ranked;        /* items, or groups, in the whole ranked list */
    size_t explored;      /* places that were given to exploration */
    bool rotated, varied; /* rotation, diversity did something to the scores or the order */
};

struct recommendation_group {
    const char *key;
    struct recommendation *items; /* best first; the first stands for the group */
    size_t item_count;
};

/* An item that would be in the list, but for a filter or an exclusion. */
struct suppressed_item {
    const char *id;
    double score;
    size_t rank;        /* in the list without filters and exclusions, from 1 */
    const char *reason; /* "filtered", "purchased", "already_seen", "excluded" */
};

/* Either items or groups. Everything lives in the arena, or in the catalogue until the next request. */
struct recommendation_list {
    struct recommendation *items;
    size_t item_count;
    struct recommendation_group *groups;
    size_t group_count;
    const char *recommender; /* name for the decision log: "embedded", "remote", ...; at most 32 characters */
    const char *note;        /* for the log line */
    uint64_t model_generation; /* 0: none */
    bool has_history;          /* something the person did was known and used */
    struct ranking_trace trace;
    struct suppressed_item *suppressed; /* only where the query asks for them */
    size_t suppressed_count;
};

/* The part before the transaction: asks the remote recommender when this query is for it, which may take
 * [remote] timeout_ms, and keeps what it said in query->remote. Reads the user's events on its own for that.
 * False: the database failed, or the remote recommender did and nothing may stand in for it (ERROR_REMOTE).
 */
bool recommender_prepare(struct recommender *recommender, struct database *db,
                         struct recommendation_query *query, struct arena *arena, struct error *error)
    __attribute__((nonnull, warn_unused_result));

/* Ranks. Part of the caller's transaction, and reads through it. Errors: the database's. */
bool recommender_recommend(struct recommender *recommender, struct database *db,
                           const struct recommendation_query *query, struct arena *arena,
                           struct recommendation_list *list, struct error *error)
    __attribute__((nonnull, warn_unused_result));

/* Whether the remote recommender is to be asked about this query, too, once it has been answered. */
bool recommender_has_shadow(const struct recommender *recommender, const struct recommendation_query *query)
    __attribute__((nonnull));

/* Asks it in a process of its own, so that this worker is free at once, and logs what it would have shown
 * beside the decision. For when the answer has been sent. */
void recommender_shadow(struct recommender *recommender, const struct recommendation_query *query,
                        uint64_t decision_id) __attribute__((nonnull));
/* Completes a list that was ranked before: its entries have id, score and source (groups: key and items).
 * Drops those that the query's filters, or the catalogue as of now, do not let pass, keeps the order, and
 * ends behind limit entries. Describes the others; nothing is ranked. */
bool recommender_recall(struct recommender *recommender, struct database *db,
                        const struct recommendation_query *query, size_t limit, struct arena *arena,
                        struct recommendation_list *list, struct error *error)
    __attribute__((nonnull, warn_unused_result));

/* Why an item stands where it does in the query's list, or is not in it; see explain_item.h. Logs nothing and
 * counts no impression. Errors: the database's. */
struct item_explanation;
bool recommender_explain(struct recommender *recommender, struct database *db,
                         const struct recommendation_query *query, const char *item_id, struct arena *arena,
                         struct item_explanation *explanation, struct error *error)
    __attribute__((nonnull, warn_unused_result));

/* The catalogue's own name and description of an item, copied into the arena; "" for an unknown one. Call it
 * before recommender_recommend(), whose list it may outdate. */
bool recommender_describe(struct recommender *recommender, struct database *db, const struct tenant *tenant,
                          const char *item_id, struct arena *arena, const char **name,
                          const char **description, struct error *error)
    __attribute__((nonnull, warn_unused_result));

#endif
