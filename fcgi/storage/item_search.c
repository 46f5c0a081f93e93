/* The search index; see item_search.h. */
#include "storage/item_search.h"

static const char SQL_STORE[] =
    "INSERT INTO item_search (tenant_id, item_id, revision, recipe, words) VALUES (?, ?, ?, ?, ?)"
    " ON DUPLICATE KEY UPDATE words = IF(VALUES(revision) >= revision, VALUES(words), words),"
    " recipe = IF(VALUES(revision) >= revision, VALUES(recipe), recipe),"
    " revision = GREATEST(revision, VALUES(revision))";

/* The row stays, so that words of an older revision, made meanwhile by an import, do not come in again. */
static const char SQL_CLEAR[] =
    "UPDATE item_search SET words = '', revision = ? WHERE tenant_id = ? AND item_id = ?";

/* Ranked in the narrow table; only what is shown is read from the wide one. The join of the inner part drops
 * words that outlived their item. */
static const char SQL_FIND[] =
    "SELECT i.item_id, i.name, i.description, i.metadata, i.active, i.created_at, i.updated_at, i.revision, "
    "r.relevance,"
    " r.total FROM (SELECT s.item_id, MATCH (s.words) AGAINST (? IN BOOLEAN MODE) AS relevance,"
    " COUNT(*) OVER () AS total FROM item_search s JOIN items l FORCE INDEX (items_live) ON l.tenant_id = ?"
    " AND l.deleted = FALSE AND l.item_id = s.item_id WHERE s.tenant_id = ?"
    " AND MATCH (s.words) AGAINST (? IN BOOLEAN MODE) ORDER BY relevance DESC, s.item_id LIMIT ?) r"
    " STRAIGHT_JOIN items i ON i.tenant_id = ? AND i.item_id = r.item_id"
    " ORDER BY r.relevance DESC, r.item_id";

bool item_search_add(struct bulk *bulk, const struct item_search_row *row)
{
    bulk_add_int64(bulk, row->tenant_id);
    bulk_add_text(bulk, row->item_id);
    bulk_add_int64(bulk, (int64_t)row->revision);
    bulk_add_int64(bulk, row->recipe);
    bulk_add_text(bulk, row->words);
    return bulk_end_row(bulk);
}

bool item_search_store(struct database *db, struct bulk *bulk, struct error *error)
{
    uint64_t affected;
    return bulk_execute(bulk, db, STATEMENT_ITEM_SEARCH_STORE, SQL_STORE, &affected, error);
}

bool item_search_clear(struct database *db, uint32_t tenant_id, const char *item_id, uint64_t revision,
                       struct error *error)
{
    struct query query;
    if (!query_prepare(&query, db, STATEMENT_ITEM_SEARCH_CLEAR, SQL_CLEAR, error))
        return false;
    query_bind_uint64(&query, revision);
    query_bind_uint64(&query, tenant_id);
    query_bind_text(&query, item_id);
    bool done = query_execute(&query, error);
    query_finish(&query);
    return done;
}

static void read_found(struct query *query, struct arena *arena, struct found_item *item, uint64_t *total)
{
    item->row = (struct item_row){.id = query_text(query, 0, arena),
                                  .name = query_text(query, 1, arena),
                                  .description = query_text(query, 2, arena),
                                  .metadata = query_text(query, 3, arena),
                                  .active = query_int64(query, 4),
                                  .created_at = query_int64(query, 5),
                                  .updated_at = query_int64(query, 6),
                                  .revision = query_uint64(query, 7)};
    item->relevance = query_double(query, 8);
    *total = query_uint64(query, 9);
}

bool item_search_find(struct database *db, struct arena *arena, uint32_t tenant_id, const char *question,
                      size_t limit, struct found_item **items, size_t *count, uint64_t *total,
                      struct error *error)
{
    struct query query;
    *count = 0;
    *total = 0;
    *items = arena_alloc(arena, limit + 1, sizeof(**items));
    if (!query_prepare(&query, db, STATEMENT_ITEM_SEARCH_FIND, SQL_FIND, error))
        return false;
    query_bind_text(&query, question);
    query_bind_uint64(&query, tenant_id);
    query_bind_uint64(&query, tenant_id);
    query_bind_text(&query, question);
    query_bind_uint64(&query, limit);
    query_bind_uint64(&query, tenant_id);
    if (query_execute(&query, error)) {
        while (*count < limit && query_fetch(&query, error))
            read_found(&query, arena, &(*items)[(*count)++], total);
    }
    query_finish(&query);
    return error->code == ERROR_NONE;
}
