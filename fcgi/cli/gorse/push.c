/* `palate push`: what is new since the last run, to a Gorse server; see push.h.
 *
 * The problem: another program is to follow a catalogue and a stream of events, by a job that runs every
 * few minutes, may be killed at any moment, and talks to a server that may be away. Everything must
 * arrive, at least once; sending twice must change nothing.
 *
 * The position: for each tenant and address the database holds how far everything has been taken, as
 * (revision of the catalogue, item id) for items and the number of an event for users and feedback. A list
 * is sent, and only when Gorse has taken it is the position moved on, by a statement that names the old
 * position, so that of two runs only one can move it. A run that dies in between sends one list again;
 * Gorse stores each entry under its ids, so that nothing changes there.
 *
 * Items go by revision: every change gives an item the revision it happened at, deletions too, so "what is
 * above the position" is what changed, and a read of (revision, id) in order can stop anywhere.
 *
 * Events go by their number, which MariaDB gives when the row is inserted, not when it is committed. So a
 * row with a smaller number may become visible after one with a larger: a run that read up to the larger
 * one would never send the smaller. Hence a run ends at the newest event, and waits until that one is a
 * second old (settled_us): whatever was inserted before it has then been committed or has failed, since a
 * worker's transaction lasts milliseconds.
 *
 * Gorse knows no tenants and would overwrite what it knows of a user, so a user is sent with the first
 * event only. Of one user, item and type it keeps one feedback, which a later one replaces: so the totals of
 * all events up to the end of the list are read and sent, and a second purchase adds to the first.
 *
 * Retries: none here, but for size. A list that was refused ends the run with its reason, and cron's next run
 * begins with that list; so a server that is away costs one request each time, and no queue grows. A list that
 * Gorse is too slow for would be too large for the next run, too: it is cut in halves, as often as needed, and
 * lists stay that small until the run ends. Items begin with 100, since Gorse rewrites all that it has cached
 * of each.
 *
 * Two runs at a time would only send everything twice, so the second one ends at once with its own exit
 * code. */
#include "cli/gorse/push.h"

#include "base/clock.h"
#include "base/json.h"
#include "base/moment.h"
#include "cli/command.h"
#include "cli/format.h"
#include "cli/gorse/first_sales.h"
#include "cli/gorse/push_send.h"
#include "cli/gorse/rows.h"
#include "cli/progress.h"
#include "storage/schema.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

/* --since of tomorrow passes over what there is; one of years to come is a mistake. */
enum { AHEAD_SECONDS = 2 * 86400 };

enum { ITEMS_DEFAULT = 100, EVENTS_DEFAULT = 1000, BATCH_MAX = 10000, LOCK_NAME_SIZE = 32 };

/* An event's number is given before its transaction is committed. When the newest event is older than
 * this, those with smaller numbers have been committed or never will be; a younger one may still have
 * predecessors that are not visible yet. */
static const int64_t settled_us = 1000000;

static const char help[] =
    "usage: palate push --tenant KEY [--since WHEN] [--batch N] [--timeout S] [--dry-run]\n"
    "\n"
    "Sends what is new since the last run to the Gorse server of [remote]: items that changed (deleted ones\n"
    "as hidden), users who came, and events, as `palate export` says. Where it stands is kept in the "
    "database,\n"
    "for each tenant and url, and moves on only when Gorse has taken a list; a run that was interrupted, or\n"
    "killed, sends at most one list again, which changes nothing there. Gorse knows no tenants: give each\n"
    "tenant a server of its own. It starts no training: Gorse does that when its own time has come (in its\n"
    "[recommend] section), and shows fallbacks, as what is popular, until then.\n"
    "\n"
    "  --tenant KEY   whose\n"
    "  --since WHEN   start at what changed or arrived at this moment, not where the last run ended:\n"
    "                 2026-01-31, 2026-01-31T12:00 (UTC) or Unix seconds; 1970-01-01 sends everything again\n"
    "                 It holds for the runs to come, too, should this one be interrupted.\n"
    "  --batch N      rows of one request, 1 to 10000, default 100 items and 1000 events; halved where "
    "Gorse\n"
    "                 takes too long for them\n"
    "  --timeout S    seconds that Gorse may take for one request, 1 to 3600, default 60\n"
    "  --dry-run      only say what would be sent\n"
    "\n"
    "Says on stdout what it sent, and on stderr what went wrong. Of two runs at a time one does nothing.\n"
    "\n"
    "example: */5 * * * * palate push --tenant my-shop >/dev/null      (in a crontab)\n"
    "\n"
    "exit codes: 0 done, 1 failed: run it again, 2 wrong usage, 4 another push of the tenant is at work\n";

