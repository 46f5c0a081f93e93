/* `palate doctor`: the configuration, its files, and the token key. */
#include "base/clock.h"
#include "base/memory.h"
#include "cli/doctor_checks.h"
#include "request/issue_token.h"
#include "request/issuers.h"
#include "request/token_key.h"
#include "request/token_verifier.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* Reports a file whose mode has one of the bits that it must not have. */
static void check_mode(struct doctor *doctor, const char *what, const char *path, mode_t forbidden)
{
    struct stat status;
    char mend[400];
    bool group = forbidden & S_IRGRP;
    if (!*path)
        return;
    if (stat(path, &status)) {
        doctor_report(doctor, DOCTOR_FAIL, what, "make the file, or correct its name in the configuration",
                      "%s: %s", path, strerror(errno));
        return;
    }
    snprintf(mend, sizeof(mend), "chmod %s %.300s", group ? "0600" : "o-rwx", path);
    if (status.st_mode & forbidden)
        doctor_report(doctor, DOCTOR_FAIL, what, mend, "%s can be read or changed by %s (mode %04o)", path,
                      group ? "its group or everybody" : "everybody", status.st_mode & 07777U);
    else
        doctor_report(doctor, DOCTOR_OK, what, NULL, "%s has mode %04o", path, status.st_mode & 07777U);
}

/* Whoever may read it signs tokens: the operator, and the workers where they are to issue them. */
static void check_private_key(struct doctor *doctor, const char *path)
{
    struct stat status;
    char mend[400];
    check_mode(doctor, "token private key", path, S_IRWXO | S_IWGRP);
    if (!*path || stat(path, &status))
        return;
    snprintf(mend, sizeof(mend), "chgrp www-data %.150s && chmod 0640 %.150s, if it should issue tokens",
             path, path);
    if (status.st_mode & S_IRGRP)
        doctor_report(doctor, DOCTOR_OK, "POST /oauth2/token", NULL, "the group of %s may sign tokens", path);
    else
        doctor_report(doctor, DOCTOR_WARN, "POST /oauth2/token", mend,
                      "answers 500 unless the workers run as the owner of %s", path);
}

/* The file is read as a worker reads it; keys are fetched only when a token needs them. */
static void check_issuers(struct doctor *doctor)
{
    char problem[500];
    if (!*doctor->tool->token_issuers_file)
        return;
    struct issuers *issuers = issuers_load(doctor->tool, problem, sizeof(problem));
    if (issuers)
        doctor_report(doctor, DOCTOR_OK, "identity providers", NULL, "%zu in %s", issuers->count,
                      doctor->tool->token_issuers_file);
    else
        doctor_report(doctor, DOCTOR_FAIL, "identity providers",
                      "correct the file as docs/tokens.md shows it: until then workers answer 500", "%s",
                      problem);
    issuers_free(issuers);
    check_mode(doctor, "identity providers", doctor->tool->token_issuers_file, S_IWOTH);
    check_mode(doctor, "keys_cache", doctor->tool->token_keys_cache, S_IWOTH);
}

static void check_files(struct doctor *doctor)
{
    const struct config *config = doctor->tool;
    mode_t world = S_IRWXO;
    if (config->token_algorithm == TOKEN_HS256)
        check_mode(doctor, "token secret", config->token_secret_file, world);
    else
        check_private_key(doctor, config->token_private_key_file);
    check_mode(doctor, "tool's password file", config->tool_database_password_file, world | S_IRWXG);
    check_mode(doctor, "workers' password file", config->database_password_file, world);
    /* The tool's copy of the configuration no longer has the worker's password. */
    if (doctor->worker && *doctor->worker->database_password && !*doctor->worker->database_password_file)
        check_mode(doctor, "configuration with a password", config->path, world);
}

/* Makes a token and checks it as a worker does: so the two halves of a key pair belong together. */
static void check_round_trip(struct doctor *doctor)
{
    const struct config *config = doctor->tool;
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
    const struct config *config = doctor->tool;
    const char *mend = config->token_algorithm == TOKEN_HS256 ? "openssl rand -hex 32 > the secret_file"
                       : config->token_algorithm == TOKEN_RS256
                           ? "use an RSA public key of at least 2048 bits in PEM"
                           : "use a public key on the curve P-256 in PEM";
    if (!token_key_check(config, problem, sizeof(problem))) {
        doctor_report(doctor, DOCTOR_FAIL, "token key", mend, "%s", problem);
        return;
    }
    doctor_report(doctor, DOCTOR_OK, "token key", NULL, "fit for %s",
                  token_algorithm_name(config->token_algorithm));
    check_round_trip(doctor);
}

void doctor_check_config(struct doctor *doctor)
{
    char problem[400];
    doctor->tool = config_load(doctor->config_path, CONFIG_TOOL, problem, sizeof(problem));
    if (!doctor->tool) {
        doctor_report(
            doctor, DOCTOR_FAIL, "configuration",
            "correct the file, or name another with --config; `palate settings` lists every setting", "%s",
            problem);
        return;
    }
    doctor_report(doctor, DOCTOR_OK, "configuration", NULL, "%s", doctor->config_path);
    doctor->worker = config_load(doctor->config_path, CONFIG_WORKER, problem, sizeof(problem));
    if (!doctor->worker)
        doctor_report(doctor, DOCTOR_FAIL, "configuration for workers",
                      "correct it, or run doctor as a user that may read the workers' files", "%s", problem);
    check_files(doctor);
    check_key(doctor);
    check_issuers(doctor);
}
