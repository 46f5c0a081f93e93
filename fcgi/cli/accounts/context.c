/* `palate context`: stored rules of places where recommendations are shown; see context.h.
 *
 * Settings are checked by the parser that workers use (recommender/context_settings.c), so that a context
 * which was stored can be served; the help lists them from the same table. They replace the old settings
 * as a whole, while name, key and description stay when they are not given: a setting that should go must
 * be able to go.
 *
 * A key is how requests may name the context instead of its number, in the same parameter that names the
 * built-in templates. So it must be neither one of these nor look like a number. */
#include "cli/accounts/context.h"

#include "base/id_prefix.h"
#include "base/json_write.h"
#include "base/limits.h"
#include "base/memory.h"
#include "base/read_file.h"
#include "base/text.h"
#include "cli/accounts/tenant_limit.h"
#include "cli/import/key_text.h"
#include "recommender/context_settings.h"
#include "storage/contexts.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { CONTEXT_NAME_CHARACTERS = 200, CONTEXT_SETTINGS_BYTES = 1024 * 1024 };

static const char help[] =
    "usage: palate context set --tenant KEY --id N --settings JSON|@FILE [--key K] [--name NAME]\n"
    "                          [--description TEXT]\n"
    "       palate context list --tenant KEY [--quiet]\n"
    "       palate context show --tenant KEY --id N\n"
    "       palate context delete --tenant KEY --id N\n"
    "\n"
    "Stored rules of a place where recommendations are shown. set makes a context or changes the one with "
    "that\n"
    "number; what is not given stays as it is. Workers follow with the next request.\n"
    "\n"
    "  --tenant KEY    whose context (needed)\n"
    "  --id N          its number, 1 to 4294967295: context_id in requests\n"
    "  --quiet         list the numbers alone, one a line\n"
    "  --key K         URL-safe name that requests may use as template; default: made from --name, else\n"
    "                  context-N\n"
    "  --settings ...  a JSON object with any of the settings below, or @ and the file that holds it\n"
    "\n"
    "example: palate context set --tenant shop --id 101 --name Kitchen \\\n"
    "             --settings "
    "'{\"filters\":[{\"column\":\"category\",\"operator\":\"=\",\"value\":\"kitchen\"}]}'\n"
    "\n"
    "exit codes: 0 done, 1 failed, 2 wrong usage\n";

static void print_settings(void)
{
    const char *name, *text;
    printf("\nsettings:\n");
    for (size_t i = 0; (text = context_setting_help(i, &name)); i++)
        printf("  %-20s  %s\n", name, text);
}

static const struct option_rule set_rules[] = {
    {"tenant", OPTION_TEXT, offsetof(struct context_options, tenant), true, 0, 0},
    {"id", OPTION_NUMBER, offsetof(struct context_options, id), true, 1, UINT32_MAX},
    {"settings", OPTION_TEXT, offsetof(struct context_options, settings), true, 0, 0},
    {"key", OPTION_TEXT, offsetof(struct context_options, key), false, 0, 0},
    {"name", OPTION_TEXT, offsetof(struct context_options, name), false, 0, 0},
    {"description", OPTION_TEXT, offsetof(struct context_options, description), false, 0, 0},
};
enum { SET_RULES = sizeof(set_rules) / sizeof(set_rules[0]), PICK_RULES = 2 };

