/* What has been shown; see impressions.h.
 *
 * What one user or item was shown is read from the decision log itself: its newest answers by an index of the
 * requests, and the ids out of the answers' JSON. Nothing is counted on the way, so a request writes no more
 * for it. Explorations are counted in a table of their own, since they are summed over all users. */
#include "storage/impressions.h"

#include "storage/query.h"

enum { LIMIT_ANSWERS = 50 };

static const struct statement READ_SHOWN = {
    "SELECT j.item_id, COUNT(*) FROM"
    " (SELECT sequence_id FROM sequences FORCE INDEX (sequences_by_user)"
    " WHERE tenant_id = ? AND user_id = ? AND entity_type = ? AND created_at >= FROM_UNIXTIME(?)"
    " ORDER BY created_at DESC LIMIT ?) s"
    " STRAIGHT_JOIN decisions d FORCE INDEX (decisions_by_sequence)"
    " ON d.tenant_id = ? AND d.sequence_id = s.sequence_id"
    " STRAIGHT_JOIN JSON_TABLE(d.results, '$[*]' COLUMNS (item_id VARCHAR(128) PATH '$.item_id')) j"
    " GROUP BY j.item_id"};

static const struct statement READ_EXPLORED = {
    "SELECT i.item_id, i.impressions"
    " FROM JSON_TABLE(?, '$[*]' COLUMNS (item_id VARCHAR(128) CHARACTER SET utf8mb4 PATH '$')) j"
    " STRAIGHT_JOIN explored_items i ON i.tenant_id = ?"
    " AND i.item_id = j.item_id COLLATE utf8mb4_nopad_bin"};

static const struct statement COUNT_EXPLORED = {
    "INSERT INTO explored_items (tenant_id, item_id, impressions)"
    " SELECT ?, j.item_id, 1"
    " FROM JSON_TABLE(?, '$[*]' COLUMNS (item_id VARCHAR(128) CHARACTER SET utf8mb4 PATH '$')) j"
    " ORDER BY j.item_id COLLATE utf8mb4_nopad_bin"
    " ON DUPLICATE KEY UPDATE impressions = impressions + 1"};

/* Reads the rows of a query that has run. */
static bool read_rows(struct query *query, struct arena *arena, struct shown_row **rows, size_t *count,
                      struct error *error)
{
    *rows = arena_alloc(arena, query_row_count(query) + 1, sizeof(**rows));
    while (query_fetch(query))
        (*rows)[(*count)++] =
            (struct shown_row){.item_id = query_text(query, 0, arena), .times = query_uint32(query, 1)};
    return error->code == ERROR_NONE;
}

bool impressions_read_shown(struct database *db, struct arena *arena, uint32_t tenant_id,
                            struct entity entity, int64_t since, struct shown_row **rows, size_t *count,
                            struct error *error)
{
    struct query query;
    *count = 0;
    return query_run(&query, db, &READ_SHOWN, error, tenant_id, entity.id, entity_type_name(entity.type),
                     since, LIMIT_ANSWERS, tenant_id) &&
           read_rows(&query, arena, rows, count, error);
}

bool impressions_read_explored(struct database *db, struct arena *arena, uint32_t tenant_id,
                               const char *item_ids, struct shown_row **rows, size_t *count,
                               struct error *error)
{
    struct query query;
    *count = 0;
    return query_run(&query, db, &READ_EXPLORED, error, item_ids, tenant_id) &&
           read_rows(&query, arena, rows, count, error);
}

bool impressions_count_explored(struct database *db, uint32_t tenant_id, const char *item_ids,
                                struct error *error)
{
    return database_begin_late(db, error) &&
           database_execute(db, &COUNT_EXPLORED, error, tenant_id, item_ids);
}
