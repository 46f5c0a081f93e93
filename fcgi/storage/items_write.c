/* Items as the API writes them; see items_write.h.
 *
 * An item is written whole, with the revision of its write: a worker that knows the catalogue up to some
 * revision finds what is newer by one index. A deleted item stays as a row without content, because that is
 * how workers and the next training learn that it has gone.
 *
 * Whoever shows or deletes an item through the API has decided about it: that a feed had once switched it off
 * (items_import.c) does not count any more, and a feed that has it again does not show it. */
#include "storage/items_write.h"

#include "storage/bulk.h"
#include "storage/query.h"

static const struct statement WRITE_ITEMS = {
    "INSERT INTO items (tenant_id, item_id, name, description, metadata, active, deleted, revision,"
    " created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, FALSE, ?, ?, ?)"
    " ON DUPLICATE KEY UPDATE name = VALUES(name), description = VALUES(description),"
    " metadata = VALUES(metadata), active = VALUES(active), deleted = FALSE, revision = VALUES(revision),"
    " created_at = VALUES(created_at), updated_at = VALUES(updated_at),"
    " left_feed = left_feed AND NOT VALUES(active)"};

static const struct statement DELETE_ITEM = {
    "UPDATE items SET deleted = TRUE, revision = ?, updated_at = ?, name = '', description = '',"
    " metadata = '{}', left_feed = FALSE"
    " WHERE tenant_id = ? AND item_id = ? AND NOT deleted"};

/* A bulk is executed when it is full, and at the end with what is left. */
bool items_write(const struct item_writer *writer, const struct item_write *items, size_t count,
                 struct error *error)
{
    struct bulk *bulk = bulk_create();
    uint64_t affected;
    bool done = true;
    for (size_t i = 0; done && i < count; i++) {
        bulk_add_int64(bulk, writer->tenant_id);
        bulk_add_text(bulk, items[i].id);
        bulk_add_text(bulk, items[i].name);
        bulk_add_text(bulk, items[i].description);
        bulk_add_text(bulk, items[i].metadata);
        bulk_add_int64(bulk, items[i].active);
        bulk_add_int64(bulk, (int64_t)writer->revision);
        bulk_add_int64(bulk, items[i].created_at);
        bulk_add_int64(bulk, items[i].updated_at);
        if (!bulk_end_row(bulk))
            done = bulk_execute(bulk, writer->db, &WRITE_ITEMS, &affected, error);
    }
    done = done && bulk_execute(bulk, writer->db, &WRITE_ITEMS, &affected, error);
    bulk_destroy(bulk);
    return done;
}

bool items_delete(const struct item_writer *writer, int64_t now, const char *const *ids, size_t count,
                  uint64_t *deleted, struct error *error)
{
    *deleted = 0;
    for (size_t i = 0; i < count; i++) {
        struct query query;
        if (!query_run(&query, writer->db, &DELETE_ITEM, error, writer->revision, now, writer->tenant_id,
                       ids[i]))
            return false;
        *deleted += query_affected(&query);
    }
    return true;
}
