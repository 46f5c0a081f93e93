/* `palate token`: prints a signed token; see token.h.
 *
 * For operators who try a call, and for installations in which tokens are handed out by hand. It is signed
 * with the configured key, as POST /oauth2/token signs; with RS256 and ES256 that needs the private key,
 * which workers do not have.
 *
 * A token for a disabled client is printed all the same, with a warning: it is of use once the client is
 * enabled again. Scopes that are not given are the client's own. */
#include "cli/accounts/token.h"

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "storage/clients.h"
#include "token/claims.h"

#include <stdio.h>
#include <string.h>

enum { TTL_MAXIMUM = 10 * 365 * 86400 };

static const char help[] =
    "usage: palate token --client ID [--sub USER] [--scope \"SCOPE SCOPE\"] [--ttl SECONDS]\n"
    "\n"
    "Prints a signed token for a client, made with the configured algorithm and key.\n"
    "\n"
    "  --client ID      its client_id (needed)\n"
    "  --sub USER       for this end user alone, whatever its scopes; fit for a browser\n"
    "                   (default: for the client, which may name any user)\n"
    "  --scope ...      default: the client's scopes; \"\" for none\n"
    "  --ttl SECONDS    how long it is valid, at most ten years; default 3600\n"
    "\n"
    "example: curl -H \"Authorization: Bearer $(palate token --client web-shop)\" \\\n"
    "             'http://127.0.0.1:5051/recommendations?quantity=5'\n"
    "\n"
    "exit codes: 0 done, 1 failed, 2 wrong usage\n";

static const struct option_rule rules[] = {
    {"client", OPTION_TEXT, offsetof(struct token_options, client), true, 0, 0},
    {"sub", OPTION_TEXT, offsetof(struct token_options, subject), false, 0, 0},
    {"scope", OPTION_TEXT, offsetof(struct token_options, scope), false, 0, 0},
    {"ttl", OPTION_NUMBER, offsetof(struct token_options, ttl), false, 1, TTL_MAXIMUM},
};
static const struct options_shape shape = {rules, sizeof(rules) / sizeof(rules[0]), 0, 0, ""};

static bool is_text(const char *text)
{
    return !text || (text_is_utf8(text, strlen(text)) && !text_has_control(text, strlen(text)));
}

enum options_outcome token_options_parse(int argc, char **argv, void *given, struct operands *operands)
{
    struct token_options *options = given;
    *options = (struct token_options){.ttl = 3600};
    enum options_outcome outcome = options_parse(&shape, argc, argv, options, operands);
    if (outcome != OPTIONS_OK || (is_text(options->subject) && is_text(options->scope)))
        return outcome;
    return options_reject(operands, "--sub and --scope must be valid UTF-8 without control characters");
}

static void warn_refused(const struct admin_client *client)
{
    if (!client->active)
        command_say("the client %s is disabled: its tokens will be refused", client->id);
    else if (!client->tenant_active)
        command_say("the tenant of %s is disabled: its tokens will be refused", client->id);
}

static int print_token(struct session *session, const void *given)
{
    const struct token_options *options = given;
    struct admin_client client;
    struct error error = {0};
    char problem[400];
    if (!admin_client_find(session->db, session->arena, options->client, &client, &error))
        return session_failed(session, &error, "look for the client");
    if (!client.tenant_id)
        return command_failed("there is no client with the id \"%s\"; `palate client create` makes one",
                              options->client);
    warn_refused(&client);
    /* Behind the last revocation, as the token endpoint has it. */
    int64_t now = clock_unix();
    now = now > client.tokens_not_before ? now : client.tokens_not_before;
    struct token_claims claims = {.client_id = client.id,
                                  .subject = options->subject ? options->subject : client.id,
                                  .is_person = options->subject,
                                  .scope = options->scope ? options->scope : client.scopes,
                                  .issued_at = now,
                                  .expires_at = now + options->ttl};
    char *token = issue_token(session->config, &claims, problem, sizeof(problem));
    if (!token)
        return command_failed("%s", problem);
    printf("%s\n", token);
    memory_free(token);
    return TOOL_DONE;
}

static const struct verb verbs[] = {
    {NULL, token_options_parse, sizeof(struct token_options), .work = print_token}};
const struct command token_command = {"token", help, VERBS(verbs)};
