/* What has been shown: to one user lately, and of new items so far. */
#ifndef PALATE_STORAGE_IMPRESSIONS_H
#define PALATE_STORAGE_IMPRESSIONS_H

#include "base/entity.h"
#include "storage/database.h"

struct shown_row {
    const char *item_id;
    uint32_t times;
};

/* How often each item stood in the newest answers to requests about the entity at or after `since` (Unix
 * seconds), of at most 50 answers, going by the decision log. The list lives in the arena. */
bool impressions_read_shown(struct database *db, struct arena *arena, uint32_t tenant_id,
                            struct entity entity, int64_t since, struct shown_row **rows, size_t *count,
                            struct error *error) __attribute__((nonnull, warn_unused_result));

/* How often each of the items was explored so far. item_ids is a JSON list of ids; rows come in no order,
 * items that never were are left out. */
bool impressions_read_explored(struct database *db, struct arena *arena, uint32_t tenant_id,
                               const char *item_ids, struct shown_row **rows, size_t *count,
                               struct error *error) __attribute__((nonnull, warn_unused_result));

/* Counts one more exploration for each item of a JSON list of different ids. Part of the caller's
 * transaction; rows are locked in the order of ids, so that two answers cannot deadlock. */
bool impressions_count_explored(struct database *db, uint32_t tenant_id, const char *item_ids,
                                struct error *error) __attribute__((nonnull, warn_unused_result));

#endif
