/* Tests of cli/import_source and cli/import_row: records of both formats as items and events. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/limits.h"
#include "base/memory.h"
#include "cli/import/row.h"
#include "storage/event_key.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char path[] = "/tmp/palate-import-row-XXXXXX";
static struct arena *arena;
static struct record record;
static struct import_source *source;
static enum import_kind kind;

static int set_up(void **state)
{
    (void)state;
    int fd = mkstemp(path);
    arena = arena_create();
    return fd < 0 || close(fd);
}

static int tear_down(void **state)
{
    (void)state;
    arena_destroy(arena);
    return unlink(path);
}

static void open_text(const char *text, enum import_format format)
{
    char problem[400] = "";
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, strlen(text), file), strlen(text));
    assert_int_equal(fclose(file), 0);
    const struct import_source_options options = {.kind = kind, .format = format};
    source = import_source_open(path, &options, problem, sizeof(problem));
    assert_string_equal(problem, "");
    assert_non_null(source);
}

static void close_text(void)
{
    import_source_close(source);
    source = NULL;
}

static enum record_outcome next(void)
{
    return import_source_next(source, arena, &record);
}

static void expect_header_problem(const char *text, const char *reason)
{
    char problem[400];
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
    const struct import_source_options options = {.format = IMPORT_CSV};
    assert_null(import_source_open(path, &options, problem, sizeof(problem)));
    assert_non_null(strstr(problem, reason));
}

/* ---- Formats and records. */

static void test_format_names(void **state)
{
    static const enum import_format formats[] = {IMPORT_FORMAT_UNKNOWN, IMPORT_JSON_LINES, IMPORT_JSON_ARRAY,
                                                 IMPORT_CSV};
    static const char *const names[] = {"auto", "jsonl", "json", "csv"};
    enum import_format format;
    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        assert_true(import_format_parse(names[i], &format));
        assert_int_equal(format, formats[i]);
    }
    assert_false(import_format_parse("xlsx", &format));
}

static void test_format_is_seen(void **state)
{
    (void)state;
    open_text("{\"id\":1}\n", IMPORT_FORMAT_UNKNOWN);
    assert_int_equal(next(), RECORD_OK);
    assert_int_equal(record.format, IMPORT_JSON_LINES);
    close_text();
    open_text("id\n1\n", IMPORT_FORMAT_UNKNOWN);
    assert_int_equal(next(), RECORD_OK);
    assert_int_equal(record.format, IMPORT_CSV);
    close_text();
}

static void test_bad_lines_do_not_end_the_file(void **state)
{
    (void)state;
    open_text("{\"a\":1}\n\nnot json\n[1]\n{\"b\":\"x\",\"c\":null}\n", IMPORT_JSON_LINES);
    assert_int_equal(next(), RECORD_OK);
    assert_int_equal(record.line, 1);
    assert_string_equal(record.values[0].text, "1");
    assert_int_equal(next(), RECORD_BAD);
    assert_int_equal(record.line, 3);
    assert_int_equal(next(), RECORD_BAD);
    assert_non_null(strstr(record.problem, "no JSON object"));
    assert_int_equal(next(), RECORD_OK);
    assert_int_equal(record.line, 5);
    assert_int_equal(record.count, 1);
    assert_int_equal(next(), RECORD_END);
    close_text();
}

static void test_csv_records(void **state)
{
    (void)state;
    open_text("id,name\r\n1,\"two\nlines\xC3\xBC\"\n2\n3,\xff\n4,\n\n5,\"open\n6,x\n", IMPORT_CSV);
    assert_int_equal(next(), RECORD_OK);
    assert_int_equal(record.line, 2);
    assert_string_equal(record.values[1].text, "two\nlines\xC3\xBC");
    assert_int_equal(next(), RECORD_BAD);
    assert_int_equal(record.line, 4);
    assert_string_equal(record.problem, "the line has 1 fields between commas, the header 2");
    assert_int_equal(next(), RECORD_BAD);
    assert_non_null(strstr(record.problem, "UTF-8"));
    assert_int_equal(next(), RECORD_OK);
    assert_int_equal(record.count, 1);
    assert_int_equal(next(), RECORD_BAD);
    assert_int_equal(record.line, 8);
    assert_non_null(strstr(record.problem, "left open"));
    assert_int_equal(next(), RECORD_END);
    close_text();
}

