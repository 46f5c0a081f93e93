/* One list for a Gorse server: POST or PUT of a JSON list below /api, and what the answer means.
 *
 * Owns the connection and the key. Says itself what goes wrong, never the key. */
#ifndef PALATE_CLI_GORSE_PUSH_SEND_H
#define PALATE_CLI_GORSE_PUSH_SEND_H

#include "base/config.h"

#include <json-c/json.h>
#include <stdbool.h>
#include <stdint.h>

struct push_sender {
    const struct config *config;
    struct client *client; /* NULL: only counts */
    char *key;             /* "": none */
    int timeout_s;         /* for one list */
    uint64_t requests;
};

enum { PUSH_TIMEOUT_DEFAULT = 60, PUSH_TIMEOUT_MAX = 3600 };

/* dry_run: nothing is sent. timeout_s: how long Gorse may take for a list, 1 to PUSH_TIMEOUT_MAX. False after
 * saying why it cannot be: [remote] is not for Gorse, no key. Close it also then. config must outlive it. */
bool push_sender_open(struct push_sender *sender, const struct config *config, int timeout_s, bool dry_run)
    __attribute__((nonnull, warn_unused_result));
void push_sender_close(struct push_sender *sender) __attribute__((nonnull));

enum push_what { PUSH_ITEMS, PUSH_USERS, PUSH_FEEDBACK, PUSH_WHAT__MAX };

enum push_outcome {
    PUSH_TAKEN,
    PUSH_LATE,  /* Gorse lives, but did not finish in time with a list that can be cut; nothing was said */
    PUSH_FAILED /* what went wrong was said, an interruption among it */
};

/* Sends a list of count rows, JSON text, unless it is empty. Sending a list again, or parts of it, changes
 * nothing: Gorse stores each entry under its ids. Ends within a second of an interruption. */
enum push_outcome push_send(struct push_sender *sender, enum push_what what, const char *list, size_t count)
    __attribute__((nonnull, warn_unused_result));

/* Makes Gorse forget a user and the user's feedback; one it does not know is forgotten. False after saying
 * what went wrong, without the id. */
bool push_forget(struct push_sender *sender, const char *user_id)
    __attribute__((nonnull, warn_unused_result));

#endif
