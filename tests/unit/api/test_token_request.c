/* Credentials in the Authorization header. Whole requests are tested in tests/api. */
#include "../request/fixture.h"

#include "api/token_request.h"

static const char *header_of(struct arena *arena, const char *pair)
{
    size_t length = strlen(pair);
    char *text = arena_alloc(arena, length * 4 / 3 + 5, 1);
    EVP_EncodeBlock((unsigned char *)text, (const unsigned char *)pair, (int)length);
    return arena_format(arena, "Basic %s", text);
}

static void check(struct arena *arena, const char *header, const char *id, const char *secret)
{
    struct credentials credentials, decoded;
    assert_int_equal(token_request_read_basic(arena, header, &credentials, &decoded), id != NULL);
    if (!id) {
        assert_null(credentials.client_id);
        return;
    }
    assert_string_equal(credentials.client_id, id);
    assert_string_equal(credentials.secret, secret);
}

static void raw_values_are_taken_as_they_are(void **state)
{
    struct arena *arena = *state;
    check(arena, header_of(arena, "web-shop:s3cret"), "web-shop", "s3cret");
    check(arena, header_of(arena, "a:b:c"), "a", "b:c");
    check(arena, header_of(arena, "a%41:+"), "a%41", "+");
    check(arena, "basic YTpi", "a", "b");
    check(arena, "BASIC   YTpi", "a", "b");
    check(arena, "Basic YTpiYg", "a", "bb"); /* without its padding */
    check(arena, "Basic YTpiYg==", "a", "bb");
    check(arena, "Basic Pz8_Ojo_", "\?\?\?", ":?"); /* both alphabets */
    check(arena, "Basic Pz8/Ojo/", "\?\?\?", ":?");
}

static void the_decoded_form_stands_beside_it(void **state)
{
    struct arena *arena = *state;
    struct credentials credentials, decoded;
    assert_true(token_request_read_basic(arena, header_of(arena, "a%3Ab+c:x%2By"), &credentials, &decoded));
    assert_string_equal(credentials.client_id, "a%3Ab+c");
    assert_string_equal(decoded.client_id, "a:b c");
    assert_string_equal(decoded.secret, "x+y");
    assert_true(token_request_read_basic(arena, header_of(arena, "a:b"), &credentials, &decoded));
    assert_null(decoded.client_id);
    assert_true(token_request_read_basic(arena, header_of(arena, "a%:b%00"), &credentials, &decoded));
    assert_null(decoded.client_id);
}

static void other_headers_are_no_credentials(void **state)
{
    static const char *const headers[] = {
        "",        "Basic",      "Basic ",         "Bearer YTpi", "BasicYTpi",
        "Basic *", "Basic YTo",  "Basic OmI=",     "Basic YQ==",  "Basic YTpi=YTpi",
        "Basic Y", "Basic YR==", "Basic YQA6Yg==", "Basic YTr/"};
    for (size_t i = 0; i < COUNT(headers); i++)
        check(*state, headers[i], NULL, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ARENA_TEST(raw_values_are_taken_as_they_are),
        ARENA_TEST(the_decoded_form_stands_beside_it),
        ARENA_TEST(other_headers_are_no_credentials),
    };
    return cmocka_run_group_tests_name("api/token_request", tests, NULL, NULL);
}
