/* Forged tokens: the wrong algorithm, the wrong key, and text that is not quite a token. */
#include "token_fixture.h"

static EVP_PKEY *rsa, *other_rsa, *p256, *other_p256;

static int make_keys(void **state)
{
    (void)state;
    rsa = EVP_RSA_gen(2048);
    other_rsa = EVP_RSA_gen(2048);
    p256 = EVP_EC_gen("P-256");
    other_p256 = EVP_EC_gen("P-256");
    return rsa && other_rsa && p256 && other_p256 ? 0 : -1;
}

static int free_keys(void **state)
{
    (void)state;
    EVP_PKEY_free(rsa);
    EVP_PKEY_free(other_rsa);
    EVP_PKEY_free(p256);
    EVP_PKEY_free(other_p256);
    return 0;
}

static void no_algorithm_none(void **state)
{
    static const char *const names[] = {"none", "None",  "NONE",  "nOnE",   "",      "none ",
                                        "null", "hs256", "Hs256", "HS256 ", " HS256"};
    struct arena *arena = *state;
    struct config config = config_hs256();
    for (size_t i = 0; i < COUNT(names); i++) {
        const char *header = arena_format(arena, "{\"alg\":\"%s\",\"typ\":\"JWT\"}", names[i]);
        const char *input = signing_input(arena, header, GOOD);
        check_bad(arena, &config, arena_format(arena, "%s.", input));
        check_bad(arena, &config, input);
        check_bad(arena, &config, token_of(arena, header, GOOD));
    }
}

static void headers_that_name_no_algorithm(void **state)
{
    static const char *const headers[] = {"{}",
                                          "{\"typ\":\"JWT\"}",
                                          "{\"alg\":null}",
                                          "{\"alg\":256}",
                                          "{\"alg\":{}}",
                                          "{\"alg\":[\"HS256\"]}",
                                          "{\"Alg\":\"HS256\"}",
                                          "{\"alg\":\"HS256\",\"alg\":\"none\"}",
                                          "[]",
                                          "\"HS256\"",
                                          "null",
                                          "{\"alg\":\"HS256\"",
                                          "not json",
                                          "{\"alg\":\"HS256\\u0000\"}",
                                          "{\"alg\":\"HS256\"}x",
                                          "{\"alg\":true}"};
    struct config config = config_hs256();
    for (size_t i = 0; i < COUNT(headers); i++)
        check_bad(*state, &config, token_of(*state, headers[i], GOOD));
}

/* libjwt takes the algorithm from the token: each of these is signed well, by the algorithm that it names. */
static void other_hmac_algorithms(void **state)
{
    struct arena *arena = *state;
    struct config config = config_hs256();
    const char *names[] = {"HS384", "HS512"};
    const EVP_MD *digests[] = {EVP_sha384(), EVP_sha512()};
    for (size_t i = 0; i < 2; i++) {
        const char *input =
            signing_input(arena, arena_format(arena, "{\"alg\":\"%s\",\"typ\":\"JWT\"}", names[i]), GOOD);
        const char *mac = hmac_text(arena, digests[i], FIXTURE_SECRET, strlen(FIXTURE_SECRET), input);
        check_bad(arena, &config, arena_format(arena, "%s.%s", input, mac));
        /* The same with the header that is wanted: another length of the MAC. */
        input = signing_input(arena, FIXTURE_HEADER, GOOD);
        mac = hmac_text(arena, digests[i], FIXTURE_SECRET, strlen(FIXTURE_SECRET), input);
        check_bad(arena, &config, arena_format(arena, "%s.%s", input, mac));
    }
}

static void types_and_extensions_that_are_not_understood(void **state)
{
    static const char *const headers[] = {
        "{\"alg\":\"HS256\",\"typ\":\"at+jwt\"}", "{\"alg\":\"HS256\",\"typ\":\"JWE\"}",
        "{\"alg\":\"HS256\",\"typ\":\"\"}",       "{\"alg\":\"HS256\",\"typ\":7}",
        "{\"alg\":\"HS256\",\"typ\":null}",       "{\"alg\":\"HS256\",\"typ\":\"application/jwt\"}",
        "{\"alg\":\"HS256\",\"crit\":[\"exp\"]}", "{\"alg\":\"HS256\",\"crit\":[]}",
        "{\"alg\":\"HS256\",\"crit\":null}"};
    struct config config = config_hs256();
    for (size_t i = 0; i < COUNT(headers); i++)
        check_bad(*state, &config, token_of(*state, headers[i], GOOD));
}

