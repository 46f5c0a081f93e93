/* Which ids may be meant by one with a prefix of the API's first versions. */
#include "fixture.h"

#include "base/id_prefix.h"

static void prefixes_are_tried_after_the_id_itself(void **state)
{
    const char *candidates[ID_CANDIDATES];
    (void)state;
    assert_int_equal(id_candidates(ID_OF_ITEM, "5", candidates), 1);
    assert_int_equal(id_candidates(ID_OF_ITEM, "itm_", candidates), 1);
    assert_int_equal(id_candidates(ID_OF_ITEM, "itm_5", candidates), 2);
    assert_string_equal(candidates[0], "itm_5");
    assert_string_equal(candidates[1], "5");
    assert_int_equal(id_candidates(ID_OF_ITEM, "rec_itm_5", candidates), 3);
    assert_string_equal(candidates[1], "5");
    assert_string_equal(candidates[2], "itm_5");
    assert_int_equal(id_candidates(ID_OF_ITEM, "rec_5", candidates), 2);
    assert_string_equal(candidates[1], "5");
    assert_int_equal(id_candidates(ID_OF_ITEM, "itm_itm_7", candidates), 2);
    assert_string_equal(candidates[1], "itm_7");
    assert_int_equal(id_candidates(ID_OF_ITEM, "item", candidates), 1);
}

static void a_change_looks_past_the_forced_prefix_alone(void **state)
{
    const char *candidates[ID_CANDIDATES];
    (void)state;
    static const char *const plain[] = {"5", "rec_5", "rec_itm_5", "ctx_5", "evt_5", "itm_", "Itm_5", "item"};
    for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++) {
        assert_int_equal(id_candidates_to_change(plain[i], candidates), 1);
        assert_string_equal(candidates[0], plain[i]);
    }
    assert_int_equal(id_candidates_to_change("itm_5", candidates), 2);
    assert_string_equal(candidates[0], "itm_5");
    assert_string_equal(candidates[1], "5");
    assert_int_equal(id_candidates_to_change("itm_itm_7", candidates), 2);
    assert_string_equal(candidates[1], "itm_7");
    assert_int_equal(id_candidates_to_change("itm_rec_7", candidates), 2);
    assert_string_equal(candidates[1], "rec_7");
}

static void each_kind_has_its_own(void **state)
{
    const char *candidates[ID_CANDIDATES];
    (void)state;
    assert_int_equal(id_candidates(ID_OF_ITEM, "evt_5", candidates), 1);
    assert_int_equal(id_candidates(ID_OF_ITEM, "ctx_5", candidates), 1);
    assert_int_equal(id_candidates(ID_OF_EVENT, "itm_5", candidates), 1);
    assert_int_equal(id_candidates(ID_OF_EVENT, "evt_5", candidates), 2);
    assert_string_equal(candidates[1], "5");
    assert_int_equal(id_candidates(ID_OF_CONTEXT, "ctx_5", candidates), 2);
    assert_string_equal(candidates[1], "5");
    assert_int_equal(id_candidates(ID_OF_CONTEXT, "ctx_", candidates), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(prefixes_are_tried_after_the_id_itself),
                                       cmocka_unit_test(a_change_looks_past_the_forced_prefix_alone),
                                       cmocka_unit_test(each_kind_has_its_own)};
    return cmocka_run_group_tests_name("base/id_prefix", tests, NULL, NULL);
}
