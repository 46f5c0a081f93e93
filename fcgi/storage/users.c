/* All about one end user; see users.h. */
#include "storage/users.h"

#include "storage/query_old.h"

#include <assert.h>
#include <string.h>

static const char sql_read_events[] =
    "SELECT e.event_id, e.item_id, t.name, e.occurred_at, e.quantity, e.factor, e.session_id, e.request_id, "
    "e.context_id, e.placement, e.metadata, e.received_at FROM events e LEFT JOIN event_types t "
    "ON t.tenant_id = e.tenant_id AND t.event_type_id = e.event_type_id WHERE e.tenant_id = ? AND e.user_id "
    "= ? ORDER BY e.event_id";
static const char sql_read_profile[] =
    "SELECT name, description, created_at, updated_at FROM entity_embeddings "
    "WHERE tenant_id = ? AND entity_id = ? AND entity_type = 'User'";
static const char sql_read_requests[] =
    "SELECT s.sequence_id, s.request_id, s.endpoint, s.client_id, s.task, s.template, s.context_id, s.input, "
    "s.created_at, d.decision_id, d.recommender, d.model_generation, d.results FROM sequences s "
    "LEFT JOIN decisions d ON d.tenant_id = s.tenant_id AND d.sequence_id = s.sequence_id WHERE s.tenant_id "
    "= ? AND s.user_id = ? AND s.entity_type = 'User' ORDER BY s.sequence_id";
static const char sql_read_shadows[] =
    "SELECT h.decision_id, h.outcome, h.results, h.created_at FROM sequences s "
    "JOIN decisions d ON d.tenant_id = s.tenant_id AND d.sequence_id = s.sequence_id "
    "JOIN shadow_decisions h ON h.tenant_id = d.tenant_id AND h.decision_id = d.decision_id WHERE "
    "s.tenant_id = ? AND s.user_id = ? AND s.entity_type = 'User' ORDER BY h.decision_id";

static const char sql_erase_shadows[] =
    "DELETE h FROM sequences s JOIN decisions d ON d.tenant_id = s.tenant_id "
    "AND d.sequence_id = s.sequence_id JOIN shadow_decisions h ON h.tenant_id = d.tenant_id "
    "AND h.decision_id = d.decision_id WHERE s.tenant_id = ? AND s.user_id = ? "
    "AND s.entity_type = 'User'";
static const char sql_erase_decisions[] =
    "DELETE d FROM sequences s JOIN decisions d ON d.tenant_id = s.tenant_id "
    "AND d.sequence_id = s.sequence_id WHERE s.tenant_id = ? AND s.user_id = ? "
    "AND s.entity_type = 'User'";
static const char sql_erase_requests[] =
    "DELETE FROM sequences WHERE tenant_id = ? AND user_id = ? AND entity_type = 'User'";
static const char sql_erase_profile[] =
    "DELETE FROM entity_embeddings WHERE tenant_id = ? AND entity_id = ? AND entity_type = 'User'";
static const char sql_erase_events[] = "DELETE FROM events WHERE tenant_id = ? AND user_id = ?";
static const char sql_erase_lists[] = "DELETE FROM ranked_lists WHERE tenant_id = ?";
static const char sql_note_erasure[] =
    "INSERT INTO erasures (tenant_id, user_hash, removed) VALUES (?, ?, ?)";

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
    enum statement_id statement;
    const char *sql;
    const struct user_column *columns;
    size_t count;
};

#define COLUMNS(list) (list), sizeof(list) / sizeof((list)[0])
static_assert(sizeof(request_columns) / sizeof(request_columns[0]) <= QUERY_COLUMNS, "the widest row fits");

