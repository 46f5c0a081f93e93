/* The sections of a delta file as they are written: each is appended to where it stands in the file, through a
 * small buffer. Private to delta_write.c and delta_words.c.
 *
 * Owns the buffers. The first error is kept, and after it nothing is written. */
#ifndef PALATE_ENGINE_DELTA_STREAM_H
#define PALATE_ENGINE_DELTA_STREAM_H

#include "engine/delta_format.h"

#include <stddef.h>

struct delta_stream {
    int descriptor;
    int error; /* 0, or the errno of what could not be written */
    struct delta_sink {
        uint64_t offset; /* of the section */
        uint64_t bytes;  /* put so far, */
        uint64_t room;   /* of so many at most */
        size_t buffered; /* of these in the buffer */
        unsigned char *buffer;
    } sinks[DELTA_SECTION__MAX];
};

/* rooms: for each section, at most how many bytes will be put. The last one needs none. */
void delta_stream_begin(struct delta_stream *stream, int descriptor, const uint64_t rooms[DELTA_SECTION__MAX])
    __attribute__((nonnull));

/* Appends to a section. */
void delta_stream_put(struct delta_stream *stream, enum delta_section_kind kind, const void *bytes,
                      size_t length) __attribute__((nonnull));

/* Writes what is in the buffers and releases them; says where the sections are. 0 or an errno. */
int delta_stream_end(struct delta_stream *stream, struct delta_section sections[DELTA_SECTION__MAX])
    __attribute__((nonnull, warn_unused_result));

/* The same for bytes at the beginning of the file. */
int delta_stream_write_at_start(struct delta_stream *stream, const void *bytes, size_t length)
    __attribute__((nonnull, warn_unused_result));

#endif
