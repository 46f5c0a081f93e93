/* The weights of event types; see event_weights.h. */
#include "storage/event_weights.h"

#include <math.h>

static const char SQL_LIST[] =
    "SELECT event_type_id, weight, is_purchase FROM event_types WHERE tenant_id = ? LIMIT ?";

struct type {
    uint32_t id;
    double weight;
    bool is_purchase;
};

struct kept {
    uint32_t tenant_id; /* 0: nothing is kept */
    uint64_t revision, catalogue_key;
    struct type *types;
    size_t count;
    struct arena *arena; /* of the types */
};

/* One request at a time, so one place for them. */
static struct kept places[WEIGHED_TENANTS];

static struct kept *kept_of(const struct tenant *tenant)
{
    struct kept *kept = &places[tenant->id % WEIGHED_TENANTS];
    if (kept->tenant_id == tenant->id && kept->revision == tenant->catalogue_revision &&
        kept->catalogue_key == tenant->catalogue_key)
        return kept;
    *kept = (struct kept){.tenant_id = tenant->id,
                          .revision = tenant->catalogue_revision,
                          .catalogue_key = tenant->catalogue_key,
                          .arena = kept->arena ? kept->arena : arena_create()};
    return kept;
}

static bool read_types(struct query *query, struct kept *kept, struct error *error)
{
    kept->count = 0;
    arena_reset(kept->arena);
    if (!query_execute(query, error))
        return false;
    kept->types = arena_alloc(kept->arena, LIMIT_EVENT_TYPES, sizeof(*kept->types));
    while (kept->count < LIMIT_EVENT_TYPES && query_fetch(query, error))
        kept->types[kept->count++] = (struct type){.id = (uint32_t)query_uint64(query, 0),
                                                   .weight = (double)query_int64(query, 1),
                                                   .is_purchase = query_int64(query, 2)};
    return error->code == ERROR_NONE;
}

static bool read(struct database *db, struct kept *kept, struct error *error)
{
    struct query query;
    if (!query_prepare(&query, db, STATEMENT_EVENT_TYPE_WEIGHTS, SQL_LIST, error))
        return false;
    query_bind_uint64(&query, kept->tenant_id);
    query_bind_uint64(&query, LIMIT_EVENT_TYPES);
    bool done = read_types(&query, kept, error);
    query_finish(&query);
    if (!done)
        kept->tenant_id = 0;
    return done;
}

static const struct type *find(const struct kept *kept, uint32_t id)
{
    for (size_t i = 0; i < kept->count; i++) {
        if (kept->types[i].id == id)
            return &kept->types[i];
    }
    return NULL;
}

static bool all_are_kept(const struct kept *kept, const struct recent_events *recent)
{
    for (size_t i = 0; i < recent->count; i++) {
        if (!find(kept, recent->rows[i].type_id))
            return false;
    }
    return true;
}

bool event_weights_apply(struct database *db, const struct tenant *tenant, struct recent_events *recent,
                         struct error *error)
{
    struct kept *kept = kept_of(tenant);
    size_t count = 0;
    if (!all_are_kept(kept, recent) && !read(db, kept, error))
        return false;
    for (size_t i = 0; i < recent->count; i++) {
        struct event_row row = recent->rows[i];
        const struct type *type = find(kept, row.type_id);
        if (!type)
            continue;
        row.weight = fmax(-100, fmin(100, type->weight * row.weight));
        row.is_purchase = type->is_purchase;
        recent->rows[count++] = row;
    }
    recent->count = count;
    return true;
}
