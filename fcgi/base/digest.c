/* OpenSSL's SHA-256; see digest.h. */
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

static void update(struct digest *digest, const void *bytes, size_t length)
{
    if (!EVP_DigestUpdate(digest->context, bytes, length))
        memory_exhausted();
}

/* What is put in may be a secret. */
static void hand_over(struct digest *digest)
{
    update(digest, digest->bytes, digest->held);
    OPENSSL_cleanse(digest->bytes, digest->held);
    digest->held = 0;
}

void digest_put(struct digest *digest, const void *bytes, size_t length)
{
    if (length > HELD_BYTES - digest->held)
        hand_over(digest);
    if (length > HELD_BYTES) {
        update(digest, bytes, length);
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

/* Without an algorithm it begins anew with the same one. */
void digest_end(struct digest *digest, unsigned char bytes[DIGEST_BYTES])
{
    hand_over(digest);
    if (!EVP_DigestFinal_ex(digest->context, bytes, NULL) || !EVP_DigestInit_ex(digest->context, NULL, NULL))
        memory_exhausted();
}
