/* What stands before the ranking; see search_prepare.h.
 *
 * In this order, because each step may need the one before: the history (whose purchases are left out), what
 * the user has viewed in the window, what the request excludes, and the filters. Ids that the catalogue does
 * not know are ignored: histories name items that have been deleted since, and clients send old ids.
 *
 * The history of a user is read from the database for each request. That costs one index range and makes an
 * event count in the very next answer, which a profile that is updated now and then could not. A history that
 * the request brings along has its weights already, and is not mixed with a stored one.
 *
 * For SIMILAR only the last item of the history counts, as the seed; the rest of the history still says what
 * was bought. */
#include "recommender/search_prepare.h"

#include "storage/events.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Counts it once, however often it is left out for the same reason. */
static void leave_out(struct search *search, uint32_t item, enum exclusion reason, size_t *count)
{
    if (search_exclude_for(search, item, reason))
        (*count)++;
}

/* Finds the entry's item; an item that is not in the catalogue is no history. */
static void add_history(struct search *search, const char *item_id, struct engine_history_entry entry,
                        bool purchased)
{
    if (!search_find_item(search->catalogue, item_id, &entry.item))
        return;
    search->history[search->history_count++] = entry;
    if (purchased)
        leave_out(search, entry.item, EXCLUSION_PURCHASED, &search->trace.purchased);
}

/* For items like one item: that alone is the history. */
static void keep_seed(struct search *search, uint32_t item)
{
    search->history[0] = (struct engine_history_entry){.item = item, .weight = 1};
    search->history_count = 1;
    search->newest_first = false;
}

static int compare_indices(const void *left, const void *right)
{
    uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
    return (a > b) - (a < b);
}

/* What was bought before the history's purchases: thousands perhaps, so each is compared with these few alone. */
static void leave_out_bought(struct search *search, const struct recent_events *recent)
{
    const size_t before = search->exclude_count;
    uint32_t *items = arena_alloc(search->arena, recent->bought_count + 1, sizeof(*items));
    size_t count = 0;
    for (size_t i = 0; i < recent->bought_count; i++)
        count += search_find_item(search->catalogue, recent->bought_items[i], &items[count]);
    qsort(items, count, sizeof(*items), compare_indices);
    for (size_t i = 0; i < count; i++) {
        bool is_known = i && items[i] == items[i - 1];
        for (size_t k = 0; k < before && !is_known; k++)
            is_known = search->exclude[k] == items[i];
        if (is_known)
            continue;
        search_exclude_new(search, items[i], EXCLUSION_PURCHASED);
        search->trace.purchased++;
    }
}

/* The user's newest events, read live, so that an event shows in the very next answer. */
static bool read_user_history(struct search *search, struct error *error)
{
    const struct recommendation_query *query = search->query;
    struct recent_events recent;
    uint32_t anchor;
    if (!events_read_recent(search->db, search->arena, query->tenant, query->entity.id, query->recent,
                            &recent, error))
        return false;
    search->history = arena_alloc(search->arena, recent.count + 1, sizeof(*search->history));
    search->newest_first = true;
    for (size_t i = 0; i < recent.count; i++) {
        if (recent.rows[i].is_touch)
            add_history(search, recent.rows[i].item_id,
                        engine_history_of_event(UINT32_MAX, recent.rows[i].weight),
                        recent.rows[i].is_purchase);
    }
    leave_out_bought(search, &recent);
    /* With an anchor the history was read for what was bought only. */
    if (!query->anchor_id)
        return true;
    search->history_count = 0;
    if (search_find_item(search->catalogue, query->anchor_id, &anchor))
        keep_seed(search, anchor);
    return true;
}

static bool read_history(struct search *search, struct error *error)
{
    const struct recommendation_query *query = search->query;
    if (query->uses_events)
        return read_user_history(search, error);
    search->history = arena_alloc(search->arena, query->history_count + 1, sizeof(*search->history));
    for (size_t i = 0; i < query->history_count; i++)
        add_history(search, query->history[i].item_id,
                    (struct engine_history_entry){.weight = query->history[i].weight},
                    query->history[i].purchased);
    if (query->strategy == ENGINE_SIMILAR && search->history_count)
        keep_seed(search, search->history[search->history_count - 1].item);
    return true;
}

/* Events have milliseconds, windows seconds. */
bool search_read_viewed(struct database *db, struct arena *arena, const struct recommendation_query *query,
                        const char ***ids, size_t *count, struct error *error)
{
    const struct viewed_window *viewed = viewed_window_choose(query->viewed, query->context);
    *count = 0;
    if (!viewed || !query->uses_events)
        return true;
    int64_t since = viewed->seconds ? (query->now - viewed->seconds) * 1000 : INT64_MIN;
    return events_read_viewed(db, arena, query->tenant, query->entity.id, since, viewed->impressions, ids,
                              count, error);
}

static bool exclude_viewed(struct search *search, struct error *error)
{
    const char **ids;
    size_t count;
    if (!search_read_viewed(search->db, search->arena, search->query, &ids, &count, error))
        return false;
    for (size_t i = 0; i < count; i++) {
        uint32_t index;
        if (search_find_item(search->catalogue, ids[i], &index))
            leave_out(search, index, EXCLUSION_VIEWED, &search->trace.viewed);
    }
    return true;
}

static void exclude_unwanted(struct search *search)
{
    for (size_t i = 0; i < search->query->exclude_count; i++) {
        uint32_t index;
        if (search_find_item(search->catalogue, search->query->exclude[i], &index))
            leave_out(search, index, EXCLUSION_UNWANTED, &search->trace.unwanted);
    }
}

/* Preferences as conditions: any of the categories, whatever their case, and the price between bounds. NULL
 * where there are none. */
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
    /* 17 digits keep any double as it is, where it is compared with texts. */
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

/* Brackets are filters of their own: joining them would change what an OR in one of them means. */
static void add_filter(struct search *search, const struct filter_condition *conditions, size_t count)
{
    if (count)
        search->filters[search->filter_count++] =
            filter_compile(search->arena, search->catalogue, conditions, count);
}

void search_prepare_filters(struct search *search)
{
    const struct recommendation_query *query = search->query;
    if (query->context)
        add_filter(search, query->context->filters, query->context->filter_count);
    add_filter(search, query->filters, query->filter_count);
    if (!query->preferences)
        return;
    const struct filter *wanted = compile_preferences(search, query->preferences);
    bool strict = query->preferences->strict || (query->context && query->context->strict);
    if (wanted && strict)
        search->filters[search->filter_count++] = wanted;
    else
        search->preference = wanted;
}

bool search_prepare(struct search *search, struct error *error)
{
    if (!read_history(search, error) || !exclude_viewed(search, error))
        return false;
    exclude_unwanted(search);
    search_prepare_filters(search);
    search->trace.history = search->history_count;
    return true;
}
