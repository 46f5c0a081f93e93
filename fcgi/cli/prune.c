/* `palate prune`: removes what has become old; see prune.h.
 *
 * The problem: the two logs grow for ever, and what is in them is about people. They must shrink while the
 * service runs, on machines of any speed, and nobody's request may wait for it.
 *
 * The idea: steps (storage/retention.h), each a transaction of its own, whose size follows the machine. The
 * first takes few rows; one that took less than half of AIM_US is followed by one of twice as many, one that
 * took longer by one of half as many. So on a slow disk, or beside a busy server, steps become small by
 * themselves. What counts is the time of the rows, not that of the COMMIT: to wait for a disk that is busy takes
 * as long for few rows as for many. After each step the run sleeps as long as its rows took: so it takes at most
 * half of what one connection can take from MariaDB, and purging keeps up.
 *
 * What goes: by the settings of [retention], or by --older for all parts at once. Events only go where they are
 * asked for, since models are learned from them. Kept lists have their own time, and rows of users without
 * texts go with the logs, since that is all that they are: a note that somebody came.
 *
 * Interruption: each step is committed, so a run may be stopped or killed at any moment, and the next one
 * goes on where it finds the oldest row. A deadlock or a lock wait is tried again with fewer rows. Of two runs
 * at a time one does nothing.
 *
 * What it does not do: it does not shrink files. InnoDB gives freed pages to new rows, so with a nightly run
 * the tables stay as large as they were at most; OPTIMIZE TABLE would give disk back, and lock. */
#include "cli/prune.h"

#include "base/clock.h"
#include "base/moment.h"
#include "base/text.h"
#include "cli/format.h"
#include "cli/progress.h"
#include "storage/schema.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
    DAY_SECONDS = 86400,
    OLDEST_DAYS = 36500,
    ROWS_FIRST = 100,
    ROWS_LEAST = 100, /* below that a step is round trips and a COMMIT, and no shorter */
    ROWS_MOST = 1000,
    AIM_US = 20 * 1000, /* for the rows of one step */
    REST_MOST_US = 500 * 1000,
    TRIES = 6,
    LOCK_SECONDS = 1,
};

static const char help[] =
    "usage: palate prune [--older AGE] [--tenant KEY] [--what PART,...] [--dry-run]\n"
    "\n"
    "Removes what has become old, of every tenant, while the service runs: small transactions, a pause "
    "after\n"
    "each. It may be interrupted; the next run goes on.\n"
    "\n"
    "  logs    requests with their answers and shadows\n"
    "  lists   ranked lists that were kept for later pages and are past their five minutes, whatever AGE "
    "says\n"
    "  users   rows of users and items without name and description\n"
    "  events  only if named here, or with [retention] events_days. Purchases stay, without session, "
    "request,\n"
    "          context, placement and metadata, so that what somebody has bought stays known\n"
    "\n"
    "  --older AGE      90d, 12h or 8w; default: [retention] logs_days, and events_days for events\n"
    "  --tenant KEY     only this tenant\n"
    "  --what PART,...  only these parts\n"
    "  --dry-run        only say how many rows of which tables would go\n"
    "\n"
    "Deleted items stay as bare rows, by which workers know that they are gone. Files of the database do "
    "not\n"
    "shrink; new rows take the room that has become free.\n"
    "\n"
    "example: palate --no-progress prune >/dev/null      (once a night, from cron)\n"
    "\n"
    "exit codes: 0 done, 1 failed or interrupted: run it again, 2 wrong usage, 4 another prune is at work\n";

static const struct option_rule rules[] = {
    {"older", OPTION_TEXT, offsetof(struct prune_options, older_text), false, 0, 0},
    {"tenant", OPTION_TEXT, offsetof(struct prune_options, tenant), false, 0, 0},
    {"what", OPTION_TEXT, offsetof(struct prune_options, what_text), false, 0, 0},
    {"dry-run", OPTION_FLAG, offsetof(struct prune_options, dry_run), false, 0, 0},
};
static const struct options_shape shape = {rules, sizeof(rules) / sizeof(rules[0]), 0, 0, ""};

bool prune_age_parse(const char *text, int64_t *seconds)
{
    static const struct {
        char unit;
        int64_t seconds;
    } units[] = {{'h', 3600}, {'d', DAY_SECONDS}, {'w', 7 * (int64_t)DAY_SECONDS}};
    char digits[8];
    size_t length = strspn(text, "0123456789");
    int64_t number;
    if (!length || length >= sizeof(digits) || strlen(text) != length + 1)
        return false;
    memcpy(digits, text, length);
    digits[length] = '\0';
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        if (text[length] == units[i].unit && text_to_int64(digits, &number)) {
            *seconds = number * units[i].seconds;
            return number > 0 && *seconds <= (int64_t)OLDEST_DAYS * DAY_SECONDS;
        }
    }
    return false;
}

