/* libcurl at run time; see curl_library.h.
 *
 * Workers do not link it, because most installations rank with the embedded recommender and never need it:
 * loading it with all that it depends on takes each worker some megabytes and milliseconds, and on shared
 * hosting it may not be there at all. The symbols are looked up once; the headers it was compiled with are
 * those of version 7.85 or later (PROTOCOLS_STR), the interface behind libcurl.so.4 has been stable since
 * 2006. */
#include "remote/curl_library.h"

#include <dlfcn.h>
#include <stdbool.h>
#include <string.h>

/* The same interface with either TLS library. */
static const char *const names[] = {"libcurl.so.4", "libcurl-gnutls.so.4"};

/* Loaded once, never unloaded. */
static struct curl_library library;

/* dlsym() gives an object's pointer for a function's, which POSIX allows and C does not spell. */
static bool find_symbol(void *handle, const char *name, void *function)
{
    void *found = dlsym(handle, name);
    memcpy(function, &found, sizeof(found));
    return found;
}

static bool find_symbols(void *handle)
{
    CURLcode (*global_init)(long);
    return find_symbol(handle, "curl_global_init", &global_init) &&
           find_symbol(handle, "curl_easy_init", &library.easy_init) &&
           find_symbol(handle, "curl_easy_cleanup", &library.easy_cleanup) &&
           find_symbol(handle, "curl_easy_reset", &library.easy_reset) &&
           find_symbol(handle, "curl_easy_setopt", &library.easy_setopt) &&
           find_symbol(handle, "curl_easy_perform", &library.easy_perform) &&
           find_symbol(handle, "curl_easy_getinfo", &library.easy_getinfo) &&
           find_symbol(handle, "curl_easy_strerror", &library.easy_strerror) &&
           find_symbol(handle, "curl_slist_append", &library.slist_append) &&
           find_symbol(handle, "curl_slist_free_all", &library.slist_free_all) &&
           global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
}

const struct curl_library *curl_library_load(const char **problem)
{
    static bool loaded; /* as long as the library is */
    *problem = "libcurl.so.4 is not installed; on Debian: apt-get install libcurl4";
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]) && !loaded; i++) {
        void *handle = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
        loaded = handle && find_symbols(handle);
        if (handle && !loaded)
            *problem = "libcurl is installed but cannot be used";
    }
    return loaded ? &library : NULL;
}
