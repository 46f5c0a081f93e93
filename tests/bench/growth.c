/* How the engine's time grows: answers for histories of a given length on one model, the least bytes that
 * an answer must touch, and one sequential read of as many bytes.
 *
 *   bench-growth MODEL LENGTH...
 *
 * A length is what the engine is given: the worker never gives it more than its newest 200 events. Prints one
 * JSON object for each length. tests/bench/run makes the models and draws the plot. */
#include "base/memory.h"
#include "base/text.h"
#include "engine/recommend.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { LIST = 20, ANSWERS = 400, READS = 21, USERS = 40, LONGEST = 10000 };

static int64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static int compare_times(const void *left, const void *right)
{
    int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;
    return (a > b) - (a < b);
}

static double median_us(int64_t *times, size_t count)
{
    qsort(times, count, sizeof(*times), compare_times);
    int64_t middle = times[count / 2];
    return (double)middle / 1000;
}

/* xorshift64: the same histories in each run. */
static uint32_t draw(uint64_t *state, uint32_t bound)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return (uint32_t)(*state % bound);
}

/* KiB of this process that no other shares and that are not the model. */
static uint64_t private_kib(const char *model_path)
{
    char line[4096], *real = realpath(model_path, NULL);
    FILE *maps = fopen("/proc/self/smaps", "r");
    uint64_t sum = 0, amount, from, to;
    bool of_model = false;
    while (maps && real && fgets(line, sizeof(line), maps)) {
        if (sscanf(line, "%" SCNx64 "-%" SCNx64, &from, &to) == 2)
            of_model = strstr(line, real);
        else if (!of_model && sscanf(line, "Private_Dirty: %" SCNu64, &amount) == 1)
            sum += amount;
    }
    if (maps)
        fclose(maps);
    free(real); /* lint: free, realpath() allocated it */
    return sum;
}

struct bench {
    const char *path;
    struct catalogue *catalogue;
    struct arena *arena;
    struct engine_history_entry *histories; /* length for each user */
    size_t length;
};

static size_t answer(const struct bench *bench, size_t user)
{
    struct engine_result results[LIST];
    struct engine_query query = {.catalogue = bench->catalogue,
                                 .strategy = ENGINE_PERSONALIZED,
                                 .history = bench->histories + user * bench->length,
                                 .history_count = bench->length,
                                 .newest_first = true,
                                 .limit = LIST};
    size_t count = engine_recommend(&query, bench->arena, results);
    arena_reset(bench->arena);
    return count;
}

/* What no way of adding up rows can leave out, on average over the users: the rows of each item of the
 * history, 8 bytes an entry, and a score for each item of the catalogue, written and read once. */
static uint64_t least_bytes(const struct bench *bench, const struct model *model)
{
    uint64_t entries = 0;
    for (size_t i = 0; i < USERS * bench->length; i++) {
        uint32_t item = bench->histories[i].item;
        entries += model_item_row(model, item).count + model_item_transitions(model, item).count +
                   model_item_contents(model, item).count;
    }
    return entries / USERS * 8 + 2 * sizeof(float) * (uint64_t)model_item_count(model);
}

/* Each user has a taste, in three neighbourhoods of a hundred items, as the made events have. */
static void draw_histories(struct bench *bench)
{
    uint32_t items = catalogue_item_count(bench->catalogue);
    uint64_t state = 88172645463325252;
    bench->histories = memory_alloc(USERS * bench->length + 1, sizeof(*bench->histories));
    for (size_t user = 0; user < USERS; user++) {
        uint32_t tastes[3] = {draw(&state, items), draw(&state, items), draw(&state, items)};
        for (size_t i = 0; i < bench->length; i++)
            bench->histories[user * bench->length + i] = (struct engine_history_entry){
                .item = (tastes[draw(&state, 3)] + draw(&state, 100)) % items, .weight = 1};
    }
}

static double read_us(size_t bytes)
{
    size_t count = bytes / sizeof(uint64_t) / 4 * 4 + 4;
    uint64_t *words = memory_alloc(count, sizeof(*words)), sum = 0;
    int64_t times[READS];
    for (size_t i = 0; i < count; i++)
        words[i] = i;
    for (int round = 0; round < READS; round++) {
        int64_t before = now_ns();
        uint64_t parts[4] = {0};
        for (size_t i = 0; i < count; i += 4)
            for (size_t j = 0; j < 4; j++)
                parts[j] += words[i + j];
        sum += parts[0] + parts[1] + parts[2] + parts[3];
        times[round] = now_ns() - before;
    }
    if (sum == 1)
        puts("");
    memory_free(words);
    return median_us(times, READS);
}

static void measure(struct bench *bench)
{
    int64_t times[ANSWERS];
    size_t found = 0;
    uint32_t items = catalogue_item_count(bench->catalogue);
    draw_histories(bench);
    for (size_t i = 0; i < USERS; i++)
        found += answer(bench, i);
    for (size_t i = 0; i < ANSWERS; i++) {
        int64_t before = now_ns();
        found += answer(bench, i % USERS);
        times[i] = now_ns() - before;
    }
    uint64_t touched = least_bytes(bench, catalogue_model(bench->catalogue));
    uint64_t private_before = private_kib(bench->path);
    uint64_t vectors = (uint64_t)items * 64 * sizeof(float);
    printf("{\"items\": %" PRIu32 ", \"history\": %zu, \"median_us\": %.2f, \"touched_bytes\": %" PRIu64
           ", \"read_touched_us\": %.2f, \"read_vectors_us\": %.2f, \"private_kib\": %" PRIu64
           ", \"results\": %zu}\n",
           items, bench->length, median_us(times, ANSWERS), touched, read_us(touched), read_us(vectors),
           private_before, found / (USERS + ANSWERS));
    memory_free(bench->histories);
}

int main(int argc, char **argv)
{
    struct model *model;
    enum model_error problem = argc > 2 ? model_open(argv[1], &model) : MODEL_OK;
    if (argc < 3 || problem != MODEL_OK) {
        fprintf(stderr, "%s\n", argc < 3 ? "usage: bench-growth MODEL LENGTH..." : model_error_text(problem));
        return argc < 3 ? 2 : 1;
    }
    struct bench bench = {
        .path = argv[1], .catalogue = catalogue_create(model, NULL), .arena = arena_create()};
    for (int i = 2; i < argc; i++) {
        int64_t length;
        if (!text_to_int64(argv[i], &length) || length < 0 || length > LONGEST)
            return 2;
        bench.length = (size_t)length;
        measure(&bench);
    }
    arena_destroy(bench.arena);
    catalogue_destroy(bench.catalogue);
    model_close(model);
    return 0;
}
