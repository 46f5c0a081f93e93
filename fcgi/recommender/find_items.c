/* Two searches merged; see find_items.h.
 *
 * Recommendations must never look at what is withdrawn, so inactive items are in no model and not in the
 * overlay that each request goes through: they have a catalogue of their own (catalogues.h), which only this
 * search reads. An item is active in exactly one of the two, as both are read up to the same revision. Scores
 * are shares of what the query's words weigh, in each catalogue by its own counts, and so can be put side by
 * side. */
#include "recommender/find_items.h"

#include "engine/text_search.h"

#include <stdlib.h>
#include <string.h>

struct find {
    struct text_hit hit;
    struct engine_item item;
    bool active;
};

static size_t search_one(const struct catalogue *catalogue, bool active, const struct text_query *query,
                         struct arena *arena, struct find *finds, size_t *total)
{
    struct text_query own = *query;
    struct text_hit *hits = arena_alloc(arena, query->limit + 1, sizeof(*hits));
    size_t all;
    own.catalogue = catalogue;
    size_t count = text_search(&own, arena, hits, &all);
    for (size_t i = 0; i < count; i++) {
        finds[i] = (struct find){.hit = hits[i], .active = active};
        catalogue_get(catalogue, hits[i].item, &finds[i].item);
    }
    *total += all;
    return count;
}

static int compare_finds(const void *left, const void *right)
{
    const struct find *a = left, *b = right;
    if (a->hit.is_exact != b->hit.is_exact)
        return a->hit.is_exact ? -1 : 1;
    if (a->hit.score != b->hit.score)
        return a->hit.score < b->hit.score ? 1 : -1;
    return strcmp(a->item.id, b->item.id);
}

void find_items(const struct catalogue *catalogue, const struct catalogue *withdrawn, const char *text,
                size_t limit, struct arena *arena, struct found_items *found)
{
    struct find *finds = arena_alloc(arena, 2 * limit + 1, sizeof(*finds));
    size_t count = 0;
    found->total = 0;
    for (int every_word = 1; every_word >= 0 && !found->total; every_word--) {
        const struct text_query query = {
            .catalogue = catalogue, .text = text, .every_word = every_word, .limit = limit};
        count = search_one(catalogue, true, &query, arena, finds, &found->total);
        count += search_one(withdrawn, false, &query, arena, finds + count, &found->total);
    }
    qsort(finds, count, sizeof(*finds), compare_finds);
    found->count = count < limit ? count : limit;
    found->rows = arena_alloc(arena, limit + 1, sizeof(*found->rows));
    for (size_t i = 0; i < found->count; i++)
        found->rows[i] = (struct item_row){.id = finds[i].item.id,
                                           .name = finds[i].item.name,
                                           .description = finds[i].item.description,
                                           .metadata = finds[i].item.metadata,
                                           .active = finds[i].active,
                                           .created_at = finds[i].item.created,
                                           .updated_at = finds[i].item.updated};
}
