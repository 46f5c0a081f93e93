/* The web server that has started this worker. Knows what it must of lighttpd and Apache with mod_fcgid;
 * whoever else starts workers, as spawn-fcgi does, may be gone while they go on, and may give several one
 * queue. */
#ifndef PALATE_REQUEST_WEB_SERVER_H
#define PALATE_REQUEST_WEB_SERVER_H

#include <stdbool.h>
#include <sys/types.h>

struct web_server {
    pid_t pid;
    char name[17];   /* of its process: "lighttpd"; "" when unknown */
    char queue[109]; /* path of the socket that it gave us as standard input; "" when it is none */
};

/* Asks the system, so before the sandbox is entered. */
struct web_server web_server_find(void) __attribute__((warn_unused_result));

/* A web server that is killed leaves its workers behind, waiting for ever on a socket that has lost its
 * server. From now on the kernel sends this one SIGTERM then, as the server would have. False: it is gone
 * already. */
bool web_server_end_with(const struct web_server *server) __attribute__((nonnull, warn_unused_result));

/* Whether no other process waits for requests on this worker's queue. Only where that is sure: lighttpd's
 * workers, and mod_fcgid's, whose sockets are named after the process that makes them. */
bool web_server_gives_own_queue(const struct web_server *server) __attribute__((nonnull));

#endif
