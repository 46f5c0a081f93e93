/* `palate client alias`: which client the tokens of a foreign identity provider stand for; see
 * client_alias.h.
 *
 * A provider names its clients as it likes, and two providers may use the same name. So an alias is the
 * pair of issuer and name, both compared byte by byte with the token's claims, and leads to one client of
 * ours, with its tenant and scopes. Without an alias a foreign token is refused, however well it is
 * signed. */
#include "cli/accounts/client_alias.h"

#include "cli/accounts/client.h"
#include "cli/import/key_text.h"
#include "storage/client_aliases.h"
#include "token/issuers.h"

#include <stdio.h>
#include <string.h>

enum { ALIAS_CHARACTERS = 255 };

static const char help[] =
    "usage: palate client alias add --client ID --issuer ISSUER --name NAME\n"
    "       palate client alias list --tenant KEY [--quiet]\n"
    "       palate client alias remove --issuer ISSUER --name NAME\n"
    "\n"
    "Which client a token of a foreign identity provider stands for. The providers are listed in [token]\n"
    "issuers_file; NAME is what the first of a provider's client_claims says in its tokens.\n"
    "\n"
    "  --client ID       our client\n"
    "  --issuer ISSUER   exactly the iss claim\n"
    "  --name NAME       its name there, at most 255 characters\n"
    "  --tenant KEY      whose aliases are listed\n"
    "  --quiet           list ISSUER, a tab and NAME alone, one alias a line\n"
    "\n"
    "example: palate client alias add --client web-shop --issuer https://shop.eu.auth0.com/ \\\n"
    "             --name Zr2AbCdEfGh@clients\n"
    "\n"
    "exit codes: 0 done, 1 failed, 2 wrong usage\n";

static enum options_outcome check_names(const struct alias_options *options, struct operands *operands)
{
    const char *problem = options->issuer ? id_problem(options->issuer, ALIAS_CHARACTERS) : NULL;
    if (problem)
        snprintf(operands->problem, sizeof(operands->problem), "--issuer must %s", problem);
    else if ((problem = options->name ? id_problem(options->name, ALIAS_CHARACTERS) : NULL))
        snprintf(operands->problem, sizeof(operands->problem), "--name must %s", problem);
    return problem ? OPTIONS_WRONG : OPTIONS_OK;
}

enum options_outcome client_alias_parse(int argc, char **argv, void *given, struct operands *operands)
{
    struct alias_options *options = given;
    bool adds = !strcmp(argv[0], "add"), lists = !strcmp(argv[0], "list");
    /* Three verbs with one struct: which options there are, and which are needed, follows from the verb. */
    const struct option_rule client = {"client", OPTION_TEXT, offsetof(struct alias_options, client),
                                       true,     0,           0};
    const struct option_rule issuer = {"issuer", OPTION_TEXT, offsetof(struct alias_options, issuer),
                                       true,     0,           0};
    const struct option_rule name = {"name", OPTION_TEXT, offsetof(struct alias_options, name), true, 0, 0};
    const struct option_rule tenant = {"tenant", OPTION_TEXT, offsetof(struct alias_options, tenant),
                                       true,     0,           0};
    const struct option_rule quiet = {"quiet", OPTION_FLAG, offsetof(struct alias_options, quiet),
                                      false,   0,           0};
    const struct option_rule named[] = {issuer, name, client}, listed[] = {tenant, quiet};
    const struct options_shape shape = {lists ? listed : named, lists || !adds ? 2 : 3, 0, 0, ""};
    *options = (struct alias_options){0};
    enum options_outcome outcome = options_parse(&shape, argc, argv, options, operands);
    return outcome == OPTIONS_OK ? check_names(options, operands) : outcome;
}

/* An alias may be made before the provider is configured, so this is only a warning. */
static void warn_unknown_issuer(const struct session *session, const char *name)
{
    char problem[500];
    struct issuers *issuers = issuers_load(session->config, problem, sizeof(problem));
    if (!issuers)
        command_say("workers will not start: %s", problem);
    else if (!issuers_find(issuers, name))
        command_say("[token] issuers_file lists no issuer \"%s\": its tokens will be refused", name);
    issuers_free(issuers);
}

static int add_alias(struct session *session, const void *given)
{
    const struct alias_options *options = given;
    struct admin_client client;
    struct admin_alias known;
    struct error error = {0};
    if (!client_find(session, options->client, &client))
        return TOOL_FAILED;
    if (!admin_alias_find(session->db, session->arena, options->issuer, options->name, &known, &error))
        return session_failed(session, &error, "look for the alias");
    /* Moving an alias is two commands on purpose: tokens that are valid would change their tenant at that
     * moment. */
    if (known.client_id)
        return command_failed("\"%s\" of %s is the client %s already; remove that alias first", options->name,
                              options->issuer, known.client_id);
    const struct admin_alias alias = {.tenant_id = client.tenant_id,
                                      .issuer = options->issuer,
                                      .alias = options->name,
                                      .client_id = client.id};
    if (!admin_alias_insert(session->db, &alias, &error))
        return session_failed(session, &error, "store the alias");
    warn_unknown_issuer(session, options->issuer);
    printf("tokens of %s for %s are those of %s\n", options->issuer, options->name, client.id);
    return TOOL_DONE;
}

static int list_aliases(struct session *session, const void *given)
{
    const struct alias_options *options = given;
    struct admin_tenant tenant;
    struct admin_alias *aliases = NULL;
    size_t count;
    struct error error = {0};
    if (!session_find_tenant(session, options->tenant, &tenant))
        return TOOL_FAILED;
    if (!admin_alias_list(session->db, session->arena, tenant.id, &aliases, &count, &error))
        return session_failed(session, &error, "list the aliases");
    if (verb_lists_nothing(count, options->quiet,
                           "no client of tenant %s has an alias; `palate client alias add --help` says how "
                           "to give one",
                           tenant.key))
        return TOOL_DONE;
    if (!options->quiet)
        printf("%-32s  %-40s  %s\n", "CLIENT", "ISSUER", "NAME");
    for (size_t i = 0; i < count; i++) {
        if (options->quiet)
            printf("%s\t%s\n", aliases[i].issuer, aliases[i].alias);
        else
            printf("%-32s  %-40s  %s\n", aliases[i].client_id, aliases[i].issuer, aliases[i].alias);
    }
    return TOOL_DONE;
}

static int remove_alias(struct session *session, const void *given)
{
    const struct alias_options *options = given;
    struct admin_alias known;
    struct error error = {0};
    if (!admin_alias_find(session->db, session->arena, options->issuer, options->name, &known, &error))
        return session_failed(session, &error, "look for the alias");
    if (!known.client_id)
        return command_failed("there is no alias \"%s\" of %s; `palate client alias list` shows them",
                              options->name, options->issuer);
    if (!admin_alias_delete(session->db, &known, &error))
        return session_failed(session, &error, "remove the alias");
    printf("tokens of %s for %s are refused\n", options->issuer, options->name);
    return TOOL_DONE;
}

static const struct verb verbs[] = {
    {"add", client_alias_parse, sizeof(struct alias_options), .work = add_alias},
    {"list", client_alias_parse, sizeof(struct alias_options), .work = list_aliases},
    {"remove", client_alias_parse, sizeof(struct alias_options), .work = remove_alias},
};
const struct command client_alias_command = {"client alias", help, VERBS(verbs)};
