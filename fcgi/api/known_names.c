/* Which event types and items a tenant has; see known_names.h. */
#include "api/known_names.h"

#include "base/text.h"
#include "engine/intern.h"

#include <string.h>

struct known_names {
    uint32_t tenant_id; /* 0: nothing is kept */
    uint64_t revision, catalogue_key;
    struct intern *items;
    struct arena *arena; /* of the types */
    struct event_type_row *types;
    size_t type_count;
};

/* One request at a time, so one place for it. */
static struct known_names kept[KNOWN_TENANTS];

struct known_names *known_names_of(const struct tenant *tenant)
{
    struct known_names *known = &kept[tenant->id % KNOWN_TENANTS];
    if (known->items && known->tenant_id == tenant->id && known->revision == tenant->catalogue_revision &&
        known->catalogue_key == tenant->catalogue_key && intern_count(known->items) < KNOWN_ITEMS)
        return known;
    intern_destroy(known->items);
    if (known->arena)
        arena_reset(known->arena);
    *known = (struct known_names){.tenant_id = tenant->id,
                                  .revision = tenant->catalogue_revision,
                                  .catalogue_key = tenant->catalogue_key,
                                  .items = intern_create(),
                                  .arena = known->arena ? known->arena : arena_create()};
    return known;
}

static bool is_digits(const char *text)
{
    return *text && *text != '0' && !text[strspn(text, "0123456789")];
}

const struct event_type_row *known_names_type(const struct known_names *known, const char *name)
{
    int64_t number;
    for (size_t i = 0; i < known->type_count; i++) {
        if (!strcmp(known->types[i].name, name))
            return &known->types[i];
    }
    if (!is_digits(name) || !text_to_int64(name, &number))
        return NULL;
    for (size_t i = 0; i < known->type_count; i++) {
        if (known->types[i].id == number)
            return &known->types[i];
    }
    return NULL;
}

static void keep_types(struct known_names *known, const struct event_names *names)
{
    arena_reset(known->arena);
    known->type_count = names->type_count;
    known->types = arena_alloc(known->arena, names->type_count + 1, sizeof(*known->types));
    for (size_t i = 0; i < names->type_count; i++)
        known->types[i] = (struct event_type_row){
            .id = names->types[i].id, .name = arena_copy_text(known->arena, names->types[i].name)};
}

bool known_names_look_up(struct known_names *known, struct database *db, struct arena *arena,
                         const char *const *items, size_t count, bool refresh, bool *exist,
                         struct error *error)
{
    const char **missing = arena_alloc(arena, count + 1, sizeof(*missing));
    size_t *places = arena_alloc(arena, count + 1, sizeof(*places)), missing_count = 0;
    struct event_names names;
    uint32_t number;
    for (size_t i = 0; i < count; i++) {
        exist[i] = intern_find(known->items, items[i], strlen(items[i]), &number);
        if (exist[i] || !*items[i])
            continue;
        places[missing_count] = i;
        missing[missing_count++] = items[i];
    }
    if (!missing_count && !refresh)
        return true;
    if (!events_read_names(db, arena, known->tenant_id, missing, missing_count, &names, error))
        return false;
    keep_types(known, &names);
    for (size_t i = 0; i < missing_count; i++) {
        exist[places[i]] = names.items[i];
        if (names.items[i])
            intern_add(known->items, missing[i]);
    }
    return true;
}
