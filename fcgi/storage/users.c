/* All about one end user; see users.h.
 *
 * What is exported is one table: part, statement, columns with their kinds. Erasing goes from the far end of
 * the joins to the near one, since a shadow is found by its decision and a decision by its request. */
#include "storage/users.h"

#include "storage/query.h"

#include <assert.h>

static const struct statement READ_EVENTS = {
    "SELECT e.event_id, e.item_id, t.name, e.occurred_at, e.quantity, e.factor, e.session_id, e.request_id,"
    " e.context_id, e.placement, e.metadata, e.received_at FROM events e LEFT JOIN event_types t"
    " ON t.tenant_id = e.tenant_id AND t.event_type_id = e.event_type_id WHERE e.tenant_id = ? AND e.user_id"
    " = ? ORDER BY e.event_id"};

static const struct statement READ_PROFILE = {
    "SELECT name, description, created_at, updated_at FROM entity_embeddings"
    " WHERE tenant_id = ? AND entity_id = ? AND entity_type = 'User'"};

static const struct statement READ_REQUESTS = {
    "SELECT s.sequence_id, s.request_id, s.endpoint, s.client_id, s.task, s.template, s.context_id, s.input,"
    " s.created_at, d.decision_id, d.recommender, d.model_generation, d.results FROM sequences s"
    " LEFT JOIN decisions d ON d.tenant_id = s.tenant_id AND d.sequence_id = s.sequence_id WHERE s.tenant_id"
    " = ? AND s.user_id = ? AND s.entity_type = 'User' ORDER BY s.sequence_id"};

static const struct statement READ_SHADOWS = {
    "SELECT h.decision_id, h.outcome, h.results, h.created_at FROM sequences s"
    " JOIN decisions d ON d.tenant_id = s.tenant_id AND d.sequence_id = s.sequence_id"
    " JOIN shadow_decisions h ON h.tenant_id = d.tenant_id AND h.decision_id = d.decision_id WHERE"
    " s.tenant_id = ? AND s.user_id = ? AND s.entity_type = 'User' ORDER BY h.decision_id"};

static const struct statement ERASE_SHADOWS = {
    "DELETE h FROM sequences s JOIN decisions d ON d.tenant_id = s.tenant_id"
    " AND d.sequence_id = s.sequence_id JOIN shadow_decisions h ON h.tenant_id = d.tenant_id"
    " AND h.decision_id = d.decision_id WHERE s.tenant_id = ? AND s.user_id = ?"
    " AND s.entity_type = 'User'"};

static const struct statement ERASE_DECISIONS = {
    "DELETE d FROM sequences s JOIN decisions d ON d.tenant_id = s.tenant_id"
    " AND d.sequence_id = s.sequence_id WHERE s.tenant_id = ? AND s.user_id = ?"
    " AND s.entity_type = 'User'"};

static const struct statement ERASE_REQUESTS = {
    "DELETE FROM sequences WHERE tenant_id = ? AND user_id = ? AND entity_type = 'User'"};

static const struct statement ERASE_PROFILE = {
    "DELETE FROM entity_embeddings WHERE tenant_id = ? AND entity_id = ? AND entity_type = 'User'"};

static const struct statement ERASE_EVENTS = {"DELETE FROM events WHERE tenant_id = ? AND user_id = ?"};

static const struct statement ERASE_LISTS = {"DELETE FROM ranked_lists WHERE tenant_id = ?"};

static const struct statement NOTE_ERASURE = {
    "INSERT INTO erasures (tenant_id, user_hash, removed) VALUES (?, ?, ?)"};

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
    {"event_id", USER_NUMBER},    {"item_id", USER_TEXT},    {"type", USER_TEXT},
    {"occurred_at", USER_NUMBER}, {"quantity", USER_NUMBER}, {"weight", USER_NUMBER},
    {"session_id", USER_TEXT},    {"request_id", USER_TEXT}, {"context_id", USER_TEXT},
    {"placement", USER_TEXT},     {"metadata", USER_JSON},   {"received_at", USER_TEXT}};
static const struct user_column profile_columns[] = {
    {"name", USER_TEXT}, {"description", USER_TEXT}, {"created_at", USER_TEXT}, {"updated_at", USER_TEXT}};
