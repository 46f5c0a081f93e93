/* `palate user`: what is stored about one end user, to show or to erase (erase.c); see user.h.
 *
 * Both follow the same trace of what belongs to the user and the list of parts in storage, so that what export
 * shows is what erase removes. Export streams one JSON object, part by part, and keeps one row in memory,
 * since a user may have a hundred thousand events. Numbers and JSON columns are printed as such, everything
 * else as text. */
#include "cli/accounts/user.h"

#include "base/json_write.h"
#include "base/limits.h"
#include "base/text.h"
#include "cli/import/key_text.h"
#include "storage/users.h"

#include <stdio.h>
#include <string.h>

static const char help[] =
    "usage: palate user export --tenant KEY USER\n"
    "       palate user erase --tenant KEY USER\n"
    "       palate user receipts --tenant KEY USER\n"
    "\n"
    "Everything that is stored about one end user, also under the visitor's ids (anonymous_id) and in the\n"
    "sessions that are this user's and of no other known one. Requests about an item (entity_type=Item) are\n"
    "not the user's, also where the item has the same id.\n"
    "\n"
    "export prints it as one JSON object: events, profile, requests with their answers, shadow decisions.\n"
    "erase removes it, all or nothing, and prints a receipt: how many rows of what, whether the remote\n"
    "recommender was told (a Gorse server is), and in kept_ids what others have as well, or what versions "
    "before\n"
    "0.2 recorded without saying whose it is: look at these, and erase them by themselves. The receipt is "
    "also "
    "kept,\n"
    "with a hash in place of the user's id that only [tool] receipt_key_file can make; receipts prints a "
    "user's.\n"
    "Model files hold no users; what the current one learned from this user goes with the next `palate "
    "train`.\n"
    "Backups and the web server's logs are yours to look after.\n"
    "\n"
    "  --tenant KEY   whose end user it is (needed)\n"
    "\n"
    "example: palate user export --tenant my-shop u-4711 > u-4711.json\n"
    "\n"
    "exit codes: 0 done, 1 failed, 2 wrong usage, 3 erased, but the remote recommender was not told\n";

enum options_outcome user_options_parse(int argc, char **argv, void *given, struct operands *operands)
{
    struct user_options *options = given;
    static const struct option_rule rules[] = {
        {"tenant", OPTION_TEXT, offsetof(struct user_options, tenant), true, 0, 0}};
    static const struct options_shape shape = {rules, 1, 1, 1, "USER"};
    *options = (struct user_options){.tenant = NULL};
    enum options_outcome outcome = options_parse(&shape, argc, argv, options, operands);
    if (outcome != OPTIONS_OK)
        return outcome;
    options->user_id = operands->values[0];
    const char *problem = id_problem(options->user_id, LIMIT_ID_CHARACTERS);
    if (!problem)
        return OPTIONS_OK;
    return options_reject(operands, "USER must %s", problem);
}

/* ---- export */

struct export
{
    enum user_part part; /* the one being printed; USER_PART__MAX: none yet */
    uint64_t rows;       /* of it */
    struct arena *row;   /* of the row being printed */
};

/* A value as JSON: columns that hold JSON as they are, numbers as numbers, all else as text. NULL is null. */
static void write_value(struct json_writer *row, const struct user_value *value)
{
    struct json_object *json = NULL;
    const char *problem;
    int64_t number;
    double real;
    if (value->text && value->kind == USER_JSON &&
        json_parse(value->text, strlen(value->text), &json, &problem)) {
        json_writer_json(row, value->name, json);
        json_object_put(json);
    } else if (value->text && value->kind == USER_NUMBER && text_to_int64(value->text, &number)) {
        json_writer_integer(row, value->name, number);
    } else if (value->text && value->kind == USER_NUMBER && text_to_double(value->text, &real)) {
        json_writer_number(row, value->name, real);
    } else {
        json_writer_text(row, value->name, value->text);
    }
}

/* Closes the list that is open, and opens the lists up to `part`; those without rows are printed as empty
 * lists. */
static void go_to_part(struct export *export, enum user_part part)
{
    for (int next = export->part == USER_PART__MAX ? 0 : (int)export->part + 1; next <= (int)part; next++) {
        printf("%s\n  \"%s\": [", export->part == USER_PART__MAX ? "," : "],",
               user_part_name((enum user_part)next));
        export->part = (enum user_part)next;
        export->rows = 0;
    }
}

static bool print_row(void *context, enum user_part part, const struct user_value *values, size_t count)
{
    struct export *export = context;
    struct json_writer *row = json_writer_create(export->row);
    if (export->part != part)
        go_to_part(export, part);
    json_writer_object(row, NULL);
    for (size_t i = 0; i < count; i++)
        write_value(row, &values[i]);
    json_writer_end(row);
    printf("%s\n    %s", export->rows++ ? "," : "", json_writer_result(row));
    arena_reset(export->row);
    return !ferror(stdout);
}

static const char *json_of_text(struct arena *arena, const char *text)
{
    struct json_writer *out = json_writer_create(arena);
    json_writer_text(out, NULL, text);
    return json_writer_result(out);
}

static int export_user(struct session *session, const void *given)
{
    const struct user_options *options = given;
    struct admin_tenant tenant;
    struct error error = {0};
    struct export export = {.part = USER_PART__MAX};
    struct user_trace trace;
    if (!session_find_tenant(session, options->tenant, &tenant))
        return TOOL_FAILED;
    if (!admin_user_trace(session->db, session->arena, tenant.id, options->user_id, &trace, &error))
        return session_failed(session, &error, "find what belongs to the user");
    struct arena *rows = arena_create();
    export.row = arena_create();
    printf("{\n  \"tenant\": \"%s\",\n  \"user_id\": %s,\n  \"anonymous_ids\": %s,\n  \"session_ids\": %s",
           options->tenant, json_of_text(session->arena, options->user_id),
           json_of_texts(session->arena, trace.ids.texts + 1, trace.ids.count - 1),
           json_of_texts(session->arena, trace.sessions.texts, trace.sessions.count));
    bool done = admin_user_export(session->db, rows, tenant.id, &trace, print_row, &export, &error);
    if (done)
        go_to_part(&export, USER_SHADOWS);
    arena_destroy(rows);
    arena_destroy(export.row);
    if (!done)
        return session_failed(session, &error, "read what is stored about the user");
    printf("]\n}\n");
    return fflush(stdout) ? command_failed("cannot write the export") : TOOL_DONE;
}

/* ---- */

static const struct verb verbs[] = {
    {"export", user_options_parse, sizeof(struct user_options), .work = export_user},
    {"erase", user_options_parse, sizeof(struct user_options), .work = erase_user},
    {"receipts", user_options_parse, sizeof(struct user_options), .work = list_receipts},
};
const struct command user_command = {"user", help, VERBS(verbs)};
