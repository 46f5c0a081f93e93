/* `palate import items`: a catalogue, all or nothing; see import.h.
 *
 * The file is read into a temporary table of this connection first; then one transaction takes what
 * differs over into the catalogue, raises the tenant's revision by one and commits. So a file that turns
 * out to be broken in its last line changes nothing, workers never see half of a catalogue, and the rows
 * of the tenant are locked for the short time of the second step only, not while a large file is being
 * read and unpacked.
 *
 * Items that are as they were are not written, and the revision is raised only when at least one changed:
 * a nightly import of an unchanged catalogue costs the workers nothing.
 *
 * Items that the file does not name stay as they are: a file with the changes of a day is as good an input
 * as a whole catalogue, and an item that should go is named with active = false, or deleted through the
 * API.
 *
 * The last step is a commit whose answer can be lost with the connection. Then it is said that the items
 * may or may not be stored, and that running the same command again is safe, which it is because the same
 * items are then unchanged. A dry run does the same but for the commit, so it says what would come of the file, or
 * why it would be refused. */
#include "base/clock.h"
#include "cli/format.h"
#include "cli/import/bad_lines.h"
#include "cli/import/import.h"
#include "cli/import/preview.h"
#include "cli/import/share_changes.h"
#include "storage/quotas.h"

#include <inttypes.h>
#include <stdio.h>

struct item_import {
    struct import *import;
    int64_t now;
    struct ignored_names ignored;
    uint64_t collected; /* items that the file names: of two rows with one id the last one */
    uint64_t changed;   /* items that are not as they were, also those of before that are there again */
    uint64_t known;     /* of those that the file names, what was there */
    uint64_t leaving;   /* of these, what was switched off */
    bool refused;       /* what would come of it; that was said */
};

/* Sends the rows that have been gathered to the temporary table. */
static bool collect_bulk(struct item_import *items)
{
    struct import *import = items->import;
    struct error error = {0};
    size_t count = bulk_row_count(import->bulk);
    bool done = admin_items_collect(import->session->db, import->bulk, &error);
    arena_reset(import->rows);
    if (!done) {
        progress_clear(&import->progress);
        session_failed(import->session, &error, "take the %zu items up to line %" PRIu64, count,
                       import->record->line);
    }
    return done;
}

/* True when the whole file has been collected. */
static bool collect_all(struct item_import *items)
{
    struct import *import = items->import;
    struct error error = {0};
    enum import_step step;
    struct table_keys keys;
    import_source_keys(import->source, &keys);
    if (!admin_items_stage(import->session->db, &error)) {
        session_failed(import->session, &error, "make a temporary table");
        return false;
    }
    while ((step = import_next(import)) == IMPORT_ROW) {
        struct admin_item item;
        if (!import_row_item(import->record, import->rows, &item, &items->ignored)) {
            if (!import_reject(import))
                return false;
            continue;
        }
        /* A table that has the column says of an empty cell that it is empty. */
        item.has_description =
            item.has_description || import_source_has_column(import->source, "description");
        item.has_metadata =
            item.has_metadata || keys.count || import_source_has_column(import->source, "metadata");
        item.emptied = table_keys_emptied(&keys, import->record, import->rows);
        import->read++;
        if (import->options.dry_run)
            preview_item(import, &item);
        if (!admin_item_add(import->bulk, import->tenant.id, items->now, &item) && !collect_bulk(items))
            return false;
    }
    return step == IMPORT_END && collect_bulk(items);
}

/* Takes the collected rows over, and sees to it that the catalogue is within the tenant's quotas then. */
static bool apply_within_quotas(struct item_import *items, uint64_t revision, struct error *error)
{
    struct database *db = items->import->session->db;
    const struct admin_tenant *tenant = &items->import->tenant;
    uint64_t before[QUOTA__MAX], used[QUOTA__MAX];
    if (!tenant->quotas)
        return admin_items_apply(db, tenant->id, revision, error);
    return quotas_measure_catalogue(db, tenant->id, before, error) &&
           admin_items_apply(db, tenant->id, revision, error) &&
           quotas_measure_catalogue(db, tenant->id, used, error) &&
           quotas_allow_catalogue(tenant->quotas, before, used, error);
}

/* What the file does not say of an item's metadata stays; it may be too much together. */
static bool complete_metadata(struct item_import *items, struct error *error)
{
    const char *too_long = NULL;
    if (items->known && !admin_items_complete(items->import->session->db, items->import->rows,
                                              items->import->tenant.id, &too_long, error))
        return false;
    if (!too_long)
        return true;
    command_say("the metadata of %s, with what is stored of it, would have more than %d bytes of JSON",
                too_long, LIMIT_METADATA_BYTES);
    items->refused = true;
    return false;
}

/* What a whole catalogue no longer has is switched off. A file that was cut short, or is another shop's, would empty
 * the shop, so more than a fifth needs a word. */
