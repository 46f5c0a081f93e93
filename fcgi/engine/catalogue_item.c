/* What a catalogue says of one item, from whichever of its levels has it; see catalogue.h.
 *
 * Each question is put from the top down: this process's heap, the delta file, the model. Content (texts,
 * values, vectors) and popularity are overridden apart from each other, as popularity of a tenant without a
 * model comes from its events and not from its items.
 *
 * A delta may be damaged: what it marks as changed and does not have is as the model has it, and an added item
 * is always its. So no index leads outside of the model. */
#include "engine/catalogue.h"

#include "engine/catalogue_internal.h"

#include <math.h>
#include <string.h>

enum catalogue_level catalogue_level(const struct catalogue *catalogue, uint32_t index)
{
    if (index >= catalogue->below_count ||
        (catalogue->changed && catalogue->changed[index / 64] >> index % 64 & 1))
        return CATALOGUE_HEAP;
    if (index >= catalogue->model_count || (catalogue->delta && delta_has_changed(catalogue->delta, index)))
        return CATALOGUE_DELTA;
    return CATALOGUE_MODEL;
}

bool catalogue_is_changed(const struct catalogue *catalogue, uint32_t index)
{
    return catalogue_level(catalogue, index) != CATALOGUE_MODEL;
}

/* Where an item's content is: in the first two that are not NULL and -1, else in the model. */
struct source {
    const struct content *content;
    const struct delta_item *stored;
    uint32_t number; /* of stored */
};

static struct source find_source(const struct catalogue *catalogue, uint32_t index)
{
    const struct entry *entry = catalogue_entry(catalogue, index);
    struct source source = {.content = entry ? entry->content : NULL};
    if (source.content || !catalogue->delta || index >= catalogue->below_count ||
        (index < catalogue->model_count && !delta_has_changed(catalogue->delta, index)))
        return source;
    source.number = delta_number_of(catalogue->delta, index);
    if (source.number != UINT32_MAX)
        source.stored = &catalogue->delta->items[source.number];
    return source;
}

static void get_stored(const struct catalogue *catalogue, uint32_t index, const struct delta_item *stored,
                       struct engine_item *item)
{
    const struct delta *delta = catalogue->delta;
    *item = (struct engine_item){
        .id = catalogue_id(catalogue, index),
        .name = delta_text(delta, stored->name),
        .description = delta_text(delta, stored->description),
        .metadata = delta_text(delta, stored->metadata),
        .created = stored->created,
        .updated = stored->updated,
        .active = stored->flags & DELTA_ITEM_ACTIVE,
    };
}

void catalogue_get(const struct catalogue *catalogue, uint32_t index, struct engine_item *item)
{
    struct source source = find_source(catalogue, index);
    const struct model *model = catalogue->model;
    if (source.content) {
        *item = source.content->item;
        return;
    }
    if (source.stored) {
        get_stored(catalogue, index, source.stored, item);
        return;
    }
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
    if (index < catalogue->model_count)
        return model_item_id(catalogue->model, index);
    if (index >= catalogue->below_count)
        return intern_text(catalogue->added_ids, index - catalogue->below_count);
    const struct delta *delta = catalogue->delta;
    return delta_text(delta, delta->items[delta_number_of(delta, index)].id);
}

bool catalogue_is_active(const struct catalogue *catalogue, uint32_t index)
{
    if (catalogue_level(catalogue, index) == CATALOGUE_MODEL)
        return true; /* most are, and each list looks at thousands */
    struct source source = find_source(catalogue, index);
    if (source.content)
        return source.content->item.active;
    return source.stored ? source.stored->flags & DELTA_ITEM_ACTIVE : true;
}

int64_t catalogue_first_seen(const struct catalogue *catalogue, uint32_t index)
{
    struct source source = find_source(catalogue, index);
    int64_t created = source.content  ? source.content->item.created
                      : source.stored ? source.stored->created
                                      : model_item_created(catalogue->model, index);
    if (index >= catalogue->model_count)
        return created;
    int64_t first_event = model_item_first_event(catalogue->model, index);
    return first_event < created ? first_event : created;
}

