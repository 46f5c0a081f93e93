/* `palate tenant`: the customers of an installation; see tenant.h.
 *
 * A tenant and its usual event types are stored in one transaction, so that no tenant is without any.
 * Tenants are never deleted here: a disabled one has all its tokens refused, and its data stay until an
 * administrator removes them.
 *
 * What a tenant is called on the command line is its key, which is made from the name unless one is given,
 * and never changes: paths of models, locks and scripts hang on the number or the key. The name is for
 * people.
 *
 * list prints the revision of the catalogue, which each change of an item raises: two lists some minutes
 * apart show whether an integration is alive. */
#include "cli/accounts/tenant.h"

#include "cli/accounts/tenant_limit.h"
#include "cli/format.h"
#include "cli/import/event_files.h"

#include <stdio.h>
#include <string.h>

enum { TENANT_NAME_CHARACTERS = 200 };

static const char help[] =
    "usage: palate tenant create NAME [--key KEY] [--if-missing]\n"
    "       palate tenant list [--quiet]\n"
    "       palate tenant enable KEY\n"
    "       palate tenant disable KEY\n"
    "       palate tenant limit KEY [--items N] [--metadata-bytes N] [--event-types N] [--contexts N] "
    "[--lists N]\n"
    "\n"
    "Customers of this installation. create prints the new tenant's key and gives it the usual event types.\n"
    "All tokens of a disabled tenant are refused; its data stays.\n"
    "limit sets how much of what the tenant may have, and prints that with what it has; 0: any number, as "
    "for\n"
    "a new tenant. What would exceed it is refused, by the API with 403 quota_exceeded. lists are those kept "
    "for\n"
    "later pages, one for each first page of the last five minutes.\n"
    "\n"
    "  --key KEY     1 to 64 of a-z, 0-9 and hyphens; default: made from the name\n"
    "  --if-missing  where there is a tenant with the key, only print the key\n"
    "  --quiet       list the keys alone, one a line\n"
    "\n"
    "example: palate tenant create 'My Shop'      (prints my-shop)\n"
    "\n"
    "exit codes: 0 done, 1 failed, 2 wrong usage\n";

enum options_outcome tenant_create_parse(int argc, char **argv, void *given, struct operands *operands)
{
    struct tenant_options *options = given;
    static const struct option_rule rules[] = {
        {"key", OPTION_TEXT, offsetof(struct tenant_options, key), false, 0, 0},
        {"if-missing", OPTION_FLAG, offsetof(struct tenant_options, if_missing), false, 0, 0}};
    static const struct options_shape shape = {rules, sizeof(rules) / sizeof(rules[0]), 1, 1, "NAME"};
    *options = (struct tenant_options){.key = NULL};
    enum options_outcome outcome = options_parse(&shape, argc, argv, options, operands);
    if (outcome != OPTIONS_OK)
        return outcome;
    options->name = operands->values[0];
    const char *problem = id_problem(options->name, TENANT_NAME_CHARACTERS);
    if (problem)
        return options_reject(operands, "NAME must %s", problem);
    if (!options->key && !key_derive(options->name, options->made_key))
        return options_reject(operands, "no key can be made from this NAME: give one with --key");
    if (!options->key)
        options->key = options->made_key;
    if (!key_is_valid(options->key))
        return options_reject(operands, "--key must be 1 to 64 of a-z, 0-9 and hyphens");
    return OPTIONS_OK;
}

/* With --if-missing a tenant that is there is success, so that scripts of an installation can be run
 * again. */
static int create_tenant(struct session *session, const void *given)
{
    const struct tenant_options *options = given;
    struct error error = {0};
    struct admin_tenant known;
    uint32_t tenant_id;
    if (!admin_tenant_find(session->db, session->arena, options->key, &known, &error))
        return session_failed(session, &error, "look for the tenant");
    if (known.id && options->if_missing)
        return printf("%s\n", options->key) < 0 ? TOOL_FAILED : TOOL_DONE;
    if (known.id)
        return command_failed("there is a tenant with the key \"%s\" already; give another with --key",
                              options->key);
    /* From here on an early return leaves the tenant out as a whole: closing the session rolls back. */
    if (!session_begin(session))
        return TOOL_FAILED;
    if (!admin_tenant_insert(session->db, options->key, options->name, &tenant_id, &error))
        return session_failed(session, &error, "store the tenant");
    for (size_t i = 0; i < DEFAULT_EVENT_TYPES; i++) {
        if (!admin_event_type_insert(session->db, tenant_id, &default_event_types[i], &error))
            return session_failed(session, &error, "store the event type %s", default_event_types[i].name);
    }
    int code = session_commit(session, "the tenant");
    if (code == TOOL_DONE)
        printf("%s\n", options->key);
    return code;
}

static enum options_outcome parse_quiet(int argc, char **argv, void *quiet, struct operands *operands)
{
    static const struct option_rule rules[] = {{"quiet", OPTION_FLAG, 0, false, 0, 0}};
    static const struct options_shape shape = {rules, 1, 0, 0, ""};
    return options_parse(&shape, argc, argv, quiet, operands);
}

static int list_tenants(struct session *session, const void *given)
{
    const bool quiet = *(const bool *)given;
    struct admin_tenant *tenants = NULL;
    size_t count;
    struct error error = {0};
    if (!admin_tenant_list(session->db, session->arena, &tenants, &count, &error))
        return session_failed(session, &error, "list the tenants");
    if (verb_lists_nothing(count, quiet, "there are no tenants; `palate tenant create NAME` makes one"))
        return TOOL_DONE;
    if (!quiet)
        printf("%-24s  %-8s  %10s  %s\n", "KEY", "STATE", "REVISION", "NAME");
    for (size_t i = 0; i < count; i++) {
        if (quiet)
            printf("%s\n", tenants[i].key);
        else
            printf("%-24s  %-8s  %10s  %s\n", tenants[i].key, tenants[i].active ? "active" : "disabled",
                   format_count(tenants[i].revision).text, tenants[i].name);
    }
    return TOOL_DONE;
}

static int set_active(struct session *session, const char *key, bool active)
{
    struct admin_tenant tenant;
    struct error error = {0};
    if (!session_find_tenant(session, key, &tenant))
        return TOOL_FAILED;
    if (!admin_tenant_set_active(session->db, tenant.id, active, &error))
        return session_failed(session, &error, "change the tenant");
    printf("%s is %s\n", tenant.key, active ? "active" : "disabled");
    return TOOL_DONE;
}

static int enable_tenant(struct session *session, const void *key)
{
    return set_active(session, key, true);
}

static int disable_tenant(struct session *session, const void *key)
{
    return set_active(session, key, false);
}

static const struct verb verbs[] = {
    {"create", tenant_create_parse, sizeof(struct tenant_options), .work = create_tenant},
    {"list", parse_quiet, sizeof(bool), .work = list_tenants},
    {"enable", .operand = "KEY", .work = enable_tenant},
    {"disable", .operand = "KEY", .work = disable_tenant},
    {"limit", tenant_limit_parse, sizeof(struct tenant_limit_options), .work = tenant_limit_set},
};
const struct command tenant_command = {"tenant", help, VERBS(verbs)};
