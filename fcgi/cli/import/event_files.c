/* Files of events and items, for the commands that work without a database; see event_files.h.
 *
 * The same reader and the same rules as for `palate import`, but other manners: the first bad line ends
 * the reading, because a model or a figure that was made from half of the data misleads without a sign.
 * Types need no tenant: the usual ones have the weights of a new tenant's, any other one and none count as
 * a view.
 *
 * Times may be missing, but then in all events: a file with times in some would order the others at the
 * beginning of 1970. In their place data sets give small whole numbers, an event's place in the order of all or of its
 * user's; these are taken as such, again in all events or none. Events whose time is far ahead, or before 1980, are
 * left out, and it is said how many: their clock was wrong, nothing tells when they were, and one of them would stretch
 * the time that a split divides, so that it tests nobody or everybody.
 *
 * Rows are passed on one by one through a callback and live until it returns, in an arena that is reset
 * behind each of them. So a file of any size is read in the memory of one row, and what is kept is the
 * caller's choice: the trainer keeps numbers, an evaluation keeps an event set. */
#include "cli/import/event_files.h"

#include "base/clock.h"
#include "base/limits.h"
#include "base/memory.h"
#include "base/moment.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/format.h"
#include "cli/import/key_text.h"
#include "cli/import/row.h"
#include "cli/progress.h"
#include "recommender/item_fields.h"
#include "storage/events_write.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { PURCHASE_WEIGHT = 100 };

const struct admin_event_type default_event_types[DEFAULT_EVENT_TYPES] = {
    {1, "view", 10, false},        {2, "click", 10, false},    {3, "like", 50, false},
    {4, "add_to_cart", 30, false}, {5, "purchase", 100, true}, {6, "conversion", 100, true},
    {7, "impression", 1, false},   {8, "search", 0, false},
};

/* Of files, besides: what other programs call these, and what takes a purchase back. */
static const struct {
    const char *name;
    int weight;
} other_types[] = {
    {"buy", 100},
    {"order", 100},
    {"transaction", 100},
    {"cart", 30},
    {"basket", 30},
    {"favorite", 50},
    {"favourite", 50},
    {"wishlist", 50},
    {"add_to_wishlist", 50},
    {"view_item", 10},
    {"select_item", 10},
    {"page_view", 10},
    {"detail_view", 10},
    {"view_content", 10},
    {"product_view", 10},
    {"remove_from_cart", -30},
    {"dislike", -50},
    {"refund", -100},
    {"return", -100},
    {"cancel", -100},
    {"chargeback", -100},
};

/* "Add To-Cart", "AddToCart" and "add_to_cart" are one: letters and digits count, in any case. */
static bool agrees(const char *type, const char *known)
{
    for (;; type++, known++) {
        type += strspn(type, " _-.:");
        known += strspn(known, "_");
        char letter = *type;
        letter = (char)(letter >= 'A' && letter <= 'Z' ? letter - 'A' + 'a' : letter);
        if (letter != *known)
            return false;
        if (!letter)
            return true;
    }
}

/* The name that a type is known by; type NULL: an event without one. NULL: it is not known, and counts as a view. */
static const char *find_type(const char *type, int *weight)
{
    *weight = UNKNOWN_EVENT_WEIGHT;
    if (!type)
        return "";
    for (size_t i = 0; i < DEFAULT_EVENT_TYPES; i++) {
        if (!agrees(type, default_event_types[i].name))
            continue;
        *weight = default_event_types[i].weight;
        return default_event_types[i].name;
    }
    for (size_t i = 0; i < sizeof(other_types) / sizeof(other_types[0]); i++) {
        if (!agrees(type, other_types[i].name))
            continue;
        *weight = other_types[i].weight;
        return other_types[i].name;
    }
    return NULL;
}

/* In files what weighs as much as a purchase is one. */
static enum event_kind find_kind(const char *type, int weight)
{
    return event_kind_of(type, weight, weight == PURCHASE_WEIGHT);
}

enum times { WITHOUT_TIMES, WITH_TIMES, WITH_PLACES };

