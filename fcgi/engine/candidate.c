/* A bounded heap; see candidate.h.
 *
 * The best k of n, in one pass and with memory for k: a binary heap (Williams, "Algorithm 232", CACM 1964)
 * with the worst of the kept candidates on top. A new one is compared with the top alone, which settles
 * nearly all of them, and replaces it where it is better: n + k' log k steps for k' replacements. In the end
 * the heap is sorted in place by moving its top behind the rest until nothing is left: heapsort, so that the
 * list comes out best first without a second array.
 *
 * The order is total (ties go by id), so what is kept does not depend on the order of arrival. */
#include "engine/candidate.h"

#include <string.h>

/* In the model the order of indices is that of ids; an added item has to be compared by its id. */
static bool id_is_before(const struct catalogue *catalogue, uint32_t left, uint32_t right)
{
    const struct model *model = catalogue_model(catalogue);
    uint32_t model_count = model ? model_item_count(model) : 0;
    if (left >= model_count || right >= model_count) {
        int order = strcmp(catalogue_id(catalogue, left), catalogue_id(catalogue, right));
        if (order)
            return order < 0;
    }
    return left < right;
}

bool candidate_is_better(const struct catalogue *catalogue, const struct candidate *left,
                         const struct candidate *right)
{
    if (left->preferred != right->preferred)
        return left->preferred;
    if (left->level != right->level)
        return left->level < right->level;
    if (left->value > right->value)
        return true;
    if (left->value < right->value)
        return false;
    return id_is_before(catalogue, left->item, right->item);
}

bool candidate_heap_wants(const struct candidate_heap *heap, const struct candidate *candidate)
{
    return heap->count < heap->limit ||
           (heap->limit && candidate_is_better(heap->catalogue, candidate, &heap->entries[0]));
}

/* Of two places in the heap. */
static bool is_worse(const struct candidate_heap *heap, size_t left, size_t right)
{
    return candidate_is_better(heap->catalogue, &heap->entries[right], &heap->entries[left]);
}

static void swap_entries(struct candidate_heap *heap, size_t left, size_t right)
{
    struct candidate held = heap->entries[left];
    heap->entries[left] = heap->entries[right];
    heap->entries[right] = held;
}

/* Restores the heap when only its top may be out of place. */
static void sift_down(struct candidate_heap *heap)
{
    for (size_t place = 0;;) {
        size_t worst = place;
        for (size_t child = place * 2 + 1; child <= place * 2 + 2 && child < heap->count; child++)
            if (is_worse(heap, child, worst))
                worst = child;
        if (worst == place)
            return;
        swap_entries(heap, place, worst);
        place = worst;
    }
}

void candidate_heap_add(struct candidate_heap *heap, const struct candidate *candidate)
{
    if (heap->count == heap->limit) {
        heap->entries[0] = *candidate;
        sift_down(heap);
        return;
    }
    size_t place = heap->count++;
    heap->entries[place] = *candidate;
    while (place && is_worse(heap, place, (place - 1) / 2)) {
        swap_entries(heap, place, (place - 1) / 2);
        place = (place - 1) / 2;
    }
}

void candidate_heap_sort(struct candidate_heap *heap)
{
    size_t count = heap->count;
    while (heap->count > 1) {
        swap_entries(heap, 0, heap->count - 1); /* the worst goes behind the rest */
        heap->count--;
        sift_down(heap);
    }
    heap->count = count;
}