static void test_csv_headers(void **state)
{
    (void)state;
    expect_header_problem("", "empty");
    expect_header_problem("id,name,id\n", "twice");
    expect_header_problem("\xC3\xBC,\xff\n", "column 2");
    expect_header_problem("id,\"name\n", "quote");
}

/* All records as "name=text" with commas between, and bars behind each. */
static const char *read_all(const char *text)
{
    static char all[1000];
    size_t used = 0;
    enum record_outcome outcome;
    kind = IMPORT_ITEMS;
    open_text(text, IMPORT_FORMAT_UNKNOWN);
    while ((outcome = next()) == RECORD_OK) {
        for (size_t i = 0; i < record.count; i++)
            used += (size_t)snprintf(all + used, sizeof(all) - used, "%s%s=%s", i ? "," : "",
                                     record.values[i].name, record.values[i].text);
        used += (size_t)snprintf(all + used, sizeof(all) - used, "|");
    }
    snprintf(all + used, sizeof(all) - used, "%s", outcome == RECORD_END ? "" : record.problem);
    close_text();
    return all;
}

static void test_what_programs_write_is_found_out(void **state)
{
    static const char *const same[] = {
        "id,name,price\n1,Cup,\"9,5\"\n2,Pot,7\n",
        "id;name;price\n1;Cup;9,5\n2;Pot;7\n",
        "id\tname\tprice\n1\tCup\t9,5\n2\tPot\t7\n",
        "id|name|price\n1|Cup|9,5\n2|Pot|7",
        "sep=;\nid;name;price\n1;Cup;9,5\n2;Pot;7\n",
        "\"sep=;\"\r\nid;name;price\r\n1;Cup;9,5\r\n2;Pot;7\r\n",
        "id;name;price\r1;Cup;9,5\r2;Pot;7\r",
        "\xEF\xBB\xBFid;name;price;;\n1;Cup;9,5;;\n;;;;\n\n2;Pot;7;;\n;;;;\n",
        "ID; Name ;price\n1;Cup;9,5\n2;Pot;7\n",
        "Item-ID;TITLE;price\n1;Cup;9,5\n2;Pot;7\n",
        "# a comment\n# another\nproduct_id;title;price\n1;Cup;9,5\n2;Pot;7\n",
        "id;;name;price\n1;0;Cup;9,5\n2;1;Pot;7\n",
        "[{\"id\":1,\"name\":\"Cup\",\"price\":\"9,5\"},{\"id\":2,\"name\":\"Pot\",\"price\":7}]",
        " [\n  {\n\"id\":1,\n\"name\":\"Cup\",\"price\":\"9,5\"}\n,\r\n "
        "{\"id\":2,\"name\":\"Pot\",\"price\":7},\n]\n",
    };
    (void)state;
    for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++)
        assert_string_equal(read_all(same[i]), "id=1,name=Cup,price=9,5|id=2,name=Pot,price=7|");
    assert_string_equal(read_all("id,name\n1,\"two\nlines; and, more\"\n"),
                        "id=1,name=two\nlines; and, more|");
    assert_string_equal(read_all("id\tname\n1\t5\" hose\n"), "id=1,name=5\" hose|");
    assert_string_equal(read_all("id,name\r1,\"a\nb\"\r"), "id=1,name=a\nb|");
    assert_string_equal(read_all("id;name\n1;K\xFC"
                                 "che\n"),
                        "id=1,name=K\xC3\xBC"
                        "che|");
}

