/* Claims of tokens that are signed well, and the header that carries a token. */
#include "token_fixture.h"

#include "request/authenticate.h"

static void a_good_token_gives_its_claims(void **state)
{
    struct arena *arena = *state;
    struct config config = config_hs256();
    const char *token = token_of(arena, FIXTURE_HEADER, "{" CLAIMS ",\"scope\":\"a shop/read\",\"jti\":7}");
    struct claims claims = check_good(arena, &config, token);
    assert_string_equal(claims.client_id, "shop");
    assert_string_equal(claims.subject, "user-1");
    assert_string_equal(claims.scopes, "a shop/read");
}

static void sub_stands_in_for_client_id(void **state)
{
    struct arena *arena = *state;
    struct config config = config_hs256();
    struct claims claims = check_good(
        arena, &config, token_of(arena, FIXTURE_HEADER, "{\"sub\":\"machine\",\"exp\":1700000600}"));
    assert_string_equal(claims.client_id, "machine");
    assert_string_equal(claims.subject, "machine");
    assert_string_equal(claims.scopes, "");
    claims = check_good(arena, &config,
                        token_of(arena, FIXTURE_HEADER, "{\"client_id\":\"c\",\"exp\":1700000600}"));
    assert_string_equal(claims.client_id, "c");
    assert_null(claims.subject);
}

static void scopes_may_be_a_list(void **state)
{
    struct arena *arena = *state;
    struct config config = config_hs256();
    struct claims claims = check_good(
        arena, &config, token_of(arena, FIXTURE_HEADER, "{" CLAIMS ",\"scope\":[\"one\",\"two\"]}"));
    assert_non_null(strstr(claims.scopes, "one two"));
    claims = check_good(arena, &config, token_of(arena, FIXTURE_HEADER, "{" CLAIMS ",\"scope\":7}"));
    assert_string_equal(claims.scopes, "");
}

static void headers_that_are_fine(void **state)
{
    static const char *const headers[] = {"{\"alg\":\"HS256\"}", "{\"typ\":\"jwt\",\"alg\":\"HS256\"}",
                                          "{\"alg\":\"HS256\",\"typ\":\"JWT\",\"kid\":\"1\"}",
                                          " {\"alg\" : \"HS256\"} "};
    struct config config = config_hs256();
    for (size_t i = 0; i < COUNT(headers); i++)
        check_good(*state, &config, token_of(*state, headers[i], GOOD));
}

static void payloads_that_are_no_claims(void **state)
{
    static const char *const payloads[] = {"",  "null",   "[]",      "7",          "\"text\"",
                                           "{", GOOD "x", GOOD GOOD, "[" GOOD "]", "not json"};
    struct config config = config_hs256();
    for (size_t i = 0; i < COUNT(payloads); i++)
        check_payload(*state, &config, payloads[i], false);
}

static void exp_is_needed_and_a_number(void **state)
{
    static const char *const values[] = {"null",  "\"1700000600\"", "1e12", "253402300800.0",
                                         "true",  "[1700000600]",   "{}",   "9223372036854775808",
                                         "1e999", "-1e999",         "NaN",  "Infinity"};
    static const char *const good[] = {"1700000600", "1700000600.5", "1700000600.0", "1.7000006e9",
                                       "253402300799.9"};
    struct arena *arena = *state;
    struct config config = config_hs256();
    check_payload(arena, &config, "{\"client_id\":\"shop\"}", false);
    check_payload(arena, &config, "{\"client_id\":\"shop\",\"EXP\":1700000600}", false);
    for (size_t i = 0; i < COUNT(values); i++)
        check_payload(arena, &config, arena_format(arena, "{\"client_id\":\"shop\",\"exp\":%s}", values[i]),
                      false);
    for (size_t i = 0; i < COUNT(good); i++)
        check_payload(arena, &config, arena_format(arena, "{\"client_id\":\"shop\",\"exp\":%s}", good[i]),
                      true);
    check_payload(arena, &config, "{\"client_id\":\"shop\",\"exp\":1700000600,\"exp\":null}", false);
    check_payload(arena, &config, "{\"client_id\":\"shop\",\"exp\":9223372036854775806}", true);
}

