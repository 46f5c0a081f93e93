/* An inverted index that can forget; see live_words.h.
 *
 * The problem: a search used to split every changed item again for every word of the query: 0.7 s of
 * processor time with 50,000 changed items, which is what a shop has that pushes its whole catalogue each
 * night. An index answers in the postings of the words, but items change again and again, and to take an item
 * out of the postings of each of its words would cost the length of the longest: a catalogue pushed twice
 * would be quadratic.
 *
 * The idea: what is indexed is not an item but a document, one version of an item's content. Documents are
 * numbered as they come, postings hold document numbers, and so
 *   - to add is to append: a document's number is above all others, so postings stay in order;
 *   - to remove is to strike the document off: it no longer has an item, and whoever reads a posting skips
 *     it;
 *   - to change is both.
 * When more documents, or postings of them, are struck off than are left (and more than COMPACT_MIN or
 * DEAD_MIN), everything is written again without them, words that have no document left included. This
 * costs as much as what has been added since the last time, so an addition costs a constant share of it. The
 * technique is that of log-structured indexes (Lucene's deleted documents and merges; O'Neil et al., The
 * Log-Structured Merge-Tree, 1996) with one level.
 *
 * A posting is 4 bytes: the document's number in 24 bits, the word's weight in 8. 2^24 documents would be
 * 30 GB of contents, which no worker has; should they come, it ends as out of memory.
 *
 * Cost: to add, one split of the texts. Memory: 4 to 6 bytes a posting and about 100 a distinct word; 50,000
 * items of 40 words are 12 MB. Twice that before a compaction, and three times in its course.
 *
 * It does not: keep words in order, as an order would have to be kept up with each change. A search for a
 * beginning goes through the heads of all words, eight bytes each side by side: 100,000 words in 50 us. */
#include "engine/live_words.h"

#include "base/memory.h"
#include "engine/intern.h"
#include "engine/search_words.h"
#include "engine/text_weight.h"
#include "engine/word_distance.h"

#include <string.h>

enum {
    DOCUMENTS_MAX = 1 << 24,
    WEIGHT_BITS = 8,
    COMPACT_MIN = 1000,
    DEAD_MIN = 100000, /* postings */
    NO_ITEM = UINT32_MAX,
};

struct document {
    uint32_t item;    /* NO_ITEM: struck off */
    uint32_t words;   /* its postings */
    uint32_t *handle; /* where its owner keeps its number */
};

struct postings {
    uint32_t *entries; /* document << WEIGHT_BITS | weight, rising; NULL while there is only one */
    uint32_t count, capacity;
    uint32_t only; /* most words are in one item: that needs no memory of its own */
};

struct live_words {
    struct intern *texts;      /* NULL: nothing was ever added */
    struct postings *postings; /* by word, as all up to word_capacity */
    uint32_t *masks;
    uint64_t *heads;
    float *frequencies; /* of the document being added, 0 for a word that it has not */
    uint32_t *seen;     /* its words, seen_count of them */
    size_t seen_count, word_capacity;
    struct document *documents; /* the first is nobody's: a handle of 0 is none */
    uint32_t document_count, document_capacity, struck_off;
    size_t posting_bytes;
    size_t entry_count, dead_count; /* postings, and those of documents that are struck off */
};

struct live_words *live_words_create(void)
{
    struct live_words *words = memory_alloc(1, sizeof(*words));
    words->document_count = words->document_capacity = 1;
    words->documents = memory_alloc(1, sizeof(*words->documents));
    words->documents[0].item = NO_ITEM;
    return words;
}

uint32_t live_words_count(const struct live_words *words)
{
    return words->texts ? intern_count(words->texts) : 0;
}

static void free_contents(struct live_words *words)
{
    for (uint32_t i = 0; i < live_words_count(words); i++)
        memory_free(words->postings[i].entries);
    intern_destroy(words->texts);
    memory_free(words->postings);
    memory_free(words->masks);
    memory_free(words->heads);
    memory_free(words->frequencies);
    memory_free(words->seen);
    memory_free(words->documents);
}

void live_words_destroy(struct live_words *words)
{
    if (words)
        free_contents(words);
    memory_free(words);
}

uint64_t live_words_head(const char *text)
{
    uint64_t head = 0;
    for (int i = 0; i < 8; i++)
        head = head << 8 | (unsigned char)(*text ? *text++ : '\0');
    return head;
}

/* ---- Adding */

static uint32_t add_text(struct live_words *words, const char *text)
{
    if (!words->texts)
        words->texts = intern_create();
    uint32_t known = intern_count(words->texts), number = intern_add(words->texts, text);
    if (number < known)
        return number;
    if (number >= words->word_capacity) {
        size_t capacity = words->word_capacity * 2 + 256, more = capacity - words->word_capacity;
        words->postings = memory_resize(words->postings, capacity, sizeof(*words->postings));
        words->masks = memory_resize(words->masks, capacity, sizeof(*words->masks));
        words->heads = memory_resize(words->heads, capacity, sizeof(*words->heads));
        words->seen = memory_resize(words->seen, capacity, sizeof(*words->seen));
        words->frequencies = memory_resize(words->frequencies, capacity, sizeof(*words->frequencies));
        memset(words->frequencies + words->word_capacity, 0, more * sizeof(*words->frequencies));
        words->word_capacity = capacity;
    }
    words->postings[number] = (struct postings){0};
    words->masks[number] = word_mask(text);
    words->heads[number] = live_words_head(text);
    return number;
}

