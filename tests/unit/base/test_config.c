/* The configuration file: presets, bounds, unknown names with their line, passwords and keys. */
#include "fixture.h"

#include "base/config.h"

#define SECRET "0123456789abcdef0123456789abcdef"

struct world {
    struct arena *arena;
    const char *folder, *secret;
    char problem[1000];
};

static int setup(void **state)
{
    static struct world world;
    world.arena = arena_create();
    world.folder = folder_create(world.arena);
    world.secret = text_write(world.arena, world.folder, "secret", SECRET "\n");
    world.problem[0] = '\0';
    *state = &world;
    return 0;
}

static int teardown(void **state)
{
    static const char *const names[] = {"conf", "secret", "key", "password", "tool-password"};
    struct world *world = *state;
    folder_remove(world->arena, world->folder, names, COUNT(names));
    arena_destroy(world->arena);
    return 0;
}

#define CONFIG_TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

/* Loads text with a good secret file in front of it, in the two lines that every line number below counts. */
static struct config *load_as(struct world *world, enum config_side side, const char *text)
{
    const char *whole = arena_format(world->arena, "[token]\nsecret_file = %s\n%s", world->secret, text);
    const char *path = text_write(world->arena, world->folder, "conf", whole);
    return config_load(path, side, world->problem, sizeof(world->problem));
}

static struct config *load_good(struct world *world, const char *text)
{
    struct config *config = load_as(world, CONFIG_WORKER, text);
    if (!config)
        fail_msg("refused: %s", world->problem);
    return config;
}

static void check_refused(struct world *world, const char *text, const char *says)
{
    struct config *config = load_as(world, CONFIG_WORKER, text);
    if (config)
        fail_msg("taken: %s", text);
    if (!strstr(world->problem, says))
        fail_msg("\"%s\" does not say \"%s\"", world->problem, says);
    if (!strstr(world->problem, world->folder))
        fail_msg("\"%s\" names no file", world->problem);
}

static void what_is_not_set_has_its_preset(void **state)
{
    struct config *config = load_good(*state, "");
    assert_string_equal(config->path + strlen(((struct world *)*state)->folder), "/conf");
    assert_string_equal(config->database_name, "palate");
    assert_string_equal(config->database_user, "palate_worker");
    assert_string_equal(config->database_host, "");
    assert_string_equal(config->database_password, "");
    assert_int_equal(config->database_port, 3306);
    assert_false(config->database_ssl || config->is_tool);
    assert_true(config->database_ssl_verify);
    assert_int_equal(config->token_leeway, 30);
    assert_int_equal(config->retention_logs_days, 90);
    assert_int_equal(config->retention_events_days, 0);
    assert_int_equal(config->token_algorithm, TOKEN_HS256);
    assert_string_equal(config->token_scope_read, "neuronsearchlab-api/read");
    assert_int_equal(config->worker_sandbox, SANDBOX_BEST_EFFORT);
    assert_false(config->ids_are_integers || config->items_conflict_update || config->events_accept_types ||
                 config->events_accept_items);
    assert_false(config->recommender_is_remote || config->remote_in_shadow || config->remote_may_fail ||
                 config->remote_follows_redirects);
    assert_int_equal(config->remote_protocol, REMOTE_PALATE);
    assert_int_equal(config->remote_fill, REMOTE_FILL_EMBEDDED);
    assert_string_equal(config->http_base_path, "");
    config_free(config);
    config_free(NULL);
}

static void settings_replace_presets(void **state)
{
    struct config *config = load_good(*state, "issuer = https://id.example/?a=b\n"
                                              "leeway = 0\n"
                                              "# a comment\n"
                                              "; another\n"
                                              "\n"
                                              "[database]\n"
                                              "  socket=/run/db.sock  \n"
                                              "port = 65535\n"
                                              "password = with space = and equals\n"
                                              "[http]\n"
                                              "base_path = /shop/api\n"
                                              "allow_origin =\n"
                                              "[database]\n"
                                              "port = 1\n");
    assert_string_equal(config->token_issuer, "https://id.example/?a=b");
    assert_int_equal(config->token_leeway, 0);
    assert_string_equal(config->database_socket, "/run/db.sock");
    assert_int_equal(config->database_port, 1); /* the later one */
    assert_string_equal(config->database_password, "with space = and equals");
    assert_string_equal(config->http_base_path, "/shop/api");
    assert_string_equal(config->http_allow_origin, "");
    config_free(config);
}