const float *catalogue_vector(const struct catalogue *catalogue, uint32_t index)
{
    struct source source = find_source(catalogue, index);
    if (source.content)
        return source.content->vector;
    return source.stored ? catalogue->delta->vectors + (size_t)source.number * ENGINE_VECTOR_SIZE
                         : model_item_vector(catalogue->model, index);
}

const float *catalogue_embedding(const struct catalogue *catalogue, uint32_t index)
{
    struct source source = find_source(catalogue, index);
    if (source.content)
        return source.content->embedding;
    return source.stored ? catalogue->delta->embeddings + (size_t)source.number * ENGINE_VECTOR_SIZE
                         : model_item_embedding(catalogue->model, index);
}

/* ---- Popularity */

/* In a damaged file it may be NAN or negative, which would spoil comparisons. */
static float count_or_zero(float value)
{
    return isfinite(value) && value > 0 ? value : 0;
}

bool catalogue_own_popularity(const struct catalogue *catalogue, uint32_t index, float *all_time,
                              float *recent)
{
    const struct entry *entry = catalogue_entry(catalogue, index);
    if (entry && entry->has_popularity) {
        *all_time = entry->all_time;
        *recent = entry->recent;
        return true;
    }
    uint32_t number = catalogue_delta_number(catalogue, index);
    if (number == UINT32_MAX || !(catalogue->delta->items[number].flags & DELTA_ITEM_POPULARITY))
        return false;
    *all_time = count_or_zero(catalogue->delta->items[number].all_time);
    *recent = count_or_zero(catalogue->delta->items[number].recent);
    return true;
}

float catalogue_popularity(const struct catalogue *catalogue, uint32_t index)
{
    float all_time, recent;
    if (catalogue->has_own_popularity && catalogue_own_popularity(catalogue, index, &all_time, &recent))
        return all_time;
    return index < catalogue->model_count ? model_item_popularity(catalogue->model, index) : 0;
}

float catalogue_recent(const struct catalogue *catalogue, uint32_t index)
{
    float all_time, recent;
    if (catalogue->has_own_popularity && catalogue_own_popularity(catalogue, index, &all_time, &recent))
        return recent;
    return index < catalogue->model_count ? model_item_recent(catalogue->model, index) : 0;
}

uint32_t catalogue_events(const struct catalogue *catalogue, uint32_t index)
{
    return index < catalogue->model_count ? model_item_events(catalogue->model, index) : 0;
}

/* ---- Values of metadata */

struct catalogue_path catalogue_path(const char *path)
{
    return (struct catalogue_path){.text = path, .hash = hash_bytes(HASH_START, path, strlen(path))};
}

struct catalogue_values catalogue_values(const struct catalogue *catalogue, uint32_t index)
{
    struct source source = find_source(catalogue, index);
    struct catalogue_values values = {0};
    if (source.content) {
        values.fields = source.content->item.fields;
        values.count = source.content->item.field_count;
    } else if (source.stored) {
        values.delta = catalogue->delta;
        values.stored = delta_item_fields(catalogue->delta, source.stored, &values.count);
    }
    return values;
}

struct engine_field catalogue_value(const struct catalogue_values *values, size_t place)
{
    if (values->fields)
        return values->fields[place];
    const struct delta_field *stored = &values->stored[place];
    return (struct engine_field){.path = delta_text(values->delta, stored->path),
                                 .text = delta_text(values->delta, stored->text),
                                 .number = stored->number};
}

bool catalogue_next_value(const struct catalogue_values *values, const struct catalogue_path *path,
                          size_t *cursor, struct engine_field *field)
{
    while (*cursor < values->count) {
        size_t place = (*cursor)++;
        if (!values->fields && values->stored[place].path_hash != path->hash)
            continue;
        *field = catalogue_value(values, place);
        if (strcmp(field->path, path->text) == 0)
            return true;
    }
    return false;
}
