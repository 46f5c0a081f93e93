/* What the unit tests of every folder but the engine's share: cmocka, JSON in one line, a temporary folder.
 * Each test is a program of its own, so all is static. */
#ifndef PALATE_TESTS_BASE_FIXTURE_H
#define PALATE_TESTS_BASE_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/json.h"
#include "base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FIXTURE      static __attribute__((unused))
#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/* The state of a test that needs nothing else: cmocka_unit_test_setup_teardown(test, arena_open,
 * arena_close). */
FIXTURE int arena_open(void **state)
{
    *state = arena_create();
    return 0;
}

FIXTURE int arena_close(void **state)
{
    arena_destroy(*state);
    return 0;
}

#define ARENA_TEST(test) cmocka_unit_test_setup_teardown(test, arena_open, arena_close)

/* A text of count copies of a character. */
FIXTURE char *repeat(struct arena *arena, char character, size_t count)
{
    char *text = arena_alloc(arena, count + 1, 1);
    memset(text, character, count);
    return text;
}

/* JSON that must be right. */
FIXTURE struct json_object *json_of(struct arena *arena, const char *text)
{
    struct json_object *value;
    const char *problem;
    if (!json_parse_arena(arena, text, strlen(text), &value, &problem))
        fail_msg("%s is %s", text, problem);
    return value;
}

FIXTURE const char *folder_create(struct arena *arena)
{
    const char *base = getenv("TMPDIR");
    char *folder = arena_format(arena, "%s/palate-unit-XXXXXX", base && *base ? base : "/tmp");
    assert_non_null(mkdtemp(folder));
    return folder;
}

FIXTURE const char *file_write(struct arena *arena, const char *folder, const char *name, const char *bytes,
                               size_t length)
{
    const char *path = arena_format(arena, "%s/%s", folder, name);
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, length, file), length);
    assert_int_equal(fclose(file), 0);
    return path;
}

FIXTURE const char *text_write(struct arena *arena, const char *folder, const char *name, const char *text)
{
    return file_write(arena, folder, name, text, strlen(text));
}

/* Fails unless the folder is empty once the named files are gone. */
FIXTURE void folder_remove(struct arena *arena, const char *folder, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        unlink(arena_format(arena, "%s/%s", folder, names[i]));
    assert_int_equal(rmdir(folder), 0);
}

#endif
