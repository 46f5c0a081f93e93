/* Query and body to merged parameters; see read_parameters.h.
 *
 * The problem: a tree of JSON takes a hundred times the memory of its text where the text is made for it, and
 * the text comes from anywhere. So this step stands behind the token: what nobody vouches for is neither
 * decoded nor parsed, and anybody's body costs no more than reading it.
 *
 * What such a caller sends is bounded all the same: a tree by what it weighs (base/json.h), and of a list, the
 * only body that may be large, there is never more than one entry as a tree (base/json_list.h).
 *
 * Query and body become one JSON object, in which the body wins and the last of equal keys counts, but for
 * the few that may be repeated. Only where the route wants neither (BODY_NONE) is the body left unread, and
 * only where secrets are sent (BODY_ALONE) the query: an address ends up in logs. */
#include "request/read_parameters.h"

#include "base/json_list.h"
#include "base/text.h"
#include "request/parse_request.h"
#include "request/read_body.h"

#include <string.h>

enum { PAIR_WEIGHT = 2 }; /* a key and a text */

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
    size_t weight = 0;
    for (char *pair; (pair = strsep(&text, "&"));) {
        if (!*pair)
            continue;
        if ((weight += PAIR_WEIGHT) > LIMIT_JSON_WEIGHT)
            return error_set(error, ERROR_INVALID_REQUEST, "There are more than %d parameters",
                             LIMIT_JSON_WEIGHT / PAIR_WEIGHT);
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

static bool refuse_json(struct request *request, const char *problem)
{
    return error_set(&request->error, ERROR_INVALID_JSON, "The body is %s", problem);
}

static bool open_list(struct request *request, const struct body *body)
{
    const char *problem;
    request->list = arena_alloc(request->arena, 1, sizeof(*request->list));
    if (!json_list_open(body->bytes, body->length, request->list, &problem))
        return refuse_json(request, problem);
    return request->list->longest <= LIMIT_ENTRY_BYTES ||
           error_set(&request->error, ERROR_BODY_TOO_LARGE, "An entry of the list is larger than %d bytes",
                     LIMIT_ENTRY_BYTES);
}

bool request_next_entry(struct request *request, struct json_object **entry)
{
    const char *problem;
    if (json_list_next(request->list, entry, &problem))
        return true;
    error_clear(&request->error);
    return refuse_json(request, problem);
}

static bool merge_json(struct request *request, const struct body *body)
{
    struct json_object *value;
    const char *problem;
    bool takes_list = request->route->body == BODY_LIST;
    if (takes_list && json_list_begins(body->bytes, body->length))
        return open_list(request, body);
    if (!json_parse_arena(request->arena, body->bytes, body->length, &value, &problem))
        return refuse_json(request, problem);
    request->body = value;
    if (!json_object_is_type(value, json_type_object))
        return error_set(&request->error, ERROR_INVALID_JSON, "The body must be a JSON object%s",
                         takes_list ? " or an array" : "");
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
    if (!read_body(request, &body))
        return false;
    if (body.length == 0)
        return true;
    /* Only of a list is so much ever looked at in pieces. */
    if (body.length > LIMIT_ENTRY_BYTES && !json_list_begins(body.bytes, body.length))
        return error_set(&request->error, ERROR_BODY_TOO_LARGE,
                         "The body is larger than %d bytes, and no list", LIMIT_ENTRY_BYTES);
    if (body_type(request) == BODY_JSON || looks_like_json(&body))
        return merge_json(request, &body);
    if (memchr(body.bytes, '\0', body.length))
        return error_set(&request->error, ERROR_INVALID_REQUEST, "The parameters hold a zero byte");
    return parse_form(body.bytes, request->merged, &request->error);
}

bool read_parameters(struct worker *worker, struct request *request)
{
    (void)worker;
    enum body_kind kind = request->route->body;
    request->merged = json_keep(request->arena, json_object_new_object());
    if (kind != BODY_ALONE && !parse_form(request->query, request->merged, &request->error))
        return false;
    return kind == BODY_NONE || merge_body(request);
}
