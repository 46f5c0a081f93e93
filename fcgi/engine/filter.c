/* Compiles filters and tests items; see filter.h.
 *
 * The problem: filters act inside the ranking, so one request may test every item of the catalogue, and a
 * comparison of texts for each would cost more than the ranking itself. The idea is that of a column store
 * (dictionary encoding; Abadi, Madden and Ferreira, "Integrating Compression and Execution in Column-Oriented
 * Database Systems", SIGMOD 2006): the model holds the distinct values of each metadata column once, sorted,
 * and for each item only their numbers. A condition is evaluated once on the distinct values, into a bitmap
 * (passes); to test an item is then to look up its few numbers in that bitmap.
 *
 * Because the values are sorted (numbers first, then texts), what passes <, <=, > or >= is a run of the numbers, and
 * what passes = is one value, each found by binary search; LIKE, and = on categories, are compared value by value.
 * The model also lists the items of each value, so a run of values gives the number of items that can match,
 * and their list: a condition that lets few items pass is turned into candidates (filter_mark_possible), and
 * the ranking looks at these instead of at the whole catalogue. In a bracket of ANDs the narrowest condition
 * is enough; ORs are added up.
 *
 * Items that were added or changed since training are not in the columns: they are tested on their fields,
 * with the same comparisons (filter_operator.h), so that both ways give the same answer. LIKE, and = on
 * categories, remember what they said of their texts, and of names and descriptions (filter_memo.h): so each
 * condition is evaluated once for each different value, wherever the value stands.
 *
 * Cost: compiling takes log(distinct values) a condition, or all distinct values for LIKE and categories;
 * memory is one bit for each distinct value. A test allocates nothing, evaluates a bracket up to the first
 * condition that fails, and ends at the first bracket that holds. Conditions are not reordered, and no filter
 * is kept from one request to the next. */
#include "engine/filter.h"

#include "base/decimal.h"
#include "base/memory.h"
#include "base/work_budget.h"
#include "engine/filter_memo.h"
#include "engine/label.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    TIME_TEXT_BYTES = 24, /* any int64_t and a zero */
    STEP_TESTS = 4,       /* in a step of work */
};
static const size_t ANY = SIZE_MAX;

struct test {
    enum catalogue_column_kind kind;
    struct catalogue_path path; /* of metadata */
    struct filter_relation relation;
    struct filter_memo *memo; /* NULL: comparing again costs no more than remembering */
    bool or_with_previous;
    bool in_model;    /* the model has this column: */
    uint32_t column;  /* its number */
    uint64_t *passes; /* bitmap over its distinct values: the relation holds */
    uint32_t pass_count;
    size_t possible; /* at most so many items as the model has them pass; ANY: only a test of each tells */
};

struct filter {
    const struct catalogue *catalogue;
    const struct model *model;
    size_t possible; /* as of each test, of all together */
    size_t test_count;
    struct test tests[];
};

/* ---- Compiling: which of the model's values pass */

static void mark_range(const struct test *test, uint32_t from, uint32_t to)
{
    for (uint32_t i = from; i < to; i++)
        if (i % 64 == 0 && to - i >= 64) {
            test->passes[i / 64] = UINT64_MAX;
            i += 63;
        } else {
            test->passes[i / 64] |= UINT64_C(1) << i % 64;
        }
}

