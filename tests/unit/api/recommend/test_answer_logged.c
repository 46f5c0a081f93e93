/* The number of a recommendation: unique, leads back to its decision and rank, and safe in JavaScript. The
 * transaction itself is tested with a database, in tests/api. */
#include "../../base/fixture.h"

#include "api/recommend/answer_logged.h"

static const uint64_t decisions_max = UINT64_C(1) << 46;
static const int64_t javascript_max = (INT64_C(1) << 53) - 1;

static void numbers_lead_back(void **state)
{
    static const uint64_t decisions[] = {1, 2, 127, 128, 12345678, (UINT64_C(1) << 46) - 1};
    static const size_t ranks[] = {1, 2, 50, LIMIT_QUANTITY};
    (void)state;
    for (size_t i = 0; i < COUNT(decisions); i++) {
        for (size_t j = 0; j < COUNT(ranks); j++) {
            int64_t id = recommendation_id(decisions[i], ranks[j]);
            assert_true((uint64_t)id / RECOMMENDATION_ID_RANKS == decisions[i]);
            assert_true((uint64_t)id % RECOMMENDATION_ID_RANKS == ranks[j]);
        }
    }
}

static void neighbours_do_not_meet(void **state)
{
    int64_t last = 0;
    (void)state;
    for (uint64_t decision = 1; decision < 50; decision++) {
        for (size_t rank = 1; rank <= LIMIT_QUANTITY; rank++) {
            int64_t id = recommendation_id(decision, rank);
            assert_true(id > last);
            last = id;
        }
    }
}

static void the_last_number_is_one_that_javascript_keeps(void **state)
{
    (void)state;
    assert_true(recommendation_id(decisions_max - 1, RECOMMENDATION_ID_RANKS - 1) == javascript_max);
    assert_true(recommendation_id(decisions_max - 1, LIMIT_QUANTITY) <= javascript_max);
    assert_true(recommendation_id(decisions_max, 1) > javascript_max);
    assert_true(LIMIT_QUANTITY < RECOMMENDATION_ID_RANKS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_lead_back),
        cmocka_unit_test(neighbours_do_not_meet),
        cmocka_unit_test(the_last_number_is_one_that_javascript_keeps),
    };
    return cmocka_run_group_tests_name("api/answer_logged", tests, NULL, NULL);
}
