/* Status, headers and JSON; see send_response.h. */
#include "request/send_response.h"

#include "base/json.h"
#include "base/origins.h"

#include <stdio.h>
#include <string.h>

/* Browsers ask again after so long, whatever they are told beyond two hours. */
enum { STATUS_NO_CONTENT = 204, PREFLIGHT_SECONDS = 7200 };

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

static struct json_object *problem_list(const struct error *error)
{
    struct json_object *list = json_object_new_array();
    for (size_t i = 0; i < error->problem_count; i++) {
        struct json_object *entry = json_object_new_object();
        json_object_object_add(entry, "field", json_object_new_string(error->problems[i].field));
        json_object_object_add(entry, "problem", json_object_new_string(error->problems[i].problem));
        json_object_array_add(list, entry);
    }
    return list;
}

/* The three texts of the first document, to the letter. */
static const char *detail_text(int status)
{
    if (status == 401 || status == 403)
        return "Invalid authentication credentials";
    return status >= 500 ? "Failed to get recommendations" : "Invalid request parameters";
}

static struct json_object *detail_error(const struct error *error)
{
    int status = error_status(error->code);
    struct json_object *body = json_object_new_object();
    json_object_object_add(body, "detail", json_object_new_string(detail_text(status)));
    if (error->problem_count) {
        json_object_object_add(body, "errors", problem_list(error));
    } else if (status >= 400 && status < 500 && status != 401) {
        struct json_object *list = json_object_new_array();
        struct json_object *entry = json_object_new_object();
        json_object_object_add(entry, "field", json_object_new_string("request"));
        json_object_object_add(entry, "problem", json_object_new_string(error->message));
        json_object_array_add(list, entry);
        json_object_object_add(body, "errors", list);
    }
    return body;
}

/* {field: [texts]}: how the newer API lists problems. */
static struct json_object *problems_by_field(const struct error *error)
{
    struct json_object *fields = json_object_new_object();
    for (size_t i = 0; i < error->problem_count; i++) {
        struct json_object *texts = json_member(fields, error->problems[i].field);
        if (!texts) {
            texts = json_object_new_array();
            json_object_object_add(fields, error->problems[i].field, texts);
        }
        json_object_array_add(texts, json_object_new_string(error->problems[i].problem));
    }
    return fields;
}

/* What the route had to say, and the problems under a name; NULL when there is nothing to tell. */
static struct json_object *error_details(const struct request *request, const char *name,
                                         struct json_object *list(const struct error *))
{
    struct json_object *details = request->error_details ? json_object_get(request->error_details) : NULL;
    if (!request->error.problem_count)
        return details;
    details = details ? details : json_object_new_object();
    json_object_object_add(details, name, list(&request->error));
    return details;
}

static struct json_object *message_error(const struct request *request)
{
    const struct error *error = &request->error;
    struct json_object *body = json_object_new_object(), *details;
    details = error_details(request, "errors", problem_list);
    json_object_object_add(body, "error", json_object_new_string(error->message));
    json_object_object_add(body, "message", json_object_new_string(error->message));
    json_object_object_add(body, "code", json_object_new_string(error_name(error->code)));
    if (details)
        json_object_object_add(body, "details", details);
    return body;
}

static struct json_object *object_error(const struct request *request)
{
    const struct error *error = &request->error;
    struct json_object *body = json_object_new_object(), *object = json_object_new_object();
    struct json_object *details = error_details(request, "fieldErrors", problems_by_field);
    const char *type = error_type(error_status(error->code));
    json_object_object_add(object, "type", json_object_new_string(type));
    json_object_object_add(object, "code", json_object_new_string(error_name(error->code)));
    json_object_object_add(object, "message", json_object_new_string(error->message));
    if (details)
        json_object_object_add(object, "details", details);
    json_object_object_add(object, "request_id", json_object_new_string(request->id));
    json_object_object_add(body, "error", object);
    return body;
}

/* What is not RFC 6749's own comes under the nearest of its names. */
static struct json_object *oauth_error(const struct error *error)
{
    int status = error_status(error->code);
    bool own = error->code >= ERROR_OAUTH_REQUEST && error->code <= ERROR_OAUTH_CLIENT;
    const char *name = own                                 ? error_name(error->code)
                       : status >= 500                     ? "server_error"
                       : error->code == ERROR_RATE_LIMITED ? "temporarily_unavailable"
                                                           : "invalid_request";
    struct json_object *body = json_object_new_object();
    json_object_object_add(body, "error", json_object_new_string(name));
    json_object_object_add(body, "error_description", json_object_new_string(error->message));
    return body;
}

/* Also of what no route answers: the path tells. */
static enum error_style error_style(const struct request *request)
{
    if (request->route)
        return request->route->style;
    return request_is_v1(request) ? STYLE_OBJECT : STYLE_MESSAGE;
}

static const char *error_body(struct request *request)
{
    struct json_object *body = NULL;
    switch (error_style(request)) {
    case STYLE_MESSAGE:
        body = message_error(request);
        break;
    case STYLE_DETAIL:
        body = detail_error(&request->error);
        break;
    case STYLE_OBJECT:
        body = object_error(request);
        break;
    case STYLE_OAUTH:
        body = oauth_error(&request->error);
        break;
    }
    return json_text(json_keep(request->arena, body));
}

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
                   {429, "Too Many Requests"}};
    for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
        if (reasons[i].status == status)
            return reasons[i].reason;
    }
    return "Internal Server Error";
}

/* What a page of the caller's origin may do. With a list of origins an answer is not the same for all of
 * them, which caches must know, also when the caller's is none of them. */
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
    if (status == 429)
        return arena_format(request->arena, "Retry-After: %d\r\n", request->retry_after);
    if (request->etag)
        return arena_format(request->arena, "ETag: %s\r\n", request->etag);
    return arena_copy_text(request->arena, "");
}

/* An error is never kept. */
static const char *cache_control(const struct request *request)
{
    bool kept = request->cache_control && request->error.code == ERROR_NONE;
    return kept ? request->cache_control : "no-store";
}

bool send_response(struct worker *worker, struct request *request, int *status)
{
    const char *body = "";
    *status = error_status(request->error.code);
    if (request->error.code != ERROR_NONE)
        body = error_body(request);
    else if (request->is_preflight)
        *status = STATUS_NO_CONTENT;
    else if (request->answer_status == STATUS_NOT_MODIFIED)
        *status = STATUS_NOT_MODIFIED;
    else
        body = request->answer;
    bool has_content = *status != STATUS_NO_CONTENT && *status != STATUS_NOT_MODIFIED;
    bool has_body = has_content && strcmp(request->method, "HEAD");
    size_t length = strlen(body);
    char *head = arena_format(
        request->arena,
        "Status: %d %s\r\n%s%s%sX-Request-Id: %s\r\nCache-Control: %s\r\n"
        "X-Content-Type-Options: nosniff\r\n\r\n",
        *status, reason(*status),
        has_content ? arena_format(request->arena,
                                   "Content-Type: application/json\r\nContent-Length: %zu\r\n", length)
                    : "",
        special_headers(request, *status), cors_headers(worker, request), request->id,
        cache_control(request));
    size_t head_length = strlen(head);
    char *all = arena_alloc(request->arena, head_length + length + 1, 1);
    memcpy(all, head, head_length);
    if (has_body)
        memcpy(all + head_length, body, length);
    return transport_finish(request->transport, all, head_length + (has_body ? length : 0));
}
