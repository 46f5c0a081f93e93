/* Fuzzes the files that `palate import`, `palate train --items --events` and `palate evaluate` read: CSV and
 * JSON lines, product feeds in XML, plain, gzip and xz.
 *
 * The first byte says what the file is to be (see enum). What must hold: a reason for each record and file
 * that is refused; limits of all that is taken; metadata that is JSON; the same records when the file is
 * packed.
 *
 * Covers: fcgi/cli/import/source.c fcgi/cli/import/line_reader.c fcgi/cli/import/csv.c
 * Covers: fcgi/cli/import/text_encoding.c fcgi/cli/import/table_header.c fcgi/cli/import/json_elements.c
 * Covers: fcgi/cli/import/shop_columns.c fcgi/cli/import/shop_export.c fcgi/cli/import/products.c
 * Covers: fcgi/cli/import/event_files.c
 * Covers: fcgi/cli/import/row_item.c fcgi/cli/import/row_event.c fcgi/cli/import/category_text.c
 * Covers: fcgi/base/moment.c */
#include "fixture.h"

#include "cli/command.h"
#include "cli/import/event_files.h"
#include "cli/import/key_text.h"
#include "cli/import/row.h"

#include <stdarg.h>
#include <zlib.h>

enum {
    OF_EVENTS = 1, /* else of items */
    AS_CSV = 2,    /* else by its first character */
    AS_LINES = 4,
    PACKED = 8,        /* packed, too, and compared */
    FOR_TRAINING = 16, /* read whole, as for a training */
    SUM_SEED = 5381,
};

static bool said;

/* In place of the tool's own: what it says is checked, and not printed. */
void command_say(const char *format, ...)
{
    char text[2000];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    must(length > 0, "a text that says something");
    said = true;
}

/* Of the same file, which is therefore left out as a whole. */
bool command_is_interrupted(void)
{
    return false;
}

struct reading {
    struct arena *arena;
    unsigned how;
    struct ignored_names ignored;
    struct hash_map repetitions;
    uint64_t sum; /* of all that was read */
};

static void add(struct reading *reading, const char *text)
{
    for (; text && *text; text++)
        reading->sum = reading->sum * 33 + (unsigned char)*text;
    reading->sum = reading->sum * 33 + 0xFF;
}

static void check_item(struct arena *arena, const struct admin_item *item)
{
    check_id(item->id);
    must(!id_problem(item->id, LIMIT_ID_CHARACTERS), "an id by the rules");
    must(item->name && *item->name, "a name");
    check_length(item->name, LIMIT_NAME_CHARACTERS);
    check_length(item->description, LIMIT_DESCRIPTION_CHARACTERS);
    must(strlen(item->metadata) <= LIMIT_METADATA_BYTES, "metadata within the limit");
    must(json_object_is_type(json_again(arena, item->metadata), json_type_object),
         "metadata that is an object");
}

static bool take_item(struct reading *reading, struct record *record)
{
    struct admin_item item;
    if (!import_row_item(record, reading->arena, &item, &reading->ignored))
        return false;
    check_item(reading->arena, &item);
    add(reading, item.id);
    add(reading, item.name);
    add(reading, item.description);
    add(reading, item.metadata);
    return true;
}

static bool take_event(struct reading *reading, struct record *record)
{
    static const struct event_types types = {default_event_types, DEFAULT_EVENT_TYPES};
    struct admin_event event;
    if (!import_row_event(record, reading->arena, &types, &reading->repetitions, &event))
        return false;
    check_id(event.user_id);
    check_id(event.item_id);
    must(event.type_id && event.quantity >= 1 && event.quantity <= UINT32_MAX, "a type and a quantity");
    must(event.occurred_at >= 0 && event.occurred_at < INT64_C(253402300800000), "a time");
    add(reading, event.user_id);
    add(reading, event.item_id);
    for (size_t i = 0; i < EVENT_DEDUPLICATION_BYTES; i++)
        reading->sum = reading->sum * 33 + event.deduplication[i];
    return true;
}

