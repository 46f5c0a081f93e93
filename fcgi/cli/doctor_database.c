/* `palate doctor`: the database as the tool and as the worker, its schema, and the worker's rights. */
#include "cli/doctor_checks.h"
#include "cli/migrate.h"
#include "storage/admin/schema.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char grants_mend[] = "run sql/grants.sql as the database's administrator";

static void check_schema(struct doctor *doctor)
{
    struct schema_files files;
    bool applied[SCHEMA_VERSION_MAX + 1];
    unsigned newest;
    char problem[400];
    struct error error = {0};
    if (!admin_schema_read(doctor->db, applied, &newest, &error))
        doctor_report(doctor, DOCTOR_FAIL, "schema",
                      "give the tool's user all rights in the database (sql/grants.sql)",
                      "cannot be read: %s", error.detail);
    else if (!schema_files_list(&files, doctor->options.sql_directory, problem, sizeof(problem)))
        doctor_report(doctor, DOCTOR_WARN, "schema", "name the folder of the schema files with --dir",
                      "is at %03u, but the files to compare with are missing: %s", newest, problem);
    else if (newest < files.newest)
        doctor_report(doctor, DOCTOR_FAIL, "schema", "palate migrate", "is at %03u, the files at %03u",
                      newest, files.newest);
    else if (newest > files.newest)
        doctor_report(doctor, DOCTOR_FAIL, "schema", "use the palate that belongs to the database",
                      "is at %03u, newer than the files (%03u)", newest, files.newest);
    else
        doctor_report(doctor, DOCTOR_OK, "schema", NULL, "is at %03u, the newest", newest);
    if (!error.code)
        schema_files_free(&files);
}

static void check_tool(struct doctor *doctor)
{
    struct error error = {0};
    doctor->db = database_create(doctor->tool);
    if (!database_connect(doctor->db, &error)) {
        doctor_report(
            doctor, DOCTOR_FAIL, "database as the tool",
            "check [database] socket, host and name and [tool] in the configuration, and that MariaDB runs",
            "%s", error.detail);
        database_destroy(doctor->db);
        doctor->db = NULL;
        return;
    }
    doctor_report(doctor, DOCTOR_OK, "database as the tool", NULL, "%s@%s", doctor->tool->database_user,
                  doctor->tool->database_name);
    check_schema(doctor);
    if (admin_tenant_list(doctor->db, doctor->arena, &doctor->tenants, &doctor->tenant_count, &error))
        return;
    doctor->tenant_count = 0;
    doctor_report(doctor, DOCTOR_FAIL, "tenants", "palate migrate", "cannot be read: %s", error.detail);
}

/* What a worker does, and what it must not be able to do; nothing of it is run. */
static const struct probe {
    const char *sql;
    bool allowed;
    const char *what;
} probes[] = {
    {"SELECT tenant_id, tenant_key, active, catalogue_revision FROM tenants WHERE tenant_id = 0", true,
     "read tenants"},
    {"SELECT tenant_id, client_id, scopes, active, tokens_not_before, secret_salt, secret_hash, "
     "previous_salt, "
     "previous_hash, previous_until FROM api_clients WHERE tenant_id = 0",
     true, "read api_clients"},
    {"SELECT tenant_id, issuer, alias, client_id FROM client_aliases WHERE tenant_id = 0", true,
     "read client_aliases"},
    {"SELECT * FROM contexts WHERE tenant_id = 0", true, "read contexts"},
    {"SELECT * FROM items WHERE tenant_id = 0", true, "read items"},
    {"SELECT * FROM events WHERE tenant_id = 0", true, "read events"},
    {"SELECT * FROM event_types WHERE tenant_id = 0", true, "read event_types"},
    {"SELECT * FROM entity_embeddings WHERE tenant_id = 0", true, "read entity_embeddings"},
    {"INSERT INTO entity_embeddings (tenant_id, entity_type, entity_id) VALUES (0, 'User', '') "
     "ON DUPLICATE KEY UPDATE name = ''",
     true, "write entity_embeddings"},
    {"INSERT INTO ranked_lists (tenant_id, list_key, list, expires_at) VALUES (0, '', '', 0) "
     "ON DUPLICATE KEY UPDATE list = ''",
     true, "write ranked_lists"},
    {"DELETE FROM ranked_lists WHERE tenant_id = 0", true, "delete old ranked_lists"},
    {"INSERT INTO sequences (tenant_id, request_id, endpoint, client_id, input) VALUES (0, '', '', '', '{}')",
     true, "write sequences"},
    {"INSERT INTO decisions (tenant_id, sequence_id, settlement_key, recommender, model_generation, "
     "result_count, results, processing_us) VALUES (0, 0, '', '', 0, 0, '[]', 0)",
     true, "write decisions"},
    {"SELECT tenant_id, decision_id, settlement_key FROM decisions WHERE tenant_id = 0", true,
     "find its own decisions"},
    {"INSERT INTO shadow_decisions (tenant_id, decision_id, outcome, result_count, results, remote_us) "
     "VALUES (0, 0, '', 0, '[]', 0)",
     true, "write shadow_decisions"},
    {"UPDATE api_clients SET scopes = '' WHERE tenant_id = 0", false, "change clients"},
    {"UPDATE client_aliases SET client_id = '' WHERE tenant_id = 0", false, "change client_aliases"},
    {"UPDATE decisions SET results = '' WHERE tenant_id = 0", false, "change decisions"},
    {"UPDATE tenants SET catalogue_revision = 0 WHERE tenant_id = 0", true, "raise the catalogue's revision"},
    {"INSERT INTO items (tenant_id, item_id, name, revision, created_at, updated_at) VALUES (0, '', '', 0, "
     "0, 0) "
     "ON DUPLICATE KEY UPDATE name = ''",
     true, "write items"},
    {"INSERT INTO item_search (tenant_id, item_id, revision, recipe, words) VALUES (0, '', 0, 0, '') "
     "ON DUPLICATE KEY UPDATE words = ''",
     true, "write item_search"},
    {"INSERT INTO catalogue_writes (tenant_id, slot, revision, settlement_key) VALUES (0, 0, 0, '') "
     "ON DUPLICATE KEY UPDATE revision = 0",
     true, "write catalogue_writes"},
    {"UPDATE tenants SET active = 0 WHERE tenant_id = 0", false, "change tenants"},
};