static const struct user_column request_columns[] = {
    {"sequence_id", USER_NUMBER}, {"request_id", USER_TEXT},  {"endpoint", USER_TEXT},
    {"client_id", USER_TEXT},     {"task", USER_TEXT},        {"template", USER_TEXT},
    {"context_id", USER_NUMBER},  {"input", USER_JSON},       {"created_at", USER_TEXT},
    {"decision_id", USER_NUMBER}, {"recommender", USER_TEXT}, {"model_generation", USER_NUMBER},
    {"results", USER_JSON}};
static const struct user_column shadow_columns[] = {
    {"decision_id", USER_NUMBER}, {"outcome", USER_TEXT}, {"results", USER_JSON}, {"created_at", USER_TEXT}};

struct user_reading {
    enum user_part part;
    const struct statement *statement;
    const struct user_column *columns;
    size_t count;
};

#define COLUMNS(list) (list), sizeof(list) / sizeof((list)[0])
static_assert(sizeof(request_columns) / sizeof(request_columns[0]) <= QUERY_COLUMNS, "the widest row fits");

static const struct user_reading readings[] = {{USER_EVENTS, &READ_EVENTS, COLUMNS(event_columns)},
                                               {USER_PROFILE, &READ_PROFILE, COLUMNS(profile_columns)},
                                               {USER_REQUESTS, &READ_REQUESTS, COLUMNS(request_columns)},
                                               {USER_SHADOWS, &READ_SHADOWS, COLUMNS(shadow_columns)}};

bool admin_user_export(struct database *db, struct arena *arena, uint32_t tenant_id, const char *user_id,
                       admin_user_visit *visit, void *context, struct error *error)
{
    struct query query;
    struct user_value values[QUERY_COLUMNS];
    bool more = true;
    for (size_t part = 0; more && part < sizeof(readings) / sizeof(readings[0]); part++) {
        const struct user_reading *reading = &readings[part];
        more = query_stream(&query, db, reading->statement, error, tenant_id, user_id);
        while (more && query_fetch(&query)) {
            for (unsigned i = 0; i < reading->count; i++)
                values[i] = (struct user_value){reading->columns[i].name, reading->columns[i].kind,
                                                query_as_text(&query, i, arena)};
            more = error->code == ERROR_NONE && visit(context, reading->part, values, reading->count);
            arena_reset(arena);
        }
        query_finish(&query);
        more = more && error->code == ERROR_NONE;
    }
    return more;
}

/* Of the tenant's ranked lists it is not known whose they are, so all of them go. */
bool admin_user_erase(struct database *db, uint32_t tenant_id, const char *user_id,
                      uint64_t removed[USER_PART__MAX], struct error *error)
{
    static const struct {
        enum user_part part;
        const struct statement *statement;
    } erasures[] = {{USER_SHADOWS, &ERASE_SHADOWS},
                    {USER_PART__MAX, &ERASE_DECISIONS},
                    {USER_REQUESTS, &ERASE_REQUESTS},
                    {USER_PROFILE, &ERASE_PROFILE},
                    {USER_EVENTS, &ERASE_EVENTS}};
    struct query query;
    for (size_t i = 0; i < sizeof(erasures) / sizeof(erasures[0]); i++) {
        if (!query_run(&query, db, erasures[i].statement, error, tenant_id, user_id))
            return false;
        if (erasures[i].part != USER_PART__MAX) /* an answer is counted as its request */
            removed[erasures[i].part] = query_affected(&query);
    }
    if (!query_run(&query, db, &ERASE_LISTS, error, tenant_id))
        return false;
    removed[USER_LISTS] = query_affected(&query);
    return true;
}

bool admin_erasure_insert(struct database *db, uint32_t tenant_id, const unsigned char *user_hash,
                          const char *removed, uint64_t *erasure_id, struct error *error)
{
    struct query query;
    bool done = query_run(&query, db, &NOTE_ERASURE, error, tenant_id, BYTES(user_hash, 32), removed);
    *erasure_id = done ? query_insert_id(&query) : 0;
    return done;
}
