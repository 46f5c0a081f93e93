/* `palate train --events FILE`: a model from files, without configuration and database; see train.h.
 *
 * For trying Palate out, for measuring and for shops that train elsewhere. The course is that of train.c,
 * with files in place of the database; what a state file is bound to is the path, size and time of each
 * file.
 *
 * Items come first, because the trainer leaves out events of items that it does not know. Without a file
 * of items each event brings its item, with the id as its name: such a model knows behaviour and no texts. */
#include "base/clock.h"
#include "base/memory.h"
#include "cli/command.h"
#include "cli/import/event_files.h"
#include "cli/output_file.h"
#include "cli/train/slice.h"
#include "cli/train/train.h"

#include <string.h>
#include <sys/stat.h>

struct file_training {
    const struct train_options *options;
    struct trainer *trainer;
    int64_t now;
};

static void add_item(void *context, const struct engine_item *item)
{
    struct file_training *training = context;
    trainer_add_item(training->trainer, item);
}

static void add_event(void *context, const struct file_event *event)
{
    struct file_training *training = context;
    trainer_add_event(training->trainer, event->user_id, event->item_id, (float)event->weight / 100.0F,
                      event->occurred_at / 1000);
}

/* Without a file of items; the trainer ignores ids that it knows already. */
static void add_item_and_event(void *context, const struct file_event *event)
{
    struct file_training *training = context;
    struct engine_item item = {.id = event->item_id,
                               .name = event->item_id,
                               .created = training->now,
                               .updated = training->now,
                               .active = true};
    trainer_add_item(training->trainer, &item);
    add_event(context, event);
}

static bool load_files(struct file_training *training)
{
    const struct train_options *options = training->options;
    if (!options->items)
        return event_file_read(options->events, "reading events", add_item_and_event, training);
    return item_file_read(options->items, training->now, add_item, training) &&
           event_file_read(options->events, "reading events", add_event, training);
}

/* Which file it is, and as of when. */
static uint64_t add_file(uint64_t key, const char *path)
{
    struct stat status;
    key = train_slice_key_add(key, path, strlen(path) + 1);
    if (stat(path, &status))
        return key;
    key = train_slice_key_add(key, &status.st_size, sizeof(status.st_size));
    return train_slice_key_add(key, &status.st_mtim, sizeof(status.st_mtim));
}

/* All that the inputs hang on: both files as they are now, and the seed. */
static uint64_t key_of(const struct train_options *options)
{
    uint64_t key = add_file(train_slice_key(), options->events);
    if (options->items)
        key = add_file(key, options->items);
    return train_slice_key_add(key, &options->resources.seed, sizeof(options->resources.seed));
}

/* The inputs of an earlier slice, else those of the files. */
static bool take_inputs(struct file_training *training, struct train_slice *slice,
                        const struct trainer_options *trainer_options)
{
    training->trainer = train_slice_resume(slice, trainer_options);
    if (training->trainer)
        return train_fits(training->trainer);
    training->trainer = trainer_create(trainer_options);
    return load_files(training) && train_fits(training->trainer) &&
           train_slice_begin(slice, training->trainer);
}

static int train_slice_of(const struct train_options *options, struct train_slice *slice, int64_t started_us)
{
    struct file_training training = {.options = options, .now = clock_unix()};
    struct trainer_options trainer_options = train_build_options(&options->resources, training.now);
    int code = TOOL_FAILED;
    if (take_inputs(&training, slice, &trainer_options)) {
        train_slice_attach(slice, training.trainer);
        if (!train_build(training.trainer)) {
            code = train_slice_pause(slice, training.trainer, "");
        } else if (train_write(training.trainer, options->model)) {
            train_report(training.trainer, "", "", options->model,
                         (double)(clock_monotonic_us() - started_us) / 1e6);
            code = TOOL_DONE;
            /* The model is written: the state has done its work. */
            train_slice_close(slice, true);
        }
    }
    trainer_destroy(training.trainer);
    return code;
}

int train_files_run(const struct train_options *options)
{
    static const char ending[] = ".state";
    int64_t started_us = clock_monotonic_us();
    struct train_slice slice;
    if (!output_file_check(options->model, true))
        return TOOL_FAILED;
    size_t length = strlen(options->model);
    char *path = memory_alloc(length + sizeof(ending), 1);
    memcpy(path, options->model, length);
    memcpy(path + length, ending, sizeof(ending));
    command_catch_interrupt();
    int code = TOOL_FAILED;
    if (train_slice_open(&slice, path, key_of(options),
                         options->budget_us ? started_us + options->budget_us : 0))
        code = train_slice_of(options, &slice, started_us);
    train_slice_close(&slice, false);
    memory_free(path);
    return code;
}
