/* Deltas are written when they are due, taken when they have more, and refused when they are not this catalogue's;
 * the heap is bounded while much is read. */
#include "fixture.h"

#include "base/log.h"
#include "recommender/overlay.h"

#include <dirent.h>
#include <sys/stat.h>

struct world {
    struct arena *arena;
    const char *folder, *log, *state_file;
    struct delta_folder deltas;
    struct tenant tenant;
    struct catalogue_rooms *rooms;
    struct overlay_owner owner;
    struct overlay overlay, other; /* of two workers */
};

static int setup(void **state)
{
    static struct world world;
    world = (struct world){.arena = arena_create()};
    world.folder = folder_create(world.arena);
    world.log = text_write(world.arena, world.folder, "log", "");
    log_open(world.log);
    world.state_file = arena_format(world.arena, "%s/limits", world.folder);
    world.deltas = (struct delta_folder){.state_file = world.state_file, .boot = 9};
    world.tenant = (struct tenant){.id = 4, .key = "shop", .catalogue_key = 77};
    world.rooms = catalogue_rooms_create();
    world.owner = (struct overlay_owner){
        .folder = &world.deltas, .tenant = &world.tenant, .kind = DELTA_CHANGES, .rooms = world.rooms};
    overlay_begin(&world.overlay, &world.owner);
    overlay_begin(&world.other, &world.owner);
    *state = &world;
    return 0;
}

static int teardown(void **state)
{
    static const char *const names[] = {"log", "limits.deltas", "limits.delta-4"};
    struct world *world = *state;
    log_open("");
    overlay_release(&world->overlay);
    overlay_release(&world->other);
    catalogue_rooms_destroy(world->rooms);
    folder_remove(world->arena, world->folder, names, COUNT(names));
    arena_destroy(world->arena);
    return 0;
}

#define OVERLAY_TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

static const char *file_of(struct world *world)
{
    char *path = arena_alloc(world->arena, PATH_MAX, 1);
    assert_true(overlay_path(world->state_file, DELTA_CHANGES, 4, path, PATH_MAX));
    return path;
}

static bool is_there(struct world *world)
{
    return access(file_of(world), F_OK) == 0;
}

static size_t count_files(struct world *world)
{
    size_t count = 0;
    DIR *folder = opendir(world->folder);
    assert_non_null(folder);
    while (readdir(folder))
        count++;
    closedir(folder);
    return count - 2; /* . and .. */
}

/* Items first to first + count - 1, each of about so many bytes, as one reading up to the revision. */
static void read_rows(struct world *world, struct overlay *overlay, int first, int count, int bytes,
                      uint64_t revision)
{
    struct arena *scratch = arena_create();
    struct overlay_reading reading = {.overlay = overlay, .owner = &world->owner};
    char *text = memory_alloc((size_t)bytes + 1, 1);
    for (int i = 0; i < bytes; i++)
        text[i] = i % 8 == 7 ? ' ' : "abcdefghijklmnopqrstuvwxyz"[i * 7 % 26];
    for (int i = first; i < first + count; i++) {
        struct item_row row = {.id = arena_format(scratch, "i%d", i),
                               .name = arena_format(scratch, "Thing %d of %d", i, (int)revision),
                               .description = text,
                               .metadata = "{\"category\":\"toys\"}",
                               .active = true,
                               .created_at = FIXTURE_NOW,
                               .updated_at = FIXTURE_NOW,
                               .revision = revision};
        overlay_apply(&reading, scratch, &row);
        /* The bound of the header, and one item. */
        assert_true(overlay_bytes(overlay) < 5 * 1024 * 1024);
    }
    overlay_end_reading(&reading, revision);
    memory_free(text);
    arena_destroy(scratch);
}

static void write_delta(struct world *world, struct overlay *overlay)
{
    int lock = overlay_lock(&world->owner);
    assert_true(lock >= 0);
    overlay_write(overlay, &world->owner);
    close(lock);
}

static void assert_name(const struct overlay *overlay, const char *id, const char *name)
{
    uint32_t index;
    struct engine_item item;
    assert_true(catalogue_find(overlay->catalogue, id, strlen(id), &index));
    catalogue_get(overlay->catalogue, index, &item);
    assert_string_equal(item.name, name);
}

static void paths_name_kind_and_tenant(void **state)
{
    char path[40];
    (void)state;
    assert_true(overlay_path("/s/limits", DELTA_CHANGES, 7, path, sizeof(path)));
    assert_string_equal(path, "/s/limits.delta-7");
    assert_true(overlay_path("/s/limits", DELTA_WITHDRAWN, 7, path, sizeof(path)));
    assert_string_equal(path, "/s/limits.withdrawn-7");
    assert_false(overlay_path("", DELTA_CHANGES, 7, path, sizeof(path)));
    assert_false(overlay_path("/s/limits", DELTA_CHANGES, 7, path, strlen("/s/limits.delta-7")));
}

