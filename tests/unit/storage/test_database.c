/* A database that is away: every call says so, nothing waits long, and no password is told. */
#include "../recommender/fixture.h"

#include "storage/embeddings.h"
#include "storage/transaction.h"

static struct config config_with_password(void)
{
    static char password[] = "sesame-open";
    struct config config = *config_of_nothing();
    config.database_password = password;
    return config;
}

static void connecting_fails_with_a_private_reason(void **state)
{
    struct config config = config_with_password();
    struct database *db = database_create(&config);
    struct error error = {0};
    (void)state;
    assert_false(database_is_connected(db));
    assert_null(database_handle(db));
    assert_false(database_connect(db, &error));
    assert_int_equal(error.code, ERROR_DATABASE);
    assert_int_equal(error_status(error.code), 500);
    assert_true(*error.detail);
    assert_null(strstr(error.message, "sock"));
    assert_null(strstr(error.message, "MariaDB error"));
    assert_null(strstr(error.detail, "sesame"));
    assert_false(database_is_connected(db));
    database_destroy(db);
}

static void statements_fail_alike(void **state)
{
    struct config config = config_with_password();
    struct database *db = database_create(&config);
    struct error error = {0};
    struct query query;
    (void)state;
    assert_false(query_prepare(&query, db, STATEMENT_PROBE, "SELECT 1", &error));
    assert_int_equal(error.code, ERROR_DATABASE);
    query_finish(&query); /* always allowed */
    error_clear(&error);
    assert_false(database_begin(db, &error));
    assert_int_equal(error.code, ERROR_DATABASE);
    database_rollback(db);
    database_disconnect(db);
    database_destroy(db);
    database_destroy(NULL);
}

struct counts {
    int bodies, settlements;
};

static bool count_body(void *context, struct error *error)
{
    (void)error;
    ((struct counts *)context)->bodies++;
    return true;
}

static bool count_settlement(void *context, bool *found, struct error *error)
{
    (void)error;
    *found = true;
    ((struct counts *)context)->settlements++;
    return true;
}

static void a_transaction_that_cannot_begin_does_nothing(void **state)
{
    struct config config = config_with_password();
    struct database *db = database_create(&config);
    struct counts counts = {0};
    struct error error = {0};
    (void)state;
    assert_false(transaction_run(db, count_body, count_settlement, &counts, &error));
    assert_int_equal(error.code, ERROR_DATABASE);
    assert_int_equal(counts.bodies, 0);
    assert_int_equal(counts.settlements, 0);
    database_destroy(db);
}

static void entities_have_the_documents_names(void **state)
{
    (void)state;
    assert_string_equal(entity_type_name(ENTITY_USER), "User");
    assert_string_equal(entity_type_name(ENTITY_ITEM), "Item");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(connecting_fails_with_a_private_reason),
        cmocka_unit_test(statements_fail_alike),
        cmocka_unit_test(a_transaction_that_cannot_begin_does_nothing),
        cmocka_unit_test(entities_have_the_documents_names),
    };
    return cmocka_run_group_tests_name("storage/database", tests, NULL, NULL);
}
