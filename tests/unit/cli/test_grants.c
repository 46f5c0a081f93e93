/* `palate grants`: names in SQL. */
#include "../base/fixture.h"

#include "cli/grants.h"

static const char sql[] = "-- For 'palate_worker'@'localhost' and 'palate_tool'@'localhost':\n"
                          "--     GRANT ALL PRIVILEGES ON palate.* TO 'palate_tool'@'localhost';\n"
                          "GRANT SELECT (a) ON b TO 'palate_worker'@'localhost';\n";

static const char *written(struct arena *arena, const struct grants_names *names)
{
    char problem[400];
    const char *text = grants_write(arena, sql, names, problem, sizeof(problem));
    return text ? text : arena_copy_text(arena, problem);
}

static void the_names_it_has_stay(void **state)
{
    const struct grants_names names = {"palate", "palate_worker", "palate_tool", "localhost"};
    assert_string_equal(written(*state, &names),
                        "USE `palate`;\n\n"
                        "-- For 'palate_worker'@'localhost' and 'palate_tool'@'localhost':\n"
                        "--     GRANT ALL PRIVILEGES ON `palate`.* TO 'palate_tool'@'localhost';\n"
                        "GRANT SELECT (a) ON b TO 'palate_worker'@'localhost';\n");
}

static void names_are_quoted(void **state)
{
    const struct grants_names names = {"a`b", "o'worker; DROP TABLE x; --", "'t' palate.* ", "10.0.0.%"};
    assert_string_equal(written(*state, &names),
                        "USE `a``b`;\n\n"
                        "-- For 'o''worker; DROP TABLE x; --'@'10.0.0.%' and '''t'' palate.* '@'10.0.0.%':\n"
                        "--     GRANT ALL PRIVILEGES ON `a``b`.* TO '''t'' palate.* '@'10.0.0.%';\n"
                        "GRANT SELECT (a) ON b TO 'o''worker; DROP TABLE x; --'@'10.0.0.%';\n");
}

static void what_cannot_be_quoted_is_refused(void **state)
{
    static const char *const wrong[] = {"a\\b", "a\nGRANT", "\x7f"};
    for (size_t i = 0; i < COUNT(wrong); i++) {
        const struct grants_names names[] = {{wrong[i], "w", "t", "h"},
                                             {"d", wrong[i], "t", "h"},
                                             {"d", "w", wrong[i], "h"},
                                             {"d", "w", "t", wrong[i]}};
        for (size_t j = 0; j < COUNT(names); j++)
            assert_non_null(strstr(written(*state, &names[j]), "choose another name"));
    }
}

static void another_file_is_refused(void **state)
{
    char problem[400];
    const struct grants_names names = {"d", "w", "t", "h"};
    assert_null(grants_write(*state, "GRANT SELECT ON b TO 'somebody'@'localhost';\n", &names, problem,
                             sizeof(problem)));
    assert_string_equal(problem,
                        "holds no rights of 'palate_worker'@'localhost': this is not Palate's grants.sql");
}

static void options_are_read(void **state)
{
    (void)state;
    struct grants_options options;
    struct operands operands;
    char name[] = "grants", from[] = "--from", host[] = "%", empty[] = "", extra[] = "x";
    assert_int_equal(grants_options_parse(1, (char *[]){name, NULL}, &options, &operands), OPTIONS_OK);
    assert_string_equal(options.from, "localhost");
    assert_string_equal(options.directory, "");
    assert_int_equal(grants_options_parse(3, (char *[]){name, from, host, NULL}, &options, &operands),
                     OPTIONS_OK);
    assert_string_equal(options.from, "%");
    assert_int_equal(grants_options_parse(3, (char *[]){name, from, empty, NULL}, &options, &operands),
                     OPTIONS_WRONG);
    assert_int_equal(grants_options_parse(2, (char *[]){name, extra, NULL}, &options, &operands),
                     OPTIONS_WRONG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ARENA_TEST(the_names_it_has_stay),   ARENA_TEST(names_are_quoted),
        ARENA_TEST(another_file_is_refused), ARENA_TEST(what_cannot_be_quoted_is_refused),
        ARENA_TEST(options_are_read),
    };
    return cmocka_run_group_tests_name("cli/grants", tests, NULL, NULL);
}
