/* An arena: a list of blocks, newest first, and a list of deferred releases; see arena.h.
 *
 * The problem: a request makes some hundred small objects of many lengths of life, and each error path would
 * have to free the right ones. But all of them may live until the request ends. So memory is cut from large
 * blocks by moving a mark (a region, Hanson 1990, "Fast allocation and deallocation of memory based on object
 * lifetimes"): an allocation is an addition and a comparison, and all of it is released at once.
 *
 * The reset keeps the first block, so that the usual request, which fits into it, calls malloc() not at all,
 * and it zeroes only what was used, so that arena_alloc() can promise zeroed memory for nothing (calloc()
 * zeroes the other blocks). Objects larger than a block get one of their own. What it costs: memory that a
 * request no longer needs is not used again before its end, and what is left of a block when a new one begins
 * is lost until then.
 *
 * The deferred releases are a list in the arena's own memory, so they run before any block is freed; newest
 * first, as objects may refer to older ones. */
#include "base/arena.h"

#include "base/memory.h"

#include <stdint.h>
#include <string.h>

enum {
    BLOCK_BYTES = 64 * 1024, /* what a usual request needs, so that the reset frees nothing */
    ALIGNMENT = _Alignof(max_align_t),
};

struct block {
    struct block *older;
    size_t size;
    size_t used;
    _Alignas(max_align_t) unsigned char bytes[];
};

struct deferred {
    struct deferred *older;
    void (*release)(void *object);
    void *object;
};

struct arena {
    struct block *newest;
    struct deferred *deferred;
    size_t used;
    size_t block_bytes; /* of the next block */
};

static struct block *block_create(struct block *older, size_t size)
{
    if (size > SIZE_MAX - sizeof(struct block))
        memory_exhausted();
    struct block *block = memory_alloc(1, sizeof(*block) + size);
    block->older = older;
    block->size = size;
    return block;
}

struct arena *arena_create(void)
{
    return arena_create_small(BLOCK_BYTES);
}

struct arena *arena_create_small(size_t bytes)
{
    struct arena *arena = memory_alloc(1, sizeof(*arena));
    arena->newest = block_create(NULL, bytes);
    arena->block_bytes = bytes;
    return arena;
}

void arena_reset(struct arena *arena)
{
    while (arena->deferred) {
        struct deferred *entry = arena->deferred;
        arena->deferred = entry->older;
        entry->release(entry->object);
    }
    while (arena->newest->older) {
        struct block *block = arena->newest;
        arena->newest = block->older;
        memory_free(block);
    }
    memset(arena->newest->bytes, 0, arena->newest->used);
    arena->newest->used = 0;
    arena->used = 0;
}

void arena_destroy(struct arena *arena)
{
    if (!arena)
        return;
    arena_reset(arena);
    memory_free(arena->newest);
    memory_free(arena);
}

void *arena_alloc(struct arena *arena, size_t count, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes) || bytes > SIZE_MAX - ALIGNMENT)
        memory_exhausted();
    bytes = (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    if (bytes > arena->newest->size - arena->newest->used) {
        arena->block_bytes = arena->block_bytes < BLOCK_BYTES / 2 ? arena->block_bytes * 2 : BLOCK_BYTES;
        arena->newest = block_create(arena->newest, bytes > arena->block_bytes ? bytes : arena->block_bytes);
    }
    void *pointer = arena->newest->bytes + arena->newest->used;
    arena->newest->used += bytes;
    arena->used += bytes;
    return pointer;
}

void arena_defer(struct arena *arena, void (*release)(void *object), void *object)
{
    struct deferred *entry = arena_alloc(arena, 1, sizeof(*entry));
    *entry = (struct deferred){.older = arena->deferred, .release = release, .object = object};
    arena->deferred = entry;
}

size_t arena_used(const struct arena *arena)
{
    return arena->used;
}
