/* Every check runs twice: on items as a model has them, and on the same items as changes. */
#include "fixture.h"

#include "base/work_budget.h"

struct world {
    struct arena *arena;
    struct model *model;
    struct catalogue *of_model;   /* items from the model */
    struct catalogue *of_changes; /* the same items, applied to nothing */
};

static void make_items(struct arena *arena, struct engine_item items[6])
{
    items[0] = ITEM(arena, "a", "Red Mug", "colour=red", "price=9", "tags=kitchen", "tags=Gift", "stock=10",
                    "code=7", "ean=9007199254740993");
    items[1] = ITEM(arena, "b", "Blue mug", "colour=blue", "price=10", "tags=kitchen", "stock=few",
                    "code=5E2", "ean=9007199254740992");
    items[2] = ITEM(arena, "c", "Green lamp", "colour=Green", "price=100", "size.width=20");
    items[3] = ITEM(arena, "d", "", "price=-3.5", "metadata=x", "name=inner", "stock=1.234,50 €", "code=500");
    items[4] = PLAIN(arena, "e", "Nothing");
    items[5] = ITEM(arena, "10", "Gr\xc3\xbcn", "colour=50% off_now", "price=10", "code=007");
    items[2].description = "for the desk";
    items[4].created = fixture_now - 5 * DAY;
    items[4].updated = fixture_now;
}

static int setup(void **state)
{
    struct world *world = memory_alloc(1, sizeof(*world));
    struct engine_item items[6];
    world->arena = arena_create();
    make_items(world->arena, items);
    world->model = train_model(items, COUNT(items), NULL, 0);
    world->of_model = catalogue_create(world->model, NULL);
    world->of_changes = catalogue_create(NULL, NULL);
    for (size_t i = 0; i < COUNT(items); i++)
        catalogue_apply(world->of_changes, &items[i]);
    *state = world;
    return 0;
}

static int teardown(void **state)
{
    struct world *world = *state;
    catalogue_destroy(world->of_model);
    catalogue_destroy(world->of_changes);
    model_close(world->model);
    arena_destroy(world->arena);
    memory_free(world);
    return 0;
}

/* The ids that match, in order of ids, without blanks ("10" is "1"). */
static const char *matches(struct world *world, const struct catalogue *catalogue,
                           const struct filter_condition *conditions, size_t count)
{
    static const char *const ids[] = {"10", "a", "b", "c", "d", "e"};
    struct filter *filter = filter_compile(world->arena, catalogue, conditions, count);
    char *text = arena_alloc(world->arena, COUNT(ids) + 1, 1);
    uint64_t possible = 0;
    bool hint = catalogue == world->of_model && filter_possible_count(filter) != SIZE_MAX;
    filter_mark_possible(filter, &possible);
    assert_true(!hint || filter_possible_count(filter) >= (size_t)__builtin_popcountll(possible));
    for (size_t i = 0, n = 0; i < COUNT(ids); i++) {
        uint32_t index = index_of(catalogue, ids[i]);
        if (!filter_matches(filter, index))
            continue;
        text[n++] = ids[i][0];
        assert_true(!hint || catalogue_is_changed(catalogue, index) || possible >> index & 1);
    }
    return text;
}

static void check_conditions(struct world *world, const struct filter_condition *conditions, size_t count,
                             const char *expected)
{
    assert_string_equal(matches(world, world->of_model, conditions, count), expected);
    assert_string_equal(matches(world, world->of_changes, conditions, count), expected);
}

static struct filter_condition condition(struct arena *arena, const char *column, enum filter_operator op,
                                         const char *const *texts, size_t count)
{
    struct filter_value *values = arena_alloc(arena, count, sizeof(*values));
    for (size_t i = 0; i < count; i++)
        values[i] = (struct filter_value){.text = texts[i], .number = number_of(texts[i])};
    return (struct filter_condition){.column = column, .operator= op, .values = values, .value_count = count};
}

#define ONE(world, column, op, ...)                                                                          \
    condition((world)->arena, column, op, (const char *const[]){__VA_ARGS__},                                \
              COUNT(((const char *const[]){__VA_ARGS__})))

