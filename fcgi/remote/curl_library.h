/* libcurl, loaded when the remote recommender is first asked.
 *
 * Linked in the usual way it would bring some thirty libraries into every worker, also where there is no
 * remote recommender; a plain CGI worker would pay for them with each request. Loaded once a process, never
 * unloaded. */
#ifndef PALATE_REMOTE_CURL_LIBRARY_H
#define PALATE_REMOTE_CURL_LIBRARY_H

#include <curl/curl.h>

/* libcurl's own functions, without "curl_" before their names. */
struct curl_library {
    CURL *(*easy_init)(void);
    void (*easy_cleanup)(CURL *);
    void (*easy_reset)(CURL *);
    CURLcode (*easy_setopt)(CURL *, CURLoption, ...);
    CURLcode (*easy_perform)(CURL *);
    CURLcode (*easy_getinfo)(CURL *, CURLINFO, ...);
    const char *(*easy_strerror)(CURLcode);
    struct curl_slist *(*slist_append)(struct curl_slist *, const char *);
    void (*slist_free_all)(struct curl_slist *);
};

/* Loads and initialises it at the first call. NULL: it is not installed, or cannot be initialised; *problem
 * then says why. */
const struct curl_library *curl_library_load(const char **problem)
    __attribute__((nonnull, warn_unused_result));

#endif
