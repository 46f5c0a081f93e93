/* Words of a mapped file, by number and by text; see word_index.h.
 *
 * Words are in bytewise order, so that a word is found by a binary search on their offsets, and those with the
 * same beginning are neighbours. Each value that leads elsewhere is checked with one comparison, and what is
 * wrong reads as empty, so a damaged file gives wrong answers and no more. In one that is not in order the
 * search ends all the same, somewhere. */
#include "engine/word_index.h"

#include <string.h>

const char *word_index_text(const struct word_index *index, uint32_t number)
{
    uint64_t offset = index->texts[number];
    return offset < index->string_bytes ? index->strings + offset : "";
}

struct word_postings word_index_postings(const struct word_index *index, uint32_t number)
{
    uint64_t start = index->starts[number], end = index->starts[(size_t)number + 1];
    if (start > end || end > index->posting_count)
        return (struct word_postings){0};
    return (struct word_postings){
        .items = index->items + start, .weights = index->weights + start, .count = (size_t)(end - start)};
}

uint32_t word_index_seek(const struct word_index *index, const char *text)
{
    uint32_t low = 0, high = index->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (strcmp(word_index_text(index, middle), text) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

bool word_index_find(const struct word_index *index, const char *text, uint32_t *number)
{
    uint32_t place = word_index_seek(index, text);
    if (place == index->count || strcmp(word_index_text(index, place), text) != 0)
        return false;
    *number = place;
    return true;
}
