/* Times the engine: one answer, the first answer of a model just mapped, the machine's reading speed.
 *
 *   bench-engine answers MODEL EVENTS [COLUMN VALUE]   warm answers for every user of EVENTS; a filter
 *   bench-engine neighbour MODEL EVENTS                answers once, says "ready" and stays until its input
 * ends bench-engine first MODEL EVENTS                    map, first answer and unmap, many times over
 *   bench-engine bandwidth                             a plain sequential read of memory
 *
 * Prints one JSON object. tests/bench/run-engine makes the files and puts the figures together. */
#include "base/memory.h"
#include "cli/evaluate/event_set.h"
#include "engine/filter.h"
#include "engine/recommend.h"

#include <inttypes.h>
#include <linux/perf_event.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum {
    HISTORY = 50,
    LIST = 20,
    ANSWERS_MINIMUM = 200,
    ANSWERS_MAXIMUM = 50000,
    FIRST_ROUNDS = 101,
    READ_ROUNDS = 11,
    COUNTERS = 3,
};
static const int64_t ANSWERS_NS = INT64_C(20000000000);
static const size_t READ_BYTES = (size_t)256 << 20;

/* ---- Times and counters. */

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

/* Sorts; in microseconds. */
static double quantile_us(int64_t *times, size_t count, double share)
{
    qsort(times, count, sizeof(*times), compare_times);
    return (double)times[(size_t)((double)(count - 1) * share)] / 1000;
}

static const char *const counter_names[COUNTERS] = {"instructions", "cycles", "cache_misses"};

/* -1 where the machine has no such counter, or does not let us read it. */
static void open_counters(int counters[COUNTERS])
{
    static const uint64_t kinds[COUNTERS] = {PERF_COUNT_HW_INSTRUCTIONS, PERF_COUNT_HW_CPU_CYCLES,
                                             PERF_COUNT_HW_CACHE_MISSES};
    for (int i = 0; i < COUNTERS; i++) {
        struct perf_event_attr wanted = {.type = PERF_TYPE_HARDWARE,
                                         .size = sizeof(wanted),
                                         .config = kinds[i],
                                         .exclude_kernel = 1,
                                         .exclude_hv = 1};
        counters[i] = (int)syscall(SYS_perf_event_open, &wanted, 0, -1, -1, PERF_FLAG_FD_CLOEXEC);
    }
}

static void print_counters(const int counters[COUNTERS], size_t answers)
{
    for (int i = 0; i < COUNTERS; i++) {
        uint64_t count;
        if (counters[i] >= 0 && read(counters[i], &count, sizeof(count)) == sizeof(count))
            printf(", \"%s\": %.0f", counter_names[i], (double)count / (double)answers);
    }
}

/* KiB of this process that no other shares, without the mapping of the model. With a neighbour beside it, as
 * workers have: a process all alone counts every page of the libraries as its own. */
static uint64_t private_kib(const char *model_path)
{
    char line[4096], *real = realpath(model_path, NULL);
    FILE *maps = fopen("/proc/self/smaps", "r");
    uint64_t sum = 0, amount, from, to;
    bool of_model = false;
    while (maps && fgets(line, sizeof(line), maps)) {
        if (sscanf(line, "%" SCNx64 "-%" SCNx64, &from, &to) == 2)
            of_model = real && strstr(line, real);
        else if (!of_model && (sscanf(line, "Private_Clean: %" SCNu64, &amount) == 1 ||
                               sscanf(line, "Private_Dirty: %" SCNu64, &amount) == 1))
            sum += amount;
    }
    if (maps)
        fclose(maps);
    free(real); /* lint: free, realpath() allocated it */
    return sum;
}

/* ---- Histories. */

struct histories {
    struct engine_history_entry *entries; /* HISTORY for each user */
    uint32_t *items;                      /* of them, to exclude */
    size_t count;                         /* users */
};

