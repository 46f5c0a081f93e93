/* A tenant's kinds of events; see event_types.h.
 *
 * One place a tenant, chosen by its number: tenants that share a place take it from each other, which costs
 * one more read and never a wrong answer, because a place is used only for the tenant and revision whose it
 * is. A tenant has a few dozen types at most, so each look-up walks the list. To join the types to each
 * user's events in SQL instead would cost MariaDB a fifth of the reading. */
#include "storage/event_types.h"

#include "base/text.h"
#include "storage/query.h"
#include "storage/quotas.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

static const struct statement READ_TYPES = {
    "SELECT event_type_id, name, weight, is_purchase FROM event_types WHERE tenant_id = ? LIMIT ?"};

/* IGNORE: of two workers that take the same free number in the same moment, the second one adds nothing. */
static const struct statement ADD_TYPE = {
    "INSERT IGNORE INTO event_types (tenant_id, event_type_id, name, weight, is_purchase)"
    " SELECT ?, 1 + COALESCE(MAX(event_type_id), 0), ?, ?, FALSE FROM event_types WHERE tenant_id = ?"
    " HAVING COUNT(*) < ?"};

struct kept {
    uint32_t tenant_id; /* 0: nothing is kept */
    uint64_t revision, catalogue_key;
    struct event_type *types;
    size_t count;
    struct arena *arena; /* of the types */
};

enum { PLACE_BYTES = 1024 }; /* at first: a dozen types */

/* One request at a time, so one place for them. */
static struct kept places[EVENT_TYPE_TENANTS];

/* The tenant's place, empty where it held another tenant or another revision. */
static struct kept *find_place(const struct tenant *tenant)
{
    struct kept *kept = &places[tenant->id % EVENT_TYPE_TENANTS];
    if (kept->arena && kept->tenant_id == tenant->id && kept->revision == tenant->catalogue_revision &&
        kept->catalogue_key == tenant->catalogue_key)
        return kept;
    *kept = (struct kept){.tenant_id = tenant->id,
                          .revision = tenant->catalogue_revision,
                          .catalogue_key = tenant->catalogue_key,
                          .arena = kept->arena ? kept->arena : arena_create_small(PLACE_BYTES)};
    return kept;
}

static const struct event_type *find_number(const struct kept *kept, int64_t id)
{
    for (size_t i = 0; i < kept->count; i++) {
        if (kept->types[i].id == id)
            return &kept->types[i];
    }
    return NULL;
}

const struct event_type *event_types_kept(const struct tenant *tenant, const char *name)
{
    const struct kept *kept = find_place(tenant);
    int64_t number;
    for (size_t i = 0; i < kept->count; i++) {
        if (!strcmp(kept->types[i].name, name))
            return &kept->types[i];
    }
    bool is_digits = *name && *name != '0' && !name[strspn(name, "0123456789")];
    return is_digits && text_to_int64(name, &number) ? find_number(kept, number) : NULL;
}

enum event_kind event_kind_of(const char *name, double weight, bool is_purchase)
{
    return is_purchase                                   ? EVENT_PURCHASE
           : !strcmp(name, "impression") || weight == 0  ? EVENT_SILENT
           : weight > ACCEPTED_TYPE_WEIGHT || weight < 0 ? EVENT_STRONG
                                                         : EVENT_LIGHT;
}

const char *event_types_of_kind(const struct tenant *tenant, enum event_kind kind, struct arena *arena)
{
    const struct kept *kept = find_place(tenant);
    const char *list = "";
    for (size_t i = 0; i < kept->count; i++) {
        if (kept->types[i].kind == kind)
            list = arena_format(arena, "%s%s%" PRIu32, list, *list ? "," : "", kept->types[i].id);
    }
    return list;
}

bool event_types_read(struct database *db, const struct tenant *tenant, struct error *error)
{
    static struct event_type found[LIMIT_EVENT_TYPES]; /* before it is known how many there are */
    struct kept *kept = find_place(tenant);
    struct query query;
    size_t count = 0;
    kept->count = 0;
    arena_reset(kept->arena);
    if (!query_run(&query, db, &READ_TYPES, error, tenant->id, LIMIT_EVENT_TYPES))
        return false;
    while (count < LIMIT_EVENT_TYPES && query_fetch(&query))
        found[count++] = (struct event_type){.id = query_uint32(&query, 0),
                                             .name = query_text(&query, 1, kept->arena),
                                             .weight = (double)query_int64(&query, 2),
                                             .is_purchase = query_bool(&query, 3)};
    for (size_t i = 0; i < count; i++)
        found[i].kind = event_kind_of(found[i].name, found[i].weight, found[i].is_purchase);
    if (error->code != ERROR_NONE)
        return false; /* half a list would make types unknown that are not */
    kept->types = arena_alloc(kept->arena, count + 1, sizeof(*kept->types));
    memcpy(kept->types, found, count * sizeof(*kept->types));
    kept->count = count;
    return true;
}

