/* `palate import`: what both kinds share; see import.h.
 *
 * A kind (items.c, events.c) calls import_next() until the file ends and says import_reject() about a row
 * that breaks one of its rules. Here is what they have in common: the options, the file, the progress, the
 * count of bad lines and the decision whether to go on behind one. The default is to stop at the first bad
 * line, because a wrong column makes every line bad, and a million of them should not have to be rejected
 * one by one.
 *
 * The layers below, each of which knows nothing of the one above: line_reader.c makes lines of a file that
 * may be packed, csv.c makes fields of lines, source.c makes named values of fields or of JSON, row_item.c
 * and row_event.c make checked rows of values. Rows are gathered in a bulk and sent together, many in one
 * statement, since a statement for each row would take most of the time.
 *
 * A bad line is reported as FILE:LINE: and the reason, as compilers do, so that editors jump to it. Only
 * the first 20 are printed. Ctrl-C is looked at between two rows.
 *
 * Memory is bounded whatever the file's size: one bulk, one arena that is reset with each bulk, the
 * reader's buffers, and for events the table of what was seen (row_event.c). */
#include "cli/import/import.h"

#include "base/memory.h"
#include "cli/command.h"
#include "cli/import/bad_lines.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { REPORTED_LINES = 20 };

static const char help[] =
    "usage: palate import items FILE --tenant KEY [options]\n"
    "       palate import events FILE --tenant KEY [options]\n"
    "\n"
    "Reads a catalogue or a history of events. FILE may be plain, gzip or xz; - is standard input.\n"
    "\n"
    "  --tenant KEY        whose they are (needed)\n"
    "  --format FORMAT     auto (default): found out, and said in a line; or csv (any table), xml (a "
    "feed),\n"
    "                      jsonl, json (an array)\n"
    "  --map NAME=COLUMN,...  what a table calls NAME, where it is not found out: --map "
    "name=Titel,price=Preis\n"
    "  --dry-run           read all, show five rows as they would be stored, say what would come of the "
    "file,\n"
    "                      and store nothing\n"
    "  --sync              items: the file is the whole catalogue; what it no longer has is switched off\n"
    "  --force             with --sync: also where that is more than a fifth of what is shown\n"
    "  --skip-bad N        leave out up to N bad lines and write them to FILE.bad, to be mended and "
    "imported;\n"
    "                      more than N: nothing is stored. Events are read twice, so from no pipe\n"
    "  --bad-file FILE     with skip-bad: write them there\n"
    "  --on-error stop     default: end at the first bad line\n"
    "  --on-error skip     go on behind bad lines; each is reported (the first 20) and counted\n"
    "  --max-errors N      with skip: stop after more than N bad lines\n"
    "  --plain-categories  items in CSV: keep 'a > b' and 'a|b' in a column of categories as one text\n"
    "\n"
    "items: id (or item_id, entity_id) and name; besides description, metadata (a JSON object), active\n"
    "    (true or false) and created (Unix seconds or ISO 8601). CSV has a header; its other columns\n"
    "    become metadata. An item that exists keeps what the file does not say. All or nothing: if the "
    "import "
    "does\n"
    "    not reach its end, the catalogue is as before. The index of GET /items/search follows at the end.\n"
    "events: user_id, item_id, type (one of the tenant's: view, click, like, add_to_cart, purchase, ...),\n"
    "    occurred_at (Unix seconds, Unix milliseconds or ISO 8601), quantity (1 when absent). Other\n"
    "    columns only help to tell events apart. Run again after an interruption, it adds exactly what "
    "is missing; an\n"
    "    event that was imported before is never added twice.\n"
    "\n"
    "example: palate import items catalogue.jsonl.gz --tenant shop\n"
    "         palate import events purchases.csv.xz --tenant shop --on-error skip\n"
    "\n"
    "exit codes: 0 done, 1 failed or stopped, 2 wrong usage, 3 done but for rejected lines\n";

