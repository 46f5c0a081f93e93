/* `palate export gorse`: a tenant's items, users and events as files; see export.h.
 *
 * All three files are read in one transaction, which sees one moment, so that no event names an item
 * that is missing. Events are streamed by user: memory holds the feedback of one user at a time, of which
 * one for each item and type is written, with the sum of its quantities. Files are written under temporary
 * names and renamed when all three are complete; an interruption leaves what was there. */
#include "cli/gorse/export.h"

#include "base/memory.h"
#include "cli/command.h"
#include "cli/format.h"
#include "cli/gorse/first_sales.h"
#include "cli/gorse/rows.h"
#include "cli/output_file.h"
#include "cli/progress.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static const char help[] =
    "usage: palate export gorse --tenant KEY --dir DIR\n"
    "\n"
    "Writes items.jsonl, users.jsonl and feedback.jsonl into DIR: JSON lines as Gorse imports them, in its\n"
    "dashboard or with\n"
    "\n"
    "    curl -H 'X-Api-Key: ADMIN KEY' -F file=@DIR/items.jsonl http://MASTER:8088/api/bulk/items\n"
    "\n"
    "and then users and feedback. Bulk import is the master's: it needs the address of its dashboard, not "
    "that\n"
    "of a server, and the key of its administrator ([master] admin_api_key), not that of [server]. Gorse "
    "trains\n"
    "when its own time has come, not because of an import.\n"
    "\n"
    "Purchases become the feedback `purchase`; every other event of a type with a weight above 0 becomes\n"
    "`view`, but for impressions. Of one user, item and type Gorse keeps one feedback: it has the latest "
    "moment,\n"
    "and as Value the pieces that were bought, or how many views there were.\n"
    "Inactive items are hidden, deleted ones left out. Ids with a slash, which Gorse refuses, are left out "
    "and\n"
    "counted. All three files are of one moment, and each is replaced at once when all are complete.\n"
    "\n"
    "  --tenant KEY   whose\n"
    "  --dir DIR      where to; it is made when it is not there\n"
    "\n"
    "Later changes: `palate push`.\n"
    "\n"
    "example: palate export gorse --tenant my-shop --dir /var/tmp/gorse\n"
    "\n"
    "exit codes: 0 done, 1 failed, 2 wrong usage\n";

static const struct option_rule rules[] = {
    {"tenant", OPTION_TEXT, offsetof(struct export_options, tenant), true, 0, 0},
    {"dir", OPTION_TEXT, offsetof(struct export_options, directory), true, 0, 0},
};
static const struct options_shape shape = {rules, sizeof(rules) / sizeof(rules[0]), 0, 0, ""};

enum options_outcome export_options_parse(int argc, char **argv, void *given, struct operands *operands)
{
    struct export_options *options = given;
    *options = (struct export_options){0};
    return options_parse(&shape, argc, argv, options, operands);
}

enum export_file { FILE_ITEMS, FILE_USERS, FILE_FEEDBACK, FILE__MAX };
static const char *const file_names[FILE__MAX] = {
    [FILE_ITEMS] = "items.jsonl", [FILE_USERS] = "users.jsonl", [FILE_FEEDBACK] = "feedback.jsonl"};

struct export
{
    struct session *session;
    struct admin_tenant tenant;
    struct output_file files[FILE__MAX];
    bool open[FILE__MAX];
    uint64_t written[FILE__MAX];
    uint64_t refused_items, refused_events, rows;
    struct arena *row_arena, *user_arena, *line_arena; /* of one row read, one user, one line written */
    struct gorse_feedback *feedback;                   /* of the user */
    size_t feedback_count, feedback_room;
    struct first_sales first_sales;
    struct push_user user; /* whose events are being read; id NULL: none yet */
    struct progress progress;
};

static bool write_line(struct export *export, enum export_file file, struct json_writer *line)
{
    export->written[file]++;
    return fputs(json_writer_result(line), export->files[file].stream) >= 0 &&
           putc('\n', export->files[file].stream) != EOF && !command_is_interrupted();
}

static bool on_item(void *context, const struct push_item *item)
{
    struct export *export = context;
    progress_update(&export->progress, 0, 0, ++export->rows);
    if (!gorse_takes_id(item->id)) {
        export->refused_items++;
        return true;
    }
    struct push_item dated = *item;
    struct json_writer *line = json_writer_create(export->row_arena);
    dated.first_sale = first_sales_find(&export->first_sales, item->id);
    gorse_write_item(line, export->row_arena, &dated);
    return write_line(export, FILE_ITEMS, line);
}

/* Writes the user whose events have all been read. */
static bool end_user(struct export *export)
{
    if (!export->user.id)
        return true;
    bool good = true;
    if (gorse_takes_id(export->user.id)) {
        struct json_writer *line = json_writer_create(export->user_arena);
        gorse_write_user(line, &export->user);
        good = write_line(export, FILE_USERS, line);
    }
    size_t count = gorse_feedback_merge(export->feedback, export->feedback_count);
    for (size_t i = 0; good && i < count; i++) {
        struct json_writer *line = json_writer_create(export->line_arena);
        gorse_write_feedback(line, &export->feedback[i]);
        good = write_line(export, FILE_FEEDBACK, line);
        arena_reset(export->line_arena);
    }
    export->user.id = NULL;
    export->feedback_count = 0;
    arena_reset(export->user_arena);
    return good;
}

