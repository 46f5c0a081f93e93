#include "fixture.h"

#include "engine/text_vector.h"

static double length_of(const float *vector)
{
    return sqrt((double)text_vector_cosine(vector, vector));
}

static void no_text_gives_zeros(void **state)
{
    (void)state;
    float vector[ENGINE_VECTOR_SIZE], zeros[ENGINE_VECTOR_SIZE] = {0};
    struct engine_field price = {.path = "price", .text = "12.5", .number = 12.5};
    struct engine_item item = {.id = "a", .fields = &price, .field_count = 1};
    memset(vector, 1, sizeof(vector));
    text_vector_compute(&item, vector);
    assert_memory_equal(vector, zeros, sizeof(zeros));
    item.name = " -- !? ";
    text_vector_compute(&item, vector);
    assert_memory_equal(vector, zeros, sizeof(zeros));
}

static void length_is_one(void **state)
{
    (void)state;
    float vector[ENGINE_VECTOR_SIZE];
    struct engine_item item = {.id = "a", .name = "Red wine glass", .description = "a glass for red wine"};
    text_vector_compute(&item, vector);
    assert_true(fabs(length_of(vector) - 1) < 1e-5);
}

static void like_texts_are_near(void **state)
{
    (void)state;
    float red[ENGINE_VECTOR_SIZE], blue[ENGINE_VECTOR_SIZE], other[ENGINE_VECTOR_SIZE];
    text_vector_compute(&(struct engine_item){.id = "a", .name = "red ceramic coffee mug"}, red);
    text_vector_compute(&(struct engine_item){.id = "b", .name = "Blue Ceramic Coffee Mugs"}, blue);
    text_vector_compute(&(struct engine_item){.id = "c", .name = "inflatable garden flamingo"}, other);
    assert_true(text_vector_cosine(red, blue) > 0.5f);
    assert_true(text_vector_cosine(red, other) < 0.3f);
}

static void case_and_id_do_not_count(void **state)
{
    (void)state;
    float left[ENGINE_VECTOR_SIZE], right[ENGINE_VECTOR_SIZE];
    text_vector_compute(&(struct engine_item){.id = "a", .name = "RED, Mug"}, left);
    text_vector_compute(&(struct engine_item){.id = "b", .name = "red mug", .created = 5}, right);
    assert_memory_equal(left, right, sizeof(left));
}

/* An editor's markup made every description written in it alike. */
static void markup_is_no_likeness(void **state)
{
    (void)state;
    static const char plain[] = "Garden hose for watering",
                      marked[] = "<div class=\"d\"><p style=\"margin:0\"><strong>Garden&nbsp;hose</strong> "
                                 "for <span>watering</span></p></div>";
    float left[ENGINE_VECTOR_SIZE], right[ENGINE_VECTOR_SIZE];
    text_vector_compute(&(struct engine_item){.id = "a", .description = plain}, left);
    text_vector_compute(&(struct engine_item){.id = "b", .description = marked}, right);
    assert_memory_equal(left, right, sizeof(left));
}

static void accents_and_case_of_every_script_do_not_count(void **state)
{
    (void)state;
    float left[ENGINE_VECTOR_SIZE], right[ENGINE_VECTOR_SIZE];
    text_vector_compute(&(struct engine_item){.id = "a", .name = "ЧАЙНИК Crème Straße"}, left);
    text_vector_compute(&(struct engine_item){.id = "b", .name = "чайник creme STRASSE"}, right);
    assert_memory_equal(left, right, sizeof(left));
}

static void fields_count_with_their_path(void **state)
{
    (void)state;
    struct engine_field colour = {"colour", "orange", (double)NAN}, taste = {"taste", "orange", (double)NAN};
    float left[ENGINE_VECTOR_SIZE], right[ENGINE_VECTOR_SIZE];
    text_vector_compute(&(struct engine_item){.id = "a", .fields = &colour, .field_count = 1}, left);
    text_vector_compute(&(struct engine_item){.id = "b", .fields = &taste, .field_count = 1}, right);
    float cosine = text_vector_cosine(left, right);
    assert_true(cosine > 0.3f && cosine < 0.99f);
}

/* The trainer and the worker may be built by different compilers for different machines. */
static void bits_are_fixed(void **state)
{
    (void)state;
    float vector[ENGINE_VECTOR_SIZE];
    uint64_t hash = 0xcbf29ce484222325u;
    struct engine_field field = {"tags",
                                 "Geschirr & K\xc3\xbc"
                                 "che",
                                 (double)NAN};
    struct engine_item item = {.id = "a", .name = "Red mug, red MUG", .fields = &field, .field_count = 1};
    text_vector_compute(&item, vector);
    for (size_t i = 0; i < sizeof(vector); i++)
        hash = (hash ^ ((unsigned char *)vector)[i]) * 0x100000001b3u;
    assert_int_equal(hash, UINT64_C(0xf97b64b9c5203b8));
}

static void long_texts_are_bounded(void **state)
{
    (void)state;
    enum { LENGTH = 4 * 1024 * 1024 };
    char *text = memory_alloc(LENGTH + 1, 1);
    float vector[ENGINE_VECTOR_SIZE];
    for (int i = 0; i < LENGTH; i++)
        text[i] = (char)(i % 7 ? 'a' + i % 26 : ' ');
    text_vector_compute(&(struct engine_item){.id = "a", .name = text, .description = text}, vector);
    assert_true(fabs(length_of(vector) - 1) < 1e-5);
    memset(text, 'x', LENGTH); /* one word */
    text_vector_compute(&(struct engine_item){.id = "a", .name = text}, vector);
    assert_true(fabs(length_of(vector) - 1) < 1e-5);
    memory_free(text);
}

static void damaged_vectors_give_zero(void **state)
{
    (void)state;
    float left[ENGINE_VECTOR_SIZE] = {NAN}, right[ENGINE_VECTOR_SIZE] = {1};
    assert_true(text_vector_cosine(left, right) == 0);
    left[0] = INFINITY;
    assert_true(text_vector_cosine(left, right) == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_text_gives_zeros),
        cmocka_unit_test(length_is_one),
        cmocka_unit_test(like_texts_are_near),
        cmocka_unit_test(case_and_id_do_not_count),
        cmocka_unit_test(fields_count_with_their_path),
        cmocka_unit_test(markup_is_no_likeness),
        cmocka_unit_test(accents_and_case_of_every_script_do_not_count),
        cmocka_unit_test(bits_are_fixed),
        cmocka_unit_test(long_texts_are_bounded),
        cmocka_unit_test(damaged_vectors_give_zero),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
