/* Gives places to items that have hardly been shown; see exploration.h.
 *
 * The problem: a recommender that learns from what it shows never learns about what it does not show (the
 * feedback loop; Chaney et al., RecSys 2018). New items need impressions before behaviour can speak for them.
 *
 * The idea is epsilon-greedy (Sutton and Barto, "Reinforcement Learning", 2.2) with a fixed share of the
 * places as epsilon, and not at random first: new items with the fewest explorations so far, until each has
 * had the impressions that the context grants; then anything eligible that the ranking left out. The number
 * of places is share x quantity, a fraction of a place being drawn, so that short lists get their share on
 * average. The first place is never given away.
 *
 * Chance is a function of the request's id: SplitMix64 draws, numbered by what they are for (0 the fraction,
 * 10 on the places, 1000 on the items), so that the same request has the same answer and each draw is
 * independent of how many others were made. The places are a sample without replacement by Floyd's algorithm
 * (Bentley, "Programming Pearls: A Sample of Brilliance", CACM 1987): one draw a place.
 *
 * Cost: sorting the candidates, at most a few hundred. It does not model uncertainty (no bandit): with tens
 * of impressions an item there is little to estimate, and a stated share can be explained to a shop. */
#include "recommender/shaping/exploration.h"

#include "base/hash.h"

#include <stdlib.h>
#include <string.h>

uint64_t exploration_seed(const char *request_id)
{
    return hash_bytes(HASH_START, request_id, strlen(request_id));
}

static uint64_t draw_bits(uint64_t seed, uint64_t number)
{
    return hash_draw(seed + number * HASH_GOLDEN);
}

static double draw_unit(uint64_t seed, uint64_t number)
{
    return (double)(draw_bits(seed, number) >> 11) / 9007199254740992.0;
}

size_t exploration_places(const struct exploration *exploration, size_t quantity, uint64_t seed)
{
    double wanted = exploration->share * (double)quantity;
    size_t places = (size_t)wanted;
    places += draw_unit(seed, 0) < wanted - (double)places;
    return quantity == 0 ? 0 : places < quantity ? places : quantity - 1;
}

struct ordered {
    const struct exploration_candidate *candidate;
    uint64_t key;
    bool due; /* a new item that has not had its impressions */
};

static int compare_ordered(const void *a, const void *b)
{
    const struct ordered *x = a, *y = b;
    if (x->due != y->due)
        return x->due ? -1 : 1;
    if (x->due && x->candidate->explored != y->candidate->explored)
        return x->candidate->explored < y->candidate->explored ? -1 : 1;
    if (x->key != y->key)
        return x->key < y->key ? -1 : 1;
    return x->candidate->result.item < y->candidate->result.item ? -1 : 1;
}

/* Candidates in the order in which they are given places. */
static struct ordered *order_candidates(struct arena *arena, const struct exploration *exploration,
                                        uint64_t seed, const struct exploration_candidate *candidates,
                                        size_t count)
{
    struct ordered *ordered = arena_alloc(arena, count ? count : 1, sizeof(*ordered));
    for (size_t i = 0; i < count; i++)
        ordered[i] = (struct ordered){.candidate = &candidates[i],
                                      .key = draw_bits(seed, 1000 + candidates[i].result.item),
                                      .due = candidates[i].explored < (uint32_t)exploration->impressions};
    qsort(ordered, count, sizeof(*ordered), compare_ordered);
    return ordered;
}

/* Items that match the preferences stay in front, so only items of the first one's kind are explored, in the
 * places of that kind. */
static size_t count_kind(const struct engine_result *results, size_t count)
{
    size_t same = 0;
    while (same < count && results[same].preferred == results[0].preferred)
        same++;
    return same;
}

/* Marks `wanted` different places from 1 on, each equally likely (Floyd's sample). */
static bool *choose_places(struct arena *arena, uint64_t seed, size_t count, size_t wanted)
{
    bool *chosen = arena_alloc(arena, count, sizeof(*chosen));
    for (size_t last = count - wanted; last < count; last++) {
        size_t place = 1 + (size_t)(draw_bits(seed, 10 + last) % last);
        chosen[chosen[place] ? last : place] = true;
    }
    return chosen;
}

/* The ranked items keep their order around the chosen places, and those that no longer fit fall off the end.
 */
static void merge_guests(struct arena *arena, struct engine_result *results, size_t count, const bool *chosen,
                         const struct engine_result *guests)
{
    struct engine_result *ranked = arena_alloc(arena, count, sizeof(*ranked));
    size_t next = 0, guest = 0;
    memcpy(ranked, results, count * sizeof(*ranked));
    for (size_t i = 0; i < count; i++) {
        float score = ranked[next].score;
        if (!chosen[i]) {
            results[i] = ranked[next++];
            continue;
        }
        results[i] = guests[guest++];
        results[i].score = score;
        results[i].source = ENGINE_SOURCE_EXPLORATION;
    }
}

size_t explore(struct arena *arena, const struct exploration *exploration, uint64_t seed,
               const struct exploration_candidate *candidates, size_t candidate_count,
               struct engine_result *results, size_t count, size_t places, uint32_t *explored)
{
    size_t kind = count ? count_kind(results, count) : 0, found = 0;
    if (kind < 2 || places == 0)
        return 0;
    places = places < kind ? places : kind - 1;
    struct ordered *ordered = order_candidates(arena, exploration, seed, candidates, candidate_count);
    struct engine_result *guests = arena_alloc(arena, places, sizeof(*guests));
    for (size_t i = 0; i < candidate_count && found < places; i++) {
        if (ordered[i].candidate->result.preferred == results[0].preferred)
            guests[found++] = ordered[i].candidate->result;
    }
    if (found == 0)
        return 0;
    bool *chosen = arena_alloc(arena, count, sizeof(*chosen));
    memcpy(chosen, choose_places(arena, seed, kind, found), kind * sizeof(*chosen));
    merge_guests(arena, results, count, chosen, guests);
    for (size_t i = 0; i < found; i++)
        explored[i] = guests[i].item;
    return found;
}
