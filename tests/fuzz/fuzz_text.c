/* Fuzzes the readers of short texts: moments, addresses, origins, entity tags, numbers, encodings,
 * credentials, keys.
 *
 * The first byte chooses the reader. What must hold: what is taken says the same when it is written and read
 * again; an address has the host that libcurl would connect to.
 *
 * Covers: fcgi/base/moment.c fcgi/base/url.c fcgi/base/origins.c fcgi/base/text.c
 * Covers: fcgi/request/entity_tag.c fcgi/cli/import/key_text.c */
#include "fixture.h"

#include "api/token_request.h"
#include "base/moment.h"
#include "base/origins.h"
#include "base/url.h"
#include "cli/import/key_text.h"
#include "request/entity_tag.h"
#include "transport.h"

#include <curl/curl.h>
#include <inttypes.h>
#include <strings.h>
#include <time.h>

static void fuzz_time(struct arena *arena, const char *text)
{
    int64_t milliseconds, again;
    struct tm moment;
    char written[40];
    (void)arena;
    if (!moment_parse(text, &milliseconds))
        return;
    must(milliseconds >= 0 && milliseconds < INT64_C(253402300800000), "from 1970 to 9999");
    time_t seconds = milliseconds / 1000;
    must(gmtime_r(&seconds, &moment), "a moment");
    strftime(written, sizeof(written), "%Y-%m-%dT%H:%M:%S", &moment);
    must(moment_parse(arena_format(arena, "%s.%03dZ", written, (int)(milliseconds % 1000)), &again) &&
             again == milliseconds,
         "the same moment when it is read again");
}

static void fuzz_url(struct arena *arena, const char *text)
{
    struct url url;
    char *host = NULL;
    if (!url_read(text, &url))
        return;
    must(url.host_length && url.host > text && url.path >= url.host + url.host_length, "a host, then a path");
    must(url_is_same_host(&url, &url), "its own host");
    must(url_is_allowed(&url, arena_copy_bytes(arena, url.host, url.host_length)), "a host that is listed");
    CURLU *other = curl_url();
    if (other && curl_url_set(other, CURLUPART_URL, text, 0) == CURLUE_OK &&
        curl_url_get(other, CURLUPART_HOST, &host, 0) == CURLUE_OK && strchr(host, ':') == NULL &&
        strspn(host, "0123456789.") != strlen(host)) /* libcurl spells numbers anew */
        must(strlen(host) == url.host_length && !strncasecmp(host, url.host, url.host_length),
             "the host that libcurl sees");
    curl_free(host);
    curl_url_cleanup(other);
}

static void fuzz_origins(struct arena *arena, const char *text)
{
    const char *entry;
    int length;
    if (!origins_check(text, &entry, &length)) {
        must(entry >= text && entry + length <= text + strlen(text) && length >= 0, "an entry of the list");
        return;
    }
    must(!text_has_control(text, strlen(text)) || !strpbrk(text, "\r\n"), "nothing that ends a header");
    char *at = arena_copy_text(arena, text);
    for (char *part; (part = strsep(&at, ","));) {
        part += strspn(part, " \t");
        part[strcspn(part, " \t")] = '\0';
        must(!*part || origins_include(text, part), "each of the list is on it");
    }
    must(!strcmp(text, "*") || !origins_include(text, "null"), "no page without an origin");
}

static void fuzz_tag(struct arena *arena, const char *text)
{
    struct transport transport = {.arena = arena}, listed = {.arena = arena};
    struct request request = {.arena = arena, .transport = &transport};
    transport_set(&transport, "HTTP_IF_NONE_MATCH", text);
    bool known = entity_tag_is_known(&request, "\"17-1700000000\"");
    must(!known || strstr(text, "\"17-1700000000\"") || strchr(text, '*'), "a tag that was sent");
    transport_set(&listed, "HTTP_IF_NONE_MATCH", arena_format(arena, "\"17-1700000000\", %s", text));
    request.transport = &listed;
    must(entity_tag_is_known(&request, "\"17-1700000000\""), "the first of a list");
}

static void fuzz_numbers(struct arena *arena, const char *text)
{
    int64_t whole, again;
    double real, same;
    if (text_to_int64(text, &whole))
        must(text_to_int64(arena_format(arena, "%" PRId64, whole), &again) && whole == again,
             "the same whole number");
    if (text_to_double(text, &real))
        must(text_to_double(arena_format(arena, "%.17g", real), &same) && same <= real && same >= real,
             "the same number");
}

static void fuzz_encodings(struct arena *arena, const char *text)
{
    size_t length = strlen(text), size;
    unsigned char *bytes = arena_alloc(arena, length * 3 / 4 + 3, 1);
    char *encoded = arena_alloc(arena, length * 4 / 3 + 4, 1), *twice = arena_alloc(arena, length * 2 + 4, 1);
    if (text_decode_base64url(text, length, bytes, &size)) {
        text_encode_base64url(bytes, size, twice);
        must(!strcmp(twice, text), "one spelling for all bytes");
    }
    text_encode_base64url((const unsigned char *)text, length, encoded);
    unsigned char *back = arena_alloc(arena, strlen(encoded) * 3 / 4 + 3, 1);
    must(text_decode_base64url(encoded, strlen(encoded), back, &size) && size == length &&
             !memcmp(back, text, size),
         "the same bytes, by base64");
    char *percent = url_encode(arena, text);
    must(text_decode_form(percent) && !strcmp(percent, text), "the same text, by percent signs");
    char *path = arena_copy_text(arena, text), *form = arena_copy_text(arena, text);
    bool decoded = text_decode_percent(path);
    must(decoded == text_decode_form(form), "the same escapes in paths and forms");
    must(!decoded || strlen(path) == strlen(form), "texts of one length");
    bool is_text = text_is_utf8(text, length);
    must(!is_text || text_count_characters(text) <= length, "no more characters than bytes");
    char *repaired = arena_copy_text(arena, text);
    text_repair_utf8(repaired);
    must(text_is_utf8(repaired, strlen(repaired)) && is_text == !strcmp(repaired, text),
         "UTF-8, and only changed when it was none");
}

static void fuzz_credentials(struct arena *arena, const char *text)
{
    struct credentials given, decoded;
    if (!token_request_read_basic(arena, text, &given, &decoded)) {
        must(!given.client_id && !decoded.client_id, "nothing that was refused");
        return;
    }
    check_text(given.client_id);
    check_text(given.secret);
    must(!strchr(given.client_id, ':') && !text_has_control(given.secret, strlen(given.secret)),
         "an id and a secret");
    must(!decoded.client_id || (decoded.secret && (strcmp(decoded.client_id, given.client_id) ||
                                                   strcmp(decoded.secret, given.secret))),
         "the other reading is another one");
}

static void fuzz_keys(struct arena *arena, const char *text)
{
    char key[KEY_SIZE], again[KEY_SIZE];
    (void)arena;
    if (key_derive(text, key))
        must(key_is_valid(key) && key_derive(key, again) && !strcmp(key, again), "a key that stays as it is");
    if (!id_problem(text, LIMIT_ID_CHARACTERS))
        check_id(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static void (*const readers[])(struct arena *, const char *) = {
        fuzz_time,    fuzz_url,       fuzz_origins,     fuzz_tag,
        fuzz_numbers, fuzz_encodings, fuzz_credentials, fuzz_keys};
    struct arena *arena = arena_create();
    struct input input = {.bytes = (const char *)data, .length = size};
    unsigned which = input_byte(&input);
    readers[which % COUNT(readers)](arena, input_text(&input, arena));
    arena_destroy(arena);
    return 0;
}
