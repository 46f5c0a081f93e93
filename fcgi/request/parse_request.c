/* CGI variables, query and body to merged parameters; see parse_request.h.
 *
 * The first step, and the one that meets bytes from anywhere. In the order in which they can be refused
 * cheaply: the length of the address, its form, the route and its method; only then the query is decoded and
 * the body read.
 *
 * REQUEST_URI is used and not PATH_INFO, because it is what the client sent: servers decode PATH_INFO,
 * resolve dots and join slashes in it, each in its own way, and an id with an encoded slash would come out as
 * two segments. It is compared undecoded; a path that would be another one after normalising (dots, doubled
 * slashes) is no path of ours, so there is one spelling of each route, and no filter in front is fooled by a
 * second one.
 *
 * Query and body become one JSON object, in which the body wins and the last of equal keys counts, but for
 * the few that may be repeated. A body that is refused is read all the same, up to a bound (drain_body), or
 * the web server would answer 500 in our place. */
#include "request/parse_request.h"

#include "base/json.h"
#include "base/random.h"
#include "base/text.h"
#include "request/read_body.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

/* Percent signs stay: only an id is ever decoded, and no route's own text has one. */
static bool path_is_plain(const char *path)
{
    size_t length = strlen(path);
    if (path[0] != '/')
        return false;
    for (const char *at = path; *at; at++) {
        if (*at <= ' ' || *at >= 0x7F)
            return false;
    }
    if (length > 1 && path[length - 1] == '/')
        return false;
    return !strstr(path, "//") && !strstr(path, "/./") && !strstr(path, "/../") &&
           (length < 2 || strcmp(path + length - 2, "/.")) &&
           (length < 3 || strcmp(path + length - 3, "/.."));
}

bool parse_uri(struct arena *arena, const char *uri, const char *base_path, char **path, char **query)
{
    /* Apache passes the absolute form on as it came. */
    const char *authority = !strncasecmp(uri, "http://", 7)    ? uri + 7
                            : !strncasecmp(uri, "https://", 8) ? uri + 8
                                                               : NULL;
    if (authority)
        uri = authority + strcspn(authority, "/?");
    size_t length = strcspn(uri, "?");
    *path = arena_copy_bytes(arena, uri, length);
    *query = arena_copy_text(arena, uri[length] ? uri + length + 1 : "");
    if (!path_is_plain(*path))
        return false;
    size_t base = strlen(base_path);
    if (strncmp(*path, base_path, base) || (base && (*path)[base] != '/'))
        return false;
    *path += base;
    return true;
}

/* Of equal keys the last one counts, but for those that are meant to be repeated: they become lists. */
static void add_pair(struct json_object *object, const char *key, const char *value)
{
    static const char *const repeatable[] = {"filter", "filters", "exclude"};
    struct json_object *text = json_object_new_string(value), *known = json_member(object, key);
    bool repeats = false;
    for (size_t i = 0; i < sizeof(repeatable) / sizeof(repeatable[0]); i++)
        repeats = repeats || !strcmp(key, repeatable[i]);
    if (!known || !repeats) {
        json_object_object_add(object, key, text);
        return;
    }
    if (!json_object_is_type(known, json_type_array)) {
        struct json_object *list = json_object_new_array();
        json_object_array_add(list, json_object_get(known));
        json_object_object_add(object, key, list);
        known = list;
    }
    json_object_array_add(known, text);
}

bool parse_form(char *text, struct json_object *object, struct error *error)
{
    for (char *pair; (pair = strsep(&text, "&"));) {
        if (!*pair)
            continue;
        char *value = strchr(pair, '=');
        if (value)
            *value++ = '\0';
        else
            value = pair + strlen(pair);
        if (!text_decode_form(pair) || !text_decode_form(value))
            return error_set(error, ERROR_INVALID_REQUEST, "The parameters hold a broken percent escape");
        if (!text_is_utf8(pair, strlen(pair)) || !text_is_utf8(value, strlen(value)))
            return error_set(error, ERROR_INVALID_REQUEST, "The parameters are not valid UTF-8");
        add_pair(object, pair, value);
    }
    return true;
}

bool request_set_id(struct request *request, const char *id)
{
    size_t length = strlen(id);
    bool fit = length > 0 && length < sizeof(request->id);
    for (size_t i = 0; fit && i < length; i++)
        fit = id[i] > ' ' && id[i] < 0x7F;
    if (fit && !request->id_is_given)
        memcpy(request->id, id, length + 1);
    return fit;
}

/* The caller's X-Request-Id where it is fit for a header and a log line, else a new UUID. */
static void choose_request_id(struct request *request)
{
    const char *given = transport_variable(request->transport, "HTTP_X_REQUEST_ID");
    request->id_is_given = given && request_set_id(request, given);
    if (!request->id_is_given)
        random_uuid(request->id);
}

/* The part of the path that a route's "{id}" stands for, or NULL; the path up to it must be the same. */
static const char *path_variable(const char *pattern, const char *path)
{
    const char *variable = strstr(pattern, "{id}");
    size_t length = variable ? (size_t)(variable - pattern) : 0;
    if (!variable || strncmp(pattern, path, length) || !path[length] || strchr(path + length, '/'))
        return NULL;
    return path + length;
}

static bool has_method(const struct request *request, const struct route *route)
{
    return !strcmp(route->method, request->method);
}

static bool decode_path_id(struct request *request, const char *segment)
{
    char *id = arena_copy_text(request->arena, segment);
    if (!text_decode_percent(id) || !text_is_utf8(id, strlen(id)))
        return error_set(&request->error, ERROR_INVALID_ID, "The id in the path is not valid text");
    request->path_id = id;
    return true;
}

