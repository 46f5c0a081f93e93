/* Writes the trained model as a file; see engine/model_format.h for the bytes and training/trainer.h for the
 * promise.
 *
 * A model file is a header, a table of sections, and the sections, each at a multiple of MODEL_ALIGNMENT so
 * that workers use the mapped bytes as arrays. An image of it is put together first, as pointers to what was
 * trained and to what is made for the file alone (strings, packed rows and columns, words), and with it all
 * offsets are known.
 *
 * The body is written first, and its checksum taken on the way; the header comes last, with the checksum of
 * the body and one of itself, so that a file whose writing ended early has a header of zeros and is refused.
 *
 * No worker may ever see half a model: base/write_file.h puts it in its place as a whole. Workers that have
 * the old file mapped go on with it until their next look. */
#include "base/memory.h"
#include "base/write_file.h"
#include "engine/item_vector.h"
#include "training/build/pack.h"
#include "training/build/words.h"
#include "training/internal.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

enum {
    HEADER_BYTES = sizeof(struct model_header) + MODEL_SECTION__MAX * sizeof(struct model_section),
};

/* ---- what to write */

struct strings {
    char *bytes;
    size_t size;
    size_t capacity;
};

struct image {
    struct model_header header;
    struct model_section sections[MODEL_SECTION__MAX];
    const void *contents[MODEL_SECTION__MAX];
    struct strings strings; /* what follows is made for the file and released with it */
    struct model_item_texts *item_texts;
    struct model_item_times *item_times;
    struct model_column *columns;
    uint64_t *value_texts;
    struct packed_columns values;
    struct packed_rows rows, transitions, likenesses;
    float *vectors;
    struct trained_words words;
    uint64_t *word_texts;
};

/* The offset of a copy of text. All empty ones share offset 0. */
static uint64_t add_string(struct strings *strings, const char *text)
{
    size_t length = strlen(text) + 1, offset = strings->size;
    if (length == 1 && offset)
        return 0;
    if (length > strings->capacity - strings->size) {
        strings->capacity = strings->capacity * 2 + length + 4096;
        strings->bytes = memory_resize(strings->bytes, strings->capacity, 1);
    }
    memcpy(strings->bytes + offset, text, length);
    strings->size += length;
    return offset;
}

static void make_items(struct image *image, const struct trainer *trainer)
{
    uint32_t count = intern_count(trainer->ids);
    image->item_texts = memory_alloc(count, sizeof(*image->item_texts));
    image->item_times = memory_alloc(count, sizeof(*image->item_times));
    image->vectors = memory_alloc(count, ENGINE_VECTOR_SIZE * sizeof(float));
    for (uint32_t rank = 0; rank < count; rank++) {
        uint32_t number = trainer->trained.order[rank];
        const struct trainer_item *item = &trainer->items[number];
        image->item_texts[rank] = (struct model_item_texts){
            .id = add_string(&image->strings, intern_text(trainer->ids, number)),
            .name = add_string(&image->strings, item->name),
            .description = add_string(&image->strings, item->description),
            .metadata = add_string(&image->strings, item->metadata),
        };
        image->item_times[rank] = (struct model_item_times){
            .created = item->created,
            .updated = item->updated,
            .first_event = trainer->trained.first_events[rank],
        };
        memcpy(image->vectors + (size_t)rank * ENGINE_VECTOR_SIZE, item->vector, sizeof(item->vector));
    }
}

static void make_columns(struct image *image, const struct trainer *trainer)
{
    const struct trained *trained = &trainer->trained;
    uint64_t values = trained->column_first_values[trained->column_count];
    uint32_t texts = intern_count(trainer->texts);
    uint64_t *offsets = memory_alloc(texts, sizeof(*offsets));
    packed_columns_create(&image->values, trainer);
    for (uint32_t text = 0; text < texts; text++)
        offsets[text] = add_string(&image->strings, intern_text(trainer->texts, text));
    image->columns = memory_alloc(trained->column_count, sizeof(*image->columns));
    image->value_texts = memory_alloc(values, sizeof(*image->value_texts));
    for (uint64_t value = 0; value < values; value++)
        image->value_texts[value] = offsets[image->values.value_texts[value]];
    for (uint32_t column = 0; column < trained->column_count; column++) {
        uint64_t first = trained->column_first_values[column];
        const char *path = intern_text(trainer->paths, trained->column_paths[column]);
        image->columns[column] = (struct model_column){
            .path = add_string(&image->strings, path),
            .value_first = first,
            .value_count = trained->column_first_values[column + 1] - first,
        };
    }
    memory_free(offsets);
}

