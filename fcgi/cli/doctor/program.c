/* Runs a program once, with a time limit; see program.h.
 *
 * Three pipes: its output, its error output, and one that reports a failed start. The last one is closed
 * by a successful execve() (O_CLOEXEC), so that reading from it ends at once with nothing; after a failure
 * it holds errno. That is how "cannot be run" is told from "ran and failed".
 *
 * Both outputs are read together with poll(), since a program that writes much to one of them would
 * otherwise wait for ever. What does not fit is read and dropped. When the time is over the program is
 * killed; one that has closed its outputs but runs on is not waited for either. */
#include "cli/doctor/program.h"

#include "base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { OUTPUT, PROBLEMS, FAILURE, PIPES };

/* In the child: never returns. */
static _Noreturn void become_program(const char *path, char *const *environment, const struct web_user *user,
                                     const int *ends)
{
    char *arguments[] = {(char *)(uintptr_t)path, NULL};
    int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
    bool ready = null >= 0 && dup2(null, STDIN_FILENO) >= 0 && dup2(ends[OUTPUT], STDOUT_FILENO) >= 0 &&
                 dup2(ends[PROBLEMS], STDERR_FILENO) >= 0 && !chdir("/") && (!user || web_user_become(user));
    signal(SIGPIPE, SIG_DFL);
    if (ready)
        execve(path, arguments, environment);
    int reason = errno;
    ssize_t ignored = write(ends[FAILURE], &reason, sizeof(reason));
    (void)ignored;
    _exit(127);
}

/* What does not fit is read all the same, so that nobody waits. False at the end. */
static bool take_output(int fd, char *text, size_t size, size_t *length)
{
    char rest[PROGRAM_TEXT_SIZE];
    bool full = *length + 1 >= size;
    ssize_t got = full ? read(fd, rest, sizeof(rest)) : read(fd, text + *length, size - 1 - *length);
    if (got < 0)
        return errno == EINTR;
    if (!full)
        *length += (size_t)got;
    text[*length] = '\0';
    return got > 0;
}

/* Until both have been shut, or the time is over. */
static void listen_to(struct program_run *run, const int *fds, int64_t end)
{
    size_t lengths[2] = {0};
    struct pollfd polls[2] = {{.fd = fds[OUTPUT], .events = POLLIN}, {.fd = fds[PROBLEMS], .events = POLLIN}};
    /* A negative descriptor is one that poll() passes over: that output has ended. */
    while (polls[0].fd >= 0 || polls[1].fd >= 0) {
        int64_t left = (end - clock_monotonic_us()) / 1000;
        if (left <= 0) {
            run->timed_out = true;
            return;
        }
        if (poll(polls, 2, (int)left) < 0 && errno != EINTR)
            return;
        if (polls[0].revents && !take_output(fds[OUTPUT], run->output, sizeof(run->output), &lengths[0]))
            polls[0].fd = -1;
        if (polls[1].revents &&
            !take_output(fds[PROBLEMS], run->problems, sizeof(run->problems), &lengths[1]))
            polls[1].fd = -1;
    }
}

/* A program that has shut its output but goes on is not waited for either. */
static void collect_child(struct program_run *run, pid_t child, int64_t end)
{
    int status = 0;
    pid_t ended;
    while ((ended = waitpid(child, &status, run->timed_out ? 0 : WNOHANG)) == 0) {
        run->timed_out = clock_monotonic_us() >= end;
        if (run->timed_out)
            kill(child, SIGKILL);
        else
            poll(NULL, 0, 5);
    }
    run->exit_code = ended == child && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    run->signal = ended == child && WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

static void close_ends(int pipes[PIPES][2], int end)
{
    for (int i = 0; i < PIPES; i++) {
        if (pipes[i][end] >= 0)
            close(pipes[i][end]);
    }
}

void program_run(struct program_run *run, const char *path, char *const *environment,
                 const struct web_user *user, int seconds)
{
    int pipes[PIPES][2] = {{-1, -1}, {-1, -1}, {-1, -1}};
    int64_t end = clock_monotonic_us() + seconds * INT64_C(1000000);
    pid_t child = -1;
    memset(run, 0, sizeof(*run));
    if (!pipe2(pipes[OUTPUT], O_CLOEXEC) && !pipe2(pipes[PROBLEMS], O_CLOEXEC) &&
        !pipe2(pipes[FAILURE], O_CLOEXEC))
        child = fork();
    if (child < 0)
        run->error = errno;
    if (child == 0)
        become_program(path, environment, user,
                       (int[PIPES]){pipes[OUTPUT][1], pipes[PROBLEMS][1], pipes[FAILURE][1]});
    close_ends(pipes, 1);
    if (child > 0) {
        /* The pipe is shut by a good start, and has the reason after a bad one. */
        ssize_t got = read(pipes[FAILURE][0], &run->error, sizeof(run->error));
        run->error = got == sizeof(run->error) ? run->error : 0;
        listen_to(run, (int[PIPES]){pipes[OUTPUT][0], pipes[PROBLEMS][0], -1}, end);
        if (run->timed_out)
            kill(child, SIGKILL);
        collect_child(run, child, end);
    }
    close_ends(pipes, 0);
}
