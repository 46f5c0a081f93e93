/* Lines of a file, as UTF-8. It may be plain, gzip or xz, in UTF-8, UTF-16 or Windows-1252, with lines that end with
 * LF, CRLF or CR; what it is, is seen from its bytes.
 *
 * Memory is bounded: a line has at most LINE_BYTES, xz at most LINE_READER_XZ_MEMORY. Several compressed
 * streams one behind the other read as one. Does not look at what a line means. */
#ifndef PALATE_CLI_IMPORT_LINE_READER_H
#define PALATE_CLI_IMPORT_LINE_READER_H

#include "cli/import/text_encoding.h"

#include <stddef.h>
#include <stdint.h>

enum {
    LINE_BYTES = 1024 * 1024,                  /* metadata, name and description, all escaped, fit well */
    LINE_READER_XZ_MEMORY = 128 * 1024 * 1024, /* xz -9 needs 65 MiB */
};

enum line_outcome {
    LINE_OK,
    LINE_END,
    LINE_TOO_LONG, /* skipped to its end; reading can go on */
    LINE_BROKEN,   /* cannot be read any further: line_reader_problem() says why */
};

struct line_reader;

/* "-" is standard input. On failure returns NULL and writes a sentence to problem. */
struct line_reader *line_reader_open(const char *path, char *problem, size_t problem_size)
    __attribute__((nonnull, warn_unused_result));

/* NULL is fine. */
void line_reader_close(struct line_reader *reader);

/* The next line without its end, with a zero behind; valid until the next call. A last line without a
 * line end counts; nothing behind the last line end does not. A byte order mark at the start is left out. */
enum line_outcome line_reader_next(struct line_reader *reader, char **line, size_t *length)
    __attribute__((nonnull, warn_unused_result));

/* The next byte of the text, whatever line it is in, or one of these. The number of the line counts the line ends that
 * have been passed. */
enum { LINE_READER_END = -1, LINE_READER_BROKEN = -2 };
int line_reader_byte(struct line_reader *reader) __attribute__((nonnull, warn_unused_result));

/* The next byte that is no blank and no line end; LINE_READER_END when there is none or it is not known yet. */
int line_reader_peek(const struct line_reader *reader) __attribute__((nonnull));

/* What the file has turned out to be, as far as it has been read. */
enum text_encoding line_reader_encoding(const struct line_reader *reader) __attribute__((nonnull));
bool line_reader_ends_with_cr(const struct line_reader *reader) __attribute__((nonnull));

/* The number of the line last returned, from 1. */
uint64_t line_reader_number(const struct line_reader *reader) __attribute__((nonnull));

/* Bytes of the file read so far, as stored (compressed), and its size; 0 when that is unknown. */
uint64_t line_reader_position(const struct line_reader *reader) __attribute__((nonnull));
uint64_t line_reader_size(const struct line_reader *reader) __attribute__((nonnull));

const char *line_reader_problem(const struct line_reader *reader) __attribute__((nonnull));

#endif
