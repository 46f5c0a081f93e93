/* Ridge regression of each item on the others, exact for small catalogues and local for large ones; see
 * ridge.h.
 *
 * The problem: which items' presence in a history predicts item j, beyond what the others predict already?
 * With X the users by items and G = X' D X their weighted Gram matrix, EASE (Steck, WWW 2019) solves, for all
 * items at once and with the constraint that no item predicts itself,
 *
 *     B = I - P diag(P)^-1,   P = (G + lambda I)^-1,   so   B_ij = -P_ij / P_jj for i != j
 *
 * D counts each user with degree^-0.2, so that long histories do not rule, and lambda is a strength times the
 * mean diagonal of G, which makes strengths comparable between shops.
 *
 * Exact: up to RIDGE_EXACT_MAX items with events, P is computed by blocked elimination (dense.c): n^3
 * additions and two matrices of n^2 floats; 6,000 items take 288 MB.
 *
 * Local: beyond that, each item is regressed on its 100 nearest neighbours by the gram member alone, a system
 * of 100 x 100 by Cholesky for each item. The neighbours are taken as sources of the target, so the gram
 * weights are turned round. It is an approximation of the same regression: an item outside of the neighbours
 * has weight 0. Several strengths are solved on one Gram matrix, since filling it costs more than solving.
 *
 * The regressions give columns (what predicts j); the model stores rows (what i predicts), so the local
 * results are sorted by source and cut to the strongest MEMBER_ROW_MAX. Weights are signed and are cut by
 * absolute value: on ML-1M with rows of 200, signed weights have an NDCG of .3383, positive ones alone .3243,
 * all .3429.
 *
 * What it does not do: no constraint to positive weights (SLIM), no sparsity by L1, no iteration. */
#include "training/learn/ridge.h"

#include "base/memory.h"
#include "training/learn/cooccurrence.h"
#include "training/learn/dense.h"

#include <math.h>
#include <string.h>

static const double user_exponent = 0.2;

enum { ROW_MAX = MEMBER_ROW_MAX, PIECE = 32 };

struct ridge {
    const struct members *members;
    const double *strengths;
    size_t strength_count;
    struct trainer_steps *steps;
    float *user_scales;
    double mean_diagonal;
    struct working_row *working; /* by thread */
    struct local *local;         /* by thread */
    uint32_t *neighbours;        /* by target: RIDGE_NEIGHBOURS places */
    uint32_t *neighbour_counts;
    float *solutions;           /* by strength, target and neighbour */
    struct cooccurrence *pairs; /* NULL: counted for each target */
};

/* A thread's dense system. */
struct local {
    int16_t *places; /* by item: its row, or -1 */
    float *gram;
    float *system;
    float *right;
};

/* The users' weights, and the mean diagonal of the Gram matrix over items with events: what a strength of 1
 * means. */
static void compute_user_scales(struct ridge *ridge)
{
    const struct learning *learning = ridge->members->learning;
    double sum = 0;
    uint32_t active = 0;
    ridge->user_scales = memory_alloc(learning->user_count, sizeof(float));
    for (uint32_t user = 0; user < learning->user_count; user++) {
        ridge->user_scales[user] = (float)pow((double)learning->user_degrees[user], -user_exponent);
        for (size_t i = learning->user_starts[user]; i < learning->user_starts[user + 1]; i++)
            sum += (double)(ridge->user_scales[user] * learning->strengths[i] * learning->strengths[i]);
    }
    for (uint32_t item = 0; item < learning->item_count; item++)
        active += learning->item_counts[item] > 0;
    ridge->mean_diagonal = active ? sum / active : 1;
}

/* ---- exact */

/* The items with events get numbers; the others UINT32_MAX. Their number. */
static uint32_t number_items(const struct learning *learning, uint32_t *numbers, uint32_t *items)
{
    uint32_t count = 0;
    for (uint32_t item = 0; item < learning->item_count; item++) {
        numbers[item] = learning->item_counts[item] ? count : UINT32_MAX;
        if (learning->item_counts[item])
            items[count++] = item;
    }
    return count;
}

