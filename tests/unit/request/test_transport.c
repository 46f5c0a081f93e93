/* How a worker parts from its web server, which this test plays over a socket. */
#include "../base/fixture.h"

#include "base/clock.h"
#include "base/text.h"
#include "request/transport.h"

#include <errno.h>
#include <fastcgi.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define ANSWER "Status: 200 OK\r\n\r\nanswered"
enum { BODY_BYTES = 20000 };

struct worker {
    pid_t pid;
    struct sockaddr_un address;
};

/* Looks for at most half a second whether the request is still wanted, or, with "yield", until another waits. */
static void work(struct transport *transport, const char *how)
{
    const struct timespec pause = {.tv_nsec = 5000000};
    bool yields = !strcmp(how, "yield");
    for (int i = 0; i < 100 && !transport_is_unwanted(transport) && !(yields && transport_is_awaited()); i++)
        nanosleep(&pause, NULL);
}

/* Answers each request once it has read READ bytes of its body and, where it has a variable WORK, worked. */
static void serve(void)
{
    sigset_t mask;
    bool retry;
    sigemptyset(&mask);
    while (transport_wait(&mask, true)) {
        struct transport *transport = transport_accept(&retry);
        const char *wanted = transport ? transport_variable(transport, "READ") : NULL;
        char bytes[BODY_BYTES];
        size_t total = 0, got = 0;
        int64_t number = -1;
        if (!wanted || !text_to_int64(wanted, &number))
            _exit(1);
        const size_t read_bytes = (size_t)number;
        while (total < read_bytes && (got = transport_read(transport, bytes, read_bytes - total)) > 0)
            total += got;
        if (transport_variable(transport, "WORK")) {
            work(transport, transport_variable(transport, "WORK"));
            transport_finish(transport, ANSWER, strlen(ANSWER));
            continue;
        }
        if (total != read_bytes || !transport_send(transport, ANSWER, 10) ||
            !transport_send(transport, ANSWER, 0) ||
            !transport_finish(transport, &ANSWER[10], strlen(ANSWER) - 10))
            _exit(1);
    }
    _exit(0);
}

static int start(void **state)
{
    static struct worker worker = {.address = {.sun_family = AF_UNIX}};
    int queue = socket(AF_UNIX, SOCK_STREAM, 0);
    signal(SIGPIPE, SIG_IGN);
    snprintf(worker.address.sun_path, sizeof(worker.address.sun_path), "/tmp/palate-transport-%ld.sock",
             (long)getpid());
    unlink(worker.address.sun_path);
    if (bind(queue, (struct sockaddr *)&worker.address, sizeof(worker.address)) || listen(queue, 8))
        return 1;
    worker.pid = fork();
    if (worker.pid == 0) {
        dup2(queue, FCGI_LISTENSOCK_FILENO);
        serve();
    }
    close(queue);
    *state = &worker;
    return worker.pid < 0;
}

static int stop(void **state)
{
    struct worker *worker = *state;
    kill(worker->pid, SIGKILL);
    unlink(worker->address.sun_path);
    return waitpid(worker->pid, NULL, 0) == worker->pid ? 0 : 1;
}

/* ---- The web server's side of the protocol */

static void send_record(int fd, int type, const void *content, size_t length)
{
    unsigned char head[FCGI_HEADER_LEN] = {
        FCGI_VERSION_1, (unsigned char)type, 0, 1, (unsigned char)(length >> 8), (unsigned char)length, 0, 0};
    assert_int_equal(send(fd, head, sizeof(head), 0), sizeof(head));
    if (length)
        assert_int_equal(send(fd, content, length, 0), length);
}

static void send_variable(int fd, const char *name, const char *value)
{
    char pair[100];
    int length = snprintf(pair, sizeof(pair), "%c%c%s%s", (int)strlen(name), (int)strlen(value), name, value);
    send_record(fd, FCGI_PARAMS, pair, (size_t)length);
}

/* A request of which the worker reads `wanted` bytes. length and coding NULL: no such variable. */
static int begin(const struct worker *worker, const char *length, const char *coding, const char *wanted,
                 size_t body_bytes, const char *works)
{
    static const unsigned char role[8] = {0, FCGI_RESPONDER};
    static const char body[BODY_BYTES];
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_int_equal(connect(fd, (const struct sockaddr *)&worker->address, sizeof(worker->address)), 0);
    send_record(fd, FCGI_BEGIN_REQUEST, role, sizeof(role));
    if (length)
        send_variable(fd, "CONTENT_LENGTH", length);
    if (coding)
        send_variable(fd, "HTTP_TRANSFER_ENCODING", coding);
    send_variable(fd, "READ", wanted);
    if (works)
        send_variable(fd, "WORK", works);
    send_record(fd, FCGI_PARAMS, NULL, 0);
    if (body_bytes)
        send_record(fd, FCGI_STDIN, body, body_bytes);
    return fd;
}

static int ask(const struct worker *worker, const char *length, const char *coding, const char *wanted,
               size_t body_bytes)
{
    return begin(worker, length, coding, wanted, body_bytes, NULL);
}

/* Reads the answer, whole or the test fails, and tells whether the worker still listens to the rest of the
 * request. */