static void wrong_secrets(void **state)
{
    struct arena *arena = *state;
    struct config config = config_hs256();
    const char *input = signing_input(arena, FIXTURE_HEADER, GOOD);
    const char *secrets[] = {"", "a", "secret", FIXTURE_SECRET "\n",
                             "A secret of this test, long enough: 0123456789"};
    for (size_t i = 0; i < COUNT(secrets); i++)
        check_bad(arena, &config,
                  arena_format(arena, "%s.%s", input,
                               hmac_text(arena, EVP_sha256(), secrets[i], strlen(secrets[i]), input)));
    check_good(arena, &config, token_of(arena, FIXTURE_HEADER, GOOD));
    config.token_key_length--;
    check_bad(arena, &config, token_of(arena, FIXTURE_HEADER, GOOD));
}

/* libjwt 1.10 verifies nothing when it has no key. */
static void no_key_lets_nobody_in(void **state)
{
    struct arena *arena = *state;
    struct config config = config_hs256();
    const char *input = signing_input(arena, FIXTURE_HEADER, GOOD);
    config.token_key_length = 0;
    check_bad(arena, &config, token_of(arena, FIXTURE_HEADER, GOOD));
    check_bad(arena, &config,
              arena_format(arena, "%s.%s", input, hmac_text(arena, EVP_sha256(), "", 0, input)));
    check_bad(arena, &config, arena_format(arena, "%s.", input));
}

static void a_token_cut_anywhere(void **state)
{
    struct arena *arena = *state;
    struct config config = config_hs256();
    const char *token = token_of(arena, FIXTURE_HEADER, GOOD);
    for (size_t length = 0; length < strlen(token); length++)
        check_bad(arena, &config, arena_copy_bytes(arena, token, length));
    for (size_t start = 1; start < strlen(token); start++)
        check_bad(arena, &config, token + start);
}

/* Each character changed to another of the alphabet: one of them may stand for the same bits in no segment.
 */
static void a_token_changed_anywhere(void **state)
{
    struct arena *arena = *state;
    struct config config = config_hs256();
    char *token = arena_copy_text(arena, token_of(arena, FIXTURE_HEADER, GOOD));
    for (char *at = token; *at; at++) {
        char before = *at;
        *at = before == 'A' ? 'B' : 'A';
        check_bad(arena, &config, token);
        *at = before == '_' ? '-' : '_';
        check_bad(arena, &config, token);
        *at = before;
    }
    check_good(arena, &config, token);
}

static void segments_too_many_or_too_few(void **state)
{
    struct arena *arena = *state;
    struct config config = config_hs256();
    const char *token = token_of(arena, FIXTURE_HEADER, GOOD);
    const char *input = signing_input(arena, FIXTURE_HEADER, GOOD);
    const char *signature = strrchr(token, '.');
    const char *bad[] = {
        "",
        ".",
        "..",
        "...",
        "a.b.c",
        "a",
        arena_format(arena, "%s%s", token, token),
        arena_format(arena, "%s.%s", token, token),
        arena_format(arena, "%s.", token),
        arena_format(arena, ".%s", token),
        arena_format(arena, "%s.AAAA", token),
        arena_format(arena, "%s..", token),
        arena_format(arena, "%s.%s", input, signature),
        arena_format(arena, ".%s", strchr(token, '.') + 1),
        arena_format(arena, "%s.%s", base64url(arena, FIXTURE_HEADER, strlen(FIXTURE_HEADER)), signature + 1),
        arena_format(arena, "%s..%s", base64url(arena, FIXTURE_HEADER, strlen(FIXTURE_HEADER)),
                     signature + 1)};
    for (size_t i = 0; i < COUNT(bad); i++)
        check_bad(arena, &config, bad[i]);
}

static void text_that_is_no_canonical_base64url(void **state)
{
    static const char *const tails[] = {"=", "==", " ", "\n", "A", "AA", "%3D", "\t", "+", "/", "\xC3\xA4"};
    struct arena *arena = *state;
    struct config config = config_hs256();
    const char *token = token_of(arena, FIXTURE_HEADER, GOOD);
    for (size_t i = 0; i < COUNT(tails); i++) {
        check_bad(arena, &config, arena_format(arena, "%s%s", token, tails[i]));
        check_bad(arena, &config, arena_format(arena, "%s%s", tails[i], token));
    }
    /* A MAC has 32 bytes: its last character carries 4 bits, so 3 others would stand for the same bytes. */
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    char *copy = arena_copy_text(arena, token), *last = copy + strlen(copy) - 1;
    size_t value = (size_t)(strchr(digits, *last) - digits);
    for (size_t unused = 1; unused < 4; unused++) {
        *last = digits[value + unused];
        check_bad(arena, &config, copy);
    }
}

