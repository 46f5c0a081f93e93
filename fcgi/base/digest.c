/* OpenSSL's SHA-256; see digest.h. */
#include "base/digest.h"

#include "base/memory.h"

#include <openssl/evp.h>
#include <string.h>

struct digest {
    EVP_MD_CTX *context;
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
    memory_free(digest);
}

void digest_put(struct digest *digest, const void *bytes, size_t length)
{
    if (!EVP_DigestUpdate(digest->context, bytes, length))
        memory_exhausted();
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
    if (!EVP_DigestFinal_ex(digest->context, bytes, NULL) || !EVP_DigestInit_ex(digest->context, NULL, NULL))
        memory_exhausted();
}
