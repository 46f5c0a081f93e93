/* The arena of the fuzz targets, in place of fcgi/base/arena.c: each allocation is one of its own and exactly
 * as large as asked for, so that AddressSanitizer sees every byte beyond it. The real one has its unit test.
 */
#include "base/arena.h"

#include "base/memory.h"

struct entry {
    void (*release)(void *object); /* NULL: memory */
    void *object;
};

struct arena {
    struct entry *entries;
    size_t count, room, used;
};

struct arena *arena_create(void)
{
    return memory_alloc(1, sizeof(struct arena));
}

struct arena *arena_create_small(size_t bytes)
{
    (void)bytes;
    return arena_create();
}

static void remember(struct arena *arena, void (*release)(void *object), void *object)
{
    if (arena->count == arena->room) {
        arena->room = arena->room ? arena->room * 2 : 64;
        arena->entries = memory_resize(arena->entries, arena->room, sizeof(*arena->entries));
    }
    arena->entries[arena->count++] = (struct entry){.release = release, .object = object};
}

void arena_reset(struct arena *arena)
{
    /* First what was deferred, which may still look into the memory. */
    for (size_t i = arena->count; i-- > 0;) {
        if (arena->entries[i].release)
            arena->entries[i].release(arena->entries[i].object);
    }
    for (size_t i = 0; i < arena->count; i++) {
        if (!arena->entries[i].release)
            memory_free(arena->entries[i].object);
    }
    arena->count = arena->used = 0;
}

void arena_destroy(struct arena *arena)
{
    if (!arena)
        return;
    arena_reset(arena);
    memory_free(arena->entries);
    memory_free(arena);
}

void *arena_alloc(struct arena *arena, size_t count, size_t size)
{
    void *pointer = memory_alloc(count, size);
    remember(arena, NULL, pointer);
    arena->used += count * size;
    return pointer;
}

void arena_defer(struct arena *arena, void (*release)(void *object), void *object)
{
    remember(arena, release, object);
}

size_t arena_used(const struct arena *arena)
{
    return arena->used;
}
