/* Secrets and their hashes; see client_secret.h.
 *
 * Slow hashes (bcrypt, Argon2) protect what people choose, by making each guess dear. These secrets are 32
 * random bytes: there are 2^256 of them, so a fast hash is as good, and a token request costs no more than
 * others. The salt makes equal secrets of two clients look different. Current and previous secret are always
 * both hashed and compared, also when the client does not exist, so that the time of the answer tells
 * nothing. */
#include "token/client_secret.h"

#include "base/digest.h"
#include "base/random.h"
#include "base/text.h"

#include <openssl/crypto.h>
#include <string.h>

void client_secret_encode(const unsigned char bytes[CLIENT_SECRET_BYTES], char secret[CLIENT_SECRET_SIZE])
{
    text_encode_base64url(bytes, CLIENT_SECRET_BYTES, secret);
}

/* SHA-256 of salt and secret. */
static void hash_secret(const unsigned char *salt, const char *secret, unsigned char *bytes)
{
    struct digest *digest = digest_create();
    digest_put(digest, salt, CLIENT_SALT_BYTES);
    digest_put(digest, secret, strlen(secret));
    digest_end(digest, bytes);
    digest_destroy(digest);
}

void client_secret_make(char secret[CLIENT_SECRET_SIZE], struct hashed_secret *hashed)
{
    unsigned char bytes[CLIENT_SECRET_BYTES];
    random_fill(bytes, sizeof(bytes));
    random_fill(hashed->salt, sizeof(hashed->salt));
    client_secret_encode(bytes, secret);
    hash_secret(hashed->salt, secret, hashed->hash);
    OPENSSL_cleanse(bytes, sizeof(bytes));
}

static bool is_secret(const struct hashed_secret *hashed, const char *secret)
{
    unsigned char digest[CLIENT_HASH_BYTES];
    hash_secret(hashed->salt, secret, digest);
    return CRYPTO_memcmp(digest, hashed->hash, sizeof(digest)) == 0;
}

bool client_secret_fits(const struct client_secrets *secrets, const char *secret, int64_t now)
{
    bool current = is_secret(&secrets->current, secret);
    bool previous = is_secret(&secrets->previous, secret);
    bool overlaps = now < secrets->previous_until;
    return secrets->active & (current | (previous & overlaps));
}
