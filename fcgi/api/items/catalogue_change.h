/* A request that changes a tenant's items: one transaction, in its order among the tenant's writes, with the
 * outcome of its COMMIT looked up when it is unknown. */
#ifndef PALATE_API_ITEMS_CATALOGUE_CHANGE_H
#define PALATE_API_ITEMS_CATALOGUE_CHANGE_H

#include "request/request.h"
#include "storage/catalogue_writes.h"
#include "storage/items_write.h"

struct catalogue_change {
    struct worker *worker;
    struct request *request;
    /* Does the work and sets request->answer; run again from its start after a lock time-out. */
    bool (*body)(struct catalogue_change *change, struct error *error);
    void *own; /* the endpoint's */

    struct item_writer writer; /* set before body */
    int64_t now;               /* Unix seconds */
    unsigned char key[CATALOGUE_WRITE_KEY_BYTES];
    bool compares; /* own: the catalogue is counted before the change, too */
};

/* True when the change is committed. */
bool catalogue_change_run(struct catalogue_change *change) __attribute__((nonnull, warn_unused_result));

/* One item as a row to write; metadata NULL is an empty object. Texts stay where they are. */
struct item_write catalogue_change_item(struct catalogue_change *change, const char *id, const char *name,
                                        const char *description, const char *metadata)
    __attribute__((nonnull(1, 2, 3, 4)));

#endif