/* Padding or the other alphabet inside what is signed: the MAC fits, the text is not JWS. */
static void signed_text_that_is_no_base64url(void **state)
{
    struct arena *arena = *state;
    struct config config = config_hs256();
    const char *header = base64url(arena, FIXTURE_HEADER, strlen(FIXTURE_HEADER));
    const char *payload = base64url(arena, GOOD " ", strlen(GOOD) + 1);
    const char *inputs[] = {
        arena_format(arena, "%s=.%s", header, payload), arena_format(arena, "%s.%s=", header, payload),
        arena_format(arena, "%s.%s==", header, payload), arena_format(arena, "%s.%s\n", header, payload),
        arena_format(arena, " %s.%s", header, payload)};
    for (size_t i = 0; i < COUNT(inputs); i++)
        check_bad(
            arena, &config,
            arena_format(arena, "%s.%s", inputs[i],
                         hmac_text(arena, EVP_sha256(), FIXTURE_SECRET, strlen(FIXTURE_SECRET), inputs[i])));
}

static void tokens_have_at_most_8000_bytes(void **state)
{
    struct arena *arena = *state;
    struct config config = config_hs256();
    size_t taken = 0, refused = 0;
    /* Three lengths of padding in the payload reach every length around the limit but one in four. */
    for (size_t padding = 5800; padding < 6000; padding++) {
        const char *payload = arena_format(arena, "{" CLAIMS ",\"pad\":\"%s\"}", repeat(arena, 'x', padding));
        const char *token = token_of(arena, FIXTURE_HEADER, payload);
        if (strlen(token) <= LIMIT_TOKEN_BYTES) {
            check_good(arena, &config, token);
            taken = strlen(token);
        } else {
            check_bad(arena, &config, token);
            refused = refused ? refused : strlen(token);
        }
    }
    assert_in_range(taken, LIMIT_TOKEN_BYTES - 1, LIMIT_TOKEN_BYTES);
    assert_in_range(refused, LIMIT_TOKEN_BYTES + 1, LIMIT_TOKEN_BYTES + 2);
    check_bad(arena, &config, repeat(arena, 'A', 8001));
    check_bad(arena, &config, repeat(arena, '.', 8000));
    check_bad(arena, &config, repeat(arena, 'A', 8000));
}

static struct config config_of_key(struct arena *arena, enum token_algorithm algorithm, EVP_PKEY *key)
{
    struct config config = config_hs256();
    config.token_algorithm = algorithm;
    config.token_key = public_pem(arena, key);
    config.token_key_length = strlen(config.token_key);
    return config;
}

static const char *signed_with(struct arena *arena, EVP_PKEY *key, const char *algorithm, const char *payload)
{
    const char *header = arena_format(arena, "{\"alg\":\"%s\",\"typ\":\"JWT\"}", algorithm);
    const char *input = signing_input(arena, header, payload);
    return arena_format(arena, "%s.%s", input, key_signature(arena, key, input));
}

static void rs256_tokens(void **state)
{
    struct arena *arena = *state;
    struct config config = config_of_key(arena, TOKEN_RS256, rsa);
    const char *token = signed_with(arena, rsa, "RS256", GOOD);
    assert_string_equal(check_good(arena, &config, token).client_id, "shop");
    check_bad(arena, &config, signed_with(arena, other_rsa, "RS256", GOOD));
    check_bad(arena, &config, signed_with(arena, rsa, "RS384", GOOD));
    check_bad(arena, &config, signed_with(arena, rsa, "PS256", GOOD));
    check_bad(arena, &config, signed_with(arena, p256, "RS256", GOOD));
    check_bad(arena, &config, signed_with(arena, p256, "ES256", GOOD));
    check_bad(arena, &config, token_of(arena, FIXTURE_HEADER, GOOD));
    check_bad(arena, &config, arena_format(arena, "%s.", signing_input(arena, "{\"alg\":\"RS256\"}", GOOD)));
    check_bad(arena, &config,
              arena_format(arena, "%s.AAAA", signing_input(arena, "{\"alg\":\"RS256\"}", GOOD)));
    check_code(arena, &config, signed_with(arena, rsa, "RS256", "{\"client_id\":\"a\",\"exp\":1}"),
               ERROR_EXPIRED_TOKEN);
}

