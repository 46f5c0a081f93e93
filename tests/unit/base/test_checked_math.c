/* Sizes at the edge of 64 bits. */
#include "fixture.h"

#include "base/checked_math.h"

static void sums(void **state)
{
    uint64_t sum;
    (void)state;
    assert_true(checked_add(UINT64_MAX - 1, 1, &sum));
    assert_true(sum == UINT64_MAX);
    assert_false(checked_add(UINT64_MAX, 1, &sum));
    assert_false(checked_add(UINT64_MAX, UINT64_MAX, &sum));
    assert_true(checked_add(0, 0, &sum));
    assert_true(sum == 0);
}

static void products(void **state)
{
    uint64_t product;
    (void)state;
    assert_true(checked_multiply(UINT32_MAX, UINT32_MAX, &product));
    assert_true(product == (uint64_t)UINT32_MAX * UINT32_MAX);
    assert_false(checked_multiply(UINT64_C(1) << 32, UINT64_C(1) << 32, &product));
    assert_false(checked_multiply(UINT64_MAX, 2, &product));
    assert_true(checked_multiply(UINT64_MAX, 0, &product));
    assert_true(product == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(sums), cmocka_unit_test(products)};
    return cmocka_run_group_tests_name("base/checked_math", tests, NULL, NULL);
}
