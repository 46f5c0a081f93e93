/* Remembers what LIKE said of a text; see filter_memo.h.
 *
 * Items that were changed since training are not in the model's columns, and names and descriptions never
 * are: their texts are read where they stand, and a catalogue has the same ones again and again (a brand, a
 * care label of 2,000 characters). Hashing a whole text would cost as much as matching it. So a text is known
 * by its length and 24 of its bytes, from its beginning, middle and end, and then compared as a whole, which
 * memcmp() does sixteen and more bytes at a time: some ten times as fast as LIKE.
 *
 * A table of places that is probed four times (open addressing); where all four are taken by others, the
 * first is given to the new text. So texts that are chosen to collide cost what they would without a memo. */
#include "engine/filter_memo.h"

#include "base/hash.h"
#include "base/work_budget.h"

#include <math.h>
#include <string.h>

enum { PLACES_MIN = 16, TRIES = 4, STEP_BYTES = 512 /* compared in a step of work */ };

struct remembered {
    const char *text; /* NULL: free */
    size_t length;
    bool holds;
};

struct filter_memo {
    size_t places; /* a power of two */
    struct remembered texts[];
};

struct filter_memo *filter_memo_create(struct arena *arena, size_t texts)
{
    struct filter_memo *memo;
    size_t places = PLACES_MIN;
    while (places < FILTER_MEMO_PLACES_MAX && places / 2 < texts)
        places *= 2;
    memo = arena_alloc(arena, 1, sizeof(*memo) + places * sizeof(struct remembered));
    memo->places = places;
    return memo;
}

static uint64_t read_word(const char *text, size_t length, size_t from)
{
    uint64_t word = 0;
    memcpy(&word, text + from, length - from < sizeof(word) ? length - from : sizeof(word));
    return word;
}

static uint64_t hash_text(const char *text, size_t length)
{
    size_t end = length > sizeof(uint64_t) ? length - sizeof(uint64_t) : 0;
    uint64_t hash = hash_finish(read_word(text, length, 0) + length * HASH_GOLDEN);
    hash = hash_finish(hash ^ read_word(text, length, length / 2));
    return hash_finish(hash ^ read_word(text, length, end));
}

bool filter_memo_holds(struct filter_memo *memo, const struct filter_relation *relation, const char *text)
{
    size_t length = strlen(text), first = hash_text(text, length);
    struct remembered *place = &memo->texts[first % memo->places];
    work_budget_take(1 + length / STEP_BYTES);
    for (size_t i = 0; i < TRIES; i++) {
        struct remembered *known = &memo->texts[(first + i) % memo->places];
        if (!known->text) {
            place = known;
            break;
        }
        if (known->length == length && (known->text == text || !memcmp(known->text, text, length)))
            return known->holds;
    }
    *place = (struct remembered){text, length, filter_relation_holds(relation, text, (double)NAN)};
    return place->holds;
}