/* In one thread: users write to the same rows, and the sums must not depend on their order. */
static void fill_gram(const struct ridge *ridge, const uint32_t *numbers, size_t count, float *gram)
{
    const struct learning *learning = ridge->members->learning;
    for (uint32_t user = 0; user < learning->user_count; user++) {
        size_t end = learning->user_starts[user + 1];
        for (size_t i = learning->user_starts[user]; i < end; i++) {
            float *line = gram + numbers[learning->items[i]] * count;
            float scaled = ridge->user_scales[user] * learning->strengths[i];
            for (size_t k = learning->user_starts[user]; k < end; k++)
                line[numbers[learning->items[k]]] += scaled * learning->strengths[k];
        }
    }
}

/* P is symmetric, so row i of P serves as column i; dividing by the target's diagonal gives row i of B. */
static void store_exact(const struct ridge *ridge, const float *inverse, const uint32_t *items, size_t count,
                        struct sparse_rows *rows)
{
    struct working_row *row = &ridge->working[0];
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < count; k++)
            if (k != i)
                working_row_add(row, items[k], -inverse[i * count + k] / inverse[k * count + k]);
        sparse_rows_store(rows, items[i], row, ridge->members->trend);
        working_row_clear(row);
    }
}

struct exact {
    const struct ridge *ridge;
    double strength;
    const uint32_t *items;
    size_t count;
    const float *gram;
    float *inverse;
    struct sparse_rows *rows;
};

static void compute_strength(void *context, size_t piece, unsigned thread)
{
    const struct exact *exact = context;
    size_t count = exact->count;
    (void)piece;
    (void)thread;
    memcpy(exact->inverse, exact->gram, count * count * sizeof(*exact->gram));
    for (size_t i = 0; i < count; i++)
        exact->inverse[i * count + i] += (float)(exact->strength * exact->ridge->mean_diagonal);
    if (dense_invert(exact->inverse, count, exact->ridge->steps->threads))
        store_exact(exact->ridge, exact->inverse, exact->items, count, exact->rows);
}

static void compute_exact(struct ridge *ridge, struct sparse_rows *rows)
{
    const struct learning *learning = ridge->members->learning;
    uint32_t *numbers = memory_alloc(learning->item_count, sizeof(*numbers));
    uint32_t *items = memory_alloc(learning->item_count, sizeof(*items));
    size_t count = number_items(learning, numbers, items);
    float *gram = memory_alloc(count * count, sizeof(*gram));
    float *inverse = memory_alloc(count * count, sizeof(*inverse));
    fill_gram(ridge, numbers, count, gram);
    for (size_t s = 0; s < ridge->strength_count; s++) {
        struct exact exact = {ridge, ridge->strengths[s], items, count, gram, inverse, &rows[s]};
        const struct step_part part = {
            .rows = &rows[s], .count = learning->item_count, .per_piece = learning->item_count};
        sparse_rows_create(&rows[s], learning->item_count, count < ROW_MAX ? count : ROW_MAX);
        steps_run(ridge->steps, "ridge", 1, compute_strength, &exact, &part, 1);
    }
    memory_free(numbers);
    memory_free(items);
    memory_free(gram);
    memory_free(inverse);
}

/* ---- on neighbours */

static size_t find_neighbours(const struct ridge *ridge, uint32_t item, struct working_row *row)
{
    const struct members *members = ridge->members;
    uint32_t *neighbours = ridge->neighbours + (size_t)item * RIDGE_NEIGHBOURS;
    members_add_row(members, MEMBER_GRAM, item, 1, row);
    for (size_t i = 0; i < row->count; i++) { /* as sources of this target, not the other way round */
        uint32_t other = row->items[i];
        row->values[other] *= members->source_scales[other] / members->target_scales[other];
    }
    size_t count = working_row_best(row, RIDGE_NEIGHBOURS, true);
    working_row_clear(row);
    for (size_t i = 0; i < count; i++)
        neighbours[i] = row->best[i].item;
    ridge->neighbour_counts[item] = (uint32_t)count;
    return count;
}

