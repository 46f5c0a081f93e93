/* For tests of bearer tokens: a moment, good claims, and checks that a token is let in or kept out. Each test
 * is a program of its own, so all is static. */
#ifndef PALATE_TESTS_REQUEST_TOKEN_FIXTURE_H
#define PALATE_TESTS_REQUEST_TOKEN_FIXTURE_H

#include "fixture.h"

#include "token/claims.h"

enum { NOW = 1700000000 };

#define CLAIMS "\"client_id\":\"shop\",\"sub\":\"user-1\",\"exp\":1700000600"
#define GOOD   "{" CLAIMS "}"

FIXTURE struct claims check_good(struct arena *arena, const struct config *config, const char *token)
{
    struct claims claims = {0};
    struct error error = {0};
    if (!token_verify_own(config, arena, token, NOW, &claims, &error))
        fail_msg("refused (%s): %s", error.detail, token);
    assert_int_equal(error.code, ERROR_NONE);
    return claims;
}

/* Refused as every bad token is: with one message, and nothing of the token in what the log gets. */
FIXTURE void check_code(struct arena *arena, const struct config *config, const char *token,
                        enum error_code code)
{
    struct claims claims = {0};
    struct error error = {0};
    if (token_verify_own(config, arena, token, NOW, &claims, &error))
        fail_msg("taken: %s", token);
    if (error.code != code)
        fail_msg("%s, not %s: %s", error_name(error.code), error_name(code), token);
    assert_int_equal(error_status(error.code), 401);
    assert_int_equal(strncmp(error.detail, "token: ", 7), 0);
    assert_true(strlen(token) < 20 || !strstr(error.detail, token));
}

FIXTURE void check_bad(struct arena *arena, const struct config *config, const char *token)
{
    check_code(arena, config, token, ERROR_INVALID_TOKEN);
}

FIXTURE void check_payload(struct arena *arena, const struct config *config, const char *payload, bool good)
{
    const char *token = token_of(arena, FIXTURE_HEADER, payload);
    if (good)
        check_good(arena, config, token);
    else
        check_bad(arena, config, token);
}

#endif
