/* Shares of workers, each of which is a process of its own here: who is let in, who may go on, and that no
 * worker that is gone counts. */
#include "../base/fixture.h"

#include "request/tenant_share.h"

#include <sched.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>

enum { WORKERS = 8, HALF = 50, GREEDY = 1, MODEST = 2, STRANGER = 3 };

#define SECOND INT64_C(1000000)
#define MS     INT64_C(1000)

enum action { BEGIN, GO_ON, COMPUTE, END, LEAVE };

struct order {
    enum action action;
    uint32_t tenant_id;
    int64_t now_us;
};

struct worker {
    pid_t pid;
    int wire;
};

struct world {
    struct arena *arena;
    const char *folder, *path;
    struct worker workers[WORKERS];
    int64_t now;
};

/* ---- A worker */

static bool obey(struct tenant_share *share, const struct order *order)
{
    if (order->action == BEGIN)
        return tenant_share_begin(share, order->tenant_id, order->now_us);
    if (order->action == GO_ON)
        return tenant_share_may_go_on(share, order->now_us);
    if (order->action == COMPUTE)
        return tenant_share_may_compute(share, order->now_us);
    tenant_share_end(share, order->now_us);
    return true;
}

static void run_worker(const char *path, int wire)
{
    char problem[300];
    struct order order = {0};
    struct tenant_share *share = tenant_share_open(path, HALF, SECOND, problem, sizeof(problem));
    bool answer = share;
    while (write(wire, &answer, sizeof(answer)) == sizeof(answer) && share &&
           read(wire, &order, sizeof(order)) == sizeof(order) && order.action != LEAVE)
        answer = obey(share, &order);
    if (order.action == LEAVE)
        tenant_share_close(share);
    _exit(0);
}

static bool hear(const struct worker *worker)
{
    bool answer = false;
    assert_int_equal(read(worker->wire, &answer, sizeof(answer)), sizeof(answer));
    return answer;
}

/* apart: below a process of its own, as another web server's are. */
static void start_worker(struct world *world, size_t number, bool apart)
{
    int wires[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, wires), 0);
    struct worker *worker = &world->workers[number];
    *worker = (struct worker){fork(), wires[0]};
    assert_true(worker->pid >= 0);
    if (!worker->pid) {
        close(wires[0]);
        if (!apart || !fork())
            run_worker(world->path, wires[1]);
        close(wires[1]);
        wait(NULL);
        _exit(0);
    }
    close(wires[1]);
    assert_true(hear(worker));
}

static void bury(struct worker *worker)
{
    assert_int_equal(waitpid(worker->pid, NULL, 0), worker->pid);
    close(worker->wire);
    worker->pid = 0;
}

static void kill_worker(struct world *world, size_t number)
{
    kill(world->workers[number].pid, SIGKILL);
    bury(&world->workers[number]);
}

static void send_order(struct world *world, size_t number, enum action action, uint32_t tenant_id)
{
    const struct order order = {action, tenant_id, world->now};
    assert_int_equal(write(world->workers[number].wire, &order, sizeof(order)), sizeof(order));
}

static void leave(struct world *world, size_t number)
{
    send_order(world, number, LEAVE, 0);
    bury(&world->workers[number]);
}

static bool tell(struct world *world, size_t number, enum action action, uint32_t tenant_id)
{
    send_order(world, number, action, tenant_id);
    return hear(&world->workers[number]);
}

static bool begin(struct world *world, size_t number, uint32_t tenant_id)
{
    return tell(world, number, BEGIN, tenant_id);
}

static bool goes_on(struct world *world, size_t number)
{
    return tell(world, number, GO_ON, 0);
}

static void end(struct world *world, size_t number)
{
    tell(world, number, END, 0);
}

/* A whole request. */
static void serve(struct world *world, size_t number, uint32_t tenant_id, int64_t ms)
{
    assert_true(begin(world, number, tenant_id));
    world->now += ms * MS;
    end(world, number);
}

