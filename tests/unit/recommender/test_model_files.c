/* Names of model files, and when the newest was written. */
#include "fixture.h"

#include "recommender/model_files.h"

#include <sys/stat.h>

static void paths_name_the_tenant(void **state)
{
    char path[40];
    (void)state;
    assert_true(model_files_path("/models", 7, path, sizeof(path)));
    assert_string_equal(path, "/models/tenant-7.palate");
    assert_true(model_files_path("/m", UINT32_MAX, path, sizeof(path)));
    assert_string_equal(path, "/m/tenant-4294967295.palate");
    assert_true(model_files_path("/m", 1, path, strlen("/m/tenant-1.palate") + 1));
    assert_false(model_files_path("/m", 1, path, strlen("/m/tenant-1.palate")));
    assert_false(model_files_path("/m", 1, path, 1));
}

static void the_newest_is_found(void **state)
{
    struct arena *arena = arena_create();
    const char *folder = folder_create(arena);
    const struct timespec old[2] = {{.tv_sec = 1000}, {.tv_sec = 1000}},
                          late[2] = {{.tv_sec = 2000}, {.tv_sec = 2000}};
    static const char *const names[] = {"tenant-1.palate", "tenant-2.palate", "other.palate",
                                        "tenant-3.part"};
    (void)state;
    assert_int_equal(model_files_newest(folder), 0);
    for (size_t i = 0; i < COUNT(names); i++)
        assert_int_equal(utimensat(AT_FDCWD, text_write(arena, folder, names[i], ""), i == 0 ? old : late, 0),
                         0);
    assert_int_equal(utimensat(AT_FDCWD, arena_format(arena, "%s/%s", folder, names[1]), old, 0), 0);
    assert_int_equal(model_files_newest(folder), 1000);
    assert_int_equal(model_files_written(arena_format(arena, "%s/%s", folder, names[2])), 2000);
    assert_int_equal(model_files_written("/nonexistent"), 0);
    folder_remove(arena, folder, names, COUNT(names));
    arena_destroy(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(paths_name_the_tenant),
        cmocka_unit_test(the_newest_is_found),
    };
    return cmocka_run_group_tests_name("recommender/model_files", tests, NULL, NULL);
}
