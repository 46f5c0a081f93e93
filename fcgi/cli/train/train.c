/* `palate train`: a model for each tenant, from the database; see train.h.
 *
 * For each active tenant: its locks are taken, so that two trainings of a tenant do not meet (lock.h); the
 * catalogue's revision is read first, then all items and events are streamed into the trainer; the model is
 * built, written under a temporary name and renamed; at last the generation is noted in the database. Workers
 * look for a new file between two requests and overlay what changed after the noted revision, so reading need
 * not be one transaction: a change that was read already is only applied once more.
 *
 * The generation is noted after the file is in place. A crash in between leaves a model that is used but
 * not listed, which does no harm; the other way round the list would name a file that is not there.
 *
 * With a time budget a run does not wait for one tenant to be finished: tenants take turns by need, those
 * already begun first, then those without a model, then the oldest. One tenant that fails does not keep
 * the others from being trained; the exit code says that there was one. */
#include "cli/train/train.h"

#include "base/clock.h"
#include "base/memory.h"
#include "cli/command.h"
#include "cli/progress.h"
#include "cli/train/lock.h"
#include "cli/train/slice.h"
#include "recommender/item_fields.h"
#include "storage/events.h"
#include "storage/items.h"
#include "storage/models.h"
#include "training/trainer.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LABEL_SIZE = 120, PATH_SIZE = 4096, FILE_NAME_SIZE = 64 };

static const char help[] =
    "usage: palate train [--tenant KEY] [options]\n"
    "       palate train --events FILE [--items FILE] --model FILE [options]\n"
    "\n"
    "The first form learns from the items and events of a tenant in the database, or of every active "
    "tenant,\n"
    "and puts a new model file into [model] directory. Workers change over to it between two requests.\n"
    "The second form learns from files and needs neither a configuration nor a database.\n"
    "\n"
    "  --tenant KEY     only this tenant\n"
    "  --events FILE    CSV with a header, or JSON lines; plain, .gz or .xz: user_id, item_id, and, where\n"
    "                   there are any, type and occurred_at: a time, or in every event a whole number\n"
    "                   below 10000000, its place in an order\n"
    "  --items FILE     as for `palate import items`; default: the items of the events, named by their ids\n"
    "  --model FILE     the model to write; it is replaced at once when the new one is "
    "complete\n" TRAIN_RESOURCES_HELP
    "  --time-budget T  500ms, 50s, 10m or 2h: work about so long (a little more: reading the inputs is one\n"
    "                   piece, and a run does at least one), keep the state beside the model (MODEL.state,\n"
    "                   tenant-N.state) and end with status 0; the same command, from cron, goes on until "
    "the\n"
    "                   model is there.\n"
    "                   It is the model that one run would have made of the inputs as the first slice read\n"
    "                   them; workers overlay what came later, and the next model has it. A state is "
    "dropped\n"
    "                   when the files, the seed or the program have changed, when another training of the\n"
    "                   tenant ended first, or after 7 days\n"
    "\n"
    "Weights of the types of events in files: view 10, click 10, like 50, add_to_cart 30, purchase 100,\n"
    "conversion 100, impression 1, search 0, refund and return -100, dislike -50, and other usual names of\n"
    "these, in any case and with or without _ and -; any other, and an event without a type, 10.\n"
    "Users with more than 2,000 events on a day (UTC; lighter than 5 do not count), or with 300 in 20 of "
    "its\n"
    "hours, are no people and are left out.\n"
    "\n"
    "example: palate train          (once a night, from cron)\n"
    "         palate train --events purchases.csv.xz --items items.jsonl.gz --model shop.model\n"
    "\n"
    "exit codes: 0 done, 1 failed (in the first form: for at least one tenant), 2 wrong usage\n";

static const struct option_rule rules[] = {
    {"tenant", OPTION_TEXT, offsetof(struct train_options, tenant), false, 0, 0},
    {"events", OPTION_TEXT, offsetof(struct train_options, events), false, 0, 0},
    {"items", OPTION_TEXT, offsetof(struct train_options, items), false, 0, 0},
    {"model", OPTION_TEXT, offsetof(struct train_options, model), false, 0, 0},
    {"time-budget", OPTION_TEXT, offsetof(struct train_options, time_budget), false, 0, 0},
    TRAIN_RESOURCES_RULES(struct train_options, resources),
};
static const struct options_shape shape = {rules, sizeof(rules) / sizeof(rules[0]), 0, 0, ""};

