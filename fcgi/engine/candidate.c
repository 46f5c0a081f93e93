/* A bounded heap; see candidate.h. */
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

static bool is_worse(const struct candidate_heap *heap, size_t left, size_t right)
{
    return candidate_is_better(heap->catalogue, &heap->entries[right], &heap->entries[left]);
}

static void swap(struct candidate_heap *heap, size_t left, size_t right)
{
    struct candidate held = heap->entries[left];
    heap->entries[left] = heap->entries[right];
    heap->entries[right] = held;
}

static void sift_down(struct candidate_heap *heap)
{
    for (size_t place = 0;;) {
        size_t worst = place;
        for (size_t child = place * 2 + 1; child <= place * 2 + 2 && child < heap->count; child++)
            if (is_worse(heap, child, worst))
                worst = child;
        if (worst == place)
            return;
        swap(heap, place, worst);
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
        swap(heap, place, (place - 1) / 2);
        place = (place - 1) / 2;
    }
}

void candidate_heap_sort(struct candidate_heap *heap)
{
    size_t count = heap->count;
    while (heap->count > 1) {
        swap(heap, 0, heap->count - 1); /* the worst goes behind the rest */
        heap->count--;
        sift_down(heap);
    }
    heap->count = count;
}
