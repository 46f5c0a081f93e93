/* Unpredictable bytes; see random.h.
 *
 * From getrandom(), which needs no file to be open (the sandbox may have closed them all) and blocks only
 * until the kernel has been seeded, early in the boot. No generator of our own is in between: what the
 * callers want is a key or an id per request, and a state in memory would be shared by two workers after a
 * fork. */
#include "base/random.h"

#include "base/clock.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

void random_fill(void *bytes, size_t length)
{
    unsigned char *at = bytes;
    while (length) {
        ssize_t got = getrandom(at, length, 0);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            abort();
        at += got;
        length -= (size_t)got;
    }
}

void random_fill_in_order(unsigned char *bytes, size_t length)
{
    uint32_t second = (uint32_t)clock_unix();
    for (int i = 0; i < RANDOM_SECOND_BYTES; i++)
        bytes[i] = (unsigned char)(second >> (24 - 8 * i));
    random_fill(bytes + RANDOM_SECOND_BYTES, length - RANDOM_SECOND_BYTES);
}

void random_uuid(char out[UUID_TEXT_SIZE])
{
    unsigned char b[16];
    random_fill(b, sizeof(b));
    b[6] = (unsigned char)((b[6] & 0x0F) | 0x40);
    b[8] = (unsigned char)((b[8] & 0x3F) | 0x80);
    snprintf(out, UUID_TEXT_SIZE, "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x",
             b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13], b[14],
             b[15]);
}
