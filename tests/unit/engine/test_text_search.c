/* Search by words: what is found, in which order, and that a change is found like what was trained. */
#include "fixture.h"

#include "engine/text_search.h"

struct world {
    struct arena *arena;
    struct model *model;
    struct catalogue *catalogue, *live; /* the same items from a model and as changes */
};

static struct engine_item described(struct engine_item item, const char *description)
{
    item.description = description;
    return item;
}

static int setup(void **state)
{
    struct world *world = memory_alloc(1, sizeof(*world));
    struct arena *arena = world->arena = arena_create();
    struct engine_item items[] = {
        ITEM(arena, "lamp-1", "Desk lamp", "category=lighting", "price=20"),
        ITEM(arena, "lamp-2", "Floor lamp", "category=lighting", "price=60"),
        described(ITEM(arena, "table", "Oak table", "category=furniture"), "Goes well with a lamp."),
        ITEM(arena, "kettle", "Kettle", "category=kitchen"),
        described(ITEM(arena, "pot", "Teapot", "category=kitchen"), "Porcelain. Crème coloured."),
        ITEM(arena, "lantern", "Lanterns, set of 3", "category=garden"),
        ITEM(arena, "cushion", "Velvet cushion", "category=living"),
    };
    struct event events[] = {{"u", "kettle", 1, 3}, {"u", "pot", 1, 2}};
    world->model = train_model(items, COUNT(items), events, COUNT(events));
    world->catalogue = catalogue_create(world->model, NULL);
    world->live = catalogue_create(NULL, NULL);
    for (size_t i = 0; i < COUNT(items); i++)
        catalogue_apply(world->live, &items[i]);
    *state = world;
    return 0;
}

static int teardown(void **state)
{
    struct world *world = *state;
    catalogue_destroy(world->catalogue);
    catalogue_destroy(world->live);
    model_close(world->model);
    arena_destroy(world->arena);
    memory_free(world);
    return 0;
}

static const char *search_in(struct world *world, const struct catalogue *catalogue, const char *text)
{
    struct text_hit hits[20];
    struct text_query query = {.catalogue = catalogue, .text = text, .limit = COUNT(hits)};
    size_t count = text_search(&query, world->arena, hits, NULL);
    const char *found = "";
    for (size_t i = 0; i < count; i++) {
        assert_true(hits[i].score > 0 && hits[i].score <= 1);
        assert_true(i == 0 || hits[i].score <= hits[i - 1].score);
        found =
            arena_format(world->arena, "%s%s%s", found, i ? " " : "", catalogue_id(catalogue, hits[i].item));
    }
    return found;
}

/* From the model and from changes alike. */
static void check(struct world *world, const char *text, const char *ids)
{
    assert_string_equal(search_in(world, world->catalogue, text), ids);
    assert_string_equal(search_in(world, world->live, text), ids);
}

static void words_are_found_where_they_say_most(void **state)
{
    check(*state, "lamp", "lamp-1 lamp-2 table"); /* in names before in a description */
    check(*state, "desk lamp", "lamp-1 lamp-2 table");
    check(*state, "floor", "lamp-2");
    check(*state, "LIGHTING", "lamp-1 lamp-2");
    check(*state, "creme", "pot");
    check(*state, "20", ""); /* numbers are for filters */
    check(*state, "", "");
    check(*state, " ,;", "");
    check(*state, "nothing whatsoever zzz", "");
}

static void a_wrong_letter_is_forgiven(void **state)
{
    check(*state, "kettla", "kettle");
    check(*state, "kettel", "kettle");
    check(*state, "ketle", "kettle");
    check(*state, "xettle", "kettle");
    check(*state, "cusion", "cushion");
    check(*state, "porcelian", "pot");
    check(*state, "porzelein", "pot"); /* two in a long word */
    check(*state, "kxttlx", "");
    check(*state, "lampp desk", "lamp-1 lamp-2 table");
}

static void plurals_and_beginnings_are_found(void **state)
{
    check(*state, "cushions", "cushion");
    check(*state, "lantern", "lantern");
    check(*state, "lant", "lantern");
    check(*state, "ke", "");
    check(*state, "ket", "kettle");
}

