/* Ranks a catalogue; see recommend.h for the order and the formulas.
 *
 * The problem: the best ten or hundred of up to a million items, exactly, in a part of a millisecond, under
 * filters that may let nearly all or nearly none of them pass.
 *
 * The idea is top-k search with upper bounds (block-max pruning; Ding and Suel, "Faster Top-k Document
 * Retrieval Using Block-Max Indexes", SIGIR 2011). What an item is ranked by is a number in an array: its
 * relevance, else its recent popularity, else its popularity. One pass finds the greatest number of each
 * block of 32 items (its peak). A block whose peak is below the worst item of a full heap cannot change the
 * list, and is passed over with one comparison; only in the few blocks that are left are items tested.
 *
 * Three ways lead through the catalogue, chosen in consider_all():
 *   by tier        the blocks of one array after the other, best level first, until the heap is full
 *                  of items that no later level can push out. The usual way.
 *   one by one     where the narrowest filter names less than one item in 64 (filter_mark_possible()),
 *                  or the arrays do not say everything: newest items, popularity read from the
 *                  database, a history of items newer than the model, which have text vectors only.
 *   by preference  items that can be preferred first, the others only where these do not fill the list.
 *
 * Items that were added since training have no place in the arrays and are always tested, before all others.
 *
 * The result is exact and does not depend on the way: candidate_is_better() is a total order, so the best k
 * of a set are the same whatever the order in which they arrive. Filters are evaluated before an item enters
 * the heap, never on a finished list, so they cannot starve it.
 *
 * Cost: the rows of the history (relevance.h), one pass of 4 to 12 bytes for each item of the model, and a
 * test of the items in the few blocks that are left; with preferences, or one by one, of each possible item.
 * Memory: the heap and one float a block, from the request's arena. All of it counts as work
 * (base/work_budget.h), and where that is spent the list is cut short and worthless. Deliberately neither approximate (no
 * inverted lists of vectors, no graph), nor random, nor parallel; and nothing is kept for the next request.
 */
#include "engine/recommend.h"

#include "base/work_budget.h"
#include "engine/ranking.h"

#include <assert.h>
#include <float.h>
#include <math.h>
#include <string.h>

static const char *const source_names[] = {
    [ENGINE_SOURCE_MODEL] = "model",
    [ENGINE_SOURCE_CONTENT] = "content",
    [ENGINE_SOURCE_TRENDING] = "trending_backfill",
    [ENGINE_SOURCE_POPULAR] = "popular",
    [ENGINE_SOURCE_NEWEST] = "newest",
    [ENGINE_SOURCE_FILL] = "fill",
    [ENGINE_SOURCE_EXPLORATION] = "exploration",
    [ENGINE_SOURCE_KEYWORD] = "keyword",
    [ENGINE_SOURCE_SEMANTIC] = "semantic",
    [ENGINE_SOURCE_HYBRID] = "hybrid",
    [ENGINE_SOURCE_REMOTE] = "remote",
};
static_assert(sizeof(source_names) / sizeof(*source_names) == ENGINE_SOURCE__MAX, "a name for each source");

const char *engine_source_name(enum engine_source source)
{
    return (unsigned)source < ENGINE_SOURCE__MAX ? source_names[source] : "fill";
}

enum { STEP_ITEMS = 8 /* rated in a step of work */ };

struct search {
    struct ranking ranking;
    uint32_t model_count;
    uint64_t *possible;    /* bitmap over the model: what the filters may let pass; NULL: anything */
    size_t possible_count; /* at most so many */
    struct candidate_heap heap;
};

/* Levels from first to last. */
struct levels {
    enum ranking_level first, last;
};

static const struct levels every_level = {RANKING_RELEVANT, RANKING_AGAINST};

/* Enters the item into the heap if it stands on one of the levels and is good enough. The cheap tests come
 * first: most items fail against the worst in the heap, before a filter is evaluated. The first comparison
 * takes the item as preferred, which is the best it can be; the second knows. */
