/* Writes the next delta: all changes of a catalogue, from its own delta and from its heap; see delta.h.
 *
 * The problem: a worker's share of memory is small, and what it writes may be a hundred megabytes. The idea is
 * that of any merge of sorted runs: from beginning to end, each item and each word once, into a file that
 * grows in several places (delta_stream.c). Nothing of it is kept in memory but the table of added ids, four
 * bytes a slot, and the order of the words on the heap (delta_words.c).
 *
 * Texts repeat: categories, brands, the paths of metadata, "true". A table of the last few thousand texts of
 * fields, found by a hash of their length and some of their bytes and compared as a whole, gives a text that
 * was written a while ago its former offset. It forgets, so it takes the same memory whatever is written, and
 * how much it saves depends on the catalogue; that a text has one offset is nothing to rely on.
 *
 * Cost: a copy, 0.1 to 0.2 s for 50,000 items of a kilobyte (docs/engine.md). It does not: sync. A crash of
 * the machine may leave any part of the file, and delta_open() refuses it by its boot. A crash of the process
 * leaves a temporary file, and path as it was. */
#include "engine/delta.h"

#include "base/hash.h"
#include "base/memory.h"
#include "base/write_file.h"
#include "engine/catalogue.h"
#include "engine/delta_internal.h"
#include "engine/delta_words.h"

#include <errno.h>
#include <string.h>
#include <zlib.h>

enum { KNOWN_TEXTS = 4096 /* a power of two */ };

struct known_text {
    const char *text; /* where it is read from: stays until the end; NULL: free */
    size_t size;
    uint64_t offset;
};

struct writer {
    const struct catalogue *catalogue;
    struct delta_header header;
    struct delta_stream stream;
    struct known_text *known;
    uint32_t *id_slots;
    uint64_t id_slot_count;
    uint64_t fields;    /* put so far */
    uint64_t id_offset; /* of the next added item's id among the strings */
};

/* ---- Strings */

static uint64_t put_text(struct writer *writer, const char *text, size_t size)
{
    uint64_t offset = writer->stream.sinks[DELTA_SECTION_STRINGS].bytes;
    if (size == 1)
        return 0; /* the section begins with a zero byte */
    delta_stream_put(&writer->stream, DELTA_SECTION_STRINGS, text, size);
    return offset;
}

static size_t place_of(const char *text, size_t size)
{
    uint64_t first = 0, last = 0;
    size_t bytes = size < sizeof(first) ? size : sizeof(first);
    memcpy(&first, text, bytes);
    memcpy(&last, text + size - bytes, bytes);
    return (size_t)(hash_finish(first ^ hash_finish(last + size)) & (KNOWN_TEXTS - 1));
}

/* Of a text that may come again. */
static uint64_t put_common_text(struct writer *writer, const char *text)
{
    size_t size = strlen(text) + 1;
    struct known_text *known = &writer->known[place_of(text, size)];
    if (!known->text || known->size != size || memcmp(known->text, text, size) != 0)
        *known = (struct known_text){.text = text, .size = size, .offset = put_text(writer, text, size)};
    return known->offset;
}

static uint64_t put_own_text(struct writer *writer, const char *text)
{
    return put_text(writer, text, strlen(text) + 1);
}

/* ---- Items */

/* Has it something that the model has not? */
static bool is_touched(const struct catalogue *catalogue, uint32_t index)
{
    float all_time, recent;
    return catalogue_is_changed(catalogue, index) ||
           (catalogue_has_own_popularity(catalogue) &&
            catalogue_own_popularity(catalogue, index, &all_time, &recent));
}

static void put_fields(struct writer *writer, const struct catalogue_values *values)
{
    for (size_t i = 0; i < values->count; i++) {
        struct engine_field field = catalogue_value(values, i);
        struct delta_field stored = {.path = put_common_text(writer, field.path),
                                     .text = put_common_text(writer, field.text),
                                     .number = field.number,
                                     .path_hash = catalogue_path(field.path).hash};
        delta_stream_put(&writer->stream, DELTA_SECTION_FIELDS, &stored, sizeof(stored));
    }
    writer->fields += values->count;
}

