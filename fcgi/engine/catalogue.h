/* The catalogue as of now: a model (or none), a delta file (or none) and the changes since.
 *
 * An item of the model keeps its index, so that its behaviour stays valid while its content is overridden;
 * an item that the model does not know gets the next index from model_item_count() on. Indices never change
 * while a catalogue lives. Owns copies of all that was applied and the hash of added ids; does not own model
 * and delta (delta.h), which must outlive it. Does not read the database: the caller applies what changed.
 * Not thread safe. */
#ifndef PALATE_ENGINE_CATALOGUE_H
#define PALATE_ENGINE_CATALOGUE_H

#include "engine/item.h"
#include "engine/model.h"
#include "engine/word_index.h"

struct catalogue;
struct delta;
struct delta_field;
struct live_words;

/* model may be NULL: a catalogue of changes only. delta, which may be NULL, too, is what changed since the
 * model: opened for the origin that the model gives (delta_origin_of()), else it is not used. */
struct catalogue *catalogue_create(const struct model *model, const struct delta *delta)
    __attribute__((returns_nonnull, warn_unused_result));

/* NULL is fine. Leaves model and delta alone. */
void catalogue_destroy(struct catalogue *catalogue);

/* Inserts or replaces the item, or hides it (active == false). Copies everything. Applying an id again
 * replaces what was applied before and releases it. Computes the text vector and splits the texts into words,
 * once; both cost about as much as the texts are long, however many items were applied before. */
void catalogue_apply(struct catalogue *catalogue, const struct engine_item *item) __attribute__((nonnull));

/* Items with an index, hidden ones too: indices are 0..count-1. */
uint32_t catalogue_item_count(const struct catalogue *catalogue) __attribute__((nonnull, pure));

/* Items whose content is not the model's: how many different ids were applied, to it or to the delta. */
uint32_t catalogue_change_count(const struct catalogue *catalogue) __attribute__((nonnull, pure));

/* The model given at creation, or NULL. */
const struct model *catalogue_model(const struct catalogue *catalogue) __attribute__((nonnull, pure));

/* The words of all active items whose content is on the heap. Valid until the next apply. */
const struct live_words *catalogue_words(const struct catalogue *catalogue)
    __attribute__((nonnull, returns_nonnull));

/* Those of the delta's, NULL without one: of a posting's items only those at CATALOGUE_DELTA count. */
const struct word_index *catalogue_delta_words(const struct catalogue *catalogue) __attribute__((nonnull));

/* Finds the id of length bytes, hidden items too. *index is set only when found. */
bool catalogue_find(const struct catalogue *catalogue, const char *id, size_t length, uint32_t *index)
    __attribute__((nonnull, warn_unused_result));

/* ---- Of one item. The index must be below catalogue_item_count(). */

/* Fills *item; its pointers stay valid until the next apply of that id or the end of catalogue, model and
 * delta. Strings are never NULL. For an item whose content is not on the heap, fields is NULL and field_count
 * 0: read its values with catalogue_first_text() or filter on them. */
void catalogue_get(const struct catalogue *catalogue, uint32_t index, struct engine_item *item)
    __attribute__((nonnull));

const char *catalogue_id(const struct catalogue *catalogue, uint32_t index)
    __attribute__((nonnull, returns_nonnull));
bool catalogue_is_active(const struct catalogue *catalogue, uint32_t index) __attribute__((nonnull));

/* Which of the levels has its content? */
enum catalogue_level {
    CATALOGUE_MODEL,
    CATALOGUE_DELTA,
    CATALOGUE_HEAP, /* applied to this catalogue */
    CATALOGUE_LEVEL__MAX
};
enum catalogue_level catalogue_level(const struct catalogue *catalogue, uint32_t index)
    __attribute__((nonnull, pure));

/* Has it a content of its own, so that the model's texts of it do not hold? True for every added item. */
bool catalogue_is_changed(const struct catalogue *catalogue, uint32_t index) __attribute__((nonnull));

/* Goes through the items of the model whose content was changed, in the order of their indices: *cursor is 0
 * at first. False at the end. */
bool catalogue_next_changed(const struct catalogue *catalogue, size_t *cursor, uint32_t *index)
    __attribute__((nonnull, warn_unused_result));

/* The earlier of its creation and its first event, Unix seconds. */
int64_t catalogue_first_seen(const struct catalogue *catalogue, uint32_t index) __attribute__((nonnull));

/* The same many of its text (text_vector.h), normalised or all zero. Valid as long as catalogue_get()'s
 * pointers. */
const float *catalogue_vector(const struct catalogue *catalogue, uint32_t index)
    __attribute__((nonnull, returns_nonnull));

/* ENGINE_VECTOR_SIZE floats, normalised or all zero: the learned vector (item_vector.h), for a changed or new
 * item the one that its text maps to. Valid as long as catalogue_get()'s pointers. */
