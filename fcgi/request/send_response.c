/* Status, headers and JSON; see send_response.h.
 *
 * The one place that writes to a client. Head and body are both there before the first byte goes out, so that
 * no answer is begun that cannot be finished: whatever fails, fails before it. They are not copied into one
 * piece: an answer about a thousand items has 6 MiB. An error has one of
 * four shapes, by its route (request.h): clients of each API look for its message in another place. The
 * public message and the problems of single fields go out; the detail of an error is for the log only.
 *
 * The shapes: the first document's {detail, errors}, the second one's {error, message, code, details}, the
 * object of /v1, and RFC 6749's for tokens. Every answer has the request's id, which is also in its log line,
 * and may not be stored by caches, but for the few that say otherwise. */
#include "request/send_response.h"

#include "base/json_write.h"
#include "base/origins.h"

#include <stdio.h>
#include <string.h>

/* Browsers repeat a preflight after two hours at the latest, whatever the answer says. */
enum {
    STATUS_NO_CONTENT = 204,
    PREFLIGHT_SECONDS = 7200,
    BUSY_SECONDS = 5 /* to try again, where nothing else is known */
};

/* The types of the newer API's errors. */
static const char *error_type(int status)
{
    switch (status) {
    case 401:
        return "authentication_error";
    case 403:
        return "permission_error";
    case 404:
        return "not_found_error";
    case 409:
        return "conflict_error";
    case 429:
        return "rate_limit_error";
    default:
        return status >= 500 ? "api_error" : "invalid_request_error";
    }
}

/* ---- The four shapes of an error */

static void write_problem(struct json_writer *out, const char *field, const char *problem)
{
    json_writer_object(out, NULL);
    json_writer_text(out, "field", field);
    json_writer_text(out, "problem", problem);
    json_writer_end(out);
}

static void write_problems(struct json_writer *out, const char *key, const struct error *error)
{
    json_writer_list(out, key);
    for (size_t i = 0; i < error->problem_count; i++)
        write_problem(out, error->problems[i].field, error->problems[i].problem);
    json_writer_end(out);
}

/* {field: [texts]}: how the newer API lists problems. A field stands where its first problem did. */
static void write_problems_by_field(struct json_writer *out, const char *key, const struct error *error)
{
    json_writer_object(out, key);
    for (size_t i = 0; i < error->problem_count; i++) {
        const char *field = error->problems[i].field;
        size_t first = 0;
        while (strcmp(error->problems[first].field, field))
            first++;
        if (first < i)
            continue;
        json_writer_list(out, field);
        for (size_t j = i; j < error->problem_count; j++) {
            if (!strcmp(error->problems[j].field, field))
                json_writer_text(out, NULL, error->problems[j].problem);
        }
        json_writer_end(out);
    }
    json_writer_end(out);
}

/* The route's own details, and the problems under a name; nothing when there are neither. */
static void write_details(struct json_writer *out, const struct request *request, const char *name,
                          void write(struct json_writer *, const char *key, const struct error *))
{
    const char *details = request->error_details;
    if (!details && !request->error.problem_count)
        return;
    json_writer_object_from(out, "details", details ? details : "{}");
    if (request->error.problem_count)
        write(out, name, &request->error);
    json_writer_end(out);
}

static void write_message_error(struct json_writer *out, const struct request *request)
{
    const struct error *error = &request->error;
    json_writer_text(out, "error", error->message);
    json_writer_text(out, "message", error->message);
    json_writer_text(out, "code", error_name(error->code));
    write_details(out, request, "errors", write_problems);
}

/* The three texts of the document of POST /api/recommend/recommend, to the letter. */
static void write_detail_error(struct json_writer *out, const struct request *request)
{
    const struct error *error = &request->error;
    int status = error_status(error->code);
    json_writer_text(out, "detail",
                     status == 401 || status == 403 ? "Invalid authentication credentials"
                     : status >= 500                ? "Failed to get recommendations"
                                                    : "Invalid request parameters");
    if (error->problem_count) {
        write_problems(out, "errors", error);
    } else if (status >= 400 && status < 500 && status != 401) {
        json_writer_list(out, "errors");
        write_problem(out, "request", error->message);
        json_writer_end(out);
    }
}

static void write_object_error(struct json_writer *out, const struct request *request)
{
    const struct error *error = &request->error;
    json_writer_object(out, "error");
    json_writer_text(out, "type", error_type(error_status(error->code)));
    json_writer_text(out, "code", error_name(error->code));
    json_writer_text(out, "message", error->message);
    write_details(out, request, "fieldErrors", write_problems_by_field);
    json_writer_text(out, "request_id", request->id);
    json_writer_end(out);
}

/* What is not RFC 6749's own comes under the nearest of its names. */
static void write_oauth_error(struct json_writer *out, const struct request *request)
{
    const struct error *error = &request->error;
    bool own = error->code >= ERROR_OAUTH_REQUEST && error->code <= ERROR_OAUTH_CLIENT;
    json_writer_text(out, "error",
                     own                                 ? error_name(error->code)
                     : error_status(error->code) >= 500  ? "server_error"
                     : error->code == ERROR_RATE_LIMITED ? "temporarily_unavailable"
                                                         : "invalid_request");
    json_writer_text(out, "error_description", error->message);
}

static const char *error_body(struct request *request)
{
    static void (*const write[])(struct json_writer *, const struct request *) = {
        [STYLE_MESSAGE] = write_message_error,
        [STYLE_DETAIL] = write_detail_error,
        [STYLE_OBJECT] = write_object_error,
        [STYLE_OAUTH] = write_oauth_error,
    };
    struct json_writer *out = json_writer_create(request->arena);
    /* A path without a route still says which of two shapes its caller expects. */
    enum error_style style = request->route           ? request->route->style
                             : request_is_v1(request) ? STYLE_OBJECT
                                                      : STYLE_MESSAGE;
    json_writer_object(out, NULL);
    write[style](out, request);
    json_writer_end(out);
    return json_writer_result(out);
}

