/* Between the remote recommender and the catalogue; see remote_recommender.h.
 *
 * Two halves. The first makes the query of the protocol (docs/remote-protocol.md) from ours: the history as
 * events, what is not to be shown, the filters, and more items than are shown where shaping chooses among
 * them. It need not be complete, since it only helps the other side to send what is of use.
 *
 * The second takes the reply as what it is, foreign data: each entry must be an item of this tenant that is
 * active, not excluded, not repeated, and passes all filters now, when it has come. What is left keeps
 * its order and its scores, 0..1; with preferences it is put into the engine's two tiers. Where too few are
 * left the engine fills up, as configured, with what it would have ranked itself, and no score rises down the
 * list.
 *
 * Cost: one query in at most [remote] timeout_ms, one look-up an entry, a bitmap over the catalogue. */
#include "recommender/remote_recommender.h"

#include "base/json_write.h"
#include "engine/catalogue.h"
#include "recommender/filter_parse.h"
#include "recommender/search_prepare.h"
#include "recommender/shaping/diversify.h"
#include "storage/events.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

/* Rounding to float must not lift the lower tier to the upper one. */
static const double BELOW_HALF = 0.49999997;

static const char *const template_names[ENGINE_STRATEGY__MAX] = {
    [ENGINE_PERSONALIZED] = "personalized", [ENGINE_TRENDING] = "trending", [ENGINE_POPULAR] = "popular",
    [ENGINE_SIMILAR] = "similar",           [ENGINE_NEWEST] = "new",
};

/* ---- What is sent */

struct outgoing {
    const struct recommendation_query *query;
    struct database *db;
    struct arena *arena;
    struct remote_query remote;
    struct remote_event *events;
    size_t event_count;
    const char **exclude;
    size_t exclude_count;
};

static void add_event(struct outgoing *outgoing, const char *item_id, int64_t at, bool purchased)
{
    outgoing->events[outgoing->event_count++] =
        (struct remote_event){.item_id = item_id, .at = at, .purchased = purchased};
    if (purchased)
        outgoing->exclude[outgoing->exclude_count++] = item_id;
}

/* What is sent as interest: not dislike, not a search, and not that something was only shown, which by
 * default weighs 1 and is left out of `palate export gorse` and `palate push`, too. */
static bool shows_interest(const struct event_row *row)
{
    return *row->item_id && (row->is_purchase || row->weight > 1);
}

/* The user's newest events, oldest first. */
static bool add_user_events(struct outgoing *outgoing, struct error *error)
{
    struct recent_events recent;
    if (!events_read_recent(outgoing->db, outgoing->arena, outgoing->query->tenant,
                            outgoing->query->entity.id, outgoing->query->recent, &recent, error))
        return false;
    outgoing->events = arena_alloc(outgoing->arena, recent.count + 1, sizeof(*outgoing->events));
    outgoing->exclude = arena_alloc(outgoing->arena, recent.count + 1, sizeof(*outgoing->exclude));
    for (size_t i = recent.count; i-- > 0;) {
        const struct event_row *row = &recent.rows[i];
        if (shows_interest(row))
            add_event(outgoing, row->item_id, row->occurred_at / 1000, row->is_purchase);
    }
    return true;
}

/* The request's own history has an order but no times: a second each, up to now. */
static void add_given_history(struct outgoing *outgoing)
{
    const struct recommendation_query *query = outgoing->query;
    size_t count = query->history_count;
    outgoing->events = arena_alloc(outgoing->arena, count + 1, sizeof(*outgoing->events));
    outgoing->exclude = arena_alloc(outgoing->arena, count + 1, sizeof(*outgoing->exclude));
    for (size_t i = 0; i < count; i++)
        add_event(outgoing, query->history[i].item_id, query->now - (int64_t)(count - i),
                  query->history[i].purchased);
    /* What is like a thing is not that thing. */
    if (query->strategy == ENGINE_SIMILAR && count && !query->history[count - 1].purchased)
        outgoing->exclude[outgoing->exclude_count++] = query->history[count - 1].item_id;
}

static void exclude_ids(struct outgoing *outgoing, const char *const *ids, size_t count)
{
    const char **all = arena_alloc(outgoing->arena, outgoing->exclude_count + count + 1, sizeof(*all));
    if (outgoing->exclude_count)
        memcpy(all, outgoing->exclude, outgoing->exclude_count * sizeof(*all));
    if (count)
        memcpy(all + outgoing->exclude_count, ids, count * sizeof(*all));
    outgoing->exclude = all;
    outgoing->exclude_count += count;
}

