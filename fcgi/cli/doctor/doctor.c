/* `palate doctor`: the order of the checks, and their report; see doctor.h.
 *
 * The problem: an installation is made of a configuration, a dozen files with owners and modes, a database
 * with two users, a web server, workers and models, and one mistake in any of them shows as the same "500"
 * to those who call the API. Doctor is to name the one cause and the command that repairs it.
 *
 * How it goes about it: it walks from the ground up, in the order in which things need each other
 * (configuration, files, key, database as the tool, worker, its access, its start, database as the worker,
 * rights, models, remote recommender, and at last the running service), and a check whose ground is
 * missing says nothing. So one fault is one finding, not a page of them, and what is reported first is
 * what to repair first. Each finding stands on a line of its own, as ok, warn or FAIL, with what was found
 * and, for the last two, with a fix that can be pasted into a shell where that is possible.
 *
 * What is checked is tried, not derived: a child becomes the web server's user and opens the files
 * (access.c), palate.fcgi is run with one request (start.c), statements are prepared as the workers' user
 * (rights.c), a token is made and checked, a real recommendation is requested. Causes of failures that
 * come as a code are tables of text (causes.c).
 *
 * Doctor changes nothing but for the one client that it makes for the recommendation and removes again,
 * and never makes a file that the workers should make. */
#include "cli/doctor/doctor.h"

#include "cli/command.h"
#include "cli/doctor/checks.h"
#include "cli/doctor/http.h"

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char help[] =
    "usage: palate doctor [--url URL] [--connect ADDRESS[:PORT]] [--web-user NAME] [--worker FILE] [--dir "
    "DIR]\n"
    "\n"
    "Checks configuration, token key, database, schema, rights, files, models, the worker and the remote\n"
    "recommender, to which it makes one request, and with --url also the running service: it requests one "
    "real\n"
    "recommendation, and whether the web server hands on Authorization, GET bodies, chunked and large "
    "bodies.\n"
    "Each finding is a line of ok, warn or FAIL; below warn and FAIL stands how to fix it.\n"
    "\n"
    "  --url URL            address of the service, with [http] base_path: http://127.0.0.1:5051\n"
    "  --connect ADDRESS[:PORT]   go there, whatever the host of the URL resolves to\n"
    "  --web-user NAME      the web server's user; default: www-data\n"
    "  --worker FILE        palate.fcgi; default: beside this program, else " PALATE_WORKER_PATH "\n"
    "  --dir DIR            where the schema files are, as for `palate migrate`\n"
    "\n"
    "As root it checks with the rights of the web server's user. The tool's user checks all but that; the "
    "web\n"
    "server's user the workers' part alone.\n"
    "\n"
    "Without --url nothing is written but what starting a worker writes to its log. With it a client is made "
    "for\n"
    "the recommendation and removed after; the two logs keep the request.\n"
    "\n"
    "example: palate doctor --url https://api.example.org --connect 127.0.0.1\n"
    "\n"
    "exit codes: 0 nothing fails, 1 something fails, 2 wrong usage\n";

static const struct option_rule rules[] = {
    {"url", OPTION_TEXT, offsetof(struct doctor_options, url), false, 0, 0},
    {"connect", OPTION_TEXT, offsetof(struct doctor_options, connect), false, 0, 0},
    {"web-user", OPTION_TEXT, offsetof(struct doctor_options, web_user), false, 0, 0},
    {"worker", OPTION_TEXT, offsetof(struct doctor_options, worker), false, 0, 0},
    {"dir", OPTION_TEXT, offsetof(struct doctor_options, sql_directory), false, 0, 0},
};
static const struct options_shape shape = {rules, sizeof(rules) / sizeof(rules[0]), 0, 0, ""};

enum options_outcome doctor_options_parse(int argc, char **argv, void *given, struct operands *operands)
{
    struct doctor_options *options = given;
    *options = (struct doctor_options){.sql_directory = ""};
    enum options_outcome outcome = options_parse(&shape, argc, argv, options, operands);
    if (outcome != OPTIONS_OK)
        return outcome;
    const char *url = options->url;
    char to[HTTP_CONNECT_SIZE];
    if (url && strncmp(url, "http://", 7) != 0 && strncmp(url, "https://", 8) != 0)
        return options_reject(operands, "--url must begin with http:// or https://");
    if (options->connect && !url)
        return options_reject(operands, "--connect needs --url");
    if (options->connect && !http_connect_to(options->connect, to))
        return options_reject(operands,
                              "--connect must be ADDRESS or ADDRESS:PORT, an IPv6 address in brackets");
    return OPTIONS_OK;
}

