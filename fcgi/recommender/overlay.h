/* What changed in one tenant's catalogue since its model, as a worker holds it: a delta file, which all workers of
 * the machine share (engine/delta.h), and on the heap what changed since that.
 *
 * This is where delta files are chosen, refused, written and removed; which tenants are kept, and what is read
 * from the database for them, is catalogues.h. Owns catalogue and delta; the model is the caller's. Not thread
 * safe. */
#ifndef PALATE_RECOMMENDER_OVERLAY_H
#define PALATE_RECOMMENDER_OVERLAY_H

#include "engine/catalogue.h"
#include "engine/delta.h"
#include "storage/clients.h"
#include "storage/items.h"

#include <sys/types.h>
#include <time.h>

/* Where this machine's deltas are: beside its state file. One for each worker. */
struct delta_folder {
    const char *state_file; /* "": there are none */
    uint64_t boot;          /* delta_boot(); 0: the same */
    int64_t retry_at;       /* Unix seconds: after a failure nothing is written before */
    bool is_tidied;         /* what crashed processes left was looked for */
};

/* Whose overlay it is, and of what; made for each call. */
struct overlay_owner {
    struct delta_folder *folder;
    const struct tenant *tenant;
    const struct model *model; /* NULL: none */
    enum delta_kind kind;
    struct catalogue_rooms *rooms;
};

struct overlay {
    struct catalogue *catalogue; /* NULL: not begun */
    struct delta *delta;         /* below its heap; NULL: none */
    uint64_t revision;           /* changes up to it are in the catalogue */
    bool is_full;                /* new items beyond the limit were left out */
    int64_t popularity_read_at;  /* Unix seconds; 0: never */
    uint32_t rows;               /* read since the delta */
    bool is_spilled; /* the delta is this worker's alone, since its heap was too small for a reading */
    ino_t seen;      /* inode and ctime of the delta file when it was last looked into; 0: never */
    struct timespec seen_changed;
};

/* Path of a tenant's delta file; false when it does not fit or there is no state file. */
bool overlay_path(const char *state_file, enum delta_kind kind, uint32_t tenant_id, char *path, size_t size)
    __attribute__((nonnull, warn_unused_result));

/* Begins as the model has it, or empty, without a delta. What there was is released. */
void overlay_begin(struct overlay *overlay, const struct overlay_owner *owner) __attribute__((nonnull));
void overlay_release(struct overlay *overlay) __attribute__((nonnull));

/* Takes the delta file when it has more than the overlay and no revision above `now`, the tenant's. One that cannot
 * be used and is not new is removed; another user's is left alone. OVERLAY_AHEAD: it knows revisions that the tenant has not; either the
 * tenant was read before they came, or it is to be removed, since a backup was put back. */
enum overlay_found { OVERLAY_NOTHING, OVERLAY_TAKEN, OVERLAY_AHEAD };
enum overlay_found overlay_look(struct overlay *overlay, const struct overlay_owner *owner, uint64_t now)
    __attribute__((nonnull, warn_unused_result));
void overlay_remove_file(const struct overlay_owner *owner) __attribute__((nonnull));

/* Applies rows of the database, each at most once a reading: begin_reading, overlay_apply() as items_visit,
 * end_reading with the revision that was read up to. When the heap gets too large on the way, it goes into a file
 * that only this worker has. After a reading that failed the overlay has a part of it: begin anew. */
struct overlay_reading {
    struct overlay *overlay;
    const struct overlay_owner *owner;
    uint64_t revision; /* of the last row */
    bool is_full;
};
/* context: a struct overlay_reading. */
void overlay_apply(void *context, struct arena *scratch, const struct item_row *row) __attribute__((nonnull));
void overlay_end_reading(const struct overlay_reading *reading, uint64_t revision) __attribute__((nonnull));

/* Heap bytes. */
size_t overlay_bytes(const struct overlay *overlay) __attribute__((nonnull));

/* Can deltas be written now? False without a state file, and for a minute after a failure. */
bool overlay_can_write(const struct overlay_owner *owner) __attribute__((nonnull));

/* Has it so much on its heap that the next delta is due? False where none can be written. */
bool overlay_is_due(const struct overlay *overlay, const struct overlay_owner *owner)
    __attribute__((nonnull));

/* The right to write the tenant's delta, which no other process of the machine has meanwhile; released by close(2).
 * -1: another one has it, or nothing can be written now. */
int overlay_lock(const struct overlay_owner *owner) __attribute__((nonnull, warn_unused_result));

/* Writes all of it as the tenant's delta, with the lock, and goes on from it with an empty heap. A failure is
 * logged, and nothing is written for a minute. */
void overlay_write(struct overlay *overlay, const struct overlay_owner *owner) __attribute__((nonnull));

#endif
