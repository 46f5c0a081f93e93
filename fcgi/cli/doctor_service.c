/* `palate doctor --url`: does the web server hand on to the workers what they need? Every request here is
 * one that a worker refuses, so none of them writes a row. */
#include "base/clock.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/memory.h"
#include "cli/doctor_checks.h"
#include "request/issue_token.h"
#include "storage/admin/clients.h"

#include <curl/curl.h>
#include <stdio.h>
#include <string.h>

enum { ANSWER_BYTES = 64 * 1024, TIMEOUT_SECONDS = 15 };

struct answer {
    long status; /* 0: none */
    size_t length;
    char bytes[ANSWER_BYTES + 1];
    char problem[CURL_ERROR_SIZE];
    struct json_object *json; /* of the arena; NULL: no JSON object */
};

struct service {
    struct doctor *doctor;
    const char *authorization; /* header line; "": none */
    struct answer answer;
};

static size_t keep(char *bytes, size_t size, size_t count, void *context)
{
    struct answer *answer = context;
    size_t length = size * count, room = ANSWER_BYTES - answer->length;
    memcpy(answer->bytes + answer->length, bytes, length < room ? length : room);
    answer->length += length < room ? length : room;
    return length;
}

static void set_options(CURL *curl, struct service *service, const char *method, const char *url,
                        struct curl_slist *headers)
{
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, method);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)TIMEOUT_SECONDS);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, service->answer.problem);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, keep);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &service->answer);
}

static void perform(struct service *service, CURL *curl)
{
    struct answer *answer = &service->answer;
    struct json_object *json;
    const char *ignored;
    CURLcode code = curl_easy_perform(curl);
    if (code == CURLE_OK)
        curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &answer->status);
    else if (!answer->problem[0])
        snprintf(answer->problem, sizeof(answer->problem), "%s", curl_easy_strerror(code));
    if (answer->length &&
        json_parse_arena(service->doctor->arena, answer->bytes, answer->length, &json, &ignored) &&
        json_object_is_type(json, json_type_object))
        answer->json = json;
}

/* Fills service->answer. body NULL: none. */
static void ask(struct service *service, const char *method, const char *path, const char *body,
                size_t length)
{
    struct curl_slist *headers = NULL;
    const char *base = service->doctor->options.url;
    size_t base_length = strlen(base);
    while (base_length && base[base_length - 1] == '/')
        base_length--;
    char *url = arena_format(service->doctor->arena, "%.*s%s", (int)base_length, base, path);
    memset(&service->answer, 0, sizeof(service->answer));
    CURL *curl = curl_easy_init();
    if (!curl)
        memory_exhausted();
    headers = curl_slist_append(headers, "Content-Type: application/json");
    headers = curl_slist_append(headers, "Expect:");
    if (*service->authorization)
        headers = curl_slist_append(headers, service->authorization);
    set_options(curl, service, method, url, headers);
    if (body) {
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body);
        curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, (long)length);
        curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, method);
    }
    perform(service, curl);
    curl_slist_free_all(headers);
    curl_easy_cleanup(curl);
}

/* "" when the answer has no such text. */
static const char *answer_text(const struct answer *answer, const char *member)
{
    struct json_object *value = json_member(answer->json, member);
    return json_object_is_type(value, json_type_string) ? json_object_get_string(value) : "";
}

static const char *describe(struct service *service)
{
    const struct answer *answer = &service->answer;
    struct arena *arena = service->doctor->arena;
    if (!answer->status)
        return arena_format(arena, "no answer: %s", answer->problem);
    const char *code = answer_text(answer, "code");
    return arena_format(arena, "status %ld%s%s%s", answer->status, answer->json ? "" : ", not in JSON",
                        *code ? ", code " : "", code);
}

static bool check_reachable(struct service *service)
{
    struct doctor *doctor = service->doctor;
    ask(service, "GET", "/recommendations?quantity=0", NULL, 0);
    if (!service->answer.status)
        doctor_report(doctor, DOCTOR_FAIL, "service", "start the web server, or correct --url", "%s: %s",
                      doctor->options.url, describe(service));
    else if (!service->answer.json || !*answer_text(&service->answer, "code"))
        doctor_report(
            doctor, DOCTOR_FAIL, "service",
            "send every path to palate.fcgi as in apache-example.conf or etc/lighttpd-example.conf, and look "
            "into the web server's error log",
            "%s answers %s: that is no worker of Palate", doctor->options.url, describe(service));
    else if (service->answer.status >= 500)
        doctor_report(doctor, DOCTOR_FAIL, "service", "look into the workers' log", "%s answers %s",
                      doctor->options.url, describe(service));
    else {
        doctor_report(doctor, DOCTOR_OK, "service", NULL, "%s answers", doctor->options.url);
        return true;
    }
    return false;
}