/* The best known forgery: the public key, which is no secret, used as the secret of a MAC. */
static void a_public_key_is_no_secret(void **state)
{
    struct arena *arena = *state;
    static const char *const headers[] = {FIXTURE_HEADER, "{\"alg\":\"RS256\",\"typ\":\"JWT\"}",
                                          "{\"alg\":\"ES256\",\"typ\":\"JWT\"}"};
    struct config configs[] = {config_of_key(arena, TOKEN_RS256, rsa),
                               config_of_key(arena, TOKEN_ES256, p256)};
    for (size_t i = 0; i < COUNT(configs); i++) {
        for (size_t j = 0; j < COUNT(headers); j++) {
            const char *input = signing_input(arena, headers[j], GOOD);
            /* As it is, and without its last newline. */
            for (size_t cut = 0; cut < 2; cut++)
                check_bad(arena, &configs[i],
                          arena_format(arena, "%s.%s", input,
                                       hmac_text(arena, EVP_sha256(), configs[i].token_key,
                                                 configs[i].token_key_length - cut, input)));
        }
    }
}

static void es256_tokens(void **state)
{
    struct arena *arena = *state;
    struct config config = config_of_key(arena, TOKEN_ES256, p256);
    const char *header = "{\"alg\":\"ES256\"}", *input = signing_input(arena, header, GOOD);
    for (int i = 0; i < 20; i++) /* each has other numbers, some shorter */
        check_good(arena, &config, signed_with(arena, p256, "ES256", GOOD));
    check_bad(arena, &config, signed_with(arena, other_p256, "ES256", GOOD));
    check_bad(arena, &config, signed_with(arena, p256, "ES384", GOOD));
    check_bad(arena, &config, signed_with(arena, rsa, "ES256", GOOD));
    check_bad(arena, &config, signed_with(arena, rsa, "RS256", GOOD));
    unsigned char zeros[64] = {0}, short_pair[62] = {1};
    check_bad(arena, &config,
              arena_format(arena, "%s.%s", input, base64url(arena, zeros, 64))); /* CVE-2022-21449 */
    check_bad(arena, &config, arena_format(arena, "%s.%s", input, base64url(arena, short_pair, 62)));
    check_bad(arena, &config, arena_format(arena, "%s.%s", input, base64url(arena, zeros, 1)));
    check_bad(arena, &config, arena_format(arena, "%s.", input));
}

/* libjwt decodes leniently: of the texts that it would take for a good signature only one is canonical. */
static void signatures_of_keys_have_one_text(void **state)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    static const char *const tails[] = {"=", "==", "\n", " ", "A", "%"};
    struct arena *arena = *state;
    struct config configs[] = {config_of_key(arena, TOKEN_RS256, rsa),
                               config_of_key(arena, TOKEN_ES256, p256)};
    const char *tokens[] = {signed_with(arena, rsa, "RS256", GOOD), signed_with(arena, p256, "ES256", GOOD)};
    for (size_t i = 0; i < 2; i++) {
        check_good(arena, &configs[i], tokens[i]);
        for (size_t j = 0; j < COUNT(tails); j++)
            check_bad(arena, &configs[i], arena_format(arena, "%s%s", tokens[i], tails[j]));
        /* 256 and 64 bytes leave 4 unused bits in the last character. */
        char *copy = arena_copy_text(arena, tokens[i]), *last = copy + strlen(copy) - 1;
        size_t value = (size_t)(strchr(digits, *last) - digits);
        for (size_t unused = 1; unused < 16; unused++) {
            *last = digits[value + unused];
            check_bad(arena, &configs[i], copy);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ARENA_TEST(no_algorithm_none),
        ARENA_TEST(headers_that_name_no_algorithm),
        ARENA_TEST(other_hmac_algorithms),
        ARENA_TEST(types_and_extensions_that_are_not_understood),
        ARENA_TEST(wrong_secrets),
        ARENA_TEST(no_key_lets_nobody_in),
        ARENA_TEST(a_token_cut_anywhere),
        ARENA_TEST(a_token_changed_anywhere),
        ARENA_TEST(segments_too_many_or_too_few),
        ARENA_TEST(text_that_is_no_canonical_base64url),
        ARENA_TEST(signed_text_that_is_no_base64url),
        ARENA_TEST(tokens_have_at_most_8000_bytes),
        ARENA_TEST(rs256_tokens),
        ARENA_TEST(a_public_key_is_no_secret),
        ARENA_TEST(es256_tokens),
        ARENA_TEST(signatures_of_keys_have_one_text),
    };
    return cmocka_run_group_tests_name("request/authenticate, forgeries", tests, make_keys, free_keys);
}
