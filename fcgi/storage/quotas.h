/* Quotas: how much a tenant may have. They are stored with the tenant as a JSON object, which every request
 * has read with it; a tenant without any costs nothing. */
#ifndef PALATE_STORAGE_QUOTAS_H
#define PALATE_STORAGE_QUOTAS_H

#include "storage/database.h"

enum quota {
    QUOTA_ITEMS,          /* that are not deleted */
    QUOTA_METADATA_BYTES, /* of all these items together */
    QUOTA_EVENT_TYPES,
    QUOTA_CONTEXTS,
    QUOTA_LISTS, /* ranked lists that are kept for their later pages */
    QUOTA__MAX
};

/* As it is stored: "metadata_bytes". */
const char *quota_name(enum quota quota) __attribute__((returns_nonnull));

/* For people: "bytes of metadata". */
const char *quota_words(enum quota quota) __attribute__((returns_nonnull, const));

/* The most of it that these quotas (as stored; NULL: none) allow; 0: any number. */
uint64_t quota_of(const char *quotas, enum quota quota) __attribute__((warn_unused_result));

/* Sets ERROR_QUOTA_EXCEEDED, with the limit and what there would be. False, so that a function can end with
 * it. */
bool quota_refuse(enum quota quota, uint64_t most, uint64_t amount, struct error *error)
    __attribute__((nonnull, warn_unused_result));

/* Items and bytes of metadata that the tenant has: used[QUOTA_ITEMS] and used[QUOTA_METADATA_BYTES] are set.
 * Reads one entry of an index for each item, some 20 ms for 100,000. */
bool quotas_measure_catalogue(struct database *db, uint32_t tenant_id, uint64_t used[QUOTA__MAX],
                              struct error *error) __attribute__((nonnull, warn_unused_result));

/* Whether the catalogue, measured, is within its quotas; else ERROR_QUOTA_EXCEEDED. What is over a quota but
 * no larger than before passes: a tenant whose quota was lowered can still take things away. */
bool quotas_allow_catalogue(const char *quotas, const uint64_t before[QUOTA__MAX],
                            const uint64_t used[QUOTA__MAX], struct error *error)
    __attribute__((nonnull(2, 3, 4), warn_unused_result));

/* Everything that the tenant has. now: Unix seconds. */
bool quotas_measure(struct database *db, uint32_t tenant_id, int64_t now, uint64_t used[QUOTA__MAX],
                    struct error *error) __attribute__((nonnull, warn_unused_result));

/* The tenants that have quotas, at most QUOTAS_TENANTS of them, in the arena. */
enum { QUOTAS_TENANTS = 256 };
struct limited_tenant {
    uint32_t id;
    const char *key, *quotas;
};
bool quotas_list_tenants(struct database *db, struct arena *arena, struct limited_tenant **tenants,
                         size_t *count, struct error *error) __attribute__((nonnull, warn_unused_result));

/* ---- For the tool */

/* Replaces the tenant's quotas; 0: any number. */
bool admin_quotas_store(struct database *db, struct arena *arena, uint32_t tenant_id,
                        const uint64_t most[QUOTA__MAX], struct error *error)
    __attribute__((nonnull, warn_unused_result));

#endif
