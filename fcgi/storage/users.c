/* All about one end user; see users.h.
 *
 * Whose rows these are says user_trace.h: those of the user's ids, and single requests about nobody. What is
 * exported is one table: part, statement, columns with their kinds, for an id or for the number of a request.
 * Erasing goes from the far end of the joins to the near one, since a shadow is found by its decision and a
 * decision by its request. */
#include "storage/users.h"

#include "storage/query.h"

#include <assert.h>
#include <string.h>

static const struct statement READ_EVENTS = {
    "SELECT e.event_id, e.user_id, e.item_id, t.name, e.occurred_at, e.quantity, e.factor, e.session_id, "
    "e.request_id,"
    " e.context_id, e.placement, e.metadata, e.received_at FROM events e LEFT JOIN event_types t"
    " ON t.tenant_id = e.tenant_id AND t.event_type_id = e.event_type_id WHERE e.tenant_id = ? AND e.user_id"
    " = ? ORDER BY e.event_id"};

static const struct statement READ_PROFILE = {
    "SELECT entity_id, name, description, created_at, updated_at FROM entity_embeddings"
    " WHERE tenant_id = ? AND entity_id = ? AND entity_type = 'User'"};

#define REQUEST_COLUMNS                                                                                      \
    "SELECT s.sequence_id, s.user_id, s.request_id, s.endpoint, s.client_id, s.task, s.template,"            \
    " s.context_id, s.input, s.created_at, d.decision_id, d.recommender, d.model_generation, d.results"
#define SHADOW_COLUMNS "SELECT h.decision_id, h.outcome, h.results, h.created_at"
/* From a request to its decision and on to the shadow. */
#define REQUESTS                                                                                             \
    " FROM sequences s LEFT JOIN decisions d ON d.tenant_id = s.tenant_id AND d.sequence_id = s.sequence_id"
#define DECISIONS                                                                                            \
    " FROM sequences s JOIN decisions d ON d.tenant_id = s.tenant_id AND d.sequence_id = s.sequence_id"
#define SHADOWS                                                                                              \
    DECISIONS " JOIN shadow_decisions h ON h.tenant_id = d.tenant_id AND h.decision_id = d.decision_id"
/* Whose requests: of a user, or one by its number. */
#define OF_USER    " WHERE s.tenant_id = ? AND s.user_id = ? AND s.entity_type = 'User'"
#define OF_REQUEST " WHERE s.tenant_id = ? AND s.sequence_id = ?"

static const struct statement READ_REQUESTS = {REQUEST_COLUMNS REQUESTS OF_USER " ORDER BY s.sequence_id"};
static const struct statement READ_REQUEST = {REQUEST_COLUMNS REQUESTS OF_REQUEST};
static const struct statement READ_SHADOWS = {SHADOW_COLUMNS SHADOWS OF_USER " ORDER BY h.decision_id"};
static const struct statement READ_SHADOW = {SHADOW_COLUMNS SHADOWS OF_REQUEST};

static const struct statement ERASE_SHADOWS = {"DELETE h" SHADOWS OF_USER};
static const struct statement ERASE_SHADOW = {"DELETE h" SHADOWS OF_REQUEST};
static const struct statement ERASE_DECISIONS = {"DELETE d" DECISIONS OF_USER};
static const struct statement ERASE_DECISION = {"DELETE d" DECISIONS OF_REQUEST};
static const struct statement ERASE_REQUESTS = {"DELETE s FROM sequences s" OF_USER};
static const struct statement ERASE_REQUEST = {"DELETE s FROM sequences s" OF_REQUEST};

/* The user's id in other people's requests, where a browser sent it as its own, or a caller in a spelling that
 * did not count. A request for a list about an item keeps that item's id, which is nobody's. */
static const struct statement CLEAN_NAME = {
    "UPDATE sequences SET input = JSON_REMOVE(input, ?) WHERE tenant_id = ?"
    " AND JSON_VALUE(input, ?) COLLATE utf8mb4_nopad_bin = ? AND (entity_type <> 'Item' OR user_id <> ?)"};

static const struct statement ERASE_PROFILE = {
    "DELETE FROM entity_embeddings WHERE tenant_id = ? AND entity_id = ? AND entity_type = 'User'"};

static const struct statement ERASE_EVENTS = {"DELETE FROM events WHERE tenant_id = ? AND user_id = ?"};

static const struct statement ERASE_LISTS = {"DELETE FROM ranked_lists WHERE tenant_id = ?"};

static const struct statement NOTE_ERASURE = {
    "INSERT INTO erasures (tenant_id, user_hash, keyed, removed) VALUES (?, ?, TRUE, ?)"};

static const struct statement CHANGE_ERASURE = {
    "UPDATE erasures SET removed = ? WHERE tenant_id = ? AND erasure_id = ?"};

static const struct statement FIND_ERASURES = {
    "SELECT erasure_id, removed, erased_at FROM erasures WHERE tenant_id = ? AND user_hash = ?"
    " ORDER BY erasure_id"};

