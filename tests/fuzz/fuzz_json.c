/* Fuzzes the one door for JSON and what writes it.
 *
 * The first byte chooses: a document; an object that may be passed on as it is; text to be written; a number
 * to be written. What must hold: what was read can be written and read again, and is the same; what is called
 * plain is an object by the strict rules; our quick writer makes what json-c and printf make.
 *
 * Covers: fcgi/base/json.c fcgi/base/json_write.c */
#include "fixture.h"

#include "base/json_plain.h"
#include "base/json_write.h"

#include <math.h>

static void fuzz_document(struct arena *arena, const struct input *input)
{
    struct json_object *value = NULL, *loose = NULL;
    const char *problem = NULL, *loose_problem = NULL;
    bool read = json_parse_arena(arena, input->bytes, input->length, &value, &problem);
    bool loosely = json_parse_any_number(input->bytes, input->length, &loose, &loose_problem);
    must(read == !problem && loosely == !loose_problem, "a problem exactly when it is refused");
    must(loosely || !read, "what is JSON to the strict reader is JSON to the other one");
    json_object_put(loose);
    if (!read)
        return;
    must(text_is_utf8(input->bytes, input->length) && !memchr(input->bytes, '\0', input->length), "text");
    const char *text = arena_copy_text(arena, json_text(value));
    struct json_object *again = json_again(arena, text);
    must(json_object_equal(value, again) && !strcmp(json_text(again), text),
         "the same when it is read again");
    if (!json_object_is_type(value, json_type_object) && !json_object_is_type(value, json_type_array))
        return;
    struct json_writer *writer = json_writer_create(arena);
    json_writer_list(writer, NULL);
    json_writer_json(writer, NULL, value);
    json_writer_end(writer);
    must(!strcmp(json_writer_result(writer), arena_format(arena, "[%s]", text)), "what json-c writes");
}

static void fuzz_plain(struct arena *arena, const struct input *input)
{
    char *text = input_text(input, arena);
    if (!json_is_plain_object(text))
        return;
    struct json_object *value = json_again(arena, text);
    must(json_object_is_type(value, json_type_object), "plain objects are objects");
    struct json_writer *writer = json_writer_create(arena);
    json_writer_object_from(writer, NULL, text);
    json_writer_integer(writer, "added", 1);
    json_writer_end(writer);
    struct json_object *written = json_again(arena, json_writer_result(writer));
    json_object_object_add(value, "added", json_object_new_int64(1));
    must(json_object_equal(value, written), "a plain object, passed on and added to");
    struct json_writer *stored = json_writer_create(arena);
    json_writer_stored(stored, NULL, text);
    must(json_object_equal(json_again(arena, json_writer_result(stored)), json_again(arena, text)),
         "a plain object, passed on as text");
}

static void fuzz_text(struct arena *arena, const struct input *input)
{
    char *text = input_text(input, arena);
    if (!text_is_utf8(text, strlen(text)))
        return;
    struct json_object *object = json_keep(arena, json_object_new_object());
    struct json_writer *writer = json_writer_create(arena);
    json_add_text(object, "text", text);
    json_writer_object(writer, NULL);
    json_writer_text(writer, "text", text);
    json_writer_end(writer);
    must(!strcmp(json_writer_result(writer), json_text(object)), "what json-c writes");
    must(!strcmp(json_object_get_string(json_member(json_again(arena, json_text(object)), "text")), text),
         "the same text when it is read again");
}

static void fuzz_number(struct arena *arena, const struct input *input)
{
    double number;
    char wanted[40];
    if (input->length < sizeof(number))
        return;
    memcpy(&number, input->bytes, sizeof(number));
    if (!isfinite(number))
        return;
    snprintf(wanted, sizeof(wanted), "%.6g", number);
    struct json_writer *writer = json_writer_create(arena);
    json_writer_list(writer, NULL);
    json_writer_number(writer, NULL, number);
    json_writer_end(writer);
    must(!strcmp(json_writer_result(writer), arena_format(arena, "[%s]", wanted)),
         "what printf writes, in a list");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static void (*const parts[])(struct arena *, const struct input *) = {fuzz_document, fuzz_plain,
                                                                          fuzz_text, fuzz_number};
    struct arena *arena = arena_create();
    struct input input = {.bytes = (const char *)data, .length = size};
    unsigned which = input_byte(&input);
    parts[which % COUNT(parts)](arena, &input);
    arena_destroy(arena);
    return 0;
}
