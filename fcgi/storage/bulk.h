/* Many rows in one statement: MariaDB's array binding, column by column.
 *
 * A failure in one row (other than what IGNORE allows) undoes the whole call. The arrays belong to the
 * struct; texts must stay valid until bulk_execute() returns. */
#ifndef PALATE_STORAGE_BULK_H
#define PALATE_STORAGE_BULK_H

#include "storage/database.h"

enum {
    BULK_ROWS = 1000, /* 4 us a row; more gains nothing */
    /* All rows of a call travel in one packet: with the largest row it stays below 1 MiB, the smallest
     * max_allowed_packet in use. */
    BULK_BYTES = 512 * 1024,
};

struct bulk;
struct query;
struct statement;

struct bulk *bulk_create(void) __attribute__((returns_nonnull, warn_unused_result));
void bulk_destroy(struct bulk *bulk);

/* The process's own, empty: it is large, and a worker serves one request at a time. Never destroyed. */
struct bulk *bulk_of_worker(void) __attribute__((returns_nonnull, warn_unused_result));

/* Set the next value of the current row, in the order of the statement's parameters. NULL bytes or text
 * are SQL NULL. */
void bulk_add_int64(struct bulk *bulk, int64_t number) __attribute__((nonnull));
void bulk_add_bytes(struct bulk *bulk, const void *bytes, size_t length) __attribute__((nonnull(1)));
void bulk_add_text(struct bulk *bulk, const char *text) __attribute__((nonnull(1)));

/* Ends the row. False when the bulk is full and has to be executed now. */
bool bulk_end_row(struct bulk *bulk) __attribute__((nonnull, warn_unused_result));

size_t bulk_row_count(const struct bulk *bulk) __attribute__((nonnull));

/* Runs the statement for all rows and forgets them; *affected is what the server counted. */
bool bulk_execute(struct bulk *bulk, struct database *db, const struct statement *statement,
                  uint64_t *affected, struct error *error) __attribute__((nonnull, warn_unused_result));

/* The same for a statement that returns rows (INSERT ... RETURNING), which query_fetch() then reads: those of
 * all executions, one after the other. There must be a row to send. */
bool bulk_query(struct bulk *bulk, struct query *query, struct database *db,
                const struct statement *statement, struct error *error)
    __attribute__((nonnull, warn_unused_result));

#endif
