/* Status, headers and JSON; see send_response.h. */
#include "request/send_response.h"

#include "base/json.h"

#include <stdio.h>
#include <string.h>

enum { STATUS_NO_CONTENT = 204 };

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

static struct json_object *message_error(const struct error *error)
{
    struct json_object *body = json_object_new_object();
    json_object_object_add(body, "error", json_object_new_string(error->message));
    json_object_object_add(body, "message", json_object_new_string(error->message));
    json_object_object_add(body, "code", json_object_new_string(error_name(error->code)));
    if (error->problem_count) {
        struct json_object *details = json_object_new_object();
        json_object_object_add(details, "errors", problem_list(error));
        json_object_object_add(body, "details", details);
    }
    return body;
}

static const char *error_body(struct request *request)
{
    bool detail = request->route && request->route->style == STYLE_DETAIL;
    struct json_object *body = detail ? detail_error(&request->error) : message_error(&request->error);
    return json_text(json_keep(request->arena, body));
}

static const char *reason(int status)
{
    static const struct {
        int status;
        const char *reason;
    } reasons[] = {{200, "OK"},
                   {204, "No Content"},
                   {400, "Bad Request"},
                   {401, "Unauthorized"},
                   {403, "Forbidden"},
                   {404, "Not Found"},
                   {405, "Method Not Allowed"},
                   {413, "Content Too Large"},
                   {414, "URI Too Long"},
                   {415, "Unsupported Media Type"}};
    for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
        if (reasons[i].status == status)
            return reasons[i].reason;
    }
    return "Internal Server Error";
}

static char *cors_headers(struct worker *worker, struct request *request)
{
    const char *origin = worker->config->http_allow_origin;
    if (!*origin)
        return arena_copy_text(request->arena, "");
    char *headers = arena_format(request->arena,
                                 "Access-Control-Allow-Origin: %s\r\n"
                                 "Access-Control-Expose-Headers: X-Request-Id, Retry-After\r\n%s",
                                 origin, strcmp(origin, "*") ? "Vary: Origin\r\n" : "");
    if (!request->is_preflight)
        return headers;
    return arena_format(request->arena,
                        "%sAccess-Control-Allow-Methods: %s\r\n"
                        "Access-Control-Allow-Headers: Content-Type, Authorization, X-Request-Id\r\n",
                        headers, request->allow);
}

/* What belongs to one status: RFC 9110 wants these beside 401 and 405. */
static char *special_headers(struct request *request, int status)
{
    if (status == 401)
        return arena_copy_text(request->arena, "WWW-Authenticate: Bearer\r\n");
    if (status == 405 || request->is_preflight)
        return arena_format(request->arena, "Allow: %s\r\n", request->allow);
    return arena_copy_text(request->arena, "");
}

bool send_response(struct worker *worker, struct request *request, int *status)
{
    const char *body = "";
    *status = error_status(request->error.code);
    if (request->error.code != ERROR_NONE)
        body = error_body(request);
    else if (request->is_preflight)
        *status = STATUS_NO_CONTENT;
    else
        body = request->answer;
    bool has_body = *status != STATUS_NO_CONTENT && strcmp(request->method, "HEAD");
    size_t length = strlen(body);
    char *head = arena_format(
        request->arena,
        "Status: %d %s\r\n%s%s%sX-Request-Id: %s\r\nCache-Control: no-store\r\n"
        "X-Content-Type-Options: nosniff\r\n\r\n",
        *status, reason(*status),
        has_body ? arena_format(request->arena, "Content-Type: application/json\r\nContent-Length: %zu\r\n",
                                length)
                 : "",
        special_headers(request, *status), cors_headers(worker, request), request->id);
    size_t head_length = strlen(head);
    char *all = arena_alloc(request->arena, head_length + length + 1, 1);
    memcpy(all, head, head_length);
    if (has_body)
        memcpy(all + head_length, body, length);
    return transport_finish(request->transport, all, head_length + (has_body ? length : 0));
}
