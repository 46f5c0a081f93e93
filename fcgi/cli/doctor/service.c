/* `palate doctor --url`: whether the web server hands on to the workers what they need.
 *
 * Between a caller and a worker stand a web server and perhaps a proxy, each with limits and habits of its
 * own: the Authorization header is dropped, bodies of GET are dropped, chunked bodies are refused, large
 * ones cut or answered with a page. Each of these is tried with a request that a worker refuses in a way
 * of its own, so that the answer tells whether the request reached it whole: a body that is no JSON gives
 * invalid_json from a worker, and something else from everything before it; and where no body arrived, the
 * quantity in the address is what is wrong. A worker reads bodies only for a good token, so these requests carry
 * that of the one real recommendation (request.c), beside which nothing is written. */
#include "base/limits.h"
#include "base/memory.h"
#include "base/url.h"
#include "cli/command.h"
#include "cli/doctor/causes.h"
#include "cli/doctor/request.h"

#include <string.h>

/* Above what mod_fcgid takes by default. */
enum { LARGE_BYTES = 140 * 1024 };

static const char fix_size[] =
    "Apache: FcgidMaxRequestLen 67108864 and no LimitRequestBody; lighttpd: server.max-request-size "
    "= 65536; the same in a proxy before them; on shared hosting with suexec the worker needs its wrapper "
    "(`palate setup --site`)";

/* The words that the tables of causes leave open. */
static void report_cause(struct service *service, const struct cause *cause)
{
    struct doctor *doctor = service->doctor;
    struct arena *arena = doctor->arena;
    struct url url = {.host = "HOST", .host_length = 4};
    bool read = url_read(doctor->options.url, &url);
    const struct cause_word words[] = {
        {"host", read ? arena_format(arena, "%.*s", (int)url.host_length, url.host) : "HOST"},
        {"location", service->answer.location},
        {"config", doctor->config_path},
        {NULL, NULL},
    };
    doctor_report(doctor, DOCTOR_FAIL, "service", cause_text(cause->fix, words, arena), "%s%s%s: %s (%s)",
                  doctor->options.url, doctor->options.connect ? " at " : "",
                  doctor->options.connect ? doctor->options.connect : "",
                  cause_text(cause->text, words, arena), http_describe(service));
}

/* The first request, without a token: which of the many ways of being unreachable it is. */
static bool check_reachable(struct service *service)
{
    struct doctor *doctor = service->doctor;
    const struct http_answer *answer = &service->answer;
    http_exchange(service, &(struct http_request){.method = "GET", .path = "/recommendations?quantity=0"});
    if (command_is_interrupted())
        return false;
    /* A worker's answers are JSON with a code, a web server's own are pages: that alone tells which of the
     * two spoke. */
    struct answer_signs signs = {
        .status = answer->status,
        .is_palate = answer->json && *http_answer_text(answer, "code"),
        .is_unconfigured = !strcmp(http_answer_text(answer, "message"), "The service is not configured"),
        .is_reached = doctor->is_reached,
        .is_worker_gone = doctor->is_worker_gone};
    const struct cause *cause =
        answer->status ? cause_of_answer(&signs) : cause_of_exchange(answer->code, answer->verified);
    if (cause)
        report_cause(service, cause);
    else
        doctor_report(doctor, DOCTOR_OK, "service", NULL, "%s answers", doctor->options.url);
    return !cause;
}

/* Refused by its quantity, where the body does not arrive. */
static const char refused_path[] = "/recommendations?quantity=0";

static void check_get_body(struct service *service)
{
    struct doctor *doctor = service->doctor;
    const char *code;
    http_exchange(service,
                  &(struct http_request){.method = "GET", .path = refused_path, .body = "{", .length = 1});
    code = http_answer_text(&service->answer, "code");
    if (command_is_interrupted())
        return;
    if (!strcmp(code, "invalid_json"))
        doctor_report(doctor, DOCTOR_OK, "bodies of GET", NULL, "reach the workers");
    else if (!strcmp(code, "validation_error"))
        doctor_report(doctor, DOCTOR_FAIL, "bodies of GET",
                      "let the web server (or a proxy before it) hand on bodies of GET requests",
                      "are dropped before they reach a worker");
    else if (service->answer.status == 400 && !service->answer.json)
        doctor_report(doctor, DOCTOR_FAIL, "bodies of GET",
                      "lighttpd: server.http-parseopts = ( \"method-get-body\" => \"enable\" )",
                      "are refused by the web server itself (%s)", http_describe(service));
    else
        doctor_report(doctor, DOCTOR_FAIL, "bodies of GET", "look into the web server's error log",
                      "unexpected answer: %s", http_describe(service));
}

