/* A model file, mapped read-only: what the trainer computed, for serving.
 *
 * Owns the mapping, which all workers share through the page cache. model_open() proves every size before
 * the file is mapped; what is read later (offsets, codes, row targets) is checked at each use. So a file
 * with a wrong inside can give wrong answers but can never crash or be read past its end. One thing is
 * outside that promise: a file must be replaced by rename(), never changed or cut in place while mapped
 * (the kernel then raises SIGBUS); the trainer does so.
 * Does not write models (training/trainer.h) and knows nothing of later changes (catalogue.h).
 * The bytes are described in model_format.h. Safe for concurrent readers. */
#ifndef PALATE_ENGINE_MODEL_H
#define PALATE_ENGINE_MODEL_H

#include "engine/word_index.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct model;
struct model_settings; /* model_format.h */

enum model_error {
    MODEL_OK,
    MODEL_CANNOT_OPEN,           /* open, stat, read or mmap failed: errno has the reason */
    MODEL_NOT_A_FILE,            /* a folder, socket, device ... */
    MODEL_TOO_SHORT,             /* shorter than a header, or than its section table */
    MODEL_BAD_MAGIC,             /* not a Palate model */
    MODEL_WRONG_BYTE_ORDER,      /* not little-endian */
    MODEL_UNSUPPORTED_VERSION,   /* written by another format version */
    MODEL_BAD_HEADER_SIZE,       /* header size does not fit the number of sections */
    MODEL_BAD_HEADER_CHECKSUM,   /* header or section table damaged */
    MODEL_SIZE_MISMATCH,         /* the size in the header is not the file's */
    MODEL_BAD_VECTOR_SIZE,       /* other text vectors than this program's */
    MODEL_UNKNOWN_SECTION,       /* a section kind that this version does not have */
    MODEL_DUPLICATE_SECTION,     /* a section kind twice, and so another missing */
    MODEL_SECTION_MISALIGNED,    /* a section does not start at a multiple of 64 */
    MODEL_SECTION_OUT_OF_BOUNDS, /* a section reaches into the header or past the end */
    MODEL_SECTION_OVERLAP,       /* two sections share bytes */
    MODEL_COUNT_MISMATCH,        /* a section's size contradicts the counts in the header or in its partner */
    MODEL_STRINGS_NOT_TERMINATED, /* the strings do not end with a zero byte */
    MODEL_BAD_BODY_CHECKSUM,      /* model_verify() only: a byte behind the header is damaged */
    MODEL_ERROR__MAX
};

/* A sentence for people, without the path; never NULL, also for values outside the enumeration. */
const char *model_error_text(enum model_error error) __attribute__((returns_nonnull, const));

/* Opens, checks and maps the file. On MODEL_OK the caller owns *model (model_close); else it is NULL.
 * Takes the file as it is at that moment; the header's checksum is checked, the body's is not. */
enum model_error model_open(const char *path, struct model **model)
    __attribute__((nonnull, warn_unused_result));

/* NULL is fine. */
void model_close(struct model *model);

/* Is the file at path still the one that is mapped (same device, inode, size, mtime)? One stat(). */
bool model_is_current(const struct model *model, const char *path)
    __attribute__((nonnull, warn_unused_result));

/* Reads the whole file and compares the body's checksum: MODEL_OK or MODEL_BAD_BODY_CHECKSUM. */
enum model_error model_verify(const struct model *model) __attribute__((nonnull, warn_unused_result));

uint64_t model_generation(const struct model *model) __attribute__((nonnull, pure));
/* Changes of the catalogue up to this revision are in the model. */
uint64_t model_catalogue_revision(const struct model *model) __attribute__((nonnull, pure));
/* Of the tenant whose items and events it was made from. */
uint64_t model_catalogue_key(const struct model *model) __attribute__((nonnull, pure));
/* Of these very bytes, by their checksums: another model has another one. Not 0. */
uint64_t model_identity(const struct model *model) __attribute__((nonnull, pure));
int64_t model_trained_at(const struct model *model) __attribute__((nonnull, pure)); /* Unix seconds */
uint32_t model_item_count(const struct model *model) __attribute__((nonnull, pure));
uint64_t model_event_count(const struct model *model) __attribute__((nonnull, pure)); /* used in training */
uint32_t model_user_count(const struct model *model) __attribute__((nonnull, pure));  /* with such events */
uint64_t model_bytes(const struct model *model) __attribute__((nonnull, pure));       /* of the file */

/* ---- What follows is read by the engine's other modules; prefer catalogue.h, which knows later changes.
 * An index is 0..model_item_count()-1 and must be in range; items are in bytewise order of their ids.
 * Strings live as long as the model; a bad offset gives "". Bad numbers give 0. */

const char *model_item_id(const struct model *model, uint32_t index)
    __attribute__((nonnull, returns_nonnull));
const char *model_item_name(const struct model *model, uint32_t index)
    __attribute__((nonnull, returns_nonnull));
const char *model_item_description(const struct model *model, uint32_t index)
    __attribute__((nonnull, returns_nonnull));
const char *model_item_metadata(const struct model *model, uint32_t index)
    __attribute__((nonnull, returns_nonnull));