static void what_one_worker_writes_another_takes(void **state)
{
    struct world *world = *state;
    read_rows(world, &world->overlay, 0, 100, 500, 3);
    assert_true(overlay_is_due(&world->overlay, &world->owner));
    write_delta(world, &world->overlay);
    assert_false(overlay_is_due(&world->overlay, &world->owner));
    assert_true(overlay_bytes(&world->overlay) < 16 * 1024);
    assert_int_equal(overlay_look(&world->other, &world->owner, 3), OVERLAY_TAKEN);
    assert_int_equal(world->other.revision, 3);
    assert_int_equal(catalogue_item_count(world->other.catalogue), 100);
    assert_name(&world->other, "i99", "Thing 99 of 3");
    assert_name(&world->overlay, "i99", "Thing 99 of 3");
}

static void a_change_is_over_the_delta(void **state)
{
    struct world *world = *state;
    read_rows(world, &world->overlay, 0, 100, 500, 3);
    write_delta(world, &world->overlay);
    read_rows(world, &world->overlay, 50, 1, 500, 4);
    assert_name(&world->overlay, "i50", "Thing 50 of 4");
    assert_name(&world->overlay, "i51", "Thing 51 of 3");
    assert_false(overlay_is_due(&world->overlay, &world->owner)); /* for one item */
    write_delta(world, &world->overlay);
    assert_int_equal(overlay_look(&world->other, &world->owner, 4), OVERLAY_TAKEN);
    assert_name(&world->other, "i50", "Thing 50 of 4");
    assert_int_equal(catalogue_item_count(world->other.catalogue), 100);
}

static void one_that_has_no_more_is_not_taken(void **state)
{
    struct world *world = *state;
    read_rows(world, &world->overlay, 0, 100, 500, 3);
    write_delta(world, &world->overlay);
    read_rows(world, &world->other, 0, 100, 500, 4);
    assert_int_equal(overlay_look(&world->other, &world->owner, 5), OVERLAY_NOTHING);
    assert_name(&world->other, "i1", "Thing 1 of 4");
    assert_int_equal(overlay_look(&world->overlay, &world->owner, 5), OVERLAY_NOTHING); /* its own */
}

/* After a backup was put back: what it says has not happened. */
static void one_that_is_ahead_is_not_taken(void **state)
{
    struct world *world = *state;
    read_rows(world, &world->overlay, 0, 100, 500, 3);
    write_delta(world, &world->overlay);
    assert_int_equal(overlay_look(&world->other, &world->owner, 2), OVERLAY_AHEAD);
    assert_int_equal(catalogue_item_count(world->other.catalogue), 0);
    assert_int_equal(overlay_look(&world->other, &world->owner, 2), OVERLAY_AHEAD);
    overlay_remove_file(&world->owner);
    assert_int_equal(overlay_look(&world->other, &world->owner, 3), OVERLAY_NOTHING);
}

/* Of another tenant's catalogue, and of another start of the machine. */
static void a_foreign_one_is_not_taken_and_goes_when_it_is_old(void **state)
{
    struct world *world = *state;
    const struct timespec old[2] = {{.tv_sec = FIXTURE_NOW}, {.tv_sec = FIXTURE_NOW}};
    for (int i = 0; i < 2; i++) {
        world->deltas.boot = 9;
        read_rows(world, &world->overlay, 0, 100, 500, 3);
        write_delta(world, &world->overlay);
        struct tenant tenant = world->tenant;
        struct overlay_owner owner = world->owner;
        owner.tenant = &tenant;
        tenant.catalogue_key += i == 0;
        world->deltas.boot += i == 1;
        assert_int_equal(overlay_look(&world->other, &owner, 3), OVERLAY_NOTHING);
        assert_int_equal(catalogue_item_count(world->other.catalogue), 0);
        assert_true(is_there(world));
        assert_int_equal(utimensat(AT_FDCWD, file_of(world), old, 0), 0);
        assert_int_equal(overlay_look(&world->other, &owner, 3), OVERLAY_NOTHING);
        assert_false(is_there(world));
    }
}

static void a_damaged_one_is_looked_into_once(void **state)
{
    struct world *world = *state;
    text_write(world->arena, world->folder, "limits.delta-4", "no delta");
    assert_int_equal(overlay_look(&world->other, &world->owner, 3), OVERLAY_NOTHING);
    assert_true(world->other.seen != 0);
    read_rows(world, &world->overlay, 0, 40, 500, 3);
    write_delta(world, &world->overlay);
    assert_int_equal(overlay_look(&world->other, &world->owner, 3), OVERLAY_TAKEN);
}