static void expired_tokens_are_told_apart(void **state)
{
    static const char *const past[] = {"1699999970", "1699999969",           "1600000000",   "0",
                                       "-1",         "-9223372036854775807", "1699999970.9", "-1.5"};
    static const char *const future[] = {"1699999971", "1699999999", "1700000000", "1700000001"};
    struct arena *arena = *state;
    struct config config = config_hs256();
    for (size_t i = 0; i < COUNT(past); i++) {
        const char *payload = arena_format(arena, "{\"client_id\":\"shop\",\"exp\":%s}", past[i]);
        check_code(arena, &config, token_of(arena, FIXTURE_HEADER, payload), ERROR_EXPIRED_TOKEN);
    }
    for (size_t i = 0; i < COUNT(future); i++)
        check_payload(arena, &config, arena_format(arena, "{\"client_id\":\"shop\",\"exp\":%s}", future[i]),
                      true);
    config.token_leeway = 0;
    check_code(arena, &config, token_of(arena, FIXTURE_HEADER, "{\"client_id\":\"shop\",\"exp\":1700000000}"),
               ERROR_EXPIRED_TOKEN);
    check_code(arena, &config,
               token_of(arena, FIXTURE_HEADER, "{\"client_id\":\"shop\",\"exp\":1700000000.9}"),
               ERROR_EXPIRED_TOKEN); /* never a moment longer than it says */
    check_payload(arena, &config, "{\"client_id\":\"shop\",\"exp\":1700000001}", true);
}

/* An expired token with a wrong signature must not be told apart: nothing in it can be believed. */
static void expiry_is_looked_at_behind_the_signature(void **state)
{
    struct arena *arena = *state;
    struct config config = config_hs256();
    const char *input = signing_input(arena, FIXTURE_HEADER, "{\"client_id\":\"shop\",\"exp\":1}");
    check_bad(arena, &config,
              arena_format(arena, "%s.%s", input, hmac_text(arena, EVP_sha256(), "other", 5, input)));
}

static void nbf_may_be_ahead_by_the_leeway(void **state)
{
    static const char *const good[] = {"1699999999", "1700000030", "0", "-5", "0.5", "1.7e9", "1700000029.5"};
    static const char *const bad[] = {"1700000031", "1700000030.5", "1800000000", "9223372036854775806",
                                      "\"0\"",      "1.8e9",        "null",       "1e20",
                                      "[]"};
    struct arena *arena = *state;
    struct config config = config_hs256();
    for (size_t i = 0; i < COUNT(good); i++)
        check_payload(arena, &config, arena_format(arena, "{" CLAIMS ",\"nbf\":%s}", good[i]), true);
    for (size_t i = 0; i < COUNT(bad); i++)
        check_payload(arena, &config, arena_format(arena, "{" CLAIMS ",\"nbf\":%s}", bad[i]), false);
}

static void the_issuer_must_be_the_configured_one(void **state)
{
    static const char *const bad[] = {"",
                                      ",\"iss\":\"https://id.example\"",
                                      ",\"iss\":\"https://id.example//\"",
                                      ",\"iss\":\"HTTPS://ID.EXAMPLE/\"",
                                      ",\"iss\":null",
                                      ",\"iss\":[\"https://id.example/\"]",
                                      ",\"iss\":\"\"",
                                      ",\"iss\":7"};
    struct arena *arena = *state;
    struct config config = config_hs256();
    char issuer[] = "https://id.example/";
    check_payload(arena, &config, "{" CLAIMS ",\"iss\":\"anybody\"}", true); /* none is configured */
    config.token_issuer = issuer;
    check_payload(arena, &config, "{" CLAIMS ",\"iss\":\"https://id.example/\"}", true);
    for (size_t i = 0; i < COUNT(bad); i++)
        check_payload(arena, &config, arena_format(arena, "{" CLAIMS "%s}", bad[i]), false);
}

