/* Everything that is stored about one end user, for the command line tool: reading it all, and removing it.
 *
 * What is about a user: events, the entity row, the requests that named the user and what was answered, the
 * shadow of these answers, and, because it is not stored whose they are, the tenant's ranked lists, which
 * live for minutes. Requests about an item are not, even where its id is the user's. Model files hold no
 * users; what a model learned from them goes with the next training. */
#ifndef PALATE_STORAGE_USERS_H
#define PALATE_STORAGE_USERS_H

#include "storage/database.h"

enum user_part {
    USER_EVENTS,
    USER_PROFILE,
    USER_REQUESTS,
    USER_SHADOWS,
    USER_LISTS, /* of the tenant; never exported */
    USER_PART__MAX
};

/* "events", "profile", "requests", "shadow_decisions", "ranked_lists". */
const char *user_part_name(enum user_part part) __attribute__((returns_nonnull, const));

enum user_value_kind { USER_TEXT, USER_NUMBER, USER_JSON };

struct user_value {
    const char *name;
    enum user_value_kind kind;
    const char *text; /* NULL: SQL's NULL */
};

/* Called for each row, part by part, oldest first; false stops the export. The values live until it
 * returns. */
typedef bool admin_user_visit(void *context, enum user_part part, const struct user_value *values,
                              size_t count);

/* The arena is reset after each row. */
bool admin_user_export(struct database *db, struct arena *arena, uint32_t tenant_id, const char *user_id,
                       admin_user_visit *visit, void *context, struct error *error)
    __attribute__((nonnull(1, 2, 4, 5, 7), warn_unused_result));

/* Removes all parts, in the caller's transaction; removed says how many rows of each went (an answer goes
 * with its request, and is not counted). */
bool admin_user_erase(struct database *db, uint32_t tenant_id, const char *user_id,
                      uint64_t removed[USER_PART__MAX], struct error *error)
    __attribute__((nonnull, warn_unused_result));

/* Notes a receipt. user_hash: 32 bytes; removed: JSON. */
bool admin_erasure_insert(struct database *db, uint32_t tenant_id, const unsigned char *user_hash,
                          const char *removed, uint64_t *erasure_id, struct error *error)
    __attribute__((nonnull, warn_unused_result));

#endif
