/* The delta file, byte by byte: shared by delta*.c and the sources of the catalogue, which reads it in place.
 *
 * It is read on the machine that wrote it, since its last start, by programs of the same format: so it is
 * these structs as they are in memory. The file is
 *
 *   struct delta_header
 *   the sections, in the order of enum delta_section_kind, each at a multiple of DELTA_ALIGNMENT; between
 *   them may be a hole, where a section became shorter than its writer had to expect
 *
 * Strings are given as offsets into DELTA_SECTION_STRINGS, whose first and last bytes are zero. An item's
 * number is its place among the items: first those of the model, in the order of their indices, then the
 * added ones, whose index is model_items + their place among the added ones. */
#ifndef PALATE_ENGINE_DELTA_FORMAT_H
#define PALATE_ENGINE_DELTA_FORMAT_H

#include "engine/item.h"
#include "engine/model_format.h"

#include <assert.h>

#define DELTA_MAGIC "PALATED" /* 8 bytes with its zero */

enum {
    /* Another number with each change of this file; and of the model's format, as vectors and words in both
     * are made by the same rules. */
    DELTA_FORMAT_VERSION = 2 + 1000 * MODEL_FORMAT_VERSION,
    DELTA_ALIGNMENT = 64,
    DELTA_MAGIC_BYTES = 8,
};

/* n is the number of items, w of words, p of their postings. */
enum delta_section_kind {
    DELTA_SECTION_ITEMS,      /* struct delta_item x n */
    DELTA_SECTION_MARKS,      /* struct delta_marks x (model_items / 64 + 1): which of the model's are here */
    DELTA_SECTION_ID_SLOTS,   /* uint32_t x a power of two, above the number of added items, see delta.c */
    DELTA_SECTION_FIELDS,     /* struct delta_field: those of an item are neighbours */
    DELTA_SECTION_VECTORS,    /* float x n x ENGINE_VECTOR_SIZE: of texts (text_vector.h) */
    DELTA_SECTION_EMBEDDINGS, /* float x n x ENGINE_VECTOR_SIZE: what texts map to (item_vector.h) */
    DELTA_SECTION_WORD_TEXTS, /* uint64_t x w: string offsets of the search words, in bytewise order */
    DELTA_SECTION_WORD_MASKS, /* uint32_t x w: word_mask() of each (word_distance.h) */
    DELTA_SECTION_WORD_STARTS,  /* uint64_t x (w + 1): per word where the items that have it start */
    DELTA_SECTION_WORD_ITEMS,   /* uint32_t x p: indices of active items, each once within a word */
    DELTA_SECTION_WORD_WEIGHTS, /* uint8_t x p: text_weight_in_byte() */
    DELTA_SECTION_STRINGS,      /* char, at least 1 */
    DELTA_SECTION__MAX
};

struct delta_section {
    uint64_t offset; /* from the start of the file */
    uint64_t bytes;
};

struct delta_header {
    char magic[DELTA_MAGIC_BYTES];
    uint32_t version;      /* DELTA_FORMAT_VERSION */
    uint32_t header_bytes; /* of this struct */
    uint64_t total_bytes;  /* of the file */
    /* These are struct delta_origin: */
    uint64_t catalogue_key;
    uint64_t model_identity;
    uint64_t boot;
    uint32_t model_items;
    uint32_t kind;
    /* These are struct delta_state: */
    uint64_t revision;
    int64_t popularity_read_at;
    uint32_t is_full;
    uint32_t has_popularity; /* some item has one of its own */
    uint32_t override_count; /* items of the model that are here, */
    uint32_t added_count;    /* and others */
    uint32_t change_count;   /* of both, those with a content */
    uint32_t reserved;       /* zero */
    uint64_t id_key;         /* of the hash of ids: another one in each file */
    struct delta_section sections[DELTA_SECTION__MAX];
    uint64_t checksum; /* CRC-32 of the header, this field taken as zero */
};

enum delta_item_flag {
    DELTA_ITEM_ACTIVE = 1,     /* struct engine_item's */
    DELTA_ITEM_POPULARITY = 2, /* all_time and recent hold */
};

struct delta_item {
    uint64_t id, name, description, metadata; /* string offsets; id only of an added item */
    int64_t created, updated;                 /* Unix seconds */
    uint64_t field_first;
    uint32_t field_count;
    uint32_t flags;
    float all_time, recent;
};
static_assert(sizeof(struct delta_item) == 72, "items have no padding");

struct delta_field {
    uint64_t path, text; /* string offsets */
    double number;
    uint64_t path_hash; /* hash_bytes() of the path: most others are told from it without their text */
};

/* Of 64 neighbouring items of the model. */
struct delta_marks {
    uint64_t present; /* has an item here */
    uint64_t changed; /* which has a content */
    uint64_t before;  /* how many are present below these 64 */
};

#endif
