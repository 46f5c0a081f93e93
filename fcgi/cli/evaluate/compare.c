/* `palate compare`: the lists that were shown against the remote recommender's; see compare.h.
 *
 * Decisions with a shadow are streamed from the log, sorted by user and time, with both lists. For each
 * pair the likeness is added up, and the interleaved list is kept until the user's last decision has been
 * read; then the user's events are read over a second connection (the first is still streaming), each
 * event is given to the last decision before it, and its item is looked up in that decision's interleaved
 * list. So memory holds one user at a time, however many decisions there are.
 *
 * A click counts once, for one decision, and only when it followed within the given hours: without a bound
 * a purchase next month would speak for today's list. Requests about an item have no user whose clicks
 * could be read, so they count for the likeness alone. Lists in groups are left out: their order is that
 * of groups, which the measures do not know. */
#include "cli/evaluate/compare.h"

#include "base/json.h"
#include "base/limits.h"
#include "base/memory.h"
#include "cli/command.h"
#include "cli/evaluate/compare_measures.h"
#include "cli/evaluate/compare_report.h"
#include "cli/output_file.h"
#include "cli/progress.h"
#include "storage/shadow_decisions.h"

#include <stdio.h>
#include <string.h>

static const int64_t hour_ms = 3600000;

static const char help[] =
    "usage: palate compare --tenant KEY [--days N] [--hours N] [-k N] [--plot FILE]\n"
    "\n"
    "Compares the lists that were shown with those of the remote recommender in its shadow ({\"shadow\":\n"
    "\"remote\"} in a context, or [remote] shadow): how alike they are, and for which of them the clicks "
    "speak\n"
    "that followed.\n"
    "\n"
    "  --tenant KEY   whose\n"
    "  --days N       decisions of the last N days, 1 to 3650, default 7\n"
    "  --hours N      what the same user did within so many hours after a decision counts, 1 to 720, default "
    "24\n"
    "  -k N           the first N places of the lists count, 1 to 100, default 10\n"
    "  --plot FILE    an SVG\n"
    "\n"
    "Overlap: ids in both lists, divided by the longer one's length. RBO: rank-biased overlap, p = 0.9 "
    "(Webber,\n"
    "Moffat, Zobel, TOIS 2010). Clicks: each pair of lists is interleaved by team draft (Radlinski, Kurup,\n"
    "Joachims, CIKM 2008), and a click counts for the list that the item was picked from. Every event that\n"
    "speaks for an item is a click (weight above 0, no impression), and counts once, for the last decision\n"
    "before it. The sign test is over users. Users saw the embedded lists only: that favours these, so a\n"
    "draw speaks for the remote recommender, and only showing it ({\"recommender\": \"remote\"} for a part "
    "of\n"
    "the users) shows it for sure.\n"
    "\n"
    "example: palate compare --tenant my-shop --days 14 --plot shadow.svg\n"
    "\n"
    "exit codes: 0 done, 1 failed, or there is nothing to compare, 2 wrong usage\n";

static const struct option_rule rules[] = {
    {"tenant", OPTION_TEXT, offsetof(struct compare_options, tenant), true, 0, 0},
    {"days", OPTION_NUMBER, offsetof(struct compare_options, days), false, 1, 3650},
    {"hours", OPTION_NUMBER, offsetof(struct compare_options, hours), false, 1, 720},
    {"k", OPTION_NUMBER, offsetof(struct compare_options, k), false, 1, LIMIT_QUANTITY},
    {"plot", OPTION_TEXT, offsetof(struct compare_options, plot), false, 0, 0},
};
static const struct options_shape shape = {rules, sizeof(rules) / sizeof(rules[0]), 0, 0, ""};

enum options_outcome compare_options_parse(int argc, char **argv, void *given, struct operands *operands)
{
    struct compare_options *options = given;
    *options = (struct compare_options){.days = 7, .hours = 24, .k = 10};
    return options_parse(&shape, argc, argv, options, operands);
}

/* A decision of the user whose clicks are still to be read. */
struct trial {
    int64_t at; /* Unix milliseconds */
    struct interleaved *list;
    bool *clicked; /* each place of it */
    size_t count;
    bool any; /* an item of either list was clicked */
    struct ranked shown, shadow;
};

