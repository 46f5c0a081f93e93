/* What was kept out; see suppressed.h. */
#include "recommender/suppressed.h"

/* An enum exclusion, or EXCLUSION__MAX. */
static unsigned find_exclusion(const struct search *search, uint32_t item)
{
    for (size_t i = 0; i < search->exclude_count; i++) {
        if (search->exclude[i] == item && search->exclude_reasons[i] != EXCLUSION_OTHER)
            return search->exclude_reasons[i];
    }
    return EXCLUSION__MAX;
}

static const char *find_reason(const struct search *search, uint32_t item)
{
    /* lint: tables, find_exclusion() passes EXCLUSION_OTHER over. */
    static const char *const names[EXCLUSION__MAX] = {[EXCLUSION_PURCHASED] = "purchased",
                                                      [EXCLUSION_VIEWED] = "already_seen",
                                                      [EXCLUSION_UNWANTED] = "excluded"};
    unsigned exclusion = find_exclusion(search, item);
    if (exclusion < EXCLUSION__MAX)
        return names[exclusion];
    return filter_all_match(search->filters, search->filter_count, item) ? NULL : "filtered";
}

void suppressed_find(struct search *search, struct recommendation_list *list)
{
    struct search open = *search;
    struct engine_result *results;
    open.exclude_count = open.filter_count = 0;
    size_t count = search_run(&open, search->query->strategy, search->query->quantity, &results);
    list->suppressed = arena_alloc(search->arena, count + 1, sizeof(*list->suppressed));
    for (size_t i = 0; i < count; i++) {
        const char *reason = find_reason(search, results[i].item);
        if (reason)
            list->suppressed[list->suppressed_count++] =
                (struct suppressed_item){.id = catalogue_id(search->catalogue, results[i].item),
                                         .score = (double)results[i].score,
                                         .rank = i + 1,
                                         .reason = reason};
    }
}