static void set_section(struct image *image, enum model_section_kind kind, const void *content,
                        uint64_t count, size_t size)
{
    image->contents[kind] = content;
    image->sections[kind].kind = kind;
    image->sections[kind].bytes = count * size;
}

/* Starts and words are neighbours in enum model_section_kind. */
static void set_rows(struct image *image, enum model_section_kind starts, struct packed_rows *packed,
                     const struct trained_rows *rows, uint32_t items)
{
    packed_rows_create(packed, rows, items);
    set_section(image, starts, packed->starts, (uint64_t)items + 1, sizeof(uint64_t));
    set_section(image, starts + 1, packed->words, packed->starts[items], sizeof(uint32_t));
}

static void set_columns(struct image *image, const struct trained *t, uint64_t items)
{
    uint64_t values = t->column_first_values[t->column_count];
    const struct packed_columns *packed = &image->values;
    set_section(image, MODEL_SECTION_COLUMNS, image->columns, t->column_count, sizeof(*image->columns));
    set_section(image, MODEL_SECTION_COLUMN_TEXTS, image->value_texts, values, sizeof(uint64_t));
    set_section(image, MODEL_SECTION_COLUMN_NUMBERS, packed->value_numbers, values, sizeof(double));
    set_section(image, MODEL_SECTION_COLUMN_STARTS, t->code_starts, t->column_count * (items + 1),
                sizeof(uint64_t));
    set_section(image, MODEL_SECTION_COLUMN_CODES, packed->codes, t->code_count, sizeof(uint32_t));
    set_section(image, MODEL_SECTION_POSTING_STARTS, packed->item_starts, values + 1, sizeof(uint64_t));
    set_section(image, MODEL_SECTION_POSTING_ITEMS, packed->items, packed->item_starts[values],
                sizeof(uint32_t));
}

/* Their texts are strings already, see make_words(). */
static void set_words(struct image *image)
{
    const struct trained_words *words = &image->words;
    uint64_t items = words->starts[words->count];
    set_section(image, MODEL_SECTION_WORD_TEXTS, image->word_texts, words->count, sizeof(uint64_t));
    set_section(image, MODEL_SECTION_WORD_MASKS, words->masks, words->count, sizeof(uint32_t));
    set_section(image, MODEL_SECTION_WORD_STARTS, words->starts, (uint64_t)words->count + 1,
                sizeof(uint64_t));
    set_section(image, MODEL_SECTION_WORD_ITEMS, words->items, items, sizeof(uint32_t));
    set_section(image, MODEL_SECTION_WORD_WEIGHTS, words->weights, items, sizeof(uint8_t));
}

static void set_sections(struct image *image, const struct trainer *trainer)
{
    const struct trained *t = &trainer->trained;
    uint32_t items = intern_count(trainer->ids);
    set_section(image, MODEL_SECTION_STRINGS, image->strings.bytes, image->strings.size, 1);
    set_section(image, MODEL_SECTION_ITEM_TEXTS, image->item_texts, items, sizeof(*image->item_texts));
    set_section(image, MODEL_SECTION_ITEM_TIMES, image->item_times, items, sizeof(*image->item_times));
    set_section(image, MODEL_SECTION_POPULARITY, t->popularity, items, sizeof(float));
    set_section(image, MODEL_SECTION_RECENT, t->recent, items, sizeof(float));
    set_section(image, MODEL_SECTION_EVENTS, t->events, items, sizeof(uint32_t));
    set_columns(image, t, items);
    set_rows(image, MODEL_SECTION_ROW_STARTS, &image->rows, &t->rows, items);
    set_rows(image, MODEL_SECTION_TRANSITION_STARTS, &image->transitions, &t->transitions, items);
    set_rows(image, MODEL_SECTION_CONTENT_STARTS, &image->likenesses, &t->contents, items);
    set_section(image, MODEL_SECTION_TREND, t->trend, items, sizeof(float));
    set_section(image, MODEL_SECTION_SETTINGS, &t->settings, 1, sizeof(t->settings));
    set_section(image, MODEL_SECTION_EVIDENCE, t->evidence, strlen(t->evidence), 1);
    set_section(image, MODEL_SECTION_VECTORS, image->vectors, items, ENGINE_VECTOR_SIZE * sizeof(float));
    set_words(image);
    set_section(image, MODEL_SECTION_ITEM_VECTORS, t->item_vectors, items,
                ENGINE_VECTOR_SIZE * sizeof(float));
    set_section(image, MODEL_SECTION_TEXT_MAP, t->text_map, t->text_map ? 1 : 0, ITEM_VECTOR_MAP_BYTES);
}

static uint64_t align_offset(uint64_t offset)
{
    return (offset + MODEL_ALIGNMENT - 1) / MODEL_ALIGNMENT * MODEL_ALIGNMENT;
}