/* How many of the workers let the tenant in at this moment. */
static unsigned begin_all(struct world *world, uint32_t tenant_id)
{
    unsigned count = 0;
    for (size_t i = 0; i < WORKERS; i++)
        count += world->workers[i].pid && begin(world, i, tenant_id);
    return count;
}

/* One processor for all, whatever the machine has. */
static void use_one_processor(void)
{
    cpu_set_t all, one;
    size_t number = 0;
    assert_int_equal(sched_getaffinity(0, sizeof(all), &all), 0);
    while (!CPU_ISSET(number, &all))
        number++;
    CPU_ZERO(&one);
    CPU_SET(number, &one);
    assert_int_equal(sched_setaffinity(0, sizeof(one), &one), 0);
}

static int setup(void **state)
{
    static struct world world;
    world = (struct world){.arena = arena_create(), .now = 1000 * SECOND};
    world.folder = folder_create(world.arena);
    world.path = arena_format(world.arena, "%s/state", world.folder);
    for (size_t i = 0; i < WORKERS; i++)
        start_worker(&world, i, false);
    *state = &world;
    return 0;
}

static int teardown(void **state)
{
    static const char *const names[] = {"state"};
    struct world *world = *state;
    for (size_t i = 0; i < WORKERS; i++) {
        if (world->workers[i].pid)
            kill_worker(world, i);
    }
    folder_remove(world->arena, world->folder, names, COUNT(names));
    arena_destroy(world->arena);
    return 0;
}

#define SHARE_TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

/* ---- Tests */

static void who_is_alone_may_have_all(void **state)
{
    struct world *world = *state;
    assert_int_equal(begin_all(world, GREEDY), WORKERS);
    world->now += 5 * SECOND;
    for (size_t i = 0; i < WORKERS; i++)
        assert_true(goes_on(world, i));
}

static void a_tenant_of_long_requests_gets_half(void **state)
{
    struct world *world = *state;
    serve(world, 0, MODEST, 1);
    serve(world, 1, GREEDY, 300);
    assert_int_equal(begin_all(world, GREEDY), WORKERS / 2); /* all at once: none is long yet */
    assert_true(begin(world, 7, MODEST));
    world->now += 2 * SECOND;
    end(world, 7);
    assert_false(begin(world, 6, GREEDY));
    end(world, 0);
    assert_true(begin(world, 6, GREEDY));
    assert_false(begin(world, 5, GREEDY));
}

static void many_short_requests_are_never_refused(void **state)
{
    struct world *world = *state;
    serve(world, 0, GREEDY, 1);
    for (int round = 0; round < 20; round++) {
        assert_int_equal(begin_all(world, MODEST), WORKERS);
        world->now += 10 * MS;
        for (size_t i = 0; i < WORKERS; i++)
            end(world, i);
    }
}

/* One in eight of its requests is an import: the others run beside it. */
static void a_long_one_among_short_ones_costs_little(void **state)
{
    struct world *world = *state;
    serve(world, 0, GREEDY, 1);
    for (size_t i = 0; i < WORKERS; i++)
        for (int j = 0; j < 8; j++)
            serve(world, i, MODEST, i || j ? 1 : 300);
    assert_true(begin(world, 0, MODEST));
    world->now += SECOND;
    for (size_t i = 1; i < WORKERS; i++)
        assert_true(begin(world, i, MODEST));
}

static void what_becomes_long_beyond_the_share_ends(void **state)
{
    struct world *world = *state;
    serve(world, 0, MODEST, 1);
    assert_int_equal(begin_all(world, GREEDY), WORKERS); /* nobody knows yet what it asks */
    world->now += 99 * MS;
    for (size_t i = 0; i < WORKERS; i++)
        assert_true(goes_on(world, i));
    world->now += MS;
    for (size_t i = 0; i < WORKERS; i++)
        assert_int_equal(goes_on(world, i), i < WORKERS / 2);
    for (size_t i = WORKERS / 2; i < WORKERS; i++)
        end(world, i);
    for (size_t i = WORKERS / 2; i < WORKERS; i++)
        assert_false(begin(world, i, GREEDY));
    assert_true(begin(world, 7, MODEST));
}

