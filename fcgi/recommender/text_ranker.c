/* Two lists of one search fused, then a little by the person; see text_ranker.h.
 *
 * The problem: words find what is called like the query and miss what is only described like it; vectors of
 * texts find likeness of any kind and some by chance. Their scores are of different kinds and cannot be added
 * as such.
 *
 * The idea: reciprocal rank fusion (Cormack, Clarke and Buettcher, SIGIR 2009). An item at place r (from 1)
 * of a list gets (60 + 1) / (60 + r) from it, 1 at the top; the lists' values are weighed by keyword_weight
 * and semantic_weight and summed. With fusion_method=weighted the scores themselves stand in for the ranks.
 *
 * The vectors' target is the text's own vector and, as much again, those of the five best hits by words, by
 * their scores: pseudo-relevance feedback (Rocchio, 1971), so that what is described like the hits is found.
 * Only cosines of 0.35 and more count: hashed vectors of 64 places are alike by chance up to about that.
 *
 * For a person with a history the score becomes 0.9 x score x (1 + 0.1 x the engine's own score for the
 * item): it decides between equals and cannot lift what hardly matches.
 *
 * Three rules stand above the fusion. An item whose id or article number was typed is first. Where no item
 * has a word of the text the list is empty. Purchases are not left out: who searches for a thing shall find
 * it.
 *
 * Cost: the word search, and one product of 64 floats for each item of the catalogue; 12 bytes an item.
 *
 * It does not: use learned vectors (they bring what goes together, a search is for what is alike), or correct
 * the text and search again. */
#include "recommender/text_ranker.h"

#include "base/work_budget.h"
#include "engine/text_search.h"
#include "engine/text_vector.h"

#include <stdlib.h>
#include <string.h>

enum {
    WORD_HITS = 1000,
    VECTOR_HITS = 100,
    FEEDBACK_HITS = 5, /* whose vectors count beside the text's own */
    PERSONAL_HITS = 2000,
    RANK_SHIFT = 60, /* of reciprocal ranks, as published */
    STEPS_A_VECTOR = 2,
};

/* Below it hashed vectors are alike by chance. */
static const float vector_floor = 0.35F;
static const double personal_share = 0.1;

struct candidate {
    uint32_t item;
    double word, vector; /* what each list gives it; 0: not in it */
    double score;
    bool is_exact; /* its id or article number was typed: it leads the list */
};

struct fusion {
    struct search *search;
    const struct text_wish *wish;
    struct candidate *candidates;
    size_t count;
    uint32_t *places; /* by item: place in candidates + 1; 0: none */
};

static struct candidate *candidate_of(struct fusion *fusion, uint32_t item)
{
    if (!fusion->places[item]) {
        fusion->candidates[fusion->count] = (struct candidate){.item = item};
        fusion->places[item] = (uint32_t)++fusion->count;
    }
    return &fusion->candidates[fusion->places[item] - 1];
}

/* What the place `rank` (from 0) with this score is worth: 0..1. */
static double worth(const struct text_wish *wish, size_t rank, double score)
{
    return wish->weighted ? score : (RANK_SHIFT + 1.0) / (double)(RANK_SHIFT + 1 + rank);
}

/* ---- Vectors */

static void add_scaled(float sum[ENGINE_VECTOR_SIZE], const float *vector, float factor)
{
    for (int i = 0; i < ENGINE_VECTOR_SIZE; i++)
        sum[i] += factor * vector[i];
}

static void normalise(float vector[ENGINE_VECTOR_SIZE])
{
    float length = text_vector_cosine(vector, vector);
    for (int i = 0; i < ENGINE_VECTOR_SIZE && length > 0; i++)
        vector[i] /= __builtin_sqrtf(length);
}

/* The text's own vector and, together as much again, those of its best hits. */
static void make_target(const struct fusion *fusion, const struct text_hit *hits, size_t count,
                        float target[ENGINE_VECTOR_SIZE])
{
    const struct engine_item text = {.name = fusion->wish->text};
    float sum = 0;
    text_vector_compute(&text, target);
    count = count < FEEDBACK_HITS ? count : FEEDBACK_HITS;
    for (size_t i = 0; i < count; i++)
        sum += hits[i].score;
    for (size_t i = 0; i < count && sum > 0; i++)
        add_scaled(target, catalogue_vector(fusion->search->catalogue, hits[i].item), hits[i].score / sum);
    normalise(target);
}

static int compare_hits(const void *left, const void *right)
{
    const struct text_hit *a = left, *b = right;
    if (a->score != b->score)
        return a->score < b->score ? 1 : -1;
    return a->item < b->item ? -1 : a->item > b->item;
}

static void add_vectors(struct fusion *fusion, const struct text_hit *hits, size_t count)
{
    struct search *search = fusion->search;
    uint32_t items = catalogue_item_count(search->catalogue);
    float target[ENGINE_VECTOR_SIZE];
    struct text_hit *near = arena_alloc(search->arena, items + 1, sizeof(*near));
    size_t found = 0;
    make_target(fusion, hits, count, target);
    for (uint32_t item = 0; item < items && work_budget_take(STEPS_A_VECTOR); item++) {
        float cosine = text_vector_cosine(target, catalogue_vector(search->catalogue, item));
        if (cosine >= vector_floor &&
            filter_is_eligible(search->catalogue, search->filters, search->filter_count, item))
            near[found++] = (struct text_hit){.item = item, .score = cosine};
    }
    qsort(near, found, sizeof(*near), compare_hits);
    for (size_t i = 0; i < found && i < VECTOR_HITS; i++)
        candidate_of(fusion, near[i].item)->vector = worth(fusion->wish, i, (double)near[i].score);
}

