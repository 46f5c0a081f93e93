/* `palate event-type`: the kinds of events of a tenant, and what each is worth; see event_type.h.
 *
 * Events are stored with the number of their type, which therefore never changes; name, weight and whether
 * it is a purchase can. A changed weight counts from the next answer on, because workers weigh the events
 * they read, and for what is learned from the next training on. Workers keep a tenant's types by its
 * revision, so that each change raises it. */
#include "cli/accounts/event_type.h"

#include "base/limits.h"
#include "cli/accounts/tenant_limit.h"
#include "cli/import/key_text.h"
#include "storage/event_types.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const char help[] =
    "usage: palate event-type list --tenant KEY [--quiet]\n"
    "       palate event-type set NAME --tenant KEY [--weight N] [--number N] [--purchase yes|no]\n"
    "       palate event-type delete NAME --tenant KEY\n"
    "\n"
    "Kinds of events. A call names an event's type by its name or its number. Changes count from the next\n"
    "answer on, and for what is learned from the next training on.\n"
    "\n"
    "  --tenant KEY        whose they are (needed)\n"
    "  --weight N          -100 to 100: how much such an event says; below 0 it is dislike. Needed for a new "
    "type\n"
    "  --number N          1 to 4294967295, of a new type; default: the next free one\n"
    "  --purchase yes|no   whether the user has bought the item by it; default for a new type: no\n"
    "  --quiet             list the names alone, one a line\n"
    "\n"
    "What is not given to set stays as it is. Events of a deleted type are kept, but say nothing any more.\n"
    "\n"
    "example: palate event-type set dislike --tenant shop --weight -50\n"
    "\n"
    "exit codes: 0 done, 1 failed, 2 wrong usage\n";

static const struct option_rule rules[] = {
    {"tenant", OPTION_TEXT, offsetof(struct event_type_options, tenant), true, 0, 0},
    {"weight", OPTION_NUMBER, offsetof(struct event_type_options, weight), false, -100, 100},
    {"number", OPTION_NUMBER, offsetof(struct event_type_options, number), false, 1, UINT32_MAX},
    {"purchase", OPTION_TEXT, offsetof(struct event_type_options, purchase), false, 0, 0},
};
enum { SET_RULES = sizeof(rules) / sizeof(rules[0]), ONLY_TENANT = 1 };

static enum options_outcome parse_with(const struct options_shape *shape, int argc, char **argv,
                                       struct event_type_options *options, struct operands *operands)
{
    *options = (struct event_type_options){.weight = EVENT_TYPE_NO_WEIGHT};
    enum options_outcome outcome = options_parse(shape, argc, argv, options, operands);
    if (outcome == OPTIONS_OK && operands->count)
        options->name = operands->values[0];
    return outcome;
}

enum options_outcome event_type_set_parse(int argc, char **argv, void *given, struct operands *operands)
{
    struct event_type_options *options = given;
    static const struct options_shape shape = {rules, SET_RULES, 1, 1, "NAME"};
    enum options_outcome outcome = parse_with(&shape, argc, argv, options, operands);
    if (outcome != OPTIONS_OK)
        return outcome;
    const char *problem = id_problem(options->name, LIMIT_EVENT_TYPE_CHARACTERS);
    if (problem)
        return options_reject(operands, "NAME must %s", problem);
    if (!options->name[strspn(options->name, "0123456789")])
        return options_reject(operands, "NAME must not be a number: calls would take it for one");
    if (options->purchase && strcmp(options->purchase, "yes") && strcmp(options->purchase, "no"))
        return options_reject(operands, "--purchase must be yes or no");
    return OPTIONS_OK;
}

static enum options_outcome parse_delete(int argc, char **argv, void *given, struct operands *operands)
{
    struct event_type_options *options = given;
    static const struct options_shape shape = {rules, ONLY_TENANT, 1, 1, "NAME"};
    return parse_with(&shape, argc, argv, options, operands);
}

struct type_list {
    struct admin_event_type *types;
    size_t count;
};

static bool read_types(struct session *session, uint32_t tenant_id, struct type_list *list)
{
    struct error error = {0};
    if (admin_event_type_list(session->db, session->arena, tenant_id, &list->types, &list->count, &error))
        return true;
    session_failed(session, &error, "read the event types");
    return false;
}

static int list_types(struct session *session, const void *given)
{
    const struct list_options *options = given;
    struct admin_tenant tenant;
    struct type_list known = {0};
    if (!session_find_tenant(session, options->tenant, &tenant) || !read_types(session, tenant.id, &known))
        return TOOL_FAILED;
    if (verb_lists_nothing(known.count, options->quiet,
                           "tenant %s has no event types; `palate event-type set NAME --tenant %s --weight "
                           "N` makes one",
                           tenant.key, tenant.key))
        return TOOL_DONE;
    if (!options->quiet)
        printf("%10s  %-24s  %6s  %s\n", "NUMBER", "NAME", "WEIGHT", "PURCHASE");
    for (size_t i = 0; i < known.count; i++) {
        if (options->quiet)
            printf("%s\n", known.types[i].name);
        else
            printf("%10" PRIu64 "  %-24s  %6d  %s\n", known.types[i].id, known.types[i].name,
                   known.types[i].weight, known.types[i].is_purchase ? "yes" : "no");
    }
    return TOOL_DONE;
}