int64_t model_item_created(const struct model *model, uint32_t index) __attribute__((nonnull));
int64_t model_item_updated(const struct model *model, uint32_t index) __attribute__((nonnull));
/* Unix seconds; INT64_MAX when it has no event. */
int64_t model_item_first_event(const struct model *model, uint32_t index) __attribute__((nonnull));
float model_item_popularity(const struct model *model, uint32_t index) __attribute__((nonnull)); /* >= 0 */
float model_item_recent(const struct model *model, uint32_t index) __attribute__((nonnull));     /* >= 0 */
/* The same of all items; what is not finite or negative in a damaged file counts as 0. */
const float *model_popularities(const struct model *model) __attribute__((nonnull, returns_nonnull));
const float *model_recents(const struct model *model) __attribute__((nonnull, returns_nonnull));
uint32_t model_item_events(const struct model *model, uint32_t index) __attribute__((nonnull));
/* ENGINE_VECTOR_SIZE floats, perhaps not finite in a damaged file (text_vector_cosine() copes). */
const float *model_item_vector(const struct model *model, uint32_t index)
    __attribute__((nonnull, returns_nonnull));

/* The learned vector: ENGINE_VECTOR_SIZE floats, normalised or zero, perhaps not finite in a damaged file. */
const float *model_item_embedding(const struct model *model, uint32_t index)
    __attribute__((nonnull, returns_nonnull));
/* ITEM_VECTOR_FEATURES x ENGINE_VECTOR_SIZE floats for item_vector_from_text(); NULL when there are none. */
const float *model_text_map(const struct model *model) __attribute__((nonnull, pure));

/* Binary search for the id of length bytes. */
bool model_find_item(const struct model *model, const char *id, size_t length, uint32_t *index)
    __attribute__((nonnull, warn_unused_result));

/* What one item says about others: rising targets, each with a weight. To be read with model_row_scale(),
 * model_row_target() and model_row_number(), in order: model_format.h has the encoding. Targets and weights
 * are as they are in the file: check each target against model_item_count() and what is made of the weights
 * with isfinite(). */
struct model_row {
    const uint32_t *words; /* the scale, then count entries; NULL when count is 0 */
    size_t count;
};

/* Of a row that has entries. */
static inline float model_row_scale(const struct model_row *row)
{
    float scale;
    memcpy(&scale, row->words, sizeof(scale));
    return scale;
}

/* The target of entry 1..count, given the target of the entry before (0 for the first). */
static inline uint32_t model_row_target(const struct model_row *row, size_t entry, uint32_t before)
{
    return before + (row->words[entry] & 0xFFFF);
}

/* -32768..32767; times the scale it is the weight. 0: no target, go on. */
static inline int32_t model_row_number(const struct model_row *row, size_t entry)
{
    return (int32_t)row->words[entry] >> 16;
}

/* An item's neighbours: by behaviour (signed), by what comes next, by content. The index must be below
 * model_item_count(). */
struct model_row model_item_row(const struct model *model, uint32_t index) __attribute__((nonnull));
struct model_row model_item_transitions(const struct model *model, uint32_t index) __attribute__((nonnull));
struct model_row model_item_contents(const struct model *model, uint32_t index) __attribute__((nonnull));
/* A factor for each item, as it is in the file. */
const float *model_trend(const struct model *model) __attribute__((nonnull, returns_nonnull));
/* Chosen when training (model_format.h); each value is within its range. */
const struct model_settings *model_settings(const struct model *model)
    __attribute__((nonnull, returns_nonnull));
/* How they were chosen, as text for people: *length bytes, no zero behind. */
const char *model_evidence(const struct model *model, size_t *length)
    __attribute__((nonnull, returns_nonnull));

/* Columns: one per metadata path. model_find_column() gives false when no item has the path. */
bool model_find_column(const struct model *model, const char *path, uint32_t *column)
    __attribute__((nonnull, warn_unused_result));
/* Distinct values of a column; value 0..count-1: first the numeric ones by number, then the others by the
 * bytes of their texts (in a damaged file in any order). */
uint32_t model_column_value_count(const struct model *model, uint32_t column) __attribute__((nonnull));
const char *model_column_text(const struct model *model, uint32_t column, uint32_t value)
    __attribute__((nonnull, returns_nonnull));
double model_column_number(const struct model *model, uint32_t column, uint32_t value)
    __attribute__((nonnull));
/* The value codes of one item, in the item's order. Check each against model_column_value_count(). */
struct model_codes {
    const uint32_t *codes;
    size_t count;
};
struct model_codes model_item_codes(const struct model *model, uint32_t column, uint32_t index)
    __attribute__((nonnull));

/* The items that have a value of from..to-1; to is at most model_column_value_count(). An item that has
 * several of them is there several times. Check each against model_item_count(). */
struct model_codes model_column_items(const struct model *model, uint32_t column, uint32_t from, uint32_t to)
    __attribute__((nonnull));

/* What the file consists of: sections 0..count-1, by enum model_section_kind (model_format.h); 0 and
 * "unnamed" beyond it. */
unsigned model_section_count(void) __attribute__((const));
uint64_t model_section_bytes(const struct model *model, unsigned kind) __attribute__((nonnull, pure));
const char *model_section_name(unsigned kind) __attribute__((returns_nonnull, const));

/* Its search words and the items that have them: check each item against model_item_count(). */
const struct word_index *model_words(const struct model *model) __attribute__((nonnull, returns_nonnull));

#endif
