/* Why one item stands where it does in the list of a query, or why it is not in it.
 *
 * Goes the same way as the list itself: the same history, exclusions, filters, ranking and shaping, and every
 * number is one that was used on it. Exploration, which is chance, is left out. Logs nothing. */
#ifndef PALATE_RECOMMENDER_EXPLAIN_ITEM_H
#define PALATE_RECOMMENDER_EXPLAIN_ITEM_H

#include "engine/catalogue.h"
#include "recommender/query.h"

/* Why an item is not in the page. */
enum absence {
    ABSENCE_UNKNOWN,    /* never was in the catalogue */
    ABSENCE_DELETED,    /* was taken out of it */
    ABSENCE_INACTIVE,   /* is in it, switched off */
    ABSENCE_FILTERED,   /* fails a condition */
    ABSENCE_PURCHASED,  /* the user has bought it */
    ABSENCE_VIEWED,     /* the user has seen it in the window */
    ABSENCE_UNWANTED,   /* the request excludes it */
    ABSENCE_SEED,       /* the list is of items like it */
    ABSENCE_ROTATED,    /* sank because it was shown in vain */
    ABSENCE_DIVERSITY,  /* its place went to something more different */
    ABSENCE_GROUP_FULL, /* its group shows better items */
    ABSENCE_BELOW,      /* its score is below the page */
    ABSENCE__MAX
};

/* "inactive", "filtered" ... */
const char *absence_name(enum absence absence) __attribute__((returns_nonnull, const));

struct absence_reason {
    enum absence absence;
    const struct filter_condition *condition; /* FILTERED: the one that fails; NULL: strict preferences */
    const char *source;                       /* FILTERED: "context" or "request" */
};

/* A named number that the score is made of. */
struct score_part {
    const char *name;
    double value;
};

enum { EXPLANATION_PARTS = 8 };

struct item_explanation {
    const char *id, *name; /* as the catalogue has them; name "" when unknown */
    bool is_known;
    bool appears;
    size_t rank;        /* in the page, from 1 (of its group, where the context groups); 0: not in it */
    size_t list_rank;   /* among all items that may appear, before rotation and diversity; 0: may not */
    size_t list_length; /* of these */
    bool has_score;     /* the next four are known: not for an item that is unknown or switched off */
    double score;       /* as the list shows it; where the item may not appear: what it would have */
    double ranked_score, raw;
    const char *source;
    struct score_part parts[EXPLANATION_PARTS];
    size_t part_count;
    size_t page_count;  /* items (or groups) in the page */
    double page_lowest; /* the lowest score in it; 0 when it is empty */
    const char *group;  /* key, when it appears in one */
    struct absence_reason *reasons;
    size_t reason_count;
    struct ranking_trace trace;
};

/* item_id may have a prefix of the API's first versions. Everything lives in the arena or the catalogue.
 * Errors: the database's. */
bool explain_item(struct catalogue *catalogue, struct database *db, const struct recommendation_query *query,
                  const char *item_id, struct arena *arena, struct item_explanation *explanation,
                  struct error *error) __attribute__((nonnull, warn_unused_result));

#endif
