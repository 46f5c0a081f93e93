/* One exchange with a web service; see client.h.
 *
 * A recommender that answers late must cost a bounded wait, so there is one deadline for everything: looking
 * the name up, connecting, TLS, a retry and redirects all get what is left of it (set_options), and the
 * service is told how much that is (X-Deadline-Ms), so that it need not go on for a reply that is no longer
 * wanted. The reply is foreign: body and headers are counted as they come, and the exchange is ended when
 * they become too large.
 *
 * One handle is kept for the worker's life and only reset between exchanges, because with it libcurl keeps
 * the connection: TLS costs more than the rest. A kept connection may have been closed by the other side in
 * the meantime, which shows only when something is sent; then, and only if not a byte has come back, it is
 * tried once more.
 *
 * Redirects are followed here and not by libcurl, since each target must pass the same checks as the
 * configured address: same host, never from https to http, and only 307 and 308, which keep the method and
 * the body. */
#include "remote/client.h"

#include "base/clock.h"
#include "base/limits.h"
#include "base/memory.h"
#include "base/url.h"
#include "remote/curl_library.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { ROOM_FIRST = 16 * 1024, ROOM_KEPT = 64 * 1024, REDIRECTS_MAX = 3, HEADER_SIZE = 200 };

struct client {
    const struct config *config;
    const struct curl_library *curl;
    CURL *easy;
    char *bytes;
    size_t length, room;
    size_t header_bytes; /* of the reply under way */
    bool too_large;
    char problem[CURL_ERROR_SIZE];
};

struct client *client_create(const struct config *config)
{
    struct client *client = memory_alloc(1, sizeof(*client));
    client->config = config;
    return client;
}

void client_destroy(struct client *client)
{
    if (!client)
        return;
    if (client->easy)
        client->curl->easy_cleanup(client->easy);
    memory_free(client->bytes);
    memory_free(client);
}

/* On the first exchange, so that a worker that never has one does not load it. */
static bool open_library(struct client *client, struct client_reply *reply)
{
    const char *problem;
    if (client->easy)
        return true;
    client->curl = curl_library_load(&problem);
    if (!client->curl) {
        reply->outcome = REMOTE_NO_LIBRARY;
        snprintf(reply->detail, sizeof(reply->detail), "%s", problem);
        return false;
    }
    client->easy = client->curl->easy_init();
    if (!client->easy)
        memory_exhausted();
    return true;
}

/* ---- What comes back */

static size_t on_body(char *bytes, size_t size, size_t count, void *context)
{
    struct client *client = context;
    size_t length = size * count;
    if (length > (size_t)client->config->remote_reply_bytes - client->length) {
        client->too_large = true;
        return 0;
    }
    if (client->length + length > client->room) {
        size_t room = client->room ? client->room : ROOM_FIRST;
        while (room < client->length + length)
            room *= 2;
        client->bytes = memory_resize(client->bytes, room, 1);
        client->room = room;
    }
    memcpy(client->bytes + client->length, bytes, length);
    client->length += length;
    return length;
}

/* libcurl bounds a single header, not their sum. */
static size_t on_header(char *bytes, size_t size, size_t count, void *context)
{
    struct client *client = context;
    (void)bytes;
    client->header_bytes += size * count;
    if (client->header_bytes <= LIMIT_REMOTE_HEADER_BYTES)
        return size * count;
    client->too_large = true;
    return 0;
}

/* libcurl calls it once a second while nothing comes, and whenever a signal ends its wait. Not 0: it stops. */
static int on_progress(void *context, curl_off_t down_total, curl_off_t down, curl_off_t up_total,
                       curl_off_t up)
{
    const struct client_request *request = context;
    (void)down_total;
    (void)down;
    (void)up_total;
    (void)up;
    return request->is_given_up();
}

static enum remote_outcome outcome_of(CURLcode code)
{
    switch (code) {
    case CURLE_OK:
        return REMOTE_ANSWERED;
    case CURLE_COULDNT_RESOLVE_HOST:
        return REMOTE_UNRESOLVED;
    case CURLE_COULDNT_CONNECT:
        return REMOTE_UNREACHABLE;
    case CURLE_OPERATION_TIMEDOUT:
        return REMOTE_TIMEOUT;
    case CURLE_FILESIZE_EXCEEDED:
        return REMOTE_TOO_LARGE;
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_INVALIDCERTSTATUS:
    case CURLE_SSL_ENGINE_INITFAILED:
        return REMOTE_TLS;
    default:
        return REMOTE_CUT;
    }
}

