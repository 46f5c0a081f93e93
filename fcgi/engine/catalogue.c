/* The model and the changes since, as one list of items; see catalogue.h.
 *
 * The problem: a change of an item must show in the next answer, but a model is a read-only file that was
 * trained minutes or days ago. The idea is an overlay, as a log-structured store has it (O'Neil et al., "The
 * Log-Structured Merge-Tree", 1996), with three levels: the model; above it a delta file, which holds what had
 * changed when it was written, for all workers of the machine (delta.c); above that, on this process's heap,
 * what changed since. Each training is a merge of all, each writing of a delta one of the upper two. An item
 * of the model keeps its index when its content changes, so everything learned about it stays valid; a new
 * item gets the next index, and keeps it when the heap becomes a delta.
 *
 * What differs from the levels below is in entries, one for each touched item. Ranking looks at the same items
 * again and again and mostly at untouched ones, so a bitmap over the items below answers "as it was" with one
 * bit; only touched items go on to a map by index (base/hash.h). Items added on the heap have a plain array.
 * Each content is one heap block (struct, fields, texts), so that replacing it is one free.
 *
 * Cost: a look-up is a bit test a level; applying an item copies it and computes its two vectors. Memory: the
 * texts of the items changed since the delta, about 600 bytes of vectors and struct for each, and two floats
 * for each item of the model as working memory (catalogue_room()), which catalogues may share. Nothing is ever
 * un-applied: a new model or delta begins with an empty heap. */
#include "engine/catalogue.h"

#include "base/memory.h"
#include "engine/catalogue_internal.h"
#include "engine/item_vector.h"
#include "engine/live_words.h"

#include <math.h>
#include <string.h>

struct catalogue_rooms {
    struct room {
        float *floats;
        size_t count; /* of floats that it has memory for */
    } rooms[CATALOGUE_ROOM__MAX];
};

/* A delta that was made on another model has other indices. */
static bool fits_model(const struct delta *delta, const struct model *model)
{
    return delta->header.model_identity == (model ? model_identity(model) : 0) &&
           delta->header.model_items == (model ? model_item_count(model) : 0);
}

struct catalogue *catalogue_create(const struct model *model, const struct delta *delta)
{
    struct catalogue *catalogue = memory_alloc(1, sizeof(*catalogue));
    catalogue->model = model;
    catalogue->model_count = catalogue->below_count = model ? model_item_count(model) : 0;
    catalogue->words = live_words_create();
    catalogue->rooms = catalogue_rooms_create();
    catalogue->owns_rooms = true;
    if (delta && fits_model(delta, model)) {
        catalogue->delta = delta;
        catalogue->below_count += delta->header.added_count;
        catalogue->change_count = delta->header.change_count;
        catalogue->has_own_popularity = delta->header.has_popularity;
    }
    return catalogue;
}

static uint32_t count_added(const struct catalogue *catalogue)
{
    return catalogue->added_ids ? intern_count(catalogue->added_ids) : 0;
}

static void free_entry(struct entry *entry)
{
    if (entry)
        memory_free(entry->content);
    memory_free(entry);
}

static void release_rooms(struct catalogue *catalogue)
{
    if (catalogue->owns_rooms)
        catalogue_rooms_destroy(catalogue->rooms);
}

void catalogue_destroy(struct catalogue *catalogue)
{
    uint64_t address;
    if (!catalogue)
        return;
    for (uint32_t i = 0; i < count_added(catalogue); i++)
        free_entry(catalogue->added[i]);
    for (size_t cursor = 0; hash_map_next(&catalogue->overrides, &cursor, &address);)
        free_entry((struct entry *)(uintptr_t)address);
    intern_destroy(catalogue->added_ids);
    memory_free(catalogue->added);
    live_words_destroy(catalogue->words);
    memory_free(catalogue->touched);
    memory_free(catalogue->changed);
    hash_map_clear(&catalogue->overrides);
    release_rooms(catalogue);
    memory_free(catalogue);
}

/* ---- Applying */

/* The entry of an item of the levels below, made when there is none. */
static struct entry *override_entry(struct catalogue *catalogue, uint32_t index)
{
    struct entry *entry = catalogue_entry(catalogue, index);
    if (entry)
        return entry;
    if (!catalogue->touched) {
        catalogue->touched = memory_alloc(catalogue->below_count / 64 + 1, sizeof(*catalogue->touched));
        catalogue->changed = memory_alloc(catalogue->below_count / 64 + 1, sizeof(*catalogue->changed));
    }
    entry = memory_alloc(1, sizeof(*entry));
    entry->index = index;
    hash_map_set(&catalogue->overrides, index, (uintptr_t)entry);
    catalogue->touched[index / 64] |= UINT64_C(1) << index % 64;
    return entry;
}

