/* Clients that `palate doctor` makes for one request and removes, and what the log says of that request. */
#ifndef PALATE_STORAGE_TRIAL_CLIENTS_H
#define PALATE_STORAGE_TRIAL_CLIENTS_H

#include "storage/database.h"

/* How their ids begin, and their name: both mark what an interrupted doctor has left. */
#define TRIAL_CLIENT_PREFIX "palate-doctor-"
#define TRIAL_CLIENT_NAME   "palate doctor"

/* Removes the client, and the row that its request made of it as an end user. The two logs keep their rows.
 */
bool trial_client_remove(struct database *db, uint64_t tenant_id, const char *client_id, struct error *error)
    __attribute__((nonnull, warn_unused_result));

/* Removes those of a tenant that are older than an hour. */
bool trial_clients_remove_old(struct database *db, uint64_t tenant_id, struct error *error)
    __attribute__((nonnull, warn_unused_result));

struct trial_decision {
    bool found;
    char *recommender;
    uint64_t model_generation, result_count;
};

/* The newest answer to the client; it was asked within the last hour. */
bool trial_decision_find(struct database *db, struct arena *arena, uint64_t tenant_id, const char *client_id,
                         struct trial_decision *decision, struct error *error)
    __attribute__((nonnull, warn_unused_result));

#endif
