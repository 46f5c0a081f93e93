/* `palate client`: programs that may call the API; see client.h.
 *
 * The secret of a client is made here, printed once and stored as a salted hash, so that a copy of the
 * database is no copy of the secrets. Results on stdout are id and secret alone, for scripts; the advice
 * to keep them goes to stderr.
 *
 * Ids of clients are unique in the whole installation, because a token names its client and nothing else
 * in it tells the tenant.
 *
 * A client is never deleted: the log of requests names it, and its id must not come to mean another
 * program. Disabling refuses its tokens from the next request on, enabling takes them again.
 *
 * Verbs about secrets and tokens are in client_secrets.c, those about aliases in client_alias.c. */
#include "cli/accounts/client.h"

#include "base/clock.h"
#include "base/limits.h"
#include "base/random.h"
#include "base/text.h"
#include "cli/accounts/client_alias.h"
#include "cli/accounts/client_secrets.h"
#include "cli/import/key_text.h"
#include "storage/clients.h"
#include "token/client_secret.h"

#include <inttypes.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <string.h>

enum {
    CLIENT_NAME_CHARACTERS = 200,
    CLIENT_SCOPES_BYTES = 500,
    PER_MINUTE_MAXIMUM = 1000000,
    BURST_MINUTES = 60, /* a bucket holds at most an hour's worth */
};

#define DEFAULT_SCOPES "neuronsearchlab-api/read neuronsearchlab-api/write"

static const char help[] =
    "usage: palate client create --tenant KEY [--id ID] [--name NAME] [--scopes \"SCOPE SCOPE\"]\n"
    "       palate client list --tenant KEY [--quiet]\n"
    "       palate client enable ID\n"
    "       palate client disable ID\n"
    "       palate client rotate ID [--overlap 7d]\n"
    "       palate client revoke ID\n"
    "       palate client revoke-tokens ID\n"
    "       palate client scopes ID \"SCOPE SCOPE\"\n"
    "       palate client limit ID --per-minute N [--burst N]\n"
    "       palate client alias add|list|remove ...\n"
    "\n"
    "Programs that may call the API. create prints the id and the secret; the secret is stored only as a "
    "hash\n"
    "and cannot be shown again. Tokens of a disabled client are refused. rotate prints a new secret; "
    "revoke-tokens\n"
    "refuses the tokens that the client has, from the next request on; revoke does it and disables the "
    "client.\n"
    "scopes replaces what its tokens may carry; tokens that it has lose from the next request on what is "
    "not\n"
    "among them, and get nothing that is new.\n"
    "limit bounds the client's requests, on each web server apart; 0 lifts the limit.\n"
    "alias says which client the tokens of a foreign identity provider stand for.\n"
    "\n"
    "  --tenant KEY   whose client (needed for create and list)\n"
    "  --id ID        the client_id of its tokens, at most 128 characters; default: made from the tenant's "
    "key\n"
    "  --name NAME    for people\n"
    "  --scopes ...   what its tokens may carry, separated by spaces;\n"
    "                 default: \"" DEFAULT_SCOPES "\"\n"
    "  --quiet        list the ids alone, one a line\n"
    "  --per-minute N requests in the long run; --burst N: at once, default: as many\n"
    "  --overlap TIME how long the secret before goes on counting: 30m, 12h, 7d, at most 90d; default: not "
    "at all\n"
    "\n"
    "example: palate client create --tenant my-shop --id web-shop\n"
    "\n"
    "exit codes: 0 done, 1 failed, 2 wrong usage\n";

/* A scope is printable ASCII without space, quote and backslash (RFC 6749, 3.3); several stand with spaces
 * between them. */
static bool scopes_are_valid(const char *scopes)
{
    for (const char *at = scopes; *at; at++) {
        if (*at < ' ' || *at > '~' || *at == '"' || *at == '\\')
            return false;
    }
    return strlen(scopes) <= CLIENT_SCOPES_BYTES;
}