static void test_broken_arrays(void **state)
{
    (void)state;
    assert_string_equal(read_all("[]"), "");
    assert_string_equal(read_all("[{\"id\":\"]}[\\\"\"}]"), "id=]}[\"|");
    assert_non_null(strstr(read_all("[{\"id\":1}"), "cut short"));
    assert_non_null(strstr(read_all("[{\"id\":1},{\"id\""), "cut short"));
    assert_non_null(strstr(read_all("[{\"id\":1} {\"id\":2}]"), "one comma"));
    assert_non_null(strstr(read_all("[{\"id\":1},,{\"id\":2}]"), "one comma"));
    assert_non_null(strstr(read_all("[] x"), "behind the end"));
    assert_non_null(strstr(read_all("[7]"), "no JSON object"));
}

/* ---- Items. */

static struct admin_item item;
static struct ignored_names ignored;

static bool read_item(const char *line)
{
    ignored = (struct ignored_names){0};
    open_text(line, line[0] == '{' ? IMPORT_JSON_LINES : IMPORT_CSV);
    bool read = next() == RECORD_OK && import_row_item(&record, arena, &item, &ignored);
    close_text();
    return read;
}

static void expect_bad_item(const char *line, const char *reason)
{
    assert_false(read_item(line));
    if (!strstr(record.problem, reason))
        fail_msg("%s\nis refused with \"%s\", not for \"%s\"", line, record.problem, reason);
}

static void test_json_item(void **state)
{
    (void)state;
    assert_true(read_item(
        "{\"entity_id\":17,\"name\":\"N\",\"description\":\"D\",\"active\":false,\"created\":1500000000,"
        "\"metadata\":{\"price\":0.85,\"tags\":[\"a\"]},\"color\":\"red\",\"size\":1}"));
    assert_string_equal(item.id, "17");
    assert_string_equal(item.name, "N");
    assert_string_equal(item.description, "D");
    assert_string_equal(item.metadata, "{\"price\":0.85,\"tags\":[\"a\"]}");
    assert_false(item.active);
    assert_int_equal(item.created, 1500000000);
    assert_int_equal(ignored.count, 2);
    assert_string_equal(ignored.examples, "color, size");
    assert_true(read_item("{\"id\":\"x\",\"name\":\"N\",\"description\":null}"));
    assert_true(item.active);
    assert_string_equal(item.description, "");
    assert_string_equal(item.metadata, "{}");
    assert_int_equal(item.created, 0);
}

static void test_csv_item(void **state)
{
    (void)state;
    assert_true(read_item("item_id,name,active,created,price,code,size,note,metadata\n"
                          "9,Nine,No,2017-07-14T02:40:00Z,0.85,007,12,,\"{\"\"a\"\":1}\"\n"));
    assert_string_equal(item.id, "9");
    assert_false(item.active);
    assert_int_equal(item.created, 1500000000);
    assert_string_equal(item.metadata, "{\"price\":0.85,\"code\":\"007\",\"size\":12,\"a\":1}");
    assert_int_equal(ignored.count, 0);
    assert_true(read_item("id,name,a,b,c,d,e\n1,x,-1.5,1e5,5.,+1,99999999999999999999\n"));
    assert_string_equal(item.metadata, "{\"a\":-1.5,\"b\":\"1e5\",\"c\":\"5.\",\"d\":\"+1\","
                                       "\"e\":\"99999999999999999999\"}");
}

static void test_bad_items(void **state)
{
    (void)state;
    expect_bad_item("{\"name\":\"x\"}", "id is missing");
    expect_bad_item("{\"id\":\"\",\"name\":\"x\"}", "id must not be empty");
    expect_bad_item("{\"id\":\"a\\nb\",\"name\":\"x\"}", "control");
    expect_bad_item("{\"id\":\"a \",\"name\":\"x\"}", "space");
    expect_bad_item("{\"id\":true,\"name\":\"x\"}", "id must be text");
    expect_bad_item("{\"id\":{},\"name\":\"x\"}", "id must be text");
    expect_bad_item("{\"id\":1,\"item_id\":2,\"name\":\"x\"}", "given twice");
    expect_bad_item("{\"id\":1}", "name is missing");
    expect_bad_item("{\"id\":1,\"name\":\" \"}", "name is missing");
    expect_bad_item("{\"id\":1,\"name\":[]}", "name must be text");
    expect_bad_item("{\"id\":1,\"name\":\"x\",\"active\":\"maybe\"}", "active must be");
    expect_bad_item("{\"id\":1,\"name\":\"x\",\"created\":\"soon\"}", "created must be");
    expect_bad_item("{\"id\":1,\"name\":\"x\",\"metadata\":[1]}", "metadata must be");
    expect_bad_item("{\"id\":7.0,\"name\":\"x\"}", "whole number");
    expect_bad_item("{\"items\":[{\"id\":7,\"name\":\"x\"}]}", "a list \"items\"");
    expect_bad_item("{\"id\":1,\"name\":\"x\",\"metadata\":\"a\"}", "metadata must be");
    expect_bad_item("id,name,metadata\n1,x,{\n", "metadata is JSON that ends too early");
}

