/* The physical limit: a FastCGI worker that does what no worker can leave out, and nothing else.
 *
 *   /constant/NAME     answers the bytes of the exchange NAME
 *   /token/NAME        and verifies the HS256 bearer token first
 *   /durable/NAME      and commits the exchange's two rows before it answers; user_id of the query in them
 *
 * NAME is post or get. Environment: YARDSTICK_EXCHANGES, the folder with the files post and get (see
 * exchange.h), YARDSTICK_SECRET, the token's key, and what transaction.h names. Any other path is 404. */
#include "transaction.h"

#include <fcgiapp.h>
#include <jwt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

enum { NAMES = 2, USER_BYTES = 129, BODY_BYTES = 64 * 1024 };

static const char *const names[NAMES] = {"post", "get"};
static struct exchange exchanges[NAMES];
static struct transaction transaction;

static bool read_exchanges(void)
{
    const char *folder = getenv("YARDSTICK_EXCHANGES");
    char path[4096];
    for (int i = 0; i < NAMES; i++) {
        snprintf(path, sizeof(path), "%s/%s", folder ? folder : ".", names[i]);
        if (!exchange_read(&exchanges[i], path)) {
            fprintf(stderr, "yardstick: %s cannot be read\n", path);
            return false;
        }
    }
    return true;
}

static bool verify(FCGX_Request *request)
{
    const char *header = FCGX_GetParam("HTTP_AUTHORIZATION", request->envp),
               *secret = getenv("YARDSTICK_SECRET");
    jwt_t *jwt = NULL;
    if (!header || strncasecmp(header, "Bearer ", 7) || !secret)
        return false;
    bool good = !jwt_decode(&jwt, header + 7, (const unsigned char *)secret, (int)strlen(secret)) &&
                jwt_get_alg(jwt) == JWT_ALG_HS256 && jwt_get_grant_int(jwt, "exp") > time(NULL);
    jwt_free(jwt);
    return good;
}

static const char *find_user(FCGX_Request *request, char user[USER_BYTES])
{
    const char *query = FCGX_GetParam("QUERY_STRING", request->envp);
    const char *start = query ? strstr(query, "user_id=") : NULL;
    if (!start)
        return NULL;
    start += strlen("user_id=");
    snprintf(user, USER_BYTES, "%.*s", (int)strcspn(start, "&"), start);
    return user;
}

/* Connects with the first request, so that a worker of the lower modes needs no database. */
static bool commit(FCGX_Request *request, const struct exchange *exchange)
{
    char user[USER_BYTES];
    if ((transaction.handle || transaction_connect(&transaction)) &&
        transaction_run(&transaction, exchange, find_user(request, user)))
        return true;
    fprintf(stderr, "yardstick: %s\n", transaction.failure);
    return false;
}

static int do_work(FCGX_Request *request, const struct exchange **exchange)
{
    static char body[BODY_BYTES];
    const char *path = FCGX_GetParam("REQUEST_URI", request->envp);
    size_t mode = path && *path == '/' ? strcspn(path + 1, "/") : 0;
    const char *name = mode ? path + 1 + mode : "";
    for (int i = 0; i < NAMES; i++)
        if (*name == '/' && !strncmp(name + 1, names[i], strlen(names[i])))
            *exchange = &exchanges[i];
    if (!*exchange)
        return 404;
    while (FCGX_GetStr(body, BODY_BYTES, request->in) > 0)
        continue;
    if (!strncmp(path, "/constant/", 10))
        return 200;
    if (!verify(request))
        return 401;
    if (!strncmp(path, "/token/", 7))
        return 200;
    return commit(request, *exchange) ? 200 : 503;
}

static void answer(FCGX_Request *request)
{
    const struct exchange *exchange = NULL;
    char head[200];
    int status = do_work(request, &exchange);
    int length = snprintf(head, sizeof(head),
                          "Status: %d %s\r\nContent-Type: application/json\r\nX-Request-Id: "
                          "0123456789abcdef0123456789abcdef\r\nCache-Control: no-store\r\n\r\n",
                          status, status == 200 ? "OK" : "No");
    FCGX_PutStr(head, length, request->out); /* lint: FCGX_PutStr, the yardstick has no send_response.c */
    if (status == 200)
        /* lint: FCGX_PutStr, the yardstick has no send_response.c */
        FCGX_PutStr(exchange->parts[EXCHANGE_ANSWER], (int)exchange->lengths[EXCHANGE_ANSWER], request->out);
    FCGX_Finish_r(request);
}

int main(void)
{
    FCGX_Request request;
    if (!read_exchanges() || FCGX_Init() || FCGX_InitRequest(&request, 0, 0))
        return 1;
    while (FCGX_Accept_r(&request) >= 0)
        answer(&request);
    return 0;
}
