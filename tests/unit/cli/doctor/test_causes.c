/* Tests of cli/doctor_causes: what a fault is said to be, and what is said to fix it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cli/doctor/causes.h"

#include <curl/curl.h>
#include <errno.h>
#include <string.h>

static void expect(const struct cause *cause, const char *text, const char *fix)
{
    assert_non_null(cause);
    if (!strstr(cause->text, text) || !strstr(cause->fix, fix))
        fail_msg("\"%s\" and \"%s\" in: %s -- %s", text, fix, cause->text, cause->fix);
}

static void test_database(void **state)
{
    static const struct {
        unsigned code;
        int reason;
        bool by_tcp, shared;
        const char *text, *fix;
    } rows[] = {
        {1045, 0, false, false, "password of {user} is wrong", "{file} ({setting})"},
        {1045, 0, true, false, "password of {user} is wrong", "{file} ({setting})"},
        {1698, 0, false, false, "unix_socket", "run as that system user"},
        {1044, 0, false, true, "no rights in the database {database}", "{rights}"},
        {1049, 0, false, true, "no database {database}", "CREATE DATABASE {database}"},
        {1040, 0, false, true, "as many connections as it takes", "max_connections"},
        {1203, 0, false, false, "{user} has as many connections", "max_user_connections"},
        {1226, 0, false, false, "limit of the account", "limits raised"},
        {1130, 0, true, true, "no connection from this machine", "palate grants --from"},
        {1129, 0, true, true, "shut this machine out", "flush-hosts"},
        {4151, 0, false, false, "is locked", "ACCOUNT UNLOCK"},
        {1862, 0, false, false, "has expired", "ALTER USER"},
        {2002, ENOENT, false, true, "not running, or its socket is not {socket}", "systemctl start mariadb"},
        {2002, ECONNREFUSED, false, true, "nothing listens", "systemctl start mariadb"},
        {2002, EACCES, false, true, "may not use the socket", "chmod o+x"},
        {2002, EAGAIN, false, true, "cannot be reached at {socket}", "[database] socket"},
        {2002, 0, true, true, "{host}:{port}", "bind-address"},
        {2003, 0, true, true, "{host}:{port}", "bind-address"},
        {2005, 0, true, true, "{host} does not resolve", "[database] host"},
        {2013, 0, false, true, "does not answer", "connect_timeout"},
        {2006, 0, false, true, "hung up", "log"},
        {2026, 0, true, true, "TLS", "ssl_cert"},
        {9999, 0, false, false, "refuses the connection", "MariaDB's log"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct cause *cause = cause_of_database(rows[i].code, rows[i].reason, rows[i].by_tcp);
        expect(cause, rows[i].text, rows[i].fix);
        assert_int_equal(cause->shared, rows[i].shared);
    }
}

/* What no user of the database can fix must not be said to be fixed by making one. */
static void test_a_stopped_server_makes_no_user(void **state)
{
    (void)state;
    assert_null(strstr(cause_of_database(2002, ENOENT, false)->fix, "USER"));
    assert_null(strstr(cause_of_database(1045, 0, false)->fix, "socket"));
    assert_null(strstr(cause_of_database(1045, 0, false)->fix, "systemctl"));
}

