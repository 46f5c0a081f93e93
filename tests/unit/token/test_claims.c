/* Foreign providers' tokens and remembered ones: which keys they are held against, and for how long. */
#include "foreign_fixture.h"

#include "token/issuers.h"

#include <sys/stat.h>

static EVP_PKEY *rsa, *other, *p256;

static int make_keys(void **state)
{
    (void)state;
    rsa = EVP_RSA_gen(2048);
    other = EVP_RSA_gen(2048);
    p256 = EVP_EC_gen("P-256");
    return rsa && other && p256 ? 0 : -1;
}

static int free_keys(void **state)
{
    (void)state;
    EVP_PKEY_free(rsa);
    EVP_PKEY_free(other);
    EVP_PKEY_free(p256);
    return 0;
}

/* A folder with issuers.json and keys.json, and a verifier that uses them. */
struct world {
    struct arena *arena;
    struct config config;
    struct token_verifier *verifier;
    const char *folder, *keys;
};

static void write_keys(struct world *world, const char *keys)
{
    text_write(world->arena, world->folder, "keys.json", arena_format(world->arena, "{\"keys\":[%s]}", keys));
}

static void open_world(struct world *world, struct arena *arena, const char *more)
{
    char problem[500] = "";
    *world = (struct world){.arena = arena, .config = config_hs256(), .folder = folder_create(arena)};
    world->config.token_issuers_file = (char *)text_write(
        arena, world->folder, "issuers.json",
        arena_format(arena,
                     "{\"issuers\":[{\"issuer\":\"https://id/\",\"algorithms\":[\"RS256\",\"ES256\"],"
                     "\"audience\":\"palate\",\"jwks_file\":\"%s/keys.json\"%s}]}",
                     world->folder, more));
    write_keys(world, arena_format(arena, "%s,%s", jwk_of(arena, rsa, ",\"kid\":\"r\""),
                                   jwk_of(arena, p256, ",\"kid\":\"e\"")));
    world->verifier = token_verifier_create(&world->config, problem, sizeof(problem));
    if (!world->verifier)
        fail_msg("%s", problem);
}

static void close_world(struct world *world)
{
    static const char *const names[] = {"issuers.json", "keys.json"};
    token_verifier_destroy(world->verifier);
    folder_remove(world->arena, world->folder, names, COUNT(names));
}

static enum error_code verify(struct world *world, const char *token, int64_t now, struct claims *claims)
{
    struct error error = {0};
    memset(claims, 0, sizeof(*claims));
    bool good = token_verify(world->verifier, world->arena, token, now, claims, &error);
    assert_int_equal(good, error.code == ERROR_NONE);
    return error.code;
}

#define FOREIGN                                                                                              \
    "\"iss\":\"https://id/\",\"aud\":[\"x\",\"palate\"],\"client_id\":\"c1\",\"exp\":1700000600,\"iat\":7"
#define RS "{\"alg\":\"RS256\",\"kid\":\"r\"}"

static void a_foreign_token_names_issuer_and_client(void **state)
{
    struct world world;
    struct claims claims;
    open_world(&world, *state, ",\"scopes\":{\"read\":[\"shop/read\",\"b\"]}");
    const char *token = foreign_token(*state, rsa, RS, "{" FOREIGN ",\"scope\":\"read  write\"}");
    for (int i = 0; i < 3; i++) { /* the second time it is remembered */
        assert_int_equal(verify(&world, token, NOW, &claims), ERROR_NONE);
        assert_string_equal(claims.issuer, "https://id/");
        assert_string_equal(claims.client_id, "c1");
        assert_string_equal(claims.scopes, "shop/read b");
        assert_int_equal(claims.issued_at, 7);
        assert_null(claims.subject);
    }
    token =
        foreign_token(*state, p256, "{\"alg\":\"ES256\",\"kid\":\"e\",\"typ\":\"at+jwt\"}", "{" FOREIGN "}");
    assert_int_equal(verify(&world, token, NOW, &claims), ERROR_NONE);
    /* Our own key goes on counting beside it. */
    assert_int_equal(verify(&world, token_of(*state, FIXTURE_HEADER, GOOD), NOW, &claims), ERROR_NONE);
    assert_null(claims.issuer);
    close_world(&world);
}