/* Of each user with at least HISTORY events the newest ones. */
static struct histories read_histories(const char *path, const struct catalogue *catalogue)
{
    struct event_set *set = event_set_read(path);
    struct histories histories = {0};
    if (!set)
        exit(1);
    uint32_t users = intern_count(set->users);
    histories.entries = memory_alloc((size_t)users * HISTORY, sizeof(*histories.entries));
    histories.items = memory_alloc((size_t)users * HISTORY, sizeof(*histories.items));
    for (uint32_t user = 0; user < users; user++) {
        size_t end = set->starts[user + 1];
        if (end - set->starts[user] < HISTORY)
            continue;
        for (size_t i = 0; i < HISTORY; i++) {
            const struct set_event *event = &set->events[end - 1 - i];
            const char *id = intern_text(set->items, event->item);
            uint32_t index = UINT32_MAX;
            if (!catalogue_find(catalogue, id, strlen(id), &index))
                index = UINT32_MAX;
            size_t place = histories.count * HISTORY + i;
            histories.entries[place] = engine_history_of_event(index, event->weight);
            histories.items[place] = index;
        }
        histories.count++;
    }
    event_set_destroy(set);
    if (histories.count)
        return histories;
    fprintf(stderr, "bench-engine: %s has no user with %d events\n", path, HISTORY);
    exit(1);
}

/* ---- Answers. */

static struct model *open_model(const char *path)
{
    struct model *model;
    enum model_error problem = model_open(path, &model);
    if (problem == MODEL_OK)
        return model;
    fprintf(stderr, "bench-engine: %s: %s\n", path, model_error_text(problem));
    exit(1);
}

struct filter_text {
    const char *column, *value; /* NULL: no filter */
};

static size_t answer(const struct catalogue *catalogue, const struct histories *histories, size_t user,
                     struct filter_text wanted, struct arena *arena, struct engine_result *results)
{
    const struct filter *filter = NULL;
    if (wanted.column) {
        struct filter_value value = {.text = wanted.value, .number = NAN};
        struct filter_condition condition = {
            .column = wanted.column, .operator= FILTER_EQUAL, .values = &value, .value_count = 1};
        filter = filter_compile(arena, catalogue, &condition, 1);
    }
    struct engine_query query = {.catalogue = catalogue,
                                 .strategy = ENGINE_PERSONALIZED,
                                 .history = histories->entries + user * HISTORY,
                                 .history_count = HISTORY,
                                 .newest_first = true,
                                 .filters = &filter,
                                 .filter_count = filter ? 1 : 0,
                                 .exclude = histories->items + user * HISTORY,
                                 .exclude_count = HISTORY,
                                 .limit = LIST};
    size_t count = engine_recommend(&query, arena, results);
    arena_reset(arena);
    return count;
}

/* What is asked, and whether by a filter. */
struct subject {
    struct model *model;
    struct catalogue *catalogue;
    struct histories histories;
    struct arena *arena;
    struct filter_text wanted;
};

static size_t answer_user(const struct subject *subject, size_t user)
{
    struct engine_result results[LIST];
    return answer(subject->catalogue, &subject->histories, user, subject->wanted, subject->arena, results);
}

/* Opened and warm: every user has been answered once. *found is how many items they got. */
static struct subject open_subject(const char *path, const char *events, struct filter_text wanted,
                                   size_t *found)
{
    struct subject subject = {.model = open_model(path), .arena = arena_create(), .wanted = wanted};
    subject.catalogue = catalogue_create(subject.model, NULL);
    subject.histories = read_histories(events, subject.catalogue);
    *found = 0;
    for (size_t user = 0; user < subject.histories.count; user++)
        *found += answer_user(&subject, user);
    return subject;
}

static void close_subject(struct subject *subject)
{
    memory_free(subject->histories.entries);
    memory_free(subject->histories.items);
    arena_destroy(subject->arena);
    catalogue_destroy(subject->catalogue);
    model_close(subject->model);
}

/* Round after round of all users until there is enough. */
static int time_answers(const char *path, const char *events, struct filter_text wanted)
{
    size_t count = 0, found;
    struct subject subject = open_subject(path, events, wanted, &found);
    size_t users = subject.histories.count;
    int64_t *times = memory_alloc(ANSWERS_MAXIMUM, sizeof(*times)), begun;
    int counters[COUNTERS];
    open_counters(counters);
    begun = now_ns();
    for (; count < ANSWERS_MAXIMUM && (count < ANSWERS_MINIMUM || now_ns() - begun < ANSWERS_NS); count++) {
        int64_t before = now_ns();
        found += answer_user(&subject, count % users);
        times[count] = now_ns() - before;
    }
    printf("{\"answers\": %zu, \"users\": %zu, \"items\": %" PRIu32 ", \"results\": %.2f", count, users,
           model_item_count(subject.model), (double)found / (double)(count + users));
    print_counters(counters, count);
    printf(", \"private_kib\": %" PRIu64, private_kib(path));
    printf(", \"p99_us\": %.3f, \"median_us\": %.3f}\n", quantile_us(times, count, 0.99),
           quantile_us(times, count, 0.5));
    memory_free(times);
    close_subject(&subject);
    return 0;
}

