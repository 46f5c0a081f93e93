/* For tests of the request's steps: tokens, good and forged, and a request that arrives as plain CGI.
 * Each test is a program of its own, so all is static. */
#ifndef PALATE_TESTS_REQUEST_FIXTURE_H
#define PALATE_TESTS_REQUEST_FIXTURE_H

#include "../base/fixture.h"

#include "request/request.h"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#define FIXTURE_SECRET "a secret of this test, long enough: 0123456789"

/* What config_load() would have made of an HS256 configuration with no database. */
FIXTURE struct config config_hs256(void)
{
    static char secret[] = FIXTURE_SECRET, empty[] = "", scope[] = "shop/read", write[] = "shop/write",
                origin[] = "*";
    static char nowhere[] = "/nonexistent/palate.sock", user[] = "nobody";
    return (struct config){.path = empty,
                           .database_socket = nowhere,
                           .database_host = empty,
                           .database_name = user,
                           .database_user = user,
                           .database_password = empty,
                           .database_port = 3306,
                           .database_connect_timeout = 1,
                           .database_timeout = 1,
                           .database_lock_timeout = 1,
                           .token_secret_file = empty,
                           .token_public_key_file = empty,
                           .token_private_key_file = empty,
                           .token_issuers_file = empty,
                           .token_keys_cache = empty,
                           .token_ttl = 3600,
                           .token_issuer = empty,
                           .token_audience = empty,
                           .token_leeway = 30,
                           .token_scope_read = scope,
                           .token_scope_write = write,
                           .metrics_token_sha256 = empty,
                           .http_base_path = empty,
                           .http_allow_origin = origin,
                           .model_directory = empty,
                           .token_algorithm = TOKEN_HS256,
                           .token_key = secret,
                           .token_key_length = sizeof(secret) - 1};
}

FIXTURE const char *base64url(struct arena *arena, const void *bytes, size_t length)
{
    char *text = arena_alloc(arena, length * 4 / 3 + 5, 1);
    EVP_EncodeBlock((unsigned char *)text, bytes, (int)length);
    for (char *at = text; *at; at++) {
        if (*at == '+')
            *at = '-';
        else if (*at == '/')
            *at = '_';
        else if (*at == '=')
            *at = '\0';
    }
    return text;
}

FIXTURE const char *signing_input(struct arena *arena, const char *header, const char *payload)
{
    return arena_format(arena, "%s.%s", base64url(arena, header, strlen(header)),
                        base64url(arena, payload, strlen(payload)));
}

FIXTURE const char *hmac_text(struct arena *arena, const EVP_MD *digest, const void *key, size_t key_length,
                              const char *input)
{
    unsigned char mac[EVP_MAX_MD_SIZE];
    unsigned length = 0;
    assert_non_null(
        HMAC(digest, key, (int)key_length, (const unsigned char *)input, strlen(input), mac, &length));
    return base64url(arena, mac, length);
}

/* A token of any header and payload, signed with the fixture's secret and SHA-256. */
FIXTURE const char *token_of(struct arena *arena, const char *header, const char *payload)
{
    const char *input = signing_input(arena, header, payload);
    return arena_format(arena, "%s.%s", input,
                        hmac_text(arena, EVP_sha256(), FIXTURE_SECRET, strlen(FIXTURE_SECRET), input));
}

#define FIXTURE_HEADER "{\"alg\":\"HS256\",\"typ\":\"JWT\"}"

/* The key in PEM, public or private, in the arena. */
FIXTURE char *public_pem(struct arena *arena, EVP_PKEY *key)
{
    BIO *bio = BIO_new(BIO_s_mem());
    char *bytes;
    assert_int_equal(PEM_write_bio_PUBKEY(bio, key), 1);
    long length = BIO_get_mem_data(bio, &bytes);
    char *text = arena_copy_bytes(arena, bytes, (size_t)length);
    BIO_free(bio);
    return text;
}

FIXTURE char *private_pem(struct arena *arena, EVP_PKEY *key)
{
    BIO *bio = BIO_new(BIO_s_mem());
    char *bytes;
    assert_int_equal(PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL), 1);
    long length = BIO_get_mem_data(bio, &bytes);
    char *text = arena_copy_bytes(arena, bytes, (size_t)length);
    BIO_free(bio);
    return text;
}