static bool switch_off(struct item_import *items, uint64_t revision, struct error *error)
{
    enum { FIFTH = 5 };
    struct database *db = items->import->session->db;
    uint32_t tenant_id = items->import->tenant.id;
    uint64_t shown;
    if (!items->import->options.sync)
        return true;
    if (!admin_items_count_leaving(db, tenant_id, &shown, &items->leaving, error))
        return false;
    if (items->leaving > shown / FIFTH && !items->import->options.force) {
        command_say("the file has no longer %s of the %s items that are shown; if that is right, say --force",
                    format_count(items->leaving).text, format_count(shown).text);
        items->refused = true;
        return false;
    }
    return admin_items_switch_off(db, tenant_id, revision, items->now, error);
}

/* Takes all over, and counts what that did. */
static bool change_catalogue(struct item_import *items, uint64_t revision, struct error *error)
{
    struct database *db = items->import->session->db;
    uint32_t tenant_id = items->import->tenant.id;
    return admin_items_count_collected(db, tenant_id, &items->collected, &items->known, error) &&
           complete_metadata(items, error) && switch_off(items, revision, error) &&
           apply_within_quotas(items, revision, error) &&
           admin_items_count_revision(db, tenant_id, revision, &items->changed, error);
}

/* Changes the catalogue in the open transaction. */
static bool apply_items(struct item_import *items)
{
    struct session *session = items->import->session;
    struct database *db = session->db;
    uint32_t tenant_id = items->import->tenant.id;
    uint64_t revision;
    struct error error = {0};
    if (!admin_tenant_lock_revision(db, tenant_id, &revision, &error) ||
        !change_catalogue(items, revision + 1, &error)) {
        if (items->refused)
            return false;
        if (error.code == ERROR_QUOTA_EXCEEDED)
            command_say("%s; `palate tenant limit %s` shows and sets that", error.message,
                        items->import->tenant.key);
        else
            session_failed(session, &error, "change the catalogue");
        return false;
    }
    /* Without a change there is nothing that a worker would have to read again. */
    if (!items->changed || admin_tenant_set_revision(db, tenant_id, revision + 1, &error))
        return true;
    session_failed(session, &error, "raise the catalogue's revision");
    return false;
}

static int commit_items(struct item_import *items)
{
    struct session *session = items->import->session;
    struct error error = {0};
    switch (database_commit(session->db, &error)) {
    case COMMIT_DONE:
        return TOOL_DONE;
    case COMMIT_FAILED:
        return session_failed(session, &error, "commit the items");
    default:
        items->import->doubtful = true;
        return command_failed(
            "the connection was lost in the last step, so the items may or may not be "
            "stored; run the same command again: it changes nothing that is stored already");
    }
}

static void report_items(const struct item_import *items)
{
    const struct import *import = items->import;
    uint64_t parts = import_source_part_count(import->source);
    if (parts)
        printf("%s rows were variants, images or languages of these\n", format_count(parts).text);
    if (items->ignored.count)
        command_say("%s members were ignored because items have no such fields (%s); put them into metadata",
                    format_count(items->ignored.count).text, items->ignored.examples);
    const uint64_t written = items->changed - items->leaving, created = items->collected - items->known;
    const bool dry = import->options.dry_run;
    printf("%s items %s tenant %s in %s: %s created, %s changed, %s unchanged, %s rejected\n",
           format_count(import->read).text, dry ? "would be read into" : "read into", import->tenant.key,
           format_seconds(progress_seconds(&import->progress)).text, format_count(created).text,
           format_count(written - created).text, format_count(items->collected - written).text,
           format_count(import->rejected).text);
    if (import->options.sync)
        printf("%s items that the file no longer has %s switched off\n", format_count(items->leaving).text,
               dry ? "would be" : "were");
    if (dry)
        puts("nothing was stored");
}

/* Of a dry run, which has gone all the way to where the items would be committed. */
static int end_dry_run(const struct item_import *items)
{
    database_rollback(items->import->session->db);
    report_items(items);
    return items->import->rejected ? TOOL_REJECTED : TOOL_DONE;
}

int import_items_run(struct import *import)
{
    struct item_import items = {.import = import, .now = clock_unix()};
    progress_start(&import->progress, "items", "rows");
    bool collected = collect_all(&items);
    if (collected && !import->read)
        return command_failed("%s holds no items: the catalogue is as before", import->options.file);
    bool kept = collected && (!import->bad || bad_lines_finish(import->bad));
    if (!kept || !session_begin(import->session) || !apply_items(&items)) {
        database_rollback(import->session->db);
        return command_failed("nothing was stored: the catalogue is as before%s",
                              import->rejected ? " (fix the bad lines, or leave some out with --skip-bad)"
                                               : "");
    }
    if (import->options.dry_run)
        return end_dry_run(&items);
    int code = commit_items(&items);
    if (code != TOOL_DONE)
        return code;
    report_items(&items);
    import_share_changes(import, items.changed);
    return import->rejected ? TOOL_REJECTED : TOOL_DONE;
}
