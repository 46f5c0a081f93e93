/* FastCGI or plain CGI; see transport.h.
 *
 * libfcgi offers a convenience layer that hides accept() and the environment behind globals; this file uses
 * the layer below (FCGX), to wait with a signal mask of its own, to refuse further requests while it still
 * answers those in the queue, and to see when a client has gone. There is one request at a time, so there is
 * one static transport.
 *
 * ppoll() and not accept() waits: it unblocks the signals only while waiting, in one step, so a SIGTERM that
 * arrives between two requests can neither be lost nor interrupt a request; connections are then taken
 * without waiting.
 *
 * A web server that gives a request up closes its connection, which the kernel tells on our side of it
 * (POLLHUP, or POLLRDHUP on TCP), or says so in a record, as the protocol has it. Records are read by libfcgi
 * where it needs them and no further, so that one is looked for in the socket, which is left as it is
 * (MSG_PEEK) unless it is that one; and only once the body has been read to its end, since before that what comes next may be the
 * middle of a record. Under plain CGI the request is the process's environment and standard input, and there is
 * exactly one. */
#include "request/transport.h"

#include "base/write_file.h"
#include "request/body_length.h"

#include <errno.h>
#include <fastcgi.h>
#include <fcgiapp.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

struct transport {
    bool is_cgi, served, refusing;
    bool is_aborted;   /* this request, by the web server */
    int64_t body_read; /* bytes of this request's body */
    FCGX_Request fcgi;
};

/* One request at a time, so one place for it. */
static struct transport transport;

/* Connections are taken without waiting, since waiting is transport_wait()'s. */
static bool initialise(void)
{
    static bool initialised; /* once a process, as FCGX_Init() wants it */
    if (initialised)
        return true;
    transport.is_cgi = FCGX_IsCGI();
    initialised = transport.is_cgi ||
                  (FCGX_Init() == 0 && FCGX_InitRequest(&transport.fcgi, 0, FCGI_FAIL_ACCEPT_ON_INTR) == 0 &&
                   fcntl(FCGI_LISTENSOCK_FILENO, F_SETFL, O_NONBLOCK) == 0);
    return initialised;
}

bool transport_wait(const sigset_t *mask, bool block)
{
    const struct timespec now = {0};
    struct pollfd queue = {.fd = FCGI_LISTENSOCK_FILENO, .events = POLLIN};
    if (!initialise() || transport.is_cgi)
        return true;
    return ppoll(&queue, 1, block ? NULL : &now, mask) > 0;
}

struct transport *transport_accept(bool *retry)
{
    *retry = false;
    if (!initialise())
        return NULL;
    transport.body_read = 0;
    transport.is_aborted = false;
    if (!transport.is_cgi) {
        int outcome = FCGX_Accept_r(&transport.fcgi);
        /* A queue that is shut is always ready to be accepted from, also when nothing is left in it. */
        *retry = !transport.refusing && (outcome == -EAGAIN || outcome == -EINTR);
        return outcome < 0 ? NULL : &transport;
    }
    if (transport.served)
        return NULL;
    transport.served = true;
    return &transport;
}

bool transport_refuse(void)
{
    struct sockaddr_storage address = {0};
    socklen_t length = sizeof(address);
    transport.refusing = initialise() && !transport.is_cgi &&
                         getsockname(FCGI_LISTENSOCK_FILENO, (struct sockaddr *)&address, &length) == 0 &&
                         address.ss_family == AF_UNIX && shutdown(FCGI_LISTENSOCK_FILENO, SHUT_RD) == 0;
    return transport.refusing;
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
        from->body_read += got > 0 ? got : 0;
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

/* Looks for the end only where it has to be next: there is no waiting for a client here. */
static bool is_read_to_end(struct transport *from)
{
    int64_t promised = body_length(from);
    return promised >= 0 && from->body_read >= promised && FCGX_GetChar(from->fcgi.in) == EOF &&
           !FCGX_GetError(from->fcgi.in);
}

/* Takes the record that gives this request up out of the socket, if it is the next one: what is left there
 * when the connection is closed would reset it. */
static void take_abortion(struct transport *from)
{
    FCGI_Header next;
    ssize_t size = (ssize_t)sizeof(next);
    if (is_read_to_end(from) &&
        recv(from->fcgi.ipcFd, &next, sizeof(next), MSG_PEEK | MSG_DONTWAIT) == size &&
        next.version == FCGI_VERSION_1 && next.type == FCGI_ABORT_REQUEST &&
        (next.requestIdB1 << 8 | next.requestIdB0) == from->fcgi.requestId)
        from->is_aborted = recv(from->fcgi.ipcFd, &next, sizeof(next), MSG_DONTWAIT) == size;
}

bool transport_is_unwanted(struct transport *from)
{
    if (from->is_cgi)
        return transport_is_abandoned(from);
    struct pollfd connection = {.fd = from->fcgi.ipcFd, .events = POLLIN | POLLRDHUP};
    if (poll(&connection, 1, 0) > 0 && !from->is_aborted)
        take_abortion(from);
    return from->is_aborted || (connection.revents & (POLLHUP | POLLRDHUP | POLLERR));
}

bool transport_is_awaited(void)
{
    struct pollfd queue = {.fd = FCGI_LISTENSOCK_FILENO, .events = POLLIN};
    return !transport.is_cgi && poll(&queue, 1, 0) > 0 && (queue.revents & POLLIN);
}

bool transport_send(struct transport *to, const char *bytes, size_t length)
{
    if (to->is_cgi)
        return write_fully(STDOUT_FILENO, bytes, length);
    return length <= INT_MAX && FCGX_PutStr(bytes, (int)length, to->fcgi.out) == (int)length;
}

bool transport_finish(struct transport *to, const char *bytes, size_t length)
{
    bool sent = transport_send(to, bytes, length);
    if (to->is_cgi)
        return sent;
    /* Else libfcgi would half-close the connection and wait for the web server to close it, lest the answer
     * be lost with what was never read. */
    if (is_read_to_end(to))
        FCGX_Detach(&to->fcgi);
    FCGX_Finish_r(&to->fcgi);
    return sent;
}
