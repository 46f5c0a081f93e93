/* One query to the engine, and one entry of its answer: the types that ranking, its explanation and their
 * callers share. Owns nothing; recommend.h says what is done with them. */
#ifndef PALATE_ENGINE_QUERY_H
#define PALATE_ENGINE_QUERY_H

#include "engine/filter.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum engine_strategy {
    ENGINE_PERSONALIZED, /* by the history; without one as TRENDING */
    ENGINE_TRENDING,     /* by recent popularity */
    ENGINE_POPULAR,      /* by popularity over all time */
    ENGINE_SIMILAR,      /* like the items of the history, which are themselves never returned */
    ENGINE_NEWEST,       /* by catalogue_first_seen(), newest first */
    ENGINE_STRATEGY__MAX
};

/* Why an item is in the list. */
enum engine_source {
    ENGINE_SOURCE_MODEL,       /* "model": mostly behaviour */
    ENGINE_SOURCE_CONTENT,     /* "content": mostly likeness of texts */
    ENGINE_SOURCE_TRENDING,    /* "trending_backfill" */
    ENGINE_SOURCE_POPULAR,     /* "popular" */
    ENGINE_SOURCE_NEWEST,      /* "newest" */
    ENGINE_SOURCE_FILL,        /* "fill": nothing speaks for it, but it is eligible */
    ENGINE_SOURCE_EXPLORATION, /* "exploration": given a chance; never from the engine itself */
    ENGINE_SOURCE_KEYWORD,     /* "keyword": its words were searched for; these three come from searches */
    ENGINE_SOURCE_SEMANTIC,    /* "semantic": near to what was searched for */
    ENGINE_SOURCE_HYBRID,      /* "hybrid": both */
    ENGINE_SOURCE_REMOTE,      /* "remote": ranked by the remote recommender; never from the engine itself */
    ENGINE_SOURCE__MAX
};

/* Something the user did. An item may occur more than once: its weights add up, but to no more than the
 * greatest of them, and it counts where it stands first. */
struct engine_history_entry {
    uint32_t item; /* index; out of range is ignored */
    float weight;  /* signed; not finite is ignored. Negative pushes alike items down */
};

/* An entry from an event's weight, -100 to 100: that of its type times its own factor. The one place for this
 * scale, for events from the database as for those of a file, so that what is measured on files is what the
 * service does. How recent the event is, the engine weighs as chosen in training: see newest_first. */
static inline struct engine_history_entry engine_history_of_event(uint32_t item, double weight)
{
    return (struct engine_history_entry){.item = item, .weight = (float)(weight / 100)};
}

struct engine_query {
    const struct catalogue *catalogue;
    enum engine_strategy strategy;
    const struct engine_history_entry *history; /* for SIMILAR: the seeds */
    size_t history_count;
    /* The history is given newest first, weights without recency: the model's own recency, which was chosen
     * on the tenant's events, is applied, and what usually comes next counts. When false the order says
     * nothing, and recency is already in the weights, if anywhere. */
    bool newest_first;
    const struct filter *const *filters; /* all must match, exactly */
    size_t filter_count;
    const struct filter *const *preferences; /* items that match all come first, the others only fill */
    size_t preference_count;
    const uint32_t *exclude; /* indices never returned; out of range is ignored */
    size_t exclude_count;
    size_t limit;        /* up to 100,000; 0 gives nothing */
    int64_t now;         /* Unix seconds; only NEWEST looks at it: goods of later times come last there */
    bool upcoming_first; /* and with this first */
};

struct engine_result {
    uint32_t item;
    float score; /* 0..1, never rising down the list; see below */
    float raw;   /* the value before mapping: relevance, popularity, or (NEWEST) minus the age in days */
    enum engine_source source;
    bool preferred; /* matched all preferences (false when there are none) */
};

#endif