unsigned prune_next_rows(unsigned rows, int64_t taken_us)
{
    if (taken_us > AIM_US)
        return rows / 2 > ROWS_LEAST ? rows / 2 : ROWS_LEAST;
    if (taken_us < AIM_US / 2)
        return rows * 2 < ROWS_MOST ? rows * 2 : ROWS_MOST;
    return rows;
}

/* "logs,lists"; false where a name is none. */
static bool read_parts(const char *text, bool parts[RETENTION_PART__MAX])
{
    memset(parts, 0, RETENTION_PART__MAX * sizeof(*parts));
    for (;;) {
        size_t length = strcspn(text, ",");
        bool known = false;
        for (int part = 0; part < RETENTION_PART__MAX; part++) {
            const char *name = retention_part_name((enum retention_part)part);
            if (strlen(name) == length && !strncmp(text, name, length))
                known = parts[part] = true;
        }
        if (!known || !text[length])
            return known;
        text += length + 1;
    }
}

enum options_outcome prune_options_parse(int argc, char **argv, void *given, struct operands *operands)
{
    struct prune_options *options = given;
    *options = (struct prune_options){
        .parts = {[RETENTION_LOGS] = true, [RETENTION_LISTS] = true, [RETENTION_USERS] = true}};
    enum options_outcome outcome = options_parse(&shape, argc, argv, options, operands);
    if (outcome != OPTIONS_OK)
        return outcome;
    if (options->older_text && !prune_age_parse(options->older_text, &options->older_s))
        return options_reject(operands, "--older must be a whole number and h, d or w: from 1h to %dd",
                              OLDEST_DAYS);
    if (options->what_text && !read_parts(options->what_text, options->parts))
        return options_reject(operands, "--what must be of logs, events, lists and users, with commas");
    return OPTIONS_OK;
}

struct pruning {
    struct session *session;
    const struct prune_options *options;
    int64_t now;
    unsigned rows; /* of the next step */
    struct progress progress;
    uint64_t removed[RETENTION_PART__MAX];
    int64_t before[RETENTION_PART__MAX]; /* Unix seconds; 0: nothing of the part goes */
    struct retention_count counts[RETENTION_PART__MAX][RETENTION_TABLES_MOST]; /* dry runs: of all tenants */
    size_t tables[RETENTION_PART__MAX];
};

/* Which moment each part is cut at. */
static void choose_moments(struct pruning *pruning)
{
    const struct prune_options *options = pruning->options;
    const struct config *config = pruning->session->config;
    const int64_t by_settings[RETENTION_PART__MAX] = {[RETENTION_LOGS] = config->retention_logs_days,
                                                      [RETENTION_EVENTS] = config->retention_events_days,
                                                      [RETENTION_LISTS] = 0,
                                                      [RETENTION_USERS] = config->retention_logs_days};
    for (int part = 0; part < RETENTION_PART__MAX; part++) {
        /* Without --what events go where the settings say so, and with --older only if they are named. */
        bool is_wanted =
            options->parts[part] || (part == RETENTION_EVENTS && !options->what_text && !options->older_s);
        int64_t age = options->older_s ? options->older_s : by_settings[part] * DAY_SECONDS;
        if (part == RETENTION_LISTS)
            pruning->before[part] = is_wanted ? pruning->now : 0;
        else if (is_wanted && age && age < pruning->now)
            pruning->before[part] = pruning->now - age;
    }
}

/* One step, and again with fewer rows where workers or others were in its way. */
static bool run_step(struct pruning *pruning, struct retention_cut *cut, struct error *error)
{
    for (int tries = 1;; tries++) {
        bool done = admin_retention_step(pruning->session->db, cut, pruning->rows, error);
        bool again = !done && error->code == ERROR_DATABASE_RETRY && tries < TRIES;
        pruning->rows = again ? ROWS_LEAST : prune_next_rows(pruning->rows, cut->work_us);
        if (!again)
            return done;
        error_clear(error);
        usleep(AIM_US);
    }
}

static int cut_part(struct pruning *pruning, const struct admin_tenant *tenant, enum retention_part part)
{
    struct retention_cut cut = {.tenant_id = tenant->id, .part = part, .before = pruning->before[part]};
    struct error error = {0};
    uint64_t before = pruning->removed[part];
    pruning->rows = ROWS_FIRST;
    while (!cut.is_done && !command_is_interrupted()) {
        if (!run_step(pruning, &cut, &error)) {
            progress_clear(&pruning->progress);
            return session_failed(pruning->session, &error, "prune the %s of %s", retention_part_name(part),
                                  tenant->key);
        }
        pruning->removed[part] = before + cut.removed;
        progress_update(&pruning->progress, 0, 0, pruning->removed[part]);
        if (!cut.is_done)
            usleep((useconds_t)(cut.work_us < REST_MOST_US ? cut.work_us : REST_MOST_US));
    }
    return TOOL_DONE;
}

