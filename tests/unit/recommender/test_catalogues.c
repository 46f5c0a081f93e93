/* Models at hand: mapped anew when replaced, kept when the new one is wrong, the longest unused let go. There
 * is no database here, so whatever needs one must fail, not answer without it. */
#include "fixture.h"

#include "base/log.h"
#include "recommender/catalogues.h"
#include "recommender/model_files.h"

static const struct shop_item items[] = {{"a", "{}", NULL}, {"b", "{}", NULL}, {"c", "{}", NULL}};

struct world {
    struct arena *arena;
    const char *folder, *log;
    struct database *db;
    struct catalogues *catalogues;
};

static int setup(void **state)
{
    static struct world world;
    world.arena = arena_create();
    world.folder = folder_create(world.arena);
    world.log = text_write(world.arena, world.folder, "log", "");
    log_open(world.log);
    world.db = database_create(config_of_nothing());
    world.catalogues = catalogues_create(world.folder, "");
    *state = &world;
    return 0;
}

static int teardown(void **state)
{
    static const char *const names[] = {"log"};
    struct world *world = *state;
    log_open("");
    for (uint32_t tenant = 1; tenant <= LIMIT_MAPPED_TENANTS + 2; tenant++)
        unlink(arena_format(world->arena, "%s/tenant-%u.palate", world->folder, tenant));
    catalogues_destroy(world->catalogues);
    database_destroy(world->db);
    folder_remove(world->arena, world->folder, names, COUNT(names));
    arena_destroy(world->arena);
    return 0;
}

#define CATALOGUES_TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

static const char *path_of(struct world *world, uint32_t tenant)
{
    char *path = arena_alloc(world->arena, PATH_MAX, 1);
    assert_true(model_files_path(world->folder, tenant, path, PATH_MAX));
    return path;
}

static void write_generation(struct world *world, uint32_t tenant, uint64_t generation, size_t item_count)
{
    model_write(world->arena, path_of(world, tenant), generation, 42, items, item_count, NULL, 0);
}

/* The generation in use; 0: none, because the database was needed. */
static uint64_t generation_of(struct world *world, uint32_t tenant_id, uint64_t revision)
{
    struct tenant tenant = {.id = tenant_id, .key = "shop", .catalogue_revision = revision};
    struct error error = {0};
    struct catalogue *catalogue = catalogues_get(world->catalogues, world->db, &tenant, &error);
    if (!catalogue) {
        assert_int_equal(error.code, ERROR_DATABASE);
        return 0;
    }
    assert_int_equal(error.code, ERROR_NONE);
    const struct model *model = catalogue_model(catalogue);
    return model ? model_generation(model) : UINT64_MAX;
}

static void a_model_that_is_up_to_date_needs_no_database(void **state)
{
    write_generation(*state, 1, 5, 3);
    assert_int_equal(generation_of(*state, 1, 42), 5);
    assert_false(database_is_connected(((struct world *)*state)->db));
}

/* A model that is ahead of the tenant's revision may be another database's: that must be asked. */
static void a_model_that_is_ahead_is_not_trusted(void **state)
{
    write_generation(*state, 1, 5, 3);
    assert_int_equal(generation_of(*state, 1, 41), 0);
    assert_int_equal(generation_of(*state, 1, 0), 0);
    assert_int_equal(generation_of(*state, 1, 42), 5);
}

static void changes_that_cannot_be_read_are_an_error(void **state)
{
    write_generation(*state, 1, 5, 3);
    assert_int_equal(generation_of(*state, 1, 43), 0);
    assert_int_equal(generation_of(*state, 1, 42), 5); /* and leave nothing behind */
    assert_int_equal(generation_of(*state, 1, 43), 0);
}

static void without_a_model_the_database_is_needed(void **state)
{
    assert_int_equal(generation_of(*state, 1, 0), 0);
    write_generation(*state, 1, 1, 1); /* the first training */
    assert_int_equal(generation_of(*state, 1, 42), 1);
}

static void a_new_generation_is_mapped(void **state)
{
    struct world *world = *state;
    struct tenant tenant = {.id = 1, .key = "shop", .catalogue_revision = 42};
    struct error error = {0};
    write_generation(world, 1, 5, 1);
    assert_int_equal(generation_of(world, 1, 42), 5);
    write_generation(world, 1, 6, 3);
    assert_int_equal(generation_of(world, 1, 42), 6);
    struct catalogue *catalogue = catalogues_get(world->catalogues, world->db, &tenant, &error);
    assert_non_null(catalogue);
    assert_int_equal(catalogue_item_count(catalogue), 3);
    assert_ptr_equal(catalogues_get(world->catalogues, world->db, &tenant, &error),
                     catalogue); /* not made anew */
}

