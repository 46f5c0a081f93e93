/* Quotas as they are stored, and when a catalogue is refused. Counting is tested with a database, in tests/api. */
#include "../base/fixture.h"

#include "storage/quotas.h"

static void what_is_not_there_has_no_limit(void **state)
{
    static const char *const without[] = {"{}", "{\"items\":0}", "{\"items\":-5}", "{\"items\":null}", "[]",
                                          "no"};
    (void)state;
    assert_int_equal(quota_of(NULL, QUOTA_ITEMS), 0);
    for (size_t i = 0; i < COUNT(without); i++)
        assert_int_equal(quota_of(without[i], QUOTA_ITEMS), 0);
    assert_int_equal(quota_of("{\"lists\":9,\"items\":7}", QUOTA_ITEMS), 7);
    assert_int_equal(quota_of("{\"lists\":9,\"items\":7}", QUOTA_LISTS), 9);
    assert_int_equal(quota_of("{\"lists\":9,\"items\":7}", QUOTA_CONTEXTS), 0);
}

struct attempt {
    uint64_t items_before, bytes_before, items, bytes;
};

static bool allows(struct attempt attempt, struct error *error)
{
    const uint64_t before[QUOTA__MAX] = {
        [QUOTA_ITEMS] = attempt.items_before, [QUOTA_METADATA_BYTES] = attempt.bytes_before};
    const uint64_t used[QUOTA__MAX] = {[QUOTA_ITEMS] = attempt.items, [QUOTA_METADATA_BYTES] = attempt.bytes};
    *error = (struct error){0};
    return quotas_allow_catalogue("{\"items\":10,\"metadata_bytes\":1000}", before, used, error);
}

static void only_what_grows_beyond_is_refused(void **state)
{
    struct error error;
    (void)state;
    assert_true(allows((struct attempt){0, 0, 10, 1000}, &error));
    assert_true(allows((struct attempt){20, 3000, 20, 3000}, &error));
    assert_true(allows((struct attempt){20, 3000, 11, 1001}, &error));
    assert_false(allows((struct attempt){10, 0, 11, 0}, &error));
    assert_int_equal(error.code, ERROR_QUOTA_EXCEEDED);
    assert_string_equal(error.message, "This tenant may have 10 items, and with this would have 11");
    assert_false(allows((struct attempt){20, 900, 19, 1001}, &error));
    assert_string_equal(error.message,
                        "This tenant may have 1000 bytes of metadata, and with this would have 1001");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_not_there_has_no_limit),
        cmocka_unit_test(only_what_grows_beyond_is_refused),
    };
    return cmocka_run_group_tests_name("storage/quotas", tests, NULL, NULL);
}
