#include "fixture.h"

#include <dirent.h>
#include <errno.h>
#include <sys/stat.h>

static struct model *model_of_events(struct arena *arena, const struct event *events, size_t count)
{
    struct engine_item items[] = {PLAIN(arena, "a", "a"), PLAIN(arena, "b", "b"), PLAIN(arena, "c", "c"),
                                  PLAIN(arena, "d", "d"), PLAIN(arena, "e", "e")};
    return train_model(items, COUNT(items), events, count);
}

static float weight_between(const struct model *model, uint32_t from, uint32_t to)
{
    struct model_row row = model_item_row(model, from);
    for (size_t i = 0; i < row.count; i++)
        if (row.targets[i] == to)
            return row.weights[i];
    return 0;
}

static void popularity_is_counted(void **state)
{
    (void)state;
    struct arena *arena = arena_create();
    const struct event events[] = {{"u", "a", 2, 0}, {"v", "a", 1, 15}, {"u", "b", 4, 30}};
    struct model *model = model_of_events(arena, events, COUNT(events));
    assert_true(model_item_popularity(model, 0) == 3);
    assert_true(fabs((double)model_item_recent(model, 0) - 2.5) < 1e-6); /* half-life 15 days */
    assert_true(fabs((double)model_item_recent(model, 1) - 1) < 1e-6);
    assert_true(model_item_popularity(model, 2) == 0);
    assert_int_equal(model_item_events(model, 0), 2);
    assert_int_equal(model_item_first_event(model, 0), fixture_now - 15 * DAY);
    assert_int_equal(model_item_first_event(model, 2), INT64_MAX);
    model_close(model);
    arena_destroy(arena);
}

static void an_old_data_set_has_a_trend(void **state)
{
    (void)state;
    struct arena *arena = arena_create();
    const struct event events[] = {{"u", "a", 1, 4000}, {"v", "b", 1, 4015}};
    struct model *model = model_of_events(arena, events, COUNT(events));
    assert_true(model_item_recent(model, 0) == 1);
    assert_true(fabs((double)model_item_recent(model, 1) - 0.5) < 1e-6);
    model_close(model);
    arena_destroy(arena);
}

static void later_events_count_as_of_now(void **state)
{
    (void)state;
    struct arena *arena = arena_create();
    const struct event events[] = {{"u", "a", 1, -10000}, {"v", "b", 1, 0}};
    struct model *model = model_of_events(arena, events, COUNT(events));
    assert_true(model_item_recent(model, 0) == 1);
    assert_true(model_item_recent(model, 1) == 1);
    model_close(model);
    arena_destroy(arena);
}

/* All at one time, so that the figures can be computed by hand. */
static void similarity_is_the_shrunk_cosine(void **state)
{
    (void)state;
    struct arena *arena = arena_create();
    const struct event events[] = {{"u", "a", 1, 0}, {"u", "b", 1, 0}, {"v", "a", 1, 0},
                                   {"v", "b", 1, 0}, {"w", "a", 1, 0}, {"w", "c", 1, 0}};
    struct model *model = model_of_events(arena, events, COUNT(events));
    /* Each user has two items, so the degrees cancel: 2 / sqrt(3 x 2), times 2 / (2 + 2). */
    assert_true(fabs((double)weight_between(model, 0, 1) - 2 / sqrt(6) / 2) < 1e-6);
    assert_true(weight_between(model, 0, 1) == weight_between(model, 1, 0));
    assert_true(weight_between(model, 0, 2) == 0); /* one common user is too few */
    assert_true(weight_between(model, 0, 0) == 0);
    model_close(model);
    arena_destroy(arena);
}