struct file_reading {
    const char *path;
    struct import_source *source;
    struct record *record;
    struct arena *row;
    struct progress progress;
    uint64_t count;
    enum times times; /* as the first event has them */
    int64_t now;
    struct ignored_names ignored;
    uint64_t left_out; /* events, for their time */
    uint64_t cut;      /* descriptions */
    uint64_t unknown;  /* events of a type that is not known */
    char unknown_type[64];
    union {
        file_event_each *event;
        file_item_each *item;
    } each;
    void *context;
};

/* Takes one record; false after writing record->problem. */
typedef bool take_record(struct file_reading *reading);

static bool broken_off(struct file_reading *reading, enum record_outcome outcome)
{
    progress_clear(&reading->progress);
    if (outcome == RECORD_BROKEN)
        command_say("%s", reading->record->problem);
    else
        command_say("%s:%" PRIu64 ": %s; fix or remove the line", reading->path, reading->record->line,
                    reading->record->problem);
    return false;
}

static bool read_records(struct file_reading *reading, take_record *take)
{
    while (!command_is_interrupted()) {
        enum record_outcome outcome = import_source_next(reading->source, reading->row, reading->record);
        if (command_is_interrupted())
            break; /* what was read last may be the end of a pipe that was broken off */
        if (outcome == RECORD_END) {
            progress_clear(&reading->progress);
            return true;
        }
        if (outcome != RECORD_OK || !take(reading))
            return broken_off(reading, outcome);
        arena_reset(reading->row);
        progress_update(&reading->progress, import_source_position(reading->source),
                        import_source_size(reading->source), ++reading->count);
    }
    progress_clear(&reading->progress);
    command_say("interrupted; nothing was written");
    return false;
}

static bool read_file(struct file_reading *reading, enum import_kind kind, const char *what,
                      take_record *take)
{
    char problem[400];
    const struct import_source_options options = {.kind = kind};
    reading->source = import_source_open(reading->path, &options, problem, sizeof(problem));
    if (!reading->source ||
        !import_source_has_columns(reading->source, reading->path, problem, sizeof(problem))) {
        command_say("%s", problem);
        import_source_close(reading->source);
        return false;
    }
    reading->record = memory_alloc(1, sizeof(*reading->record));
    reading->row = arena_create();
    progress_start(&reading->progress, what, "rows");
    bool done = read_records(reading, take);
    arena_destroy(reading->row);
    memory_free(reading->record);
    import_source_close(reading->source);
    return done;
}

/* The text of a field; NULL when it is absent. False when it is there, but no text. */
static bool find_text(struct record *record, const char *name, const char **text)
{
    *text = NULL;
    for (size_t i = 0; i < record->count; i++) {
        const struct record_value *value = &record->values[i];
        if (strcmp(value->name, name))
            continue;
        if (!value->text || json_object_is_type(value->json, json_type_boolean))
            return record_reject(record, "%s must be text", name);
        *text = value->text;
        break;
    }
    return true;
}

static bool find_id(struct record *record, const char *name, const char **id)
{
    if (!find_text(record, name, id))
        return false;
    if (!*id)
        return record_reject(record, "%s is missing", name);
    const char *problem = id_problem(*id, LIMIT_ID_CHARACTERS);
    return !problem || record_reject(record, "%s must %s", name, problem);
}

/* Said once at the end, with the first of their names. */
static void note_unknown(struct file_reading *reading, const char *type)
{
    if (!reading->unknown++)
        snprintf(reading->unknown_type, sizeof(reading->unknown_type), "%.60s", type);
}

/* Data sets without times number their events; no moment is below EVENT_PLACES, so that the two do not meet. */
static bool read_place(const char *text, int64_t *place)
{
    return text_to_int64(text, place) && *place >= 0 && *place < EVENT_PLACES;
}

/* text NULL: there is none. What the first event has, all must have: half a file with times would put the other half
 * at the beginning of 1970. */
