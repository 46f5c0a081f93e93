/* Sections that grow side by side; see delta_stream.h.
 *
 * An item has something in six sections, and how long one of strings or postings becomes is known only when
 * all has been written. Putting the file together in memory first would take as much memory as it is meant to
 * save. So each section is given the room that it can need at most, and is written there; what it does not
 * fill stays a hole, which takes no blocks on the disk. The strings, of which least is known, come last. */
#include "engine/delta_stream.h"

#include "base/memory.h"
#include "base/write_file.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

enum { BUFFER_BYTES = 64 * 1024 };

void delta_stream_begin(struct delta_stream *stream, int descriptor, const uint64_t rooms[DELTA_SECTION__MAX])
{
    uint64_t offset = sizeof(struct delta_header);
    *stream = (struct delta_stream){.descriptor = descriptor};
    for (int kind = 0; kind < DELTA_SECTION__MAX; kind++) {
        offset = (offset + DELTA_ALIGNMENT - 1) / DELTA_ALIGNMENT * DELTA_ALIGNMENT;
        stream->sinks[kind].offset = offset;
        stream->sinks[kind].room = kind == DELTA_SECTION_STRINGS ? UINT64_MAX : rooms[kind];
        stream->sinks[kind].buffer = memory_alloc(BUFFER_BYTES, 1);
        offset += rooms[kind];
    }
}

static void write_at(struct delta_stream *stream, uint64_t offset, const void *bytes, size_t length)
{
    if (stream->error || !length)
        return;
    if (lseek(stream->descriptor, (off_t)offset, SEEK_SET) < 0 ||
        !write_fully(stream->descriptor, bytes, length))
        stream->error = errno;
}

static void flush_sink(struct delta_stream *stream, struct delta_sink *sink)
{
    write_at(stream, sink->offset + sink->bytes - sink->buffered, sink->buffer, sink->buffered);
    sink->buffered = 0;
}

void delta_stream_put(struct delta_stream *stream, enum delta_section_kind kind, const void *bytes,
                      size_t length)
{
    struct delta_sink *sink = &stream->sinks[kind];
    if (length > sink->room - sink->bytes) { /* more than there should be: rather no file than a wrong one */
        stream->error = stream->error ? stream->error : EOVERFLOW;
        return;
    }
    if (length > BUFFER_BYTES - sink->buffered)
        flush_sink(stream, sink);
    if (length > BUFFER_BYTES) {
        write_at(stream, sink->offset + sink->bytes, bytes, length);
    } else {
        memcpy(sink->buffer + sink->buffered, bytes, length);
        sink->buffered += length;
    }
    sink->bytes += length;
}

int delta_stream_end(struct delta_stream *stream, struct delta_section sections[DELTA_SECTION__MAX])
{
    for (int kind = 0; kind < DELTA_SECTION__MAX; kind++) {
        struct delta_sink *sink = &stream->sinks[kind];
        flush_sink(stream, sink);
        memory_free(sink->buffer);
        sections[kind] = (struct delta_section){.offset = sink->offset, .bytes = sink->bytes};
    }
    return stream->error;
}

int delta_stream_write_at_start(struct delta_stream *stream, const void *bytes, size_t length)
{
    write_at(stream, 0, bytes, length);
    return stream->error;
}
