/* From events to the model's rows: the order of everything that is learned; see training/trainer.h.
 *
 * 1. Likeness of texts of all items (training/learn/content.c): depends on no choice, and the choice needs
 * it.
 * 2. The configuration is chosen on a held-out part of the events (training/choose/choose.c).
 * 3. With it, all members are computed again from all events: ridge, gram.
 * 4. The members are blended into three rows for each item. Weights are the chosen ones divided by each
 * member's usual good score, so that a weight of 1 means as much for one member as for another:
 *    - rows of behaviour: gram, hop and ridge, added up and cut to MEMBER_ROW_MAX;
 *    - rows of transitions, for what comes next, since their history weights differ;
 *    - rows of texts, since how much they count depends on the target (content_kappa) and not on the trend.
 *    The engine adds the three up when it serves (engine/relevance.c).
 * 5. Learned vectors and the map from texts to them (training/learn/vectors.c, training/learn/textmap.c).
 *
 * Members are linear in the history, so blending their rows beforehand gives the same scores as blending
 * their scores would, but for the cut. That is why one short row serves for all learners. */
#include "base/memory.h"
#include "training/choose/choose.h"
#include "training/internal.h"
#include "training/learn/content.h"
#include "training/learn/gram.h"
#include "training/learn/ridge.h"
#include "training/learn/vectors.h"

#include <math.h>
#include <string.h>

enum { PIECE = 64 };

static const double content_kappa = 100; /* decides which likenesses there is room for */

struct blending {
    const struct members *members;
    const enum member *which; /* those blended into one row */
    size_t which_count;
    float weights[MEMBER__MAX];
    struct working_row *working;
    struct sparse_rows rows;
};

static void blend_piece(void *context, size_t piece, unsigned thread)
{
    struct blending *blending = context;
    struct working_row *row = &blending->working[thread];
    size_t total = blending->rows.item_count;
    for (size_t item = piece * PIECE; item < (piece + 1) * PIECE && item < total; item++) {
        for (size_t i = 0; i < blending->which_count; i++) {
            enum member member = blending->which[i];
            if (blending->weights[member] != 0)
                members_add_row(blending->members, member, (uint32_t)item, blending->weights[member], row);
        }
        sparse_rows_store(&blending->rows, (uint32_t)item, row, blending->members->trend);
        sparse_rows_sort(&blending->rows, (uint32_t)item);
        working_row_clear(row);
    }
}

/* Into one block without gaps. */
static void copy_rows(const struct sparse_rows *rows, struct trained_rows *packed)
{
    uint64_t count = 0;
    packed->starts = memory_alloc((size_t)rows->item_count + 1, sizeof(*packed->starts));
    for (uint32_t item = 0; item < rows->item_count; item++)
        packed->starts[item + 1] = count += rows->lengths[item];
    packed->targets = memory_alloc(count, sizeof(*packed->targets));
    packed->weights = memory_alloc(count, sizeof(*packed->weights));
    for (uint32_t item = 0; item < rows->item_count; item++) {
        for (uint32_t i = 0; i < rows->lengths[item]; i++) {
            struct weighted_item entry = sparse_rows_of(rows, item)[i];
            packed->targets[packed->starts[item] + i] = entry.item;
            packed->weights[packed->starts[item] + i] = entry.weight;
        }
    }
}

static void blend_rows(struct blending *blending, struct trainer_steps *steps, size_t width,
                       const enum member *which, size_t count, struct trained_rows *packed)
{
    struct sparse_rows *rows = &blending->rows;
    uint32_t items = blending->members->learning->item_count;
    const struct step_part part = {.rows = rows, .count = items, .per_piece = PIECE};
    blending->which = which;
    blending->which_count = count;
    sparse_rows_create(rows, items, width < items ? width : items);
    steps_run(steps, "rows", (items + (size_t)PIECE - 1) / PIECE, blend_piece, blending, &part, 1);
    copy_rows(rows, packed);
    sparse_rows_release(rows);
}