static void check(struct world *world, const char *expected, const char *column, enum filter_operator op,
                  const char *value)
{
    struct filter_condition one = condition(world->arena, column, op, &value, value ? 1 : 0);
    check_conditions(world, &one, 1, expected);
}

static void nothing_matches_everything(void **state)
{
    check_conditions(*state, NULL, 0, "1abcde");
}

static void equal(void **state)
{
    check(*state, "a", "colour", FILTER_EQUAL, "red");
    check(*state, "", "colour", FILTER_EQUAL, "Red");
    check(*state, "ab", "tags", FILTER_EQUAL, "kitchen"); /* any element of a list */
    check(*state, "a", "tags", FILTER_EQUAL, "Gift");
    check(*state, "c", "size.width", FILTER_EQUAL, "20");
    check(*state, "", "size", FILTER_EQUAL, "20");
    check(*state, "", "nowhere", FILTER_EQUAL, "20");
}

static void not_equal_is_its_negation(void **state)
{
    check(*state, "1bcde", "colour", FILTER_NOT_EQUAL, "red");
    check(*state, "1cde", "tags", FILTER_NOT_EQUAL, "kitchen");
    check(*state, "1bcde", "tags", FILTER_NOT_EQUAL, "Gift");
}

static void numbers_compare_as_numbers(void **state)
{
    check(*state, "1b", "price", FILTER_EQUAL, "10");
    check(*state, "c", "price", FILTER_EQUAL, "100");
    check(*state, "ad", "price", FILTER_LESS, "10");
    check(*state, "1abd", "price", FILTER_LESS_EQUAL, "10");
    check(*state, "1abc", "price", FILTER_GREATER, "-3.5");
}

static void bounds_are_of_numbers_alone(void **state)
{
    /* stock: a has the number 10, b the text "few", d a price as a page shows it. */
    check(*state, "ad", "stock", FILTER_GREATER, "9"); /* as numbers, though "10" is below "9" */
    check(*state, "d", "stock", FILTER_GREATER, "1,234.49");
    check(*state, "", "stock", FILTER_LESS, "a");
    check(*state, "", "colour", FILTER_LESS, "blue");
    check(*state, "", "name", FILTER_LESS_EQUAL, "zzz");
}

static void numbers_and_texts_never_meet_by_accident(void **state)
{
    /* code: a has 7, b 5E2, d 500, 10 has 007. */
    check(*state, "a", "code", FILTER_EQUAL, "7.0");
    check(*state, "1", "code", FILTER_EQUAL, "007");
    check(*state, "b", "code", FILTER_EQUAL, "5E2");
    check(*state, "ad", "code", FILTER_GREATER, "6"); /* 007 and 5E2 are codes */
    check(*state, "a", "ean", FILTER_EQUAL, "9007199254740993");
    check(*state, "a", "ean", FILTER_GREATER, "9007199254740992");
    check(*state, "b", "ean", FILTER_LESS, "9007199254740993");
}

static void like_family(void **state)
{
    check(*state, "c", "colour", FILTER_LIKE, "Gr__n");
    check(*state, "", "colour", FILTER_LIKE, "gr%");
    check(*state, "c", "colour", FILTER_ILIKE, "gR%");
    check(*state, "1abde", "colour", FILTER_NOT_LIKE, "Gr%");
    check(*state, "1abcde", "colour", FILTER_NOT_LIKE, "gr%");
    check(*state, "1abde", "colour", FILTER_NOT_ILIKE, "gr%");
    check(*state, "1", "colour", FILTER_LIKE, "50\\% off\\_now");
    check(*state, "", "colour", FILTER_LIKE, "50\\%");
    check(*state, "ab", "name", FILTER_ILIKE, "%MUG");
    check(*state, "1", "name", FILTER_LIKE, "Gr_n");
    check(*state, "1b", "price", FILTER_LIKE, "1_");
}

