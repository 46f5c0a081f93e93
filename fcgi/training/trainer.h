/* Learns a model from items and events and writes the model file. For the tool only: no serving part may
 * refer to it.
 *
 * Owns copies of all that is added: interned ids and flat arrays. Deterministic: the same items and events
 * in the same order and the same seed give the same file on the same kind of processor, byte for byte,
 * whatever the number of threads. Does not read the database. Not thread safe.
 *
 * Order of calls: create, add_item and add_event, build once, write, destroy. */
#ifndef PALATE_TRAINING_TRAINER_H
#define PALATE_TRAINING_TRAINER_H

#include "engine/item.h"

#include <stdbool.h>
#include <stdint.h>

struct trainer;

/* Asked now and then, from any thread: true when the training is to end early. */
typedef bool trainer_stop(void *context);

/* Microseconds since some moment, never going back. From any thread. */
typedef int64_t trainer_clock(void);

struct trainer_options {
    int64_t now;                 /* Unix seconds: becomes trained_at; later events count as of now */
    uint64_t generation;         /* of the file */
    uint64_t catalogue_revision; /* items are as of this revision */
    uint64_t catalogue_key;      /* of the tenant; 0 without a database */
    unsigned threads;            /* 0: as many as there are processors */
    uint64_t seed;               /* of the held-out part and of samples */
    uint64_t memory;             /* bytes that the process may use; 0: no bound */
    trainer_stop *stop;          /* NULL: never */
    void *stop_context;
};

struct trainer *trainer_create(const struct trainer_options *options)
    __attribute__((nonnull, returns_nonnull, warn_unused_result));

/* NULL is fine. */
void trainer_destroy(struct trainer *trainer);

/* Copies the item. Inactive items and an id that was added before are ignored. */
void trainer_add_item(struct trainer *trainer, const struct engine_item *item) __attribute__((nonnull));

/* weight: > 0 says yes; below 0 it takes back what the user did with the item (training/withdraw.c). These, those of 0
 * and unknown items, which are not added yet, are counted as ignored.
 * occurred_at: Unix seconds. */
void trainer_add_event(struct trainer *trainer, const char *user_id, const char *item_id, float weight,
                       int64_t occurred_at) __attribute__((nonnull));

/* Bytes that the process takes at most for what was added so far, with so many threads. When it is more than
 * options.memory for one thread, events are only counted and no longer kept, and trainer_build() must not be
 * called. Which model comes out does not depend on the memory. */
uint64_t trainer_memory_needed(const struct trainer *trainer, unsigned threads)
    __attribute__((nonnull, warn_unused_result));

/* Called now and then while building: stage is a constant ("choice", "ridge", "vectors" ...), done of total
 * pieces; always from the thread that called trainer_build(). */
typedef void trainer_progress(void *context, const char *stage, uint64_t done, uint64_t total);

/* Computes everything; false when it ended early (options.stop, or the time of a slice is over), and then
 * there is nothing to write. progress may be NULL. How:
 * - users that are no people (base/robot.h) are left out of all of it;
 * - popularity: sum of weights, of each user as much as one purchase at most; recent popularity: the same decayed with half-life 15 days before the
 *   reference, which is the newest event or now, whichever is earlier (a data set that ended long ago still
 *   has a trend);
 * - rows: a blend of co-occurrence scaled by powers of the degrees and of a ridge regression (signed), the
 *   300 strongest of each item; each user counts with at most the 500 newest items;
 * - rows of what came next in users' histories, where order matters; rows by likeness of texts;
 * - a trend factor of each item, from recent against all-time popularity;
 * - text vectors of all items (engine/text_vector.h).
 * Exponents, decays, ridge, trend and blend weights are chosen on a held-out part of the events: the last
 * window where there are times, else each user's last item where there is an order, else a random tenth. With
 * fewer than 100 users to measure, fixed values are used. */
bool trainer_build(struct trainer *trainer, trainer_progress *progress, void *context)
    __attribute__((nonnull(1)));

/* How far a build came that ended early: the stage, how much of it, and how many configurations were tried.
 */
struct trainer_place {
    const char *stage; /* a constant */
    uint64_t done, total, trials;
};
struct trainer_place trainer_place(const struct trainer *trainer) __attribute__((nonnull));

const struct trainer_options *trainer_options(const struct trainer *trainer)
    __attribute__((nonnull, returns_nonnull));

/* How the configuration was chosen, as text for people; "" before build. Valid until the next build. */
const char *trainer_evidence(const struct trainer *trainer) __attribute__((nonnull, returns_nonnull));

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
    uint64_t robots;         /* users left out, whose rate no person has (base/robot.h); after build */
    uint64_t robot_events;   /* theirs */
    uint64_t pairs;          /* stored similarities; after build */
    uint64_t columns;        /* metadata paths; after build */
    uint64_t bytes;          /* of the file; after write */
};
struct trainer_statistics trainer_statistics(const struct trainer *trainer) __attribute__((nonnull));

#endif
