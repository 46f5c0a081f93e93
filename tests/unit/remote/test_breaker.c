/* The circuit breaker: when it opens and closes, who may try, and that no place is lost. */
#include "../base/fixture.h"

#include "remote/breaker.h"

#include <signal.h>
#include <sys/wait.h>

#define SECOND INT64_C(1000000)

static const struct breaker_rules rules = {
    .failures = 3, .window_us = 10 * SECOND, .open_us = 5 * SECOND, .waiting = 2, .hold_us = 2 * SECOND};

struct world {
    struct arena *arena;
    const char *folder, *path;
    struct breaker *breaker;
    int64_t now;
};

static struct breaker *open_state(struct world *world)
{
    char problem[300];
    struct breaker *breaker = breaker_open(world->path, &rules, problem, sizeof(problem));
    if (!breaker)
        fail_msg("%s", problem);
    return breaker;
}

static int setup(void **state)
{
    static struct world world;
    world.arena = arena_create();
    world.folder = folder_create(world.arena);
    world.path = arena_format(world.arena, "%s/state", world.folder);
    world.breaker = open_state(&world);
    world.now = 1000 * SECOND;
    *state = &world;
    return 0;
}

static int teardown(void **state)
{
    static const char *const names[] = {"state", "other"};
    struct world *world = *state;
    breaker_close(world->breaker);
    folder_remove(world->arena, world->folder, names, COUNT(names));
    arena_destroy(world->arena);
    return 0;
}

#define BREAKER_TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

static enum breaker_verdict enter(struct world *world, struct breaker_ticket *ticket)
{
    return breaker_enter(world->breaker, world->now, ticket);
}

/* One whole exchange that must be let in. */
static void exchange(struct world *world, bool good)
{
    struct breaker_ticket ticket;
    assert_int_equal(enter(world, &ticket), BREAKER_ADMITTED);
    breaker_leave(world->breaker, &ticket, world->now, good, 0);
}

static void expect_refused(struct world *world)
{
    struct breaker_ticket ticket;
    assert_int_equal(enter(world, &ticket), BREAKER_REFUSED);
}

static void break_it(struct world *world)
{
    for (int i = 0; i < 3; i++)
        exchange(world, false);
    expect_refused(world);
}

static void it_opens_after_so_many_failures(void **state)
{
    struct world *world = *state;
    exchange(world, false);
    exchange(world, false);
    exchange(world, false);
    expect_refused(world);
}

static void a_thousand_good_answers_do_not_keep_it_closed(void **state)
{
    struct world *world = *state;
    for (int i = 0; i < 1000; i++)
        exchange(world, true);
    break_it(world);
}

static void a_rare_failure_does_not_open_it(void **state)
{
    struct world *world = *state;
    for (int i = 0; i < 200; i++)
        exchange(world, i % 4 != 0);
}

static void half_of_them_failing_opens_it(void **state)
{
    struct world *world = *state;
    for (int i = 0; i < 5; i++)
        exchange(world, i % 2 == 1);
    expect_refused(world);
}

static void a_pause_forgets_failures(void **state)
{
    struct world *world = *state;
    for (int i = 0; i < 20; i++) {
        exchange(world, false);
        world->now += 11 * SECOND;
    }
}

static void one_at_a_time_tries_when_it_has_been_open(void **state)
{
    struct world *world = *state;
    struct breaker_ticket first;
    break_it(world);
    world->now += 5 * SECOND - 1;
    expect_refused(world);
    world->now += 1;
    assert_int_equal(enter(world, &first), BREAKER_ADMITTED);
    expect_refused(world);
    breaker_leave(world->breaker, &first, world->now, true, 0);
    exchange(world, false);
    exchange(world, false);
    exchange(world, true);
}

static void a_try_that_fails_opens_it_again(void **state)
{
    struct world *world = *state;
    break_it(world);
    world->now += 5 * SECOND;
    exchange(world, false);
    expect_refused(world);
    world->now += 5 * SECOND;
    exchange(world, true);
    exchange(world, true);
}

static void a_try_that_never_ends_is_followed_by_another(void **state)
{
    struct world *world = *state;
    struct breaker_ticket lost;
    break_it(world);
    world->now += 5 * SECOND;
    assert_int_equal(enter(world, &lost), BREAKER_ADMITTED);
    world->now += 2 * SECOND + 1;
    exchange(world, true);
    exchange(world, true);
}