static const struct statement FIND_UNKEYED = {
    "SELECT erasure_id, user_hash FROM erasures WHERE tenant_id = ? AND NOT keyed"};

static const struct statement KEY_ERASURE = {
    "UPDATE erasures SET user_hash = ?, keyed = TRUE WHERE tenant_id = ? AND erasure_id = ? AND NOT keyed"};

const char *user_part_name(enum user_part part)
{
    static const char *const names[USER_PART__MAX] = {[USER_EVENTS] = "events",
                                                      [USER_PROFILE] = "profile",
                                                      [USER_REQUESTS] = "requests",
                                                      [USER_SHADOWS] = "shadow_decisions",
                                                      [USER_LISTS] = "ranked_lists"};
    return names[part];
}

struct user_column {
    const char *name;
    enum user_value_kind kind;
};

static const struct user_column event_columns[] = {
    {"event_id", USER_NUMBER}, {"user_id", USER_TEXT},       {"item_id", USER_TEXT},
    {"type", USER_TEXT},       {"occurred_at", USER_NUMBER}, {"quantity", USER_NUMBER},
    {"weight", USER_NUMBER},   {"session_id", USER_TEXT},    {"request_id", USER_TEXT},
    {"context_id", USER_TEXT}, {"placement", USER_TEXT},     {"metadata", USER_JSON},
    {"received_at", USER_TEXT}};
static const struct user_column profile_columns[] = {{"user_id", USER_TEXT},
                                                     {"name", USER_TEXT},
                                                     {"description", USER_TEXT},
                                                     {"created_at", USER_TEXT},
                                                     {"updated_at", USER_TEXT}};
static const struct user_column request_columns[] = {
    {"sequence_id", USER_NUMBER},      {"user_id", USER_TEXT},       {"request_id", USER_TEXT},
    {"endpoint", USER_TEXT},           {"client_id", USER_TEXT},     {"task", USER_TEXT},
    {"template", USER_TEXT},           {"context_id", USER_NUMBER},  {"input", USER_JSON},
    {"created_at", USER_TEXT},         {"decision_id", USER_NUMBER}, {"recommender", USER_TEXT},
    {"model_generation", USER_NUMBER}, {"results", USER_JSON}};
static const struct user_column shadow_columns[] = {
    {"decision_id", USER_NUMBER}, {"outcome", USER_TEXT}, {"results", USER_JSON}, {"created_at", USER_TEXT}};

struct user_reading {
    enum user_part part;
    const struct statement *of_user, *of_request; /* of_request NULL: requests have none */
    const struct user_column *columns;
    size_t count;
};

#define COLUMNS(list) (list), sizeof(list) / sizeof((list)[0])
static_assert(sizeof(request_columns) / sizeof(request_columns[0]) <= QUERY_COLUMNS, "the widest row fits");

static const struct user_reading readings[] = {
    {USER_EVENTS, &READ_EVENTS, NULL, COLUMNS(event_columns)},
    {USER_PROFILE, &READ_PROFILE, NULL, COLUMNS(profile_columns)},
    {USER_REQUESTS, &READ_REQUESTS, &READ_REQUEST, COLUMNS(request_columns)},
    {USER_SHADOWS, &READ_SHADOWS, &READ_SHADOW, COLUMNS(shadow_columns)}};

struct exporting {
    struct database *db;
    struct arena *arena;
    admin_user_visit *visit;
    void *context;
    struct error *error;
};

/* The rows of a statement that is running. */
static bool export_rows(struct exporting *exporting, const struct user_reading *reading, struct query *query)
{
    struct user_value values[QUERY_COLUMNS];
    bool more = true;
    while (more && query_fetch(query)) {
        for (unsigned i = 0; i < reading->count; i++)
            values[i] = (struct user_value){reading->columns[i].name, reading->columns[i].kind,
                                            query_as_text(query, i, exporting->arena)};
        more = exporting->error->code == ERROR_NONE &&
               exporting->visit(exporting->context, reading->part, values, reading->count);
        arena_reset(exporting->arena);
    }
    query_finish(query);
    return more && exporting->error->code == ERROR_NONE;
}

bool admin_user_export(struct database *db, struct arena *arena, uint32_t tenant_id,
                       const struct user_trace *trace, admin_user_visit *visit, void *context,
                       struct error *error)
{
    struct exporting exporting = {db, arena, visit, context, error};
    struct query query;
    bool more = true;
    for (size_t part = 0; part < sizeof(readings) / sizeof(readings[0]); part++) {
        const struct user_reading *reading = &readings[part];
        for (size_t i = 0; more && i < trace->ids.count; i++)
            more = query_stream(&query, db, reading->of_user, error, tenant_id, trace->ids.texts[i]) &&
                   export_rows(&exporting, reading, &query);
        for (size_t i = 0; more && reading->of_request && i < trace->request_count; i++)
            more = query_stream(&query, db, reading->of_request, error, tenant_id, trace->requests[i]) &&
                   export_rows(&exporting, reading, &query);
    }
    return more;
}

