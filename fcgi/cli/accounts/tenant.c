/* `palate tenant`; see tenant.h. */
#include "cli/accounts/tenant.h"

#include "cli/accounts/switch_verb.h"
#include "cli/format.h"
#include "cli/import/default_event_types.h"
#include "cli/session.h"

#include <stdio.h>
#include <string.h>

enum { TENANT_NAME_CHARACTERS = 200 };

static const char help[] =
    "usage: palate tenant create NAME [--key KEY] [--if-missing]\n"
    "       palate tenant list [--quiet]\n"
    "       palate tenant enable KEY\n"
    "       palate tenant disable KEY\n"
    "\n"
    "Customers of this installation. create prints the new tenant's key and gives it the usual event types.\n"
    "All tokens of a disabled tenant are refused; its data stays.\n"
    "\n"
    "  --key KEY     1 to 64 of a-z, 0-9 and hyphens; default: made from the name\n"
    "  --if-missing  where there is a tenant with the key, only print the key\n"
    "  --quiet       list the keys alone, one a line\n"
    "\n"
    "example: palate tenant create 'My Shop'      (prints my-shop)\n"
    "\n"
    "exit codes: 0 done, 1 failed, 2 wrong usage\n";

static enum options_outcome wrong(struct operands *operands, const char *rule, const char *problem)
{
    snprintf(operands->problem, sizeof(operands->problem), "%s %s", rule, problem);
    return OPTIONS_WRONG;
}

enum options_outcome tenant_create_parse(int argc, char **argv, struct tenant_options *options,
                                         struct operands *operands)
{
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
        return wrong(operands, "NAME must", problem);
    if (!options->key && !key_derive(options->name, options->made_key))
        return wrong(operands, "no key can be made from this NAME:", "give one with --key");
    if (!options->key)
        options->key = options->made_key;
    if (!key_is_valid(options->key))
        return wrong(operands, "--key must", "be 1 to 64 of a-z, 0-9 and hyphens");
    return OPTIONS_OK;
}

static int create(struct session *session, const struct tenant_options *options)
{
    struct error error = {0};
    struct admin_tenant known;
    uint64_t tenant_id;
    if (!admin_tenant_find(session->db, session->arena, options->key, &known, &error))
        return session_failed(session, &error, "look for the tenant");
    if (known.id && options->if_missing)
        return printf("%s\n", options->key) < 0 ? TOOL_FAILED : TOOL_DONE;
    if (known.id)
        return command_failed("there is a tenant with the key \"%s\" already; give another with --key",
                              options->key);
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

static int create_run(const struct tool *tool, int argc, char **argv)
{
    struct tenant_options options;
    struct operands operands;
    struct session session;
    enum options_outcome outcome = tenant_create_parse(argc, argv, &options, &operands);
    if (outcome == OPTIONS_HELP)
        return command_help(help);
    if (outcome == OPTIONS_WRONG)
        return command_misused("tenant", operands.problem);
    int code = session_open(&session, tool) ? create(&session, &options) : TOOL_FAILED;
    session_close(&session);
    return code;
}

static int list(struct session *session, bool quiet)
{
    struct admin_tenant *tenants = NULL;
    size_t count;
    struct error error = {0};
    if (!admin_tenant_list(session->db, session->arena, &tenants, &count, &error))
        return session_failed(session, &error, "list the tenants");
    if (command_lists_nothing(count, quiet, "there are no tenants; `palate tenant create NAME` makes one"))
        return TOOL_DONE;
    for (size_t i = 0; quiet && i < count; i++)
        printf("%s\n", tenants[i].key);
    if (quiet)
        return TOOL_DONE;
    printf("%-24s  %-8s  %10s  %s\n", "KEY", "STATE", "REVISION", "NAME");
    for (size_t i = 0; i < count; i++)
        printf("%-24s  %-8s  %10s  %s\n", tenants[i].key, tenants[i].active ? "active" : "disabled",
               format_count(tenants[i].revision).text, tenants[i].name);
    return TOOL_DONE;
}

static int list_run(const struct tool *tool, int argc, char **argv)
{
    static const struct option_rule rules[] = {{"quiet", OPTION_FLAG, 0, false, 0, 0}};
    static const struct options_shape shape = {rules, 1, 0, 0, ""};
    struct operands operands;
    struct session session;
    bool quiet = false;
    enum options_outcome outcome = options_parse(&shape, argc, argv, &quiet, &operands);
    if (outcome == OPTIONS_HELP)
        return command_help(help);
    if (outcome == OPTIONS_WRONG)
        return command_misused("tenant", operands.problem);
    int code = session_open(&session, tool) ? list(&session, quiet) : TOOL_FAILED;
    session_close(&session);
    return code;
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

static const struct switch_verb switch_verb = {"tenant", "KEY", help, set_active};

static int enable_run(const struct tool *tool, int argc, char **argv)
{
    return switch_verb_run(&switch_verb, true, tool, argc, argv);
}

static int disable_run(const struct tool *tool, int argc, char **argv)
{
    return switch_verb_run(&switch_verb, false, tool, argc, argv);
}

int tenant_run(const struct tool *tool, int argc, char **argv)
{
    static const struct command verbs[] = {{"create", "", create_run},
                                           {"list", "", list_run},
                                           {"enable", "", enable_run},
                                           {"disable", "", disable_run}};
    return command_run_verb(verbs, sizeof(verbs) / sizeof(verbs[0]), help, tool, argc, argv);
}