static struct entry *entry_to_change(struct catalogue *catalogue, uint32_t index)
{
    return index < catalogue->below_count ? override_entry(catalogue, index)
                                          : catalogue->added[index - catalogue->below_count];
}

static struct entry *add_entry(struct catalogue *catalogue, const char *id)
{
    if (!catalogue->added_ids)
        catalogue->added_ids = intern_create();
    uint32_t number = intern_add(catalogue->added_ids, id);
    if (number >= UINT32_MAX - 1 - catalogue->below_count)
        memory_exhausted();
    if (number == catalogue->added_capacity) {
        catalogue->added_capacity = catalogue->added_capacity * 2 + 32;
        catalogue->added = memory_resize(catalogue->added, catalogue->added_capacity, sizeof(struct entry *));
    }
    struct entry *entry = memory_alloc(1, sizeof(*entry));
    entry->index = catalogue->below_count + number;
    catalogue->added[number] = entry;
    return entry;
}

static const char *text_or_empty(const char *text)
{
    return text ? text : "";
}

static size_t item_text_bytes(const struct engine_item *item)
{
    size_t bytes = strlen(item->id) + strlen(text_or_empty(item->name)) +
                   strlen(text_or_empty(item->description)) + strlen(text_or_empty(item->metadata)) + 4;
    for (size_t i = 0; i < item->field_count; i++)
        bytes += strlen(item->fields[i].path) + strlen(item->fields[i].text) + 2;
    return bytes;
}

/* Copies text to *place and moves *place behind it. */
static const char *store_text(char **place, const char *text)
{
    size_t size = strlen(text) + 1;
    const char *copy = memcpy(*place, text, size);
    *place += size;
    return copy;
}

static struct content *copy_content(const struct engine_item *item)
{
    size_t fields, bytes;
    if (__builtin_mul_overflow(item->field_count, sizeof(struct engine_field), &fields) ||
        __builtin_add_overflow(fields, sizeof(struct content) + item_text_bytes(item), &bytes))
        memory_exhausted();
    struct content *content = memory_alloc(1, bytes);
    char *place = (char *)content->fields + fields;
    content->bytes = bytes;
    content->item = *item;
    content->item.id = store_text(&place, item->id);
    content->item.name = store_text(&place, text_or_empty(item->name));
    content->item.description = store_text(&place, text_or_empty(item->description));
    content->item.metadata = store_text(&place, text_or_empty(item->metadata));
    content->item.fields = content->fields;
    for (size_t i = 0; i < item->field_count; i++) {
        content->fields[i].path = store_text(&place, item->fields[i].path);
        content->fields[i].text = store_text(&place, item->fields[i].text);
        content->fields[i].number = item->fields[i].number;
    }
    return content;
}

void catalogue_apply(struct catalogue *catalogue, const struct engine_item *item)
{
    struct content *content = copy_content(item); /* first: item may point into what is replaced */
    item_vector_from_text(catalogue->model, &content->item, content->vector, content->embedding);
    uint32_t index;
    struct entry *entry = catalogue_find(catalogue, content->item.id, strlen(content->item.id), &index)
                              ? entry_to_change(catalogue, index)
                              : add_entry(catalogue, content->item.id);
    if (entry->content) {
        catalogue->content_bytes -= entry->content->bytes;
        live_words_remove(catalogue->words, &entry->content->document);
        memory_free(entry->content);
    } else if (entry->index >= catalogue->below_count ||
               catalogue_level(catalogue, entry->index) == CATALOGUE_MODEL) {
        catalogue->change_count++;
    }
    entry->content = content;
    catalogue->content_bytes += content->bytes;
    if (entry->index < catalogue->below_count)
        catalogue->changed[entry->index / 64] |= UINT64_C(1) << entry->index % 64;
    if (content->item.active) /* what is withdrawn is not found, and does not count for how rare a word is */
        live_words_add(catalogue->words, entry->index, &content->item, &content->document);
}

void catalogue_set_popularity(struct catalogue *catalogue, uint32_t index, float all_time, float recent)
{
    struct entry *entry = entry_to_change(catalogue, index);
    entry->has_popularity = catalogue->has_own_popularity = true;
    entry->all_time = isfinite(all_time) && all_time > 0 ? all_time : 0;
    entry->recent = isfinite(recent) && recent > 0 ? recent : 0;
}

