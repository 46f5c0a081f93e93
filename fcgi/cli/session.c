/* Configuration, connection and arena of a command; see session.h.
 *
 * The tool waits longer than a worker does: a migration or the commit of a large import takes minutes, and
 * ends when it ends. A lock on a row is waited for 20 seconds, which is longer than any worker holds one.
 *
 * Every failed statement is reported with what to do about it, chosen by what is known of the failure: try
 * again after a deadlock or a lost connection, look at the configuration when the server was never
 * reached, and at schema and rights otherwise. Commands therefore only say what they were doing ("store
 * the client"), in words that fit behind "cannot".
 *
 * A transaction is opened by those commands that change more than one row, or must see two reads alike. It
 * is ended by session_commit(), or by closing the connection, which MariaDB answers with a rollback; so an
 * early return needs no clean-up. */
#include "cli/session.h"

#include <stdarg.h>
#include <stdio.h>

enum {
    /* A worker's statement is over in milliseconds; a migration or the commit of a large import is not. */
    TOOL_STATEMENT_SECONDS = 3600,
    TOOL_LOCK_SECONDS = 20,
};

bool session_open(struct session *session, const struct tool *tool)
{
    char problem[400];
    *session = (struct session){.tool = tool};
    session->config = config_load(tool->config_path, CONFIG_TOOL, problem, sizeof(problem));
    if (!session->config) {
        command_say("%s (use --config FILE or PALATE_CONFIG to name another configuration)", problem);
        return false;
    }
    session->config->database_timeout = TOOL_STATEMENT_SECONDS;
    session->config->database_lock_timeout = TOOL_LOCK_SECONDS;
    session->db = database_create(session->config);
    session->arena = arena_create();
    return true;
}

void session_close(struct session *session)
{
    database_destroy(session->db);
    arena_destroy(session->arena);
    config_free(session->config);
    *session = (struct session){0};
}

static const char *find_remedy(const struct session *session, const struct error *error)
{
    if (error->code == ERROR_DATABASE_RETRY)
        return "another command or worker holds the same rows; try again";
    if (database_is_unreachable(session->db))
        return "check [database] and [tool] in the configuration; `palate doctor` looks closer";
    if (!database_is_connected(session->db))
        return "the connection was lost; try again";
    return "`palate doctor` looks whether schema and rights are right";
}

int session_failed(const struct session *session, const struct error *error, const char *format, ...)
{
    /* The sentence is put together first: two texts with arguments cannot share one format. */
    char what[200];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(what, sizeof(what), format, arguments);
    va_end(arguments);
    return command_failed("cannot %s: %s (%s)", what, error->detail[0] ? error->detail : error->message,
                          find_remedy(session, error));
}

bool session_find_tenant(struct session *session, const char *key, struct admin_tenant *tenant)
{
    struct error error = {0};
    if (!admin_tenant_find(session->db, session->arena, key, tenant, &error)) {
        session_failed(session, &error, "look for the tenant");
        return false;
    }
    if (!tenant->id)
        command_say("there is no tenant with the key \"%s\"; `palate tenant list` shows them all", key);
    return tenant->id;
}

bool session_begin(struct session *session)
{
    struct error error = {0};
    if (database_begin(session->db, &error))
        return true;
    session_failed(session, &error, "begin a transaction");
    return false;
}

/* A connection that breaks during a commit leaves it open whether the commit happened. That is said as it
 * is: only the operator can look. */
int session_commit(struct session *session, const char *what)
{
    struct error error = {0};
    switch (database_commit(session->db, &error)) {
    case COMMIT_DONE:
        return TOOL_DONE;
    case COMMIT_FAILED:
        return session_failed(session, &error, "store %s", what);
    default:
        return command_failed("the connection was lost while %s was being committed; it may or may not be "
                              "stored: look before you repeat it",
                              what);
    }
}