static void mark_each(const struct test *test, const struct model *model, uint32_t from, uint32_t to)
{
    for (uint32_t i = from; i < to && work_budget_take(1); i++)
        if (filter_relation_holds(&test->relation, model_column_text(model, test->column, i),
                                  model_column_number(model, test->column, i)))
            mark_range(test, i, i + 1);
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

/* The first of the sorted values 0..to-1 that does not stand below the value, or (after), of numbers, that is
 * above it. */
static uint32_t find_place(const struct test *test, const struct model *model, uint32_t to,
                           const struct filter_value *value, bool after)
{
    uint32_t from = 0;
    while (from < to) {
        uint32_t middle = from + (to - from) / 2;
        const char *text = model_column_text(model, test->column, middle);
        double number = model_column_number(model, test->column, middle);
        int order = test->relation.positive == FILTER_EQUAL
                        ? filter_order(text, number, value->text, value->number)
                        : decimal_compare(text, number, value->text, value->number);
        if (order < 0 || (after && order == 0))
            from = middle + 1;
        else
            to = middle;
    }
    return from;
}

/* What is within a bound is a run of the numbers. */
static void mark_bound(const struct test *test, const struct model *model, uint32_t numbers,
                       const struct filter_value *value)
{
    bool after = test->relation.positive == FILTER_LESS_EQUAL || test->relation.positive == FILTER_GREATER;
    if (isnan(value->number))
        return;
    uint32_t place = find_place(test, model, numbers, value, after);
    if (test->relation.positive == FILTER_LESS || test->relation.positive == FILTER_LESS_EQUAL)
        mark_range(test, 0, place);
    else
        mark_range(test, place, numbers);
}

static void mark_equal(const struct test *test, const struct model *model, const struct filter_value *value)
{
    uint32_t place = find_place(test, model, test->pass_count, value, false);
    if (place < test->pass_count && !strcmp(model_column_text(model, test->column, place), value->text))
        mark_range(test, place, place + 1);
}

/* Sets passes: by search where the order of values allows it, else by comparing each value. */
static void find_passes(const struct test *test, const struct model *model)
{
    const struct filter_relation *relation = &test->relation;
    bool bound = relation->positive > FILTER_NOT_EQUAL && relation->positive <= FILTER_GREATER_EQUAL;
    uint32_t numbers = bound ? count_numbers(test, model) : 0;
    if (relation->positive == FILTER_EXISTS) {
        mark_range(test, 0, test->pass_count);
        return;
    }
    if (relation->fold || (relation->positive != FILTER_EQUAL && !bound)) {
        mark_each(test, model, 0, test->pass_count);
        return;
    }
    for (size_t i = 0; i < relation->value_count; i++) {
        if (bound)
            mark_bound(test, model, numbers, &relation->by_text[i]);
        else
            mark_equal(test, model, &relation->by_text[i]);
    }
}

/* The next run of passing values, from *from on: its start and end. False when there is none. */
static bool find_run(const struct test *test, uint32_t *from, uint32_t *to)
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
    for (uint32_t from = 0, to; find_run(test, &from, &to); from = to)
        sum += model_column_items(model, test->column, from, to).count;
    return sum;
}

/* Evaluates the condition on the distinct values of the model's column. */
static void compile_column(struct arena *arena, struct test *test, const struct model *model)
{
    test->possible = ANY;
    if (!test->relation.negated && !test->relation.fold && test->kind == CATALOGUE_COLUMN_ID &&
        test->relation.positive == FILTER_EQUAL)
        test->possible = test->relation.value_count;
    if (test->kind != CATALOGUE_COLUMN_METADATA)
        return;
    if (model && model_find_column(model, test->path.text, &test->column)) {
        test->in_model = true;
        test->pass_count = model_column_value_count(model, test->column);
        test->passes = arena_alloc(arena, test->pass_count / 64 + 1, sizeof(*test->passes));
        find_passes(test, model);
    }
    if (!test->relation.negated)
        test->possible = count_possible(test, model);
}

/* For texts that the model has no dictionary of. */
static void prepare_memo(struct arena *arena, struct test *test, const struct catalogue *catalogue)
{
    bool has_text = test->kind == CATALOGUE_COLUMN_NAME || test->kind == CATALOGUE_COLUMN_DESCRIPTION;
    size_t texts = has_text                                  ? catalogue_item_count(catalogue)
                   : test->kind == CATALOGUE_COLUMN_METADATA ? catalogue_change_count(catalogue)
                                                             : 0;
    if ((test->relation.likes || test->relation.fold) && texts)
        test->memo = filter_memo_create(arena, texts);
}

/* The test that lets the fewest items pass, of those from first on that are joined by AND; *next is set to
 * the first behind them. */
static const struct test *find_narrowest(const struct filter *filter, size_t first, size_t *next)
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
        size_t possible = find_narrowest(filter, i, &i)->possible;
        if (possible >= ANY - sum)
            return ANY;
        sum += possible;
    }
    return filter->test_count ? sum : ANY;
}

/* Moments are compared as Unix seconds, however the condition spells them; but patterns are what they are. */
static const struct filter_value *values_of(struct arena *arena, enum catalogue_column_kind kind,
                                            const struct filter_condition *condition)
{
    bool is_time = kind == CATALOGUE_COLUMN_CREATED || kind == CATALOGUE_COLUMN_UPDATED;
    bool is_pattern = condition->operator>= FILTER_LIKE && condition->operator<= FILTER_NOT_ILIKE;
    if (!is_time || is_pattern || !condition->value_count)
        return condition->values;
    struct filter_value *values = arena_alloc(arena, condition->value_count, sizeof(*values));
    for (size_t i = 0; i < condition->value_count; i++) {
        values[i] = condition->values[i];
        if (!isnan(values[i].number))
            values[i].text = arena_format(arena, "%.0f", values[i].number);
    }
    return values;
}

