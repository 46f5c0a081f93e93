/* The overlay's index: what is added is found, what is removed or replaced is not, and memory stays bounded.
 */
#include "fixture.h"

#include "engine/live_words.h"

static struct engine_item named(const char *name)
{
    return (struct engine_item){.id = "x", .name = name, .active = true};
}

static size_t items_of(const struct live_words *words, const char *word, uint32_t *first)
{
    uint32_t number;
    struct live_posting posting;
    size_t count = 0;
    if (!live_words_find(words, word, strlen(word), &number))
        return 0;
    for (size_t cursor = 0; live_words_next(words, number, &cursor, &posting); count++) {
        assert_true(posting.weight > 0);
        *first = count ? *first : posting.item;
    }
    return count;
}

static void words_come_and_go_with_their_items(void **state)
{
    (void)state;
    struct live_words *words = live_words_create();
    uint32_t documents[3], item = 0;
    struct engine_item red = named("Red mug red"), blue = named("Blue mug");
    live_words_add(words, 7, &red, &documents[0]);
    live_words_add(words, 9, &blue, &documents[1]);
    assert_int_equal(live_words_count(words), 3);
    assert_int_equal(items_of(words, "red", &item), 1);
    assert_int_equal(item, 7);
    assert_int_equal(items_of(words, "mug", &item), 2);
    live_words_remove(words, &documents[0]);
    assert_int_equal(documents[0], 0);
    live_words_remove(words, &documents[0]); /* there is nothing more to remove */
    assert_int_equal(items_of(words, "red", &item), 0);
    assert_int_equal(items_of(words, "mug", &item), 1);
    assert_int_equal(item, 9);
    live_words_destroy(words);
}

/* A catalogue that is pushed again and again: handles stay right over each rewriting, and nothing piles up.
 */
static void memory_is_bounded_by_what_is_there(void **state)
{
    enum { ITEMS = 400, ROUNDS = 60 };
    static uint32_t documents[ITEMS];
    struct live_words *words = live_words_create();
    size_t bytes = 0, most = 0;
    char name[64];
    (void)state;
    for (unsigned round = 0; round < ROUNDS; round++) {
        for (unsigned i = 0; i < ITEMS; i++) {
            snprintf(name, sizeof(name), "thing own%u in%ux%u", i, round, i);
            struct engine_item item = named(name);
            live_words_remove(words, &documents[i]);
            live_words_add(words, i, &item, &documents[i]);
        }
        uint32_t first;
        assert_int_equal(items_of(words, "thing", &first), ITEMS);
        for (unsigned i = 0; i < ITEMS; i += 37) {
            snprintf(name, sizeof(name), "own%u", i);
            assert_int_equal(items_of(words, name, &first), 1);
            assert_int_equal(first, i);
            snprintf(name, sizeof(name), "in%ux%u", round, i);
            assert_int_equal(items_of(words, name, &first), 1);
            snprintf(name, sizeof(name), "in%ux%u", round - 1, i);
            assert_int_equal(items_of(words, name, &first), 0);
        }
        size_t now = live_words_bytes(words);
        bytes = round == 9 ? now : bytes;
        most = now > most ? now : most;
    }
    assert_true(bytes > 0 && most < 3 * bytes);
    live_words_destroy(words);
}

/* One item with a long text, changed now and then: no count of items says how much of the index is dead. */
static void a_long_text_that_changes_does_not_pile_up(void **state)
{
    enum { WORDS = 12000, ROUNDS = 40, BYTES = 12 };
    struct live_words *words = live_words_create();
    char *text = memory_alloc(WORDS, BYTES);
    size_t first = 0;
    uint32_t document = 0;
    (void)state;
    for (unsigned round = 0; round < ROUNDS; round++) {
        for (unsigned i = 0, length = 0; i < WORDS; i++)
            length += (unsigned)snprintf(text + length, BYTES, "%ux%u ", round, i);
        struct engine_item item = {.id = "x", .description = text, .active = true};
        live_words_remove(words, &document);
        live_words_add(words, 1, &item, &document);
        first = round ? first : live_words_bytes(words);
    }
    assert_true(first > WORDS * BYTES);
    assert_true(live_words_bytes(words) < 20 * first);
    memory_free(text);
    live_words_destroy(words);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_come_and_go_with_their_items),
        cmocka_unit_test(memory_is_bounded_by_what_is_there),
        cmocka_unit_test(a_long_text_that_changes_does_not_pile_up),
    };
    return cmocka_run_group_tests_name("engine/live_words", tests, NULL, NULL);
}
