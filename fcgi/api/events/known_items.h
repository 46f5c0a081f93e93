/* Which items a tenant has, kept from call to call: most events name what others named before.
 *
 * What is kept holds for one revision of the tenant's catalogue, which every request has just read and which
 * each change of an item raises. Only what exists is kept; anything else is looked for in the database. Owned
 * by the process, for at most KNOWN_TENANTS tenants with KNOWN_ITEMS items each (about 2 MiB a tenant); a
 * tenant with more starts over with none. */
#ifndef PALATE_API_EVENTS_KNOWN_ITEMS_H
#define PALATE_API_EVENTS_KNOWN_ITEMS_H

#include "storage/clients.h"

enum { KNOWN_TENANTS = 16, KNOWN_ITEMS = 20000 };

/* Sets for each of the items whether the catalogue has it, inactive or not; "" is no item. Where it has none of
 * the id as it is but one without a prefix of the first clients (base/id_prefix.h), the id in items becomes
 * that one, a part of the same text. Reads from the database only what is not kept, in one query. */
bool known_items_look_up(struct database *db, struct arena *arena, const struct tenant *tenant,
                         const char **items, size_t count, bool *exist, struct error *error)
    __attribute__((nonnull, warn_unused_result));

#endif
