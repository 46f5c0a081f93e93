/* `palate evaluate`: how good lists would have been; see evaluate.h.
 *
 * The course of a run: read all events, hide some (split.c), train a model on the rest exactly as `palate
 * train` does, write it, map it, and for each user with something to find make four lists: ours through
 * the engine (file_ranker.c), and three plain methods (baselines.c). Every list is measured (metrics.c)
 * against what was hidden; means, coverage and paired intervals go to the report.
 *
 * All methods are given the same events and choose from the same items, those of the items' file or of the
 * events. An item that no tested user wants can take a place in a list: what a method wastes places on is
 * part of its quality. Coverage, the share of all items that are in any list, stands beside the accuracy,
 * because a method that lists ten best sellers to everybody can look good by accuracy alone.
 *
 * Two numberings of items meet here: the event set numbers them in the order of the file, the model by its
 * catalogue. Lists of the engine are translated into the former, in which the hidden items are given.
 *
 * Cost: a training, item-kNN, then users x 4 lists. Memory: the events at 24 bytes each, the trainer's,
 * and two arrays of one number a user for each method. */
#include "cli/evaluate/evaluate.h"

#include "base/clock.h"
#include "base/memory.h"
#include "cli/command.h"
#include "cli/evaluate/baselines.h"
#include "cli/evaluate/file_ranker.h"
#include "cli/evaluate/report.h"
#include "cli/format.h"
#include "cli/output_file.h"
#include "cli/progress.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char help[] =
    "usage: palate evaluate --events FILE [--items FILE] [--split SPLIT] [-k 20] [--plot FILE] [--json "
    "FILE]\n"
    "\n"
    "Hides a part of the events, learns from the rest, recommends, and looks how much of the hidden part "
    "the\n"
    "lists hold, next to popularity, popularity of the last 30 days, and plain item-kNN (cosine, 100\n"
    "neighbours) for the same users. Says whether personalisation is worth it on this data. Writes no "
    "model.\n"
    "\n"
    "  --events FILE   as for `palate train`, whose help lists the weights of the types\n"
    "  --items FILE    as for `palate train`\n"
    "  --split SPLIT   what is hidden: last-30d (or any number of days): the newest 30 days; last-1: the "
    "last\n"
    "                  event of each user; random-10 (or any percentage up to 50): that share of each "
    "user's\n"
    "                  items. Default: last-30d when the times span more than 60 days, last-1 when there "
    "are\n"
    "                  times at all, else random-10\n"
    "  -k 20           length of the lists, 1 to 1000\n"
    "  --plot FILE     a bar plot as SVG\n"
    "  --json FILE     all figures\n" TRAIN_RESOURCES_HELP "\n"
    "To be found are items that a user took, by an event that weighs at least as much as a view, and had "
    "not\n"
    "had before; they alone are recommended. Recall divides by all of them, NDCG by the best that k places\n"
    "allow, HR is the share of users with at least one find. Intervals are by 1,000 paired resamples of the\n"
    "users.\n"
    "\n"
    "example: palate evaluate --events purchases.csv.xz --items items.jsonl.gz --plot shop.svg\n"
    "\n"
    "exit codes: 0 done, 1 failed, 2 wrong usage\n";

enum { LIST_MAXIMUM = 1000 };

static const struct option_rule rules[] = {
    {"events", OPTION_TEXT, offsetof(struct evaluate_options, events), true, 0, 0},
    {"items", OPTION_TEXT, offsetof(struct evaluate_options, items), false, 0, 0},
    {"split", OPTION_TEXT, offsetof(struct evaluate_options, split_text), false, 0, 0},
    {"k", OPTION_NUMBER, offsetof(struct evaluate_options, k), false, 1, LIST_MAXIMUM},
    {"plot", OPTION_TEXT, offsetof(struct evaluate_options, plot), false, 0, 0},
    {"json", OPTION_TEXT, offsetof(struct evaluate_options, json), false, 0, 0},
    TRAIN_RESOURCES_RULES(struct evaluate_options, resources),
};
static const struct options_shape shape = {rules, sizeof(rules) / sizeof(rules[0]), 0, 0, ""};

