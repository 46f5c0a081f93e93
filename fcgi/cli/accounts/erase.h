/* `palate user erase` and `palate user receipts`: removing what is stored about an end user, and the proof. */
#ifndef PALATE_CLI_ACCOUNTS_ERASE_H
#define PALATE_CLI_ACCOUNTS_ERASE_H

#include "cli/session.h"

/* What the verbs of `palate user` are given. */
struct user_options {
    const char *tenant;
    const char *user_id;
};

/* Work of verbs; given: a struct user_options. */
int erase_user(struct session *session, const void *given) __attribute__((nonnull, warn_unused_result));
int list_receipts(struct session *session, const void *given) __attribute__((nonnull, warn_unused_result));

#endif