static void consider_item(struct search *search, uint32_t index, struct levels levels)
{
    const struct engine_query *query = search->ranking.query;
    struct candidate candidate = {.item = index, .preferred = query->preference_count > 0};
    if (!ranking_is_allowed(&search->ranking, index))
        return;
    ranking_rate(&search->ranking, &candidate);
    if (candidate.level < levels.first || candidate.level > levels.last ||
        !candidate_heap_wants(&search->heap, &candidate) ||
        !filter_all_match(query->filters, query->filter_count, index))
        return;
    candidate.preferred =
        candidate.preferred && filter_all_match(query->preferences, query->preference_count, index);
    if (candidate_heap_wants(&search->heap, &candidate))
        candidate_heap_add(&search->heap, &candidate);
}

/* Marks the items that can pass all of these filters: those that the narrowest one names, and what has
 * changed since the model was built, which it does not know. Each marked item still has to be tested. *count
 * is how many there are at most. NULL: the filters name nothing, so any item can pass. */
static uint64_t *mark_possible(const struct search *search, const struct filter *const *filters,
                               size_t filter_count, struct arena *arena, size_t *count)
{
    const struct catalogue *catalogue = search->ranking.query->catalogue;
    const struct filter *narrow = NULL;
    size_t least = SIZE_MAX, cursor = 0;
    uint32_t index;
    for (size_t i = 0; i < filter_count; i++) {
        if (filter_possible_count(filters[i]) < least) {
            narrow = filters[i];
            least = filter_possible_count(narrow);
        }
    }
    if (!narrow || least >= search->model_count)
        return NULL;
    uint64_t *items = arena_alloc(arena, search->model_count / 64 + 1, sizeof(*items));
    *count = least + catalogue_change_count(catalogue);
    filter_mark_possible(narrow, items);
    while (catalogue_next_changed(catalogue, &cursor, &index))
        items[index / 64] |= UINT64_C(1) << index % 64;
    return items;
}

/* ---- By tier: blocks of items by what speaks for them, of which most are passed over */

/* The items of the model that stand on one level: those whose value in this array is above 0. */
struct tier {
    enum ranking_level level;
    const float *counts; /* by item, perhaps not finite; NULL: the relevance counts */
};

static float value_in(const struct search *search, const struct tier *tier, uint32_t index)
{
    return tier->counts ? tier->counts[index] : relevance_by_rows(&search->ranking.relevance, index);
}

/* Is the heap full of items that no item of a later level can push out? */
static bool is_full_of(const struct search *search, enum ranking_level level)
{
    return search->heap.count == search->heap.limit && search->heap.entries[0].level <= level;
}

/* A value below this cannot enter the heap. FLT_TRUE_MIN, the least above 0: any can. */
static float find_least_value(const struct search *search, enum ranking_level level)
{
    return is_full_of(search, level) ? (float)search->heap.entries[0].value : FLT_TRUE_MIN;
}

static bool is_possible(const struct search *search, uint32_t index)
{
    return !search->possible || search->possible[index / 64] >> index % 64 & 1;
}

/* Considers those items of a block whose value is at least least, but below limit: what is at or above limit
 * was considered before. */
static void consider_block(struct search *search, const struct tier *tier, uint32_t first, float least,
                           float limit)
{
    uint32_t end =
        search->model_count - first < RELEVANCE_BLOCK ? search->model_count : first + RELEVANCE_BLOCK;
    for (uint32_t index = first; index < end; index++) {
        float value = value_in(search, tier, index);
        if (value >= least && value < limit && is_possible(search, index))
            consider_item(search, index, (struct levels){tier->level, tier->level});
    }
}

/* Inserts value into the list of the count greatest so far, which is in falling order. */
static void keep_greatest(float *greatest, size_t count, float value)
{
    if (!(value > greatest[count - 1]))
        return;
    size_t place = count - 1;
    for (; place && greatest[place - 1] < value; place--)
        greatest[place] = greatest[place - 1];
    greatest[place] = value;
}

