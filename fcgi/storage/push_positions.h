/* How far `palate push` has come: rows of push_positions, for the command line tool. */
#ifndef PALATE_STORAGE_PUSH_POSITIONS_H
#define PALATE_STORAGE_PUSH_POSITIONS_H

#include "storage/database.h"

struct push_position {
    bool found;           /* false: nothing was ever sent there; the rest is zero */
    uint64_t revision;    /* items of lower revisions have been sent, and of this one */
    const char *item_id;  /* those up to this id; never NULL */
    uint64_t event_id;    /* events up to this number have been sent */
    uint64_t moves;       /* changes of the position so far */
    const char *complete; /* when a run last reached the end, as "2026-01-31 12:00:00" UTC; NULL: none yet */
    int64_t age;          /* seconds since then */
};

/* Texts live in the arena. */
bool push_position_read(struct database *db, struct arena *arena, uint32_t tenant_id, const char *url,
                        struct push_position *position, struct error *error)
    __attribute__((nonnull, warn_unused_result));

/* Stores the position unless another run has moved it since it was read, and counts moves up; *moved says
 * whether. */
bool push_position_move(struct database *db, uint32_t tenant_id, const char *url,
                        struct push_position *position, bool *moved, struct error *error)
    __attribute__((nonnull, warn_unused_result));

/* Notes that a run has reached the end now. */
bool push_position_complete(struct database *db, uint32_t tenant_id, const char *url, struct error *error)
    __attribute__((nonnull, warn_unused_result));

/* Whether anything was ever sent to another server than this one. */
bool push_position_elsewhere(struct database *db, uint32_t tenant_id, const char *url, bool *elsewhere,
                             struct error *error) __attribute__((nonnull, warn_unused_result));

#endif
