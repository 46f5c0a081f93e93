/* `palate client`: programs that may call the API. Secrets and aliases have files of their own. */
#ifndef PALATE_CLI_ACCOUNTS_CLIENT_H
#define PALATE_CLI_ACCOUNTS_CLIENT_H

#include "cli/verb.h"
#include "storage/clients.h"

struct client_options {
    const char *tenant; /* key */
    const char *id;     /* "": make one */
    const char *name;
    const char *scopes;
};

/* Fills a struct client_options; argv[0] is "create". */
enum options_outcome client_create_parse(int argc, char **argv, void *given, struct operands *operands)
    __attribute__((nonnull, warn_unused_result));

/* Finds a client that must exist. False after saying that it does not. */
bool client_find(struct session *session, const char *id, struct admin_client *client)
    __attribute__((nonnull, warn_unused_result));

/* Prints id and secret for the operator to keep. */
void client_print_secret(const char *id, const char *secret) __attribute__((nonnull));

struct limit_options {
    const char *id;
    int64_t per_minute; /* 0: no limit */
    int64_t burst;      /* -1: as many as a minute allows */
};

/* Fills a struct limit_options; argv[0] is "limit". */
enum options_outcome client_limit_parse(int argc, char **argv, void *given, struct operands *operands)
    __attribute__((nonnull, warn_unused_result));

extern const struct command client_command;

#endif