static int cut_tenants(struct pruning *pruning, const struct admin_tenant *tenants, size_t count)
{
    int code = TOOL_DONE;
    for (int part = 0; part < RETENTION_PART__MAX; part++) {
        if (!pruning->before[part])
            continue;
        progress_start(&pruning->progress, retention_part_name((enum retention_part)part), "rows removed");
        for (size_t i = 0; i < count && code == TOOL_DONE; i++)
            code = cut_part(pruning, &tenants[i], (enum retention_part)part);
        progress_clear(&pruning->progress);
    }
    return code;
}

static int count_part(struct pruning *pruning, const struct admin_tenant *tenant, enum retention_part part)
{
    struct retention_count counts[RETENTION_TABLES_MOST];
    struct error error = {0};
    if (!admin_retention_count(pruning->session->db, tenant->id, part, pruning->before[part], counts,
                               &pruning->tables[part], &error))
        return session_failed(pruning->session, &error, "count the %s of %s", retention_part_name(part),
                              tenant->key);
    for (size_t i = 0; i < pruning->tables[part]; i++) {
        counts[i].rows += pruning->counts[part][i].rows;
        pruning->counts[part][i] = counts[i];
    }
    return TOOL_DONE;
}

/* A dry run: counts, and locks nothing. */
static int count_tenants(struct pruning *pruning, const struct admin_tenant *tenants, size_t count)
{
    int code = TOOL_DONE;
    for (int part = 0; part < RETENTION_PART__MAX; part++) {
        for (size_t i = 0; i < count && code == TOOL_DONE && !command_is_interrupted(); i++) {
            if (pruning->before[part])
                code = count_part(pruning, &tenants[i], (enum retention_part)part);
        }
    }
    return code;
}

/* "2 rows of sequences, 2 of decisions" */
static void report_counts(const struct pruning *pruning, enum retention_part part, const char *moment)
{
    printf("%-6s  would", retention_part_name(part));
    for (size_t i = 0; i < pruning->tables[part]; i++) {
        const struct retention_count *count = &pruning->counts[part][i];
        const char *verb = count->is_change ? " change" : i ? "" : " remove";
        printf("%s%s %s%s of %s", i ? "," : "", verb, format_count(count->rows).text, i ? "" : " rows",
               count->table);
    }
    printf(", of before %s\n", moment);
}

/* What was done, or is to be done, in words. */
static void report(const struct pruning *pruning)
{
    static const char *const what[RETENTION_PART__MAX] = {[RETENTION_LOGS] = "requests with their answers",
                                                          [RETENTION_EVENTS] = "events that are no purchases",
                                                          [RETENTION_LISTS] = "kept lists past their time",
                                                          [RETENTION_USERS] =
                                                              "rows of users and items without texts"};
    for (int part = 0; part < RETENTION_PART__MAX; part++) {
        const char *name = retention_part_name((enum retention_part)part);
        char moment[MOMENT_SIZE];
        if (!pruning->before[part]) {
            printf("%-6s  all are kept\n", name);
            continue;
        }
        moment_write(pruning->before[part] * 1000, MOMENT_SECONDS, moment);
        if (pruning->options->dry_run)
            report_counts(pruning, (enum retention_part)part, moment);
        else
            printf("%-6s  removed %s %s of before %s\n", name, format_count(pruning->removed[part]).text,
                   what[part], moment);
    }
}

static int prune(struct pruning *pruning)
{
    struct session *session = pruning->session;
    struct admin_tenant *tenants = NULL, one;
    size_t count = 1;
    struct error error = {0};
    if (pruning->options->tenant) {
        if (!session_find_tenant(session, pruning->options->tenant, &one))
            return TOOL_FAILED;
        tenants = &one;
    } else if (!admin_tenant_list(session->db, session->arena, &tenants, &count, &error)) {
        return session_failed(session, &error, "list the tenants");
    }
    int code = (pruning->options->dry_run ? count_tenants : cut_tenants)(pruning, tenants, count);
    report(pruning);
    if (!command_is_interrupted() || code != TOOL_DONE)
        return code;
    return command_failed("interrupted; what was removed stays removed, and the next run goes on");
}

static int prune_all(struct session *session, const void *given)
{
    static const char lock[] = "prune";
    struct pruning pruning = {.session = session, .options = given, .now = clock_unix()};
    struct error error = {0};
    bool taken;
    choose_moments(&pruning);
    command_catch_interrupt();
    if (!admin_lock_take(session->db, lock, LOCK_SECONDS, &taken, &error))
        return session_failed(session, &error, "take the lock for pruning");
    if (!taken) {
        command_say("another `palate prune` is at work; it does what this one would");
        return TOOL_BUSY;
    }
    int code = prune(&pruning);
    admin_lock_release(session->db, lock);
    return code;
}

static const struct verb verbs[] = {
    {NULL, prune_options_parse, sizeof(struct prune_options), .work = prune_all}};
const struct command prune_command = {"prune", help, VERBS(verbs)};
