/* `palate doctor`: whether the web server's user reaches what workers read and write, and cron's user what
 * the regular work does.
 *
 * Every file and directory that the configuration names is put on a list with what it is needed for; the
 * list is tried as the user in question (access.c). One directory that is closed makes all files below it
 * fail, so that findings are gathered by the part of the path that refuses: one line names it, what it
 * lacks and everything that it is needed for.
 *
 * The tool's own user is checked beside the web server's when doctor runs as root: root reads everything,
 * so a training by hand would succeed where cron's fails every night in silence. */
#include "base/limits.h"
#include "base/metrics.h"
#include "cli/doctor/checks.h"
#include "token/issuers.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FIXED_QUESTIONS = 16 + LIMIT_ISSUERS };

/* The system user that `palate setup` makes. Where there is no such user, cron's part is not checked. */
static const char tool_user[] = "palate";

static const char the_configuration[] = "the configuration";

struct checklist {
    const struct web_user *user;
    char *(*fix)(const struct access_question *question, const struct web_user *user, struct arena *arena);
    struct access_question *questions;
    size_t count;
};

/* "" is no path: the setting is not set. */
static void add_path(struct checklist *checklist, const char *what, const char *path, enum access_need need)
{
    if (path && *path)
        checklist->questions[checklist->count++] =
            (struct access_question){.what = what, .path = path, .need = need};
}

/* State files are replaced in their folder. */
static void add_state(struct doctor *doctor, struct checklist *checklist, const char *what, const char *path)
{
    const char *slash = strrchr(path, '/');
    if (!slash || slash == path)
        return;
    add_path(checklist, what, arena_copy_bytes(doctor->arena, path, (size_t)(slash - path)), NEED_CHANGE);
    if (!access(path, F_OK))
        add_path(checklist, what, path, NEED_APPEND);
}

/* A file of the workers beside another, whose folder is on the list. */
static void add_beside(struct doctor *doctor, struct checklist *checklist, const char *what, const char *path,
                       const char *suffix)
{
    const char *file = arena_format(doctor->arena, "%s%s", path, suffix);
    if (*path && !access(file, F_OK))
        add_path(checklist, what, file, NEED_APPEND);
}

static void add_models(struct doctor *doctor, struct checklist *checklist)
{
    add_path(checklist, "[model] directory", doctor->config->model_directory, NEED_ENTER);
    for (size_t i = 0; i < doctor->tenant_count; i++) {
        const char *path = doctor_model_path(doctor, doctor->tenants[i].id);
        if (doctor->tenants[i].active && !access(path, F_OK))
            add_path(checklist, arena_format(doctor->arena, "the model of %s", doctor->tenants[i].key), path,
                     NEED_READ);
    }
}

/* Also the files with the keys of foreign identity providers. What is wrong in the list is said elsewhere. */
static void add_issuers(struct doctor *doctor, struct checklist *checklist)
{
    char ignored[500];
    const char *path = doctor->config->token_issuers_file;
    if (!*path || access(path, F_OK))
        return;
    add_path(checklist, "[token] issuers_file", path, NEED_READ);
    struct issuers *issuers = issuers_load(doctor->config, ignored, sizeof(ignored));
    for (size_t i = 0; issuers && i < issuers->count; i++) {
        const char *keys = key_source_file(issuers->list[i].keys);
        add_path(checklist, "keys of an identity provider",
                 keys ? arena_copy_text(doctor->arena, keys) : NULL, NEED_READ);
    }
    issuers_free(issuers);
}

static void add_all(struct doctor *doctor, struct checklist *checklist)
{
    const struct config *config = doctor->config;
    bool symmetric = config->token_algorithm == TOKEN_HS256;
    add_path(checklist, the_configuration, doctor->config_path, NEED_READ);
    if (symmetric)
        add_path(checklist, "[token] secret_file", config->token_secret_file, NEED_READ);
    else
        add_path(checklist, "[token] public_key_file", config->token_public_key_file, NEED_READ);
    add_path(checklist, "[database] password_file", config->database_password_file, NEED_READ);
    add_issuers(doctor, checklist);
    add_path(checklist, "[token] keys_cache", config->token_keys_cache, NEED_CHANGE);
    add_path(checklist, "[remote] api_key_file", config->remote_api_key_file, NEED_READ);
    if (*config->remote_url) {
        add_path(checklist, "[remote] ca_file", config->remote_ca_file, NEED_READ);
        add_state(doctor, checklist, "[remote] state_file", config->remote_state_file);
    }
    add_state(doctor, checklist, "[limits] state_file", config->limits_state_file);
    add_beside(doctor, checklist, "metrics", config->limits_state_file, METRICS_SUFFIX);
    add_path(checklist, "[log] file", config->log_file, NEED_APPEND);
    add_path(checklist, "the worker", doctor->worker_path, NEED_RUN);
    add_models(doctor, checklist);
}

/* What a folder lacks, it lacks for the files in it, too. */
static bool is_covered(const struct access_question *a, const struct access_question *wider)
{
    return a->lacks == NEED_ENTER && wider->lacks == NEED_CHANGE && a->error == wider->error && a->culprit &&
           wider->culprit && !strcmp(a->culprit, wider->culprit);
}

