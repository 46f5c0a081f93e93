/* `palate doctor`: what the workers' user of the database may do.
 *
 * Workers have no more rights than they need, so that a hole in one of them stays small. Two ways to check
 * it, because each sees what the other does not. Statements that workers run are prepared but not
 * executed: MariaDB checks rights and columns when it prepares one. The same is tried with statements that
 * they must not be able to run. And the list of grants is read for rights that no statement would show,
 * such as FILE or GRANT OPTION.
 *
 * Rights of tables that workers keep for minutes only (ranked_lists) include DELETE; no others do. */
#include "cli/doctor/checks.h"
#include "storage/schema.h"

#include <string.h>

char *doctor_grants_fix(const struct doctor *doctor)
{
    const struct config *config = doctor->config;
    if (*config->database_host)
        return arena_format(
            doctor->arena,
            "palate grants --from ADDRESS | mariadb --host=%s %s, as the database's administrator "
            "and with the address of %s's account",
            config->database_host, config->database_name,
            doctor->worker ? doctor->worker->database_user : "the workers");
    return arena_format(doctor->arena, "palate grants | mariadb %s, as the database's administrator",
                        config->database_name);
}

/* What a worker does, and what it must not be able to do; nothing of it is run. */
static const struct probe {
    const char *sql;
    bool allowed;
    const char *what;
} probes[] = {
    {"SELECT MAX(version) FROM schema_versions", true, "read the schema's version"},
    {"SELECT tenant_id, tenant_key, active, catalogue_revision FROM tenants WHERE tenant_id = 0", true,
     "read tenants"},
    {"SELECT tenant_id, client_id, scopes, scopes_since, active, tokens_not_before, secret_salt, "
     "secret_hash, "
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
    {"SELECT sequence_id FROM sequences WHERE tenant_id = 0 AND user_id = '' AND entity_type = 'User' "
     "AND created_at > NOW()",
     true, "read who was shown what"},
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
    {"INSERT INTO catalogue_writes (tenant_id, slot, revision, settlement_key) VALUES (0, 0, 0, '') "
     "ON DUPLICATE KEY UPDATE revision = 0",
     true, "write catalogue_writes"},
    {"UPDATE tenants SET active = 0 WHERE tenant_id = 0", false, "change tenants"},
};

/* The probes that came out otherwise than they should, as a list; "" when there are none. */
static const char *list_probes(struct doctor *doctor, struct database *db, bool allowed, struct error *first)
{
    const char *list = "";
    for (size_t i = 0; i < sizeof(probes) / sizeof(probes[0]); i++) {
        struct error error = {0};
        if (probes[i].allowed != allowed || admin_probe(db, probes[i].sql, &error) == allowed)
            continue;
        if (!*list)
            *first = error;
        list = arena_format(doctor->arena, "%s%s%s", list, *list ? ", " : "", probes[i].what);
    }
    return list;
}

/* Where there is one user it owns the schema, so it may do everything: that has been said. */
static void check_probes(struct doctor *doctor, struct database *db)
{
    struct error error = {0};
    const char *grants = doctor_grants_fix(doctor);
    const char *lacks = list_probes(doctor, db, true, &error);
    const char *beyond = doctor->one_user ? "" : list_probes(doctor, db, false, &error);
    if (*lacks)
        doctor_report(doctor, DOCTOR_FAIL, "rights of the workers",
                      doctor->db ? grants : arena_format(doctor->arena, "palate migrate, then %s", grants),
                      "the user cannot %s: %s", lacks, error.detail);
    if (*beyond)
        doctor_report(doctor, DOCTOR_FAIL, "rights of the workers",
                      arena_format(doctor->arena, "REVOKE all rights of the user, then: %s", grants),
                      "the user can %s", beyond);
    if (!*lacks && !*beyond)
        doctor_report(doctor, DOCTOR_OK, "rights of the workers", NULL, "all that is needed%s",
                      doctor->one_user ? "" : ", no more");
}

/* What a worker keeps for minutes it also deletes; nothing else. */
static bool is_short_lived(const char *right, const char *object, int length)
{
    static const char table[] = ".`ranked_lists`";
    int size = (int)sizeof(table) - 1;
    return !strcmp(right, "DELETE") && length >= size &&
           !strncmp(object + length - size, table, (size_t)size);
}

/* object: "`palate`.`items` TO `palate_worker`@`localhost` ..." */
static const char *fix_surplus(struct doctor *doctor, const char *right, const char *object, int length)
{
    const char *account = strstr(object, " TO ");
    if (!account)
        return "REVOKE it; a worker needs only what `palate grants` gives";
    account += 4;
    return arena_format(doctor->arena, "mariadb -e 'REVOKE %s ON %.*s FROM %.*s' && %s", right, length,
                        object, (int)strcspn(account, " "), account, doctor_grants_fix(doctor));
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
                          fix_surplus(doctor, forbidden[i], object, object_length), "the user has %s on %.*s",
                          forbidden[i], object_length, object);
    }
}

/* With one user for both sides there is nothing to list: it owns the schema. */
void doctor_check_rights(struct doctor *doctor, struct database *db)
{
    struct error error = {0};
    if (!doctor->one_user && !admin_grants_list(db, doctor->arena, check_grant, doctor, &error))
        doctor_report(doctor, DOCTOR_FAIL, "rights of the workers", doctor_grants_fix(doctor),
                      "cannot be listed: %s", error.detail);
    check_probes(doctor, db);
}
