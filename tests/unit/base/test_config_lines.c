/* Lines that libinih would read as something else: found, with their number, and no others. */
#include "fixture.h"

#include "base/config_lines.h"

static void check_good(const char *text)
{
    int line;
    const char *fault = config_find_bad_line(text, &line);
    if (fault)
        fail_msg("line %d of \"%s\": %s", line, text, fault);
}

static void check_bad(const char *text, int expected, const char *says)
{
    int line;
    const char *fault = config_find_bad_line(text, &line);
    if (!fault || !strstr(fault, says))
        fail_msg("\"%s\": \"%s\" does not say \"%s\"", text, fault ? fault : "", says);
    assert_int_equal(line, expected);
}

static void what_stands_as_it_is_read_passes(void **state)
{
    (void)state;
    check_good("");
    check_good("\n\r\n[http]\nname = value\n# comment ; more\n; comment ; more\n  ; indented ; more\n");
    check_good("[http] ; of a section\nname = value");
    check_good("  name = indented below a section's line alone\n");
    check_good("issuer = https://id.example/a;b;\naudience =;x\n");
}

static void a_semicolon_behind_a_blank_would_cut_the_value(void **state)
{
    static const char says[] = "a semicolon behind a blank";
    (void)state;
    check_bad("[token]\nleeway = 3 ; seconds\n", 2, says);
    check_bad("\n\npassword = one ;two\n", 3, says);
    check_bad("issuer = one\t;two", 1, says);
    check_bad("issuer = one\v;two", 1, says);
    check_bad("issuer = one\f;two", 1, says);
    check_bad("issuer = one\r;two", 1, says);
    check_bad("issuer = ; nothing\n", 1, says);
    check_bad("issuer ; = x\n", 1, says);
    check_bad("  issuer = x ;\r\n", 1, says);
}

static void an_indented_line_would_go_on_with_the_value(void **state)
{
    (void)state;
    check_bad("[token]\nissuer = first\n   second\n", 3, "indented below a setting");
    check_bad("issuer = first\n\n; between\n\taudience = x\n", 4, "indented below a setting");
    check_bad("issuer = first\n\vaudience = x\n", 2, "indented below a setting");
    check_good("issuer = first\n[http]\n  base_path = /x\n");
}

static void a_long_line_would_be_two(void **state)
{
    struct arena *arena = arena_create();
    (void)state;
    check_good(arena_format(arena, "%s\n", repeat(arena, 'x', LIMIT_CONFIG_LINE_BYTES)));
    check_bad(arena_format(arena, "\n%s\n", repeat(arena, 'x', LIMIT_CONFIG_LINE_BYTES + 1)), 2,
              "longer than 190");
    check_bad(arena_format(arena, "#%s", repeat(arena, 'x', LIMIT_CONFIG_LINE_BYTES)), 1, "longer than 190");
    arena_destroy(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_stands_as_it_is_read_passes),
        cmocka_unit_test(a_semicolon_behind_a_blank_would_cut_the_value),
        cmocka_unit_test(an_indented_line_would_go_on_with_the_value),
        cmocka_unit_test(a_long_line_would_be_two),
    };
    return cmocka_run_group_tests_name("base/config_lines", tests, NULL, NULL);
}
