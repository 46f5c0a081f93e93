/* Tests of training/robots: nothing is learned from users that are no people. */
#include "../engine/fixture.h"

#include "base/robot.h"

static struct model *model_of_events(struct arena *arena, const struct event *events, size_t count)
{
    struct engine_item items[] = {PLAIN(arena, "a", "a"), PLAIN(arena, "b", "b"), PLAIN(arena, "c", "c"),
                                  PLAIN(arena, "d", "d"), PLAIN(arena, "e", "e")};
    return train_model(items, COUNT(items), events, count);
}

/* As many events on one day as no person has: of one who is left out nothing is learned. */
static void robots_are_left_out(void **state)
{
    (void)state;
    enum { PEOPLE = 6, EVENTS = ROBOT_DAY_EVENTS + 2 };
    struct arena *arena = arena_create();
    struct event *events = arena_alloc(arena, PEOPLE + EVENTS, sizeof(*events));
    for (size_t i = 0; i < PEOPLE; i++)
        events[i] = (struct event){i < 3 ? "u" : "v", i % 3 ? "a" : "b", 1, 2};
    for (size_t i = 0; i < EVENTS; i++)
        events[PEOPLE + i] = (struct event){"robot", i % 2 ? "c" : "d", 0.1F, 1};
    struct model *model = model_of_events(arena, events, PEOPLE + EVENTS);
    assert_int_equal(model_item_events(model, 0), 4);
    assert_int_equal(model_item_events(model, 2), 0);
    assert_int_equal(model_item_row(model, 2).count, 0);
    assert_true(model_item_row(model, 0).count > 0);
    model_close(model);
    for (size_t i = 0; i < EVENTS; i++)
        events[PEOPLE + i].weight = 0.01F; /* impressions: one person may see so many */
    model = model_of_events(arena, events, PEOPLE + EVENTS);
    assert_int_equal(model_item_events(model, 2), EVENTS / 2);
    model_close(model);
    arena_destroy(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(robots_are_left_out)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
