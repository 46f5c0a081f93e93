/* The encoding of a file, whole and in pieces of every size. */
#include "../../base/fixture.h"

#include "cli/import/text_encoding.h"

struct sample {
    const char *bytes;
    size_t length;
    const char *text;
    enum text_encoding encoding;
};

#define SAMPLE(bytes, text, encoding)                                                                        \
    {                                                                                                        \
        bytes, sizeof(bytes) - 1, text, encoding                                                             \
    }

static const struct sample samples[] = {
    SAMPLE("id,name\n1,Cup\n", "id,name\n1,Cup\n", ENCODING_ASCII),
    SAMPLE("id,K\xC3\xBC"
           "che \xE2\x82\xAC \xF0\x9F\x98\x80",
           "id,Küche € 😀", ENCODING_UTF8),
    SAMPLE("\xEF\xBB\xBFid", "id", ENCODING_UTF8),
    SAMPLE("id,K\xFC"
           "che 5 \x80 \x96 \x81",
           "id,Küche 5 € – \xC2\x81", ENCODING_WINDOWS_1252),
    SAMPLE("a\xFC", "aü", ENCODING_WINDOWS_1252),
    SAMPLE("\xFF\xFEi\0d\0;\0\xFC\0\xAC\x20=\xD8\x00\xDE", "id;ü€😀", ENCODING_UTF16_LITTLE),
    SAMPLE("\xFE\xFF\0i\0d\0;\0\xFC\x20\xAC\xD8=\xDE\x00", "id;ü€😀", ENCODING_UTF16_BIG),
    SAMPLE("i\0d\0,\0n\0", "id,n", ENCODING_UTF16_LITTLE),
    SAMPLE("\0i\0d\0,\0n", "id,n", ENCODING_UTF16_BIG),
    SAMPLE("\xFF\xFE"
           "a\0=\xD8"
           "b\0",
           "a\xEF\xBF\xBD"
           "b",
           ENCODING_UTF16_LITTLE),
    SAMPLE("\xFF\xFE"
           "a\0\x00\xDE"
           "b",
           "a\xEF\xBF\xBD\xEF\xBF\xBD", ENCODING_UTF16_LITTLE),
    SAMPLE("", "", ENCODING_ASCII),
};

/* Marks, and zeros in every second place, are looked for in the first bytes, of which a file has some thousand. */
enum { FIRST = 4 };

static void check_in_pieces(struct arena *arena, const struct sample *sample, size_t size)
{
    struct text_decoder decoder = {0};
    char *out = arena_alloc(arena, DECODED_BYTES_MAX * sample->length + DECODED_MORE, 1);
    size_t written = 0;
    for (size_t at = 0; at < sample->length || !at;) {
        size_t part = at ? size : size > FIRST ? size : FIRST;
        part = part < sample->length - at ? part : sample->length - at;
        bool last = at + part == sample->length;
        written += text_decode(&decoder, sample->bytes + at, part, last, out + written);
        at += part ? part : 1;
    }
    out[written] = '\0';
    assert_string_equal(out, sample->text);
    assert_int_equal(decoder.encoding, sample->encoding);
}

static void each_encoding_is_found_out(void **state)
{
    for (size_t i = 0; i < COUNT(samples); i++) {
        for (size_t size = 1; size <= samples[i].length + 1; size++)
            check_in_pieces(*state, &samples[i], size);
    }
}

static void what_is_decided_stays(void **state)
{
    static const char utf8[] = "K\xC3\xBC"
                               "che";
    struct text_decoder decoder = {0};
    char out[64];
    size_t length = text_decode(&decoder, utf8, strlen(utf8), false, out);
    length += text_decode(&decoder, "\xFC", 1, true, out + length); /* a broken row, and no other encoding */
    assert_memory_equal(out,
                        "K\xC3\xBC"
                        "che\xFC",
                        length);
    assert_int_equal(decoder.encoding, ENCODING_UTF8);
    assert_string_equal(text_encoding_name(ENCODING_WINDOWS_1252), "Windows-1252");
    (void)state;
}

/* "é" in Latin-1 is "Ã©" where it stands in UTF-8, so only the declaration tells. */
static void an_xml_declaration_decides(void **state)
{
    static const struct {
        const char *declaration, *text;
        enum text_encoding encoding;
    } cases[] = {
        {"<?xml version='1.0' encoding='ISO-8859-1'?>", "\xC3\x83\xC2\xA9", ENCODING_WINDOWS_1252},
        {"<?xml version=\"1.0\" encoding = \"Windows-1252\" ?>", "\xC3\x83\xC2\xA9", ENCODING_WINDOWS_1252},
        {"<?xml version='1.0' encoding='utf-8'?>", "\xC3\xA9", ENCODING_UTF8},
        {"<?xml version='1.0' encoding='utf-16'?>", "\xC3\xA9", ENCODING_UTF8},
        {"<?xml version='1.0'?><a encoding='latin1'?>", "\xC3\xA9", ENCODING_UTF8},
        {"<?xml encoding", "\xC3\xA9", ENCODING_UTF8},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct text_decoder decoder = {0};
        char *bytes = arena_format(*state, "%s\xC3\xA9", cases[i].declaration), out[256];
        out[text_decode(&decoder, bytes, strlen(bytes), true, out)] = '\0';
        assert_string_equal(out + strlen(cases[i].declaration), cases[i].text);
        assert_int_equal(decoder.encoding, cases[i].encoding);
    }
    struct text_decoder decoder = {0};
    char out[64];
    assert_true(text_decode(&decoder, "<?xml encoding='utf-8'?>\xFF", 25, true, out) ==
                25); /* broken, not converted */
    assert_true(text_encoding_is_known("Latin1") && !text_encoding_is_known("KOI8-R"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ARENA_TEST(each_encoding_is_found_out),
        cmocka_unit_test(what_is_decided_stays),
        ARENA_TEST(an_xml_declaration_decides),
    };
    return cmocka_run_group_tests_name("cli/import/text_encoding", tests, NULL, NULL);
}
