#include "fixture.h"

#include "engine/text_vector.h"

struct world {
    struct arena *arena;
    struct model *model;
    struct catalogue *catalogue;
};

static int setup(void **state)
{
    struct world *world = memory_alloc(1, sizeof(*world));
    world->arena = arena_create();
    struct engine_item items[] = {
        ITEM(world->arena, "m3", "Third", "category=z", "category=y", "size.width=3"),
        ITEM(world->arena, "m1", "First", "category=x"),
        PLAIN(world->arena, "m2", "Second"),
    };
    struct event events[] = {{"u", "m1", 2, 500}, {"u", "m1", 1, 0}, {"v", "m2", 1, 10}};
    world->model = train_model(items, COUNT(items), events, COUNT(events));
    world->catalogue = catalogue_create(world->model, NULL);
    *state = world;
    return 0;
}

static int teardown(void **state)
{
    struct world *world = *state;
    catalogue_destroy(world->catalogue);
    model_close(world->model);
    arena_destroy(world->arena);
    memory_free(world);
    return 0;
}

static void items_of_the_model_are_there(void **state)
{
    struct world *world = *state;
    struct engine_item item;
    assert_int_equal(catalogue_item_count(world->catalogue), 3);
    assert_int_equal(catalogue_change_count(world->catalogue), 0);
    assert_int_equal(index_of(world->catalogue, "m1"), 0); /* in the order of ids */
    assert_int_equal(index_of(world->catalogue, "m3"), 2);
    catalogue_get(world->catalogue, 2, &item);
    assert_string_equal(item.id, "m3");
    assert_string_equal(item.name, "Third");
    assert_string_equal(item.metadata, "{}");
    assert_int_equal(item.created, fixture_now - 400 * DAY);
    assert_true(item.active);
    assert_null(item.fields);
    assert_true(catalogue_is_active(world->catalogue, 2));
    assert_int_equal(catalogue_events(world->catalogue, 0), 2);
    assert_true(catalogue_popularity(world->catalogue, 0) == 2);
    assert_true(catalogue_recent(world->catalogue, 0) < 1.001f && catalogue_recent(world->catalogue, 0) >= 1);
}

static void find_needs_the_whole_id(void **state)
{
    struct world *world = *state;
    uint32_t index = 77;
    assert_false(catalogue_find(world->catalogue, "m", 1, &index));
    assert_false(catalogue_find(world->catalogue, "m12", 3, &index));
    assert_false(catalogue_find(world->catalogue, "", 0, &index));
    assert_false(catalogue_find(world->catalogue, "m1\0", 3, &index));
    assert_false(catalogue_find(world->catalogue, "m0", 2, &index));
    assert_false(catalogue_find(world->catalogue, "zz", 2, &index));
    assert_int_equal(index, 77);
    assert_true(catalogue_find(world->catalogue, "m12", 2, &index));
    assert_int_equal(index, 0);
}

static void a_change_keeps_the_index(void **state)
{
    struct world *world = *state;
    struct engine_item item = ITEM(world->arena, "m1", "Renamed", "category=new");
    catalogue_apply(world->catalogue, &item);
    assert_int_equal(catalogue_item_count(world->catalogue), 3);
    assert_int_equal(catalogue_change_count(world->catalogue), 1);
    assert_int_equal(index_of(world->catalogue, "m1"), 0);
    catalogue_get(world->catalogue, 0, &item);
    assert_string_equal(item.name, "Renamed");
    assert_int_equal(item.field_count, 1);
    assert_string_equal(item.fields[0].text, "new");
    assert_true(catalogue_popularity(world->catalogue, 0) == 2); /* behaviour stays */
}

static void vectors_follow_the_content(void **state)
{
    struct world *world = *state;
    float expected[ENGINE_VECTOR_SIZE];
    struct engine_item item = ITEM(world->arena, "m1", "First", "category=x");
    text_vector_compute(&item, expected);
    assert_memory_equal(catalogue_vector(world->catalogue, 0), expected, sizeof(expected));
    catalogue_apply(world->catalogue, &item); /* the same content: the same vector */
    assert_memory_equal(catalogue_vector(world->catalogue, 0), expected, sizeof(expected));
    item.name = "Other";
    catalogue_apply(world->catalogue, &item);
    text_vector_compute(&item, expected);
    assert_memory_equal(catalogue_vector(world->catalogue, 0), expected, sizeof(expected));
}

