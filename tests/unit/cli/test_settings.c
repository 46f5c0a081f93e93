/* The two forms of the list of settings. */
#include "../base/fixture.h"

#include "base/config.h"
#include "cli/settings.h"

/* What it writes; to be freed. */
static char *written(void (*write_form)(FILE *out), size_t *size)
{
    char *text = NULL;
    FILE *out = open_memstream(&text, size);
    assert_non_null(out);
    write_form(out);
    assert_int_equal(fclose(out), 0);
    return text;
}

/* What settings_write_file() writes is itself a configuration, once the marks are removed. */
static void the_description_lists_every_setting(void **state)
{
    struct arena *arena = arena_create();
    const char *folder = folder_create(arena);
    char problem[1000] = "";
    size_t size = 0;
    (void)state;
    char *text = written(settings_write_file, &size);
    static const char *const names[] = {"[database]",   "socket",    "password_file",  "[token]",
                                        "leeway",       "[model]",   "directory",      "[log]",
                                        "[tool]",       "base_path", "[http]",         "kind",
                                        "(1 to 65535)", "audience",  "public_key_file"};
    for (size_t i = 0; i < COUNT(names); i++) {
        if (!strstr(text, names[i]))
            fail_msg("%s is not described", names[i]);
    }
    size_t lines = 0;
    char *bare = arena_alloc(arena, size + 1, 1);
    for (char *from = text, *to = bare; *from; from++) {
        lines += *from == '\n';
        if (*from != ';' || from[-1] != '\n')
            *to++ = *from;
    }
    assert_true(lines > 60);
    /* All presets at once are wrong in one thing only: no secret_file. */
    const char *path = text_write(arena, folder, "conf", bare);
    assert_null(config_load(path, CONFIG_WORKER, problem, sizeof(problem)));
    if (!strstr(problem, "secret_file is needed"))
        fail_msg("%s", problem);
    memory_free(text);
    folder_remove(arena, folder, (const char *const[]){"conf"}, 1);
    arena_destroy(arena);
}

static void the_page_lists_every_setting_in_short_lines(void **state)
{
    size_t size = 0, count;
    const struct setting *settings = config_settings(&count);
    char entry[200];
    (void)state;
    char *page = written(settings_write_markdown, &size);
    for (size_t i = 0; i < count; i++) {
        snprintf(entry, sizeof(entry), "\n- **`%s`**", settings[i].name);
        if (!strstr(page, entry))
            fail_msg("%s is not on the page", settings[i].name);
        snprintf(entry, sizeof(entry), "\n## [%s]\n", settings[i].section);
        assert_non_null(strstr(page, entry));
    }
    assert_non_null(
        strstr(page, "- **`port`** = `3306` (1 to 65535): port of MariaDB on that host, or each.\n"));
    assert_non_null(strstr(page, "pages that may read answers: \\* (all)"));
    for (const char *line = page; *line; line += strcspn(line, "\n") + 1) {
        if (strcspn(line, "\n") > 110)
            fail_msg("too long: %.*s", (int)strcspn(line, "\n"), line);
    }
    memory_free(page);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_description_lists_every_setting),
        cmocka_unit_test(the_page_lists_every_setting_in_short_lines),
    };
    return cmocka_run_group_tests_name("cli/settings", tests, NULL, NULL);
}
