/* The model file, byte by byte: shared by model*.c, which read it, and training/build/write.c, which writes
 * it.
 *
 * All numbers are little-endian, floats are IEEE 754. The file is
 *
 *   struct model_header              96 bytes
 *   struct model_section x 30        24 bytes each, in any order, each kind once
 *   zero bytes up to a multiple of 64
 *   the sections                     each starting at a multiple of 64, not overlapping, zero bytes between
 *
 * Items are in bytewise order of their ids (as strcmp() on unsigned char), so that an id is found by binary
 * search and the order of indices is the order of ids. Strings are given as offsets into the section
 * STRINGS, whose last byte is zero: so each offset inside it gives a terminated string. */
#ifndef PALATE_ENGINE_MODEL_FORMAT_H
#define PALATE_ENGINE_MODEL_FORMAT_H

#include <assert.h>
#include <stdint.h>

#define MODEL_MAGIC "PALATEM" /* 8 bytes with its zero */

enum {
    MODEL_FORMAT_VERSION = 5,
    MODEL_BYTE_ORDER = 0x01020304, /* reads as 0x04030201 in the wrong order */
    MODEL_ALIGNMENT = 64,
    MODEL_MAGIC_BYTES = 8,
};

struct model_header {
    char magic[MODEL_MAGIC_BYTES];
    uint32_t version;            /*  8 MODEL_FORMAT_VERSION */
    uint32_t byte_order;         /* 12 MODEL_BYTE_ORDER */
    uint32_t header_bytes;       /* 16 header and section table */
    uint32_t section_count;      /* 20 MODEL_SECTION__MAX */
    uint64_t total_bytes;        /* 24 of the file */
    uint64_t generation;         /* 32 grows with each training of a tenant */
    uint64_t catalogue_revision; /* 40 changes up to this one are inside */
    int64_t trained_at;          /* 48 Unix seconds */
    uint64_t event_count;        /* 56 events learned from */
    uint32_t item_count;         /* 64 */
    uint32_t user_count;         /* 68 users with such events */
    uint32_t column_count;       /* 72 metadata paths */
    uint32_t vector_size;        /* 76 floats in a text vector: ENGINE_VECTOR_SIZE */
    uint64_t catalogue_key;      /* 80 of the tenant whose catalogue it is */
    uint32_t body_crc32;         /* 88 CRC-32 (zlib's) of all bytes from header_bytes to the end */
    uint32_t header_crc32;       /* 92 CRC-32 of header_bytes bytes from 0, this field taken as zero */
};
static_assert(sizeof(struct model_header) == 96, "the header has no padding");