/* A line with `count` times a in the member. */
static bool read_sized(const char *before, size_t count, const char *after)
{
    char *line = memory_alloc(strlen(before) + count + strlen(after) + 1, 1);
    memcpy(line, before, strlen(before));
    memset(line + strlen(before), 'a', count);
    memcpy(line + strlen(before) + count, after, strlen(after));
    bool read = read_item(line);
    memory_free(line);
    return read;
}

static void test_item_limits(void **state)
{
    (void)state;
    static const char name[] = "{\"id\":1,\"name\":\"", id[] = "{\"name\":\"x\",\"id\":\"",
                      text[] = "{\"id\":1,\"name\":\"x\",\"description\":\"",
                      metadata[] = "{\"id\":1,\"name\":\"x\",\"metadata\":{\"k\":\"";
    assert_true(read_sized(id, LIMIT_ID_CHARACTERS, "\"}"));
    assert_false(read_sized(id, LIMIT_ID_CHARACTERS + 1, "\"}"));
    assert_true(read_sized(name, LIMIT_NAME_CHARACTERS, "\"}"));
    assert_false(read_sized(name, LIMIT_NAME_CHARACTERS + 1, "\"}"));
    assert_true(read_sized(text, LIMIT_DESCRIPTION_CHARACTERS, "\"}"));
    assert_false(read_sized(text, LIMIT_DESCRIPTION_CHARACTERS + 1, "\"}"));
    assert_true(read_sized(metadata, LIMIT_METADATA_BYTES - 8, "\"}}"));
    assert_false(read_sized(metadata, LIMIT_METADATA_BYTES - 7, "\"}}"));
}

/* ---- Events. */

static const struct admin_event_type types[] = {{1, "view", 10, false}, {5, "purchase", 100, true}};
static const struct event_types known = {types, 2};
static struct admin_event event;

static bool read_event(const char *text)
{
    struct hash_map repetitions = {0};
    kind = IMPORT_EVENTS;
    open_text(text, text[0] == '{' ? IMPORT_JSON_LINES : IMPORT_CSV);
    bool read = next() == RECORD_OK && import_row_event(&record, arena, &known, &repetitions, &event);
    close_text();
    hash_map_clear(&repetitions);
    return read;
}

static void expect_bad_event(const char *line, const char *reason)
{
    assert_false(read_event(line));
    if (!strstr(record.problem, reason))
        fail_msg("%s\nis refused with \"%s\", not for \"%s\"", line, record.problem, reason);
}

#define EVENT "\"user_id\":7,\"item_id\":\"i\",\"type\":\"purchase\""

static void test_event(void **state)
{
    (void)state;
    assert_true(read_event("{" EVENT ",\"occurred_at\":1291191960,\"quantity\":6}"));
    assert_string_equal(event.user_id, "7");
    assert_string_equal(event.item_id, "i");
    assert_int_equal(event.type_id, 5);
    assert_int_equal(event.occurred_at, 1291191960000);
    assert_int_equal(event.quantity, 6);
    static const struct {
        const char *json;
        int64_t stored;
    } quantities[] = {{"2.0", 2}, {"1.5", 2}, {"0.25", 1}, {"\"3,00\"", 3}, {"1e1", 10}, {"\" 4 \"", 4}};
    for (size_t i = 0; i < sizeof(quantities) / sizeof(quantities[0]); i++) {
        char line[200];
        snprintf(line, sizeof(line), "{" EVENT ",\"occurred_at\":1291191960,\"quantity\":%s}",
                 quantities[i].json);
        assert_true(read_event(line));
        assert_int_equal(event.quantity, quantities[i].stored);
    }
    assert_true(read_event("{" EVENT ",\"occurred_at\":\"2010-12-01T08:26:00Z\",\"quantity\":null}"));
    assert_int_equal(event.occurred_at, 1291191960000);
    assert_int_equal(event.quantity, 1);
}

