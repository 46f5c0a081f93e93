/* A table of sets of four; see remember_token.h.
 *
 * A cache as processors have it, set-associative with replacement of the least recently used: the first byte
 * of the token's SHA-256 chooses the set, and a token can only be in the four places of its set. So a lookup
 * compares four hashes, an insertion looks for the oldest of four, nothing is ever moved, and the memory has
 * a bound: LIMIT_REMEMBERED_TOKENS times a place and its texts. A client that asks with ever new tokens can
 * push out others, which then cost one verification; an expired token is pushed out by and by and refused by
 * its times until then.
 *
 * The key is a cryptographic hash, since a token that only looked like a remembered one would be let in; and
 * it is compared in constant time, so that the time of an answer says nothing of the tokens that are there.
 * The token itself is not kept: memory that leaks holds nothing that could be used. */
#include "token/remember_token.h"

#include "base/digest.h"
#include "base/memory.h"

#include <openssl/crypto.h>
#include <string.h>

enum { WAYS = 4, SETS = LIMIT_REMEMBERED_TOKENS / WAYS };

struct entry {
    struct token_place place;
    uint64_t used; /* 0: empty */
    char *texts;
    struct remembered proven;
};

struct remembered_tokens {
    struct digest *digest;
    uint64_t uses;
    struct entry entries[SETS][WAYS];
};

struct remembered_tokens *remembered_tokens_create(void)
{
    struct remembered_tokens *tokens = memory_alloc(1, sizeof(*tokens));
    tokens->digest = digest_create();
    return tokens;
}

void remembered_tokens_destroy(struct remembered_tokens *tokens)
{
    if (!tokens)
        return;
    for (size_t i = 0; i < SETS; i++) {
        for (size_t j = 0; j < WAYS; j++)
            memory_free(tokens->entries[i][j].texts);
    }
    digest_destroy(tokens->digest);
    memory_free(tokens);
}

void remembered_tokens_locate(struct remembered_tokens *tokens, const char *text, size_t length,
                              struct token_place *place)
{
    digest_put(tokens->digest, text, length);
    digest_end(tokens->digest, place->digest);
}

static struct entry *set_of(struct remembered_tokens *tokens, const struct token_place *place)
{
    return tokens->entries[place->digest[0] % SETS];
}

static struct entry *find_entry(struct remembered_tokens *tokens, const struct token_place *place)
{
    struct entry *set = set_of(tokens, place);
    for (size_t i = 0; i < WAYS; i++) {
        if (set[i].used && !CRYPTO_memcmp(&set[i].place, place, sizeof(*place)))
            return &set[i];
    }
    return NULL;
}

const struct remembered *remembered_tokens_find(struct remembered_tokens *tokens,
                                                const struct token_place *place)
{
    struct entry *entry = find_entry(tokens, place);
    if (!entry)
        return NULL;
    entry->used = ++tokens->uses;
    return &entry->proven;
}

/* An empty place was used at 0, before all others. */
static struct entry *least_used(struct entry *set)
{
    struct entry *least = set;
    for (size_t i = 1; i < WAYS; i++)
        least = set[i].used < least->used ? &set[i] : least;
    return least;
}

/* Puts a copy of the text at *at, which it moves on. */
static const char *copy_text_to(char **at, const char *text)
{
    size_t size = strlen(text) + 1;
    char *copy = memcpy(*at, text, size);
    *at += size;
    return copy;
}

void remembered_tokens_store(struct remembered_tokens *tokens, const struct token_place *place,
                             const struct remembered *proven)
{
    const struct claims *claims = &proven->claims;
    size_t size = strlen(claims->client_id) + strlen(claims->scopes) + 3;
    size += claims->subject ? strlen(claims->subject) : 0;
    if (size > LIMIT_REMEMBERED_BYTES)
        return;
    /* A token whose proof is out of date has its place already. */
    struct entry *known = find_entry(tokens, place);
    struct entry *entry = known ? known : least_used(set_of(tokens, place));
    memory_free(entry->texts);
    char *at = entry->texts = memory_alloc(size, 1);
    entry->place = *place;
    entry->used = ++tokens->uses;
    entry->proven = *proven;
    entry->proven.claims.client_id = copy_text_to(&at, claims->client_id);
    entry->proven.claims.scopes = copy_text_to(&at, claims->scopes);
    entry->proven.claims.subject = claims->subject ? copy_text_to(&at, claims->subject) : NULL;
}
