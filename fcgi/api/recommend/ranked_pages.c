/* Pages of one ranked list; see ranked_pages.h.
 *
 * A reader who turns pages must see each item once, though events, new items and chance change the ranking
 * from second to second. So the whole list is ranked at the first page and kept as text, ids with score and
 * source only. A later page finds it by a hash of the request, cuts off everything up to the cursor, and has
 * the recommender drop what may no longer be shown; names and prices are those of now. Any worker can serve
 * any page: nothing is kept in a process.
 *
 * The list is stored in the transaction of the answer, behind all ranking, but only where more follows.
 * Expired lists are deleted by some of the workers' requests after their answer is sent, a bounded number
 * each time; there is no daemon. */
#include "api/recommend/ranked_pages.h"

#include "base/clock.h"
#include "base/id_prefix.h"
#include "base/json_write.h"

#include <openssl/evp.h>
#include <string.h>

/* One answer in CLEAN_EVERY deletes up to CLEAN_LISTS: four times as many as those answers can have added. */
enum { CLEAN_EVERY = 16, CLEAN_LISTS = 64 };

void ranked_pages_key(const char *asked, unsigned char key[RANKED_LIST_KEY_BYTES])
{
    unsigned char digest[EVP_MAX_MD_SIZE] = {0};
    EVP_Digest(asked, strlen(asked), digest, NULL, EVP_sha256(), NULL);
    memcpy(key, digest, RANKED_LIST_KEY_BYTES);
}

/* ---- As text */

/* An entry is [id, score, source]: a list of 500 of them is written with every first page. */
static void write_items(struct json_writer *out, const struct recommendation *items, size_t count)
{
    json_writer_list(out, "items");
    for (size_t i = 0; i < count; i++) {
        json_writer_list(out, NULL);
        json_writer_text(out, NULL, items[i].id);
        json_writer_number(out, NULL, items[i].score);
        json_writer_text(out, NULL, items[i].source);
        json_writer_end(out);
    }
    json_writer_end(out);
}

const char *ranked_pages_write(struct arena *arena, const struct recommendation_list *list)
{
    struct json_writer *out = json_writer_create(arena);
    json_writer_object(out, NULL);
    json_writer_text(out, "recommender", list->recommender);
    json_writer_integer(out, "generation", (int64_t)list->model_generation);
    json_writer_integer(out, "history", (int64_t)list->trace.history);
    json_writer_boolean(out, "has_history", list->has_history);
    write_items(out, list->items, list->item_count);
    json_writer_list(out, "groups");
    for (size_t i = 0; i < list->group_count; i++) {
        json_writer_object(out, NULL);
        json_writer_text(out, "key", list->groups[i].key);
        write_items(out, list->groups[i].items, list->groups[i].item_count);
        json_writer_end(out);
    }
    json_writer_end(out);
    json_writer_end(out);
    return json_writer_result(out);
}

/* The text comes from our own table, and is checked like any other: a damaged list is ranked again. */
static bool read_items(struct arena *arena, struct json_object *json, struct recommendation **items,
                       size_t *count)
{
    if (!json_object_is_type(json, json_type_array))
        return false;
    *count = json_object_array_length(json);
    *items = arena_alloc(arena, *count + 1, sizeof(**items));
    for (size_t i = 0; i < *count; i++) {
        struct json_object *entry = json_object_array_get_idx(json, i);
        if (!json_object_is_type(entry, json_type_array) || json_object_array_length(entry) != 3)
            return false;
        (*items)[i].id = json_object_get_string(json_object_array_get_idx(entry, 0));
        (*items)[i].score = json_object_get_double(json_object_array_get_idx(entry, 1));
        (*items)[i].source = json_object_get_string(json_object_array_get_idx(entry, 2));
        if (!(*items)[i].id || !(*items)[i].source)
            return false;
    }
    return true;
}

static bool read_groups(struct arena *arena, struct json_object *json, struct recommendation_list *list)
{
    if (!json_object_is_type(json, json_type_array))
        return false;
    list->group_count = json_object_array_length(json);
    list->groups = arena_alloc(arena, list->group_count + 1, sizeof(*list->groups));
    for (size_t i = 0; i < list->group_count; i++) {
        struct json_object *entry = json_object_array_get_idx(json, i);
        list->groups[i].key = json_object_get_string(json_member(entry, "key"));
        if (!list->groups[i].key || !read_items(arena, json_member(entry, "items"), &list->groups[i].items,
                                                &list->groups[i].item_count))
            return false;
    }
    return true;
}

bool ranked_pages_read(struct arena *arena, const char *text, struct recommendation_list *list)
{
    struct json_object *json;
    const char *problem;
    *list = (struct recommendation_list){0};
    if (!json_parse_arena(arena, text, strlen(text), &json, &problem) ||
        !json_object_is_type(json, json_type_object))
        return false;
    list->recommender = json_object_get_string(json_member(json, "recommender"));
    list->model_generation = (uint64_t)json_object_get_int64(json_member(json, "generation"));
    list->trace.history = (size_t)json_object_get_int64(json_member(json, "history"));
    list->has_history = json_object_get_boolean(json_member(json, "has_history"));
    return list->recommender &&
           read_items(arena, json_member(json, "items"), &list->items, &list->item_count) &&
           read_groups(arena, json_member(json, "groups"), list);
}