enum options_outcome client_create_parse(int argc, char **argv, void *given, struct operands *operands)
{
    struct client_options *options = given;
    static const struct option_rule rules[] = {
        {"tenant", OPTION_TEXT, offsetof(struct client_options, tenant), true, 0, 0},
        {"id", OPTION_TEXT, offsetof(struct client_options, id), false, 0, 0},
        {"name", OPTION_TEXT, offsetof(struct client_options, name), false, 0, 0},
        {"scopes", OPTION_TEXT, offsetof(struct client_options, scopes), false, 0, 0},
    };
    static const struct options_shape shape = {rules, sizeof(rules) / sizeof(rules[0]), 0, 0, ""};
    *options = (struct client_options){.name = "", .scopes = DEFAULT_SCOPES};
    enum options_outcome outcome = options_parse(&shape, argc, argv, options, operands);
    if (outcome != OPTIONS_OK)
        return outcome;
    const char *problem = options->id ? id_problem(options->id, LIMIT_ID_CHARACTERS) : NULL;
    if (problem)
        return options_reject(operands, "--id must %s", problem);
    problem = *options->name ? id_problem(options->name, CLIENT_NAME_CHARACTERS) : NULL;
    if (problem)
        return options_reject(operands, "--name must %s", problem);
    if (!scopes_are_valid(options->scopes))
        return options_reject(operands, "--scopes must be printable words of ASCII, at most 500 bytes");
    return OPTIONS_OK;
}

static char *make_id(struct session *session, const char *tenant_key)
{
    unsigned char bytes[4];
    char digits[2 * sizeof(bytes) + 1];
    random_fill(bytes, sizeof(bytes));
    text_encode_hex(bytes, sizeof(bytes), digits);
    return arena_format(session->arena, "%s-%s", tenant_key, digits);
}

/* Makes the secret and stores its hash. The secret is printed only after the client is stored, and wiped
 * in any case. */
static int store_client(struct session *session, const struct admin_client *client)
{
    struct error error = {0};
    struct hashed_secret hashed;
    char secret[CLIENT_SECRET_SIZE];
    client_secret_make(secret, &hashed);
    bool stored = admin_client_insert(session->db, client, &hashed, &error);
    if (stored)
        client_print_secret(client->id, secret);
    OPENSSL_cleanse(secret, sizeof(secret));
    return stored ? TOOL_DONE : session_failed(session, &error, "store the client");
}

static int create_client(struct session *session, const void *given)
{
    const struct client_options *options = given;
    struct admin_tenant tenant;
    struct admin_client known;
    struct error error = {0};
    if (!session_find_tenant(session, options->tenant, &tenant))
        return TOOL_FAILED;
    char *id = options->id ? arena_copy_text(session->arena, options->id) : make_id(session, tenant.key);
    if (!admin_client_find(session->db, session->arena, id, &known, &error))
        return session_failed(session, &error, "look for the client");
    if (known.tenant_id)
        return command_failed(
            "there is a client with the id \"%s\" already; ids are unique in the installation", id);
    struct admin_client client = {.tenant_id = tenant.id,
                                  .id = id,
                                  .name = arena_copy_text(session->arena, options->name),
                                  .scopes = arena_copy_text(session->arena, options->scopes)};
    return store_client(session, &client);
}

static int list_clients(struct session *session, const void *given)
{
    const struct list_options *options = given;
    struct admin_tenant tenant;
    struct admin_client *clients = NULL;
    size_t count;
    struct error error = {0};
    if (!session_find_tenant(session, options->tenant, &tenant))
        return TOOL_FAILED;
    if (!admin_client_list(session->db, session->arena, tenant.id, &clients, &count, &error))
        return session_failed(session, &error, "list the clients");
    if (verb_lists_nothing(count, options->quiet,
                           "tenant %s has no clients; `palate client create --tenant %s` makes one",
                           tenant.key, tenant.key))
        return TOOL_DONE;
    if (!options->quiet)
        printf("%-32s  %-8s  %-20s  %s\n", "ID", "STATE", "NAME", "SCOPES");
    for (size_t i = 0; i < count; i++) {
        if (options->quiet)
            printf("%s\n", clients[i].id);
        else
            printf("%-32s  %-8s  %-20s  %s\n", clients[i].id, clients[i].active ? "active" : "disabled",
                   clients[i].name, clients[i].scopes);
    }
    return TOOL_DONE;
}

bool client_find(struct session *session, const char *id, struct admin_client *client)
{
    struct error error = {0};
    if (!admin_client_find(session->db, session->arena, id, client, &error)) {
        session_failed(session, &error, "look for the client");
        return false;
    }
    if (!client->tenant_id)
        command_say("there is no client with the id \"%s\"; `palate client list --tenant KEY` shows them",
                    id);
    return client->tenant_id;
}

void client_print_secret(const char *id, const char *secret)
{
    printf("client_id      %s\nclient_secret  %s\n", id, secret);
    fflush(stdout);
    fprintf(stderr, "Keep the secret now: it is stored as a hash only and cannot be shown again.\n");
}

static int set_active(struct session *session, const char *id, bool active)
{
    struct admin_client client;
    struct error error = {0};
    if (!client_find(session, id, &client))
        return TOOL_FAILED;
    if (!admin_client_set_active(session->db, client.tenant_id, id, active, &error))
        return session_failed(session, &error, "change the client");
    printf("%s is %s\n", id, active ? "active" : "disabled");
    return TOOL_DONE;
}

