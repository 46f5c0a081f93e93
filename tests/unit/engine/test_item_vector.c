/* Learned vectors: near where the same users are, and a new item's from its text. */
#include "fixture.h"

#include "engine/item_vector.h"
#include "engine/text_vector.h"

enum { USERS = 240, ITEMS = 40, HALF = ITEMS / 2 };

static const char *const words[2][5] = {{"spade", "rake", "seeds", "soil", "hedge"},
                                        {"whisk", "ladle", "oven", "sieve", "skillet"}};

/* Two kinds of items with words of their own; each user takes six of one kind. */
static struct model *two_kinds(struct arena *arena, bool events)
{
    struct engine_item items[ITEMS];
    struct event all[USERS * 6];
    for (int i = 0; i < ITEMS; i++) {
        const char *const *own = words[i / HALF];
        items[i] = PLAIN(arena, arena_format(arena, "i%02d", i),
                         arena_format(arena, "%s %s", own[i % 5], own[(i / 5 + i + 1) % 5]));
    }
    for (int i = 0; i < USERS * 6; i++) {
        int user = i / 6, kind = user % 2;
        int item = kind * HALF + (user * 7 + i % 6 * 3 + user / 11) % (HALF - 1); /* the last is untouched */
        all[i] = (struct event){arena_format(arena, "u%d", user), items[item].id, 1, i % 50};
    }
    return train_model(items, ITEMS, all, events ? USERS * 6 : 0);
}

static double mean_cosine(const struct model *model, const float *vector, int kind)
{
    double sum = 0;
    for (uint32_t i = 0; i < HALF - 1; i++)
        sum += (double)text_vector_cosine(vector, model_item_embedding(model, (uint32_t)kind * HALF + i));
    return sum / (HALF - 1);
}

static void assert_kind(const struct model *model, const float *vector, int kind)
{
    double norm = (double)text_vector_cosine(vector, vector);
    assert_true(fabs(norm - 1) < 1e-5);
    assert_true(mean_cosine(model, vector, kind) > mean_cosine(model, vector, 1 - kind) + 0.3);
}

static void items_of_the_same_users_are_near(void **state)
{
    (void)state;
    struct arena *arena = arena_create();
    struct model *model = two_kinds(arena, true);
    for (uint32_t i = 0; i < ITEMS; i++) /* also those that nobody took: by their texts */
        assert_kind(model, model_item_embedding(model, i), i >= HALF);
    model_close(model);
    arena_destroy(arena);
}

static void a_new_item_is_placed_by_its_text(void **state)
{
    (void)state;
    struct arena *arena = arena_create();
    struct model *model = two_kinds(arena, true);
    float text[ENGINE_VECTOR_SIZE], vector[ENGINE_VECTOR_SIZE], expected[ENGINE_VECTOR_SIZE];
    struct engine_item item = PLAIN(arena, "new", "hedge and seeds");
    item_vector_from_text(model, &item, text, vector);
    assert_kind(model, vector, 0);
    item = PLAIN(arena, "new", "oven ladle");
    item_vector_from_text(model, &item, text, vector);
    assert_kind(model, vector, 1);
    text_vector_compute(&item, expected);
    assert_memory_equal(text, expected, sizeof(text));
    item = PLAIN(arena, "new", "");
    item_vector_from_text(model, &item, text, vector);
    for (int i = 0; i < ENGINE_VECTOR_SIZE; i++)
        assert_true(vector[i] == 0);
    model_close(model);
    arena_destroy(arena);
}

/* Then all vectors are those of texts. */
static void nothing_learned_leaves_the_texts(void **state)
{
    (void)state;
    struct arena *arena = arena_create();
    struct model *model = two_kinds(arena, false);
    float text[ENGINE_VECTOR_SIZE], vector[ENGINE_VECTOR_SIZE], expected[ENGINE_VECTOR_SIZE];
    struct engine_item item = PLAIN(arena, "i00", model_item_name(model, 0));
    assert_null(model_text_map(model));
    text_vector_compute(&item, expected);
    item_vector_from_text(model, &item, text, vector);
    assert_memory_equal(vector, expected, sizeof(vector));
    assert_memory_equal(model_item_embedding(model, 0), expected, sizeof(vector));
    item_vector_from_text(NULL, &item, text, vector);
    assert_memory_equal(vector, expected, sizeof(vector));
    model_close(model);
    arena_destroy(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(items_of_the_same_users_are_near),
        cmocka_unit_test(a_new_item_is_placed_by_its_text),
        cmocka_unit_test(nothing_learned_leaves_the_texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