static const struct option_rule rules[] = {
    {"tenant", OPTION_TEXT, offsetof(struct push_options, tenant), true, 0, 0},
    {"since", OPTION_TEXT, offsetof(struct push_options, since_text), false, 0, 0},
    {"batch", OPTION_NUMBER, offsetof(struct push_options, batch), false, 1, BATCH_MAX},
    {"timeout", OPTION_NUMBER, offsetof(struct push_options, timeout_s), false, 1, PUSH_TIMEOUT_MAX},
    {"dry-run", OPTION_FLAG, offsetof(struct push_options, dry_run), false, 0, 0},
};
static const struct options_shape shape = {rules, sizeof(rules) / sizeof(rules[0]), 0, 0, ""};

enum options_outcome push_options_parse(int argc, char **argv, void *given, struct operands *operands)
{
    struct push_options *options = given;
    *options = (struct push_options){.timeout_s = PUSH_TIMEOUT_DEFAULT};
    enum options_outcome outcome = options_parse(&shape, argc, argv, options, operands);
    if (outcome != OPTIONS_OK || !options->since_text)
        return outcome;
    if (moment_parse(options->since_text, &options->since))
        return options->since <= (clock_unix() + AHEAD_SECONDS) * 1000
                   ? OPTIONS_OK
                   : options_reject(operands,
                                    "--since lies days ahead: what comes until then would never be sent");
    return options_reject(operands,
                          "--since must be a moment as 2026-01-31, 2026-01-31T12:00 or Unix seconds");
}

struct push {
    struct session *session;
    const struct push_options *options;
    struct admin_tenant tenant;
    struct push_position position;
    struct push_sender sender;
    struct arena *arena, *row_arena; /* of one batch, of one row of it */
    struct first_sales first_sales;
    bool late; /* the last list was too large for Gorse */
    char item_id[LIMIT_ID_CHARACTERS * 4 + 1];
    uint64_t sent[PUSH_WHAT__MAX], refused;
    struct progress progress;
};

static bool report_failure(struct push *push, const struct error *error, const char *what)
{
    progress_clear(&push->progress);
    session_failed(push->session, error, "%s", what);
    return false;
}

/* Closes and sends a list of count rows; nothing else may stand on the terminal then. */
static bool send_list(struct push *push, enum push_what what, struct json_writer *list, size_t count)
{
    json_writer_end(list);
    progress_clear(&push->progress);
    enum push_outcome outcome = push_send(&push->sender, what, json_writer_result(list), count);
    push->late = outcome == PUSH_LATE;
    if (outcome != PUSH_TAKEN)
        return false;
    push->sent[what] += count;
    /* Users go between two lists of feedback, whose number is shown. */
    if (what != PUSH_USERS)
        progress_update(&push->progress, 0, 0, push->sent[what]);
    return true;
}

/* How many rows are read for the first list of a kind. */
static size_t first_limit(const struct push *push, size_t usual)
{
    return push->options->batch ? (size_t)push->options->batch : usual;
}

/* Whether what was read is to be sent again as smaller lists. At some size one row is left, which fails. */
static bool cut_list(struct push *push, const char *what, size_t *limit, size_t count)
{
    if (!push->late)
        return false;
    *limit = count > 1 ? count / 2 : 1;
    command_say("Gorse did not finish with %zu %s in %" PRId64 " s; lists of %zu are tried", count, what,
                push->options->timeout_s, *limit);
    return true;
}

/* Notes that everything up to the position has been taken. */
static bool advance(struct push *push)
{
    struct error error = {0};
    bool moved;
    if (push->options->dry_run)
        return true;
    if (!push_position_move(push->session->db, push->tenant.id, push->sender.config->remote_url,
                            &push->position, &moved, &error))
        return report_failure(push, &error, "note what was sent; the next run sends that list again");
    if (!moved) {
        progress_clear(&push->progress);
        command_say("another push of %s has gone on meanwhile; this one ends", push->tenant.key);
    }
    return moved;
}

static bool go_on(struct push *push)
{
    if (!command_is_interrupted())
        return true;
    progress_clear(&push->progress);
    command_say("interrupted; the next run goes on where this one ended");
    return false;
}