/* Finds the route; for a known path also the value of Allow. An exact path wins over one with an id. */
static bool find_route(struct worker *worker, struct request *request)
{
    const char *variable = NULL;
    for (const struct route *route = worker->routes; route->method; route++) {
        const char *id = path_variable(route->path, request->path);
        bool exact = !id && !strcmp(route->path, request->path); /* a path may well be "/items/{id}" */
        if (!exact && (!id || (request->route && !variable)))
            continue;
        if (!request->route || (has_method(request, route) && !has_method(request, request->route)))
            request->route = route; /* else the first of the path: it has the error style */
        variable = id;
        request->allow = request->allow
                             ? arena_format(request->arena, "%s, %s", request->allow, route->method)
                             : route->method;
    }
    if (!request->route)
        return error_set(&request->error, ERROR_NOT_FOUND, "There is nothing at this path");
    bool nothing_else = !strcmp(request->route->method, "OPTIONS");
    if (!nothing_else)
        request->allow = arena_format(request->arena, "%s, OPTIONS", request->allow);
    request->is_preflight = !strcmp(request->method, "OPTIONS");
    if (request->is_preflight)
        return true;
    if (nothing_else)
        return error_set(&request->error, ERROR_NOT_FOUND, "There is nothing at this path");
    if (has_method(request, request->route))
        return !variable || decode_path_id(request, variable);
    return error_set(&request->error, ERROR_METHOD_NOT_ALLOWED, "This path takes only %s", request->allow);
}

/* For the log and the shape of errors, where the address itself is not fit to be shown. */
static const char *path_stand_in(const char *uri, const char *base_path)
{
    size_t base = strlen(base_path);
    return !strncmp(uri, base_path, base) && !strncmp(uri + base, "/v1/", 4) ? "/v1/-" : "-";
}

static bool read_address(struct worker *worker, struct request *request, char **query)
{
    const char *method = transport_variable(request->transport, "REQUEST_METHOD");
    const char *uri = transport_variable(request->transport, "REQUEST_URI");
    request->method = arena_copy_text(request->arena, method ? method : "");
    request->path = "-";
    if (!uri || !method)
        return error_set(&request->error, ERROR_INVALID_REQUEST,
                         "The web server passed no REQUEST_URI or method");
    request->path = path_stand_in(uri, worker->config->http_base_path);
    if (strlen(uri) > LIMIT_URI_BYTES)
        return error_set(&request->error, ERROR_URI_TOO_LONG, "The address is longer than %d bytes",
                         LIMIT_URI_BYTES);
    char *path;
    if (!parse_uri(request->arena, uri, worker->config->http_base_path, &path, query))
        return error_set(&request->error, ERROR_NOT_FOUND, "There is nothing at this path");
    request->path = path;
    return find_route(worker, request);
}

enum body_type { BODY_JSON, BODY_FORM, BODY_OTHER };

static enum body_type content_type(const struct request *request)
{
    const char *type = transport_variable(request->transport, "CONTENT_TYPE");
    if (!type || !*type)
        return BODY_JSON;
    size_t length = strcspn(type, "; \t");
    if (length == 16 && !strncasecmp(type, "application/json", length))
        return BODY_JSON;
    if (length == 33 && !strncasecmp(type, "application/x-www-form-urlencoded", length))
        return BODY_FORM;
    return BODY_OTHER;
}

static bool merge_json(struct request *request, const struct body *body)
{
    struct json_object *value;
    const char *problem;
    if (!json_parse_arena(request->arena, body->bytes, body->length, &value, &problem))
        return error_set(&request->error, ERROR_INVALID_JSON, "The body is %s", problem);
    request->body = value;
    if (request->route->body == BODY_LIST && json_object_is_type(value, json_type_array))
        return true;
    if (!json_object_is_type(value, json_type_object))
        return error_set(&request->error, ERROR_INVALID_JSON, "The body must be a JSON object%s",
                         request->route->body == BODY_LIST ? " or an array" : "");
    json_object_object_foreach(value, key, member)
    {
        if (member)
            json_object_object_add(request->merged, key, json_object_get(member));
    }
    return true;
}

/* `curl -d '{...}'` calls its JSON a form; no form begins like that. */
static bool looks_like_json(const struct body *body)
{
    char first = body->bytes[strspn(body->bytes, " \t\r\n")];
    return first == '{' || first == '[';
}

static bool merge_body(struct request *request)
{
    struct body body = {0};
    enum body_type type = content_type(request);
    if (type == BODY_OTHER && body_is_promised(request)) {
        drain_body(request);
        return error_set(&request->error, ERROR_UNSUPPORTED_TYPE,
                         "The body must be application/json or application/x-www-form-urlencoded");
    }
    if (!read_body(request, &body))
        return false;
    if (body.length == 0)
        return true;
    if (type == BODY_JSON || looks_like_json(&body))
        return merge_json(request, &body);
    if (memchr(body.bytes, '\0', body.length))
        return error_set(&request->error, ERROR_INVALID_REQUEST, "The parameters hold a zero byte");
    return parse_form(body.bytes, request->merged, &request->error);
}

bool parse_request(struct worker *worker, struct request *request)
{
    char *query = arena_copy_text(request->arena, "");
    choose_request_id(request);
    if (!read_address(worker, request, &query)) {
        drain_body(request);
        return false;
    }
    if (request->is_preflight) {
        drain_body(request);
        return true;
    }
    request->merged = json_keep(request->arena, json_object_new_object());
    bool parsed = request->route->body == BODY_ALONE || parse_form(query, request->merged, &request->error);
    return merge_body(request) && parsed;
}