static bool still_listens(int fd)
{
    char bytes[1000];
    size_t total = 0;
    ssize_t got;
    while ((got = recv(fd, bytes + total, sizeof(bytes) - total, 0)) > 0)
        total += (size_t)got;
    assert_int_equal(got, 0);
    assert_non_null(memmem(bytes, total, ANSWER, strlen(ANSWER)));
    bool listens = send(fd, "x", 1, 0) == 1;
    assert_true(listens || errno == EPIPE);
    close(fd);
    return listens;
}

static bool lingers(const struct worker *worker, const char *length, const char *coding, const char *wanted,
                    size_t body_bytes)
{
    int fd = ask(worker, length, coding, wanted, body_bytes);
    send_record(fd, FCGI_STDIN, NULL, 0);
    return still_listens(fd);
}

/* ---- Tests */

static void whoever_has_read_all_parts_at_once(void **state)
{
    assert_false(lingers(*state, NULL, NULL, "0", 0));
    assert_false(lingers(*state, "", "", "0", 0));
    assert_false(lingers(*state, "0", NULL, "0", 0));
    assert_false(lingers(*state, "5", NULL, "5", 5));
    assert_false(lingers(*state, "20000", NULL, "20000", 20000));
    assert_false(lingers(*state, "5", "chunked", "5", 5));
}

static void whoever_has_not_lets_the_web_server_finish(void **state)
{
    assert_true(lingers(*state, "20000", NULL, "0", 20000));
    assert_true(lingers(*state, "20000", NULL, "19999", 20000));
    assert_true(lingers(*state, "5", NULL, "5", 20000)); /* more than promised */
    assert_true(lingers(*state, NULL, "chunked", "0", 20000));
    assert_true(lingers(*state, "many", NULL, "0", 5));
    assert_true(lingers(*state, "-5", NULL, "0", 5));
    assert_false(lingers(*state, "5", NULL, "5", 5)); /* and the next one is another matter */
}

/* A front that passes bodies on as they come in. */
static void nobody_waits_for_a_body_that_is_not_wanted(void **state)
{
    assert_true(still_listens(ask(*state, "20000", NULL, "0", 10)));
    assert_true(still_listens(ask(*state, NULL, "chunked", "10", 10)));
}

/* A request at which the worker works for half a second, or until it is unwanted. */
static int begin_work(const struct worker *worker, const char *length, size_t body_bytes)
{
    int fd = begin(worker, length, NULL, length, body_bytes, "");
    const struct timespec pause = {.tv_nsec = 30000000};
    send_record(fd, FCGI_STDIN, NULL, 0);
    nanosleep(&pause, NULL);
    return fd;
}

static int64_t ms_until_answer(int fd)
{
    int64_t start = clock_monotonic_us();
    still_listens(fd);
    return (clock_monotonic_us() - start) / 1000;
}

static void a_closed_connection_is_unwanted(void **state)
{
    for (int with_body = 0; with_body < 2; with_body++) {
        close(begin_work(*state, with_body ? "20000" : "0", with_body ? 20000 : 0));
        int fd = ask(*state, "0", NULL, "0", 0); /* waits in the queue until the worker has stopped */
        send_record(fd, FCGI_STDIN, NULL, 0);
        assert_true(ms_until_answer(fd) < 350);
    }
}

static void an_aborted_request_is_unwanted(void **state)
{
    for (int with_body = 0; with_body < 2; with_body++) {
        int fd = begin_work(*state, with_body ? "20000" : "0", with_body ? 20000 : 0);
        send_record(fd, FCGI_ABORT_REQUEST, NULL, 0);
        assert_true(ms_until_answer(fd) < 350);
    }
}

static void who_waits_is_waited_for(void **state)
{
    assert_true(ms_until_answer(begin_work(*state, "20000", 20000)) > 450);
    int fd = begin_work(*state, "5", 20000); /* what it has not read may look like anything */
    send_record(fd, FCGI_ABORT_REQUEST, NULL, 0);
    assert_true(ms_until_answer(fd) > 450);
}

static void who_yields_sees_that_another_waits(void **state)
{
    int first = begin(*state, "0", NULL, "0", 0, "yield");
    send_record(first, FCGI_STDIN, NULL, 0);
    int second = ask(*state, "0", NULL, "0", 0);
    send_record(second, FCGI_STDIN, NULL, 0);
    assert_true(ms_until_answer(first) < 350);
    still_listens(second);
    first = begin(*state, "0", NULL, "0", 0, "yield");
    send_record(first, FCGI_STDIN, NULL, 0);
    assert_true(ms_until_answer(first) > 450);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(whoever_has_read_all_parts_at_once, start, stop),
        cmocka_unit_test_setup_teardown(whoever_has_not_lets_the_web_server_finish, start, stop),
        cmocka_unit_test_setup_teardown(a_closed_connection_is_unwanted, start, stop),
        cmocka_unit_test_setup_teardown(an_aborted_request_is_unwanted, start, stop),
        cmocka_unit_test_setup_teardown(who_waits_is_waited_for, start, stop),
        cmocka_unit_test_setup_teardown(who_yields_sees_that_another_waits, start, stop),
        cmocka_unit_test_setup_teardown(nobody_waits_for_a_body_that_is_not_wanted, start, stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
