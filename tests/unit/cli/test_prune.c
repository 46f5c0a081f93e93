/* Options of `palate prune`, and how its steps follow the machine. */
#include "../base/fixture.h"

#include "cli/prune.h"

#define PARSE(options, operands, ...)                                                                        \
    prune_options_parse((int)COUNT(((char *[]){"prune", __VA_ARGS__})),                                      \
                        (char *[]){"prune", __VA_ARGS__, NULL}, options, operands)

static void ages_have_a_unit(void **state)
{
    static const struct {
        const char *text;
        int64_t seconds;
    } good[] = {{"1h", 3600}, {"90d", 90 * 86400}, {"8w", 8 * 7 * 86400}, {"36500d", INT64_C(36500) * 86400}};
    static const char *const bad[] = {"",     "d",    "90",     "0d",        "-1d",   "1.5d", "1m",
                                      "90 d", "90dd", "36501d", "99999999d", "5300w", "1D"};
    int64_t seconds;
    (void)state;
    for (size_t i = 0; i < COUNT(good); i++) {
        assert_true(prune_age_parse(good[i].text, &seconds));
        assert_true(seconds == good[i].seconds);
    }
    for (size_t i = 0; i < COUNT(bad); i++) {
        if (prune_age_parse(bad[i], &seconds))
            fail_msg("taken: %s", bad[i]);
    }
}

static void without_what_all_but_events_goes(void **state)
{
    struct prune_options options;
    struct operands operands;
    (void)state;
    assert_int_equal(PARSE(&options, &operands, "--older", "90d"), OPTIONS_OK);
    assert_true(options.parts[RETENTION_LOGS] && options.parts[RETENTION_LISTS] &&
                options.parts[RETENTION_USERS]);
    assert_false(options.parts[RETENTION_EVENTS]);
    assert_int_equal(options.older_s, 90 * 86400);
    assert_int_equal(PARSE(&options, &operands, "--what", "events,lists", "--dry-run"), OPTIONS_OK);
    assert_true(options.parts[RETENTION_EVENTS] && options.parts[RETENTION_LISTS]);
    assert_false(options.parts[RETENTION_LOGS] || options.parts[RETENTION_USERS]);
    assert_true(!options.older_s && options.dry_run);
}

static void what_is_misspelt_is_refused(void **state)
{
    static char *const bad[] = {"", "log", "logs,", ",logs", "logs events", "logs,log", "all"};
    struct prune_options options;
    struct operands operands;
    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++)
        assert_int_equal(PARSE(&options, &operands, "--what", bad[i]), OPTIONS_WRONG);
    assert_int_equal(PARSE(&options, &operands, "--older", "90"), OPTIONS_WRONG);
    assert_non_null(strstr(operands.problem, "h, d or w"));
    assert_int_equal(PARSE(&options, &operands, "logs"), OPTIONS_WRONG);
}

static void steps_follow_the_machine(void **state)
{
    (void)state;
    assert_int_equal(prune_next_rows(100, 1000), 200);
    assert_int_equal(prune_next_rows(100, 15000), 100);
    assert_int_equal(prune_next_rows(400, 25000), 200);
    assert_int_equal(prune_next_rows(1000, 0), 1000);
    assert_int_equal(prune_next_rows(100, 5000000), 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ages_have_a_unit),
        cmocka_unit_test(without_what_all_but_events_goes),
        cmocka_unit_test(what_is_misspelt_is_refused),
        cmocka_unit_test(steps_follow_the_machine),
    };
    return cmocka_run_group_tests_name("cli/prune", tests, NULL, NULL);
}