static void old_and_busy_users_count_less(void **state)
{
    (void)state;
    struct arena *arena = arena_create();
    const struct event old[] = {{"u", "a", 1, 0},   {"u", "b", 1, 0},   {"v", "a", 1, 0},
                                {"v", "b", 1, 0},   {"x", "a", 1, 500}, {"x", "c", 1, 500},
                                {"y", "a", 1, 500}, {"y", "c", 1, 500}, {"x", "e", 1, 500},
                                {"z", "c", 1, 0},   {"z", "b", 1, 0}};
    struct model *model = model_of_events(arena, old, COUNT(old));
    assert_true(weight_between(model, 0, 1) > 5 * weight_between(model, 0, 2));
    assert_true(weight_between(model, 0, 2) > 0);
    model_close(model);
    const struct event busy[] = {{"u", "a", 1, 0}, {"u", "b", 1, 0}, {"v", "a", 1, 0}, {"v", "b", 1, 0},
                                 {"x", "a", 1, 0}, {"x", "c", 1, 0}, {"x", "d", 1, 0}, {"x", "e", 1, 0},
                                 {"y", "a", 1, 0}, {"y", "c", 1, 0}, {"y", "d", 1, 0}, {"y", "e", 1, 0}};
    model = model_of_events(arena, busy, COUNT(busy));
    assert_true(weight_between(model, 0, 1) > weight_between(model, 0, 2));
    model_close(model);
    arena_destroy(arena);
}

static void rows_are_sorted_and_bounded(void **state)
{
    (void)state;
    enum { ITEMS = 300, USERS = 40 };
    struct arena *arena = arena_create();
    struct engine_item *items = arena_alloc(arena, ITEMS, sizeof(*items));
    struct event *events = arena_alloc(arena, (size_t)ITEMS * USERS, sizeof(*events));
    size_t count = 0;
    for (int i = 0; i < ITEMS; i++)
        items[i] = PLAIN(arena, arena_format(arena, "i%03d", i), "");
    for (int user = 0; user < USERS; user++)
        for (int i = 0; i < ITEMS; i++)
            if (user < 5 || (i * 7 + user * 3) % 5 < 3)
                events[count++] = (struct event){arena_format(arena, "u%d", user), items[i].id, 1, user};
    struct model *model = train_model(items, ITEMS, events, count);
    for (uint32_t i = 0; i < ITEMS; i++) {
        struct model_row row = model_item_row(model, i);
        assert_int_equal(row.count, 200);
        for (size_t k = 0; k < row.count; k++) {
            assert_true(row.targets[k] < ITEMS && row.targets[k] != i);
            assert_true(row.weights[k] > 0 && row.weights[k] <= 1);
            assert_true(k == 0 || row.weights[k] < row.weights[k - 1] ||
                        (row.weights[k] == row.weights[k - 1] && row.targets[k] > row.targets[k - 1]));
        }
    }
    model_close(model);
    arena_destroy(arena);
}

/* Two users with 600 items: the 500 newest count, so the 100 oldest have no neighbours. */
static void a_busy_user_counts_with_the_newest(void **state)
{
    (void)state;
    enum { ITEMS = 600 };
    struct arena *arena = arena_create();
    struct engine_item *items = arena_alloc(arena, ITEMS, sizeof(*items));
    struct event *events = arena_alloc(arena, ITEMS * 2, sizeof(*events));
    for (int i = 0; i < ITEMS; i++) {
        items[i] = PLAIN(arena, arena_format(arena, "i%03d", i), "");
        events[i * 2] = (struct event){"u", items[i].id, 1, i};
        events[i * 2 + 1] = (struct event){"v", items[i].id, 1, i};
    }
    struct model *model = train_model(items, ITEMS, events, ITEMS * 2);
    assert_int_equal(model_item_row(model, 0).count, 200);
    assert_int_equal(model_item_row(model, 499).count, 200);
    assert_int_equal(model_item_row(model, 500).count, 0);
    assert_int_equal(model_item_events(model, 599), 2);
    model_close(model);
    arena_destroy(arena);
}