enum options_outcome evaluate_options_parse(int argc, char **argv, void *given, struct operands *operands)
{
    struct evaluate_options *options = given;
    *options = (struct evaluate_options){.k = 20, .resources = TRAIN_RESOURCES_DEFAULT};
    enum options_outcome outcome = options_parse(&shape, argc, argv, options, operands);
    if (outcome != OPTIONS_OK)
        return outcome;
    if (options->split_text && !split_parse(options->split_text, &options->split)) {
        snprintf(operands->problem, sizeof(operands->problem),
                 "--split must be last-30d (1 to 3650 days), last-1 or random-10 (1 to 50 percent), not "
                 "\"%.60s\"",
                 options->split_text);
        return OPTIONS_WRONG;
    }
    return train_resources_check(&options->resources, operands) ? OPTIONS_OK : OPTIONS_WRONG;
}

/* What one method did for each tested user. */
struct scores {
    double *recall, *ndcg;
    struct metrics sum;
    uint64_t *covered; /* bitmap by item */
};

struct trial {
    const struct evaluate_options *options;
    struct event_set *set; /* what is left to learn from */
    struct split_tests *tests;
    struct trainer *trainer;
    struct file_ranker *ranker;
    struct baselines *baselines;
    uint32_t *set_items; /* number in set->items, by catalogue index */
    struct scores scores[METHOD__MAX];
    struct progress progress;
    struct evaluation evaluation;
    int64_t now;
};

/* ---- Learning. */

static void add_item(void *context, const struct engine_item *item)
{
    struct trial *trial = context;
    intern_add(trial->set->items, item->id);
    trainer_add_item(trial->trainer, item);
}

/* Without a file of items an item is known by its id alone, which is also its name. */
static void add_items_of_events(struct trial *trial)
{
    for (size_t i = 0; i < trial->set->count; i++) {
        const char *id = intern_text(trial->set->items, trial->set->events[i].item);
        struct engine_item item = {
            .id = id, .name = id, .created = trial->now, .updated = trial->now, .active = true};
        trainer_add_item(trial->trainer, &item);
    }
}

/* Trains on what is left, with the trainer and the options of `palate train`, so that what is measured is
 * what would be served. Times are rounded to seconds as there. */
static bool train_model(struct trial *trial)
{
    const struct event_set *set = trial->set;
    const char *items = trial->options->items;
    struct trainer_options options = train_build_options(&trial->options->resources, trial->now);
    trial->trainer = trainer_create(&options);
    if (items && !item_file_read(items, trial->now, add_item, trial))
        return false;
    int64_t started_us = clock_monotonic_us();
    if (!items)
        add_items_of_events(trial);
    for (size_t i = 0; i < set->count; i++)
        trainer_add_event(trial->trainer, intern_text(set->users, set->events[i].user),
                          intern_text(set->items, set->events[i].item), (float)set->events[i].weight / 100.0F,
                          set->events[i].occurred_at / 1000);
    if (!train_fits(trial->trainer) || !train_build(trial->trainer))
        return false;
    trial->evaluation.train_seconds = (double)(clock_monotonic_us() - started_us) / 1e6;
    return true;
}

/* The file is removed as soon as it is mapped, so that nothing can leave it behind. */
static bool open_ranker(struct trial *trial)
{
    const char *folder = getenv("TMPDIR");
    char path[4096];
    if (!folder || !*folder)
        folder = "/tmp";
    if ((size_t)snprintf(path, sizeof(path), "%s/palate-evaluate-XXXXXX", folder) >= sizeof(path) - 8 ||
        !mkdtemp(path)) {
        command_say("cannot make a folder for the model in %s: %s; TMPDIR names another place", folder,
                    strerror(errno));
        return false;
    }
    size_t length = strlen(path);
    snprintf(path + length, sizeof(path) - length, "/model");
    if (train_write(trial->trainer, path))
        trial->ranker = file_ranker_open(path, trial->set);
    unlink(path);
    path[length] = '\0';
    rmdir(path);
    trainer_destroy(trial->trainer);
    trial->trainer = NULL;
    return trial->ranker;
}

/* From the engine's numbers of items to those of the event set. Items of the model that no event has get a
 * number of their own. */
static void map_items(struct trial *trial)
{
    const struct catalogue *catalogue = file_ranker_catalogue(trial->ranker);
    uint32_t count = catalogue_item_count(catalogue);
    trial->set_items = memory_alloc((size_t)count + 1, sizeof(*trial->set_items));
    for (uint32_t i = 0; i < count; i++)
        trial->set_items[i] = intern_add(trial->set->items, catalogue_id(catalogue, i));
    trial->evaluation.items = count;
}

