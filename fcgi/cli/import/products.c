/* Products of an export, each as one record; see products.h.
 *
 * A part tells its product the price and whether it can be bought. It may stand anywhere: Magento's variants come before
 * their product, WooCommerce's by their number, so that one that was added later comes at the end. So a file that can
 * be read twice is: the first time only what parts add is noted, a few words for each product, by a hash of its name.
 *
 * A product is complete when a row comes that is no part of it, so it is held back until then. It and its parts share
 * an arena, the next product has the other one: when that is begun, the one before has just been handed out, and
 * lives until the next row. A row is shaped twice where it begins a product, once to see that it is no part of the
 * one before: that costs less than copying what was shaped. */
#include "cli/import/products.h"

#include "base/decimal.h"
#include "base/hash.h"
#include "base/memory.h"

#include <string.h>

enum { FIRST_NOTED = 256 };

struct products {
    enum shop_format format;
    int64_t now;                  /* Unix ms */
    struct arena *arena, *before; /* of the product that is held, and of the one before it */
    struct record *held, *row;
    bool holds;
    uint64_t parts;
    struct arena *noted;           /* the texts of what follows */
    struct hash_map places;        /* hash of a part's key: its place in of_products, from 1 */
    struct shop_part *of_products; /* what all parts of one key add together */
    size_t noted_count, noted_room;
    struct hash_map given; /* hash of an id: that product has begun */
};

struct products *products_create(enum shop_format format, int64_t now)
{
    struct products *products = memory_alloc(1, sizeof(*products));
    *products = (struct products){.format = format,
                                  .now = now,
                                  .arena = arena_create(),
                                  .before = arena_create(),
                                  .noted = arena_create(),
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
    arena_destroy(products->noted);
    hash_map_clear(&products->places);
    hash_map_clear(&products->given);
    memory_free(products->of_products);
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

/* ---- Parts that stand elsewhere */

static uint64_t hash_key(const char *key)
{
    return hash_finish(hash_bytes(HASH_START, key, strlen(key)));
}

static bool is_cheaper(const char *price, const char *than)
{
    double amount, other;
    return price && decimal_parse_amount(price, &amount) &&
           (!than || !decimal_parse_amount(than, &other) || amount < other);
}

static struct shop_part *find_noted(struct products *products, const char *key)
{
    uint64_t hash = hash_key(key), place = hash_map_get(&products->places, hash);
    if (place)
        return &products->of_products[place - 1];
    if (products->noted_count == products->noted_room) {
        products->noted_room = products->noted_room ? 2 * products->noted_room : FIRST_NOTED;
        products->of_products =
            memory_resize(products->of_products, products->noted_room, sizeof(*products->of_products));
    }
    products->of_products[products->noted_count] = (struct shop_part){0};
    hash_map_set(&products->places, hash, ++products->noted_count);
    return &products->of_products[products->noted_count - 1];
}

void products_note(struct products *products, const struct record *row)
{
    arena_reset(products->arena);
    copy_values(products->arena, row, products->row);
    enum shop_row kind = shop_export_shape(products->format, products->now, products->arena, products->row);
    const char *key = shop_export_part_key(products->format, products->row);
    if (!key || (kind == SHOP_ITEM && products->format != SHOP_MERCHANT))
        return;
    struct shop_part part = shop_export_part(products->row), *noted = find_noted(products, key);
    if (is_cheaper(part.price, noted->price))
        noted->price = arena_copy_text(products->noted, part.price);
    noted->knows_stock = noted->knows_stock || part.knows_stock;
    noted->in_stock = noted->in_stock || part.in_stock;
}

static void add_noted(struct products *products, struct arena *arena, struct record *item)
{
    const char *keys[SHOP_PART_KEYS];
    size_t count = products->noted_count ? shop_export_keys_of_parts(products->format, arena, item, keys) : 0;
    for (size_t i = 0; i < count; i++) {
        uint64_t place = hash_map_get(&products->places, hash_key(keys[i]));
        if (place)
            shop_export_add_part(item, arena, &products->of_products[place - 1]);
    }
}

/* ---- One product after the other */

/* A row of a group (Google, Meta) whose product has begun before, with other rows between. */
static bool is_given(struct products *products, const struct record *row)
{
    const char *group =
        products->format == SHOP_MERCHANT ? shop_export_part_key(products->format, row) : NULL;
    if (!group)
        return false;
    bool known = hash_map_get(&products->given, hash_key(group));
    hash_map_set(&products->given, hash_key(group), 1);
    return known;
}

static bool is_part(struct products *products, const struct record *row)
{
    copy_values(products->arena, row, products->row);
    enum shop_row kind = shop_export_shape(products->format, products->now, products->arena, products->row);
    if (!products->holds || !shop_export_is_part_of(products->format, products->held, products->row))
        return kind == SHOP_PART || is_given(products, products->row);
    const struct shop_part part = shop_export_part(products->row);
    shop_export_add_part(products->held, products->arena, &part);
    return true;
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
    shop_export_shape(products->format, products->now, arena, products->row);
    add_noted(products, arena, products->row);
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
