/* What has been shown; see impressions.h. */
#include "storage/impressions.h"

#include "storage/query_old.h"

enum { LIMIT_ANSWERS = 50 };

static const char SQL_SHOWN[] =
    "SELECT j.item_id, COUNT(*) FROM"
    " (SELECT sequence_id FROM sequences FORCE INDEX (sequences_by_user)"
    " WHERE tenant_id = ? AND user_id = ? AND entity_type = ? AND created_at >= FROM_UNIXTIME(?)"
    " ORDER BY created_at DESC LIMIT ?) s"
    " STRAIGHT_JOIN decisions d FORCE INDEX (decisions_by_sequence)"
    " ON d.tenant_id = ? AND d.sequence_id = s.sequence_id"
    " STRAIGHT_JOIN JSON_TABLE(d.results, '$[*]' COLUMNS (item_id VARCHAR(128) PATH '$.item_id')) j"
    " GROUP BY j.item_id";

static const char SQL_EXPLORED[] =
    "SELECT i.item_id, i.impressions"
    " FROM JSON_TABLE(?, '$[*]' COLUMNS (item_id VARCHAR(128) CHARACTER SET utf8mb4 PATH '$')) j"
    " STRAIGHT_JOIN explored_items i ON i.tenant_id = ?"
    " AND i.item_id = j.item_id COLLATE utf8mb4_nopad_bin";

static const char SQL_COUNT_EXPLORED[] =
    "INSERT INTO explored_items (tenant_id, item_id, impressions)"
    " SELECT ?, j.item_id, 1"
    " FROM JSON_TABLE(?, '$[*]' COLUMNS (item_id VARCHAR(128) CHARACTER SET utf8mb4 PATH '$')) j"
    " ORDER BY j.item_id COLLATE utf8mb4_nopad_bin"
    " ON DUPLICATE KEY UPDATE impressions = impressions + 1";

static bool read_rows(struct query *query, struct arena *arena, struct shown_row **rows, size_t *count,
                      struct error *error)
{
    size_t size = 0;
    *rows = NULL;
    *count = 0;
    if (!query_execute(query, error))
        return false;
    while (query_fetch(query, error)) {
        if (*count == size) {
            struct shown_row *grown = arena_alloc(arena, size = size ? 2 * size : 64, sizeof(*grown));
            for (size_t i = 0; i < *count; i++)
                grown[i] = (*rows)[i];
            *rows = grown;
        }
        (*rows)[(*count)++] = (struct shown_row){.item_id = query_text(query, 0, arena),
                                                 .times = (uint32_t)query_uint64(query, 1)};
    }
    return error->code == ERROR_NONE;
}

bool impressions_read_shown(struct database *db, struct arena *arena, uint32_t tenant_id,
                            struct entity entity, int64_t since, struct shown_row **rows, size_t *count,
                            struct error *error)
{
    struct query query;
    if (!query_prepare(&query, db, STATEMENT_IMPRESSIONS_SHOWN, SQL_SHOWN, error))
        return false;
    query_bind_uint64(&query, tenant_id);
    query_bind_text(&query, entity.id);
    query_bind_text(&query, entity_type_name(entity.type));
    query_bind_int64(&query, since);
    query_bind_uint64(&query, LIMIT_ANSWERS);
    query_bind_uint64(&query, tenant_id);
    bool done = read_rows(&query, arena, rows, count, error);
    query_finish(&query);
    return done;
}

bool impressions_read_explored(struct database *db, struct arena *arena, uint32_t tenant_id,
                               const char *item_ids, struct shown_row **rows, size_t *count,
                               struct error *error)
{
    struct query query;
    if (!query_prepare(&query, db, STATEMENT_IMPRESSIONS_EXPLORED, SQL_EXPLORED, error))
        return false;
    query_bind_text(&query, item_ids);
    query_bind_uint64(&query, tenant_id);
    bool done = read_rows(&query, arena, rows, count, error);
    query_finish(&query);
    return done;
}

bool impressions_count_explored(struct database *db, uint32_t tenant_id, const char *item_ids,
                                struct error *error)
{
    struct query query;
    if (!database_begin_late(db, error) ||
        !query_prepare(&query, db, STATEMENT_IMPRESSIONS_COUNT, SQL_COUNT_EXPLORED, error))
        return false;
    query_bind_uint64(&query, tenant_id);
    query_bind_text(&query, item_ids);
    bool done = query_execute(&query, error);
    query_finish(&query);
    return done;
}
