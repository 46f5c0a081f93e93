/* Parameters of recommendations; see recommendations_parameters.h.
 *
 * Two generations of clients are read here. The older one, on unversioned paths, is strict: a quantity out of
 * range is refused. The newer one, on /v1, has camel-case spellings, pages and headers of its SDKs, and
 * lowers a limit that is too high. is_newer chooses; everything else is common. Reading goes on when a
 * parameter is wrong, so that one answer lists the problems of several, in the order of the documents. */
#include "api/recommend/recommendations_parameters.h"

#include "base/clock.h"
#include "base/json_write.h"
#include "base/text.h"
#include "request/authenticate.h"
#include "request/parameters.h"
#include "storage/known_users.h"

#include <string.h>

/* ---- Who */

static bool read_entity_type(struct request *request, enum entity_type *type)
{
    const char *text = entity_type_name(ENTITY_USER);
    if (!parameter_text(json_member(request->merged, "entity_type"), "entity_type", TEXT_FREE,
                        LIMIT_ID_CHARACTERS, &text, &request->error))
        return false;
    *type = strcmp(text, entity_type_name(ENTITY_ITEM)) ? ENTITY_USER : ENTITY_ITEM;
    return !strcmp(text, entity_type_name(*type)) ||
           error_field(&request->error, "entity_type", "must be User or Item");
}

/* Without user_id it is the token's subject, as the second document says. */
static bool read_user_or_subject(struct request *request, const char **user_id)
{
    struct json_object *value = json_member(request->merged, "user_id");
    *user_id = request->claims.subject;
    if (!value && !*user_id)
        return error_field(&request->error, "user_id", "is missing, and the token has no sub claim");
    return parameter_text(value, "user_id", TEXT_ID, LIMIT_ID_CHARACTERS, user_id, &request->error);
}

/* A header of the SDKs. What cannot stand in a log (control characters, no UTF-8, too long) is ignored, not
 * refused. */
static const char *read_header(struct request *request, const char *name)
{
    const char *text = request->transport ? transport_variable(request->transport, name) : NULL;
    bool fit = text && *text && text_is_utf8(text, strlen(text)) && !text_has_control(text, strlen(text)) &&
               text_count_characters(text) <= LIMIT_ID_CHARACTERS;
    return fit ? text : NULL;
}

static bool read_id(struct request *request, const char *const *names, const char **id)
{
    const char *field;
    struct json_object *value = parameter_first(request->merged, names, &field);
    return parameter_id(value, field, LIMIT_ID_CHARACTERS, request->arena, id, &request->error);
}

/* The user that a request names: user_id; else a subject that is a person, or may be; else anonymous_id of
 * parameter or header; else whatever subject the token has. NULL: not known. */
static bool read_user(struct request *request, struct entity *user)
{
    static const char *const users[] = {"user_id", "userId", NULL};
    static const char *const anonymous_ids[] = {"anonymous_id", "anonymousId", NULL};
    const char *anonymous = read_header(request, "HTTP_X_ANONYMOUS_ID");
    const char *subject = request->claims.subject;
    user->id = NULL;
    if (!read_id(request, users, &user->id) || !read_id(request, anonymous_ids, &anonymous))
        return false;
    /* The subject of a shop's own token is the shop, not who looks at it; so is a provider's whose subjects
     * are clients. */
    bool person =
        person_of(request) || (subject && !request->claims.is_client &&
                               (!request->claims.client_id || strcmp(subject, request->claims.client_id)));
    if (user->id)
        return true;
    user->is_visitor = !person && anonymous;
    user->id = user->is_visitor ? anonymous : subject;
    return true;
}

/* A person's token is about that person, and about items. */
static bool check_person(struct request *request, const struct recommendations_parameters *parameters)
{
    return parameters->owner.type == ENTITY_ITEM || person_may_name(request, parameters->owner.id);
}

/* The item that the list is to be like; it stands in the same parameter as a user. */
static bool read_seed(struct request *request, const char **item_id)
{
    static const char *const names[] = {"user_id", "userId", NULL};
    *item_id = NULL;
    return read_id(request, names, item_id) && (*item_id || error_missing(&request->error, "user_id"));
}

/* The id. Its type is read later, in the order in which problems are reported; all that matters here is
 * whether it says Item, since an item is never guessed from a token or a header. */
static bool read_entity_id(struct request *request, struct recommendations_parameters *parameters)
{
    if (!parameters->is_newer)
        return read_user_or_subject(request, &parameters->entity.id);
    const char *type = json_object_get_string(json_member(request->merged, "entity_type"));
    return type && !strcmp(type, entity_type_name(ENTITY_ITEM)) ? read_seed(request, &parameters->entity.id)
                                                                : read_user(request, &parameters->entity);
}

/* ---- How many, which page */

/* Either lowers a number that is too high. The newer API prefers `limit` to `quantity`; the older takes whole
 * numbers alone. */
