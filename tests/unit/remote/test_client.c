/* One exchange: against a server of one thread that says the same to everybody. What needs TLS, redirects or
 * a whole worker is tested in tests/api. */
#include "../base/fixture.h"

#include "base/clock.h"
#include "base/limits.h"
#include "remote/client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sys/socket.h>

enum { REPLY_BYTES = 2000 };

struct world {
    struct arena *arena;
    struct config config;
    struct client *client;
    const char *url;
    int listener;
    pthread_t thread;
    const char *says; /* to whoever connects */
    char heard[4096]; /* what was asked last */
    int served;
};

static void serve(struct world *world, int connection)
{
    const char *says = world->says; /* the test goes on when it has heard enough, and changes it */
    size_t length = strlen(says);
    ssize_t got = recv(connection, world->heard, sizeof(world->heard) - 1, 0);
    world->heard[got > 0 ? got : 0] = '\0';
    world->served++;
    for (ssize_t sent; length && (sent = send(connection, says, length, MSG_NOSIGNAL)) > 0;) {
        says += sent;
        length -= (size_t)sent;
    }
    close(connection);
}

static void *run(void *context)
{
    struct world *world = context;
    int connection;
    while ((connection = accept(world->listener, NULL, NULL)) >= 0)
        serve(world, connection);
    return NULL;
}

static int setup(void **state)
{
    static struct world world;
    static char empty[] = "", hosts[] = "127.0.0.1";
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof(address);
    memset(&world, 0, sizeof(world));
    world.arena = arena_create();
    world.config = (struct config){.remote_ca_file = empty,
                                   .remote_http_hosts = hosts,
                                   .remote_connect_timeout_ms = 1000,
                                   .remote_timeout_ms = 1000,
                                   .remote_reply_bytes = REPLY_BYTES};
    world.client = client_create(&world.config);
    world.listener = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(world.listener, (struct sockaddr *)&address, size), 0);
    assert_int_equal(listen(world.listener, 8), 0);
    assert_int_equal(getsockname(world.listener, (struct sockaddr *)&address, &size), 0);
    world.url = arena_format(world.arena, "http://127.0.0.1:%d/x", ntohs(address.sin_port));
    world.says = "";
    assert_int_equal(pthread_create(&world.thread, NULL, run, &world), 0);
    *state = &world;
    return 0;
}

static int teardown(void **state)
{
    struct world *world = *state;
    shutdown(world->listener, SHUT_RDWR);
    pthread_join(world->thread, NULL);
    close(world->listener);
    client_destroy(world->client);
    arena_destroy(world->arena);
    return 0;
}

#define CLIENT_TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

static struct client_reply ask(struct world *world, const char *url, const char *body, int64_t milliseconds)
{
    static const char *const headers[] = {"X-Own: header", NULL};
    struct client_reply reply;
    struct client_request request = {.url = url,
                                     .body = body,
                                     .headers = headers,
                                     .request_id = "id-1",
                                     .deadline_us = clock_monotonic_us() + milliseconds * 1000};
    bool answered = client_exchange(world->client, &request, &reply);
    assert_int_equal(answered, reply.outcome == REMOTE_ANSWERED);
    assert_true(reply.outcome == REMOTE_ANSWERED || *reply.detail || milliseconds <= 0);
    return reply;
}

