/* What the fuzz targets share: must(), input that is read piece by piece, bytes as a file, texts that are fit
 * to be shown. Each target is a program of its own, so all is static. */
#ifndef PALATE_TESTS_FUZZ_FIXTURE_H
#define PALATE_TESTS_FUZZ_FIXTURE_H

#include "base/arena.h"
#include "base/error.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/memory.h"
#include "base/text.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define FIXTURE      static __attribute__((unused))
#define COUNT(array) (sizeof(array) / sizeof(*(array)))

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Ends the program as a crash does, which libFuzzer reports with the input. */
FIXTURE void must(bool holds, const char *what)
{
    if (holds)
        return;
    fprintf(stderr, "fuzz: this must hold: %s\n", what);
    abort();
}

struct input {
    const char *bytes;
    size_t length;
};

/* The next byte, 0 at the end. */
FIXTURE unsigned input_byte(struct input *input)
{
    if (!input->length)
        return 0;
    input->length--;
    return (unsigned char)*input->bytes++;
}

/* The next line without its end, as text that ends at its first zero byte. */
FIXTURE char *input_line(struct input *input, struct arena *arena)
{
    const char *end = input->length ? memchr(input->bytes, '\n', input->length) : NULL;
    size_t length = end ? (size_t)(end - input->bytes) : input->length;
    char *line = arena_copy_bytes(arena, input->bytes, length);
    length += end ? 1 : 0;
    input->bytes += length;
    input->length -= length;
    return line;
}

/* All that is left, as text that ends at its first zero byte. */
FIXTURE char *input_text(const struct input *input, struct arena *arena)
{
    return arena_copy_bytes(arena, input->bytes, input->length);
}

/* A file that holds the bytes: its path, good until close(*fd). */
FIXTURE const char *file_of(struct arena *arena, const char *bytes, size_t length, int *fd)
{
    *fd = memfd_create("fuzz", MFD_CLOEXEC);
    must(*fd >= 0 && write(*fd, bytes, length) == (ssize_t)length, "a file in memory");
    return arena_format(arena, "/proc/self/fd/%d", *fd);
}

/* Text for people: something, and UTF-8. */
FIXTURE void check_text(const char *text)
{
    must(text && *text, "a text that says something");
    must(text_is_utf8(text, strlen(text)), "a text that is UTF-8");
}

/* At most so many characters of UTF-8; NULL is fine. */
FIXTURE void check_length(const char *text, size_t maximum)
{
    must(!text || (text_is_utf8(text, strlen(text)) && text_count_characters(text) <= maximum),
         "a text no longer than its limit");
}

FIXTURE void check_id(const char *id)
{
    check_length(id, LIMIT_ID_CHARACTERS);
    must(!id || (*id && !text_has_control(id, strlen(id))), "an id without control characters");
}

/* An error exactly when something was refused, with a message, and what it lists has names. */
FIXTURE void check_error(const struct error *error, bool refused)
{
    must(refused == (error->code != ERROR_NONE), "an error exactly when something was refused");
    if (!refused)
        return;
    check_text(error->message);
    must(error->problem_count <= LIMIT_PROBLEMS, "few problems");
    for (size_t i = 0; i < error->problem_count; i++) {
        const char *field = error->problems[i].field; /* may be empty: {"": 1} */
        must(field && text_is_utf8(field, strlen(field)), "a field with a name");
        check_text(error->problems[i].problem);
    }
}

/* JSON that one of our own writers has made. */
FIXTURE struct json_object *json_again(struct arena *arena, const char *text)
{
    struct json_object *value;
    const char *problem;
    must(json_parse_arena(arena, text, strlen(text), &value, &problem), "JSON that can be read again");
    return value;
}

#endif
