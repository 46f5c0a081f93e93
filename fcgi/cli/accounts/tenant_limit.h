/* `palate tenant limit`: what a tenant may have, and what it has. */
#ifndef PALATE_CLI_ACCOUNTS_TENANT_LIMIT_H
#define PALATE_CLI_ACCOUNTS_TENANT_LIMIT_H

#include "cli/verb.h"
#include "storage/quotas.h"

struct tenant_limit_options {
    const char *key;          /* of the tenant */
    int64_t most[QUOTA__MAX]; /* 0: any number; -1: not given */
};

/* Fills a struct tenant_limit_options; argv[0] is "limit". */
enum options_outcome tenant_limit_parse(int argc, char **argv, void *given, struct operands *operands)
    __attribute__((nonnull, warn_unused_result));

/* The work of the verb: sets what is given, and prints limits and use. Returns an enum tool_exit. */
int tenant_limit_set(struct session *session, const void *given) __attribute__((nonnull));

/* For other commands that add to a tenant: false, after saying so, where with this amount the tenant would have
 * more than its quota. */
bool tenant_limit_allows(const struct admin_tenant *tenant, enum quota quota, uint64_t amount)
    __attribute__((nonnull, warn_unused_result));

#endif