static void the_audience_must_name_the_configured_one(void **state)
{
    static const char *const good[] = {"\"palate\"", "[\"palate\"]", "[\"other\",\"palate\"]",
                                       "[7,\"palate\"]"};
    static const char *const bad[] = {"\"other\"", "\"palate \"",       "\"Palate\"",     "\"palate,other\"",
                                      "[]",        "[\"other\"]",       "[[\"palate\"]]", "null",
                                      "7",         "{\"palate\":true}", "\"\"",           "[null]"};
    struct arena *arena = *state;
    struct config config = config_hs256();
    char audience[] = "palate";
    check_payload(arena, &config, "{" CLAIMS ",\"aud\":\"anything\"}", true); /* none is configured */
    config.token_audience = audience;
    check_payload(arena, &config, GOOD, false);
    for (size_t i = 0; i < COUNT(good); i++)
        check_payload(arena, &config, arena_format(arena, "{" CLAIMS ",\"aud\":%s}", good[i]), true);
    for (size_t i = 0; i < COUNT(bad); i++)
        check_payload(arena, &config, arena_format(arena, "{" CLAIMS ",\"aud\":%s}", bad[i]), false);
}

#define EXP "\"exp\":1700000600"

static void someone_must_be_named(void **state)
{
    struct arena *arena = *state;
    struct config config = config_hs256();
    const char *most = repeat(arena, 'x', LIMIT_ID_CHARACTERS),
               *more = repeat(arena, 'x', LIMIT_ID_CHARACTERS + 1);
    static const char *const bad[] = {"{" EXP "}",
                                      "{" EXP ",\"client_id\":\"\"}",
                                      "{" EXP ",\"client_id\":\"\",\"sub\":\"x\"}",
                                      "{" EXP ",\"client_id\":7}",
                                      "{" EXP ",\"client_id\":[\"shop\"]}",
                                      "{" EXP ",\"client_id\":null}",
                                      "{" EXP ",\"sub\":7}",
                                      "{" EXP ",\"sub\":\"\"}",
                                      "{" EXP ",\"sub\":null}",
                                      "{" EXP ",\"sub\":\"a\\u0000b\"}",
                                      "{" EXP ",\"sub\":\"a\\nb\"}",
                                      "{" EXP ",\"client_id\":\"a\\u0007\"}",
                                      "{" EXP ",\"client_id\":\"\\u007f\"}",
                                      "{" EXP ",\"client_id\":\"shop\",\"sub\":\"\"}",
                                      "{" EXP ",\"client_id\":\"shop\",\"sub\":\"a\\tb\"}",
                                      "{" EXP ",\"client_id\":\"\\ud800\"}",
                                      "{" EXP ",\"client_id\":\"\xFF\"}"};
    for (size_t i = 0; i < COUNT(bad); i++)
        check_payload(arena, &config, bad[i], false);
    check_payload(arena, &config, arena_format(arena, "{" EXP ",\"client_id\":\"%s\"}", most), true);
    check_payload(arena, &config, arena_format(arena, "{" EXP ",\"client_id\":\"%s\"}", more), false);
    check_payload(arena, &config, arena_format(arena, "{" EXP ",\"client_id\":\"a\",\"sub\":\"%s\"}", more),
                  false);
    check_payload(arena, &config, "{" EXP ",\"client_id\":\"\xC3\xA4 'quote' %s\"}", true);
}

/* A client_id that is there but no text names nobody: it must not quietly become somebody else's sub. */
static void a_client_id_of_another_type_is_not_skipped(void **state)
{
    static const char *const values[] = {"7", "[\"shop\"]", "{}", "true", "1.5"};
    struct config config = config_hs256();
    for (size_t i = 0; i < COUNT(values); i++)
        check_payload(*state, &config,
                      arena_format(*state, "{" EXP ",\"sub\":\"somebody\",\"client_id\":%s}", values[i]),
                      false);
}

/* ---- The header of the request. */

static const struct route read_route = {.method = "GET", .path = "/r", .access = ACCESS_READ};
static const struct route open_route = {.method = "GET", .path = "/o", .access = ACCESS_TOKEN};

