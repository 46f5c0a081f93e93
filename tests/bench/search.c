/* Processor time of searches over a catalogue that was pushed again: 50,000 changed items of 46 words each,
 * overlaid on no model, words drawn by Zipf's law from about 60,000. Prints one line a query, the best of
 * three runs, for the best 1,000 hits. */
#include "base/arena.h"
#include "base/hash.h"
#include "engine/catalogue.h"
#include "engine/text_search.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum {
    ITEMS = 50000,
    VOCABULARY = 60000,
    WORDS = 15,
    HITS = 1000,
    RUNS = 3,
    WORD_SIZE = 16,
    TEXT_SIZE = 1024
};

static uint64_t drawn;

static double processor_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

/* Four syllables that spell the number. */
static void append_word(char *text, uint32_t number, size_t letters)
{
    static const char consonants[] = "bdfgklmnprst", vowels[] = "aeiou";
    char word[WORD_SIZE] = "";
    uint32_t code = number * 2654435761u % 600011u;
    for (size_t i = 0; i < 8; i += 2, code /= 60) {
        word[i] = consonants[code % 12];
        word[i + 1] = vowels[code / 12 % 5];
    }
    word[letters] = '\0';
    strcat(strcat(text, word), " "); /* lint: strcat, room for all words of a text */
}

static void append_words(char *text, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        double share = (double)(hash_next(&drawn) >> 11) * 0x1p-53;
        append_word(text, (uint32_t)pow(VOCABULARY, share) - 1, 8);
    }
}

static void apply_item(struct catalogue *catalogue, unsigned number)
{
    char id[WORD_SIZE], name[TEXT_SIZE] = "", description[TEXT_SIZE] = "";
    struct engine_field fields[] = {{"category", "kitchen things", (double)NAN}, {"price", "12.5", 12.5}};
    snprintf(id, sizeof(id), "item-%05u", number);
    append_words(name, 4);
    append_words(description, 40);
    catalogue_apply(catalogue, &(struct engine_item){.id = id,
                                                     .name = name,
                                                     .description = description,
                                                     .metadata = "{\"category\":\"kitchen things\"}",
                                                     .active = true,
                                                     .fields = fields,
                                                     .field_count = 2});
}

static void measure(struct catalogue *catalogue, const char *name, const char *text)
{
    static struct text_hit hits[HITS];
    double best = INFINITY;
    size_t count = 0;
    for (int i = 0; i < RUNS; i++) {
        struct arena *arena = arena_create();
        double began = processor_ms();
        count = text_search(&(struct text_query){.catalogue = catalogue, .text = text, .limit = HITS}, arena,
                            hits, NULL);
        best = fmin(best, processor_ms() - began);
        arena_destroy(arena);
    }
    printf("%-20s %7.1f ms, %zu hits\n", name, best, count);
}

int main(void)
{
    struct catalogue *catalogue = catalogue_create(NULL, NULL);
    char common[TEXT_SIZE] = "", beginnings[TEXT_SIZE] = "", misspelt[TEXT_SIZE] = "", one[TEXT_SIZE] = "";
    double began = processor_ms();
    for (unsigned i = 0; i < ITEMS; i++)
        apply_item(catalogue, i);
    printf("%-20s %7.0f ms, %zu MiB\n", "50,000 items overlaid", processor_ms() - began,
           catalogue_bytes(catalogue) >> 20);
    append_word(one, 3, 8);
    for (uint32_t i = 0; i < WORDS; i++) {
        append_word(common, i, 8);
        append_word(beginnings, i, 3);
        append_word(misspelt, i + 3, 8);
        misspelt[strlen(misspelt) - 7] = 'x';
    }
    measure(catalogue, "one word", one);
    measure(catalogue, "15 common words", common);
    measure(catalogue, "15 beginnings", beginnings);
    measure(catalogue, "15 misspelt words", misspelt);
    measure(catalogue, "an id", "item-00007");
    catalogue_destroy(catalogue);
    return 0;
}