static void in(void **state)
{
    struct world *world = *state;
    struct filter_condition one = ONE(world, "colour", FILTER_IN, "zzz", "red", "blue", "RED");
    check_conditions(world, &one, 1, "ab");
    one.operator= FILTER_NOT_IN;
    check_conditions(world, &one, 1, "1cde");
    one = ONE(world, "colour", FILTER_IN, "green", "RED");
    check_conditions(world, &one, 1, "");
    one.operator= FILTER_IN_FOLD;
    check_conditions(world, &one, 1, "ac");
    one = ONE(world, "price", FILTER_IN, "9.0", "few", "100", "10.00");
    check_conditions(world, &one, 1, "1abc");
    one.operator= FILTER_IN_FOLD;
    check_conditions(world, &one, 1, "1abc");
    one = ONE(world, "stock", FILTER_IN, "FEW", "10.0");
    check_conditions(world, &one, 1, "a");
    one.operator= FILTER_IN_FOLD;
    check_conditions(world, &one, 1, "ab");
}

static void no_values_match_nothing(void **state)
{
    check(*state, "", "colour", FILTER_IN, NULL);
    check(*state, "", "colour", FILTER_EQUAL, NULL);
    check(*state, "", "colour", FILTER_LIKE, NULL);
    check(*state, "1abcde", "colour", FILTER_NOT_IN, NULL);
}

static void exists(void **state)
{
    check(*state, "1abc", "colour", FILTER_EXISTS, NULL);
    check(*state, "de", "colour", FILTER_NOT_EXISTS, NULL);
    check(*state, "", "nowhere", FILTER_EXISTS, NULL);
    check(*state, "1abcde", "nowhere", FILTER_NOT_EXISTS, "ignored");
    check(*state, "1abce", "name", FILTER_EXISTS, NULL); /* d has an empty name */
    check(*state, "c", "description", FILTER_EXISTS, NULL);
}

static void a_missing_field_fails(void **state)
{
    static const enum filter_operator positive[] = {
        FILTER_EQUAL, FILTER_LESS,  FILTER_LESS_EQUAL, FILTER_GREATER, FILTER_GREATER_EQUAL,
        FILTER_LIKE,  FILTER_ILIKE, FILTER_IN,         FILTER_IN_FOLD, FILTER_EXISTS};
    static const enum filter_operator negative[] = {FILTER_NOT_EQUAL, FILTER_NOT_LIKE, FILTER_NOT_ILIKE,
                                                    FILTER_NOT_IN, FILTER_NOT_EXISTS};
    for (size_t i = 0; i < COUNT(positive); i++)
        check(*state, "", "nowhere", positive[i], "%");
    for (size_t i = 0; i < COUNT(negative); i++)
        check(*state, "1abcde", "nowhere", negative[i], "%");
}

static void built_in_columns(void **state)
{
    check(*state, "b", "id", FILTER_EQUAL, "b");
    check(*state, "b", "item_id", FILTER_EQUAL, "b");
    check(*state, "1acde", "entity_id", FILTER_NOT_EQUAL, "b");
    check(*state, "1", "id", FILTER_EQUAL, "10"); /* an id is a text */
    check(*state, "", "id", FILTER_EQUAL, "10.0");
    check(*state, "a", "name", FILTER_EQUAL, "Red Mug");
    check(*state, "d", "metadata.name", FILTER_EQUAL, "inner");
    check(*state, "d", "metadata", FILTER_EQUAL, "x");
    check(*state, "a", "metadata.colour", FILTER_EQUAL, "red");
    check(*state, "c", "metadata.size.width", FILTER_GREATER, "19");
    check(*state, "c", "description", FILTER_LIKE, "%desk");
}

static void times_are_unix_seconds(void **state)
{
    struct world *world = *state;
    char *limit = arena_format(world->arena, "%lld", (long long)(fixture_now - 100 * DAY));
    check(world, "e", "created", FILTER_GREATER, limit);
    check(world, "1abcd", "created", FILTER_LESS, limit);
    check(world, "e", "updated_at", FILTER_GREATER_EQUAL, limit);
    check(world, "1abcde", "created", FILTER_LIKE, "1%");
}

