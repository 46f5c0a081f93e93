/* `palate doctor`: files that hold secrets, and who else may read or change them. */
#include "cli/doctor/checks.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Reports a file whose mode has one of the bits that it must not have. */
static void check_mode(struct doctor *doctor, const char *what, const char *path, mode_t forbidden)
{
    struct stat status;
    char fix[400];
    bool group = forbidden & S_IRGRP;
    if (!*path)
        return;
    if (stat(path, &status)) {
        doctor_report(doctor, DOCTOR_FAIL, what, "make the file, or correct its name in the configuration",
                      "%s: %s", path, strerror(errno));
        return;
    }
    snprintf(fix, sizeof(fix), "chmod %s %.300s", group ? "0600" : "o-rwx", path);
    if (status.st_mode & forbidden)
        doctor_report(doctor, DOCTOR_FAIL, what, fix, "%s can be read or changed by %s (mode %04o)", path,
                      group ? "its group or everybody" : "everybody", status.st_mode & 07777U);
    else
        doctor_report(doctor, DOCTOR_OK, what, NULL, "%s has mode %04o", path, status.st_mode & 07777U);
}

/* Whoever may read it signs tokens: the operator, and the workers where they are to issue them. */
static void check_private_key(struct doctor *doctor, const char *path)
{
    struct access_question question = {.what = "", .path = path, .need = NEED_READ};
    struct stat status;
    char problem[200];
    check_mode(doctor, "token private key", path, S_IRWXO | S_IWGRP);
    if (!*path || stat(path, &status))
        return;
    const char *group = doctor->web.name ? doctor->web.group : "www-data";
    const char *fix = arena_format(doctor->arena,
                                   "chgrp %s %s && chmod 0640 %s, if it should issue tokens (or: setfacl -m "
                                   "g:%s:r %s)",
                                   group, path, path, group, path);
    bool may = status.st_mode & S_IRGRP;
    if (doctor->web.name && access_ask(&doctor->web, &question, 1, doctor->arena, problem, sizeof(problem)))
        may = !question.error;
    if (may)
        doctor_report(doctor, DOCTOR_OK, "POST /oauth2/token", NULL, "%s may sign with %s",
                      doctor->web.name ? doctor->web.name : "the group of the file", path);
    else
        doctor_report(doctor, DOCTOR_WARN, "POST /oauth2/token", fix,
                      "answers 500 unless the workers run as the owner of %s", path);
}

static void check_passwords(struct doctor *doctor)
{
    const struct config *config = doctor->config, *worker = doctor->worker;
    mode_t world = S_IRWXO;
    /* One user has one password, and the workers need it. */
    if (doctor->tool)
        check_mode(doctor, "tool's password file", config->tool_database_password_file,
                   doctor->one_user ? world : world | S_IRWXG);
    if (!doctor->one_user || !doctor->tool ||
        strcmp(config->tool_database_password_file, config->database_password_file))
        check_mode(doctor, "workers' password file", config->database_password_file, world);
    /* The tool's copy of the configuration no longer has the worker's password. */
    if (worker && *worker->database_password && !*worker->database_password_file)
        check_mode(doctor, "configuration with a password", config->path, world);
}

void doctor_check_files(struct doctor *doctor)
{
    const struct config *config = doctor->config;
    if (config->token_algorithm == TOKEN_HS256)
        check_mode(doctor, "token secret", config->token_secret_file, S_IRWXO);
    else
        check_private_key(doctor, config->token_private_key_file);
    check_passwords(doctor);
    if (!access(config->token_issuers_file, F_OK)) /* else its own check says so */
        check_mode(doctor, "identity providers", config->token_issuers_file, S_IWOTH);
    if (!doctor->web.name || !access(config->token_keys_cache, F_OK))
        check_mode(doctor, "keys_cache", config->token_keys_cache, S_IWOTH);
}