static void what_does_not_count_is_counted(void **state)
{
    (void)state;
    struct arena *arena = arena_create();
    struct engine_item items[] = {PLAIN(arena, "a", "first"), PLAIN(arena, "a", "second"),
                                  ITEM(arena, "b", "b", "p=1", "q=2")};
    struct engine_item hidden = PLAIN(arena, "h", "hidden");
    struct trainer_options options = {.now = fixture_now};
    struct trainer *trainer = trainer_create(&options);
    hidden.active = false;
    for (size_t i = 0; i < COUNT(items); i++)
        trainer_add_item(trainer, &items[i]);
    trainer_add_item(trainer, &hidden);
    trainer_add_event(trainer, "u", "a", 1, fixture_now);
    trainer_add_event(trainer, "u", "b", 1, fixture_now);
    trainer_add_event(trainer, "v", "a", 1, fixture_now);
    trainer_add_event(trainer, "v", "b", 1, fixture_now);
    trainer_add_event(trainer, "w", "h", 1, fixture_now);
    trainer_add_event(trainer, "w", "unknown", 1, fixture_now);
    trainer_add_event(trainer, "w", "a", 0, fixture_now);
    trainer_add_event(trainer, "w", "a", -1, fixture_now);
    trainer_add_event(trainer, "w", "a", NAN, fixture_now);
    trainer_add_event(trainer, "w", "a", INFINITY, fixture_now);
    trainer_build(trainer, NULL, NULL);
    struct trainer_statistics statistics = trainer_statistics(trainer);
    assert_int_equal(statistics.items, 2);
    assert_int_equal(statistics.users, 2);
    assert_int_equal(statistics.events, 4);
    assert_int_equal(statistics.ignored_events, 6);
    assert_int_equal(statistics.pairs, 2);
    assert_int_equal(statistics.columns, 2);
    assert_int_equal(statistics.bytes, 0);
    trainer_destroy(trainer);
    trainer_destroy(NULL);
    arena_destroy(arena);
}

static void count_progress(void *context, const char *stage, uint64_t done, uint64_t total)
{
    uint64_t *last = context;
    assert_non_null(stage);
    assert_true(done <= total);
    *last = total - done + 1;
}

static void progress_ends_at_the_total(void **state)
{
    (void)state;
    uint64_t last = 0;
    struct trainer_options options = {.now = fixture_now};
    struct trainer *trainer = trainer_create(&options);
    trainer_add_item(trainer, &(struct engine_item){.id = "a", .active = true});
    trainer_build(trainer, count_progress, &last);
    assert_int_equal(last, 1);
    trainer_destroy(trainer);
}

/* ---- the file */

static size_t entries_in(const char *folder)
{
    size_t count = 0;
    DIR *directory = opendir(folder);
    assert_non_null(directory);
    for (struct dirent *entry; (entry = readdir(directory));)
        count += entry->d_name[0] != '.';
    closedir(directory);
    return count;
}

static char *contents(struct arena *arena, const char *path, size_t *size)
{
    struct stat status;
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    assert_int_equal(fstat(fileno(file), &status), 0);
    assert_int_equal(status.st_mode & 07777, 0644);
    *size = (size_t)status.st_size;
    char *bytes = arena_alloc(arena, *size, 1);
    assert_int_equal(fread(bytes, 1, *size, file), *size);
    fclose(file);
    return bytes;
}

static void the_same_input_gives_the_same_file(void **state)
{
    (void)state;
    struct arena *arena = arena_create();
    char *folder = folder_create(), *path = folder_path(arena, folder, "model"), *bytes[2];
    size_t sizes[2];
    struct engine_item items[] = {ITEM(arena, "b", "red mug", "tags=x", "tags=y"), PLAIN(arena, "a", "lamp")};
    const struct event events[] = {{"u", "a", 1, 3}, {"u", "b", 2, 5}, {"v", "a", 1, 0}, {"v", "b", 1, 9}};
    for (int round = 0; round < 2; round++) {
        struct trainer *trainer = train(items, COUNT(items), events, COUNT(events));
        assert_int_equal(trainer_write(trainer, path), 0); /* the second time over the first */
        bytes[round] = contents(arena, path, &sizes[round]);
        assert_int_equal(trainer_statistics(trainer).bytes, sizes[round]);
        trainer_destroy(trainer);
    }
    assert_int_equal(sizes[0], sizes[1]);
    assert_memory_equal(bytes[0], bytes[1], sizes[0]);
    assert_int_equal(entries_in(folder), 1);
    unlink(path);
    folder_remove(folder);
    arena_destroy(arena);
}