/* ---- All of it */

const struct live_words *catalogue_words(const struct catalogue *catalogue)
{
    return catalogue->words;
}

const struct word_index *catalogue_delta_words(const struct catalogue *catalogue)
{
    return catalogue->delta ? &catalogue->delta->words : NULL;
}

uint32_t catalogue_item_count(const struct catalogue *catalogue)
{
    return catalogue->below_count + count_added(catalogue);
}

uint32_t catalogue_change_count(const struct catalogue *catalogue)
{
    return catalogue->change_count;
}

const struct model *catalogue_model(const struct catalogue *catalogue)
{
    return catalogue->model;
}

bool catalogue_has_own_popularity(const struct catalogue *catalogue)
{
    return catalogue->has_own_popularity;
}

bool catalogue_find(const struct catalogue *catalogue, const char *id, size_t length, uint32_t *index)
{
    uint32_t number;
    if (catalogue->model && model_find_item(catalogue->model, id, length, index))
        return true;
    if (catalogue->delta && delta_find_added(catalogue->delta, id, length, &number)) {
        *index = catalogue->model_count + (number - catalogue->delta->header.override_count);
        return true;
    }
    if (!catalogue->added_ids || !intern_find(catalogue->added_ids, id, length, &number))
        return false;
    *index = catalogue->below_count + number;
    return true;
}

/* Of the 64 items of the model from first on, those whose content is not the model's. */
static uint64_t changed_among(const struct catalogue *catalogue, uint32_t first)
{
    uint32_t count = catalogue->model_count - first < 64 ? catalogue->model_count - first : 64;
    uint64_t items = catalogue->changed ? catalogue->changed[first / 64] : 0;
    if (catalogue->delta)
        items |= catalogue->delta->marks[first / 64].changed;
    return count < 64 ? items & ((UINT64_C(1) << count) - 1) : items;
}

/* The cursor is the first index that has not been looked at. */
bool catalogue_next_changed(const struct catalogue *catalogue, size_t *cursor, uint32_t *index)
{
    if (!catalogue->changed && !catalogue->delta)
        return false;
    while (*cursor < catalogue->model_count) {
        uint32_t at = (uint32_t)*cursor;
        uint64_t items = changed_among(catalogue, at - at % 64) >> at % 64;
        if (items) {
            *index = at + (uint32_t)__builtin_ctzll(items);
            *cursor = (size_t)*index + 1;
            return true;
        }
        *cursor = (size_t)at - at % 64 + 64;
    }
    return false;
}

/* ---- Memory */

struct catalogue_rooms *catalogue_rooms_create(void)
{
    return memory_alloc(1, sizeof(struct catalogue_rooms));
}

void catalogue_rooms_destroy(struct catalogue_rooms *rooms)
{
    for (int i = 0; rooms && i < CATALOGUE_ROOM__MAX; i++)
        memory_free(rooms->rooms[i].floats);
    memory_free(rooms);
}

void catalogue_share_rooms(struct catalogue *catalogue, struct catalogue_rooms *rooms)
{
    release_rooms(catalogue);
    catalogue->rooms = rooms;
    catalogue->owns_rooms = false;
}

float *catalogue_room(const struct catalogue *catalogue, enum catalogue_room which)
{
    struct room *room = &catalogue->rooms->rooms[which];
    if (!room->floats || room->count < catalogue->model_count) {
        memory_free(room->floats);
        room->floats = memory_alloc(catalogue->model_count, sizeof(float));
        room->count = catalogue->model_count;
    }
    return room->floats;
}

static size_t room_bytes(const struct catalogue *catalogue)
{
    size_t bytes = 0;
    for (int i = 0; catalogue->owns_rooms && i < CATALOGUE_ROOM__MAX; i++)
        bytes += catalogue->rooms->rooms[i].count * sizeof(float);
    return bytes;
}

size_t catalogue_bytes(const struct catalogue *catalogue)
{
    size_t entries = catalogue->overrides.count + count_added(catalogue);
    return sizeof(*catalogue) + (catalogue->added_ids ? intern_bytes(catalogue->added_ids) : 0) +
           catalogue->added_capacity * sizeof(struct entry *) + hash_map_bytes(&catalogue->overrides) +
           entries * sizeof(struct entry) +
           (catalogue->touched ? 2 * (catalogue->below_count / 64 * 8 + 8) : 0) + catalogue->content_bytes +
           live_words_bytes(catalogue->words) + room_bytes(catalogue);
}
