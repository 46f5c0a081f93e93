/* What likeness of texts is made of: words, and nothing of how they are marked up or spelt. */
#include "../../engine/fixture.h"

#include "engine/model.h"

enum { SEED, LIKE, UNLIKE, OTHER, ITEMS };

/* The stored likeness of two of the items, in order of their ids; 0 where none is stored. */
static double likeness(const struct model *model, uint32_t from, uint32_t to)
{
    struct model_row row = model_item_contents(model, from);
    uint32_t target = 0;
    for (size_t i = 1; i <= row.count; i++) {
        target = model_row_target(&row, i, target);
        if (target == to)
            return (double)((float)model_row_number(&row, i) * model_row_scale(&row));
    }
    return 0;
}

static struct model *train_on_texts(struct arena *arena, const char *const descriptions[ITEMS])
{
    static const char *const ids[ITEMS] = {"a", "b", "c", "d"};
    struct engine_item items[ITEMS];
    for (size_t i = 0; i < ITEMS; i++) {
        items[i] = PLAIN(arena, ids[i], "");
        items[i].description = descriptions[i];
    }
    return train_model(items, ITEMS, NULL, 0);
}

static void tags_and_entities_are_no_likeness(void **state)
{
    (void)state;
    struct arena *arena = arena_create();
    struct model *model = train_on_texts(
        arena, (const char *const[ITEMS]){
                   "<div class=\"box\"><span style=\"font-size:14px\">garden&nbsp;hose</span></div>",
                   "a hose for the garden",
                   "<div class=\"box\"><span style=\"font-size:14px\">gold&nbsp;ring</span></div>", "chess"});
    assert_true(likeness(model, SEED, LIKE) > 0);
    assert_true(likeness(model, SEED, UNLIKE) == 0);
    model_close(model);
    arena_destroy(arena);
}

static void spelling_is_folded_in_every_script(void **state)
{
    (void)state;
    struct arena *arena = arena_create();
    struct model *model =
        train_on_texts(arena, (const char *const[ITEMS]){"ЧАЙНИК", "чайник", "Ложка", "ложка ЛОЖКА"});
    assert_true(likeness(model, SEED, LIKE) > 0);
    assert_true(likeness(model, UNLIKE, OTHER) > 0);
    assert_true(likeness(model, SEED, UNLIKE) == 0);
    model_close(model);
    arena_destroy(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tags_and_entities_are_no_likeness),
        cmocka_unit_test(spelling_is_folded_in_every_script),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
