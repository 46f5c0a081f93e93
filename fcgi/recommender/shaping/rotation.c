/* Moves down what was shown but never clicked; see rotation.h.
 *
 * The problem: somebody who comes back every hour and clicks nothing sees the same list each time, although
 * each impression without a click is evidence against an item (impression discounting; Lee et al., "Modeling
 * Impression Discounting in Large-scale Recommender Systems", KDD 2014).
 *
 * The idea is exponential discounting: score x (1 - strength)^n after n impressions within the window. Items
 * on which the user has any event are left alone, for a click is what the impressions were for. An impression
 * older than the window is forgotten as a whole, so an item comes back by itself.
 *
 * Then the list is sorted again, by insertion, which is stable and linear where little has moved. Items that
 * fall below the end of the pool are not replaced here: the pool is longer than the page. Cost: impressions x
 * pool. */
#include "recommender/shaping/rotation.h"

#include "engine/catalogue.h"

#include <math.h>
#include <string.h>

static bool was_touched(const struct engine_history_entry *history, size_t count, uint32_t item)
{
    for (size_t i = 0; i < count; i++) {
        if (history[i].item == item)
            return true;
    }
    return false;
}

static struct engine_result *find_result(struct engine_result *results, size_t count, uint32_t item)
{
    for (size_t i = 0; i < count; i++) {
        if (results[i].item == item)
            return &results[i];
    }
    return NULL;
}

static bool stands_before(const struct engine_result *a, const struct engine_result *b)
{
    if (a->preferred != b->preferred)
        return a->preferred;
    return a->score > b->score;
}

/* Stable, and fast where little has moved; the list is short. */
static void sort_again(struct engine_result *results, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        struct engine_result moving = results[i];
        size_t place = i;
        for (; place > 0 && stands_before(&moving, &results[place - 1]); place--)
            results[place] = results[place - 1];
        results[place] = moving;
    }
}

void rotate(const struct catalogue *catalogue, const struct rotation *rotation, const struct shown_row *shown,
            size_t shown_count, const struct engine_history_entry *history, size_t history_count,
            struct engine_result *results, size_t count)
{
    for (size_t i = 0; i < shown_count; i++) {
        uint32_t item;
        if (!catalogue_find(catalogue, shown[i].item_id, strlen(shown[i].item_id), &item))
            continue;
        struct engine_result *result = find_result(results, count, item);
        if (result && !was_touched(history, history_count, item))
            result->score *= (float)pow(1 - rotation->strength, shown[i].times);
    }
    sort_again(results, count);
}
