/* Before one looks on another node of a cluster what became of a COMMIT. */
#ifndef PALATE_STORAGE_SETTLEMENT_H
#define PALATE_STORAGE_SETTLEMENT_H

#include "storage/database.h"

/* Returns when what the lost node has sent of its last COMMIT can be seen by the next statement of db, and no
 * more of it can come. At once unless the connection has moved to another node of a cluster. */
bool settlement_wait(struct database *db, uint32_t tenant_id, struct error *error)
    __attribute__((nonnull, warn_unused_result));

#endif