static void read_records(struct reading *reading, struct import_source *source)
{
    struct record *record = memory_alloc(1, sizeof(*record));
    enum record_outcome outcome;
    uint64_t line = 0;
    while ((outcome = import_source_next(source, reading->arena, record)) != RECORD_END) {
        bool taken = outcome == RECORD_OK;
        if (taken) {
            must(record->line >= line && record->count <= RECORD_VALUES, "records one behind the other");
            taken = reading->how & OF_EVENTS ? take_event(reading, record) : take_item(reading, record);
            line = record->line;
        }
        must(taken || *record->problem, "a reason for what is refused");
        if (!taken)
            add(reading, outcome == RECORD_BROKEN ? "broken" : record->problem);
        arena_reset(reading->arena);
        if (outcome == RECORD_BROKEN)
            break;
    }
    memory_free(record);
}

/* The sum of all records. */
static uint64_t read_source(const char *bytes, size_t length, unsigned how)
{
    char problem[400] = "";
    struct reading reading = {.arena = arena_create(), .how = how, .sum = SUM_SEED};
    const struct import_source_options options = {.kind = how & OF_EVENTS ? IMPORT_EVENTS : IMPORT_ITEMS,
                                                  .format = how & AS_CSV     ? IMPORT_CSV
                                                            : how & AS_LINES ? IMPORT_JSON_LINES
                                                                             : IMPORT_FORMAT_UNKNOWN};
    int fd;
    struct arena *paths = arena_create();
    const char *path = file_of(paths, bytes, length, &fd);
    struct import_source *source = import_source_open(path, &options, problem, sizeof(problem));
    must(!source == (*problem != '\0'), "a sentence exactly when it cannot be opened");
    if (source)
        read_records(&reading, source);
    import_source_close(source);
    hash_map_clear(&reading.repetitions);
    close(fd);
    arena_destroy(paths);
    arena_destroy(reading.arena);
    return reading.sum;
}

static size_t pack(struct arena *arena, const struct input *input, char **packed)
{
    z_stream stream = {0};
    must(deflateInit2(&stream, 1, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK, "gzip");
    size_t room = deflateBound(&stream, input->length);
    *packed = arena_alloc(arena, room, 1);
    stream.next_in = (unsigned char *)(uintptr_t)input->bytes;
    stream.avail_in = (uInt)input->length;
    stream.next_out = (unsigned char *)*packed;
    stream.avail_out = (uInt)room;
    must(deflate(&stream, Z_FINISH) == Z_STREAM_END, "packed");
    size_t length = stream.total_out;
    deflateEnd(&stream);
    return length;
}

static bool is_packed(const struct input *input)
{
    return input->length >= 2 && (!memcmp(input->bytes, "\x1f\x8b", 2) || !memcmp(input->bytes,
                                                                                  "\xfd"
                                                                                  "7",
                                                                                  2));
}

static void each_item(void *context, const struct engine_item *item)
{
    ++*(size_t *)context;
    check_id(item->id);
    check_length(item->description, LIMIT_DESCRIPTION_CHARACTERS);
}

static void each_event(void *context, const struct file_event *event)
{
    ++*(size_t *)context;
    must(!id_problem(event->user_id, LIMIT_ID_CHARACTERS) && !id_problem(event->item_id, LIMIT_ID_CHARACTERS),
         "ids");
    must(event->weight >= -100 && event->weight <= 100, "a weight");
}

static void read_for_training(struct arena *arena, const struct input *input, unsigned how)
{
    int fd;
    size_t count = 0;
    const char *path = file_of(arena, input->bytes, input->length, &fd);
    said = false;
    bool read = how & OF_EVENTS ? event_file_read(path, "reading", each_event, &count)
                                : item_file_read(path, 1700000000, each_item, &count);
    must(read ? count > 0 : said, "something read, or said why not");
    close(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input input = {.bytes = (const char *)data, .length = size};
    struct arena *arena = arena_create();
    unsigned how = input_byte(&input);
    if (how & FOR_TRAINING) {
        read_for_training(arena, &input, how);
    } else {
        uint64_t sum = read_source(input.bytes, input.length, how);
        char *packed;
        if (how & PACKED && !is_packed(&input)) {
            size_t length = pack(arena, &input, &packed);
            must(read_source(packed, length, how) == sum, "the same records when it is packed");
        }
    }
    arena_destroy(arena);
    return 0;
}