static void add_word(void *context, const char *word, size_t length, float frequency)
{
    struct live_words *words = context;
    char text[SEARCH_WORD_BYTES + 1];
    memcpy(text, word, length);
    text[length] = '\0';
    uint32_t number = add_text(words, text);
    if (words->frequencies[number] == 0)
        words->seen[words->seen_count++] = number;
    words->frequencies[number] += frequency;
}

static void append(struct live_words *words, uint32_t number, uint32_t entry)
{
    struct postings *postings = &words->postings[number];
    if (!postings->count) {
        postings->only = entry;
    } else {
        if (postings->count >= postings->capacity) {
            uint32_t capacity = postings->count + postings->count / 2 + 4;
            postings->entries = memory_resize(postings->entries, capacity, sizeof(*postings->entries));
            words->posting_bytes += (capacity - postings->capacity) * sizeof(*postings->entries);
            postings->capacity = capacity;
        }
        if (postings->count == 1)
            postings->entries[0] = postings->only;
        postings->entries[postings->count] = entry;
    }
    postings->count++;
    words->entry_count++;
}

static uint32_t add_document(struct live_words *words, uint32_t item, uint32_t *handle)
{
    if (words->document_count == DOCUMENTS_MAX)
        memory_exhausted();
    if (words->document_count == words->document_capacity) {
        words->document_capacity += words->document_capacity / 2 + 64;
        words->documents =
            memory_resize(words->documents, words->document_capacity, sizeof(*words->documents));
    }
    words->documents[words->document_count] = (struct document){.item = item, .handle = handle};
    return *handle = words->document_count++;
}

void live_words_add(struct live_words *words, uint32_t item, const struct engine_item *content,
                    uint32_t *document)
{
    uint32_t number = add_document(words, item, document);
    text_weight_visit_item(content, add_word, words);
    for (size_t i = 0; i < words->seen_count; i++) {
        uint32_t word = words->seen[i];
        append(words, word, number << WEIGHT_BITS | text_weight_in_byte(words->frequencies[word]));
        words->frequencies[word] = 0;
    }
    words->documents[number].words = (uint32_t)words->seen_count;
    words->seen_count = 0;
}

/* ---- Removing */

static const uint32_t *entries_of(const struct postings *postings)
{
    return postings->count > 1 ? postings->entries : &postings->only;
}

/* Writes everything again without what is struck off, and tells the owners of documents their new numbers. */
static void compact(struct live_words *words)
{
    struct live_words *fresh = live_words_create();
    uint32_t *numbers = memory_alloc(words->document_count, sizeof(*numbers));
    for (uint32_t i = 1; i < words->document_count; i++) {
        const struct document *document = &words->documents[i];
        if (document->item == NO_ITEM)
            continue;
        numbers[i] = add_document(fresh, document->item, document->handle);
        fresh->documents[numbers[i]].words = document->words;
    }
    for (uint32_t word = 0; word < live_words_count(words); word++) {
        const uint32_t *entries = entries_of(&words->postings[word]);
        uint32_t fresh_word = NO_ITEM;
        for (uint32_t i = 0; i < words->postings[word].count; i++) {
            uint32_t number = numbers[entries[i] >> WEIGHT_BITS];
            if (!number)
                continue;
            if (fresh_word == NO_ITEM)
                fresh_word = add_text(fresh, intern_text(words->texts, word));
            append(fresh, fresh_word, number << WEIGHT_BITS | (entries[i] & UINT8_MAX));
        }
    }
    memory_free(numbers);
    free_contents(words);
    *words = *fresh;
    memory_free(fresh);
}

void live_words_remove(struct live_words *words, uint32_t *document)
{
    if (!*document)
        return;
    words->documents[*document].item = NO_ITEM;
    words->dead_count += words->documents[*document].words;
    words->struck_off++;
    *document = 0;
    bool many = words->struck_off > COMPACT_MIN && words->struck_off > words->document_count / 2;
    /* A few items with very long texts, changed again and again, weigh as much as many small ones. */
    bool heavy = words->dead_count > DEAD_MIN && words->dead_count > words->entry_count / 2;
    if (many || heavy)
        compact(words);
}

/* ---- Reading */

bool live_words_find(const struct live_words *words, const char *text, size_t length, uint32_t *number)
{
    return words->texts && intern_find(words->texts, text, length, number);
}

const char *live_words_text(const struct live_words *words, uint32_t number)
{
    return intern_text(words->texts, number);
}

const uint32_t *live_words_masks(const struct live_words *words)
{
    return words->masks;
}

const uint64_t *live_words_heads(const struct live_words *words)
{
    return words->heads;
}

bool live_words_next(const struct live_words *words, uint32_t number, size_t *cursor,
                     struct live_posting *posting)
{
    const struct postings *postings = &words->postings[number];
    const uint32_t *entries = entries_of(postings);
    while (*cursor < postings->count) {
        uint32_t entry = entries[(*cursor)++];
        posting->item = words->documents[entry >> WEIGHT_BITS].item;
        posting->weight = (uint8_t)(entry & UINT8_MAX);
        if (posting->item != NO_ITEM)
            return true;
    }
    return false;
}

size_t live_words_posting_count(const struct live_words *words)
{
    return words->entry_count;
}

size_t live_words_bytes(const struct live_words *words)
{
    size_t each = sizeof(*words->postings) + sizeof(*words->masks) + sizeof(*words->heads) +
                  sizeof(*words->frequencies) + sizeof(*words->seen);
    return sizeof(*words) + (words->texts ? intern_bytes(words->texts) : 0) + words->word_capacity * each +
           words->posting_bytes + words->document_capacity * sizeof(*words->documents);
}