static void added_items_follow_the_model(void **state)
{
    struct world *world = *state;
    struct engine_item item = PLAIN(world->arena, "added", "Added");
    catalogue_apply(world->catalogue, &item);
    item = PLAIN(world->arena, "another", "Another");
    catalogue_apply(world->catalogue, &item);
    assert_int_equal(index_of(world->catalogue, "added"), 3);
    assert_int_equal(index_of(world->catalogue, "another"), 4);
    assert_string_equal(catalogue_id(world->catalogue, 4), "another");
    assert_int_equal(catalogue_item_count(world->catalogue), 5);
    item = PLAIN(world->arena, "added", "Again");
    catalogue_apply(world->catalogue, &item);
    assert_int_equal(catalogue_item_count(world->catalogue), 5);
    assert_int_equal(catalogue_change_count(world->catalogue), 2);
    catalogue_get(world->catalogue, 3, &item);
    assert_string_equal(item.name, "Again");
    assert_int_equal(catalogue_events(world->catalogue, 3), 0);
    assert_true(catalogue_popularity(world->catalogue, 3) == 0);
}

static void hidden_items_are_found(void **state)
{
    struct world *world = *state;
    struct engine_item item = {.id = "m2", .active = false}; /* all else may be missing */
    catalogue_apply(world->catalogue, &item);
    assert_int_equal(index_of(world->catalogue, "m2"), 1);
    assert_false(catalogue_is_active(world->catalogue, 1));
    catalogue_get(world->catalogue, 1, &item);
    assert_string_equal(item.name, "");
    item.active = true;
    catalogue_apply(world->catalogue, &item); /* from its own memory */
    assert_true(catalogue_is_active(world->catalogue, 1));
}

static void first_seen_is_the_earlier(void **state)
{
    struct world *world = *state;
    assert_int_equal(catalogue_first_seen(world->catalogue, 0),
                     fixture_now - 500 * DAY); /* its first event */
    assert_int_equal(catalogue_first_seen(world->catalogue, 1), fixture_now - 400 * DAY);
    assert_int_equal(catalogue_first_seen(world->catalogue, 2), fixture_now - 400 * DAY); /* no event */
    struct engine_item item = PLAIN(world->arena, "m2", "Second");
    item.created = fixture_now;
    catalogue_apply(world->catalogue, &item);
    assert_int_equal(catalogue_first_seen(world->catalogue, 1), fixture_now - 10 * DAY);
    item.id = "new";
    catalogue_apply(world->catalogue, &item);
    assert_int_equal(catalogue_first_seen(world->catalogue, 3), fixture_now);
}

static const char *first(const struct world *world, const char *id, const char *column)
{
    const char *text = "(none)";
    if (!catalogue_first_text(world->catalogue, index_of(world->catalogue, id), column, &text))
        assert_string_equal(text, "(none)");
    return text;
}

static void first_text_reads_columns(void **state)
{
    struct world *world = *state;
    for (int round = 0; round < 2; round++) { /* as in the model, then as changed */
        assert_string_equal(first(world, "m3", "category"), "z");
        assert_string_equal(first(world, "m3", "metadata.category"), "z");
        assert_string_equal(first(world, "m3", "size.width"), "3");
        assert_string_equal(first(world, "m3", "size"), "(none)");
        assert_string_equal(first(world, "m3", "name"), "Third");
        assert_string_equal(first(world, "m3", "item_id"), "m3");
        assert_string_equal(first(world, "m3", "metadata.name"), "(none)");
        assert_string_equal(first(world, "m3", "description"), "(none)");
        assert_string_equal(first(world, "m3", "created"), "(none)");
        struct engine_item item =
            ITEM(world->arena, "m3", "Third", "category=z", "category=y", "size.width=3");
        catalogue_apply(world->catalogue, &item);
    }
    assert_string_equal(first(world, "m2", "category"), "(none)");
    struct engine_item item = PLAIN(world->arena, "m1", "First");
    catalogue_apply(world->catalogue, &item);
    assert_string_equal(first(world, "m1", "category"), "(none)"); /* not the model's any more */
}

static void popularity_can_be_set(void **state)
{
    struct world *world = *state;
    struct engine_item item = PLAIN(world->arena, "new", "New");
    catalogue_set_popularity(world->catalogue, 0, 50, 5);
    catalogue_set_popularity(world->catalogue, 1, NAN, -3);
    assert_true(catalogue_popularity(world->catalogue, 0) == 50);
    assert_true(catalogue_recent(world->catalogue, 0) == 5);
    assert_true(catalogue_popularity(world->catalogue, 1) == 0);
    assert_true(catalogue_recent(world->catalogue, 1) == 0);
    assert_int_equal(catalogue_change_count(world->catalogue), 0); /* content is as in the model */
    assert_true(catalogue_is_active(world->catalogue, 0));
    assert_string_equal(first(world, "m1", "category"), "x");
    catalogue_apply(world->catalogue, &item);
    catalogue_set_popularity(world->catalogue, 3, 8, 4);
    catalogue_apply(world->catalogue, &item);
    assert_true(catalogue_popularity(world->catalogue, 3) == 8);
}