static bool push_some_items(struct push *push, struct push_item *items, size_t count)
{
    struct json_writer *list = json_writer_create(push->arena);
    size_t refused = 0;
    json_writer_list(list, NULL);
    for (size_t i = 0; i < count; i++) {
        items[i].first_sale = first_sales_find(&push->first_sales, items[i].id);
        if (gorse_takes_id(items[i].id))
            gorse_write_item(list, push->arena, &items[i]);
        else
            refused++;
    }
    push->refused += refused;
    if (!send_list(push, PUSH_ITEMS, list, count - refused))
        return false;
    /* The last item that was read, also when it was refused: it would be refused again. */
    push->position.revision = items[count - 1].revision;
    snprintf(push->item_id, sizeof(push->item_id), "%s", items[count - 1].id);
    push->position.item_id = push->item_id;
    return advance(push);
}

/* Up to the revision that the catalogue has now: what changes meanwhile is the next run's, so that a shop
 * which changes items all day does not keep a run from ending. */
static bool push_items(struct push *push)
{
    struct error error = {0};
    struct push_item *items = NULL;
    uint64_t last;
    size_t count, limit = first_limit(push, ITEMS_DEFAULT);
    if (!tenants_read_revision(push->session->db, push->tenant.id, &last, &error))
        return report_failure(push, &error, "read the catalogue's revision");
    progress_start(&push->progress, "items", "sent");
    while (go_on(push)) {
        arena_reset(push->arena);
        if (!push_items_read(push->session->db, push->arena, push->tenant.id, &push->position, last, limit,
                             &items, &count, &error) ||
            (count && !first_sales_load(&push->first_sales, push->session->db, push->session->arena,
                                        push->tenant.id, &error)))
            return report_failure(push, &error, "read the items");
        if (!count)
            return true;
        if (!push_some_items(push, items, count) && !cut_list(push, "items", &limit, count))
            return false;
    }
    return false;
}

/* Gorse would overwrite what it knows of a user, so only those who were not sent before are. */
static bool push_users(struct push *push, uint64_t last)
{
    struct error error = {0};
    struct push_user *users = NULL;
    size_t count;
    if (!push_users_read(push->session->db, push->arena, push->tenant.id, push->position.event_id, last,
                         &users, &count, &error))
        return report_failure(push, &error, "read the users");
    struct json_writer *list = json_writer_create(push->arena);
    size_t taken = 0;
    json_writer_list(list, NULL);
    for (size_t i = 0; i < count; i++) {
        if (!gorse_takes_id(users[i].id))
            continue;
        gorse_write_user(list, &users[i]);
        taken++;
    }
    return send_list(push, PUSH_USERS, list, taken);
}

/* The rows of a list that are to be completed. */
struct merged {
    struct gorse_feedback *rows;
    size_t count;
};

static void on_total(void *context, const struct push_total *total)
{
    const struct merged *merged = context;
    const struct gorse_feedback key = {
        .user_id = total->user_id, .item_id = total->item_id, .purchased = total->is_purchase};
    struct gorse_feedback *row = gorse_feedback_find(merged->rows, merged->count, &key);
    if (!row)
        return;
    row->value = total->is_purchase ? total->pieces : total->events;
    row->at = total->latest;
}

/* Adds what was sent before to the rows of the events up to `last`. */
static bool complete_rows(struct push *push, struct gorse_feedback *rows, size_t count, uint64_t last)
{
    struct error error = {0};
    struct merged merged = {rows, count};
    if (!count)
        return true;
    return push_totals_stream(push->session->db, push->row_arena, push->tenant.id, push->position.event_id,
                              last, on_total, &merged, &error) ||
           report_failure(push, &error, "read the totals of users");
}

static bool push_some_events(struct push *push, const struct push_event *events, size_t count)
{
    struct gorse_feedback *rows = arena_alloc(push->arena, count, sizeof(*rows));
    size_t row_count = 0;
    for (size_t i = 0; i < count; i++) {
        if (gorse_feedback_of(&events[i], &rows[row_count]))
            row_count++;
        else
            push->refused += !gorse_takes_id(events[i].user_id) || !gorse_takes_id(events[i].item_id);
    }
    uint64_t last = events[count - 1].id;
    row_count = gorse_feedback_merge(rows, row_count);
    push->late = false;
    if (!complete_rows(push, rows, row_count, last))
        return false;
    struct json_writer *list = json_writer_create(push->arena);
    json_writer_list(list, NULL);
    for (size_t i = 0; i < row_count; i++)
        gorse_write_feedback(list, &rows[i]);
    if (!push_users(push, last) || !send_list(push, PUSH_FEEDBACK, list, row_count))
        return false;
    push->position.event_id = last;
    return advance(push);
}

