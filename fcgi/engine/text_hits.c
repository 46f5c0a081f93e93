/* A heap of hits, and their order; see text_hits.h.
 *
 * A binary heap (Williams, 1964) with the worst hit on top, so that of any number of hits the best are kept in
 * the room of these, and most others cost one comparison. */
#include "engine/text_hits.h"

#include <stdlib.h>
#include <string.h>

static int compare_hits(const void *left, const void *right, void *context)
{
    const struct text_hit *a = left, *b = right;
    const struct catalogue *catalogue = context;
    if (a->is_exact != b->is_exact)
        return a->is_exact ? -1 : 1;
    if (a->score != b->score)
        return a->score < b->score ? 1 : -1;
    return strcmp(catalogue_id(catalogue, a->item), catalogue_id(catalogue, b->item));
}

size_t text_hits_keep(const struct catalogue *catalogue, struct text_hit *heap, size_t count, size_t limit,
                      struct text_hit hit)
{
    void *whole = (void *)(uintptr_t)catalogue; /* as qsort_r() has it */
    size_t place = count;
    if (!limit || (count == limit && compare_hits(&hit, &heap[0], whole) > 0))
        return count;
    if (count < limit) {
        for (; place && compare_hits(&heap[(place - 1) / 2], &hit, whole) < 0; place = (place - 1) / 2)
            heap[place] = heap[(place - 1) / 2];
        heap[place] = hit;
        return count + 1;
    }
    place = 0;
    for (size_t child; (child = 2 * place + 1) < count; place = child) {
        if (child + 1 < count && compare_hits(&heap[child], &heap[child + 1], whole) < 0)
            child++;
        if (compare_hits(&heap[child], &hit, whole) <= 0)
            break;
        heap[place] = heap[child];
    }
    heap[place] = hit;
    return count;
}

void text_hits_sort(const struct catalogue *catalogue, struct text_hit *hits, size_t count)
{
    qsort_r(hits, count, sizeof(*hits), compare_hits, (void *)(uintptr_t)catalogue);
}