static bool read_part(struct database *db, struct arena *arena, uint64_t tenant_id, const char *user_id,
                      const struct user_reading *reading, admin_user_visit *visit, void *context,
                      struct error *error)
{
    struct query query;
    struct user_value values[QUERY_COLUMNS];
    if (!query_prepare(&query, db, reading->statement, reading->sql, error))
        return false;
    query_bind_uint64(&query, tenant_id);
    query_bind_text(&query, user_id);
    bool go_on = query_execute_streaming(&query, error);
    while (go_on && query_fetch(&query, error)) {
        for (unsigned i = 0; i < reading->count; i++)
            values[i] = (struct user_value){reading->columns[i].name, reading->columns[i].kind,
                                            query_as_text(&query, i, arena)};
        go_on = visit(context, reading->part, values, reading->count);
        arena_reset(arena);
    }
    query_finish(&query);
    return go_on && error->code == ERROR_NONE;
}

bool admin_user_export(struct database *db, struct arena *arena, uint64_t tenant_id, const char *user_id,
                       admin_user_visit *visit, void *context, struct error *error)
{
    const struct user_reading readings[] = {
        {USER_EVENTS, STATEMENT_USER_READ_EVENTS, sql_read_events, COLUMNS(event_columns)},
        {USER_PROFILE, STATEMENT_USER_READ_PROFILE, sql_read_profile, COLUMNS(profile_columns)},
        {USER_REQUESTS, STATEMENT_USER_READ_REQUESTS, sql_read_requests, COLUMNS(request_columns)},
        {USER_SHADOWS, STATEMENT_USER_READ_SHADOWS, sql_read_shadows, COLUMNS(shadow_columns)}};
    for (size_t i = 0; i < sizeof(readings) / sizeof(readings[0]); i++) {
        if (!read_part(db, arena, tenant_id, user_id, &readings[i], visit, context, error))
            return false;
    }
    return true;
}

/* user_id NULL: the statement has no user. */
static bool erase_part(struct database *db, enum statement_id statement __attribute__((unused)),
                       const char *sql, uint64_t tenant_id, const char *user_id, uint64_t *removed,
                       struct error *error)
{
    struct query query;
    if (!query_prepare(&query, db, statement, sql, error))
        return false;
    query_bind_uint64(&query, tenant_id);
    if (user_id)
        query_bind_text(&query, user_id);
    bool done = query_execute(&query, error);
    *removed = done ? query_affected(&query) : 0;
    query_finish(&query);
    return done;
}

bool admin_user_erase(struct database *db, uint64_t tenant_id, const char *user_id,
                      uint64_t removed[USER_PART__MAX], struct error *error)
{
    uint64_t answers;
    return erase_part(db, STATEMENT_USER_ERASE_SHADOWS, sql_erase_shadows, tenant_id, user_id,
                      &removed[USER_SHADOWS], error) &&
           erase_part(db, STATEMENT_USER_ERASE_DECISIONS, sql_erase_decisions, tenant_id, user_id, &answers,
                      error) &&
           erase_part(db, STATEMENT_USER_ERASE_REQUESTS, sql_erase_requests, tenant_id, user_id,
                      &removed[USER_REQUESTS], error) &&
           erase_part(db, STATEMENT_USER_ERASE_PROFILE, sql_erase_profile, tenant_id, user_id,
                      &removed[USER_PROFILE], error) &&
           erase_part(db, STATEMENT_USER_ERASE_EVENTS, sql_erase_events, tenant_id, user_id,
                      &removed[USER_EVENTS], error) &&
           erase_part(db, STATEMENT_USER_ERASE_LISTS, sql_erase_lists, tenant_id, NULL, &removed[USER_LISTS],
                      error);
}

bool admin_erasure_insert(struct database *db, uint64_t tenant_id, const unsigned char *user_hash,
                          const char *removed, uint64_t *erasure_id, struct error *error)
{
    struct query query;
    if (!query_prepare(&query, db, STATEMENT_ERASURE_INSERT, sql_note_erasure, error))
        return false;
    query_bind_uint64(&query, tenant_id);
    query_bind_bytes(&query, user_hash, 32);
    query_bind_text(&query, removed);
    bool done = query_execute(&query, error);
    *erasure_id = done ? query_insert_id(&query) : 0;
    query_finish(&query);
    return done;
}
