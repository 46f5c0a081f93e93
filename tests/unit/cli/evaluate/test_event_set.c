/* Tests of cli/event_set: order within users, and the bounds of the times. */
#include "fixture_events.h"

#include "base/robot.h"

static void test_order(void **state)
{
    (void)state;
    const struct planted events[] = {
        {"b", "x", 10, 5}, {"a", "y", 10, 9}, {"b", "z", 100, 3}, {"a", "x", 10, 9}, {"a", "z", 1, 2}};
    struct event_set *set = plant(events, COUNT(events));
    uint32_t a = number_of(set->users, "a"), b = number_of(set->users, "b");
    assert_int_equal(set->count, 5);
    assert_int_equal(set->starts[a + 1] - set->starts[a], 3);
    const struct set_event *of_a = &set->events[set->starts[a]], *of_b = &set->events[set->starts[b]];
    assert_string_equal(intern_text(set->items, of_a[0].item), "z");
    assert_string_equal(intern_text(set->items, of_a[1].item), "y"); /* equal times: as they arrived */
    assert_string_equal(intern_text(set->items, of_a[2].item), "x");
    assert_string_equal(intern_text(set->items, of_b[0].item), "z");
    assert_int_equal(of_b[0].weight, 100);
    assert_int_equal(set->oldest, 2 * day_ms);
    assert_int_equal(set->newest, 9 * day_ms);
    event_set_destroy(set);
}

static void test_taking_events_out(void **state)
{
    (void)state;
    const struct planted events[] = {{"a", "x", 10, 1}, {"a", "y", 10, 8}, {"b", "x", 10, 3}};
    struct event_set *set = plant(events, COUNT(events));
    set->events[1] = set->events[2];
    set->count = 2;
    event_set_finish(set);
    assert_int_equal(set->newest, 3 * day_ms);
    assert_int_equal(set->starts[1], 1);
    assert_int_equal(set->starts[2], 2);
    event_set_destroy(set);
}

static void test_robots(void **state)
{
    (void)state;
    enum { EVENTS = ROBOT_DAY_EVENTS + 1 };
    uint64_t events;
    for (int64_t day = 20000; day >= 0; day -= 20000) {
        struct event_set *set = event_set_create();
        const int64_t at = day ? day * day_ms : 1000; /* all at place 1 of an order, which tells no rate */
        for (size_t i = 0; i < EVENTS; i++)
            event_set_add(set, &(struct file_event){
                                   .user_id = "robot", .item_id = "x", .weight = 10, .occurred_at = at});
        event_set_add(set,
                      &(struct file_event){.user_id = "a", .item_id = "y", .weight = 10, .occurred_at = at});
        event_set_finish(set);
        assert_int_equal(event_set_leave_out_robots(set, &events), day ? 1 : 0);
        assert_int_equal(events, day ? EVENTS : 0);
        assert_int_equal(set->count, day ? 1 : EVENTS + 1);
        assert_int_equal(set->starts[2], set->count);
        event_set_destroy(set);
    }
}

static void test_empty(void **state)
{
    (void)state;
    struct event_set *set = plant(NULL, 0);
    assert_int_equal(set->starts[0], 0);
    assert_int_equal(set->oldest, 0);
    event_set_destroy(set);
    event_set_destroy(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_order),
        cmocka_unit_test(test_taking_events_out),
        cmocka_unit_test(test_robots),
        cmocka_unit_test(test_empty),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