static void and_binds_tighter_than_or(void **state)
{
    struct world *world = *state;
    struct filter_condition list[] = {
        ONE(world, "colour", FILTER_EQUAL, "red"),
        ONE(world, "price", FILTER_GREATER, "50"),
        ONE(world, "tags", FILTER_EQUAL, "kitchen"),
    };
    check_conditions(world, list, 3, "");
    list[1].or_with_previous = true; /* red OR (price > 50 AND kitchen) */
    check_conditions(world, list, 3, "a");
    list[1].or_with_previous = false;
    list[2].or_with_previous = true; /* (red AND price > 50) OR kitchen */
    check_conditions(world, list, 3, "ab");
    list[1].or_with_previous = true; /* red OR price > 50 OR kitchen */
    check_conditions(world, list, 3, "abc");
    list[0].or_with_previous = true; /* the first one's is ignored */
    check_conditions(world, list, 1, "a");
}

static void changed_items_are_seen(void **state)
{
    struct world *world = *state;
    struct filter_condition red = ONE(world, "colour", FILTER_EQUAL, "red");
    struct filter *filter = filter_compile(world->arena, world->of_model, &red, 1);
    uint32_t a = index_of(world->of_model, "a"), b = index_of(world->of_model, "b");
    assert_true(filter_matches(filter, a));
    assert_false(filter_matches(filter, b));
    struct engine_item item = PLAIN(world->arena, "a", "Red Mug"); /* no fields at all any more */
    catalogue_apply(world->of_model, &item);
    item = ITEM(world->arena, "b", "Blue mug", "colour=red");
    catalogue_apply(world->of_model, &item);
    item = ITEM(world->arena, "new", "New", "colour=red", "brand_new=1");
    catalogue_apply(world->of_model, &item);
    assert_false(filter_matches(filter, a));
    assert_true(filter_matches(filter, b));
    assert_true(filter_matches(filter, index_of(world->of_model, "new")));
    struct filter_condition fresh = ONE(world, "brand_new", FILTER_EXISTS, "");
    filter = filter_compile(world->arena, world->of_model, &fresh, 1);
    assert_true(filter_matches(filter, index_of(world->of_model, "new")));
    assert_false(filter_matches(filter, a));
    assert_false(filter_matches(filter, index_of(world->of_model, "c")));
}

static void values_are_copied(void **state)
{
    struct world *world = *state;
    char column[] = "colour", text[] = "red";
    struct filter_value value = {.text = text, .number = (double)NAN};
    struct filter_condition one = {
        .column = column, .operator= FILTER_EQUAL, .values = &value, .value_count = 1};
    struct filter *filter = filter_compile(world->arena, world->of_changes, &one, 1);
    memset(column, 'x', sizeof(column) - 1);
    memset(text, 'x', sizeof(text) - 1);
    assert_true(filter_matches(filter, index_of(world->of_changes, "a")));
}

static size_t marked(struct world *world, const struct filter_condition *conditions, size_t count,
                     uint64_t *possible)
{
    struct filter *filter = filter_compile(world->arena, world->of_model, conditions, count);
    *possible = 0;
    filter_mark_possible(filter, possible);
    return filter_possible_count(filter);
}

static void a_hint_names_few_and_misses_none(void **state)
{
    struct world *world = *state;
    uint64_t possible, a = UINT64_C(1) << index_of(world->of_model, "a"),
                       b = UINT64_C(1) << index_of(world->of_model, "b"),
                       c = UINT64_C(1) << index_of(world->of_model, "c");
    struct filter_condition kitchen = ONE(world, "tags", FILTER_EQUAL, "kitchen");
    struct filter_condition other = ONE(world, "tags", FILTER_NOT_EQUAL, "kitchen");
    struct filter_condition wide = ONE(world, "price", FILTER_GREATER, "8");
    struct filter_condition nowhere = ONE(world, "nowhere", FILTER_EQUAL, "x");
    struct filter_condition id = ONE(world, "id", FILTER_IN, "c", "a", "none");
    assert_int_equal(marked(world, &kitchen, 1, &possible), 2);
    assert_int_equal(possible, a | b);
    struct filter_condition both[] = {other, wide, kitchen};
    assert_int_equal(marked(world, both, 3, &possible), 2); /* the narrowest of what AND joins */
    assert_int_equal(possible, a | b);
    struct filter_condition either[] = {wide, id, other, kitchen};
    either[2].or_with_previous = true;
    assert_int_equal(marked(world, either, 4, &possible), 5); /* and all of what OR joins */
    assert_int_equal(possible, a | b | c);
    either[3] = other;
    assert_true(marked(world, either, 4, &possible) == SIZE_MAX);
    assert_int_equal(possible, 0);
    assert_int_equal(marked(world, &nowhere, 1, &possible), 0);
    assert_true(marked(world, &other, 1, &possible) == SIZE_MAX);
    assert_true(marked(world, NULL, 0, &possible) == SIZE_MAX);
}