/* An answer is counted as its request. */
static const struct {
    enum user_part part;
    const struct statement *of_user, *of_request;
} erasures[] = {{USER_SHADOWS, &ERASE_SHADOWS, &ERASE_SHADOW},
                {USER_PART__MAX, &ERASE_DECISIONS, &ERASE_DECISION},
                {USER_REQUESTS, &ERASE_REQUESTS, &ERASE_REQUEST},
                {USER_PROFILE, &ERASE_PROFILE, NULL},
                {USER_EVENTS, &ERASE_EVENTS, NULL}};

static bool erase_rows(struct database *db, uint32_t tenant_id, const struct user_trace *trace,
                       uint64_t removed[USER_PART__MAX + 1], struct error *error)
{
    struct query query;
    for (size_t i = 0; i < sizeof(erasures) / sizeof(erasures[0]); i++) {
        for (size_t j = 0; j < trace->ids.count; j++) {
            if (!query_run(&query, db, erasures[i].of_user, error, tenant_id, trace->ids.texts[j]))
                return false;
            removed[erasures[i].part] += query_affected(&query);
        }
        for (size_t j = 0; erasures[i].of_request && j < trace->request_count; j++) {
            if (!query_run(&query, db, erasures[i].of_request, error, tenant_id, trace->requests[j]))
                return false;
            removed[erasures[i].part] += query_affected(&query);
        }
    }
    return true;
}

static bool clean_names(struct database *db, uint32_t tenant_id, const struct user_trace *trace,
                        struct error *error)
{
    static const char *const paths[] = {"$.user_id", "$.userId", "$.anonymous_id", "$.anonymousId"};
    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        for (size_t j = 0; j < trace->ids.count; j++) {
            const char *id = trace->ids.texts[j];
            if (!database_execute(db, &CLEAN_NAME, error, paths[i], tenant_id, paths[i], id, id))
                return false;
        }
    }
    return true;
}

/* Of the tenant's ranked lists it is not known whose they are, so all of them go. */
bool admin_user_erase(struct database *db, uint32_t tenant_id, const struct user_trace *trace,
                      uint64_t removed[USER_PART__MAX], struct error *error)
{
    uint64_t counts[USER_PART__MAX + 1] = {0};
    struct query query;
    if (!erase_rows(db, tenant_id, trace, counts, error))
        return false;
    if (!clean_names(db, tenant_id, trace, error))
        return false;
    if (!query_run(&query, db, &ERASE_LISTS, error, tenant_id))
        return false;
    counts[USER_LISTS] = query_affected(&query);
    memcpy(removed, counts, USER_PART__MAX * sizeof(*removed));
    return true;
}

/* ---- Receipts */

bool admin_erasure_insert(struct database *db, uint32_t tenant_id, const unsigned char *user_hash,
                          const char *removed, uint64_t *erasure_id, struct error *error)
{
    struct query query;
    bool done =
        query_run(&query, db, &NOTE_ERASURE, error, tenant_id, BYTES(user_hash, ERASURE_HASH_BYTES), removed);
    *erasure_id = done ? query_insert_id(&query) : 0;
    return done;
}

bool admin_erasure_change(struct database *db, uint32_t tenant_id, uint64_t erasure_id, const char *removed,
                          struct error *error)
{
    return database_execute(db, &CHANGE_ERASURE, error, removed, tenant_id, erasure_id);
}

bool admin_erasures_find(struct database *db, struct arena *arena, uint32_t tenant_id,
                         const unsigned char *user_hash, struct erasure **list, size_t *count,
                         struct error *error)
{
    struct query query;
    *count = 0;
    if (!query_run(&query, db, &FIND_ERASURES, error, tenant_id, BYTES(user_hash, ERASURE_HASH_BYTES)))
        return false;
    *list = arena_alloc(arena, query_row_count(&query) + 1, sizeof(**list));
    while (query_fetch(&query))
        (*list)[(*count)++] = (struct erasure){.id = query_uint64(&query, 0),
                                               .removed = query_text(&query, 1, arena),
                                               .erased_at = query_as_text(&query, 2, arena)};
    return error->code == ERROR_NONE;
}

bool admin_erasures_key(struct database *db, struct arena *arena, uint32_t tenant_id, erasure_key *key,
                        void *context, struct error *error)
{
    struct unkeyed {
        uint64_t id;
        unsigned char hash[ERASURE_HASH_BYTES];
    } * list;
    struct query query;
    size_t count = 0;
    if (!query_run(&query, db, &FIND_UNKEYED, error, tenant_id))
        return false;
    list = arena_alloc(arena, query_row_count(&query) + 1, sizeof(*list));
    while (query_fetch(&query)) {
        list[count].id = query_uint64(&query, 0);
        query_bytes(&query, 1, list[count++].hash, ERASURE_HASH_BYTES);
    }
    for (size_t i = 0; error->code == ERROR_NONE && i < count; i++) {
        key(context, list[i].hash);
        if (!database_execute(db, &KEY_ERASURE, error, BYTES(list[i].hash, ERASURE_HASH_BYTES), tenant_id,
                              list[i].id))
            return false;
    }
    return error->code == ERROR_NONE;
}
