/* Tests of cli/line_reader: every packing, bad files, long lines, line ends. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/memory.h"
#include "cli/import/line_reader.h"

#include <lzma.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

enum { PACKED_BYTES = 4 * 1024 * 1024 };

static char path[] = "/tmp/palate-line-reader-XXXXXX";

static int make_file(void **state)
{
    (void)state;
    int fd = mkstemp(path);
    return fd < 0 || close(fd);
}

static int remove_file(void **state)
{
    (void)state;
    return unlink(path);
}

static void write_file(const void *bytes, size_t length)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, length, file), length);
    assert_int_equal(fclose(file), 0);
}

static size_t pack_gzip(const void *bytes, size_t length, unsigned char *out)
{
    z_stream gzip = {.next_in = (unsigned char *)(uintptr_t)bytes,
                     .avail_in = (uInt)length,
                     .next_out = out,
                     .avail_out = PACKED_BYTES};
    assert_int_equal(deflateInit2(&gzip, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    assert_int_equal(deflate(&gzip, Z_FINISH), Z_STREAM_END);
    deflateEnd(&gzip);
    return gzip.total_out;
}

static size_t pack_xz(const void *bytes, size_t length, unsigned char *out)
{
    size_t used = 0;
    assert_int_equal(
        lzma_easy_buffer_encode(1, LZMA_CHECK_CRC32, NULL, bytes, length, out, &used, PACKED_BYTES), LZMA_OK);
    return used;
}

static struct line_reader *open_reader(void)
{
    char problem[400] = "";
    struct line_reader *reader = line_reader_open(path, problem, sizeof(problem));
    assert_string_equal(problem, "");
    assert_non_null(reader);
    return reader;
}

static void expect_line(struct line_reader *reader, const char *expected)
{
    char *line;
    size_t length;
    assert_int_equal(line_reader_next(reader, &line, &length), LINE_OK);
    assert_string_equal(line, expected);
    assert_int_equal(length, strlen(expected));
}

static void expect_end(struct line_reader *reader)
{
    char *line;
    size_t length;
    assert_int_equal(line_reader_next(reader, &line, &length), LINE_END);
    assert_int_equal(line_reader_next(reader, &line, &length), LINE_END);
    line_reader_close(reader);
}

static void test_line_ends(void **state)
{
    (void)state;
    static const char text[] = "\xEF\xBB\xBFone\r\n\ntwo\rx\nlast";
    write_file(text, sizeof(text) - 1);
    struct line_reader *reader = open_reader();
    assert_int_equal(line_reader_size(reader), sizeof(text) - 1);
    assert_int_equal(line_reader_peek(reader), 'o');
    expect_line(reader, "one");
    assert_int_equal(line_reader_number(reader), 1);
    expect_line(reader, "");
    expect_line(reader, "two\rx");
    expect_line(reader, "last");
    assert_int_equal(line_reader_number(reader), 4);
    assert_int_equal(line_reader_position(reader), sizeof(text) - 1);
    expect_end(reader);
}

static void test_no_line_after_the_last_end(void **state)
{
    (void)state;
    write_file("a\n", 2);
    struct line_reader *reader = open_reader();
    expect_line(reader, "a");
    expect_end(reader);
    write_file("", 0);
    expect_end(open_reader());
}

static void expect_two_streams(size_t (*pack)(const void *, size_t, unsigned char *))
{
    unsigned char *packed = memory_alloc(2 * PACKED_BYTES, 1);
    size_t length = pack("first\nsec", 9, packed);
    length += pack("ond\n", 4, packed + length);
    write_file(packed, length);
    memory_free(packed);
    struct line_reader *reader = open_reader();
    expect_line(reader, "first");
    expect_line(reader, "second");
    expect_end(reader);
}

static void test_gzip_streams(void **state)
{
    (void)state;
    expect_two_streams(pack_gzip);
}

static void test_xz_streams(void **state)
{
    (void)state;
    expect_two_streams(pack_xz);
}

/* Lines that do not pack well, so that there is a middle to damage. */
static size_t make_noise(char *text, size_t lines)
{
    uint32_t number = 1;
    size_t length = 0;
    for (size_t i = 0; i < lines; i++) {
        number = number * 1664525 + 1013904223;
        length += (size_t)snprintf(text + length, 16, "%08x\n", number);
    }
    return length;
}

static void count_lines(struct line_reader *reader, size_t *lines, enum line_outcome *outcome)
{
    char *line;
    size_t length;
    *lines = 0;
    while ((*outcome = line_reader_next(reader, &line, &length)) == LINE_OK)
        ++*lines;
}