/* The Gram matrix of the neighbours and, last, the target. */
static void fill_local(const struct ridge *ridge, struct local *local, const uint32_t *items, size_t count)
{
    const struct learning *learning = ridge->members->learning;
    memset(local->gram, 0, count * count * sizeof(*local->gram));
    for (size_t i = 0; i < count; i++)
        local->places[items[i]] = (int16_t)i;
    if (ridge->pairs)
        cooccurrence_fill(ridge->pairs, items, count, local->places, local->gram);
    for (size_t i = 0; i < count && !ridge->pairs; i++) {
        float *line = local->gram + i * count;
        uint32_t item = items[i];
        for (size_t k = learning->item_starts[item]; k < learning->item_starts[item + 1]; k++) {
            uint32_t user = learning->item_users[k];
            float scaled = ridge->user_scales[user] * learning->item_strengths[k];
            for (size_t m = learning->user_starts[user]; m < learning->user_starts[user + 1]; m++) {
                int16_t place = local->places[learning->items[m]];
                if (place >= 0)
                    line[place] += scaled * learning->strengths[m];
            }
        }
    }
    for (size_t i = 0; i < count; i++)
        local->places[items[i]] = -1;
}

/* A system that is not positive definite (only rounding can make one) leaves the solution 0: no weights. */
static void solve_local(const struct ridge *ridge, struct local *local, uint32_t item, size_t count)
{
    size_t wide = count + 1, targets = ridge->members->learning->item_count;
    for (size_t s = 0; s < ridge->strength_count; s++) {
        float *solution = ridge->solutions + ((s * targets) + item) * RIDGE_NEIGHBOURS;
        for (size_t i = 0; i < count; i++) {
            memcpy(local->system + i * count, local->gram + i * wide, count * sizeof(float));
            local->system[i * count + i] += (float)(ridge->strengths[s] * ridge->mean_diagonal);
            local->right[i] = local->gram[i * wide + count];
        }
        if (dense_solve(local->system, count, local->right))
            memcpy(solution, local->right, count * sizeof(float));
    }
}

static void compute_piece(void *context, size_t piece, unsigned thread)
{
    struct ridge *ridge = context;
    size_t end = (piece + 1) * PIECE, total = ridge->members->learning->item_count;
    uint32_t items[RIDGE_NEIGHBOURS + 1];
    for (size_t item = piece * PIECE; item < end && item < total; item++) {
        size_t count = find_neighbours(ridge, (uint32_t)item, &ridge->working[thread]);
        if (!count)
            continue;
        memcpy(items, ridge->neighbours + item * RIDGE_NEIGHBOURS, count * sizeof(*items));
        items[count] = (uint32_t)item;
        fill_local(ridge, &ridge->local[thread], items, count + 1);
        solve_local(ridge, &ridge->local[thread], (uint32_t)item, count);
    }
}

/* Where each source's targets go. */
static size_t *count_sources(const struct ridge *ridge)
{
    size_t total = ridge->members->learning->item_count;
    size_t *starts = memory_alloc(total + 1, sizeof(*starts));
    for (size_t target = 0; target < total; target++)
        for (size_t i = 0; i < ridge->neighbour_counts[target]; i++)
            starts[ridge->neighbours[target * RIDGE_NEIGHBOURS + i] + 1]++;
    for (size_t i = 0; i < total; i++)
        starts[i + 1] += starts[i];
    return starts;
}

/* Room for at most ROW_MAX of them. */
static size_t *cut_sources(const size_t *starts, size_t total)
{
    size_t *cut = memory_alloc(total + 1, sizeof(*cut));
    for (size_t i = 0; i < total; i++)
        cut[i + 1] = cut[i] + (starts[i + 1] - starts[i] < ROW_MAX ? starts[i + 1] - starts[i] : ROW_MAX);
    return cut;
}

/* Columns become rows of their own lengths, the strongest ROW_MAX entries each. */
static void store_local(const struct ridge *ridge, const float *solutions, struct sparse_rows *rows)
{
    size_t total = ridge->members->learning->item_count;
    size_t *starts = count_sources(ridge);
    struct weighted_item *entries = memory_alloc(starts[total], sizeof(*entries));
    sparse_rows_create_uneven(rows, (uint32_t)total, cut_sources(starts, total));
    for (size_t target = 0; target < total; target++)
        for (size_t i = 0; i < ridge->neighbour_counts[target]; i++)
            entries[starts[ridge->neighbours[target * RIDGE_NEIGHBOURS + i]]++] = (struct weighted_item){
                .weight = solutions[target * RIDGE_NEIGHBOURS + i], .item = (uint32_t)target};
    for (size_t item = 0, start = 0; item < total; start = starts[item++]) { /* starts are moved on by one */
        for (size_t i = start; i < starts[item]; i++)
            working_row_add(&ridge->working[0], entries[i].item, entries[i].weight);
        sparse_rows_store(rows, (uint32_t)item, &ridge->working[0], ridge->members->trend);
        working_row_clear(&ridge->working[0]);
    }
    memory_free(starts);
    memory_free(entries);
}

