/* The embedded recommender; see embedded.h. */
#include "recommender/embedded.h"

#include "recommender/grouping.h"
#include "recommender/history_weight.h"
#include "recommender/remote_recommender.h"
#include "recommender/search.h"
#include "recommender/shape_list.h"
#include "storage/events.h"

#include <math.h>
#include <string.h>

/* Finds the entry's item; an item that is not in the catalogue is no history. */
static void add_history(struct search *search, const char *item_id, struct engine_history_entry entry,
                        bool purchased)
{
    if (!catalogue_find(search->catalogue, item_id, strlen(item_id), &entry.item))
        return;
    search->history[search->history_count++] = entry;
    if (purchased)
        search_exclude(search, entry.item);
}

/* The user's newest events, read live, so that an event shows in the very next answer. */
static bool read_user_history(struct search *search, struct error *error)
{
    struct event_row *rows;
    size_t count;
    if (!events_read_recent(search->db, search->arena, search->query->tenant->id, search->query->user_id,
                            LIMIT_RECENT_EVENTS, &rows, &count, error))
        return false;
    search->history = arena_alloc(search->arena, count ? count : 1, sizeof(*search->history));
    for (size_t i = 0; i < count; i++)
        add_history(search, rows[i].item_id, history_weight_entry(UINT32_MAX, rows[i].weight),
                    rows[i].is_purchase);
    search->newest_first = true;
    return true;
}

/* Things like one thing: only the last has a say. */
static void keep_seed(struct search *search)
{
    search->history[0] = search->history[search->history_count - 1];
    search->history[0].weight = 1;
    search->history_count = 1;
}

static bool read_history(struct search *search, struct error *error)
{
    const struct recommendation_query *query = search->query;
    if (query->user_id)
        return read_user_history(search, error);
    search->history =
        arena_alloc(search->arena, query->history_count ? query->history_count : 1, sizeof(*search->history));
    for (size_t i = 0; i < query->history_count; i++)
        add_history(search, query->history[i].item_id,
                    (struct engine_history_entry){.weight = query->history[i].weight},
                    query->history[i].purchased);
    if (query->strategy == ENGINE_SIMILAR && search->history_count)
        keep_seed(search);
    return true;
}

/* exclude_viewed_items of a context. */
static bool exclude_viewed(struct search *search, struct error *error)
{
    const struct context_settings *context = search->query->context;
    if (!context || !context->viewed.on || !search->query->user_id)
        return true;
    int64_t since =
        context->viewed.seconds ? (search->query->now - context->viewed.seconds) * 1000 : INT64_MIN;
    const char **ids;
    size_t count;
    if (!events_read_viewed(search->db, search->arena, search->query->tenant->id, search->query->user_id,
                            since, &ids, &count, error))
        return false;
    for (size_t i = 0; i < count; i++) {
        uint32_t index;
        if (catalogue_find(search->catalogue, ids[i], strlen(ids[i]), &index))
            search_exclude(search, index);
    }
    return true;
}

static const struct filter *compile_preferences(struct search *search, const struct preferences *preferences)
{
    struct filter_condition conditions[3];
    size_t count = 0;
    if (preferences->category_count) {
        struct filter_value *values =
            arena_alloc(search->arena, preferences->category_count, sizeof(*values));
        for (size_t i = 0; i < preferences->category_count; i++)
            values[i] = (struct filter_value){.text = preferences->categories[i], .number = NAN};
        conditions[count++] = (struct filter_condition){.column = "metadata.category",
                                                        .operator= FILTER_IN_FOLD,
                                                        .values = values,
                                                        .value_count = preferences->category_count};
    }
    const struct {
        bool on;
        enum filter_operator operator;
        double number;
    } bounds[] = {{preferences->has_minimum, FILTER_GREATER_EQUAL, preferences->minimum},
                  {preferences->has_maximum, FILTER_LESS_EQUAL, preferences->maximum}};
    for (size_t i = 0; i < 2; i++) {
        if (!bounds[i].on)
            continue;
        struct filter_value *value = arena_alloc(search->arena, 1, sizeof(*value));
        *value = (struct filter_value){.text = arena_format(search->arena, "%.17g", bounds[i].number),
                                       .number = bounds[i].number};
        conditions[count++] = (struct filter_condition){
            .column = "metadata.price", .operator= bounds[i].operator, .values = value, .value_count = 1};
    }
    return count ? filter_compile(search->arena, search->catalogue, conditions, count) : NULL;
}

