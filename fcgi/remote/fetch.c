/* One small document over HTTP; see fetch.h.
 *
 * For the key sets of identity providers: rare, small, and not worth a connection that is kept, so each call
 * has a handle of its own. No redirects at all: an address of keys is configured by hand, and whoever could
 * redirect it could replace the keys. The buffer is as large as the limit from the beginning, so that nothing
 * grows while strangers send. */
#include "remote/fetch.h"

#include "base/memory.h"
#include "base/url.h"
#include "remote/curl_library.h"

#include <stdio.h>
#include <string.h>

struct document {
    char *bytes;
    size_t length, limit;
    bool too_large;
};

bool fetch_allows(const char *url, bool local_http)
{
    struct url parts;
    return url_read(url, &parts) && url_is_allowed(&parts, local_http ? "localhost,127.0.0.1,[::1]" : "");
}

static size_t keep_bytes(char *bytes, size_t size, size_t count, void *context)
{
    struct document *document = context;
    size_t more = size * count;
    if (more > document->limit - document->length) {
        document->too_large = true;
        return 0;
    }
    memcpy(document->bytes + document->length, bytes, more);
    document->length += more;
    return more;
}

static void set_options(const struct curl_library *library, CURL *curl, const char *url, bool local_http,
                        long milliseconds, struct document *document)
{
    library->easy_setopt(curl, CURLOPT_URL, url);
    library->easy_setopt(curl, CURLOPT_PROTOCOLS_STR, local_http ? "http,https" : "https");
    library->easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
    library->easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    library->easy_setopt(curl, CURLOPT_TIMEOUT_MS, milliseconds);
    library->easy_setopt(curl, CURLOPT_WRITEFUNCTION, keep_bytes);
    library->easy_setopt(curl, CURLOPT_WRITEDATA, document);
    if (local_http)
        library->easy_setopt(curl, CURLOPT_PROXY, "");
}

static bool perform_fetch(const struct curl_library *library, CURL *curl, const struct document *document,
                          char *problem, size_t problem_size)
{
    long status = 0;
    CURLcode code = library->easy_perform(curl);
    library->easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    if (document->too_large)
        snprintf(problem, problem_size, "the answer is larger than %zu bytes", document->limit);
    else if (code != CURLE_OK)
        snprintf(problem, problem_size, "no answer: %s", library->easy_strerror(code));
    else if (status != 200)
        snprintf(problem, problem_size, "the answer has status %ld", status);
    else
        return true;
    return false;
}

char *fetch_document(const char *url, bool local_http, size_t limit, long milliseconds, size_t *length,
                     char *problem, size_t problem_size)
{
    if (!fetch_allows(url, local_http)) {
        snprintf(problem, problem_size, "the address must begin with https://");
        return NULL;
    }
    const char *missing;
    const struct curl_library *library = curl_library_load(&missing);
    if (!library) {
        snprintf(problem, problem_size, "%s", missing);
        return NULL;
    }
    CURL *curl = library->easy_init();
    if (!curl)
        memory_exhausted();
    struct document document = {.bytes = memory_alloc(limit + 1, 1), .limit = limit};
    set_options(library, curl, url, local_http, milliseconds, &document);
    bool done = perform_fetch(library, curl, &document, problem, problem_size);
    library->easy_cleanup(curl);
    document.bytes[document.length] = '\0';
    *length = document.length;
    if (done)
        return document.bytes;
    memory_free(document.bytes);
    return NULL;
}
