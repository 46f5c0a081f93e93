/* Which items a tenant has; see known_items.h.
 *
 * The same item is named by thousands of events, and whether it exists changes only with the catalogue's
 * revision. So the ids that were found are interned once, and an event about one of them costs a hash instead
 * of a round trip. Ids that were not found are never kept: a stream of wrong ids must not fill the memory. For
 * the same reason an id with a prefix is read again each time, along with what it may stand for: that nothing
 * has it as it is must be known before the prefix is looked past. */
#include "api/events/known_items.h"

#include "base/id_prefix.h"
#include "engine/intern.h"
#include "storage/events_write.h"

#include <string.h>

struct known_items {
    uint32_t tenant_id; /* 0: nothing is kept */
    uint64_t revision, catalogue_key;
    struct intern *items;
};

/* One request at a time, so one place for it. */
static struct known_items kept[KNOWN_TENANTS];

/* What is kept about the tenant, as of its revision. */
static struct intern *find_known(const struct tenant *tenant)
{
    struct known_items *known = &kept[tenant->id % KNOWN_TENANTS];
    if (known->items && known->tenant_id == tenant->id && known->revision == tenant->catalogue_revision &&
        known->catalogue_key == tenant->catalogue_key && intern_count(known->items) < KNOWN_ITEMS)
        return known->items;
    intern_destroy(known->items);
    *known = (struct known_items){.tenant_id = tenant->id,
                                  .revision = tenant->catalogue_revision,
                                  .catalogue_key = tenant->catalogue_key,
                                  .items = intern_create()};
    return known->items;
}

bool known_items_look_up(struct database *db, struct arena *arena, const struct tenant *tenant,
                         const char **items, size_t count, bool *exist, struct error *error)
{
    struct intern *known = find_known(tenant);
    const size_t room = count * ID_CANDIDATES + 1;
    const char **missing = arena_alloc(arena, room, sizeof(*missing));
    size_t *places = arena_alloc(arena, room, sizeof(*places)), missing_count = 0;
    bool *found = arena_alloc(arena, room, sizeof(*found));
    uint32_t number;
    for (size_t i = 0; i < count; i++) {
        exist[i] = intern_find(known, items[i], strlen(items[i]), &number);
        if (exist[i] || !*items[i])
            continue;
        size_t end = missing_count + id_candidates(ID_OF_ITEM, items[i], missing + missing_count);
        while (missing_count < end)
            places[missing_count++] = i;
    }
    if (missing_count && !events_find_items(db, arena, tenant->id, missing, missing_count, found, error))
        return false;
    for (size_t i = 0; i < missing_count; i++) {
        if (!found[i])
            continue;
        intern_add(known, missing[i]);
        /* The likeliest candidate stands first. */
        items[places[i]] = exist[places[i]] ? items[places[i]] : missing[i];
        exist[places[i]] = true;
    }
    return true;
}