static const struct option_rule rules[] = {
    {"tenant", OPTION_TEXT, offsetof(struct import_options, tenant), true, 0, 0},
    {"format", OPTION_TEXT, offsetof(struct import_options, format), false, 0, 0},
    {"map", OPTION_TEXT, offsetof(struct import_options, map), false, 0, 0},
    {"sync", OPTION_FLAG, offsetof(struct import_options, sync), false, 0, 0},
    {"force", OPTION_FLAG, offsetof(struct import_options, force), false, 0, 0},
    {"skip-bad", OPTION_NUMBER, offsetof(struct import_options, skip_bad), false, 0, INT64_MAX},
    {"bad-file", OPTION_TEXT, offsetof(struct import_options, bad_file), false, 0, 0},
    {"dry-run", OPTION_FLAG, offsetof(struct import_options, dry_run), false, 0, 0},
    {"on-error", OPTION_TEXT, offsetof(struct import_options, on_error), false, 0, 0},
    {"max-errors", OPTION_NUMBER, offsetof(struct import_options, errors_maximum), false, 0, INT64_MAX},
    {"plain-categories", OPTION_FLAG, offsetof(struct import_options, plain_categories), false, 0, 0},
};
static const struct options_shape shape = {rules, sizeof(rules) / sizeof(rules[0]), 1, 1, "FILE"};

enum options_outcome import_options_parse(int argc, char **argv, void *given, struct operands *operands)
{
    struct import_options *options = given;
    *options = (struct import_options){
        .format = "auto", .on_error = "stop", .errors_maximum = INT64_MAX, .skip_bad = -1};
    enum options_outcome outcome = options_parse(&shape, argc, argv, options, operands);
    if (outcome != OPTIONS_OK)
        return outcome;
    options->file = operands->values[0];
    enum import_format format;
    if (!import_format_parse(options->format, &format))
        return options_reject(operands, "--format must be auto, csv, xml, jsonl or json");
    if (strcmp(options->on_error, "stop") && strcmp(options->on_error, "skip"))
        return options_reject(operands, "--on-error must be stop or skip");
    if (options->sync && (options->skip_bad >= 0 || strcmp(options->on_error, "stop")))
        return options_reject(operands,
                              "--sync needs all lines: one that is left out would switch its item off");
    if (options->force && !options->sync)
        return options_reject(operands, "--force belongs to --sync");
    if (options->bad_file && options->skip_bad < 0)
        return options_reject(operands, "--bad-file belongs to --skip-bad");
    if (options->skip_bad >= 0 && !options->bad_file && !strcmp(options->file, "-"))
        return options_reject(operands, "--skip-bad of standard input needs --bad-file");
    if (options->sync && strcmp(argv[0], "items"))
        return options_reject(operands, "--sync is for items: events do not leave");
    if (options->errors_maximum != INT64_MAX && !strcmp(options->on_error, "stop"))
        return options_reject(operands, "--max-errors needs --on-error skip");
    return OPTIONS_OK;
}

static const char *name_bad_file(const struct import *import)
{
    const struct import_options *options = &import->options;
    return options->bad_file ? options->bad_file
                             : arena_format(import->session->arena, "%s.bad", options->file);
}

/* False after saying why. */
static bool open_source(struct import *import)
{
    char problem[400];
    struct import_source_options options = {.kind = import->kind,
                                            .map = import->options.map,
                                            .plain_categories = import->options.plain_categories};
    if (!import_format_parse(import->options.format, &options.format))
        return false; /* the options have been checked */
    import->source = import_source_open(import->options.file, &options, problem, sizeof(problem));
    if (!import->source ||
        !import_source_has_columns(import->source, import->options.file, problem, sizeof(problem))) {
        command_say("%s%s", problem, import->source ? ". If it has another name: --map NAME=COLUMN" : "");
        return false;
    }
    return true;
}

/* Opens the file and finds the tenant. False after saying why; close it also then. */
static bool open_import(struct import *import)
{
    char problem[400];
    if (!session_find_tenant(import->session, import->options.tenant, &import->tenant))
        return false;
    command_catch_interrupt();
    if (!open_source(import))
        return false;
    import_source_describe(import->source, problem, sizeof(problem));
    printf("%s: %s\n", import->options.file, problem);
    import->conversion = import_source_conversion(import->source);
    if (import->options.skip_bad >= 0 && !import->options.dry_run) {
        import->bad = bad_lines_create(name_bad_file(import), import_source_header(import->source),
                                       import_source_footer(import->source));
        if (!import->bad)
            return false;
    }
    import->record = memory_alloc(1, sizeof(*import->record));
    import->rows = arena_create();
    import->bulk = bulk_create();
    return true;
}

