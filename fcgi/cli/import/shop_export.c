/* Product exports of shop systems; see shop_export.h.
 *
 * The problem: a shop owner has the file that the back office gives. Its columns have the system's names, its prices
 * are in two columns, its categories are paths in a cell, and one product stands in several rows, one for each
 * variant, image or language. Read row by row as it stands, a shop with 50 mugs in four colours has 200 of them.
 *
 * The rules: a format is recognised by columns that no other has. Its columns then get the names that Palate has for
 * them; what has no meaning for Palate becomes metadata under its own name. A row is a product or a part of one; a part
 * adds to its product the lowest price and whether it can be bought (products.c), and is else left out.
 *
 *   WooCommerce  part: Type variation, by Parent (SKU or id:N). active: Published 1 and not hidden. price: Sale
 *                price in its dates (shop_price.c), else Regular price.
 *   Shopify      part: a row without Title, by its handle, which is the id. active: Status active, published.
 *   PrestaShop   the names of the import form.
 *   Magento      part: a row of a store view, or not visible individually. The id is the sku.
 *   Merchant     the id is item_group_id where there is one; part: a further row of the same. price: sale_price,
 *                else price, whose second word is the currency.
 *
 * Categories keep their paths ("Kitchen > Mugs") and stand with | between them, the form that any table may use
 * (docs/import.md); Magento's root and its slashes, and the commas of the others, are put into it.
 *
 * Sources: the exports' own documentation, summed up in docs/import.md. What it does not do: it reads no translated
 * headers (WooCommerce writes them in the shop's language; --map names them). */
#include "cli/import/shop_export.h"

#include "base/decimal.h"
#include "base/json.h"
#include "base/json_write.h"
#include "base/moment.h"
#include "base/text.h"
#include "cli/import/shop_price.h"
#include "cli/import/table_header.h"

#include <string.h>
#include <strings.h>

/* ---- Values of a row */

/* Its place among the values; their number: it is not there. */
static size_t find_place(const struct record *record, const char *name)
{
    size_t place = 0;
    while (place < record->count && strcmp(record->values[place].name, name))
        place++;
    return place;
}

static const struct record_value *find_value(const struct record *record, const char *name)
{
    size_t place = find_place(record, name);
    return place < record->count ? &record->values[place] : NULL;
}

/* The text of a value; NULL when it is not there. */
static const char *text_of(const struct record *record, const char *name)
{
    const struct record_value *value = find_value(record, name);
    return value && value->text && !text_is_blank(value->text) ? value->text : NULL;
}

static void set_value(struct record *record, const char *name, const char *text, struct json_object *json)
{
    size_t place = find_place(record, name);
    if (place == RECORD_VALUES)
        return;
    record->count += place == record->count;
    record->values[place] = (struct record_value){.name = name, .text = text, .json = json};
}

/* A value of JSON from its text, which is good. */
static struct json_object *json_of(struct arena *arena, const char *text)
{
    struct json_object *value = NULL;
    const char *problem;
    return json_parse_arena(arena, text, strlen(text), &value, &problem) ? value : NULL;
}

static void set_flag(struct arena *arena, struct record *record, const char *name, bool flag)
{
    const char *text = flag ? "true" : "false";
    set_value(record, name, text, json_of(arena, text));
}

/* Takes one name in place of another where the first is not there. */
static void take_instead(struct record *record, const char *name, const char *other)
{
    const char *text = text_of(record, other);
    if (text && !text_of(record, name))
        set_value(record, name, text, NULL);
}

static void remove_private(struct record *record)
{
    size_t kept = 0;
    for (size_t i = 0; i < record->count; i++) {
        const char *name = record->values[i].name;
        if (name[0] != '~' || !strcmp(name, "~parent") || !strcmp(name, "~variations"))
            record->values[kept++] = record->values[i];
    }
    record->count = kept;
}

static bool is_yes(const char *text)
{
    static const char *const yes[] = {"1", "true", "yes", "active", "backorder", "notify", "continue"};
    for (size_t i = 0; text && i < sizeof(yes) / sizeof(yes[0]); i++) {
        if (!strcasecmp(text, yes[i]))
            return true;
    }
    return false;
}

static bool is_empty_word(const char *text)
{
    return !strcmp(text, "__EMPTY__VALUE__");
}

static bool is_among(const char *text, const char *const *words)
{
    while (text && *words && strcasecmp(text, *words) != 0)
        words++;
    return text && *words;
}

