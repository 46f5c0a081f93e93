/* What the types of a tenant's events weigh, kept from request to request: to join them to each user's events
 * would cost MariaDB a fifth of the reading.
 *
 * What is kept holds for one revision of the tenant's catalogue, which every request has just read and which
 * `palate event-type` raises. A type that is not kept is asked for, since adding one raises nothing. Owned by
 * the process, for at most WEIGHED_TENANTS tenants; more begin anew. */
#ifndef PALATE_STORAGE_EVENT_WEIGHTS_H
#define PALATE_STORAGE_EVENT_WEIGHTS_H

#include "storage/clients.h"

enum { WEIGHED_TENANTS = 16 };

/* Multiplies the weight of each row, until then the event's own factor, with its type's, to -100 to 100, and
 * says whether it is a purchase. Rows whose type is gone are dropped. */
bool event_weights_apply(struct database *db, const struct tenant *tenant, struct recent_events *recent,
                         struct error *error) __attribute__((nonnull, warn_unused_result));

#endif
