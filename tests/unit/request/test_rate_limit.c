/* Buckets: bursts, refilling, several clients, several processes, a clock that begins anew. */
#include "../base/fixture.h"

#include "request/rate_limit.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SECOND = 1000000 };

static char path[] = "/tmp/palate-limit-XXXXXX";
static struct rate_limit *limit;

static int take_n(const char *client, struct rate rate, int64_t now, int count)
{
    int taken = 0, wait;
    for (int i = 0; i < count; i++)
        taken += rate_limit_take(limit, RATE_REQUESTS, client, rate, now, &wait);
    return taken;
}

static void a_burst_and_then_the_rate(void **state)
{
    const struct rate rate = {60, 5};
    int64_t now = INT64_C(1000) * SECOND;
    int wait = 0;
    (void)state;
    assert_int_equal(take_n("a", rate, now, 20), 5);
    assert_false(rate_limit_take(limit, RATE_REQUESTS, "a", rate, now, &wait));
    assert_int_equal(wait, 1);
    assert_int_equal(take_n("a", rate, now + SECOND, 20), 1);
    assert_int_equal(take_n("a", rate, now + 4 * SECOND, 20), 3);
    assert_int_equal(take_n("a", rate, now + 1000 * SECOND, 20), 5); /* never more than the burst */
    int passed = 0;
    for (int64_t at = 0; at < 100 * SECOND; at += SECOND / 10)
        passed += take_n("b", rate, now + at, 1);
    assert_in_range(passed, 100, 105);
}

static void slow_rates_say_how_long(void **state)
{
    const struct rate rate = {1, 1};
    int wait = 0;
    (void)state;
    assert_true(rate_limit_take(limit, RATE_REQUESTS, "slow", rate, 5 * SECOND, &wait));
    assert_false(rate_limit_take(limit, RATE_REQUESTS, "slow", rate, 35 * SECOND, &wait));
    assert_int_equal(wait, 30);
    assert_true(rate_limit_take(limit, RATE_REQUESTS, "slow", rate, 65 * SECOND, &wait));
}

static void clients_do_not_share(void **state)
{
    const struct rate rate = {60, 1};
    char name[20];
    (void)state;
    for (int i = 0; i < 1000; i++) {
        snprintf(name, sizeof(name), "client-%d", i);
        assert_int_equal(take_n(name, rate, 10 * SECOND, 3), 1);
    }
}

static bool take(enum rate_kind kind, const char *client, int64_t now)
{
    const struct rate rate = {5, 5};
    int wait;
    return rate_limit_take(limit, kind, client, rate, now, &wait);
}

static void what_is_counted_is_counted_apart(void **state)
{
    const int64_t now = INT64_C(2000) * SECOND;
    (void)state;
    for (int i = 0; i < 5; i++)
        assert_true(take(RATE_WRONG_TRIES, "shop", now));
    assert_false(take(RATE_WRONG_TRIES, "shop", now));
    for (enum rate_kind kind = RATE_REQUESTS; kind <= RATE_STRANGERS; kind++)
        assert_int_equal(take(kind, "shop", now), kind != RATE_WRONG_TRIES);
}

/* Four times as many as there are places: they neither refuse nor excuse anybody. */
static void a_crowd_switches_no_limit_off(void **state)
{
    const enum rate_kind kinds[] = {RATE_STRANGERS, RATE_REQUESTS};
    const int64_t now = INT64_C(3000) * SECOND;
    char name[30];
    (void)state;
    for (size_t k = 0; k < COUNT(kinds); k++) {
        for (int i = 0; i < 5; i++)
            assert_true(take(kinds[k], "guessed", now));
        for (int i = 0; i < 4 * RATE_LIMIT_PLACES; i++) {
            snprintf(name, sizeof(name), "made-up-%d", i);
            assert_true(take(kinds[k], name, now));
        }
        assert_false(take(kinds[k], "guessed", now));
        for (int i = 0; i < 5; i++)
            assert_true(take(kinds[k], "comes later", now));
        assert_false(take(kinds[k], "comes later", now));
    }
}

static void no_limit_is_no_limit(void **state)
{
    (void)state;
    assert_int_equal(take_n("free", (struct rate){0, 1}, SECOND, 1000), 1000);
}

static void the_clock_may_begin_anew(void **state)
{
    const struct rate rate = {60, 2};
    (void)state;
    assert_int_equal(take_n("boot", rate, INT64_C(9000000) * SECOND, 5), 2);
    assert_int_equal(take_n("boot", rate, 3 * SECOND, 5), 2);
}

/* Eight processes take at once: together no more than the burst. */
static void processes_share(void **state)
{
    const struct rate rate = {1, 1000};
    _Atomic int *taken =
        mmap(NULL, sizeof(*taken), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    (void)state;
    assert_ptr_not_equal(taken, MAP_FAILED);
    for (int i = 0; i < 8; i++) {
        if (fork() == 0) {
            char problem[200];
            int wait;
            struct rate_limit *own = rate_limit_open(path, problem, sizeof(problem));
            for (int j = 0; own && j < 1000; j++)
                *taken += rate_limit_take(own, RATE_REQUESTS, "many", rate, 77 * SECOND, &wait);
            rate_limit_close(own);
            _exit(own ? 0 : 1);
        }
    }
    for (int i = 0, status; i < 8; i++)
        assert_true(wait(&status) > 0 && status == 0);
    /* 1,000 at 1 a minute is more than an hour; a bucket holds at most what an hour gives. */
    assert_int_equal(*taken, 60);
    munmap((void *)taken, sizeof(*taken));
}

static void foreign_files_are_refused(void **state)
{
    char problem[200] = "", other[] = "/tmp/palate-limit-XXXXXX";
    int fd = mkstemp(other);
    (void)state;
    assert_int_equal(write(fd, "something else that is long", 27), 27);
    close(fd);
    assert_null(rate_limit_open(other, problem, sizeof(problem)));
    assert_non_null(strstr(problem, other));
    assert_null(rate_limit_open("/nonexistent/limits", problem, sizeof(problem)));
    unlink(other);
}

static int open_limit(void **state)
{
    char problem[200];
    (void)state;
    int fd = mkstemp(path);
    if (fd < 0)
        return 1;
    close(fd);
    limit = rate_limit_open(path, problem, sizeof(problem));
    return limit ? 0 : 1;
}

static int close_limit(void **state)
{
    (void)state;
    rate_limit_close(limit);
    return unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_burst_and_then_the_rate),     cmocka_unit_test(slow_rates_say_how_long),
        cmocka_unit_test(clients_do_not_share),          cmocka_unit_test(no_limit_is_no_limit),
        cmocka_unit_test(the_clock_may_begin_anew),      cmocka_unit_test(processes_share),
        cmocka_unit_test(foreign_files_are_refused),     cmocka_unit_test(what_is_counted_is_counted_apart),
        cmocka_unit_test(a_crowd_switches_no_limit_off),
    };
    return cmocka_run_group_tests_name("request/rate_limit", tests, open_limit, close_limit);
}
