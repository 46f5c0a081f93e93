/* The words of the delta below and those on the heap, merged; see delta_words.h.
 *
 * The delta's are in order, those on the heap are put in order here, and then both are gone through side by
 * side, as a merge sort does. Of a word's postings in the delta those stay whose item the heap has not
 * changed; a word that has no item left is left out. Cost: a copy of all postings, and a sort of the words on
 * the heap, with four bytes of memory for each. */
#include "engine/delta_words.h"

#include "base/memory.h"
#include "engine/live_words.h"
#include "engine/word_distance.h"
#include "engine/word_index.h"

#include <stdlib.h>
#include <string.h>

uint64_t delta_words_count_most(const struct catalogue *catalogue)
{
    const struct word_index *stored = catalogue_delta_words(catalogue);
    return (stored ? stored->count : 0) + (uint64_t)live_words_count(catalogue_words(catalogue));
}

uint64_t delta_words_postings_most(const struct catalogue *catalogue)
{
    const struct word_index *stored = catalogue_delta_words(catalogue);
    return (stored ? stored->posting_count : 0) + live_words_posting_count(catalogue_words(catalogue));
}

struct merge {
    const struct catalogue *catalogue;
    struct delta_stream *stream;
    const struct word_index *stored; /* NULL: none */
    const struct live_words *live;
    uint64_t postings; /* written */
    uint32_t item_count;
};

static void put_posting(struct merge *merge, uint32_t item, uint8_t weight)
{
    delta_stream_put(merge->stream, DELTA_SECTION_WORD_ITEMS, &item, sizeof(item));
    delta_stream_put(merge->stream, DELTA_SECTION_WORD_WEIGHTS, &weight, sizeof(weight));
    merge->postings++;
}

static bool holds(const struct merge *merge, uint32_t item)
{
    return item < merge->item_count && catalogue_level(merge->catalogue, item) == CATALOGUE_DELTA;
}

/* Runs of postings that stay are put at once: mostly all of a word's. */
static void put_stored(struct merge *merge, uint32_t number)
{
    struct word_postings postings = word_index_postings(merge->stored, number);
    for (size_t i = 0, run; i < postings.count; i += run + 1) {
        for (run = 0; i + run < postings.count && holds(merge, postings.items[i + run]);)
            run++;
        delta_stream_put(merge->stream, DELTA_SECTION_WORD_ITEMS, postings.items + i,
                         run * sizeof(*postings.items));
        delta_stream_put(merge->stream, DELTA_SECTION_WORD_WEIGHTS, postings.weights + i, run);
        merge->postings += run;
    }
}

static void put_live(struct merge *merge, uint32_t number)
{
    struct live_posting posting;
    for (size_t cursor = 0; live_words_next(merge->live, number, &cursor, &posting);)
        put_posting(merge, posting.item, posting.weight);
}

/* Puts the word whose postings began at first, unless it has none. */
static void put_word(struct merge *merge, const char *text, uint64_t first)
{
    uint64_t offset = merge->stream->sinks[DELTA_SECTION_STRINGS].bytes;
    uint32_t mask = word_mask(text);
    if (merge->postings == first)
        return;
    delta_stream_put(merge->stream, DELTA_SECTION_WORD_TEXTS, &offset, sizeof(offset));
    delta_stream_put(merge->stream, DELTA_SECTION_WORD_MASKS, &mask, sizeof(mask));
    delta_stream_put(merge->stream, DELTA_SECTION_WORD_STARTS, &first, sizeof(first));
    delta_stream_put(merge->stream, DELTA_SECTION_STRINGS, text, strlen(text) + 1);
}

static int compare_live(const void *left, const void *right, void *context)
{
    const struct live_words *live = context;
    return strcmp(live_words_text(live, *(const uint32_t *)left),
                  live_words_text(live, *(const uint32_t *)right));
}

/* Numbers of the words on the heap, in the order of their texts. */
static uint32_t *sort_live(const struct live_words *live, uint32_t count)
{
    uint32_t *numbers = memory_alloc(count, sizeof(*numbers));
    for (uint32_t i = 0; i < count; i++)
        numbers[i] = i;
    qsort_r(numbers, count, sizeof(*numbers), compare_live, (void *)(uintptr_t)live);
    return numbers;
}

void delta_words_write(const struct catalogue *catalogue, struct delta_stream *stream)
{
    struct merge merge = {.catalogue = catalogue,
                          .stream = stream,
                          .stored = catalogue_delta_words(catalogue),
                          .live = catalogue_words(catalogue),
                          .item_count = catalogue_item_count(catalogue)};
    uint32_t stored_count = merge.stored ? merge.stored->count : 0, live_count = live_words_count(merge.live);
    uint32_t *live = sort_live(merge.live, live_count);
    for (uint32_t i = 0, j = 0; (i < stored_count || j < live_count) && !stream->error;) {
        bool has_stored = i < stored_count, has_live = j < live_count;
        const char *stored_text = has_stored ? word_index_text(merge.stored, i) : "";
        const char *live_text = has_live ? live_words_text(merge.live, live[j]) : "";
        int order = !has_stored ? 1 : !has_live ? -1 : strcmp(stored_text, live_text);
        uint64_t first = merge.postings;
        if (order <= 0)
            put_stored(&merge, i++);
        if (order >= 0)
            put_live(&merge, live[j++]);
        put_word(&merge, order <= 0 ? stored_text : live_text, first);
    }
    delta_stream_put(stream, DELTA_SECTION_WORD_STARTS, &merge.postings, sizeof(merge.postings));
    memory_free(live);
}