/* A threshold to begin with, before the heap is full and has one of its own: of 64 pieces of the catalogue
 * the greatest values, and of these the limit-th. At least limit items reach it, so if all of them may be
 * shown, no item below it is in the list. But some may be excluded or filtered out. Then the threshold was
 * too high, and consider_tier() looks a second time, at what lies below; so a wrong guess costs time, never a
 * result. */
static float guess_least(const struct search *search, const float *peaks, uint32_t blocks)
{
    enum { PIECES = 64, LIMIT_MAX = 32 };
    float greatest[LIMIT_MAX] = {0};
    if (search->heap.limit > LIMIT_MAX || search->possible)
        return FLT_TRUE_MIN;
    for (uint32_t piece = 0, block = 0; piece < PIECES; piece++) {
        float peak = 0;
        for (uint32_t end = (uint32_t)((uint64_t)blocks * (piece + 1) / PIECES); block < end; block++)
            peak = peaks[block] > peak ? peaks[block] : peak;
        keep_greatest(greatest, search->heap.limit, peak);
    }
    return fmaxf(greatest[search->heap.limit - 1], FLT_TRUE_MIN);
}

static void find_peaks(const struct search *search, const struct tier *tier, float *peaks)
{
    if (!tier->counts) {
        relevance_find_peaks(&search->ranking.relevance, peaks);
        return;
    }
    for (uint32_t first = 0; first < search->model_count; first += RELEVANCE_BLOCK) {
        float four[4] = {0}; /* not one after the other: a comparison would wait for the one before */
        for (uint32_t i = first; i < first + RELEVANCE_BLOCK && i < search->model_count; i++)
            four[i % 4] = tier->counts[i] > four[i % 4] ? tier->counts[i] : four[i % 4];
        peaks[first / RELEVANCE_BLOCK] = fmaxf(fmaxf(four[0], four[1]), fmaxf(four[2], four[3]));
    }
}

/* Considers all items of a tier that could be in the list: first the blocks that reach the guessed threshold,
 * then, down to the worst in the heap, those that do not. The peaks have room for a number a block. */
static void consider_tier(struct search *search, const struct tier *tier, float *peaks)
{
    uint32_t blocks = search->model_count / RELEVANCE_BLOCK + 1;
    memset(peaks, 0, blocks * sizeof(*peaks));
    find_peaks(search, tier, peaks);
    float limit = guess_least(search, peaks, blocks), least;
    for (uint32_t block = 0; block < blocks; block++)
        if (peaks[block] >= limit && work_budget_take(RELEVANCE_BLOCK / STEP_ITEMS))
            consider_block(search, tier, block * RELEVANCE_BLOCK, limit, INFINITY);
    least = find_least_value(search, tier->level);
    for (uint32_t block = 0; block < blocks && least < limit; block++) {
        if (peaks[block] >= least && work_budget_take(RELEVANCE_BLOCK / STEP_ITEMS)) {
            consider_block(search, tier, block * RELEVANCE_BLOCK, least, limit);
            least = find_least_value(search, tier->level);
        }
    }
}

/* Some of the model's items: those whose bit in items differs from flip. NULL: all. */
struct subset {
    const uint64_t *items;
    uint64_t flip; /* 0 or UINT64_MAX */
};

/* ---- One by one */

/* Considers all items of the subset that are possible and stand on the levels, 64 bits of each bitmap at a
 * time, so that a word without any costs one test. */
static void consider_each(struct search *search, struct levels levels, struct subset subset)
{
    for (uint32_t first = 0; first < search->model_count; first += 64) {
        uint32_t count = search->model_count - first < 64 ? search->model_count - first : 64;
        uint64_t items = count < 64 ? (UINT64_C(1) << count) - 1 : UINT64_MAX;
        if (search->possible)
            items &= search->possible[first / 64];
        if (subset.items)
            items &= subset.items[first / 64] ^ subset.flip;
        if (items && !work_budget_take(1 + (size_t)__builtin_popcountll(items) / STEP_ITEMS))
            return;
        for (; items; items &= items - 1)
            consider_item(search, first + (uint32_t)__builtin_ctzll(items), levels);
    }
}