static void check_chunked_body(struct service *service)
{
    struct doctor *doctor = service->doctor;
    http_exchange(
        service,
        &(struct http_request){
            .method = "POST", .path = refused_path, .body = "{\"quantity\":", .length = 12, .chunked = true});
    if (command_is_interrupted())
        return;
    if (!strcmp(http_answer_text(&service->answer, "code"), "invalid_json"))
        doctor_report(doctor, DOCTOR_OK, "chunked bodies", NULL, "reach the workers");
    else if (service->answer.status == 411)
        doctor_report(doctor, DOCTOR_FAIL, "chunked bodies",
                      "lighttpd: leave server.stream-request-body at 0; a proxy: let it buffer requests",
                      "are refused by the web server (%s)", http_describe(service));
    else
        doctor_report(
            doctor, DOCTOR_FAIL, "chunked bodies",
            "the web server's error log says why; with suexec the worker needs its wrapper (`palate setup "
            "--site`), as it is then started as plain CGI",
            "do not reach the workers: %s", http_describe(service));
}

struct size_check {
    size_t length;
    bool is_json; /* else only its beginning is */
    long expected;
    const char *what, *finding;
};

/* False: larger ones need not be tried. */
static bool check_size(struct service *service, const struct size_check *check)
{
    struct doctor *doctor = service->doctor;
    char *body = memory_alloc(check->length + 1, 1);
    memset(body, ' ', check->length);
    body[0] = '{';
    if (check->is_json)
        body[check->length - 1] = '}';
    http_exchange(service,
                  &(struct http_request){
                      .method = "POST", .path = refused_path, .body = body, .length = check->length});
    memory_free(body);
    if (command_is_interrupted())
        return false;
    const char *code = http_answer_text(&service->answer, "code");
    if (!strcmp(code, "validation_error")) {
        doctor_report(doctor, DOCTOR_FAIL, check->what, fix_size,
                      "%zu bytes reach the workers as an empty body, as under Apache's LimitRequestBody",
                      check->length);
        return false;
    }
    if (service->answer.status == check->expected && *code)
        doctor_report(doctor, DOCTOR_OK, check->what, NULL, "%s", check->finding);
    else if (service->answer.status == 413 && check->expected == 413)
        doctor_report(doctor, DOCTOR_WARN, check->what, fix_size,
                      "%zu bytes are refused by the web server itself: callers get its page, not JSON",
                      check->length);
    else
        doctor_report(doctor, DOCTOR_FAIL, check->what, fix_size,
                      "%zu bytes should be answered %ld in JSON, but: %s", check->length, check->expected,
                      http_describe(service));
    return service->answer.status == check->expected;
}

/* Sizes go up, and the first that fails ends the series: larger ones would fail for the same reason. */
static void check_bodies(struct service *service)
{
    static const struct size_check sizes[] = {
        {LIMIT_BODY_BYTES, false, 400, "bodies at the limit", "reach the workers whole"},
        {LIMIT_BODY_BYTES + 1, false, 413, "bodies above the limit", "reach the workers, which refuse them"},
        {LARGE_BYTES, true, 413, "bodies of 140 KB", "reach the workers, which refuse them in JSON"},
    };
    check_get_body(service);
    check_chunked_body(service);
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]) && check_size(service, &sizes[i]); i++)
        continue;
}

void doctor_check_service(struct doctor *doctor)
{
    struct service *service = arena_alloc(doctor->arena, 1, sizeof(*service));
    *service = (struct service){.doctor = doctor, .authorization = ""};
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        memory_exhausted();
    if (check_reachable(service) && !doctor_check_request(service, check_bodies) && !command_is_interrupted())
        doctor_report(doctor, DOCTOR_WARN, "bodies", "see what stands above of a recommendation",
                      "not tried: workers read them for a good token alone");
    curl_global_cleanup();
}