static void test_bad_events(void **state)
{
    (void)state;
    expect_bad_event("{" EVENT "}", "occurred_at is missing");
    expect_bad_event("{" EVENT ",\"occurred_at\":\"then\"}", "occurred_at must be");
    expect_bad_event("{" EVENT ",\"occurred_at\":-1}", "occurred_at must be");
    expect_bad_event("{" EVENT ",\"occurred_at\":45306}", "occurred_at must be");
    expect_bad_event("{" EVENT ",\"occurred_at\":true}", "occurred_at must be");
    expect_bad_event("{" EVENT ",\"occurred_at\":1291191960,\"quantity\":0}", "quantity must be");
    expect_bad_event("{" EVENT ",\"occurred_at\":1291191960,\"quantity\":-1.5}", "quantity must be");
    expect_bad_event("{" EVENT ",\"occurred_at\":1291191960,\"quantity\":\"two\"}", "quantity must be");
    expect_bad_event("{" EVENT ",\"occurred_at\":1291191960,\"quantity\":4294967296}", "quantity must be");
    expect_bad_event("{\"item_id\":1,\"type\":\"view\",\"occurred_at\":1291191960}", "user_id is missing");
    expect_bad_event("{\"user_id\":[],\"item_id\":1,\"type\":\"view\",\"occurred_at\":1291191960}",
                     "user_id must be text");
    expect_bad_event("{\"user_id\":1,\"type\":\"view\",\"occurred_at\":1291191960}", "item_id is missing");
    expect_bad_event("{\"user_id\":1,\"item_id\":\"a\\tb\",\"type\":\"view\",\"occurred_at\":1291191960}",
                     "control");
    expect_bad_event("{\"user_id\":1,\"item_id\":1,\"occurred_at\":1291191960}", "type is missing");
    expect_bad_event("{\"user_id\":1,\"item_id\":1,\"type\":\"stare\",\"occurred_at\":1291191960}",
                     "\"stare\" is not among");
}

static void copy_hash(const char *text, unsigned char hash[EVENT_DEDUPLICATION_BYTES])
{
    assert_true(read_event(text));
    memcpy(hash, event.deduplication, EVENT_DEDUPLICATION_BYTES);
}

static void test_deduplication_is_of_the_content(void **state)
{
    (void)state;
    unsigned char json[EVENT_DEDUPLICATION_BYTES], other[EVENT_DEDUPLICATION_BYTES];
    static const char *const same[] = {
        "{\"order_id\":\"9\",\"occurred_at\":1291191960000,\"quantity\":1," EVENT "}",
        "user_id,item_id,type,occurred_at,quantity,order_id\n7,i,purchase,2010-12-01 08:26,1,9\n",
        "order_id,empty,occurred_at,type,item_id,user_id\n9,,1291191960,purchase,i,7\n",
    };
    static const char *const different[] = {
        "{" EVENT ",\"occurred_at\":1291191960,\"order_id\":10}",
        "{" EVENT ",\"occurred_at\":1291191961,\"order_id\":9}",
        "{" EVENT ",\"occurred_at\":1291191960,\"order_id\":9,\"quantity\":2}",
        "{" EVENT ",\"occurred_at\":1291191960,\"order\":9}",
        "{" EVENT ",\"occurred_at\":1291191960}",
        "{\"user_id\":\"7i\",\"item_id\":\"\\u0069\",\"type\":\"purchase\",\"occurred_at\":1291191960,"
        "\"order_id\":9}",
        "{\"user_id\":7,\"item_id\":\"i\",\"type\":\"view\",\"occurred_at\":1291191960,\"order_id\":9}",
    };
    copy_hash("{" EVENT ",\"occurred_at\":1291191960,\"order_id\":9}", json);
    for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
        copy_hash(same[i], other);
        assert_memory_equal(json, other, sizeof(json));
    }
    for (size_t i = 0; i < sizeof(different) / sizeof(different[0]); i++) {
        copy_hash(different[i], other);
        assert_memory_not_equal(json, other, sizeof(json));
    }
}

