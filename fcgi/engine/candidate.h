/* The best of many candidates, with memory for only as many as are wanted.
 *
 * Owns the order of results: preferred, level, value, id. Private to the engine. */
#ifndef PALATE_ENGINE_CANDIDATE_H
#define PALATE_ENGINE_CANDIDATE_H

#include "engine/query.h"

struct candidate {
    double value; /* higher is better, within one level */
    uint32_t item;
    uint8_t level; /* lower is better */
    bool preferred;
    enum engine_source source;
};

/* A heap with the worst candidate on top. */
struct candidate_heap {
    const struct catalogue *catalogue;
    struct candidate *entries; /* room for limit */
    size_t count;
    size_t limit;
};

/* Comes left before right in a list? Equal values are ordered by id, bytewise; never true both ways. */
bool candidate_is_better(const struct catalogue *catalogue, const struct candidate *left,
                         const struct candidate *right) __attribute__((nonnull));

/* Would it enter the heap? */
bool candidate_heap_wants(const struct candidate_heap *heap, const struct candidate *candidate)
    __attribute__((nonnull));

/* Enters it; the worst leaves when there is no room. Only after candidate_heap_wants(). */
void candidate_heap_add(struct candidate_heap *heap, const struct candidate *candidate)
    __attribute__((nonnull));

/* Turns the heap into a list, best first; it is no heap any more. */
void candidate_heap_sort(struct candidate_heap *heap) __attribute__((nonnull));

#endif
