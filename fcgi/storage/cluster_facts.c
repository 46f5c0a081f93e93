/* Facts of a cluster; see cluster_facts.h. A server that was built without Galera has none of the names, so they
 * are looked up as rows. */
#include "storage/cluster_facts.h"

#include "base/text.h"
#include "storage/query.h"

#include <string.h>

static const struct statement READ_STATUS = {
    "SELECT variable_name, variable_value FROM information_schema.global_status WHERE variable_name IN"
    " ('WSREP_CLUSTER_SIZE', 'WSREP_LOCAL_STATE_COMMENT', 'WSREP_CLUSTER_STATUS') UNION ALL"
    " SELECT variable_name, variable_value FROM information_schema.session_variables"
    " WHERE variable_name = 'WSREP_SYNC_WAIT' ORDER BY variable_name"};

/* All tables of the database, a shop's own as well: what is not replicated differs from node to node. */
static const struct statement COUNT_UNFIT = {
    "SELECT COUNT(*) FROM information_schema.tables t WHERE t.table_schema = DATABASE()"
    " AND t.table_type = 'BASE TABLE' AND (t.engine <> 'InnoDB' OR NOT EXISTS (SELECT 1 FROM"
    " information_schema.table_constraints c WHERE c.table_schema = t.table_schema AND c.table_name ="
    " t.table_name AND c.constraint_type = 'PRIMARY KEY'))"};

static uint64_t number_of(const char *text)
{
    int64_t number;
    return text_to_int64(text, &number) && number > 0 ? (uint64_t)number : 0;
}

bool admin_cluster_read(struct database *db, struct arena *arena, struct cluster_facts *facts,
                        struct error *error)
{
    struct query query;
    *facts = (struct cluster_facts){.state = "", .component = ""};
    bool more = query_run(&query, db, &READ_STATUS, error);
    while (more && query_fetch(&query)) {
        const char *name = query_text(&query, 0, arena), *value = query_text(&query, 1, arena);
        if (!name || !value)
            continue;
        if (!strcmp(name, "WSREP_CLUSTER_SIZE"))
            facts->size = number_of(value);
        else if (!strcmp(name, "WSREP_CLUSTER_STATUS"))
            facts->component = value;
        else if (!strcmp(name, "WSREP_LOCAL_STATE_COMMENT"))
            facts->state = value;
        else
            facts->waits = number_of(value);
    }
    if (error->code == ERROR_NONE && query_find(&query, db, &COUNT_UNFIT, error))
        facts->unfit_tables = query_uint64(&query, 0);
    return error->code == ERROR_NONE;
}
