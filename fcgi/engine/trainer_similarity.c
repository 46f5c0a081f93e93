/* Item-to-item similarities, one row at a time; see trainer.h for what is computed.
 *
 * Memory is that of the interactions (user x item) in both orders and one dense row. */
#include "base/memory.h"
#include "engine/trainer_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    USER_ITEMS_MAX = 500, /* the work for a user grows with the square of it */
    ROW_MAX = 200,
    SUPPORT_MIN = 2, /* common users; a single one says next to nothing */
    PROGRESS_STEP = 256,
};
static const double half_life = 90; /* days */
static const double shrinkage = 2;  /* in common users */

struct interaction {
    uint32_t item; /* rank */
    double weight; /* decayed */
    int64_t time;  /* of the newest event */
};

/* A sparse matrix by rows: of users, or of items. */
struct matrix {
    size_t *starts; /* rows + 1 */
    uint32_t *columns;
    double *weights;
};

static void matrix_release(struct matrix *matrix)
{
    memory_free(matrix->starts);
    memory_free(matrix->columns);
    memory_free(matrix->weights);
}

#define COMPARE(left, right) (((left) > (right)) - ((left) < (right)))

static int compare_by_item(const void *left, const void *right)
{
    const struct interaction *a = left, *b = right;
    return COMPARE(a->item, b->item);
}

static int compare_newest_first(const void *left, const void *right)
{
    const struct interaction *a = left, *b = right;
    int order = COMPARE(b->time, a->time);
    return order ? order : COMPARE(a->item, b->item);
}

/* The events as interactions, grouped by user in order of arrival. *starts has users + 1 places. */
static struct interaction *group_by_user(const struct trainer *trainer, size_t **starts)
{
    uint32_t users = intern_count(trainer->users);
    int64_t reference = trainer_reference_time(trainer);
    size_t *ends = memory_alloc((size_t)users + 1, sizeof(*ends));
    struct interaction *grouped = memory_alloc(trainer->event_count, sizeof(*grouped));
    for (size_t i = 0; i < trainer->event_count; i++)
        ends[trainer->events[i].user + 1]++;
    for (uint32_t user = 0; user < users; user++)
        ends[user + 1] += ends[user];
    for (size_t i = 0; i < trainer->event_count; i++) { /* moves each start to the next one's */
        const struct trainer_event *event = &trainer->events[i];
        double age = trainer_age_in_days(reference, event->time);
        grouped[ends[event->user]++] = (struct interaction){
            .item = trainer->trained.ranks[event->item],
            .weight = (double)event->weight * exp2(-age / half_life),
            .time = event->time,
        };
    }
    memmove(ends + 1, ends, users * sizeof(*ends));
    ends[0] = 0;
    *starts = ends;
    return grouped;
}

/* Joins events of one item, keeps the newest items, in order of items. The number kept. */
static size_t merge_user(struct interaction *entries, size_t count)
{
    size_t merged = 0;
    qsort(entries, count, sizeof(*entries), compare_by_item);
    for (size_t i = 0; i < count; i++) {
        if (merged && entries[merged - 1].item == entries[i].item) {
            struct interaction *entry = &entries[merged - 1];
            entry->weight += entries[i].weight;
            entry->time = entries[i].time > entry->time ? entries[i].time : entry->time;
        } else {
            entries[merged++] = entries[i];
        }
    }
    if (merged > USER_ITEMS_MAX) {
        qsort(entries, merged, sizeof(*entries), compare_newest_first);
        merged = USER_ITEMS_MAX;
        qsort(entries, merged, sizeof(*entries), compare_by_item);
    }
    return merged;
}

/* Rows are users; each is scaled so that its products count with degree^-1/2. */
static struct matrix users_matrix(const struct trainer *trainer)
{
    uint32_t users = intern_count(trainer->users);
    struct matrix matrix;
    size_t kept = 0;
    struct interaction *entries = group_by_user(trainer, &matrix.starts);
    matrix.columns = memory_alloc(trainer->event_count, sizeof(*matrix.columns));
    matrix.weights = memory_alloc(trainer->event_count, sizeof(*matrix.weights));
    for (uint32_t user = 0; user < users; user++) {
        struct interaction *own = entries + matrix.starts[user];
        size_t count = merge_user(own, matrix.starts[user + 1] - matrix.starts[user]);
        double scale = count ? 1 / sqrt(sqrt((double)count)) : 0;
        matrix.starts[user] = kept;
        for (size_t i = 0; i < count; i++, kept++) {
            matrix.columns[kept] = own[i].item;
            matrix.weights[kept] = sqrt(own[i].weight) * scale;
        }
    }
    matrix.starts[users] = kept;
    memory_free(entries);
    return matrix;
}

