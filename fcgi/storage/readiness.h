/* Whether the database is there and has a schema that this worker can work with; for load balancers. */
#ifndef PALATE_STORAGE_READINESS_H
#define PALATE_STORAGE_READINESS_H

#include "storage/database.h"

/* The newest schema file that has been applied; 0: none. */
bool readiness_read_schema(struct database *db, unsigned *version, struct error *error)
    __attribute__((nonnull, warn_unused_result));

/* The newest that this worker was built with. Schemas only grow, so any from it on will do. */
unsigned readiness_needed_schema(void) __attribute__((const, warn_unused_result));

#endif
