/* `palate doctor`: the key that tokens are checked with, and foreign identity providers. */
#include "base/clock.h"
#include "base/memory.h"
#include "cli/doctor/checks.h"
#include "token/claims.h"
#include "token/issue_token.h"
#include "token/issuers.h"
#include "token/token_key.h"

#include <string.h>
#include <unistd.h>

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
    issuers_free(issuers);
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
    const struct config *config = doctor->config;
    const char *fix = config->token_algorithm == TOKEN_HS256 ? "openssl rand -hex 32 > the secret_file"
                      : config->token_algorithm == TOKEN_RS256
                          ? "use an RSA public key of at least 2048 bits in PEM"
                          : "use a public key on the curve P-256 in PEM";
    if (!token_key_check(config, problem, sizeof(problem))) {
        doctor_report(doctor, DOCTOR_FAIL, "token key", fix, "%s", problem);
        return;
    }
    doctor_report(doctor, DOCTOR_OK, "token key", NULL, "fit for %s",
                  token_algorithm_name(config->token_algorithm));
    check_round_trip(doctor);
}

void doctor_check_key(struct doctor *doctor)
{
    check_key(doctor);
    check_issuers(doctor);
}
