/* Small catalogues and models for the engine's tests. Each test is a program of its own, so all is static. */
#ifndef PALATE_TESTS_ENGINE_FIXTURE_H
#define PALATE_TESTS_ENGINE_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/decimal.h"
#include "base/memory.h"
#include "engine/catalogue.h"
#include "engine/filter.h"
#include "engine/model.h"
#include "engine/recommend.h"
#include "training/trainer.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FIXTURE      static __attribute__((unused))
#define COUNT(array) (sizeof(array) / sizeof(*(array)))

enum { DAY = 86400 };
static const int64_t fixture_now = INT64_C(1700000000);

struct event {
    const char *user, *item;
    float weight;
    int days_ago;
};

/* The number of a wholly numeric text, else NAN. */
FIXTURE double number_of(const char *text)
{
    double number;
    return decimal_parse_amount(text, &number) ? number : (double)NAN;
}

/* Fields of "path=text" strings, up to 8 of them, in a buffer that each call takes anew from the arena. */
FIXTURE struct engine_item make_item(struct arena *arena, const char *id, const char *name,
                                     const char *const *pairs, size_t count)
{
    struct engine_field *fields = arena_alloc(arena, count, sizeof(*fields));
    for (size_t i = 0; i < count; i++) {
        const char *equals = strchr(pairs[i], '=');
        assert_non_null(equals);
        fields[i].path = arena_copy_bytes(arena, pairs[i], (size_t)(equals - pairs[i]));
        fields[i].text = arena_copy_text(arena, equals + 1);
        fields[i].number = number_of(fields[i].text);
    }
    return (struct engine_item){
        .id = id,
        .name = name,
        .description = "",
        .metadata = "{}",
        .created = fixture_now - 400 * DAY,
        .updated = fixture_now - 300 * DAY,
        .active = true,
        .fields = fields,
        .field_count = count,
    };
}

/* ITEM(arena, "id", "name", "category=red", ...) */
#define ITEM(arena, id, name, ...)                                                                           \
    make_item(arena, id, name, (const char *const[]){__VA_ARGS__},                                           \
              COUNT(((const char *const[]){__VA_ARGS__})))
#define PLAIN(arena, id, name) make_item(arena, id, name, NULL, 0)

/* A folder for one test; remove it with folder_remove(). */
FIXTURE char *folder_create(void)
{
    const char *base = getenv("TMPDIR");
    size_t size = strlen(base ? base : "/tmp") + 32;
    char *folder = memory_alloc(size, 1);
    snprintf(folder, size, "%s/palate-engine-XXXXXX", base ? base : "/tmp");
    assert_non_null(mkdtemp(folder));
    return folder;
}

FIXTURE char *folder_path(struct arena *arena, const char *folder, const char *name)
{
    return arena_format(arena, "%s/%s", folder, name);
}

FIXTURE void folder_remove(char *folder)
{
    assert_int_equal(rmdir(folder), 0); /* so that nothing may be left in it */
    memory_free(folder);
}

FIXTURE struct trainer *train(const struct engine_item *items, size_t item_count, const struct event *events,
                              size_t event_count)
{
    struct trainer_options options = {.now = fixture_now, .generation = 7, .catalogue_revision = 42};
    struct trainer *trainer = trainer_create(&options);
    for (size_t i = 0; i < item_count; i++)
        trainer_add_item(trainer, &items[i]);
    for (size_t i = 0; i < event_count; i++)
        trainer_add_event(trainer, events[i].user, events[i].item, events[i].weight,
                          fixture_now - (int64_t)events[i].days_ago * DAY);
    trainer_build(trainer, NULL, NULL);
    return trainer;
}

/* Trains, writes, opens; the file is gone again when this returns, the mapping stays. */
FIXTURE struct model *train_model(const struct engine_item *items, size_t item_count,
                                  const struct event *events, size_t event_count)
{
    char *folder = folder_create();
    struct arena *arena = arena_create();
    char *path = folder_path(arena, folder, "model");
    struct trainer *trainer = train(items, item_count, events, event_count);
    struct model *model;
    assert_int_equal(trainer_write(trainer, path), 0);
    assert_int_equal(model_open(path, &model), MODEL_OK);
    assert_int_equal(model_verify(model), MODEL_OK);
    trainer_destroy(trainer);
    unlink(path);
    folder_remove(folder);
    arena_destroy(arena);
    return model;
}

FIXTURE uint32_t index_of(const struct catalogue *catalogue, const char *id)
{
    uint32_t index = UINT32_MAX;
    if (!catalogue_find(catalogue, id, strlen(id), &index))
        fail_msg("no item %s", id);
    return index;
}

/* The ids of results, joined by blanks. */
FIXTURE const char *ids_of(struct arena *arena, const struct catalogue *catalogue,
                           const struct engine_result *results, size_t count)
{
    const char *text = "";
    for (size_t i = 0; i < count; i++)
        text = arena_format(arena, "%s%s%s", text, i ? " " : "", catalogue_id(catalogue, results[i].item));
    return text;
}

#endif
