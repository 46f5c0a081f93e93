/* A request that never was on a wire: the transport of the fuzz targets, in place of
 * fcgi/request/transport.c. */
#ifndef PALATE_TESTS_FUZZ_TRANSPORT_H
#define PALATE_TESTS_FUZZ_TRANSPORT_H

#include "request/transport.h"

#include "base/arena.h"

enum { TRANSPORT_VARIABLES = 16 };

struct transport {
    struct {
        const char *name, *value;
    } variables[TRANSPORT_VARIABLES];
    size_t variable_count;
    const char *body;
    size_t body_length, body_read;
    struct arena *arena; /* where the answer is kept */
    char *answer;        /* what was sent so far; NULL: nothing yet */
    size_t answer_length;
    bool is_finished;
};

/* A CGI variable of the request; what does not fit any more is left out. */
void transport_set(struct transport *transport, const char *name, const char *value) __attribute__((nonnull));

#endif