static void the_same_word_needs_no_guessing(void **state)
{
    struct world *world = *state;
    struct engine_item item = PLAIN(world->arena, "damp", "Damp course");
    catalogue_apply(world->catalogue, &item);
    catalogue_apply(world->live, &item);
    check(world, "damp", "damp"); /* and not lamps */
    check(world, "lamp", "lamp-1 lamp-2 table");
}

static void changes_are_found_at_once(void **state)
{
    struct world *world = *state;
    struct catalogue *catalogue = world->catalogue;
    struct engine_item kettle = PLAIN(world->arena, "kettle", "Samovar");
    struct engine_item gone = PLAIN(world->arena, "pot", "Teapot");
    struct engine_item added = PLAIN(world->arena, "zinc", "Zinc kettle");
    gone.active = false;
    catalogue_apply(catalogue, &kettle);
    catalogue_apply(catalogue, &gone);
    assert_string_equal(search_in(world, catalogue, "samovar"), "kettle");
    assert_string_equal(search_in(world, catalogue, "teapot"), "");
    assert_string_equal(search_in(world, catalogue, "kettles"), "");
    assert_string_equal(search_in(world, catalogue, "kettle"), "kettle"); /* by its id alone */
    catalogue_apply(catalogue, &added);
    assert_string_equal(search_in(world, catalogue, "kettles"), "zinc");
    assert_string_equal(search_in(world, catalogue, "kettle"), "kettle zinc");
}

static void filters_and_limits_hold(void **state)
{
    struct world *world = *state;
    struct filter_value value = {.text = "50", .number = 50};
    struct filter_condition cheap = {
        .column = "price", .operator= FILTER_LESS, .values = &value, .value_count = 1};
    const struct filter *filter = filter_compile(world->arena, world->catalogue, &cheap, 1);
    struct text_hit hits[2];
    struct text_query query = {
        .catalogue = world->catalogue, .text = "lamp", .filters = &filter, .filter_count = 1, .limit = 2};
    assert_int_equal(text_search(&query, world->arena, hits, NULL), 1);
    assert_string_equal(catalogue_id(world->catalogue, hits[0].item), "lamp-1");
    query.filter_count = 0;
    assert_int_equal(text_search(&query, world->arena, hits, NULL), 2);
    query.limit = 0;
    assert_int_equal(text_search(&query, world->arena, hits, NULL), 0);
}

static void words_may_be_wanted_in_columns(void **state)
{
    struct world *world = *state;
    const struct catalogue *const catalogues[] = {world->catalogue, world->live};
    for (size_t i = 0; i < COUNT(catalogues); i++) {
        const char *name = "name", *category = "metadata.category";
        struct text_hit hits[9];
        struct text_query query = {.catalogue = catalogues[i],
                                   .text = "lamp",
                                   .fields = &name,
                                   .field_count = 1,
                                   .limit = COUNT(hits)};
        assert_int_equal(text_search(&query, world->arena, hits, NULL),
                         2); /* not the table, which only speaks of it */
        query.fields = &category;
        assert_int_equal(text_search(&query, world->arena, hits, NULL), 0);
        query.text = "lighting";
        assert_int_equal(text_search(&query, world->arena, hits, NULL), 2);
    }
}

/* In the model as in the overlay. */
static void ids_and_article_numbers_come_first(void **state)
{
    struct world *world = *state;
    struct engine_item items[] = {
        ITEM(world->arena, "w-1", "Widget AB 123", "category=parts"),
        ITEM(world->arena, "ab-123", "Gasket", "sku=GX-7/90", "price=4006381333931"),
        ITEM(world->arena, "w-3", "Widget", "variant.ean=4006381333931", "part_number=ab 123"),
        ITEM(world->arena, "w-4", "Gasket GX 7 90 GX 7 90", "category=parts"),
    };
    struct event events[] = {{"u", "w-1", 1, 3}};
    struct model *model = train_model(items, COUNT(items), events, COUNT(events));
    struct catalogue *const catalogues[] = {catalogue_create(model, NULL), catalogue_create(NULL, NULL)};
    for (size_t i = 0; i < COUNT(items); i++)
        catalogue_apply(catalogues[1], &items[i]);
    for (size_t i = 0; i < COUNT(catalogues); i++) {
        assert_string_equal(search_in(world, catalogues[i], "ab-123"), "ab-123 w-3 w-1");
        assert_string_equal(search_in(world, catalogues[i], " ab-123 "), "ab-123 w-3 w-1");
        assert_string_equal(search_in(world, catalogues[i], "gx790"), "ab-123");
        assert_string_equal(search_in(world, catalogues[i], "GX-7/90"), "ab-123 w-4");
        assert_string_equal(search_in(world, catalogues[i], "4006381333931"), "w-3"); /* not by a price */
        assert_string_equal(search_in(world, catalogues[i], "400638"), "w-3");
        catalogue_destroy(catalogues[i]);
    }
    model_close(model);
}

