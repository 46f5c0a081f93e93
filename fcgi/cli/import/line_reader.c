/* Lines of plain, gzip or xz files; see line_reader.h.
 *
 * The problem: catalogues and event logs come as they are, packed or not, of any size, through a pipe or
 * from a disc, and sometimes cut short or damaged. They must be read in bounded memory, with the number of
 * each line for messages, and a file that ends too early must never pass for a complete one.
 *
 * Four stages hand bytes on, each with a buffer of its own: input (64 KiB as stored), packed no more (256 KiB), output
 * (the same as UTF-8), line (1 MiB). fill_input() reads the file, unpack_*() unpacks, text_decode() makes UTF-8 of it
 * (text_encoding.c), take_line() moves bytes from the output to the line up to its end. A stage runs only when the
 * next one is empty, so that nothing is read ahead of what is needed, which keeps the position honest for the
 * progress display.
 *
 * A line ends with LF or CRLF; or with CR alone, as old programs of the Macintosh have it, where the first line end of
 * the file outside of quotes is one. A LF is part of the line there.
 *
 * How a file is packed is seen from its first bytes (1f 8b: gzip; fd 37 7a 58 5a 00: xz) and not from its
 * name, since names lie and a pipe has none. Two packed files one behind the other are legal and read as
 * one, as gzip and xz themselves have it: liblzma does that by a flag, zlib by a reset when a stream ended
 * and there are bytes left.
 *
 * A line that is too long is counted on to its end but not kept, so that the caller can report it with its
 * number and go on behind it. Damage in packed data ends the reading: what follows cannot be trusted, nor
 * can line numbers.
 *
 * Memory is about 2.3 MiB and what the unpacker needs, which for xz is limited: the dictionary's size
 * stands in the file, so a file of a few bytes could otherwise ask for gigabytes. Time is that of the
 * unpacker and one memchr() over each byte. */
#include "cli/import/line_reader.h"

#include "base/memory.h"
#include "cli/command.h"

#include <errno.h>
#include <fcntl.h>
#include <lzma.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

enum {
    INPUT_BYTES = 64 * 1024,
    OUTPUT_BYTES = 256 * 1024,
    GZIP_WINDOW = 15 + 16,
    BEGINNING_BYTES = 512 /* how a file is packed, and what an XML declaration says, stands in these */
};

enum packing { PACKING_PLAIN, PACKING_GZIP, PACKING_XZ };

struct line_reader {
    char *path;
    int fd;
    uint64_t size, position, number;
    enum packing packing;
    bool input_ended;  /* the file has no more bytes */
    bool stream_open;  /* a compressed stream has begun and not ended */
    bool output_ended; /* nothing more will be unpacked */
    bool broken;
    z_stream gzip;
    lzma_stream xz;
    unsigned char *input;
    size_t input_used, input_length;
    char *unpacked;
    size_t unpacked_length;
    struct text_decoder decoder;
    char *output; /* UTF-8 */
    size_t output_used, output_length;
    char line_end; /* LF or CR */
    char *line;    /* LINE_BYTES and a zero */
    char problem[300];
};

static bool fail(struct line_reader *reader, const char *what)
{
    snprintf(reader->problem, sizeof(reader->problem), "%.200s: %s", reader->path, what);
    reader->broken = true;
    return false;
}

/* Reads more when all input is used up. A signal during the read ends it only when it was one that asks
 * the command to end. */
static bool fill_input(struct line_reader *reader)
{
    while (!reader->input_ended && reader->input_used == reader->input_length) {
        ssize_t got = read(reader->fd, reader->input, INPUT_BYTES);
        if (got < 0 && errno == EINTR && !command_is_interrupted())
            continue;
        if (got < 0)
            return fail(reader, errno == EINTR ? "interrupted" : strerror(errno));
        reader->input_ended = got == 0;
        reader->input_used = 0;
        reader->input_length = (size_t)got;
        reader->position += (uint64_t)got;
    }
    return true;
}

/* There is nothing to unpack, so input is copied: 64 KiB at a time, which costs little and keeps the
 * stages alike. */