/* NULL when the key may be used, else the rule. Requests name a key where they may also name a template. */
static const char *key_problem(const char *key)
{
    static const char *const templates[] = {"personalized", "trending", "popular", "similar", "new"};
    size_t length = strlen(key);
    if (!length || length > LIMIT_CONTEXT_KEY_CHARACTERS ||
        strspn(key, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~") != length)
        return "be 1 to 64 of letters, digits and -_.~";
    for (size_t i = 0; i < sizeof(templates) / sizeof(templates[0]); i++) {
        if (!strcmp(key, templates[i]))
            return "not be the name of a built-in template (personalized, trending, popular, similar, new)";
    }
    const char *digits = id_without_prefix(ID_OF_CONTEXT, key);
    if (digits[strspn(digits, "0123456789")] == '\0')
        return "not be a number, nor ctx_ and a number: requests would take it for one";
    return NULL;
}

enum options_outcome context_set_parse(int argc, char **argv, void *given, struct operands *operands)
{
    struct context_options *options = given;
    static const struct options_shape shape = {set_rules, SET_RULES, 0, 0, ""};
    *options = (struct context_options){0};
    enum options_outcome outcome = options_parse(&shape, argc, argv, options, operands);
    if (outcome != OPTIONS_OK)
        return outcome;
    const char *problem = options->key ? key_problem(options->key) : NULL;
    if (problem)
        return options_reject(operands, "--key must %s", problem);
    problem = options->name && *options->name ? id_problem(options->name, CONTEXT_NAME_CHARACTERS) : NULL;
    if (problem)
        return options_reject(operands, "--name must %s", problem);
    const char *text = options->description;
    if (text &&
        (!text_is_utf8(text, strlen(text)) || text_count_characters(text) > LIMIT_DESCRIPTION_CHARACTERS))
        return options_reject(operands, "--description must be valid UTF-8, at most 10,000 characters");
    return OPTIONS_OK;
}

enum options_outcome context_pick_parse(int argc, char **argv, void *given, struct operands *operands)
{
    struct context_options *options = given;
    static const struct options_shape shape = {set_rules, PICK_RULES, 0, 0, ""};
    *options = (struct context_options){0};
    return options_parse(&shape, argc, argv, options, operands);
}

/* The settings as compact JSON, checked as a worker would. NULL after saying what is wrong. */
static char *read_settings(struct session *session, const char *given)
{
    struct json_object *json;
    struct context_settings settings;
    struct error error = {0};
    char problem[400];
    const char *reason;
    size_t length = strlen(given);
    /* JSON on a command line is hard to quote, hence @FILE. */
    char *text = *given == '@'
                     ? read_file(given + 1, CONTEXT_SETTINGS_BYTES, &length, problem, sizeof(problem))
                     : memory_copy_text(given);
    if (!text) {
        command_say("--settings: %s", problem);
        return NULL;
    }
    bool parsed = json_parse_arena(session->arena, text, length, &json, &reason);
    memory_free(text);
    if (!parsed) {
        command_say("--settings is %s", reason);
    } else if (!json_object_is_type(json, json_type_object)) {
        command_say("--settings must be a JSON object");
    } else if (context_settings_parse(session->arena, json, &settings, &error)) {
        return arena_copy_text(session->arena, json_text(json));
    } else if (!error.problem_count) {
        command_say("--settings: %s", error.message);
    }
    for (size_t i = 0; i < error.problem_count; i++)
        command_say("--settings: %s %s", error.problems[i].field, error.problems[i].problem);
    return NULL;
}

/* Overlays what is given on what is stored; a new context without a key gets one made from its name. */
static void merge_context(struct session *session, const struct context_options *options, bool known,
                          struct context_row *context)
{
    char derived[KEY_SIZE];
    struct arena *arena = session->arena;
    context->id = (uint32_t)options->id;
    if (options->name || !known)
        context->name = arena_copy_text(arena, options->name ? options->name : "");
    if (options->description || !known)
        context->description = arena_copy_text(arena, options->description ? options->description : "");
    if (options->key)
        context->key = arena_copy_text(arena, options->key);
    else if (!known)
        context->key = key_derive(context->name, derived) && !key_problem(derived)
                           ? arena_copy_text(arena, derived)
                           : arena_format(arena, "context-%" PRId64, options->id);
}

/* True when another context of the tenant has the key, or that cannot be found out. */
static bool key_is_taken(struct session *session, uint32_t tenant_id, const struct context_row *context)
{
    struct context_row *contexts = NULL;
    size_t count;
    struct error error = {0};
    if (!admin_context_list(session->db, session->arena, tenant_id, &contexts, &count, &error)) {
        session_failed(session, &error, "list the contexts");
        return true;
    }
    for (size_t i = 0; i < count; i++) {
        if (contexts[i].id != context->id && !strcmp(contexts[i].key, context->key)) {
            command_say("context %" PRIu32 " has the key \"%s\" already; give another with --key",
                        contexts[i].id, context->key);
            return true;
        }
    }
    return false;
}

/* Whether the tenant may have one more; false after saying that it may not. */
static bool has_room(struct session *session, const struct admin_tenant *tenant)
{
    struct context_row *contexts;
    size_t count;
    struct error error = {0};
    if (admin_context_list(session->db, session->arena, tenant->id, &contexts, &count, &error))
        return tenant_limit_allows(tenant, QUOTA_CONTEXTS, count + 1);
    session_failed(session, &error, "count the contexts");
    return false;
}

/* What can be wrong with the input alone is found before the transaction begins. */
static int set_context(struct session *session, const void *given)
{
    const struct context_options *options = given;
    struct admin_tenant tenant;
    struct context_row context;
    struct error error = {0};
    uint64_t revision;
    bool known;
    char *settings = read_settings(session, options->settings);
    if (!settings || !session_find_tenant(session, options->tenant, &tenant) || !session_begin(session))
        return TOOL_FAILED;
    /* The tenant's row is locked so that two commands cannot give the same key to two contexts. */
    if (!admin_tenant_lock_revision(session->db, tenant.id, &revision, &error))
        return session_failed(session, &error, "lock the tenant");
    if (!contexts_find_id(session->db, session->arena, tenant.id, (uint32_t)options->id, &context, &known,
                          &error))
        return session_failed(session, &error, "look for the context");
    merge_context(session, options, known, &context);
    context.settings = settings;
    /* The database's unique key would refuse it as well, but could not say which context has the key. */
    if (key_is_taken(session, tenant.id, &context))
        return TOOL_FAILED;
    if (!known && !has_room(session, &tenant))
        return TOOL_FAILED;
    if (!admin_context_store(session->db, tenant.id, &context, &error))
        return session_failed(session, &error, "store the context");
    int code = session_commit(session, "the context");
    if (code == TOOL_DONE)
        printf("%s context %" PRIu32 " (%s)\n", known ? "changed" : "made", context.id, context.key);
    return code;
}

static int list_contexts(struct session *session, const void *given)
{
    const struct list_options *options = given;
    struct admin_tenant tenant;
    struct context_row *contexts = NULL;
    size_t count;
    struct error error = {0};
    if (!session_find_tenant(session, options->tenant, &tenant))
        return TOOL_FAILED;
    if (!admin_context_list(session->db, session->arena, tenant.id, &contexts, &count, &error))
        return session_failed(session, &error, "list the contexts");
    if (verb_lists_nothing(count, options->quiet,
                           "tenant %s has no contexts; `palate context set --help` says how to make one",
                           tenant.key))
        return TOOL_DONE;
    if (!options->quiet)
        printf("%10s  %-24s  %-24s  %s\n", "ID", "KEY", "NAME", "SETTINGS");
    for (size_t i = 0; i < count; i++) {
        if (options->quiet)
            printf("%" PRIu32 "\n", contexts[i].id);
        else
            printf("%10" PRIu32 "  %-24s  %-24s  %s\n", contexts[i].id, contexts[i].key, contexts[i].name,
                   contexts[i].settings);
    }
    return TOOL_DONE;
}

static void print_context(struct session *session, const struct context_row *context)
{
    struct json_writer *out = json_writer_create(session->arena);
    struct json_object *settings;
    const char *problem;
    json_writer_object(out, NULL);
    json_writer_integer(out, "id", (int64_t)context->id);
    json_writer_text(out, "key", context->key);
    json_writer_text(out, "name", context->name);
    json_writer_text(out, "description", context->description);
    if (json_parse_arena(session->arena, context->settings, strlen(context->settings), &settings, &problem))
        json_writer_json(out, "settings", settings);
    else
        json_writer_text(out, "settings", context->settings);
    json_writer_end(out);
    printf("%s\n", json_indent(session->arena, json_writer_result(out)));
}

static int report_missing(const struct context_options *options)
{
    return command_failed("tenant %s has no context %" PRId64
                          "; `palate context list --tenant %s` shows them",
                          options->tenant, options->id, options->tenant);
}

static int show_context(struct session *session, const void *given)
{
    const struct context_options *options = given;
    struct admin_tenant tenant;
    struct context_row context;
    struct error error = {0};
    bool known;
    if (!session_find_tenant(session, options->tenant, &tenant))
        return TOOL_FAILED;
    if (!contexts_find_id(session->db, session->arena, tenant.id, (uint32_t)options->id, &context, &known,
                          &error))
        return session_failed(session, &error, "look for the context");
    if (!known)
        return report_missing(options);
    print_context(session, &context);
    return TOOL_DONE;
}

static int delete_context(struct session *session, const void *given)
{
    const struct context_options *options = given;
    struct admin_tenant tenant;
    bool deleted;
    struct error error = {0};
    if (!session_find_tenant(session, options->tenant, &tenant))
        return TOOL_FAILED;
    if (!admin_context_delete(session->db, tenant.id, (uint32_t)options->id, &deleted, &error))
        return session_failed(session, &error, "delete the context");
    if (!deleted)
        return report_missing(options);
    printf("deleted context %" PRId64 "\n", options->id);
    return TOOL_DONE;
}

static const struct verb verbs[] = {
    {"set", context_set_parse, sizeof(struct context_options), .work = set_context},
    {"list", verb_parse_list, sizeof(struct list_options), .work = list_contexts},
    {"show", context_pick_parse, sizeof(struct context_options), .work = show_context},
    {"delete", context_pick_parse, sizeof(struct context_options), .work = delete_context},
};
const struct command context_command = {"context", help, VERBS(verbs), .explain = print_settings};
