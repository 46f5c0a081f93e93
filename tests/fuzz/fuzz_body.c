/* Fuzzes what every route makes of its parameters: the route's own check, on a request that parse_request()
 * has read from the bytes. There is no database: a check that asked it would crash.
 *
 * The input is a request as text, whose first line is a route of the table and what its address has behind
 * that: "POST /v1/items/{id} mug-1?on_conflict=update"; another first line stands for some route. Headers, a
 * blank line and the body follow. "Authorization" that is not Basic is the subject of a token that was found
 * good. What must hold: an error of the caller's exactly when the check refuses; limits of all that it took;
 * every answer has a clean head and is JSON.
 *
 * Covers: fcgi/api/recommend/sequence_data.c fcgi/api/recommend/recommendations_parameters.c
 * Covers: fcgi/api/recommend/auto_cursor.c fcgi/api/recommend/request_filters.c fcgi/api/items/input.c
 * Covers: fcgi/api/events/parse.c fcgi/base/json_list.c fcgi/api/token_request.c fcgi/request/parameters.c
 * Covers: fcgi/recommender/filter_parse.c
 * Dictionary: http */
#include "http.h"

#include "api/events/events.h"
#include "api/events/json.h"
#include "api/events/key.h"
#include "api/events/parse.h"
#include "api/items/input.h"
#include "api/items/update.h"
#include "api/recommend/recommendations.h"
#include "api/recommend/recommendations_parameters.h"
#include "api/recommend/search.h"
#include "api/token.h"
#include "api/token_request.h"
#include "base/json_list.h"
#include "recommender/text_ranker.h"
#include "request/parse_request.h"
#include "request/read_parameters.h"
#include "routes.h"

static struct worker worker;

/* The route that the line names, else some route. */
static const struct route *choose_route(const char *method, const char *path)
{
    size_t count = 0, hash = 5381;
    for (; routes[count].method; count++) {
        if (routes[count].check && !strcmp(routes[count].method, method) && !strcmp(routes[count].path, path))
            return &routes[count];
    }
    for (const char *at = path; *at; at++)
        hash = hash * 33 + (unsigned char)*at;
    const struct route *route = &routes[hash % count];
    return route->check ? route : routes;
}

/* The address: the path of the route, with the first part of what stands behind it as id. */
static const char *address(struct arena *arena, const struct route *route, const char *behind)
{
    const char *id = strstr(route->path, "{id}");
    size_t length = strcspn(behind, "?");
    if (!id)
        return arena_format(arena, "%s%s", route->path, behind + length);
    return arena_format(arena, "%.*s%s", (int)(id - route->path), route->path, behind);
}

/* ---- What was taken */

static const char *filters_text(struct arena *arena, const struct filter_list *filters)
{
    struct json_writer *writer = json_writer_create(arena);
    request_filters_write(writer, NULL, filters->conditions, filters->count);
    return json_writer_result(writer);
}

static void check_filters(struct arena *arena, const struct request_filters *filters)
{
    struct error error = {0};
    struct filter_parser parser = {.arena = arena, .error = &error, .code = ERROR_INVALID_FILTER};
    struct filter_list again = {0};
    must(filters->filters.count <= LIMIT_FILTER_CONDITIONS && filters->exclude_count <= LIMIT_EXCLUDE_IDS,
         "no more filters and exclusions than the limit");
    for (size_t i = 0; i < filters->exclude_count; i++)
        check_id(filters->exclude[i]);
    const char *text = filters_text(arena, &filters->filters);
    must(filter_parse_any(&parser, json_again(arena, text), "again", &again),
         "filters that can be read again");
    must(!strcmp(text, filters_text(arena, &again)), "the same filters when they are read again");
}

static void check_list(struct arena *arena, const struct recommendations_parameters *parameters)
{
    check_id(parameters->entity.id);
    check_id(parameters->after);
    check_length(parameters->context, LIMIT_CONTEXT_KEY_CHARACTERS);
    check_length(parameters->name, LIMIT_NAME_CHARACTERS);
    check_length(parameters->description, LIMIT_DESCRIPTION_CHARACTERS);
    must(parameters->quantity >= 0 && parameters->quantity <= LIMIT_QUANTITY, "a quantity within the limit");
    must(parameters->cursor.served_count <= LIMIT_SECTIONS && parameters->cursor.window_days >= 1 &&
             parameters->cursor.window_days <= LIMIT_WINDOW_DAYS,
         "a cursor within its limits");
    check_filters(arena, &parameters->filters);
    if (!parameters->wish)
        return;
    check_length(parameters->wish->text, LIMIT_QUERY_CHARACTERS);
    must(*parameters->wish->text && parameters->wish->field_count <= TEXT_WISH_FIELDS &&
             parameters->wish->word_weight + parameters->wish->vector_weight > 0,
         "a search for something");
}

