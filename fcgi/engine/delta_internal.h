/* The mapped delta as delta.c leaves it, for the sources of the catalogue, which read it in place of their own
 * entries. */
#ifndef PALATE_ENGINE_DELTA_INTERNAL_H
#define PALATE_ENGINE_DELTA_INTERNAL_H

#include "engine/delta_format.h"
#include "engine/word_index.h"

#include <sys/types.h>
#include <time.h>

struct delta {
    struct delta_header header;
    const unsigned char *bytes; /* the mapping, header.total_bytes long */
    dev_t device;               /* which file it is, for delta_is_current() */
    ino_t inode;
    struct timespec modified;
    /* The sections; sizes were checked when opening. */
    const struct delta_item *items;
    uint32_t item_count; /* overrides and added */
    const struct delta_marks *marks;
    const uint32_t *id_slots;
    uint64_t id_slot_count; /* 0 or a power of two */
    const struct delta_field *fields;
    uint64_t field_count;
    const float *vectors;
    const float *embeddings;
    struct word_index words;
};

/* "" for a bad offset. */
const char *delta_text(const struct delta *delta, uint64_t offset) __attribute__((nonnull, returns_nonnull));

/* Finds an added item: *number is its place among the items. */
bool delta_find_added(const struct delta *delta, const char *id, size_t length, uint32_t *number)
    __attribute__((nonnull, warn_unused_result));

/* Where an id's search begins, from its bytes and the file's key. */
uint64_t delta_hash_id(uint64_t key, const char *id, size_t length) __attribute__((nonnull, pure));

/* The fields of an item that are inside the section: none where they are not. */
const struct delta_field *delta_item_fields(const struct delta *delta, const struct delta_item *item,
                                            size_t *count) __attribute__((nonnull, returns_nonnull));

/* Is the content of an item of the model here? index must be below model_items. */
__attribute__((nonnull, pure)) static inline bool delta_has_changed(const struct delta *delta, uint32_t index)
{
    return delta->marks[index / 64].changed >> index % 64 & 1;
}

/* The number of the item with this index, which must be below model_items and the added ones; UINT32_MAX when
 * it is not here. */
__attribute__((nonnull, pure)) static inline uint32_t delta_number_of(const struct delta *delta,
                                                                      uint32_t index)
{
    if (index >= delta->header.model_items)
        return delta->header.override_count + (index - delta->header.model_items);
    const struct delta_marks *marks = &delta->marks[index / 64];
    if (!(marks->present >> index % 64 & 1))
        return UINT32_MAX;
    uint64_t below = marks->present & ((UINT64_C(1) << index % 64) - 1);
    uint64_t number = marks->before + (uint64_t)__builtin_popcountll(below);
    return number < delta->header.override_count ? (uint32_t)number : UINT32_MAX;
}

#endif