/* GET /recommendations has no sequence_data: the events take its place. */
static const char *make_sequence_data(struct outgoing *outgoing)
{
    struct json_writer *out = json_writer_create(outgoing->arena);
    json_writer_object(out, NULL);
    for (int purchased = 0; purchased <= 1; purchased++) {
        json_writer_list(out, purchased ? "purchase_history" : "browsing_history");
        for (size_t i = 0; i < outgoing->event_count; i++) {
            if (outgoing->events[i].purchased == purchased)
                json_writer_text(out, NULL, outgoing->events[i].item_id);
        }
        json_writer_end(out);
    }
    json_writer_end(out);
    return json_writer_result(out);
}

/* The context's filters, and the one category that all items must have, where they say so: many services can
 * restrict a list to a category and to nothing else. An OR anywhere means that it need not hold. */
static void add_filters(struct outgoing *outgoing, struct json_writer *filters)
{
    const struct context_settings *context = outgoing->query->context;
    const char *category = NULL;
    bool any_or = false;
    if (!context)
        return;
    for (size_t i = 0; i < context->filter_count; i++) {
        const struct filter_condition *condition = &context->filters[i];
        const char *path;
        filter_condition_write(filters, NULL, condition, false);
        any_or = any_or || (i && condition->or_with_previous);
        if (catalogue_column_kind(condition->column, &path) == CATALOGUE_COLUMN_METADATA &&
            !strcmp(path, "category") && condition->operator== FILTER_EQUAL && condition->value_count == 1)
            category = condition->values[0].text;
    }
    outgoing->remote.category = any_or ? NULL : category;
}

/* Two brackets that are joined with AND are one list only where neither has an OR. Leaving the request's out
 * is no harm: every answer is filtered here anyway. */
static void add_request_filters(struct outgoing *outgoing, struct json_writer *filters)
{
    const struct recommendation_query *query = outgoing->query;
    bool any_or = false;
    for (size_t i = 1; query->context && i < query->context->filter_count; i++)
        any_or = any_or || query->context->filters[i].or_with_previous;
    for (size_t i = 1; i < query->filter_count; i++)
        any_or = any_or || query->filters[i].or_with_previous;
    for (size_t i = 0; !any_or && i < query->filter_count; i++)
        filter_condition_write(filters, NULL, &query->filters[i], false);
}

/* As many as are ranked for this query: more than are shown where a choice is made among them. */
static size_t count_wanted(const struct recommendation_query *query)
{
    const struct context_settings *context = query->context;
    size_t quantity = query->length > query->quantity ? query->length : query->quantity;
    if (context && context->group_count)
        quantity = LIMIT_REMOTE_ENTRIES;
    else if (context && (diversity_is_on(&context->diversity) || context->exploration.share > 0 ||
                         context->rotation.hours))
        quantity = diversify_pool(quantity);
    return quantity < LIMIT_REMOTE_ENTRIES ? quantity : LIMIT_REMOTE_ENTRIES;
}

static const char *user_of(const struct recommendation_query *query)
{
    return query->strategy == ENGINE_SIMILAR ? NULL : entity_user_id(query->entity);
}

enum remote_list remote_recommender_list(const struct recommendation_query *query)
{
    return user_of(query) ? REMOTE_OF_USER : REMOTE_OF_SESSION;
}

struct remote_part *remote_recommender_ask(struct remote *remote, struct database *db,
                                           const struct recommendation_query *query, struct arena *arena,
                                           struct error *error)
{
    struct outgoing outgoing = {.query = query, .db = db, .arena = arena};
    struct remote_part *part = arena_alloc(arena, 1, sizeof(*part));
    if (query->uses_events && !add_user_events(&outgoing, error))
        return NULL;
    if (!query->uses_events)
        add_given_history(&outgoing);
    const char **viewed;
    size_t viewed_count;
    if (!search_read_viewed(db, arena, query, &viewed, &viewed_count, error))
        return NULL;
    exclude_ids(&outgoing, viewed, viewed_count);
    exclude_ids(&outgoing, query->exclude, query->exclude_count);
    struct json_writer *filters = json_writer_create(arena);
    json_writer_list(filters, NULL);
    add_filters(&outgoing, filters);
    add_request_filters(&outgoing, filters);
    json_writer_end(filters);
    struct remote_query *ask = &outgoing.remote;
    ask->filters = json_writer_result(filters);
    ask->request_id = query->request_id;
    ask->tenant = query->tenant->key;
    ask->task = query->task ? query->task : "product_recommendation";
    ask->template_name = template_names[query->strategy];
    /* What is like an item is so for everybody. */
    ask->user_id = user_of(query);
    ask->context_id = query->context_id;
    ask->sequence_data =
        query->sequence_data ? json_text(query->sequence_data) : make_sequence_data(&outgoing);
    ask->history = outgoing.events;
    ask->history_count = outgoing.event_count;
    ask->exclude = outgoing.exclude;
    ask->exclude_count = outgoing.exclude_count;
    ask->own_exclude_count = query->exclude_count;
    ask->quantity = count_wanted(query);
    remote_ask(remote, ask, arena, &part->reply);
    return part;
}

/* ---- Which of its items are shown */