static void the_earlier_ones_stay(void **state)
{
    struct world *world = *state;
    serve(world, 0, MODEST, 1);
    for (size_t i = WORKERS; i-- > 0; world->now += 5 * MS)
        assert_true(begin(world, i, GREEDY));
    world->now += 100 * MS;
    for (size_t i = 0; i < WORKERS; i++)
        assert_int_equal(goes_on(world, i), i >= WORKERS / 2);
}

static void the_past_is_forgotten(void **state)
{
    struct world *world = *state;
    serve(world, 1, GREEDY, 300);
    world->now += (TENANT_SHARE_AT_WORK_S + 2) * SECOND;
    assert_int_equal(begin_all(world, GREEDY), WORKERS); /* and it is alone */
    for (size_t i = 0; i < WORKERS; i++)
        end(world, i);
    serve(world, 0, MODEST, 1);
    assert_int_equal(begin_all(world, GREEDY), WORKERS);
}

static void the_dead_hold_nothing(void **state)
{
    struct world *world = *state;
    serve(world, 0, MODEST, 1);
    serve(world, 5, GREEDY, 300);
    assert_int_equal(begin_all(world, GREEDY), 4);
    for (size_t i = 0; i < 4; i++)
        kill_worker(world, i);
    assert_false(begin(world, 7, GREEDY)); /* within this second nobody has looked */
    world->now += SECOND;
    serve(world, 6, MODEST, 1);
    assert_true(begin(world, 7, GREEDY)); /* four workers are left, so two may be held */
    assert_true(begin(world, 6, GREEDY));
    assert_false(begin(world, 5, GREEDY));
}

static void new_workers_take_the_places_of_the_dead(void **state)
{
    struct world *world = *state;
    for (int round = 0; round < 3; round++) {
        kill_worker(world, 2);
        leave(world, 5);
        start_worker(world, 2, false);
        start_worker(world, 5, false);
    }
    struct stat status;
    assert_int_equal(stat(world->path, &status), 0);
    serve(world, 2, MODEST, 1);
    serve(world, 5, GREEDY, 300);
    assert_int_equal(begin_all(world, GREEDY), WORKERS / 2); /* still eight, not fourteen */
}

static void a_child_does_not_keep_the_place(void **state)
{
    struct world *world = *state;
    char problem[300];
    int gate[2];
    assert_int_equal(pipe(gate), 0);
    pid_t worker = fork();
    if (!worker) {
        struct tenant_share *share = tenant_share_open(world->path, HALF, SECOND, problem, sizeof(problem));
        bool begun = share && tenant_share_begin(share, GREEDY, world->now);
        if (fork() == 0) { /* a shadow, which outlives the worker */
            char byte;
            close(gate[1]);
            while (read(gate[0], &byte, 1) > 0) {
            }
            _exit(0);
        }
        _exit(!begun);
    }
    int status;
    assert_int_equal(waitpid(worker, &status, 0), worker);
    assert_int_equal(status, 0);
    world->now += 2 * SECOND;
    serve(world, 0, MODEST, 1);
    serve(world, 1, GREEDY, 300);
    assert_int_equal(begin_all(world, GREEDY), WORKERS / 2);
    close(gate[0]);
    close(gate[1]);
}

static void one_worker_is_enough_for_one(void **state)
{
    struct world *world = *state;
    for (size_t i = 1; i < WORKERS; i++)
        leave(world, i);
    serve(world, 0, MODEST, 1);
    serve(world, 0, GREEDY, 300);
    assert_true(begin(world, 0, GREEDY));
    world->now += SECOND;
    assert_true(goes_on(world, 0));
}