static size_t log_lines(struct world *world)
{
    size_t lines = 0;
    FILE *file = fopen(world->log, "re");
    assert_non_null(file);
    for (int c; (c = fgetc(file)) != EOF;)
        lines += c == '\n';
    fclose(file);
    return lines;
}

static void a_wrong_file_is_logged_once_and_not_used(void **state)
{
    struct world *world = *state;
    write_generation(world, 1, 5, 3);
    assert_int_equal(generation_of(world, 1, 42), 5);
    /* Beside it and renamed over it, as a training does; an old one, since the clocks of files tick slowly.
     */
    struct timespec old[2] = {{.tv_sec = FIXTURE_NOW}, {.tv_sec = FIXTURE_NOW}};
    const char *wrong = text_write(world->arena, world->folder, "wrong", "this is no model");
    assert_int_equal(utimensat(AT_FDCWD, wrong, old, 0), 0);
    assert_int_equal(rename(wrong, path_of(world, 1)), 0);
    for (int i = 0; i < 3; i++)
        assert_int_equal(generation_of(world, 1, 42), 5);
    assert_int_equal(log_lines(world), 1);
    write_generation(world, 1, 7, 3);
    assert_int_equal(generation_of(world, 1, 42), 7);
    assert_int_equal(log_lines(world), 1);
}

static void a_removed_file_stays_in_use(void **state)
{
    struct world *world = *state;
    write_generation(world, 1, 5, 3);
    assert_int_equal(generation_of(world, 1, 42), 5);
    unlink(path_of(world, 1));
    assert_int_equal(generation_of(world, 1, 42), 5);
}

static void a_model_of_any_age_is_used(void **state)
{
    struct world *world = *state;
    static const struct timespec epoch[2] = {{0}, {0}};
    write_generation(world, 1, 5, 3);
    assert_int_equal(utimensat(AT_FDCWD, path_of(world, 1), epoch, 0), 0);
    assert_int_equal(generation_of(world, 1, 42), 5);
}

static void tenants_are_kept_apart(void **state)
{
    write_generation(*state, 1, 11, 1);
    write_generation(*state, 2, 12, 2);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(generation_of(*state, 1, 42), 11);
        assert_int_equal(generation_of(*state, 2, 42), 12);
        assert_int_equal(generation_of(*state, 3, 42), 0);
    }
}

/* A file that is gone tells who is still mapped: whoever is not cannot come back. So many are one file by many names. */
static void the_longest_unused_goes(void **state)
{
    struct world *world = *state;
    write_generation(world, 1, 7, 1);
    for (uint32_t tenant = 1; tenant <= LIMIT_MAPPED_TENANTS; tenant++) {
        assert_true(tenant == 1 || link(path_of(world, 1), path_of(world, tenant)) == 0);
        assert_int_equal(generation_of(world, tenant, 42), 7);
    }
    assert_int_equal(generation_of(world, 1, 42), 7); /* so 2 is the longest unused */
    write_generation(world, LIMIT_MAPPED_TENANTS + 1, 99, 1);
    assert_int_equal(generation_of(world, LIMIT_MAPPED_TENANTS + 1, 42), 99);
    for (uint32_t tenant = 1; tenant <= LIMIT_MAPPED_TENANTS; tenant++)
        unlink(path_of(world, tenant));
    for (uint32_t tenant = 1; tenant <= LIMIT_MAPPED_TENANTS; tenant++) {
        if (tenant != 2)
            assert_int_equal(generation_of(world, tenant, 42), 7);
    }
    assert_int_equal(generation_of(world, 2, 42), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CATALOGUES_TEST(a_model_that_is_up_to_date_needs_no_database),
        CATALOGUES_TEST(a_model_that_is_ahead_is_not_trusted),
        CATALOGUES_TEST(changes_that_cannot_be_read_are_an_error),
        CATALOGUES_TEST(without_a_model_the_database_is_needed),
        CATALOGUES_TEST(a_new_generation_is_mapped),
        CATALOGUES_TEST(a_wrong_file_is_logged_once_and_not_used),
        CATALOGUES_TEST(a_removed_file_stays_in_use),
        CATALOGUES_TEST(a_model_of_any_age_is_used),
        CATALOGUES_TEST(tenants_are_kept_apart),
        CATALOGUES_TEST(the_longest_unused_goes),
    };
    return cmocka_run_group_tests_name("recommender/catalogues", tests, NULL, NULL);
}
