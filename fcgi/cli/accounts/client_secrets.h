/* `palate client rotate|revoke|revoke-tokens`: what makes secrets and tokens of a client count no more. */
#ifndef PALATE_CLI_ACCOUNTS_CLIENT_SECRETS_H
#define PALATE_CLI_ACCOUNTS_CLIENT_SECRETS_H

#include "cli/verb.h"

struct rotate_options {
    const char *id;
    const char *overlap_text; /* NULL: none */
    int64_t overlap;          /* seconds, from it */
};

/* Fills a struct rotate_options; argv[0] is "rotate". */
enum options_outcome client_rotate_parse(int argc, char **argv, void *given, struct operands *operands)
    __attribute__((nonnull, warn_unused_result));

/* The work of the three, for client.c's table of verbs: rotate's options are a struct rotate_options, those
 * of the others the client's id, a const char *. */
int client_rotate(struct session *session, const void *given) __attribute__((nonnull));
int client_revoke(struct session *session, const void *id) __attribute__((nonnull));
int client_revoke_tokens(struct session *session, const void *id) __attribute__((nonnull));

#endif
