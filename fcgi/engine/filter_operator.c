/* The operators of filters; see filter_operator.h.
 *
 * Two things that a condition needs for one value, whatever the item: its operator's name, and whether the
 * value stands in the operator's relation to the condition's values.
 *
 * Membership (=, != and every IN) is of texts alone. Numbers have one spelling in the fields of items
 * (recommender/item_fields.h), and the condition's values are kept as they came and, where they are numbers, in
 * that spelling, too: so 10.0 finds the number 10 and the text "10.0", the article number "007" is found by 007
 * alone and "5E2" not by 500, and whole numbers are exact at any length. The texts are sorted, so that IN with a
 * thousand values costs ten comparisons.
 *
 * Bounds (<, <=, >, >=) are of numbers alone: a value without a number passes none.
 *
 * Deliberately no regular expressions and no collations: filters are exact, and the same bytes must compare
 * alike here, in the model's sorted columns and on every machine. Only categories are labels that people write
 * by hand, and compared as such (label.h): the condition's values are folded once, an item's on the way. */
#include "engine/filter_operator.h"

#include "base/decimal.h"
#include "engine/label.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *const names[FILTER_OPERATOR__MAX] = {
    [FILTER_EQUAL] = "=",       [FILTER_NOT_EQUAL] = "!=",
    [FILTER_LESS] = "<",        [FILTER_LESS_EQUAL] = "<=",
    [FILTER_GREATER] = ">",     [FILTER_GREATER_EQUAL] = ">=",
    [FILTER_LIKE] = "LIKE",     [FILTER_NOT_LIKE] = "NOT LIKE",
    [FILTER_ILIKE] = "ILIKE",   [FILTER_NOT_ILIKE] = "NOT ILIKE",
    [FILTER_IN] = "IN",         [FILTER_NOT_IN] = "NOT IN",
    [FILTER_IN_FOLD] = "IN",    [FILTER_NOT_IN_FOLD] = "NOT IN",
    [FILTER_EXISTS] = "EXISTS", [FILTER_NOT_EXISTS] = "NOT EXISTS",
};

const char *filter_operator_name(enum filter_operator op)
{
    return (unsigned)op < FILTER_OPERATOR__MAX ? names[op] : "?";
}

/* One byte with ASCII upper case folded to lower case. */
static unsigned char fold_byte(unsigned char byte)
{
    return byte >= 'A' && byte <= 'Z' ? (unsigned char)(byte + ('a' - 'A')) : byte;
}

/* Copies text with words in upper case and one blank between them; false when it does not fit. */
static bool fold_words(const char *text, char *folded, size_t size)
{
    size_t length = 0;
    while (*text) {
        bool space = *text == ' ' || (*text >= '\t' && *text <= '\r');
        if (space && (length == 0 || folded[length - 1] == ' ')) {
            text++;
            continue;
        }
        if (length + 1 == size)
            return false;
        unsigned char lower = fold_byte((unsigned char)*text++);
        folded[length++] = space                          ? ' '
                           : lower >= 'a' && lower <= 'z' ? (char)(lower - 'a' + 'A')
                                                          : (char)lower;
    }
    if (length && folded[length - 1] == ' ')
        length--;
    folded[length] = '\0';
    return true;
}

bool filter_operator_parse(const char *text, enum filter_operator *op)
{
    char folded[sizeof("NOT EXISTS ")];
    if (!fold_words(text, folded, sizeof(folded)))
        return false;
    for (unsigned i = 0; i < FILTER_OPERATOR__MAX; i++) {
        if (i != FILTER_IN_FOLD && i != FILTER_NOT_IN_FOLD && strcmp(names[i], folded) == 0) {
            *op = (enum filter_operator)i;
            return true;
        }
    }
    return false;
}

/* ---- One value against a condition's */

static int compare_by_text(const void *left, const void *right)
{
    return strcmp(((const struct filter_value *)left)->text, ((const struct filter_value *)right)->text);
}

/* The order of an item's value and the condition's. */
static int compare_to(const struct filter_relation *relation, const char *text, size_t place)
{
    const char *wanted = relation->by_text[place].text;
    return relation->fold ? label_compare(text, wanted) : strcmp(text, wanted);
}

int filter_order(const char *left, double left_number, const char *right, double right_number)
{
    if (isnan(left_number) != isnan(right_number))
        return isnan(left_number) ? 1 : -1;
    int order = isnan(left_number) ? 0 : decimal_compare(left, left_number, right, right_number);
    return order ? order : strcmp(left, right);
}

