/* Reorders a ranked list; see diversify.h.
 *
 * The problem: the ten most relevant items are often ten variants of one. Relevance alone cannot see it,
 * because it rates each item by itself.
 *
 * The idea is maximal marginal relevance (Carbonell and Goldstein, "The Use of MMR, Diversity-Based
 * Reranking", SIGIR 1998). The list is chosen one by one, and each time the item is taken that maximises
 *
 *   lambda x score - (1 - lambda) x greatest cosine to any item already chosen
 *
 * with the cosine of their text vectors and lambda the context's "relevance" (1: only the score). The
 * greatest cosine of each candidate is kept and compared with the newly chosen item only, so a step is one
 * pass over the pool: k x pool in all, with a pool of 4 k + 50, and 64 multiplications a pair.
 *
 * Caps are the simpler means: at most so many items of one value of a field. A capped item is passed over as
 * long as there is another, and fills the end when there is none; so a list is never shorter for it.
 * Preferred items are chosen first, with caps, then capped ones, and then the others in the same way:
 * preferences promise to come first, diversity promises nothing.
 *
 * Ties go to the item that stood first. Scores of chosen items are lowered where they would rise, since
 * scores in an answer never do. Not an optimal set (that is NP-hard): the greedy choice. */
#include "recommender/shaping/diversify.h"

#include "base/work_budget.h"
#include "engine/catalogue.h"
#include "engine/label.h"

#include <string.h>

enum { POOL_FACTOR = 4, POOL_LEAST = 50 };

struct choice {
    const struct catalogue *catalogue;
    const struct diversity *diversity;
    const struct engine_result *pool;
    size_t pool_count;
    const char **values; /* of the field, NULL: none; by place in the pool */
    float *likeness;     /* the greatest to any that is chosen */
    bool *taken;
    struct engine_result *chosen;
    size_t *places; /* of the chosen in the pool */
    size_t count;
};

bool diversity_is_on(const struct diversity *diversity)
{
    return diversity->field || diversity->relevance < 1;
}

size_t diversify_pool(size_t quantity)
{
    return quantity * POOL_FACTOR + POOL_LEAST;
}

static bool is_capped(const struct choice *choice, size_t place)
{
    int same = 0;
    if (!choice->values || !choice->values[place])
        return false;
    for (size_t i = 0; i < choice->count; i++) {
        const char *other = choice->values[choice->places[i]];
        same += other && !strcmp(other, choice->values[place]);
    }
    return same >= choice->diversity->maximum;
}

static double find_worth(const struct choice *choice, size_t place)
{
    double relevance = choice->diversity->relevance;
    return relevance * (double)choice->pool[place].score - (1 - relevance) * (double)choice->likeness[place];
}

/* The best of one kind (preferred or not) that is left; capped ones only with capped. */
static bool find_best(const struct choice *choice, bool preferred, bool capped, size_t *best)
{
    bool found = false;
    for (size_t i = 0; i < choice->pool_count; i++) {
        if (choice->taken[i] || choice->pool[i].preferred != preferred || (!capped && is_capped(choice, i)))
            continue;
        if (!found || find_worth(choice, i) > find_worth(choice, *best))
            *best = i;
        found = true;
    }
    return found;
}

/* Text vectors are normalised, so this is their cosine. */
static float dot(const float *a, const float *b)
{
    float sum = 0;
    for (int i = 0; i < ENGINE_VECTOR_SIZE; i++)
        sum += a[i] * b[i];
    return sum;
}

/* Takes the item into the list, and brings each candidate's greatest likeness up to date. */
static void take_item(struct choice *choice, size_t place)
{
    const float *vector = catalogue_vector(choice->catalogue, choice->pool[place].item);
    choice->taken[place] = true;
    choice->places[choice->count] = place;
    choice->chosen[choice->count] = choice->pool[place];
    choice->count++;
    for (size_t i = 0; choice->diversity->relevance < 1 && i < choice->pool_count; i++) {
        float likeness = dot(vector, catalogue_vector(choice->catalogue, choice->pool[i].item));
        if (likeness > choice->likeness[i])
            choice->likeness[i] = likeness;
    }
}

enum { STEP_ITEMS = 4 /* of the pool, compared in a step of work */ };

static void choose_all(struct choice *choice, size_t quantity)
{
    static const struct {
        bool preferred, capped;
    } rounds[] = {{true, false}, {true, true}, {false, false}, {false, true}};
    size_t best = 0;
    for (size_t i = 0; i < sizeof(rounds) / sizeof(rounds[0]); i++) {
        while (choice->count < quantity &&
               work_budget_take(choice->pool_count * (1 + choice->count / STEP_ITEMS) / STEP_ITEMS) &&
               find_best(choice, rounds[i].preferred, rounds[i].capped, &best))
            take_item(choice, best);
    }
}

static void read_values(struct arena *arena, struct choice *choice)
{
    if (!choice->diversity->field)
        return;
    choice->values = arena_alloc(arena, choice->pool_count, sizeof(*choice->values));
    bool is_label = label_is_category(choice->diversity->field);
    for (size_t i = 0; i < choice->pool_count; i++) {
        if (!catalogue_first_text(choice->catalogue, choice->pool[i].item, choice->diversity->field,
                                  &choice->values[i]))
            choice->values[i] = NULL;
        else if (is_label)
            choice->values[i] = label_fold(arena, choice->values[i]);
    }
}

size_t diversify(struct arena *arena, const struct catalogue *catalogue, const struct diversity *diversity,
                 struct engine_result *results, size_t count, size_t quantity)
{
    if (quantity > count)
        quantity = count;
    if (quantity == 0)
        return 0;
    struct choice choice = {
        .catalogue = catalogue, .diversity = diversity, .pool = results, .pool_count = count};
    choice.likeness = arena_alloc(arena, count, sizeof(*choice.likeness));
    choice.taken = arena_alloc(arena, count, sizeof(*choice.taken));
    choice.chosen = arena_alloc(arena, count, sizeof(*choice.chosen));
    choice.places = arena_alloc(arena, quantity, sizeof(*choice.places));
    read_values(arena, &choice);
    choose_all(&choice, quantity);
    for (size_t i = 0, left = choice.count; i < count; i++) {
        if (!choice.taken[i])
            choice.chosen[left++] = results[i];
    }
    memcpy(results, choice.chosen, count * sizeof(*results));
    for (size_t i = 1; i < choice.count; i++) {
        if (results[i].score > results[i - 1].score)
            results[i].score = results[i - 1].score;
    }
    return choice.count;
}
