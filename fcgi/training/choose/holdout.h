/* A held-out part of the events, and how well a blend of members finds it again.
 *
 * Private to the trainer. Scores are computed as the engine does when serving (engine/relevance.c). */
#ifndef PALATE_TRAINING_CHOOSE_HOLDOUT_H
#define PALATE_TRAINING_CHOOSE_HOLDOUT_H

#include "training/learn/member.h"

enum holdout_kind {
    HOLDOUT_NONE,   /* too few users to tell anything */
    HOLDOUT_WINDOW, /* all events of the last weeks */
    HOLDOUT_LAST,   /* the last item of half of the users; when times only say an order */
    HOLDOUT_RANDOM, /* a tenth of each user's items; when there are no times */
};

enum {
    HOLDOUT_USERS_MIN = 50,
    HOLDOUT_USERS_MAX = 10000,
    HOLDOUT_HISTORY_MAX = 100000, /* items in all histories together */
    HOLDOUT_DEPTH = 20,           /* what is measured: NDCG at this depth */
};

struct holdout_user {
    uint32_t *history; /* newest first */
    uint32_t *targets; /* not in the history */
    uint32_t history_count, target_count;
};

struct holdout {
    enum holdout_kind kind;
    int window_days;
    uint64_t seed;
    struct trainer_steps *steps;
    bool heavy;                /* members are measured through their rows */
    struct learning *learning; /* what is left to learn from */
    struct holdout_user *users;
    uint32_t user_count;
    uint32_t *numbers;           /* what users point into */
    struct working_row *working; /* by thread */
    struct working_users *rooms; /* by thread */
    float **weights;             /* by thread: of a history */
    uint32_t *history_items;     /* items in histories, each once */
    uint32_t history_item_count;
    bool *held;   /* HOLDOUT_RANDOM, while splitting: by place in the sequences */
    float *ideal; /* best possible DCG by number of targets */
};

/* Splits the trainer's events. With kind HOLDOUT_NONE learning has all events, and users are a sample with
 * no targets. Release it. */
void holdout_create(struct holdout *holdout, const struct trainer *trainer, struct trainer_steps *steps)
    __attribute__((nonnull));
void holdout_release(struct holdout *holdout) __attribute__((nonnull));
const char *holdout_kind_name(enum holdout_kind kind) __attribute__((returns_nonnull, const));

/* The users' scores of one member, as far as they matter; before trend and weights. The caller releases it.
 */
void holdout_cache(const struct holdout *holdout, const struct members *members, enum member member,
                   struct sparse_rows *scores) __attribute__((nonnull));

/* The mean of a cache's 20 best scores: what a usual good score is. 1 where there are none. */
double holdout_scale(const struct sparse_rows *scores) __attribute__((nonnull, warn_unused_result));

/* What is measured: weights[m] x scores of member m, for all that are not NULL. */
struct blend {
    const struct sparse_rows *caches[MEMBER__MAX];
    double weights[MEMBER__MAX];
    const float *trend; /* by item, on all but content; NULL: none */
    double content_kappa;
};

/* Writes each user's NDCG to values (user_count) and gives the mean. */
double holdout_measure(const struct holdout *holdout, const struct blend *blend, float *values)
    __attribute__((nonnull));

/* The mean of such values. */
double holdout_mean(const struct holdout *holdout, const float *values)
    __attribute__((nonnull, warn_unused_result));

/* The same for one member alone, which is computed without a cache. Where much is to be added up for each
 * user, the rows of all items in histories are computed first, and cut as the model's are. */
double holdout_measure_member(const struct holdout *holdout, const struct members *members,
                              enum member member, const float *trend, float *values)
    __attribute__((nonnull(1, 2, 5)));

/* Fills trend (by item): recent against all-time popularity to a power, within 1/16..16; 1 for exponent 0. */
void trend_compute(const struct learning *learning, double exponent, double half_life, float *trend)
    __attribute__((nonnull));

#endif