/* Is the text among the condition's? */
static bool is_member(const struct filter_relation *relation, const char *text)
{
    size_t low = 0, high = relation->value_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = compare_to(relation, text, middle);
        if (!order)
            return true;
        if (order > 0)
            low = middle + 1;
        else
            high = middle;
    }
    return false;
}

static bool is_within(enum filter_operator bound, const char *text, double number,
                      const struct filter_value *value)
{
    if (isnan(number) || isnan(value->number))
        return false;
    int order = decimal_compare(text, number, value->text, value->number);
    return bound == FILTER_LESS         ? order < 0
           : bound == FILTER_LESS_EQUAL ? order <= 0
           : bound == FILTER_GREATER    ? order > 0
                                        : order >= 0;
}

static bool value_stands(const struct filter_relation *relation, const char *text, double number,
                         size_t place)
{
    const struct filter_value *value = &relation->by_text[place];
    switch (relation->positive) {
    case FILTER_LESS:
    case FILTER_LESS_EQUAL:
    case FILTER_GREATER:
    case FILTER_GREATER_EQUAL:
        return is_within(relation->positive, text, number, value);
    case FILTER_LIKE:
    case FILTER_ILIKE:
        return filter_like_matches(relation->likes[place], text);
    default:
        return false; /* an operator outside the enumeration matches nothing */
    }
}

bool filter_relation_holds(const struct filter_relation *relation, const char *text, double number)
{
    if (relation->positive == FILTER_EXISTS)
        return true;
    if (relation->positive == FILTER_EQUAL)
        return is_member(relation, text);
    for (size_t i = 0; i < relation->value_count; i++)
        if (value_stands(relation, text, number, i))
            return true;
    return false;
}

static enum filter_operator positive_form(enum filter_operator op)
{
    switch (op) {
    case FILTER_NOT_EQUAL:
    case FILTER_IN:
    case FILTER_NOT_IN:
    case FILTER_IN_FOLD:
    case FILTER_NOT_IN_FOLD:
        return FILTER_EQUAL;
    case FILTER_NOT_LIKE:
        return FILTER_LIKE;
    case FILTER_NOT_ILIKE:
        return FILTER_ILIKE;
    case FILTER_NOT_EXISTS:
        return FILTER_EXISTS;
    default:
        return op;
    }
}

/* The one spelling of a value that is a number in another. */
static bool add_spelling(struct arena *arena, const char *text, struct filter_value *value)
{
    if (!decimal_is_plain(text))
        return false;
    char *spelled = arena_copy_text(arena, text);
    decimal_normalize(spelled);
    double number;
    *value = (struct filter_value){spelled, decimal_parse_amount(spelled, &number) ? number : (double)NAN};
    return strcmp(spelled, text) != 0;
}

void filter_relation_compile(struct arena *arena, enum filter_operator op, const struct filter_value *values,
                             size_t count, bool has_numbers, struct filter_relation *relation)
{
    relation->positive = positive_form(op);
    relation->negated = op == FILTER_NOT_EQUAL || op == FILTER_NOT_LIKE || op == FILTER_NOT_ILIKE ||
                        op == FILTER_NOT_IN || op == FILTER_NOT_IN_FOLD || op == FILTER_NOT_EXISTS;
    relation->fold = op == FILTER_IN_FOLD || op == FILTER_NOT_IN_FOLD;
    bool is_like = relation->positive == FILTER_LIKE || relation->positive == FILTER_ILIKE;
    relation->likes = is_like ? arena_alloc(arena, count, sizeof(struct filter_like *)) : NULL;
    relation->by_text = arena_alloc(arena, 2 * count, sizeof(*relation->by_text));
    relation->value_count = 0;
    for (size_t i = 0; i < count; i++) {
        const char *text =
            relation->fold ? label_fold(arena, values[i].text) : arena_copy_text(arena, values[i].text);
        relation->by_text[relation->value_count++] = (struct filter_value){text, values[i].number};
        if (is_like)
            relation->likes[i] = filter_like_compile(arena, text, relation->positive == FILTER_ILIKE);
        if (has_numbers && relation->positive == FILTER_EQUAL &&
            add_spelling(arena, text, &relation->by_text[relation->value_count]))
            relation->value_count++;
    }
    if (relation->positive == FILTER_EQUAL)
        qsort(relation->by_text, relation->value_count, sizeof(*relation->by_text), compare_by_text);
}
