/* Keys that workers share: what is read back, and whose turn it is to fetch. */
#include "../request/fixture.h"

#include "token/key_cache.h"

#include <dirent.h>

enum { NOW = 1700000000 };

static const char url[] = "https://id.example.org/keys", set[] = "{\"keys\":[{\"kid\":\"a\"}]}";

static void empty_and_remove(struct arena *arena, const char *folder)
{
    DIR *directory = opendir(folder);
    assert_non_null(directory);
    for (struct dirent *entry; (entry = readdir(directory));) {
        if (entry->d_name[0] != '.')
            unlink(arena_format(arena, "%s/%s", folder, entry->d_name));
    }
    closedir(directory);
    assert_int_equal(rmdir(folder), 0);
}

static void check_read(const struct key_cache *cache, int64_t after, int64_t now, bool found)
{
    int64_t fetched_at = 0;
    char *text = key_cache_read(cache, after, now, &fetched_at);
    assert_int_equal(text != NULL, found);
    if (text) {
        assert_string_equal(text, set);
        assert_int_equal(fetched_at, NOW);
    }
    memory_free(text);
}

static void a_document_is_read_back_while_it_is_news(void **state)
{
    struct arena *arena = *state;
    const char *folder = folder_create(arena);
    struct key_cache *cache = key_cache_create(folder, url), *same = key_cache_create(folder, url);
    struct key_cache *other = key_cache_create(folder, "https://id.example.org/other");
    check_read(cache, 0, NOW, false);
    key_cache_write(cache, set, strlen(set), NOW);
    check_read(same, 0, NOW, true);
    check_read(same, NOW - 1, NOW + 9, true);
    check_read(same, NOW, NOW + 9, false);
    check_read(same, 0, NOW - 1, false); /* from the future */
    check_read(other, 0, NOW, false);
    key_cache_write(cache, "not json", 8, NOW + 5); /* changes nothing */
    check_read(same, 0, NOW + 9, true);
    key_cache_destroy(cache);
    key_cache_destroy(same);
    key_cache_destroy(other);
    empty_and_remove(arena, folder);
}

static void spoiled_documents_are_none(void **state)
{
    static const char *const texts[] = {
        "",
        "[]",
        "{}",
        "{\"url\":\"https://id.example.org/keys\",\"fetched_at\":\"1\",\"jwks\":{}}",
        "{\"url\":\"https://evil/\",\"fetched_at\":1,\"jwks\":{}}",
        "{\"url\":\"https://id.example.org/keys\",\"fetched_at\":1}",
        "{\"url\":[],\"fetched_at\":1,\"jwks\":{}}"};
    struct arena *arena = *state;
    const char *folder = folder_create(arena);
    struct key_cache *cache = key_cache_create(folder, url);
    key_cache_write(cache, set, strlen(set), NOW);
    DIR *directory = opendir(folder);
    const char *name = "";
    for (struct dirent *entry; (entry = readdir(directory));)
        name = strstr(entry->d_name, ".json") ? arena_copy_text(arena, entry->d_name) : name;
    closedir(directory);
    for (size_t i = 0; i < COUNT(texts); i++) {
        text_write(arena, folder, name, texts[i]);
        check_read(cache, 0, NOW, false);
    }
    key_cache_destroy(cache);
    empty_and_remove(arena, folder);
}

static void one_turn_a_minute_and_one_at_a_time(void **state)
{
    struct arena *arena = *state;
    const char *folder = folder_create(arena);
    struct key_cache *cache = key_cache_create(folder, url), *other = key_cache_create(folder, url);
    int turn = key_cache_take_turn(cache, NOW, 60, 0);
    assert_true(turn >= 0);
    assert_int_equal(key_cache_take_turn(other, NOW + 100, 60, 50), KEY_TURN_OTHERS); /* it is at it */
    key_cache_end_turn(turn);
    assert_int_equal(key_cache_take_turn(other, NOW + 59, 60, 0), KEY_TURN_OTHERS);
    turn = key_cache_take_turn(other, NOW + 60, 60, 0);
    assert_true(turn >= 0);
    key_cache_end_turn(turn);
    turn = key_cache_take_turn(cache, NOW, 60, 0); /* a clock that went back */
    assert_true(turn >= 0);
    key_cache_end_turn(turn);
    key_cache_destroy(cache);
    key_cache_destroy(other);
    empty_and_remove(arena, folder);
}

static void a_folder_that_is_missing_is_told_apart(void **state)
{
    (void)state;
    struct key_cache *cache = key_cache_create("/nonexistent/palate", url);
    assert_int_equal(key_cache_take_turn(cache, NOW, 60, 0), KEY_TURN_BROKEN);
    key_cache_end_turn(KEY_TURN_BROKEN);
    key_cache_write(cache, set, strlen(set), NOW);
    check_read(cache, 0, NOW, false);
    key_cache_destroy(cache);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ARENA_TEST(a_document_is_read_back_while_it_is_news),
        ARENA_TEST(spoiled_documents_are_none),
        ARENA_TEST(one_turn_a_minute_and_one_at_a_time),
        ARENA_TEST(a_folder_that_is_missing_is_told_apart),
    };
    return cmocka_run_group_tests_name("request/key_cache", tests, NULL, NULL);
}
