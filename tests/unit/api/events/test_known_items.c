/* What a worker keeps of a tenant's items, where no database answers. */
#include "../../recommender/fixture.h"

#include "api/events/known_items.h"

static void what_is_not_kept_is_asked_for(void **state)
{
    struct tenant tenant = {.id = 6};
    struct database *db = database_create(config_of_nothing());
    const char *items[] = {"", "itm_i"};
    bool exist[2];
    struct error error = {0};
    assert_true(known_items_look_up(db, *state, &tenant, items, 1, exist, &error));
    assert_false(exist[0]);
    assert_false(known_items_look_up(db, *state, &tenant, items, 2, exist, &error));
    assert_int_equal(error.code, ERROR_DATABASE);
    assert_string_equal(items[1], "itm_i"); /* what was not found stays as it is */
    error_clear(&error);
    tenant.id += KNOWN_TENANTS; /* shares the place */
    assert_false(known_items_look_up(db, *state, &tenant, items, 2, exist, &error));
    database_destroy(db);
}

int main(void)
{
    const struct CMUnitTest tests[] = {ARENA_TEST(what_is_not_kept_is_asked_for)};
    return cmocka_run_group_tests_name("api/events/known_items", tests, NULL, NULL);
}
