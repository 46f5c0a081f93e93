/* The operators of filters: their names, and whether one value of an item stands in a condition's relation.
 *
 * Knows values only, neither items nor columns: filter.h makes conditions into filters. Owns nothing. */
#ifndef PALATE_ENGINE_FILTER_OPERATOR_H
#define PALATE_ENGINE_FILTER_OPERATOR_H

#include "base/arena.h"
#include "engine/filter_like.h"

#include <stdbool.h>
#include <stddef.h>

enum filter_operator {
    FILTER_EQUAL,
    FILTER_NOT_EQUAL,
    FILTER_LESS,
    FILTER_LESS_EQUAL,
    FILTER_GREATER,
    FILTER_GREATER_EQUAL,
    FILTER_LIKE,
    FILTER_NOT_LIKE,
    FILTER_ILIKE,
    FILTER_NOT_ILIKE,
    FILTER_IN,
    FILTER_NOT_IN,
    FILTER_IN_FOLD, /* IN for labels (label.h): case, accents and stray blanks ignored; the values of = and IN */
    FILTER_NOT_IN_FOLD, /* on a column of categories stand for it. Both have no text form of their own */
    FILTER_EXISTS,
    FILTER_NOT_EXISTS,
    FILTER_OPERATOR__MAX
};

/* "=", "!=", "<", "<=", ">", ">=", "LIKE", "NOT LIKE", "ILIKE", "NOT ILIKE", "IN", "NOT IN", "IN" and
 * "NOT IN" (fold), "EXISTS", "NOT EXISTS"; never NULL. */
const char *filter_operator_name(enum filter_operator op) __attribute__((returns_nonnull, const));

/* Reads one of these names: letters in any case, any white space between and around the words.
 * *op is set only on success. Never the forms that fold. */
bool filter_operator_parse(const char *text, enum filter_operator *op)
    __attribute__((nonnull, warn_unused_result));

struct filter_value {
    const char *text; /* never NULL */
    double
        number; /* what bounds compare; NAN where it is none. For "created" and "updated_at": Unix seconds */
};

/* An operator and its values, prepared to be compared with many values. What filter.h says of operators is
 * true of it, but for the negation, which is about all values of an item together. */
struct filter_relation {
    enum filter_operator positive; /* never a negative one; = stands for every form of IN */
    bool negated;                  /* the condition holds when the positive form does not */
    bool fold;                     /* values are labels, folded */
    struct filter_value
        *by_text; /* for =: sorted by text, numbers in their one spelling, too; else as given */
    size_t value_count;
    struct filter_like **likes; /* for LIKE and ILIKE: the values as patterns; else NULL */
};

/* Copies what it keeps of the values into the arena. has_numbers false: the column has texts alone, such as ids, and
 * 10.0 is not its 10. */
void filter_relation_compile(struct arena *arena, enum filter_operator op, const struct filter_value *values,
                             size_t count, bool has_numbers, struct filter_relation *relation)
    __attribute__((nonnull(1, 6)));

/* Does a value stand in the positive relation to any of the values? number is NAN where it has none; only bounds
 * read it, and only the others read the text of a value whose number is no whole one (decimal_compare). Patterns take work (filter_like.h). */
bool filter_relation_holds(const struct filter_relation *relation, const char *text, double number)
    __attribute__((nonnull, warn_unused_result));

/* The order in which a column's values stand: numbers first, by size, then texts, by their bytes, which also order
 * equal numbers. Below, at or above 0. */
int filter_order(const char *left, double left_number, const char *right, double right_number)
    __attribute__((nonnull, pure));

#endif
