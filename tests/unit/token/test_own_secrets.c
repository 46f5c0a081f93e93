/* Secrets that follow one another: which of a file's lines count, and when a changed file does. */
#include "../request/fixture.h"

#include "token/own_secrets.h"

#define FIRST  "the first secret of this test: 0123456789"
#define SECOND "the second one, as long or longer: 9876543210"

enum { SECOND_US = 1000000 };

struct world {
    struct arena *arena;
    const char *folder;
    char *path;
    struct config config;
};

static int setup(void **state)
{
    static struct world world;
    world = (struct world){.arena = arena_create(), .config = config_hs256()};
    world.folder = folder_create(world.arena);
    world.path = arena_format(world.arena, "%s/secret", world.folder);
    world.config.token_secret_file = world.path;
    text_write(world.arena, world.folder, "secret", FIXTURE_SECRET "\n");
    *state = &world;
    return 0;
}

static int teardown(void **state)
{
    static const char *const names[] = {"secret"};
    struct world *world = *state;
    folder_remove(world->arena, world->folder, names, COUNT(names));
    arena_destroy(world->arena);
    return 0;
}

#define SECRETS_TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

static void check_split(const char *text, size_t count, const char *first, const char *second)
{
    struct secret secrets[SECRETS_MAX];
    assert_int_equal(own_secrets_split(text, strlen(text), secrets), count);
    assert_int_equal(secrets[0].length, strlen(first));
    assert_memory_equal(secrets[0].bytes, first, strlen(first));
    if (!second)
        return;
    assert_int_equal(secrets[1].length, strlen(second));
    assert_memory_equal(secrets[1].bytes, second, strlen(second));
    assert_int_equal(secrets[2].length, strlen(text));
}

static void two_lines_of_32_bytes_are_two_secrets(void **state)
{
    struct world *world = *state;
    const char *line = repeat(world->arena, 'x', 32), *shorter = repeat(world->arena, 'x', 31);
    check_split(FIRST "\n" SECOND, 3, FIRST, SECOND);
    check_split(arena_format(world->arena, "%s\n%s", line, line), 3, line, line);
    check_split(FIRST, 1, FIRST, NULL);
    check_split("", 1, "", NULL);
    /* Everything else is one secret, as it always was. */
    const char *one = arena_format(world->arena, "%s\n%s", line, shorter);
    check_split(one, 1, one, NULL);
    one = arena_format(world->arena, "%s\n%s", shorter, line);
    check_split(one, 1, one, NULL);
    one = arena_format(world->arena, "%s\n%s\n%s", line, line, line);
    check_split(one, 1, one, NULL);
    check_split(FIRST "\n", 1, FIRST "\n", NULL);
}

static void check_first(const struct own_secrets *own, const char *expected, size_t expected_count)
{
    size_t count;
    const struct secret *secrets = own_secrets_list(own, &count);
    assert_int_equal(count, expected_count);
    assert_int_equal(secrets[0].length, strlen(expected));
    assert_memory_equal(secrets[0].bytes, expected, secrets[0].length);
}

static void a_changed_file_counts_at_the_next_look(void **state)
{
    struct world *world = *state;
    struct own_secrets *own = own_secrets_create(&world->config);
    uint64_t generation = own_secrets_generation(own);
    int64_t now = 100 * (int64_t)SECOND_US;
    check_first(own, FIXTURE_SECRET, 1);
    assert_false(own_secrets_refresh(own, now, false)); /* it holds what it held */
    text_write(world->arena, world->folder, "secret", FIRST "\n" SECOND "\n");
    assert_false(own_secrets_refresh(own, now + SECOND_US / 2, false));
    assert_true(own_secrets_refresh(own, now + SECOND_US / 2, true));
    check_first(own, FIRST, 3);
    assert_int_equal(own_secrets_generation(own), generation + 1);
    assert_false(own_secrets_refresh(own, now + SECOND_US, true));
    text_write(world->arena, world->folder, "secret", SECOND "\n");
    assert_true(own_secrets_refresh(own, now + 2 * (int64_t)SECOND_US, false));
    check_first(own, SECOND, 1);
    own_secrets_destroy(own);
    own_secrets_destroy(NULL);
}

static void what_is_no_secret_changes_nothing(void **state)
{
    static const char *const texts[] = {"", "short\n",
                                        "-----BEGIN PUBLIC KEY-----\nabcdefghijklmnopqrstuvwxyz\n"};
    struct world *world = *state;
    struct own_secrets *own = own_secrets_create(&world->config);
    for (size_t i = 0; i < COUNT(texts); i++) {
        text_write(world->arena, world->folder, "secret", texts[i]);
        assert_false(own_secrets_refresh(own, (int64_t)i * 10 * SECOND_US, true));
        check_first(own, FIXTURE_SECRET, 1);
    }
    unlink(world->path);
    assert_false(own_secrets_refresh(own, 100 * (int64_t)SECOND_US, true));
    check_first(own, FIXTURE_SECRET, 1);
    own_secrets_destroy(own);
}

/* A new token is signed by the file's first line as it is now, not as it was when the program started. */
static void a_token_is_signed_by_the_first_line_of_today(void **state)
{
    static char first[] = FIRST, second[] = SECOND, none[] = "";
    struct world *world = *state;
    const struct token_claims claims = {
        .client_id = "shop", .subject = "shop", .scope = "", .expires_at = 2000};
    struct claims read;
    char problem[300];
    text_write(world->arena, world->folder, "secret", FIRST "\n" SECOND "\n");
    char *token = issue_token(&world->config, &claims, problem, sizeof(problem));
    assert_non_null(token);
    struct config config = world->config;
    struct error error = {0};
    config.token_secret_file = none;
    config.token_key = first;
    config.token_key_length = strlen(first);
    assert_true(token_verify_own(&config, world->arena, token, 1000, &read, &error));
    config.token_key = second;
    config.token_key_length = strlen(second);
    assert_false(token_verify_own(&config, world->arena, token, 1000, &read, &error));
    memory_free(token);
}

static void other_algorithms_have_none(void **state)
{
    struct world *world = *state;
    size_t count;
    world->config.token_algorithm = TOKEN_ES256;
    struct own_secrets *own = own_secrets_create(&world->config);
    assert_false(own_secrets_refresh(own, SECOND_US, true));
    assert_non_null(own_secrets_list(own, &count));
    assert_int_equal(count, 0);
    own_secrets_destroy(own);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SECRETS_TEST(two_lines_of_32_bytes_are_two_secrets),
        SECRETS_TEST(a_changed_file_counts_at_the_next_look),
        SECRETS_TEST(what_is_no_secret_changes_nothing),
        SECRETS_TEST(a_token_is_signed_by_the_first_line_of_today),
        SECRETS_TEST(other_algorithms_have_none),
    };
    return cmocka_run_group_tests_name("token/own_secrets", tests, NULL, NULL);
}
