/* Groups: in rank order, cut at two limits, by one key or several, and those without a value together. */
#include "../fixture.h"

#include "recommender/shaping/grouping.h"

static const struct shop_item items[] = {
    {"a", "{\"category\":\"toys\",\"brand\":\"x\",\"size\":{\"w\":1}}", NULL},
    {"b", "{\"category\":\"books\",\"brand\":\"x\"}", NULL},
    {"c", "{\"category\":\"toys\",\"brand\":\"y\"}", NULL},
    {"d", "{}", NULL},
    {"e", "{\"category\":[\"toys\",\"books\"]}", NULL},
    {"f", "{\"category\":\"T\u00f6ys \"}", NULL},
    {"g", "{\"brand\":\"Y\"}", NULL},
    {"h", "{\"category\":{\"main\":\"toys\"}}", NULL},
};

#define RANKED_BEST 1.0F
#include "../ranked_world.h"

#define GROUPING_TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

/* Groups of the first count results as "key: ids; key: ids". */
static const char *cut(struct world *world, const struct context_settings *context, size_t count,
                       size_t quantity)
{
    struct group *groups;
    const char *text = "";
    size_t found =
        grouping_cut(world->arena, world->catalogue, context, world->results, count, quantity, &groups);
    assert_true(found <= quantity);
    for (size_t i = 0; i < found; i++) {
        text = arena_format(world->arena, "%s%s%s:", text, i ? "; " : "", groups[i].key);
        for (size_t j = 0; j < groups[i].count; j++)
            text = arena_format(world->arena, "%s %s", text,
                                catalogue_id(world->catalogue, groups[i].results[j].item));
    }
    return text;
}

static void groups_come_in_rank_order(void **state)
{
    struct context_settings context = {.group_by = {"category"}, .group_count = 1, .group_items = 10};
    /* Case, accents and blanks of a category do not count; of a list its first value does. */
    assert_string_equal(cut(*state, &context, COUNT(items), 10), "toys: a c e f; books: b; (none): d g h");
    context.group_by[0] = "brand";
    assert_string_equal(cut(*state, &context, COUNT(items), 10), "x: a b; y: c; (none): d e f h; Y: g");
}

static void groups_and_their_items_are_limited(void **state)
{
    struct context_settings context = {.group_by = {"category"}, .group_count = 1, .group_items = 2};
    assert_string_equal(cut(*state, &context, COUNT(items), 2), "toys: a c; books: b");
    assert_string_equal(cut(*state, &context, COUNT(items), 1), "toys: a c");
    context.group_items = 1;
    assert_string_equal(cut(*state, &context, COUNT(items), 3), "toys: a; books: b; (none): d");
}

static void several_keys_are_joined(void **state)
{
    struct context_settings context = {
        .group_by = {"category", "brand"}, .group_count = 2, .group_items = 10};
    assert_string_equal(cut(*state, &context, COUNT(items), 10),
                        "toys | x: a; books | x: b; toys | y: c; (none) | (none): d h; toys | (none): e f; "
                        "(none) | Y: g");
}

static void keys_are_named_as_in_filters(void **state)
{
    struct context_settings context = {.group_by = {"metadata.size.w"}, .group_count = 1, .group_items = 1};
    assert_string_equal(cut(*state, &context, 2, 10), "1: a; (none): b");
    context.group_by[0] = "name";
    assert_string_equal(cut(*state, &context, 2, 10), "a: a; b: b");
    context.group_by[0] = "category.main";
    assert_string_equal(cut(*state, &context, COUNT(items), 10), "(none): a; toys: h");
}

static void nothing_ranked_gives_no_groups(void **state)
{
    struct context_settings context = {.group_by = {"category"}, .group_count = 1, .group_items = 2};
    assert_string_equal(cut(*state, &context, 0, 10), "");
}

static void scores_come_along(void **state)
{
    struct world *world = *state;
    struct context_settings context = {.group_by = {"category"}, .group_count = 1, .group_items = 3};
    struct group *groups;
    size_t found =
        grouping_cut(world->arena, world->catalogue, &context, world->results, COUNT(items), 10, &groups);
    for (size_t i = 0; i < found; i++) {
        for (size_t j = 1; j < groups[i].count; j++)
            assert_true(groups[i].results[j].score < groups[i].results[j - 1].score);
    }
    assert_true(groups[0].results[0].score == 1);
}

static void complete_means_that_nothing_could_change(void **state)
{
    struct context_settings context = {.group_items = 2};
    struct group full[] = {{.count = 2}, {.count = 2}}, half[] = {{.count = 2}, {.count = 1}};
    (void)state;
    assert_true(grouping_is_complete(full, 2, 2, &context));
    assert_false(grouping_is_complete(full, 2, 3, &context));
    assert_false(grouping_is_complete(half, 2, 2, &context));
    assert_false(grouping_is_complete(full, 0, 1, &context));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        GROUPING_TEST(groups_come_in_rank_order),
        GROUPING_TEST(groups_and_their_items_are_limited),
        GROUPING_TEST(several_keys_are_joined),
        GROUPING_TEST(keys_are_named_as_in_filters),
        GROUPING_TEST(nothing_ranked_gives_no_groups),
        GROUPING_TEST(scores_come_along),
        cmocka_unit_test(complete_means_that_nothing_could_change),
    };
    return cmocka_run_group_tests_name("recommender/grouping", tests, NULL, NULL);
}
