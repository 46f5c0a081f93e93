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

struct transport *transport_accept(void)
{
    abort(); /* nobody waits for a request here */
}

const char *transport_variable(const struct transport *transport, const char *name)
{
    for (size_t i = 0; i < transport->variable_count; i++) {
        if (!strcmp(transport->variables[i].name, name))
            return transport->variables[i].value;
    }
    return NULL;
}

size_t transport_read(struct transport *transport, char *bytes, size_t size)
{
    size_t left = transport->body_length - transport->body_read;
    size = size < left ? size : left;
    size = size < READ_AT_ONCE ? size : READ_AT_ONCE;
    if (size)
        memcpy(bytes, transport->body + transport->body_read, size);
    transport->body_read += size;
    return size;
}

bool transport_is_abandoned(const struct transport *transport)
{
    (void)transport;
    return false;
}

bool transport_finish(struct transport *transport, const char *bytes, size_t length)
{
    if (transport->answer)
        abort(); /* two answers to one request */
    transport->answer = arena_copy_bytes(transport->arena, bytes, length);
    transport->answer_length = length;
    return true;
}