static bool unpack_plain(struct line_reader *reader)
{
    size_t length = reader->input_length - reader->input_used;
    memcpy(reader->unpacked, reader->input + reader->input_used, length);
    reader->input_used = reader->input_length;
    reader->unpacked_length = length;
    reader->output_ended = reader->input_ended;
    return true;
}

static bool unpack_gzip(struct line_reader *reader)
{
    z_stream *gzip = &reader->gzip;
    if (!reader->stream_open && reader->input_ended) {
        reader->output_ended = true;
        return true;
    }
    if (!reader->stream_open && inflateReset(gzip) != Z_OK)
        memory_exhausted();
    reader->stream_open = true;
    gzip->next_in = reader->input + reader->input_used;
    gzip->avail_in = (uInt)(reader->input_length - reader->input_used);
    gzip->next_out = (unsigned char *)reader->unpacked;
    gzip->avail_out = OUTPUT_BYTES;
    int code = inflate(gzip, Z_NO_FLUSH);
    reader->input_used = reader->input_length - gzip->avail_in;
    reader->unpacked_length = OUTPUT_BYTES - gzip->avail_out;
    /* Z_BUF_ERROR only says that no progress was possible, for want of input or of room: more input comes,
     * unless the file has ended in the middle of a stream. */
    if (code == Z_STREAM_END)
        reader->stream_open = false;
    else if (code == Z_MEM_ERROR)
        memory_exhausted();
    else if (code == Z_BUF_ERROR && reader->input_ended)
        return fail(reader, "the gzip data ends too early: the file was cut short");
    else if (code != Z_OK && code != Z_BUF_ERROR)
        return fail(reader, "the gzip data is damaged");
    return true;
}

static bool unpack_xz(struct line_reader *reader)
{
    lzma_stream *xz = &reader->xz;
    xz->next_in = reader->input + reader->input_used;
    xz->avail_in = reader->input_length - reader->input_used;
    xz->next_out = (unsigned char *)reader->unpacked;
    xz->avail_out = OUTPUT_BYTES;
    lzma_ret code = lzma_code(xz, reader->input_ended ? LZMA_FINISH : LZMA_RUN);
    reader->input_used = reader->input_length - xz->avail_in;
    reader->unpacked_length = OUTPUT_BYTES - xz->avail_out;
    switch (code) {
    case LZMA_OK:
        return true;
    case LZMA_STREAM_END:
        reader->output_ended = true;
        return true;
    case LZMA_BUF_ERROR:
        return reader->input_ended ? fail(reader, "the xz data ends too early: the file was cut short")
                                   : true;
    case LZMA_MEM_ERROR:
        memory_exhausted();
    case LZMA_MEMLIMIT_ERROR:
        return fail(reader, "unpacking the xz data needs more than 128 MiB of memory; pack it with xz -6");
    default:
        return fail(reader, "the xz data is damaged");
    }
}

/* What is no text, whatever its name: "what it is: what to do about it"; NULL: it may be one. */
static const char *name_other_kind(const char *bytes, size_t length)
{
    static const struct {
        const char *begin;
        size_t length;
        const char *name;
    } kinds[] = {
        {"PK\x03\x04", 4,
         "is a workbook (xlsx, ods) or another zip file: save the sheet as CSV, or unpack it first"},
        {"\xD0\xCF\x11\xE0", 4, "is an Excel workbook (xls): save the sheet as CSV"},
        {"BZh", 3, "is packed with bzip2: unpack it first, or pack it with gzip or xz"},
        {"\x28\xB5\x2F\xFD", 4, "is packed with zstd: unpack it first, or pack it with gzip or xz"},
        {"7z\xBC\xAF", 4, "is packed with 7z: unpack it first, or pack it with gzip or xz"},
        {"Rar!", 4, "is packed with rar: unpack it first, or pack it with gzip or xz"},
        {"%PDF", 4, "is a PDF, no table"},
        {"PAR1", 4, "is a Parquet file: write it as CSV or JSON lines"},
        {"SQLite format 3", 15, "is an SQLite database: write the table as CSV or JSON lines"},
        {"\x89PNG", 4, "is an image, no table"},
        {"\xFF\xD8\xFF", 3, "is an image, no table"},
        {"\xFF\xFE\0\0", 4, "is in UTF-32: convert it to UTF-8 (iconv)"},
        {"\0\0\xFE\xFF", 4, "is in UTF-32: convert it to UTF-8 (iconv)"},
    };
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (length >= kinds[i].length && !memcmp(bytes, kinds[i].begin, kinds[i].length))
            return kinds[i].name;
    }
    return NULL;
}