/* A list with commas as one with bars; "\," is a comma. */
static char *bar_list(struct arena *arena, const char *text)
{
    char *out = arena_copy_text(arena, text), *to = out;
    for (const char *at = text; *at; at++) {
        if (at[0] == '\\' && at[1] == ',')
            *to++ = *++at;
        else
            *to++ = *at == ',' ? '|' : *at;
    }
    *to = '\0';
    return out;
}

/* "Default Category/Gear/Bags,Default Category/New": without the root, with > between the steps. */
static const char *magento_paths(struct arena *arena, const char *text)
{
    const char *paths = "";
    char *at = arena_copy_text(arena, text);
    for (char *path; (path = strsep(&at, ",|"));) {
        bool first = true;
        (void)strsep(&path, "/"); /* the root */
        for (char *step; path && (step = strsep(&path, "/")); first = false)
            paths = arena_format(arena, "%s%s%s", paths, !first ? " > " : *paths ? "|" : "", step);
    }
    return *paths ? paths : text;
}

static struct json_object *list_of(struct arena *arena, const char *text)
{
    enum { PARTS = 64 };
    const char *parts[PARTS];
    size_t count = 0;
    char *at = bar_list(arena, text);
    for (char *part; count < PARTS && (part = strsep(&at, "|"));) {
        parts[count] = table_clean_name(arena, part);
        count += *parts[count] != '\0';
    }
    return json_of(arena, json_of_texts(arena, parts, count));
}

/* The first of a list of images. */
static void set_image(struct arena *arena, struct record *record)
{
    const char *images = text_of(record, "~images");
    if (images)
        set_value(record, "image_url",
                  table_clean_name(arena, arena_copy_bytes(arena, images, strcspn(images, ","))), NULL);
}

/* A price of a sale goes before the regular one while it lasts. */
static void set_price(struct arena *arena, struct record *record, enum shop_format format, int64_t now)
{
    const char *sale = text_of(record, "~sale");
    char currency[4];
    const struct shop_sale dates = {.from = text_of(record, "~sale_from"),
                                    .to = text_of(record, "~sale_to"),
                                    .dates = text_of(record, "~sale_dates")};
    if (sale && shop_price_is_sale(&dates, now))
        set_value(record, "price", sale, NULL);
    take_instead(record, "price", "~price");
    const char *price = text_of(record, "price");
    if (format == SHOP_MERCHANT && price && shop_price_currency(price, currency))
        set_value(record, "currency", arena_copy_text(arena, currency), NULL);
}

/* What is no time is left out: that of a product's making is no reason to refuse it. */
static void set_created(struct arena *arena, struct record *record)
{
    const char *text = text_of(record, "~created");
    char created[MOMENT_SIZE];
    int64_t milliseconds;
    if (!text || !shop_price_moment(text, &milliseconds))
        return;
    (void)moment_write(milliseconds, MOMENT_SECONDS, created);
    set_value(record, "created", arena_copy_text(arena, created), NULL);
}

/* Whether a piece of Magento's attributes begins with the code of one and "=". */
static bool begins_attribute(const char *piece)
{
    size_t length = strspn(piece, "abcdefghijklmnopqrstuvwxyz0123456789_");
    return length && piece[length] == '=';
}

/* A value without the quotes around it. */
static char *unquote(char *text)
{
    size_t length = strlen(text);
    if (length < 2 || *text != '"' || text[length - 1] != '"')
        return text;
    text[length - 1] = '\0';
    char *to = text;
    for (const char *from = text + 1; *from; from++) {
        *to++ = *from;
        from += from[0] == '"' && from[1] == '"';
    }
    *to = '\0';
    return text;
}

/* "code=value,code2=value2": each its own metadata. A comma before what is no code belongs to the value. */
static void set_attributes(struct arena *arena, struct record *record)
{
    const char *text = text_of(record, "~attributes");
    for (char *at = text ? arena_copy_text(arena, text) : NULL; at && *at;) {
        char *end = at, *next;
        do
            end = strchr(end + 1, ',');
        while (end && !begins_attribute(end + 1));
        next = end ? end + 1 : NULL;
        if (end)
            *end = '\0';
        char *value = begins_attribute(at) ? strchr(at, '=') : NULL;
        if (value) {
            *value++ = '\0';
            value = unquote(value);
        }
        if (value && *value && !is_empty_word(value) && !find_value(record, at))
            set_value(record, !strcmp(at, "manufacturer") ? "brand" : at, value, NULL);
        at = next;
    }
}

