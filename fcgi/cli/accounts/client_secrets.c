/* Rotation and revocation; see client_secrets.h.
 *
 * Rotation gives a new secret at once and lets the old one count for a while, where --overlap says so:
 * programs that hold a copy can be changed one after the other without an outage.
 *
 * Tokens are not stored anywhere, so single ones cannot be taken back. Revoking instead notes a moment at
 * the client, and tokens issued before it are refused; workers read it with each request. That takes
 * effect at once and costs no list. */
#include "cli/accounts/client_secrets.h"

#include "base/clock.h"
#include "base/text.h"
#include "cli/accounts/client.h"
#include "token/client_secret.h"

#include <openssl/crypto.h>
#include <stdio.h>
#include <string.h>

enum { OVERLAP_MAXIMUM = 90 * 86400, DIGITS_MAXIMUM = 8 };

/* A number and its unit: 90s, 30m, 12h, 7d. */
static bool parse_overlap(const char *text, int64_t *seconds)
{
    static const char units[] = "smhd";
    static const int64_t factors[] = {1, 60, 3600, 86400};
    char digits[DIGITS_MAXIMUM + 1];
    size_t length = strlen(text);
    if (length < 2 || length > DIGITS_MAXIMUM + 1)
        return false;
    const char *unit = strchr(units, text[length - 1]);
    memcpy(digits, text, length - 1);
    digits[length - 1] = '\0';
    if (!unit || !text_to_int64(digits, seconds) || *seconds < 0)
        return false;
    *seconds *= factors[unit - units];
    return *seconds <= OVERLAP_MAXIMUM;
}

enum options_outcome client_rotate_parse(int argc, char **argv, void *given, struct operands *operands)
{
    struct rotate_options *options = given;
    static const struct option_rule rules[] = {
        {"overlap", OPTION_TEXT, offsetof(struct rotate_options, overlap_text), false, 0, 0},
    };
    static const struct options_shape shape = {rules, 1, 1, 1, "ID"};
    *options = (struct rotate_options){0};
    enum options_outcome outcome = options_parse(&shape, argc, argv, options, operands);
    if (outcome == OPTIONS_OK)
        options->id = operands->values[0];
    if (outcome != OPTIONS_OK || !options->overlap_text ||
        parse_overlap(options->overlap_text, &options->overlap))
        return outcome;
    return options_reject(operands, "--overlap must be a number with s, m, h or d behind it, at most 90d");
}

int client_rotate(struct session *session, const void *given)
{
    const struct rotate_options *options = given;
    struct admin_client client;
    struct error error = {0};
    struct hashed_secret hashed;
    char secret[CLIENT_SECRET_SIZE];
    if (!client_find(session, options->id, &client))
        return TOOL_FAILED;
    client_secret_make(secret, &hashed);
    bool stored = admin_client_rotate(session->db, &client, &hashed, clock_unix() + options->overlap, &error);
    if (stored)
        client_print_secret(client.id, secret);
    OPENSSL_cleanse(secret, sizeof(secret));
    return stored ? TOOL_DONE : session_failed(session, &error, "store the secret");
}

/* Tokens of this very second are refused, too: a new one is given an iat behind them. */
static int revoke_tokens(struct session *session, const char *id, bool disable)
{
    struct admin_client client;
    struct error error = {0};
    int64_t not_before = clock_unix() + 1;
    if (!client_find(session, id, &client))
        return TOOL_FAILED;
    bool done = disable ? admin_client_revoke(session->db, &client, not_before, &error)
                        : admin_client_revoke_tokens(session->db, &client, not_before, &error);
    if (!done)
        return session_failed(session, &error, "revoke the tokens");
    printf("%s: the tokens issued so far are refused%s\n", id, disable ? ", and the client is disabled" : "");
    return TOOL_DONE;
}

int client_revoke(struct session *session, const void *id)
{
    return revoke_tokens(session, id, true);
}

int client_revoke_tokens(struct session *session, const void *id)
{
    return revoke_tokens(session, id, false);
}