static void failures_are_named(void **state)
{
    struct world *world = *state;
    struct filter_condition conditions[] = {
        ONE(world, "colour", FILTER_EQUAL, "red"), ONE(world, "price", FILTER_LESS, "5"),
        ONE(world, "colour", FILTER_EQUAL, "blue"), ONE(world, "stock", FILTER_NOT_EQUAL, "few")};
    size_t failed = 99;
    const struct filter *all = filter_compile(world->arena, world->of_model, conditions, 2);
    assert_true(filter_find_failure(all, index_of(world->of_model, "a"), &failed));
    assert_int_equal(failed, 1);
    assert_true(filter_find_failure(all, index_of(world->of_model, "b"), &failed));
    assert_int_equal(failed, 0);
    conditions[2].or_with_previous = true;
    const struct filter *either = filter_compile(world->arena, world->of_model, conditions, 4);
    assert_true(filter_find_failure(either, index_of(world->of_model, "b"), &failed));
    assert_int_equal(failed, 0);
    assert_true(filter_find_failure(either, index_of(world->of_model, "a"), &failed));
    assert_int_equal(failed, 1);
    const struct filter *good = filter_compile(world->arena, world->of_model, conditions, 1);
    failed = 99;
    assert_false(filter_find_failure(good, index_of(world->of_model, "a"), &failed));
    assert_int_equal(failed, 99);
}

static size_t next(uint64_t *random)
{
    *random = *random * 6364136223846793005u + 1442695040888963407u;
    return (size_t)(*random >> 40);
}

/* Values are searched in the model and asked one by one in changes: all operators, random values of all
 * kinds, among them different texts of one number. */
static void searching_agrees_with_asking(void **state)
{
    struct world *world = *state;
    enum { ITEMS = 64, ROUNDS = 4000 };
    static const char *const texts[] = {"1", "1.0", "-2", "10", "9",  "0",     "-0",   "2.5", "1e2",
                                        "",  "a",   "B",  "b",  "ab", "1 two", "\xc3", "-",   "~"};
    struct engine_item items[ITEMS];
    uint64_t random = 99;
    struct catalogue *changes = catalogue_create(NULL, NULL);
    for (int i = 0; i < ITEMS; i++) {
        const char *pairs[3];
        for (int k = 0; k < 3; k++)
            pairs[k] = arena_format(world->arena, "x=%s", texts[next(&random) % COUNT(texts)]);
        items[i] =
            make_item(world->arena, arena_format(world->arena, "i%02d", i), "", pairs, next(&random) % 4);
        catalogue_apply(changes, &items[i]);
    }
    struct model *model = train_model(items, ITEMS, NULL, 0);
    struct catalogue *catalogue = catalogue_create(model, NULL);
    for (int round = 0; round < ROUNDS; round++) {
        const char *values[3];
        for (int k = 0; k < 3; k++)
            values[k] = texts[next(&random) % COUNT(texts)];
        enum filter_operator op = (enum filter_operator)(next(&random) % FILTER_OPERATOR__MAX);
        struct filter_condition one = condition(world->arena, "x", op, values, next(&random) % 4);
        struct filter *searched = filter_compile(world->arena, catalogue, &one, 1);
        struct filter *asked = filter_compile(world->arena, changes, &one, 1);
        uint64_t possible = 0;
        filter_mark_possible(searched, &possible);
        for (int i = 0; i < ITEMS; i++) {
            uint32_t index = index_of(catalogue, items[i].id);
            bool matches = filter_matches(asked, index_of(changes, items[i].id));
            assert_int_equal(filter_matches(searched, index), matches);
            if (filter_possible_count(searched) != SIZE_MAX)
                assert_int_equal(possible >> index & 1, matches); /* one positive condition: exact */
        }
    }
    catalogue_destroy(catalogue);
    catalogue_destroy(changes);
    model_close(model);
}