static enum error_code authenticate_header(struct arena *arena, const struct route *route, const char *header)
{
    struct config config = config_hs256();
    char problem[200];
    struct worker worker = {.config = &config,
                            .arena = arena,
                            .verifier = token_verifier_create(&config, problem, sizeof(problem))};
    struct request request = {.arena = arena, .transport = fixture_transport, .route = route};
    cgi_clear();
    if (header)
        setenv("HTTP_AUTHORIZATION", header, 1);
    bool good = authenticate(&worker, &request);
    token_verifier_destroy(worker.verifier);
    assert_int_equal(good, request.error.code == ERROR_NONE);
    return request.error.code;
}

static const char *lasting(struct arena *arena, const char *scope)
{
    return token_of(arena, FIXTURE_HEADER,
                    arena_format(arena, "{\"client_id\":\"shop\",\"exp\":99999999999,\"scope\":%s}", scope));
}

static void the_header_is_bearer_and_one_token(void **state)
{
    struct arena *arena = *state;
    const char *token = lasting(arena, "\"\"");
    const char *good[] = {"Bearer %s", "bearer %s", "BEARER %s", "Bearer   %s"};
    const char *bad[] = {"%s",         "Bearer%s",      "Basic %s",
                         "Bearer %s ", "Bearer %s,",    "Bearer %s x",
                         "Bearer\t%s", " Bearer %s",    "Bearer %s, Bearer x",
                         "Token %s",   "Bearer \"%s\"", "Bearer Bearer %s",
                         "Bearer =%s", "Bearer\xA0%s"};
    for (size_t i = 0; i < COUNT(good); i++) {
        const char *at = strstr(good[i], "%s");
        const char *header = arena_format(arena, "%.*s%s", (int)(at - good[i]), good[i], token);
        assert_int_equal(authenticate_header(arena, &open_route, header), ERROR_NONE);
    }
    for (size_t i = 0; i < COUNT(bad); i++) {
        const char *at = strstr(bad[i], "%s");
        const char *header = arena_format(arena, "%.*s%s%s", (int)(at - bad[i]), bad[i], token, at + 2);
        if (authenticate_header(arena, &open_route, header) != ERROR_INVALID_TOKEN)
            fail_msg("taken: %s", header);
    }
    assert_int_equal(authenticate_header(arena, &open_route, NULL), ERROR_INVALID_TOKEN);
    assert_int_equal(authenticate_header(arena, &open_route, ""), ERROR_INVALID_TOKEN);
    assert_int_equal(authenticate_header(arena, &open_route, "Bearer "), ERROR_INVALID_TOKEN);
    assert_int_equal(authenticate_header(arena, &open_route, "Bearer"), ERROR_INVALID_TOKEN);
}

static void the_read_scope_is_a_word_of_the_scopes(void **state)
{
    static const char *const good[] = {"\"shop/read\"",       "\"a shop/read\"", "\"shop/read b\"",
                                       "\"a  shop/read  b\"", "[\"shop/read\"]", "[\"a\",\"shop/read\"]"};
    static const char *const bad[] = {"\"\"",
                                      "null",
                                      "\"shop\"",
                                      "\"shop/readx\"",
                                      "\"xshop/read\"",
                                      "\"shop/read,b\"",
                                      "\"SHOP/READ\"",
                                      "[]",
                                      "7",
                                      "{\"shop/read\":true}",
                                      "\"shop/write\"",
                                      "[null]",
                                      "\"shop /read\"",
                                      "[[\"shop/read\"]]",
                                      "true"};
    struct arena *arena = *state;
    for (size_t i = 0; i < COUNT(good); i++) {
        const char *header = arena_format(arena, "Bearer %s", lasting(arena, good[i]));
        if (authenticate_header(arena, &read_route, header) != ERROR_NONE)
            fail_msg("refused: %s", good[i]);
    }
    for (size_t i = 0; i < COUNT(bad); i++) {
        const char *header = arena_format(arena, "Bearer %s", lasting(arena, bad[i]));
        if (authenticate_header(arena, &read_route, header) != ERROR_INSUFFICIENT_SCOPE)
            fail_msg("taken: %s", bad[i]);
        assert_int_equal(authenticate_header(arena, &open_route, header), ERROR_NONE);
    }
}

/* ---- Tokens for a person. */

