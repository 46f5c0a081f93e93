/* Array binding; see bulk.h.
 *
 * The server receives all rows in one packet and runs the statement for each (COM_STMT_BULK_EXECUTE), so a
 * thousand rows cost one trip. The client's library wants each parameter as a column of values. */
#include "storage/bulk.h"

#include "base/memory.h"
#include "storage/database_internal.h"
#include "storage/query.h"

#include <string.h>

struct bulk_column {
    enum enum_field_types type;
    int64_t numbers[BULK_ROWS];
    const void *texts[BULK_ROWS];
    unsigned long lengths[BULK_ROWS];
    char indicators[BULK_ROWS];
};

struct bulk {
    size_t rows, bytes;
    unsigned next; /* column of the current row */
    unsigned columns;
    struct bulk_column column[QUERY_PARAMETERS];
};

struct bulk *bulk_create(void)
{
    return memory_alloc(1, sizeof(struct bulk));
}

void bulk_destroy(struct bulk *bulk)
{
    memory_free(bulk);
}

struct bulk *bulk_of_worker(void)
{
    static struct bulk *bulk; /* kept, because its room is large */
    if (!bulk)
        bulk = bulk_create();
    bulk->rows = bulk->bytes = 0;
    bulk->next = 0;
    return bulk;
}

static struct bulk_column *next_column(struct bulk *bulk, enum enum_field_types type)
{
    if (bulk->next == QUERY_PARAMETERS || bulk->rows == BULK_ROWS)
        memory_exhausted(); /* a mistake of ours that no test could miss */
    struct bulk_column *column = &bulk->column[bulk->next++];
    column->type = type;
    return column;
}

void bulk_add_int64(struct bulk *bulk, int64_t number)
{
    next_column(bulk, MYSQL_TYPE_LONGLONG)->numbers[bulk->rows] = number;
    bulk->bytes += sizeof(number);
}

void bulk_add_bytes(struct bulk *bulk, const void *bytes, size_t length)
{
    struct bulk_column *column = next_column(bulk, MYSQL_TYPE_STRING);
    column->texts[bulk->rows] = bytes;
    column->lengths[bulk->rows] = length;
    column->indicators[bulk->rows] = bytes ? STMT_INDICATOR_NONE : STMT_INDICATOR_NULL;
    bulk->bytes += length;
}

void bulk_add_text(struct bulk *bulk, const char *text)
{
    bulk_add_bytes(bulk, text, text ? strlen(text) : 0);
}

bool bulk_end_row(struct bulk *bulk)
{
    bulk->columns = bulk->next;
    bulk->next = 0;
    bulk->rows++;
    return bulk->rows < BULK_ROWS && bulk->bytes < BULK_BYTES;
}

size_t bulk_row_count(const struct bulk *bulk)
{
    return bulk->rows;
}

static void make_binds(struct bulk *bulk, MYSQL_BIND *binds)
{
    for (unsigned i = 0; i < bulk->columns; i++) {
        struct bulk_column *column = &bulk->column[i];
        binds[i] = (MYSQL_BIND){.buffer_type = column->type};
        if (column->type == MYSQL_TYPE_LONGLONG) {
            binds[i].buffer = column->numbers;
        } else {
            binds[i].buffer = (void *)(uintptr_t)column->texts;
            binds[i].length = column->lengths;
            binds[i].u.indicator = column->indicators;
        }
    }
}

bool bulk_query(struct bulk *bulk, struct query *query, struct database *db,
                const struct statement *statement, struct error *error)
{
    MYSQL_BIND binds[QUERY_PARAMETERS] = {{0}};
    unsigned rows = (unsigned)bulk->rows;
    bulk->rows = bulk->bytes = 0;
    if (!query_prepare_with(query, db, statement, bulk->columns, error))
        return false;
    make_binds(bulk, binds);
    if (!mysql_stmt_attr_set(query->handle, STMT_ATTR_ARRAY_SIZE, &rows) &&
        !mysql_stmt_bind_param(query->handle, binds))
        return query_execute_bound(query, false) && database_keeps_transaction(db, statement, error);
    database_fail(db, query->handle, "array binding", error);
    return false;
}

bool bulk_execute(struct bulk *bulk, struct database *db, const struct statement *statement,
                  uint64_t *affected, struct error *error)
{
    struct query query;
    *affected = 0;
    if (!bulk->rows)
        return true;
    if (!bulk_query(bulk, &query, db, statement, error))
        return false;
    *affected = query_affected(&query);
    return true;
}
