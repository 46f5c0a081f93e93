/* `palate doctor`: whether palate.fcgi starts and answers, run once as a web server would run it, and what
 * this kernel offers of the workers' sandbox.
 *
 * The worker is run as a plain CGI program with the environment of one request. So what keeps it from
 * starting, a missing library above all, is seen here with its own words, where a web server only says 500.
 */
#include "base/sandbox.h"
#include "cli/doctor/checks.h"
#include "cli/doctor/program.h"
#include "cli/installed_file.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { START_SECONDS = 20, VARIABLES = 16 };

/* A file that is not there: nothing is opened, and so nothing made that would belong to the wrong user. */
static const char no_config[] = "/dev/null/palate.conf";

static const char fix_start[] = "ldd on it lists what is missing, `make packages` installs it";

static const char *find_worker(struct arena *arena)
{
    char path[INSTALLED_PATH_SIZE];
    installed_file_find("palate.fcgi", "lib/palate", path);
    return access(path, F_OK) ? NULL : arena_copy_text(arena, path);
}

/* `make install` lays down both. */
static bool is_installed(void)
{
    static const char place[] = PALATE_PREFIX "/bin/";
    char self[INSTALLED_PATH_SIZE];
    installed_file_self(self);
    return !strncmp(self, place, sizeof(place) - 1);
}

void doctor_find_worker(struct doctor *doctor)
{
    const char *named = doctor->options.worker;
    doctor->worker_path = named ? named : find_worker(doctor->arena);
    if (named && access(named, F_OK)) {
        doctor->worker_path = NULL;
        doctor_report(doctor, DOCTOR_FAIL, "worker", "correct --worker", "there is no %s", named);
    } else if (!doctor->worker_path && is_installed()) {
        doctor->is_worker_gone = true;
        doctor_report(doctor, DOCTOR_FAIL, "worker", "make install",
                      "there is no " PALATE_WORKER_PATH ", though this program is installed");
    } else if (!doctor->worker_path)
        doctor_report(doctor, DOCTOR_WARN, "worker", "name it with --worker",
                      "not started: palate.fcgi is neither beside this program nor " PALATE_WORKER_PATH);
}

/* Also what says to sanitizers where to write. */
static void fill_environment(struct doctor *doctor, char **environment, const char *config)
{
    static const char *const kept[] = {"ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS", "TZ"};
    struct arena *arena = doctor->arena;
    size_t count = 0;
    environment[count++] = arena_copy_text(arena, "PATH=/usr/bin:/bin");
    environment[count++] = arena_copy_text(arena, "GATEWAY_INTERFACE=CGI/1.1");
    environment[count++] = arena_copy_text(arena, "SERVER_PROTOCOL=HTTP/1.1");
    environment[count++] = arena_copy_text(arena, "REQUEST_METHOD=HEAD");
    environment[count++] = arena_format(arena, "REQUEST_URI=%s/openapi.json", doctor->config->http_base_path);
    environment[count++] = arena_format(arena, "PALATE_CONFIG=%s", config);
    for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++) {
        const char *value = getenv(kept[i]);
        if (value)
            environment[count++] = arena_format(arena, "%s=%s", kept[i], value);
    }
}

/* The last line of a text, which says what went wrong; the text is cut there. */
static const char *last_line(char *text)
{
    size_t length = strlen(text);
    while (length && (text[length - 1] == '\n' || text[length - 1] == '\r'))
        text[--length] = '\0';
    const char *line = strrchr(text, '\n');
    return line ? line + 1 : text;
}

static bool answers(const struct program_run *run, const char *status)
{
    return !strncmp(run->output, "Status: ", 8) && !strncmp(run->output + 8, status, strlen(status));
}

static void report(struct doctor *doctor, struct program_run *run, bool configured)
{
    const char *path = doctor->worker_path, *by = doctor->web.name ? doctor->web.name : "this user";
    if (run->error == EACCES && doctor->web.name && !doctor->is_reached)
        return; /* as has been said */
    if (run->error)
        doctor_report(doctor, DOCTOR_FAIL, "worker", "make install puts it there again",
                      "%s cannot be run by %s: %s", path, by, strerror(run->error));
    else if (run->timed_out)
        doctor_report(doctor, DOCTOR_FAIL, "worker", "see whether the database hangs, and the workers' log",
                      "%s does not answer within %d s", path, START_SECONDS);
    else if (answers(run, configured ? "200" : "500"))
        doctor_report(doctor, DOCTOR_OK, "worker", NULL, "%s starts%s", path,
                      configured ? arena_format(doctor->arena, " as %s and answers", by) : "");
    else if (answers(run, "5"))
        doctor_report(doctor, DOCTOR_FAIL, "worker", "correct what it says", "%s, run by %s, answers 500: %s",
                      path, by, last_line(run->problems));
    else if (strstr(run->problems, "shared librar"))
        doctor_report(doctor, DOCTOR_FAIL, "worker", fix_start, "%s", last_line(run->problems));
    else
        doctor_report(doctor, DOCTOR_FAIL, "worker", fix_start, "%s does not start (%s %d): %s", path,
                      run->signal ? "signal" : "exit status", run->signal ? run->signal : run->exit_code,
                      last_line(run->problems));
}

void doctor_check_start(struct doctor *doctor)
{
    char *environment[VARIABLES] = {NULL};
    struct program_run *run = arena_alloc(doctor->arena, 1, sizeof(*run));
    /* As itself doctor would make a log or a state file that the workers then could not write. */
    bool configured = doctor->web.name && doctor->is_reached;
    if (!doctor->worker_path)
        return;
    fill_environment(doctor, environment, configured ? doctor->config_path : no_config);
    program_run(run, doctor->worker_path, environment, doctor->web.name ? &doctor->web : NULL, START_SECONDS);
    report(doctor, run, configured);
}

void doctor_check_sandbox(struct doctor *doctor)
{
    struct sandbox_report kernel;
    enum sandbox_mode mode = doctor->config->worker_sandbox;
    sandbox_probe(&kernel);
    if (mode == SANDBOX_OFF)
        doctor_report(doctor, DOCTOR_WARN, "sandbox", "[worker] sandbox = best-effort", "it is switched off");
    else if (kernel.landlock && kernel.seccomp)
        doctor_report(doctor, DOCTOR_OK, "sandbox", NULL, "this kernel has seccomp and Landlock");
    else
        doctor_report(doctor, mode == SANDBOX_REQUIRED ? DOCTOR_FAIL : DOCTOR_WARN, "sandbox",
                      "a kernel with both (Linux 5.13 and later); containers may hide them",
                      "this kernel has%s%s", kernel.seccomp ? " seccomp" : " no seccomp",
                      kernel.landlock ? " and Landlock" : " and no Landlock");
}
