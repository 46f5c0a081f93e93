/* Reads a mapped model; see model.h.
 *
 * Sections were proven to be inside the file when it was opened (model.c), so an index below its count can be
 * read without a check. What a section holds was not proven: an offset, a start or a value number may be
 * anything in a damaged file. So each value that leads elsewhere is checked here, at its use, with one
 * comparison, and what is wrong reads as empty: "" for a text, no entries for a row, 0 for a count. A damaged
 * model can thereby give wrong answers, but never a crash or bytes from outside the file.
 *
 * Ids and paths are sorted by their bytes, and looked up by binary search on the offsets; nothing is unpacked
 * or copied, and rows are handed out as they are in the file (row_sum.c reads them).
 *
 * Most functions are one line. They are functions so that the struct stays private to these two files. */
#include "engine/item.h"
#include "engine/model.h"
#include "engine/model_internal.h"

#include <math.h>
#include <string.h>

uint64_t model_generation(const struct model *model)
{
    return model->header.generation;
}

uint64_t model_catalogue_key(const struct model *model)
{
    return model->header.catalogue_key;
}

uint64_t model_catalogue_revision(const struct model *model)
{
    return model->header.catalogue_revision;
}

uint64_t model_identity(const struct model *model)
{
    return (uint64_t)model->header.header_crc32 << 32 | model->header.body_crc32 | UINT64_C(1);
}

int64_t model_trained_at(const struct model *model)
{
    return model->header.trained_at;
}

uint32_t model_item_count(const struct model *model)
{
    return model->header.item_count;
}

uint64_t model_event_count(const struct model *model)
{
    return model->header.event_count;
}

uint32_t model_user_count(const struct model *model)
{
    return model->header.user_count;
}

uint64_t model_bytes(const struct model *model)
{
    return model->header.total_bytes;
}

/* The section ends with a zero byte, so that every offset inside gives a terminated string. */
static const char *string_at(const struct model *model, uint64_t offset)
{
    return offset < model->string_bytes ? model->strings + offset : "";
}

const char *model_item_id(const struct model *model, uint32_t index)
{
    return string_at(model, model->item_texts[index].id);
}

const char *model_item_name(const struct model *model, uint32_t index)
{
    return string_at(model, model->item_texts[index].name);
}

const char *model_item_description(const struct model *model, uint32_t index)
{
    return string_at(model, model->item_texts[index].description);
}

const char *model_item_metadata(const struct model *model, uint32_t index)
{
    return string_at(model, model->item_texts[index].metadata);
}

int64_t model_item_created(const struct model *model, uint32_t index)
{
    return model->item_times[index].created;
}

int64_t model_item_updated(const struct model *model, uint32_t index)
{
    return model->item_times[index].updated;
}

int64_t model_item_first_event(const struct model *model, uint32_t index)
{
    return model->item_times[index].first_event;
}

/* Popularity in a damaged file may be NAN or negative, which would spoil comparisons. */
static float count_or_zero(float value)
{
    return isfinite(value) && value > 0 ? value : 0;
}

const float *model_popularities(const struct model *model)
{
    return model->popularity;
}

const float *model_recents(const struct model *model)
{
    return model->recent;
}

float model_item_popularity(const struct model *model, uint32_t index)
{
    return count_or_zero(model->popularity[index]);
}

float model_item_recent(const struct model *model, uint32_t index)
{
    return count_or_zero(model->recent[index]);
}

uint32_t model_item_events(const struct model *model, uint32_t index)
{
    return model->events[index];
}

const float *model_item_vector(const struct model *model, uint32_t index)
{
    return model->vectors + (size_t)index * ENGINE_VECTOR_SIZE;
}

const float *model_item_embedding(const struct model *model, uint32_t index)
{
    return model->item_vectors + (size_t)index * ENGINE_VECTOR_SIZE;
}

const float *model_text_map(const struct model *model)
{
    return model->text_map;
}

/* Like strcmp() with a text that has a length instead of a zero. */
static int compare_id(const char *left, const char *right, size_t length)
{
    int order = strncmp(left, right, length);
    return order ? order : left[length] != '\0';
}

bool model_find_item(const struct model *model, const char *id, size_t length, uint32_t *index)
{
    if (memchr(id, '\0', length))
        return false; /* strncmp() would stop there, and no id holds one */
    uint32_t low = 0, high = model->header.item_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        int order = compare_id(model_item_id(model, middle), id, length);
        if (order == 0) {
            *index = middle;
            return true;
        }
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return false;
}

/* A row's words from start to end, without the scale in its first word: none where the starts do not fit. */
static struct model_row row_at(const struct model_rows *rows, uint32_t index)
{
    uint64_t start = rows->starts[index], end = rows->starts[(size_t)index + 1];
    if (start >= end || end > rows->word_count)
        return (struct model_row){0};
    return (struct model_row){.words = rows->words + start, .count = (size_t)(end - start - 1)};
}

struct model_row model_item_row(const struct model *model, uint32_t index)
{
    return row_at(&model->rows, index);
}

struct model_row model_item_transitions(const struct model *model, uint32_t index)
{
    return row_at(&model->transitions, index);
}