static bool read_quantity(struct request *request, struct recommendations_parameters *parameters)
{
    static const char *const newer[] = {"limit", "quantity", NULL}, *const older[] = {"quantity", "limit",
                                                                                      NULL};
    const char *const *names = parameters->is_newer ? newer : older;
    size_t limit = 0;
    const char *field;
    struct json_object *value = parameter_first(request->merged, names, &field);
    struct error ignored = {0};
    bool strict = !parameters->is_newer;
    bool good = !value || parameter_page_value(value, field, &limit, strict ? &ignored : &request->error);
    if (strict && limit < LIMIT_PAGE)
        return parameter_quantity(request->merged, &parameters->quantity, &request->error);
    parameters->quantity = (int64_t)limit;
    return good;
}

/* The id of the last item seen. A bad one has an error code of its own. */
static bool read_after(struct request *request, struct recommendations_parameters *parameters)
{
    struct error wrong = {0};
    struct json_object *value = json_member(request->merged, "starting_after");
    if (!parameters->is_newer || parameter_id(value, "starting_after", LIMIT_ID_CHARACTERS, request->arena,
                                              &parameters->after, &wrong))
        return true;
    return error_set(&request->error, ERROR_INVALID_CURSOR, "%s", wrong.message);
}

/* ---- Auto mode */

static bool read_mode(struct request *request, bool *is_auto)
{
    const char *text = "single";
    if (!parameter_text(json_member(request->merged, "mode"), "mode", TEXT_FREE, LIMIT_ID_CHARACTERS, &text,
                        &request->error))
        return false;
    *is_auto = !strcmp(text, "auto");
    return *is_auto || !strcmp(text, "single") ||
           error_field(&request->error, "mode", "must be single or auto");
}

/* Read in single mode, too, so that a wrong value is refused in either; the cursor counts in auto mode. */
static bool read_auto(struct request *request, struct recommendations_parameters *parameters)
{
    struct json_object *merged = request->merged;
    struct error *error = &request->error;
    int64_t window = DEFAULT_WINDOW_DAYS;
    const char *cursor = NULL;
    parameters->candidate_limit = DEFAULT_SECTION_ANCHORS;
    parameters->served_cap = DEFAULT_SECTIONS;
    if (!parameter_integer(json_member(merged, "window_days"), "window_days", 1, LIMIT_WINDOW_DAYS, &window,
                           error) ||
        !parameter_integer(json_member(merged, "candidate_limit"), "candidate_limit", 1,
                           LIMIT_SECTION_ANCHORS, &parameters->candidate_limit, error) ||
        !parameter_integer(json_member(merged, "served_cap"), "served_cap", 1, LIMIT_SECTIONS,
                           &parameters->served_cap, error))
        return false;
    parameters->cursor = (struct auto_cursor){.window_days = window};
    struct json_object *value = json_member(merged, "cursor");
    if (!value || !parameters->is_auto)
        return true;
    if (!parameter_text(value, "cursor", TEXT_FREE, LIMIT_CURSOR_BYTES, &cursor, &(struct error){0}) ||
        !auto_cursor_read(request->arena, cursor, &parameters->cursor))
        return error_set(error, ERROR_INVALID_CURSOR, "cursor is not one that this API has given out");
    return true;
}

/* ---- Telemetry, and the request's own id */

/* Adds what the SDKs send as headers to the merged parameters, which are logged as the request's input. */
static void note_headers(struct request *request)
{
    static const struct {
        const char *header, *name;
    } headers[] = {{"HTTP_X_SESSION_ID", "session_id"},
                   {"HTTP_X_ANONYMOUS_ID", "anonymous_id"},
                   {"HTTP_X_SDK", "sdk"},
                   {"HTTP_X_SDK_VERSION", "sdk_version"},
                   {"HTTP_X_PLATFORM", "platform"}};
    for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++) {
        const char *text = read_header(request, headers[i].header);
        if (text && !json_member(request->merged, headers[i].name))
            json_add_text(request->merged, headers[i].name, text);
    }
}

static bool read_ids_of_request(struct request *request, bool is_newer)
{
    static const char *const requests[] = {"request_id", "requestId", NULL};
    static const char *const sessions[] = {"session_id", "sessionId", NULL};
    const char *id = NULL, *session = NULL;
    if (!is_newer && !json_member(request->merged, "request_id"))
        return true;
    if (!read_id(request, requests, &id) || !read_id(request, sessions, &session))
        return false;
    if (id)
        (void)request_set_id(request, id); /* what is not fit for a header is replaced, as there */
    return true;
}

/* Settings of a ranker that this API does not have: they are checked, logged and returned. */
static bool read_controls(struct request *request, const char **controls)
{
    static const char *const names[] = {"surface", "rerank_mode", "rerank_depth"};
    struct json_writer *out = json_writer_create(request->arena);
    bool any = false;
    json_writer_object(out, NULL);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct json_object *value = json_member(request->merged, names[i]);
        if (!value)
            continue;
        if (json_object_is_type(value, json_type_object) || json_object_is_type(value, json_type_array))
            return error_field(&request->error, names[i], "must be text or a number");
        json_writer_json(out, names[i], value);
        any = true;
    }
    json_writer_end(out);
    *controls = any ? json_writer_result(out) : NULL;
    return true;
}

