/* Whether a connection leaves this machine, by the addresses of its ends. */
#include "../base/fixture.h"

#include "storage/connection.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/un.h>

static struct sockaddr_storage address_of(const char *text)
{
    struct sockaddr_storage address = {.ss_family = AF_UNIX};
    struct sockaddr_in four = {.sin_family = AF_INET};
    struct sockaddr_in6 six = {.sin6_family = AF_INET6};
    if (inet_pton(AF_INET, text, &four.sin_addr) == 1)
        memcpy(&address, &four, sizeof(four));
    else if (inet_pton(AF_INET6, text, &six.sin6_addr) == 1)
        memcpy(&address, &six, sizeof(six));
    return address;
}

static void what_stays_here_is_told_from_what_leaves(void **state)
{
    static const struct {
        const char *peer, *own;
        bool local;
    } rows[] = {
        {"socket", "socket", true},
        {"127.0.0.1", "127.0.0.1", true},
        {"127.0.0.2", "127.0.0.1", true},
        {"10.0.0.7", "10.0.0.7", true},
        {"10.0.0.7", "10.0.0.8", false},
        {"128.0.0.1", "10.0.0.8", false},
        {"0.0.0.127", "10.0.0.8", false},
        {"::1", "::1", true},
        {"fd00::7", "fd00::7", true},
        {"fd00::7", "fd00::8", false},
        {"::ffff:10.0.0.7", "::ffff:10.0.0.8", false},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct sockaddr_storage peer = address_of(rows[i].peer), own = address_of(rows[i].own);
        if (connection_is_local(&peer, &own) != rows[i].local)
            fail_msg("%s seen from %s", rows[i].peer, rows[i].own);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(what_stays_here_is_told_from_what_leaves)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
