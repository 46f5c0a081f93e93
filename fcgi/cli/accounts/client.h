/* `palate client`: programs that may call the API. Secrets and aliases have files of their own. */
#ifndef PALATE_CLI_ACCOUNTS_CLIENT_H
#define PALATE_CLI_ACCOUNTS_CLIENT_H

#include "cli/command.h"
#include "cli/options.h"
#include "cli/session.h"
#include "storage/admin/clients.h"

struct client_options {
    const char *tenant; /* key */
    const char *id;     /* "": make one */
    const char *name;
    const char *scopes;
};

/* argv[0] is "create". */
enum options_outcome client_create_parse(int argc, char **argv, struct client_options *options,
                                         struct operands *operands)
    __attribute__((nonnull, warn_unused_result));

/* Finds a client that must exist. False after saying that it does not. */
bool client_find(struct session *session, const char *id, struct admin_client *client)
    __attribute__((nonnull, warn_unused_result));

/* Prints id and secret for the operator to keep. */
void client_print_secret(const char *id, const char *secret) __attribute__((nonnull));

extern const char client_help[];

int client_run(const struct tool *tool, int argc, char **argv);

#endif
