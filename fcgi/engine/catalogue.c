/* The model and the changes since, as one list of items; see catalogue.h.
 *
 * The problem: a change of an item must show in the next answer, but a model is a read-only file that was
 * trained minutes or days ago. The idea is an overlay, as a log-structured store has it (O'Neil et al., "The
 * Log-Structured Merge-Tree", 1996) with one level: the model below, what changed since above, and each
 * training is the merge. An item of the model keeps its index when its content changes, so everything learned
 * about it stays valid; a new item gets the next index.
 *
 * What differs from the model is in entries, one for each touched item. Ranking looks at the same items again
 * and again and mostly at untouched ones, so a bitmap over the model answers "as in the model" with one bit;
 * only touched items go on to a map by index (base/hash.h). Added items have a plain
 * array. Each content is one heap block (struct, fields, texts), so that replacing it is one free.
 *
 * Cost: a look-up is a bit test; applying an item copies it and computes its two vectors. Memory: the texts
 * of changed items, about 600 bytes of vectors and struct for each, and two floats for each item of the model
 * as working memory (catalogue_room()). Nothing is ever un-applied: a new model begins with an empty overlay.
 */
#include "engine/catalogue.h"

#include "base/hash.h"
#include "base/memory.h"
#include "engine/intern.h"
#include "engine/item_vector.h"
#include "engine/live_words.h"
#include "engine/text_vector.h"

#include <math.h>
#include <string.h>

/* One heap block: the struct, then fields, then all texts. */
struct content {
    struct engine_item item;
    size_t bytes;
    uint32_t document;                   /* of its words in live_words; 0: inactive, it has none there */
    float vector[ENGINE_VECTOR_SIZE];    /* of its text */
    float embedding[ENGINE_VECTOR_SIZE]; /* where its text lies among the learned vectors */
    struct engine_field fields[];
};

struct entry {
    uint32_t index;
    bool has_popularity; /* all_time and recent override the model's */
    float all_time;
    float recent;
    struct content *content; /* NULL: as in the model */
};

struct catalogue {
    const struct model *model;
    uint32_t model_count;
    uint32_t change_count;
    struct intern *added_ids; /* number n is item model_count + n */
    struct entry **added;     /* by that number */
    size_t added_capacity;
    uint64_t *touched;         /* bitmap over the items of the model: has an entry */
    uint64_t *changed;         /* the same: its entry has content; a search looks at it for each posting */
    struct hash_map overrides; /* their entries' addresses by index */
    size_t content_bytes;
    struct live_words *words;      /* of the contents of active items */
    bool has_own_popularity;       /* of any item */
    struct catalogue_rooms *rooms; /* change though the catalogue does not */
    bool owns_rooms;
};

struct catalogue_rooms {
    struct room {
        float *floats;
        size_t count; /* of floats that it has memory for */
    } rooms[CATALOGUE_ROOM__MAX];
};

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