/* ---- Pages */

/* Groups are known by the item that stands for them. */
static const char *entry_id(const struct recommendation_list *list, size_t place)
{
    return list->group_count ? list->groups[place].items[0].id : list->items[place].id;
}

/* The cursor may have a prefix that an earlier version of the API put before ids. */
static bool is_id(const char *id, const char *after)
{
    const char *candidates[ID_CANDIDATES];
    for (size_t i = id_candidates(ID_OF_ITEM, after, candidates); i-- > 0;) {
        if (!strcmp(id, candidates[i]))
            return true;
    }
    return false;
}

static bool group_has(const struct recommendation_group *group, const char *after)
{
    for (size_t i = 0; i < group->item_count; i++) {
        if (is_id(group->items[i].id, after))
            return true;
    }
    return false;
}

/* Drops everything up to and including `after`; all of it when `after` is not in the list. */
static void cut_head(struct recommendation_list *list, const char *after)
{
    size_t items = 0, groups = 0;
    while (items < list->item_count && !is_id(list->items[items].id, after))
        items++;
    while (groups < list->group_count && !group_has(&list->groups[groups], after))
        groups++;
    items = items < list->item_count ? items + 1 : items;
    groups = groups < list->group_count ? groups + 1 : groups;
    list->items += items;
    list->item_count -= items;
    list->groups += groups;
    list->group_count -= groups;
}

/* Cuts the page off the head of what is left. */
static void cut_page(struct ranked_page *page, size_t quantity, struct recommendation_list *list)
{
    size_t *count = list->group_count ? &list->group_count : &list->item_count;
    page->has_more = *count > quantity;
    page->next_cursor = page->has_more ? entry_id(list, quantity - 1) : NULL;
    if (page->has_more)
        *count = quantity;
}

/* Finds the kept list and cuts it. One entry more than the page is described: it says whether more follows.
 */
static bool recall_list(struct logged_answer *answer, const struct ranked_page *page,
                        struct recommendation_list *list, bool *found, struct error *error)
{
    struct worker *worker = answer->worker;
    struct request *request = answer->request;
    const char *text;
    *found = false;
    if (!ranked_lists_find(worker->db, request->arena, request->tenant.id, page->key, answer->query.now,
                           &text, error))
        return false;
    if (!text || !ranked_pages_read(request->arena, text, list))
        return true;
    *found = true;
    cut_head(list, page->after);
    return recommender_recall(worker->recommender, worker->db, &answer->query, answer->query.quantity + 1,
                              request->arena, list, error);
}

void ranked_pages_keep(struct logged_answer *answer, const unsigned char key[RANKED_LIST_KEY_BYTES],
                       const struct recommendation_list *list)
{
    memcpy(answer->kept_key, key, sizeof(answer->kept_key));
    answer->kept = ranked_pages_write(answer->request->arena, list);
}

/* Ranks the whole list, also for a later page whose list has expired; keeps it where more follows. */
static bool rank_again(struct logged_answer *answer, const struct ranked_page *page,
                       struct recommendation_list *list, struct error *error)
{
    struct worker *worker = answer->worker;
    struct request *request = answer->request;
    bool groups = answer->query.context && answer->query.context->group_count;
    answer->query.length = groups ? LIMIT_RANKED_GROUPS : LIMIT_RANKED_ITEMS;
    if (!recommender_recommend(worker->recommender, worker->db, &answer->query, request->arena, list, error))
        return false;
    struct recommendation_list whole = *list;
    if (page->after)
        cut_head(list, page->after);
    if (list->item_count + list->group_count > answer->query.quantity)
        ranked_pages_keep(answer, page->key, &whole);
    return true;
}

bool ranked_pages_rank(struct logged_answer *answer, struct ranked_page *page,
                       struct recommendation_list *list, struct error *error)
{
    bool found = false;
    if (page->after && !recall_list(answer, page, list, &found, error))
        return false;
    if (!found && !rank_again(answer, page, list, error))
        return false;
    cut_page(page, answer->query.quantity, list);
    return true;
}

static void delete_expired(struct worker *worker, void *context)
{
    const struct request *request = context;
    struct error ignored = {0};
    uint64_t deleted;
    if (!ranked_lists_delete_expired(worker->db, request->tenant.id, clock_unix(), CLEAN_LISTS, &deleted,
                                     &ignored))
        error_clear(&ignored);
}

/* The microseconds of arrival choose the requests: no counter, and no two workers in step. */
void ranked_pages_clean_later(struct request *request)
{
    if (request->started_us % CLEAN_EVERY == 0)
        request_do_later(request, delete_expired, request);
}