static bool read_flags(struct request *request, struct recommendations_parameters *parameters)
{
    struct json_object *merged = request->merged;
    bool debug = false;
    bool good =
        parameter_wish(json_member(merged, "debug"), "debug", &debug, &request->error) &&
        parameter_wish(json_member(merged, "explain"), "explain", &parameters->explain, &request->error) &&
        parameter_wish(json_member(merged, "include_suppressed"), "include_suppressed",
                       &parameters->include_suppressed, &request->error);
    parameters->explain = parameters->explain || debug;
    /* The older document shows vectors, so its clients have them without asking. */
    parameters->fields = parameters->is_newer ? ENTRY_ALL & ~(unsigned)ENTRY_EMBEDDING : ENTRY_ALL;
    return entry_fields_read(request, &parameters->fields) && good;
}

/* What a form has not filled in is absent, but for whom and what the list is about: one that was forgotten must
 * not make the list another's; nor is a cursor that was lost the first page. An empty name or description is stored as
 * such. */
static void drop_empty(struct json_object *merged)
{
    static const char *const kept[] = {
        "user_id", "userId", "anonymous_id", "anonymousId", "itemId", "item_id", "entity_id",
        "id",      "query",  "name",         "description", "cursor", NULL};
    parameters_drop_empty(merged, kept);
}

bool recommendations_parameters_read(struct request *request, struct recommendations_parameters *parameters)
{
    struct json_object *merged = request->merged;
    drop_empty(merged);
    struct error *error = &request->error;
    bool good = read_entity_id(request, parameters);
    good = find_context_read_name(request, &parameters->context) && good;
    good = read_quantity(request, parameters) && good;
    good = read_entity_type(request, &parameters->entity.type) && good;
    parameters->owner = parameters->entity;
    if (parameters->entity.id == request->claims.subject)
        parameters->owner.type = ENTITY_USER; /* taken from the token, whose subject is a user */
    good = check_person(request, parameters) && good;
    good = parameter_text(json_member(merged, "name"), "name", TEXT_FREE, LIMIT_NAME_CHARACTERS,
                          &parameters->name, error) &&
           good;
    good = parameter_text(json_member(merged, "description"), "description", TEXT_FREE,
                          LIMIT_DESCRIPTION_CHARACTERS, &parameters->description, error) &&
           good;
    good = read_after(request, parameters) && good;
    good = read_mode(request, &parameters->is_auto) && read_auto(request, parameters) && good;
    good = request_filters_read(request, &parameters->filters) && good;
    good = read_flags(request, parameters) && read_controls(request, &parameters->controls) && good;
    good = read_ids_of_request(request, parameters->is_newer) && good;
    note_headers(request);
    return good;
}

/* The request's, else the context's, else the document's. */
static size_t choose_quantity(const struct recommendations_parameters *parameters)
{
    if (parameters->quantity)
        return (size_t)parameters->quantity;
    if (parameters->found && parameters->found->settings.quantity)
        return (size_t)parameters->found->settings.quantity;
    return DEFAULT_QUANTITY_RECOMMENDATIONS;
}

bool recommendations_choose_context(struct worker *worker, struct request *request,
                                    struct recommendations_parameters *parameters)
{
    if (!parameters->context)
        return true;
    if (!find_context(worker, request, parameters->context, &parameters->found))
        return false;
    return parameters->found ||
           error_set(&request->error, ERROR_CONTEXT_NOT_FOUND, "There is no such context");
}

bool recommendations_check_visitor(struct worker *worker, struct request *request,
                                   struct recommendations_parameters *parameters)
{
    bool known = false;
    if (!parameters->owner.is_visitor)
        return true;
    if (!known_users_find(worker->db, request->tenant.id, parameters->owner.id, &known, &request->error))
        return false;
    if (!known)
        return true;
    parameters->entity = parameters->owner = (struct entity){.type = ENTITY_USER};
    /* The log is not to say that it was that user. */
    json_object_object_del(request->merged, "anonymous_id");
    json_object_object_del(request->merged, "anonymousId");
    return true;
}

void recommendations_set_query(struct arena *arena, const struct recommendations_parameters *parameters,
                               struct recommendation_query *query)
{
    query->context = parameters->found ? &parameters->found->settings : NULL;
    query->quantity = choose_quantity(parameters);
    query->explain = parameters->explain;
    query->wish = parameters->wish;
    query->list_suppressed = parameters->include_suppressed;
    query->now = clock_unix();
    request_filters_apply(&parameters->filters, query);
    query->entity = parameters->owner;
    query->uses_events = entity_user_id(parameters->entity);
    if (parameters->entity.type != ENTITY_ITEM)
        return;
    /* A list for an item: that item is the whole history. */
    struct history_item *seed = arena_alloc(arena, 1, sizeof(*seed));
    *seed = (struct history_item){.item_id = parameters->entity.id, .weight = 1};
    query->strategy = ENGINE_SIMILAR;
    query->history = seed;
    query->history_count = 1;
}
