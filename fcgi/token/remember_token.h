/* Tokens that were verified a moment ago: a bounded table of a worker, so that a signature by a public key
 * costs once what it costs.
 *
 * The key of an entry is SHA-256 of the token's bytes. It holds what was proven: claims, times, and which
 * keys proved it. Its user checks times and keys again at each use, and the client is looked up in
 * the database with each request, so what has been revoked in the meantime is refused. */
#ifndef PALATE_TOKEN_REMEMBER_TOKEN_H
#define PALATE_TOKEN_REMEMBER_TOKEN_H

#include "token/claims.h"
#include "token/issuers.h"
#include "token/verify_token.h"

struct remembered_tokens;

struct remembered {
    struct claims claims; /* texts of the table; issuer->name is the issuer's own */
    struct token_times times;
    const struct issuer *issuer; /* NULL: our own key */
    uint64_t generation;         /* of the issuer's keys, or of our secrets */
};

struct remembered_tokens *remembered_tokens_create(void) __attribute__((returns_nonnull, warn_unused_result));

/* NULL is fine. */
void remembered_tokens_destroy(struct remembered_tokens *tokens);

/* Where a token of length bytes is or would be: as the two functions below want it. */
struct token_place {
    unsigned char digest[32];
};
void remembered_tokens_locate(struct remembered_tokens *tokens, const char *text, size_t length,
                              struct token_place *place) __attribute__((nonnull));

/* Valid until the next store; NULL: not there. */
const struct remembered *remembered_tokens_find(struct remembered_tokens *tokens,
                                                const struct token_place *place)
    __attribute__((nonnull, warn_unused_result));

/* Copies what was proven, in the place of the least lately used of four. Claims of more than
 * LIMIT_REMEMBERED_BYTES are not kept. */
void remembered_tokens_store(struct remembered_tokens *tokens, const struct token_place *place,
                             const struct remembered *proven) __attribute__((nonnull));

#endif
