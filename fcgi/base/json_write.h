/* The one writer of JSON: answers, rows of logs, requests to other services, exports.
 *
 * Text is made member by member, from left to right, without an object for each value; json-c's trees are for
 * what is read again (json.h). The text is what json-c would write for the same values, byte for byte: no
 * white space, slashes not escaped. The caller sees to it that the members of an object have different keys.
 *
 * In an object each value has a key; in a list, and for the outermost value, the key is NULL. Mistakes of the
 * caller in that, values left open and more than LIMIT_JSON_DEPTH levels are asserted. */
#ifndef PALATE_BASE_JSON_WRITE_H
#define PALATE_BASE_JSON_WRITE_H

#include "base/json.h"

struct json_writer;

/* A writer of one value; it and its text live in the arena. */
struct json_writer *json_writer_create(struct arena *arena)
    __attribute__((nonnull, returns_nonnull, warn_unused_result));

/* The text, once the outermost value is complete. Valid until the arena's reset. */
const char *json_writer_result(struct json_writer *writer) __attribute__((nonnull, returns_nonnull));

/* From here on long texts given to json_writer_written() and json_writer_part() are not copied but referred to:
 * they must stay as they are as long as the writer. Such a writer has no json_writer_result(), and nothing is
 * written again. */
void json_writer_share(struct json_writer *writer) __attribute__((nonnull));

/* The length of the text of a writer, and the text, piece by piece, once the outermost value is complete.
 * False when send was false. */
size_t json_writer_length(const struct json_writer *writer) __attribute__((nonnull));
bool json_writer_send(const struct json_writer *writer,
                      bool (*send)(void *context, const char *bytes, size_t length), void *context)
    __attribute__((nonnull(1, 2)));

/* Open an object or a list; json_writer_end() closes the innermost. */
void json_writer_object(struct json_writer *writer, const char *key) __attribute__((nonnull(1)));
void json_writer_list(struct json_writer *writer, const char *key) __attribute__((nonnull(1)));
void json_writer_end(struct json_writer *writer) __attribute__((nonnull));

/* Opens an object that begins with the members of a written one: JSON text of an object as json_text() or a
 * writer makes it. */
void json_writer_object_from(struct json_writer *writer, const char *key, const char *object)
    __attribute__((nonnull(1, 3)));

/* From here on json_writer_id() writes numbers: [ids] json = integer. */
void json_writer_ids_as_integers(struct json_writer *writer) __attribute__((nonnull));

/* An id of an item, a user, an event or a context: text, or, after json_writer_ids_as_integers(), a number where
 * its text is one. A number only for digits that mean exactly this number in JavaScript, too: no leading zero, at
 * most 2^53 - 1. NULL writes null. */
void json_writer_id(struct json_writer *writer, const char *key, const char *id) __attribute__((nonnull(1)));

/* NULL text writes null. */
void json_writer_text(struct json_writer *writer, const char *key, const char *text)
    __attribute__((nonnull(1)));
void json_writer_integer(struct json_writer *writer, const char *key, int64_t number)
    __attribute__((nonnull(1)));
void json_writer_boolean(struct json_writer *writer, const char *key, bool flag) __attribute__((nonnull(1)));
void json_writer_null(struct json_writer *writer, const char *key) __attribute__((nonnull(1)));

/* A number with six significant digits, printed shortest: 0.94 stays 0.94. The same text as %.6g. */
void json_writer_number(struct json_writer *writer, const char *key, double number)
    __attribute__((nonnull(1)));
/* A number with all digits that tell it from its neighbours (17), as json-c prints a double. */
void json_writer_double(struct json_writer *writer, const char *key, double number)
    __attribute__((nonnull(1)));

/* The same, or null where the number is not known. */
void json_writer_integer_or_null(struct json_writer *writer, const char *key, bool known, int64_t number)
    __attribute__((nonnull(1)));
void json_writer_number_or_null(struct json_writer *writer, const char *key, bool known, double number)
    __attribute__((nonnull(1)));

/* Lists of numbers with six digits, and of texts. */
void json_writer_numbers(struct json_writer *writer, const char *key, const float *numbers, size_t count)
    __attribute__((nonnull(1)));
void json_writer_texts(struct json_writer *writer, const char *key, const char *const *texts, size_t count)
    __attribute__((nonnull(1)));

/* Any tree; not taken over. NULL writes null. */
void json_writer_json(struct json_writer *writer, const char *key, struct json_object *value)
    __attribute__((nonnull(1)));
/* JSON text of one value, as json_text() or a writer makes it. */
void json_writer_written(struct json_writer *writer, const char *key, const char *json)
    __attribute__((nonnull(1, 3)));
/* The same for the first length bytes of a text. */
void json_writer_part(struct json_writer *writer, const char *key, const char *json, size_t length)
    __attribute__((nonnull(1, 3)));
/* Text that should be a JSON object, such as a column of the database: as it is where it is plain, else as
 * json-c reads and writes it. What is no object becomes an empty one. */
void json_writer_stored(struct json_writer *writer, const char *key, const char *stored)
    __attribute__((nonnull(1, 3)));

/* The value that was completed last, to be written again under another key: an answer has some things twice.
 * Holds as long as the writer. */
struct json_span {
    size_t start, length; /* bytes of its text */
};
struct json_span json_writer_last(const struct json_writer *writer) __attribute__((nonnull));
void json_writer_again(struct json_writer *writer, const char *key, struct json_span value)
    __attribute__((nonnull(1)));

/* A list of texts, for statements that take one parameter for all of them (JSON_TABLE). */
const char *json_of_texts(struct arena *arena, const char *const *texts, size_t count)
    __attribute__((nonnull(1), returns_nonnull, warn_unused_result));

#endif
