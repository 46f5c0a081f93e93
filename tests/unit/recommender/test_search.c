/* Ids with and without the prefixes of the API's first versions. */
#include "fixture.h"

#include "recommender/search.h"

static const struct shop_item items[] = {{"7", "{}", NULL}, {"itm_8", "{}", NULL}, {"8", "{}", NULL}};

static void check(const struct catalogue *catalogue, const char *id, const char *found)
{
    uint32_t index;
    bool is_there = search_find_item(catalogue, id, &index);
    assert_int_equal(is_there, found != NULL);
    if (is_there)
        assert_string_equal(catalogue_id(catalogue, index), found);
}

static void prefixes_are_left_out_where_the_whole_is_unknown(void **state)
{
    struct catalogue *catalogue = catalogue_create(NULL, NULL);
    for (size_t i = 0; i < COUNT(items); i++) {
        struct engine_item item = make_item(*state, &items[i]);
        catalogue_apply(catalogue, &item);
    }
    check(catalogue, "7", "7");
    check(catalogue, "itm_7", "7");
    check(catalogue, "rec_7", "7");
    check(catalogue, "rec_itm_7", "7");
    check(catalogue, "itm_8", "itm_8");
    check(catalogue, "rec_8", "8");
    check(catalogue, "evt_7", NULL);
    check(catalogue, "itm_itm_7", NULL);
    check(catalogue, "itm_", NULL);
    check(catalogue, "", NULL);
    catalogue_destroy(catalogue);
}

int main(void)
{
    const struct CMUnitTest tests[] = {ARENA_TEST(prefixes_are_left_out_where_the_whole_is_unknown)};
    return cmocka_run_group_tests_name("recommender/search", tests, NULL, NULL);
}
