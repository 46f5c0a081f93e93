/* Turns the items' fields into columns for filters; see engine/model_format.h.
 *
 * A field is a path ("attributes.color") with a text and, where the text is one, a number. A column holds all
 * fields of one path: its distinct values once, and for each item the numbers (codes) of the values that it
 * has, so that a filter is compared with each distinct value once and then only codes are looked at.
 *
 * Done by sorting all fields twice: by column and value, which puts equal values together and numbers them,
 * then by column and item, which lists each item's codes in order. The order of a field within its item
 * breaks ties, so that the result is the same in every run.
 *
 * Numbers are compared by their bits, with all NaNs made one: two values are the same only if text and number
 * are. Columns are in bytewise order of their paths; the order of values within a column is settled later,
 * when the file is packed (pack.c).
 *
 * Cost: O(f log f) for f fields, 40 bytes each while sorting. */
#include "base/memory.h"
#include "training/internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct cell {
    uint32_t column;
    uint32_t text;
    uint64_t bits; /* of the number, all NANs being one */
    uint32_t rank; /* of the item */
    uint32_t code; /* the value's number in its column */
    size_t place;  /* in trainer.fields: the order within the item */
};

static int compare_paths(const void *left, const void *right, void *context)
{
    const struct intern *paths = context;
    return strcmp(intern_text(paths, *(const uint32_t *)left), intern_text(paths, *(const uint32_t *)right));
}

#define COMPARE(left, right) (((left) > (right)) - ((left) < (right)))

static int compare_by_value(const void *left, const void *right)
{
    const struct cell *a = left, *b = right;
    int order = COMPARE(a->column, b->column);
    if (!order)
        order = COMPARE(a->text, b->text);
    if (!order)
        order = COMPARE(a->bits, b->bits);
    return order ? order : COMPARE(a->place, b->place);
}

static int compare_by_item(const void *left, const void *right)
{
    const struct cell *a = left, *b = right;
    int order = COMPARE(a->column, b->column);
    if (!order)
        order = COMPARE(a->rank, b->rank);
    return order ? order : COMPARE(a->place, b->place);
}

static void order_columns(struct trainer *trainer, uint32_t *columns)
{
    struct trained *trained = &trainer->trained;
    uint32_t count = intern_count(trainer->paths);
    trained->column_count = count;
    trained->column_paths = memory_alloc(count, sizeof(*trained->column_paths));
    for (uint32_t i = 0; i < count; i++)
        trained->column_paths[i] = i;
    qsort_r(trained->column_paths, count, sizeof(*trained->column_paths), compare_paths, trainer->paths);
    for (uint32_t i = 0; i < count; i++)
        columns[trained->column_paths[i]] = i;
}

static struct cell *collect_cells(const struct trainer *trainer, const uint32_t *columns)
{
    struct cell *cells = memory_alloc(trainer->field_count, sizeof(*cells));
    for (uint32_t item = 0; item < intern_count(trainer->ids); item++) {
        for (size_t i = 0; i < trainer->items[item].field_count; i++) {
            size_t place = trainer->items[item].field_first + i;
            const struct trainer_field *field = &trainer->fields[place];
            double number = isnan(field->number) ? (double)NAN : field->number;
            struct cell *cell = &cells[place];
            cell->column = columns[field->path];
            cell->text = field->text;
            memcpy(&cell->bits, &number, sizeof(cell->bits));
            cell->rank = trainer->trained.ranks[item];
            cell->place = place;
        }
    }
    return cells;
}

/* Cells come by value; gives each its code and lists the distinct values. */
static void number_values(struct trained *trained, struct cell *cells, size_t count)
{
    size_t values = 0;
    uint32_t column = 0;
    trained->value_texts = memory_alloc(count, sizeof(*trained->value_texts));
    trained->value_numbers = memory_alloc(count, sizeof(*trained->value_numbers));
    for (size_t i = 0; i < count; i++) {
        struct cell *cell = &cells[i];
        bool first = i == 0 || cell->column != cells[i - 1].column;
        while (column < cell->column)
            trained->column_first_values[++column] = values;
        if (first || cell->text != cells[i - 1].text || cell->bits != cells[i - 1].bits) {
            trained->value_texts[values] = cell->text;
            memcpy(&trained->value_numbers[values], &cell->bits, sizeof(cell->bits));
            values++;
        }
        cell->code = (uint32_t)(values - 1 - trained->column_first_values[column]);
    }
    while (column < trained->column_count)
        trained->column_first_values[++column] = values;
}

/* Cells come by item. */
static void list_codes(struct trained *trained, const struct cell *cells, size_t count, uint32_t items)
{
    size_t cell = 0;
    trained->codes = memory_alloc(count, sizeof(*trained->codes));
    trained->code_count = count;
    for (uint32_t column = 0; column < trained->column_count; column++) {
        uint64_t *starts = trained->code_starts + (size_t)column * ((size_t)items + 1);
        for (uint32_t rank = 0; rank < items; rank++) {
            starts[rank] = cell;
            for (; cell < count && cells[cell].column == column && cells[cell].rank == rank; cell++)
                trained->codes[cell] = cells[cell].code;
        }
        starts[items] = cell;
    }
}

void trainer_build_columns(struct trainer *trainer)
{
    struct trained *trained = &trainer->trained;
    size_t items = intern_count(trainer->ids), starts;
    uint32_t *columns = memory_alloc(intern_count(trainer->paths), sizeof(*columns)); /* by path */
    order_columns(trainer, columns);
    if (__builtin_mul_overflow(items + 1, (size_t)trained->column_count, &starts))
        memory_exhausted();
    trained->column_first_values = memory_alloc((size_t)trained->column_count + 1, sizeof(uint64_t));
    trained->code_starts = memory_alloc(starts, sizeof(*trained->code_starts));
    struct cell *cells = collect_cells(trainer, columns);
    qsort(cells, trainer->field_count, sizeof(*cells), compare_by_value);
    number_values(trained, cells, trainer->field_count);
    qsort(cells, trainer->field_count, sizeof(*cells), compare_by_item);
    list_codes(trained, cells, trainer->field_count, (uint32_t)items);
    memory_free(cells);
    memory_free(columns);
}
