/* Which event types and items a tenant has, kept from call to call: most events name what others named
 * before.
 *
 * What is kept holds for one revision of the tenant's catalogue, which every request has just read: each
 * change of an item raises it, and `palate event-type` does so, too. Only what exists is kept; for anything
 * else the database is asked. Owned by the process, for at most KNOWN_TENANTS tenants with KNOWN_ITEMS items
 * each (about 2 MiB a tenant); more begin anew. */
#ifndef PALATE_API_KNOWN_NAMES_H
#define PALATE_API_KNOWN_NAMES_H

#include "storage/clients.h"
#include "storage/events_write.h"

enum { KNOWN_TENANTS = 16, KNOWN_ITEMS = 20000 };

struct known_names;

/* What is kept about the tenant, as of its revision. */
struct known_names *known_names_of(const struct tenant *tenant)
    __attribute__((nonnull, returns_nonnull, warn_unused_result));

/* The type of this name, else of this number; NULL when none is kept. Valid until the next look-up. */
const struct event_type_row *known_names_type(const struct known_names *known, const char *name)
    __attribute__((nonnull, warn_unused_result));

/* Tells for each of the items whether the catalogue has it, inactive or not. Asks the database only for what
 * is not kept; with refresh also for the types. */
bool known_names_look_up(struct known_names *known, struct database *db, struct arena *arena,
                         const char *const *items, size_t count, bool refresh, bool *exist,
                         struct error *error) __attribute__((nonnull, warn_unused_result));

#endif
