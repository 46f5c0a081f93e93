/* CGI variables to a route; see parse_request.h.
 *
 * The first step, and the one that meets bytes from anywhere. In the order in which they can be refused
 * cheaply: the length of the address, its form, the route and its method, then what the head says of the
 * body: its type and its length. No byte of the body is read here, nor is the query decoded: that is for
 * callers with a good token (read_parameters.h).
 *
 * REQUEST_URI is used and not PATH_INFO, because it is what the client sent: servers decode PATH_INFO,
 * resolve dots and join slashes in it, each in its own way, and an id with an encoded slash would come out as
 * two segments. It is compared undecoded; a path that would be another one after normalising (dots, doubled
 * slashes) is no path of ours, so there is one spelling of each route, and no filter in front is fooled by a
 * second one. */
#include "request/parse_request.h"

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

/* Adds a method to those that the path takes; no method's name is part of another's. */
static void allow_method(struct request *request, const char *method)
{
    if (!request->allow)
        request->allow = method;
    else if (!strstr(request->allow, method))
        request->allow = arena_format(request->arena, "%s, %s", request->allow, method);
}

/* Finds the route; for a known path also the value of Allow. An exact path, which stands first in the table, wins
 * over one with an id where both take the method: DELETE /items/search is about the item "search". */
static bool find_route(struct worker *worker, struct request *request)
{
    const char *variable = NULL;
    for (const struct route *route = worker->routes; route->method; route++) {
        const char *id = path_variable(route->path, request->path);
        bool exact = !id && !strcmp(route->path, request->path); /* a path may well be "/items/{id}" */
        if (!exact && !id)
            continue;
        if (!request->route || (has_method(request, route) && !has_method(request, request->route))) {
            request->route = route; /* else the first of the path: it has the error style */
            variable = id;
        }
        allow_method(request, route->method);
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

static bool read_address(struct worker *worker, struct request *request)
{
    const char *method = transport_variable(request->transport, "REQUEST_METHOD");
    const char *uri = transport_variable(request->transport, "REQUEST_URI");
    request->method = arena_copy_text(request->arena, method ? method : "");
    request->path = "-";
    if (!uri || !method)
        return error_set(&request->error, ERROR_INVALID_REQUEST,
                         "The web server passed no REQUEST_URI or method");
    request->path = path_stand_in(uri, worker->config->http_base_path);
    bool fits =
        strlen(uri) <= LIMIT_URI_BYTES || error_set(&request->error, ERROR_URI_TOO_LONG,
                                                    "The address is longer than %d bytes", LIMIT_URI_BYTES);
    char *path;
    if (!parse_uri(request->arena, uri, worker->config->http_base_path, &path, &request->query))
        return error_set(&request->error, ERROR_NOT_FOUND, "There is nothing at this path");
    if (!fits && strlen(path) > LIMIT_URI_BYTES)
        return false;
    request->path = path;
    return find_route(worker, request) && fits; /* the route also for the shape of the error */
}

enum body_type body_type(const struct request *request)
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

/* A compressed body would have to be unpacked to know whether it fits the limits, and few bytes can be packed
 * that take a worker minutes; no client of ours needs it. */
static bool judge_encoding(struct request *request)
{
    enum { SHOWN = 32 };
    const char *encoding = transport_variable(request->transport, "HTTP_CONTENT_ENCODING");
    if (!encoding || text_is_blank(encoding) || !strcasecmp(encoding, "identity"))
        return true;
    char *shown = arena_copy_bytes(request->arena, encoding, strnlen(encoding, SHOWN));
    text_repair_utf8(shown);
    return error_set(&request->error, ERROR_UNSUPPORTED_TYPE,
                     "The body must be sent as it is, without the Content-Encoding %s", shown);
}

/* What the head says of the body: a type and a length that the route takes, as plain bytes. */
static bool judge_body(struct request *request)
{
    if (request->route->body == BODY_NONE || !body_is_promised(request))
        return true;
    if (body_type(request) == BODY_OTHER)
        return error_set(&request->error, ERROR_UNSUPPORTED_TYPE,
                         "The body must be application/json or application/x-www-form-urlencoded");
    return judge_encoding(request) && judge_body_length(request);
}

bool parse_request(struct worker *worker, struct request *request)
{
    choose_request_id(request);
    request->query = arena_copy_text(request->arena, "");
    return read_address(worker, request) && (request->is_preflight || judge_body(request));
}
