/* A catalogue's own level, above model and delta, as catalogue.c keeps it and catalogue_item.c reads it;
 * private to these two. */
#ifndef PALATE_ENGINE_CATALOGUE_INTERNAL_H
#define PALATE_ENGINE_CATALOGUE_INTERNAL_H

#include "base/hash.h"
#include "engine/delta_internal.h"
#include "engine/intern.h"
#include "engine/item.h"

/* One heap block: the struct, then fields, then all texts. */
struct content {
    struct engine_item item;
    size_t bytes;
    uint32_t document;                   /* of its words in live_words; 0: inactive, it has none there */
    float vector[ENGINE_VECTOR_SIZE];    /* of its text */
    float embedding[ENGINE_VECTOR_SIZE]; /* where its text lies among the learned vectors */
    struct engine_field fields[];
};

struct entry {
    uint32_t index;
    bool has_popularity; /* all_time and recent override those of the levels below */
    float all_time;
    float recent;
    struct content *content; /* NULL: as the levels below have it */
};

struct catalogue {
    const struct model *model; /* NULL: none */
    const struct delta *delta; /* the same */
    uint32_t model_count;
    uint32_t below_count; /* items that model and delta have */
    uint32_t change_count;
    struct intern *added_ids; /* number n is item below_count + n; NULL: none was added */
    struct entry **added;     /* by that number */
    size_t added_capacity;
    uint64_t *touched;         /* bitmap over the items below: has an entry; NULL: none has */
    uint64_t *changed;         /* the same: its entry has content; a search looks at it for each posting */
    struct hash_map overrides; /* their entries' addresses by index */
    size_t content_bytes;
    struct live_words *words;      /* of the contents of active items */
    bool has_own_popularity;       /* of any item, also of the delta's */
    struct catalogue_rooms *rooms; /* change though the catalogue does not */
    bool owns_rooms;
};

/* The entry of an item, NULL when all of it is as the levels below have it. */
__attribute__((nonnull)) static inline struct entry *catalogue_entry(const struct catalogue *catalogue,
                                                                     uint32_t index)
{
    if (index >= catalogue->below_count)
        return catalogue->added[index - catalogue->below_count];
    if (!catalogue->touched || !(catalogue->touched[index / 64] >> index % 64 & 1))
        return NULL;
    return (struct entry *)(uintptr_t)hash_map_get(&catalogue->overrides, index);
}

/* The number of an item in the delta, UINT32_MAX when it is not there. */
__attribute__((nonnull)) static inline uint32_t catalogue_delta_number(const struct catalogue *catalogue,
                                                                       uint32_t index)
{
    return catalogue->delta && index < catalogue->below_count ? delta_number_of(catalogue->delta, index)
                                                              : UINT32_MAX;
}

#endif