static void test_a_deduplication_id_is_the_identity(void **state)
{
    (void)state;
    unsigned char named[EVENT_DEDUPLICATION_BYTES], other[EVENT_DEDUPLICATION_BYTES];
    struct digest *hash = digest_create();
    event_key_of_id(hash, NULL, "order-7-1", other);
    digest_destroy(hash);
    copy_hash("{" EVENT ",\"occurred_at\":1291191960,\"deduplication_id\":\"order-7-1\"}", named);
    assert_memory_equal(named, other, sizeof(named));
    copy_hash("user_id,item_id,type,occurred_at,deduplication_id\n8,j,view,20101201,order-7-1\n", other);
    assert_memory_equal(named, other, sizeof(named));
    copy_hash("{" EVENT ",\"occurred_at\":1291191960,\"deduplication_id\":\"order-7-2\"}", other);
    assert_memory_not_equal(named, other, sizeof(named));
    copy_hash("{" EVENT ",\"occurred_at\":1291191960,\"deduplication_id\":\" \"}",
              named); /* none: by content */
    copy_hash("{" EVENT ",\"occurred_at\":1291191961,\"deduplication_id\":\" \"}", other);
    assert_memory_not_equal(named, other, sizeof(named));
    expect_bad_event("{" EVENT ",\"occurred_at\":1291191960,\"deduplication_id\":[1]}",
                     "deduplication_id must be text");
    expect_bad_event("{" EVENT ",\"occurred_at\":1291191960,\"deduplication_id\":\"a\\u0007\"}",
                     "deduplication_id must not hold control");
}

static void test_equal_lines_count(void **state)
{
    (void)state;
    unsigned char first[3][EVENT_DEDUPLICATION_BYTES];
    struct hash_map repetitions = {0};
    kind = IMPORT_EVENTS;
    open_text("user_id,item_id,type,occurred_at\nu,i,view,20101201\nu,i,view,20101201\nu,i,view,20101202\n",
              IMPORT_CSV);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(next(), RECORD_OK);
        assert_true(import_row_event(&record, arena, &known, &repetitions, &event));
        memcpy(first[i], event.deduplication, EVENT_DEDUPLICATION_BYTES);
    }
    close_text();
    hash_map_clear(&repetitions);
    assert_memory_not_equal(first[0], first[1], EVENT_DEDUPLICATION_BYTES);
    assert_memory_not_equal(first[0], first[2], EVENT_DEDUPLICATION_BYTES);
    assert_memory_not_equal(first[1], first[2], EVENT_DEDUPLICATION_BYTES);
    copy_hash("user_id,item_id,type,occurred_at\nu,i,view,20101201\n", first[2]);
    assert_memory_equal(first[0], first[2], EVENT_DEDUPLICATION_BYTES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_format_names),
        cmocka_unit_test(test_format_is_seen),
        cmocka_unit_test(test_bad_lines_do_not_end_the_file),
        cmocka_unit_test(test_csv_records),
        cmocka_unit_test(test_csv_headers),
        cmocka_unit_test(test_what_programs_write_is_found_out),
        cmocka_unit_test(test_broken_arrays),
        cmocka_unit_test(test_json_item),
        cmocka_unit_test(test_csv_item),
        cmocka_unit_test(test_bad_items),
        cmocka_unit_test(test_item_limits),
        cmocka_unit_test(test_event),
        cmocka_unit_test(test_bad_events),
        cmocka_unit_test(test_deduplication_is_of_the_content),
        cmocka_unit_test(test_a_deduplication_id_is_the_identity),
        cmocka_unit_test(test_equal_lines_count),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
