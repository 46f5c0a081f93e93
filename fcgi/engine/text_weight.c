/* BM25F with fixed fields; see text_weight.h.
 *
 * The problem: "lamp" in a name says more than "lamp" in a description that also speaks of tables, a second
 * "lamp" says less than the first, and one in a text of ten words more than one in a text of three hundred.
 *
 * The idea: BM25F (Robertson, Zaragoza and Taylor, CIKM 2004). Each occurrence of a word in a field adds
 *
 *   w / (1 - b + b x words in the field / ordinary words)
 *
 * to the word's frequency f in the item, with the field's weight w (name 3, metadata value 1.5, description
 * 1) and slope b; only the sum is then saturated, so that a word in two fields is not worth two:
 *
 *   weight = f / (k1 + f), with k1 = 1.2
 *
 * How rare the word is in the catalogue is no matter of the item and is multiplied in by text_search.c.
 *
 * It differs from the paper in one thing: the ordinary length of a field is fixed (6, 3 and 60 words), not
 * the catalogue's average. An average would change with every item, and the weights of the model's items,
 * computed when training, would not agree with those of items that changed since.
 *
 * Cost: each text is split twice, first to count its words. Nothing is kept.
 *
 * It does not: weigh phrases or how near words stand to each other, or learn weights for fields. */
#include "engine/text_weight.h"

#include <math.h>
#include <string.h>
#include <strings.h>

/* length: words of an ordinary one; slope: how much a longer one weighs less. */
struct text_field {
    float weight, length, slope;
};

static const struct text_field field_name = {3, 6, 0.4F};
static const struct text_field field_value = {1.5F, 3, 0.3F};
static const struct text_field field_description = {1, 60, 0.6F};

struct visit {
    text_weight_visit *each;
    void *context;
    float frequency;
};

static bool count_word(void *context, const char *word, size_t length)
{
    size_t *count = context;
    (void)word;
    (void)length;
    ++*count;
    return true;
}

static bool visit_word(void *context, const char *word, size_t length)
{
    const struct visit *visit = context;
    visit->each(visit->context, word, length, visit->frequency);
    return true;
}

static void visit_text(const struct text_field *field, const char *text, struct visit *visit)
{
    size_t count = 0;
    if (!text || !*text)
        return;
    search_words_split(text, count_word, &count);
    float share = 1 - field->slope + field->slope * (float)count / field->length;
    visit->frequency = field->weight / share;
    search_words_split(text, visit_word, visit);
}

/* Does the last part of the path, "sku" of "variant.sku", name an article number? Compared without case and
 * without _, - and spaces. */
static bool is_code(const char *path)
{
    static const char *const names[] = {"id",
                                        "sku",
                                        "ean",
                                        "ean8",
                                        "ean13",
                                        "gtin",
                                        "gtin8",
                                        "gtin12",
                                        "gtin13",
                                        "gtin14",
                                        "upc",
                                        "isbn",
                                        "isbn10",
                                        "isbn13",
                                        "mpn",
                                        "asin",
                                        "barcode",
                                        "articlenumber",
                                        "articleno",
                                        "articleid",
                                        "itemnumber",
                                        "itemno",
                                        "productid",
                                        "productnumber",
                                        "productno",
                                        "productcode",
                                        "partnumber",
                                        "partno",
                                        "modelnumber",
                                        "ordernumber",
                                        "artikelnummer",
                                        "artikelnr",
                                        "manufacturernumber"};
    const char *dot = strrchr(path, '.');
    char plain[20];
    size_t length = 0;
    for (const char *at = dot ? dot + 1 : path; *at && length < sizeof(plain); at++) {
        if (!strchr("_- ", *at))
            plain[length++] = *at;
    }
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (strlen(names[i]) == length && !strncasecmp(plain, names[i], length))
            return true;
    }
    return false;
}

static bool is_brand(const char *path)
{
    const char *dot = strrchr(path, '.');
    return !strcasecmp(dot ? dot + 1 : path, "brand");
}

static void visit_field(const struct engine_field *field, struct visit *visit)
{
    char code[SEARCH_WORD_BYTES + 1] = {TEXT_WEIGHT_CODE};
    bool coded = is_code(field->path);
    if (isnan(field->number) || coded || is_brand(field->path))
        visit_text(&field_value, field->text, visit);
    size_t length = coded ? search_words_join(field->text, code + 1) : 0;
    if (length)
        visit->each(visit->context, code, length + 1, 1);
}

void text_weight_visit_item(const struct engine_item *item, text_weight_visit *each, void *context)
{
    struct visit visit = {each, context, 0};
    visit_text(&field_name, item->name, &visit);
    for (size_t i = 0; i < item->field_count; i++)
        visit_field(&item->fields[i], &visit);
    visit_text(&field_description, item->description, &visit);
}

float text_weight_of(float frequency)
{
    const float saturation = 1.2F; /* the k1 of BM25 */
    return frequency / (saturation + frequency);
}

uint8_t text_weight_in_byte(float frequency)
{
    float weight = text_weight_of(frequency) * UINT8_MAX + 0.5F;
    return weight < 1 ? 1 : (uint8_t)weight;
}