static void unknown_names_stop_with_their_line(void **state)
{
    config_free(load_good(*state, "[items]\nsearch_metadata = brand\n")); /* of the version before */
    check_refused(*state, "colour = red\n", "line 3: unknown setting [token] colour");
    check_refused(*state, "\n\n[datbase]\nname = x\n", "line 6: unknown setting [datbase] name");
    check_refused(*state, "[database]\nsecret_file = x\n", "line 4: unknown setting [database] secret_file");
    check_refused(*state, "Issuer = x\n", "line 3: unknown setting [token] Issuer");
    check_refused(*state, "[log]\nfile = x\nlevel = 3\nworse = 4\n", "line 5: unknown setting [log] level");
}

static void other_lines_stop_with_their_number(void **state)
{
    check_refused(*state, "issuer\n", "line 3: not `name = value`");
    check_refused(*state, "[http\n", "line 3: not `name = value`");
    check_refused(*state, "\n[database]\npassword = one ;two\n", "line 5: a semicolon behind a blank");
}

static void a_setting_before_any_section_is_unknown(void **state)
{
    struct world *world = *state;
    const char *path = text_write(world->arena, world->folder, "conf", "leeway = 3\n");
    assert_null(config_load(path, CONFIG_WORKER, world->problem, sizeof(world->problem)));
    assert_non_null(strstr(world->problem, "line 1: unknown setting [] leeway"));
}

static void numbers_have_bounds(void **state)
{
    static const struct {
        const char *section, *name;
        long minimum, maximum;
    } numbers[] = {{"database", "port", 1, 65535},
                   {"database", "connect_timeout", 1, 60},
                   {"database", "timeout", 1, 300},
                   {"database", "lock_timeout", 1, 60},
                   {"token", "leeway", 0, 300},
                   {"retention", "logs_days", 0, 36500},
                   {"retention", "events_days", 0, 36500},
                   {"retention", "disk_gib", 0, 1048576}};
    struct world *world = *state;
    for (size_t i = 0; i < COUNT(numbers); i++) {
        const char *form = "[%s]\n%s = %ld\n";
        const char *section = numbers[i].section, *name = numbers[i].name;
        config_free(load_good(world, arena_format(world->arena, form, section, name, numbers[i].minimum)));
        config_free(load_good(world, arena_format(world->arena, form, section, name, numbers[i].maximum)));
        const char *says =
            arena_format(world->arena, "line 4: [%s] %s must be a whole number from %ld to %ld", section,
                         name, numbers[i].minimum, numbers[i].maximum);
        check_refused(world, arena_format(world->arena, form, section, name, numbers[i].minimum - 1), says);
        check_refused(world, arena_format(world->arena, form, section, name, numbers[i].maximum + 1), says);
    }
    check_refused(world, "leeway = thirty\n", "not \"thirty\"");
    check_refused(world, "leeway =\n", "not \"\"");
    check_refused(world, "leeway = 3.0\n", "not \"3.0\"");
    check_refused(world, "leeway = 99999999999999999999\n", "must be a whole number");
}

static void long_values_are_whole_or_refused(void **state)
{
    struct world *world = *state;
    for (size_t length = 100; length <= 4000; length += 300) {
        const char *value = repeat(world->arena, 'x', length);
        struct config *config =
            load_as(world, CONFIG_WORKER, arena_format(world->arena, "issuer = %s\n", value));
        if (config)
            assert_string_equal(config->token_issuer, value);
        else
            assert_true(length > 180);
        config_free(config);
    }
}

