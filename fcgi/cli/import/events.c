/* `palate import events`: a history, in transactions of bounded size; see import.h.
 *
 * A history can have a hundred million rows, which are too many for one transaction: it would keep its
 * undo log and its locks for an hour, and lose all on an interruption. So rows are sent in bulks and
 * committed every TRANSACTION_ROWS. That an import is not all or nothing does no harm, because each row
 * carries a key that tells it from all others (row_event.c): the same command run again passes over what
 * is stored and adds the rest.
 *
 * With --skip-bad the file is read twice, since "no more than N" is not known before its end: first all rows are
 * checked and the bad ones kept, and nothing is stored where they are too many; the second time the good ones are
 * stored as above. Checking costs a fraction of storing.
 *
 * Rows whose time is far ahead, or before 1980, are left out and counted. The API lets the arrival count for such events, which is
 * when they were; a history arrives long after it was, so nothing tells when these were.
 *
 * The figures in the report count committed rows only. What was in an open transaction when the connection
 * broke is not reported as stored. */
#include "base/clock.h"
#include "base/moment.h"
#include "cli/format.h"
#include "cli/import/bad_lines.h"
#include "cli/import/import.h"
#include "cli/import/preview.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { TRANSACTION_ROWS = 20000 };

struct event_import {
    struct import *import;
    struct event_types types;
    struct hash_map repetitions;
    bool open;                             /* a transaction */
    uint64_t open_rows, open_inserted;     /* in it */
    uint64_t stored_rows, stored_inserted; /* committed */
    uint64_t left_out;                     /* for their time */
};

/* Sends the rows that have been gathered, in the open transaction or a new one. */
static bool flush_events(struct event_import *events)
{
    struct import *import = events->import;
    struct session *session = import->session;
    struct error error = {0};
    uint64_t inserted, rows = bulk_row_count(import->bulk);
    bool done = events->open || session_begin(session);
    events->open = done;
    if (done && !admin_events_insert(session->db, import->bulk, &inserted, &error)) {
        progress_clear(&import->progress);
        session_failed(session, &error, "store the events up to line %" PRIu64, import->record->line);
        done = false;
    }
    arena_reset(import->rows);
    if (done) {
        events->open_rows += rows;
        events->open_inserted += rows ? inserted : 0;
    }
    return done;
}

static bool commit_events(struct event_import *events)
{
    struct session *session = events->import->session;
    bool done = !events->open || session_commit(session, "the last events") == TOOL_DONE;
    events->open = false;
    if (!done)
        return false;
    events->stored_rows += events->open_rows;
    events->stored_inserted += events->open_inserted;
    events->open_rows = events->open_inserted = 0;
    return true;
}

static const char *name_of_type(const struct event_types *types, uint64_t id)
{
    size_t i = 0;
    while (types->types[i].id != id)
        i++;
    return types->types[i].name;
}

/* The reading loop. A bulk that is full is sent, and after TRANSACTION_ROWS rows committed; the rest at
 * the end, also when the reading was stopped: what was read before a bad line is good. False when the database
 * failed; *step says how the reading ended. */
static bool store_all(struct event_import *events, enum import_step *step)
{
    struct import *import = events->import;
    struct admin_event event;
    const int64_t now = clock_unix_ms();
    while ((*step = import_next(import)) == IMPORT_ROW) {
        if (!import_row_event(import->record, import->rows, &events->types, &events->repetitions, &event)) {
            if (import_reject(import))
                continue;
            *step = IMPORT_STOPPED;
            break;
        }
        import->read++;
        if (event_is_ahead(event.occurred_at, now) || !moment_is_plausible(event.occurred_at)) {
            events->left_out++;
            continue;
        }
        if (import->options.dry_run) {
            preview_event(import, &event, name_of_type(&events->types, event.type_id));
            arena_reset(import->rows);
            continue;
        }
        if (admin_event_add(import->bulk, import->tenant.id, &event))
            continue;
        if (!flush_events(events) || (events->open_rows >= TRANSACTION_ROWS && !commit_events(events)))
            return false;
    }
    return flush_events(events) && commit_events(events);
}

/* True when the file has no more bad rows than may be left out, these are kept, and it stands at its begin again. */
static bool check_all(struct event_import *events)
{
    struct import *import = events->import;
    struct admin_event event;
    enum import_step step;
    if (!import_source_size(import->source)) {
        command_say("--skip-bad of events needs a file that can be read twice, no pipe");
        return false;
    }
    while ((step = import_next(import)) == IMPORT_ROW) {
        if (!import_row_event(import->record, import->rows, &events->types, &events->repetitions, &event) &&
            !import_reject(import))
            return false;
        arena_reset(import->rows);
    }
    hash_map_clear(&events->repetitions);
    return step == IMPORT_END && bad_lines_finish(import->bad) && import_read_again(import);
}

static int report_events(const struct event_import *events, bool complete)
{
    const struct import *import = events->import;
    if (complete && import->options.dry_run)
        return preview_end_events(import);
    if (complete && !import->read)
        return command_failed("%s holds no events: nothing was stored", import->options.file);
    printf("%s events into tenant %s in %s: %s inserted, %s already there, %s rejected\n",
           format_count(events->stored_rows).text, import->tenant.key,
           format_seconds(progress_seconds(&import->progress)).text,
           format_count(events->stored_inserted).text,
           format_count(events->stored_rows - events->stored_inserted).text,
           format_count(import->rejected).text);
    if (events->left_out)
        printf(
            "%s events were left out: their time is before 1980, or more than a day ahead of this machine's "
            "clock\n",
            format_count(events->left_out).text);
    if (!complete)
        return command_failed(
            "the import did not reach the end. What is counted above is stored; %srun the same "
            "command again: it adds exactly what is missing",
            import->rejected && !import->again ? "fix the bad line or give --on-error skip, and " : "");
    return import->rejected ? TOOL_REJECTED : TOOL_DONE;
}

static bool load_types(struct event_import *events)
{
    struct session *session = events->import->session;
    struct admin_event_type *types = NULL;
    struct error error = {0};
    if (!admin_event_type_list(session->db, session->arena, events->import->tenant.id, &types,
                               &events->types.count, &error)) {
        session_failed(session, &error, "read the event types");
        return false;
    }
    events->types.types = types;
    return true;
}

int import_events_run(struct import *import)
{
    struct event_import events = {.import = import};
    enum import_step step = IMPORT_STOPPED;
    int code;
    progress_start(&import->progress, "events", "rows");
    if (!load_types(&events))
        return TOOL_FAILED;
    if (import->bad && !check_all(&events)) {
        code = command_failed("nothing was stored");
    } else {
        bool stored = store_all(&events, &step);
        progress_clear(&import->progress);
        database_rollback(import->session->db);
        code = report_events(&events, stored && step == IMPORT_END);
    }
    hash_map_clear(&events.repetitions);
    return code;
}
