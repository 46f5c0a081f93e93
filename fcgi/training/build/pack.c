/* Packs rows and columns into the form of the file; see engine/model_format.h for the bytes.
 *
 * Rows: a row of the model is a list of (item, signed weight). Stored are 32-bit words, one for each entry:
 * the distance from the item before in the lower half, and in the upper half the weight as a whole number of
 * units of the row's scale, which is the greatest absolute weight over MODEL_ROW_NUMBER_MAX. Entries stand in
 * rising order of items, so distances are small; one that does not fit is bridged by words of weight 0.
 * Entries that round to 0 are dropped. Half the size of a pair of integer and float, with an error of at most
 * half a unit.
 *
 * Columns: values get their final order, numbers first and rising, then texts bytewise, so that a comparison
 * is one range of codes. Codes are translated into that order. The same data are stored a second time,
 * inverted: for each value the items that have it, by which a filter that few items pass finds them without
 * looking at all.
 *
 * Both are pure functions of their inputs. Cost: O(n log n) in the entries of a row and in the values of a
 * column, linear in the rest. */
#include "training/build/pack.h"

#include "base/memory.h"
#include "engine/filter_operator.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- rows */

struct entry {
    uint32_t target;
    int32_t number;
};

static int compare_targets(const void *left, const void *right)
{
    const struct entry *a = left, *b = right;
    return (a->target > b->target) - (a->target < b->target);
}

static float greatest_weight(const float *weights, size_t count)
{
    float greatest = 0;
    for (size_t i = 0; i < count; i++)
        if (isfinite(weights[i]))
            greatest = fmaxf(greatest, fabsf(weights[i]));
    return greatest;
}

/* The entries that do not round to 0, by target; returns their number. */
static size_t round_entries(const uint32_t *targets, const float *weights, size_t count, float scale,
                            struct entry *entries)
{
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        double number = isfinite(weights[i]) ? nearbyint((double)weights[i] / (double)scale) : 0;
        number = fmin(fmax(number, -MODEL_ROW_NUMBER_MAX), MODEL_ROW_NUMBER_MAX);
        if (number != 0)
            entries[kept++] = (struct entry){targets[i], (int32_t)number};
    }
    qsort(entries, kept, sizeof(*entries), compare_targets);
    return kept;
}

static uint32_t word_of(uint32_t distance, int32_t number)
{
    return distance | (uint32_t)number << 16;
}

/* The words of one row; returns their number. */
static size_t write_row(const struct entry *entries, size_t count, float scale, uint32_t *words)
{
    size_t length = 1;
    uint32_t before = 0;
    if (!count)
        return 0;
    memcpy(words, &scale, sizeof(scale));
    for (size_t i = 0; i < count; i++) {
        for (; entries[i].target - before > MODEL_ROW_DISTANCE_MAX; before += MODEL_ROW_DISTANCE_MAX)
            words[length++] = word_of(MODEL_ROW_DISTANCE_MAX, 0);
        words[length++] = word_of(entries[i].target - before, entries[i].number);
        before = entries[i].target;
    }
    return length;
}

void packed_rows_create(struct packed_rows *packed, const struct trained_rows *rows, uint32_t items)
{
    uint64_t longest = 0, most = 0, bridges = items / MODEL_ROW_DISTANCE_MAX + 1;
    for (uint32_t item = 0; item < items; item++) {
        uint64_t count = rows->starts[item + 1] - rows->starts[item];
        longest = count > longest ? count : longest;
        most += count ? count + 1 + bridges : 0;
    }
    struct entry *entries = memory_alloc(longest, sizeof(*entries));
    packed->starts = memory_alloc((size_t)items + 1, sizeof(*packed->starts));
    packed->words = memory_alloc(most, sizeof(*packed->words));
    for (uint32_t item = 0; item < items; item++) {
        size_t first = rows->starts[item], count = rows->starts[item + 1] - first;
        float scale = greatest_weight(rows->weights + first, count) / MODEL_ROW_NUMBER_MAX;
        size_t kept = scale > 0
                          ? round_entries(rows->targets + first, rows->weights + first, count, scale, entries)
                          : 0;
        packed->starts[item + 1] =
            packed->starts[item] + write_row(entries, kept, scale, packed->words + packed->starts[item]);
    }
    memory_free(entries);
}

void packed_rows_release(struct packed_rows *packed)
{
    memory_free(packed->starts);
    memory_free(packed->words);
}

/* ---- columns */

struct value {
    double number;
    const char *text;
    uint32_t code;
};

