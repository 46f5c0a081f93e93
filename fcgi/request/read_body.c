/* The body of a request; see read_body.h.
 *
 * The limit is checked against the promised length first, so that a body which is too large is never kept,
 * and counted while reading where there is no promise. What is promised is allocated at once: a client can
 * make the worker reserve up to the limit, no more, and the arena frees it with the request. What is refused,
 * for whatever reason, is thrown away in one place, before the answer is sent (request.c): the web server has
 * to get rid of it before it passes the answer on. */
#include "request/read_body.h"

#include "request/body_length.h"

#include <string.h>

enum { READ_BYTES = 16384 };

bool body_is_promised(const struct request *request)
{
    return body_length(request->transport) != 0;
}

void drain_body(struct request *request)
{
    char bytes[READ_BYTES];
    int64_t promised = body_length(request->transport);
    size_t left = promised >= 0 && promised < LIMIT_DRAIN_BYTES ? (size_t)promised : LIMIT_DRAIN_BYTES;
    if (request->body_is_read || promised == BODY_LENGTH_BROKEN)
        return;
    request->body_is_read = true;
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
    enum body_kind kind = request->route ? request->route->body : BODY_MERGED;
    return kind == BODY_LIST    ? LIMIT_LIST_BODY_BYTES
           : kind == BODY_ALONE ? LIMIT_CREDENTIALS_BYTES
                                : LIMIT_BODY_BYTES;
}

static bool refuse_length(struct request *request)
{
    return error_set(&request->error, ERROR_BODY_TOO_LARGE, "The body is larger than %d bytes",
                     (int)body_limit(request));
}

bool judge_body_length(struct request *request)
{
    int64_t promised = body_length(request->transport);
    if (promised == BODY_LENGTH_BROKEN)
        return error_set(&request->error, ERROR_INVALID_REQUEST, "Content-Length must be a whole number");
    return promised <= (int64_t)body_limit(request) || refuse_length(request);
}

/* Some systems write a byte order mark before all their text; RFC 8259, 8.1, lets a reader pass over it. */
static void skip_mark(struct body *body)
{
    static const char mark[] = "\xEF\xBB\xBF";
    const size_t length = sizeof(mark) - 1;
    if (body->length < length || memcmp(body->bytes, mark, length))
        return;
    body->bytes += length;
    body->length -= length;
}

bool read_body(struct request *request, struct body *body)
{
    int64_t promised = body_length(request->transport);
    size_t limit = body_limit(request);
    if (!judge_body_length(request))
        return false;
    /* One byte more than allowed tells whether a body of unknown length is too large. */
    size_t room = promised == BODY_LENGTH_UNKNOWN ? limit + 1 : (size_t)promised;
    body->bytes = arena_alloc(request->arena, room + 1, 1);
    body->length = read_up_to(request, body->bytes, room);
    if (body->length > limit)
        return refuse_length(request);
    request->body_is_read = true;
    if (promised != BODY_LENGTH_UNKNOWN && body->length < (size_t)promised)
        return error_set(&request->error, ERROR_INVALID_REQUEST,
                         "The body is shorter than its Content-Length");
    /* A chunked body and one that broke off differ only in how they end. */
    if (promised == BODY_LENGTH_UNKNOWN && transport_is_abandoned(request->transport))
        return error_set(&request->error, ERROR_INVALID_REQUEST, "The body broke off");
    skip_mark(body);
    return true;
}
