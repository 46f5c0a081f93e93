/* What was shown in vain sinks, by how often it was; what was clicked stays; preferences stay in front. */
#include "../fixture.h"

#include "recommender/shaping/rotation.h"

static const struct shop_item items[] = {
    {"a", "{}", NULL}, {"b", "{}", NULL}, {"c", "{}", NULL}, {"d", "{}", NULL}};

#define RANKED_BEST 0.8F
#include "../ranked_world.h"

#define ROTATION_TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

static const struct rotation half = {.hours = 24, .strength = 0.5};

static const char *order(struct world *world, const struct rotation *rotation, const struct shown_row *shown,
                         size_t shown_count, const struct engine_history_entry *history, size_t history_count)
{
    const char *text = "";
    rotate(world->catalogue, rotation, shown, shown_count, history, history_count, world->results,
           COUNT(items));
    for (size_t i = 0; i < COUNT(items); i++)
        text =
            arena_format(world->arena, "%s%s", text, catalogue_id(world->catalogue, world->results[i].item));
    return text;
}

static void nothing_shown_nothing_moves(void **state)
{
    assert_string_equal(order(*state, &half, NULL, 0, NULL, 0), "abcd");
}

static void each_impression_counts(void **state)
{
    struct world *world = *state;
    struct shown_row shown[] = {{"a", 1}, {"b", 3}};
    assert_string_equal(order(world, &half, shown, 2, NULL, 0), "cdab");
    assert_float_equal(world->results[2].score, 0.4, 0.0001);
    assert_float_equal(world->results[3].score, 0.0875, 0.0001);
}

static void what_was_clicked_stays(void **state)
{
    struct world *world = *state;
    struct shown_row shown[] = {{"a", 5}};
    struct engine_history_entry history[] = {{.item = world->results[0].item, .weight = 0.1F}};
    assert_string_equal(order(world, &half, shown, 1, history, 1), "abcd");
}

static void unknown_items_are_ignored(void **state)
{
    struct shown_row shown[] = {{"zebra", 5}};
    assert_string_equal(order(*state, &half, shown, 1, NULL, 0), "abcd");
}

static void preferred_items_stay_in_front(void **state)
{
    struct world *world = *state;
    struct shown_row shown[] = {{"a", 9}};
    world->results[0].preferred = world->results[1].preferred = true;
    assert_string_equal(order(world, &half, shown, 1, NULL, 0), "bacd");
}

static void strength_nought_changes_nothing(void **state)
{
    struct rotation none = {.hours = 24, .strength = 0};
    struct shown_row shown[] = {{"a", 9}};
    assert_string_equal(order(*state, &none, shown, 1, NULL, 0), "abcd");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ROTATION_TEST(nothing_shown_nothing_moves),   ROTATION_TEST(each_impression_counts),
        ROTATION_TEST(what_was_clicked_stays),        ROTATION_TEST(unknown_items_are_ignored),
        ROTATION_TEST(preferred_items_stay_in_front), ROTATION_TEST(strength_nought_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
