/* Secrets of API clients: random texts, of which the database has only salted hashes.
 *
 * A secret has 256 random bits, so one round of SHA-256 is enough: there is nothing to guess it from. */
#ifndef PALATE_TOKEN_CLIENT_SECRET_H
#define PALATE_TOKEN_CLIENT_SECRET_H

#include "storage/clients.h"

#include <stdbool.h>
#include <stdint.h>

enum { CLIENT_SECRET_BYTES = 32, CLIENT_SECRET_SIZE = 44 };

/* base64url without padding (RFC 4648) of CLIENT_SECRET_BYTES. */
void client_secret_encode(const unsigned char bytes[CLIENT_SECRET_BYTES], char secret[CLIENT_SECRET_SIZE])
    __attribute__((nonnull));

/* A new secret and what is stored of it. */
void client_secret_make(char secret[CLIENT_SECRET_SIZE], struct hashed_secret *hashed)
    __attribute__((nonnull));

/* Whether the secret is the client's current one, or its previous one before previous_until. The time it
 * takes tells nothing of which it was nor how much of it was right: it does the same for zeroes, which stand
 * for a client that does not exist. */
bool client_secret_fits(const struct client_secrets *secrets, const char *secret, int64_t now)
    __attribute__((nonnull, warn_unused_result));

#endif
