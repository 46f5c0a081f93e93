/* Quotas; see quotas.h.
 *
 * Counters that are kept beside what they count drift, by a worker of another version or a hand in the
 * database. So nothing is kept: what is there is counted when it matters, which is when something is written,
 * and only for tenants that have a quota. The catalogue is counted by an index of its own, a few dozen bytes an
 * item; what a quota allows is also what a count can cost at most. */
#include "storage/quotas.h"

#include "base/json_write.h"
#include "storage/query.h"

#include <inttypes.h>
#include <string.h>

static const struct statement COUNT_CATALOGUE = {
    "SELECT COUNT(*), CAST(COALESCE(SUM(metadata_bytes), 0) AS INTEGER)"
    " FROM items FORCE INDEX (items_by_size) WHERE tenant_id = ? AND deleted = FALSE"};

static const struct statement COUNT_OTHERS = {
    "SELECT (SELECT COUNT(*) FROM event_types WHERE tenant_id = ?),"
    " (SELECT COUNT(*) FROM contexts WHERE tenant_id = ?),"
    " (SELECT COUNT(*) FROM ranked_lists WHERE tenant_id = ? AND expires_at > ?)"};

static const struct statement LIST_LIMITED = {
    "SELECT tenant_id, tenant_key, quotas FROM tenants WHERE quotas IS NOT NULL ORDER BY tenant_id LIMIT ?"};

static const struct statement SET_QUOTAS = {"UPDATE tenants SET quotas = ? WHERE tenant_id = ?"};

const char *quota_name(enum quota quota)
{
    static const char *const names[QUOTA__MAX] = {[QUOTA_ITEMS] = "items",
                                                  [QUOTA_METADATA_BYTES] = "metadata_bytes",
                                                  [QUOTA_EVENT_TYPES] = "event_types",
                                                  [QUOTA_CONTEXTS] = "contexts",
                                                  [QUOTA_LISTS] = "lists"};
    return names[quota];
}

const char *quota_words(enum quota quota)
{
    static const char *const words[QUOTA__MAX] = {[QUOTA_ITEMS] = "items",
                                                  [QUOTA_METADATA_BYTES] = "bytes of metadata",
                                                  [QUOTA_EVENT_TYPES] = "event types",
                                                  [QUOTA_CONTEXTS] = "contexts",
                                                  [QUOTA_LISTS] = "lists kept for later pages"};
    return words[quota];
}

uint64_t quota_of(const char *quotas, enum quota quota)
{
    struct json_object *json;
    const char *problem;
    if (!quotas || !json_parse(quotas, strlen(quotas), &json, &problem))
        return 0;
    int64_t most = json_object_get_int64(json_member(json, quota_name(quota)));
    json_object_put(json);
    return most > 0 ? (uint64_t)most : 0;
}

bool quota_refuse(enum quota quota, uint64_t most, uint64_t amount, struct error *error)
{
    return error_set(error, ERROR_QUOTA_EXCEEDED,
                     "This tenant may have %" PRIu64 " %s, and with this would have %" PRIu64, most,
                     quota_words(quota), amount);
}

bool quotas_measure_catalogue(struct database *db, uint32_t tenant_id, uint64_t used[QUOTA__MAX],
                              struct error *error)
{
    struct query query;
    if (query_find(&query, db, &COUNT_CATALOGUE, error, tenant_id)) {
        used[QUOTA_ITEMS] = query_uint64(&query, 0);
        used[QUOTA_METADATA_BYTES] = query_uint64(&query, 1);
    }
    return error->code == ERROR_NONE;
}

bool quotas_allow_catalogue(const char *quotas, const uint64_t before[QUOTA__MAX],
                            const uint64_t used[QUOTA__MAX], struct error *error)
{
    static const enum quota counted[] = {QUOTA_ITEMS, QUOTA_METADATA_BYTES};
    for (size_t i = 0; i < sizeof(counted) / sizeof(counted[0]); i++) {
        uint64_t most = quota_of(quotas, counted[i]), amount = used[counted[i]];
        if (most && amount > most && amount > before[counted[i]])
            return quota_refuse(counted[i], most, amount, error);
    }
    return true;
}

bool quotas_measure(struct database *db, uint32_t tenant_id, int64_t now, uint64_t used[QUOTA__MAX],
                    struct error *error)
{
    struct query query;
    if (!quotas_measure_catalogue(db, tenant_id, used, error))
        return false;
    if (query_find(&query, db, &COUNT_OTHERS, error, tenant_id, tenant_id, tenant_id, now)) {
        used[QUOTA_EVENT_TYPES] = query_uint64(&query, 0);
        used[QUOTA_CONTEXTS] = query_uint64(&query, 1);
        used[QUOTA_LISTS] = query_uint64(&query, 2);
    }
    return error->code == ERROR_NONE;
}

bool quotas_list_tenants(struct database *db, struct arena *arena, struct limited_tenant **tenants,
                         size_t *count, struct error *error)
{
    struct query query;
    *count = 0;
    *tenants = arena_alloc(arena, QUOTAS_TENANTS, sizeof(**tenants));
    if (!query_run(&query, db, &LIST_LIMITED, error, (uint64_t)QUOTAS_TENANTS))
        return false;
    while (*count < QUOTAS_TENANTS && query_fetch(&query)) {
        struct limited_tenant *tenant = &(*tenants)[(*count)++];
        tenant->id = (uint32_t)query_uint64(&query, 0);
        tenant->key = query_text(&query, 1, arena);
        tenant->quotas = query_text(&query, 2, arena);
    }
    return error->code == ERROR_NONE;
}

bool admin_quotas_store(struct database *db, struct arena *arena, uint32_t tenant_id,
                        const uint64_t most[QUOTA__MAX], struct error *error)
{
    struct json_writer *out = json_writer_create(arena);
    bool any = false;
    json_writer_object(out, NULL);
    for (int quota = 0; quota < QUOTA__MAX; quota++) {
        if (!most[quota])
            continue;
        json_writer_integer(out, quota_name((enum quota)quota), (int64_t)most[quota]);
        any = true;
    }
    json_writer_end(out);
    const char *text = any ? json_writer_result(out) : NULL;
    return database_execute(db, &SET_QUOTAS, error, text, tenant_id);
}
