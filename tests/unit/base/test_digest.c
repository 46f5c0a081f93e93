/* SHA-256 against published vectors, and how numbers and texts go in. */
#include "fixture.h"

#include "base/digest.h"
#include "base/memory.h"
#include "base/text.h"

static void expect(struct digest *digest, const char *hex)
{
    unsigned char bytes[DIGEST_BYTES];
    char text[2 * DIGEST_BYTES + 1];
    digest_end(digest, bytes);
    text_encode_hex(bytes, sizeof(bytes), text);
    assert_string_equal(text, hex);
}

/* FIPS 180-4: nothing, and "abc". */
static void it_is_sha_256_and_begins_anew(void **state)
{
    (void)state;
    struct digest *digest = digest_create();
    for (int round = 0; round < 3; round++) {
        expect(digest, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        digest_put(digest, "a", 1);
        digest_put(digest, "bc", 2);
        expect(digest, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }
    digest_destroy(digest);
    digest_destroy(NULL);
}

static void texts_go_in_with_their_lengths(void **state)
{
    (void)state;
    struct digest *digest = digest_create();
    unsigned char left[DIGEST_BYTES], right[DIGEST_BYTES];
    digest_put_text(digest, "ab");
    digest_end(digest, left);
    digest_put(digest, "\2\0\0\0\0\0\0\0ab", 10);
    digest_end(digest, right);
    assert_memory_equal(left, right, DIGEST_BYTES);
    digest_put_text(digest, NULL);
    digest_end(digest, left);
    digest_put_number(digest, -1);
    digest_end(digest, right);
    assert_memory_equal(left, right, DIGEST_BYTES);
    digest_put_text(digest, "");
    digest_end(digest, right);
    assert_memory_not_equal(left, right, DIGEST_BYTES);
    digest_destroy(digest);
}

/* In pieces of any length, also of more than are held back: FIPS 180-4, a million times the letter a. */
static void pieces_of_any_length_are_the_same(void **state)
{
    enum { MILLION = 1000000 };
    static const size_t lengths[] = {1, 7, 511, 512, 513, 4000, MILLION};
    char *letters = memory_alloc(MILLION, 1);
    struct digest *digest = digest_create();
    (void)state;
    memset(letters, 'a', MILLION);
    for (size_t i = 0; i < COUNT(lengths); i++) {
        for (size_t left = MILLION, step; left; left -= step) {
            step = left < lengths[i] ? left : lengths[i];
            digest_put(digest, letters, step);
        }
        expect(digest, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
    }
    digest_destroy(digest);
    memory_free(letters);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_sha_256_and_begins_anew),
        cmocka_unit_test(texts_go_in_with_their_lengths),
        cmocka_unit_test(pieces_of_any_length_are_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
