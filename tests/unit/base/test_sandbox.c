/* What a process may no longer do once it is in the sandbox: each tried in a child, for it cannot be undone.
 */
#include "fixture.h"

#include "base/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static char folder[] = "/tmp/palate-sandbox-XXXXXX", inside[100], outside[100];

/* 0 when the attempt did what was wanted. */
typedef int attempt(void);

static int in_sandbox(enum sandbox_mode mode, enum sandbox_access access, attempt *what)
{
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        char problem[200] = "";
        struct sandbox_report report;
        const struct sandbox_path paths[] = {{inside, access}, {"", SANDBOX_READ}};
        if (!sandbox_enter(mode, true, paths, COUNT(paths), &report, problem, sizeof(problem)))
            _exit(99);
        _exit(what());
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static int refused(bool failed)
{
    return failed && (errno == EPERM || errno == EACCES) ? 0 : 1;
}

static int read_outside(void)
{
    return refused(open(outside, O_RDONLY) < 0);
}

static int list_outside(void)
{
    return refused(open("/", O_RDONLY | O_DIRECTORY) < 0);
}

static int write_outside(void)
{
    return refused(open("/tmp/palate-sandbox-new", O_WRONLY | O_CREAT, 0600) < 0);
}

static int run_program(void)
{
    char program[] = "/bin/true", *arguments[] = {program, NULL}, *environment[] = {NULL};
    return refused(execve(program, arguments, environment) < 0);
}

static int map_code(void)
{
    return refused(mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) ==
                   MAP_FAILED);
}

static int make_code(void)
{
    void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return refused(mprotect(page, 4096, PROT_READ | PROT_EXEC) < 0);
}

static int take_namespace(void)
{
    return refused(syscall(SYS_unshare, 0) < 0);
}

static int change_user(void)
{
    return refused(setuid(getuid()) < 0);
}

static int open_a_door(void)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    return refused(listen(fd, 1) < 0);
}

static int keep_secrets(void)
{
    struct rlimit limit;
    return getrlimit(RLIMIT_CORE, &limit) || limit.rlim_cur || prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1;
}

/* Some containers hide Landlock or seccomp. */
static bool kernel_can(void)
{
    struct sandbox_report kernel;
    sandbox_probe(&kernel);
    return kernel.landlock && kernel.seccomp;
}

static void what_is_refused(void **state)
{
    if (!kernel_can())
        skip();
    static attempt *const attempts[] = {read_outside, list_outside, write_outside,  run_program,
                                        map_code,     make_code,    take_namespace, change_user,
                                        open_a_door,  keep_secrets};
    (void)state;
    for (size_t i = 0; i < COUNT(attempts); i++) {
        if (in_sandbox(SANDBOX_REQUIRED, SANDBOX_READ, attempts[i]))
            fail_msg("attempt %zu was not refused", i);
    }
}

static int write_inside(void)
{
    char name[120];
    snprintf(name, sizeof(name), "%s/new", inside);
    return open(name, O_WRONLY | O_CREAT, 0600) < 0;
}

static int read_inside(void)
{
    char name[120];
    snprintf(name, sizeof(name), "%s/model", inside);
    return open(name, O_RDONLY) < 0;
}

static int remove_inside(void)
{
    char name[120];
    snprintf(name, sizeof(name), "%s/new", inside);
    return refused(unlink(name) < 0);
}

static int read_inside_is_refused(void)
{
    return read_inside() ? refused(true) : 1;
}

static void *nothing(void *context)
{
    return context;
}

/* What a worker does all day: threads of libraries, memory, connections. */
static int work(void)
{
    pthread_t thread;
    void *memory = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    if (memory == MAP_FAILED || fd < 0 || open("/etc/hosts", O_RDONLY) < 0)
        return 1;
    return pthread_create(&thread, NULL, nothing, NULL) || pthread_join(thread, NULL);
}

static void what_stays_possible(void **state)
{
    (void)state;
    if (!kernel_can())
        skip();
    assert_int_equal(in_sandbox(SANDBOX_REQUIRED, SANDBOX_READ, read_inside), 0);
    assert_int_equal(in_sandbox(SANDBOX_REQUIRED, SANDBOX_READ, write_inside), 1);
    assert_int_equal(in_sandbox(SANDBOX_REQUIRED, SANDBOX_CHANGE, write_inside), 0);
    assert_int_equal(in_sandbox(SANDBOX_REQUIRED, SANDBOX_READ, work), 0);
}

/* A log's folder: a hole in the worker must not read or remove what is there. */
static void appending_is_no_more_than_that(void **state)
{
    (void)state;
    if (!kernel_can())
        skip();
    assert_int_equal(in_sandbox(SANDBOX_REQUIRED, SANDBOX_APPEND, write_inside), 0);
    assert_int_equal(in_sandbox(SANDBOX_REQUIRED, SANDBOX_APPEND, remove_inside), 0);
    assert_int_equal(in_sandbox(SANDBOX_REQUIRED, SANDBOX_APPEND, read_inside_is_refused), 0);
}

static int enter(enum sandbox_access access)
{
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        char problem[200] = "";
        struct sandbox_report report;
        const struct sandbox_path paths[] = {{"/absent-folder/log", access}};
        bool entered = sandbox_enter(SANDBOX_REQUIRED, true, paths, 1, &report, problem, sizeof(problem));
        _exit(entered ? read_outside() : 99);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    return WEXITSTATUS(status);
}

/* A log that cannot be opened must not cost the sandbox; other paths that are out of reach are a mistake. */
static void a_folder_to_append_in_may_be_out_of_reach(void **state)
{
    (void)state;
    if (!kernel_can())
        skip();
    assert_int_equal(enter(SANDBOX_APPEND), 0);
    assert_int_equal(enter(SANDBOX_READ), 99);
}

static int read_freely(void)
{
    return open(outside, O_RDONLY) < 0;
}

static void off_is_off(void **state)
{
    (void)state;
    assert_int_equal(in_sandbox(SANDBOX_OFF, SANDBOX_READ, read_freely), 0);
}

static int make_files(void **state)
{
    (void)state;
    char name[120];
    if (!mkdtemp(folder))
        return 1;
    snprintf(inside, sizeof(inside), "%s/models", folder);
    snprintf(outside, sizeof(outside), "%s/secret", folder);
    snprintf(name, sizeof(name), "%s/model", inside);
    return mkdir(inside, 0700) || close(open(outside, O_CREAT | O_WRONLY, 0600)) ||
           close(open(name, O_CREAT | O_WRONLY, 0600));
}

static int remove_files(void **state)
{
    (void)state;
    static const char *const names[] = {"/models/model", "/models/new", "/secret"};
    char name[120];
    for (size_t i = 0; i < COUNT(names); i++) {
        snprintf(name, sizeof(name), "%s%s", folder, names[i]);
        unlink(name);
    }
    return rmdir(inside) || rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(off_is_off),
        cmocka_unit_test(what_is_refused),
        cmocka_unit_test(what_stays_possible),
        cmocka_unit_test(appending_is_no_more_than_that),
        cmocka_unit_test(a_folder_to_append_in_may_be_out_of_reach),
    };
    return cmocka_run_group_tests_name("base/sandbox", tests, make_files, remove_files);
}
