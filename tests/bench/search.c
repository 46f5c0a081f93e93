/* Processor time of searches, filters and lists over a catalogue that was pushed again: 50,000 changed items of
 * 46 words and a kilobyte each, overlaid on no model, words drawn by Zipf's law from about 60,000. First all on
 * the heap, then all in a delta file; between the two, what writing and opening that costs. Prints one line a
 * query, the best of three runs, for the best 1,000 hits. */
#include "base/arena.h"
#include "base/hash.h"
#include "base/memory.h"
#include "engine/catalogue.h"
#include "engine/delta.h"
#include "engine/recommend.h"
#include "engine/text_search.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

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
    static char metadata[TEXT_SIZE / 2];
    char id[WORD_SIZE], name[TEXT_SIZE] = "", description[TEXT_SIZE] = "";
    char code[WORD_SIZE], price[WORD_SIZE];
    struct engine_field fields[] = {{"category", number % 7 ? "kitchen things" : "lamps", (double)NAN},
                                    {"price", price, number % 1000},
                                    {"brand", number % 5 ? "one of many brands" : "another", (double)NAN},
                                    {"colour", "red", (double)NAN},
                                    {"colour", "blue", (double)NAN},
                                    {"size.width", "12", 12},
                                    {"size.height", "34", 34},
                                    {"code", code, (double)NAN}};
    snprintf(code, sizeof(code), "c%u", number * 7919);
    snprintf(price, sizeof(price), "%u", number % 1000);
    snprintf(id, sizeof(id), "item-%05u", number);
    memset(metadata, 'm', sizeof(metadata) - 1);
    append_words(name, 4);
    append_words(description, 40);
    catalogue_apply(catalogue, &(struct engine_item){.id = id,
                                                     .name = name,
                                                     .description = description,
                                                     .metadata = metadata,
                                                     .active = true,
                                                     .fields = fields,
                                                     .field_count = 8});
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

/* A condition by which all items are tested, and what is popular of those that pass. */
static void measure_filter(const struct catalogue *catalogue, const char *name,
                           struct filter_condition condition)
{
    struct engine_result results[20];
    double best = INFINITY;
    for (int i = 0; i < RUNS; i++) {
        struct arena *arena = arena_create();
        double began = processor_ms();
        const struct filter *filter = filter_compile(arena, catalogue, &condition, 1);
        struct engine_query query = {.catalogue = catalogue,
                                     .strategy = ENGINE_NEWEST,
                                     .filters = &filter,
                                     .filter_count = 1,
                                     .limit = 20};
        if (!engine_recommend(&query, arena, results))
            puts("nothing passed");
        best = fmin(best, processor_ms() - began);
        arena_destroy(arena);
    }
    printf("%-20s %7.1f ms\n", name, best);
}

static void measure_filters(const struct catalogue *catalogue)
{
    struct filter_value lamps = {.text = "lamps", .number = (double)NAN};
    struct filter_value price = {.text = "500", .number = 500};
    struct filter_value code = {.text = "%99_1%", .number = (double)NAN};
    struct filter_condition conditions[] = {
        {.column = "category", .operator= FILTER_EQUAL, .values = &lamps, .value_count = 1},
        {.column = "price", .operator= FILTER_LESS, .values = &price, .value_count = 1},
        {.column = "code", .operator= FILTER_LIKE, .values = &code, .value_count = 1},
        {.column = "description", .operator= FILTER_LIKE, .values = &code, .value_count = 1},
    };
    conditions[3].operator= FILTER_NOT_LIKE;
    measure_filter(catalogue, "category = lamps", conditions[0]);
    measure_filter(catalogue, "price < 500", conditions[1]);
    measure_filter(catalogue, "code LIKE", conditions[2]);
    measure_filter(catalogue, "text NOT LIKE", conditions[3]);
}

/* By the texts of what was liked, which is all that is known of changed items. */
static void measure_lists(const struct catalogue *catalogue)
{
    struct engine_history_entry history[] = {{7, 1}, {4711, 1}, {31, 1}};
    struct engine_result results[20];
    double best = INFINITY;
    for (int i = 0; i < RUNS; i++) {
        struct arena *arena = arena_create();
        double began = processor_ms();
        struct engine_query query = {
            .catalogue = catalogue, .history = history, .history_count = 3, .limit = 20};
        if (!engine_recommend(&query, arena, results))
            puts("nothing found");
        best = fmin(best, processor_ms() - began);
        arena_destroy(arena);
    }
    printf("%-20s %7.1f ms\n", "a list", best);
}

static void measure_all(struct catalogue *catalogue)
{
    char common[TEXT_SIZE] = "", beginnings[TEXT_SIZE] = "", misspelt[TEXT_SIZE] = "", one[TEXT_SIZE] = "";
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
    measure_filters(catalogue);
    measure_lists(catalogue);
}

/* In the folder of temporary files, from which it is gone again when this returns. */
static struct delta *freeze(const struct catalogue *catalogue)
{
    char path[] = "/tmp/bench-delta-XXXXXX";
    struct delta_origin origin = delta_origin_of(DELTA_CHANGES, 1, NULL, 1);
    struct delta_state state = {.revision = 1};
    struct delta *delta;
    if (!mkdtemp(path))
        return NULL;
    char *file = memory_alloc(sizeof(path) + 8, 1);
    snprintf(file, sizeof(path) + 8, "%s/delta", path);
    double began = processor_ms();
    bool written = delta_write(file, catalogue, &origin, &state);
    printf("%-20s %7.0f ms\n", "written", processor_ms() - began);
    began = processor_ms();
    if (!written || delta_open(file, &origin, &delta) != DELTA_OK)
        delta = NULL;
    printf("%-20s %7.3f ms, %zu MiB\n", "opened", processor_ms() - began,
           delta ? delta_bytes(delta) >> 20 : 0);
    unlink(file);
    rmdir(path);
    memory_free(file);
    return delta;
}

int main(void)
{
    struct catalogue *catalogue = catalogue_create(NULL, NULL);
    double began = processor_ms();
    for (unsigned i = 0; i < ITEMS; i++)
        apply_item(catalogue, i);
    printf("%-20s %7.0f ms, %zu MiB\n", "50,000 items overlaid", processor_ms() - began,
           catalogue_bytes(catalogue) >> 20);
    measure_all(catalogue);
    struct delta *delta = freeze(catalogue);
    catalogue_destroy(catalogue);
    if (!delta)
        return 1;
    catalogue = catalogue_create(NULL, delta);
    printf("%-20s %7zu KiB\n", "heap with the delta", catalogue_bytes(catalogue) >> 10);
    measure_all(catalogue);
    delta_close(freeze(catalogue));
    catalogue_destroy(catalogue);
    delta_close(delta);
    return 0;
}