static void create_local(struct local *local, size_t item_count)
{
    size_t wide = RIDGE_NEIGHBOURS + 1;
    local->places = memory_alloc(item_count, sizeof(*local->places));
    memset(local->places, 0xff, item_count * sizeof(*local->places));
    local->gram = memory_alloc(wide * wide, sizeof(float));
    local->system = memory_alloc(wide * wide, sizeof(float));
    local->right = memory_alloc(wide, sizeof(float));
}

static void release_local(struct local *local)
{
    memory_free(local->places);
    memory_free(local->gram);
    memory_free(local->system);
    memory_free(local->right);
}

static void solve_all(struct ridge *ridge, size_t total)
{
    struct step_part parts[2 + RIDGE_STRENGTHS_MAX] = {
        {ridge->neighbours, RIDGE_NEIGHBOURS * sizeof(uint32_t), NULL, total, PIECE},
        {ridge->neighbour_counts, sizeof(uint32_t), NULL, total, PIECE},
    };
    for (size_t s = 0; s < ridge->strength_count; s++)
        parts[2 + s] = (struct step_part){ridge->solutions + s * total * RIDGE_NEIGHBOURS,
                                          RIDGE_NEIGHBOURS * sizeof(float), NULL, total, PIECE};
    steps_run(ridge->steps, "ridge", (total + PIECE - 1) / PIECE, compute_piece, ridge, parts,
              2 + ridge->strength_count);
}

static void compute_on_neighbours(struct ridge *ridge, struct sparse_rows *rows)
{
    size_t total = ridge->members->learning->item_count;
    struct local local[TRAINER_THREADS_MAX];
    ridge->local = local;
    if (cooccurrence_is_worth_it(ridge->members->learning))
        ridge->pairs = cooccurrence_create(ridge->members->learning, ridge->user_scales, ridge->steps);
    for (unsigned i = 0; i < ridge->steps->threads; i++)
        create_local(&local[i], total);
    ridge->neighbours = memory_alloc(total * RIDGE_NEIGHBOURS, sizeof(uint32_t));
    ridge->neighbour_counts = memory_alloc(total, sizeof(uint32_t));
    ridge->solutions = memory_alloc(ridge->strength_count * total * RIDGE_NEIGHBOURS, sizeof(float));
    solve_all(ridge, total);
    cooccurrence_destroy(ridge->pairs);
    for (unsigned i = 0; i < ridge->steps->threads; i++)
        release_local(&local[i]);
    for (size_t s = 0; s < ridge->strength_count; s++)
        store_local(ridge, ridge->solutions + s * total * RIDGE_NEIGHBOURS, &rows[s]);
    memory_free(ridge->neighbours);
    memory_free(ridge->neighbour_counts);
    memory_free(ridge->solutions);
}

void ridge_compute(const struct members *members, const double *strengths, size_t count,
                   struct trainer_steps *steps, struct sparse_rows *rows)
{
    struct working_row working[TRAINER_THREADS_MAX];
    struct ridge ridge = {.members = members,
                          .strengths = strengths,
                          .strength_count = count,
                          .steps = steps,
                          .working = working};
    uint32_t active = 0;
    compute_user_scales(&ridge);
    for (unsigned i = 0; i < steps->threads; i++)
        working_row_create(&working[i], members->learning->item_count);
    for (uint32_t item = 0; item < members->learning->item_count; item++)
        active += members->learning->item_counts[item] > 0;
    if (active <= RIDGE_EXACT_MAX)
        compute_exact(&ridge, rows);
    else
        compute_on_neighbours(&ridge, rows);
    for (unsigned i = 0; i < steps->threads; i++)
        working_row_release(&working[i]);
    memory_free(ridge.user_scales);
}