static int enable_client(struct session *session, const void *id)
{
    return set_active(session, id, true);
}

static int disable_client(struct session *session, const void *id)
{
    return set_active(session, id, false);
}

/* ---- Scopes */

struct scopes_options {
    const char *id, *scopes;
};

static enum options_outcome parse_scopes(int argc, char **argv, void *given, struct operands *operands)
{
    struct scopes_options *options = given;
    static const struct options_shape shape = {NULL, 0, 2, 2, "ID and SCOPES"};
    enum options_outcome outcome = options_parse(&shape, argc, argv, options, operands);
    if (outcome != OPTIONS_OK)
        return outcome;
    *options = (struct scopes_options){operands->values[0], operands->values[1]};
    return scopes_are_valid(options->scopes)
               ? OPTIONS_OK
               : options_reject(operands, "the scopes must be printable words of ASCII, at most 500 bytes");
}

/* Tokens of this very second are looked at, too: what a new one carries the client has. */
static int set_scopes(struct session *session, const void *given)
{
    const struct scopes_options *options = given;
    struct admin_client client;
    struct error error = {0};
    if (!client_find(session, options->id, &client))
        return TOOL_FAILED;
    if (!admin_client_set_scopes(session->db, &client, options->scopes, clock_unix() + 1, &error))
        return session_failed(session, &error, "store the scopes");
    printf("%s has %s%s\n", options->id, *options->scopes ? "the scopes " : "no scope any more",
           options->scopes);
    return TOOL_DONE;
}

/* ---- Limits of requests */

enum options_outcome client_limit_parse(int argc, char **argv, void *given, struct operands *operands)
{
    struct limit_options *options = given;
    static const struct option_rule rules[] = {{"per-minute", OPTION_NUMBER,
                                                offsetof(struct limit_options, per_minute), true, 0,
                                                PER_MINUTE_MAXIMUM},
                                               {"burst", OPTION_NUMBER, offsetof(struct limit_options, burst),
                                                false, 1, (int64_t)PER_MINUTE_MAXIMUM * BURST_MINUTES}};
    static const struct options_shape shape = {rules, 2, 1, 1, "ID"};
    *options = (struct limit_options){.burst = -1};
    enum options_outcome outcome = options_parse(&shape, argc, argv, options, operands);
    if (outcome == OPTIONS_OK)
        options->id = operands->values[0];
    if (outcome != OPTIONS_OK || options->burst <= options->per_minute * BURST_MINUTES)
        return outcome;
    return options_reject(operands, "--burst must be at most what an hour allows, %" PRId64,
                          options->per_minute * BURST_MINUTES);
}

/* A burst that is not given is as many as a minute allows. Limits are counted in a file that the workers
 * of a machine share; without one nothing is counted, which is worth a warning. */
static int set_limit(struct session *session, const void *given)
{
    const struct limit_options *options = given;
    const char *id = options->id;
    struct admin_client client;
    struct error error = {0};
    int64_t burst = options->burst >= 0 ? options->burst : options->per_minute;
    if (!client_find(session, id, &client))
        return TOOL_FAILED;
    if (!admin_client_set_rate(session->db, &client, (uint32_t)options->per_minute, (uint32_t)burst, &error))
        return session_failed(session, &error, "store the limit");
    if (!options->per_minute) {
        printf("%s has no limit any more\n", id);
        return TOOL_DONE;
    }
    printf("%s may make %" PRId64 " requests a minute, %" PRId64 " at once\n", id, options->per_minute,
           burst);
    if (!*session->config->limits_state_file)
        command_say("requests are not counted yet: set [limits] state_file in %s", session->config->path);
    return TOOL_DONE;
}

/* ---- */

static const struct verb verbs[] = {
    {"create", client_create_parse, sizeof(struct client_options), .work = create_client},
    {"list", verb_parse_list, sizeof(struct list_options), .work = list_clients},
    {"enable", .operand = "ID", .work = enable_client},
    {"disable", .operand = "ID", .work = disable_client},
    {"rotate", client_rotate_parse, sizeof(struct rotate_options), .work = client_rotate},
    {"revoke", .operand = "ID", .work = client_revoke},
    {"revoke-tokens", .operand = "ID", .work = client_revoke_tokens},
    {"scopes", parse_scopes, sizeof(struct scopes_options), .work = set_scopes},
    {"limit", client_limit_parse, sizeof(struct limit_options), .work = set_limit},
    {"alias", .group = &client_alias_command},
};
const struct command client_command = {"client", help, VERBS(verbs)};
