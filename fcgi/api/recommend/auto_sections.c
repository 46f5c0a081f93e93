/* Auto mode; see auto_sections.h.
 *
 * One call shows one section. To know which, all candidates for sections are put in order, without those that
 * the cursor says were shown; the first whose list is not empty is the answer. Then the search goes on for
 * one more that is not empty: without it the answer could not say whether it is the last. That is one ranking
 * for the section, one for the proof of a next one, and one more for each candidate that turns out empty.
 *
 * No item is to come twice in a chain of calls. What was shown so far is kept in the database under a key
 * made of the request and the sections served, so that two readers who go different ways do not share it, and
 * reloading an earlier page finds its own state. When it has expired (RANKED_LIST_SECONDS), items may repeat;
 * sections do not, since they are in the cursor. */
#include "api/recommend/auto_sections.h"

#include "api/recommend/ranked_pages.h"
#include "base/json_write.h"
#include "storage/events.h"

#include <string.h>

/* An event of this weight or more says more than that the user looked: "liked" instead of "viewed". */
enum { LIKED_WEIGHT = 30 };

/* A section that may be shown. */
struct candidate {
    const char *id, *title, *reason, *anchor;
    enum engine_strategy strategy;
    bool only_related; /* what merely fills the list is no part of it */
};

struct chain {
    struct logged_answer *answer;
    const struct recommendations_parameters *parameters;
    const char *asked; /* JSON */
    struct candidate *candidates;
    size_t candidate_count;
    const char **unwanted; /* what the request excludes, then what earlier sections showed */
    size_t unwanted_count, shown_from;
};

/* ---- Which sections there are */

/* Each section comes once in a chain: what the cursor has is skipped. */
static void add_candidate(struct chain *chain, struct candidate candidate)
{
    if (!auto_cursor_has(&chain->parameters->cursor, candidate.id))
        chain->candidates[chain->candidate_count++] = candidate;
}

/* Whether this is the newest event of its item, and in favour of it. Newer events come first. */
static bool is_anchor(const struct event_row *rows, size_t place)
{
    for (size_t i = 0; i < place; i++) {
        if (!strcmp(rows[i].item_id, rows[place].item_id))
            return false;
    }
    return rows[place].weight > 0;
}

/* Whether any event of the item within the window is that strong. */
static bool is_liked(const struct event_row *rows, size_t count, const char *item_id)
{
    for (size_t i = 0; i < count; i++) {
        if (!strcmp(rows[i].item_id, item_id) && rows[i].weight >= LIKED_WEIGHT)
            return true;
    }
    return false;
}

static bool add_anchor(struct chain *chain, const struct event_row *rows, size_t count, const char *item_id,
                       struct error *error)
{
    struct worker *worker = chain->answer->worker;
    struct request *request = chain->answer->request;
    const char *name, *description;
    if (!recommender_describe(worker->recommender, worker->db, &request->tenant, item_id, request->arena,
                              &name, &description, error))
        return false;
    if (!*name)
        return true; /* unknown by now, or switched off: no heading for a section */
    const char *form = is_liked(rows, count, item_id) ? "Because you liked" : "We see you viewed";
    add_candidate(chain, (struct candidate){.id = arena_format(request->arena, "item:%s", item_id),
                                            .title = arena_format(request->arena, "%s %s", form, name),
                                            .reason = "similar_item",
                                            .anchor = item_id,
                                            .strategy = ENGINE_SIMILAR,
                                            .only_related = true});
    return true;
}

/* Sections from events: all of them together, then one for each of the items touched last that the user did
 * not dislike. candidate_limit bounds the rankings that a long history could ask for. */
static bool add_anchors(struct chain *chain, const struct event_row *rows, size_t count, struct error *error)
{
    size_t anchors = 0;
    if (count)
        add_candidate(chain, (struct candidate){.id = "recent_activity",
                                                .title = "Based on your recent activity",
                                                .reason = "recent_activity",
                                                .strategy = ENGINE_PERSONALIZED,
                                                .only_related = true});
    for (size_t i = 0; i < count && anchors < (size_t)chain->parameters->candidate_limit; i++) {
        if (!is_anchor(rows, i))
            continue;
        anchors++;
        if (!add_anchor(chain, rows, count, rows[i].item_id, error))
            return false;
    }
    return true;
}

/* Events within the window; they come newest first. */
static bool read_activity(struct chain *chain, struct recent_events *activity, struct error *error)
{
    struct logged_answer *answer = chain->answer;
    int64_t since = (answer->query.now - chain->parameters->cursor.window_days * 86400) * 1000;
    size_t within = 0;
    const char *user_id = entity_user_id(chain->parameters->entity);
    if (!user_id)
        return true;
    if (!events_read_recent(answer->worker->db, answer->request->arena, &answer->request->tenant, user_id,
                            answer->query.recent, activity, error))
        return false;
    while (within < activity->count && activity->rows[within].occurred_at >= since)
        within++;
    activity->count = within;
    return true;
}

