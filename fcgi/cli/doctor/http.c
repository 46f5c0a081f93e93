/* One request to the running service; see http.h.
 *
 * Made with libcurl and as plain as a caller's: no proxy from the environment, no redirects followed
 * (where it leads is part of the finding), an empty Expect header (curl would otherwise wait before it
 * sends a large body), certificates checked as any client checks them. --connect sends the request to
 * another address and keeps the name, so that a service can be checked before its name leads to it.
 *
 * Only the first 64 KiB of an answer are kept: they are enough to tell a worker's JSON from a web server's
 * page. */
#include "cli/doctor/http.h"

#include "base/json.h"
#include "base/memory.h"
#include "base/text.h"
#include "cli/command.h"

#include <stdio.h>
#include <string.h>

struct reading {
    const char *bytes;
    size_t left;
};

/* Curl's callback: what does not fit is counted as taken, since curl would otherwise end the exchange as
 * failed. */
static size_t keep_bytes(char *bytes, size_t size, size_t count, void *context)
{
    struct http_answer *answer = context;
    size_t length = size * count, room = HTTP_ANSWER_BYTES - answer->length;
    memcpy(answer->bytes + answer->length, bytes, length < room ? length : room);
    answer->length += length < room ? length : room;
    return length;
}

/* Curl's callback for bodies that are sent in chunks. */
static size_t give_bytes(char *bytes, size_t size, size_t count, void *context)
{
    struct reading *reading = context;
    size_t length = size * count < reading->left ? size * count : reading->left;
    memcpy(bytes, reading->bytes, length);
    reading->bytes += length;
    reading->left -= length;
    return length;
}

/* Curl's callback now and then: anything but 0 ends the exchange. */
static int watch_interrupt(void *context, curl_off_t total, curl_off_t now, curl_off_t sent_total,
                           curl_off_t sent)
{
    (void)context;
    (void)total;
    (void)now;
    (void)sent_total;
    (void)sent;
    return command_is_interrupted();
}

bool http_connect_to(const char *connect, char to[HTTP_CONNECT_SIZE])
{
    const char *port = strrchr(connect, ':');
    int64_t number = 0;
    if (*connect == '[') {
        const char *shut = strchr(connect, ']');
        if (!shut || (shut[1] && shut[1] != ':'))
            return false;
        port = shut[1] ? shut + 1 : NULL;
    } else if (port && strchr(connect, ':') != port)
        return false; /* an IPv6 address without brackets */
    if (port == connect || !*connect || strpbrk(connect, "/ @"))
        return false;
    if (port && (!text_to_int64(port + 1, &number) || number < 1 || number > 65535))
        return false;
    return snprintf(to, HTTP_CONNECT_SIZE, "::%s%s", connect, port ? "" : ":") < HTTP_CONNECT_SIZE;
}

static void set_options(CURL *curl, struct service *service, const char *method, const char *url)
{
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, method);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1); /* HTTP/2 knows no chunks */
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)HTTP_TIMEOUT_SECONDS);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, service->answer.problem);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, keep_bytes);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &service->answer);
    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, watch_interrupt);
}

static void set_body(CURL *curl, const struct http_request *request, struct reading *reading)
{
    if (!request->body)
        return;
    *reading = (struct reading){.bytes = request->body, .left = request->length};
    if (request->chunked) {
        curl_easy_setopt(curl, CURLOPT_POST, 1L);
        curl_easy_setopt(curl, CURLOPT_READFUNCTION, give_bytes);
        curl_easy_setopt(curl, CURLOPT_READDATA, reading);
    } else {
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request->body);
        curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, (long)request->length);
    }
    curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, request->method);
}

static void perform_exchange(struct service *service, CURL *curl)
{
    struct http_answer *answer = &service->answer;
    struct json_object *json;
    const char *ignored;
    char *location = NULL;
    CURLcode code = curl_easy_perform(curl);
    answer->code = (int)code;
    curl_easy_getinfo(curl, CURLINFO_SSL_VERIFYRESULT, &answer->verified);
    if (code == CURLE_OK)
        curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &answer->status);
    else if (!answer->problem[0])
        snprintf(answer->problem, sizeof(answer->problem), "%s", curl_easy_strerror(code));
    if (!curl_easy_getinfo(curl, CURLINFO_REDIRECT_URL, &location) && location)
        answer->location = arena_copy_text(service->doctor->arena, location);
    if (answer->length &&
        json_parse_arena(service->doctor->arena, answer->bytes, answer->length, &json, &ignored) &&
        json_object_is_type(json, json_type_object))
        answer->json = json;
}

static struct curl_slist *make_headers(const struct service *service, const struct http_request *request)
{
    struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: application/json");
    headers = curl_slist_append(headers, "Expect:");
    if (request->chunked)
        headers = curl_slist_append(headers, "Transfer-Encoding: chunked");
    return *service->authorization ? curl_slist_append(headers, service->authorization) : headers;
}

void http_exchange(struct service *service, const struct http_request *request)
{
    struct arena *arena = service->doctor->arena;
    const struct doctor_options *options = &service->doctor->options;
    size_t base_length = strlen(options->url);
    struct reading reading;
    /* The path of a request begins with a slash of its own. */
    while (base_length && options->url[base_length - 1] == '/')
        base_length--;
    char *url = arena_format(arena, "%.*s%s", (int)base_length, options->url, request->path);
    memset(&service->answer, 0, sizeof(service->answer));
    service->answer.location = "";
    CURL *curl = curl_easy_init();
    if (!curl)
        memory_exhausted();
    char to[HTTP_CONNECT_SIZE];
    bool elsewhere = options->connect && http_connect_to(options->connect, to);
    struct curl_slist *headers = make_headers(service, request);
    struct curl_slist *connect = elsewhere ? curl_slist_append(NULL, to) : NULL;
    set_options(curl, service, request->method, url);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(curl, CURLOPT_CONNECT_TO, connect);
    set_body(curl, request, &reading);
    perform_exchange(service, curl);
    curl_slist_free_all(headers);
    curl_slist_free_all(connect);
    curl_easy_cleanup(curl);
}

const char *http_answer_text(const struct http_answer *answer, const char *member)
{
    struct json_object *value = json_member(answer->json, member);
    return json_object_is_type(value, json_type_string) ? json_object_get_string(value) : "";
}

const char *http_describe(struct service *service)
{
    const struct http_answer *answer = &service->answer;
    struct arena *arena = service->doctor->arena;
    if (!answer->status)
        return arena_format(arena, "no answer: %s", answer->problem);
    const char *code = http_answer_text(answer, "code");
    return arena_format(arena, "status %ld%s%s%s", answer->status, answer->json ? "" : ", not in JSON",
                        *code ? ", code " : "", code);
}
