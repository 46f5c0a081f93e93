/* Sums packed rows; see row_sum.h. */
#include "engine/row_sum.h"

enum {
    STRETCH = 8192, /* sums in 32 KiB: they fit beside the rows into a first cache of 48 KiB */
    STRETCHES = 16, /* at most: where rows have few entries in each, changing rows costs more than it saves */
    LINE_WORDS = 16, /* of a cache line */
    AHEAD = 2,       /* rows whose words are on their way while one is added */
};

typedef float floats __attribute__((vector_size(16)));
typedef int32_t integers __attribute__((vector_size(16), aligned(4), may_alias));

void row_sum_create(struct row_sum *sum, size_t room, struct arena *arena)
{
    sum->rows = arena_alloc(arena, room, sizeof(*sum->rows));
    sum->count = 0;
}

/* The scale is read later, when it is on its way. */
void row_sum_add(struct row_sum *sum, struct model_row row, float weight)
{
    if (!row.count || weight == 0)
        return;
    __builtin_prefetch(row.words);
    sum->rows[sum->count++] =
        (struct row_cursor){.word = row.words, .end = row.words + row.count + 1, .factor = weight};
}

static void prefetch(const struct row_cursor *row)
{
    for (const uint32_t *word = row->word; word < row->end; word += LINE_WORDS)
        __builtin_prefetch(word);
}

/* One entry's part in the sum, the same wherever it is asked for. */
static inline float share_of(uint32_t word, float factor)
{
    return (float)((int32_t)word >> 16) * factor;
}

/* Adds the entries whose targets are below limit: four at once while that is certain. */
static void add_entries(struct row_cursor *row, uint32_t limit, float *sums)
{
    const uint32_t *word = row->word;
    uint32_t target = row->target;
    float factor = row->factor;
    for (; row->end - word >= 4; word += 4) {
        uint32_t first = target + (word[0] & 0xFFFF), second = first + (word[1] & 0xFFFF);
        uint32_t third = second + (word[2] & 0xFFFF), fourth = third + (word[3] & 0xFFFF);
        if (fourth >= limit)
            break;
        floats shares = __builtin_convertvector(*(const integers *)word >> 16, floats) * factor;
        sums[first] += shares[0];
        sums[second] += shares[1];
        sums[third] += shares[2];
        sums[fourth] += shares[3];
        target = fourth;
    }
    for (; word < row->end; word++) {
        uint32_t next = target + (*word & 0xFFFF);
        if (next >= limit)
            break;
        sums[next] += share_of(*word, factor);
        target = next;
    }
    row->word = word;
    row->target = target;
}

static void read_scale(struct row_cursor *row)
{
    float scale;
    memcpy(&scale, row->word, sizeof(scale));
    row->factor *= scale;
    row->word++;
}

void row_sum_compute(struct row_sum *sum, uint32_t count, float *sums)
{
    uint32_t stretch = count / STRETCHES > STRETCH ? count / STRETCHES + 1 : STRETCH;
    for (uint32_t first = 0; first < count;) {
        uint32_t limit = count - first < stretch ? count : first + stretch;
        memset(sums + first, 0, (limit - first) * sizeof(*sums));
        for (size_t i = 0; i < sum->count; i++) {
            if (first == 0) {
                if (i + AHEAD < sum->count)
                    prefetch(&sum->rows[i + AHEAD]);
                read_scale(&sum->rows[i]);
            }
            add_entries(&sum->rows[i], limit, sums);
        }
        first = limit;
    }
}

float row_sum_share(const struct model_row *row, float weight, uint32_t target)
{
    uint32_t at = 0;
    if (!row->count || weight == 0)
        return 0;
    for (size_t i = 1; i <= row->count; i++) {
        at = model_row_target(row, i, at);
        if (at > target)
            break;
        if (at == target && model_row_number(row, i) != 0)
            return share_of(row->words[i], weight * model_row_scale(row));
    }
    return 0;
}
