/* `palate doctor`: the configuration as the tool and as the workers read it, the files with secrets that it
 * names and who else may read them, and the key that tokens are checked with.
 *
 * Tool and workers are loaded apart, because each reads files that the other may not: a configuration that is
 * good for one side can be unreadable for the other, and which side fails is what the operator must know. A
 * key is tried as it is used: a token is made and checked as a worker checks it, since each half of a key
 * pair can be well-formed and still not belong to the other. */
#include "base/clock.h"
#include "base/memory.h"
#include "cli/doctor/checks.h"
#include "token/claims.h"
#include "token/issuers.h"
#include "token/own_secrets.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PROBLEM_SIZE = 500 };

static const char config_fix[] =
    "correct the file, or name another with --config; `palate settings` lists every setting";

/* A file that is there, but not for this user: as it was said, the problem ends with that. */
static const char *fix_for(struct doctor *doctor, const char *problem)
{
    const char *denied = strerror(EACCES);
    size_t length = strlen(problem), size = strlen(denied);
    if (length < size || strcmp(problem + length - size, denied) != 0)
        return config_fix;
    const struct passwd *self = getpwuid(geteuid());
    return arena_format(
        doctor->arena,
        "let %s read it; sudo palate doctor says by which command (as setup makes them: the configuration "
        "root's and 0644, workers' secrets palate:www-data and 0640)",
        self ? self->pw_name : "this user");
}

/* The web server's user may not read the tool's password, nor may others: then the workers' part is checked.
 */
static bool is_private_to_tool(const struct doctor *doctor)
{
    const char *file = doctor->worker ? doctor->worker->tool_database_password_file : "";
    return *file && geteuid() && access(file, R_OK) && errno == EACCES;
}

static void report_tool(struct doctor *doctor, const char *problem)
{
    if (is_private_to_tool(doctor))
        doctor_report(doctor, DOCTOR_WARN, "the tool's part",
                      "run doctor also as the tool's user, or as root: sudo palate doctor",
                      "not checked (schema, tenants, models, a real request): %s", problem);
    else
        doctor_report(doctor, DOCTOR_FAIL, "configuration for the tool", fix_for(doctor, problem), "%s",
                      problem);
}

void doctor_check_config(struct doctor *doctor)
{
    char tool_problem[PROBLEM_SIZE], worker_problem[PROBLEM_SIZE];
    /* Both sides are loaded whatever happens to the first: what is wrong for one of them only is reported
     * as that side's. */
    doctor->tool = config_load(doctor->config_path, CONFIG_TOOL, tool_problem, sizeof(tool_problem));
    doctor->worker = config_load(doctor->config_path, CONFIG_WORKER, worker_problem, sizeof(worker_problem));
    doctor->config = doctor->tool ? doctor->tool : doctor->worker;
    if (!doctor->config && !strcmp(tool_problem, worker_problem)) {
        doctor_report(doctor, DOCTOR_FAIL, "configuration", fix_for(doctor, worker_problem), "%s",
                      worker_problem);
        return;
    }
    if (doctor->config)
        doctor_report(doctor, DOCTOR_OK, "configuration", NULL, "%s", doctor->config_path);
    if (!doctor->tool)
        report_tool(doctor, tool_problem);
    if (!doctor->worker)
        doctor_report(doctor, DOCTOR_FAIL, "configuration for workers",
                      "correct it, or run doctor as a user that may read the workers' files", "%s",
                      worker_problem);
    const struct config *worker = doctor->worker;
    doctor->one_user = worker && !strcmp(worker->database_user, worker->tool_database_user);
}

/* ---- Files with secrets */

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
    if (doctor->web.name && access_check(&doctor->web, &question, 1, doctor->arena, problem, sizeof(problem)))
        may = !question.error;
    if (may)
        doctor_report(doctor, DOCTOR_OK, "POST /oauth2/token", NULL, "%s may sign with %s",
                      doctor->web.name ? doctor->web.name : "the group of the file", path);
    else
        doctor_report(doctor, DOCTOR_WARN, "POST /oauth2/token", fix,
                      "answers 500 unless the workers run as the owner of %s", path);
}

/* Who may read which password. The workers' file must be readable for their group; the tool's for its user
 * alone, except where both are one user. */
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

/* ---- The key of tokens, and foreign identity providers */

/* A provider's people may only see themselves, its service accounts stand for the shop. Which of both its
 * subjects are cannot be told from a token, so the operator has to say it. */