/* Puts at least one byte into the output unless the end is reached. */
static bool fill_output(struct line_reader *reader)
{
    reader->output_used = 0;
    reader->output_length = 0;
    while (!reader->output_length && !reader->output_ended) {
        reader->unpacked_length = 0;
        if (!fill_input(reader))
            return false;
        bool done = reader->packing == PACKING_PLAIN  ? unpack_plain(reader)
                    : reader->packing == PACKING_GZIP ? unpack_gzip(reader)
                                                      : unpack_xz(reader);
        if (!done)
            return false;
        const char *other =
            reader->decoder.begun ? NULL : name_other_kind(reader->unpacked, reader->unpacked_length);
        if (other)
            return fail(reader, other);
        reader->output_length = text_decode(&reader->decoder, reader->unpacked, reader->unpacked_length,
                                            reader->output_ended, reader->output);
    }
    return true;
}

/* Reads the first bytes and prepares what unpacks them. */
static bool recognise_packing(struct line_reader *reader)
{
    size_t length = 0;
    while (length < BEGINNING_BYTES && !reader->input_ended) {
        ssize_t got = read(reader->fd, reader->input + length, INPUT_BYTES - length);
        if (got < 0 && errno == EINTR && !command_is_interrupted())
            continue;
        if (got < 0)
            return fail(reader, strerror(errno));
        reader->input_ended = got == 0;
        length += (size_t)got;
    }
    reader->input_length = length;
    reader->position = length;
    if (length >= 2 && !memcmp(reader->input, "\x1f\x8b", 2)) {
        reader->packing = PACKING_GZIP;
        if (inflateInit2(&reader->gzip, GZIP_WINDOW) != Z_OK)
            memory_exhausted();
    } else if (length >= 6 && !memcmp(reader->input,
                                      "\xfd"
                                      "7zXZ\0",
                                      6)) {
        reader->packing = PACKING_XZ;
        if (lzma_stream_decoder(&reader->xz, LINE_READER_XZ_MEMORY, LZMA_CONCATENATED) != LZMA_OK)
            memory_exhausted();
    }
    /* The end is for fill_input() to see again: what was read so far has to be unpacked first. */
    reader->input_ended = false;
    return true;
}

static bool open_file(struct line_reader *reader)
{
    struct stat status;
    bool standard_input = !strcmp(reader->path, "-");
    reader->fd = standard_input ? STDIN_FILENO : open(reader->path, O_RDONLY | O_CLOEXEC);
    if (reader->fd < 0 || fstat(reader->fd, &status))
        return fail(reader, strerror(errno));
    if (S_ISDIR(status.st_mode))
        return fail(reader, "is a directory, not a file");
    if (S_ISREG(status.st_mode))
        reader->size = (uint64_t)status.st_size;
    return recognise_packing(reader);
}

/* The first line end outside of quotes, as far as the first bytes show one. */
static char find_line_end(const char *text, size_t length)
{
    bool quoted = false;
    for (size_t i = 0; i < length; i++) {
        quoted ^= text[i] == '"';
        if (!quoted && (text[i] == '\n' || text[i] == '\r'))
            return text[i] == '\r' && i + 1 < length && text[i + 1] != '\n' ? '\r' : '\n';
    }
    return '\n';
}