static void set_header(struct image *image, const struct trainer *trainer)
{
    uint64_t offset = HEADER_BYTES;
    for (int kind = 0; kind < MODEL_SECTION__MAX; kind++) {
        offset = align_offset(offset);
        image->sections[kind].offset = offset;
        offset += image->sections[kind].bytes;
    }
    image->header = (struct model_header){
        .magic = MODEL_MAGIC,
        .version = MODEL_FORMAT_VERSION,
        .byte_order = MODEL_BYTE_ORDER,
        .header_bytes = HEADER_BYTES,
        .section_count = MODEL_SECTION__MAX,
        .total_bytes = offset,
        .generation = trainer->options.generation,
        .catalogue_revision = trainer->options.catalogue_revision,
        .catalogue_key = trainer->options.catalogue_key,
        .trained_at = trainer->options.now,
        .event_count = trainer->event_count,
        .item_count = intern_count(trainer->ids),
        .user_count = trainer->user_count,
        .column_count = trainer->trained.column_count,
        .vector_size = ENGINE_VECTOR_SIZE,
    };
}

static void make_words(struct image *image, const struct trainer *trainer)
{
    trainer_words_build(trainer, &image->words);
    const struct trained_words *words = &image->words;
    image->word_texts = memory_alloc(words->count ? words->count : 1, sizeof(*image->word_texts));
    for (uint32_t place = 0; place < words->count; place++)
        image->word_texts[place] =
            add_string(&image->strings, intern_text(words->texts, words->order[place]));
}

static void make_image(struct image *image, const struct trainer *trainer)
{
    memset(image, 0, sizeof(*image));
    add_string(&image->strings, "");
    make_items(image, trainer);
    make_columns(image, trainer);
    make_words(image, trainer);
    set_sections(image, trainer);
    set_header(image, trainer);
}

static void release_image(struct image *image)
{
    memory_free(image->strings.bytes);
    memory_free(image->item_texts);
    memory_free(image->item_times);
    memory_free(image->columns);
    memory_free(image->value_texts);
    packed_columns_release(&image->values);
    packed_rows_release(&image->rows);
    packed_rows_release(&image->transitions);
    packed_rows_release(&image->likenesses);
    memory_free(image->vectors);
    memory_free(image->word_texts);
    trainer_words_free(&image->words);
}

/* ---- writing it */

static uint32_t add_to_checksum(uint32_t checksum, const void *bytes, uint64_t size)
{
    return size ? (uint32_t)crc32_z(checksum, bytes, (size_t)size) : checksum;
}

/* Writes all that follows the header, and sets its checksum. */
static bool write_body(int descriptor, struct image *image)
{
    static const unsigned char zeros[MODEL_ALIGNMENT];
    uint64_t offset = HEADER_BYTES;
    uint32_t checksum = 0;
    if (lseek(descriptor, HEADER_BYTES, SEEK_SET) < 0)
        return false;
    for (int kind = 0; kind < MODEL_SECTION__MAX; kind++) {
        const struct model_section *section = &image->sections[kind];
        checksum = add_to_checksum(checksum, zeros, section->offset - offset);
        checksum = add_to_checksum(checksum, image->contents[kind], section->bytes);
        if (!write_fully(descriptor, zeros, section->offset - offset) ||
            (section->bytes && !write_fully(descriptor, image->contents[kind], section->bytes)))
            return false;
        offset = section->offset + section->bytes;
    }
    image->header.body_crc32 = checksum;
    return true;
}

static bool write_header(int descriptor, struct image *image)
{
    unsigned char bytes[HEADER_BYTES];
    memcpy(bytes, &image->header, sizeof(image->header));
    memcpy(bytes + sizeof(image->header), image->sections, sizeof(image->sections));
    image->header.header_crc32 = (uint32_t)crc32_z(0, bytes, sizeof(bytes));
    memcpy(bytes, &image->header, sizeof(image->header));
    return lseek(descriptor, 0, SEEK_SET) == 0 && write_fully(descriptor, bytes, sizeof(bytes));
}

int trainer_write(struct trainer *trainer, const char *path)
{
    struct image image;
    struct write_file file;
    if (!trainer->trained.rows.starts)
        return EINVAL; /* not built */
    int error = write_file_begin(&file, path);
    if (error)
        return error;
    make_image(&image, trainer);
    if (write_body(file.descriptor, &image) && write_header(file.descriptor, &image)) {
        error = write_file_commit(&file, 0644);
    } else {
        error = errno;
        write_file_abandon(&file);
    }
    if (!error)
        trainer->bytes_written = image.header.total_bytes;
    release_image(&image);
    return error;
}