static bool is_stopped(struct trial *trial)
{
    if (!command_is_interrupted())
        return false;
    progress_clear(&trial->progress);
    command_say("interrupted; nothing was written");
    return true;
}

static bool show_neighbours(void *context, uint64_t done, uint64_t total)
{
    struct trial *trial = context;
    progress_update(&trial->progress, done, total, done);
    return !is_stopped(trial);
}

static bool learn_methods(struct trial *trial)
{
    if (!train_model(trial) || !open_ranker(trial))
        return false;
    map_items(trial);
    progress_start(&trial->progress, "item-kNN", "items");
    trial->baselines = baselines_learn(trial->set, show_neighbours, trial);
    progress_clear(&trial->progress);
    return trial->baselines;
}

/* ---- Measuring. */

/* The list of a method for a user, in the event set's numbers. */
static size_t make_list(struct trial *trial, enum method method, uint32_t user, uint32_t *list)
{
    /* lint: tables, METHOD_PALATE is none of them. */
    static const enum baseline baselines[METHOD__MAX] = {
        [METHOD_POPULAR] = BASELINE_POPULAR, [METHOD_RECENT] = BASELINE_RECENT, [METHOD_KNN] = BASELINE_KNN};
    size_t k = (size_t)trial->options->k;
    if (method != METHOD_PALATE)
        return baselines_rank(trial->baselines, baselines[method], user, k, list);
    size_t count = file_ranker_rank(trial->ranker, user, k, false, list);
    for (size_t i = 0; i < count; i++)
        list[i] = trial->set_items[list[i]];
    return count;
}

static void measure_user(struct trial *trial, enum method method, size_t place, uint32_t *list)
{
    const struct split_tests *tests = trial->tests;
    struct scores *scores = &trial->scores[method];
    size_t count = make_list(trial, method, tests->users[place], list);
    size_t first = tests->starts[place];
    struct metrics metrics = metrics_of_list(list, count, tests->items + first,
                                             tests->starts[place + 1] - first, (size_t)trial->options->k);
    scores->recall[place] = metrics.recall;
    scores->ndcg[place] = metrics.ndcg;
    scores->sum.recall += metrics.recall;
    scores->sum.ndcg += metrics.ndcg;
    scores->sum.hit += metrics.hit;
    for (size_t i = 0; i < count; i++)
        scores->covered[list[i] / 64] |= UINT64_C(1) << list[i] % 64;
}

/* Method after method within a user, not user after user within a method: an interruption is noticed in
 * time, and progress is counted in users. */
static bool measure_methods(struct trial *trial)
{
    size_t users = trial->tests->user_count, items = intern_count(trial->set->items);
    uint32_t *list = memory_alloc((size_t)trial->options->k, sizeof(*list));
    bool go_on = true;
    for (enum method method = 0; method < METHOD__MAX; method++) {
        trial->scores[method].recall = memory_alloc(users, sizeof(double));
        trial->scores[method].ndcg = memory_alloc(users, sizeof(double));
        trial->scores[method].covered = memory_alloc(items / 64 + 1, sizeof(uint64_t));
    }
    progress_start(&trial->progress, "testing", "users");
    for (size_t place = 0; place < users && go_on; place++) {
        for (enum method method = 0; method < METHOD__MAX; method++)
            measure_user(trial, method, place, list);
        progress_update(&trial->progress, place, users, place);
        go_on = !is_stopped(trial);
    }
    progress_clear(&trial->progress);
    memory_free(list);
    return go_on;
}

/* The share of all items that stand in at least one list. It shows what accuracy hides: ten best sellers
 * for all users can find much and leave the rest of a catalogue unseen. */
static double find_coverage(const struct trial *trial, enum method method)
{
    size_t words = intern_count(trial->set->items) / 64 + 1;
    uint64_t covered = 0;
    for (size_t i = 0; i < words; i++)
        covered += (uint64_t)__builtin_popcountll(trial->scores[method].covered[i]);
    return trial->evaluation.items ? (double)covered / (double)trial->evaluation.items : 0;
}

/* Means over users, and the paired intervals of our difference to each method. All use one seed, so that
 * each method is compared on the same resamples of the users. */