static void compile_filters(struct search *search)
{
    const struct recommendation_query *query = search->query;
    if (query->context && query->context->filter_count)
        search->filters[search->filter_count++] = filter_compile(
            search->arena, search->catalogue, query->context->filters, query->context->filter_count);
    if (!query->preferences)
        return;
    const struct filter *wanted = compile_preferences(search, query->preferences);
    bool strict = query->preferences->strict || (query->context && query->context->strict);
    if (wanted && strict)
        search->filters[search->filter_count++] = wanted;
    else
        search->preference = wanted;
}

static void describe(struct search *search, const struct engine_result *result, struct recommendation *item)
{
    struct engine_item content;
    catalogue_get(search->catalogue, result->item, &content);
    *item = (struct recommendation){.id = content.id,
                                    .name = content.name,
                                    .description = content.description,
                                    .metadata = content.metadata,
                                    .score = (double)result->score,
                                    .source = engine_source_name(result->source),
                                    .vector = catalogue_vector(search->catalogue, result->item)};
}

static bool rank_items(struct search *search, struct recommendation_list *list, struct error *error)
{
    struct engine_result *results;
    if (!shape_list(search, &results, &list->item_count, error))
        return false;
    list->items = arena_alloc(search->arena, list->item_count + 1, sizeof(*list->items));
    for (size_t i = 0; i < list->item_count; i++)
        describe(search, &results[i], &list->items[i]);
    return true;
}

/* Groups are cut from a ranked list that is made longer until there are enough of them, or no more items. */
static void rank_groups(struct search *search, struct recommendation_list *list)
{
    struct engine_result *results;
    struct group *groups;
    size_t total = catalogue_item_count(search->catalogue), limit = 1000, count, group_count;
    do {
        count = search_pool(search, limit, &results);
        group_count = grouping_cut(search->arena, search->catalogue, search->query->context, results, count,
                                   search->query->quantity, &groups);
        if (count < limit || limit >= total || limit >= GROUPING_LIMIT)
            break;
        limit = limit * 10 < GROUPING_LIMIT ? limit * 10 : GROUPING_LIMIT;
    } while (!grouping_is_complete(groups, group_count, search->query->quantity, search->query->context));
    list->groups = arena_alloc(search->arena, group_count ? group_count : 1, sizeof(*list->groups));
    list->group_count = group_count;
    for (size_t i = 0; i < group_count; i++) {
        struct recommendation_group *to = &list->groups[i];
        to->key = groups[i].key;
        to->item_count = groups[i].count;
        to->items = arena_alloc(search->arena, groups[i].count, sizeof(*to->items));
        for (size_t j = 0; j < groups[i].count; j++)
            describe(search, &groups[i].results[j], &to->items[j]);
    }
}

bool embedded_recommend(struct catalogue *catalogue, struct database *db,
                        const struct recommendation_query *query, struct arena *arena,
                        struct recommendation_list *list, struct error *error)
{
    struct search search = {.catalogue = catalogue, .db = db, .query = query, .arena = arena};
    const struct model *model = catalogue_model(catalogue);
    *list = (struct recommendation_list){.recommender = "embedded",
                                         .note = "embedded",
                                         .model_generation = model ? model_generation(model) : 0};
    if (!read_history(&search, error) || !exclude_viewed(&search, error))
        return false;
    list->has_history = search.history_count > 0;
    compile_filters(&search);
    if (query->context && query->context->group_count)
        rank_groups(&search, list);
    else if (!rank_items(&search, list, error))
        return false;
    remote_recommender_note(query, arena, list);
    return true;
}
