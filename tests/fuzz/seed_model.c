/* Writes a small good model, without the large map from texts to vectors: the corpus of fuzz_model.c begins
 * with it. */
#include "engine/model_format.h"
#include "training/trainer.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

static unsigned char bytes[1 << 20];

/* Cuts the section of the map out of the bytes and makes both checksums right. Returns what is left of the
 * size. */
static size_t cut_map(size_t size)
{
    struct model_header header;
    struct model_section sections[MODEL_SECTION__MAX], map = {0};
    memcpy(&header, bytes, sizeof(header));
    memcpy(sections, bytes + sizeof(header), sizeof(sections));
    for (size_t i = 0; i < MODEL_SECTION__MAX; i++) {
        if (sections[i].kind == MODEL_SECTION_TEXT_MAP)
            map = sections[i];
    }
    memmove(bytes + map.offset, bytes + map.offset + map.bytes, size - map.offset - map.bytes);
    for (size_t i = 0; i < MODEL_SECTION__MAX; i++) {
        if (sections[i].kind == MODEL_SECTION_TEXT_MAP)
            sections[i].bytes = 0;
        else if (sections[i].offset > map.offset)
            sections[i].offset -= map.bytes;
    }
    size -= map.bytes;
    memcpy(bytes + sizeof(header), sections, sizeof(sections));
    header.total_bytes = size;
    header.body_crc32 = (uint32_t)crc32_z(0, bytes + header.header_bytes, size - header.header_bytes);
    header.header_crc32 = 0;
    memcpy(bytes, &header, sizeof(header));
    header.header_crc32 = (uint32_t)crc32_z(0, bytes, header.header_bytes);
    memcpy(bytes, &header, sizeof(header));
    return size;
}

static bool make_small(const char *path)
{
    FILE *file = fopen(path, "r+");
    if (!file)
        return false;
    size_t size = fread(bytes, 1, sizeof(bytes), file);
    size = cut_map(size);
    bool good = !fseek(file, 0, SEEK_SET) && fwrite(bytes, 1, size, file) == size && !fflush(file) &&
                !ftruncate(fileno(file), (off_t)size);
    return !fclose(file) && good;
}

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
    return code || !make_small(argv[1]);
}