struct catalogue *catalogue_create(const struct model *model, const struct delta *delta)
{
    (void)delta;
    struct catalogue *catalogue = memory_alloc(1, sizeof(*catalogue));
    catalogue->model = model;
    catalogue->model_count = model ? model_item_count(model) : 0;
    catalogue->added_ids = intern_create();
    catalogue->words = live_words_create();
    catalogue->rooms = catalogue_rooms_create();
    catalogue->owns_rooms = true;
    return catalogue;
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
    for (uint32_t i = 0; i < intern_count(catalogue->added_ids); i++)
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

void catalogue_share_rooms(struct catalogue *catalogue, struct catalogue_rooms *rooms)
{
    release_rooms(catalogue);
    catalogue->rooms = rooms;
    catalogue->owns_rooms = false;
}

/* NULL when the item is as in the model. */
static struct entry *find_entry(const struct catalogue *catalogue, uint32_t index)
{
    if (index >= catalogue->model_count)
        return catalogue->added[index - catalogue->model_count];
    if (!catalogue->touched || !(catalogue->touched[index / 64] >> index % 64 & 1))
        return NULL;
    return (struct entry *)(uintptr_t)hash_map_get(&catalogue->overrides, index);
}

static const struct content *find_content(const struct catalogue *catalogue, uint32_t index)
{
    const struct entry *entry = find_entry(catalogue, index);
    return entry ? entry->content : NULL;
}

/* The entry of an item of the model, made when there is none. */
static struct entry *override_entry(struct catalogue *catalogue, uint32_t index)
{
    struct entry *entry = find_entry(catalogue, index);
    if (entry)
        return entry;
    if (!catalogue->touched) {
        catalogue->touched = memory_alloc(catalogue->model_count / 64 + 1, sizeof(*catalogue->touched));
        catalogue->changed = memory_alloc(catalogue->model_count / 64 + 1, sizeof(*catalogue->changed));
    }
    entry = memory_alloc(1, sizeof(*entry));
    entry->index = index;
    hash_map_set(&catalogue->overrides, index, (uintptr_t)entry);
    catalogue->touched[index / 64] |= UINT64_C(1) << index % 64;
    return entry;
}

static struct entry *entry_to_change(struct catalogue *catalogue, uint32_t index)
{
    return index < catalogue->model_count ? override_entry(catalogue, index)
                                          : catalogue->added[index - catalogue->model_count];
}

static struct entry *add_entry(struct catalogue *catalogue, const char *id)
{
    uint32_t number = intern_add(catalogue->added_ids, id);
    if (number >= UINT32_MAX - 1 - catalogue->model_count)
        memory_exhausted();
    if (number == catalogue->added_capacity) {
        catalogue->added_capacity = catalogue->added_capacity * 2 + 32;
        catalogue->added = memory_resize(catalogue->added, catalogue->added_capacity, sizeof(struct entry *));
    }
    struct entry *entry = memory_alloc(1, sizeof(*entry));
    entry->index = catalogue->model_count + number;
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
    text_vector_compute(&content->item, content->vector);
    return content;
}

void catalogue_apply(struct catalogue *catalogue, const struct engine_item *item)
{
    struct content *content = copy_content(item); /* first: item may point into what is replaced */
    item_vector_from_text(catalogue->model, &content->item, content->embedding);
    uint32_t index;
    struct entry *entry = catalogue_find(catalogue, content->item.id, strlen(content->item.id), &index)
                              ? entry_to_change(catalogue, index)
                              : add_entry(catalogue, content->item.id);
    if (entry->content) {
        catalogue->content_bytes -= entry->content->bytes;
        live_words_remove(catalogue->words, &entry->content->document);
        memory_free(entry->content);
    } else {
        catalogue->change_count++;
    }
    entry->content = content;
    catalogue->content_bytes += content->bytes;
    if (entry->index < catalogue->model_count)
        catalogue->changed[entry->index / 64] |= UINT64_C(1) << entry->index % 64;
    if (content->item.active) /* what is withdrawn is not found, and does not count for how rare a word is */
        live_words_add(catalogue->words, entry->index, &content->item, &content->document);
}

const struct live_words *catalogue_words(const struct catalogue *catalogue)
{
    return catalogue->words;
}

uint32_t catalogue_item_count(const struct catalogue *catalogue)
{
    return catalogue->model_count + intern_count(catalogue->added_ids);
}

uint32_t catalogue_change_count(const struct catalogue *catalogue)
{
    return catalogue->change_count;
}

const struct model *catalogue_model(const struct catalogue *catalogue)
{
    return catalogue->model;
}

bool catalogue_find(const struct catalogue *catalogue, const char *id, size_t length, uint32_t *index)
{
    uint32_t number;
    if (catalogue->model && model_find_item(catalogue->model, id, length, index))
        return true;
    if (!intern_find(catalogue->added_ids, id, length, &number))
        return false;
    *index = catalogue->model_count + number;
    return true;
}

void catalogue_get(const struct catalogue *catalogue, uint32_t index, struct engine_item *item)
{
    const struct content *content = find_content(catalogue, index);
    if (content) {
        *item = content->item;
        return;
    }
    const struct model *model = catalogue->model;
    *item = (struct engine_item){
        .id = model_item_id(model, index),
        .name = model_item_name(model, index),
        .description = model_item_description(model, index),
        .metadata = model_item_metadata(model, index),
        .created = model_item_created(model, index),
        .updated = model_item_updated(model, index),
        .active = true,
    };
}

const char *catalogue_id(const struct catalogue *catalogue, uint32_t index)
{
    return index < catalogue->model_count ? model_item_id(catalogue->model, index)
                                          : intern_text(catalogue->added_ids, index - catalogue->model_count);
}

bool catalogue_is_active(const struct catalogue *catalogue, uint32_t index)
{
    const struct content *content = find_content(catalogue, index);
    return content ? content->item.active : true;
}

bool catalogue_is_changed(const struct catalogue *catalogue, uint32_t index)
{
    return index >= catalogue->model_count ||
           (catalogue->changed && (catalogue->changed[index / 64] >> index % 64 & 1));
}

bool catalogue_next_changed(const struct catalogue *catalogue, size_t *cursor, uint32_t *index)
{
    uint64_t address;
    while (hash_map_next(&catalogue->overrides, cursor, &address)) {
        const struct entry *entry = (const struct entry *)(uintptr_t)address;
        if (entry->content) {
            *index = entry->index;
            return true;
        }
    }
    return false;
}

int64_t catalogue_first_seen(const struct catalogue *catalogue, uint32_t index)
{
    const struct content *content = find_content(catalogue, index);
    int64_t created = content ? content->item.created : model_item_created(catalogue->model, index);
    if (index >= catalogue->model_count)
        return created;
    int64_t first_event = model_item_first_event(catalogue->model, index);
    return first_event < created ? first_event : created;
}

const float *catalogue_vector(const struct catalogue *catalogue, uint32_t index)
{
    const struct content *content = find_content(catalogue, index);
    return content ? content->vector : model_item_vector(catalogue->model, index);
}

const float *catalogue_embedding(const struct catalogue *catalogue, uint32_t index)
{
    const struct content *content = find_content(catalogue, index);
    return content ? content->embedding : model_item_embedding(catalogue->model, index);
}

float catalogue_popularity(const struct catalogue *catalogue, uint32_t index)
{
    const struct entry *entry = find_entry(catalogue, index);
    if (entry && entry->has_popularity)
        return entry->all_time;
    return index < catalogue->model_count ? model_item_popularity(catalogue->model, index) : 0;
}

float catalogue_recent(const struct catalogue *catalogue, uint32_t index)
{
    const struct entry *entry = find_entry(catalogue, index);
    if (entry && entry->has_popularity)
        return entry->recent;
    return index < catalogue->model_count ? model_item_recent(catalogue->model, index) : 0;
}

uint32_t catalogue_events(const struct catalogue *catalogue, uint32_t index)
{
    return index < catalogue->model_count ? model_item_events(catalogue->model, index) : 0;
}

void catalogue_set_popularity(struct catalogue *catalogue, uint32_t index, float all_time, float recent)
{
    struct entry *entry = entry_to_change(catalogue, index);
    entry->has_popularity = catalogue->has_own_popularity = true;
    entry->all_time = isfinite(all_time) && all_time > 0 ? all_time : 0;
    entry->recent = isfinite(recent) && recent > 0 ? recent : 0;
}

bool catalogue_has_own_popularity(const struct catalogue *catalogue)
{
    return catalogue->has_own_popularity;
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
    size_t entries = catalogue->overrides.count + intern_count(catalogue->added_ids);
    return sizeof(*catalogue) + intern_bytes(catalogue->added_ids) +
           catalogue->added_capacity * sizeof(struct entry *) + hash_map_bytes(&catalogue->overrides) +
           entries * sizeof(struct entry) +
           (catalogue->touched ? 2 * (catalogue->model_count / 64 * 8 + 8) : 0) + catalogue->content_bytes +
           live_words_bytes(catalogue->words) + room_bytes(catalogue);
}