/* Magento's word for what is empty. */
static void drop_empty_words(struct record *record)
{
    size_t kept = 0;
    for (size_t i = 0; i < record->count; i++) {
        if (!record->values[i].text || !is_empty_word(record->values[i].text))
            record->values[kept++] = record->values[i];
    }
    record->count = kept;
}

/* WooCommerce puts an apostrophe before what a spreadsheet would take for a formula, and writes line feeds as \n. */
static void unescape_woocommerce(struct arena *arena, struct record *record)
{
    for (size_t i = 0; i < record->count; i++) {
        struct record_value *value = &record->values[i];
        if (value->text && value->text[0] == '\'' && value->text[1] && strchr("=+-@", value->text[1]))
            value->text++;
        if (!value->text || !strstr(value->text, "\\n"))
            continue;
        char *text = arena_copy_text(arena, value->text), *to = text;
        for (const char *from = value->text; *from; from++) {
            bool feed = from[0] == '\\' && from[1] == 'n';
            *to++ = feed ? '\n' : *from;
            from += feed;
        }
        *to = '\0';
        value->text = text;
    }
}

/* ---- Each format's own */

static enum shop_row shape_woocommerce(struct arena *arena, struct record *record)
{
    const char *type = text_of(record, "~type"), *stock = text_of(record, "~stock"),
               *visible = text_of(record, "~visibility");
    unescape_woocommerce(arena, record);
    if (text_of(record, "~published"))
        set_flag(arena, record, "active",
                 is_yes(text_of(record, "~published")) && !(visible && !strcasecmp(visible, "hidden")));
    if (stock)
        set_flag(arena, record, "in_stock", is_yes(stock));
    return type && !strncasecmp(type, "variation", strlen("variation")) ? SHOP_PART : SHOP_ITEM;
}

static enum shop_row shape_shopify(struct arena *arena, struct record *record)
{
    const char *published = text_of(record, "~published"), *status = text_of(record, "~status"),
               *quantity = text_of(record, "~quantity");
    bool priced = text_of(record, "price"), counted = text_of(record, "~tracker");
    double count = 0;
    take_instead(record, "category", "~category");
    take_instead(record, "category", "~type");
    if (published || status)
        set_flag(arena, record, "active", (!published || is_yes(published)) && (!status || is_yes(status)));
    if (priced && quantity)
        set_flag(arena, record, "in_stock",
                 !counted || is_yes(text_of(record, "~policy")) ||
                     (decimal_parse_amount(quantity, &count) && count > 0));
    const char *handle = text_of(record, "id");
    if (text_of(record, "name"))
        return SHOP_ITEM;
    set_value(record, "~parent", handle ? handle : "", NULL);
    return SHOP_PART;
}

static enum shop_row shape_prestashop(struct arena *arena, struct record *record)
{
    const char *quantity = text_of(record, "~quantity"), *visible = text_of(record, "~visibility");
    double count;
    if (visible && !strcasecmp(visible, "none"))
        set_flag(arena, record, "active", false);
    if (quantity && decimal_parse_amount(quantity, &count))
        set_flag(arena, record, "in_stock", count > 0 || is_yes(text_of(record, "~policy")));
    return SHOP_ITEM;
}

static enum shop_row shape_magento(struct arena *arena, struct record *record)
{
    drop_empty_words(record);
    const char *paths = text_of(record, "~paths"), *online = text_of(record, "~online"),
               *visible = text_of(record, "~visibility");
    if (paths)
        set_value(record, "category", magento_paths(arena, paths), NULL);
    if (online)
        set_flag(arena, record, "active", is_yes(online));
    if (text_of(record, "~stock"))
        set_flag(arena, record, "in_stock", is_yes(text_of(record, "~stock")));
    set_attributes(arena, record);
    bool hidden = visible && !strncasecmp(visible, "Not Visible", strlen("Not Visible"));
    return text_of(record, "~view") || hidden ? SHOP_PART : SHOP_ITEM;
}

static enum shop_row shape_merchant(struct arena *arena, struct record *record)
{
    static const char *const buyable[] =
        {"in stock", "in_stock",  "available for order",  "available_for_order",
         "preorder", "backorder", "limited_availability", NULL},
                             *const hidden[] = {"hidden", "staging", NULL};
    const char *available = text_of(record, "~availability"), *group = text_of(record, "~parent");
    take_instead(record, "category", "~type");
    take_instead(record, "category", "~category");
    if (available)
        set_flag(arena, record, "in_stock", is_among(available, buyable));
    if (is_among(text_of(record, "~visibility"), hidden))
        set_flag(arena, record, "active", false);
    if (group)
        set_value(record, "id", group, NULL);
    return SHOP_ITEM;
}

