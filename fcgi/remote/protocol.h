/* What is said to a remote recommender, and what its reply means: pure functions on texts.
 *
 * One pair of functions a protocol (protocol_palate.c, protocol_gorse.c). They make no connection and own
 * nothing beyond the arena; replies are foreign bytes, and any bytes are fine. */
#ifndef PALATE_REMOTE_PROTOCOL_H
#define PALATE_REMOTE_PROTOCOL_H

#include "remote/remote.h"

enum { PROTOCOL_HEADERS = 4 };

struct protocol_request {
    const char *url;
    const char *body;                          /* NULL: GET */
    const char *headers[PROTOCOL_HEADERS + 1]; /* "Name: value", NULL at the end */
};

struct protocol {
    const char *name;
    /* base: [remote] url; key: the API key, "" for none. Everything lives in the arena. */
    void (*compose)(struct arena *arena, const char *base, const char *key, const struct remote_query *query,
                    struct protocol_request *request);
    /* Fills entries, count and dropped. False: these bytes are no reply; reply->detail says why. */
    bool (*read)(struct arena *arena, const char *bytes, size_t length, struct remote_reply *reply);
    /* Whether this status of an answer only says that the service has no list; NULL: none does. */
    bool (*is_empty)(const struct remote_query *query, long status);
};

extern const struct protocol protocol_palate, protocol_gorse;

/* ---- For the protocols */

/* JSON of any numbers, also NaN, which some writers emit; NULL: no JSON, reply->detail says why. */
struct json_object *protocol_parse(struct arena *arena, const char *bytes, size_t length,
                                   struct remote_reply *reply) __attribute__((nonnull, warn_unused_result));

/* A usable id: text, or a whole number as text; NULL: none. */
const char *protocol_item_id(struct arena *arena, struct json_object *value)
    __attribute__((nonnull(1), warn_unused_result));

/* Sets *score when value is a finite number. */
bool protocol_score(struct json_object *value, double *score) __attribute__((nonnull(2), warn_unused_result));

/* The score of an entry that has a place in the list and no other: 1 for the first, falling. */
double protocol_score_of_rank(size_t rank) __attribute__((const));

/* Puts the highest score first, and equal ones as they came. */
void protocol_sort(struct arena *arena, struct remote_reply *reply) __attribute__((nonnull));

#endif
