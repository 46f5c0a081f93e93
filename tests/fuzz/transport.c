/* A request that never was on a wire; see transport.h. */
#include "transport.h"

#include <stdlib.h>
#include <string.h>

enum { READ_AT_ONCE = 1000 }; /* so that a body comes in pieces */

void transport_set(struct transport *transport, const char *name, const char *value)
{
    if (transport->variable_count == TRANSPORT_VARIABLES)
        return;
    transport->variables[transport->variable_count].name = name;
    transport->variables[transport->variable_count++].value = value;
}

/* Nobody waits for a request here. */
bool transport_wait(const sigset_t *mask, bool block)
{
    (void)mask;
    (void)block;
    abort();
}

struct transport *transport_accept(bool *retry)
{
    (void)retry;
    abort();
}

bool transport_refuse(void)
{
    abort();
}

const char *transport_variable(const struct transport *from, const char *name)
{
    for (size_t i = 0; i < from->variable_count; i++) {
        if (!strcmp(from->variables[i].name, name))
            return from->variables[i].value;
    }
    return NULL;
}

size_t transport_read(struct transport *from, char *bytes, size_t size)
{
    size_t left = from->body_length - from->body_read;
    size = size < left ? size : left;
    size = size < READ_AT_ONCE ? size : READ_AT_ONCE;
    if (size)
        memcpy(bytes, from->body + from->body_read, size);
    from->body_read += size;
    return size;
}

bool transport_is_abandoned(const struct transport *transport)
{
    (void)transport;
    return false;
}

bool transport_is_unwanted(struct transport *transport)
{
    (void)transport;
    return false;
}

bool transport_is_awaited(void)
{
    return false;
}

bool transport_send(struct transport *transport, const char *bytes, size_t length)
{
    if (transport->is_finished)
        abort(); /* two answers to one request */
    char *all = arena_alloc(transport->arena, transport->answer_length + length + 1, 1);
    if (transport->answer_length)
        memcpy(all, transport->answer, transport->answer_length);
    memcpy(all + transport->answer_length, bytes, length);
    transport->answer = all;
    transport->answer_length += length;
    return true;
}

bool transport_finish(struct transport *transport, const char *bytes, size_t length)
{
    bool sent = transport_send(transport, bytes, length);
    transport->is_finished = true;
    return sent;
}
