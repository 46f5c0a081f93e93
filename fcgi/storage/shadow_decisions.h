/* The shadow log: what the remote recommender would have answered, one row beside a decision. */
#ifndef PALATE_STORAGE_SHADOW_DECISIONS_H
#define PALATE_STORAGE_SHADOW_DECISIONS_H

#include "storage/database.h"

struct shadow_row {
    uint32_t tenant_id;
    uint64_t decision_id;
    const char *outcome; /* "answered", or why there is no list */
    size_t result_count;
    const char *results; /* JSON text */
    int64_t remote_us;
};

bool shadow_decisions_insert(struct database *db, const struct shadow_row *row, struct error *error)
    __attribute__((nonnull, warn_unused_result));

#endif
