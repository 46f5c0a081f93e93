/* Keys that must not be used: too short, of the wrong kind, or known to everybody. */
#include "../request/fixture.h"

#include "token/token_key.h"

static EVP_PKEY *rsa_2048, *rsa_1024, *p256, *p384;

static int make_keys(void **state)
{
    (void)state;
    rsa_2048 = EVP_RSA_gen(2048);
    rsa_1024 = EVP_RSA_gen(1024);
    p256 = EVP_EC_gen("P-256");
    p384 = EVP_EC_gen("P-384");
    return rsa_2048 && rsa_1024 && p256 && p384 ? 0 : -1;
}

static int free_keys(void **state)
{
    (void)state;
    EVP_PKEY_free(rsa_2048);
    EVP_PKEY_free(rsa_1024);
    EVP_PKEY_free(p256);
    EVP_PKEY_free(p384);
    return 0;
}

/* says NULL: the key is fit. */
static void check(enum token_algorithm algorithm, const char *key, size_t length, const char *says)
{
    static char secret_file[] = "/etc/secret", key_file[] = "/etc/key.pem";
    char problem[300] = "", *copy = memory_copy_bytes(key, length);
    struct config config = {.token_algorithm = algorithm,
                            .token_key = copy,
                            .token_key_length = length,
                            .token_secret_file = secret_file,
                            .token_public_key_file = key_file};
    bool fit = token_key_check(&config, problem, sizeof(problem));
    memory_free(copy);
    if (fit != !says)
        fail_msg("%s: %s", fit ? "taken" : "refused", fit ? says : problem);
    if (fit)
        return;
    if (!strstr(problem, says))
        fail_msg("\"%s\" does not say \"%s\"", problem, says);
    assert_non_null(strstr(problem, algorithm == TOKEN_HS256 ? secret_file : key_file));
}

static void check_text(enum token_algorithm algorithm, const char *key, const char *says)
{
    check(algorithm, key, strlen(key), says);
}

static void secrets_have_at_least_32_bytes(void **state)
{
    struct arena *arena = *state;
    check_text(TOKEN_HS256, "", "shorter than 32 bytes");
    check_text(TOKEN_HS256, repeat(arena, 's', 31), "shorter than 32 bytes");
    check_text(TOKEN_HS256, repeat(arena, 's', 32), NULL);
    check_text(TOKEN_HS256, repeat(arena, 's', 16000), NULL);
    check(TOKEN_HS256, arena_alloc(arena, 32, 1), 32, NULL); /* zero bytes are bytes */
}

static void a_pem_is_no_secret(void **state)
{
    struct arena *arena = *state;
    check_text(TOKEN_HS256, public_pem(arena, rsa_2048), "PEM");
    check_text(TOKEN_HS256, public_pem(arena, p256), "PEM");
    check_text(TOKEN_HS256, private_pem(arena, rsa_2048), "PEM");
    check_text(TOKEN_HS256, "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n", "PEM");
}

static void a_pem_behind_white_space_is_no_secret_either(void **state)
{
    check_text(TOKEN_HS256, arena_format(*state, "\n%s", public_pem(*state, rsa_2048)), "PEM");
}

static void rs256_wants_rsa_of_2048_bits(void **state)
{
    struct arena *arena = *state;
    check_text(TOKEN_RS256, public_pem(arena, rsa_2048), NULL);
    check_text(TOKEN_RS256, public_pem(arena, rsa_1024), "less than 2048 bits");
    check_text(TOKEN_RS256, public_pem(arena, p256), "no RSA key");
    check_text(TOKEN_RS256, private_pem(arena, rsa_2048), "no public key");
}

static void es256_wants_p256(void **state)
{
    struct arena *arena = *state;
    check_text(TOKEN_ES256, public_pem(arena, p256), NULL);
    check_text(TOKEN_ES256, public_pem(arena, p384), "no P-256 key");
    check_text(TOKEN_ES256, public_pem(arena, rsa_2048), "no P-256 key");
    check_text(TOKEN_ES256, private_pem(arena, p256), "no public key");
}

static void other_texts_are_no_keys(void **state)
{
    struct arena *arena = *state;
    const char *pem = public_pem(arena, rsa_2048);
    const char *bad[] = {"",
                         "garbage",
                         "-----BEGIN PUBLIC KEY-----\n",
                         "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n",
                         "-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----\n",
                         FIXTURE_SECRET,
                         arena_copy_bytes(arena, pem, strlen(pem) / 2),
                         repeat(arena, 'A', 16384)};
    for (size_t i = 0; i < COUNT(bad); i++) {
        check_text(TOKEN_RS256, bad[i], "no public key in PEM");
        check_text(TOKEN_ES256, bad[i], "no public key in PEM");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ARENA_TEST(secrets_have_at_least_32_bytes),
        ARENA_TEST(a_pem_is_no_secret),
        ARENA_TEST(a_pem_behind_white_space_is_no_secret_either),
        ARENA_TEST(rs256_wants_rsa_of_2048_bits),
        ARENA_TEST(es256_wants_p256),
        ARENA_TEST(other_texts_are_no_keys),
    };
    return cmocka_run_group_tests_name("request/token_key", tests, make_keys, free_keys);
}
