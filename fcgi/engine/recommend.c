/* Ranks a catalogue; see recommend.h. */
#include "engine/recommend.h"

#include "engine/candidate.h"
#include "engine/relevance.h"

#include <assert.h>
#include <float.h>
#include <math.h>
#include <string.h>

/* What speaks for an item, best first. */
enum level { LEVEL_RELEVANT, LEVEL_TRENDING, LEVEL_POPULAR, LEVEL_NEWEST, LEVEL_REST, LEVEL_AGAINST };

static const char *const source_names[] = {
    [ENGINE_SOURCE_MODEL] = "model",
    [ENGINE_SOURCE_CONTENT] = "content",
    [ENGINE_SOURCE_TRENDING] = "trending_backfill",
    [ENGINE_SOURCE_POPULAR] = "popular",
    [ENGINE_SOURCE_NEWEST] = "newest",
    [ENGINE_SOURCE_FILL] = "fill",
    [ENGINE_SOURCE_EXPLORATION] = "exploration",
    [ENGINE_SOURCE_REMOTE] = "remote",
};
static_assert(sizeof(source_names) / sizeof(*source_names) == ENGINE_SOURCE__MAX, "a name for each source");

const char *engine_source_name(enum engine_source source)
{
    return (unsigned)source < ENGINE_SOURCE__MAX ? source_names[source] : "fill";
}

struct search {
    const struct engine_query *query;
    struct relevance relevance;
    uint64_t *banned;   /* bitmap over the catalogue: excluded, or a seed */
    uint64_t *possible; /* bitmap over the model: what the filters may let pass; NULL: anything */
    struct candidate_heap heap;
};

static void ban(struct search *search, uint32_t index)
{
    if (index < catalogue_item_count(search->query->catalogue))
        search->banned[index / 64] |= UINT64_C(1) << index % 64;
}

static void prepare(struct search *search, const struct engine_query *query, struct arena *arena)
{
    uint32_t count = catalogue_item_count(query->catalogue);
    search->query = query;
    search->banned = arena_alloc(arena, count / 64 + 1, sizeof(*search->banned));
    for (size_t i = 0; i < query->exclude_count; i++)
        ban(search, query->exclude[i]);
    for (size_t i = 0; query->strategy == ENGINE_SIMILAR && i < query->history_count; i++)
        ban(search, query->history[i].item);
    if (query->strategy == ENGINE_PERSONALIZED || query->strategy == ENGINE_SIMILAR)
        relevance_prepare(&search->relevance, query, arena);
    search->heap.catalogue = query->catalogue;
    search->heap.limit = query->limit < count ? query->limit : count;
    search->heap.entries = arena_alloc(arena, search->heap.limit, sizeof(struct candidate));
}

static void set_level(struct candidate *candidate, enum level level, double value, enum engine_source source)
{
    candidate->level = (uint8_t)level;
    candidate->value = value;
    candidate->source = source;
}

static void rate_by_popularity(const struct search *search, struct candidate *candidate)
{
    const struct catalogue *catalogue = search->query->catalogue;
    double recent = (double)catalogue_recent(catalogue, candidate->item);
    double popularity = (double)catalogue_popularity(catalogue, candidate->item);
    if (recent > 0 && search->query->strategy != ENGINE_POPULAR)
        set_level(candidate, LEVEL_TRENDING, recent, ENGINE_SOURCE_TRENDING);
    else if (popularity > 0)
        set_level(candidate, LEVEL_POPULAR, popularity, ENGINE_SOURCE_POPULAR);
    else
        set_level(candidate, LEVEL_REST, 0, ENGINE_SOURCE_FILL);
}

/* Sets level, value and source. */
static void rate(const struct search *search, struct candidate *candidate)
{
    const struct engine_query *query = search->query;
    if (query->strategy == ENGINE_NEWEST) {
        double seen = (double)catalogue_first_seen(query->catalogue, candidate->item);
        set_level(candidate, LEVEL_NEWEST, seen, ENGINE_SOURCE_NEWEST);
        return;
    }
    enum engine_source source = ENGINE_SOURCE_MODEL;
    double relevance = relevance_of_item(&search->relevance, candidate->item, &source);
    if (relevance > 0)
        set_level(candidate, LEVEL_RELEVANT, relevance, source);
    else if (relevance < 0)
        set_level(candidate, LEVEL_AGAINST, relevance, ENGINE_SOURCE_FILL);
    else
        rate_by_popularity(search, candidate);
}

static bool all_match(const struct filter *const *filters, size_t count, uint32_t index)
{
    for (size_t i = 0; i < count; i++)
        if (!filter_matches(filters[i], index))
            return false;
    return true;
}

/* The cheap tests come first: most items fail against the worst in the heap. */
static void consider(struct search *search, uint32_t index)
{
    const struct engine_query *query = search->query;
    struct candidate candidate = {.item = index, .preferred = query->preference_count > 0};
    if (search->banned[index / 64] >> index % 64 & 1 || !catalogue_is_active(query->catalogue, index))
        return;
    rate(search, &candidate);
    if (!candidate_heap_wants(&search->heap, &candidate) ||
        !all_match(query->filters, query->filter_count, index))
        return;
    candidate.preferred =
        candidate.preferred && all_match(query->preferences, query->preference_count, index);
    if (candidate_heap_wants(&search->heap, &candidate))
        candidate_heap_add(&search->heap, &candidate);
}