static void every_word_can_be_wanted(void **state)
{
    struct world *world = *state;
    const struct catalogue *const catalogues[] = {world->catalogue, world->live};
    for (size_t i = 0; i < COUNT(catalogues); i++) {
        struct text_hit hit;
        size_t total;
        struct text_query query = {
            .catalogue = catalogues[i], .text = "desk lamps", .every_word = true, .limit = 1};
        assert_int_equal(text_search(&query, world->arena, &hit, &total), 1);
        assert_string_equal(catalogue_id(catalogues[i], hit.item), "lamp-1");
        assert_int_equal(total, 1);
        query.every_word = false;
        assert_int_equal(text_search(&query, world->arena, &hit, &total), 1);
        assert_int_equal(total, 3);
        query.text = "desk kettle";
        query.every_word = true;
        assert_int_equal(text_search(&query, world->arena, &hit, &total), 0);
        assert_int_equal(total, 0);
    }
}

/* The same hits as sorting all of them gives. */
static void the_best_of_many_are_found(void **state)
{
    enum { ITEMS = 700, BEST = 37 };
    struct world *world = *state;
    struct catalogue *catalogue = catalogue_create(NULL, NULL);
    struct text_hit all[ITEMS], best[BEST];
    for (unsigned i = 0; i < ITEMS; i++) {
        const char *id = arena_format(world->arena, "i%03u", i * 271 % ITEMS);
        const char *name =
            arena_format(world->arena, "thing%s%s", i % 3 ? "" : " thing", i % 7 ? "" : " more");
        struct engine_item item = PLAIN(world->arena, id, name);
        catalogue_apply(catalogue, &item);
    }
    struct text_query query = {.catalogue = catalogue, .text = "thing", .limit = ITEMS};
    assert_int_equal(text_search(&query, world->arena, all, NULL), ITEMS);
    for (query.limit = 0; query.limit <= BEST; query.limit++) {
        size_t total;
        assert_int_equal(text_search(&query, world->arena, best, &total), query.limit);
        assert_int_equal(total, ITEMS);
        for (size_t i = 0; i < query.limit; i++)
            assert_int_equal(best[i].item, all[i].item);
    }
    catalogue_destroy(catalogue);
}

static void an_empty_catalogue_has_nothing(void **state)
{
    struct world *world = *state;
    struct catalogue *empty = catalogue_create(NULL, NULL);
    assert_string_equal(search_in(world, empty, "lamp"), "");
    catalogue_destroy(empty);
}

#define WORLD_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORLD_TEST(words_are_found_where_they_say_most), WORLD_TEST(a_wrong_letter_is_forgiven),
        WORLD_TEST(plurals_and_beginnings_are_found),    WORLD_TEST(the_same_word_needs_no_guessing),
        WORLD_TEST(changes_are_found_at_once),           WORLD_TEST(filters_and_limits_hold),
        WORLD_TEST(words_may_be_wanted_in_columns),      WORLD_TEST(an_empty_catalogue_has_nothing),
        WORLD_TEST(ids_and_article_numbers_come_first),  WORLD_TEST(every_word_can_be_wanted),
        WORLD_TEST(the_best_of_many_are_found),
    };
    return cmocka_run_group_tests_name("engine/text_search", tests, NULL, NULL);
}
