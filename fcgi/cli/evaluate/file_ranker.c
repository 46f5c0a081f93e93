/* Lists from a model file for users of a file of events; see file_ranker.h.
 *
 * The list is made by engine_recommend(), which is what a worker calls, with a query that is filled as a
 * worker fills it: the user's newest events of each kind (storage/events.h), newest first, weighed by
 * their types. So `palate evaluate` measures the service and not a copy of it. What a worker adds from the
 * database is left out: contexts, filters, exploration, rotation and items that changed after the
 * training.
 *
 * The moment of the ranking is that of the training, not that of the run: recency counts from there, and a
 * list does not change from one day to the next. */
#include "cli/evaluate/file_ranker.h"

#include "base/limits.h"
#include "base/memory.h"
#include "cli/command.h"
#include "engine/recommend.h"
#include "storage/events.h"

#include <errno.h>
#include <string.h>

struct file_ranker {
    const struct event_set *set;
    struct model *model;
    struct catalogue *catalogue;
    struct arena *arena; /* of one ranking */
    uint32_t *indices;   /* in the catalogue, by number in set->items; UINT32_MAX:
                            not in it */
};

/* Ids are looked up once for each item of the events, so that a ranking works with numbers alone. */
struct file_ranker *file_ranker_open(const char *path, const struct event_set *set)
{
    struct model *model;
    enum model_error problem = model_open(path, &model);
    if (problem == MODEL_CANNOT_OPEN) {
        command_say("cannot open the model %s: %s", path, strerror(errno));
        return NULL;
    }
    if (problem != MODEL_OK) {
        command_say("the model %s cannot be used: %s", path, model_error_text(problem));
        return NULL;
    }
    struct file_ranker *ranker = memory_alloc(1, sizeof(*ranker));
    uint32_t count = intern_count(set->items);
    *ranker = (struct file_ranker){.set = set, .model = model, .catalogue = catalogue_create(model, NULL)};
    ranker->arena = arena_create();
    ranker->indices = memory_alloc(count ? count : 1, sizeof(*ranker->indices));
    for (uint32_t item = 0; item < count; item++) {
        const char *id = intern_text(set->items, item);
        if (!catalogue_find(ranker->catalogue, id, strlen(id), &ranker->indices[item]))
            ranker->indices[item] = UINT32_MAX;
    }
    return ranker;
}

void file_ranker_close(struct file_ranker *ranker)
{
    if (!ranker)
        return;
    catalogue_destroy(ranker->catalogue);
    model_close(ranker->model);
    arena_destroy(ranker->arena);
    memory_free(ranker->indices);
    memory_free(ranker);
}

const struct catalogue *file_ranker_catalogue(const struct file_ranker *ranker)
{
    return ranker->catalogue;
}

/* The windows of events_read_recent(): LIMIT_RECENT_EVENTS of each kind, of the newest EVENTS_WINDOW events (purchases:
 * EVENTS_BOUGHT), newest first. Items that are not in the model stay in: the engine passes over them, but they count towards the limit,
 * as in a worker. */
static void add_history(struct file_ranker *ranker, uint32_t user, struct engine_query *query)
{
    const struct event_set *set = ranker->set;
    size_t first = set->starts[user], end = set->starts[user + 1], count = end - first;
    size_t left[EVENT_KINDS] = {[EVENT_PURCHASE] = LIMIT_RECENT_EVENTS,
                                [EVENT_STRONG] = LIMIT_RECENT_EVENTS,
                                [EVENT_LIGHT] = LIMIT_RECENT_EVENTS};
    struct engine_history_entry *history =
        arena_alloc(ranker->arena, EVENT_KINDS * (size_t)LIMIT_RECENT_EVENTS, sizeof(*history));
    if (count > EVENTS_BOUGHT)
        count = EVENTS_BOUGHT;
    query->history = history;
    query->newest_first = true;
    for (size_t i = 0; i < count; i++) {
        const struct set_event *event = &set->events[end - 1 - i];
        if (!left[event->kind] || (i >= EVENTS_WINDOW && event->kind != EVENT_PURCHASE))
            continue;
        left[event->kind]--;
        history[query->history_count++] =
            engine_history_of_event(ranker->indices[event->item], event->weight);
    }
}

static void exclude_seen(struct file_ranker *ranker, uint32_t user, struct engine_query *query)
{
    const struct event_set *set = ranker->set;
    size_t first = set->starts[user], count = set->starts[user + 1] - first;
    uint32_t *exclude = arena_alloc(ranker->arena, count ? count : 1, sizeof(*exclude));
    for (size_t i = 0; i < count; i++)
        exclude[i] = ranker->indices[set->events[first + i].item];
    query->exclude = exclude;
    query->exclude_count = count;
}

size_t file_ranker_rank(struct file_ranker *ranker, uint32_t user, size_t k, bool include_seen,
                        uint32_t *indices)
{
    struct engine_query query = {.catalogue = ranker->catalogue, .strategy = ENGINE_PERSONALIZED, .limit = k};
    query.now = model_trained_at(ranker->model);
    if (user != FILE_RANKER_NOBODY) {
        add_history(ranker, user, &query);
        if (!include_seen)
            exclude_seen(ranker, user, &query);
    }
    struct engine_result *results = arena_alloc(ranker->arena, k, sizeof(*results));
    size_t count = engine_recommend(&query, ranker->arena, results);
    for (size_t i = 0; i < count; i++)
        indices[i] = results[i].item;
    arena_reset(ranker->arena);
    return count;
}