static void each_issuer_stands_for_its_own_keys(void **state)
{
    struct arena *arena = *state;
    struct world world;
    struct claims claims;
    open_world(&world, arena, "");
    const char *bad[] = {
        foreign_token(arena, other, RS, "{" FOREIGN "}"),
        token_of(arena, FIXTURE_HEADER, "{" FOREIGN "}"), /* our secret, their name */
        foreign_token(arena, rsa, RS, GOOD),              /* their key, not their name */
        foreign_token(arena, rsa, "{\"alg\":\"RS256\",\"kid\":\"e\"}", "{" FOREIGN "}"),
        foreign_token(arena, rsa, "{\"alg\":\"RS256\",\"kid\":\"unknown\"}", "{" FOREIGN "}"),
        foreign_token(arena, rsa, "{\"alg\":\"RS256\",\"kid\":\"../../r\"}", "{" FOREIGN "}"),
        foreign_token(arena, rsa, "{\"alg\":\"RS256\",\"kid\":7}", "{" FOREIGN "}"),
        foreign_token(arena, rsa, "{\"alg\":\"ES256\",\"kid\":\"r\"}", "{" FOREIGN "}"),
        foreign_token(arena, rsa, "{\"alg\":\"RS256\",\"kid\":\"r\",\"crit\":[]}", "{" FOREIGN "}"),
        foreign_token(arena, rsa, RS,
                      "{\"iss\":\"https://id/\",\"aud\":\"x\",\"client_id\":\"c\",\"exp\":1700000600}"),
        foreign_token(arena, rsa, RS, "{\"iss\":\"https://id/\",\"client_id\":\"c\",\"exp\":1700000600}"),
        foreign_token(arena, rsa, RS, "{\"iss\":\"https://id/\",\"aud\":\"palate\",\"exp\":1700000600}"),
        foreign_token(arena, rsa, RS, "{" FOREIGN ",\"sub\":\"\"}"),
        foreign_token(arena, rsa, RS, "{" FOREIGN ",\"iss\":\"https://id/\"}"), /* twice */
    };
    for (size_t i = 0; i < COUNT(bad); i++) {
        if (verify(&world, bad[i], NOW, &claims) != ERROR_INVALID_TOKEN)
            fail_msg("case %zu was taken", i);
    }
    /* The public key as a secret. */
    const char *input = signing_input(arena, "{\"alg\":\"HS256\",\"kid\":\"r\"}", "{" FOREIGN "}");
    const char *pem = public_pem(arena, rsa);
    const char *mac = hmac_text(arena, EVP_sha256(), pem, strlen(pem), input);
    assert_int_equal(verify(&world, arena_format(arena, "%s.%s", input, mac), NOW, &claims),
                     ERROR_INVALID_TOKEN);
    close_world(&world);
}

static void required_claims_must_be_equal(void **state)
{
    struct arena *arena = *state;
    struct world world;
    struct claims claims;
    open_world(&world, arena, ",\"require\":{\"token_use\":\"access\",\"bot\":true}");
    const char *good = foreign_token(arena, rsa, RS, "{" FOREIGN ",\"token_use\":\"access\",\"bot\":true}");
    const char *bad = foreign_token(arena, rsa, RS, "{" FOREIGN ",\"token_use\":\"id\",\"bot\":true}");
    assert_int_equal(verify(&world, good, NOW, &claims), ERROR_NONE);
    assert_int_equal(verify(&world, bad, NOW, &claims), ERROR_INVALID_TOKEN);
    bad = foreign_token(arena, rsa, RS, "{" FOREIGN ",\"token_use\":\"access\"}");
    assert_int_equal(verify(&world, bad, NOW, &claims), ERROR_INVALID_TOKEN);
    close_world(&world);
}

