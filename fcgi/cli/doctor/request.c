/* One real recommendation; see request.h.
 *
 * All that came before can be right and the service still be wrong: another configuration, another
 * database, a model that its user cannot read. Only a real request shows it. So a client with a name of
 * its own is made for an active tenant, preferably one with a model; a token for it is signed; a request
 * is made and the decision that the worker noted is read from the database. It tells which model
 * generation answered, which is compared with the file that doctor sees.
 *
 * The client is removed whatever happens, also after an interruption; one that was left behind by a killed
 * run is removed by the next. Its secret is thrown away at once: the token is all that is needed. The
 * decision and its request stay in the log, as those of any caller. */
#include "cli/doctor/request.h"

#include "base/clock.h"
#include "base/memory.h"
#include "base/random.h"
#include "cli/command.h"
#include "engine/model.h"
#include "storage/clients.h"
#include "token/claims.h"
#include "token/client_secret.h"

#include <inttypes.h>
#include <openssl/crypto.h>
#include <string.h>

enum { TOKEN_SECONDS = 300 };

static const char asked[] = "/recommendations?quantity=5";

struct trial {
    const struct admin_tenant *tenant;
    uint64_t generation; /* of its model file; 0: there is none that workers use */
    struct admin_client client;
};

/* One with a model says most. */
static bool choose_tenant(const struct doctor *doctor, struct trial *trial)
{
    for (size_t i = 0; i < doctor->tenant_count; i++) {
        bool better = !trial->tenant || (!trial->generation && doctor->generations[i]);
        if (!doctor->tenants[i].active || !better)
            continue;
        trial->tenant = &doctor->tenants[i];
        trial->generation = doctor->generations[i];
    }
    return trial->tenant;
}

/* The header line; NULL when the key that signs is not here, which has been reported. */
static const char *make_authorization(struct doctor *doctor, const char *client_id)
{
    char problem[400];
    int64_t now = clock_unix();
    struct token_claims claims = {.client_id = client_id,
                                  .subject = client_id,
                                  .scope = doctor->config->token_scope_read,
                                  .issued_at = now,
                                  .expires_at = now + TOKEN_SECONDS};
    char *token = issue_token(doctor->config, &claims, problem, sizeof(problem));
    if (!token) {
        doctor_report(doctor, DOCTOR_WARN, "a recommendation",
                      "for RS256 and ES256 name the private key: [token] private_key_file",
                      "not asked for: no token can be made here: %s", problem);
        return NULL;
    }
    const char *line = arena_format(doctor->arena, "Authorization: Bearer %s", token);
    memory_free(token);
    return line;
}

static bool store_client(struct doctor *doctor, const struct trial *trial)
{
    struct error error = {0}, ignored = {0};
    struct hashed_secret hashed;
    char secret[CLIENT_SECRET_SIZE];
    /* What a run that was killed has left behind goes first. */
    bool cleaned = trial_clients_remove_old(doctor->db, trial->tenant->id, &ignored);
    client_secret_make(secret, &hashed);
    OPENSSL_cleanse(secret, sizeof(secret));
    if (cleaned && admin_client_insert(doctor->db, &trial->client, &hashed, &error))
        return true;
    doctor_report(doctor, DOCTOR_FAIL, "a recommendation",
                  "the tool's user needs all rights in the database; see \"database as the tool\"",
                  "not asked for: no client can be made for it: %s", cleaned ? error.detail : ignored.detail);
    return false;
}

/* A connection may have been lost during the exchange with the service: a second attempt gets a new one. */
static void remove_client(struct doctor *doctor, const struct trial *trial)
{
    struct error first = {0}, error = {0};
    const char *id = trial->client.id;
    if (trial_client_remove(doctor->db, trial->tenant->id, id, &first))
        return;
    database_disconnect(doctor->db);
    if (!trial_client_remove(doctor->db, trial->tenant->id, id, &error))
        doctor_report(doctor, DOCTOR_FAIL, "a recommendation",
                      arena_format(doctor->arena, "palate client revoke %s; the next doctor removes it", id),
                      "the client %s of this check cannot be removed: %s", id, error.detail);
}

static bool check_authorization(struct service *service)
{
    struct doctor *doctor = service->doctor;
    const struct http_answer *answer = &service->answer;
    http_exchange(service, &(struct http_request){.method = "GET", .path = "/recommendations?quantity=0"});
    if (command_is_interrupted())
        return false;
    if (answer->status == 400 && !strcmp(http_answer_text(answer, "code"), "validation_error")) {
        doctor_report(doctor, DOCTOR_OK, "Authorization header", NULL, "reaches the workers");
        return true;
    }
    if (answer->status == 401)
        doctor_report(
            doctor, DOCTOR_FAIL, "Authorization header",
            "where the workers' log says \"no bearer token\", Apache: CGIPassAuth On for the worker's "
            "path; else they use another configuration (PALATE_CONFIG), another database, or their "
            "clock is wrong",
            "a good token is refused: %s", http_describe(service));
    else
        doctor_report(doctor, DOCTOR_FAIL, "Authorization header", "look into the workers' log",
                      "unexpected answer: %s", http_describe(service));
    return false;
}

/* Training may have put a newer file there since it was looked at. */
static uint64_t read_generation(const struct doctor *doctor, const struct trial *trial)
{
    struct model *model;
    if (!trial->generation || model_open(doctor_model_path(doctor, trial->tenant->id), &model) != MODEL_OK)
        return trial->generation;
    uint64_t generation = model_generation(model);
    model_close(model);
    return generation;
}