static void a_reply_comes_whole(void **state)
{
    struct world *world = *state;
    const char *body = repeat(world->arena, 'x', REPLY_BYTES);
    world->says =
        arena_format(world->arena, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", REPLY_BYTES, body);
    struct client_reply reply = ask(world, world->url, "{\"a\":1}", 1000);
    assert_int_equal(reply.outcome, REMOTE_ANSWERED);
    assert_int_equal(reply.length, REPLY_BYTES);
    assert_memory_equal(reply.bytes, body, REPLY_BYTES);
    static const char *const heard[] = {"POST /x HTTP/1.1\r\n", "X-Own: header\r\n", "X-Request-Id: id-1\r\n",
                                        "Content-Type: application/json\r\n", "\r\n\r\n{\"a\":1}"};
    for (size_t i = 0; i < COUNT(heard); i++) {
        if (!strstr(world->heard, heard[i]))
            fail_msg("not heard: %s", heard[i]);
    }
    assert_null(strstr(world->heard, "Expect"));
}

static void one_byte_more_is_too_large(void **state)
{
    struct world *world = *state;
    const char *body = repeat(world->arena, 'x', REPLY_BYTES + 1);
    world->says =
        arena_format(world->arena, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", REPLY_BYTES + 1, body);
    assert_int_equal(ask(world, world->url, NULL, 1000).outcome, REMOTE_TOO_LARGE);
    world->says = arena_format(world->arena, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n%s", body);
    assert_int_equal(ask(world, world->url, NULL, 1000).outcome, REMOTE_TOO_LARGE);
    assert_non_null(strstr(world->heard, "GET /x HTTP/1.1\r\n"));
}

static void headers_have_an_end(void **state)
{
    struct world *world = *state;
    const char *line = arena_format(world->arena, "X: %s\r\n", repeat(world->arena, 'x', 1000)), *lines = "";
    for (int i = 0; i < 2 + LIMIT_REMOTE_HEADER_BYTES / 1000; i++)
        lines = arena_format(world->arena, "%s%s", lines, line);
    world->says = arena_format(world->arena, "HTTP/1.1 200 OK\r\n%s\r\n", lines);
    assert_int_equal(ask(world, world->url, NULL, 1000).outcome, REMOTE_TOO_LARGE);
}

static void statuses_are_told_apart(void **state)
{
    static const struct {
        const char *line;
        enum remote_outcome outcome;
        int64_t pause;
    } cases[] = {{"200 OK", REMOTE_ANSWERED, 0},
                 {"201 Created", REMOTE_STATUS, 0},
                 {"302 Found\r\nLocation: /y", REMOTE_REDIRECT, 0},
                 {"404 Not Found", REMOTE_STATUS, 0},
                 {"429 Too Many\r\nRetry-After: 7", REMOTE_LIMITED, 7},
                 {"503 Unavailable\r\nRetry-After: 9", REMOTE_STATUS, 9}};
    struct world *world = *state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        world->says = arena_format(world->arena, "HTTP/1.1 %s\r\nContent-Length: 0\r\n\r\n", cases[i].line);
        struct client_reply reply = ask(world, world->url, NULL, 1000);
        assert_int_equal(reply.outcome, cases[i].outcome);
        assert_int_equal(reply.retry_after_s, cases[i].pause);
        assert_int_equal(world->served, i + 1);
    }
}

static void silence_is_asked_twice_and_no_more(void **state)
{
    struct world *world = *state;
    assert_int_equal(ask(world, world->url, "{}", 1000).outcome, REMOTE_CUT);
    assert_int_equal(world->served, 2);
    world->says = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc";
    assert_int_equal(ask(world, world->url, "{}", 1000).outcome, REMOTE_CUT);
    assert_int_equal(world->served, 3);
}

static void nobody_is_asked_after_the_deadline(void **state)
{
    struct world *world = *state;
    assert_int_equal(ask(world, world->url, "{}", 0).outcome, REMOTE_TIMEOUT);
    assert_int_equal(world->served, 0);
}

static void addresses_that_lead_nowhere(void **state)
{
    struct world *world = *state;
    assert_int_equal(ask(world, "http://127.0.0.1:1/", NULL, 1000).outcome, REMOTE_UNREACHABLE);
    const char *longest =
        arena_format(world->arena, "%s%s", world->url, repeat(world->arena, 'x', LIMIT_REMOTE_URL_BYTES));
    assert_int_equal(ask(world, longest, NULL, 1000).outcome, REMOTE_WRONG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLIENT_TEST(a_reply_comes_whole),
        CLIENT_TEST(one_byte_more_is_too_large),
        CLIENT_TEST(headers_have_an_end),
        CLIENT_TEST(statuses_are_told_apart),
        CLIENT_TEST(silence_is_asked_twice_and_no_more),
        CLIENT_TEST(nobody_is_asked_after_the_deadline),
        CLIENT_TEST(addresses_that_lead_nowhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
