/* How a request comes in and its answer goes out: FastCGI or plain CGI behind one set of functions. */
#ifndef PALATE_REQUEST_TRANSPORT_H
#define PALATE_REQUEST_TRANSPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/select.h> /* sigset_t; signal.h would bring in all of unistd.h */

struct transport;

/* Waits until a request can be accepted. block false: only looks whether one can. While it waits the signals
 * of mask are blocked and no others. False: a signal came, or none waits. */
bool transport_wait(const sigset_t *mask, bool block) __attribute__((nonnull, warn_unused_result));

/* Takes the request. The first call, of this or transport_wait(), finds out whether this process is a FastCGI
 * worker or a plain CGI program, which gets exactly one. NULL: no more, end the process; or with *retry
 * another worker, which shares the queue, was faster. */
struct transport *transport_accept(bool *retry) __attribute__((nonnull, warn_unused_result));

/* No further request: whoever tries is refused, so that the web server asks another worker. Those in the
 * queue can still be accepted. Not for a queue that other processes share: it is theirs, too. False, with
 * nothing done, where that cannot be: the queue is no Unix socket. */
bool transport_refuse(void) __attribute__((warn_unused_result));

/* A CGI variable, NULL when absent. Valid until the request is finished. */
const char *transport_variable(const struct transport *from, const char *name) __attribute__((nonnull));

/* Reads up to size bytes of the body; 0 at its end. */
size_t transport_read(struct transport *from, char *bytes, size_t size) __attribute__((nonnull));

/* Whether the client has given up, while its body is read. Only plain CGI shows it: the server half-closes
 * its side behind a whole body, and closes it altogether when it gives a request up, as for a broken chunk. */
bool transport_is_abandoned(const struct transport *transport) __attribute__((nonnull));

/* Whether nobody waits for the answer any more, once the body has been read: the web server has closed its
 * connection or aborted the request (FCGI_ABORT_REQUEST). docs/reliability.md says which web server does so
 * when. */
bool transport_is_unwanted(struct transport *transport) __attribute__((nonnull));

/* Whether somebody has come to this worker's queue meanwhile. Never under plain CGI. */
bool transport_is_awaited(void) __attribute__((warn_unused_result));

/* Sends a part of the answer, in front of the last. False when the other side has gone. */
bool transport_send(struct transport *transport, const char *bytes, size_t length) __attribute__((nonnull));

/* Sends the answer, or the last part of it, and ends the request. False when the other side has gone. */
bool transport_finish(struct transport *transport, const char *bytes, size_t length) __attribute__((nonnull));

#endif