static void put_content(struct writer *writer, uint32_t index, struct delta_item *stored)
{
    struct engine_item item;
    struct catalogue_values values = catalogue_values(writer->catalogue, index);
    catalogue_get(writer->catalogue, index, &item);
    if (index >= writer->header.model_items) {
        stored->id = writer->id_offset;
        writer->id_offset += strlen(item.id) + 1;
    }
    stored->name = put_own_text(writer, item.name);
    stored->description = put_own_text(writer, item.description);
    stored->metadata = put_own_text(writer, item.metadata);
    stored->created = item.created;
    stored->updated = item.updated;
    stored->flags = item.active ? DELTA_ITEM_ACTIVE : 0;
    stored->field_first = writer->fields;
    stored->field_count = (uint32_t)values.count;
    put_fields(writer, &values);
}

/* Vectors are those of the model where there is no content, and then never read. */
static void put_item(struct writer *writer, uint32_t index)
{
    const size_t vector_bytes = ENGINE_VECTOR_SIZE * sizeof(float);
    struct delta_item stored = {0};
    if (catalogue_is_changed(writer->catalogue, index))
        put_content(writer, index, &stored);
    if (catalogue_own_popularity(writer->catalogue, index, &stored.all_time, &stored.recent))
        stored.flags |= DELTA_ITEM_POPULARITY;
    delta_stream_put(&writer->stream, DELTA_SECTION_ITEMS, &stored, sizeof(stored));
    delta_stream_put(&writer->stream, DELTA_SECTION_VECTORS, catalogue_vector(writer->catalogue, index),
                     vector_bytes);
    delta_stream_put(&writer->stream, DELTA_SECTION_EMBEDDINGS, catalogue_embedding(writer->catalogue, index),
                     vector_bytes);
}

/* Items of the model that are touched, and 64 by 64 which they are. */
static void put_overrides(struct writer *writer)
{
    uint32_t model_items = writer->header.model_items, count = 0;
    for (uint64_t first = 0; first <= model_items; first += 64) {
        struct delta_marks marks = {.before = count};
        for (uint32_t i = 0; i < 64 && first + i < model_items; i++) {
            uint32_t index = (uint32_t)first + i;
            if (!is_touched(writer->catalogue, index))
                continue;
            marks.present |= UINT64_C(1) << i;
            if (catalogue_is_changed(writer->catalogue, index))
                marks.changed |= UINT64_C(1) << i;
            put_item(writer, index);
            count++;
        }
        delta_stream_put(&writer->stream, DELTA_SECTION_MARKS, &marks, sizeof(marks));
    }
}

/* Side by side and before all other texts: equal items of a list are put in order by their ids. */
static void put_added_ids(struct writer *writer)
{
    writer->id_offset = writer->stream.sinks[DELTA_SECTION_STRINGS].bytes;
    for (uint32_t i = 0; i < writer->header.added_count; i++) {
        const char *id = catalogue_id(writer->catalogue, writer->header.model_items + i);
        delta_stream_put(&writer->stream, DELTA_SECTION_STRINGS, id, strlen(id) + 1);
    }
}

static void put_added(struct writer *writer)
{
    uint64_t mask = writer->id_slot_count - 1;
    for (uint32_t i = 0; i < writer->header.added_count; i++) {
        uint32_t index = writer->header.model_items + i;
        const char *id = catalogue_id(writer->catalogue, index);
        uint64_t slot = delta_hash_id(writer->header.id_key, id, strlen(id)) & mask;
        while (writer->id_slots[slot])
            slot = (slot + 1) & mask;
        writer->id_slots[slot] = i + 1;
        put_item(writer, index);
    }
    delta_stream_put(&writer->stream, DELTA_SECTION_ID_SLOTS, writer->id_slots,
                     writer->id_slot_count * sizeof(*writer->id_slots));
}

/* ---- The file */

