/* Whose an erasure was, as its receipt keeps it: a hash that only those who have the installation's key can
 * compute, so that whoever reads the database cannot try out ids. */
#ifndef PALATE_CLI_ACCOUNTS_RECEIPT_H
#define PALATE_CLI_ACCOUNTS_RECEIPT_H

#include "cli/session.h"
#include "storage/users.h"

enum { RECEIPT_KEY_BYTES = 64 }; /* hexadecimal digits, used as they are */

struct receipt_key {
    char text[RECEIPT_KEY_BYTES + 1];
};

/* Reads [tool] receipt_key_file, and makes it, readable by its owner alone, where there is none. False after
 * saying why. */
bool receipt_key_load(struct session *session, struct receipt_key *key)
    __attribute__((nonnull, warn_unused_result));

/* HMAC-SHA-256, by the key, of SHA-256 of the tenant's key, a zero byte and the user's id. */
void receipt_hash(const struct receipt_key *key, struct arena *arena, const char *tenant_key,
                  const char *user_id, unsigned char hash[ERASURE_HASH_BYTES]) __attribute__((nonnull));

/* An erasure_key: makes of such a SHA-256 its HMAC. context: the struct receipt_key. */
void receipt_key_hash(void *context, unsigned char hash[ERASURE_HASH_BYTES]) __attribute__((nonnull));

#endif
