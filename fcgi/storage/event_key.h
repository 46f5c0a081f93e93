/* The key of an event that its sender has named, wherever it comes from: a call, or a file. */
#ifndef PALATE_STORAGE_EVENT_KEY_H
#define PALATE_STORAGE_EVENT_KEY_H

#include "base/digest.h"
#include "storage/events_write.h"

/* Makes the key of a deduplication id. Those that come with a person's token are that person's own: else a browser
 * could use up the numbers of the shop's orders. person NULL: the shop's. hash is used, and empty before and after.
 */
void event_key_of_id(struct digest *hash, const char *person, const char *id,
                     unsigned char key[EVENT_KEY_BYTES]) __attribute__((nonnull(1, 3, 4)));

#endif
