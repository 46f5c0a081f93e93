/* Tests of cli/evaluate_plot. That the whole is well-formed XML is tested with a real parser in
 * tests/quality. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cli/evaluate/plot.h"

#include <stdlib.h>
#include <string.h>

static void test_tick_steps(void **state)
{
    (void)state;
    assert_float_equal(plot_tick_step(1), 0.2, 1e-12);
    assert_float_equal(plot_tick_step(0.15), 0.05, 1e-12);
    assert_float_equal(plot_tick_step(0.0031), 0.001, 1e-12);
    assert_float_equal(plot_tick_step(27), 10, 1e-12);
    for (double maximum = 0.001; maximum < 1000; maximum *= 1.07)
        assert_in_range((int)(maximum / plot_tick_step(maximum) + 1e-9), 2, 5);
}

static char *draw(const char *title, const double *values)
{
    static const char *const names[] = {"ours", "<theirs> & \"more\""};
    const struct plot_panel panels[] = {{"one", values}, {"two", values}};
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    assert_non_null(out);
    plot_write(out, &(struct plot){title, "", names, 2, panels, 2});
    assert_int_equal(ferror(out), 0);
    assert_int_equal(fclose(out), 0);
    return text;
}

static int count(const char *text, const char *part)
{
    int found = 0;
    for (; (text = strstr(text, part)); text++)
        found++;
    return found;
}

static void test_drawing(void **state)
{
    (void)state;
    char *svg = draw("a < b & c\x01", (const double[]){0.5, 0.25});
    assert_int_equal(count(svg, "a &lt; b &amp; c</text>"), 1);
    assert_int_equal(count(svg, "&lt;theirs&gt; &amp; \"more\"</text>"), 1);
    assert_int_equal(count(svg, "<rect"), 5); /* the ground, and two bars in two panels */
    assert_int_equal(count(svg, ">0.5000</text>"), 2);
    assert_int_equal(count(svg, ">0.2500</text>"), 2);
    assert_int_equal(count(svg, "<text"), count(svg, "</text>"));
    free(svg); /* lint: free, open_memstream() allocated it */
}

static void test_no_values(void **state)
{
    (void)state;
    char *svg = draw("nothing found", (const double[]){0, 0});
    assert_int_equal(count(svg, "width=\"0.0\""), 4);
    assert_int_equal(count(svg, "nan"), 0);
    assert_int_equal(count(svg, "inf"), 0);
    free(svg); /* lint: free, open_memstream() allocated it */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tick_steps),
        cmocka_unit_test(test_drawing),
        cmocka_unit_test(test_no_values),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