static void a_line_cut_in_two_is_no_setting_of_its_own(void **state)
{
    struct world *world = *state;
    /* libinih reads 200 bytes a line; what is behind must not become `issuer = forged`. */
    for (size_t length = 150; length <= 220; length++) {
        const char *text =
            arena_format(world->arena, "audience = %sissuer = forged\n", repeat(world->arena, 'x', length));
        struct config *config = load_as(world, CONFIG_WORKER, text);
        if (config)
            assert_string_equal(config->token_issuer, "");
        config_free(config);
    }
}

static void continued_lines_do_not_replace_a_value(void **state)
{
    struct config *config = load_as(*state, CONFIG_WORKER, "issuer = first\n   second\n");
    if (config)
        assert_string_not_equal(config->token_issuer, "second");
    config_free(config);
}

static void the_metrics_token_is_there_as_a_hash_alone(void **state)
{
    struct world *world = *state;
    static const char form[] = "[metrics]\ntoken_sha256 = %s\n";
    const char *hash = repeat(world->arena, 'a', 64);
    struct config *config = load_good(world, arena_format(world->arena, form, hash));
    assert_string_equal(config->metrics_token_sha256, hash);
    config_free(config);
    config_free(load_good(world, "[metrics]\ntoken_sha256 =\n"));
    check_refused(world, arena_format(world->arena, form, "secret"), "must be the 64 digits");
    check_refused(world, arena_format(world->arena, form, repeat(world->arena, 'a', 63)), "[metrics]");
    check_refused(world, arena_format(world->arena, form, repeat(world->arena, 'A', 64)), "[metrics]");
}

static void files_that_cannot_be_read(void **state)
{
    struct world *world = *state;
    char *large = repeat(world->arena, '#', 65537);
    const char *path = arena_format(world->arena, "%s/absent", world->folder);
    assert_null(config_load(path, CONFIG_WORKER, world->problem, sizeof(world->problem)));
    assert_non_null(strstr(world->problem, path));
    path = text_write(world->arena, world->folder, "conf", large);
    assert_null(config_load(path, CONFIG_WORKER, world->problem, sizeof(world->problem)));
    assert_non_null(strstr(world->problem, "larger than 65536 bytes"));
    assert_null(config_load(world->folder, CONFIG_WORKER, world->problem, sizeof(world->problem)));
    assert_non_null(strstr(world->problem, "not a regular file"));
}

static void a_file_that_is_no_text_is_refused(void **state)
{
    static const char zero[] = "[token]\nissuer = a\n\0nonsense\n";
    struct world *world = *state;
    const char *path = file_write(world->arena, world->folder, "conf", zero, sizeof(zero) - 1);
    assert_null(config_load(path, CONFIG_WORKER, world->problem, sizeof(world->problem)));
    assert_non_null(strstr(world->problem, "/conf: holds a zero byte"));
    check_refused(world, "scope_read = caf\xE9\n", "/conf: is not valid UTF-8");
}

static void the_first_line_of_a_password_file_is_the_password(void **state)
{
    static const struct {
        const char *text, *password;
    } cases[] = {
        {"pass word\n", "pass word"}, {"p;#=\r\nsecond\n", "p;#="}, {"last", "last"}, {"", ""}, {"\nx", ""}};
    struct world *world = *state;
    const char *path = arena_format(world->arena, "%s/password", world->folder);
    const char *text = arena_format(world->arena, "[database]\npassword = other\npassword_file = %s\n", path);
    for (size_t i = 0; i < COUNT(cases); i++) {
        text_write(world->arena, world->folder, "password", cases[i].text);
        struct config *config = load_good(world, text);
        assert_string_equal(config->database_password, cases[i].password);
        config_free(config);
    }
    text_write(world->arena, world->folder, "password", repeat(world->arena, 'p', 4097));
    assert_null(load_as(world, CONFIG_WORKER, text));
    assert_non_null(strstr(world->problem, path));
    assert_null(strstr(world->problem, "pppp"));
    unlink(path);
    check_refused(world, text, "No such file");
}

