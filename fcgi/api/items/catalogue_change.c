/* A request that changes items; see catalogue_change.h.
 *
 * The first statement of the transaction takes the tenant's catalogue lock and raises its revision: workers
 * compare that number with theirs in each request, and read what changed since. A random key is
 * noted beside the number. When the connection breaks during COMMIT, the outcome is unknown; whether that key
 * is found under that number tells, and the request is answered truthfully either way. */
#include "api/items/catalogue_change.h"

#include "base/clock.h"
#include "base/json.h"
#include "base/random.h"
#include "storage/transaction.h"

static bool body(void *context, struct error *error)
{
    struct catalogue_change *change = context;
    random_fill(change->key, sizeof(change->key));
    return catalogue_write_begin(change->writer.db, change->writer.tenant_id, change->key,
                                 &change->writer.revision, error) &&
           change->body(change, error);
}

static bool settle(void *context, bool *found, struct error *error)
{
    struct catalogue_change *change = context;
    return catalogue_write_is_committed(change->writer.db, change->writer.tenant_id, change->writer.revision,
                                        change->key, found, error);
}

bool catalogue_change_run(struct catalogue_change *change)
{
    change->now = clock_unix();
    change->writer = (struct item_writer){.db = change->worker->db, .tenant_id = change->request->tenant.id};
    return transaction_run(change->worker->db, body, settle, change, &change->request->error);
}

struct item_write catalogue_change_item(struct catalogue_change *change, const char *id, const char *name,
                                        const char *description, struct json_object *metadata)
{
    return (struct item_write){.id = id,
                               .name = name,
                               .description = description,
                               .metadata = metadata ? json_text(metadata) : "{}",
                               .active = true,
                               .updated_at = change->now};
}