struct compare {
    struct session *session;
    struct database *events; /* a second connection: the first one is streaming */
    const struct compare_options *options;
    struct admin_tenant tenant;
    struct comparison found;
    struct arena *row_arena, *user_arena;
    char *user_id; /* NULL: none yet */
    struct trial *trials;
    size_t trial_count, trial_room;
    uint64_t pairs;
    struct progress progress;
    struct error error; /* of the second connection */
};

/* ---- One pair of lists */

/* The first k ids, each once; false: no such list, or one in groups. Ids live in the user's arena. */
static bool read_list(struct compare *compare, const char *text, struct ranked *list)
{
    struct json_object *json = NULL;
    const char *problem, **ids = arena_alloc(compare->user_arena, (size_t)compare->options->k, sizeof(*ids));
    *list = (struct ranked){.ids = ids};
    if (!json_parse_arena(compare->row_arena, text, strlen(text), &json, &problem) ||
        !json_object_is_type(json, json_type_array))
        return false;
    size_t count = json_object_array_length(json);
    for (size_t i = 0; i < count; i++) {
        struct json_object *entry = json_object_array_get_idx(json, i);
        struct json_object *id = json_member(entry, "item_id");
        bool known = !json_object_is_type(id, json_type_string);
        if (json_member(entry, "group"))
            return false;
        for (size_t j = 0; j < list->count && !known; j++)
            known = !strcmp(ids[j], json_object_get_string(id));
        if (!known && list->count < (size_t)compare->options->k)
            ids[list->count++] = arena_copy_text(compare->user_arena, json_object_get_string(id));
    }
    return list->count;
}

/* Keeps the pair of lists until the user's clicks are read: the interleaved list is made at once, with the
 * decision's number as seed, so that a second run interleaves alike. */
static void add_trial(struct compare *compare, const struct shadow_pair *pair, const struct ranked *shown,
                      const struct ranked *shadow)
{
    size_t k = (size_t)compare->options->k;
    if (compare->trial_count == compare->trial_room) {
        compare->trial_room = compare->trial_room ? 2 * compare->trial_room : 64;
        compare->trials = memory_resize(compare->trials, compare->trial_room, sizeof(*compare->trials));
    }
    struct trial *trial = &compare->trials[compare->trial_count++];
    *trial = (struct trial){.at = pair->at,
                            .list = arena_alloc(compare->user_arena, k, sizeof(*trial->list)),
                            .clicked = arena_alloc(compare->user_arena, k, sizeof(*trial->clicked)),
                            .shown = *shown,
                            .shadow = *shadow};
    trial->count = compare_interleave(shown, shadow, k, pair->decision_id, trial->list);
}

/* ---- One user */

static bool is_in(const struct ranked *list, const char *id)
{
    for (size_t i = 0; i < list->count; i++) {
        if (!strcmp(list->ids[i], id))
            return true;
    }
    return false;
}

/* The last decision before the event, if it is near enough. Trials are in the order of time. */
static struct trial *trial_of(struct compare *compare, int64_t at)
{
    size_t low = 0, high = compare->trial_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare->trials[middle].at < at)
            low = middle + 1;
        else
            high = middle;
    }
    struct trial *trial = low ? &compare->trials[low - 1] : NULL;
    return trial && at - trial->at <= compare->options->hours * hour_ms ? trial : NULL;
}

/* A click on an item that was in either list makes the decision count as clicked; on the interleaved list
 * it is the team that picked the item that gets it. */
static void count_click(struct trial *trial, const char *item_id)
{
    trial->any = trial->any || is_in(&trial->shown, item_id) || is_in(&trial->shadow, item_id);
    for (size_t i = 0; i < trial->count; i++) {
        if (!strcmp(trial->list[i].id, item_id))
            trial->clicked[i] = true;
    }
}

/* The clicks of a user, summed over the decisions: the list whose picks got more of them has the user's vote.
 * A user with as many clicks on either side is tied, and one without any has no vote. */
static void settle_user(struct compare *compare)
{
    struct comparison *found = &compare->found;
    uint64_t clicks[2] = {0};
    for (size_t i = 0; i < compare->trial_count; i++) {
        const struct trial *trial = &compare->trials[i];
        found->clicked += trial->any;
        for (size_t j = 0; j < trial->count; j++)
            clicks[trial->list[j].team] += trial->clicked[j];
    }
    for (int team = 0; team < 2; team++) {
        found->clicks[team] += clicks[team];
        found->users[team] += clicks[team] > clicks[1 - team];
    }
    found->tied_users += clicks[0] && clicks[0] == clicks[1];
}

