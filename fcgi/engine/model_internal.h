/* The mapped model as model.c leaves it and model_access.c reads it; private to these two. */
#ifndef PALATE_ENGINE_MODEL_INTERNAL_H
#define PALATE_ENGINE_MODEL_INTERNAL_H

#include "engine/model_format.h"
#include "engine/word_index.h"

#include <sys/types.h>
#include <time.h>

struct model {
    struct model_header header;
    const unsigned char *bytes; /* the mapping, header.total_bytes long */
    uint64_t section_bytes[MODEL_SECTION__MAX];
    dev_t device; /* which file it is, for model_is_current() */
    ino_t inode;
    struct timespec modified;
    /* The sections; sizes were checked when opening. */
    const char *strings;
    uint64_t string_bytes;
    const struct model_item_texts *item_texts;
    const struct model_item_times *item_times;
    const float *popularity;
    const float *recent;
    const uint32_t *events;
    const struct model_column *columns;
    const uint64_t *column_texts;
    const double *column_numbers;
    uint64_t column_value_count; /* of all columns */
    const uint64_t *column_starts;
    const uint32_t *column_codes;
    uint64_t column_code_count;
    const uint64_t *posting_starts;
    const uint32_t *posting_items;
    uint64_t posting_count;
    struct model_rows {
        const uint64_t *starts;
        const uint32_t *words;
        uint64_t word_count;
    } rows, transitions, contents;
    const float *trend;
    struct model_settings settings; /* each value within its range */
    const char *evidence;
    uint64_t evidence_bytes;
    const float *vectors;
    struct word_index words;
    const float *item_vectors;
    const float *text_map; /* NULL: empty */
};

#endif
