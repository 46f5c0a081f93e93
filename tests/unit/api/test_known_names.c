/* What a worker keeps of a tenant's names, where no database answers: it begins anew with each revision. */
#include "../recommender/fixture.h"

#include "api/known_names.h"

static void a_tenant_begins_with_nothing(void **state)
{
    struct tenant tenant = {.id = 5, .catalogue_revision = 7};
    struct known_names *known = known_names_of(&tenant);
    (void)state;
    assert_null(known_names_type(known, "view"));
    assert_null(known_names_type(known, "1"));
    assert_ptr_equal(known_names_of(&tenant), known);
    tenant.catalogue_revision++;
    assert_null(known_names_type(known_names_of(&tenant), "view"));
    tenant.id += KNOWN_TENANTS; /* shares the place */
    assert_null(known_names_type(known_names_of(&tenant), "view"));
    assert_non_null(known_names_of(&(struct tenant){0}));
}

static void what_is_not_kept_is_asked_for(void **state)
{
    struct tenant tenant = {.id = 6};
    struct database *db = database_create(config_of_nothing());
    const char *items[] = {"", "i"};
    bool exist[2];
    struct error error = {0};
    struct known_names *known = known_names_of(&tenant);
    assert_true(known_names_look_up(known, db, *state, items, 1, false, exist, &error));
    assert_false(exist[0]);
    assert_false(known_names_look_up(known, db, *state, items, 1, true, exist, &error));
    assert_int_equal(error.code, ERROR_DATABASE);
    error_clear(&error);
    assert_false(known_names_look_up(known, db, *state, items, 2, false, exist, &error));
    database_destroy(db);
}

int main(void)
{
    const struct CMUnitTest tests[] = {ARENA_TEST(a_tenant_begins_with_nothing),
                                       ARENA_TEST(what_is_not_kept_is_asked_for)};
    return cmocka_run_group_tests_name("api/known_names", tests, NULL, NULL);
}
