/* Storing the events of one call for good: all of them or none, whatever happens to the connection.
 *
 * Where they fit into one statement, that statement is the whole transaction, which saves two trips to the
 * database. Its outcome never stays open: since every event has its key, it is simply run again until it is
 * known. More than that is a transaction of several statements (storage/transaction.h). */
#ifndef PALATE_STORAGE_EVENTS_STORE_H
#define PALATE_STORAGE_EVENTS_STORE_H

#include "storage/events_write.h"

/* See events_insert() for what is filled. When a connection is lost in the middle, events that this very call
 * has stored may be reported as not inserted, since they are found to be there. Deadlocks are tried again.
 * True only when all events are known to be committed. */
bool events_store(struct database *db, struct arena *arena, uint32_t tenant_id, struct new_event *events,
                  size_t count, struct error *error) __attribute__((nonnull, warn_unused_result));

#endif
