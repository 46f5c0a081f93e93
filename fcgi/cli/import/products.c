/* Products of an export, each as one record; see products.h.
 *
 * A product is complete when a row comes that is no part of it, so it is held back until then. It and its parts share
 * an arena, the next product has the other one: when that is begun, the one before has just been handed out, and
 * lives until the next row. A row is shaped twice where it begins a product, once to see that it is no part of the
 * one before: that costs less than copying what was shaped. */
#include "cli/import/products.h"

#include "base/memory.h"

#include <string.h>

struct products {
    enum shop_format format;
    struct arena *arena, *before; /* of the product that is held, and of the one before it */
    struct record *held, *row;
    bool holds;
    uint64_t parts;
};

struct products *products_create(enum shop_format format)
{
    struct products *products = memory_alloc(1, sizeof(*products));
    *products = (struct products){.format = format,
                                  .arena = arena_create(),
                                  .before = arena_create(),
                                  .held = memory_alloc(1, sizeof(struct record)),
                                  .row = memory_alloc(1, sizeof(struct record))};
    return products;
}

void products_destroy(struct products *products)
{
    if (!products)
        return;
    arena_destroy(products->arena);
    arena_destroy(products->before);
    memory_free(products->held);
    memory_free(products->row);
    memory_free(products);
}

/* Names live as long as the table. */
static void copy_values(struct arena *arena, const struct record *from, struct record *to)
{
    to->format = from->format;
    to->line = from->line;
    to->raw = from->raw ? arena_copy_text(arena, from->raw) : NULL;
    to->count = from->count;
    for (size_t i = 0; i < from->count; i++) {
        to->values[i] = from->values[i];
        if (from->values[i].text)
            to->values[i].text = arena_copy_text(arena, from->values[i].text);
    }
}

/* What a caller gets: the values as they are, without what was for joining parts. */
static void hand_out(const struct record *from, struct record *to)
{
    to->format = from->format;
    to->line = from->line;
    to->raw = from->raw;
    to->count = 0;
    for (size_t i = 0; i < from->count; i++) {
        if (from->values[i].name[0] != '~')
            to->values[to->count++] = from->values[i];
    }
}

static bool is_part(struct products *products, const struct record *row)
{
    copy_values(products->arena, row, products->row);
    enum shop_row kind = shop_export_shape(products->format, products->arena, products->row);
    return (products->holds && shop_export_join(products->format, products->held, products->row)) ||
           kind == SHOP_PART;
}

bool products_take(struct products *products, const struct record *row, struct record *record)
{
    bool held = products->holds;
    if (is_part(products, row)) {
        products->parts++;
        return false;
    }
    struct arena *arena = products->before;
    arena_reset(arena);
    copy_values(arena, row, products->row);
    shop_export_shape(products->format, arena, products->row);
    if (held)
        hand_out(products->held, record);
    struct record *next = products->row;
    products->row = products->held;
    products->held = next;
    products->before = products->arena;
    products->arena = arena;
    products->holds = true;
    return held;
}

bool products_end(struct products *products, struct record *record)
{
    if (!products->holds)
        return false;
    hand_out(products->held, record);
    products->holds = false;
    return true;
}

uint64_t products_part_count(const struct products *products)
{
    return products->parts;
}