static void a_remembered_token_still_expires(void **state)
{
    struct world world;
    struct claims claims;
    open_world(&world, *state, "");
    const char *own = token_of(*state, FIXTURE_HEADER, "{" CLAIMS ",\"nbf\":1699999990}");
    const char *foreign = foreign_token(*state, rsa, RS, "{" FOREIGN "}");
    const char *tokens[] = {own, foreign};
    for (size_t i = 0; i < COUNT(tokens); i++) {
        assert_int_equal(verify(&world, tokens[i], NOW, &claims), ERROR_NONE);
        assert_int_equal(verify(&world, tokens[i], NOW + 629, &claims), ERROR_NONE);
        assert_int_equal(verify(&world, tokens[i], NOW + 630, &claims), ERROR_EXPIRED_TOKEN);
        assert_int_equal(verify(&world, tokens[i], NOW, &claims), ERROR_NONE);
    }
    /* A clock that goes back. */
    assert_int_equal(verify(&world, own, NOW - 100, &claims), ERROR_INVALID_TOKEN);
    close_world(&world);
}

static void a_key_that_is_taken_back_takes_its_tokens_along(void **state)
{
    struct arena *arena = *state;
    struct world world;
    struct claims claims;
    open_world(&world, arena, "");
    const char *token = foreign_token(arena, rsa, RS, "{" FOREIGN "}");
    const char *other_token =
        foreign_token(arena, p256, "{\"alg\":\"ES256\",\"kid\":\"e\"}", "{" FOREIGN "}");
    assert_int_equal(verify(&world, token, NOW, &claims), ERROR_NONE);
    assert_int_equal(verify(&world, token, NOW, &claims), ERROR_NONE);
    write_keys(&world, jwk_of(arena, p256, ",\"kid\":\"e\""));
    assert_int_equal(verify(&world, token, NOW, &claims), ERROR_INVALID_TOKEN);
    assert_int_equal(verify(&world, other_token, NOW, &claims), ERROR_NONE);
    /* A file that was spoiled in editing takes nothing back. */
    text_write(arena, world.folder, "keys.json", "{\"keys\":[");
    assert_int_equal(verify(&world, other_token, NOW, &claims), ERROR_NONE);
    close_world(&world);
}

static void more_tokens_than_are_remembered(void **state)
{
    struct arena *arena = *state;
    struct world world;
    struct claims claims;
    open_world(&world, arena, "");
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < 3 * LIMIT_REMEMBERED_TOKENS; i++) {
            const char *payload =
                arena_format(arena, "{\"client_id\":\"shop-%d\",\"scope\":\"s%d\",\"exp\":1700000600}", i, i);
            assert_int_equal(verify(&world, token_of(arena, FIXTURE_HEADER, payload), NOW, &claims),
                             ERROR_NONE);
            assert_string_equal(claims.client_id, arena_format(arena, "shop-%d", i));
            assert_string_equal(claims.scopes, arena_format(arena, "s%d", i));
        }
    }
    const char *long_scope = arena_format(arena, "{" CLAIMS ",\"scope\":\"%s\"}", repeat(arena, 's', 4000));
    for (int i = 0; i < 3; i++) {
        assert_int_equal(verify(&world, token_of(arena, FIXTURE_HEADER, long_scope), NOW, &claims),
                         ERROR_NONE);
        assert_int_equal(strlen(claims.scopes), 4000);
    }
    close_world(&world);
}

static void a_bad_token_is_not_remembered(void **state)
{
    struct arena *arena = *state;
    struct world world;
    struct claims claims;
    open_world(&world, arena, "");
    char *token = arena_copy_text(arena, token_of(arena, FIXTURE_HEADER, GOOD));
    assert_int_equal(verify(&world, token, NOW, &claims), ERROR_NONE);
    token[strlen(token) / 2] ^= 1;
    for (int i = 0; i < 3; i++)
        assert_int_equal(verify(&world, token, NOW, &claims), ERROR_INVALID_TOKEN);
    close_world(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ARENA_TEST(a_foreign_token_names_issuer_and_client),
        ARENA_TEST(each_issuer_stands_for_its_own_keys),
        ARENA_TEST(required_claims_must_be_equal),
        ARENA_TEST(a_remembered_token_still_expires),
        ARENA_TEST(a_key_that_is_taken_back_takes_its_tokens_along),
        ARENA_TEST(more_tokens_than_are_remembered),
        ARENA_TEST(a_bad_token_is_not_remembered),
    };
    return cmocka_run_group_tests_name("request/token_verifier", tests, make_keys, free_keys);
}