static void sum_up(struct trial *trial)
{
    struct evaluation *evaluation = &trial->evaluation;
    const struct scores *ours = &trial->scores[METHOD_PALATE];
    size_t users = trial->tests->user_count;
    uint64_t seed = (uint64_t)trial->options->resources.seed;
    for (enum method method = 0; method < METHOD__MAX; method++) {
        const struct scores *scores = &trial->scores[method];
        struct method_figures *figures = &evaluation->methods[method];
        figures->mean.recall = scores->sum.recall / (double)users;
        figures->mean.ndcg = scores->sum.ndcg / (double)users;
        figures->mean.hit = scores->sum.hit / (double)users;
        figures->coverage = find_coverage(trial, method);
        figures->recall = metrics_compare(ours->recall, scores->recall, users, seed);
        figures->ndcg = metrics_compare(ours->ndcg, scores->ndcg, users, seed);
    }
}

/* ---- The command. */

/* Hides the events of the split, and counts what is left and what must be found. Without a user to test
 * there is nothing to measure, which is said before minutes are spent on a training. */
static bool divide_events(struct trial *trial)
{
    struct evaluation *evaluation = &trial->evaluation;
    evaluation->split = split_choose(trial->options->split, trial->set);
    trial->tests = split_apply(evaluation->split, (uint64_t)trial->options->resources.seed, trial->set);
    evaluation->train_events = trial->set->count;
    evaluation->tested_users = trial->tests->user_count;
    evaluation->wanted_items = trial->tests->starts[trial->tests->user_count];
    for (uint32_t user = 0; user < intern_count(trial->set->users); user++)
        evaluation->train_users += trial->set->starts[user + 1] > trial->set->starts[user];
    if (!trial->tests->user_count)
        command_say("no user can be tested with the split %s: it takes users with events in both parts, who "
                    "take something new in the hidden one; try another --split",
                    split_name(evaluation->split).text);
    return trial->tests->user_count;
}

/* Neither learned from nor tested: a list that pleases a program is no success. Said on stderr, since the figures
 * are those of the rest. */
static bool leave_out_robots(struct trial *trial)
{
    uint64_t events;
    uint32_t robots = event_set_leave_out_robots(trial->set, &events);
    if (robots)
        command_say("%s events of %s users were left out: no person has so many in a day",
                    format_count(events).text, format_count(robots).text);
    return true;
}

static void clean_up(struct trial *trial)
{
    for (enum method method = 0; method < METHOD__MAX; method++) {
        memory_free(trial->scores[method].recall);
        memory_free(trial->scores[method].ndcg);
        memory_free(trial->scores[method].covered);
    }
    memory_free(trial->set_items);
    baselines_destroy(trial->baselines);
    file_ranker_close(trial->ranker);
    trainer_destroy(trial->trainer);
    split_tests_destroy(trial->tests);
    event_set_destroy(trial->set);
}

static bool write_reports(const struct trial *trial)
{
    const struct evaluate_options *options = trial->options;
    evaluation_print(&trial->evaluation);
    bool wrote_json = !options->json || evaluation_write_json(&trial->evaluation, options->json);
    bool wrote_plot = !options->plot || evaluation_write_plot(&trial->evaluation, options->plot);
    return wrote_json && wrote_plot;
}

static int evaluate_file(struct session *session, const void *given)
{
    const struct evaluate_options *options = given;
    (void)session;
    struct trial trial = {.options = options, .now = clock_unix()};
    trial.evaluation.events_path = options->events;
    trial.evaluation.k = (size_t)options->k;
    if ((options->json && !output_file_check(options->json, false)) ||
        (options->plot && !output_file_check(options->plot, false)))
        return TOOL_FAILED;
    command_catch_interrupt();
    /* Each step runs only when the one before it did; clean_up() takes whatever is there. */
    trial.set = event_set_read(options->events);
    bool done = trial.set && leave_out_robots(&trial) && divide_events(&trial) && learn_methods(&trial) &&
                measure_methods(&trial);
    if (done) {
        sum_up(&trial);
        done = write_reports(&trial);
    }
    clean_up(&trial);
    return done ? TOOL_DONE : TOOL_FAILED;
}

static const struct verb verbs[] = {{NULL, evaluate_options_parse, sizeof(struct evaluate_options),
                                     .work = evaluate_file, .without_session = true}};
const struct command evaluate_command = {"evaluate", help, VERBS(verbs)};
