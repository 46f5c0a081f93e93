/* What a node says of its Galera cluster, for the command line tool. */
#ifndef PALATE_STORAGE_CLUSTER_FACTS_H
#define PALATE_STORAGE_CLUSTER_FACTS_H

#include "storage/database.h"

struct cluster_facts {
    uint64_t size;         /* nodes of the group; 0: the server is no node of a cluster */
    const char *state;     /* of this node: "Synced" is well */
    const char *component; /* "Primary": the group may write */
    uint64_t waits;        /* wsrep_sync_wait of this session, bits */
    uint64_t
        unfit_tables; /* tables of the database without a primary key, or of another engine than InnoDB */
};

/* Texts live in the arena. */
bool admin_cluster_read(struct database *db, struct arena *arena, struct cluster_facts *facts,
                        struct error *error) __attribute__((nonnull, warn_unused_result));

#endif