/* The number up to which events are sent in this run. */
static bool find_last_event(struct push *push, uint64_t *last)
{
    struct error error = {0};
    int64_t age_us;
    if (!push_events_newest(push->session->db, push->tenant.id, last, &age_us, &error))
        return report_failure(push, &error, "look for the newest event");
    int64_t wait_us = age_us < 0 ? settled_us : settled_us - age_us;
    if (*last <= push->position.event_id || wait_us <= 0 || push->options->dry_run)
        return true;
    struct timespec pause = {.tv_sec = wait_us / 1000000, .tv_nsec = wait_us % 1000000 * 1000};
    nanosleep(&pause, NULL);
    return true;
}

static bool push_events(struct push *push)
{
    struct error error = {0};
    struct push_event *events = NULL;
    uint64_t last;
    size_t count, limit = first_limit(push, EVENTS_DEFAULT);
    if (!find_last_event(push, &last))
        return false;
    progress_start(&push->progress, "feedback", "sent");
    while (go_on(push)) {
        arena_reset(push->arena);
        if (!push_events_read(push->session->db, push->arena, push->tenant.id, push->position.event_id, last,
                              limit, &events, &count, &error))
            return report_failure(push, &error, "read the events");
        if (!count)
            return true;
        if (!push_some_events(push, events, count) && !cut_list(push, "events", &limit, count))
            return false;
    }
    return false;
}

static bool find_start(struct push *push)
{
    struct error error = {0};
    const char *url = push->sender.config->remote_url;
    struct database *db = push->session->db;
    if (!push_position_read(db, push->session->arena, push->tenant.id, url, &push->position, &error))
        return report_failure(push, &error, "read how far the last push came");
    if (!push->options->since_text)
        return true;
    if (!push_position_since(db, push->tenant.id, push->options->since, push->tenant.revision,
                             &push->position, &error))
        return report_failure(push, &error, "look for what changed since then");
    /* Noted before anything is sent: a run that dies is gone on with from there, not from where the one before
     * ended; and it holds also where nothing is to be sent from there on. */
    return advance(push);
}

static void print_report(const struct push *push)
{
    printf("%s: %s %s items, %s users and %s feedback to %s in %s requests\n", push->tenant.key,
           push->options->dry_run ? "would send" : "sent", format_count(push->sent[PUSH_ITEMS]).text,
           format_count(push->sent[PUSH_USERS]).text, format_count(push->sent[PUSH_FEEDBACK]).text,
           push->sender.config->remote_url, format_count(push->sender.requests).text);
    if (push->refused)
        command_say("left out %s items and events, because Gorse takes no id that is blank or has a slash",
                    format_count(push->refused).text);
}

static bool finish_push(struct push *push)
{
    struct error error = {0};
    progress_clear(&push->progress);
    if (push->options->dry_run)
        return true;
    return push_position_complete(push->session->db, push->tenant.id, push->sender.config->remote_url,
                                  &error) ||
           report_failure(push, &error, "note that everything was sent");
}

/* The report is printed after a failure, too: what was sent until then has been taken and noted. */
static int push_locked(struct push *push)
{
    push->arena = arena_create();
    push->row_arena = arena_create();
    bool good = find_start(push) && push_items(push) && push_events(push) && finish_push(push);
    progress_clear(&push->progress);
    print_report(push);
    arena_destroy(push->arena);
    arena_destroy(push->row_arena);
    return good ? TOOL_DONE : TOOL_FAILED;
}

/* A second run does not wait for the lock: cron starts the next one in a few minutes anyway. */
static int push_tenant(struct session *session, const void *given)
{
    const struct push_options *options = given;
    struct push push = {.session = session, .options = options};
    struct error error = {0};
    char lock[LOCK_NAME_SIZE];
    bool taken;
    if (!session_find_tenant(session, options->tenant, &push.tenant))
        return TOOL_FAILED;
    snprintf(lock, sizeof(lock), "push.%" PRIu32, push.tenant.id);
    if (!admin_lock_take(session->db, lock, 0, &taken, &error))
        return session_failed(session, &error, "take the lock for pushing");
    if (!taken) {
        printf("%s: another push is at work; nothing was done\n", push.tenant.key);
        return TOOL_BUSY;
    }
    command_catch_interrupt();
    signal(SIGPIPE, SIG_IGN); /* the server may hang up */
    bool open = push_sender_open(&push.sender, session->config, (int)options->timeout_s, options->dry_run);
    int code = open ? push_locked(&push) : TOOL_FAILED;
    push_sender_close(&push.sender);
    admin_lock_release(session->db, lock);
    return code;
}

static const struct verb verbs[] = {
    {NULL, push_options_parse, sizeof(struct push_options), .work = push_tenant}};
const struct command push_command = {"push", help, VERBS(verbs)};
