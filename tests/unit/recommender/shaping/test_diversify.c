/* Less of the same: caps push back but never drop, likeness counts, preferences stay in front, scores never
 * rise. */
#include "../fixture.h"

#include "recommender/shaping/diversify.h"

static const struct shop_item items[] = {
    {"a", "{\"category\":\"mugs\"}", "red tea mug"},
    {"b", "{\"category\":\"M\u00dcGS \"}", "red tea mug large"},
    {"c", "{\"category\":\"mugs\"}", "red tea mug xl"},
    {"d", "{\"category\":\"lamps\"}", "desk lamp"},
    {"e", "{}", "garden chair"},
    {"f", "{\"category\":\"lamps\"}", "night light"},
};

#define RANKED_BEST 0.9F
#include "../ranked_world.h"

#define DIVERSITY_TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

/* The ids of the new order; checks what holds always. */
static const char *order(struct world *world, struct diversity diversity, size_t quantity)
{
    const char *text = "";
    size_t count =
        diversify(world->arena, world->catalogue, &diversity, world->results, COUNT(items), quantity);
    assert_int_equal(count, quantity < COUNT(items) ? quantity : COUNT(items));
    for (size_t i = 0; i < count; i++) {
        text =
            arena_format(world->arena, "%s%s", text, catalogue_id(world->catalogue, world->results[i].item));
        assert_true(i == 0 || world->results[i].score <= world->results[i - 1].score);
    }
    return text;
}

static void a_cap_holds_while_others_are_left(void **state)
{
    assert_string_equal(order(*state, (struct diversity){"category", 1, 1}, 3), "ade");
}

static void a_cap_never_makes_the_list_short(void **state)
{
    assert_string_equal(order(*state, (struct diversity){"category", 1, 1}, 6), "adebcf");
}

static void a_cap_of_two_lets_two_pass(void **state)
{
    assert_string_equal(order(*state, (struct diversity){"category", 2, 1}, 4), "abde");
}

static void items_without_the_field_are_not_capped(void **state)
{
    assert_string_equal(order(*state, (struct diversity){"colour", 1, 1}, 6), "abcdef");
}

static void likeness_moves_what_is_alike_back(void **state)
{
    const char *text = order(*state, (struct diversity){NULL, 0, 0.5}, 6);
    assert_int_equal(text[0], 'a');
    assert_true(strchr(text, 'd') < strchr(text, 'b'));
}

static void full_relevance_changes_nothing(void **state)
{
    assert_false(diversity_is_on(&(struct diversity){NULL, 0, 1}));
    assert_string_equal(order(*state, (struct diversity){NULL, 0, 1}, 6), "abcdef");
}

static void preferred_items_stay_in_front(void **state)
{
    struct world *world = *state;
    for (size_t i = 0; i < 3; i++)
        world->results[i].preferred = true;
    assert_string_equal(order(world, (struct diversity){"category", 1, 1}, 5), "abcde");
}

static void the_pool_is_larger_than_the_list(void **state)
{
    (void)state;
    assert_true(diversify_pool(1) > 1);
    assert_true(diversify_pool(100) > 100);
}

static void nothing_in_nothing_out(void **state)
{
    struct world *world = *state;
    struct diversity diversity = {"category", 1, 0.5};
    assert_int_equal(diversify(world->arena, world->catalogue, &diversity, world->results, 0, 5), 0);
    assert_int_equal(diversify(world->arena, world->catalogue, &diversity, world->results, 3, 0), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        DIVERSITY_TEST(a_cap_holds_while_others_are_left),
        DIVERSITY_TEST(a_cap_never_makes_the_list_short),
        DIVERSITY_TEST(a_cap_of_two_lets_two_pass),
        DIVERSITY_TEST(items_without_the_field_are_not_capped),
        DIVERSITY_TEST(likeness_moves_what_is_alike_back),
        DIVERSITY_TEST(full_relevance_changes_nothing),
        DIVERSITY_TEST(preferred_items_stay_in_front),
        DIVERSITY_TEST(the_pool_is_larger_than_the_list),
        DIVERSITY_TEST(nothing_in_nothing_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
