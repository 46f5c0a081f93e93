/* The catalogue search: items by words, inactive ones too, for whoever keeps the shop. Ranks by words alone.
 */
#ifndef PALATE_RECOMMENDER_FIND_ITEMS_H
#define PALATE_RECOMMENDER_FIND_ITEMS_H

#include "base/arena.h"
#include "engine/catalogue.h"
#include "storage/items.h"

struct found_items {
    struct item_row *rows; /* best first; active means just that; texts live as long as the catalogues' */
    size_t count;
    size_t total;        /* without the limit */
    bool total_is_exact; /* false: there may be more */
};

/* The limit best items that have every word of the text, where there are none those with any of them, from
 * the catalogue and from that of withdrawn items. Leaves total_is_exact alone. */
void find_items(const struct catalogue *catalogue, const struct catalogue *withdrawn, const char *text,
                size_t limit, struct arena *arena, struct found_items *found) __attribute__((nonnull));

#endif
