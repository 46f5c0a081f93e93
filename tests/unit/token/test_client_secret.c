/* Secrets of clients: their text, their hash, the overlap of two. */
#include "../request/fixture.h"

#include "token/client_secret.h"

static void secrets_are_base64url(void **state)
{
    (void)state;
    unsigned char bytes[CLIENT_SECRET_BYTES];
    char secret[CLIENT_SECRET_SIZE];
    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (unsigned char)(i * 8 + 3);
    client_secret_encode(bytes,
                         secret); /* python: base64.urlsafe_b64encode(bytes(i * 8 + 3 for i in range(32))) */
    assert_string_equal(secret, "AwsTGyMrMztDS1NbY2tze4OLk5ujq7O7w8vT2-Pr8_s");
    memset(bytes, 0xff, sizeof(bytes));
    client_secret_encode(bytes, secret);
    assert_string_equal(secret, "__________________________________________8");
}

static void a_secret_fits_its_own_hash_alone(void **state)
{
    (void)state;
    char first[CLIENT_SECRET_SIZE], second[CLIENT_SECRET_SIZE];
    struct client_secrets secrets = {.active = true}, other = {.active = true};
    client_secret_make(first, &secrets.current);
    client_secret_make(second, &other.current);
    assert_int_equal(strlen(first), CLIENT_SECRET_SIZE - 1);
    assert_string_not_equal(first, second);
    assert_true(client_secret_fits(&secrets, first, 1000));
    assert_false(client_secret_fits(&secrets, second, 1000));
    assert_false(client_secret_fits(&secrets, "", 1000));
    first[0] = first[0] == 'A' ? 'B' : 'A';
    assert_false(client_secret_fits(&secrets, first, 1000));
    secrets.active = false;
    first[0] = first[0] == 'A' ? 'B' : 'A';
    assert_false(client_secret_fits(&secrets, first, 1000));
}

static void the_previous_secret_counts_until_its_end(void **state)
{
    (void)state;
    char secret[CLIENT_SECRET_SIZE], next[CLIENT_SECRET_SIZE];
    struct client_secrets secrets = {.active = true, .previous_until = 1000};
    client_secret_make(secret, &secrets.previous);
    client_secret_make(next, &secrets.current);
    assert_true(client_secret_fits(&secrets, secret, 999));
    assert_true(client_secret_fits(&secrets, next, 999));
    assert_false(client_secret_fits(&secrets, secret, 1000));
    assert_true(client_secret_fits(&secrets, next, 1000));
    secrets.previous_until = 0;
    assert_false(client_secret_fits(&secrets, secret, 0));
}

static void a_client_that_does_not_exist_has_no_secret(void **state)
{
    (void)state;
    const struct client_secrets nobody = {.scopes = ""}, empty = {.active = true, .previous_until = 2000};
    assert_false(client_secret_fits(&nobody, "", 1000));
    assert_false(client_secret_fits(&empty, "", 1000));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(secrets_are_base64url),
        cmocka_unit_test(a_secret_fits_its_own_hash_alone),
        cmocka_unit_test(the_previous_secret_counts_until_its_end),
        cmocka_unit_test(a_client_that_does_not_exist_has_no_secret),
    };
    return cmocka_run_group_tests_name("request/client_secret", tests, NULL, NULL);
}