struct model_row model_item_contents(const struct model *model, uint32_t index)
{
    return row_at(&model->contents, index);
}

const float *model_trend(const struct model *model)
{
    return model->trend;
}

const struct model_settings *model_settings(const struct model *model)
{
    return &model->settings;
}

const char *model_evidence(const struct model *model, size_t *length)
{
    *length = (size_t)model->evidence_bytes;
    return model->evidence;
}

bool model_find_column(const struct model *model, const char *path, uint32_t *column)
{
    uint32_t low = 0, high = model->header.column_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        int order = strcmp(string_at(model, model->columns[middle].path), path);
        if (order == 0) {
            *column = middle;
            return true;
        }
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return false;
}

/* 0 where the column's values are not inside the section: then none is ever read. */
uint32_t model_column_value_count(const struct model *model, uint32_t column)
{
    const struct model_column *entry = &model->columns[column];
    if (entry->value_first > model->column_value_count ||
        entry->value_count > model->column_value_count - entry->value_first ||
        entry->value_count > UINT32_MAX)
        return 0;
    return (uint32_t)entry->value_count;
}

const char *model_column_text(const struct model *model, uint32_t column, uint32_t value)
{
    return string_at(model, model->column_texts[model->columns[column].value_first + value]);
}

double model_column_number(const struct model *model, uint32_t column, uint32_t value)
{
    return model->column_numbers[model->columns[column].value_first + value];
}

struct model_codes model_item_codes(const struct model *model, uint32_t column, uint32_t index)
{
    /* One start for each item and one behind the last, for each column. */
    size_t place = (size_t)column * ((size_t)model->header.item_count + 1) + index;
    uint64_t start = model->column_starts[place], end = model->column_starts[place + 1];
    if (start > end || end > model->column_code_count)
        return (struct model_codes){0};
    return (struct model_codes){.codes = model->column_codes + start, .count = (size_t)(end - start)};
}

struct model_codes model_column_items(const struct model *model, uint32_t column, uint32_t from, uint32_t to)
{
    const uint64_t *starts = model->posting_starts + model->columns[column].value_first;
    uint64_t start = starts[from], end = starts[to];
    if (start > end || end > model->posting_count)
        return (struct model_codes){0};
    return (struct model_codes){.codes = model->posting_items + start, .count = (size_t)(end - start)};
}

const struct word_index *model_words(const struct model *model)
{
    return &model->words;
}

unsigned model_section_count(void)
{
    return MODEL_SECTION__MAX;
}

uint64_t model_section_bytes(const struct model *model, unsigned kind)
{
    return kind < MODEL_SECTION__MAX ? model->section_bytes[kind] : 0;
}

static const char *const section_names[MODEL_SECTION__MAX] = {
    [MODEL_SECTION_STRINGS] = "strings",
    [MODEL_SECTION_ITEM_TEXTS] = "item texts",
    [MODEL_SECTION_ITEM_TIMES] = "item times",
    [MODEL_SECTION_POPULARITY] = "popularity",
    [MODEL_SECTION_RECENT] = "recent popularity",
    [MODEL_SECTION_EVENTS] = "event counts",
    [MODEL_SECTION_COLUMNS] = "columns",
    [MODEL_SECTION_COLUMN_TEXTS] = "column texts",
    [MODEL_SECTION_COLUMN_NUMBERS] = "column numbers",
    [MODEL_SECTION_COLUMN_STARTS] = "column starts",
    [MODEL_SECTION_COLUMN_CODES] = "column codes",
    [MODEL_SECTION_POSTING_STARTS] = "items by value, starts",
    [MODEL_SECTION_POSTING_ITEMS] = "items by value",
    [MODEL_SECTION_ROW_STARTS] = "row starts",
    [MODEL_SECTION_ROW_WORDS] = "rows",
    [MODEL_SECTION_TRANSITION_STARTS] = "transition starts",
    [MODEL_SECTION_TRANSITION_WORDS] = "transitions",
    [MODEL_SECTION_CONTENT_STARTS] = "content starts",
    [MODEL_SECTION_CONTENT_WORDS] = "contents",
    [MODEL_SECTION_TREND] = "trend",
    [MODEL_SECTION_SETTINGS] = "settings",
    [MODEL_SECTION_EVIDENCE] = "evidence",
    [MODEL_SECTION_VECTORS] = "text vectors",
    [MODEL_SECTION_ITEM_VECTORS] = "item vectors",
    [MODEL_SECTION_TEXT_MAP] = "map from texts to item vectors",
    [MODEL_SECTION_WORD_TEXTS] = "search words",
    [MODEL_SECTION_WORD_MASKS] = "search word masks",
    [MODEL_SECTION_WORD_STARTS] = "items by search word, starts",
    [MODEL_SECTION_WORD_ITEMS] = "items by search word",
    [MODEL_SECTION_WORD_WEIGHTS] = "weights of search words",
};

const char *model_section_name(unsigned kind)
{
    return kind < MODEL_SECTION__MAX && section_names[kind] ? section_names[kind] : "unnamed";
}
