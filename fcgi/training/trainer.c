/* Collects items and events, and runs the parts of a training in order; see trainer.h.
 *
 * While inputs arrive, texts are interned: a user id that occurs in a thousand events is stored once, and an
 * event is an item's number, a weight and a time in one flat array, its user in a second one. When the build
 * begins, a counting sort puts each user's events together, and the second array and the users' names are
 * released: from then on a user is a number, and nothing of who that was remains in memory or in a state
 * file.
 *
 * Items get their final number here, too: the rank, their place in the bytewise order of ids. Everything that
 * is computed and written counts by rank, so that the order in which items arrived cannot show in the model,
 * and a reader finds an id by binary search.
 *
 * The parts then run one after the other: columns (build/columns.c), popularity (learn/popularity.c), and all
 * that is learned (build/rows.c). Each leaves its result in struct trained; build/write.c makes the file of
 * it.
 *
 * Memory is bounded by counting, not by failing: every 16,384 events the need is estimated (memory.c). Beyond
 * the limit, events are still counted, so that the caller can name the amount that would be needed, but no
 * longer kept. */
#include "training/trainer.h"

#include "base/memory.h"
#include "engine/text_vector.h"
#include "training/internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct trainer *trainer_create(const struct trainer_options *options)
{
    struct trainer *trainer = memory_alloc(1, sizeof(*trainer));
    trainer->options = *options;
    trainer->arena = arena_create();
    trainer->ids = intern_create();
    trainer->users = intern_create();
    trainer->paths = intern_create();
    trainer->texts = intern_create();
    return trainer;
}

static void free_rows(struct trained_rows *rows)
{
    memory_free(rows->starts);
    memory_free(rows->targets);
    memory_free(rows->weights);
}

static void free_trained(struct trained *trained)
{
    memory_free(trained->order);
    memory_free(trained->ranks);
    memory_free(trained->popularity);
    memory_free(trained->recent);
    memory_free(trained->events);
    memory_free(trained->first_events);
    memory_free(trained->column_paths);
    memory_free(trained->column_first_values);
    memory_free(trained->value_texts);
    memory_free(trained->value_numbers);
    memory_free(trained->code_starts);
    memory_free(trained->codes);
    free_rows(&trained->rows);
    free_rows(&trained->transitions);
    free_rows(&trained->contents);
    memory_free(trained->trend);
    memory_free(trained->item_vectors);
    memory_free(trained->text_map);
    memory_free(trained->evidence);
    memset(trained, 0, sizeof(*trained));
}

void trainer_destroy(struct trainer *trainer)
{
    if (!trainer)
        return;
    free_trained(&trainer->trained);
    arena_destroy(trainer->arena);
    intern_destroy(trainer->ids);
    intern_destroy(trainer->users);
    intern_destroy(trainer->paths);
    intern_destroy(trainer->texts);
    memory_free(trainer->items);
    memory_free(trainer->fields);
    memory_free(trainer->events);
    memory_free(trainer->event_users);
    memory_free(trainer->event_starts);
    memory_free(trainer->withdrawals);
    memory_free(trainer);
}

/* Fields of all items stand in one array; an item knows where its own begin and how many there are. */
static void add_field(struct trainer *trainer, const struct engine_field *field)
{
    if (trainer->field_count == trainer->field_capacity) {
        trainer->field_capacity = trainer->field_capacity * 2 + 1024;
        trainer->fields = memory_resize(trainer->fields, trainer->field_capacity, sizeof(*trainer->fields));
    }
    trainer->fields[trainer->field_count++] = (struct trainer_field){
        .path = intern_add(trainer->paths, field->path),
        .text = intern_add(trainer->texts, field->text),
        .number = field->number,
    };
}

void trainer_add_item(struct trainer *trainer, const struct engine_item *item)
{
    uint32_t number;
    if (!item->active || intern_find(trainer->ids, item->id, strlen(item->id), &number))
        return;
    number = intern_add(trainer->ids, item->id);
    if (number == trainer->item_capacity) {
        trainer->item_capacity = trainer->item_capacity * 2 + 1024;
        trainer->items = memory_resize(trainer->items, trainer->item_capacity, sizeof(*trainer->items));
    }
    struct trainer_item *entry = &trainer->items[number];
    entry->name = arena_copy_text(trainer->arena, item->name ? item->name : "");
    entry->description = arena_copy_text(trainer->arena, item->description ? item->description : "");
    entry->metadata = arena_copy_text(trainer->arena, item->metadata ? item->metadata : "");
    entry->created = item->created;
    entry->updated = item->updated;
    entry->field_first = trainer->field_count;
    entry->field_count = item->field_count;
    for (size_t i = 0; i < item->field_count; i++)
        add_field(trainer, &item->fields[i]);
    /* The caller's item does not outlive the call, so its vector is computed while its texts are there. */
    text_vector_compute(item, entry->vector);
}

/* Once memory is short it stays short, so that which events are kept does not depend on chance. The estimate
 * adds up a dozen sizes: cheap enough every 16,384 events, too dear for each. */
static bool lacks_memory(const struct trainer *trainer)
{
    enum { EVERY = 1 << 14 };
    return trainer->options.memory &&
           (trainer->uncounted_events || (trainer->event_count % EVERY == EVERY - 1 &&
                                          trainer_memory_needed(trainer, 1) > trainer->options.memory));
}

