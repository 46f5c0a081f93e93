/* The look-up of a tenant fails closed. What it finds is tested with a database, in tests/api. */
#include "fixture.h"

#include "request/resolve_tenant.h"

static void without_a_database_nobody_gets_in(void **state)
{
    struct config config = config_hs256();
    struct worker worker = {.config = &config, .db = database_create(&config), .arena = *state};
    const struct route route = {.method = "GET", .access = ACCESS_TOKEN};
    struct request request = {.arena = *state, .route = &route, .claims = {.client_id = "shop"}};
    assert_false(resolve_tenant(&worker, &request));
    assert_int_equal(error_status(request.error.code), 500); /* the token may be good: no 401 */
    assert_int_equal(request.tenant.id, 0);
    assert_null(strstr(request.error.message, "sock"));
    assert_true(*request.error.detail);
    database_destroy(worker.db);
}

int main(void)
{
    const struct CMUnitTest tests[] = {ARENA_TEST(without_a_database_nobody_gets_in)};
    return cmocka_run_group_tests_name("request/resolve_tenant", tests, NULL, NULL);
}
