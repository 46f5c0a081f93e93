/* What a worker keeps of a tenant's event types, where no database answers: each revision starts over. */
#include "../recommender/fixture.h"

#include "storage/event_types.h"

static void a_tenant_begins_with_nothing(void **state)
{
    struct tenant tenant = {.id = 5, .catalogue_revision = 7};
    (void)state;
    assert_null(event_types_kept(&tenant, "view"));
    assert_null(event_types_kept(&tenant, "1"));
    tenant.catalogue_revision++;
    assert_null(event_types_kept(&tenant, "view"));
    tenant.id += EVENT_TYPE_TENANTS; /* shares the place */
    assert_null(event_types_kept(&tenant, "view"));
    assert_null(event_types_kept(&(struct tenant){0}, "view"));
}

static void what_is_not_kept_is_read(void **state)
{
    struct tenant tenant = {.id = 6};
    struct database *db = database_create(config_of_nothing());
    struct event_row row = {.item_id = "i", .type_id = 1, .weight = 1};
    struct recent_events recent = {.user_id = "u"};
    const struct event_type *type;
    struct error error = {0};
    (void)state;
    assert_true(event_types_weigh(db, &tenant, &recent, &error)); /* no event, no type */
    recent = (struct recent_events){.user_id = "u", .rows = &row, .count = 1};
    assert_false(event_types_weigh(db, &tenant, &recent, &error));
    assert_int_equal(error.code, ERROR_DATABASE);
    error_clear(&error);
    assert_false(event_types_read(db, &tenant, &error));
    error_clear(&error);
    assert_false(event_types_find(db, &tenant, "view", &type, &error));
    assert_null(event_types_kept(&tenant, "view"));
    database_destroy(db);
}

int main(void)
{
    const struct CMUnitTest tests[] = {ARENA_TEST(a_tenant_begins_with_nothing),
                                       ARENA_TEST(what_is_not_kept_is_read)};
    return cmocka_run_group_tests_name("storage/event_types", tests, NULL, NULL);
}
