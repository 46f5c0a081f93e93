/* What is wanted of the recommender, and the list that answers it: the types that this room and its
 * callers share. Owns nothing: a query's texts belong to the request, a list lives in its arena.
 *
 * recommender.h is the face of the room; what it calls, includes this and not that. */
#ifndef PALATE_RECOMMENDER_QUERY_H
#define PALATE_RECOMMENDER_QUERY_H

#include "engine/query.h"
#include "recommender/context_settings.h"
#include "storage/clients.h"

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

/* The remote recommender's reply, and how its list is to be used. */
struct remote_part;
/* The text of a search. */
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
    bool embedded_only;    /* never query the remote recommender */
    const struct text_wish *wish; /* rank for this text (text_ranker.h); NULL: none */
    uint64_t seed;                /* of the request, for what is left to chance */
    int64_t now;                  /* Unix seconds */

    /* Only for the remote recommender; NULL and 0: not known. */
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
    size_t unwanted;      /* items left out because the request excludes them */
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
    const char *explored; /* JSON list of the ids that exploration placed, to be counted when the answer is
                             logged (impressions_count_explored); NULL: none */
    struct suppressed_item *suppressed; /* only with list_suppressed */
    size_t suppressed_count;
};

#endif
