/* A command's configuration, database connection and arena, opened and closed together.
 *
 * The database is connected to at the first statement. Says itself what goes wrong. */
#ifndef PALATE_CLI_SESSION_H
#define PALATE_CLI_SESSION_H

#include "base/arena.h"
#include "base/config.h"
#include "cli/command.h"
#include "storage/database.h"
#include "storage/tenants.h"

struct session {
    const struct tool *tool;
    struct config *config;
    struct database *db;
    struct arena *arena; /* lives as long as the session */
};

/* Loads the configuration as the tool. False after saying why. Close it also then. */
bool session_open(struct session *session, const struct tool *tool)
    __attribute__((nonnull, warn_unused_result));
void session_close(struct session *session) __attribute__((nonnull));

/* Says "cannot WHAT: why" for a failed statement, with what to look at; returns TOOL_FAILED. */
int session_failed(const struct session *session, const struct error *error, const char *format, ...)
    __attribute__((format(printf, 3, 4), nonnull));

/* Finds a tenant that must exist. False after saying that it does not. */
bool session_find_tenant(struct session *session, const char *key, struct admin_tenant *tenant)
    __attribute__((nonnull, warn_unused_result));

/* Opens a transaction; false after saying why. */
bool session_begin(struct session *session) __attribute__((nonnull, warn_unused_result));

/* Commits; TOOL_DONE, or TOOL_FAILED after saying that `what` is not, or may be not, stored. */
int session_commit(struct session *session, const char *what) __attribute__((nonnull, warn_unused_result));

#endif
