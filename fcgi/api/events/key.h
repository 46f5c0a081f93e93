/* What makes an event the same as one sent before: its key. Pure but for the random bytes in some keys.
 *
 * - With a deduplication id: a hash of it alone. Whatever else the event says, it is the same event. Ids that come
 *   with a person's token are that person's own: else a browser could use up the numbers of the shop's orders.
 * - With client_ts: its second, and a hash of user, item, type, time, client_ts, session and request, and of
 *   how many equal events stand before it in the same call; so a call that is sent again is the same, and two
 *   equal events of one call are two.
 * - Otherwise a repetition cannot be recognised: the present second, random bytes and the place
 *   in the call.
 *
 * Keys of one call begin alike where they can, so that they lie side by side in the index: with hashes alone
 * each would change another page of it, and the larger the table the more of the time went there.
 *
 * Keys are kept as long as their events. */
#ifndef PALATE_API_EVENTS_KEY_H
#define PALATE_API_EVENTS_KEY_H

#include "api/events/parse.h"
#include "storage/events_write.h"

struct event_keys;

/* For the events of one call, at most count. */
struct event_keys *event_keys_create(struct arena *arena, size_t count)
    __attribute__((nonnull, returns_nonnull, warn_unused_result));

/* The key of the next event of the call; type is the name of its type. */
void event_keys_next(struct event_keys *keys, const struct event_input *event, const char *type,
                     unsigned char key[EVENT_KEY_BYTES]) __attribute__((nonnull));

/* The key of the position-th result that a search has shown, made from the key of the search. */
void event_keys_result(struct event_keys *keys, const unsigned char search[EVENT_KEY_BYTES], size_t position,
                       unsigned char key[EVENT_KEY_BYTES]) __attribute__((nonnull));

#endif
