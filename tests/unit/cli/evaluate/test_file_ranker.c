/* Tests of cli/file_ranker: lists of a trained model for users of a set. */
#include "fixture_events.h"

#include "cli/evaluate/file_ranker.h"
#include "training/trainer.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char path[] = "/tmp/palate-file-ranker-XXXXXX";

/* People of one taste take a, b and c, of the other x, y and z; "last" has only a. */
static struct event_set *make(void)
{
    static const char *const tastes[2][3] = {{"a", "b", "c"}, {"x", "y", "z"}};
    struct event_set *set = event_set_create();
    for (int user = 0; user < 40; user++) {
        char id[16];
        snprintf(id, sizeof(id), "u%d", user);
        for (int i = 0; i < (user == 0 ? 2 : 3); i++)
            event_set_add(set, &(struct file_event){.user_id = id,
                                                    .item_id = tastes[user % 2][i],
                                                    .weight = 100,
                                                    .occurred_at = i * day_ms});
    }
    event_set_add(set, &(struct file_event){.user_id = "u0", .item_id = "gone", .weight = 100});
    event_set_finish(set);
    return set;
}

static void train(const struct event_set *set)
{
    struct trainer *trainer = trainer_create(&(struct trainer_options){.now = 100 * 86400, .generation = 1});
    for (const char *ids = "abcxyz"; *ids; ids++) {
        const char id[2] = {*ids, '\0'};
        trainer_add_item(trainer, &(struct engine_item){.id = id, .name = id, .active = true});
    }
    for (size_t i = 0; i < set->count; i++)
        trainer_add_event(trainer, intern_text(set->users, set->events[i].user),
                          intern_text(set->items, set->events[i].item), 1, set->events[i].occurred_at / 1000);
    trainer_build(trainer, NULL, NULL);
    assert_int_equal(trainer_write(trainer, path), 0);
    trainer_destroy(trainer);
}

static size_t rank(struct file_ranker *ranker, uint32_t user, size_t k, bool include_seen, char *ids)
{
    uint32_t indices[10];
    size_t count = file_ranker_rank(ranker, user, k, include_seen, indices);
    for (size_t i = 0; i < count; i++)
        ids[i] = *catalogue_id(file_ranker_catalogue(ranker), indices[i]);
    ids[count] = '\0';
    return count;
}

static void test_lists(void **state)
{
    (void)state;
    char ids[11];
    struct event_set *set = make();
    train(set);
    struct file_ranker *ranker = file_ranker_open(path, set);
    assert_non_null(ranker);
    uint32_t user = number_of(set->users, "u0");
    assert_int_equal(rank(ranker, user, 10, false, ids), 4); /* all but a and b */
    assert_int_equal(ids[0], 'c');
    assert_null(strpbrk(ids, "ab"));
    assert_int_equal(rank(ranker, user, 1, false, ids), 1);
    assert_string_equal(ids, "c");
    assert_int_equal(rank(ranker, user, 10, true, ids), 6);
    assert_non_null(strpbrk(ids, "ab"));
    assert_int_equal(rank(ranker, FILE_RANKER_NOBODY, 10, false, ids), 6);
    file_ranker_close(ranker);
    event_set_destroy(set);
}

static void test_bad_model(void **state)
{
    (void)state;
    struct event_set *set = make();
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs("no model", file);
    fclose(file);
    assert_null(file_ranker_open(path, set));
    assert_null(file_ranker_open("/nowhere/model", set));
    file_ranker_close(NULL);
    event_set_destroy(set);
}

static int set_up(void **state)
{
    (void)state;
    int fd = mkstemp(path);
    return fd < 0 || close(fd);
}

static int tear_down(void **state)
{
    (void)state;
    return unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_lists), cmocka_unit_test(test_bad_model)};
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
