/* Fast hashes of bytes and numbers, and a small map of numbers: for tables, samples and features, never for
 * secrets or for names that a stranger must not be able to collide with (base/digest.h).
 *
 * All are fixed for good: models hold what they computed (features of texts), a hold-out and the places given
 * to new items are drawn by them, and a journal of training steps is found again by its tags. Another
 * constant is another model. Integers only, so every machine computes the same bits. */
#ifndef PALATE_BASE_HASH_H
#define PALATE_BASE_HASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* FNV-1a, 64 bits (Fowler, Noll, Vo; draft-eastlake-fnv): begin with HASH_START, go on with what came out.
 * The high bits are better than the low ones; a text of few bytes leaves most of the lowest untouched. */
#define HASH_START UINT64_C(0xcbf29ce484222325)
__attribute__((nonnull, pure, warn_unused_result)) static inline uint64_t
hash_bytes(uint64_t hash, const void *bytes, size_t length)
{
    const unsigned char *at = bytes;
    for (size_t i = 0; i < length; i++)
        hash = (hash ^ at[i]) * UINT64_C(0x100000001b3);
    return hash;
}

/* 2^64 divided by the golden ratio: multiples of it lie as far from each other as can be (Knuth, The Art of
 * Computer Programming, 6.4), in the high bits. */
#define HASH_GOLDEN UINT64_C(0x9e3779b97f4a7c15)

/* Spreads an FNV hash over the high bits: shift at least 20 of them down to choose a slot. */
__attribute__((const, warn_unused_result)) static inline uint64_t hash_spread(uint64_t hash)
{
    return (hash ^ hash >> 32) * HASH_GOLDEN;
}

/* The finish of SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, OOPSLA 2014):
 * one to one, and every bit of the result depends on every bit of the number. 0 stays 0. */
__attribute__((const, warn_unused_result)) static inline uint64_t hash_finish(uint64_t number)
{
    number = (number ^ number >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    number = (number ^ number >> 27) * UINT64_C(0x94d049bb133111eb);
    return number ^ number >> 31;
}

/* SplitMix64 itself: the draw of the state `number`, evenly spread 64 bits, for samples that the same seed
 * draws again. hash_next() also takes the state one step on. */
__attribute__((const, warn_unused_result)) static inline uint64_t hash_draw(uint64_t number)
{
    return hash_finish(number + HASH_GOLDEN);
}
__attribute__((nonnull, warn_unused_result)) static inline uint64_t hash_next(uint64_t *state)
{
    return hash_finish(*state += HASH_GOLDEN);
}

/* A number that differs from process to process, the same within one: to begin a hash with where strangers
 * choose what is hashed and collisions would cost time. Never for what is stored. */
uint64_t hash_process_key(void) __attribute__((warn_unused_result));

/* A map of numbers to numbers other than 0, which stands for "is not there". {0} is an empty one. Grows,
 * never shrinks, and nothing is removed: each of its users drops it as a whole, with hash_map_clear(). */
struct hash_map {
    struct hash_place {
        uint64_t key, value; /* value 0: free */
    } * places;
    size_t size;  /* 0 or a power of two, at least twice the count */
    size_t count; /* keys in it */
};

void hash_map_clear(struct hash_map *map) __attribute__((nonnull));

/* 0: the key is not there. */
uint64_t hash_map_get(const struct hash_map *map, uint64_t key)
    __attribute__((nonnull, pure, warn_unused_result));

/* Adds the key or replaces its value, which is not 0. */
void hash_map_set(struct hash_map *map, uint64_t key, uint64_t value) __attribute__((nonnull));

/* The values one after the other, in no order that means anything, but always the same after the same calls.
 * *cursor is 0 at first. False when there are no more. */
bool hash_map_next(const struct hash_map *map, size_t *cursor, uint64_t *value)
    __attribute__((nonnull, warn_unused_result));

/* What it takes on the heap. */
size_t hash_map_bytes(const struct hash_map *map) __attribute__((nonnull, pure));

#endif