static void of_many_tenants_each_is_one_among_several(void **state)
{
    struct world *world = *state;
    for (uint32_t tenant = STRANGER; tenant < 100; tenant++)
        serve(world, tenant % WORKERS, tenant, 1);
    serve(world, 1, GREEDY, 300);
    assert_int_equal(begin_all(world, GREEDY), WORKERS / 2);
}

static void another_web_servers_workers_do_not_count(void **state)
{
    struct world *world = *state;
    for (size_t i = 4; i < WORKERS; i++) {
        leave(world, i);
        start_worker(world, i, true);
    }
    serve(world, 0, MODEST, 1);
    serve(world, 0, GREEDY, 300);
    serve(world, 4, GREEDY, 300);
    assert_int_equal(begin_all(world, GREEDY), 2 + 4); /* each of the four apart is a pool of one */
}

static void the_later_of_two_that_compute_pauses(void **state)
{
    struct world *world = *state;
    serve(world, 3, MODEST, 1);
    assert_true(begin(world, 1, GREEDY));
    world->now += MS;
    assert_true(begin(world, 0, GREEDY));
    assert_true(tell(world, 0, COMPUTE, 0)); /* not long yet */
    world->now += 150 * MS;
    assert_true(tell(world, 1, COMPUTE, 0));
    assert_false(tell(world, 0, COMPUTE, 0));
    assert_true(goes_on(world, 0)); /* it has not been refused */
    world->now += 150 * MS;
    assert_false(tell(world, 0, COMPUTE, 0));
    world->now += 150 * MS; /* the earlier one only waits, for the remote recommender say */
    assert_true(tell(world, 0, COMPUTE, 0));
    assert_true(tell(world, 1, COMPUTE, 0));
    assert_false(tell(world, 0, COMPUTE, 0));
    end(world, 1);
    assert_true(tell(world, 0, COMPUTE, 0));
}

static void who_is_alone_may_compute_everywhere(void **state)
{
    struct world *world = *state;
    for (size_t i = 0; i < WORKERS; i++)
        assert_true(begin(world, i, GREEDY));
    world->now += 150 * MS;
    for (size_t i = 0; i < WORKERS; i++)
        assert_true(tell(world, i, COMPUTE, 0));
}

static void foreign_files_are_refused(void **state)
{
    struct world *world = *state;
    char problem[300] = "";
    const char *other = text_write(world->arena, world->folder, "other", "something else that is long");
    assert_null(tenant_share_open(other, HALF, world->now, problem, sizeof(problem)));
    assert_non_null(strstr(problem, other));
    assert_null(tenant_share_open("/nonexistent/workers", HALF, world->now, problem, sizeof(problem)));
    unlink(other);
}

int main(void)
{
    use_one_processor();
    const struct CMUnitTest tests[] = {
        SHARE_TEST(who_is_alone_may_have_all),
        SHARE_TEST(a_tenant_of_long_requests_gets_half),
        SHARE_TEST(many_short_requests_are_never_refused),
        SHARE_TEST(a_long_one_among_short_ones_costs_little),
        SHARE_TEST(what_becomes_long_beyond_the_share_ends),
        SHARE_TEST(the_earlier_ones_stay),
        SHARE_TEST(the_past_is_forgotten),
        SHARE_TEST(the_dead_hold_nothing),
        SHARE_TEST(new_workers_take_the_places_of_the_dead),
        SHARE_TEST(a_child_does_not_keep_the_place),
        SHARE_TEST(one_worker_is_enough_for_one),
        SHARE_TEST(of_many_tenants_each_is_one_among_several),
        SHARE_TEST(another_web_servers_workers_do_not_count),
        SHARE_TEST(the_later_of_two_that_compute_pauses),
        SHARE_TEST(who_is_alone_may_compute_everywhere),
        SHARE_TEST(foreign_files_are_refused),
    };
    return cmocka_run_group_tests_name("request/tenant_share", tests, NULL, NULL);
}
