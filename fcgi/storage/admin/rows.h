/* Small helpers for statements of the tool. */
#ifndef PALATE_STORAGE_ADMIN_ROWS_H
#define PALATE_STORAGE_ADMIN_ROWS_H

#include "storage/database.h"

/* Rows of a result that was read whole (not streamed). */
static inline size_t query_row_count(const struct query *query)
{
    return (size_t)mysql_stmt_num_rows(query->statement);
}

#endif
