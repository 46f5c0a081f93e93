/* Working rows and finished rows; see sparse.h.
 *
 * Sparse rows are added up in a dense array with a list of the places in use: adding is one test and one
 * addition, clearing costs what was used, and no hash table is involved. One such row per thread serves all
 * items in turn.
 *
 * The strongest entries of a row are found by selection (Hoare's quickselect, CACM 1961), linear in the
 * number of entries on average, and only those are sorted. Order is by absolute value, since ridge weights
 * are signed and a strong "not this" is worth keeping; ties go by the smaller item number, so that results do
 * not depend on the order of additions. Values that are not finite or exactly 0 are dropped.
 *
 * Finished rows stand in one block, with equal room for every item or, where the lengths are known and
 * uneven, with starts of their own. */
#include "training/learn/sparse.h"

#include "base/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void working_row_create(struct working_row *row, uint32_t item_count)
{
    row->values = memory_alloc(item_count, sizeof(*row->values));
    row->used = memory_alloc(item_count, sizeof(*row->used));
    row->items = memory_alloc(item_count, sizeof(*row->items));
    row->best = memory_alloc(item_count, sizeof(*row->best));
    row->count = 0;
}

void working_row_release(struct working_row *row)
{
    memory_free(row->values);
    memory_free(row->used);
    memory_free(row->items);
    memory_free(row->best);
}

void working_row_clear(struct working_row *row)
{
    for (size_t i = 0; i < row->count; i++) {
        row->values[row->items[i]] = 0;
        row->used[row->items[i]] = false;
    }
    row->count = 0;
}

void working_row_use_all(struct working_row *row, uint32_t item_count)
{
    for (uint32_t item = 0; item < item_count && row->count < item_count; item++) {
        if (!row->used[item])
            row->items[row->count++] = item;
        row->used[item] = true;
    }
}

static bool is_before(const struct weighted_item *left, const struct weighted_item *right)
{
    float a = fabsf(left->weight), b = fabsf(right->weight);
    return a > b || (a == b && left->item < right->item);
}

static int compare_entries(const void *left, const void *right)
{
    return is_before(left, right) ? -1 : is_before(right, left);
}

static void swap_entries(struct weighted_item *left, struct weighted_item *right)
{
    struct weighted_item held = *left;
    *left = *right;
    *right = held;
}

/* Hoare's selection: afterwards the first limit entries are the best ones. */
static void select_best(struct weighted_item *entries, size_t count, size_t limit)
{
    ptrdiff_t low = 0, high = (ptrdiff_t)count - 1, wanted = (ptrdiff_t)limit - 1;
    while (low < high) {
        struct weighted_item pivot = entries[low + (high - low) / 2];
        ptrdiff_t left = low, right = high;
        while (left <= right) {
            while (is_before(&entries[left], &pivot))
                left++;
            while (is_before(&pivot, &entries[right]))
                right--;
            if (left <= right)
                swap_entries(&entries[left++], &entries[right--]);
        }
        if (wanted <= right)
            high = right;
        else if (wanted >= left)
            low = left;
        else
            return;
    }
}

size_t working_row_best(struct working_row *row, size_t limit, bool positive)
{
    size_t found = 0;
    for (size_t i = 0; i < row->count; i++) {
        float value = row->values[row->items[i]];
        if (isfinite(value) && (positive ? value > 0 : value != 0))
            row->best[found++] = (struct weighted_item){.weight = value, .item = row->items[i]};
    }
    if (found > limit) {
        select_best(row->best, found, limit);
        found = limit;
    }
    qsort(row->best, found, sizeof(*row->best), compare_entries);
    return found;
}

void sparse_rows_create(struct sparse_rows *rows, uint32_t item_count, size_t width)
{
    rows->item_count = item_count;
    rows->width = width;
    rows->starts = NULL;
    rows->lengths = memory_alloc(item_count, sizeof(*rows->lengths));
    rows->entries = memory_alloc((size_t)item_count * width, sizeof(*rows->entries));
}

void sparse_rows_create_uneven(struct sparse_rows *rows, uint32_t item_count, size_t *starts)
{
    rows->item_count = item_count;
    rows->width = 0;
    rows->starts = starts;
    for (uint32_t item = 0; item < item_count; item++)
        if (starts[item + 1] - starts[item] > rows->width)
            rows->width = starts[item + 1] - starts[item];
    rows->lengths = memory_alloc(item_count, sizeof(*rows->lengths));
    rows->entries = memory_alloc(starts[item_count], sizeof(*rows->entries));
}

void sparse_rows_release(struct sparse_rows *rows)
{
    memory_free(rows->starts);
    memory_free(rows->lengths);
    memory_free(rows->entries);
    memset(rows, 0, sizeof(*rows));
}

/* Factors steer the choice alone: what is stored is the plain value, divided back. */
void sparse_rows_store(struct sparse_rows *rows, uint32_t item, struct working_row *row, const float *factors)
{
    struct weighted_item *entries = sparse_rows_of(rows, item);
    for (size_t i = 0; factors && i < row->count; i++)
        row->values[row->items[i]] *= factors[row->items[i]];
    size_t count = working_row_best(row, sparse_rows_capacity(rows, item), false);
    for (size_t i = 0; i < count; i++) {
        entries[i] = row->best[i];
        if (factors)
            entries[i].weight /= factors[entries[i].item];
    }
    rows->lengths[item] = (uint32_t)count;
}

void sparse_rows_sort(struct sparse_rows *rows, uint32_t item)
{
    if (rows->lengths[item])
        qsort(sparse_rows_of(rows, item), rows->lengths[item], sizeof(*rows->entries), compare_entries);
}
