/* Cells of categories: paths, lists, both, and what is neither. */
#include "../../base/fixture.h"

#include "base/json_write.h"
#include "cli/import/category_text.h"

static void cells(void **state)
{
    static const struct {
        const char *cell, *values;
    } rows[] = {
        {"Kitchen > Mugs", "[\"Kitchen\",\"Mugs\",\"Kitchen > Mugs\"]"},
        {"Kitchen>Mugs> Tea", "[\"Kitchen\",\"Mugs\",\"Tea\",\"Kitchen > Mugs > Tea\"]"},
        {"Kitchen &gt; Mugs & more", "[\"Kitchen\",\"Mugs & more\",\"Kitchen > Mugs & more\"]"},
        {"a|b", "[\"a\",\"b\"]"},
        {" a | \u00a0B\u200b |A|", "[\"a\",\"B\"]"},
        {"Шкаф > Чай|чай|Ёлки", "[\"Шкаф\",\"Чай\",\"Шкаф > Чай\",\"Ёлки\"]"},
        {"Women > Shoes|Men > Shoes", "[\"Women\",\"Shoes\",\"Women > Shoes\",\"Men\",\"Men > Shoes\"]"},
        {"Kitchen >", "[\"Kitchen\"]"},
        {">> Kitchen", "[\"Kitchen\"]"},
        {">|>", "[]"},
        {"", "[]"},
        {"A & B", "[]"},
        {"A &amp; B", "[]"},
        {"Home &amp; Garden &gt; &quot;Tools&#039;",
         "[\"Home & Garden\",\"\\\"Tools'\",\"Home & Garden > \\\"Tools'\"]"},
        {"a &amp;gt; b|c", "[\"a &gt; b\",\"c\"]"},
        {"Home, Garden/Tools", "[]"},
        {"1|2", "[\"1\",\"2\"]"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        const char *values[CATEGORY_VALUES];
        size_t count = category_text_split(*state, category_text_decode(*state, rows[i].cell), values);
        assert_string_equal(json_of_texts(*state, values, count), rows[i].values);
    }
}

static void too_many_stay_one(void **state)
{
    const char *values[CATEGORY_VALUES], *cell = "0";
    for (int i = 1; i < CATEGORY_VALUES; i++)
        cell = arena_format(*state, "%s|%d", cell, i);
    assert_int_equal(category_text_split(*state, cell, values), CATEGORY_VALUES);
    assert_int_equal(category_text_split(*state, arena_format(*state, "%s|x", cell), values), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {ARENA_TEST(cells), ARENA_TEST(too_many_stay_one)};
    return cmocka_run_group_tests_name("cli/import/category_text", tests, NULL, NULL);
}