const float *catalogue_embedding(const struct catalogue *catalogue, uint32_t index)
    __attribute__((nonnull, returns_nonnull));

/* Finds the first value of a column, e.g. to group by it. Column names are the filters' (filter.h):
 * "category", "metadata.category", "dimensions.width", "name", "id" ... *text is set only when there is a
 * value, and is valid as long as catalogue_get()'s pointers ("created" and "updated_at" have no text: false).
 */
bool catalogue_first_text(const struct catalogue *catalogue, uint32_t index, const char *column,
                          const char **text) __attribute__((nonnull, warn_unused_result));

/* The item's popularity: weighted counts of events over all time, and recent ones (half-life 15 days). */
float catalogue_popularity(const struct catalogue *catalogue, uint32_t index) __attribute__((nonnull));
float catalogue_recent(const struct catalogue *catalogue, uint32_t index) __attribute__((nonnull));

/* The number of events of the item that the model learned from; 0 for an added item. */
uint32_t catalogue_events(const struct catalogue *catalogue, uint32_t index) __attribute__((nonnull));

/* Overrides both counts for one item, for a tenant without a model: counts read from the database. Values
 * that are negative or not finite are taken as 0. Stays over later applies of the item. */
void catalogue_set_popularity(struct catalogue *catalogue, uint32_t index, float all_time, float recent)
    __attribute__((nonnull));

/* The override of an item, if it has one. */
bool catalogue_own_popularity(const struct catalogue *catalogue, uint32_t index, float *all_time,
                              float *recent) __attribute__((nonnull, warn_unused_result));

/* Has catalogue_set_popularity() been called for any item, of this catalogue or of the delta's? */
bool catalogue_has_own_popularity(const struct catalogue *catalogue) __attribute__((nonnull));

/* Working memory for one ranking, kept because new memory for each request would cost more than the ranking:
 * a float for each item of the model, with whatever is in it. Two of them, each allocated at its first use;
 * valid until the next call with the same name. */
enum catalogue_room { CATALOGUE_ROOM_BEHAVIOUR, CATALOGUE_ROOM_CONTENT, CATALOGUE_ROOM__MAX };
float *catalogue_room(const struct catalogue *catalogue, enum catalogue_room which)
    __attribute__((nonnull, returns_nonnull));

/* The same rooms for several catalogues, none of which is ranked while another one is: memory for the largest of
 * their models instead of for each. The rooms must outlive the catalogues. */
struct catalogue_rooms;
struct catalogue_rooms *catalogue_rooms_create(void) __attribute__((returns_nonnull, warn_unused_result));
void catalogue_rooms_destroy(struct catalogue_rooms *rooms); /* NULL is fine */
void catalogue_share_rooms(struct catalogue *catalogue, struct catalogue_rooms *rooms)
    __attribute__((nonnull));

/* Heap bytes used, without shared rooms, model and delta: what a worker's limit on cached catalogues counts. */
size_t catalogue_bytes(const struct catalogue *catalogue) __attribute__((nonnull, pure));

/* ---- Values of a changed item's metadata, in its order; of an item as the model has it, there are none here.
 * What they point to is valid as catalogue_get()'s pointers. */

struct catalogue_values {
    const struct engine_field *fields; /* on the heap; NULL: in the delta */
    const struct delta *delta;
    const struct delta_field *stored;
    size_t count;
};
struct catalogue_values catalogue_values(const struct catalogue *catalogue, uint32_t index)
    __attribute__((nonnull));
/* place must be below the count. */
struct engine_field catalogue_value(const struct catalogue_values *values, size_t place)
    __attribute__((nonnull));

/* A path to be looked for again and again; the text must outlive it. */
struct catalogue_path {
    const char *text;
    uint64_t hash;
};
struct catalogue_path catalogue_path(const char *path) __attribute__((nonnull));

/* Goes through the values of one path: *cursor is 0 at first. False at the end. */
bool catalogue_next_value(const struct catalogue_values *values, const struct catalogue_path *path,
                          size_t *cursor, struct engine_field *field)
    __attribute__((nonnull, warn_unused_result));

/* ---- Columns, as filters and groups name them. */

enum catalogue_column_kind {
    CATALOGUE_COLUMN_ID,          /* "id", "item_id", "entity_id" */
    CATALOGUE_COLUMN_NAME,        /* "name" */
    CATALOGUE_COLUMN_DESCRIPTION, /* "description" */
    CATALOGUE_COLUMN_CREATED,     /* "created" */
    CATALOGUE_COLUMN_UPDATED,     /* "updated_at" */
    CATALOGUE_COLUMN_METADATA,    /* any other: a metadata path, with or without "metadata." before it */
    CATALOGUE_COLUMN__MAX
};

/* Says what a column name means. For metadata *path points into name, behind "metadata."; "metadata.name"
 * is thereby the metadata key "name". */
enum catalogue_column_kind catalogue_column_kind(const char *name, const char **path)
    __attribute__((nonnull));

#endif
