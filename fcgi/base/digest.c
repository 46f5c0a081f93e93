/* OpenSSL's SHA-256; see digest.h.
 *
 * Behind EVP and not SHA256_Update(), which OpenSSL 3 calls deprecated; one context is kept and started again
 * for the next hash, because making one looks the algorithm up and costs more than hashing a short key. Lists
 * are hashed as lengths and bytes, so that ("ab", "c") and ("a", "bc") differ without a separator that a text
 * could hold, and numbers as eight bytes in a fixed order, so that keys made on one machine are found on any.
 */
#include "base/digest.h"

#include "base/memory.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <string.h>

enum { HELD_BYTES = 512 };

/* OpenSSL takes longer to be called than to hash a few bytes, so they are collected first. */
struct digest {
    EVP_MD_CTX *context;
    size_t held;
    unsigned char bytes[HELD_BYTES];
};

struct digest *digest_create(void)
{
    struct digest *digest = memory_alloc(1, sizeof(*digest));
    digest->context = EVP_MD_CTX_new();
    if (!digest->context || !EVP_DigestInit_ex(digest->context, EVP_sha256(), NULL))
        memory_exhausted();
    return digest;
}

void digest_destroy(struct digest *digest)
{
    if (!digest)
        return;
    EVP_MD_CTX_free(digest->context);
    OPENSSL_cleanse(digest->bytes, digest->held);
    memory_free(digest);
}

static void update_hash(struct digest *digest, const void *bytes, size_t length)
{
    if (!EVP_DigestUpdate(digest->context, bytes, length))
        memory_exhausted();
}

/* What is put in may be a secret. */
static void flush_held(struct digest *digest)
{
    update_hash(digest, digest->bytes, digest->held);
    OPENSSL_cleanse(digest->bytes, digest->held);
    digest->held = 0;
}

void digest_put(struct digest *digest, const void *bytes, size_t length)
{
    if (length > HELD_BYTES - digest->held)
        flush_held(digest);
    if (length > HELD_BYTES) {
        update_hash(digest, bytes, length);
        return;
    }
    memcpy(digest->bytes + digest->held, bytes, length);
    digest->held += length;
}

void digest_put_number(struct digest *digest, int64_t number)
{
    unsigned char bytes[8];
    for (int i = 0; i < 8; i++)
        bytes[i] = (unsigned char)((uint64_t)number >> (8 * i));
    digest_put(digest, bytes, sizeof(bytes));
}

void digest_put_text(struct digest *digest, const char *text)
{
    size_t length = text ? strlen(text) : 0;
    digest_put_number(digest, text ? (int64_t)length : -1);
    digest_put(digest, text ? text : "", length);
}

/* Initialising without naming an algorithm starts the same one again. */
void digest_end(struct digest *digest, unsigned char bytes[DIGEST_BYTES])
{
    flush_held(digest);
    if (!EVP_DigestFinal_ex(digest->context, bytes, NULL) || !EVP_DigestInit_ex(digest->context, NULL, NULL))
        memory_exhausted();
}
