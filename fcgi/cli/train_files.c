/* `palate train --events FILE`: a model from files, without configuration and database; see train.h. */
#include "base/clock.h"
#include "cli/event_files.h"
#include "cli/interrupt.h"
#include "cli/output_file.h"
#include "cli/train.h"

#include <string.h>

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

/* The trainer ignores ids that it knows already. */
static void add_item_of_event(void *context, const struct file_event *event)
{
    struct file_training *training = context;
    struct engine_item item = {.id = event->item_id,
                               .name = event->item_id,
                               .created = training->now,
                               .updated = training->now,
                               .active = true};
    trainer_add_item(training->trainer, &item);
}

static void add_event(void *context, const struct file_event *event)
{
    struct file_training *training = context;
    trainer_add_event(training->trainer, event->user_id, event->item_id, (float)event->weight / 100.0F,
                      event->occurred_at / 1000);
}

/* The events are read twice when there is no file of items: that costs less than keeping them. */
static bool load(struct file_training *training)
{
    const struct train_options *options = training->options;
    bool done = options->items
                    ? item_file_read(options->items, training->now, add_item, training)
                    : event_file_read(options->events, "reading items", add_item_of_event, training);
    return done && event_file_read(options->events, "reading events", add_event, training);
}

int train_files_run(const struct train_options *options)
{
    struct file_training training = {.options = options, .now = clock_unix()};
    struct trainer_options trainer_options = train_build_options(&options->resources, training.now);
    int64_t started_us = clock_monotonic_us();
    if (!output_file_check(options->model, true))
        return TOOL_FAILED;
    interrupt_catch();
    training.trainer = trainer_create(&trainer_options);
    bool done =
        load(&training) && train_build(training.trainer) && train_write(training.trainer, options->model);
    if (done)
        train_report(training.trainer, "", "", options->model,
                     (double)(clock_monotonic_us() - started_us) / 1e6);
    trainer_destroy(training.trainer);
    return done ? TOOL_DONE : TOOL_FAILED;
}
