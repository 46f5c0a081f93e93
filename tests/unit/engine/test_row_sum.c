/* Rows as the trainer packs them give the sums that plain arithmetic gives. */
#include "fixture.h"

#include "engine/row_sum.h"
#include "training/build/pack.h"

enum { ROWS = 40, LENGTH = 300 };

static uint64_t next(uint64_t *random)
{
    *random = *random * 6364136223846793005u + 1442695040888963407u;
    return *random >> 33;
}

/* Rows of items 0..ROWS-1 over a catalogue of count items; targets by no order, weights of all sizes. */
struct world {
    struct trained_rows rows;
    struct packed_rows packed;
    uint32_t count;
    float weights[ROWS];
};

static void make(struct world *world, uint32_t count)
{
    uint64_t random = count;
    *world = (struct world){.count = count};
    world->rows.starts = memory_alloc((size_t)count + 1, sizeof(uint64_t));
    world->rows.targets = memory_alloc(ROWS * LENGTH, sizeof(uint32_t));
    world->rows.weights = memory_alloc(ROWS * LENGTH, sizeof(float));
    for (uint32_t item = 0; item < count; item++)
        world->rows.starts[item + 1] = world->rows.starts[item] + (item < ROWS ? LENGTH : 0);
    for (size_t i = 0; i < ROWS * LENGTH; i++) { /* different ones within a row */
        size_t place = i % LENGTH;
        world->rows.targets[i] =
            (uint32_t)((place * 7 % LENGTH) * (count / LENGTH) + next(&random) % (count / LENGTH));
        world->rows.weights[i] =
            (float)exp2(-(double)(next(&random) % 12)) * (next(&random) % 3 ? 1.0f : -1.0f);
    }
    for (int i = 0; i < ROWS; i++)
        world->weights[i] = (float)(next(&random) % 1000) / 500 - 1;
    packed_rows_create(&world->packed, &world->rows, count);
}

static void drop(struct world *world)
{
    memory_free(world->rows.starts);
    memory_free(world->rows.targets);
    memory_free(world->rows.weights);
    packed_rows_release(&world->packed);
}

static struct model_row row_of(const struct world *world, int item)
{
    uint64_t start = world->packed.starts[item], end = world->packed.starts[item + 1];
    return (struct model_row){.words = world->packed.words + start, .count = end - start - 1};
}

static void sum_all(const struct world *world, struct arena *arena, uint32_t count, float *sums)
{
    struct row_sum sum;
    row_sum_create(&sum, ROWS, arena);
    for (int i = 0; i < ROWS; i++)
        row_sum_add(&sum, row_of(world, i), world->weights[i]);
    row_sum_add(&sum, (struct model_row){0}, 1);
    row_sum_compute(&sum, count, sums);
}

/* Catalogues of one stretch, of several, with a rest, and so large that distances need bridges. */
static void sums_are_right(void **state)
{
    (void)state;
    static const uint32_t counts[] = {300, 8192, 8193, 41000, 1000003, 30000000};
    for (size_t k = 0; k < COUNT(counts); k++) {
        struct world world;
        struct arena *arena = arena_create();
        make(&world, counts[k]);
        float *sums = memory_alloc(counts[k], sizeof(*sums));
        double *expected = memory_alloc(counts[k], sizeof(*expected));
        sums[counts[k] - 1] = 99; /* what was there goes */
        sum_all(&world, arena, counts[k], sums);
        for (int row = 0; row < ROWS; row++)
            for (size_t i = (size_t)row * LENGTH; i < (size_t)(row + 1) * LENGTH; i++)
                expected[world.rows.targets[i]] += (double)world.weights[row] * (double)world.rows.weights[i];
        for (uint32_t i = 0; i < counts[k]; i++)
            assert_true(fabs((double)sums[i] - expected[i]) < ROWS / 60000.0);
        memory_free(sums);
        memory_free(expected);
        drop(&world);
        arena_destroy(arena);
    }
}

/* Added in order of the rows, each share as it is told: the same bits. */
static void shares_are_what_was_added(void **state)
{
    (void)state;
    struct world world;
    struct arena *arena = arena_create();
    make(&world, 20000);
    float *sums = memory_alloc(world.count, sizeof(*sums));
    sum_all(&world, arena, world.count, sums);
    size_t given = 0;
    for (uint32_t target = 0; target < world.count; target += 3) {
        float sum = 0;
        for (int row = 0; row < ROWS; row++) {
            struct model_row words = row_of(&world, row);
            float share = row_sum_share(&words, world.weights[row], target);
            sum += share;
            given += share != 0;
        }
        assert_memory_equal(&sum, &sums[target], sizeof(sum));
    }
    assert_true(given > ROWS * LENGTH / 4);
    memory_free(sums);
    drop(&world);
    arena_destroy(arena);
}

/* Sanitizers watch the end of sums. */
static void a_target_out_of_range_ends_its_row(void **state)
{
    (void)state;
    struct world world;
    struct arena *arena = arena_create();
    make(&world, 20000);
    float *all = memory_alloc(world.count, sizeof(*all)), *some = memory_alloc(9001, sizeof(*some));
    sum_all(&world, arena, world.count, all);
    sum_all(&world, arena, 9001, some);
    assert_memory_equal(all, some, 9001 * sizeof(*some));
    memory_free(all);
    memory_free(some);
    drop(&world);
    arena_destroy(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sums_are_right),
        cmocka_unit_test(shares_are_what_was_added),
        cmocka_unit_test(a_target_out_of_range_ends_its_row),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