static void check_probes(struct doctor *doctor, struct database *db)
{
    size_t count = sizeof(probes) / sizeof(probes[0]);
    int before = doctor->count[DOCTOR_FAIL];
    for (size_t i = 0; i < count; i++) {
        struct error error = {0};
        bool may = admin_probe(db, probes[i].sql, &error);
        if (may == probes[i].allowed)
            continue;
        if (may)
            doctor_report(doctor, DOCTOR_FAIL, "rights of the workers",
                          "REVOKE all rights of the user, then run sql/grants.sql", "the user can %s",
                          probes[i].what);
        else
            doctor_report(doctor, DOCTOR_FAIL, "rights of the workers", grants_mend, "the user cannot %s: %s",
                          probes[i].what, error.detail);
    }
    if (before == doctor->count[DOCTOR_FAIL])
        doctor_report(doctor, DOCTOR_OK, "rights of the workers", NULL, "all that is needed, no more");
}

/* What a worker keeps for minutes it also deletes; nothing else. */
static bool is_short_lived(const char *right, const char *object, int length)
{
    static const char table[] = ".`ranked_lists`";
    int size = (int)sizeof(table) - 1;
    return !strcmp(right, "DELETE") && length >= size &&
           !strncmp(object + length - size, table, (size_t)size);
}

/* Keywords of rights stand before " ON " in capitals; names of columns among them are not. */
static void check_grant(void *context, const char *grant)
{
    static const char *const forbidden[] = {"ALL PRIVILEGES", "DELETE", "DROP",         "ALTER",  "CREATE",
                                            "SUPER",          "FILE",   "GRANT OPTION", "RELOAD", "TRIGGER"};
    struct doctor *doctor = context;
    const char *on = strstr(grant, " ON ");
    const char *object = on ? on + 4 : "";
    int object_length = (int)strcspn(object, " ");
    for (size_t i = 0; i < sizeof(forbidden) / sizeof(forbidden[0]); i++) {
        const char *found = strstr(grant, forbidden[i]);
        bool option = !strcmp(forbidden[i], "GRANT OPTION");
        if (found && (option || (on && found < on)) && !is_short_lived(forbidden[i], object, object_length))
            doctor_report(doctor, DOCTOR_FAIL, "rights of the workers",
                          "REVOKE it; a worker needs only what sql/grants.sql gives",
                          "the user has %s on %.*s", forbidden[i], object_length, object);
    }
}

static void check_worker(struct doctor *doctor)
{
    struct error error = {0};
    struct database *db = database_create(doctor->worker);
    if (!database_connect(db, &error)) {
        /* By unix_socket nobody but the workers' own user gets in. */
        bool by_socket = !*doctor->worker->database_password && *doctor->worker->database_socket;
        doctor_report(
            doctor, by_socket ? DOCTOR_WARN : DOCTOR_FAIL, "database as the worker",
            by_socket ? "with unix_socket authentication, run doctor as the web server's user to check this"
                      : "check [database] user and password_file; create the user, then run sql/grants.sql",
            "%s", error.detail);
        database_destroy(db);
        return;
    }
    doctor_report(doctor, DOCTOR_OK, "database as the worker", NULL, "%s@%s", doctor->worker->database_user,
                  doctor->worker->database_name);
    if (!admin_grants_list(db, doctor->arena, check_grant, doctor, &error))
        doctor_report(doctor, DOCTOR_FAIL, "rights of the workers", grants_mend, "cannot be listed: %s",
                      error.detail);
    check_probes(doctor, db);
    database_destroy(db);
}

void doctor_check_database(struct doctor *doctor)
{
    check_tool(doctor);
    if (doctor->worker)
        check_worker(doctor);
}
