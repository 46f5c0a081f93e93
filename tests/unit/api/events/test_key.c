/* Keys: what makes two events the same, and what does not. */
#include "../../base/fixture.h"

#include "api/events/key.h"

struct key {
    unsigned char bytes[EVENT_KEY_BYTES];
};

static struct key next(struct event_keys *keys, const struct event_input *event)
{
    struct key key;
    event_keys_next(keys, event, "view", key.bytes);
    return key;
}

/* Of the only event of a call. */
static struct key key_of(struct arena *arena, const struct event_input *event)
{
    return next(event_keys_create(arena, 1), event);
}

static bool same(struct key left, struct key right)
{
    return !memcmp(left.bytes, right.bytes, EVENT_KEY_BYTES);
}

static const struct event_input timed = {
    .user_id = "u", .item_id = "i", .client_ts = "2024-06-01", .has_time = true, .occurred_at = 5};

static void an_id_is_all_that_counts(void **state)
{
    struct event_input one = {.user_id = "u", .item_id = "i", .deduplication = "d"};
    struct event_input other = {.user_id = "v", .query = "q", .deduplication = "d", .client_ts = "1"};
    struct event_keys *keys = event_keys_create(*state, 3);
    struct key first = next(keys, &one);
    assert_true(same(first, next(keys, &other)));
    assert_true(same(first, key_of(*state, &one)));
    other.deduplication = "e";
    assert_false(same(first, next(keys, &other)));
}

static void ids_of_a_person_are_that_persons(void **state)
{
    const struct event_input of_client = {.user_id = "u", .item_id = "i", .deduplication = "d"};
    struct event_input of_person = of_client, of_another = of_client;
    of_person.person = "u";
    of_another.person = "v";
    struct key client = key_of(*state, &of_client), person = key_of(*state, &of_person);
    assert_true(same(person, key_of(*state, &of_person)));
    assert_false(same(client, person));
    assert_false(same(person, key_of(*state, &of_another)));
}

static void content_counts_with_the_clients_time(void **state)
{
    struct key key = key_of(*state, &timed);
    assert_true(same(key, key_of(*state, &timed)));
    struct event_input others[] = {timed, timed, timed, timed, timed, timed, timed};
    others[0].user_id = "v";
    others[1].item_id = "j";
    others[2].occurred_at = 6;
    others[3].client_ts = "2024-06-02";
    others[4].session_id = "s";
    others[5].request_id = "s";
    others[6].has_time = false;
    for (size_t i = 0; i < COUNT(others); i++) {
        struct key different = key_of(*state, &others[i]);
        assert_false(same(key, different));
        for (size_t j = 0; j < i; j++)
            assert_false(same(different, key_of(*state, &others[j])));
    }
    struct key typed;
    event_keys_next(event_keys_create(*state, 1), &timed, "click", typed.bytes);
    assert_false(same(key, typed));
}

static void what_does_not_tell_events_apart(void **state)
{
    struct event_input more = timed;
    more.placement = "home";
    more.context_id = "101";
    more.factor = "2";
    assert_true(same(key_of(*state, &timed), key_of(*state, &more)));
}

static void equal_events_of_a_call_are_several_and_the_same_in_each_call(void **state)
{
    struct event_keys *first = event_keys_create(*state, 200), *second = event_keys_create(*state, 200);
    struct key keys[200];
    for (size_t i = 0; i < COUNT(keys); i++) {
        keys[i] = next(first, &timed);
        assert_true(same(keys[i], next(second, &timed)));
        for (size_t j = 0; j < i; j++)
            assert_false(same(keys[i], keys[j]));
    }
}

static void texts_do_not_run_together(void **state)
{
    struct event_input left = timed, right = timed;
    left.user_id = "ab", left.item_id = "c";
    right.user_id = "a", right.item_id = "bc";
    assert_false(same(key_of(*state, &left), key_of(*state, &right)));
    left = right = timed;
    left.session_id = "x";
    right.request_id = "x";
    assert_false(same(key_of(*state, &left), key_of(*state, &right)));
}

static void without_either_no_two_are_the_same(void **state)
{
    struct event_input event = {.user_id = "u", .item_id = "i", .has_time = true, .occurred_at = 5};
    struct event_keys *keys = event_keys_create(*state, 2);
    struct key one = next(keys, &event), two = next(keys, &event);
    assert_false(same(one, two));
    assert_false(same(one, key_of(*state, &event)));
}

static void results_follow_their_search(void **state)
{
    struct event_keys *keys = event_keys_create(*state, 1);
    struct key search = next(keys, &timed), one, two, again;
    event_keys_result(keys, search.bytes, 0, one.bytes);
    event_keys_result(keys, search.bytes, 1, two.bytes);
    event_keys_result(event_keys_create(*state, 1), search.bytes, 0, again.bytes);
    assert_false(same(one, two));
    assert_false(same(one, search));
    assert_true(same(one, again));
}

/* The bytes before the first that differs. */
static int common(struct key left, struct key right)
{
    int count = 0;
    while (count < EVENT_KEY_BYTES && left.bytes[count] == right.bytes[count])
        count++;
    return count;
}

static void keys_of_a_call_lie_side_by_side(void **state)
{
    struct event_input now = timed, later = timed;
    now.occurred_at = 1700000000000;
    later.occurred_at = now.occurred_at + 2000;
    struct event_keys *keys = event_keys_create(*state, 4);
    struct key first = next(keys, &now), second = next(keys, &now), third, result;
    later.user_id = "v";
    third = next(keys, &later);
    event_keys_result(keys, first.bytes, 7, result.bytes);
    assert_int_equal(common(first, second), EVENT_KEY_BYTES - 1); /* one of two that are equal */
    assert_int_equal(common(first, third), 3);
    assert_true(memcmp(first.bytes, third.bytes, EVENT_KEY_BYTES) < 0);
    assert_int_equal(common(first, result), 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ARENA_TEST(an_id_is_all_that_counts),
        ARENA_TEST(ids_of_a_person_are_that_persons),
        ARENA_TEST(content_counts_with_the_clients_time),
        ARENA_TEST(what_does_not_tell_events_apart),
        ARENA_TEST(equal_events_of_a_call_are_several_and_the_same_in_each_call),
        ARENA_TEST(texts_do_not_run_together),
        ARENA_TEST(without_either_no_two_are_the_same),
        ARENA_TEST(results_follow_their_search),
        ARENA_TEST(keys_of_a_call_lie_side_by_side),
    };
    return cmocka_run_group_tests_name("api/events_key", tests, NULL, NULL);
}
