/* The catalogues that one worker keeps: for each tenant its mapped model file, overlaid with the items that
 * changed since (overlay.h).
 *
 * Before each use the file is looked at (one stat) and mapped again when a training has replaced it; and when
 * the tenant's catalogue revision has moved on, the changed items are read. So what was committed before a
 * request began is seen by it. A file that is wrong is logged and not used: the last good one stays, or the
 * catalogue comes from the database alone. At most LIMIT_MAPPED_TENANTS are kept, with at most
 * LIMIT_CATALOGUES_BYTES of heap together; the longest unused goes. */
#ifndef PALATE_RECOMMENDER_CATALOGUES_H
#define PALATE_RECOMMENDER_CATALOGUES_H

#include "engine/catalogue.h"
#include "storage/clients.h"
#include "storage/database.h"

struct catalogues;

/* directory holds tenant-<number>.palate files. Beside state_file are the deltas that the workers of a machine
 * share; "": none are. Both must outlive the result. */
struct catalogues *catalogues_create(const char *directory, const char *state_file)
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

/* What need not be done for an answer, for the tenant whose request has been answered: reading what this worker
 * wrote (written: how many items the request has), popularity, writing deltas, letting go of what is too much.
 * Usually it does nothing, in less than a microsecond. Errors are logged, and the next request does it. */
void catalogues_upkeep(struct catalogues *catalogues, struct database *db, const struct tenant *tenant,
                       uint64_t written) __attribute__((nonnull));

#endif