static const char *own_token(struct arena *arena, const char *more)
{
    return arena_format(
        arena, "Bearer %s",
        token_of(arena, FIXTURE_HEADER,
                 arena_format(arena,
                              "{\"client_id\":\"shop\",\"exp\":99999999999,\"scope\":\"shop/read "
                              "shop/write\"%s}",
                              more)));
}

static void a_token_for_a_person_opens_only_what_is_that_persons(void **state)
{
    static const enum access closed[] = {ACCESS_READ, ACCESS_WRITE};
    static const enum access open[] = {ACCESS_READ_OWN, ACCESS_WRITE_OWN, ACCESS_TOKEN};
    struct arena *arena = *state;
    const char *person = own_token(arena, ",\"sub\":\"anna\",\"palate_subject\":\"person\"");
    const char *client = own_token(arena, ",\"sub\":\"anna\"");
    for (size_t i = 0; i < COUNT(closed); i++) {
        const struct route route = {.method = "GET", .path = "/r", .access = closed[i]};
        assert_int_equal(authenticate_header(arena, &route, person), ERROR_PERSON_TOKEN);
        assert_int_equal(authenticate_header(arena, &route, client), ERROR_NONE);
    }
    for (size_t i = 0; i < COUNT(open); i++) {
        const struct route route = {.method = "GET", .path = "/r", .access = open[i]};
        assert_int_equal(authenticate_header(arena, &route, person), ERROR_NONE);
    }
}

static void whose_token_it_is_must_be_said_well(void **state)
{
    static const char *const bad[] = {"\"client\"", "\"\"", "\"Person\"", "7", "true", "[\"person\"]"};
    struct arena *arena = *state;
    for (size_t i = 0; i < COUNT(bad); i++) {
        const char *more = arena_format(arena, ",\"sub\":\"anna\",\"palate_subject\":%s", bad[i]);
        assert_int_equal(authenticate_header(arena, &open_route, own_token(arena, more)),
                         ERROR_INVALID_TOKEN);
    }
    assert_int_equal(
        authenticate_header(arena, &open_route, own_token(arena, ",\"palate_subject\":\"person\"")),
        ERROR_INVALID_TOKEN);
}

static void a_person_may_name_nobody_else(void **state)
{
    struct request person = {.arena = *state, .claims = {.subject = "anna", .is_person = true}};
    struct request client = {.arena = *state, .claims = {.subject = "shop"}};
    assert_true(person_may_name(&client, "anybody") && person_may_name(&client, NULL));
    assert_true(person_may_name(&person, "anna"));
    assert_false(person_may_name(&person, "Anna"));
    assert_int_equal(person.error.code, ERROR_PERSON_TOKEN);
    error_clear(&person.error);
    assert_false(person_may_name(&person, NULL));
    assert_null(person_of(&client));
    assert_string_equal(person_of(&person), "anna");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ARENA_TEST(a_good_token_gives_its_claims),
        ARENA_TEST(sub_stands_in_for_client_id),
        ARENA_TEST(scopes_may_be_a_list),
        ARENA_TEST(headers_that_are_fine),
        ARENA_TEST(payloads_that_are_no_claims),
        ARENA_TEST(exp_is_needed_and_a_number),
        ARENA_TEST(expired_tokens_are_told_apart),
        ARENA_TEST(expiry_is_looked_at_behind_the_signature),
        ARENA_TEST(nbf_may_be_ahead_by_the_leeway),
        ARENA_TEST(the_issuer_must_be_the_configured_one),
        ARENA_TEST(the_audience_must_name_the_configured_one),
        ARENA_TEST(someone_must_be_named),
        ARENA_TEST(a_client_id_of_another_type_is_not_skipped),
        ARENA_TEST(the_header_is_bearer_and_one_token),
        ARENA_TEST(the_read_scope_is_a_word_of_the_scopes),
        ARENA_TEST(a_token_for_a_person_opens_only_what_is_that_persons),
        ARENA_TEST(whose_token_it_is_must_be_said_well),
        ARENA_TEST(a_person_may_name_nobody_else),
    };
    return cmocka_run_group_tests_name("request/authenticate", tests, cgi_open, cgi_close);
}