static void an_unknown_operator_matches_nothing(void **state)
{
    check(*state, "", "colour", FILTER_OPERATOR__MAX, "red");
}

static uint64_t count_steps(struct world *world, const struct catalogue *catalogue, const char *column,
                            bool expected)
{
    struct error error = {0};
    const char *pattern = expected ? "%wash_at_30%" : "%wash_at_40%";
    const struct filter_condition one = condition(world->arena, column, FILTER_LIKE, &pattern, 1);
    work_budget_set(60000, NULL, NULL);
    work_budget_start();
    struct filter *filter = filter_compile(world->arena, catalogue, &one, 1);
    for (uint32_t i = 0; i < catalogue_item_count(catalogue); i++)
        assert_int_equal(filter_matches(filter, i), expected);
    assert_true(work_budget_stop(&error));
    uint64_t steps = work_budget_taken();
    work_budget_clear();
    return steps;
}

/* 200 items have one of four texts of 4,000 letters: as metadata and descriptions, in the model and changed. */
static void each_different_value_is_compared_once(void **state)
{
    enum { ITEMS = 200, TEXTS = 4, LENGTH = 4000 };
    struct world *world = *state;
    struct catalogue *changes = catalogue_create(NULL, NULL);
    struct engine_item items[ITEMS];
    char *texts[TEXTS];
    for (int i = 0; i < TEXTS; i++) {
        texts[i] = memset(arena_alloc(world->arena, LENGTH + 24, 1), 'w', LENGTH);
        snprintf(texts[i] + LENGTH, 24, "wash at 30 %d", i);
    }
    for (int i = 0; i < ITEMS; i++) {
        struct engine_field *field = arena_alloc(world->arena, 1, sizeof(*field));
        *field = (struct engine_field){.path = "care", .text = texts[i % TEXTS], .number = (double)NAN};
        items[i] = PLAIN(world->arena, arena_format(world->arena, "i%03d", i), "thing");
        items[i].description = arena_copy_text(world->arena, texts[i % TEXTS]);
        items[i].fields = field;
        items[i].field_count = 1;
        catalogue_apply(changes, &items[i]);
    }
    struct model *model = train_model(items, ITEMS, NULL, 0);
    struct catalogue *of_model = catalogue_create(model, NULL);
    const char *const columns[] = {"care", "description"};
    for (int i = 0; i < 8; i++) {
        uint64_t steps = count_steps(world, i & 1 ? changes : of_model, columns[i / 4], i & 2);
        assert_true(steps >= TEXTS * LENGTH / 8);
        assert_true(steps < 2 * TEXTS * LENGTH / 8 + ITEMS * 20);
    }
    catalogue_destroy(of_model);
    catalogue_destroy(changes);
    model_close(model);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(nothing_matches_everything),
        TEST(equal),
        TEST(not_equal_is_its_negation),
        TEST(numbers_compare_as_numbers),
        TEST(bounds_are_of_numbers_alone),
        TEST(numbers_and_texts_never_meet_by_accident),
        TEST(like_family),
        TEST(in),
        TEST(no_values_match_nothing),
        TEST(exists),
        TEST(a_missing_field_fails),
        TEST(built_in_columns),
        TEST(times_are_unix_seconds),
        TEST(and_binds_tighter_than_or),
        TEST(changed_items_are_seen),
        TEST(values_are_copied),
        TEST(a_hint_names_few_and_misses_none),
        TEST(failures_are_named),
        TEST(searching_agrees_with_asking),
        TEST(an_unknown_operator_matches_nothing),
        TEST(each_different_value_is_compared_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