/* What can be preferred comes first: when that fills the list, no other item can enter it. The second time
 * the same bits are flipped, so that no item is considered twice. */
static void consider_by_preference(struct search *search, struct arena *arena)
{
    const struct engine_query *query = search->ranking.query;
    const struct candidate_heap *heap = &search->heap;
    size_t count;
    const uint64_t *preferred =
        mark_possible(search, query->preferences, query->preference_count, arena, &count);
    consider_each(search, every_level, (struct subset){.items = preferred});
    if (preferred && (heap->count < heap->limit || !heap->entries[0].preferred))
        consider_each(search, every_level, (struct subset){.items = preferred, .flip = UINT64_MAX});
}

/* Tier by tier, until the list is full of what no other item can drive out. */
static void consider_by_tier(struct search *search, struct arena *arena)
{
    const struct engine_query *query = search->ranking.query;
    const struct model *model = catalogue_model(query->catalogue);
    const struct tier tiers[] = {{RANKING_RELEVANT, NULL},
                                 {RANKING_TRENDING, model_recents(model)},
                                 {RANKING_POPULAR, model_popularities(model)}};
    float *peaks = arena_alloc(arena, search->model_count / RELEVANCE_BLOCK + 1, sizeof(*peaks));
    for (size_t i = 0; i < sizeof(tiers) / sizeof(*tiers); i++) {
        if ((tiers[i].level == RANKING_RELEVANT && !search->ranking.relevance.any) ||
            (tiers[i].level == RANKING_TRENDING && query->strategy == ENGINE_POPULAR))
            continue;
        consider_tier(search, &tiers[i], peaks);
        if (is_full_of(search, tiers[i].level))
            return;
    }
    consider_each(search, (struct levels){RANKING_REST, RANKING_AGAINST}, (struct subset){0});
}

/* Do the tiers' arrays hold all that decides where an item of the model stands? */
static bool has_tiers(const struct search *search)
{
    const struct engine_query *query = search->ranking.query;
    const struct relevance *relevance = &search->ranking.relevance;
    return search->model_count && query->strategy != ENGINE_NEWEST &&
           !catalogue_has_own_popularity(query->catalogue) &&
           (!relevance->any || relevance_is_plain(relevance));
}

static void consider_all(struct search *search, struct arena *arena)
{
    enum { FEW = 64 }; /* where more than one of so many items is possible, blocks are faster */
    const struct engine_query *query = search->ranking.query;
    uint32_t count = catalogue_item_count(query->catalogue);
    bool few = search->possible && search->possible_count < search->model_count / FEW;
    for (uint32_t index = search->model_count; index < count && work_budget_take(1); index++)
        consider_item(search, index, every_level);
    if (query->preference_count)
        consider_by_preference(search, arena);
    else if (few || !has_tiers(search))
        consider_each(search, every_level, (struct subset){0});
    else
        consider_by_tier(search, arena);
}

size_t engine_recommend(const struct engine_query *query, struct arena *arena, struct engine_result *results)
{
    struct search search = {0};
    const struct model *model = catalogue_model(query->catalogue);
    uint32_t count = catalogue_item_count(query->catalogue);
    search.model_count = model ? model_item_count(model) : 0;
    search.heap.catalogue = query->catalogue;
    search.heap.limit = query->limit < count ? query->limit : count;
    if (!search.heap.limit)
        return 0;
    search.heap.entries = arena_alloc(arena, search.heap.limit, sizeof(struct candidate));
    ranking_prepare(&search.ranking, query, arena);
    search.possible =
        mark_possible(&search, query->filters, query->filter_count, arena, &search.possible_count);
    consider_all(&search, arena);
    candidate_heap_sort(&search.heap);
    for (size_t i = 0; i < search.heap.count; i++)
        results[i] = ranking_result(&search.ranking, &search.heap.entries[i]);
    return search.heap.count;
}
