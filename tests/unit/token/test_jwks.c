/* Key sets: which keys are taken, and that everything else is passed over. */
#include "foreign_fixture.h"

#include "token/jwks.h"

static EVP_PKEY *rsa, *rsa_1024, *p256, *p384;

static int make_keys(void **state)
{
    (void)state;
    rsa = EVP_RSA_gen(2048);
    rsa_1024 = EVP_RSA_gen(1024);
    p256 = EVP_EC_gen("P-256");
    p384 = EVP_EC_gen("P-384");
    return rsa && rsa_1024 && p256 && p384 ? 0 : -1;
}

static int free_keys(void **state)
{
    (void)state;
    EVP_PKEY_free(rsa);
    EVP_PKEY_free(rsa_1024);
    EVP_PKEY_free(p256);
    EVP_PKEY_free(p384);
    return 0;
}

static struct jwks *parse(const char *text)
{
    const char *problem = NULL;
    struct jwks *set = jwks_parse(text, strlen(text), &problem);
    assert_true(set || problem);
    return set;
}

/* A set with that key alone is no set with a key. */
static void check_passed_over(struct arena *arena, const char *key)
{
    struct jwks *set = parse(arena_format(arena, "{\"keys\":[%s]}", key));
    if (set)
        fail_msg("taken: %s", key);
}

static void rsa_and_p256_keys_are_taken(void **state)
{
    struct arena *arena = *state;
    struct jwks *set = parse(arena_format(arena, "{\"keys\":[%s,%s,7,null,{}]}",
                                          jwk_of(arena, rsa, ",\"kid\":\"r\",\"use\":\"sig\""),
                                          jwk_of(arena, p256, ",\"kid\":\"e\",\"alg\":\"ES256\"")));
    assert_non_null(set);
    assert_int_equal(set->count, 2);
    assert_int_equal(EVP_PKEY_eq(jwks_find(set, "r", TOKEN_RS256)->key, rsa), 1);
    assert_int_equal(EVP_PKEY_eq(jwks_find(set, "e", TOKEN_ES256)->key, p256), 1);
    assert_null(jwks_find(set, "r", TOKEN_ES256));
    assert_null(jwks_find(set, "R", TOKEN_RS256));
    assert_null(jwks_find(set, "", TOKEN_RS256));
    assert_null(jwks_find(set, "../r", TOKEN_RS256));
    assert_ptr_equal(jwks_find(set, NULL, TOKEN_RS256), &set->keys[0]);
    assert_null(jwks_find(NULL, "r", TOKEN_RS256));
    jwks_free(set);
}

static void without_a_kid_only_a_single_key_is_meant(void **state)
{
    struct arena *arena = *state;
    struct jwks *set = parse(arena_format(arena, "{\"keys\":[%s,%s]}", jwk_of(arena, rsa, ",\"kid\":\"a\""),
                                          jwk_of(arena, rsa, "")));
    assert_int_equal(set->count, 2);
    assert_null(jwks_find(set, NULL, TOKEN_RS256));
    assert_non_null(jwks_find(set, "a", TOKEN_RS256));
    jwks_free(set);
}

static void unfit_keys_are_passed_over(void **state)
{
    struct arena *arena = *state;
    const char *n = key_number(arena, rsa, OSSL_PKEY_PARAM_RSA_N, 0);
    const char *x = key_number(arena, p256, OSSL_PKEY_PARAM_EC_PUB_X, 32);
    check_passed_over(arena, jwk_of(arena, rsa_1024, ""));
    check_passed_over(arena, jwk_of(arena, rsa, ",\"use\":\"enc\""));
    check_passed_over(arena, jwk_of(arena, rsa, ",\"alg\":\"RS512\""));
    check_passed_over(arena, jwk_of(arena, rsa, ",\"alg\":\"HS256\""));
    check_passed_over(arena, jwk_of(arena, rsa, ",\"kid\":7"));
    check_passed_over(arena, jwk_of(arena, rsa, ",\"d\":\"AQAB\""));
    check_passed_over(arena, jwk_of(arena, rsa, ",\"key_ops\":[\"encrypt\"]"));
    check_passed_over(arena, jwk_of(arena, p256, ",\"alg\":\"RS256\""));
    check_passed_over(arena, "{\"kty\":\"oct\",\"k\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"}");
    check_passed_over(arena, arena_format(arena, "{\"kty\":\"RSA\",\"n\":\"%s\",\"e\":\"AQ\"}", n));
    check_passed_over(arena, arena_format(arena, "{\"kty\":\"RSA\",\"n\":\"%s\",\"e\":\"Ag\"}", n));
    check_passed_over(arena, arena_format(arena, "{\"kty\":\"RSA\",\"n\":\"%s\"}", n));
    check_passed_over(arena, arena_format(arena, "{\"kty\":\"RSA\",\"n\":\"%s=\",\"e\":\"AQAB\"}", n));
    check_passed_over(arena, arena_format(arena, "{\"kty\":\"RSA\",\"n\":\"%s\",\"e\":\"AQAB\"}",
                                          repeat(arena, '_', 11000)));
    check_passed_over(
        arena, arena_format(arena, "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"%s\",\"y\":\"%s\"}", x, x));
    check_passed_over(
        arena, arena_format(arena, "{\"kty\":\"EC\",\"crv\":\"P-384\",\"x\":\"%s\",\"y\":\"%s\"}", x, x));
    check_passed_over(arena,
                      arena_format(arena, "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"%s\",\"y\":\"AA\"}", x));
}

static void other_documents_are_no_sets(void **state)
{
    static const char *const texts[] = {
        "", "null", "[]", "7", "{}", "{\"a", "text", "{\"keys\":1}", "{\"keys\":{}}", "{\"keys\":[]}"};
    (void)state;
    for (size_t i = 0; i < COUNT(texts); i++)
        assert_null(parse(texts[i]));
}

static void at_most_32_keys_are_kept(void **state)
{
    struct arena *arena = *state;
    const char *keys = jwk_of(arena, p256, "");
    for (int i = 0; i < 6; i++)
        keys = arena_format(arena, "%s,%s", keys, keys);
    struct jwks *set = parse(arena_format(arena, "{\"keys\":[%s]}", keys));
    assert_int_equal(set->count, LIMIT_JWKS_KEYS);
    jwks_free(set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ARENA_TEST(rsa_and_p256_keys_are_taken), ARENA_TEST(without_a_kid_only_a_single_key_is_meant),
        ARENA_TEST(unfit_keys_are_passed_over),  ARENA_TEST(other_documents_are_no_sets),
        ARENA_TEST(at_most_32_keys_are_kept),
    };
    return cmocka_run_group_tests_name("request/jwks", tests, make_keys, free_keys);
}
