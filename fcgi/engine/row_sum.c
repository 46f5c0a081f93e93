/* Sums packed rows; see row_sum.h.
 *
 * The problem: a history of 50 items has about 150 rows of up to 400 entries, scattered over a file of 100
 * MB, and each entry adds to one of a million sums. Done row by row, nearly each addition misses the
 * processor's first cache, and waiting for memory is most of an answer's time.
 *
 * The idea is loop tiling: the catalogue is cut into stretches of 8,192 items, whose sums (32 KiB) fit into
 * the first cache, and all rows are advanced together through one stretch after the other. Targets rise
 * within a row, so each row needs only a cursor. The next rows' lines are prefetched while one is added.
 * Entries are 4 bytes (a distance of 16 bits and a weight of 16 bits, model_format.h), and four of them are
 * unpacked at once with the compiler's vector types; the additions themselves stay single, because their
 * targets differ.
 *
 * The result does not depend on the stretches: each target belongs to one stretch, and within it the rows are
 * added in the order in which they were given. Float addition is not associative, so this order is part of
 * the result. For the same reason the file is compiled with -ffp-contract=off (Makefile): a fused
 * multiply-add would round differently from one processor to the next.
 *
 * Cost: one addition an entry, one pass to zero the sums. Memory: 24 bytes a row, beside the caller's sums.
 * No threads: the whole sum takes tens of microseconds. */
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

/* Fetches all lines of a row: it is short, and starts where no hardware prefetcher expects it. */
static void prefetch_row(const struct row_cursor *row)
{
    for (const uint32_t *word = row->word; word < row->end; word += LINE_WORDS)
        __builtin_prefetch(word);
}

/* One entry's part in the sum: in one place, so that an explanation shows the very number that was added. */
static inline float share_of(uint32_t word, float factor)
{
    return (float)((int32_t)word >> 16) * factor;
}

/* Adds the entries whose targets are below limit, four at once while that is certain, and leaves the cursor
 * at the first that is not. Bridges (number 0, model_format.h) add 0 to a sum, which changes nothing. */
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

/* The row's first word is its scale. Read here, not in row_sum_add(): by now its line has arrived. */
static void read_scale(struct row_cursor *row)
{
    float scale;
    memcpy(&scale, row->word, sizeof(scale));
    row->factor *= scale;
    row->word++;
}

void row_sum_compute(struct row_sum *sum, uint32_t count, float *sums)
{
    /* In a large catalogue stretches grow beyond the first cache: with too few entries of a row in each,
     * going from row to row would cost more than the misses. */
    uint32_t stretch = count / STRETCHES > STRETCH ? count / STRETCHES + 1 : STRETCH;
    for (uint32_t first = 0; first < count;) {
        uint32_t limit = count - first < stretch ? count : first + stretch;
        memset(sums + first, 0, (limit - first) * sizeof(*sums));
        for (size_t i = 0; i < sum->count; i++) {
            if (first == 0) {
                if (i + AHEAD < sum->count)
                    prefetch_row(&sum->rows[i + AHEAD]);
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
