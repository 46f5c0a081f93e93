/* `palate client create|list|enable|disable`: programs that may call the API. */
#ifndef PALATE_CLI_CLIENT_H
#define PALATE_CLI_CLIENT_H

#include "cli/command.h"
#include "cli/options.h"

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

enum { CLIENT_SECRET_BYTES = 32, CLIENT_SECRET_SIZE = 44 };

/* base64url without padding (RFC 4648) of CLIENT_SECRET_BYTES. */
void client_secret_encode(const unsigned char bytes[CLIENT_SECRET_BYTES], char secret[CLIENT_SECRET_SIZE])
    __attribute__((nonnull));

int client_run(const struct tool *tool, int argc, char **argv);

#endif
