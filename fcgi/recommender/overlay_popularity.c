/* Popularity without a model; see overlay_popularity.h.
 *
 * A model counts all events. Without one, a sample of the newest must do, which one query sums up for each item.
 * What it finds stays over the levels below (catalogue_set_popularity()) and is written into the next delta with them.
 * An item that was popular once and is no longer among the newest events is set to 0, or it would stay popular
 * for as long as there is a delta.
 *
 * Cost: some ten milliseconds for POPULARITY_EVENTS, and a walk through the catalogue. */
#include "recommender/overlay_popularity.h"

#include "base/clock.h"
#include "base/memory.h"

#include <string.h>

enum { POPULARITY_EVENTS = 20000, RECENT_SECONDS = 30 * 86400 };

struct popularity {
    struct catalogue *catalogue;
    uint64_t *found; /* bitmap of items */
};

static void apply_popularity(void *context, const struct popularity_row *row)
{
    struct popularity *popularity = context;
    uint32_t index;
    if (!catalogue_find(popularity->catalogue, row->item_id, strlen(row->item_id), &index))
        return;
    popularity->found[index / 64] |= UINT64_C(1) << index % 64;
    catalogue_set_popularity(popularity->catalogue, index, (float)row->all_time, (float)row->recent);
}

/* What was popular once and is no longer among the newest events. */
static void forget_popularity(const struct popularity *popularity)
{
    uint32_t count = catalogue_item_count(popularity->catalogue);
    for (uint32_t index = 0; index < count; index++) {
        float all_time, recent;
        bool is_found = popularity->found[index / 64] >> index % 64 & 1;
        if (!is_found && catalogue_own_popularity(popularity->catalogue, index, &all_time, &recent) &&
            all_time > 0)
            catalogue_set_popularity(popularity->catalogue, index, 0, 0);
    }
}

bool overlay_read_popularity(struct overlay *overlay, struct database *db, const struct tenant *tenant,
                             struct error *error)
{
    int64_t now = clock_unix();
    struct popularity popularity = {.catalogue = overlay->catalogue};
    popularity.found =
        memory_alloc(catalogue_item_count(overlay->catalogue) / 64 + 1, sizeof(*popularity.found));
    bool done = items_visit_popularity(db, tenant->id, (now - RECENT_SECONDS) * 1000, POPULARITY_EVENTS,
                                       apply_popularity, &popularity, error);
    if (done) {
        forget_popularity(&popularity);
        overlay->popularity_read_at = now;
    }
    memory_free(popularity.found);
    return done;
}
