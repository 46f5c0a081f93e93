/* What a delta says of itself, and what is none. */
#include "fixture.h"

#include "engine/delta.h"

#include <errno.h>

static void what_is_not_there_is_not_opened(void **state)
{
    (void)state;
    struct delta_origin origin = delta_origin_of(DELTA_CHANGES, 5, NULL, 7);
    struct delta_origin other = delta_origin_of(DELTA_WITHDRAWN, 5, NULL, 7);
    struct delta *delta = (struct delta *)1;
    assert_int_equal(delta_open("/nowhere", &origin, &delta), DELTA_CANNOT_OPEN);
    assert_null(delta);
    assert_memory_not_equal(&origin, &other, sizeof(origin));
    delta_close(NULL);
}

static void each_error_has_a_text(void **state)
{
    (void)state;
    for (int error = DELTA_OK; error <= DELTA_ERROR__MAX; error++)
        assert_true(*delta_error_text((enum delta_error)error));
}

static void a_boot_has_a_number(void **state)
{
    (void)state;
    assert_true(delta_boot() != 0);
    assert_true(delta_boot() == delta_boot());
}

static void its_state_is_read_as_written(void **state)
{
    (void)state;
    char *folder = folder_create();
    struct arena *arena = arena_create();
    const char *path = folder_path(arena, folder, "delta");
    struct catalogue *catalogue = catalogue_create(NULL, NULL);
    struct delta_origin origin = delta_origin_of(DELTA_CHANGES, 5, NULL, delta_boot());
    struct delta_state written = {.revision = 12, .is_full = true, .popularity_read_at = 34}, read;
    struct delta *delta;
    if (delta_write(path, catalogue, &origin, &written)) {
        assert_int_equal(delta_open(path, &origin, &delta), DELTA_OK);
        read = delta_state(delta);
        assert_int_equal(read.revision, 12);
        assert_true(read.is_full);
        assert_int_equal(read.popularity_read_at, 34);
        assert_true(delta_is_current(delta, path));
        assert_true(delta_bytes(delta) > 0);
        assert_int_equal(delta_change_count(delta), 0);
        delta_close(delta);
        unlink(path);
    }
    catalogue_destroy(catalogue);
    folder_remove(folder);
    arena_destroy(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_not_there_is_not_opened),
        cmocka_unit_test(each_error_has_a_text),
        cmocka_unit_test(its_state_is_read_as_written),
        cmocka_unit_test(a_boot_has_a_number),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