static void who_fails_late_does_not_make_it_last_longer(void **state)
{
    struct world *world = *state;
    struct breaker_ticket late;
    assert_int_equal(enter(world, &late), BREAKER_ADMITTED);
    break_it(world);
    world->now += 2 * SECOND;
    breaker_leave(world->breaker, &late, world->now, false, 0);
    world->now += 3 * SECOND;
    exchange(world, true);
}

static void a_pause_that_was_asked_for_is_kept(void **state)
{
    struct world *world = *state;
    struct breaker_ticket ticket;
    assert_int_equal(enter(world, &ticket), BREAKER_ADMITTED);
    breaker_leave(world->breaker, &ticket, world->now, false, 30 * SECOND);
    world->now += 29 * SECOND;
    expect_refused(world);
    world->now += SECOND;
    exchange(world, true);
    assert_int_equal(enter(world, &ticket), BREAKER_ADMITTED);
    breaker_leave(world->breaker, &ticket, world->now, false, INT64_MAX);
    world->now += BREAKER_PAUSE_MAX_US;
    exchange(world, true);
}

static void only_so_many_may_wait(void **state)
{
    struct world *world = *state;
    struct breaker_ticket first, second, third;
    assert_int_equal(enter(world, &first), BREAKER_ADMITTED);
    assert_int_equal(enter(world, &second), BREAKER_ADMITTED);
    assert_int_equal(enter(world, &third), BREAKER_FULL);
    breaker_leave(world->breaker, &first, world->now, true, 0);
    assert_int_equal(enter(world, &third), BREAKER_ADMITTED);
    assert_int_equal(third.place, first.place);
    /* Who is late has lost the place and must not free the next one's. */
    breaker_leave(world->breaker, &first, world->now, true, 0);
    breaker_leave(world->breaker, &second, world->now, true, 0);
    breaker_leave(world->breaker, &third, world->now, true, 0);
}

static void a_place_is_free_again_when_its_time_is_over(void **state)
{
    struct world *world = *state;
    struct breaker_ticket ticket;
    assert_int_equal(enter(world, &ticket), BREAKER_ADMITTED);
    assert_int_equal(enter(world, &ticket), BREAKER_ADMITTED);
    assert_int_equal(enter(world, &ticket), BREAKER_FULL);
    world->now += 2 * SECOND + 2000;
    assert_int_equal(enter(world, &ticket), BREAKER_ADMITTED);
}

/* kill -9 of a worker that waits. */
static void a_place_is_free_again_when_its_process_is_gone(void **state)
{
    struct world *world = *state;
    struct breaker_ticket ticket;
    for (int i = 0; i < 2; i++) {
        pid_t child = fork();
        if (child == 0) {
            struct breaker_ticket held;
            _exit(enter(world, &held) == BREAKER_ADMITTED ? 0 : 1);
        }
        int status;
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_int_equal(status, 0);
    }
    assert_int_equal(enter(world, &ticket), BREAKER_ADMITTED);
    assert_int_equal(enter(world, &ticket), BREAKER_ADMITTED);
    assert_int_equal(enter(world, &ticket), BREAKER_FULL);
}

static void all_who_open_the_file_share_it(void **state)
{
    struct world *world = *state;
    struct breaker *other = open_state(world);
    struct breaker_ticket ticket;
    break_it(world);
    assert_int_equal(breaker_enter(other, world->now, &ticket), BREAKER_REFUSED);
    breaker_close(other);
    breaker_close(world->breaker);
    world->breaker = open_state(world);
    expect_refused(world);
}

/* Many processes at once: as many failures as there were, and never more than may wait. */
static void processes_do_not_get_in_each_others_way(void **state)
{
    struct world *world = *state;
    enum { CHILDREN = 8, ROUNDS = 2000 };
    pid_t children[CHILDREN];
    for (int i = 0; i < CHILDREN; i++) {
        children[i] = fork();
        if (children[i])
            continue;
        for (int round = 0; round < ROUNDS; round++) {
            struct breaker_ticket ticket;
            enum breaker_verdict verdict = enter(world, &ticket);
            if (verdict == BREAKER_REFUSED)
                _exit(1);
            if (verdict == BREAKER_ADMITTED)
                breaker_leave(world->breaker, &ticket, world->now, true, 0);
        }
        _exit(0);
    }
    for (int i = 0; i < CHILDREN; i++) {
        int status;
        assert_int_equal(waitpid(children[i], &status, 0), children[i]);
        assert_int_equal(status, 0);
    }
    struct breaker_view view;
    assert_true(breaker_inspect(world->path, &rules, world->now, &view));
    assert_int_equal(view.waiting, 0);
    assert_false(view.open);
}