/* Keeps what an event says to Gorse until all events of the user are read. */
static void keep_feedback(struct export *export, const struct push_event *event)
{
    struct gorse_feedback row;
    if (!gorse_feedback_of(event, &row)) {
        export->refused_events += !gorse_takes_id(event->item_id) || !gorse_takes_id(event->user_id);
        return;
    }
    if (export->feedback_count == export->feedback_room) {
        export->feedback_room = export->feedback_room ? 2 * export->feedback_room : 256;
        export->feedback = memory_resize(export->feedback, export->feedback_room, sizeof(*export->feedback));
    }
    row.user_id = export->user.id;
    row.item_id = arena_copy_text(export->user_arena, row.item_id);
    export->feedback[export->feedback_count++] = row;
}

static bool on_event(void *context, const struct push_event *event, const char *user_name)
{
    struct export *export = context;
    progress_update(&export->progress, 0, 0, ++export->rows);
    if (export->user.id && strcmp(export->user.id, event->user_id) != 0 && !end_user(export))
        return false;
    if (!export->user.id)
        export->user = (struct push_user){.id = arena_copy_text(export->user_arena, event->user_id),
                                          .name = arena_copy_text(export->user_arena, user_name)};
    keep_feedback(export, event);
    return !command_is_interrupted();
}

static bool check_complete(struct export *export)
{
    progress_clear(&export->progress);
    for (int i = 0; i < FILE__MAX; i++) {
        if (ferror(export->files[i].stream))
            return command_failed("cannot write %s: %s", export->files[i].path, strerror(errno)), false;
    }
    if (command_is_interrupted())
        return command_failed("interrupted; the files are as before"), false;
    return true;
}

static bool write_all(struct export *export)
{
    struct database *db = export->session->db;
    struct error error = {0};
    uint32_t tenant_id = export->tenant.id;
    progress_start(&export->progress, "items", "rows");
    bool read = first_sales_load(&export->first_sales, db, export->session->arena, tenant_id, &error) &&
                push_items_stream(db, export->row_arena, tenant_id, on_item, export, &error);
    if (read && !check_complete(export))
        return false;
    export->rows = 0;
    progress_start(&export->progress, "events", "rows");
    read = read && push_events_stream(db, export->row_arena, tenant_id, on_event, export, &error);
    if (!read) {
        progress_clear(&export->progress);
        session_failed(export->session, &error, "read items and events of %s", export->tenant.key);
        return false;
    }
    /* Also after an early end: check_complete() says why. */
    end_user(export);
    return check_complete(export);
}

/* All three are opened before anything is read, so that a directory that cannot be written to is known at
 * once. */
static bool open_files(struct export *export, const char *directory)
{
    if (mkdir(directory, 0777) && errno != EEXIST) {
        command_say("cannot make the directory %s: %s", directory, strerror(errno));
        return false;
    }
    for (int i = 0; i < FILE__MAX; i++) {
        const char *path = arena_format(export->session->arena, "%s/%s", directory, file_names[i]);
        export->open[i] = output_file_check(path, true) && output_file_open(&export->files[i], path);
        if (!export->open[i])
            return false;
    }
    return true;
}

static void report_files(const struct export *export, const char *directory)
{
    printf("%s: %s items, %s users and %s feedback in %s\n", export->tenant.key,
           format_count(export->written[FILE_ITEMS]).text, format_count(export->written[FILE_USERS]).text,
           format_count(export->written[FILE_FEEDBACK]).text, directory);
    if (export->refused_items || export->refused_events)
        command_say("left out, because Gorse takes no id that is blank or has a slash: %s items, %s events",
                    format_count(export->refused_items).text, format_count(export->refused_events).text);
}

/* Ends with a rollback in any case: nothing was written, the transaction only held the moment. */
static int export_gorse(struct session *session, const void *given)
{
    const struct export_options *options = given;
    struct export export = {.session = session};
    bool good = session_find_tenant(session, options->tenant, &export.tenant) &&
                open_files(&export, options->directory) && session_begin(session);
    export.row_arena = arena_create();
    export.user_arena = arena_create();
    export.line_arena = arena_create();
    command_catch_interrupt();
    good = good && write_all(&export);
    for (int i = 0; i < FILE__MAX; i++) {
        if (export.open[i] && good)
            good = output_file_commit(&export.files[i]);
        else if (export.open[i])
            output_file_abandon(&export.files[i]);
    }
    if (good)
        report_files(&export, options->directory);
    database_rollback(session->db);
    memory_free(export.feedback);
    arena_destroy(export.row_arena);
    arena_destroy(export.user_arena);
    arena_destroy(export.line_arena);
    return good ? TOOL_DONE : TOOL_FAILED;
}

static const struct verb verbs[] = {
    {"gorse", export_options_parse, sizeof(struct export_options), .work = export_gorse},
};
const struct command export_command = {"export", help, VERBS(verbs)};
