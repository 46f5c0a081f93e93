/* A good model file to be broken in every way; shared by the tests of the model file. */
#ifndef PALATE_TEST_ENGINE_MODEL_WORLD_H
#define PALATE_TEST_ENGINE_MODEL_WORLD_H

#include "fixture.h"

#include "engine/model_format.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <zlib.h>

enum { HEADER_BYTES = sizeof(struct model_header) + MODEL_SECTION__MAX * sizeof(struct model_section) };

/* A good model in memory, to be broken, and the file it is written to. */
struct world {
    struct arena *arena;
    char *folder;
    char *path;
    unsigned char *good; /* the whole file */
    size_t size;
    unsigned char *bytes; /* a copy that the test may change */
    struct model_header *header;
    struct model_section *sections; /* in it, as the file has them */
};

static void read_whole(struct world *world)
{
    struct stat status;
    FILE *file = fopen(world->path, "rb");
    assert_non_null(file);
    assert_int_equal(fstat(fileno(file), &status), 0);
    world->size = (size_t)status.st_size;
    world->good = memory_alloc(world->size, 1);
    assert_int_equal(fread(world->good, 1, world->size, file), world->size);
    fclose(file);
}

static void renew(struct world *world)
{
    memcpy(world->bytes, world->good, world->size);
}

static int setup(void **state)
{
    struct world *world = memory_alloc(1, sizeof(*world));
    world->arena = arena_create();
    world->folder = folder_create();
    world->path = folder_path(world->arena, world->folder, "model");
    struct engine_item items[] = {
        ITEM(world->arena, "a", "red mug", "category=mugs", "price=5", "tags=x", "tags=y"),
        ITEM(world->arena, "b", "blue mug", "category=mugs", "price=6"),
        ITEM(world->arena, "c", "green lamp", "category=lamps", "price=50", "tags=y"),
        PLAIN(world->arena, "d", "yellow lamp"),
    };
    struct event events[] = {{"u", "a", 1, 3}, {"u", "b", 1, 2}, {"v", "a", 1, 9}, {"v", "b", 1, 1},
                             {"v", "c", 1, 4}, {"w", "c", 1, 5}, {"w", "a", 1, 6}};
    struct trainer *trainer = train(items, COUNT(items), events, COUNT(events));
    assert_int_equal(trainer_write(trainer, world->path), 0);
    trainer_destroy(trainer);
    read_whole(world);
    world->bytes = memory_alloc(world->size, 1);
    world->header = (void *)world->bytes;
    world->sections = (void *)(world->bytes + sizeof(struct model_header));
    renew(world);
    *state = world;
    return 0;
}

static int teardown(void **state)
{
    struct world *world = *state;
    unlink(world->path);
    folder_remove(world->folder);
    memory_free(world->good);
    memory_free(world->bytes);
    arena_destroy(world->arena);
    memory_free(world);
    return 0;
}

static void write_bytes(const struct world *world, size_t size)
{
    FILE *file = fopen(world->path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(world->bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

/* The header's checksum is made right, so that what was broken is what is found. */
static void seal(struct world *world)
{
    world->header->header_crc32 = 0;
    world->header->header_crc32 = (uint32_t)crc32(0, world->bytes, HEADER_BYTES);
}

static enum model_error open_bytes(const struct world *world, size_t size)
{
    struct model *model = (struct model *)1;
    write_bytes(world, size);
    enum model_error error = model_open(world->path, &model);
    if (error)
        assert_null(model);
    model_close(model);
    return error;
}

#endif