/* ---- The head */

static const char *reason(int status)
{
    static const struct {
        int status;
        const char *reason;
    } reasons[] = {{200, "OK"},
                   {204, "No Content"},
                   {304, "Not Modified"},
                   {400, "Bad Request"},
                   {401, "Unauthorized"},
                   {403, "Forbidden"},
                   {404, "Not Found"},
                   {405, "Method Not Allowed"},
                   {409, "Conflict"},
                   {413, "Content Too Large"},
                   {414, "URI Too Long"},
                   {415, "Unsupported Media Type"},
                   {429, "Too Many Requests"},
                   {503, "Service Unavailable"}};
    for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
        if (reasons[i].status == status)
            return reasons[i].reason;
    }
    return "Internal Server Error";
}

/* What a page of the caller's origin may do. With a list of origins the headers depend on the
 * caller's origin, so caches must keep answers apart by it (Vary), also where the origin is not in the list.
 */
static char *cors_headers(struct worker *worker, struct request *request)
{
    const char *allowed = worker->config->http_allow_origin;
    const char *origin = transport_variable(request->transport, "HTTP_ORIGIN");
    bool anybody = !strcmp(allowed, "*");
    const char *vary = anybody && !request->is_preflight ? "" : "Vary: Origin\r\n";
    if (!*allowed)
        return arena_copy_text(request->arena, "");
    if (!anybody && (!origin || !origins_include(allowed, origin)))
        return arena_copy_text(request->arena, vary);
    char *headers = arena_format(request->arena,
                                 "Access-Control-Allow-Origin: %s\r\n"
                                 "Access-Control-Expose-Headers: X-Request-Id, Retry-After, ETag\r\n%s",
                                 anybody ? "*" : origin, vary);
    if (!request->is_preflight)
        return headers;
    return arena_format(
        request->arena,
        "%sAccess-Control-Allow-Methods: GET,POST,PATCH,DELETE,OPTIONS\r\n"
        "Access-Control-Allow-Headers: Content-Type, Authorization, If-None-Match, X-Request-Id, "
        "X-Session-Id, X-Anonymous-Id, X-SDK, X-SDK-Version, X-Platform\r\n"
        "Access-Control-Max-Age: %d\r\n",
        headers, PREFLIGHT_SECONDS);
}

/* What belongs to one status: RFC 9110 wants the first two beside 401 and 405. */
static char *special_headers(struct request *request, int status)
{
    bool basic = request->error.code == ERROR_OAUTH_CLIENT;
    if (status == 401)
        return arena_format(request->arena, "WWW-Authenticate: %s\r\n",
                            basic ? "Basic realm=\"palate\"" : "Bearer");
    if (status == 405 || request->is_preflight)
        return arena_format(request->arena, "Allow: %s\r\n", request->allow);
    if (status == 429 || status == 503)
        return arena_format(request->arena, "Retry-After: %d\r\n",
                            request->retry_after > 0 ? request->retry_after : BUSY_SECONDS);
    if (request->etag)
        return arena_format(request->arena, "ETag: %s\r\n", request->etag);
    return arena_copy_text(request->arena, "");
}

static const char *content_type(const struct request *request)
{
    bool other = request->content_type && request->error.code == ERROR_NONE;
    return other ? request->content_type : "application/json";
}

/* An error is never kept. */
static const char *cache_control(const struct request *request)
{
    bool kept = request->cache_control && request->error.code == ERROR_NONE;
    return kept ? request->cache_control : "no-store";
}

/* What a status has of a body; "" with a long answer. */
static const char *choose_body(struct request *request, int *status)
{
    *status = error_status(request->error.code);
    if (request->error.code != ERROR_NONE)
        return error_body(request);
    if (request->is_preflight)
        *status = STATUS_NO_CONTENT;
    else if (request->answer_status == STATUS_NOT_MODIFIED)
        *status = STATUS_NOT_MODIFIED;
    else if (!request->long_answer)
        return request->answer;
    return "";
}

static bool send_part(void *transport, const char *bytes, size_t length)
{
    return transport_send(transport, bytes, length);
}

bool send_response(struct worker *worker, struct request *request, int *status)
{
    const char *body = choose_body(request, status);
    const struct json_writer *pieces = *status == 200 ? request->long_answer : NULL;
    bool has_content = *status != STATUS_NO_CONTENT && *status != STATUS_NOT_MODIFIED;
    bool has_body = has_content && strcmp(request->method, "HEAD");
    size_t length = pieces ? json_writer_length(pieces) : strlen(body);
    char *head =
        arena_format(request->arena,
                     "Status: %d %s\r\n%s%s%sX-Request-Id: %s\r\nCache-Control: %s\r\n"
                     "X-Content-Type-Options: nosniff\r\n\r\n",
                     *status, reason(*status),
                     has_content ? arena_format(request->arena, "Content-Type: %s\r\nContent-Length: %zu\r\n",
                                                content_type(request), length)
                                 : "",
                     special_headers(request, *status), cors_headers(worker, request), request->id,
                     cache_control(request));
    if (!has_body)
        return transport_finish(request->transport, head, strlen(head));
    bool sent = transport_send(request->transport, head, strlen(head)) &&
                (!pieces || json_writer_send(pieces, send_part, request->transport));
    return transport_finish(request->transport, body, pieces ? 0 : length) && sent;
}
