/* Writes of workers to a tenant's catalogue: their order, and how to find one again.
 *
 * Whoever changes items first raises tenants.catalogue_revision, which locks the tenant's row until COMMIT:
 * so the writes of one tenant come one after the other, cannot deadlock, and become visible in the order of
 * their revisions. */
#ifndef PALATE_STORAGE_CATALOGUE_WRITES_H
#define PALATE_STORAGE_CATALOGUE_WRITES_H

#include "storage/database.h"

enum { CATALOGUE_WRITE_KEY_BYTES = 16 };

/* Waits for other writers of the tenant, raises the revision and notes the key beside it. In a transaction,
 * before anything else. */
bool catalogue_write_begin(struct database *db, uint32_t tenant_id,
                           const unsigned char key[CATALOGUE_WRITE_KEY_BYTES], uint64_t *revision,
                           struct error *error) __attribute__((nonnull, warn_unused_result));

/* Whether the write of that revision and key is committed; waits for a COMMIT still under way. */
bool catalogue_write_is_committed(struct database *db, uint32_t tenant_id, uint64_t revision,
                                  const unsigned char key[CATALOGUE_WRITE_KEY_BYTES], bool *found,
                                  struct error *error) __attribute__((nonnull, warn_unused_result));

#endif
