/* The inputs of a training in the journal; see state.h.
 *
 * Slices of one training may be hours apart, and the shop goes on selling in between. If each slice read the
 * database, no two would compute the same, and stored pieces would not fit. So the first slice stores what it
 * read, and the others read that: items with their texts and fields, and the events grouped by user.
 *
 * Users are numbers there; their names are not needed any more and are not written.
 *
 * The head has a version and a key, a number into which the caller puts everything that the state depends on
 * (the program, the files or the tenant, the seed). Another key, or a state older than the caller accepts,
 * counts as no state. Loading goes through trainer_add_item(), so that interned ids and vectors come out as
 * in the first slice.
 *
 * Lengths in the file are checked although the record has a checksum: a bound costs nothing. */
#include "training/slices/state.h"

#include "base/hash.h"
#include "base/memory.h"
#include "training/internal.h"

#include <string.h>

enum { STATE_VERSION = 2, TEXT_BYTES_MAX = 1 << 24 };

struct state_head {
    uint64_t version, key;
    uint64_t generation, catalogue_revision, catalogue_key, seed;
    int64_t now;
    uint64_t items, events, users, ignored_events, robots, robot_events;
};

static uint64_t tag_of(const char *name)
{
    return hash_bytes(HASH_START, name, strlen(name));
}

/* ---- saving */

static void save_text(struct trainer_journal *journal, const char *text)
{
    uint32_t length = (uint32_t)strlen(text);
    journal_write(journal, &length, sizeof(length));
    journal_write(journal, text, length);
}

static void save_item(struct trainer_journal *journal, const struct trainer *trainer, uint32_t number)
{
    const struct trainer_item *item = &trainer->items[number];
    const int64_t numbers[3] = {item->created, item->updated, (int64_t)item->field_count};
    journal_write(journal, numbers, sizeof(numbers));
    save_text(journal, intern_text(trainer->ids, number));
    save_text(journal, item->name);
    save_text(journal, item->description);
    save_text(journal, item->metadata);
    for (size_t i = item->field_first; i < item->field_first + item->field_count; i++) {
        const struct trainer_field *field = &trainer->fields[i];
        journal_write(journal, &field->number, sizeof(field->number));
        save_text(journal, intern_text(trainer->paths, field->path));
        save_text(journal, intern_text(trainer->texts, field->text));
    }
}

bool trainer_save(struct trainer *trainer, struct trainer_journal *journal, uint64_t key)
{
    trainer_group_events(trainer);
    const struct trainer_options *options = &trainer->options;
    struct state_head head = {
        .version = STATE_VERSION,
        .key = key,
        .generation = options->generation,
        .catalogue_revision = options->catalogue_revision,
        .catalogue_key = options->catalogue_key,
        .seed = options->seed,
        .now = options->now,
        .items = intern_count(trainer->ids),
        .events = trainer->event_count,
        .users = trainer->user_count,
        .ignored_events = trainer->ignored_events,
        .robots = trainer->robots,
        .robot_events = trainer->robot_events,
    };
    journal_go_back(journal, 0);
    journal_begin(journal, tag_of("inputs"));
    journal_write(journal, &head, sizeof(head));
    for (uint32_t number = 0; number < head.items; number++)
        save_item(journal, trainer, number);
    journal_write(journal, trainer->event_starts, (trainer->user_count + (size_t)1) * sizeof(size_t));
    journal_write(journal, trainer->events, trainer->event_count * sizeof(*trainer->events));
    journal_end(journal);
    return !journal_error(journal);
}

/* ---- loading */

static const char *load_text(struct trainer_journal *journal, struct arena *arena)
{
    uint32_t length;
    journal_read(journal, &length, sizeof(length));
    if (length > TEXT_BYTES_MAX)
        return "";
    char *text = arena_alloc(arena, (size_t)length + 1, 1);
    journal_read(journal, text, length);
    return text;
}

static void load_item(struct trainer_journal *journal, struct arena *arena, struct trainer *trainer)
{
    int64_t numbers[3];
    journal_read(journal, numbers, sizeof(numbers));
    struct engine_item item = {.created = numbers[0], .updated = numbers[1], .active = true};
    item.id = load_text(journal, arena);
    item.name = load_text(journal, arena);
    item.description = load_text(journal, arena);
    item.metadata = load_text(journal, arena);
    item.field_count = (size_t)numbers[2] < TEXT_BYTES_MAX ? (size_t)numbers[2] : 0;
    struct engine_field *fields = arena_alloc(arena, item.field_count, sizeof(*fields));
    for (size_t i = 0; i < item.field_count; i++) {
        journal_read(journal, &fields[i].number, sizeof(fields[i].number));
        fields[i].path = load_text(journal, arena);
        fields[i].text = load_text(journal, arena);
    }
    item.fields = fields;
    trainer_add_item(trainer, &item);
    arena_reset(arena);
}

static void load_inputs(struct trainer_journal *journal, const struct state_head *head,
                        struct trainer *trainer)
{
    struct arena *arena = arena_create();
    for (uint64_t i = 0; i < head->items && !journal_error(journal); i++)
        load_item(journal, arena, trainer);
    arena_destroy(arena);
    trainer->user_count = (uint32_t)head->users;
    trainer->event_count = head->events;
    trainer->ignored_events = head->ignored_events;
    trainer->robots = head->robots;
    trainer->robot_events = head->robot_events;
    trainer->event_starts = memory_alloc(head->users + 2, sizeof(*trainer->event_starts));
    trainer->events = memory_alloc(head->events, sizeof(*trainer->events));
    journal_read(journal, trainer->event_starts, (head->users + 1) * sizeof(*trainer->event_starts));
    journal_read(journal, trainer->events, head->events * sizeof(*trainer->events));
    intern_destroy(trainer->users);
    trainer->users = NULL;
}

struct trainer *trainer_load(struct trainer_journal *journal, uint64_t key, int64_t oldest,
                             const struct trainer_options *options)
{
    struct state_head head = {.version = 0};
    uint64_t size;
    journal_go_back(journal, 0);
    if (journal_enter(journal, tag_of("inputs"), &size) && size >= sizeof(head))
        journal_read(journal, &head, sizeof(head));
    if (head.version != STATE_VERSION || head.key != key || head.now < oldest) {
        journal_go_back(journal, 0);
        return NULL;
    }
    struct trainer_options kept = *options;
    kept.now = head.now;
    kept.generation = head.generation;
    kept.catalogue_revision = head.catalogue_revision;
    kept.catalogue_key = head.catalogue_key;
    kept.seed = head.seed;
    struct trainer *trainer = trainer_create(&kept);
    load_inputs(journal, &head, trainer);
    if (!journal_error(journal))
        return trainer;
    trainer_destroy(trainer);
    journal_go_back(journal, 0);
    return NULL;
}

void trainer_slice(struct trainer *trainer, struct trainer_journal *journal, trainer_clock *clock,
                   int64_t deadline_us)
{
    trainer->steps.journal = journal;
    trainer->steps.clock = clock;
    trainer->steps.deadline_us = deadline_us;
}
