/* A JSON array from outside whose entries are parsed one at a time, in place of one tree for all of them.
 *
 * What is kept of an entry takes the place of its own text, so a list needs its bytes and, for a moment, the
 * tree of one entry. */
#ifndef PALATE_BASE_JSON_LIST_H
#define PALATE_BASE_JSON_LIST_H

#include "base/json.h"

struct json_list {
    size_t count;   /* entries */
    size_t longest; /* bytes of the longest of them */

    /* its own */
    char *bytes;
    size_t length, next;
    char *room; /* of the entry that was parsed last: where the next text that is kept of it goes */
    size_t room_left;
};

/* Whether the text begins as an array does. */
bool json_list_begins(const char *bytes, size_t length) __attribute__((nonnull, warn_unused_result));

/* Finds the entries of an array; bytes are changed by what follows and must live as long as what is kept.
 * False when its brackets do not fit or something stands behind it: *problem as json_parse() has it. Whether
 * each entry is JSON is only known when it is parsed. */
bool json_list_open(char *bytes, size_t length, struct json_list *list, const char **problem)
    __attribute__((nonnull, warn_unused_result));

/* Parses the next entry, which the caller owns (NULL stands for JSON null); count times. Fails as json_parse()
 * does. */
bool json_list_next(struct json_list *list, struct json_object **value, const char **problem)
    __attribute__((nonnull, warn_unused_result));

/* A copy of the text in the room of the entry that was parsed last, or in the arena where it does not fit.
 * NULL stays NULL. */
const char *json_list_keep(struct json_list *list, struct arena *arena, const char *text)
    __attribute__((nonnull(1, 2), warn_unused_result));

#endif
