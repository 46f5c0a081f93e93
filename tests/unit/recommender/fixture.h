/* For the recommender's tests: items from JSON metadata, a catalogue of them, a model file in a folder, and a
 * database that is not there. Each test is a program of its own, so all is static. */
#ifndef PALATE_TESTS_RECOMMENDER_FIXTURE_H
#define PALATE_TESTS_RECOMMENDER_FIXTURE_H

#include "../base/fixture.h"

#include "engine/catalogue.h"
#include "recommender/item_fields.h"
#include "storage/database.h"
#include "training/trainer.h"

enum { FIXTURE_NOW = 1700000000 };

struct shop_item {
    const char *id, *metadata, *name; /* name NULL: the id */
};

FIXTURE struct engine_item make_item(struct arena *arena, const struct shop_item *shop)
{
    struct engine_item item = {.id = shop->id,
                               .name = shop->name ? shop->name : shop->id,
                               .description = "",
                               .metadata = shop->metadata,
                               .created = FIXTURE_NOW - 86400,
                               .updated = FIXTURE_NOW - 86400,
                               .active = true};
    item_fields_parse(arena, shop->metadata, &item);
    return item;
}

struct shop_event {
    const char *user, *item;
};

/* Trains on the items and events (each a purchase an hour ago) and writes the model to path. */
FIXTURE void model_write(struct arena *arena, const char *path, uint64_t generation, uint64_t revision,
                         const struct shop_item *items, size_t item_count, const struct shop_event *events,
                         size_t event_count)
{
    struct trainer_options options = {
        .now = FIXTURE_NOW, .generation = generation, .catalogue_revision = revision};
    struct trainer *trainer = trainer_create(&options);
    for (size_t i = 0; i < item_count; i++) {
        struct engine_item item = make_item(arena, &items[i]);
        trainer_add_item(trainer, &item);
    }
    for (size_t i = 0; i < event_count; i++)
        trainer_add_event(trainer, events[i].user, events[i].item, 1, FIXTURE_NOW - 3600);
    trainer_build(trainer, NULL, NULL);
    assert_int_equal(trainer_write(trainer, path), 0);
    trainer_destroy(trainer);
}

/* Where no MariaDB listens. */
FIXTURE const struct config *config_of_nothing(void)
{
    static char empty[] = "", nowhere[] = "/nonexistent/palate.sock", user[] = "nobody";
    static const struct config config = {.database_socket = nowhere,
                                         .database_host = empty,
                                         .database_name = user,
                                         .database_user = user,
                                         .database_password = empty,
                                         .limits_state_file = empty,
                                         .database_port = 3306,
                                         .database_connect_timeout = 1,
                                         .database_timeout = 1,
                                         .database_lock_timeout = 1};
    return &config;
}

#endif
