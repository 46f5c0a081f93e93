/* Ranked lists that are kept for their later pages: RANKED_LIST_SECONDS, found by a key of the request, so
 * that no worker has to own them. Does not know what the text of a list means. */
#ifndef PALATE_STORAGE_RANKED_LISTS_H
#define PALATE_STORAGE_RANKED_LISTS_H

#include "storage/clients.h"

enum { RANKED_LIST_KEY_BYTES = 16 };

/* Keeps a list until RANKED_LIST_SECONDS after now (Unix seconds), in place of an older one of the key. Part
 * of the caller's transaction. list is JSON text. One more than the tenant's quota is refused with
 * ERROR_QUOTA_EXCEEDED. */
bool ranked_lists_store(struct database *db, const struct tenant *tenant,
                        const unsigned char key[RANKED_LIST_KEY_BYTES], const char *list, int64_t now,
                        struct error *error) __attribute__((nonnull, warn_unused_result));

/* The list of the key, in the arena; NULL when there is none that is still kept. */
bool ranked_lists_find(struct database *db, struct arena *arena, uint32_t tenant_id,
                       const unsigned char key[RANKED_LIST_KEY_BYTES], int64_t now, const char **list,
                       struct error *error) __attribute__((nonnull, warn_unused_result));

/* Deletes at most limit lists of the tenant that are past their time; *deleted says how many. Not for use
 * inside another transaction: it would hold their locks. */
bool ranked_lists_delete_expired(struct database *db, uint32_t tenant_id, int64_t now, unsigned limit,
                                 uint64_t *deleted, struct error *error)
    __attribute__((nonnull, warn_unused_result));

#endif
