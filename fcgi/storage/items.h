/* The catalogue as a whole: the changes that a worker overlays on its model, and all items, for the command
 * line tool. Single items and pages of them are in items_read.h. */
#ifndef PALATE_STORAGE_ITEMS_H
#define PALATE_STORAGE_ITEMS_H

#include "storage/database.h"

struct item_row {
    const char *id, *name, *description, *metadata;
    bool active; /* false also for deleted ones */
    int64_t created_at, updated_at;
    uint64_t revision;
};

/* Called for each row; the texts live until it returns. */
typedef void items_visit(void *context, struct arena *scratch, const struct item_row *row);

/* Visits the items that changed after `revision`, in the order of their changes, deleted ones included;
 * at most limit rows. *count says how many there were. */
bool items_visit_changed(struct database *db, uint32_t tenant_id, uint64_t revision, uint64_t limit,
                         items_visit *visit, void *context, uint64_t *count, struct error *error)
    __attribute__((nonnull(1, 5, 7, 8), warn_unused_result));

/* Visits, of the items that changed after `revision`, those that are withdrawn: inactive, but not deleted.
 * active says for these rows whether they are. From revision 0 only those that are come, else also those that
 * changed to something else. In the order of their changes. */
bool items_visit_withdrawn(struct database *db, uint32_t tenant_id, uint64_t revision, items_visit *visit,
                           void *context, struct error *error)
    __attribute__((nonnull(1, 4, 6), warn_unused_result));

struct popularity_row {
    const char *item_id;
    double all_time, recent; /* sums of event weights, 1 being a purchase */
};
typedef void popularity_visit(void *context, const struct popularity_row *row);

/* Visits the popularity of items in the tenant's newest `limit` events; recent: since `since` (Unix
 * milliseconds). For a tenant without a model. */
bool items_visit_popularity(struct database *db, uint32_t tenant_id, int64_t since, uint64_t limit,
                            popularity_visit *visit, void *context, struct error *error)
    __attribute__((nonnull(1, 5, 7), warn_unused_result));

/* ---- For the tool */

struct admin_item {
    const char *id, *name, *description, *metadata;
    bool active;
    int64_t created; /* Unix seconds; 0: keep what is stored, now for a new item */
    int64_t updated; /* Unix seconds; reading only */
    /* Importing only: whether the source says it; what it does not say stays as stored. */
    bool has_description, has_metadata, has_active;
    const char *
        emptied; /* of has_metadata: the keys to take away, a JSON object of nulls, while others that metadata
                            has not stay; NULL: metadata is all there is */
};

/* Items whose last change is exactly this revision, and those changed later than it. */
bool admin_items_count_revision(struct database *db, uint32_t tenant_id, uint64_t revision, uint64_t *count,
                                struct error *error) __attribute__((nonnull, warn_unused_result));
bool admin_items_count_since(struct database *db, uint32_t tenant_id, uint64_t revision, uint64_t *count,
                             struct error *error) __attribute__((nonnull, warn_unused_result));

/* Calls each(context, item) for every item that is active and not deleted, in the order of ids. The item
 * lives until the call returns. each returns false to stop early. The arena is reset for every row. */
typedef bool admin_item_each(void *context, const struct admin_item *item);
bool admin_items_stream(struct database *db, struct arena *arena, uint32_t tenant_id, admin_item_each *each,
                        void *context, struct error *error)
    __attribute__((nonnull(1, 2, 4, 6), warn_unused_result));

#endif