enum shop_row shop_export_shape(enum shop_format format, int64_t now, struct arena *arena,
                                struct record *record)
{
    static enum shop_row (*const shape[SHOP__MAX])(struct arena *,
                                                   struct record *) = {[SHOP_WOOCOMMERCE] = shape_woocommerce,
                                                                       [SHOP_SHOPIFY] = shape_shopify,
                                                                       [SHOP_PRESTASHOP] = shape_prestashop,
                                                                       [SHOP_MAGENTO] = shape_magento,
                                                                       [SHOP_MERCHANT] = shape_merchant};
    if (format == SHOP_NONE)
        return SHOP_ITEM;
    enum shop_row row = shape[format](arena, record);
    const char *categories = text_of(record, "~categories"), *tags = text_of(record, "~tags");
    if (categories)
        set_value(record, "category", bar_list(arena, categories), NULL);
    if (tags)
        set_value(record, "tags", NULL, list_of(arena, tags));
    take_instead(record, "description", "~short");
    set_image(arena, record);
    set_price(arena, record, format, now);
    set_created(arena, record);
    remove_private(record);
    return row;
}

/* ---- Parts */

static void join_price(struct record *item, const char *price)
{
    const char *other = text_of(item, "price");
    double amount, least;
    if (price && decimal_parse_amount(price, &amount) &&
        (!other || !decimal_parse_amount(other, &least) || amount < least))
        set_value(item, "price", price, NULL);
}

static void join_stock(struct record *item, struct arena *arena, bool in_stock)
{
    const struct record_value *other = find_value(item, "in_stock");
    if (!other || !json_object_get_boolean(other->json))
        set_flag(arena, item, "in_stock", in_stock);
}

void shop_export_add_part(struct record *item, struct arena *arena, const struct shop_part *part)
{
    join_price(item, part->price);
    if (part->knows_stock)
        join_stock(item, arena, part->in_stock);
}

struct shop_part shop_export_part(const struct record *row)
{
    const struct record_value *active = find_value(row, "active"), *stock = find_value(row, "in_stock");
    if (active && !json_object_get_boolean(active->json))
        return (struct shop_part){0}; /* nobody can buy it */
    return (struct shop_part){.price = text_of(row, "price"),
                              .knows_stock = stock,
                              .in_stock = stock && json_object_get_boolean(stock->json)};
}

const char *shop_export_part_key(enum shop_format format, const struct record *row)
{
    return text_of(row, format == SHOP_MAGENTO ? "id" : "~parent");
}

/* Magento's "sku=A,color=Red|sku=B": each part's sku. */
static size_t list_variations(struct arena *arena, const char *text, const char **keys)
{
    size_t count = 0;
    char *at = arena_copy_text(arena, text);
    for (char *part; count < SHOP_PART_KEYS && (part = strsep(&at, "|"));) {
        char *sku = strstr(part, "sku=");
        if (!sku)
            continue;
        sku += strlen("sku=");
        sku[strcspn(sku, ",")] = '\0';
        keys[count++] = sku;
    }
    return count;
}

size_t shop_export_keys_of_parts(enum shop_format format, struct arena *arena, const struct record *item,
                                 const char *keys[SHOP_PART_KEYS])
{
    const char *id = text_of(item, "id"), *sku = text_of(item, "sku"), *parent = text_of(item, "~parent"),
               *variations = text_of(item, "~variations");
    size_t count = 0;
    if (format == SHOP_MAGENTO)
        return variations ? list_variations(arena, variations, keys) : 0;
    if (format == SHOP_MERCHANT && parent)
        keys[count++] = parent;
    if (format == SHOP_WOOCOMMERCE && id)
        keys[count++] = arena_format(arena, "id:%s", id);
    if (format == SHOP_WOOCOMMERCE && sku)
        keys[count++] = sku;
    return count;
}

bool shop_export_is_part_of(enum shop_format format, const struct record *item, const struct record *part)
{
    const char *parent = text_of(part, "~parent"), *id = text_of(item, "id"), *sku = text_of(item, "sku");
    if (format == SHOP_MAGENTO || !parent || !id)
        return false; /* which product a variant of Magento is of stands with the product, not with the variant */
    bool by_number = !strncmp(parent, "id:", 3) && !strcmp(parent + 3, id);
    return by_number || !strcmp(parent, id) || (sku && !strcmp(parent, sku));
}