/* A second process of the same program, so that what processes share can be told from what they do not. */
static int be_neighbour(const char *path, const char *events)
{
    size_t found;
    struct subject subject = open_subject(path, events, (struct filter_text){0}, &found);
    puts("ready");
    fflush(stdout);
    while (getchar() != EOF) {
    }
    close_subject(&subject);
    return 0;
}

/* Each round maps the file anew, so that every page it needs is faulted in
 * again, as in a new worker. */
static int time_first(const char *path, const char *events)
{
    struct model *model = open_model(path);
    struct catalogue *catalogue = catalogue_create(model, NULL);
    struct histories histories = read_histories(events, catalogue);
    int64_t opens[FIRST_ROUNDS], totals[FIRST_ROUNDS];
    uint64_t bytes = model_bytes(model);
    for (size_t round = 0; round < FIRST_ROUNDS; round++) {
        catalogue_destroy(catalogue);
        model_close(model);
        struct engine_result results[LIST];
        int64_t begun = now_ns();
        struct arena *arena = arena_create();
        model = open_model(path);
        catalogue = catalogue_create(model, NULL);
        opens[round] = now_ns() - begun;
        size_t count = answer(catalogue, &histories, round % histories.count,
                              (struct filter_text){NULL, NULL}, arena, results);
        totals[round] = now_ns() - begun;
        if (!count)
            return 1;
        arena_destroy(arena);
    }
    printf("{\"model_bytes\": %" PRIu64 ", \"open_us\": %.3f, \"open_and_answer_us\": %.3f}\n", bytes,
           quantile_us(opens, FIRST_ROUNDS, 0.5), quantile_us(totals, FIRST_ROUNDS, 0.5));
    memory_free(histories.entries);
    memory_free(histories.items);
    catalogue_destroy(catalogue);
    model_close(model);
    return 0;
}

/* Far more than any cache holds. */
static int time_bandwidth(void)
{
    size_t count = READ_BYTES / sizeof(uint64_t);
    uint64_t *words = memory_alloc(count, sizeof(*words)), sum = 0;
    int64_t times[READ_ROUNDS];
    for (size_t i = 0; i < count; i++)
        words[i] = i;
    for (int round = 0; round < READ_ROUNDS; round++) {
        int64_t before = now_ns();
        uint64_t parts[4] = {0};
        for (size_t i = 0; i < count; i += 4) {
            parts[0] += words[i];
            parts[1] += words[i + 1];
            parts[2] += words[i + 2];
            parts[3] += words[i + 3];
        }
        sum += parts[0] + parts[1] + parts[2] + parts[3];
        times[round] = now_ns() - before;
    }
    printf("{\"gigabytes_per_second\": %.3f, \"checksum\": %" PRIu64 "}\n",
           (double)READ_BYTES / quantile_us(times, READ_ROUNDS, 0.5) / 1000, sum);
    memory_free(words);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc == 4 && !strcmp(argv[1], "first"))
        return time_first(argv[2], argv[3]);
    if ((argc == 4 || argc == 6) && !strcmp(argv[1], "answers"))
        return time_answers(argv[2], argv[3],
                            (struct filter_text){argc == 6 ? argv[4] : NULL, argc == 6 ? argv[5] : NULL});
    if (argc == 4 && !strcmp(argv[1], "neighbour"))
        return be_neighbour(argv[2], argv[3]);
    if (argc == 2 && !strcmp(argv[1], "bandwidth"))
        return time_bandwidth();
    fprintf(stderr, "usage: bench-engine answers MODEL EVENTS [COLUMN VALUE] | neighbour MODEL EVENTS | "
                    "first MODEL EVENTS | bandwidth\n");
    return 2;
}
