/* Requests for fuzz targets: text with a request line, headers, a blank line and a body, as a request that
 * has arrived; and what must hold of every answer. */
#ifndef PALATE_TESTS_FUZZ_HTTP_H
#define PALATE_TESTS_FUZZ_HTTP_H

#include "fixture.h"
#include "transport.h"

#include "request/request.h"
#include "request/send_response.h"

#include <strings.h>

/* The configuration that a worker of the examples has, without files. */
FIXTURE struct config *http_config(void)
{
    static char empty[] = "", secret[] = "a secret of the fuzz targets: 0123456789 0123456789";
    static char read[] = "shop/read", write[] = "shop/write",
                origins[] = "https://shop.example, http://localhost:8080";
    static struct config config = {.path = empty,
                                   .token_secret_file = empty,
                                   .token_private_key_file = empty,
                                   .token_public_key_file = empty,
                                   .token_issuer = empty,
                                   .token_audience = empty,
                                   .token_issuers_file = empty,
                                   .token_keys_cache = empty,
                                   .token_scope_read = read,
                                   .token_scope_write = write,
                                   .token_algorithm = TOKEN_HS256,
                                   .token_key = secret,
                                   .token_key_length = sizeof(secret) - 1,
                                   .token_leeway = 30,
                                   .token_ttl = 3600,
                                   .http_base_path = empty,
                                   .http_allow_origin = origins};
    return &config;
}

/* The CGI variable of a header, NULL for those that the product does not read. */
FIXTURE const char *http_variable(const char *name, size_t length)
{
    static const char *const headers[][2] = {{"Content-Type", "CONTENT_TYPE"},
                                             {"Content-Length", "CONTENT_LENGTH"},
                                             {"Transfer-Encoding", "HTTP_TRANSFER_ENCODING"},
                                             {"Authorization", "HTTP_AUTHORIZATION"},
                                             {"X-Request-Id", "HTTP_X_REQUEST_ID"},
                                             {"X-Anonymous-Id", "HTTP_X_ANONYMOUS_ID"},
                                             {"X-Session-Id", "HTTP_X_SESSION_ID"},
                                             {"X-SDK", "HTTP_X_SDK"},
                                             {"Origin", "HTTP_ORIGIN"},
                                             {"If-None-Match", "HTTP_IF_NONE_MATCH"}};
    for (size_t i = 0; i < COUNT(headers); i++) {
        if (strlen(headers[i][0]) == length && !strncasecmp(headers[i][0], name, length))
            return headers[i][1];
    }
    return NULL;
}

/* Reads headers up to the blank line; the rest is the body, whose length is told unless a header says
 * otherwise. No front passes on a header with a line end or another control character in it, but for tabs. */
FIXTURE void http_read(struct input *input, struct arena *arena, struct transport *transport)
{
    char *line;
    while (input->length && *(line = input_line(input, arena))) {
        size_t name = strcspn(line, ":");
        const char *variable = http_variable(line, name);
        char *value = line + name + (line[name] == ':');
        value += strspn(value, " \t");
        for (char *at = value; *at; at++) {
            if ((unsigned char)*at < ' ' || *at == 0x7F)
                *at = ' ';
        }
        if (variable && !transport_variable(transport, variable))
            transport_set(transport, variable, value);
    }
    transport->arena = arena;
    transport->body = input->bytes;
    transport->body_length = input->length;
    if (!transport_variable(transport, "CONTENT_LENGTH") &&
        !transport_variable(transport, "HTTP_TRANSFER_ENCODING"))
        transport_set(transport, "CONTENT_LENGTH", arena_format(arena, "%zu", input->length));
}

/* Printable lines that end with CR LF, none of them twice. Returns the Content-Length, "" when it is not
 * told. */
FIXTURE const char *http_check_head(struct arena *arena, char *head, int status)
{
    const char *seen[20], *length = "";
    size_t count = 0;
    must(!strncmp(head, arena_format(arena, "Status: %d ", status), 12), "the status line first");
    for (char *line = head, *end; *line; line = end + 2) {
        end = strstr(line, "\r\n");
        must(end, "a header line that ends");
        *end = '\0';
        char *colon = strstr(line, ": ");
        must(colon && !text_has_control(line, strlen(line)), "a header of a name and a value");
        *colon = '\0';
        for (size_t i = 0; i < count; i++)
            must(strcmp(seen[i], line), "each header once");
        must(count < COUNT(seen), "few headers");
        seen[count++] = line;
        if (!strcmp(line, "Content-Length"))
            length = colon + 2;
    }
    return length;
}

/* Sends the answer of a request that has ended and checks what goes out: headers that nothing was smuggled
 * into, and JSON of the length that they tell, with a text for people where it is an error. */
FIXTURE void http_check_answer(struct worker *worker, struct request *request, bool refused)
{
    int status;
    check_error(&request->error, refused);
    must(!refused || (error_status(request->error.code) >= 400 && error_status(request->error.code) < 500),
         "the caller's fault, not ours");
    if (!refused && !request->is_preflight)
        request->answer = "{}";
    must(send_response(worker, request, &status), "an answer");
    struct transport *transport = request->transport;
    char *end = strstr(transport->answer, "\r\n\r\n");
    must(end, "a head that ends");
    const char *body = arena_copy_text(transport->arena, end + 4);
    end[2] = '\0';
    const char *told = http_check_head(transport->arena, transport->answer, status);
    must((size_t)(end + 4 - transport->answer) + strlen(body) == transport->answer_length, "no zero bytes");
    if (!*body)
        return; /* HEAD, OPTIONS */
    must(!strcmp(told, arena_format(transport->arena, "%zu", strlen(body))), "the length that was told");
    must(json_object_is_type(json_again(transport->arena, body), json_type_object), "an object");
}

#endif
