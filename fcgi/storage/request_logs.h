/* The two logs: requests (sequences) and what was answered (decisions). Part of each answer's transaction: no
 * answer leaves without its rows. */
#ifndef PALATE_STORAGE_REQUEST_LOGS_H
#define PALATE_STORAGE_REQUEST_LOGS_H

#include "base/entity.h"
#include "storage/database.h"

enum { SETTLEMENT_KEY_BYTES = 16 };

struct sequence_row {
    uint32_t tenant_id;
    const char *request_id, *endpoint, *client_id;
    struct entity entity;             /* whom or what the request is about; id NULL: not said */
    const char *task, *template_name; /* NULL where there is none */
    uint32_t context_id;              /* 0: none */
    const char *input;                /* JSON text */
};

struct decision_row {
    uint32_t tenant_id;
    unsigned char settlement_key[SETTLEMENT_KEY_BYTES]; /* random_fill_in_order(), one for each transaction */
    const char *recommender;
    uint64_t model_generation; /* 0: none */
    size_t result_count;
    const char *results; /* JSON text */
    int64_t processing_us;
};

/* Writes both rows and commits, in one statement, which also begins the transaction unless it has begun; the
 * decision's sequence is the one written with it. *decision_id is set on COMMIT_DONE. */
enum commit_outcome request_logs_commit(struct database *db, const struct sequence_row *sequence,
                                        const struct decision_row *decision, uint64_t *decision_id,
                                        struct error *error) __attribute__((nonnull, warn_unused_result));

/* Whether the decision with this key is committed, and then its number. The locking read waits for a
 * transaction that may still be under way. */
bool decisions_find_committed(struct database *db, uint32_t tenant_id,
                              const unsigned char key[SETTLEMENT_KEY_BYTES], uint64_t *decision_id,
                              bool *found, struct error *error) __attribute__((nonnull, warn_unused_result));

#endif