static void a_failure_leaves_nothing_behind(void **state)
{
    (void)state;
    struct arena *arena = arena_create();
    char *folder = folder_create(), *path = folder_path(arena, folder, "model");
    struct engine_item items[] = {PLAIN(arena, "a", "a")};
    struct trainer *trainer = train(items, 1, NULL, 0);
    assert_int_equal(trainer_write(trainer, folder_path(arena, folder, "no/such/model")), ENOENT);
    assert_int_equal(mkdir(path, 0755), 0); /* rename() cannot replace a folder by a file */
    assert_int_equal(trainer_write(trainer, path), EISDIR);
    assert_int_equal(entries_in(folder), 1);
    rmdir(path);
    assert_int_equal(entries_in(folder), 0);
    trainer_destroy(trainer);
    struct trainer_options options = {.now = 1};
    trainer = trainer_create(&options);
    assert_int_equal(trainer_write(trainer, path), EINVAL); /* not built */
    assert_int_equal(entries_in(folder), 0);
    trainer_destroy(trainer);
    folder_remove(folder);
    arena_destroy(arena);
}

static void columns_keep_values_and_their_order(void **state)
{
    (void)state;
    struct arena *arena = arena_create();
    struct engine_item items[] = {
        ITEM(arena, "a", "a", "t=z", "n=1", "t=y", "t=z"),
        PLAIN(arena, "b", "b"),
        ITEM(arena, "c", "c", "t=y", "n=1.0"),
    };
    struct model *model = train_model(items, COUNT(items), NULL, 0);
    uint32_t t, n;
    assert_true(model_find_column(model, "t", &t));
    assert_true(model_find_column(model, "n", &n));
    assert_int_equal(model_column_value_count(model, t), 2);
    assert_int_equal(model_column_value_count(model, n), 2); /* equal numbers, but texts of their own */
    struct model_codes codes = model_item_codes(model, t, 0);
    assert_int_equal(codes.count, 3);
    assert_string_equal(model_column_text(model, t, codes.codes[0]), "z");
    assert_string_equal(model_column_text(model, t, codes.codes[1]), "y");
    assert_true(isnan(model_column_number(model, t, codes.codes[1])));
    assert_int_equal(codes.codes[0], codes.codes[2]);
    codes = model_item_codes(model, n, 2);
    assert_int_equal(codes.count, 1);
    assert_string_equal(model_column_text(model, n, codes.codes[0]), "1.0");
    assert_true(model_column_number(model, n, codes.codes[0]) == 1);
    model_close(model);
    arena_destroy(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(popularity_is_counted),
        cmocka_unit_test(an_old_data_set_has_a_trend),
        cmocka_unit_test(later_events_count_as_of_now),
        cmocka_unit_test(similarity_is_the_shrunk_cosine),
        cmocka_unit_test(old_and_busy_users_count_less),
        cmocka_unit_test(rows_are_sorted_and_bounded),
        cmocka_unit_test(a_busy_user_counts_with_the_newest),
        cmocka_unit_test(what_does_not_count_is_counted),
        cmocka_unit_test(progress_ends_at_the_total),
        cmocka_unit_test(the_same_input_gives_the_same_file),
        cmocka_unit_test(a_failure_leaves_nothing_behind),
        cmocka_unit_test(columns_keep_values_and_their_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