static void ask_for_subjects(struct doctor *doctor, const struct issuers *issuers)
{
    for (size_t i = 0; i < issuers->count; i++) {
        const struct issuer *issuer = &issuers->list[i];
        if (issuer->subjects == SUBJECTS_UNSET)
            doctor_report(
                doctor, DOCTOR_WARN, "identity providers",
                arena_format(doctor->arena,
                             "in %s, \"subjects\": \"people\" where end users log in there, "
                             "\"clients\" where it has service accounts (docs/tokens.md)",
                             doctor->config->token_issuers_file),
                "whose ids are the sub claims of %s? As long as that is not said, each of its tokens "
                "may read and write what is about any user",
                issuer->name);
    }
}

/* The file is read as a worker reads it; keys are fetched only when a token needs them. */
static void check_issuers(struct doctor *doctor)
{
    char problem[500];
    if (!*doctor->config->token_issuers_file)
        return;
    struct issuers *issuers = issuers_load(doctor->config, problem, sizeof(problem));
    if (issuers)
        doctor_report(doctor, DOCTOR_OK, "identity providers", NULL, "%zu in %s", issuers->count,
                      doctor->config->token_issuers_file);
    else
        doctor_report(doctor, DOCTOR_FAIL, "identity providers",
                      "correct the file as docs/tokens.md shows it: until then workers answer 500", "%s",
                      problem);
    if (issuers)
        ask_for_subjects(doctor, issuers);
    issuers_free(issuers);
}

static void check_recommend_scope(struct doctor *doctor)
{
    doctor_report(doctor, DOCTOR_OK, "POST /api/recommend/recommend", NULL, "%s",
                  doctor->config->token_recommend_reads
                      ? "takes tokens with the scope for reading"
                      : "takes any valid token, as its document says; where no client depends on that, "
                        "[token] recommend_scope = read is better");
}

/* Makes a token and checks it as a worker does: so the two halves of a key pair belong together. */
static void check_round_trip(struct doctor *doctor)
{
    const struct config *config = doctor->config;
    int64_t now = clock_unix();
    struct token_claims minted = {.client_id = "doctor",
                                  .subject = "doctor",
                                  .scope = config->token_scope_read,
                                  .issued_at = now,
                                  .expires_at = now + 60};
    struct claims claims;
    struct error error = {0};
    char problem[400];
    memset(&claims, 0, sizeof(claims));
    if (config->token_algorithm != TOKEN_HS256 && !*config->token_private_key_file) {
        doctor_report(doctor, DOCTOR_OK, "token signing", NULL,
                      "no private key is configured: tokens come from elsewhere");
        return;
    }
    /* The workers' user need not sign, and that this is not the tool's has been said. */
    if (config->token_algorithm != TOKEN_HS256 && !doctor->tool &&
        access(config->token_private_key_file, R_OK))
        return;
    char *token = issue_token(config, &minted, problem, sizeof(problem));
    if (!token)
        doctor_report(doctor, DOCTOR_FAIL, "token signing",
                      "[token] private_key_file must name the PEM of the private key", "%s", problem);
    else if (!token_verify_own(config, doctor->arena, token, now, &claims, &error))
        doctor_report(doctor, DOCTOR_FAIL, "token signing",
                      "private_key_file and public_key_file must be the two halves of one key",
                      "a token made here would be refused: %s %s", error.message, error.detail);
    else
        doctor_report(doctor, DOCTOR_OK, "token signing", NULL, "a token made here is accepted");
    memory_free(token);
}

static void check_key(struct doctor *doctor)
{
    char problem[400];
    struct secret secrets[SECRETS_MAX];
    const struct config *config = doctor->config;
    const char *fix = config->token_algorithm == TOKEN_HS256 ? "openssl rand -hex 32 > the secret_file"
                      : config->token_algorithm == TOKEN_RS256
                          ? "use an RSA public key of at least 2048 bits in PEM"
                          : "use a public key on the curve P-256 in PEM";
    if (!token_key_check(config, problem, sizeof(problem))) {
        doctor_report(doctor, DOCTOR_FAIL, "token key", fix, "%s", problem);
        return;
    }
    bool two = config->token_algorithm == TOKEN_HS256 &&
               own_secrets_split(config->token_key, config->token_key_length, secrets) > 1;
    doctor_report(doctor, DOCTOR_OK, "token key", NULL, "fit for %s%s",
                  token_algorithm_name(config->token_algorithm),
                  two ? "; two secrets: the first signs, tokens of both count" : "");
    check_round_trip(doctor);
}

void doctor_check_key(struct doctor *doctor)
{
    check_key(doctor);
    check_issuers(doctor);
    check_recommend_scope(doctor);
}