static int compare_values(const void *left, const void *right)
{
    const struct value *a = left, *b = right;
    return filter_order(a->text, a->number, b->text, b->number);
}

/* New codes by old ones, counted over all columns. */
static uint32_t *order_values(struct packed_columns *packed, const struct trainer *trainer)
{
    const struct trained *trained = &trainer->trained;
    uint64_t count = trained->column_first_values[trained->column_count];
    struct value *values = memory_alloc(count, sizeof(*values));
    uint32_t *codes = memory_alloc(count, sizeof(*codes));
    for (uint32_t column = 0; column < trained->column_count; column++) {
        uint64_t first = trained->column_first_values[column], end = trained->column_first_values[column + 1];
        for (uint64_t i = first; i < end; i++)
            values[i] = (struct value){.number = trained->value_numbers[i],
                                       .text = intern_text(trainer->texts, trained->value_texts[i]),
                                       .code = (uint32_t)(i - first)};
        qsort(values + first, end - first, sizeof(*values), compare_values);
        for (uint64_t i = first; i < end; i++) {
            codes[first + values[i].code] = (uint32_t)(i - first);
            packed->value_numbers[i] = values[i].number;
            packed->value_texts[i] = trained->value_texts[first + values[i].code];
        }
    }
    memory_free(values);
    return codes;
}

static void translate_codes(struct packed_columns *packed, const struct trained *trained, uint32_t items,
                            const uint32_t *codes)
{
    for (uint32_t column = 0; column < trained->column_count; column++) {
        const uint64_t *starts = trained->code_starts + (size_t)column * ((size_t)items + 1);
        for (uint64_t i = starts[0]; i < starts[items]; i++)
            packed->codes[i] = codes[trained->column_first_values[column] + trained->codes[i]];
    }
}

/* Two passes, counting and then listing, share the walk; latest[] keeps an item that has a value twice from
 * being listed twice. */
static void visit_values(struct packed_columns *packed, const struct trained *trained, uint32_t items,
                         uint32_t *latest, bool list)
{
    uint64_t values = trained->column_first_values[trained->column_count];
    for (uint64_t value = 0; value < values; value++)
        latest[value] = UINT32_MAX;
    for (uint32_t column = 0; column < trained->column_count; column++) {
        const uint64_t *starts = trained->code_starts + (size_t)column * ((size_t)items + 1);
        for (uint32_t item = 0; item < items; item++) {
            for (uint64_t i = starts[item]; i < starts[item + 1]; i++) {
                uint64_t value = trained->column_first_values[column] + packed->codes[i];
                if (latest[value] == item)
                    continue;
                latest[value] = item;
                if (list)
                    packed->items[packed->item_starts[value]] = item;
                packed->item_starts[value]++;
            }
        }
    }
}

static void list_items(struct packed_columns *packed, const struct trained *trained, uint32_t items)
{
    uint64_t values = trained->column_first_values[trained->column_count], sum = 0;
    uint32_t *latest = memory_alloc(values, sizeof(*latest));
    visit_values(packed, trained, items, latest, false);
    for (uint64_t value = 0; value <= values; value++) {
        uint64_t count = packed->item_starts[value];
        packed->item_starts[value] = sum;
        sum += count;
    }
    visit_values(packed, trained, items, latest, true);
    memmove(packed->item_starts + 1, packed->item_starts, values * sizeof(*packed->item_starts));
    packed->item_starts[0] = 0; /* each had become the start of the next */
    memory_free(latest);
}

void packed_columns_create(struct packed_columns *packed, const struct trainer *trainer)
{
    const struct trained *trained = &trainer->trained;
    uint64_t values = trained->column_first_values[trained->column_count];
    uint32_t items = intern_count(trainer->ids);
    packed->value_texts = memory_alloc(values, sizeof(*packed->value_texts));
    packed->value_numbers = memory_alloc(values, sizeof(*packed->value_numbers));
    packed->codes = memory_alloc(trained->code_count, sizeof(*packed->codes));
    packed->item_starts = memory_alloc(values + 1, sizeof(*packed->item_starts));
    packed->items = memory_alloc(trained->code_count, sizeof(*packed->items));
    uint32_t *codes = order_values(packed, trainer);
    translate_codes(packed, trained, items, codes);
    list_items(packed, trained, items);
    memory_free(codes);
}

void packed_columns_release(struct packed_columns *packed)
{
    memory_free(packed->value_texts);
    memory_free(packed->value_numbers);
    memory_free(packed->codes);
    memory_free(packed->item_starts);
    memory_free(packed->items);
}
