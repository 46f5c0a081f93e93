/* Fuzzes tokens with the functions that workers use. The first byte chooses what becomes of the rest:
 *
 * 0: it is the token; 1: header, newline and payload, signed with the right secret, so that the claims are
 * reached; 2: the same under the foreign provider, whose claims are read without a signature.
 * What must hold: a token is only taken with the right signature, and then names a client.
 *
 * Covers: fcgi/token/read_token.c fcgi/token/verify_token.c fcgi/token/claims.c
 * Covers: fcgi/token/issuer_claims.c fcgi/token/remember_token.c */
#include "fixture.h"

#include "token/claims.h"
#include "token/issuer_claims.h"
#include "token/read_token.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

static char secret[] = "a secret of this target, long enough: 0123456789", empty[] = "";
static const char issuers[] =
    "{\"issuers\":[{\"issuer\":\"i\",\"algorithms\":[\"RS256\"],\"audience\":[\"a\",\"b\"],"
    "\"jwks_file\":\"/dev/null\",\"client_claims\":[\"client_id\",\"azp\",\"aud\",\"sub\"],"
    "\"require\":{\"token_use\":\"access\"},\"scope_claims\":[\"scope\",\"permissions\",\"r.roles\"],"
    "\"scopes\":{\"x\":\"y\",\"z\":[\"p\",\"q\"]}}]}";

static struct config config;
static struct token_verifier *verifier;
static struct issuers *providers;

static void open_all(void)
{
    static char path[] = "/tmp/palate-fuzz-issuers-XXXXXX";
    char problem[500] = "";
    int fd = mkstemp(path);
    must(fd >= 0 && write(fd, issuers, sizeof(issuers) - 1) == sizeof(issuers) - 1, "issuers file");
    close(fd);
    config = (struct config){.path = empty,
                             .token_secret_file = empty,
                             .token_issuer = empty,
                             .token_audience = empty,
                             .token_keys_cache = empty,
                             .token_issuers_file = path,
                             .token_leeway = 30,
                             .token_algorithm = TOKEN_HS256,
                             .token_key = secret,
                             .token_key_length = sizeof(secret) - 1};
    verifier = token_verifier_create(&config, problem, sizeof(problem));
    providers = issuers_load(&config, problem, sizeof(problem));
    must(verifier && providers, problem);
    unlink(path);
}

static char *encode(struct arena *arena, const void *bytes, size_t length)
{
    char *text = arena_alloc(arena, length * 4 / 3 + 4, 1);
    text_encode_base64url(bytes, length, text);
    return text;
}

static char *sign(struct arena *arena, const char *header, const char *payload)
{
    unsigned char mac[EVP_MAX_MD_SIZE];
    unsigned length = 0;
    char *input = arena_format(arena, "%s.%s", encode(arena, header, strlen(header)),
                               encode(arena, payload, strlen(payload)));
    must(HMAC(EVP_sha256(), secret, sizeof(secret) - 1, (const unsigned char *)input, strlen(input), mac,
              &length),
         "HMAC");
    return arena_format(arena, "%s.%s", input, encode(arena, mac, length));
}

static void check_claims(const struct claims *claims)
{
    must(claims->client_id && *claims->client_id && claims->scopes, "taken without a client");
    must(strlen(claims->scopes) < SIZE_MAX && (!claims->subject || *claims->subject), "texts");
}

static void verify(struct arena *arena, const char *token, bool is_signed)
{
    for (int round = 0; round < 2; round++) { /* the second time it is remembered */
        struct claims claims = {0};
        struct error error = {0};
        bool good = token_verify(verifier, arena, token, 1700000000, &claims, &error);
        must(good == (error.code == ERROR_NONE), "an error and its code");
        must(!good || is_signed, "taken without a signature");
        if (good)
            check_claims(&claims);
    }
}

static void read_foreign(struct arena *arena, const char *header, const char *payload)
{
    struct token token;
    const char *why;
    struct claims claims = {0};
    struct error error = {0};
    if (token_read(arena, sign(arena, header, payload), &token, &why) &&
        issuer_read_claims(&providers->list[0], arena, token.claims, &claims, &error))
        check_claims(&claims);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2 || size > 8192)
        return 0;
    if (!verifier)
        open_all();
    struct arena *arena = arena_create();
    char *text = arena_copy_bytes(arena, (const char *)data + 1, size - 1);
    char *line = strchr(text, '\n');
    char *payload = line ? line + 1 : text + strlen(text);
    if (data[0] % 3 == 0)
        verify(arena, text, false);
    if (line)
        *line = '\0';
    if (data[0] % 3 == 1)
        verify(arena, sign(arena, text, payload), true);
    if (data[0] % 3 == 2)
        read_foreign(arena, text, payload);
    arena_destroy(arena);
    return 0;
}