/* Counts what there is, and so how long each section can become. */
static void plan(struct writer *writer, uint64_t rooms[DELTA_SECTION__MAX])
{
    const struct catalogue *catalogue = writer->catalogue;
    uint32_t model_items = writer->header.model_items;
    uint64_t fields = 0, words = delta_words_count_most(catalogue);
    for (uint32_t index = 0; index < catalogue_item_count(catalogue); index++) {
        if (!is_touched(catalogue, index))
            continue;
        fields += catalogue_values(catalogue, index).count;
        writer->header.change_count += catalogue_is_changed(catalogue, index);
        writer->header.override_count += index < model_items;
        writer->header.added_count += index >= model_items;
    }
    uint64_t items = (uint64_t)writer->header.override_count + writer->header.added_count;
    if (writer->header.added_count)
        for (writer->id_slot_count = 2; writer->id_slot_count < 2 * (uint64_t)writer->header.added_count;)
            writer->id_slot_count *= 2;
    rooms[DELTA_SECTION_ITEMS] = items * sizeof(struct delta_item);
    rooms[DELTA_SECTION_MARKS] = ((uint64_t)model_items / 64 + 1) * sizeof(struct delta_marks);
    rooms[DELTA_SECTION_ID_SLOTS] = writer->id_slot_count * sizeof(uint32_t);
    rooms[DELTA_SECTION_FIELDS] = fields * sizeof(struct delta_field);
    rooms[DELTA_SECTION_VECTORS] = rooms[DELTA_SECTION_EMBEDDINGS] =
        items * ENGINE_VECTOR_SIZE * sizeof(float);
    rooms[DELTA_SECTION_WORD_TEXTS] = words * sizeof(uint64_t);
    rooms[DELTA_SECTION_WORD_MASKS] = words * sizeof(uint32_t);
    rooms[DELTA_SECTION_WORD_STARTS] = (words + 1) * sizeof(uint64_t);
    rooms[DELTA_SECTION_WORD_WEIGHTS] = delta_words_postings_most(catalogue);
    rooms[DELTA_SECTION_WORD_ITEMS] = rooms[DELTA_SECTION_WORD_WEIGHTS] * sizeof(uint32_t);
}

/* The header comes last, so that a file whose writing ended early is none. */
static int write_header(struct writer *writer)
{
    struct delta_header *header = &writer->header;
    const struct delta_section *strings = &header->sections[DELTA_SECTION_STRINGS];
    header->total_bytes = strings->offset + strings->bytes;
    header->checksum = 0;
    header->checksum = crc32_z(0, (const unsigned char *)header, sizeof(*header));
    return delta_stream_write_at_start(&writer->stream, header, sizeof(*header));
}

static int write_contents(struct writer *writer, int descriptor)
{
    uint64_t rooms[DELTA_SECTION__MAX] = {0};
    plan(writer, rooms);
    writer->id_slots = memory_alloc(writer->id_slot_count, sizeof(*writer->id_slots));
    writer->known = memory_alloc(KNOWN_TEXTS, sizeof(*writer->known));
    delta_stream_begin(&writer->stream, descriptor, rooms);
    delta_stream_put(&writer->stream, DELTA_SECTION_STRINGS, "", 1);
    put_added_ids(writer);
    put_overrides(writer);
    put_added(writer);
    delta_words_write(writer->catalogue, &writer->stream);
    memory_free(writer->id_slots);
    memory_free(writer->known);
    int error = delta_stream_end(&writer->stream, writer->header.sections);
    return error ? error : write_header(writer);
}

static struct delta_header make_header(const struct catalogue *catalogue, const struct delta_origin *origin,
                                       const struct delta_state *state)
{
    struct delta_header header = {
        .magic = DELTA_MAGIC,
        .version = DELTA_FORMAT_VERSION,
        .header_bytes = sizeof(header),
        .catalogue_key = origin->catalogue_key,
        .model_identity = origin->model_identity,
        .boot = origin->boot,
        .model_items = origin->model_items,
        .kind = origin->kind,
        .revision = state->revision,
        .popularity_read_at = state->popularity_read_at,
        .is_full = state->is_full,
        .has_popularity = catalogue_has_own_popularity(catalogue),
        .id_key = hash_process_key(),
    };
    return header;
}

/* Is the origin the catalogue's? Otherwise the file would be a wrong one. */
static bool belongs_to(const struct delta_origin *origin, const struct catalogue *catalogue)
{
    const struct model *model = catalogue_model(catalogue);
    return origin->boot && origin->model_items == (model ? model_item_count(model) : 0) &&
           origin->model_identity == (model ? model_identity(model) : 0);
}

bool delta_write(const char *path, const struct catalogue *catalogue, const struct delta_origin *origin,
                 const struct delta_state *state)
{
    struct writer writer = {.catalogue = catalogue, .header = make_header(catalogue, origin, state)};
    struct write_file file;
    int error = belongs_to(origin, catalogue) ? write_file_begin(&file, path) : EINVAL;
    if (!error) {
        error = write_contents(&writer, file.descriptor);
        if (error)
            write_file_abandon(&file);
        else
            error = write_file_commit_unsynced(&file, 0600);
    }
    errno = error;
    return !error;
}