/* Where the first letter that is not ASCII came late. */
static void say_conversion(const struct import *import)
{
    const char *conversion = import->source ? import_source_conversion(import->source) : NULL;
    if (conversion && !import->conversion)
        command_say("%s: was converted from %s", import->options.file, conversion);
}

bool import_read_again(struct import *import)
{
    import_source_close(import->source);
    import->source = NULL;
    import->read = import->rejected = import->bad_lines = 0;
    import->again = true;
    return open_source(import);
}

/* code: of the import, an enum tool_exit. */
static void close_import(struct import *import, int code)
{
    say_conversion(import);
    bad_lines_close(import->bad, code != TOOL_FAILED || import->doubtful);
    import_source_close(import->source);
    memory_free(import->record);
    arena_destroy(import->rows);
    bulk_destroy(import->bulk);
}

/* Of a record that cannot be read. A quote that was never closed swallows the rows behind it: these are lines that
 * would be left out, too. */
static uint64_t count_lines(const struct import *import)
{
    const char *raw = import->record->raw;
    uint64_t lines = 1;
    if (!raw)
        return import_source_line(import->source) - import->record->line + 1;
    for (const char *end = raw; (end = strchr(end, '\n')); end++)
        lines++;
    return lines;
}

/* lines: of the file, that are left out with it. */
static bool reject_lines(struct import *import, uint64_t lines)
{
    const struct import_options *options = &import->options;
    bool skips = options->skip_bad >= 0 || !strcmp(options->on_error, "skip");
    uint64_t most = options->skip_bad >= 0 ? (uint64_t)options->skip_bad : (uint64_t)options->errors_maximum;
    import->rejected++;
    import->bad_lines += lines;
    if (import->again && import->bad_lines <= most)
        return true;
    progress_clear(&import->progress);
    if (import->rejected <= REPORTED_LINES)
        fprintf(stderr, "%s:%" PRIu64 ": %s\n", options->file, import->record->line, import->record->problem);
    if (import->rejected == REPORTED_LINES + 1)
        fprintf(stderr, "%s: more bad lines are only counted\n", options->file);
    if (!skips)
        return false;
    if (import->bad_lines <= most)
        return !import->bad || bad_lines_keep(import->bad, import->record->raw);
    command_say("more than %" PRIu64 " bad lines (--%s)", most,
                options->skip_bad >= 0 ? "skip-bad" : "max-errors");
    return false;
}

bool import_reject(struct import *import)
{
    return reject_lines(import, 1);
}

enum import_step import_next(struct import *import)
{
    for (;;) {
        if (command_is_interrupted()) {
            progress_clear(&import->progress);
            command_say("interrupted");
            return IMPORT_STOPPED;
        }
        progress_update(&import->progress, import_source_position(import->source),
                        import_source_size(import->source), import->read);
        switch (import_source_next(import->source, import->rows, import->record)) {
        case RECORD_OK:
            return IMPORT_ROW;
        case RECORD_END:
            progress_clear(&import->progress);
            return IMPORT_END;
        case RECORD_BAD:
            if (reject_lines(import, count_lines(import)))
                continue;
            return IMPORT_STOPPED;
        default:
            progress_clear(&import->progress);
            command_say("%s", import->record->problem);
            return IMPORT_STOPPED;
        }
    }
}

static int run_import(struct session *session, const void *given, enum import_kind kind,
                      int (*run)(struct import *import))
{
    struct import import = {
        .options = *(const struct import_options *)given, .session = session, .kind = kind};
    int code = open_import(&import) ? run(&import) : TOOL_FAILED;
    close_import(&import, code);
    return code;
}

static int import_items(struct session *session, const void *options)
{
    return run_import(session, options, IMPORT_ITEMS, import_items_run);
}

static int import_events(struct session *session, const void *options)
{
    return run_import(session, options, IMPORT_EVENTS, import_events_run);
}

static const struct verb verbs[] = {
    {"items", import_options_parse, sizeof(struct import_options), .work = import_items},
    {"events", import_options_parse, sizeof(struct import_options), .work = import_events},
};
const struct command import_command = {"import", help, VERBS(verbs)};