/* NULL when the options go together, else what does not. One command has two forms, which options tell
 * apart. */
static const char *find_contradiction(const struct train_options *options)
{
    if (!options->events && options->items)
        return "--items needs --events";
    if (!options->events && options->model)
        return "--model needs --events";
    if (!options->events)
        return NULL;
    if (options->tenant)
        return "--tenant and --events exclude each other";
    if (!options->model)
        return "--events needs --model";
    if (options->time_budget &&
        (!strcmp(options->events, "-") || (options->items && !strcmp(options->items, "-"))))
        return "--time-budget needs files that can be read again, not -";
    return NULL;
}

enum options_outcome train_options_parse(int argc, char **argv, void *given, struct operands *operands)
{
    struct train_options *options = given;
    *options = (struct train_options){.resources = TRAIN_RESOURCES_DEFAULT};
    enum options_outcome outcome = options_parse(&shape, argc, argv, options, operands);
    if (outcome != OPTIONS_OK)
        return outcome;
    const char *contradiction = find_contradiction(options);
    if (options->time_budget && !train_budget_parse(options->time_budget, &options->budget_us))
        contradiction = "--time-budget must be a whole number and ms, s, m or h, from 1ms to 100h";
    if (contradiction)
        snprintf(operands->problem, sizeof(operands->problem), "%s", contradiction);
    return !contradiction && train_resources_check(&options->resources, operands) ? OPTIONS_OK
                                                                                  : OPTIONS_WRONG;
}

struct training {
    struct session *session;
    const struct admin_tenant *tenant;
    struct arena *rows; /* of one row */
    struct trainer *trainer;
    struct trainer_options options;
    struct progress progress;
    uint64_t count; /* rows of the current stream */
    char file_name[FILE_NAME_SIZE];
    char path[PATH_SIZE];
    char state_path[PATH_SIZE];
    struct train_slice slice;
    int64_t deadline_us; /* 0: no slices */
};

static bool add_item(void *context, const struct admin_item *row)
{
    struct training *training = context;
    struct engine_item item = {.id = row->id,
                               .name = row->name,
                               .description = row->description,
                               .metadata = row->metadata,
                               .created = row->created,
                               .updated = row->updated,
                               .active = row->active};
    item_fields_parse(training->rows, row->metadata, &item);
    trainer_add_item(training->trainer, &item);
    progress_update(&training->progress, 0, 0, ++training->count);
    return !command_is_interrupted();
}

/* Weights are stored in hundredths, times in milliseconds; the trainer counts in ones and seconds. */
static bool add_event(void *context, const char *user_id, const char *item_id, double weight,
                      int64_t occurred_at)
{
    struct training *training = context;
    trainer_add_event(training->trainer, user_id, item_id, (float)(weight / 100), occurred_at / 1000);
    progress_update(&training->progress, 0, 0, ++training->count);
    return !command_is_interrupted();
}

static bool is_stopped(struct training *training)
{
    progress_clear(&training->progress);
    if (command_is_interrupted())
        command_say("interrupted; the model of %s is as before", training->tenant->key);
    return command_is_interrupted();
}

/* Goes on with what an earlier slice read, unless another training of this tenant has ended since. */
static bool resume_slice(struct training *training)
{
    uint64_t generation = training->options.generation;
    training->trainer = train_slice_resume(&training->slice, &training->options);
    if (!training->trainer)
        return false;
    if (trainer_options(training->trainer)->generation == generation) {
        training->options = *trainer_options(training->trainer);
        return true;
    }
    trainer_destroy(training->trainer);
    training->trainer = NULL;
    return false;
}

