/* Whether the shop knows a user: whether a caller has ever named the id as user_id, or the tool imported events
 * of it. The id of a visitor comes from a browser, which may send any: what is stored about a known user is not
 * shown under it, and what such a request says of its user is not stored. Events are the word of a client, which
 * may write about anybody. */
#ifndef PALATE_STORAGE_KNOWN_USERS_H
#define PALATE_STORAGE_KNOWN_USERS_H

#include "storage/database.h"

/* *known says whether there is an event or a logged request under the id as user_id. Events that versions before
 * 0.2 recorded count where no logged request has the id as a visitor's. By index; costs what the id has of events
 * and requests, some microseconds a hundred. */
bool known_users_find(struct database *db, uint32_t tenant_id, const char *user_id, bool *known,
                      struct error *error) __attribute__((nonnull, warn_unused_result));

#endif
