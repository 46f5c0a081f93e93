/* A map of numbers; see hash.h, which has the hashes.
 *
 * Open addressing with linear probing (Knuth 6.4, algorithm L): all places are one array, a key's own place
 * is chosen by Fibonacci hashing (the high half of key times 2^64 / phi), and where that is taken by another
 * key the next free one behind it is used. The array doubles before it is more than half full, which keeps
 * the expected number of places that are looked at below 1.5 for a key that is there and 2.5 for one that is
 * not.
 *
 * A lookup costs one multiplication and mostly one line of the cache; an insertion is O(1) amortised. Memory:
 * 16 bytes a place, so 32 to 64 bytes a key. There is no removal, which would need marks for removed keys or
 * moving those behind them, and no defence against chosen keys: they are item numbers and parts of a SHA-256.
 */
#include "base/hash.h"

#include "base/memory.h"
#include "base/random.h"

#include <assert.h>

enum { FIRST_SIZE = 64 };

uint64_t hash_process_key(void)
{
    /* Drawn once: tables of one process must agree for as long as it lives. */
    static uint64_t key;
    while (!key)
        random_fill(&key, sizeof(key));
    return key;
}

void hash_map_clear(struct hash_map *map)
{
    memory_free(map->places);
    *map = (struct hash_map){0};
}

/* The place that holds the key, or the free one where it would go. */
static struct hash_place *find_place(const struct hash_map *map, uint64_t key)
{
    size_t mask = map->size - 1, place = (size_t)(key * HASH_GOLDEN >> 32) & mask;
    while (map->places[place].value && map->places[place].key != key)
        place = (place + 1) & mask;
    return &map->places[place];
}

uint64_t hash_map_get(const struct hash_map *map, uint64_t key)
{
    return map->size ? find_place(map, key)->value : 0;
}

void hash_map_set(struct hash_map *map, uint64_t key, uint64_t value)
{
    assert(value);
    if (map->size < (map->count + 1) * 2) {
        struct hash_map larger = {.size = map->size ? map->size * 2 : FIRST_SIZE, .count = map->count};
        larger.places = memory_alloc(larger.size, sizeof(*larger.places));
        for (size_t i = 0; i < map->size; i++)
            if (map->places[i].value)
                *find_place(&larger, map->places[i].key) = map->places[i];
        memory_free(map->places);
        *map = larger;
    }
    struct hash_place *place = find_place(map, key);
    map->count += !place->value;
    *place = (struct hash_place){.key = key, .value = value};
}

bool hash_map_next(const struct hash_map *map, size_t *cursor, uint64_t *value)
{
    while (*cursor < map->size) {
        *value = map->places[(*cursor)++].value;
        if (*value)
            return true;
    }
    return false;
}

size_t hash_map_bytes(const struct hash_map *map)
{
    return map->size * sizeof(*map->places);
}
