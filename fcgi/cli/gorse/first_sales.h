/* When each item was first sold: read at the first use, with one pass over the tenant's events. */
#ifndef PALATE_CLI_GORSE_FIRST_SALES_H
#define PALATE_CLI_GORSE_FIRST_SALES_H

#include "storage/push_rows.h"

/* All zero at the beginning; it lives in the arena that it is read with. */
struct first_sales {
    struct push_first_sale *sales; /* by item id; NULL: not read yet */
    size_t count;
};

/* Reads the table unless that was done. */
bool first_sales_load(struct first_sales *sales, struct database *db, struct arena *arena, uint32_t tenant_id,
                      struct error *error) __attribute__((nonnull, warn_unused_result));

/* Unix seconds; 0: never sold. */
int64_t first_sales_find(const struct first_sales *sales, const char *item_id)
    __attribute__((nonnull, warn_unused_result));

#endif