/* The signature of input with SHA-256: for RSA PKCS #1 v1.5, for ECDSA the two numbers of JWS. */
FIXTURE const char *key_signature(struct arena *arena, EVP_PKEY *key, const char *input)
{
    unsigned char bytes[1024], numbers[64];
    size_t length = sizeof(bytes);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    assert_int_equal(EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, key), 1);
    assert_int_equal(EVP_DigestSign(context, bytes, &length, (const unsigned char *)input, strlen(input)), 1);
    EVP_MD_CTX_free(context);
    if (EVP_PKEY_base_id(key) != EVP_PKEY_EC)
        return base64url(arena, bytes, length);
    const unsigned char *at = bytes;
    ECDSA_SIG *pair = d2i_ECDSA_SIG(NULL, &at, (long)length);
    assert_non_null(pair);
    assert_int_equal(BN_bn2binpad(ECDSA_SIG_get0_r(pair), numbers, 32), 32);
    assert_int_equal(BN_bn2binpad(ECDSA_SIG_get0_s(pair), numbers + 32, 32), 32);
    ECDSA_SIG_free(pair);
    return base64url(arena, numbers, sizeof(numbers));
}

/* Every CGI variable that the product reads. */
FIXTURE void cgi_clear(void)
{
    static const char *const names[] = {"REQUEST_METHOD",         "REQUEST_URI",        "CONTENT_LENGTH",
                                        "CONTENT_TYPE",           "HTTP_AUTHORIZATION", "HTTP_X_REQUEST_ID",
                                        "HTTP_TRANSFER_ENCODING", "HTTP_ORIGIN",        "HTTP_IF_NONE_MATCH"};
    for (size_t i = 0; i < COUNT(names); i++)
        unsetenv(names[i]);
}

static int fixture_stdin = -1, fixture_stdout = -1;
static struct transport *fixture_transport;

/* Makes this process a plain CGI program. libfcgi takes a listening socket at descriptor 0 for FastCGI. */
FIXTURE int cgi_open(void **state)
{
    (void)state;
    int nothing = open("/dev/null", O_RDONLY);
    fixture_stdin = dup(STDIN_FILENO);
    fixture_stdout = dup(STDOUT_FILENO);
    dup2(nothing, STDIN_FILENO);
    close(nothing);
    cgi_clear();
    bool retry;
    fixture_transport = transport_accept(&retry);
    return fixture_transport ? 0 : -1;
}

FIXTURE int cgi_close(void **state)
{
    (void)state;
    dup2(fixture_stdin, STDIN_FILENO);
    close(fixture_stdin);
    close(fixture_stdout);
    return 0;
}

/* The body that the next request reads from its standard input. */
FIXTURE void cgi_body(const char *bytes, size_t length)
{
    FILE *file = tmpfile();
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, length, file), length);
    assert_int_equal(fseek(file, 0, SEEK_SET), 0);
    assert_int_equal(dup2(fileno(file), STDIN_FILENO), STDIN_FILENO);
    assert_int_equal(lseek(STDIN_FILENO, 0, SEEK_SET), 0);
    fclose(file);
}

FIXTURE void cgi_json(const char *method, const char *uri, const char *body)
{
    char length[30];
    cgi_clear();
    snprintf(length, sizeof(length), "%zu", strlen(body));
    setenv("REQUEST_METHOD", method, 1);
    setenv("REQUEST_URI", uri, 1);
    setenv("CONTENT_LENGTH", length, 1);
    setenv("CONTENT_TYPE", "application/json", 1);
    cgi_body(body, strlen(body));
}

/* What is written to the standard output from here to cgi_output(). */
static FILE *fixture_output;

FIXTURE void cgi_catch_output(void)
{
    fflush(stdout);
    fixture_output = tmpfile();
    assert_non_null(fixture_output);
    dup2(fileno(fixture_output), STDOUT_FILENO);
}

FIXTURE char *cgi_output(struct arena *arena)
{
    dup2(fixture_stdout, STDOUT_FILENO);
    assert_int_equal(fseek(fixture_output, 0, SEEK_END), 0);
    long length = ftell(fixture_output);
    assert_int_equal(fseek(fixture_output, 0, SEEK_SET), 0);
    char *text = arena_alloc(arena, (size_t)length + 1, 1);
    size_t got = fread(text, 1, (size_t)length, fixture_output);
    fclose(fixture_output);
    assert_int_equal(got, length);
    return text;
}

#endif