static void the_tool_has_its_own_user(void **state)
{
    struct world *world = *state;
    text_write(world->arena, world->folder, "tool-password", "tool's\n");
    const char *text =
        arena_format(world->arena,
                     "[database]\nuser = worker\npassword = worker's\npassword_file = %s/absent\n"
                     "[tool]\ndatabase_user = tool\ndatabase_password_file = %s/tool-password\n",
                     world->folder, world->folder);
    struct config *config = load_as(world, CONFIG_TOOL, text);
    assert_non_null(config);
    assert_string_equal(config->database_user, "tool");
    assert_string_equal(config->database_password, "tool's");
    config_free(config);
    /* The worker's own password file counts for the worker alone. */
    check_refused(world, text, "absent");
}

static void the_tool_never_uses_the_workers_password(void **state)
{
    struct config *config =
        load_as(*state, CONFIG_TOOL, "[database]\npassword = worker's\n[tool]\ndatabase_user = tool\n");
    assert_non_null(config);
    assert_string_equal(config->database_user, "tool");
    assert_string_equal(config->database_password, "");
    config_free(config);
}

/* For `palate grants`, run by whoever may read the file but no secret. */
static void the_file_alone_needs_no_other(void **state)
{
    struct world *world = *state;
    const char *text = arena_format(world->arena,
                                    "[database]\nuser = worker\npassword_file = %s/absent\n"
                                    "[tool]\ndatabase_user = tool\ndatabase_password_file = %s/absent\n",
                                    world->folder, world->folder);
    unlink(world->secret);
    struct config *config = load_as(world, CONFIG_FILE_ALONE, text);
    assert_non_null(config);
    assert_string_equal(config->database_user, "worker");
    assert_string_equal(config->tool_database_user, "tool");
    config_free(config);
    assert_null(load_as(world, CONFIG_FILE_ALONE, "no_such_setting = 1\n"));
}

static void the_worker_needs_no_file_of_the_tool(void **state)
{
    struct world *world = *state;
    struct config *config = load_good(world, arena_format(world->arena,
                                                          "private_key_file = %s/absent\n"
                                                          "[tool]\ndatabase_password_file = %s/absent\n",
                                                          world->folder, world->folder));
    assert_string_equal(config->database_user, "palate_worker");
    config_free(config);
}

static void one_newline_behind_a_secret_is_ignored(void **state)
{
    static const struct {
        const char *bytes;
        size_t length, key_length;
    } cases[] = {{SECRET, 32, 32}, {SECRET "\n", 33, 32}, {SECRET "\n\n", 34, 33}, {"a\0b\n", 4, 3},
                 {"", 0, 0},       {"\n", 1, 0}};
    struct world *world = *state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        file_write(world->arena, world->folder, "secret", cases[i].bytes, cases[i].length);
        struct config *config = load_good(world, "");
        assert_int_equal(config->token_key_length, cases[i].key_length);
        assert_memory_equal(config->token_key, cases[i].bytes, cases[i].key_length);
        config_free(config);
    }
}

static void each_algorithm_needs_its_own_file(void **state)
{
    struct world *world = *state;
    const char *key = text_write(world->arena, world->folder, "key", "PEM\n");
    static const enum token_algorithm algorithms[] = {TOKEN_RS256, TOKEN_ES256};
    for (size_t i = 0; i < COUNT(algorithms); i++) {
        const char *name = token_algorithm_name(algorithms[i]);
        check_refused(world, arena_format(world->arena, "algorithm = %s\n", name),
                      "public_key_file is needed for");
        struct config *config =
            load_good(world, arena_format(world->arena, "algorithm = %s\npublic_key_file = %s\n", name, key));
        assert_int_equal(config->token_algorithm, algorithms[i]);
        assert_int_equal(config->token_key_length, 4); /* a PEM keeps its newline */
        config_free(config);
    }
    check_refused(world, "secret_file =\n", "[token] secret_file is needed for HS256");
}