static bool read_time(struct file_reading *reading, const char *text, int64_t *occurred_at)
{
    static const char *const had[] = {
        [WITHOUT_TIMES] = "has none", [WITH_TIMES] = "has it", [WITH_PLACES] = "has a place in an order"};
    int64_t place;
    bool is_place = text && read_place(text, &place);
    if (text && !is_place && !moment_parse(text, occurred_at))
        return record_reject(reading->record, "occurred_at " MOMENT_RULE);
    enum times times = is_place ? WITH_PLACES : text ? WITH_TIMES : WITHOUT_TIMES;
    if (!reading->count)
        reading->times = times;
    if (reading->times != times)
        return record_reject(reading->record, "occurred_at is %s, though the first event %s",
                             is_place ? "a place in an order"
                             : text   ? "given"
                                      : "missing",
                             had[reading->times]);
    if (is_place)
        *occurred_at = place * 1000;
    return true;
}

static bool take_event(struct file_reading *reading)
{
    struct record *record = reading->record;
    struct file_event event = {0};
    const char *type, *time;
    if (!find_id(record, "user_id", &event.user_id) || !find_id(record, "item_id", &event.item_id) ||
        !find_text(record, "type", &type) || !find_text(record, "occurred_at", &time))
        return false;
    if (!read_time(reading, time, &event.occurred_at))
        return false;
    bool is_time = reading->times == WITH_TIMES;
    if (is_time &&
        (event_is_ahead(event.occurred_at, reading->now * 1000) || !moment_is_plausible(event.occurred_at))) {
        reading->left_out++;
        return true;
    }
    int weight;
    const char *known = find_type(type, &weight);
    if (!known)
        note_unknown(reading, type);
    event.weight = weight;
    event.kind = find_kind(known ? known : "", weight);
    reading->each.event(reading->context, &event);
    return true;
}

bool event_file_read(const char *path, const char *what, file_event_each *each, void *context)
{
    struct file_reading reading = {.path = path, .each.event = each, .context = context, .now = clock_unix()};
    if (!read_file(&reading, IMPORT_BARE_EVENTS, what, take_event))
        return false;
    if (reading.left_out)
        command_say("%s events were left out: their time is before 1980, or more than a day ahead of this "
                    "machine's clock",
                    format_count(reading.left_out).text);
    if (reading.unknown)
        command_say("%s events have a type that is not known (\"%s\"); each counts as a view",
                    format_count(reading.unknown).text, reading.unknown_type);
    if (reading.count == reading.left_out)
        command_say("%s holds no event", path);
    return reading.count > reading.left_out;
}

/* No row of a table has to hold it, so a text that is too long is no reason to stop. */
static void cut_description(struct file_reading *reading)
{
    for (size_t i = 0; i < reading->record->count; i++) {
        struct record_value *value = &reading->record->values[i];
        if (strcmp(value->name, "description") || !value->text ||
            text_count_characters(value->text) <= LIMIT_DESCRIPTION_CHARACTERS)
            continue;
        size_t bytes = 0;
        for (int characters = 0; characters < LIMIT_DESCRIPTION_CHARACTERS; characters++) {
            bytes++;
            while ((value->text[bytes] & 0xC0) == 0x80)
                bytes++;
        }
        value->text = arena_copy_bytes(reading->row, value->text, bytes);
        reading->cut++;
    }
}

static bool take_item(struct file_reading *reading)
{
    struct admin_item row;
    cut_description(reading);
    if (!import_row_item(reading->record, reading->row, &row, &reading->ignored))
        return false;
    int64_t created = row.created ? row.created : reading->now;
    struct engine_item item = {.id = row.id,
                               .name = row.name,
                               .description = row.description,
                               .metadata = row.metadata,
                               .created = created,
                               .updated = created,
                               .active = row.active};
    item_fields_parse(reading->row, row.metadata, &item);
    reading->each.item(reading->context, &item);
    return true;
}

bool item_file_read(const char *path, int64_t now, file_item_each *each, void *context)
{
    struct file_reading reading = {.path = path, .now = now, .each.item = each, .context = context};
    if (!read_file(&reading, IMPORT_ITEMS, "reading items", take_item))
        return false;
    if (reading.ignored.count)
        command_say("%s members were ignored because items have no such fields (%s); put them into metadata",
                    format_count(reading.ignored.count).text, reading.ignored.examples);
    if (reading.cut)
        command_say("%s descriptions were cut to %d characters", format_count(reading.cut).text,
                    LIMIT_DESCRIPTION_CHARACTERS);
    if (!reading.count)
        command_say("%s holds no item", path);
    return reading.count > 0;
}