static bool is_same_refusal(const struct access_question *a, const struct access_question *b)
{
    return a->error == b->error && a->lacks == b->lacks && a->culprit && b->culprit &&
           !strcmp(a->culprit, b->culprit);
}

/* Root acts by the configuration, so it stays root's; one without a password everybody may read. */
static const char *fix_access(struct doctor *doctor, const struct checklist *checklist,
                              const struct access_question *question)
{
    const struct config *worker = doctor->worker;
    struct stat status;
    if (question->error != EACCES || strcmp(question->path, question->culprit) != 0 ||
        strcmp(question->what, the_configuration) != 0 || stat(question->path, &status) || status.st_uid)
        return checklist->fix(question, checklist->user, doctor->arena);
    if (worker && (!*worker->database_password || *worker->database_password_file))
        return arena_format(doctor->arena, "chmod a+r %s", question->path);
    return arena_format(doctor->arena, "setfacl -m u:%s:r %s", checklist->user->name, question->path);
}

/* One line for each part of a path that refuses, however much lies behind it. */
static void report_refused(struct doctor *doctor, const struct checklist *checklist, size_t index)
{
    const struct access_question *question = &checklist->questions[index];
    const char *list = "";
    for (size_t i = 0; i < checklist->count; i++) {
        const struct access_question *other = &checklist->questions[i];
        if (is_covered(question, other))
            return;
        if (!is_same_refusal(question, other))
            continue;
        if (i < index)
            return;
        list = strstr(list, other->what)
                   ? list
                   : arena_format(doctor->arena, "%s%s%s", list, *list ? ", " : "", other->what);
    }
    doctor_report(doctor, DOCTOR_FAIL, arena_format(doctor->arena, "access of %s", checklist->user->name),
                  fix_access(doctor, checklist, question), "%s cannot %s %s (%s), needed for %s",
                  checklist->user->name, access_verb(question->lacks), question->culprit,
                  access_describe(question->culprit, doctor->arena), list);
}

/* Reports what is refused, or in one line that nothing is; true when nothing is. */
static bool report_all(struct doctor *doctor, struct checklist *checklist, const char *whose)
{
    char problem[200];
    const char *what = arena_format(doctor->arena, "access of %s", checklist->user->name);
    int before = doctor->count[DOCTOR_FAIL];
    if (!access_check(checklist->user, checklist->questions, checklist->count, doctor->arena, problem,
                      sizeof(problem))) {
        doctor_report(doctor, DOCTOR_WARN, what, "run doctor as root, outside of a sandbox",
                      "not checked: %s", problem);
        return false;
    }
    for (size_t i = 0; i < checklist->count; i++) {
        if (checklist->questions[i].error)
            report_refused(doctor, checklist, i);
    }
    if (before != doctor->count[DOCTOR_FAIL])
        return false;
    doctor_report(doctor, DOCTOR_OK, what, NULL, "to all %zu files and directories that %s", checklist->count,
                  whose);
    return true;
}

static void check_access(struct doctor *doctor)
{
    struct checklist checklist = {.user = &doctor->web, .fix = access_fix};
    checklist.questions =
        arena_alloc(doctor->arena, FIXED_QUESTIONS + doctor->tenant_count, sizeof(*checklist.questions));
    add_all(doctor, &checklist);
    doctor->is_reached = report_all(doctor, &checklist, "workers need");
}

/* Root trains whatever the modes say, and cron would fail in silence. */
static void check_tool_access(struct doctor *doctor)
{
    struct web_user user;
    const struct config *config = doctor->config;
    bool symmetric = config->token_algorithm == TOKEN_HS256;
    if (!web_user_find(&user, tool_user, doctor->arena) || user.uid == doctor->web.uid)
        return;
    struct checklist checklist = {.user = &user, .fix = access_fix_as_owner};
    checklist.questions = arena_alloc(doctor->arena, FIXED_QUESTIONS, sizeof(*checklist.questions));
    add_path(&checklist, the_configuration, doctor->config_path, NEED_READ);
    add_path(&checklist, symmetric ? "[token] secret_file" : "[token] private_key_file",
             symmetric ? config->token_secret_file : config->token_private_key_file, NEED_READ);
    add_path(&checklist, "[database] password_file", config->database_password_file, NEED_READ);
    add_path(&checklist, "[tool] database_password_file", config->tool_database_password_file, NEED_READ);
    add_path(&checklist, "[model] directory", config->model_directory, NEED_CHANGE);
    report_all(doctor, &checklist, "cron's work needs");
}

void doctor_check_workers(struct doctor *doctor)
{
    if (!geteuid())
        check_tool_access(doctor);
    if (doctor->web.name) {
        check_access(doctor);
        return;
    }
    if (!geteuid())
        doctor_report(doctor, DOCTOR_WARN, "access of the workers",
                      "name the web server's user with --web-user", "not checked: there is no user www-data");
    else if (doctor->options.url)
        doctor_report(doctor, DOCTOR_OK, "access of the workers", NULL,
                      "not checked, which needs root; what they answer below shows it");
    else
        doctor_report(doctor, DOCTOR_WARN, "access of the workers",
                      "add --url, or run doctor as root: sudo palate doctor",
                      "not checked: this user cannot become the web server's");
}