/* Reads what the user did after the decisions, and counts it. */
static bool end_user(struct compare *compare)
{
    struct shadow_event *events = NULL;
    size_t count = 0;
    bool good = true;
    if (compare->user_id && compare->trial_count) {
        good = shadow_events_read(
            compare->events, compare->user_arena, compare->tenant.id, compare->user_id, compare->trials[0].at,
            compare->trials[compare->trial_count - 1].at + compare->options->hours * hour_ms, &events, &count,
            &compare->error);
        for (size_t i = 0; i < count; i++) {
            struct trial *trial = trial_of(compare, events[i].at);
            if (trial)
                count_click(trial, events[i].item_id);
        }
        settle_user(compare);
    }
    compare->trial_count = 0;
    memory_free(compare->user_id);
    compare->user_id = NULL;
    arena_reset(compare->user_arena);
    return good;
}

/* ---- All */

static bool on_pair(void *context, const struct shadow_pair *pair)
{
    struct compare *compare = context;
    struct comparison *found = &compare->found;
    struct ranked shown, shadow;
    /* Lists about an item are as alike as any, but there is no one whose clicks could follow. */
    const char *user_id = entity_user_id(pair->entity);
    bool same = user_id && compare->user_id && !strcmp(user_id, compare->user_id);
    progress_update(&compare->progress, 0, 0, ++compare->pairs);
    if (!same && !end_user(compare))
        return false;
    if (!same && user_id)
        compare->user_id = memory_copy_text(user_id);
    if (strcmp(pair->outcome, "answered") != 0) {
        found->unanswered++;
    } else if (!read_list(compare, pair->shown, &shown) || !read_list(compare, pair->shadow, &shadow)) {
        found->left_out++;
    } else {
        found->decisions++;
        found->overlap += compare_overlap(&shown, &shadow);
        found->rbo += compare_rbo(&shown, &shadow, COMPARE_RBO_PERCENT / 100.0);
        if (user_id)
            add_trial(compare, pair, &shown, &shadow);
    }
    return !command_is_interrupted();
}

static int finish_comparison(struct compare *compare)
{
    struct comparison *found = &compare->found;
    const struct compare_options *options = compare->options;
    if (command_is_interrupted())
        return command_failed("interrupted");
    if (!found->decisions)
        return command_failed(
            "%s has no decision of the last %d days with both lists (%d without one of the remote "
            "recommender, %d in groups or empty); set {\"shadow\": \"remote\"} in a context",
            compare->tenant.key, (int)options->days, (int)found->unanswered, (int)found->left_out);
    found->overlap /= (double)found->decisions;
    found->rbo /= (double)found->decisions;
    comparison_print(found);
    return !options->plot || comparison_plot(found, options->plot) ? TOOL_DONE : TOOL_FAILED;
}

static int read_all(struct compare *compare)
{
    struct error error = {0};
    progress_start(&compare->progress, "decisions", "rows");
    bool read = shadow_pairs_stream(compare->session->db, compare->row_arena, compare->tenant.id,
                                    compare->options->days, on_pair, compare, &error);
    read = read && compare->error.code == ERROR_NONE && end_user(compare);
    progress_clear(&compare->progress);
    return read ? finish_comparison(compare)
                : session_failed(compare->session, error.code ? &error : &compare->error,
                                 "read the decisions of %s", compare->tenant.key);
}

/* Two connections: one streams the decisions, and on the other a user's events are read while that stream
 * is open, which one connection cannot do. */
static int compare_tenant(struct session *session, const void *given)
{
    const struct compare_options *options = given;
    struct compare compare = {.session = session, .options = options};
    if ((options->plot && !output_file_check(options->plot, false)) ||
        !session_find_tenant(session, options->tenant, &compare.tenant))
        return TOOL_FAILED;
    compare.found = (struct comparison){
        .tenant = compare.tenant.key, .days = options->days, .hours = options->hours, .k = options->k};
    compare.events = database_create(session->config);
    compare.row_arena = arena_create();
    compare.user_arena = arena_create();
    command_catch_interrupt();
    int code = read_all(&compare);
    memory_free(compare.user_id);
    memory_free(compare.trials);
    arena_destroy(compare.row_arena);
    arena_destroy(compare.user_arena);
    database_destroy(compare.events);
    return code;
}

static const struct verb verbs[] = {
    {NULL, compare_options_parse, sizeof(struct compare_options), .work = compare_tenant}};
const struct command compare_command = {"compare", help, VERBS(verbs)};
