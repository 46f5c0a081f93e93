/* Fuzzes the model file with the functions that workers use: open, look up, filter, rank.
 *
 * The header's checksum is made right first, or nothing behind it would ever be reached; model_open() without
 * that is covered by the inputs whose first byte is odd. What must hold: no crash, no read outside, scores
 * that are finite and never rise, and nothing in the list that the filter refuses. */
#include "base/arena.h"
#include "base/memory.h"
#include "engine/catalogue.h"
#include "engine/explain.h"
#include "engine/filter.h"
#include "engine/model.h"
#include "engine/model_format.h"
#include "engine/recommend.h"
#include "engine/text_search.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <zlib.h>

enum { LIMIT = 20, SEEDS = 8 };

static void must(bool holds, const char *what)
{
    if (holds)
        return;
    fprintf(stderr, "fuzz_model: %s\n", what);
    abort();
}

static void seal(unsigned char *bytes, size_t size)
{
    struct model_header header;
    if (size < sizeof(header))
        return;
    memcpy(&header, bytes, sizeof(header));
    if (header.header_bytes < sizeof(header) || header.header_bytes > size)
        return;
    header.total_bytes = size;
    header.header_crc32 = 0;
    memcpy(bytes, &header, sizeof(header));
    header.header_crc32 = (uint32_t)crc32(0, bytes, header.header_bytes);
    memcpy(bytes, &header, sizeof(header));
}

static void search(const struct catalogue *catalogue, struct arena *arena)
{
    static const char *const texts[] = {"red mug", "mgu", "lamps"};
    struct text_hit hits[LIMIT];
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct text_query query = {.catalogue = catalogue, .text = texts[i], .limit = LIMIT};
        size_t count = text_search(&query, arena, hits);
        for (size_t j = 0; j < count; j++)
            must(hits[j].item < catalogue_item_count(catalogue) && hits[j].score > 0, "a hit is an item");
    }
}

static void rank(const struct catalogue *catalogue, struct arena *arena, enum engine_strategy strategy)
{
    struct filter_value value = {.text = "mugs", .number = NAN};
    struct filter_condition condition = {
        .column = "category", .operator= FILTER_EQUAL, .values = &value, .value_count = 1};
    const struct filter *filter = filter_compile(arena, catalogue, &condition, 1);
    struct engine_history_entry history[SEEDS];
    struct engine_result results[LIMIT];
    for (uint32_t i = 0; i < SEEDS; i++)
        history[i] = (struct engine_history_entry){.item = i, .weight = i % 3 ? 1 : -0.5F};
    for (int filtered = 0; filtered < 2; filtered++) {
        struct engine_query query = {.catalogue = catalogue,
                                     .strategy = strategy,
                                     .history = history,
                                     .history_count = SEEDS,
                                     .filters = &filter,
                                     .filter_count = (size_t)filtered,
                                     .limit = LIMIT,
                                     .now = 1700000000};
        size_t count = engine_recommend(&query, arena, results);
        for (size_t i = 0; i < count; i++) {
            must(isfinite(results[i].score) && results[i].score >= 0 && results[i].score <= 1,
                 "score out of range");
            must(i == 0 || results[i].score <= results[i - 1].score, "scores rise");
            must(!filtered || filter_matches(filter, results[i].item), "an item outside of the filter");
        }
        for (uint32_t i = 0; i < catalogue_item_count(catalogue) && i < SEEDS; i++) {
            struct engine_explanation explained;
            engine_explain_item(&query, i, arena, &explained);
            bool listed = explained.standing == ENGINE_LISTED;
            must(isfinite(explained.relevance), "relevance not finite");
            if (filtered)
                continue; /* a damaged list of items by value may leave out what the filter lets pass */
            must(listed == (explained.rank >= 1 && explained.rank <= count), "rank without a place");
            must(!listed || results[explained.rank - 1].item == i, "another item at its rank");
        }
    }
}

static void use(const struct model *model)
{
    struct catalogue *catalogue = catalogue_create(model);
    struct arena *arena = arena_create();
    uint32_t index, count = catalogue_item_count(catalogue);
    for (uint32_t i = 0; i < count && i < 50; i++) {
        struct engine_item item;
        const char *text;
        catalogue_get(catalogue, i, &item);
        must(strlen(item.id) + strlen(item.name) + strlen(item.metadata) < SIZE_MAX, "texts");
        if (!catalogue_find(catalogue, item.id, strlen(item.id), &index) ||
            !catalogue_first_text(catalogue, i, "category", &text))
            continue;
        must(strlen(text) < SIZE_MAX, "column text");
    }
    if (count < 100000) {
        for (int strategy = 0; strategy < ENGINE_STRATEGY__MAX; strategy++)
            rank(catalogue, arena, (enum engine_strategy)strategy);
        search(catalogue, arena);
    }
    arena_destroy(arena);
    catalogue_destroy(catalogue);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char path[64];
    struct model *model;
    if (size < 2)
        return 0;
    bool sealed = data[0] % 2 == 0;
    unsigned char *bytes = memory_alloc(size, 1);
    memcpy(bytes, data + 1, size - 1);
    if (sealed)
        seal(bytes, size - 1);
    int fd = memfd_create("model", MFD_CLOEXEC);
    must(fd >= 0 && write(fd, bytes, size - 1) == (ssize_t)(size - 1), "memfd");
    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    if (model_open(path, &model) == MODEL_OK) {
        enum model_error ignored = model_verify(model);
        (void)ignored;
        use(model);
        model_close(model);
    }
    close(fd);
    memory_free(bytes);
    return 0;
}
