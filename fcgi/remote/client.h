/* One exchange with a web service: a request, and a whole reply of bounded size before a deadline.
 *
 * Keeps its connection from one exchange to the next. The address comes from the configuration and is checked
 * there; a redirect is followed only when allowed, to the same host, with the same method. Does not know what
 * the bytes mean. */
#ifndef PALATE_REMOTE_CLIENT_H
#define PALATE_REMOTE_CLIENT_H

#include "remote/remote.h"

struct client;

struct client *client_create(const struct config *config)
    __attribute__((nonnull, returns_nonnull, warn_unused_result));
/* NULL is fine. */
void client_destroy(struct client *client);

struct client_request {
    const char *url;
    const char *body;           /* JSON, sent with POST; NULL: GET */
    const char *method;         /* another one, as "PUT" with a body and "DELETE" without; NULL: these */
    const char *const *headers; /* "Name: value", NULL at the end */
    const char *request_id;
    int64_t deadline_us; /* of the monotonic clock */
    bool (*is_given_up)(
        void); /* looked at during the exchange, once a second and at each signal; NULL: never */
};

struct client_reply {
    enum remote_outcome outcome; /* REMOTE_ANSWERED: status 200 and the whole body */
    const char *bytes;           /* valid until the next exchange */
    size_t length;
    long status;
    int64_t retry_after_s; /* 0: it did not say */
    int64_t resolved_us, connected_us, secured_us, answered_us;
    char detail[200];
};

/* True when the outcome is REMOTE_ANSWERED. */
bool client_exchange(struct client *client, const struct client_request *request, struct client_reply *reply)
    __attribute__((nonnull));

#endif
