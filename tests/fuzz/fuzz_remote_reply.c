/* Fuzzes what reads the replies of a remote recommender, with the functions that workers use.
 *
 * The first byte chooses the protocol. What must hold for any bytes: no crash; ids that are text of 1 to 128
 * characters without controls; scores that are finite, 0 to 1, and never rise; no more entries than the
 * limit; a reason where there is no reply. */
#include "base/arena.h"
#include "base/limits.h"
#include "base/text.h"
#include "remote/protocol.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void must(bool holds, const char *what)
{
    if (holds)
        return;
    fprintf(stderr, "fuzz_remote_reply: %s\n", what);
    abort();
}

static void check_entry(const struct remote_entry *entry, const struct remote_entry *before)
{
    size_t length = strlen(entry->item_id);
    must(length && text_is_utf8(entry->item_id, length) && !text_has_control(entry->item_id, length) &&
             text_count_characters(entry->item_id) <= LIMIT_ID_CHARACTERS,
         "an id that is none");
    must(isfinite(entry->score) && entry->score >= 0 && entry->score <= 1, "score out of range");
    must(!before || entry->score <= before->score, "scores rise");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct remote_reply reply = {0};
    if (size < 1)
        return 0;
    const struct protocol *protocol = data[0] % 2 ? &protocol_gorse : &protocol_palate;
    struct arena *arena = arena_create();
    if (protocol->read(arena, (const char *)data + 1, size - 1, &reply)) {
        must(reply.count + reply.dropped <= LIMIT_REMOTE_ENTRIES, "too many entries");
        for (size_t i = 0; i < reply.count; i++)
            check_entry(&reply.entries[i], i ? &reply.entries[i - 1] : NULL);
    } else {
        must(*reply.detail, "no reason");
    }
    arena_destroy(arena);
    return 0;
}