static void ban_item(uint64_t *banned, uint32_t item)
{
    banned[item / 64] |= UINT64_C(1) << item % 64;
}

/* Items that may not be shown, and from then on those that are. */
static uint64_t *make_banned(struct search *search)
{
    uint32_t count = catalogue_item_count(search->catalogue);
    uint64_t *banned = arena_alloc(search->arena, count / 64 + 1, sizeof(*banned));
    for (size_t i = 0; i < search->exclude_count; i++)
        ban_item(banned, search->exclude[i]);
    for (size_t i = 0; search->query->strategy == ENGINE_SIMILAR && i < search->history_count; i++)
        ban_item(banned, search->history[i].item);
    return banned;
}

/* Sets the result of an entry that may be shown, and bans its item from then on. */
static bool accept_entry(struct search *search, uint64_t *banned, const struct remote_entry *entry,
                         struct engine_result *result)
{
    uint32_t item;
    if (!catalogue_find(search->catalogue, entry->item_id, strlen(entry->item_id), &item) ||
        banned[item / 64] >> item % 64 & 1 ||
        !filter_is_eligible(search->catalogue, search->filters, search->filter_count, item))
        return false;
    ban_item(banned, item);
    bool preferred = search->preference && filter_matches(search->preference, item);
    double score = !search->preference ? entry->score
                   : preferred         ? 0.5 + entry->score / 2
                                       : fmin(entry->score / 2, BELOW_HALF);
    *result = (struct engine_result){.item = item,
                                     .score = (float)score,
                                     .raw = (float)entry->score,
                                     .source = ENGINE_SOURCE_REMOTE,
                                     .preferred = preferred};
    return true;
}

/* Appends what the engine would show behind results[count]; returns the new count. */
static size_t fill_up(struct search *search, struct engine_result *results, size_t count, size_t limit)
{
    size_t excluded = search->exclude_count;
    struct engine_result *more;
    enum remote_fill kind = search->query->remote->fill;
    if (count == limit || kind == REMOTE_FILL_NONE)
        return count;
    for (size_t i = 0; i < count; i++)
        search_exclude(search, results[i].item);
    /* The seeds, too: filled up with what is trending, nothing else would leave them out. */
    for (size_t i = 0; search->query->strategy == ENGINE_SIMILAR && i < search->history_count; i++)
        search_exclude(search, search->history[i].item);
    size_t found =
        search_run(search, kind == REMOTE_FILL_TRENDING ? ENGINE_TRENDING : search->query->strategy,
                   limit - count, &more);
    memcpy(results + count, more, found * sizeof(*more));
    search->exclude_count = excluded;
    return count + found;
}

/* Preferred items first, each kind in its order; then no score above the one before it. */
static void settle_order(struct search *search, struct engine_result *results, size_t count)
{
    struct engine_result *before = arena_alloc(search->arena, count + 1, sizeof(*before));
    size_t placed = 0;
    memcpy(before, results, count * sizeof(*before));
    for (int preferred = 1; preferred >= 0; preferred--) {
        for (size_t i = 0; i < count; i++) {
            if (before[i].preferred == (bool)preferred)
                results[placed++] = before[i];
        }
    }
    for (size_t i = 1; i < count; i++)
        results[i].score = fminf(results[i].score, results[i - 1].score);
}

size_t remote_recommender_pool(struct search *search, size_t limit, struct engine_result **results)
{
    struct remote_part *part = search->query->remote;
    const struct remote_reply *reply = &part->reply;
    uint64_t *banned = make_banned(search);
    *results = arena_alloc(search->arena, limit + 1, sizeof(**results));
    size_t count = 0, looked = 0;
    while (looked < reply->count && count < limit) {
        if (accept_entry(search, banned, &reply->entries[looked++], &(*results)[count]))
            count++;
    }
    /* What was not looked at, because the list was full, is not dropped. */
    part->dropped = reply->dropped + looked - count;
    size_t total = fill_up(search, *results, count, limit);
    part->filled = total - count;
    settle_order(search, *results, total);
    return total;
}

void remote_recommender_note(const struct recommendation_query *query, struct arena *arena,
                             struct recommendation_list *list)
{
    const struct remote_part *part = query->remote;
    if (!part)
        return;
    const struct remote_reply *reply = &part->reply;
    if (reply->outcome == REMOTE_ANSWERED) {
        list->recommender = "remote";
        list->note = arena_format(arena, "remote remote_us=%" PRId64 " dropped=%zu filled=%zu",
                                  reply->elapsed_us, part->dropped, part->filled);
    } else {
        list->recommender = "embedded (remote failed)";
        list->note = arena_format(arena, "embedded degraded=%s remote_us=%" PRId64 "%s%s",
                                  remote_outcome_name(reply->outcome), reply->elapsed_us,
                                  reply->detail[0] ? " " : "", reply->detail);
    }
}
