/* The catalogues that one worker keeps: for each tenant its mapped model file, overlaid with the items that
 * changed since.
 *
 * Before each use the file is looked at (one stat) and mapped again when a training has replaced it; and when
 * the tenant's catalogue revision has moved on, the changed items are read. So what was committed before a
 * request began is seen by it. A file that is wrong is logged and not used: the last good one stays, or the
 * catalogue comes from the database alone. At most LIMIT_MAPPED_TENANTS are kept; the longest unused goes. */
#ifndef PALATE_RECOMMENDER_CATALOGUES_H
#define PALATE_RECOMMENDER_CATALOGUES_H

#include "engine/catalogue.h"
#include "storage/clients.h"
#include "storage/database.h"

struct catalogues;

/* directory holds tenant-<number>.palate files; it must outlive the result. */
struct catalogues *catalogues_create(const char *directory)
    __attribute__((nonnull, returns_nonnull, warn_unused_result));
void catalogues_destroy(struct catalogues *catalogues);

/* The tenant's catalogue as of now, NULL when the database failed. Valid until the next call. */
struct catalogue *catalogues_get(struct catalogues *catalogues, struct database *db,
                                 const struct tenant *tenant, struct error *error)
    __attribute__((nonnull, warn_unused_result));

/* The tenant's inactive items, as a catalogue of its own in which they are active; NULL when the database
 * failed. Read when it is first wanted, as most workers never search the whole catalogue; kept up to date
 * after that. Call it after catalogues_get(), which decides which tenants are kept. *all: neither of the two
 * lacks items that were beyond LIMIT_CATALOGUE_CHANGES. Valid until the next call. */
struct catalogue *catalogues_get_withdrawn(struct catalogues *catalogues, struct database *db,
                                           const struct tenant *tenant, bool *all, struct error *error)
    __attribute__((nonnull, warn_unused_result));

/* When a model file was written, and the newest of a directory, in Unix seconds; 0: there is none. */
int64_t catalogues_model_written(const char *path) __attribute__((nonnull, warn_unused_result));
int64_t catalogues_newest_model(const char *directory) __attribute__((nonnull, warn_unused_result));

/* Path of a tenant's model file in a directory, into path. False when it does not fit. */
bool catalogues_model_path(const char *directory, uint32_t tenant_id, char *path, size_t size)
    __attribute__((nonnull, warn_unused_result));

#endif