/* The header line with a token of some active client; "" when there is none, which has been reported. */
static const char *make_authorization(struct doctor *doctor)
{
    struct error error = {0};
    for (size_t i = 0; doctor->db && i < doctor->tenant_count; i++) {
        struct admin_client *clients = NULL;
        size_t count;
        if (!doctor->tenants[i].active ||
            !admin_client_list(doctor->db, doctor->arena, doctor->tenants[i].id, &clients, &count, &error))
            continue;
        for (size_t j = 0; j < count; j++) {
            char problem[400];
            int64_t now = clock_unix();
            now = now > clients[j].tokens_not_before ? now : clients[j].tokens_not_before;
            struct token_claims claims = {.client_id = clients[j].id,
                                          .subject = clients[j].id,
                                          .scope = doctor->tool->token_scope_read,
                                          .issued_at = now,
                                          .expires_at = now + 300};
            char *token =
                clients[j].active ? issue_token(doctor->tool, &claims, problem, sizeof(problem)) : NULL;
            if (!token)
                continue;
            const char *line = arena_format(doctor->arena, "Authorization: Bearer %s", token);
            memory_free(token);
            return line;
        }
    }
    doctor_report(
        doctor, DOCTOR_WARN, "Authorization header",
        "make a client (palate client create) and, for RS256 and ES256, set [token] private_key_file",
        "not checked: no token can be made for an active client");
    return "";
}

static void check_authorization(struct service *service)
{
    struct doctor *doctor = service->doctor;
    ask(service, "GET", "/recommendations?quantity=0", NULL, 0);
    if (service->answer.status == 400 && !strcmp(answer_text(&service->answer, "code"), "validation_error"))
        doctor_report(doctor, DOCTOR_OK, "Authorization header", NULL, "reaches the workers");
    else if (service->answer.status == 401)
        doctor_report(doctor, DOCTOR_FAIL, "Authorization header",
                      "Apache: CGIPassAuth On for the worker's path; if it is on, the workers use another "
                      "configuration (PALATE_CONFIG) or their clock is wrong",
                      "a good token is refused: %s", describe(service));
    else
        doctor_report(doctor, DOCTOR_FAIL, "Authorization header", "look into the workers' log",
                      "unexpected answer: %s", describe(service));
}

static void check_get_body(struct service *service)
{
    struct doctor *doctor = service->doctor;
    const char *code;
    ask(service, "GET", "/recommendations?quantity=0", "{", 1);
    code = answer_text(&service->answer, "code");
    if (!strcmp(code, "invalid_json"))
        doctor_report(doctor, DOCTOR_OK, "bodies of GET", NULL, "reach the workers");
    else if (!strcmp(code, "validation_error") || service->answer.status == 401)
        doctor_report(doctor, DOCTOR_FAIL, "bodies of GET",
                      "let the web server (or a proxy before it) hand on bodies of GET requests",
                      "are dropped before they reach a worker");
    else if (service->answer.status == 400 && !service->answer.json)
        doctor_report(doctor, DOCTOR_FAIL, "bodies of GET",
                      "lighttpd: server.http-parseopts = ( \"method-get-body\" => \"enable\" )",
                      "are refused by the web server itself (%s)", describe(service));
    else
        doctor_report(doctor, DOCTOR_FAIL, "bodies of GET", "look into the web server's error log",
                      "unexpected answer: %s", describe(service));
}

static void check_large_body(struct service *service, size_t length, long expected, const char *what,
                             const char *finding)
{
    struct doctor *doctor = service->doctor;
    char *body = memory_alloc(length + 1, 1);
    memset(body, ' ', length);
    body[0] = '{';
    ask(service, "POST", "/api/recommend/recommend", body, length);
    memory_free(body);
    if (service->answer.status == expected && *answer_text(&service->answer, "detail"))
        doctor_report(doctor, DOCTOR_OK, what, NULL, "%s", finding);
    else
        doctor_report(
            doctor, DOCTOR_FAIL, what,
            "Apache: FcgidMaxRequestLen 67108864 and no LimitRequestBody; lighttpd: server.max-request-size "
            "= 65536; and the same in a proxy before them",
            "%zu bytes should be answered %ld in JSON, but: %s", length, expected, describe(service));
}

void doctor_check_service(struct doctor *doctor)
{
    struct service *service = arena_alloc(doctor->arena, 1, sizeof(*service));
    *service = (struct service){.doctor = doctor, .authorization = ""};
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        memory_exhausted();
    if (check_reachable(service)) {
        service->authorization = make_authorization(doctor);
        if (*service->authorization)
            check_authorization(service);
        check_get_body(service);
        check_large_body(service, LIMIT_BODY_BYTES, 400, "bodies at the limit", "reach the workers whole");
        check_large_body(service, LIMIT_BODY_BYTES + 1, 413, "bodies above the limit",
                         "reach the workers, which refuse them");
    }
    curl_global_cleanup();
}