/* Reads everything. The revision comes first: workers overlay what changes later on the model. */
static bool load_inputs(struct training *training)
{
    struct session *session = training->session;
    struct database *db = session->db;
    uint32_t tenant_id = training->tenant->id;
    struct error error = {0};
    if (!tenants_read_revision(db, tenant_id, &training->options.catalogue_revision, &error) ||
        !admin_model_next_generation(db, tenant_id, &training->options.generation, &error)) {
        session_failed(session, &error, "prepare the training of %s", training->tenant->key);
        return false;
    }
    training->options.catalogue_key = training->tenant->catalogue_key;
    if (resume_slice(training))
        return train_fits(training->trainer);
    training->trainer = trainer_create(&training->options);
    progress_start(&training->progress, "reading items", "rows");
    if (!admin_items_stream(db, training->rows, tenant_id, add_item, training, &error)) {
        progress_clear(&training->progress);
        session_failed(session, &error, "read the items of %s", training->tenant->key);
        return false;
    }
    if (is_stopped(training))
        return false;
    training->count = 0;
    progress_start(&training->progress, "reading events", "rows");
    if (!admin_events_stream(db, training->rows, tenant_id, add_event, training, &error)) {
        progress_clear(&training->progress);
        session_failed(session, &error, "read the events of %s", training->tenant->key);
        return false;
    }
    return !is_stopped(training) && train_fits(training->trainer) &&
           train_slice_begin(&training->slice, training->trainer);
}

static int note_model(struct training *training, int64_t started_us)
{
    struct trainer_statistics statistics = trainer_statistics(training->trainer);
    double seconds = (double)(clock_monotonic_us() - started_us) / 1e6;
    struct admin_model model = {.generation = training->options.generation,
                                .catalogue_revision = training->options.catalogue_revision,
                                .item_count = statistics.items,
                                .user_count = statistics.users,
                                .event_count = statistics.events,
                                .file_name = training->file_name,
                                .training_ms = (uint64_t)(seconds * 1000)};
    char label[LABEL_SIZE], origin[LABEL_SIZE];
    struct error error = {0};
    snprintf(label, sizeof(label), "%s: ", training->tenant->key);
    snprintf(origin, sizeof(origin), "generation %" PRIu64 " from ", model.generation);
    train_report(training->trainer, label, origin, training->path, seconds);
    if (admin_model_insert(training->session->db, training->tenant->id, &model, &error))
        return TOOL_DONE;
    return session_failed(training->session, &error, "note the model, though its file is in place and used");
}

static int train_tenant(struct training *training)
{
    int64_t started_us = clock_monotonic_us();
    char label[LABEL_SIZE];
    if (!load_inputs(training))
        return TOOL_FAILED;
    train_slice_attach(&training->slice, training->trainer);
    if (!train_build(training->trainer)) {
        snprintf(label, sizeof(label), "%s: ", training->tenant->key);
        return train_slice_pause(&training->slice, training->trainer, label);
    }
    if (!train_write(training->trainer, training->path))
        return TOOL_FAILED;
    int code = note_model(training, started_us);
    train_slice_close(&training->slice, true);
    return code;
}

/* False when a path does not fit. The name of a tenant's file is its number, which never changes, unlike
 * its key. */
static bool set_paths(struct training *training)
{
    const char *directory = training->session->config->model_directory;
    uint32_t id = training->tenant->id;
    snprintf(training->file_name, sizeof(training->file_name), "tenant-%" PRIu32 ".palate", id);
    return (size_t)snprintf(training->path, sizeof(training->path), "%s/%s", directory, training->file_name) <
               sizeof(training->path) &&
           (size_t)snprintf(training->state_path, sizeof(training->state_path), "%s/tenant-%" PRIu32 ".state",
                            directory, id) < sizeof(training->state_path);
}

/* The state of a slice is bound to the tenant's catalogue and the seed: with either changed it is another
 * training. */
static int prepare_and_train(struct session *session, const struct admin_tenant *tenant,
                             const struct train_resources *resources, int64_t deadline_us)
{
    struct training *training = memory_alloc(1, sizeof(*training));
    *training = (struct training){
        .session = session, .tenant = tenant, .options = train_build_options(resources, clock_unix())};
    uint64_t key =
        train_slice_key_add(train_slice_key(), &tenant->catalogue_key, sizeof(tenant->catalogue_key));
    key = train_slice_key_add(key, &resources->seed, sizeof(resources->seed));
    int code = TOOL_FAILED;
    if (!set_paths(training)) {
        command_say("the path of [model] directory is too long");
    } else if (train_slice_open(&training->slice, training->state_path, key, deadline_us)) {
        training->rows = arena_create();
        code = train_tenant(training);
        trainer_destroy(training->trainer);
        train_slice_close(&training->slice, false);
        arena_destroy(training->rows);
    }
    memory_free(training);
    return code;
}

