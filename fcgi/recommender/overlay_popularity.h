/* How popular the items of a tenant without a model are, from its newest events. */
#ifndef PALATE_RECOMMENDER_OVERLAY_POPULARITY_H
#define PALATE_RECOMMENDER_OVERLAY_POPULARITY_H

#include "recommender/overlay.h"
#include "storage/database.h"

/* Reads the popularity of all its items and notes when. False: the database failed. */
bool overlay_read_popularity(struct overlay *overlay, struct database *db, const struct tenant *tenant,
                             struct error *error) __attribute__((nonnull, warn_unused_result));

#endif