/* The seed of entity_type=Item is an anchor of its own. */
static bool find_candidates(struct chain *chain, struct error *error)
{
    struct recent_events activity = {0};
    if (!read_activity(chain, &activity, error))
        return false;
    chain->candidates =
        arena_alloc(chain->answer->request->arena, activity.count + 4, sizeof(*chain->candidates));
    if (chain->parameters->entity.type == ENTITY_ITEM &&
        !add_anchor(chain, activity.rows, 0, chain->parameters->entity.id, error))
        return false;
    if (!add_anchors(chain, activity.rows, activity.count, error))
        return false;
    add_candidate(chain, (struct candidate){.id = "trending",
                                            .title = "Trending now",
                                            .reason = "trending",
                                            .strategy = ENGINE_TRENDING});
    add_candidate(
        chain,
        (struct candidate){.id = "new", .title = "New arrivals", .reason = "new", .strategy = ENGINE_NEWEST});
    return true;
}

/* ---- What earlier sections showed */

/* The key of what was shown up to here: each step of a chain has its own. */
static void chain_key(struct chain *chain, const char *next, unsigned char key[RANKED_LIST_KEY_BYTES])
{
    const struct auto_cursor *cursor = &chain->parameters->cursor;
    struct json_writer *out = json_writer_create(chain->answer->request->arena);
    json_writer_list(out, NULL);
    json_writer_written(out, NULL, chain->asked);
    json_writer_integer(out, NULL, cursor->window_days);
    for (size_t i = 0; i < cursor->served_count; i++)
        json_writer_text(out, NULL, cursor->served[i]);
    if (next)
        json_writer_text(out, NULL, next);
    json_writer_end(out);
    ranked_pages_key(json_writer_result(out), key);
}

/* What the request excludes, and behind it what earlier sections of the chain have shown. */
static bool read_shown(struct chain *chain, struct error *error)
{
    struct logged_answer *answer = chain->answer;
    const struct request_filters *filters = &chain->parameters->filters;
    struct recommendation_list shown = {0};
    unsigned char key[RANKED_LIST_KEY_BYTES];
    const char *text = NULL;
    chain_key(chain, NULL, key);
    if (chain->parameters->cursor.served_count &&
        !ranked_lists_find(answer->worker->db, answer->request->arena, answer->request->tenant.id, key,
                           answer->query.now, &text, error))
        return false;
    if (text && !ranked_pages_read(answer->request->arena, text, &shown))
        shown.item_count = 0;
    chain->shown_from = filters->exclude_count;
    chain->unwanted_count = filters->exclude_count + shown.item_count;
    chain->unwanted =
        arena_alloc(answer->request->arena, chain->unwanted_count + LIMIT_QUANTITY, sizeof(*chain->unwanted));
    if (filters->exclude_count)
        memcpy(chain->unwanted, filters->exclude, filters->exclude_count * sizeof(*chain->unwanted));
    for (size_t i = 0; i < shown.item_count; i++)
        chain->unwanted[filters->exclude_count + i] = shown.items[i].id;
    return true;
}

static void note_shown(struct chain *chain, const struct recommendation_list *list)
{
    for (size_t i = 0; i < list->item_count; i++)
        chain->unwanted[chain->unwanted_count++] = list->items[i].id;
}

/* Keeps what was shown up to this section, without what the request itself excludes, for the next call. */
static void keep_shown(struct chain *chain, const char *section_id)
{
    struct logged_answer *answer = chain->answer;
    struct recommendation_list shown = {.recommender = "auto"};
    unsigned char key[RANKED_LIST_KEY_BYTES];
    shown.item_count = chain->unwanted_count - chain->shown_from;
    shown.items = arena_alloc(answer->request->arena, shown.item_count + 1, sizeof(*shown.items));
    for (size_t i = 0; i < shown.item_count; i++)
        shown.items[i] = (struct recommendation){.id = chain->unwanted[chain->shown_from + i], .source = ""};
    chain_key(chain, section_id, key);
    ranked_pages_keep(answer, key, &shown);
}

/* ---- Ranking */

/* Drops what only fills the list: popular items are no answer to "because you liked". */
static void keep_related(struct recommendation_list *list)
{
    size_t kept = 0;
    for (size_t i = 0; i < list->item_count; i++) {
        if (!strcmp(list->items[i].source, "model") || !strcmp(list->items[i].source, "content") ||
            !strcmp(list->items[i].source, "exploration"))
            list->items[kept++] = list->items[i];
    }
    list->item_count = kept;
}