/* finding: how it was answered. As root the web server's user can be tried on the file, and the reason is
 * known; else both possible reasons are named. */
static void report_other_model(struct doctor *doctor, const struct trial *trial, const char *finding)
{
    const char *path = doctor_model_path(doctor, trial->tenant->id);
    struct arena *arena = doctor->arena;
    struct access_question question = {.what = "", .path = path, .need = NEED_READ};
    char problem[200];
    bool asked_user =
        doctor->web.name && access_check(&doctor->web, &question, 1, arena, problem, sizeof(problem));
    if (asked_user && question.error)
        doctor_report(doctor, DOCTOR_FAIL, "a recommendation", access_fix(&question, &doctor->web, arena),
                      "%s, since %s cannot %s %s", finding, doctor->web.name, access_verb(question.lacks),
                      question.culprit);
    else if (asked_user)
        doctor_report(
            doctor, DOCTOR_FAIL, "a recommendation",
            arena_format(arena,
                         "the web server's PALATE_CONFIG has another [model] directory than %s: name "
                         "that file there, and reload the web server",
                         doctor->config_path),
            "%s: the workers do not use %s, which %s can read", finding, path, doctor->web.name);
    else
        doctor_report(
            doctor, DOCTOR_FAIL, "a recommendation",
            arena_format(arena,
                         "let the web server's user enter the directory and read the file (%s): chgrp "
                         "www-data %s && chmod g+r %s, or: setfacl -m u:www-data:r %s; if it may, "
                         "its PALATE_CONFIG has another [model] directory than %s",
                         access_describe(path, arena), path, path, path, doctor->config_path),
            "%s: the workers do not use %s", finding, path);
}

/* Which model answered, against which should have. A newer one than was seen at the start of the run is
 * right as well: a training may have ended meanwhile. */
static void compare_models(struct doctor *doctor, const struct trial *trial,
                           const struct trial_decision *decision)
{
    uint64_t used = decision->model_generation;
    if (strcmp(decision->recommender, "embedded") != 0)
        doctor_report(doctor, DOCTOR_OK, "a recommendation", NULL, "%" PRIu64 " items for %s by %s",
                      decision->result_count, trial->tenant->key, decision->recommender);
    else if (!used && trial->generation)
        report_other_model(
            doctor, trial,
            arena_format(doctor->arena, "was answered without the model of %s", trial->tenant->key));
    else if (used != trial->generation && used != read_generation(doctor, trial) && trial->generation)
        report_other_model(doctor, trial,
                           arena_format(doctor->arena,
                                        "was answered by another model of %s: generation %" PRIu64
                                        ", not %" PRIu64,
                                        trial->tenant->key, used, trial->generation));
    else if (!decision->result_count)
        doctor_report(doctor, DOCTOR_WARN, "a recommendation",
                      arena_format(doctor->arena, "palate import items FILE --tenant %s", trial->tenant->key),
                      "is answered, but %s has no items to recommend", trial->tenant->key);
    else
        doctor_report(doctor, DOCTOR_OK, "a recommendation", NULL,
                      "%" PRIu64 " items for %s, model generation %" PRIu64, decision->result_count,
                      trial->tenant->key, used);
}

static void check_list(struct service *service, const struct trial *trial)
{
    struct doctor *doctor = service->doctor;
    struct trial_decision decision;
    struct error error = {0};
    http_exchange(service, &(struct http_request){.method = "GET", .path = asked});
    if (command_is_interrupted())
        return;
    if (service->answer.status != 200)
        doctor_report(
            doctor, DOCTOR_FAIL, "a recommendation",
            "the workers' log says why; \"database as the worker\" and \"rights of the workers\" above "
            "are what they need",
            "is not answered: %s", http_describe(service));
    else if (!trial_decision_find(doctor->db, doctor->arena, trial->tenant->id, trial->client.id, &decision,
                                  &error))
        doctor_report(doctor, DOCTOR_FAIL, "a recommendation", "see \"database as the tool\"",
                      "is answered, but the log cannot be read: %s", error.detail);
    else if (!decision.found)
        doctor_report(doctor, DOCTOR_FAIL, "a recommendation",
                      "the web server's PALATE_CONFIG names another database than this configuration",
                      "is answered, but not noted in this database");
    else
        compare_models(doctor, trial, &decision);
}

bool doctor_check_request(struct service *service, void (*check_more)(struct service *service))
{
    struct doctor *doctor = service->doctor;
    struct trial trial = {0};
    char uuid[UUID_TEXT_SIZE];
    if (!doctor->db || !doctor->is_migrated || !choose_tenant(doctor, &trial))
        return false;
    random_uuid(uuid);
    trial.client =
        (struct admin_client){.tenant_id = trial.tenant->id,
                              .id = arena_format(doctor->arena, TRIAL_CLIENT_PREFIX "%s", uuid),
                              .name = arena_copy_text(doctor->arena, TRIAL_CLIENT_NAME),
                              .scopes = arena_copy_text(doctor->arena, doctor->config->token_scope_read)};
    const char *authorization = make_authorization(doctor, trial.client.id);
    if (!authorization || command_is_interrupted() || !store_client(doctor, &trial))
        return false;
    service->authorization = authorization;
    bool is_taken = check_authorization(service);
    if (is_taken) {
        check_list(service, &trial);
        check_more(service);
    }
    service->authorization = "";
    remove_client(doctor, &trial);
    return is_taken;
}
