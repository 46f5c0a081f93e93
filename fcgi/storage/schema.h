/* Which schema files have been applied, and named locks of the database. For the command line tool. */
#ifndef PALATE_STORAGE_SCHEMA_H
#define PALATE_STORAGE_SCHEMA_H

#include "storage/database.h"

enum { SCHEMA_VERSION_MAX = 999 }; /* three digits in front of the file's name */

/* applied[n] says whether file n was applied; *newest is 0 for an empty database. */
bool admin_schema_read(struct database *db, bool applied[SCHEMA_VERSION_MAX + 1], unsigned *newest,
                       struct error *error) __attribute__((nonnull, warn_unused_result));

bool admin_schema_note(struct database *db, unsigned version, const char *name, struct error *error)
    __attribute__((nonnull, warn_unused_result));

/* Takes the lock `name` of this database for this connection, waiting at most `seconds`; *taken says
 * whether it was free. Ends with admin_lock_release() or the connection. name: at most 20 bytes. */
bool admin_lock_take(struct database *db, const char *name, int seconds, bool *taken, struct error *error)
    __attribute__((nonnull, warn_unused_result));
void admin_lock_release(struct database *db, const char *name) __attribute__((nonnull));

/* Calls each(context, text) for every line of SHOW GRANTS of the connected user. */
bool admin_grants_list(struct database *db, struct arena *arena,
                       void (*each)(void *context, const char *grant), void *context, struct error *error)
    __attribute__((nonnull(1, 2, 3, 5), warn_unused_result));

/* Whether the connected user may run a statement: it is prepared, which checks the rights, and never run.
 * Closes the connection afterwards. */
bool admin_probe(struct database *db, const char *sql, struct error *error)
    __attribute__((nonnull, warn_unused_result));

#endif
