/* The learners: each says, for one item, how it speaks for the others. The model's rows are blends of them.
 *
 * gram        co-occurrence, scaled by powers of the degrees: d_i^-b (X' D_u^-g X)_ij d_j^-d. For b = d = .5,
 *             g = 0 the cosine (Sarwar et al. 2001); RP3beta (Paudel et al. 2017) is another case.
 * hop         two steps of gram, by the 100 strongest entries of each row: what is like what is alike.
 *             Smooths with a weight above 0 and sharpens with one below.
 * ridge       what each item adds beyond the others: EASE (Steck 2019) exactly for small catalogues, else the
 *             same ridge regression on each item's nearest neighbours; weights are signed.
 * transition  what came within the next few steps, and with less weight what came before.
 * content     likeness of texts (content.h), for items of which behaviour says little.
 * Private to the trainer. */
#ifndef PALATE_TRAINING_LEARN_MEMBER_H
#define PALATE_TRAINING_LEARN_MEMBER_H

#include "training/learn/learning.h"
#include "training/learn/sparse.h"
#include "training/slices/steps.h"

enum {
    MEMBER_ROW_MAX = 400,     /* entries of a stored row */
    TRANSITION_ROW_MAX = 100, /* and of one of transitions */
};

enum member { MEMBER_GRAM, MEMBER_HOP, MEMBER_RIDGE, MEMBER_TRANSITION, MEMBER_CONTENT, MEMBER__MAX };

/* All that is chosen on the held-out part. What they mean when serving is in engine/model_format.h. */
struct configuration {
    double decay_half_life;     /* days; 0 is none */
    double gram_user;           /* g */
    double gram_source;         /* b */
    double gram_target;         /* d */
    double gram_power;          /* of each entry */
    double gram_level;          /* rows are divided by their sum to this */
    double ridge_strength;      /* the ridge over the mean diagonal of the Gram matrix */
    double ridge_target;        /* columns are multiplied by d_j to minus this */
    double transition_window;   /* steps */
    double transition_decay;    /* a step */
    double transition_backward; /* of a step back against one ahead */
    double transition_source;   /* rows are divided by d_i to this */
    double transition_target;   /* and columns by d_j to this */
    double transition_recency;  /* factor for each place in the history */
    double history_half_life;   /* places in the history; 0 is none */
    double trend_exponent;
    double trend_half_life;      /* days */
    double content_kappa;        /* events at which content counts half */
    double weights[MEMBER__MAX]; /* of members whose usual best scores are 1 */
};

/* A learning set, a configuration, and what was computed from both. */
struct members {
    const struct learning *learning;
    const struct configuration *configuration;
    float *user_scales;        /* by user: d_u^-g */
    float *source_scales;      /* by item: d_i^-b */
    float *target_scales;      /* d_j^-d */
    float *transition_sources; /* d_i^- ... */
    float *transition_targets;
    float *ridge_targets;
    const float *trend;                   /* by item: rows are cut by weight times this; NULL: by weight */
    const struct sparse_rows *gram;       /* finished rows (gram.h); NULL: computed where needed */
    const struct sparse_rows *transition; /* the same, as they are */
    const struct sparse_rows *ridge;      /* NULL: none */
    const struct sparse_rows *content;    /* NULL: none */
    const float *content_shares;          /* by item: factors on content; NULL: 1 */
};

void members_create(struct members *members, const struct learning *learning,
                    const struct configuration *configuration) __attribute__((nonnull));
void members_release(struct members *members) __attribute__((nonnull));

/* Computes the scales again after learning_decay() or a change of the configuration. */
void members_update(struct members *members) __attribute__((nonnull));

/* Adds weight times the member's row of the item, without the item itself. */
void members_add_row(const struct members *members, enum member member, uint32_t item, float weight,
                     struct working_row *row) __attribute__((nonnull));

/* Room for sums over users; one per thread. */
struct working_users {
    float *sums;
    bool *used;
    uint32_t *users;
};
void working_users_create(struct working_users *room, uint32_t user_count) __attribute__((nonnull));
void working_users_release(struct working_users *room) __attribute__((nonnull));

/* Adds the gram rows of many items, each times its weight, faster than one by one: first over users, then
 * over their items. What it adds to the items themselves is of no use. */
void members_add_gram_rows(const struct members *members, const uint32_t *items, const float *weights,
                           size_t count, struct working_users *room, struct working_row *row)
    __attribute__((nonnull));

const char *member_name(enum member member) __attribute__((returns_nonnull, const));

/* How much content counts for an item of so many users: kappa / (kappa + users). */
static inline float content_share(double kappa, double users)
{
    return (float)(kappa / (kappa + users));
}

#endif