/* Ranks the list of one candidate: the request's query with the candidate's strategy and, where it has one,
 * its anchor as the only history. */
static bool rank_candidate(struct chain *chain, const struct candidate *candidate, size_t quantity,
                           struct recommendation_list *list, struct error *error)
{
    struct logged_answer *answer = chain->answer;
    struct recommendation_query query = answer->query;
    struct history_item seed = {.item_id = candidate->anchor, .weight = 1};
    query.strategy = candidate->strategy;
    query.quantity = quantity;
    query.exclude = chain->unwanted;
    query.exclude_count = chain->unwanted_count;
    query.history = &seed;
    query.history_count = candidate->anchor != NULL;
    query.anchor_id = candidate->anchor;
    if (!recommender_recommend(answer->worker->recommender, answer->worker->db, &query,
                               answer->request->arena, list, error))
        return false;
    if (candidate->only_related)
        keep_related(list);
    return true;
}

/* Copies what belongs to the catalogue: the ranking that looks for a next section may load a newer one. */
static void keep_list(struct arena *arena, struct recommendation_list *list)
{
    for (size_t i = 0; i < list->item_count; i++) {
        struct recommendation *item = &list->items[i];
        float *vector = arena_alloc(arena, ENGINE_VECTOR_SIZE, sizeof(*vector));
        memcpy(vector, item->vector, ENGINE_VECTOR_SIZE * sizeof(*vector));
        item->id = arena_copy_text(arena, item->id);
        item->name = arena_copy_text(arena, item->name);
        item->description = arena_copy_text(arena, item->description);
        item->metadata = arena_copy_text(arena, item->metadata);
        item->vector = vector;
    }
    for (size_t i = 0; i < list->suppressed_count; i++)
        list->suppressed[i].id = arena_copy_text(arena, list->suppressed[i].id);
}

/* The first candidate from *place on whose section is not empty; *place behind the last when there is none.
 */
static bool find_section(struct chain *chain, size_t *place, size_t quantity,
                         struct recommendation_list *list, struct error *error)
{
    for (; *place < chain->candidate_count; (*place)++) {
        if (!rank_candidate(chain, &chain->candidates[*place], quantity, list, error))
            return false;
        if (list->item_count)
            return true;
    }
    return true;
}

/* The cursor behind a section, when another follows and the chain may go on. */
static bool find_next(struct chain *chain, size_t place, struct auto_section *section, struct error *error)
{
    struct auto_cursor next = chain->parameters->cursor;
    struct recommendation_list ignored;
    if (next.served_count + 1 >= (size_t)chain->parameters->served_cap ||
        next.served_count + 1 >= LIMIT_SECTIONS)
        return true;
    if (!find_section(chain, &place, 1, &ignored, error) || place == chain->candidate_count)
        return error->code == ERROR_NONE;
    next.served[next.served_count++] = section->id;
    const char *text = auto_cursor_write(chain->answer->request->arena, &next);
    if (strlen(text) > LIMIT_CURSOR_BYTES)
        return true;
    section->next_cursor = text;
    keep_shown(chain, section->id);
    return true;
}

/* Sections have no groups; and exploration would count impressions for the lists that are ranked only to see
 * whether they are empty. */
static void simplify_context(struct logged_answer *answer)
{
    if (!answer->query.context)
        return;
    struct context_settings *context = arena_alloc(answer->request->arena, 1, sizeof(*context));
    *context = *answer->query.context;
    context->group_count = 0;
    context->exploration.share = 0;
    answer->query.context = context;
}

bool auto_sections_rank(struct logged_answer *answer, const struct recommendations_parameters *parameters,
                        const char *asked, struct auto_section *section, struct recommendation_list *list,
                        struct error *error)
{
    struct chain chain = {.answer = answer, .parameters = parameters, .asked = asked};
    size_t place = 0;
    *section = (struct auto_section){.window_days = parameters->cursor.window_days};
    *list = (struct recommendation_list){.recommender = "embedded"};
    simplify_context(answer);
    if (!find_candidates(&chain, error) || !read_shown(&chain, error) ||
        !find_section(&chain, &place, answer->query.quantity, list, error))
        return false;
    if (place == chain.candidate_count) {
        list->item_count = 0;
        return true;
    }
    const struct candidate *found = &chain.candidates[place];
    section->id = found->id;
    section->title = found->title;
    section->reason = found->reason;
    section->anchor = found->anchor;
    keep_list(answer->request->arena, list);
    note_shown(&chain, list);
    return find_next(&chain, place + 1, section, error);
}
