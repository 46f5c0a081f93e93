/* Whose queue a worker waits on, and that it ends with whoever started it. */
#include "fixture.h"

#include "request/web_server.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static void a_queue_is_our_own_only_when_that_is_sure(void **state)
{
    (void)state;
    static const struct {
        struct web_server server;
        bool own;
    } cases[] = {
        {{17, "lighttpd", "/run/palate.sock-3"}, true},
        {{17, "lighttpd", ""}, false},
        {{17, "apache2", "/run/fcgid/17.3"}, true},
        {{17, "httpd", "/run/fcgid/17.10"}, true},
        {{17, "", "/run/fcgid/17.3"}, true},
        {{17, "apache2", "/run/fcgid/18.3"}, false},
        {{17, "apache2", "/run/fcgid/17."}, false},
        {{17, "apache2", "/run/fcgid/17.3x"}, false},
        {{17, "apache2", "/run/fcgid/117.3"}, false},
        {{17, "apache2", "17.3"}, false},
        {{17, "apache2", "/run/fastcgi/0123456789abcdef"}, false},
        {{1, "systemd", "/run/palate.sock"}, false},
        {{17, "lighttpd-angel", "/run/palate.sock"}, false},
    };
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_int_equal(web_server_gives_own_queue(&cases[i].server), cases[i].own);
}

/* With that as standard input, which is closed. */
static struct web_server found_with(int fd)
{
    int kept = dup(STDIN_FILENO);
    dup2(fd, STDIN_FILENO);
    struct web_server server = web_server_find();
    dup2(kept, STDIN_FILENO);
    close(kept);
    close(fd);
    return server;
}

static void the_queue_is_found(void **state)
{
    (void)state;
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int queue = socket(AF_UNIX, SOCK_STREAM, 0);
    snprintf(address.sun_path, sizeof(address.sun_path), "/tmp/palate-unit-%ld.sock", (long)getpid());
    unlink(address.sun_path);
    assert_int_equal(bind(queue, (struct sockaddr *)&address, sizeof(address)), 0);
    struct web_server server = found_with(queue);
    unlink(address.sun_path);
    assert_string_equal(server.queue, address.sun_path);
    assert_int_equal(server.pid, getppid());
    assert_true(*server.name);
}

static void no_socket_is_no_queue(void **state)
{
    (void)state;
    struct web_server server = found_with(open("/dev/null", O_RDONLY));
    assert_string_equal(server.queue, "");
}

/* In a process of its own: what is asked of the kernel lasts. */
static int death_signal_under(const char *name, pid_t parent)
{
    int status;
    pid_t child = fork();
    if (child == 0) {
        int wanted = 0;
        struct web_server server = {.pid = parent ? parent : getppid()};
        snprintf(server.name, sizeof(server.name), "%s", name);
        bool lives = web_server_end_with(&server);
        prctl(PR_GET_PDEATHSIG, &wanted);
        _exit(lives ? wanted : 100);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    return WEXITSTATUS(status);
}

static void only_with_servers_that_start_their_own_workers(void **state)
{
    (void)state;
    assert_int_equal(death_signal_under("lighttpd", 0), SIGTERM);
    assert_int_equal(death_signal_under("apache2", 0), SIGTERM);
    assert_int_equal(death_signal_under("httpd", 0), SIGTERM);
    assert_int_equal(death_signal_under("systemd", 0), 0);
    assert_int_equal(death_signal_under("", 0), 0);
    assert_int_equal(death_signal_under("lighttpd", 1), getppid() == 1 ? SIGTERM : 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_queue_is_our_own_only_when_that_is_sure),
        cmocka_unit_test(the_queue_is_found),
        cmocka_unit_test(no_socket_is_no_queue),
        cmocka_unit_test(only_with_servers_that_start_their_own_workers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
