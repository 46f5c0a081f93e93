/* [recommender] and [remote]: what may be set, and that no half-configured remote recommender starts. */
#include "fixture.h"

#include "base/config_remote.h"

static char empty[] = "";

/* All presets, as config_load() leaves them. */
static struct config *presets(struct arena *arena)
{
    struct config *config = arena_alloc(arena, 1, sizeof(*config));
    static char path[] = "/p", no[] = "no", none[] = "none", error[] = "error", embedded[] = "embedded",
                palate[] = "palate";
    *config = (struct config){.path = path,
                              .recommender_kind = embedded,
                              .remote_url = empty,
                              .remote_protocol_name = palate,
                              .remote_fill_name = embedded,
                              .remote_redirects = no,
                              .remote_on_failure = error,
                              .remote_shadow = none,
                              .remote_http_hosts = empty,
                              .remote_state_file = empty};
    return config;
}

static void expect_refused(struct config *config, const char *says)
{
    char problem[400] = "";
    assert_false(config_remote_check(config, problem, sizeof(problem)));
    if (!strstr(problem, says))
        fail_msg("\"%s\" does not say \"%s\"", problem, says);
}

static void expect_taken(struct config *config)
{
    char problem[400] = "";
    if (!config_remote_check(config, problem, sizeof(problem)))
        fail_msg("refused: %s", problem);
}

static void nothing_set_means_embedded(void **state)
{
    struct config *config = presets(*state);
    expect_taken(config);
    assert_false(config->recommender_is_remote || config->remote_in_shadow || config->remote_may_fail ||
                 config->remote_follows_redirects);
    assert_int_equal(config->remote_protocol, REMOTE_PALATE);
    assert_int_equal(config->remote_fill, REMOTE_FILL_EMBEDDED);
}

static void words_are_checked(void **state)
{
    struct arena *arena = *state;
    static char wrong[] = "wrong";
    for (int i = 0; i < 6; i++) {
        struct config *config = presets(arena);
        char **const members[] = {&config->recommender_kind,  &config->remote_protocol_name,
                                  &config->remote_fill_name,  &config->remote_redirects,
                                  &config->remote_on_failure, &config->remote_shadow};
        static const char *const says[] = {"kind must be embedded or remote",
                                           "protocol must be palate or gorse",
                                           "fill must be embedded, trending or none, not \"wrong\"",
                                           "allow_redirects must be no or yes",
                                           "on_failure must be error or embedded",
                                           "shadow must be none or remote"};
        *members[i] = wrong;
        expect_refused(config, says[i]);
    }
}

static void a_remote_recommender_needs_an_address_and_a_state_file(void **state)
{
    struct arena *arena = *state;
    static char remote[] = "remote", yes[] = "yes", gorse[] = "gorse", trending[] = "trending";
    struct config *config = presets(arena);
    config->remote_shadow = remote;
    expect_refused(config, "[remote] url is needed");
    config->recommender_kind = remote;
    expect_refused(config, "[remote] url is needed");
    config->remote_url = arena_copy_text(arena, "https://h/x?y");
    expect_refused(config, "without user, query and fragment");
    config->remote_url = arena_copy_text(arena, "http://127.0.0.1:8087");
    expect_refused(config, "http_hosts");
    config->remote_http_hosts = arena_copy_text(arena, "127.0.0.1");
    expect_refused(config, "state_file is needed");
    config->remote_state_file = arena_copy_text(arena, "relative");
    expect_refused(config, "absolute path");
    config->remote_state_file = arena_copy_text(arena, "/run/palate/remote.state");
    config->remote_protocol_name = gorse;
    config->remote_redirects = yes;
    config->remote_fill_name = trending;
    expect_taken(config);
    assert_true(config->recommender_is_remote && config->remote_in_shadow &&
                config->remote_follows_redirects);
    assert_int_equal(config->remote_protocol, REMOTE_GORSE);
    assert_int_equal(config->remote_fill, REMOTE_FILL_TRENDING);
    config->remote_url = arena_format(arena, "https://h/%s", repeat(arena, 'x', 200));
    expect_refused(config, "[remote] url must be");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ARENA_TEST(nothing_set_means_embedded),
        ARENA_TEST(words_are_checked),
        ARENA_TEST(a_remote_recommender_needs_an_address_and_a_state_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
