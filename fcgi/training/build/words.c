/* Inverts the catalogue: from the words of each item to the items of each word; see words.h.
 *
 * The problem: the model file needs, for each word, the items that have it and how much it says of them, with
 * words in bytewise order so that a reader finds one, and all that begin with it, by binary search. What
 * comes in is the other way round: items with texts.
 *
 * The idea: a sort in memory, as in the first pass of every inverted index (Zobel and Moffat, ACM Computing
 * Surveys 2006). Words get numbers as they come. Item after item, the frequencies of its words (BM25F,
 * engine/text_weight.c) are summed in an array by number, then written as postings (word, item, weight), and
 * the array is cleared for exactly the words that were seen. At the end the words are sorted, and the
 * postings are put into place by a counting sort: count per word, running sum, copy. It keeps the order
 * within a word, so items rise there, and the same catalogue gives the same bytes.
 *
 * Cost: linear in the words of all texts, and one sort of the distinct ones. Memory: 12 bytes a posting while
 * building and 5 after, about 100 a distinct word.
 *
 * It does not: drop words that every item has (their rarity makes them weigh next to nothing), or compress; a
 * byte of weight and four of item are read as they lie in the file. Words of items that change later are in
 * engine/live_words.c, weighed by the same code. */
#include "training/build/words.h"

#include "base/memory.h"
#include "engine/search_words.h"
#include "engine/text_weight.h"
#include "engine/word_distance.h"
#include "training/internal.h"

#include <stdlib.h>
#include <string.h>

struct posting {
    uint32_t word, item;
    uint8_t weight;
};

struct builder {
    struct intern *texts;
    float *frequencies; /* by word: of the current item, 0 for a word that it has not */
    uint32_t *seen;     /* its words */
    size_t seen_count, word_capacity;
    struct posting *postings;
    size_t count, capacity;
};

static void make_room_for_word(struct builder *builder, uint32_t number)
{
    if (number < builder->word_capacity)
        return;
    size_t capacity = builder->word_capacity * 2 + 1024;
    builder->frequencies = memory_resize(builder->frequencies, capacity, sizeof(*builder->frequencies));
    builder->seen = memory_resize(builder->seen, capacity, sizeof(*builder->seen));
    memset(builder->frequencies + builder->word_capacity, 0,
           (capacity - builder->word_capacity) * sizeof(*builder->frequencies));
    builder->word_capacity = capacity;
}

static void add_word(void *context, const char *word, size_t length, float frequency)
{
    struct builder *builder = context;
    char text[SEARCH_WORD_BYTES + 1];
    memcpy(text, word, length);
    text[length] = '\0';
    uint32_t number = intern_add(builder->texts, text);
    make_room_for_word(builder, number);
    if (builder->frequencies[number] == 0)
        builder->seen[builder->seen_count++] = number;
    builder->frequencies[number] += frequency;
}

/* Moves the frequencies of the current item to the postings. */
static void end_item(struct builder *builder, uint32_t rank)
{
    if (builder->count + builder->seen_count > builder->capacity) {
        builder->capacity = builder->capacity * 2 + builder->seen_count + 4096;
        builder->postings = memory_resize(builder->postings, builder->capacity, sizeof(*builder->postings));
    }
    for (size_t i = 0; i < builder->seen_count; i++) {
        uint32_t word = builder->seen[i];
        builder->postings[builder->count++] =
            (struct posting){word, rank, text_weight_in_byte(builder->frequencies[word])};
        builder->frequencies[word] = 0;
    }
    builder->seen_count = 0;
}

static void add_item(struct builder *builder, const struct trainer *trainer, uint32_t rank)
{
    const struct trainer_item *item = &trainer->items[trainer->trained.order[rank]];
    struct engine_field *fields = memory_alloc(item->field_count ? item->field_count : 1, sizeof(*fields));
    for (size_t i = 0; i < item->field_count; i++) {
        const struct trainer_field *field = &trainer->fields[item->field_first + i];
        fields[i] = (struct engine_field){.path = intern_text(trainer->paths, field->path),
                                          .text = intern_text(trainer->texts, field->text),
                                          .number = field->number};
    }
    struct engine_item content = {.name = item->name,
                                  .description = item->description,
                                  .fields = fields,
                                  .field_count = item->field_count};
    text_weight_visit_item(&content, add_word, builder);
    end_item(builder, rank);
    memory_free(fields);
}

static int compare_words(const void *left, const void *right, void *context)
{
    const struct intern *texts = context;
    return strcmp(intern_text(texts, *(const uint32_t *)left), intern_text(texts, *(const uint32_t *)right));
}

/* Counting sort by the word's place: items came in rising order and stay so. */
static void place_postings(const struct builder *builder, struct trained_words *words)
{
    uint32_t *places = memory_alloc(words->count ? words->count : 1, sizeof(*places));
    for (uint32_t place = 0; place < words->count; place++)
        places[words->order[place]] = place;
    for (size_t i = 0; i < builder->count; i++)
        words->starts[places[builder->postings[i].word] + 1]++;
    for (uint32_t place = 0; place < words->count; place++)
        words->starts[place + 1] += words->starts[place];
    uint64_t *next = memory_alloc(words->count ? words->count : 1, sizeof(*next));
    memcpy(next, words->starts, words->count * sizeof(*next));
    for (size_t i = 0; i < builder->count; i++) {
        uint64_t at = next[places[builder->postings[i].word]]++;
        words->items[at] = builder->postings[i].item;
        words->weights[at] = builder->postings[i].weight;
    }
    memory_free(next);
    memory_free(places);
}

void trainer_words_build(const struct trainer *trainer, struct trained_words *words)
{
    struct builder builder = {.texts = intern_create()};
    for (uint32_t rank = 0; rank < intern_count(trainer->ids); rank++)
        add_item(&builder, trainer, rank);
    uint32_t count = intern_count(builder.texts);
    *words = (struct trained_words){.texts = builder.texts,
                                    .count = count,
                                    .order = memory_alloc(count ? count : 1, sizeof(uint32_t)),
                                    .masks = memory_alloc(count ? count : 1, sizeof(uint32_t)),
                                    .starts = memory_alloc((size_t)count + 1, sizeof(uint64_t)),
                                    .items = memory_alloc(builder.count + 1, sizeof(uint32_t)),
                                    .weights = memory_alloc(builder.count + 1, 1)};
    for (uint32_t number = 0; number < count; number++)
        words->order[number] = number;
    qsort_r(words->order, count, sizeof(*words->order), compare_words, builder.texts);
    for (uint32_t place = 0; place < count; place++)
        words->masks[place] = word_mask(intern_text(builder.texts, words->order[place]));
    place_postings(&builder, words);
    memory_free(builder.frequencies);
    memory_free(builder.seen);
    memory_free(builder.postings);
}

void trainer_words_free(struct trained_words *words)
{
    intern_destroy(words->texts);
    memory_free(words->order);
    memory_free(words->masks);
    memory_free(words->starts);
    memory_free(words->items);
    memory_free(words->weights);
    *words = (struct trained_words){0};
}