static void other_algorithms_are_refused(void **state)
{
    static const char *const names[] = {"none", "hs256", "HS384", "HS512", "RS512", "", "HS256 x", "PS256"};
    struct world *world = *state;
    for (size_t i = 0; i < COUNT(names); i++)
        check_refused(world, arena_format(world->arena, "algorithm = %s\n", names[i]),
                      "algorithm must be HS256, RS256 or ES256");
}

static void base_path_and_kind_are_checked(void **state)
{
    check_refused(*state, "[http]\nbase_path = shop\n", "base_path must begin with /");
    check_refused(*state, "[http]\nbase_path = /shop/\n", "base_path must begin with /");
    check_refused(*state, "[http]\nbase_path = /\n", "base_path must begin with /");
    check_refused(*state, "[database]\nhost = a,,b\n", "[database] host must be one, or up to 8");
    check_refused(*state, "[database]\nhost = 1,2,3,4,5,6,7,8,9\n",
                  "[database] host must be one, or up to 8");
    config_free(load_good(*state, "[database]\nhost = db1, db2,10.0.0.3\n"));
    check_refused(*state, "[recommender]\nkind = other\n", "kind must be embedded or remote, not \"other\"");
    check_refused(*state, "[ids]\njson = number\n", "[ids] json must be string or integer");
    check_refused(*state, "[items]\non_conflict = replace\n", "[items] on_conflict must be error or update");
}

static void words_are_checked_in_their_line(void **state)
{
    static const char *const cases[][3] = {
        {"recommender", "kind", "embedded or remote"},         {"remote", "protocol", "palate or gorse"},
        {"remote", "fill", "embedded, trending or none"},      {"remote", "allow_redirects", "no or yes"},
        {"remote", "on_failure", "error or embedded"},         {"remote", "shadow", "none or remote"},
        {"worker", "sandbox", "off, best-effort or required"}, {"events", "unknown_type", "reject or accept"},
        {"events", "unknown_item", "reject or accept"},
    };
    struct world *world = *state;
    for (size_t i = 0; i < COUNT(cases); i++)
        check_refused(world, arena_format(world->arena, "[%s]\n%s = wrong\n", cases[i][0], cases[i][1]),
                      arena_format(world->arena, "line 4: [%s] %s must be %s, not \"wrong\"", cases[i][0],
                                   cases[i][1], cases[i][2]));
    check_refused(world, "[worker]\nsandbox =\n", "not \"\"");
    check_refused(world, "[worker]\nsandbox = Off\n", "not \"Off\"");
}

static void words_choose(void **state)
{
    struct config *config =
        load_good(*state, "[ids]\njson = integer\n[items]\non_conflict = update\n"
                          "[worker]\nsandbox = required\n"
                          "[events]\nunknown_type = accept\nunknown_item = accept\n"
                          "[remote]\non_failure = embedded\nfill = none\nfill = trending\n");
    assert_true(config->ids_are_integers && config->items_conflict_update && config->events_accept_types &&
                config->events_accept_items && config->remote_may_fail);
    assert_int_equal(config->worker_sandbox, SANDBOX_REQUIRED);
    assert_int_equal(config->remote_fill, REMOTE_FILL_TRENDING);
    config_free(config);
    config = load_good(*state, "[worker]\nsandbox = off\n");
    assert_int_equal(config->worker_sandbox, SANDBOX_OFF);
    config_free(config);
}