/* After a boot the clock begins anew, and what the file says lies far ahead. */
static void times_of_an_earlier_boot_are_past(void **state)
{
    struct world *world = *state;
    struct breaker_ticket ticket;
    world->now = 900000 * SECOND;
    assert_int_equal(enter(world, &ticket), BREAKER_ADMITTED);
    break_it(world);
    world->now = 5 * SECOND;
    exchange(world, true);
    exchange(world, true);
}

static void a_look_changes_nothing(void **state)
{
    struct world *world = *state;
    struct breaker_view view;
    struct breaker_ticket ticket;
    const char *other = arena_format(world->arena, "%s/other", world->folder);
    assert_false(breaker_inspect(other, &rules, world->now, &view));
    assert_int_equal(access(other, F_OK), -1);
    exchange(world, false);
    assert_int_equal(enter(world, &ticket), BREAKER_ADMITTED);
    assert_true(breaker_inspect(world->path, &rules, world->now, &view));
    assert_false(view.open);
    assert_int_equal(view.failures, 1);
    assert_int_equal(view.waiting, 1);
    breaker_leave(world->breaker, &ticket, world->now, false, 0);
    exchange(world, false);
    assert_true(breaker_inspect(world->path, &rules, world->now + SECOND, &view));
    assert_true(view.open);
    assert_true(view.left_us == 4 * SECOND);
}

/* Whoever is told so may be wrong a moment later, but has taken nothing and keeps nobody from trying. */
static void a_preview_says_what_entering_would(void **state)
{
    struct world *world = *state;
    struct breaker_ticket first, second, other;
    assert_int_equal(enter(world, &first), BREAKER_ADMITTED);
    for (int i = 0; i < 10; i++)
        assert_int_equal(breaker_preview(world->breaker, world->now), BREAKER_ADMITTED);
    assert_int_equal(enter(world, &second), BREAKER_ADMITTED);
    assert_int_equal(breaker_preview(world->breaker, world->now), BREAKER_FULL);
    breaker_leave(world->breaker, &first, world->now, true, 0);
    breaker_leave(world->breaker, &second, world->now, true, 0);
    break_it(world);
    assert_int_equal(breaker_preview(world->breaker, world->now), BREAKER_REFUSED);
    world->now += 6 * SECOND;
    for (int i = 0; i < 10; i++)
        assert_int_equal(breaker_preview(world->breaker, world->now), BREAKER_ADMITTED);
    assert_int_equal(enter(world, &other), BREAKER_ADMITTED);
    assert_int_equal(breaker_preview(world->breaker, world->now), BREAKER_REFUSED);
}

static void files_of_others_are_left_alone(void **state)
{
    struct world *world = *state;
    char problem[300];
    const char *other = text_write(world->arena, world->folder, "other", "something that is no state");
    assert_null(breaker_open(other, &rules, problem, sizeof(problem)));
    assert_non_null(strstr(problem, "remove it"));
    unlink(other);
    assert_int_equal(symlink(world->path, other), 0);
    assert_null(breaker_open(other, &rules, problem, sizeof(problem)));
    assert_null(breaker_open(world->folder, &rules, problem, sizeof(problem)));
    assert_null(breaker_open("/nonexistent/state", &rules, problem, sizeof(problem)));
    assert_non_null(strstr(problem, "/nonexistent/state"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BREAKER_TEST(it_opens_after_so_many_failures),
        BREAKER_TEST(a_thousand_good_answers_do_not_keep_it_closed),
        BREAKER_TEST(a_rare_failure_does_not_open_it),
        BREAKER_TEST(half_of_them_failing_opens_it),
        BREAKER_TEST(a_pause_forgets_failures),
        BREAKER_TEST(one_at_a_time_tries_when_it_has_been_open),
        BREAKER_TEST(a_try_that_fails_opens_it_again),
        BREAKER_TEST(a_try_that_never_ends_is_followed_by_another),
        BREAKER_TEST(who_fails_late_does_not_make_it_last_longer),
        BREAKER_TEST(a_pause_that_was_asked_for_is_kept),
        BREAKER_TEST(only_so_many_may_wait),
        BREAKER_TEST(a_place_is_free_again_when_its_time_is_over),
        BREAKER_TEST(a_place_is_free_again_when_its_process_is_gone),
        BREAKER_TEST(all_who_open_the_file_share_it),
        BREAKER_TEST(processes_do_not_get_in_each_others_way),
        BREAKER_TEST(times_of_an_earlier_boot_are_past),
        BREAKER_TEST(a_look_changes_nothing),
        BREAKER_TEST(a_preview_says_what_entering_would),
        BREAKER_TEST(files_of_others_are_left_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
