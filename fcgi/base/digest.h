/* SHA-256 of what is put in piece by piece, for keys and secrets.
 *
 * Cannot fail: what OpenSSL may refuse is memory (base/memory.h). Does not know what is put in. */
#ifndef PALATE_BASE_DIGEST_H
#define PALATE_BASE_DIGEST_H

#include <stddef.h>
#include <stdint.h>

enum { DIGEST_BYTES = 32 };

struct digest;

/* Empty; release with digest_destroy(), for which NULL is fine. */
struct digest *digest_create(void) __attribute__((returns_nonnull, warn_unused_result));
void digest_destroy(struct digest *digest);

void digest_put(struct digest *digest, const void *bytes, size_t length) __attribute__((nonnull));

/* Eight bytes, the lowest first. */
void digest_put_number(struct digest *digest, int64_t number) __attribute__((nonnull));

/* With its length before it, so that no two sequences of texts look alike. NULL is another text than "". */
void digest_put_text(struct digest *digest, const char *text) __attribute__((nonnull(1)));

/* Writes the hash of all that was put in since the last end; then it is empty again, which costs next to
 * nothing. */
void digest_end(struct digest *digest, unsigned char bytes[DIGEST_BYTES]) __attribute__((nonnull));

#endif
