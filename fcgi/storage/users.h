/* Everything that is stored about one end user, for the command line tool: reading it all, and removing it.
 *
 * What is about a user: events, the entity row, the requests that named the user and what was answered, the
 * shadow of these answers, all of it also of the visitors' ids and sessions that are the user's
 * (user_trace.h), and, because it is not stored whose they are, the tenant's ranked lists, which live for
 * minutes. Requests about an item are not, even where its id is the user's, unless they were made in such a
 * session. Model files hold no users; what a model learned from them goes with the next training. */
#ifndef PALATE_STORAGE_USERS_H
#define PALATE_STORAGE_USERS_H

#include "storage/user_trace.h"

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

/* The arena, another one than the trace's, is reset after each row. */
bool admin_user_export(struct database *db, struct arena *arena, uint32_t tenant_id,
                       const struct user_trace *trace, admin_user_visit *visit, void *context,
                       struct error *error) __attribute__((nonnull(1, 2, 4, 5, 7), warn_unused_result));

/* Removes all parts, in the caller's transaction, and the user's id from the requests of others that had it as
 * a visitor's; removed says how many rows of each part went (an answer goes with its request, and is not
 * counted). */
bool admin_user_erase(struct database *db, uint32_t tenant_id, const struct user_trace *trace,
                      uint64_t removed[USER_PART__MAX], struct error *error)
    __attribute__((nonnull, warn_unused_result));

/* ---- Receipts: that something was removed, under a keyed hash of whose it was */

enum { ERASURE_HASH_BYTES = 32 };

struct erasure {
    uint64_t id;
    const char *removed, *erased_at; /* JSON, as it was noted; UTC */
};

/* Notes a receipt; user_hash is by the key. removed: JSON. */
bool admin_erasure_insert(struct database *db, uint32_t tenant_id, const unsigned char *user_hash,
                          const char *removed, uint64_t *erasure_id, struct error *error)
    __attribute__((nonnull, warn_unused_result));

/* Says what has been removed since. */
bool admin_erasure_change(struct database *db, uint32_t tenant_id, uint64_t erasure_id, const char *removed,
                          struct error *error) __attribute__((nonnull, warn_unused_result));

/* Those of a hash, oldest first, in the arena. */
bool admin_erasures_find(struct database *db, struct arena *arena, uint32_t tenant_id,
                         const unsigned char *user_hash, struct erasure **list, size_t *count,
                         struct error *error) __attribute__((nonnull, warn_unused_result));

/* Turns the hashes that versions before 0.2 wrote, which have no key, into those that key() makes of them in
 * place. In the caller's transaction. */
typedef void erasure_key(void *context, unsigned char hash[ERASURE_HASH_BYTES]);
bool admin_erasures_key(struct database *db, struct arena *arena, uint32_t tenant_id, erasure_key *key,
                        void *context, struct error *error)
    __attribute__((nonnull(1, 2, 4, 6), warn_unused_result));

#endif