/* ---- What is sent */

static struct curl_slist *add_header(struct client *client, struct curl_slist *list, const char *line)
{
    struct curl_slist *longer = client->curl->slist_append(list, line);
    if (!longer)
        memory_exhausted();
    return longer;
}

static struct curl_slist *make_headers(struct client *client, const struct client_request *request,
                                       int64_t left_ms)
{
    char line[HEADER_SIZE];
    struct curl_slist *list = NULL;
    for (const char *const *header = request->headers; *header; header++)
        list = add_header(client, list, *header);
    list = add_header(client, list, "Accept: application/json");
    list = add_header(client, list, request->body ? "Content-Type: application/json" : "Content-Type:");
    list = add_header(client, list, "Expect:");
    snprintf(line, sizeof(line), "X-Request-Id: %s", request->request_id);
    list = add_header(client, list, line);
    snprintf(line, sizeof(line), "X-Deadline-Ms: %" PRId64, left_ms);
    return add_header(client, list, line);
}

static void set_options(struct client *client, const struct client_request *request, const char *url,
                        int64_t left_ms)
{
    const struct config *config = client->config;
    CURLcode (*set)(CURL *, CURLoption, ...) = client->curl->easy_setopt;
    CURL *easy = client->easy;
    client->curl->easy_reset(easy); /* keeps the connection */
    set(easy, CURLOPT_URL, url);
    set(easy, CURLOPT_PATH_AS_IS, 1L);
    set(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    set(easy, CURLOPT_FOLLOWLOCATION, 0L);
    set(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    set(easy, CURLOPT_PROXY, "");
    set(easy, CURLOPT_NOSIGNAL, 1L);
    set(easy, CURLOPT_QUICK_EXIT, 1L); /* do not wait for a resolver that hangs */
    set(easy, CURLOPT_TCP_KEEPALIVE, 1L);
    set(easy, CURLOPT_USERAGENT, "palate");
    set(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    set(easy, CURLOPT_SSL_VERIFYPEER, 1L);
    set(easy, CURLOPT_SSL_VERIFYHOST, 2L);
    if (*config->remote_ca_file)
        set(easy, CURLOPT_CAINFO, config->remote_ca_file);
    long connect_ms = config->remote_connect_timeout_ms;
    set(easy, CURLOPT_CONNECTTIMEOUT_MS, connect_ms < left_ms ? connect_ms : (long)left_ms);
    set(easy, CURLOPT_TIMEOUT_MS, (long)left_ms);
    set(easy, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)config->remote_reply_bytes);
    set(easy, CURLOPT_WRITEFUNCTION, on_body);
    set(easy, CURLOPT_WRITEDATA, client);
    set(easy, CURLOPT_HEADERFUNCTION, on_header);
    set(easy, CURLOPT_HEADERDATA, client);
    set(easy, CURLOPT_ERRORBUFFER, client->problem);
    if (request->body) {
        set(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)strlen(request->body));
        set(easy, CURLOPT_POSTFIELDS, request->body);
    }
    if (request->is_given_up) {
        set(easy, CURLOPT_NOPROGRESS, 0L);
        set(easy, CURLOPT_XFERINFOFUNCTION, on_progress);
        set(easy, CURLOPT_XFERINFODATA, request);
    }
    if (request->method)
        set(easy, CURLOPT_CUSTOMREQUEST, request->method);
}

/* ---- The exchange */

static int64_t step_us(struct client *client, CURLINFO what)
{
    curl_off_t moment = 0;
    client->curl->easy_getinfo(client->easy, what, &moment);
    return moment;
}

static void note_reply(struct client *client, struct client_reply *reply)
{
    curl_off_t seconds = 0;
    client->curl->easy_getinfo(client->easy, CURLINFO_RESPONSE_CODE, &reply->status);
    client->curl->easy_getinfo(client->easy, CURLINFO_RETRY_AFTER, &seconds);
    reply->retry_after_s = seconds > 0 ? seconds : 0;
    reply->resolved_us = step_us(client, CURLINFO_NAMELOOKUP_TIME_T);
    reply->connected_us = step_us(client, CURLINFO_CONNECT_TIME_T);
    reply->secured_us = step_us(client, CURLINFO_APPCONNECT_TIME_T);
    reply->answered_us = step_us(client, CURLINFO_TOTAL_TIME_T);
    reply->bytes = client->bytes ? client->bytes : "";
    reply->length = client->length;
}

/* One try. False when the deadline has passed before it. */
static bool try_once(struct client *client, const struct client_request *request, const char *url,
                     struct client_reply *reply, CURLcode *code)
{
    int64_t left_ms = (request->deadline_us - clock_monotonic_us()) / 1000;
    if (left_ms < 1)
        return false;
    client->length = client->header_bytes = 0;
    client->too_large = false;
    client->problem[0] = '\0';
    set_options(client, request, url, left_ms);
    struct curl_slist *headers = make_headers(client, request, left_ms);
    client->curl->easy_setopt(client->easy, CURLOPT_HTTPHEADER, headers);
    *code = client->curl->easy_perform(client->easy);
    note_reply(client, reply);
    reply->outcome = client->too_large ? REMOTE_TOO_LARGE : outcome_of(*code);
    client->curl->easy_setopt(client->easy, CURLOPT_HTTPHEADER, NULL);
    client->curl->slist_free_all(headers);
    return true;
}

/* The connection was lost before anything came: the service may have been restarted. Asking twice is safe. */
static bool deserves_retry(const struct client *client, CURLcode code)
{
    bool lost = code == CURLE_GOT_NOTHING || code == CURLE_SEND_ERROR || code == CURLE_RECV_ERROR;
    return lost && client->header_bytes == 0;
}

/* libcurl takes every status for success. Only 200 has a list: 204, say, would be an empty reply. */
static void judge_status(struct client_reply *reply)
{
    if (reply->status == 200)
        return;
    reply->outcome = reply->status >= 300 && reply->status < 400 ? REMOTE_REDIRECT
                     : reply->status == 429                      ? REMOTE_LIMITED
                                                                 : REMOTE_STATUS;
}

/* Where a redirect leads, copied into url; false when it is not to be followed. */
static bool follow_redirect(struct client *client, const struct client_request *request,
                            const struct client_reply *reply, char *url, size_t size)
{
    char *target = NULL;
    struct url from, to;
    if (!client->config->remote_follows_redirects || (reply->status != 307 && reply->status != 308))
        return false;
    client->curl->easy_getinfo(client->easy, CURLINFO_REDIRECT_URL, &target);
    if (!target || !url_read(request->url, &from) || strlen(target) >= size)
        return false;
    /* The query of a GET stays with the target as the service wrote it. */
    char plain[LIMIT_REMOTE_URL_BYTES];
    snprintf(plain, sizeof(plain), "%.*s", (int)strcspn(target, "?"), target);
    if (!url_read(plain, &to) || !url_is_allowed(&to, client->config->remote_http_hosts) ||
        !url_is_same_host(&from, &to) || (from.is_https && !to.is_https))
        return false;
    snprintf(url, size, "%s", target);
    return true;
}

static void describe_outcome(const struct client *client, CURLcode code, struct client_reply *reply)
{
    if (reply->outcome == REMOTE_ANSWERED || reply->detail[0])
        return;
    if (code == CURLE_OK)
        snprintf(reply->detail, sizeof(reply->detail), "status %ld", reply->status);
    else
        snprintf(reply->detail, sizeof(reply->detail), "%.190s",
                 client->problem[0] ? client->problem : client->curl->easy_strerror(code));
}

bool client_exchange(struct client *client, const struct client_request *request, struct client_reply *reply)
{
    char url[LIMIT_REMOTE_URL_BYTES];
    CURLcode code = CURLE_OK;
    bool retried = false;
    int redirects = 0;
    *reply = (struct client_reply){.outcome = REMOTE_TIMEOUT, .bytes = ""};
    if (!open_library(client, reply))
        return false;
    if (client->room > ROOM_KEPT) {
        memory_free(client->bytes);
        client->bytes = NULL;
        client->room = 0;
    }
    if (strlen(request->url) >= sizeof(url)) {
        snprintf(reply->detail, sizeof(reply->detail), "the address would be longer than %zu bytes",
                 sizeof(url));
        reply->outcome = REMOTE_WRONG;
        return false;
    }
    memcpy(url, request->url, strlen(request->url) + 1);
    while (try_once(client, request, url, reply, &code)) {
        if (reply->outcome != REMOTE_ANSWERED) {
            if (retried || !deserves_retry(client, code))
                break;
            retried = true;
            continue;
        }
        judge_status(reply);
        if (reply->outcome != REMOTE_REDIRECT || redirects++ == REDIRECTS_MAX ||
            !follow_redirect(client, request, reply, url, sizeof(url)))
            break;
    }
    describe_outcome(client, code, reply);
    return reply->outcome == REMOTE_ANSWERED;
}