static struct matrix transpose(const struct matrix *matrix, size_t rows, size_t columns)
{
    size_t count = matrix->starts[rows];
    struct matrix result = {
        .starts = memory_alloc(columns + 1, sizeof(size_t)),
        .columns = memory_alloc(count, sizeof(uint32_t)),
        .weights = memory_alloc(count, sizeof(double)),
    };
    for (size_t i = 0; i < count; i++)
        result.starts[matrix->columns[i] + 1]++;
    for (size_t column = 0; column < columns; column++)
        result.starts[column + 1] += result.starts[column];
    for (size_t row = 0; row < rows; row++) {
        for (size_t i = matrix->starts[row]; i < matrix->starts[row + 1]; i++) {
            size_t place = result.starts[matrix->columns[i]]++;
            result.columns[place] = (uint32_t)row;
            result.weights[place] = matrix->weights[i];
        }
    }
    memmove(result.starts + 1, result.starts, columns * sizeof(*result.starts));
    result.starts[0] = 0;
    return result;
}

struct neighbour {
    float weight;
    uint32_t item;
};

static int compare_neighbours(const void *left, const void *right)
{
    const struct neighbour *a = left, *b = right;
    int order = COMPARE(b->weight, a->weight);
    return order ? order : COMPARE(a->item, b->item);
}

/* One dense row, and which places of it are in use. */
struct row {
    double *products;
    uint32_t *support;
    uint32_t *items;
    size_t count;
    struct neighbour *neighbours;
};

static void accumulate_row(struct row *row, const struct matrix *users, const struct matrix *items,
                           uint32_t item)
{
    row->count = 0;
    for (size_t i = items->starts[item]; i < items->starts[item + 1]; i++) {
        uint32_t user = items->columns[i];
        for (size_t j = users->starts[user]; j < users->starts[user + 1]; j++) {
            uint32_t other = users->columns[j];
            if (row->support[other]++ == 0)
                row->items[row->count++] = other;
            row->products[other] += items->weights[i] * users->weights[j];
        }
    }
}

/* Turns the row into its best neighbours and clears it; their number. */
static size_t finish_row(struct row *row, const double *squares, uint32_t item)
{
    size_t found = 0;
    for (size_t i = 0; i < row->count; i++) {
        uint32_t other = row->items[i];
        double support = row->support[other], norm = sqrt(squares[item] * squares[other]);
        if (other != item && support >= SUPPORT_MIN && norm > 0)
            row->neighbours[found++] = (struct neighbour){
                .weight = (float)(row->products[other] / norm * support / (support + shrinkage)),
                .item = other,
            };
        row->products[other] = 0;
        row->support[other] = 0;
    }
    qsort(row->neighbours, found, sizeof(*row->neighbours), compare_neighbours);
    return found < ROW_MAX ? found : ROW_MAX;
}

static double *item_squares(const struct matrix *items, uint32_t count)
{
    double *squares = memory_alloc(count, sizeof(*squares));
    for (uint32_t item = 0; item < count; item++)
        for (size_t i = items->starts[item]; i < items->starts[item + 1]; i++)
            squares[item] += items->weights[i] * items->weights[i];
    return squares;
}

static void store_row(struct trained *trained, const struct row *row, size_t count, uint64_t start,
                      size_t *capacity)
{
    if (start + count > *capacity) {
        *capacity = *capacity * 2 + ROW_MAX;
        trained->row_targets = memory_resize(trained->row_targets, *capacity, sizeof(uint32_t));
        trained->row_weights = memory_resize(trained->row_weights, *capacity, sizeof(float));
    }
    for (size_t i = 0; i < count; i++) {
        trained->row_targets[start + i] = row->neighbours[i].item;
        trained->row_weights[start + i] = row->neighbours[i].weight;
    }
}

static void build_rows(struct trainer *trainer, const struct matrix *users, const struct matrix *items,
                       trainer_progress *progress, void *context)
{
    struct trained *trained = &trainer->trained;
    uint32_t count = intern_count(trainer->ids);
    size_t capacity = 0;
    double *squares = item_squares(items, count);
    struct row row = {
        .products = memory_alloc(count, sizeof(*row.products)),
        .support = memory_alloc(count, sizeof(*row.support)),
        .items = memory_alloc(count, sizeof(*row.items)),
        .neighbours = memory_alloc(count, sizeof(*row.neighbours)),
    };
    for (uint32_t item = 0; item < count; item++) {
        if (progress && item % PROGRESS_STEP == 0)
            progress(context, "similarities", item, count);
        accumulate_row(&row, users, items, item);
        size_t found = finish_row(&row, squares, item);
        store_row(trained, &row, found, trained->row_starts[item], &capacity);
        trained->row_starts[item + 1] = trained->row_starts[item] + found;
    }
    if (progress)
        progress(context, "similarities", count, count);
    memory_free(squares);
    memory_free(row.products);
    memory_free(row.support);
    memory_free(row.items);
    memory_free(row.neighbours);
}

void trainer_build_similarity(struct trainer *trainer, trainer_progress *progress, void *context)
{
    uint32_t count = intern_count(trainer->ids);
    trainer->trained.row_starts = memory_alloc((size_t)count + 1, sizeof(uint64_t));
    struct matrix users = users_matrix(trainer);
    struct matrix items = transpose(&users, intern_count(trainer->users), count);
    build_rows(trainer, &users, &items, progress, context);
    matrix_release(&users);
    matrix_release(&items);
}