static void memory_of_replaced_versions_is_released(void **state)
{
    struct world *world = *state;
    struct engine_item item = ITEM(world->arena, "m1", "Name", "category=some text", "price=5");
    catalogue_apply(world->catalogue, &item);
    item.id = "new";
    catalogue_apply(world->catalogue, &item);
    size_t bytes = catalogue_bytes(world->catalogue);
    for (int i = 0; i < 20000; i++) {
        item.id = i % 2 ? "m1" : "new";
        catalogue_apply(world->catalogue, &item);
    }
    /* All but what the index of words keeps of the last thousand versions or so. */
    assert_in_range(catalogue_bytes(world->catalogue), bytes, bytes + 128 * 1024);
}

static void many_changes_are_all_found(void **state)
{
    struct world *world = *state;
    enum { MANY = 3000 };
    struct arena *arena = arena_create();
    struct engine_item *items = arena_alloc(arena, MANY, sizeof(*items));
    for (int i = 0; i < MANY; i++)
        items[i] = PLAIN(arena, arena_format(arena, "i%05d", i), "from the model");
    struct model *model = train_model(items, MANY, NULL, 0);
    struct catalogue *catalogue = catalogue_create(model, NULL);
    for (int i = 0; i < MANY; i += 3) {
        items[i].name = arena_format(arena, "changed %d", i);
        catalogue_apply(catalogue, &items[i]);
        items[i].id = arena_format(arena, "added%d", i);
        catalogue_apply(catalogue, &items[i]);
    }
    for (uint32_t i = 0; i < MANY; i++) {
        struct engine_item item;
        catalogue_get(catalogue, i, &item);
        assert_string_equal(item.name, i % 3 ? "from the model" : items[i].name);
        if (i % 3 == 0)
            assert_int_equal(index_of(catalogue, items[i].id), MANY + i / 3);
    }
    (void)world;
    catalogue_destroy(catalogue);
    model_close(model);
    arena_destroy(arena);
}

static void works_without_a_model(void **state)
{
    struct world *world = *state;
    struct catalogue *catalogue = catalogue_create(NULL, NULL);
    uint32_t index;
    assert_int_equal(catalogue_item_count(catalogue), 0);
    assert_null(catalogue_model(catalogue));
    assert_false(catalogue_find(catalogue, "a", 1, &index));
    struct engine_item item = PLAIN(world->arena, "a", "A");
    catalogue_apply(catalogue, &item);
    assert_int_equal(index_of(catalogue, "a"), 0);
    catalogue_destroy(catalogue);
    catalogue_destroy(NULL);
}

static void rooms_are_shared_by_models_of_any_size(void **state)
{
    struct world *world = *state;
    struct engine_item items[] = {PLAIN(world->arena, "a", "A"), PLAIN(world->arena, "b", "B"),
                                  PLAIN(world->arena, "c", "C"), PLAIN(world->arena, "d", "D")};
    struct model *larger = train_model(items, COUNT(items), NULL, 0);
    struct catalogue *other = catalogue_create(larger, NULL);
    struct catalogue_rooms *rooms = catalogue_rooms_create();
    size_t alone = catalogue_bytes(other);
    catalogue_share_rooms(world->catalogue, rooms);
    catalogue_share_rooms(other, rooms);
    memset(catalogue_room(world->catalogue, CATALOGUE_ROOM_CONTENT), 1, 3 * sizeof(float));
    float *room = catalogue_room(other, CATALOGUE_ROOM_CONTENT);
    memset(room, 1, 4 * sizeof(float)); /* is there, or the sanitizer says so */
    assert_ptr_equal(catalogue_room(world->catalogue, CATALOGUE_ROOM_CONTENT), room);
    assert_ptr_not_equal(catalogue_room(world->catalogue, CATALOGUE_ROOM_BEHAVIOUR), room);
    assert_int_equal(catalogue_bytes(other), alone);
    catalogue_destroy(other);
    catalogue_destroy(world->catalogue);
    world->catalogue = NULL;
    catalogue_rooms_destroy(rooms);
    catalogue_rooms_destroy(NULL);
    model_close(larger);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(items_of_the_model_are_there),
        TEST(find_needs_the_whole_id),
        TEST(a_change_keeps_the_index),
        TEST(vectors_follow_the_content),
        TEST(added_items_follow_the_model),
        TEST(hidden_items_are_found),
        TEST(first_seen_is_the_earlier),
        TEST(first_text_reads_columns),
        TEST(popularity_can_be_set),
        TEST(memory_of_replaced_versions_is_released),
        TEST(many_changes_are_all_found),
        TEST(works_without_a_model),
        TEST(rooms_are_shared_by_models_of_any_size),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