static void blend_all(struct trained *trained, const struct members *members,
                      const double scales[MEMBER__MAX], struct trainer_steps *steps)
{
    static const enum member behaviour[] = {MEMBER_GRAM, MEMBER_HOP, MEMBER_RIDGE},
                             order[] = {MEMBER_TRANSITION}, texts[] = {MEMBER_CONTENT};
    struct working_row working[TRAINER_THREADS_MAX];
    struct blending blending = {.members = members, .working = working};
    for (int m = 0; m < MEMBER__MAX; m++)
        blending.weights[m] = (float)(members->configuration->weights[m] / scales[m]);
    for (unsigned i = 0; i < steps->threads; i++)
        working_row_create(&working[i], members->learning->item_count);
    blend_rows(&blending, steps, MEMBER_ROW_MAX, behaviour, 3, &trained->rows);
    blend_rows(&blending, steps, TRANSITION_ROW_MAX, order, 1, &trained->transitions);
    blend_rows(&blending, steps, CONTENT_ROW_MAX, texts, 1, &trained->contents);
    for (unsigned i = 0; i < steps->threads; i++)
        working_row_release(&working[i]);
}

static void keep_settings(struct trained *trained, const struct configuration *configuration,
                          const double scales[MEMBER__MAX])
{
    trained->settings = (struct model_settings){
        .history_half_life = (float)configuration->history_half_life,
        .transition_recency = (float)configuration->transition_recency,
        .content_kappa = (float)configuration->content_kappa,
        .content_weight = (float)(configuration->weights[MEMBER_CONTENT] / scales[MEMBER_CONTENT]),
    };
}

/* The members of all events, with what they need, and how they are released. */
static void make_members(struct members *members, struct trained *trained, const struct learning *learning,
                         const struct configuration *configuration, float *shares)
{
    members_create(members, learning, configuration);
    trained->trend = memory_alloc(learning->item_count, sizeof(*trained->trend));
    trend_compute(learning, configuration->trend_exponent, configuration->trend_half_life, trained->trend);
    members->trend = trained->trend;
    for (uint32_t item = 0; item < learning->item_count; item++)
        shares[item] = content_share(configuration->content_kappa, learning->item_counts[item]);
    members->content_shares = shares;
}

/* By item; for the likeness of texts, which is computed before everything else. */
static uint32_t *count_users(const struct trainer *trainer)
{
    struct learning *learning = learning_create(trainer, NULL, 0);
    uint32_t *counts = learning->item_counts;
    learning->item_counts = NULL;
    learning_destroy(learning);
    return counts;
}

void trainer_build_rows(struct trainer *trainer)
{
    struct trained *trained = &trainer->trained;
    struct trainer_steps *steps = &trainer->steps;
    struct evidence evidence = {0};
    struct sparse_rows content, ridge = {0}, gram;
    struct members members;
    double scales[MEMBER__MAX] = {0};
    uint32_t *users = count_users(trainer);
    content_compute(trainer, users, content_kappa, CONTENT_ROW_MAX, steps, &content);
    memory_free(users);
    struct configuration configuration = configuration_choose(trainer, steps, &content, scales, &evidence);
    trained->evidence = evidence.text;
    struct learning *learning = learning_create(trainer, NULL, configuration.decay_half_life);
    float *shares = memory_alloc(learning->item_count, sizeof(*shares));
    make_members(&members, trained, learning, &configuration, shares);
    members.content = &content;
    if (configuration.weights[MEMBER_RIDGE] > 0) {
        ridge_compute(&members, &configuration.ridge_strength, 1, steps, &ridge);
        members.ridge = &ridge;
    }
    gram_compute(&members, MEMBER_ROW_MAX, steps, &gram);
    members.gram = &gram;
    blend_all(trained, &members, scales, steps);
    keep_settings(trained, &configuration, scales);
    members_release(&members);
    memory_free(shares);
    sparse_rows_release(&ridge);
    sparse_rows_release(&gram);
    sparse_rows_release(&content);
    trainer_build_vectors(trainer, learning);
    learning_destroy(learning);
}