/* Categories are compared as labels, whatever the operator's spelling. */
static enum filter_operator fold_operator(const struct test *test, enum filter_operator op)
{
    bool is_label = test->kind == CATALOGUE_COLUMN_METADATA && label_is_category(test->path.text);
    if (is_label && (op == FILTER_EQUAL || op == FILTER_IN))
        return FILTER_IN_FOLD;
    return is_label && (op == FILTER_NOT_EQUAL || op == FILTER_NOT_IN) ? FILTER_NOT_IN_FOLD : op;
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
        const char *path;
        test->kind = catalogue_column_kind(conditions[i].column, &path);
        test->path = catalogue_path(arena_copy_text(arena, path));
        test->or_with_previous = conditions[i].or_with_previous;
        filter_relation_compile(arena, fold_operator(test, conditions[i].operator),
                                values_of(arena, test->kind, &conditions[i]), conditions[i].value_count,
                                test->kind == CATALOGUE_COLUMN_METADATA, &test->relation);
        compile_column(arena, test, filter->model);
        prepare_memo(arena, test, catalogue);
    }
    filter->possible = sum_possible(filter);
    return filter;
}

/* ---- Testing items */

static bool value_passes(const struct test *test, const char *text, double number)
{
    return test->memo ? filter_memo_holds(test->memo, &test->relation, text)
                      : filter_relation_holds(&test->relation, text, number);
}

static bool text_passes(const struct test *test, const char *text)
{
    return *text && value_passes(test, text, NAN);
}

static bool time_passes(const struct test *test, int64_t time)
{
    char text[TIME_TEXT_BYTES] = "";
    if (test->relation.positive == FILTER_EQUAL || test->relation.likes)
        snprintf(text, sizeof(text), "%" PRId64, time);
    return filter_relation_holds(&test->relation, text, (double)time);
}

static bool fields_pass(const struct test *test, const struct catalogue *catalogue, uint32_t index)
{
    enum { STEP_FIELDS = 8 };
    struct catalogue_values values = catalogue_values(catalogue, index);
    struct engine_field field;
    work_budget_take(1 + values.count / STEP_FIELDS);
    for (size_t cursor = 0; catalogue_next_value(&values, &test->path, &cursor, &field);)
        if (value_passes(test, field.text, field.number))
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
    if (test->kind == CATALOGUE_COLUMN_METADATA)
        return catalogue_is_changed(filter->catalogue, index) ? fields_pass(test, filter->catalogue, index)
                                                              : codes_pass(filter, test, index);
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
    work_budget_take(1 + filter->test_count / STEP_TESTS);
    for (size_t i = 0; i < filter->test_count; i++) {
        const struct test *test = &filter->tests[i];
        if (test->or_with_previous && i > 0) {
            if (failed == filter->test_count)
                return failed;
            first = first < failed ? first : failed;
            failed = filter->test_count;
        }
        if (failed == filter->test_count && positive_holds(filter, test, index) == test->relation.negated)
            failed = i;
    }
    return failed == filter->test_count || failed < first ? failed : first;
}

bool filter_matches(const struct filter *filter, uint32_t index)
{
    return find_failure(filter, index) == filter->test_count;
}

bool filter_all_match(const struct filter *const *filters, size_t count, uint32_t index)
{
    for (size_t i = 0; i < count; i++)
        if (!filter_matches(filters[i], index))
            return false;
    return true;
}

bool filter_is_eligible(const struct catalogue *catalogue, const struct filter *const *filters, size_t count,
                        uint32_t index)
{
    return catalogue_is_active(catalogue, index) && filter_all_match(filters, count, index);
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

static void mark_item(const struct filter *filter, uint64_t *items, uint32_t index)
{
    if (index < model_item_count(filter->model))
        items[index / 64] |= UINT64_C(1) << index % 64;
}

static void mark_test(const struct filter *filter, const struct test *test, uint64_t *items)
{
    uint32_t index;
    for (size_t i = 0; test->kind == CATALOGUE_COLUMN_ID && i < test->relation.value_count; i++) {
        const char *id = test->relation.by_text[i].text;
        if (model_find_item(filter->model, id, strlen(id), &index))
            mark_item(filter, items, index);
    }
    for (uint32_t from = 0, to; test->in_model && find_run(test, &from, &to); from = to) {
        struct model_codes found = model_column_items(filter->model, test->column, from, to);
        for (size_t i = 0; i < found.count; i++)
            mark_item(filter, items, found.codes[i]);
    }
}

void filter_mark_possible(const struct filter *filter, uint64_t *items)
{
    for (size_t i = 0; filter->model && filter->possible != ANY && i < filter->test_count;)
        mark_test(filter, find_narrowest(filter, i, &i), items);
}
