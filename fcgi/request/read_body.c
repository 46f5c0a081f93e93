/* The body of a request; see read_body.h. */
#include "request/read_body.h"

#include "base/text.h"

#include <string.h>

enum { LENGTH_UNKNOWN = -1, LENGTH_BROKEN = -2, READ_BYTES = 16384 };

/* What the front says about the length. No Content-Length and no Transfer-Encoding: no body. */
static int64_t promised_length(const struct request *request)
{
    const char *text = transport_variable(request->transport, "CONTENT_LENGTH");
    const char *coding = transport_variable(request->transport, "HTTP_TRANSFER_ENCODING");
    int64_t length;
    if (!text || !*text)
        return coding && *coding ? LENGTH_UNKNOWN : 0;
    return text_to_int64(text, &length) && length >= 0 ? length : LENGTH_BROKEN;
}

bool body_is_promised(const struct request *request)
{
    return promised_length(request) != 0;
}

void drain_body(struct request *request)
{
    char bytes[READ_BYTES];
    int64_t promised = promised_length(request);
    size_t left = promised >= 0 && promised < LIMIT_DRAIN_BYTES ? (size_t)promised : LIMIT_DRAIN_BYTES;
    if (promised == LENGTH_BROKEN)
        return;
    while (left) {
        size_t got = transport_read(request->transport, bytes, left < sizeof(bytes) ? left : sizeof(bytes));
        if (!got)
            return;
        left -= got;
    }
}

static size_t read_up_to(struct request *request, char *bytes, size_t size)
{
    size_t total = 0;
    while (total < size) {
        size_t got = transport_read(request->transport, bytes + total, size - total);
        if (!got)
            break;
        total += got;
    }
    return total;
}

static size_t body_limit(const struct request *request)
{
    return request->route && request->route->body == BODY_LIST ? LIMIT_LIST_BODY_BYTES : LIMIT_BODY_BYTES;
}

static bool too_large(struct request *request)
{
    drain_body(request);
    return error_set(&request->error, ERROR_BODY_TOO_LARGE, "The body is larger than %d bytes",
                     (int)body_limit(request));
}

bool read_body(struct request *request, struct body *body)
{
    int64_t promised = promised_length(request);
    if (promised == LENGTH_BROKEN)
        return error_set(&request->error, ERROR_INVALID_REQUEST, "Content-Length must be a whole number");
    size_t limit = body_limit(request);
    if (promised > (int64_t)limit)
        return too_large(request);
    /* One byte more than allowed tells whether a body of unknown length is too large. */
    size_t room = promised == LENGTH_UNKNOWN ? limit + 1 : (size_t)promised;
    body->bytes = arena_alloc(request->arena, room + 1, 1);
    body->length = read_up_to(request, body->bytes, room);
    if (body->length > limit)
        return too_large(request);
    if (promised != LENGTH_UNKNOWN && body->length < (size_t)promised)
        return error_set(&request->error, ERROR_INVALID_REQUEST,
                         "The body is shorter than its Content-Length");
    /* Its end is all that tells a chunked body from one that broke off. */
    if (promised == LENGTH_UNKNOWN && transport_is_abandoned(request->transport))
        return error_set(&request->error, ERROR_INVALID_REQUEST, "The body broke off");
    return true;
}
