#include "../engine/fixture.h"

#include "engine/model_format.h"

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
    uint32_t target = 0;
    for (size_t i = 1; i <= row.count; i++) {
        target = model_row_target(&row, i, target);
        if (target == to)
            return (float)model_row_number(&row, i) * model_row_scale(&row);
    }
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

static void popularity_counts_people(void **state)
{
    (void)state;
    struct arena *arena = arena_create();
    enum { VIEWS = 40 };
    struct event events[VIEWS + 3] = {{"u", "a", 1, 0}, {"v", "a", 1, 0}, {"w", "a", 0.125F, 0}};
    for (size_t i = 0; i < VIEWS; i++)
        events[3 + i] = (struct event){"robot", "b", 0.125F, 0}; /* five purchases' worth, by one */
    struct model *model = model_of_events(arena, events, COUNT(events));
    assert_true(fabs((double)model_item_popularity(model, 0) - 2.125) < 1e-6);
    assert_true(fabs((double)model_item_popularity(model, 1) - 1) < 1e-6);
    assert_true(fabs((double)model_item_recent(model, 1) - 1) < 1e-6);
    model_close(model);
    arena_destroy(arena);
}

static void what_was_taken_back_does_not_count(void **state)
{
    (void)state;
    struct arena *arena = arena_create();
    const struct event events[] = {{"u", "a", 1, 0},  {"u", "a", -1, 0}, {"v", "a", 1, 0},
                                   {"v", "a", 1, 0},  {"v", "a", -1, 0}, {"w", "b", 1, 0},
                                   {"w", "a", -1, 0}, {"x", "c", -1, 0}, {"u", "b", 1, 0}};
    struct model *model = model_of_events(arena, events, COUNT(events));
    assert_int_equal(model_item_events(model, 0), 2); /* of v, who kept one; they count as one */
    assert_true(model_item_popularity(model, 0) == 1);
    assert_true(model_item_popularity(model, 1) == 2);
    assert_true(model_item_popularity(model, 2) == 0);
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

/* All at one time and too few to choose anything, so that the figures can be computed by hand: the users' two
 * items count with 2^-0.8 each; a has three users, b two, c one. */
static void rows_are_the_scaled_gram_matrix(void **state)
{
    (void)state;
    struct arena *arena = arena_create();
    const struct event events[] = {{"u", "a", 1, 0}, {"u", "b", 1, 0}, {"v", "a", 1, 0},
                                   {"v", "b", 1, 0}, {"w", "a", 1, 0}, {"w", "c", 1, 0}};
    struct model *model = model_of_events(arena, events, COUNT(events));
    double from_a = (double)weight_between(model, 0, 1) / (double)weight_between(model, 0, 2);
    double to_a = (double)weight_between(model, 1, 0) / (double)weight_between(model, 2, 0);
    assert_true(fabs(from_a - 2 * pow(2, -0.3)) < 1e-4); /* targets count with degree^-0.3 */
    assert_true(fabs(to_a - 2 * pow(2, -0.5)) < 1e-4);   /* and sources with degree^-0.5 */
    assert_true(weight_between(model, 1, 2) == 0);
    assert_true(weight_between(model, 0, 0) == 0);
    model_close(model);
    arena_destroy(arena);
}

static void busy_users_count_less(void **state)
{
    (void)state;
    struct arena *arena = arena_create();
    const struct event busy[] = {{"u", "a", 1, 0}, {"u", "b", 1, 0}, {"v", "a", 1, 0}, {"v", "b", 1, 0},
                                 {"x", "a", 1, 0}, {"x", "c", 1, 0}, {"x", "d", 1, 0}, {"x", "e", 1, 0},
                                 {"y", "a", 1, 0}, {"y", "c", 1, 0}, {"y", "d", 1, 0}, {"y", "e", 1, 0}};
    struct model *model = model_of_events(arena, busy, COUNT(busy));
    assert_true(weight_between(model, 0, 1) > weight_between(model, 0, 2));
    model_close(model);
    arena_destroy(arena);
}

static void rows_are_sorted_and_bounded(void **state)
{
    (void)state;
    enum { ITEMS = 500, USERS = 40 };
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
        assert_in_range(row.count, 399, 400); /* a weight may round to 0 */
        uint32_t target = 0;
        int32_t greatest = 0;
        for (size_t k = 1; k <= row.count; k++) {
            uint32_t before = target;
            target = model_row_target(&row, k, target);
            assert_true(target < ITEMS && target != i && (k == 1 || target > before));
            assert_int_not_equal(model_row_number(&row, k), 0);
            greatest = abs(model_row_number(&row, k)) > greatest ? abs(model_row_number(&row, k)) : greatest;
        }
        assert_int_equal(greatest, MODEL_ROW_NUMBER_MAX);
        assert_true(isfinite(model_row_scale(&row)) && model_row_scale(&row) > 0);
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
    assert_int_equal(model_item_row(model, 0).count, 400);
    assert_int_equal(model_item_row(model, 499).count, 400);
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

/* ---- the choice */

enum { WORLD_TRIPLES = 20, WORLD_ITEMS = 3 * WORLD_TRIPLES, WORLD_USERS = 300, WORLD_PARTS = 4 };

/* Everybody takes the items of a triple one after the other: z, y, x, and then goes on with another triple.
 * Half of the users stop before the last x. */
static struct model *model_of_triples(struct arena *arena, unsigned threads, char **evidence)
{
    struct trainer_options options = {.now = fixture_now, .threads = threads, .seed = 1};
    struct trainer *trainer = trainer_create(&options);
    char *folder = folder_create(), *path = folder_path(arena, folder, "model");
    struct model *model;
    for (int i = 0; i < WORLD_ITEMS; i++)
        trainer_add_item(
            trainer,
            &(struct engine_item){.id = arena_format(arena, "%02d%c", i / 3, "zyx"[i % 3]), .active = true});
    for (int user = 0; user < WORLD_USERS; user++)
        for (int step = 0; step < 3 * WORLD_PARTS - user % 2; step++)
            trainer_add_event(trainer, arena_format(arena, "u%d", user),
                              arena_format(arena, "%02d%c",
                                           (user / 3 + step / 3 * (1 + user % 7)) % WORLD_TRIPLES,
                                           "zyx"[step % 3]),
                              1, fixture_now - (3 * WORLD_PARTS - step) * (DAY / 2));
    trainer_build(trainer, NULL, NULL);
    *evidence = arena_copy_text(arena, trainer_evidence(trainer));
    assert_int_equal(trainer_write(trainer, path), 0);
    assert_int_equal(model_open(path, &model), MODEL_OK);
    trainer_destroy(trainer);
    unlink(path);
    folder_remove(folder);
    return model;
}

static void what_comes_next_is_learned(void **state)
{
    (void)state;
    struct arena *arena = arena_create();
    char *evidence;
    struct model *model = model_of_triples(arena, 1, &evidence);
    struct catalogue *catalogue = catalogue_create(model, NULL);
    struct engine_history_entry history[4];
    struct engine_result result;
    size_t length;
    assert_non_null(strstr(evidence, "held out: last item of half of the users"));
    const char *kept = model_evidence(model, &length);
    assert_int_equal(length, strlen(evidence));
    assert_memory_equal(kept, evidence, length);
    assert_true(model_settings(model)->history_half_life > 0); /* the newest triple counts */
    static const char *const newest_first[] = {"07z", "03x", "03y", "03z"};
    uint32_t exclude[4];
    for (uint32_t i = 0; i < 4; i++) {
        exclude[i] = index_of(catalogue, newest_first[i]);
        history[i] = (struct engine_history_entry){.item = exclude[i], .weight = 1};
    }
    struct engine_query query = {.catalogue = catalogue,
                                 .history = history,
                                 .history_count = 4,
                                 .newest_first = true,
                                 .exclude = exclude,
                                 .exclude_count = 4,
                                 .limit = 1};
    assert_int_equal(engine_recommend(&query, arena, &result), 1);
    assert_string_equal(catalogue_id(catalogue, result.item), "07y");
    catalogue_destroy(catalogue);
    model_close(model);
    arena_destroy(arena);
}

/* Histories of two items: whoever loses one has no pair left to learn from, and texts that speak for others
 * must not win by that. */
static void short_histories_still_teach_behaviour(void **state)
{
    (void)state;
    enum { PAIRS = 8, USERS = 20 };
    struct arena *arena = arena_create();
    struct engine_item items[2 * PAIRS];
    struct event events[2 * PAIRS * USERS];
    for (int i = 0; i < 2 * PAIRS; i++)
        items[i] = PLAIN(arena, arena_format(arena, "%02d", i), i % 2 ? "red mug" : "blue lamp");
    for (int i = 0; i < PAIRS * USERS; i++) {
        const char *user = arena_format(arena, "u%d", i);
        events[2 * i] = (struct event){user, items[2 * (i % PAIRS)].id, 1, i / PAIRS + 1};
        events[2 * i + 1] = (struct event){user, items[2 * (i % PAIRS) + 1].id, 1, i / PAIRS};
    }
    struct model *model = train_model(items, COUNT(items), events, COUNT(events));
    struct catalogue *catalogue = catalogue_create(model, NULL);
    for (uint32_t i = 0; i < COUNT(items); i++) {
        struct engine_history_entry history = {.item = i, .weight = 1};
        struct engine_query query = {.catalogue = catalogue,
                                     .history = &history,
                                     .history_count = 1,
                                     .newest_first = true,
                                     .exclude = &i,
                                     .exclude_count = 1,
                                     .limit = 1};
        struct engine_result result;
        assert_int_equal(engine_recommend(&query, arena, &result), 1);
        assert_int_equal(result.item, i ^ 1);
    }
    catalogue_destroy(catalogue);
    model_close(model);
    arena_destroy(arena);
}

static void threads_do_not_change_the_model(void **state)
{
    (void)state;
    struct arena *arena = arena_create();
    char *evidence[2];
    struct model *one = model_of_triples(arena, 1, &evidence[0]);
    struct model *four = model_of_triples(arena, 4, &evidence[1]);
    assert_string_equal(evidence[0], evidence[1]);
    assert_int_equal(model_bytes(one), model_bytes(four));
    for (uint32_t i = 0; i < WORLD_ITEMS; i++) {
        struct model_row left = model_item_row(one, i), right = model_item_row(four, i);
        assert_int_equal(left.count, right.count);
        if (left.count)
            assert_memory_equal(left.words, right.words, (left.count + 1) * sizeof(uint32_t));
    }
    model_close(one);
    model_close(four);
    arena_destroy(arena);
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
        cmocka_unit_test(popularity_counts_people),
        cmocka_unit_test(what_was_taken_back_does_not_count),
        cmocka_unit_test(an_old_data_set_has_a_trend),
        cmocka_unit_test(later_events_count_as_of_now),
        cmocka_unit_test(rows_are_the_scaled_gram_matrix),
        cmocka_unit_test(busy_users_count_less),
        cmocka_unit_test(rows_are_sorted_and_bounded),
        cmocka_unit_test(a_busy_user_counts_with_the_newest),
        cmocka_unit_test(what_does_not_count_is_counted),
        cmocka_unit_test(progress_ends_at_the_total),
        cmocka_unit_test(what_comes_next_is_learned),
        cmocka_unit_test(short_histories_still_teach_behaviour),
        cmocka_unit_test(threads_do_not_change_the_model),
        cmocka_unit_test(the_same_input_gives_the_same_file),
        cmocka_unit_test(a_failure_leaves_nothing_behind),
        cmocka_unit_test(columns_keep_values_and_their_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
