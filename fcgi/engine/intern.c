/* Texts to numbers; see intern.h.
 *
 * Open addressing with linear probing over a power of two of slots, at most half of them full, so that a
 * look-up takes about one and a half probes (Knuth, TAOCP 3, 6.4) and each probe is the neighbour of the one
 * before. A slot is four bytes, the text's number; its hash and its text are found by that number. Hashes are
 * kept, so that growing does not read the texts again and a probe that misses costs no comparison of texts.
 *
 * Nothing is removed, so there are no tombstones, and numbers are places in dense arrays. Memory for n texts:
 * their bytes, 16 n for hashes and pointers, 8 n to 16 n for slots. Words come from the
 * texts of shops, so the hash has a key of this process: texts that are chosen to collide in one table do not
 * in another, and a catalogue cannot be written that makes every look-up a walk through all of it. Numbers
 * are given in order of arrival, whatever the key. */
#include "engine/intern.h"

#include "base/arena.h"
#include "base/hash.h"
#include "base/memory.h"

#include <string.h>

enum { FIRST_SLOTS = 64 /* a power of two */, FIRST_BYTES = 1024 /* of texts */ };

struct intern {
    struct arena *arena;
    uint64_t key;
    const char **texts; /* by number */
    uint64_t *hashes;   /* by number */
    uint32_t count;
    uint32_t capacity;
    uint32_t *slots;   /* number + 1, or 0 */
    size_t slot_count; /* a power of two, at least twice count */
};

static uint64_t hash_text(const struct intern *intern, const char *text, size_t length)
{
    return hash_finish(hash_bytes(HASH_START ^ intern->key, text, length) ^ intern->key);
}

struct intern *intern_create(void)
{
    struct intern *intern = memory_alloc(1, sizeof(*intern));
    intern->arena = arena_create_small(FIRST_BYTES);
    intern->key = hash_process_key();
    intern->slot_count = FIRST_SLOTS;
    intern->slots = memory_alloc(intern->slot_count, sizeof(*intern->slots));
    return intern;
}

void intern_destroy(struct intern *intern)
{
    if (!intern)
        return;
    arena_destroy(intern->arena);
    memory_free(intern->texts);
    memory_free(intern->hashes);
    memory_free(intern->slots);
    memory_free(intern);
}

/* The slot that holds the text, or the free one where it would go. */
static size_t find_slot(const struct intern *intern, const char *text, size_t length, uint64_t hash)
{
    size_t mask = intern->slot_count - 1, slot = (size_t)(hash >> 20) & mask;
    for (; intern->slots[slot]; slot = (slot + 1) & mask) {
        uint32_t number = intern->slots[slot] - 1;
        const char *known = intern->texts[number];
        if (intern->hashes[number] == hash && strncmp(known, text, length) == 0 && known[length] == '\0')
            break;
    }
    return slot;
}

static void grow_slots(struct intern *intern)
{
    intern->slot_count *= 2;
    memory_free(intern->slots);
    intern->slots = memory_alloc(intern->slot_count, sizeof(*intern->slots));
    size_t mask = intern->slot_count - 1;
    for (uint32_t number = 0; number < intern->count; number++) {
        size_t slot = (size_t)(intern->hashes[number] >> 20) & mask;
        while (intern->slots[slot])
            slot = (slot + 1) & mask;
        intern->slots[slot] = number + 1;
    }
}

uint32_t intern_add(struct intern *intern, const char *text)
{
    size_t length = strlen(text);
    uint64_t hash = hash_text(intern, text, length);
    size_t slot = find_slot(intern, text, length, hash);
    if (intern->slots[slot])
        return intern->slots[slot] - 1;
    if (intern->count == UINT32_MAX - 1)
        memory_exhausted();
    if (intern->count == intern->capacity) {
        intern->capacity = intern->capacity < UINT32_MAX / 2 ? intern->capacity * 2 + 32 : UINT32_MAX;
        intern->texts = memory_resize(intern->texts, intern->capacity, sizeof(*intern->texts));
        intern->hashes = memory_resize(intern->hashes, intern->capacity, sizeof(*intern->hashes));
    }
    uint32_t number = intern->count++;
    intern->texts[number] = arena_copy_bytes(intern->arena, text, length);
    intern->hashes[number] = hash;
    intern->slots[slot] = number + 1;
    if (intern->slot_count < (size_t)intern->count * 2)
        grow_slots(intern);
    return number;
}

bool intern_find(const struct intern *intern, const char *text, size_t length, uint32_t *number)
{
    if (memchr(text, '\0', length))
        return false;
    size_t slot = find_slot(intern, text, length, hash_text(intern, text, length));
    if (!intern->slots[slot])
        return false;
    *number = intern->slots[slot] - 1;
    return true;
}

uint32_t intern_count(const struct intern *intern)
{
    return intern->count;
}

const char *intern_text(const struct intern *intern, uint32_t number)
{
    return intern->texts[number];
}

size_t intern_bytes(const struct intern *intern)
{
    return arena_used(intern->arena) + intern->slot_count * sizeof(*intern->slots) +
           intern->capacity * (sizeof(*intern->texts) + sizeof(*intern->hashes)) + sizeof(*intern);
}
