/* One request of `palate doctor` to the running service, and its answer. */
#ifndef PALATE_CLI_DOCTOR_HTTP_H
#define PALATE_CLI_DOCTOR_HTTP_H

#include "cli/doctor/checks.h"

#include <curl/curl.h>
#include <json-c/json.h>

enum { HTTP_ANSWER_BYTES = 64 * 1024, HTTP_TIMEOUT_SECONDS = 15 };

struct http_answer {
    int code;      /* curl's; 0: there is an answer */
    long verified; /* CURLINFO_SSL_VERIFYRESULT */
    long status;   /* 0: none */
    size_t length;
    char bytes[HTTP_ANSWER_BYTES + 1];
    char problem[CURL_ERROR_SIZE];
    const char *location;     /* where it leads to; "": nowhere */
    struct json_object *json; /* of the arena; NULL: no JSON object */
};

struct http_request {
    const char *method, *path; /* path begins behind options.url */
    const char *body;          /* NULL: none */
    size_t length;
    bool chunked;
};

struct service {
    struct doctor *doctor;
    const char *authorization; /* header line; "": none */
    struct http_answer answer;
};

/* Fills service->answer. Ends early when the user interrupts. */
void http_exchange(struct service *service, const struct http_request *request) __attribute__((nonnull));

/* "" when the answer has no such text. */
const char *http_answer_text(const struct http_answer *answer, const char *member)
    __attribute__((nonnull, returns_nonnull));

/* What came, for a report: "status 404, not in JSON". */
const char *http_describe(struct service *service) __attribute__((nonnull, returns_nonnull));

/* Writes ADDRESS[:PORT] as curl takes it, for any host and port. False when it is not of that form. */
enum { HTTP_CONNECT_SIZE = 300 };
bool http_connect_to(const char *connect, char to[HTTP_CONNECT_SIZE])
    __attribute__((nonnull, warn_unused_result));

#endif
