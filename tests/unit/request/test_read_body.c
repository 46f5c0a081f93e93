/* Bodies: with and without a length, at the limit and above it, shorter than promised. */
#include "fixture.h"

#include "request/read_body.h"

/* Sets a body of count bytes; length and coding NULL: the variable is absent. */
static void arrive(struct arena *arena, size_t count, const char *length, const char *coding)
{
    cgi_clear();
    if (length)
        setenv("CONTENT_LENGTH", length, 1);
    if (coding)
        setenv("HTTP_TRANSFER_ENCODING", coding, 1);
    cgi_body(repeat(arena, 'b', count), count);
}

static size_t unread(void)
{
    off_t at = lseek(STDIN_FILENO, 0, SEEK_CUR);
    return (size_t)(lseek(STDIN_FILENO, 0, SEEK_END) - at);
}

static void check(struct arena *arena, enum error_code code, size_t length)
{
    struct request request = {.arena = arena, .transport = fixture_transport};
    struct body body = {0};
    bool good = read_body(&request, &body);
    assert_int_equal(request.error.code, code);
    assert_int_equal(good, code == ERROR_NONE);
    drain_body(&request); /* of what was kept nothing is left */
    if (!good)
        return;
    assert_int_equal(body.length, length);
    assert_int_equal(strspn(body.bytes, "b"), length);
    assert_int_equal(body.bytes[length], 0);
}

static void a_promised_body_is_read(void **state)
{
    arrive(*state, 5, "5", NULL);
    check(*state, ERROR_NONE, 5);
    arrive(*state, 0, "0", NULL);
    check(*state, ERROR_NONE, 0);
    arrive(*state, 100, "5", NULL); /* no more than promised */
    check(*state, ERROR_NONE, 5);
    arrive(*state, 5, "5", "chunked"); /* a front that has counted */
    check(*state, ERROR_NONE, 5);
}

static void without_length_and_coding_there_is_no_body(void **state)
{
    arrive(*state, 5, NULL, NULL);
    check(*state, ERROR_NONE, 0);
    arrive(*state, 5, "", NULL);
    check(*state, ERROR_NONE, 0);
}

static void a_body_of_unknown_length_is_read_to_its_end(void **state)
{
    arrive(*state, 70000, NULL, "chunked");
    check(*state, ERROR_NONE, 70000);
    arrive(*state, 0, "", "chunked");
    check(*state, ERROR_NONE, 0);
}

static void the_limit_counts_for_both(void **state)
{
    struct arena *arena = *state;
    const char *at = arena_format(arena, "%d", LIMIT_BODY_BYTES);
    const char *above = arena_format(arena, "%d", LIMIT_BODY_BYTES + 1);
    arrive(arena, LIMIT_BODY_BYTES, at, NULL);
    check(arena, ERROR_NONE, LIMIT_BODY_BYTES);
    arrive(arena, LIMIT_BODY_BYTES, NULL, "chunked");
    check(arena, ERROR_NONE, LIMIT_BODY_BYTES);
    arrive(arena, LIMIT_BODY_BYTES + 1, above, NULL);
    check(arena, ERROR_BODY_TOO_LARGE, 0);
    assert_int_equal(unread(), 0);
    arrive(arena, LIMIT_BODY_BYTES + 1, NULL, "chunked");
    check(arena, ERROR_BODY_TOO_LARGE, 0);
    arrive(arena, 1000000, "1000000", NULL);
    check(arena, ERROR_BODY_TOO_LARGE, 0);
    assert_int_equal(unread(), 0); /* mod_fcgid answers 500 to a worker that leaves some */
    arrive(arena, 1000000, NULL, "chunked");
    check(arena, ERROR_BODY_TOO_LARGE, 0);
    assert_int_equal(unread(), 0);
}

static void a_promise_that_is_not_kept(void **state)
{
    arrive(*state, 4, "5", NULL);
    check(*state, ERROR_INVALID_REQUEST, 0);
    arrive(*state, 0, "5", NULL);
    check(*state, ERROR_INVALID_REQUEST, 0);
    arrive(*state, 10, "9223372036854775807", NULL);
    check(*state, ERROR_BODY_TOO_LARGE, 0);
}

static void lengths_that_are_none(void **state)
{
    static const char *const bad[] = {
        "-1", "x", "5x", "+5", " 5", "5 ", "0x5", "5.0", "99999999999999999999", "5,5", "--"};
    for (size_t i = 0; i < COUNT(bad); i++) {
        arrive(*state, 5, bad[i], NULL);
        check(*state, ERROR_INVALID_REQUEST, 0);
        arrive(*state, 5, bad[i], "chunked");
        check(*state, ERROR_INVALID_REQUEST, 0);
    }
}

static void draining_stops_at_the_promised_length(void **state)
{
    static const struct {
        size_t count;
        const char *length, *coding;
        size_t left;
    } cases[] = {{50000, "40000", NULL, 10000},
                 {50000, NULL, NULL, 50000},
                 {50000, NULL, "chunked", 0},
                 {5, "x", NULL, 5}}; /* nobody knows: nothing is waited for */
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct request request = {.arena = *state, .transport = fixture_transport};
        arrive(*state, cases[i].count, cases[i].length, cases[i].coding);
        drain_body(&request);
        assert_int_equal(unread(), cases[i].left);
    }
}

/* A server that keeps its side open would let the second one wait. */
static void what_was_read_is_not_drained(void **state)
{
    struct request request = {.arena = *state, .transport = fixture_transport};
    struct body body = {0};
    arrive(*state, 100, "60", NULL);
    assert_true(read_body(&request, &body));
    drain_body(&request);
    drain_body(&request);
    assert_int_equal(unread(), 40);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ARENA_TEST(a_promised_body_is_read),
        ARENA_TEST(without_length_and_coding_there_is_no_body),
        ARENA_TEST(a_body_of_unknown_length_is_read_to_its_end),
        ARENA_TEST(the_limit_counts_for_both),
        ARENA_TEST(a_promise_that_is_not_kept),
        ARENA_TEST(lengths_that_are_none),
        ARENA_TEST(draining_stops_at_the_promised_length),
        ARENA_TEST(what_was_read_is_not_drained),
    };
    return cmocka_run_group_tests_name("request/read_body", tests, cgi_open, cgi_close);
}