bool event_types_find(struct database *db, const struct tenant *tenant, const char *name,
                      const struct event_type **type, struct error *error)
{
    *type = event_types_kept(tenant, name);
    if (*type)
        return true;
    if (!event_types_read(db, tenant, error))
        return false;
    *type = event_types_kept(tenant, name);
    return true;
}

size_t event_types_count(const struct tenant *tenant)
{
    return find_place(tenant)->count;
}

bool event_types_add(struct database *db, const struct tenant *tenant, const char *name, struct error *error)
{
    const uint64_t quota = quota_of(tenant->quotas, QUOTA_EVENT_TYPES);
    const uint64_t most = quota && quota < LIMIT_EVENT_TYPES ? quota : LIMIT_EVENT_TYPES;
    return database_execute(db, &ADD_TYPE, error, tenant->id, name, ACCEPTED_TYPE_WEIGHT, tenant->id, most);
}

static bool all_are_kept(const struct kept *kept, const struct recent_events *recent)
{
    for (size_t i = 0; i < recent->count; i++) {
        if (!find_number(kept, recent->rows[i].type_id))
            return false;
    }
    return true;
}

bool event_types_weigh(struct database *db, const struct tenant *tenant, struct recent_events *recent,
                       struct error *error)
{
    const struct kept *kept = find_place(tenant);
    size_t count = 0;
    if (!all_are_kept(kept, recent) && !event_types_read(db, tenant, error))
        return false;
    for (size_t i = 0; i < recent->count; i++) {
        struct event_row row = recent->rows[i];
        const struct event_type *type = find_number(kept, row.type_id);
        if (!type)
            continue;
        row.weight = fmax(-100, fmin(100, type->weight * row.weight));
        row.is_purchase = type->is_purchase;
        row.is_touch = type->kind != EVENT_SILENT;
        recent->rows[count++] = row;
    }
    recent->count = count;
    return true;
}

/* ---- For the tool */

static const struct statement INSERT_TYPE = {
    "INSERT INTO event_types (tenant_id, event_type_id, name, weight, is_purchase) VALUES (?, ?, ?, ?, ?)"};

static const struct statement STORE_TYPE = {
    "INSERT INTO event_types (tenant_id, event_type_id, name, weight, is_purchase) VALUES (?, ?, ?, ?, ?)"
    " ON DUPLICATE KEY UPDATE weight = VALUES(weight), is_purchase = VALUES(is_purchase)"};

static const struct statement DELETE_TYPE = {"DELETE FROM event_types WHERE tenant_id = ? AND name = ?"};

static const struct statement LIST_TYPES = {"SELECT event_type_id, name, weight, is_purchase"
                                            " FROM event_types WHERE tenant_id = ? ORDER BY event_type_id"};

bool admin_event_type_insert(struct database *db, uint32_t tenant_id, const struct admin_event_type *type,
                             struct error *error)
{
    return database_execute(db, &INSERT_TYPE, error, tenant_id, type->id, type->name, type->weight,
                            type->is_purchase);
}

bool admin_event_type_store(struct database *db, uint32_t tenant_id, const struct admin_event_type *type,
                            struct error *error)
{
    return database_execute(db, &STORE_TYPE, error, tenant_id, type->id, type->name, type->weight,
                            type->is_purchase);
}

bool admin_event_type_delete(struct database *db, uint32_t tenant_id, const char *name, bool *deleted,
                             struct error *error)
{
    struct query query;
    bool done = query_run(&query, db, &DELETE_TYPE, error, tenant_id, name);
    *deleted = done && query_affected(&query) > 0;
    return done;
}

bool admin_event_type_list(struct database *db, struct arena *arena, uint32_t tenant_id,
                           struct admin_event_type **types, size_t *count, struct error *error)
{
    struct query query;
    *count = 0;
    if (!query_run(&query, db, &LIST_TYPES, error, tenant_id))
        return false;
    *types = arena_alloc(arena, query_row_count(&query) + 1, sizeof(**types));
    while (query_fetch(&query)) {
        (*types)[(*count)++] = (struct admin_event_type){.id = query_uint64(&query, 0),
                                                         .name = query_text(&query, 1, arena),
                                                         .weight = (int)query_int64(&query, 2),
                                                         .is_purchase = query_bool(&query, 3)};
    }
    return error->code == ERROR_NONE;
}