struct line_reader *line_reader_open(const char *path, char *problem, size_t problem_size)
{
    struct line_reader *reader = memory_alloc(1, sizeof(*reader));
    reader->xz = (lzma_stream)LZMA_STREAM_INIT;
    reader->path = memory_copy_text(path);
    reader->fd = -1;
    reader->input = memory_alloc(INPUT_BYTES, 1);
    reader->unpacked = memory_alloc(OUTPUT_BYTES, 1);
    reader->output = memory_alloc(DECODED_BYTES_MAX * OUTPUT_BYTES + DECODED_MORE, 1);
    reader->line = memory_alloc(LINE_BYTES + 1, 1);
    if (open_file(reader) && fill_output(reader)) {
        reader->line_end = find_line_end(reader->output, reader->output_length);
        return reader;
    }
    snprintf(problem, problem_size, "cannot read %s", reader->problem);
    line_reader_close(reader);
    return NULL;
}

void line_reader_close(struct line_reader *reader)
{
    if (!reader)
        return;
    if (reader->packing == PACKING_GZIP)
        inflateEnd(&reader->gzip);
    lzma_end(&reader->xz);
    if (reader->fd > STDIN_FILENO)
        close(reader->fd);
    memory_free(reader->path);
    memory_free(reader->input);
    memory_free(reader->unpacked);
    memory_free(reader->output);
    memory_free(reader->line);
    memory_free(reader);
}

/* Moves bytes up to and with the next line end to the line; true when it was there. What does not fit any more
 * is counted, not kept. */
static bool take_line(struct line_reader *reader, size_t *length)
{
    const char *from = reader->output + reader->output_used;
    size_t left = reader->output_length - reader->output_used;
    const char *end = memchr(from, reader->line_end, left);
    size_t part = end ? (size_t)(end - from) : left;
    if (*length + part <= LINE_BYTES)
        memcpy(reader->line + *length, from, part);
    *length = *length + part <= LINE_BYTES ? *length + part : LINE_BYTES + 1;
    reader->output_used += part + (end ? 1 : 0);
    return end;
}

enum line_outcome line_reader_next(struct line_reader *reader, char **line, size_t *length)
{
    bool begun = false, ended = false;
    *length = 0;
    *line = reader->line;
    while (!ended) {
        if (reader->broken)
            return LINE_BROKEN;
        if (reader->output_used == reader->output_length && !fill_output(reader))
            return LINE_BROKEN;
        if (reader->output_used == reader->output_length)
            break;
        begun = true;
        ended = take_line(reader, length);
    }
    if (!begun)
        return LINE_END;
    reader->number++;
    if (*length > LINE_BYTES)
        return LINE_TOO_LONG;
    if (*length && reader->line[*length - 1] == '\r')
        --*length;
    reader->line[*length] = '\0';
    return LINE_OK;
}

int line_reader_byte(struct line_reader *reader)
{
    if (reader->broken || (reader->output_used == reader->output_length && !fill_output(reader)))
        return LINE_READER_BROKEN;
    if (reader->output_used == reader->output_length)
        return LINE_READER_END;
    unsigned char byte = (unsigned char)reader->output[reader->output_used++];
    reader->number += byte == (unsigned char)reader->line_end;
    return byte;
}

enum text_encoding line_reader_encoding(const struct line_reader *reader)
{
    return reader->decoder.encoding;
}

bool line_reader_ends_with_cr(const struct line_reader *reader)
{
    return reader->line_end == '\r';
}

int line_reader_peek(const struct line_reader *reader)
{
    size_t at = reader->output_used;
    while (at < reader->output_length && memchr(" \t\r\n", reader->output[at], 4))
        at++;
    return at < reader->output_length ? (unsigned char)reader->output[at] : LINE_READER_END;
}

uint64_t line_reader_number(const struct line_reader *reader)
{
    return reader->number;
}

uint64_t line_reader_position(const struct line_reader *reader)
{
    return reader->position;
}

uint64_t line_reader_size(const struct line_reader *reader)
{
    return reader->size;
}

const char *line_reader_problem(const struct line_reader *reader)
{
    return reader->problem;
}
