/* A database that is away: every call says so, nothing waits long, and no password is told. */
#include "../recommender/fixture.h"

#include "storage/embeddings.h"
#include "storage/query.h"
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
    static const struct statement one = {"SELECT 1"};
    struct query query;
    uint64_t number;
    (void)state;
    assert_false(query_run(&query, db, &one, &error));
    assert_int_equal(error.code, ERROR_DATABASE);
    assert_false(query_fetch(&query)); /* always allowed */
    query_finish(&query);
    error_clear(&error);
    assert_false(query_stream_with(&query, db, &one, &error, NULL, 0));
    assert_int_equal(error.code, ERROR_DATABASE);
    error_clear(&error);
    assert_int_equal(query_commit_with(db, &one, &number, &error, NULL, 0), COMMIT_FAILED);
    assert_int_equal(error.code, ERROR_DATABASE);
    error_clear(&error);
    assert_false(database_begin(db, &error));
    assert_int_equal(error.code, ERROR_DATABASE);
    database_rollback(db);
    database_disconnect(db);
    database_destroy(db);
    database_destroy(NULL);
}

/* A list of values becomes an array of parameters, each by its type; none is an empty one. */
static void parameters_go_by_their_types(void **state)
{
    enum { SOME = 7 };
    const char *none = NULL;
    unsigned char key[2] = {1, 2};
    uint32_t tenant = UINT32_MAX;
    struct {
        const struct parameter *list;
        size_t count;
    } all = {PARAMETERS(tenant, INT64_MIN, UINT64_MAX, true, "text", none, BYTES(key, sizeof(key)), SOME, 9,
                        10, 11, 12, 13, 14, 15, 16, 17, 18, 19, "twentieth")},
      empty = {PARAMETERS()};
    (void)state;
    assert_int_equal(empty.count, 0);
    assert_int_equal(all.count, QUERY_PARAMETERS);
    assert_int_equal(all.list[0].kind, PARAMETER_UNSIGNED);
    assert_int_equal(all.list[0].number, UINT32_MAX);
    assert_int_equal(all.list[1].kind, PARAMETER_SIGNED);
    assert_true(all.list[1].number == INT64_MIN);
    assert_int_equal(all.list[2].kind, PARAMETER_UNSIGNED);
    assert_int_equal(all.list[3].number, 1);
    assert_int_equal(all.list[4].kind, PARAMETER_TEXT);
    assert_int_equal(all.list[4].length, 4);
    assert_null(all.list[5].bytes);
    assert_int_equal(all.list[6].kind, PARAMETER_BYTES);
    assert_int_equal(all.list[6].length, 2);
    assert_int_equal(all.list[7].number, SOME);
    assert_string_equal(all.list[19].bytes, "twentieth");
}

struct counts {
    int bodies, settlements, commits;
    enum commit_outcome outcomes[2]; /* of the first and the second COMMIT */
    enum error_code code;            /* that comes with what is not COMMIT_DONE */
    bool is_stored;
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
    *found = ((struct counts *)context)->is_stored;
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

static enum commit_outcome next_commit(void *context, struct error *error)
{
    struct counts *counts = context;
    enum commit_outcome outcome = counts->outcomes[counts->commits++];
    if (outcome != COMMIT_DONE)
        error_set(error, counts->code, "no");
    return outcome;
}

/* What a transaction does that ends with a statement of the caller's own: {outcomes, code, stored} to a
 * result. */
static void a_late_transaction_goes_by_its_commit(void **state)
{
    static const struct {
        struct counts given;
        bool result;
        int bodies, settlements;
    } cases[] = {
        {{.outcomes = {COMMIT_DONE}}, true, 1, 0},
        {{.outcomes = {COMMIT_FAILED}, .code = ERROR_DATABASE}, false, 1, 0},
        {{.outcomes = {COMMIT_FAILED, COMMIT_DONE}, .code = ERROR_DATABASE_RETRY}, true, 2, 0},
        {{.outcomes = {COMMIT_FAILED, COMMIT_FAILED}, .code = ERROR_DATABASE_RETRY}, false, 2, 0},
        {{.outcomes = {COMMIT_UNKNOWN}, .code = ERROR_DATABASE, .is_stored = true}, true, 1, 1},
        {{.outcomes = {COMMIT_UNKNOWN}, .code = ERROR_DATABASE}, false, 1, 1},
    };
    struct config config = config_with_password();
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct database *db = database_create(&config);
        struct counts counts = cases[i].given;
        struct error error = {0};
        assert_true(transaction_run_late(db, count_body, next_commit, count_settlement, &counts, &error) ==
                    cases[i].result);
        assert_int_equal(counts.bodies, cases[i].bodies);
        assert_int_equal(counts.commits, cases[i].bodies);
        assert_int_equal(counts.settlements, cases[i].settlements);
        assert_true((error.code == ERROR_NONE) == cases[i].result);
        assert_false(database_has_begun(db));
        database_destroy(db);
    }
}

/* Fails as often as is left of *context. */
static enum commit_outcome lose_to_another_node(void *context, struct error *error)
{
    struct counts *counts = context;
    if (!counts->commits)
        return COMMIT_DONE;
    counts->commits--;
    error_set(error, ERROR_DATABASE_RETRY, "no");
    return COMMIT_FAILED;
}

/* Several hosts are those of a cluster, also before one of them has been reached. */
static void a_conflict_in_a_cluster_is_tried_again_until_its_time_is_over(void **state)
{
    struct config config = config_with_password();
    static char hosts[] = "127.0.0.1, 127.0.0.2";
    struct counts counts = {.commits = 5};
    struct error error = {0};
    (void)state;
    config.database_host = hosts;
    config.database_lock_timeout = 10;
    struct database *db = database_create(&config);
    assert_true(database_is_in_cluster(db));
    assert_true(
        transaction_run_late(db, count_body, lose_to_another_node, count_settlement, &counts, &error));
    assert_int_equal(counts.bodies, 6);
    assert_int_equal(error.code, ERROR_NONE);
    config.database_lock_timeout = 0;
    counts = (struct counts){.commits = 5};
    assert_false(
        transaction_run_late(db, count_body, lose_to_another_node, count_settlement, &counts, &error));
    assert_int_equal(counts.bodies, 1);
    assert_int_equal(error.code, ERROR_DATABASE_RETRY);
    database_destroy(db);
}

static void a_late_transaction_that_cannot_begin_fails(void **state)
{
    struct config config = config_with_password();
    struct database *db = database_create(&config);
    struct error error = {0};
    (void)state;
    assert_false(database_begin_late(db, &error));
    assert_int_equal(error.code, ERROR_DATABASE);
    assert_false(database_has_begun(db));
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
        cmocka_unit_test(parameters_go_by_their_types),
        cmocka_unit_test(a_transaction_that_cannot_begin_does_nothing),
        cmocka_unit_test(a_late_transaction_goes_by_its_commit),
        cmocka_unit_test(a_conflict_in_a_cluster_is_tried_again_until_its_time_is_over),
        cmocka_unit_test(a_late_transaction_that_cannot_begin_fails),
        cmocka_unit_test(entities_have_the_documents_names),
    };
    return cmocka_run_group_tests_name("storage/database", tests, NULL, NULL);
}
