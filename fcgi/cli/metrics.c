/* `palate metrics token`: makes the token of GET /metrics; see metrics.h.
 *
 * The token goes to whoever scrapes, its hash into the configuration: so the configuration, which more people
 * may read than may scrape, gives nobody the token, and workers need no further file. The token is 32 random
 * bytes, which nobody finds from their hash, so the hash needs no salt. Nothing is written and no configuration
 * is read; making another one and replacing the line is how it is changed. */
#include "cli/metrics.h"

#include "base/digest.h"
#include "base/random.h"
#include "base/text.h"

#include <openssl/crypto.h>
#include <stdio.h>
#include <string.h>

static const char help[] =
    "usage: palate metrics token\n"
    "\n"
    "Makes a token for GET /metrics and prints it, this once, with its hash. The hash belongs into the\n"
    "configuration, where it takes the place of an earlier one:\n"
    "\n"
    "  [metrics]\n"
    "  token_sha256 = HASH\n"
    "\n"
    "and the web server is reloaded. The token belongs to whoever scrapes: docs/operations.md, \"Watching "
    "it\".\n"
    "\n"
    "example: palate metrics token\n"
    "\n"
    "exit codes: 0 done, 1 failed, 2 wrong usage\n";

static enum options_outcome parse_nothing(int argc, char **argv, void *given, struct operands *operands)
{
    static const struct options_shape shape = {NULL, 0, 0, 0, ""};
    return options_parse(&shape, argc, argv, given, operands);
}

static int print_token(struct session *session, const void *given)
{
    unsigned char bytes[DIGEST_BYTES];
    char token[2 * sizeof(bytes) + 1], hash[2 * sizeof(bytes) + 1];
    (void)session;
    (void)given;
    random_fill(bytes, sizeof(bytes));
    text_encode_hex(bytes, sizeof(bytes), token);
    struct digest *digest = digest_create();
    digest_put(digest, token, strlen(token));
    digest_end(digest, bytes);
    digest_destroy(digest);
    text_encode_hex(bytes, sizeof(bytes), hash);
    printf("token         %s\ntoken_sha256  %s\n", token, hash);
    fflush(stdout);
    fprintf(stderr,
            "Keep the token now, for whoever scrapes; put token_sha256 below [metrics] in the configuration, "
            "and reload the web server.\n");
    OPENSSL_cleanse(token, sizeof(token));
    return TOOL_DONE;
}

static const struct verb verbs[] = {
    {"token", parse_nothing, 1, .work = print_token, .without_session = true},
};
const struct command metrics_command = {"metrics", help, VERBS(verbs)};