void doctor_report(struct doctor *doctor, enum doctor_finding finding, const char *what, const char *fix,
                   const char *format, ...)
{
    static const char *const words[DOCTOR_FINDING__MAX] = {
        [DOCTOR_OK] = "ok  ", [DOCTOR_WARN] = "warn", [DOCTOR_FAIL] = "FAIL"};
    va_list arguments;
    va_start(arguments, format);
    printf("%s  %s: ", words[finding], what);
    vprintf(format, arguments);
    printf("\n");
    va_end(arguments);
    if (fix && finding != DOCTOR_OK)
        printf("      fix: %s\n", fix);
    fflush(stdout);
    doctor->count[finding]++;
}

/* As root the web server's user; else oneself, where one is that user. False: there is none of that name. */
static bool find_web_user(struct doctor *doctor)
{
    const char *named = doctor->options.web_user;
    struct web_user user;
    if (!web_user_find(&user, named ? named : "www-data", doctor->arena))
        return !named;
    if (!geteuid() || geteuid() == user.uid)
        doctor->web = user;
    return true;
}

/* The order matters: each check may use what those before it found, and is skipped when they failed. */
static void examine_all(struct doctor *doctor)
{
    doctor_check_config(doctor);
    if (!doctor->config)
        return;
    doctor_check_files(doctor);
    doctor_check_key(doctor);
    doctor_check_sandbox(doctor);
    doctor_check_state(doctor);
    if (doctor->tool)
        doctor_check_tool_database(doctor);
    doctor_find_worker(doctor);
    doctor_check_workers(doctor);
    doctor_check_start(doctor);
    if (doctor->worker)
        doctor_check_worker_database(doctor);
    if (doctor->is_migrated)
        doctor_check_models(doctor);
    if (doctor->is_migrated)
        doctor_check_deltas(doctor);
    if (doctor->is_migrated)
        doctor_check_growth(doctor);
    if (doctor->is_migrated)
        doctor_check_quotas(doctor);
    if (doctor->is_migrated)
        doctor_check_robots(doctor);
    doctor_check_remote(doctor);
    if (doctor->is_migrated)
        doctor_check_push(doctor);
    if (doctor->options.url)
        doctor_check_service(doctor);
}

static int sum_up(const struct doctor *doctor)
{
    if (command_is_interrupted())
        return command_failed("interrupted; what is above is not all");
    printf("%d ok, %d to look at, %d failed\n", doctor->count[DOCTOR_OK], doctor->count[DOCTOR_WARN],
           doctor->count[DOCTOR_FAIL]);
    return doctor->count[DOCTOR_FAIL] ? TOOL_FAILED : TOOL_DONE;
}

/* Workers get the path as it is written in the web server's configuration, and start elsewhere. */
static const char *make_absolute(const char *path, struct arena *arena)
{
    char folder[PATH_MAX];
    return *path == '/' || !getcwd(folder, sizeof(folder)) ? path
                                                           : arena_format(arena, "%s/%s", folder, path);
}

static int examine_installation(struct session *session, const void *given)
{
    struct doctor doctor = {.options = *(const struct doctor_options *)given};
    doctor.arena = arena_create();
    doctor.config_path = make_absolute(session->tool->config_path, doctor.arena);
    int code = TOOL_USAGE;
    command_catch_interrupt();
    if (find_web_user(&doctor)) {
        examine_all(&doctor);
        code = sum_up(&doctor);
    } else {
        command_misused("doctor", arena_format(doctor.arena, "--web-user: this machine has no user \"%s\"",
                                               doctor.options.web_user));
    }
    database_destroy(doctor.db);
    arena_destroy(doctor.arena);
    config_free(doctor.tool);
    config_free(doctor.worker);
    return code;
}

static const struct verb verbs[] = {{NULL, doctor_options_parse, sizeof(struct doctor_options),
                                     .work = examine_installation, .without_session = true}};
const struct command doctor_command = {"doctor", help, VERBS(verbs)};