/* n is item_count, c is column_count. */
enum model_section_kind {
    MODEL_SECTION_STRINGS,           /* char, at least 1; texts, each with a zero behind */
    MODEL_SECTION_ITEM_TEXTS,        /* struct model_item_texts x n */
    MODEL_SECTION_ITEM_TIMES,        /* struct model_item_times x n */
    MODEL_SECTION_POPULARITY,        /* float x n: sum of the weights of all events */
    MODEL_SECTION_RECENT,            /* float x n: the same with half-life 15 days before the newest event */
    MODEL_SECTION_EVENTS,            /* uint32_t x n: number of events */
    MODEL_SECTION_COLUMNS,           /* struct model_column x c, in bytewise order of their paths */
    MODEL_SECTION_COLUMN_TEXTS,      /* uint64_t: string offsets of all columns' distinct values, see below */
    MODEL_SECTION_COLUMN_NUMBERS,    /* double: their numbers, NAN if not numeric; as many, v in all */
    MODEL_SECTION_COLUMN_STARTS,     /* uint64_t x c x (n + 1): per column and item where its codes start */
    MODEL_SECTION_COLUMN_CODES,      /* uint32_t: values of items, counted from the column's first value */
    MODEL_SECTION_POSTING_STARTS,    /* uint64_t x (v + 1): per value where the items that have it start */
    MODEL_SECTION_POSTING_ITEMS,     /* uint32_t: item indices, rising within a value, each once */
    MODEL_SECTION_ROW_STARTS,        /* uint64_t x (n + 1): per item where its row of similar items starts */
    MODEL_SECTION_ROW_WORDS,         /* uint32_t: the rows, see below; signed */
    MODEL_SECTION_TRANSITION_STARTS, /* the same two for what comes next to an item in histories */
    MODEL_SECTION_TRANSITION_WORDS,  /* uint32_t */
    MODEL_SECTION_CONTENT_STARTS,    /* the same two for likeness of texts */
    MODEL_SECTION_CONTENT_WORDS,     /* uint32_t; >= 0: content_weight x cosine x kappa / (kappa + users) */
    MODEL_SECTION_TREND,             /* float x n: factor on what behaviour says of the item */
    MODEL_SECTION_SETTINGS,          /* struct model_settings */
    MODEL_SECTION_EVIDENCE,          /* char: how the settings were chosen, text without a zero byte */
    MODEL_SECTION_VECTORS,           /* float x n x ENGINE_VECTOR_SIZE: of texts (text_vector.h) */
    MODEL_SECTION_ITEM_VECTORS,      /* float x n x ENGINE_VECTOR_SIZE: learned, normalised or zero */
    MODEL_SECTION_TEXT_MAP,          /* float x ITEM_VECTOR_FEATURES x ENGINE_VECTOR_SIZE, row by row:
                                        from a text's features to those (item_vector.h); or empty */
    MODEL_SECTION_WORD_TEXTS,        /* uint64_t x w: string offsets of the search words, in bytewise order */
    MODEL_SECTION_WORD_MASKS,        /* uint32_t x w: word_mask() of each (word_distance.h) */
    MODEL_SECTION_WORD_STARTS,       /* uint64_t x (w + 1): per word where the items that have it start */
    MODEL_SECTION_WORD_ITEMS,        /* uint32_t: item indices, rising within a word, each once */
    MODEL_SECTION_WORD_WEIGHTS, /* uint8_t: 255 x the word's weight in the item (text_weight.h), as many */
    MODEL_SECTION__MAX
};

/* The values of a column come in this order: the numeric ones by number, then by the bytes of their texts;
 * behind them the others by the bytes of their texts. So what passes a comparison is a run of values, and
 * the items of a run of values are one piece of POSTING_ITEMS.
 *
 * A row without entries has no words. Else its first word is a float, the row's scale (> 0), and each other
 * word is an entry: in its lower 16 bits how far the target is from the entry before (the first: from item
 * 0), in its upper 16 bits a signed number; the weight is this number x scale. Targets rise within a row.
 * An entry with number 0 bridges a distance of more than 65535 and is no target. The greatest weight of a row
 * has the number 32767, so weights are exact to 1/65534 of it; what would round to 0 is left out. */
enum { MODEL_ROW_DISTANCE_MAX = 65535, MODEL_ROW_NUMBER_MAX = 32767 };

struct model_section {
    uint32_t kind;     /* enum model_section_kind */
    uint32_t reserved; /* zero */
    uint64_t offset;   /* from the start of the file */
    uint64_t bytes;
};
static_assert(sizeof(struct model_section) == 24, "the table has no padding");

struct model_item_texts {
    uint64_t id, name, description, metadata; /* string offsets */
};

struct model_item_times {
    int64_t created, updated; /* Unix seconds */
    int64_t first_event;      /* INT64_MAX when there is none */
};

/* Chosen when training; relevance.c says how each is used. */
struct model_settings {
    float history_half_life;  /* an entry counts half as much when so many newer ones follow; 0: all alike */
    float transition_recency; /* factor on transitions for each newer entry, 0..1 */
    float content_kappa;      /* users of an item at which its content counts half, > 0 */
    float content_weight;     /* on likeness of small text vectors, >= 0 */
    uint32_t reserved[4];     /* zero */
};
static_assert(sizeof(struct model_settings) == 32, "the settings have no padding");

struct model_column {
    uint64_t path;        /* string offset */
    uint64_t value_first; /* its first value in COLUMN_TEXTS and COLUMN_NUMBERS */
    uint64_t value_count;
};

#endif
