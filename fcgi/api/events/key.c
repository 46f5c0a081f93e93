/* What makes an event the same as one sent before; see key.h.
 *
 * A key has 16 bytes and stands in a unique index of the tenant's events. How it is laid out decides what an
 * insert costs, because rows with keys that are near each other share pages of that index:
 *
 *     deduplication id   16 bytes of SHA-256
 *     client_ts          4 bytes: the second; 12 bytes of SHA-256, the last 4 XOR the number of equal events
 *     neither            12 bytes: the present second, then chance; 4 bytes: the place in the call
 *     shown result       4 bytes of the search's key; 12 bytes of SHA-256
 *
 * Every text goes into the hash with its length (digest_put_text), so that "ab", "c" is not "a", "bc". Two
 * different events with the same 96 bits of a hash would lose one of them: at a million events in one second
 * the odds are about 10^12 / 2^97, or one in 10^17 (birthday bound). */
#include "api/events/key.h"

#include "base/digest.h"
#include "base/random.h"
#include "storage/event_key.h"

#include <string.h>

enum {
    PLACE_BYTES = 4, /* at the end */
    RANDOM_BYTES = EVENT_KEY_BYTES - PLACE_BYTES,
    FRONT_BYTES = 4, /* equal in keys that are to be neighbours in the index */
};

struct event_keys {
    unsigned char random[RANDOM_BYTES];
    uint32_t next; /* place in the call */
    struct digest *hash;
    size_t content_count;
    unsigned char (*contents)[DIGEST_BYTES]; /* of the events with client_ts so far */
};

static void destroy_hash(void *hash)
{
    digest_destroy(hash);
}

struct event_keys *event_keys_create(struct arena *arena, size_t count)
{
    struct event_keys *keys = arena_alloc(arena, 1, sizeof(*keys));
    random_fill_in_order(keys->random, sizeof(keys->random));
    keys->contents = arena_alloc(arena, count ? count : 1, sizeof(*keys->contents));
    keys->hash = digest_create();
    arena_defer(arena, destroy_hash, keys->hash);
    return keys;
}

static void hash_content(struct digest *hash, const struct event_input *event, const char *type,
                         unsigned char digest[DIGEST_BYTES])
{
    digest_put_text(hash, "client_ts");
    digest_put_text(hash, event->user_id);
    digest_put_text(hash, event->item_id);
    digest_put_text(hash, event->query);
    digest_put_text(hash, type);
    digest_put_number(hash, event->has_time ? event->occurred_at : -1);
    digest_put_text(hash, event->client_ts);
    digest_put_text(hash, event->session_id);
    digest_put_text(hash, event->request_id);
    digest_end(hash, digest);
}

/* The highest byte first. */
static void put_number(unsigned char bytes[PLACE_BYTES], uint32_t number)
{
    for (int i = 0; i < PLACE_BYTES; i++)
        bytes[i] ^= (unsigned char)(number >> (24 - 8 * i));
}

/* Two equal events of one call are two events, and a call that is sent again must get the same two keys. So
 * the number of equal events before this one in the call is part of the key. It is mixed into the hash with
 * XOR rather than given bytes of its own: that costs none of the 96 bits, and a changed hash is no more
 * likely to equal the key of another event than the hash itself. */
static void make_content_key(struct event_keys *keys, const struct event_input *event, const char *type,
                             unsigned char key[EVENT_KEY_BYTES])
{
    unsigned char *digest = keys->contents[keys->content_count];
    uint32_t before = 0;
    hash_content(keys->hash, event, type, digest);
    for (size_t i = 0; i < keys->content_count; i++)
        before += !memcmp(keys->contents[i], digest, DIGEST_BYTES);
    keys->content_count++;
    memset(key, 0, FRONT_BYTES);
    put_number(key, event->has_time ? (uint32_t)(event->occurred_at / 1000) : 0);
    memcpy(key + FRONT_BYTES, digest, EVENT_KEY_BYTES - FRONT_BYTES);
    put_number(key + RANDOM_BYTES, before);
}

void event_keys_next(struct event_keys *keys, const struct event_input *event, const char *type,
                     unsigned char key[EVENT_KEY_BYTES])
{
    uint32_t place = keys->next++;
    if (event->deduplication) {
        event_key_of_id(keys->hash, event->person, event->deduplication, key);
    } else if (event->client_ts) {
        make_content_key(keys, event, type, key);
    } else {
        memcpy(key, keys->random, RANDOM_BYTES);
        memset(key + RANDOM_BYTES, 0, PLACE_BYTES);
        put_number(key + RANDOM_BYTES, place);
    }
}

void event_keys_result(struct event_keys *keys, const unsigned char search[EVENT_KEY_BYTES], size_t position,
                       unsigned char key[EVENT_KEY_BYTES])
{
    unsigned char digest[DIGEST_BYTES];
    digest_put_text(keys->hash, "result");
    digest_put(keys->hash, search, EVENT_KEY_BYTES);
    digest_put_number(keys->hash, (int64_t)position);
    digest_end(keys->hash, digest);
    memcpy(key, search, FRONT_BYTES);
    memcpy(key + FRONT_BYTES, digest, EVENT_KEY_BYTES - FRONT_BYTES);
}