static void check_item(struct arena *arena, const char *metadata, const char *name, const char *description)
{
    check_length(name, LIMIT_NAME_CHARACTERS);
    check_length(description, LIMIT_DESCRIPTION_CHARACTERS);
    must(!metadata || json_object_is_type(json_again(arena, metadata), json_type_object),
         "metadata is an object");
    must(!metadata || strlen(metadata) <= LIMIT_METADATA_BYTES, "metadata within the limit");
}

static void check_event(struct arena *arena, struct event_keys *keys, const struct event_input *event)
{
    struct error error = {0};
    struct event_metadata metadata;
    unsigned char key[EVENT_KEY_BYTES];
    must(event->user_id && event->type && (event->item_id || event->query), "who did what with what");
    check_id(event->user_id);
    check_id(event->item_id);
    check_id(event->context_id);
    check_id(event->session_id);
    check_id(event->request_id);
    check_id(event->placement);
    check_length(event->type, LIMIT_EVENT_TYPE_CHARACTERS);
    check_length(event->deduplication, LIMIT_DEDUPLICATION_CHARACTERS);
    check_length(event->query, LIMIT_NAME_CHARACTERS);
    must(event->result_item_count <= LIMIT_RESULT_ITEMS, "no more results than the limit");
    must(!event->has_time || (event->occurred_at >= 0 && event->occurred_at < INT64_C(253402300800000)),
         "a time");
    for (size_t i = 0; i < event->result_item_count; i++)
        check_id(event->result_items[i]);
    event_keys_next(keys, event, event->type, key);
    bool fits = event_metadata(arena, event, event->type, &metadata, &error);
    check_error(&error, !fits);
    if (fits && metadata.text)
        must(json_object_is_type(json_again(arena, metadata.text), json_type_object),
             "metadata is an object");
    if (fits && metadata.payload_length)
        json_again(arena, arena_copy_bytes(arena, metadata.payload, metadata.payload_length));
}

/* The events of a request that the route's check has not used up yet, from a copy. */
static void check_events(const struct request *request)
{
    struct arena *arena = request->arena;
    struct json_object *entry = NULL;
    struct json_list list = {.count = 1};
    const char *problem;
    if (request->list)
        must(json_list_open(arena_copy_bytes(arena, request->list->bytes, request->list->length),
                            request->list->length, &list, &problem),
             "a list that can be read again");
    else
        must(!json_object_deep_copy(request->merged, &entry, NULL), "a copy");
    struct event_keys *keys = event_keys_create(arena, list.count);
    for (size_t i = 0; i < list.count && (!request->list || json_list_next(&list, &entry, &problem)); i++) {
        struct event_input event;
        struct error error = {0};
        bool good = event_parse(arena, request->list ? &list : NULL, entry, &event, &error);
        check_error(&error, !good);
        json_object_put(entry);
        if (good)
            check_event(arena, keys, &event);
    }
}

static void check_taken(const struct request *request)
{
    const struct route *route = request->route;
    if (route->check == recommendations_check || route->check == search_check) {
        check_list(request->arena, request->parameters);
    } else if (route->check == items_update_check) {
        const struct item_input *input = request->parameters;
        check_item(request->arena, input->metadata, input->name, input->description);
    } else if (route->check == token_check) {
        const struct token_request *asked = request->parameters;
        check_text(asked->credentials.client_id);
        check_text(asked->credentials.secret);
    }
}

/* What a verified token leaves: its subject is an id, or there is none. */
static void set_claims(struct request *request)
{
    const char *subject = transport_variable(request->transport, "HTTP_AUTHORIZATION");
    bool fit = subject && *subject && strncasecmp(subject, "Basic ", 6) &&
               text_is_utf8(subject, strlen(subject)) &&
               text_count_characters(subject) <= LIMIT_ID_CHARACTERS;
    request->claims = (struct claims){.client_id = "shop", .subject = fit ? subject : NULL, .scopes = ""};
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    worker = (struct worker){.config = http_config(), .routes = routes};
    struct arena *arena = arena_create();
    struct input input = {.bytes = (const char *)data, .length = size};
    struct transport transport = {0};
    char *behind = input_line(&input, arena), *method = strsep(&behind, " ");
    char *path = behind ? strsep(&behind, " ") : method;
    const struct route *route = choose_route(method, path);
    transport_set(&transport, "REQUEST_METHOD", route->method);
    transport_set(&transport, "REQUEST_URI", address(arena, route, behind ? behind : ""));
    http_read(&input, arena, &transport);
    struct request request = {.arena = arena, .transport = &transport};
    bool good =
        parse_request(&worker, &request) && (request.is_preflight || read_parameters(&worker, &request));
    set_claims(&request);
    if (good && request.route->check == events_check)
        check_events(&request);
    if (good) {
        good = request.route->check(&worker, &request);
        check_error(&request.error, !good);
        if (good)
            check_taken(&request);
    }
    http_check_answer(&worker, &request, !good);
    arena_destroy(arena);
    return 0;
}