enum { NOISE_LINES = 50000 };

static void expect_broken(const unsigned char *packed, size_t length, const char *reason)
{
    size_t lines;
    enum line_outcome outcome;
    char *line;
    write_file(packed, length);
    struct line_reader *reader = open_reader();
    count_lines(reader, &lines, &outcome);
    assert_int_equal(outcome, LINE_BROKEN);
    assert_in_range(lines, 1, NOISE_LINES);
    assert_non_null(strstr(line_reader_problem(reader), reason));
    assert_non_null(strstr(line_reader_problem(reader), path));
    assert_int_equal(line_reader_next(reader, &line, &lines), LINE_BROKEN);
    line_reader_close(reader);
}

static void check_packing(size_t (*pack)(const void *, size_t, unsigned char *), const char *cut,
                          const char *damaged)
{
    char *text = memory_alloc(NOISE_LINES, 16);
    unsigned char *packed = memory_alloc(PACKED_BYTES, 1);
    size_t lines, length = pack(text, make_noise(text, NOISE_LINES), packed);
    enum line_outcome outcome;
    write_file(packed, length);
    struct line_reader *reader = open_reader();
    count_lines(reader, &lines, &outcome);
    assert_int_equal(outcome, LINE_END);
    assert_int_equal(lines, NOISE_LINES);
    assert_int_equal(line_reader_position(reader), length);
    line_reader_close(reader);
    expect_broken(packed, length - 1, cut);
    expect_broken(packed, length / 2, cut);
    for (size_t i = 0; i < 64; i++)
        packed[length - 200 + i] ^= 0x55;
    expect_broken(packed, length, damaged);
    memory_free(packed);
    memory_free(text);
}

static void test_gzip_cut_and_damaged(void **state)
{
    (void)state;
    check_packing(pack_gzip, "gzip data ends too early", "gzip data is damaged");
}

static void test_xz_cut_and_damaged(void **state)
{
    (void)state;
    check_packing(pack_xz, "xz data ends too early", "xz data is damaged");
}

static void test_garbage_behind_gzip(void **state)
{
    (void)state;
    unsigned char *packed = memory_alloc(PACKED_BYTES, 1);
    size_t lines, length = pack_gzip("one\n", 4, packed);
    enum line_outcome outcome;
    memcpy(packed + length, "garbage garbage", 15);
    write_file(packed, length + 15);
    memory_free(packed);
    struct line_reader *reader = open_reader();
    count_lines(reader, &lines, &outcome);
    assert_int_equal(lines, 1);
    assert_int_equal(outcome, LINE_BROKEN);
    line_reader_close(reader);
}

static void test_long_lines(void **state)
{
    (void)state;
    char *text = memory_alloc(2 * LINE_BYTES + 100, 1), *line;
    size_t length;
    memset(text, 'a', LINE_BYTES);
    text[LINE_BYTES] = '\n';
    memset(text + LINE_BYTES + 1, 'b', LINE_BYTES + 1);
    memcpy(text + 2 * LINE_BYTES + 2, "\nc\n", 3);
    write_file(text, 2 * LINE_BYTES + 5);
    memory_free(text);
    struct line_reader *reader = open_reader();
    assert_int_equal(line_reader_next(reader, &line, &length), LINE_OK);
    assert_int_equal(length, LINE_BYTES);
    assert_int_equal(line_reader_next(reader, &line, &length), LINE_TOO_LONG);
    assert_int_equal(line_reader_number(reader), 2);
    expect_line(reader, "c");
    expect_end(reader);
}

static void test_what_cannot_be_opened(void **state)
{
    (void)state;
    char problem[400];
    assert_null(line_reader_open("/nonexistent/file", problem, sizeof(problem)));
    assert_non_null(strstr(problem, "/nonexistent/file: No such file"));
    assert_null(line_reader_open("/tmp", problem, sizeof(problem)));
    assert_non_null(strstr(problem, "directory"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_line_ends),
        cmocka_unit_test(test_no_line_after_the_last_end),
        cmocka_unit_test(test_gzip_streams),
        cmocka_unit_test(test_xz_streams),
        cmocka_unit_test(test_gzip_cut_and_damaged),
        cmocka_unit_test(test_xz_cut_and_damaged),
        cmocka_unit_test(test_garbage_behind_gzip),
        cmocka_unit_test(test_long_lines),
        cmocka_unit_test(test_what_cannot_be_opened),
    };
    return cmocka_run_group_tests(tests, make_file, remove_file);
}
