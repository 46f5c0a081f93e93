/* JSON that is quick to write, for answers: numbers of six digits, text that is passed on, and text made
 * without an object for each value. What comes out is what json-c would write, and becomes part of a json-c
 * object. */
#ifndef PALATE_BASE_JSON_WRITE_H
#define PALATE_BASE_JSON_WRITE_H

#include "base/json.h"

/* A number with six significant digits, printed shortest: 0.94 stays 0.94. The same text as %.6g. */
struct json_object *json_new_number(double number) __attribute__((warn_unused_result));

/* A value that stands for JSON text, which must stay where it is until the value has been written for the
 * last time. It may be added to several objects (json_object_get), and cannot be looked into. */
struct json_object *json_new_text(const char *text) __attribute__((nonnull, warn_unused_result));

/* Whether a text is one JSON object by the rules of json_parse(), in a form so plain that it may be passed on
 * as it is: without escapes, exponents and white space. What is refused here may still be good JSON. */
bool json_is_plain_object(const char *text) __attribute__((nonnull));

/* Text made member by member, for answers with many objects: the same text as json-c makes, without an object
 * for each value. It lives in the arena. In an object each value has a key, a literal; in a list it is NULL.
 */
struct json_writer *json_writer_create(struct arena *arena)
    __attribute__((nonnull, returns_nonnull, warn_unused_result));

/* Opens an object or a list; json_writer_end() closes it. At most LIMIT_JSON_DEPTH levels. */
void json_writer_object(struct json_writer *writer, const char *key) __attribute__((nonnull(1)));
void json_writer_list(struct json_writer *writer, const char *key) __attribute__((nonnull(1)));
void json_writer_end(struct json_writer *writer) __attribute__((nonnull));

/* Opens an object that already has the members of a plain one. */
void json_writer_plain_object(struct json_writer *writer, const char *key, const char *plain)
    __attribute__((nonnull(1, 3)));

/* NULL text writes null. */
void json_writer_text(struct json_writer *writer, const char *key, const char *text)
    __attribute__((nonnull(1)));
void json_writer_integer(struct json_writer *writer, const char *key, int64_t number)
    __attribute__((nonnull(1)));
void json_writer_boolean(struct json_writer *writer, const char *key, bool flag) __attribute__((nonnull(1)));
/* With six digits, as json_new_number(). */
void json_writer_number(struct json_writer *writer, const char *key, double number)
    __attribute__((nonnull(1)));
void json_writer_numbers(struct json_writer *writer, const char *key, const float *numbers, size_t count)
    __attribute__((nonnull(1, 3)));
/* Any value; not taken over. */
void json_writer_json(struct json_writer *writer, const char *key, struct json_object *value)
    __attribute__((nonnull(1)));
/* JSON text, as json_text() makes it. */
void json_writer_written(struct json_writer *writer, const char *key, const char *json)
    __attribute__((nonnull(1, 3)));

/* What has been written, when everything is closed. */
const char *json_writer_result(struct json_writer *writer) __attribute__((nonnull, returns_nonnull));

#endif
