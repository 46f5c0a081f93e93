/* A training in very many slices, by a clock that moves only when it is looked at. */
#include "../../engine/fixture.h"

#include "training/slices/state.h"

#include <stdatomic.h>

enum { KEY = 77, USERS = 130, ITEMS = 30 };

static atomic_llong ticks;

static int64_t count_ticks(void)
{
    return atomic_fetch_add(&ticks, 1);
}

static struct trainer *read_inputs(struct arena *arena, unsigned threads)
{
    struct trainer_options options = {.now = fixture_now, .threads = threads, .seed = 1};
    struct trainer *trainer = trainer_create(&options);
    for (int i = 0; i < ITEMS; i++) {
        struct engine_item item =
            ITEM(arena, arena_format(arena, "i%d", i), i % 2 ? "odd thing" : "even thing", "colour=red",
                 i % 3 ? "size=3" : "size=large");
        trainer_add_item(trainer, &item);
    }
    for (int i = 0; i < USERS * 8; i++)
        trainer_add_event(trainer, arena_format(arena, "u%d", i % USERS),
                          arena_format(arena, "i%d", (i * 7 + i / USERS * (i % USERS % 3)) % ITEMS), 1,
                          fixture_now - (int64_t)(i * 37 % 50) * DAY);
    trainer_add_event(trainer, "u1", "unknown", 1, fixture_now);
    return trainer;
}

static char *bytes_of(struct arena *arena, struct trainer *trainer, const char *path, size_t *size)
{
    assert_int_equal(trainer_write(trainer, path), 0);
    *size = trainer_statistics(trainer).bytes;
    char *bytes = arena_alloc(arena, *size, 1);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    assert_int_equal(fread(bytes, 1, *size, file), *size);
    fclose(file);
    unlink(path);
    return bytes;
}

/* One slice of so many ticks; the trainer when it is built. */
static struct trainer *run_slice(struct arena *arena, const char *path, int64_t budget, unsigned threads)
{
    int error = 0;
    struct trainer_options options = {.now = fixture_now + 99, .threads = threads, .seed = 5};
    struct trainer_journal *journal = journal_open(path, &error);
    assert_non_null(journal);
    struct trainer *trainer = trainer_load(journal, KEY, fixture_now - 10, &options);
    if (!trainer) {
        trainer = read_inputs(arena, threads);
        assert_true(trainer_save(trainer, journal, KEY));
    }
    trainer_slice(trainer, journal, count_ticks, atomic_load(&ticks) + budget);
    if (trainer_build(trainer, NULL, NULL)) {
        journal_remove(journal);
        return trainer;
    }
    assert_int_equal(journal_error(journal), 0);
    assert_non_null(trainer_place(trainer).stage);
    trainer_destroy(trainer);
    journal_close(journal);
    return NULL;
}

static void slices_give_the_file_of_one_run(void **state)
{
    (void)state;
    static const int64_t budgets[] = {100, 1000, 4000};
    struct arena *arena = arena_create();
    char *folder = folder_create(), *path = folder_path(arena, folder, "model");
    char *state_path = folder_path(arena, folder, "state");
    size_t size, sliced_size;
    struct trainer *trainer = read_inputs(arena, 2);
    assert_true(trainer_build(trainer, NULL, NULL));
    assert_true(strstr(trainer_evidence(trainer), "blend") != NULL); /* else little would be tested */
    char *bytes = bytes_of(arena, trainer, path, &size);
    trainer_destroy(trainer);
    for (size_t i = 0; i < COUNT(budgets); i++) {
        int slices = 1;
        while (!(trainer = run_slice(arena, state_path, budgets[i], 1 + (unsigned)slices % 3)))
            assert_true(++slices < 5000);
        assert_true(slices > 2);
        assert_int_equal(trainer_statistics(trainer).ignored_events, 1);
        char *sliced = bytes_of(arena, trainer, path, &sliced_size);
        assert_int_equal(sliced_size, size);
        assert_memory_equal(sliced, bytes, size);
        trainer_destroy(trainer);
        assert_int_equal(access(state_path, F_OK), -1);
    }
    folder_remove(folder);
    arena_destroy(arena);
}

static void what_does_not_fit_is_not_loaded(void **state)
{
    (void)state;
    struct arena *arena = arena_create();
    char *folder = folder_create(), *path = folder_path(arena, folder, "state");
    struct trainer_options options = {.now = fixture_now};
    int error = 0;
    struct trainer_journal *journal = journal_open(path, &error);
    assert_non_null(journal);
    assert_null(trainer_load(journal, KEY, 0, &options));
    struct trainer *trainer = read_inputs(arena, 1);
    assert_true(trainer_save(trainer, journal, KEY));
    trainer_destroy(trainer);
    assert_null(trainer_load(journal, KEY + 1, 0, &options));
    assert_null(trainer_load(journal, KEY, fixture_now + 1, &options));
    trainer = trainer_load(journal, KEY, fixture_now, &options);
    assert_non_null(trainer);
    assert_int_equal(trainer_options(trainer)->seed, 1);
    assert_int_equal(trainer_statistics(trainer).events, USERS * 8);
    trainer_destroy(trainer);
    journal_remove(journal);
    folder_remove(folder);
    arena_destroy(arena);
}

static bool stop_at_once(void *context)
{
    (void)context;
    return true;
}

static void a_stop_ends_the_build(void **state)
{
    (void)state;
    struct arena *arena = arena_create();
    struct trainer_options options = {.now = fixture_now, .stop = stop_at_once};
    struct trainer *trainer = trainer_create(&options);
    struct engine_item items[] = {PLAIN(arena, "a", "a"), PLAIN(arena, "b", "b")};
    trainer_add_item(trainer, &items[0]);
    trainer_add_item(trainer, &items[1]);
    trainer_add_event(trainer, "u", "a", 1, fixture_now);
    assert_false(trainer_build(trainer, NULL, NULL));
    assert_int_not_equal(trainer_write(trainer, "/nonexistent/model"), 0);
    trainer_destroy(trainer);
    arena_destroy(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(slices_give_the_file_of_one_run),
        cmocka_unit_test(what_does_not_fit_is_not_loaded),
        cmocka_unit_test(a_stop_ends_the_build),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
