/* Facts of the server; see server_facts.h.
 *
 * Sizes and rows of tables are InnoDB's estimates, which cost nothing to read. What a proxy between us and
 * the server has made of the session is seen here, too: the session's values are read back and not taken for
 * what was asked for. */
#include "storage/server_facts.h"

#include "storage/query.h"

static const struct statement READ_SETTINGS = {
    "SELECT VERSION(), @@GLOBAL.wait_timeout, @@GLOBAL.max_allowed_packet, @@SESSION.sql_mode,"
    " @@SESSION.time_zone, @@SESSION.character_set_client, CONVERT_TZ('2026-01-01', 'UTC', 'Europe/Paris') "
    "IS NOT"
    " NULL, @@datadir"};

/* Ours: a shop's own may be in the same database, and compare as the shop likes. */
#define OUR_TABLES                                                                                           \
    "('schema_versions', 'tenants', 'api_clients', 'client_aliases', 'contexts', 'items', 'item_search',"    \
    " 'catalogue_writes', 'entity_embeddings', 'event_types', 'events', 'sequences', 'decisions',"           \
    " 'shadow_decisions', 'ranked_lists', 'explored_items', 'models', 'erasures', 'push_positions')"

static const struct statement READ_DATABASE = {
    "SELECT s.default_character_set_name, COALESCE(SUM(t.data_length + t.index_length), 0),"
    " COALESCE(SUM(t.table_rows), 0), COALESCE(SUM(t.table_collation <> 'utf8mb4_nopad_bin'"
    " AND t.table_name IN " OUR_TABLES "), 0)"
    " FROM information_schema.schemata s LEFT JOIN information_schema.tables t"
    " ON t.table_schema = s.schema_name AND t.table_type = 'BASE TABLE' WHERE s.schema_name = DATABASE()"
    " GROUP BY s.default_character_set_name"};

static const struct statement FIND_LARGEST = {
    "SELECT table_name, data_length + index_length, table_rows FROM information_schema.tables"
    " WHERE table_schema = DATABASE() AND table_type = 'BASE TABLE'"
    " ORDER BY data_length + index_length DESC LIMIT 1"};

bool admin_server_read(struct database *db, struct arena *arena, struct server_facts *facts,
                       struct error *error)
{
    struct query query;
    *facts = (struct server_facts){.version = "", .sql_mode = "", .time_zone = "", .directory = ""};
    facts->character_set = facts->database_set = "";
    if (query_find(&query, db, &READ_SETTINGS, error)) {
        facts->version = query_text(&query, 0, arena);
        facts->idle_seconds = query_uint64(&query, 1);
        facts->packet_bytes = query_uint64(&query, 2);
        facts->sql_mode = query_text(&query, 3, arena);
        facts->time_zone = query_text(&query, 4, arena);
        facts->character_set = query_text(&query, 5, arena);
        facts->has_time_zones = query_bool(&query, 6);
        facts->directory = query_text(&query, 7, arena);
    }
    if (error->code == ERROR_NONE && query_find(&query, db, &READ_DATABASE, error)) {
        facts->database_set = query_text(&query, 0, arena);
        facts->bytes = query_uint64(&query, 1);
        facts->rows = query_uint64(&query, 2);
        facts->foreign_tables = query_uint64(&query, 3);
    }
    if (error->code == ERROR_NONE && query_find(&query, db, &FIND_LARGEST, error)) {
        facts->largest = query_text(&query, 0, arena);
        facts->largest_bytes = query_uint64(&query, 1);
        facts->largest_rows = query_uint64(&query, 2);
    }
    return error->code == ERROR_NONE;
}