void trainer_add_event(struct trainer *trainer, const char *user_id, const char *item_id, float weight,
                       int64_t occurred_at)
{
    uint32_t item;
    bool known = intern_find(trainer->ids, item_id, strlen(item_id), &item);
    if (!isfinite(weight) || !(weight > 0) || !known) {
        trainer->ignored_events++;
        if (known && isfinite(weight) && weight < 0)
            trainer_add_withdrawal(trainer, user_id, item, weight);
        return;
    }
    if (lacks_memory(trainer)) {
        trainer->uncounted_events++;
        intern_add(trainer->users, user_id);
        return;
    }
    if (trainer->event_count == trainer->event_capacity) {
        trainer->event_capacity = trainer->event_capacity * 2 + 4096;
        trainer->events = memory_resize(trainer->events, trainer->event_capacity, sizeof(*trainer->events));
        trainer->event_users =
            memory_resize(trainer->event_users, trainer->event_capacity, sizeof(*trainer->event_users));
    }
    trainer->event_users[trainer->event_count] = intern_add(trainer->users, user_id);
    trainer->events[trainer->event_count++] = (struct trainer_event){
        .item = item,
        .weight = weight,
        .time = occurred_at < trainer->options.now ? occurred_at : trainer->options.now,
    };
}

/* A stable counting sort by user: linear in time, and a user's events stay in the order of arrival, which
 * decides between events of one second. */
void trainer_group_events(struct trainer *trainer)
{
    if (trainer->event_starts)
        return;
    uint32_t users = intern_count(trainer->users);
    size_t *starts = memory_alloc((size_t)users + 2, sizeof(*starts)), count = trainer->event_count;
    struct trainer_event *grouped = memory_alloc(count, sizeof(*grouped));
    for (size_t i = 0; i < count; i++)
        starts[trainer->event_users[i] + 2]++;
    for (uint32_t user = 0; user < users; user++)
        starts[user + 2] += starts[user + 1];
    for (size_t i = 0; i < count; i++) /* moves each start to the next one's */
        grouped[starts[trainer->event_users[i] + 1]++] = trainer->events[i];
    memory_free(trainer->events);
    memory_free(trainer->event_users);
    trainer->events = grouped;
    trainer->event_users = NULL;
    trainer->event_starts = starts;
    trainer->user_count = users;
    trainer_leave_out_robots(trainer);
    trainer_withdraw_events(trainer, trainer->users);
    intern_destroy(trainer->users);
    trainer->users = NULL;
}

double trainer_age_in_days(int64_t reference, int64_t time)
{
    return time < reference ? ((double)reference - (double)time) / 86400 : 0;
}

/* The reference is the newest event rather than the clock: in a data set that ended years ago, ages counted
 * from today would make every event equally old and every trend flat. */
int64_t trainer_reference_time(const struct trainer *trainer)
{
    int64_t newest = trainer->event_count ? INT64_MIN : 0;
    for (size_t i = 0; i < trainer->event_count; i++)
        if (trainer->events[i].time > newest)
            newest = trainer->events[i].time;
    return newest;
}

static int compare_by_id(const void *left, const void *right, void *context)
{
    const struct intern *ids = context;
    return strcmp(intern_text(ids, *(const uint32_t *)left), intern_text(ids, *(const uint32_t *)right));
}

static void rank_items(struct trainer *trainer)
{
    uint32_t count = intern_count(trainer->ids);
    uint32_t *order = memory_alloc(count, sizeof(*order));
    uint32_t *ranks = memory_alloc(count, sizeof(*ranks));
    for (uint32_t i = 0; i < count; i++)
        order[i] = i;
    qsort_r(order, count, sizeof(*order), compare_by_id, trainer->ids);
    for (uint32_t rank = 0; rank < count; rank++)
        ranks[order[rank]] = rank;
    trainer->trained.order = order;
    trainer->trained.ranks = ranks;
}

/* Each thread needs working rows of its own; fewer threads are slower but give the same model. */
static unsigned affordable_threads(const struct trainer *trainer)
{
    unsigned threads = trainer_thread_count(trainer->options.threads);
    while (threads > 1 && trainer->options.memory &&
           trainer_memory_needed(trainer, threads) > trainer->options.memory)
        threads--;
    return threads;
}

bool trainer_build(struct trainer *trainer, trainer_progress *progress, void *context)
{
    struct trainer_steps *steps = &trainer->steps;
    steps->threads = affordable_threads(trainer);
    steps->progress = progress;
    steps->progress_context = context;
    steps->stop = trainer->options.stop;
    steps->stop_context = trainer->options.stop_context;
    steps->stage = "reading";
    free_trained(&trainer->trained);
    trainer_group_events(trainer);
    rank_items(trainer);
    trainer_build_columns(trainer);
    trainer_build_popularity(trainer);
    trainer_build_rows(trainer);
    if (steps->stopped)
        free_trained(&trainer->trained);
    else if (progress)
        progress(context, "rows", 1, 1);
    return !steps->stopped;
}

struct trainer_place trainer_place(const struct trainer *trainer)
{
    const struct trainer_steps *steps = &trainer->steps;
    return (struct trainer_place){steps->stage, steps->done, steps->total, steps->trials};
}

const struct trainer_options *trainer_options(const struct trainer *trainer)
{
    return &trainer->options;
}

const char *trainer_evidence(const struct trainer *trainer)
{
    return trainer->trained.evidence ? trainer->trained.evidence : "";
}

struct trainer_statistics trainer_statistics(const struct trainer *trainer)
{
    uint32_t items = intern_count(trainer->ids);
    return (struct trainer_statistics){
        .items = items,
        .users = trainer->users ? intern_count(trainer->users) : trainer->user_count,
        .events = trainer->event_count,
        .ignored_events = trainer->ignored_events,
        .robots = trainer->robots,
        .robot_events = trainer->robot_events,
        .pairs = trainer->trained.rows.starts ? trainer->trained.rows.starts[items] : 0,
        .columns = trainer->trained.column_count,
        .bytes = trainer->bytes_written,
    };
}
