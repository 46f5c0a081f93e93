/* Fuzzes the steps of a request up to its parameters with the functions that workers use: address and
 * headers; then the bearer token, which may be missing here; then query string, form and JSON to merged
 * parameters; then the answer.
 *
 * The input is a request as text: method and address, headers, a blank line, the body. What must hold: an
 * error exactly when the request is refused; a body that is JSON wins over the query; parameters written as a
 * form and read again are the same; every answer has a clean head and is JSON.
 *
 * Covers: fcgi/request/parse_request.c fcgi/request/read_body.c fcgi/request/authenticate.c
 * Covers: fcgi/request/read_parameters.c
 * Covers: fcgi/request/send_response.c fcgi/base/error.c fcgi/base/origins.c
 * Dictionary: http */
#include "http.h"

#include "base/url.h"
#include "request/authenticate.h"
#include "request/parse_request.h"
#include "request/read_parameters.h"
#include "routes.h"
#include "token/claims.h"

static struct worker worker;

static void open_worker(void)
{
    char problem[400] = "";
    worker = (struct worker){.config = http_config(), .routes = routes};
    worker.verifier = token_verifier_create(worker.config, problem, sizeof(problem));
    must(worker.verifier, problem);
}

static void check_identity(const struct request *request)
{
    must(*request->id && strlen(request->id) < sizeof(request->id), "an id of the request");
    for (const char *at = request->id; *at; at++)
        must(*at > ' ' && *at < 0x7F, "an id that is fit for a header and a log line");
    for (const char *at = request->path; *at; at++)
        must(*at > ' ' && *at < 0x7F, "a path that is fit for a log line");
}

struct form {
    struct arena *arena;
    const char *text;
};

/* False when the value is none that a form can say. */
static bool add_value(struct form *form, const char *key, struct json_object *value)
{
    if (!json_object_is_type(value, json_type_string))
        return false;
    form->text = arena_format(form->arena, "%s&%s=%s", form->text, url_encode(form->arena, key),
                              url_encode(form->arena, json_object_get_string(value)));
    return true;
}

static bool add_member(struct form *form, const char *key, struct json_object *value)
{
    bool good = true;
    if (!json_object_is_type(value, json_type_array))
        return add_value(form, key, value);
    for (size_t i = 0; good && i < json_object_array_length(value); i++)
        good = add_value(form, key, json_object_array_get_idx(value, i));
    return good;
}

/* What came as a form can be written as one, and says the same then. */
static void check_again(struct arena *arena, struct json_object *merged)
{
    struct form form = {.arena = arena, .text = ""};
    struct error error = {0};
    struct json_object *again = json_keep(arena, json_object_new_object());
    json_object_object_foreach(merged, key, value)
    {
        must(add_member(&form, key, value), "a form makes texts and lists of texts");
    }
    must(parse_form(arena_copy_text(arena, form.text), again, &error), "a form that can be read again");
    must(json_object_equal(merged, again), "the same parameters when they are read again");
}

static void check_body_wins(const struct request *request)
{
    json_object_object_foreach(request->body, key, value)
    {
        must(!value || json_member(request->merged, key) == value, "what the body says counts");
    }
}

static void check_parameters(const struct request *request)
{
    must(json_object_is_type(request->merged, json_type_object), "parameters");
    must(!strstr(request->route->path, "{id}") == !request->path_id, "an id where the route has one");
    if (request->route->body != BODY_LIST)
        must(!request->body || json_object_is_type(request->body, json_type_object),
             "lists only where they belong");
    if (!request->body)
        check_again(request->arena, request->merged);
    else if (json_object_is_type(request->body, json_type_object))
        check_body_wins(request);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!worker.config)
        open_worker();
    struct arena *arena = arena_create();
    struct input input = {.bytes = (const char *)data, .length = size};
    struct transport transport = {0};
    char *uri = input_line(&input, arena), *method = strsep(&uri, " ");
    transport_set(&transport, "REQUEST_METHOD", method);
    if (uri)
        transport_set(&transport, "REQUEST_URI", uri);
    http_read(&input, arena, &transport);
    struct request request = {.arena = arena, .transport = &transport};
    bool good = parse_request(&worker, &request);
    check_error(&request.error, !good);
    check_identity(&request);
    if (good && !request.is_preflight) {
        must(!request.body_is_read, "a body that is not read before the token");
        good = authenticate(&worker, &request);
        must(!good || request.route->access == ACCESS_OPEN, "nobody comes in without a token");
        error_clear(&request.error);
        good = read_parameters(&worker, &request);
        check_error(&request.error, !good);
        if (good)
            check_parameters(&request);
    }
    http_check_answer(&worker, &request, !good);
    arena_destroy(arena);
    return 0;
}
