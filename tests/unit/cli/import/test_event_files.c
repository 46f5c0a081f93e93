/* Tests of cli/event_files: both formats, and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/memory.h"
#include "cli/import/event_files.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char path[] = "/tmp/palate-event-files-XXXXXX";
static char said[1000];

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

static void put(const char *text)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
    said[0] = '\0';
}

static void say_event(void *context, const struct file_event *event)
{
    size_t length = strlen(said);
    (void)context;
    snprintf(said + length, sizeof(said) - length, "%s %s %d %lld|", event->user_id, event->item_id,
             event->weight, (long long)event->occurred_at);
}

static void say_item(void *context, const struct engine_item *item)
{
    size_t length = strlen(said);
    (void)context;
    snprintf(said + length, sizeof(said) - length, "%s %s %zu %lld %d %zu|", item->id, item->name,
             strlen(item->description), (long long)item->created, item->active, item->field_count);
}

static void expect_events(const char *text, const char *wanted)
{
    put(text);
    assert_true(event_file_read(path, "reading", say_event, NULL));
    assert_string_equal(said, wanted);
}

static void refuse_events(const char *text)
{
    put(text);
    if (event_file_read(path, "reading", say_event, NULL))
        fail_msg("taken: %s", text);
}

static void test_events(void **state)
{
    (void)state;
    expect_events("user_id,item_id\na,x\nb,y\n", "a x 10 0|b y 10 0|");
    expect_events("occurred_at,item_id,type,user_id,order\n1291191960,x,purchase,a,7\n2011-12-09,y,,b,8\n",
                  "a x 100 1291191960000|b y 10 1323388800000|");
    expect_events("user_id,item_id,occurred_at\na,x,1\na,y,2\n", "a x 10 1000|a y 10 2000|"); /* places */
    expect_events("{\"user_id\": 5, \"item_id\": \"x\", \"type\": \"like\", \"note\": [1]}\n", "5 x 50 0|");
    expect_events("user_id,item_id,type\na,x,view\na,x,click\na,x,add_to_cart\na,x,conversion\na,x,"
                  "impression\na,x,odd\n",
                  "a x 10 0|a x 10 0|a x 30 0|a x 100 0|a x 1 0|a x 10 0|");
    expect_events("user_id,item_id,type\na,x,Purchase\na,x,AddToCart\na,x,Add-To "
                  "Cart\na,x,REFUND\na,x,PageView\na,x,purchased\n",
                  "a x 100 0|a x 30 0|a x 30 0|a x -100 0|a x 10 0|a x 10 0|");
}

/* One wrong clock must not make the past of all others old. */
static void test_times_far_ahead_are_left_out(void **state)
{
    char soon[200];
    (void)state;
    expect_events("user_id,item_id,occurred_at\na,x,2011-12-09\nb,y,9000-01-01\nc,z,2099-01-01T00:00:00Z\nd,"
                  "x,20111209\ne,z,1970-01-01 00:00:00\n",
                  "a x 10 1323388800000|d x 10 1323388800000|");
    snprintf(soon, sizeof(soon), "user_id,item_id,occurred_at\na,x,%lld\n", (long long)clock_unix() + 3600);
    put(soon);
    assert_true(event_file_read(path, "reading", say_event, NULL));
    refuse_events("user_id,item_id,occurred_at\nb,y,9000-01-01\n"); /* nothing is left */
}

static void test_refused_events(void **state)
{
    (void)state;
    refuse_events("");
    refuse_events("user_id,item_id\n");
    refuse_events("user_id,item_id\na,\n");
    refuse_events("user_id,item_id\na,x\nb\n");
    refuse_events("user_id,thing\na,x\n");
    refuse_events("user_id,item_id,occurred_at\na,x,20111209\na,y,\n");
    refuse_events("user_id,item_id,occurred_at\na,x,\na,y,20111209\n");
    refuse_events("user_id,item_id,occurred_at\na,x,45306.5\n");
    refuse_events("user_id,item_id,occurred_at\na,x,1\na,y,20111209\n");
    refuse_events("user_id,item_id,occurred_at\na,x,yesterday\n");
    refuse_events("user_id,item_id\n a,x\n");
    refuse_events("{\"user_id\": true, \"item_id\": \"x\"}\n");
    assert_false(event_file_read("/nowhere/events.csv", "reading", say_event, NULL));
}

static void test_items(void **state)
{
    (void)state;
    put("{\"id\": \"x\", \"name\": \"X\", \"metadata\": {\"a\": 1, \"b\": [2, 3]}, \"created\": 1500000000}\n"
        "{\"item_id\": \"y\", \"name\": \"Y\", \"description\": \"d\", \"active\": false}\n");
    assert_true(item_file_read(path, 77, say_item, NULL));
    assert_string_equal(said, "x X 0 1500000000 1 3|y Y 1 77 0 0|");
    put("{\"id\": \"x\"}\n");
    assert_false(item_file_read(path, 77, say_item, NULL));
    put("");
    assert_false(item_file_read(path, 77, say_item, NULL));
}

static void test_long_description(void **state)
{
    (void)state;
    size_t size = 4 * LIMIT_DESCRIPTION_CHARACTERS;
    char *line = memory_alloc(size, 1), wanted[40];
    size_t length = (size_t)snprintf(line, size, "{\"id\": \"x\", \"name\": \"X\", \"description\": \"");
    for (int i = 0; i < LIMIT_DESCRIPTION_CHARACTERS + 5; i++)
        length += (size_t)snprintf(line + length, size - length, "\xC3\xA9"); /* two bytes a character */
    snprintf(line + length, size - length, "\"}\n");
    put(line);
    assert_true(item_file_read(path, 77, say_item, NULL));
    snprintf(wanted, sizeof(wanted), "x X %d 77 1 0|", 2 * LIMIT_DESCRIPTION_CHARACTERS);
    assert_string_equal(said, wanted);
    memory_free(line);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_events),           cmocka_unit_test(test_times_far_ahead_are_left_out),
        cmocka_unit_test(test_refused_events),   cmocka_unit_test(test_items),
        cmocka_unit_test(test_long_description),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
