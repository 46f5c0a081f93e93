/* What the engine knows of an item: plain values, from whatever source.
 *
 * Owns nothing: every pointer belongs to whoever filled the struct. Metadata is opaque JSON text here;
 * the caller has flattened it into fields, because the engine does not parse JSON. */
#ifndef PALATE_ENGINE_ITEM_H
#define PALATE_ENGINE_ITEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Parts of the model's format. */
enum {
    ENGINE_VECTOR_SIZE = 64, /* floats in a vector of an item, of its text or learned */
    ITEM_VECTOR_FEATURES =
        1024, /* hashed features of a text, from which item_vector.h maps to such a vector */
    ITEM_VECTOR_MAP_BYTES = ITEM_VECTOR_FEATURES * ENGINE_VECTOR_SIZE * (int)sizeof(float),
};

/* One value of a metadata key. An array gives several fields of the same path, in the array's order;
 * the fields of one path need not be neighbours. A key without a value (JSON null, {} and []) gives none. */
struct engine_field {
    const char *path; /* dotted, without "metadata.": "category", "dimensions.width" */
    const char *text; /* the value as text, never NULL: "red", "12.5", "true" */
    double number;    /* its value where it is one, for bounds, a function of the text; else NAN */
};

struct engine_item {
    const char *id;          /* not empty; unique in a catalogue; compared bytewise */
    const char *name;        /* NULL is read as "" */
    const char *description; /* NULL is read as "" */
    const char *metadata;    /* JSON text, returned as it is; NULL is read as "" */
    int64_t created;         /* Unix seconds */
    int64_t updated;         /* Unix seconds */
    bool active;             /* false: known, but never recommended */
    const struct engine_field *fields;
    size_t field_count;
};

#endif
