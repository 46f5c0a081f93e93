/* The operators of filters; see filter_operator.h.
 *
 * Two things that a condition needs for one value, whatever the item: its operator's name, and whether the
 * value stands in the operator's relation to the condition's values.
 *
 * Membership (=, != and every IN) keeps the condition's values twice, sorted by text and sorted by number, so
 * that a value is found by two binary searches: IN with a thousand values costs ten comparisons, not a
 * thousand. Both lists are needed because two values compare as numbers only when both are numeric: the price
 * 1.0 is among (1, 'a'), but an item whose name is "1.0" is not, since names are texts.
 *
 * Deliberately no regular expressions, no collations and no case folding beyond ASCII: filters are exact, and
 * the same bytes must compare alike here, in the model's sorted columns and on every machine. */
#include "engine/filter_operator.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *const names[FILTER_OPERATOR__MAX] = {
    [FILTER_EQUAL] = "=",
    [FILTER_NOT_EQUAL] = "!=",
    [FILTER_LESS] = "<",
    [FILTER_LESS_EQUAL] = "<=",
    [FILTER_GREATER] = ">",
    [FILTER_GREATER_EQUAL] = ">=",
    [FILTER_LIKE] = "LIKE",
    [FILTER_NOT_LIKE] = "NOT LIKE",
    [FILTER_ILIKE] = "ILIKE",
    [FILTER_NOT_ILIKE] = "NOT ILIKE",
    [FILTER_IN] = "IN",
    [FILTER_NOT_IN] = "NOT IN",
    [FILTER_IN_FOLD] = "IN",
    [FILTER_EXISTS] = "EXISTS",
    [FILTER_NOT_EXISTS] = "NOT EXISTS",
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
        if (i != FILTER_IN_FOLD && strcmp(names[i], folded) == 0) {
            *op = (enum filter_operator)i;
            return true;
        }
    }
    return false;
}

/* ---- One value against a condition's */

static int compare_texts(const char *left, const char *right, bool fold)
{
    for (; *left && *right; left++, right++) {
        unsigned char a = (unsigned char)*left, b = (unsigned char)*right;
        int order = fold ? fold_byte(a) - fold_byte(b) : a - b;
        if (order)
            return order;
    }
    return (unsigned char)*left - (unsigned char)*right;
}

static int compare_by_text(const void *left, const void *right)
{
    return compare_texts(((const struct filter_value *)left)->text,
                         ((const struct filter_value *)right)->text, false);
}

static int compare_by_folded_text(const void *left, const void *right)
{
    return compare_texts(((const struct filter_value *)left)->text,
                         ((const struct filter_value *)right)->text, true);
}

static int compare_numbers(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

int filter_compare(const char *text, double number, const struct filter_value *value)
{
    if (!isnan(number) && !isnan(value->number))
        return compare_numbers(&number, &value->number);
    return compare_texts(text, value->text, false);
}

/* Is the value among the condition's? Numbers meet numbers as numbers, all else by text. */
static bool is_member(const struct filter_relation *relation, const char *text, double number)
{
    if (!isnan(number) && relation->number_count &&
        bsearch(&number, relation->numbers, relation->number_count, sizeof(number), compare_numbers))
        return true;
    if (!isnan(number) && relation->number_count == relation->value_count)
        return false;
    size_t low = 0, high = relation->value_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare_texts(relation->by_text[middle].text, text, relation->fold) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    /* Of equal texts, those that are both numeric do not count: they were compared as numbers above. */
    for (;
         low < relation->value_count && compare_texts(relation->by_text[low].text, text, relation->fold) == 0;
         low++)
        if (isnan(number) || isnan(relation->by_text[low].number))
            return true;
    return false;
}

static bool value_stands(const struct filter_relation *relation, const char *text, double number,
                         size_t place)
{
    const struct filter_value *value = &relation->by_text[place];
    switch (relation->positive) {
    case FILTER_LESS:
        return filter_compare(text, number, value) < 0;
    case FILTER_LESS_EQUAL:
        return filter_compare(text, number, value) <= 0;
    case FILTER_GREATER:
        return filter_compare(text, number, value) > 0;
    case FILTER_GREATER_EQUAL:
        return filter_compare(text, number, value) >= 0;
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
        return is_member(relation, text, number);
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

void filter_relation_compile(struct arena *arena, enum filter_operator op, const struct filter_value *values,
                             size_t count, struct filter_relation *relation)
{
    relation->positive = positive_form(op);
    relation->negated = op == FILTER_NOT_EQUAL || op == FILTER_NOT_LIKE || op == FILTER_NOT_ILIKE ||
                        op == FILTER_NOT_IN || op == FILTER_NOT_EXISTS;
    relation->fold = op == FILTER_IN_FOLD;
    bool is_like = relation->positive == FILTER_LIKE || relation->positive == FILTER_ILIKE;
    relation->has_text = is_like;
    relation->value_count = count;
    relation->likes = is_like ? arena_alloc(arena, count, sizeof(struct filter_like *)) : NULL;
    relation->by_text = arena_alloc(arena, count, sizeof(*relation->by_text));
    relation->numbers = arena_alloc(arena, count, sizeof(*relation->numbers));
    for (size_t i = 0; i < count; i++) {
        relation->by_text[i].text = arena_copy_text(arena, values[i].text);
        relation->by_text[i].number = values[i].number;
        if (is_like)
            relation->likes[i] =
                filter_like_compile(arena, values[i].text, relation->positive == FILTER_ILIKE);
        if (isnan(values[i].number))
            relation->has_text = true;
        else
            relation->numbers[relation->number_count++] = values[i].number;
    }
    if (relation->positive != FILTER_EQUAL)
        return;
    qsort(relation->by_text, count, sizeof(*relation->by_text),
          relation->fold ? compare_by_folded_text : compare_by_text);
    qsort(relation->numbers, relation->number_count, sizeof(*relation->numbers), compare_numbers);
}
