/* FastCGI or plain CGI; see transport.h. */
#include "request/transport.h"

#include <errno.h>
#include <fcgiapp.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

struct transport {
    bool is_cgi, served;
    FCGX_Request fcgi;
};

/* One request at a time, so one place for it. */
static struct transport transport;

struct transport *transport_accept(void)
{
    static bool initialised;
    if (!initialised) {
        transport.is_cgi = FCGX_IsCGI();
        if (!transport.is_cgi &&
            (FCGX_Init() || FCGX_InitRequest(&transport.fcgi, 0, FCGI_FAIL_ACCEPT_ON_INTR)))
            return NULL;
        initialised = true;
    }
    if (!transport.is_cgi)
        return FCGX_Accept_r(&transport.fcgi) < 0 ? NULL : &transport;
    if (transport.served)
        return NULL;
    transport.served = true;
    return &transport;
}

const char *transport_variable(const struct transport *from, const char *name)
{
    return from->is_cgi ? getenv(name) : FCGX_GetParam(name, from->fcgi.envp);
}

size_t transport_read(struct transport *from, char *bytes, size_t size)
{
    if (size > INT_MAX)
        size = INT_MAX;
    if (!from->is_cgi) {
        int got = FCGX_GetStr(bytes, (int)size, from->fcgi.in);
        return got > 0 ? (size_t)got : 0;
    }
    ssize_t got;
    do {
        got = read(STDIN_FILENO, bytes, size);
    } while (got < 0 && errno == EINTR);
    return got > 0 ? (size_t)got : 0;
}

bool transport_is_abandoned(const struct transport *to)
{
    struct pollfd out = {.fd = STDOUT_FILENO, .events = POLLOUT};
    return to->is_cgi && poll(&out, 1, 0) > 0 && (out.revents & (POLLHUP | POLLERR | POLLNVAL));
}

static bool write_all(const char *bytes, size_t length)
{
    while (length) {
        ssize_t sent = write(STDOUT_FILENO, bytes, length);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent <= 0)
            return false;
        bytes += sent;
        length -= (size_t)sent;
    }
    return true;
}

bool transport_finish(struct transport *to, const char *bytes, size_t length)
{
    if (to->is_cgi)
        return write_all(bytes, length);
    bool sent = length <= INT_MAX && FCGX_PutStr(bytes, (int)length, to->fcgi.out) == (int)length;
    FCGX_Finish_r(&to->fcgi);
    return sent;
}