static void test_exchange(void **state)
{
    static const struct {
        int code;
        long verified;
        const char *text, *fix;
    } rows[] = {
        {CURLE_COULDNT_RESOLVE_HOST, 0, "{host} does not resolve", "--connect 127.0.0.1"},
        {CURLE_COULDNT_CONNECT, 0, "nothing takes connections", "systemctl start apache2"},
        {CURLE_OPERATION_TIMEDOUT, 0, "no answer in time", "firewall"},
        {CURLE_PEER_FAILED_VERIFICATION, 18, "self-signed", "certbot"},
        {CURLE_PEER_FAILED_VERIFICATION, 19, "authority", "update-ca-certificates"},
        {CURLE_PEER_FAILED_VERIFICATION, 20, "without the chain", "fullchain.pem"},
        {CURLE_PEER_FAILED_VERIFICATION, 10, "expired", "certbot renew"},
        {CURLE_PEER_FAILED_VERIFICATION, 0, "another name than {host}", "--url"},
        {CURLE_SSL_CONNECT_ERROR, 0, "no TLS", "http://"},
        {CURLE_GOT_NOTHING, 0, "hung up", "error log"},
        {CURLE_RECV_ERROR, 0, "hung up", "error log"},
        {CURLE_SEND_ERROR, 0, "hung up", "error log"},
        {CURLE_UNSUPPORTED_PROTOCOL, 0, "does not speak HTTP", "port"},
        {CURLE_WEIRD_SERVER_REPLY, 0, "does not speak HTTP", "port"},
        {CURLE_URL_MALFORMAT, 0, "no address", "http://HOST"},
        {CURLE_OUT_OF_MEMORY, 0, "no answer", "--url"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        expect(cause_of_exchange(rows[i].code, rows[i].verified), rows[i].text, rows[i].fix);
    assert_null(strstr(cause_of_exchange(CURLE_PEER_FAILED_VERIFICATION, 18)->fix, "systemctl"));
}

static void test_answer(void **state)
{
    static const struct {
        struct answer_signs signs;
        const char *text, *fix; /* NULL: a worker's, as it should be */
    } rows[] = {
        {{401, true, false, false, false}, NULL, NULL},
        {{400, true, false, false, false}, NULL, NULL},
        {{500, true, true, false, false}, "cannot read their configuration", "PALATE_CONFIG"},
        {{500, true, true, true, false}, "another configuration than {config}", "name {config}"},
        {{500, true, false, true, false}, "a worker fails", "workers' log"},
        {{404, true, false, false, false}, "knows no /recommendations", "base_path"},
        {{301, false, false, false, false}, "leads elsewhere: {location}", "--url"},
        {{302, false, false, false, false}, "leads elsewhere: {location}", "--url"},
        {{307, false, false, false, false}, "leads elsewhere: {location}", "--url"},
        {{308, false, false, false, false}, "leads elsewhere: {location}", "--url"},
        {{400, false, false, false, false}, "does not take the request", "https://"},
        {{401, false, false, false, false}, "asks for a password", "Require all granted"},
        {{403, false, false, false, false}, "itself refuses", "Require all granted"},
        {{404, false, false, false, false}, "another site answers", "ServerName"},
        {{404, false, false, true, true}, "finds no worker", "make install"},
        {{200, false, false, false, true}, "another site answers", "ServerName"},
        {{500, false, false, false, false}, "cannot run the worker", "error log"},
        {{502, false, false, false, false}, "no answer from the worker", "error log"},
        {{503, false, false, false, false}, "no worker is there", "server.breakagelog"},
        {{504, false, false, false, false}, "gave up waiting", "database"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct cause *cause = cause_of_answer(&rows[i].signs);
        if (rows[i].text)
            expect(cause, rows[i].text, rows[i].fix);
        else
            assert_null(cause);
    }
}

static void test_text(void **state)
{
    const struct cause_word words[] = {{"user", "shop"}, {"file", "/a/b"}, {"empty", ""}, {NULL, NULL}};
    struct arena *arena = arena_create();
    (void)state;
    assert_string_equal(cause_text("nothing", words, arena), "nothing");
    assert_string_equal(cause_text("{user} and {file}", words, arena), "shop and /a/b");
    assert_string_equal(cause_text("'{user}'@'x'{empty}.", words, arena), "'shop'@'x'.");
    assert_string_equal(cause_text("{use} {users} {", words, arena), "{use} {users} {");
    arena_destroy(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_database), cmocka_unit_test(test_a_stopped_server_makes_no_user),
        cmocka_unit_test(test_exchange), cmocka_unit_test(test_answer),
        cmocka_unit_test(test_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