/* Is the heap full of items that no other kind can drive out? */
static bool has_only_relevant(const struct search *search)
{
    return search->heap.count == search->heap.limit && search->heap.entries[0].level == LEVEL_RELEVANT;
}

/* A relevance below this cannot enter the heap. */
static float least_score(const struct search *search)
{
    return has_only_relevant(search) ? (float)search->heap.entries[0].value : FLT_TRUE_MIN;
}

static double saturate(double value)
{
    return value / (1 + value);
}

static double age_in_days(const struct search *search, const struct candidate *candidate)
{
    return fmax(((double)search->query->now - candidate->value) / 86400, 0);
}

/* The bands of recommend.h: a lower level never scores above a higher one. */
static double score(const struct search *search, const struct candidate *candidate)
{
    double value = candidate->value;
    switch ((enum level)candidate->level) {
    case LEVEL_RELEVANT:
        return 0.5 + 0.5 * saturate(value);
    case LEVEL_TRENDING:
        return 0.3 + 0.2 * saturate(log1p(value));
    case LEVEL_POPULAR:
        return 0.1 + 0.2 * saturate(log1p(value));
    case LEVEL_NEWEST:
        return 1 / (1 + age_in_days(search, candidate) / 30);
    case LEVEL_REST:
        return 0.1;
    case LEVEL_AGAINST:
        return 0.1 * (1 - saturate(-value));
    }
    return 0;
}

/* Rounding to float must not lift the lower tier to the upper one. */
static float tier_score(const struct search *search, const struct candidate *candidate)
{
    static const double below_half = 0.49999997;
    double plain = score(search, candidate);
    if (!search->query->preference_count)
        return (float)plain;
    return (float)(candidate->preferred ? 0.5 + plain / 2 : fmin(plain / 2, below_half));
}

static void write_result(const struct search *search, const struct candidate *candidate,
                         struct engine_result *result)
{
    double raw = candidate->level == LEVEL_NEWEST ? -age_in_days(search, candidate) : candidate->value;
    *result = (struct engine_result){
        .item = candidate->item,
        .score = tier_score(search, candidate),
        .raw = (float)raw,
        .source = candidate->source,
        .preferred = candidate->preferred,
    };
}

/* Is any of 16 scores at least so high? Four at once (see relevance.c). */
static bool any_reaches(const float *scores, float least)
{
    typedef float floats __attribute__((vector_size(16), aligned(4), may_alias));
    const floats *four = (const floats *)scores;
    __auto_type reached = (four[0] >= least) | (four[1] >= least) | (four[2] >= least) | (four[3] >= least);
    return reached[0] | reached[1] | reached[2] | reached[3];
}

/* What is not marked fails the filters, unless it has changed since the model was built. */
static void mark_possible(struct search *search, struct arena *arena)
{
    const struct engine_query *query = search->query;
    uint64_t *possible = NULL;
    for (size_t i = 0; i < query->filter_count && !search->possible; i++) {
        if (!possible)
            possible = arena_alloc(arena, search->relevance.model_count / 64 + 1, sizeof(*possible));
        if (filter_mark_possible(query->filters[i], possible))
            search->possible = possible;
    }
}

static bool is_possible(const struct search *search, uint32_t index)
{
    return !search->possible || search->possible[index / 64] >> index % 64 & 1 ||
           catalogue_is_changed(search->query->catalogue, index);
}

/* Most items have no chance against the worst in the heap: whole blocks are passed over by their scores. */
static void consider_relevant(struct search *search)
{
    enum { BLOCK = 16 };
    const struct engine_query *query = search->query;
    const float *scores = search->relevance.scores;
    uint32_t count = search->relevance.model_count;
    bool changed = catalogue_change_count(query->catalogue) > 0;
    float least = least_score(search);
    for (uint32_t first = 0; first < count; first += BLOCK) {
        uint32_t end = first + BLOCK < count ? first + BLOCK : count;
        if (end - first == BLOCK && !any_reaches(scores + first, least))
            continue;
        if (search->possible && !changed && !(search->possible[first / 64] >> first % 64 & 0xFFFF))
            continue;
        for (uint32_t index = first; index < end; index++) {
            if (scores[index] >= least && is_possible(search, index) &&
                all_match(query->filters, query->filter_count, index)) {
                consider(search, index);
                least = least_score(search);
            }
        }
    }
}

static void consider_all(struct search *search, struct arena *arena)
{
    const struct engine_query *query = search->query;
    uint32_t count = catalogue_item_count(query->catalogue), model_count = search->relevance.model_count;
    bool plain = relevance_is_plain(&search->relevance) && !query->preference_count;
    for (uint32_t index = model_count; plain && index < count; index++)
        consider(search, index);
    if (plain) {
        mark_possible(search, arena);
        consider_relevant(search);
    }
    if (plain && has_only_relevant(search))
        return;
    for (uint32_t index = 0; index < (plain ? model_count : count); index++)
        if (!plain || !(search->relevance.scores[index] > 0))
            consider(search, index);
}

size_t engine_recommend(const struct engine_query *query, struct arena *arena, struct engine_result *results)
{
    struct search search = {0};
    prepare(&search, query, arena);
    if (!search.heap.limit)
        return 0;
    consider_all(&search, arena);
    candidate_heap_sort(&search.heap);
    for (size_t i = 0; i < search.heap.count; i++)
        write_result(&search, &search.heap.entries[i], &results[i]);
    return search.heap.count;
}
