/* Keeps two trainings of a tenant apart. */
#ifndef PALATE_CLI_TRAIN_LOCK_H
#define PALATE_CLI_TRAIN_LOCK_H

#include "cli/session.h"

struct train_lock {
    struct session *session;
    int fd;
    char name[32]; /* of the database's lock */
};

/* Takes both locks of a tenant, that of the database and that of the model directory. False: another training
 * has one of them, or it cannot be told; why has been said, and there is nothing to release. */
bool train_lock_take(struct train_lock *lock, struct session *session, const struct admin_tenant *tenant)
    __attribute__((nonnull, warn_unused_result));
void train_lock_release(struct train_lock *lock) __attribute__((nonnull));

#endif