static void the_heap_is_bounded_while_much_is_read(void **state)
{
    struct world *world = *state;
    size_t files = count_files(world);
    read_rows(world, &world->overlay, 0, 150, 60000, 3);
    assert_true(world->overlay.is_spilled);
    assert_int_equal(count_files(world), files); /* it has no name */
    assert_true(overlay_is_due(&world->overlay, &world->owner));
    assert_int_equal(catalogue_item_count(world->overlay.catalogue), 150);
    write_delta(world, &world->overlay);
    assert_false(world->overlay.is_spilled);
    assert_int_equal(overlay_look(&world->other, &world->owner, 3), OVERLAY_TAKEN);
    for (int i = 0; i < 150; i += 49)
        assert_name(&world->other, arena_format(world->arena, "i%d", i),
                    arena_format(world->arena, "Thing %d of 3", i));
}

static void one_worker_writes_at_a_time(void **state)
{
    struct world *world = *state;
    struct tenant tenant = {.id = 5};
    struct overlay_owner other = world->owner;
    other.tenant = &tenant;
    int lock = overlay_lock(&world->owner);
    assert_true(lock >= 0);
    assert_int_equal(overlay_lock(&world->owner), -1);
    assert_true(overlay_can_write(&world->owner)); /* and is no failure */
    int others = overlay_lock(&other);
    assert_true(others >= 0);
    close(others);
    close(lock);
    lock = overlay_lock(&world->owner);
    assert_true(lock >= 0);
    close(lock);
}

static void without_a_state_file_all_is_on_the_heap(void **state)
{
    struct world *world = *state;
    world->deltas.state_file = "";
    read_rows(world, &world->overlay, 0, 100, 500, 3);
    assert_false(overlay_is_due(&world->overlay, &world->owner));
    assert_int_equal(overlay_lock(&world->owner), -1);
    assert_int_equal(overlay_look(&world->overlay, &world->owner, 9), OVERLAY_NOTHING);
}

static void a_folder_that_cannot_be_written_is_logged_and_left_alone_for_a_while(void **state)
{
    struct world *world = *state;
    char log[400] = "";
    world->deltas.state_file = "/nonexistent/limits";
    read_rows(world, &world->overlay, 0, 100, 500, 3);
    assert_true(overlay_is_due(&world->overlay, &world->owner));
    assert_int_equal(overlay_lock(&world->owner), -1);
    assert_false(overlay_can_write(&world->owner));
    assert_false(overlay_is_due(&world->overlay, &world->owner));
    FILE *file = fopen(world->log, "re");
    assert_non_null(file);
    assert_non_null(fgets(log, sizeof(log), file));
    assert_null(fgets(log, sizeof(log), file));
    fclose(file);
    assert_non_null(strstr(log, "/nonexistent/limits.deltas: No such file or directory"));
    assert_name(&world->overlay, "i99", "Thing 99 of 3");
}

static void what_a_killed_process_left_is_removed(void **state)
{
    struct world *world = *state;
    const struct timespec old[2] = {{.tv_sec = FIXTURE_NOW}, {.tv_sec = FIXTURE_NOW}};
    const char *left = text_write(world->arena, world->folder, "limits.delta-8.Abcdef", "");
    const char *young = text_write(world->arena, world->folder, "limits.delta-8.Ghijkl", "");
    const char *whole = text_write(world->arena, world->folder, "limits.delta-8", "");
    assert_int_equal(utimensat(AT_FDCWD, left, old, 0), 0);
    assert_int_equal(utimensat(AT_FDCWD, whole, old, 0), 0);
    read_rows(world, &world->overlay, 0, 40, 500, 3);
    write_delta(world, &world->overlay);
    assert_int_equal(access(left, F_OK), -1);
    assert_int_equal(unlink(young), 0);
    assert_int_equal(unlink(whole), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(paths_name_kind_and_tenant),
        OVERLAY_TEST(what_one_worker_writes_another_takes),
        OVERLAY_TEST(a_change_is_over_the_delta),
        OVERLAY_TEST(one_that_has_no_more_is_not_taken),
        OVERLAY_TEST(one_that_is_ahead_is_not_taken),
        OVERLAY_TEST(a_foreign_one_is_not_taken_and_goes_when_it_is_old),
        OVERLAY_TEST(a_damaged_one_is_looked_into_once),
        OVERLAY_TEST(the_heap_is_bounded_while_much_is_read),
        OVERLAY_TEST(one_worker_writes_at_a_time),
        OVERLAY_TEST(without_a_state_file_all_is_on_the_heap),
        OVERLAY_TEST(a_folder_that_cannot_be_written_is_logged_and_left_alone_for_a_while),
        OVERLAY_TEST(what_a_killed_process_left_is_removed),
    };
    return cmocka_run_group_tests_name("recommender/overlay", tests, NULL, NULL);
}