static int train_locked(struct session *session, const struct admin_tenant *tenant,
                        const struct train_resources *resources, int64_t deadline_us)
{
    struct train_lock lock;
    if (!train_lock_take(&lock, session, tenant))
        return TOOL_FAILED;
    int code = prepare_and_train(session, tenant, resources, deadline_us);
    train_lock_release(&lock);
    return code;
}

/* Before anything is read: a training takes minutes, and that its file cannot be written should be known
 * at once. */
static bool directory_is_fit(const char *directory)
{
    struct stat status;
    if (stat(directory, &status))
        command_say(
            "[model] directory %s cannot be used: %s; make it, owned by the user that runs `palate train` "
            "and readable by the workers",
            directory, strerror(errno));
    else if (!S_ISDIR(status.st_mode))
        command_say("[model] directory %s is not a directory", directory);
    else if (access(directory, W_OK | X_OK))
        command_say("[model] directory %s is not writable for this user: %s", directory, strerror(errno));
    else
        return true;
    return false;
}

/* Unix seconds of the last change of a tenant's file; 0: there is none. */
static int64_t file_time(const struct session *session, const struct admin_tenant *tenant, const char *ending)
{
    char path[PATH_SIZE];
    struct stat status;
    snprintf(path, sizeof(path), "%s/tenant-%" PRIu32 "%s", session->config->model_directory, tenant->id,
             ending);
    return stat(path, &status) ? 0 : (int64_t)status.st_mtim.tv_sec;
}

/* In slices it matters who comes first: those that were begun, then those without a model, then the oldest.
 */
static bool comes_before(const struct session *session, const struct admin_tenant *left,
                         const struct admin_tenant *right)
{
    bool left_begun = file_time(session, left, ".state") > 0,
         right_begun = file_time(session, right, ".state") > 0;
    if (left_begun != right_begun)
        return left_begun;
    return file_time(session, left, ".palate") < file_time(session, right, ".palate");
}

static void sort_tenants(const struct session *session, struct admin_tenant *tenants, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        struct admin_tenant moved = tenants[i];
        size_t place = i;
        for (; place && comes_before(session, &moved, &tenants[place - 1]); place--)
            tenants[place] = tenants[place - 1];
        tenants[place] = moved;
    }
}

/* With a deadline the first tenant is trained whatever the time, so that each run makes progress; the
 * others only while there is time left. */
static int train_all(struct session *session, const struct train_options *options, int64_t deadline_us)
{
    struct admin_tenant *tenants = NULL;
    size_t count, active = 0;
    struct error error = {0};
    int code = TOOL_DONE;
    if (!admin_tenant_list(session->db, session->arena, &tenants, &count, &error))
        return session_failed(session, &error, "list the tenants");
    if (deadline_us)
        sort_tenants(session, tenants, count);
    for (size_t i = 0; i < count && !command_is_interrupted(); i++) {
        if (!tenants[i].active)
            continue;
        if (active++ && deadline_us && clock_monotonic_us() >= deadline_us)
            break;
        if (train_locked(session, &tenants[i], &options->resources, deadline_us) != TOOL_DONE)
            code = TOOL_FAILED;
    }
    if (!active)
        return command_failed("there is no active tenant; `palate tenant create` makes one");
    return code;
}

/* The form on files needs no configuration, so the session is opened only for the other one. */
static int train_models(struct session *session, const void *given)
{
    const struct train_options *options = given;
    struct admin_tenant tenant;
    int64_t deadline_us = options->budget_us ? clock_monotonic_us() + options->budget_us : 0;
    if (options->events)
        return train_files_run(options);
    if (!session_open(session, session->tool) || !directory_is_fit(session->config->model_directory))
        return TOOL_FAILED;
    command_catch_interrupt();
    if (!options->tenant)
        return train_all(session, options, deadline_us);
    return session_find_tenant(session, options->tenant, &tenant)
               ? train_locked(session, &tenant, &options->resources, deadline_us)
               : TOOL_FAILED;
}

static const struct verb verbs[] = {
    {NULL, train_options_parse, sizeof(struct train_options), .work = train_models, .without_session = true}};
const struct command train_command = {"train", help, VERBS(verbs)};
