/* Learns a model from items and events and writes the model file. For the tool only: no serving part may
 * refer to it.
 *
 * Owns copies of all that is added: interned ids and flat arrays. Deterministic: the same items and events
 * in the same order give the same file, byte for byte. Does not read the database. Not thread safe.
 *
 * Order of calls: create, add_item for all items, add_event for all events, build once, write, destroy. */
#ifndef PALATE_ENGINE_TRAINER_H
#define PALATE_ENGINE_TRAINER_H

#include "engine/item.h"

#include <stdint.h>

struct trainer;

struct trainer_options {
    int64_t now;                 /* Unix seconds: becomes trained_at; later events count as of now */
    uint64_t generation;         /* of the file */
    uint64_t catalogue_revision; /* items are as of this revision */
    uint64_t catalogue_key;      /* of the tenant; 0 without a database */
};

struct trainer *trainer_create(const struct trainer_options *options)
    __attribute__((nonnull, returns_nonnull, warn_unused_result));

/* NULL is fine. */
void trainer_destroy(struct trainer *trainer);

/* Copies the item. Inactive items and an id that was added before are ignored. */
void trainer_add_item(struct trainer *trainer, const struct engine_item *item) __attribute__((nonnull));

/* weight: > 0 says yes; others are counted as ignored, as are unknown items. occurred_at: Unix seconds.
 * All calls come after those of trainer_add_item(). */
void trainer_add_event(struct trainer *trainer, const char *user_id, const char *item_id, float weight,
                       int64_t occurred_at) __attribute__((nonnull));

/* Called now and then while building: stage is a constant ("similarities"), done of total steps. */
typedef void trainer_progress(void *context, const char *stage, uint64_t done, uint64_t total);

/* Computes everything. progress may be NULL. How:
 * - time decay of an event: half-life 90 days before the reference, which is the newest event or now,
 *   whichever is earlier (a data set that ended long ago still has a trend);
 * - popularity: sum of weights; recent popularity: the same decayed with half-life 15 days;
 * - similarity: item-to-item cosine of the decayed weights, each user counted with degree^-1/2 and at most
 *   the 500 items newest to them (Sarwar et al. 2001; Deshpande and Karypis 2004), shrunk by
 *   support / (support + 2), at least 2 common users; the best 200 a row;
 * - text vectors of all items (text_vector.h). */
void trainer_build(struct trainer *trainer, trainer_progress *progress, void *context)
    __attribute__((nonnull(1)));

/* Writes the built model: 0 or an errno (EINVAL: not built). Goes to a temporary name in the same folder,
 * mode 0644, then fsync, rename over path, fsync of the folder. On failure nothing is left behind and path is
 * as it was; only if the folder's fsync fails is the new file in place and whole, but may be lost in a power
 * cut. */
int trainer_write(struct trainer *trainer, const char *path) __attribute__((nonnull, warn_unused_result));

struct trainer_statistics {
    uint64_t items;          /* in the model */
    uint64_t users;          /* with at least one event that counts */
    uint64_t events;         /* that count */
    uint64_t ignored_events; /* unknown item, or weight not above 0 */
    uint64_t pairs;          /* stored similarities; after build */
    uint64_t columns;        /* metadata paths; after build */
    uint64_t bytes;          /* of the file; after write */
};
struct trainer_statistics trainer_statistics(const struct trainer *trainer) __attribute__((nonnull));

#endif