static void a_remote_recommender_needs_an_address_and_a_state_file(void **state)
{
    struct world *world = *state;
    static const char *const rules[][2] = {
        {"shadow = remote\n", "[remote] url is needed"},
        {"shadow = remote\n[recommender]\nkind = remote\n", "[remote] url is needed"},
        {"url = https://h/x?y\n", "without user, query and fragment"},
        {"url = http://127.0.0.1:8087\n", "http_hosts"},
        {"url = http://127.0.0.1:8087\nhttp_hosts = 127.0.0.1\n", "state_file is needed"},
        {"url = https://h\nstate_file = relative\n", "absolute path"},
    };
    for (size_t i = 0; i < COUNT(rules); i++)
        check_refused(world, arena_format(world->arena, "[remote]\n%s", rules[i][0]), rules[i][1]);
    check_refused(
        world, arena_format(world->arena, "[remote]\nurl = https://h/%s\n", repeat(world->arena, 'x', 172)),
        "[remote] url must be");
    struct config *config =
        load_good(world, "[remote]\nurl = http://127.0.0.1:8087\nhttp_hosts = 127.0.0.1\n"
                         "state_file = /run/palate/remote.state\nshadow = remote\nprotocol = gorse\n"
                         "allow_redirects = yes\nfill = trending\n[recommender]\nkind = remote\n");
    assert_true(config->recommender_is_remote && config->remote_in_shadow &&
                config->remote_follows_redirects);
    assert_int_equal(config->remote_protocol, REMOTE_GORSE);
    assert_int_equal(config->remote_fill, REMOTE_FILL_TRENDING);
    config_free(config);
}

static void origins_are_checked(void **state)
{
    struct config *config =
        load_good(*state, "[http]\nallow_origin = https://shop.example, http://localhost:3000\n");
    assert_string_equal(config->http_allow_origin, "https://shop.example, http://localhost:3000");
    config_free(config);
    check_refused(*state, "[http]\nallow_origin = https://shop.example, https://shop.example/\n",
                  "[http] allow_origin must be *, or origins separated by commas");
    check_refused(*state, "[http]\nallow_origin = https://shop.example, https://shop.example/\n",
                  "not \"https://shop.example/\"");
}

static void no_problem_holds_a_secret(void **state)
{
    struct world *world = *state;
    check_refused(world, "[database]\npassword = hunter2\n[nonsense]\na = b\n", "unknown setting");
    assert_null(strstr(world->problem, "hunter2"));
    assert_null(strstr(world->problem, SECRET));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CONFIG_TEST(what_is_not_set_has_its_preset),
        CONFIG_TEST(settings_replace_presets),
        CONFIG_TEST(unknown_names_stop_with_their_line),
        CONFIG_TEST(other_lines_stop_with_their_number),
        CONFIG_TEST(a_setting_before_any_section_is_unknown),
        CONFIG_TEST(numbers_have_bounds),
        CONFIG_TEST(long_values_are_whole_or_refused),
        CONFIG_TEST(a_line_cut_in_two_is_no_setting_of_its_own),
        CONFIG_TEST(continued_lines_do_not_replace_a_value),
        CONFIG_TEST(the_metrics_token_is_there_as_a_hash_alone),
        CONFIG_TEST(files_that_cannot_be_read),
        CONFIG_TEST(a_file_that_is_no_text_is_refused),
        CONFIG_TEST(the_first_line_of_a_password_file_is_the_password),
        CONFIG_TEST(the_tool_has_its_own_user),
        CONFIG_TEST(the_tool_never_uses_the_workers_password),
        CONFIG_TEST(the_file_alone_needs_no_other),
        CONFIG_TEST(the_worker_needs_no_file_of_the_tool),
        CONFIG_TEST(one_newline_behind_a_secret_is_ignored),
        CONFIG_TEST(each_algorithm_needs_its_own_file),
        CONFIG_TEST(other_algorithms_are_refused),
        CONFIG_TEST(base_path_and_kind_are_checked),
        CONFIG_TEST(words_are_checked_in_their_line),
        CONFIG_TEST(words_choose),
        CONFIG_TEST(a_remote_recommender_needs_an_address_and_a_state_file),
        CONFIG_TEST(origins_are_checked),
        CONFIG_TEST(no_problem_holds_a_secret),
    };
    return cmocka_run_group_tests_name("base/config", tests, NULL, NULL);
}
