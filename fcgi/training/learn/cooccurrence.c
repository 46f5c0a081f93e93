/* Truncated rows of the Gram matrix X' D X, counted once for all items; see cooccurrence.h.
 *
 * The local ridge solves, for each item, a system of the Gram entries between its neighbours. Counting them
 * from the events costs the histories of all users of all neighbours, again for every item, which on millions
 * of events takes hours. Counting every row once and keeping its 500 strongest entries makes each system a
 * lookup.
 *
 * What is lost are pairs that are weak for both items; they are taken as 0 in the system, where they would
 * have been small beside the ridge on the diagonal. The diagonal itself is kept apart and exact.
 *
 * It is worth it from about 1.5e8 additions on; below, counting for each system is exact and fast enough.
 *
 * Cost: the sum of the squares of the histories' lengths in time, 500 x 8 bytes an item in memory. */
#include "training/learn/cooccurrence.h"

#include "base/memory.h"

enum { PIECE = 64 };
static const double worth_pairs = 1.5e8; /* of events of one user, in all */

struct cooccurrence {
    const struct learning *learning;
    const float *user_scales;
    struct working_row *working; /* by thread */
    struct sparse_rows rows;
    float *diagonal;
};

bool cooccurrence_is_worth_it(const struct learning *learning)
{
    double pairs = 0;
    for (uint32_t user = 0; user < learning->user_count; user++) {
        double count = (double)(learning->user_starts[user + 1] - learning->user_starts[user]);
        pairs += count * count;
    }
    return pairs > worth_pairs;
}

static void compute_row(struct cooccurrence *pairs, uint32_t item, struct working_row *row)
{
    const struct learning *learning = pairs->learning;
    for (size_t i = learning->item_starts[item]; i < learning->item_starts[item + 1]; i++) {
        uint32_t user = learning->item_users[i];
        float scaled = pairs->user_scales[user] * learning->item_strengths[i];
        for (size_t k = learning->user_starts[user]; k < learning->user_starts[user + 1]; k++)
            working_row_add(row, learning->items[k], scaled * learning->strengths[k]);
    }
    pairs->diagonal[item] = row->values[item];
    row->values[item] = 0;
    sparse_rows_store(&pairs->rows, item, row, NULL);
    working_row_clear(row);
}

static void compute_piece(void *context, size_t piece, unsigned thread)
{
    struct cooccurrence *pairs = context;
    for (size_t item = piece * PIECE; item < (piece + 1) * PIECE && item < pairs->rows.item_count; item++)
        compute_row(pairs, (uint32_t)item, &pairs->working[thread]);
}

struct cooccurrence *cooccurrence_create(const struct learning *learning, const float *user_scales,
                                         struct trainer_steps *steps)
{
    struct working_row working[TRAINER_THREADS_MAX];
    struct cooccurrence *pairs = memory_alloc(1, sizeof(*pairs));
    uint32_t count = learning->item_count;
    pairs->learning = learning;
    pairs->user_scales = user_scales;
    pairs->working = working;
    pairs->diagonal = memory_alloc(count, sizeof(*pairs->diagonal));
    sparse_rows_create(&pairs->rows, count, COOCCURRENCE_MAX < count ? COOCCURRENCE_MAX : count);
    for (unsigned i = 0; i < steps->threads; i++)
        working_row_create(&working[i], count);
    steps_run_whole(steps, "ridge", (count + (size_t)PIECE - 1) / PIECE, compute_piece, pairs);
    for (unsigned i = 0; i < steps->threads; i++)
        working_row_release(&working[i]);
    pairs->working = NULL;
    return pairs;
}

void cooccurrence_destroy(struct cooccurrence *pairs)
{
    if (!pairs)
        return;
    sparse_rows_release(&pairs->rows);
    memory_free(pairs->diagonal);
    memory_free(pairs);
}

void cooccurrence_fill(const struct cooccurrence *pairs, const uint32_t *items, size_t count,
                       const int16_t *places, float *matrix)
{
    for (size_t i = 0; i < count; i++) {
        const struct weighted_item *entries = sparse_rows_of(&pairs->rows, items[i]);
        for (size_t k = 0; k < pairs->rows.lengths[items[i]]; k++) {
            int16_t place = places[entries[k].item];
            if (place >= 0) /* the same value twice, where both kept it */
                matrix[i * count + (size_t)place] = matrix[(size_t)place * count + i] = entries[k].weight;
        }
        matrix[i * count + i] = pairs->diagonal[items[i]];
    }
}