/* Overlays what is given on what is stored, or starts a new type with the next free number. NULL when all
 * is well, else what is wrong. */
static const char *merge_type(const struct event_type_options *options, const struct type_list *known,
                              struct admin_event_type *type)
{
    uint64_t highest = 0, number = (uint64_t)options->number;
    bool found = false, taken = false;
    for (size_t i = 0; i < known->count; i++) {
        bool same = !strcmp(known->types[i].name, options->name);
        highest = known->types[i].id > highest ? known->types[i].id : highest;
        taken = taken || (!same && known->types[i].id == number);
        found = found || same;
        if (same)
            *type = known->types[i];
    }
    if (found && number && number != type->id)
        return "--number cannot change the number of a type that exists";
    if (taken)
        return "--number is taken by another type; `palate event-type list` shows them";
    if (!found && options->weight == EVENT_TYPE_NO_WEIGHT)
        return "--weight is needed for a new type";
    if (!found)
        *type = (struct admin_event_type){.id = number ? number : highest + 1, .name = options->name};
    if (options->weight != EVENT_TYPE_NO_WEIGHT)
        type->weight = (int)options->weight;
    if (options->purchase)
        type->is_purchase = !strcmp(options->purchase, "yes");
    return type->id > UINT32_MAX ? "no number is left; give one with --number" : NULL;
}

/* Tells the workers that what they keep about the tenant's types is old, and locks the tenant's row so that
 * two commands cannot take the same number. */
static bool raise_revision(struct session *session, uint32_t tenant_id)
{
    struct error error = {0};
    uint64_t revision;
    if (admin_tenant_lock_revision(session->db, tenant_id, &revision, &error) &&
        admin_tenant_set_revision(session->db, tenant_id, revision + 1, &error))
        return true;
    session_failed(session, &error, "raise the tenant's revision");
    return false;
}

/* The tenant's row is locked first (by raising its revision), so that the types that are read stay as they
 * are until the commit. */
static bool has_name(const struct type_list *known, const char *name)
{
    for (size_t i = 0; i < known->count; i++) {
        if (!strcmp(known->types[i].name, name))
            return true;
    }
    return false;
}

static int set_type(struct session *session, const void *given)
{
    const struct event_type_options *options = given;
    struct admin_tenant tenant;
    struct type_list known = {0};
    struct admin_event_type type = {0};
    struct error error = {0};
    if (!session_find_tenant(session, options->tenant, &tenant) || !session_begin(session))
        return TOOL_FAILED;
    if (!raise_revision(session, tenant.id))
        return TOOL_FAILED;
    if (!read_types(session, tenant.id, &known))
        return TOOL_FAILED;
    const char *problem = merge_type(options, &known, &type);
    if (problem)
        return command_failed("%s", problem);
    if (!has_name(&known, type.name) && !tenant_limit_allows(&tenant, QUOTA_EVENT_TYPES, known.count + 1))
        return TOOL_FAILED;
    if (!admin_event_type_store(session->db, tenant.id, &type, &error))
        return session_failed(session, &error, "store the event type");
    int code = session_commit(session, "the event type");
    if (code == TOOL_DONE)
        printf("%s is number %" PRIu64 " with weight %d%s\n", type.name, type.id, type.weight,
               type.is_purchase ? ", a purchase" : "");
    return code;
}

/* Events of the type stay; without a type they weigh nothing. */
static int delete_type(struct session *session, const void *given)
{
    const struct event_type_options *options = given;
    struct admin_tenant tenant;
    struct error error = {0};
    bool deleted;
    if (!session_find_tenant(session, options->tenant, &tenant) || !session_begin(session) ||
        !raise_revision(session, tenant.id))
        return TOOL_FAILED;
    if (!admin_event_type_delete(session->db, tenant.id, options->name, &deleted, &error))
        return session_failed(session, &error, "delete the event type");
    if (!deleted)
        return command_failed("tenant %s has no event type \"%s\"; `palate event-type list --tenant %s` "
                              "shows them",
                              tenant.key, options->name, tenant.key);
    int code = session_commit(session, "that the event type is gone");
    if (code == TOOL_DONE)
        printf("deleted event type %s\n", options->name);
    return code;
}

static const struct verb verbs[] = {
    {"list", verb_parse_list, sizeof(struct list_options), .work = list_types},
    {"set", event_type_set_parse, sizeof(struct event_type_options), .work = set_type},
    {"delete", parse_delete, sizeof(struct event_type_options), .work = delete_type},
};
const struct command event_type_command = {"event-type", help, VERBS(verbs)};
