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
    uint64_t requests;
};

/* dry_run: nothing is sent. False after saying why it cannot be: [remote] is not for Gorse, no key. Close it
 * also then. config must outlive it. */
bool push_sender_open(struct push_sender *sender, const struct config *config, bool dry_run)
    __attribute__((nonnull, warn_unused_result));
void push_sender_close(struct push_sender *sender) __attribute__((nonnull));

enum push_what { PUSH_ITEMS, PUSH_USERS, PUSH_FEEDBACK, PUSH_WHAT__MAX };

/* Sends a list of count rows, JSON text, unless it is empty; false after saying what went wrong. Sending a
 * list again changes nothing: Gorse stores each entry under its ids. */
bool push_send(struct push_sender *sender, enum push_what what, const char *list, size_t count)
    __attribute__((nonnull, warn_unused_result));

/* Makes Gorse forget a user and the user's feedback; one it does not know is forgotten. False after saying
 * what went wrong, without the id. */
bool push_forget(struct push_sender *sender, const char *user_id)
    __attribute__((nonnull, warn_unused_result));

#endif
