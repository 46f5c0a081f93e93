/* Rows of co-occurrence as the model stores them; see gram.h.
 *
 * Of each item's gram row (member.c) the strongest entries are kept, chosen by weight times trend, since an
 * item that sells no more would take a place that is never shown. Then each weight is raised to gram_power
 * and the row divided by its sum to the power gram_level:
 *
 *     w_ij <- w_ij^p / (sum over the kept j of w_ij^p)^l
 *
 * A power above 1 trusts the strong entries more; l = 1 makes every row of the history count alike, as
 * RP3beta does (Paudel et al., TiiS 2017), l = 0 leaves frequent items their weight. Both are chosen on
 * held-out events.
 *
 * Truncation is by source row, never by target column: measured on gowalla, rows of 300 reach a Recall@20 of
 * .1830 of .1844 untruncated, columns of 100 only .1666 (rows of 100: .1800).
 *
 * Cost: that of the gram member for each item once; width x 8 bytes an item. */
#include "training/learn/gram.h"

#include <math.h>

enum { PIECE = 64 };

struct computing {
    const struct members *members;
    struct working_row *working; /* by thread */
    struct sparse_rows *rows;
};

static void finish_row(const struct configuration *configuration, struct weighted_item *entries, size_t count)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++) {
        entries[i].weight = (float)pow((double)entries[i].weight, configuration->gram_power);
        sum += (double)entries[i].weight;
    }
    double level = sum > 0 ? pow(sum, -configuration->gram_level) : 1;
    for (size_t i = 0; i < count; i++)
        entries[i].weight = (float)((double)entries[i].weight * level);
}

static void compute_piece(void *context, size_t piece, unsigned thread)
{
    struct computing *computing = context;
    struct working_row *row = &computing->working[thread];
    for (size_t item = piece * PIECE; item < (piece + 1) * PIECE && item < computing->rows->item_count;
         item++) {
        members_add_row(computing->members, MEMBER_GRAM, (uint32_t)item, 1, row);
        sparse_rows_store(computing->rows, (uint32_t)item, row, computing->members->trend);
        working_row_clear(row);
        finish_row(computing->members->configuration, sparse_rows_of(computing->rows, (uint32_t)item),
                   computing->rows->lengths[item]);
    }
}

void gram_compute(const struct members *members, size_t width, struct trainer_steps *steps,
                  struct sparse_rows *rows)
{
    struct working_row working[TRAINER_THREADS_MAX];
    struct computing computing = {.members = members, .working = working, .rows = rows};
    uint32_t count = members->learning->item_count;
    const struct step_part part = {.rows = rows, .count = count, .per_piece = PIECE};
    sparse_rows_create(rows, count, width < count ? width : count);
    for (unsigned i = 0; i < steps->threads; i++)
        working_row_create(&working[i], count);
    steps_run(steps, "similar items", (count + (size_t)PIECE - 1) / PIECE, compute_piece, &computing, &part,
              1);
    for (unsigned i = 0; i < steps->threads; i++)
        working_row_release(&working[i]);
}
