/* Compiles filters and tests items; see filter.h. */
#include "engine/filter.h"

#include "base/memory.h"
#include "engine/like.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TIME_TEXT_BYTES = 24 /* any int64_t and a zero */ };
static const size_t ANY = SIZE_MAX;

struct test {
    enum catalogue_column_kind kind;
    const char *path;              /* of metadata */
    enum filter_operator positive; /* never a negative one */
    bool negated;
    bool or_with_previous;
    bool fold;
    bool has_text;                /* some value is not numeric, or the operator reads texts */
    struct filter_value *by_text; /* for = and IN: sorted by text; else as given */
    size_t value_count;
    double *numbers; /* for = and IN: those of the numeric values, sorted */
    size_t number_count;
    bool in_model;    /* the model has this column: */
    uint32_t column;  /* its number */
    uint64_t *passes; /* bitmap over its distinct values: the positive form holds */
    uint32_t pass_count;
    size_t possible; /* at most so many items as the model has them pass; ANY: not known without asking */
};

struct filter {
    const struct catalogue *catalogue;
    const struct model *model;
    size_t possible; /* as of each test, of all together */
    size_t test_count;
    struct test tests[];
};

/* ---- one value against one condition */

static int compare_texts(const char *left, const char *right, bool fold)
{
    for (; *left && *right; left++, right++) {
        unsigned char a = (unsigned char)*left, b = (unsigned char)*right;
        int order = fold ? like_fold(a) - like_fold(b) : a - b;
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

/* Is the value among the condition's? Numbers meet numbers as numbers, all else by text. */
static bool is_member(const struct test *test, const char *text, double number)
{
    if (!isnan(number) && test->number_count &&
        bsearch(&number, test->numbers, test->number_count, sizeof(number), compare_numbers))
        return true;
    if (!isnan(number) && test->number_count == test->value_count)
        return false;
    size_t low = 0, high = test->value_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare_texts(test->by_text[middle].text, text, test->fold) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < test->value_count && compare_texts(test->by_text[low].text, text, test->fold) == 0; low++)
        if (isnan(number) || isnan(test->by_text[low].number))
            return true;
    return false;
}

/* The order of an item's value and a condition's: below, at or above 0. */
static int compare_values(const char *text, double number, const struct filter_value *value)
{
    if (!isnan(number) && !isnan(value->number))
        return compare_numbers(&number, &value->number);
    return compare_texts(text, value->text, false);
}

static bool value_stands(enum filter_operator positive, const char *text, double number,
                         const struct filter_value *value)
{
    switch (positive) {
    case FILTER_LESS:
        return compare_values(text, number, value) < 0;
    case FILTER_LESS_EQUAL:
        return compare_values(text, number, value) <= 0;
    case FILTER_GREATER:
        return compare_values(text, number, value) > 0;
    case FILTER_GREATER_EQUAL:
        return compare_values(text, number, value) >= 0;
    case FILTER_LIKE:
        return like_matches(text, value->text, false);
    case FILTER_ILIKE:
        return like_matches(text, value->text, true);
    default:
        return false;
    }
}

/* The positive form, for one value of an item. */
static bool value_passes(const struct test *test, const char *text, double number)
{
    if (test->positive == FILTER_EXISTS)
        return true;
    if (test->positive == FILTER_EQUAL)
        return is_member(test, text, number);
    for (size_t i = 0; i < test->value_count; i++)
        if (value_stands(test->positive, text, number, &test->by_text[i]))
            return true;
    return false;
}

/* ---- compiling */

/* What op negates, or op itself; = stands for every form of IN. */
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

static bool is_negative(enum filter_operator op)
{
    return op == FILTER_NOT_EQUAL || op == FILTER_NOT_LIKE || op == FILTER_NOT_ILIKE || op == FILTER_NOT_IN ||
           op == FILTER_NOT_EXISTS;
}

static void compile_values(struct arena *arena, struct test *test, const struct filter_condition *condition)
{
    size_t count = condition->value_count;
    test->value_count = count;
    test->by_text = arena_alloc(arena, count, sizeof(*test->by_text));
    test->numbers = arena_alloc(arena, count, sizeof(*test->numbers));
    test->has_text = test->positive == FILTER_LIKE || test->positive == FILTER_ILIKE;
    for (size_t i = 0; i < count; i++) {
        double number = condition->values[i].number;
        test->by_text[i].text = arena_copy_text(arena, condition->values[i].text);
        test->by_text[i].number = number;
        if (isnan(number))
            test->has_text = true;
        else
            test->numbers[test->number_count++] = number;
    }
    if (test->positive != FILTER_EQUAL)
        return;
    qsort(test->by_text, count, sizeof(*test->by_text),
          test->fold ? compare_by_folded_text : compare_by_text);
    qsort(test->numbers, test->number_count, sizeof(*test->numbers), compare_numbers);
}

static void pass_range(const struct test *test, uint32_t from, uint32_t to)
{
    for (uint32_t i = from; i < to; i++)
        if (i % 64 == 0 && to - i >= 64) {
            test->passes[i / 64] = UINT64_MAX;
            i += 63;
        } else {
            test->passes[i / 64] |= UINT64_C(1) << i % 64;
        }
}

static void pass_if_asked(const struct test *test, const struct model *model, uint32_t from, uint32_t to)
{
    for (uint32_t i = from; i < to; i++)
        if (value_passes(test, model_column_text(model, test->column, i),
                         model_column_number(model, test->column, i)))
            pass_range(test, i, i + 1);
}

/* How many values of the model's column are numeric: these come first. */
static uint32_t count_numbers(const struct test *test, const struct model *model)
{
    uint32_t low = 0, high = test->pass_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (isnan(model_column_number(model, test->column, middle)))
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

/* The first of the sorted values from..to-1 that is not below value, or (after) that is above it. */
static uint32_t find_bound(const struct test *test, const struct model *model, uint32_t from, uint32_t to,
                           const struct filter_value *value, bool after)
{
    while (from < to) {
        uint32_t middle = from + (to - from) / 2;
        int order = compare_values(model_column_text(model, test->column, middle),
                                   model_column_number(model, test->column, middle), value);
        if (order < 0 || (after && order == 0))
            from = middle + 1;
        else
            to = middle;
    }
    return from;
}

/* What stands in the test's relation to one value is a run of the values from..to-1, which are sorted. */
static void pass_relation(const struct test *test, const struct model *model, uint32_t from, uint32_t to,
                          const struct filter_value *value)
{
    bool after = test->positive == FILTER_LESS_EQUAL || test->positive == FILTER_GREATER;
    uint32_t bound = find_bound(test, model, from, to, value, after);
    if (test->positive == FILTER_LESS || test->positive == FILTER_LESS_EQUAL)
        pass_range(test, from, bound);
    else if (test->positive == FILTER_EQUAL)
        pass_range(test, bound, find_bound(test, model, bound, to, value, true));
    else
        pass_range(test, bound, to);
}

/* Sets passes: by search where the order of values allows it, else by asking for each value. */
static void find_passes(const struct test *test, const struct model *model)
{
    uint32_t numbers = count_numbers(test, model), count = test->pass_count;
    if (test->positive == FILTER_EXISTS) {
        pass_range(test, 0, count);
        return;
    }
    if (test->fold || !(test->positive >= FILTER_EQUAL && test->positive <= FILTER_GREATER_EQUAL)) {
        pass_if_asked(test, model, 0, count);
        return;
    }
    if (test->has_text) /* it meets numeric values by their texts, and these are not in order */
        pass_if_asked(test, model, 0, numbers);
    for (size_t i = 0; i < test->value_count; i++) {
        if (!test->has_text)
            pass_relation(test, model, 0, numbers, &test->by_text[i]);
        pass_relation(test, model, numbers, count, &test->by_text[i]);
    }
}

/* The next run of passing values, from *from on: its start and end. False when there is none. */
static bool next_run(const struct test *test, uint32_t *from, uint32_t *to)
{
    for (uint32_t i = *from; i < test->pass_count; i++) {
        uint64_t rest = test->passes[i / 64] >> i % 64;
        if (!rest) {
            i |= 63; /* nothing more in this word */
            continue;
        }
        i += (uint32_t)__builtin_ctzll(rest);
        *from = i;
        while (i < test->pass_count && test->passes[i / 64] >> i % 64 & 1)
            i++;
        *to = i;
        return true;
    }
    return false;
}

static size_t count_possible(const struct test *test, const struct model *model)
{
    size_t sum = 0;
    if (!model || !test->in_model)
        return 0;
    for (uint32_t from = 0, to; next_run(test, &from, &to); from = to)
        sum += model_column_items(model, test->column, from, to).count;
    return sum;
}

/* Evaluates the condition on the distinct values of the model's column. */
static void compile_column(struct arena *arena, struct test *test, const struct model *model)
{
    test->possible = ANY;
    if (!test->negated && !test->fold && test->kind == CATALOGUE_COLUMN_ID && test->positive == FILTER_EQUAL)
        test->possible = test->value_count;
    if (test->kind != CATALOGUE_COLUMN_METADATA)
        return;
    if (model && model_find_column(model, test->path, &test->column)) {
        test->in_model = true;
        test->pass_count = model_column_value_count(model, test->column);
        test->passes = arena_alloc(arena, test->pass_count / 64 + 1, sizeof(*test->passes));
        find_passes(test, model);
    }
    if (!test->negated)
        test->possible = count_possible(test, model);
}

/* The test that lets the fewest items pass, of those from first on that are joined by AND; *next is set to
 * the first behind them. */
static const struct test *narrowest(const struct filter *filter, size_t first, size_t *next)
{
    const struct test *narrow = &filter->tests[first];
    size_t i = first + 1;
    for (; i < filter->test_count && !filter->tests[i].or_with_previous; i++)
        if (filter->tests[i].possible < narrow->possible)
            narrow = &filter->tests[i];
    *next = i;
    return narrow;
}

static size_t sum_possible(const struct filter *filter)
{
    size_t sum = 0;
    for (size_t i = 0; i < filter->test_count;) {
        size_t possible = narrowest(filter, i, &i)->possible;
        if (possible >= ANY - sum)
            return ANY;
        sum += possible;
    }
    return filter->test_count ? sum : ANY;
}

struct filter *filter_compile(struct arena *arena, const struct catalogue *catalogue,
                              const struct filter_condition *conditions, size_t count)
{
    struct filter *filter;
    if (count > (SIZE_MAX - sizeof(*filter)) / sizeof(struct test))
        memory_exhausted();
    filter = arena_alloc(arena, 1, sizeof(*filter) + count * sizeof(struct test));
    filter->catalogue = catalogue;
    filter->model = catalogue_model(catalogue);
    filter->test_count = count;
    for (size_t i = 0; i < count; i++) {
        struct test *test = &filter->tests[i];
        enum filter_operator op = conditions[i].operator;
        test->kind = catalogue_column_kind(conditions[i].column, &test->path);
        test->path = arena_copy_text(arena, test->path);
        test->positive = positive_form(op);
        test->negated = is_negative(op);
        test->fold = op == FILTER_IN_FOLD;
        test->or_with_previous = conditions[i].or_with_previous;
        compile_values(arena, test, &conditions[i]);
        compile_column(arena, test, filter->model);
    }
    filter->possible = sum_possible(filter);
    return filter;
}

/* ---- testing */

static bool text_passes(const struct test *test, const char *text)
{
    return *text && value_passes(test, text, NAN);
}

static bool time_passes(const struct test *test, int64_t time)
{
    char text[TIME_TEXT_BYTES] = "";
    if (test->has_text)
        snprintf(text, sizeof(text), "%" PRId64, time);
    return value_passes(test, text, (double)time);
}

static bool fields_pass(const struct test *test, const struct engine_item *item)
{
    for (size_t i = 0; i < item->field_count; i++)
        if (strcmp(item->fields[i].path, test->path) == 0 &&
            value_passes(test, item->fields[i].text, item->fields[i].number))
            return true;
    return false;
}

static bool codes_pass(const struct filter *filter, const struct test *test, uint32_t index)
{
    if (!test->in_model)
        return false;
    struct model_codes codes = model_item_codes(filter->model, test->column, index);
    for (size_t i = 0; i < codes.count; i++) {
        uint32_t code = codes.codes[i];
        if (code < test->pass_count && test->passes[code / 64] >> code % 64 & 1)
            return true;
    }
    return false;
}

static bool positive_holds(const struct filter *filter, const struct test *test, uint32_t index)
{
    struct engine_item item;
    if (test->kind == CATALOGUE_COLUMN_ID)
        return text_passes(test, catalogue_id(filter->catalogue, index));
    if (test->kind == CATALOGUE_COLUMN_METADATA && !catalogue_is_changed(filter->catalogue, index))
        return codes_pass(filter, test, index);
    catalogue_get(filter->catalogue, index, &item);
    switch (test->kind) {
    case CATALOGUE_COLUMN_NAME:
        return text_passes(test, item.name);
    case CATALOGUE_COLUMN_DESCRIPTION:
        return text_passes(test, item.description);
    case CATALOGUE_COLUMN_CREATED:
        return time_passes(test, item.created);
    case CATALOGUE_COLUMN_UPDATED:
        return time_passes(test, item.updated);
    case CATALOGUE_COLUMN_METADATA:
        return fields_pass(test, &item);
    case CATALOGUE_COLUMN_ID:
    case CATALOGUE_COLUMN__MAX:
        break;
    }
    return false;
}

/* Where the first condition fails that must not; test_count when none does. */
static size_t find_failure(const struct filter *filter, uint32_t index)
{
    size_t failed = filter->test_count; /* of the conditions since the last OR */
    size_t first = filter->test_count;  /* of all groups that an OR has ended */
    for (size_t i = 0; i < filter->test_count; i++) {
        const struct test *test = &filter->tests[i];
        if (test->or_with_previous && i > 0) {
            if (failed == filter->test_count)
                return failed;
            first = first < failed ? first : failed;
            failed = filter->test_count;
        }
        if (failed == filter->test_count && positive_holds(filter, test, index) == test->negated)
            failed = i;
    }
    return failed == filter->test_count || failed < first ? failed : first;
}

bool filter_matches(const struct filter *filter, uint32_t index)
{
    return find_failure(filter, index) == filter->test_count;
}

bool filter_find_failure(const struct filter *filter, uint32_t index, size_t *condition)
{
    size_t failure = find_failure(filter, index);
    if (failure == filter->test_count)
        return false;
    *condition = failure;
    return true;
}

size_t filter_possible_count(const struct filter *filter)
{
    return filter->possible;
}

static void mark(const struct filter *filter, uint64_t *items, uint32_t index)
{
    if (index < model_item_count(filter->model))
        items[index / 64] |= UINT64_C(1) << index % 64;
}

static void mark_test(const struct filter *filter, const struct test *test, uint64_t *items)
{
    uint32_t index;
    for (size_t i = 0; test->kind == CATALOGUE_COLUMN_ID && i < test->value_count; i++) {
        const char *id = test->by_text[i].text;
        if (model_find_item(filter->model, id, strlen(id), &index))
            mark(filter, items, index);
    }
    for (uint32_t from = 0, to; test->in_model && next_run(test, &from, &to); from = to) {
        struct model_codes found = model_column_items(filter->model, test->column, from, to);
        for (size_t i = 0; i < found.count; i++)
            mark(filter, items, found.codes[i]);
    }
}

void filter_mark_possible(const struct filter *filter, uint64_t *items)
{
    for (size_t i = 0; filter->model && filter->possible != ANY && i < filter->test_count;)
        mark_test(filter, narrowest(filter, i, &i), items);
}