/* ---- Words */

static size_t add_words(struct fusion *fusion, struct text_hit *hits)
{
    struct search *search = fusion->search;
    const struct text_query query = {.catalogue = search->catalogue,
                                     .text = fusion->wish->text,
                                     .filters = search->filters,
                                     .filter_count = search->filter_count,
                                     .fields = fusion->wish->fields,
                                     .field_count = fusion->wish->field_count,
                                     .limit = WORD_HITS};
    size_t count = text_search(&query, search->arena, hits, NULL);
    for (size_t i = 0; i < count; i++) {
        struct candidate *candidate = candidate_of(fusion, hits[i].item);
        candidate->word = worth(fusion->wish, i, (double)hits[i].score);
        candidate->is_exact = hits[i].is_exact;
    }
    return count;
}

/* ---- The list */

static void score_all(struct fusion *fusion)
{
    const struct text_wish *wish = fusion->wish;
    double whole = wish->word_weight + wish->vector_weight;
    for (size_t i = 0; i < fusion->count; i++) {
        struct candidate *candidate = &fusion->candidates[i];
        candidate->score =
            (wish->word_weight * candidate->word + wish->vector_weight * candidate->vector) / whole;
    }
}

/* The engine's own scores for this person move what was found a little. */
static void personalise(struct fusion *fusion)
{
    struct search *search = fusion->search;
    struct engine_result *liked;
    if (!search->history_count)
        return;
    for (size_t i = 0; i < fusion->count; i++)
        fusion->candidates[i].score *= 1 - personal_share;
    size_t count = search_run(search, ENGINE_PERSONALIZED, PERSONAL_HITS, &liked);
    for (size_t i = 0; i < count; i++) {
        uint32_t place = fusion->places[liked[i].item];
        bool behaves = liked[i].source == ENGINE_SOURCE_MODEL || liked[i].source == ENGINE_SOURCE_CONTENT;
        if (place && behaves)
            fusion->candidates[place - 1].score *= 1 + personal_share * (double)liked[i].score;
    }
}

static void leave_out(struct fusion *fusion)
{
    const struct search *search = fusion->search;
    for (size_t i = 0; i < search->exclude_count; i++) {
        uint32_t item = search->exclude[i];
        if (search->exclude_reasons[i] != EXCLUSION_PURCHASED &&
            item < catalogue_item_count(search->catalogue) && fusion->places[item])
            fusion->candidates[fusion->places[item] - 1].score = 0;
    }
}

static int compare_candidates(const void *left, const void *right, void *context)
{
    const struct candidate *a = left, *b = right;
    const struct catalogue *catalogue = context;
    if (a->is_exact != b->is_exact)
        return a->is_exact ? -1 : 1;
    if (a->score != b->score)
        return a->score < b->score ? 1 : -1;
    return strcmp(catalogue_id(catalogue, a->item), catalogue_id(catalogue, b->item));
}

static enum engine_source source_of(const struct candidate *candidate)
{
    if (candidate->word > 0)
        return candidate->vector > 0 ? ENGINE_SOURCE_HYBRID : ENGINE_SOURCE_KEYWORD;
    return ENGINE_SOURCE_SEMANTIC;
}

static size_t write_results(struct fusion *fusion, size_t limit, struct engine_result *results)
{
    size_t count = 0;
    qsort_r(fusion->candidates, fusion->count, sizeof(*fusion->candidates), compare_candidates,
            fusion->search->catalogue);
    for (size_t i = 0; i < fusion->count && count < limit; i++) {
        const struct candidate *candidate = &fusion->candidates[i];
        float score = candidate->score < 1 && !candidate->is_exact ? (float)candidate->score : 1;
        if (candidate->score > 0) /* else it was left out, or has no weight in this fusion */
            results[count++] = (struct engine_result){
                .item = candidate->item, .score = score, .raw = score, .source = source_of(candidate)};
    }
    return count;
}

size_t text_ranker_pool(struct search *search, size_t limit, struct engine_result **results)
{
    uint32_t items = catalogue_item_count(search->catalogue);
    struct fusion fusion = {.search = search,
                            .wish = search->query->wish,
                            .candidates =
                                arena_alloc(search->arena, WORD_HITS + VECTOR_HITS, sizeof(struct candidate)),
                            .places = arena_alloc(search->arena, items + 1, sizeof(uint32_t))};
    struct text_hit *hits = arena_alloc(search->arena, WORD_HITS, sizeof(*hits));
    *results = arena_alloc(search->arena, limit + 1, sizeof(**results));
    size_t count = fusion.wish->words ? add_words(&fusion, hits) : 0;
    search->trace.text.by_words = count;
    /* Where no item has a word like those of the text, vectors find what shares a few letters with it by
     * chance; an empty list says more. */
    if (fusion.wish->words && !count)
        return 0;
    add_vectors(&fusion, hits, count);
    for (size_t i = 0; i < fusion.count; i++)
        search->trace.text.by_vectors += fusion.candidates[i].vector > 0;
    score_all(&fusion);
    personalise(&fusion);
    leave_out(&fusion);
    return write_results(&fusion, limit, *results);
}
