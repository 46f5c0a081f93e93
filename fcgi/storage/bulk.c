/* Array binding; see bulk.h. */
#include "storage/bulk.h"

#include "base/memory.h"

#include <string.h>

struct bulk_column {
    enum enum_field_types type;
    int64_t numbers[BULK_ROWS];
    const void *texts[BULK_ROWS];
    unsigned long lengths[BULK_ROWS];
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
    bulk->bytes += length;
}

void bulk_add_text(struct bulk *bulk, const char *text)
{
    bulk_add_bytes(bulk, text, strlen(text));
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
        }
    }
}

bool bulk_execute(struct bulk *bulk, struct database *db, enum statement_id id, const char *sql,
                  uint64_t *affected, struct error *error)
{
    struct query query;
    MYSQL_BIND binds[QUERY_PARAMETERS] = {{0}};
    unsigned rows = (unsigned)bulk->rows;
    *affected = 0;
    if (!rows)
        return true;
    bulk->rows = bulk->bytes = 0;
    if (!query_prepare(&query, db, id, sql, error))
        return false;
    make_binds(bulk, binds);
    bool done = false;
    if (mysql_stmt_attr_set(query.statement, STMT_ATTR_ARRAY_SIZE, &rows) ||
        mysql_stmt_bind_param(query.statement, binds)) {
        error_set(error, ERROR_DATABASE, "The database could not do its part");
        error_detail(error, "array binding: MariaDB error %u: %s", mysql_stmt_errno(query.statement),
                     mysql_stmt_error(query.statement));
    } else {
        done = query_execute(&query, error);
        *affected = done ? query_affected(&query) : 0;
    }
    query_finish(&query);
    return done;
}
