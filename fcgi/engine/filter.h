/* Structured filters: one evaluator for contexts, requests and preferences.
 *
 * A filter is compiled once per request and then tested against items. For items as the model has them a
 * condition is evaluated on the distinct values of its column (by search, where their order allows it), so a
 * test only looks up codes; for changed and added items it is evaluated on their fields. Both give the same
 * answers. Owns nothing beyond the arena that it was compiled into. Does not parse the text of filters beyond
 * operator names. */
#ifndef PALATE_ENGINE_FILTER_H
#define PALATE_ENGINE_FILTER_H

#include "engine/catalogue.h"
#include "engine/filter_operator.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The compiled filter keeps no pointer into conditions. */
struct filter_condition {
    const char *column; /* see catalogue_column_kind() */
    enum filter_operator operator;
    const struct filter_value *values; /* unused by EXISTS and NOT EXISTS */
    size_t value_count;
    bool or_with_previous; /* joined to the one before with OR, not AND; ignored in the first */
};

struct filter;

/* Compiles conditions for this catalogue. AND binds tighter than OR, as in SQL: a AND b OR c AND d is
 * (a AND b) OR (c AND d). count 0 matches everything. The filter lives as long as the arena and the
 * catalogue; later applies to the catalogue are respected.
 *
 * What a condition means for an item:
 * - An item has 0, 1 or more values in a column (an array gives several). Empty names and descriptions are
 *   no value. A path that leads to an object has no value: name its keys ("dimensions.width").
 * - Positive operators (=, <, <=, >, >=, LIKE, ILIKE, IN) hold when any of the item's values stands in that
 *   relation to any of the condition's values. Without values, of the item or of the condition, they fail.
 * - EXISTS holds when the item has a value.
 * - Negative operators (!= and NOT ...) are the negation of their positive form; so a missing field fails
 *   everything but !=, NOT ... and NOT EXISTS.
 * - Bounds (<, <=, >, >=) compare numbers, a value without one passes none; whole numbers are exact at any length.
 * - = and IN compare texts, where numbers have one spelling: 10.0 is the number 10 and the text "10.0", 007 only the
 *   text "007".
 * - Values of a column of categories (label_is_category()) are labels for =, != and every IN: case, accents and
 *   stray blanks do not count, in any script.
 * - LIKE: % is any text, _ one character (UTF-8), backslash takes the next character literally; the
 *   pattern must match the whole text. Case counts, but not in ILIKE, in any script; accents count in both.
 * An operator outside the enumeration matches nothing.
 *
 * Compiling and testing take work (base/work_budget.h). Once the budget is spent, what a filter says is
 * worthless: callers leave. */
struct filter *filter_compile(struct arena *arena, const struct catalogue *catalogue,
                              const struct filter_condition *conditions, size_t count)
    __attribute__((nonnull(1, 2), returns_nonnull, warn_unused_result));

/* At most so many items of the model can match, not counting those that changed; SIZE_MAX when only a test of
 * each item can tell: negative operators, and columns other than metadata and the id. */
size_t filter_possible_count(const struct filter *filter) __attribute__((nonnull, pure));

/* Marks these items, from the model's list of items by value. items has room for a bit for each item of the
 * model. Where the count is SIZE_MAX nothing is marked. What is marked still has to be tested, and so has
 * every changed item. */
void filter_mark_possible(const struct filter *filter, uint64_t *items) __attribute__((nonnull));

/* index must be below catalogue_item_count(). Activity is not looked at. */
bool filter_matches(const struct filter *filter, uint32_t index) __attribute__((nonnull, warn_unused_result));

/* Do all of the filters match? */
bool filter_all_match(const struct filter *const *filters, size_t count, uint32_t index);

/* May a list show the item: is it active, and do all filters match? What the list itself leaves out is not
 * looked at. */
bool filter_is_eligible(const struct catalogue *catalogue, const struct filter *const *filters, size_t count,
                        uint32_t index) __attribute__((nonnull(1), warn_unused_result));

/* Does the item fail the filter? Then *condition is the first condition that fails where all before it hold
 * (with OR: the first such one of any part), counted from 0. *condition is set only when it fails. */
bool filter_find_failure(const struct filter *filter, uint32_t index, size_t *condition)
    __attribute__((nonnull, warn_unused_result));

#endif
