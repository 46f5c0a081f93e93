/* What makes an event the same as one sent before; see events_key.h. */
#include "api/events_key.h"

#include "base/memory.h"
#include "base/random.h"

#include <openssl/evp.h>
#include <string.h>

enum { RANDOM_BYTES = 12, PLACE_BYTES = EVENT_KEY_BYTES - RANDOM_BYTES, CONTENT_BYTES = 32 };

struct event_keys {
    unsigned char random[RANDOM_BYTES];
    uint32_t next; /* place in the call */
    EVP_MD_CTX *hash;
    size_t content_count;
    unsigned char (*contents)[CONTENT_BYTES]; /* of the events with client_ts so far */
};

static void release(void *hash)
{
    EVP_MD_CTX_free(hash);
}

struct event_keys *event_keys_create(struct arena *arena, size_t count)
{
    struct event_keys *keys = arena_alloc(arena, 1, sizeof(*keys));
    random_fill(keys->random, sizeof(keys->random));
    keys->contents = arena_alloc(arena, count ? count : 1, sizeof(*keys->contents));
    keys->hash = EVP_MD_CTX_new();
    if (!keys->hash || !EVP_DigestInit_ex(keys->hash, EVP_sha256(), NULL))
        memory_exhausted();
    arena_defer(arena, release, keys->hash);
    return keys;
}

static void put(EVP_MD_CTX *hash, const void *bytes, size_t length)
{
    if (!EVP_DigestUpdate(hash, bytes, length))
        memory_exhausted();
}

static void put_number(EVP_MD_CTX *hash, int64_t number)
{
    unsigned char bytes[8];
    for (int i = 0; i < 8; i++)
        bytes[i] = (unsigned char)((uint64_t)number >> (8 * i));
    put(hash, bytes, sizeof(bytes));
}

/* Every text goes in with its length, so that no two contents look alike. */
static void put_text(EVP_MD_CTX *hash, const char *text)
{
    size_t length = text ? strlen(text) : 0;
    put_number(hash, text ? (int64_t)length : -1);
    put(hash, text ? text : "", length);
}

/* The second form of EVP_DigestInit_ex() begins anew with the same algorithm, which costs next to nothing. */
static void begin(EVP_MD_CTX *hash, const char *kind)
{
    if (!EVP_DigestInit_ex(hash, NULL, NULL))
        memory_exhausted();
    put_text(hash, kind);
}

static void end(EVP_MD_CTX *hash, unsigned char digest[CONTENT_BYTES])
{
    if (!EVP_DigestFinal_ex(hash, digest, NULL))
        memory_exhausted();
}

static void key_of_id(EVP_MD_CTX *hash, const char *id, unsigned char key[EVENT_KEY_BYTES])
{
    unsigned char digest[CONTENT_BYTES];
    begin(hash, "deduplication_id");
    put_text(hash, id);
    end(hash, digest);
    memcpy(key, digest, EVENT_KEY_BYTES);
}

static void hash_content(EVP_MD_CTX *hash, const struct event_input *event, const char *type,
                         unsigned char digest[CONTENT_BYTES])
{
    begin(hash, "client_ts");
    put_text(hash, event->user_id);
    put_text(hash, event->item_id);
    put_text(hash, event->query);
    put_text(hash, type);
    put_number(hash, event->has_time ? event->occurred_at : -1);
    put_text(hash, event->client_ts);
    put_text(hash, event->session_id);
    put_text(hash, event->request_id);
    end(hash, digest);
}

static void put_place(unsigned char *bytes, uint32_t place)
{
    for (int i = 0; i < PLACE_BYTES; i++)
        bytes[i] ^= (unsigned char)(place >> (24 - 8 * i));
}

/* The equal events before it turn bits of the hash, which hits another event's key as unlikely as any. */
static void key_of_content(struct event_keys *keys, const struct event_input *event, const char *type,
                           unsigned char key[EVENT_KEY_BYTES])
{
    unsigned char *digest = keys->contents[keys->content_count];
    uint32_t before = 0;
    hash_content(keys->hash, event, type, digest);
    for (size_t i = 0; i < keys->content_count; i++)
        before += !memcmp(keys->contents[i], digest, CONTENT_BYTES);
    keys->content_count++;
    memcpy(key, digest, EVENT_KEY_BYTES);
    put_place(key + RANDOM_BYTES, before);
}

void event_keys_next(struct event_keys *keys, const struct event_input *event, const char *type,
                     unsigned char key[EVENT_KEY_BYTES])
{
    uint32_t place = keys->next++;
    if (event->deduplication) {
        key_of_id(keys->hash, event->deduplication, key);
    } else if (event->client_ts) {
        key_of_content(keys, event, type, key);
    } else {
        memcpy(key, keys->random, RANDOM_BYTES);
        memset(key + RANDOM_BYTES, 0, PLACE_BYTES);
        put_place(key + RANDOM_BYTES, place);
    }
}

void event_keys_result(struct event_keys *keys, const unsigned char search[EVENT_KEY_BYTES], size_t position,
                       unsigned char key[EVENT_KEY_BYTES])
{
    unsigned char digest[CONTENT_BYTES];
    begin(keys->hash, "result");
    put(keys->hash, search, EVENT_KEY_BYTES);
    put_number(keys->hash, (int64_t)position);
    end(keys->hash, digest);
    memcpy(key, digest, EVENT_KEY_BYTES);
}
