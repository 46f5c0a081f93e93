/* A request that changes items; see catalogue_change.h.
 *
 * The first statement of the transaction takes the tenant's catalogue lock and raises its revision: workers
 * compare that number with theirs in each request, and read what changed since. A random key is
 * noted beside the number. When the connection breaks during COMMIT, the outcome is unknown; whether that key
 * is found under that number tells, and the request is answered truthfully either way.
 *
 * A tenant with a quota has its catalogue counted in the same transaction, which no other writer of it can
 * enter meanwhile. */
#include "api/items/catalogue_change.h"

#include "base/clock.h"
#include "base/random.h"
#include "storage/quotas.h"
#include "storage/transaction.h"

/* Whether the tenant has a quota that a change of items can exceed. */
static bool has_quota(const struct catalogue_change *change)
{
    const char *quotas = change->request->tenant.quotas;
    return quota_of(quotas, QUOTA_ITEMS) || quota_of(quotas, QUOTA_METADATA_BYTES);
}

/* The change, and after it whether the catalogue is still within the tenant's quotas; all of it is undone
 * where it is not. */
static bool change_within_quotas(struct catalogue_change *change, struct error *error)
{
    const struct item_writer *writer = &change->writer;
    uint64_t before[QUOTA__MAX] = {0}, used[QUOTA__MAX];
    if (change->compares && !quotas_measure_catalogue(writer->db, writer->tenant_id, before, error))
        return false;
    return change->body(change, error) &&
           quotas_measure_catalogue(writer->db, writer->tenant_id, used, error) &&
           quotas_allow_catalogue(change->request->tenant.quotas, before, used, error);
}

static bool body(void *context, struct error *error)
{
    struct catalogue_change *change = context;
    random_fill(change->key, sizeof(change->key));
    return catalogue_write_begin(change->writer.db, change->writer.tenant_id, change->key,
                                 &change->writer.revision, error) &&
           (has_quota(change) ? change_within_quotas(change, error) : change->body(change, error));
}

static bool settle(void *context, bool *found, struct error *error)
{
    struct catalogue_change *change = context;
    return catalogue_write_is_committed(change->writer.db, change->writer.tenant_id, change->writer.revision,
                                        change->key, found, error);
}

static bool run_change(struct catalogue_change *change)
{
    change->now = clock_unix();
    change->writer = (struct item_writer){.db = change->worker->db, .tenant_id = change->request->tenant.id};
    struct error *error = &change->request->error;
    if (transaction_run(change->worker->db, body, settle, change, error))
        return true;
    if (error->code != ERROR_QUOTA_EXCEEDED)
        return false;
    /* The catalogue is too large with it, and may have been larger: what makes it smaller is let through. */
    error_clear(error);
    change->compares = true;
    return transaction_run(change->worker->db, body, settle, change, error);
}

bool catalogue_change_run(struct catalogue_change *change)
{
    bool done = run_change(change);
    change->request->items_written = done ? change->request->result_count : 0;
    return done;
}

struct item_write catalogue_change_item(struct catalogue_change *change, const char *id, const char *name,
                                        const char *description, const char *metadata)
{
    return (struct item_write){.id = id,
                               .name = name,
                               .description = description,
                               .metadata = metadata ? metadata : "{}",
                               .active = true,
                               .updated_at = change->now};
}
