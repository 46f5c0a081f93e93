/* Writes a small good model, with the byte in front that fuzz_model.c reads: the corpus begins with it. */
#include "engine/trainer.h"

#include <math.h>
#include <stdio.h>

static void add_item(struct trainer *trainer, const char *id, const char *name, const char *category,
                     double price)
{
    char text[32];
    snprintf(text, sizeof(text), "%g", price);
    struct engine_field fields[] = {{"category", category, NAN}, {"price", text, price}};
    trainer_add_item(trainer, &(struct engine_item){.id = id,
                                                    .name = name,
                                                    .description = "a thing",
                                                    .metadata = "{}",
                                                    .created = 1,
                                                    .updated = 2,
                                                    .active = true,
                                                    .fields = fields,
                                                    .field_count = 2});
}

int main(int argc, char **argv)
{
    struct trainer_options options = {.now = 1700000000, .generation = 1, .catalogue_revision = 1};
    struct trainer *trainer = trainer_create(&options);
    static const char *const items[] = {"a", "b", "c", "d"};
    if (argc != 2)
        return 2;
    add_item(trainer, "a", "red mug", "mugs", 5);
    add_item(trainer, "b", "blue mug", "mugs", 6);
    add_item(trainer, "c", "desk lamp", "lamps", 50);
    add_item(trainer, "d", "night light", "lamps", 20);
    for (int user = 0; user < 12; user++) {
        char name[16];
        snprintf(name, sizeof(name), "u%d", user);
        for (int i = 0; i < 4; i++) {
            if ((user + i) % 3)
                trainer_add_event(trainer, name, items[i], 1, 1690000000 + user * 1000 + i);
        }
    }
    trainer_build(trainer, NULL, NULL);
    int code = trainer_write(trainer, argv[1]);
    trainer_destroy(trainer);
    return code;
}
