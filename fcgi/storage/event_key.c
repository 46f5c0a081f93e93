/* See event_key.h. */
#include "storage/event_key.h"

#include <string.h>

void event_key_of_id(struct digest *hash, const char *person, const char *id,
                     unsigned char key[EVENT_KEY_BYTES])
{
    unsigned char digest[DIGEST_BYTES];
    digest_put_text(hash, person ? "deduplication_id of a person" : "deduplication_id");
    if (person)
        digest_put_text(hash, person);
    digest_put_text(hash, id);
    digest_end(hash, digest);
    memcpy(key, digest, EVENT_KEY_BYTES);
}
