/* When each item was first sold; see first_sales.h.
 *
 * No index of events begins with the item, since no request looks for one: so a look-up for each item would read
 * all events each time, and one pass for all is made, by a tool that has the time. Sorted by bytes here, because
 * the database's order is its collation's. */
#include "cli/gorse/first_sales.h"

#include <stdlib.h>
#include <string.h>

static int compare_items(const void *left, const void *right)
{
    const struct push_first_sale *a = left, *b = right;
    return strcmp(a->item_id, b->item_id);
}

bool first_sales_load(struct first_sales *sales, struct database *db, struct arena *arena, uint32_t tenant_id,
                      struct error *error)
{
    if (sales->sales)
        return true;
    if (!push_first_sales_read(db, arena, tenant_id, &sales->sales, &sales->count, error))
        return false;
    qsort(sales->sales, sales->count, sizeof(*sales->sales), compare_items);
    return true;
}

int64_t first_sales_find(const struct first_sales *sales, const char *item_id)
{
    const struct push_first_sale key = {.item_id = item_id};
    const struct push_first_sale *found =
        sales->count ? bsearch(&key, sales->sales, sales->count, sizeof(key), compare_items) : NULL;
    return found ? found->at / 1000 : 0;
}
