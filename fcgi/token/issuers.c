/* The file of foreign identity providers; see issuers.h.
 *
 * A mistake in this file lets strangers in or everybody out, so it is read once, at the start, and anything
 * that is not understood keeps the worker from starting: unknown names, wrong types, a provider that is there
 * twice, and rules that together would admit tokens made for other services (no audience, and a client claim
 * that is not the client's own name). Lists that may also be written as one text become lists here, so that
 * the rest of the room has one form.
 *
 * The lists stay parts of the JSON document, which lives as long as the issuers. */
#include "token/issuers.h"

#include "base/json.h"
#include "base/limits.h"
#include "base/memory.h"
#include "base/read_file.h"
#include "base/text.h"
#include "remote/fetch.h"
#include "token/read_token.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { ISSUER_CHARACTERS = 255 }; /* what the column client_aliases.issuer holds */

struct loading {
    const struct config *config;
    struct issuers *issuers;
    size_t entry; /* from 0 */
    char *problem;
    size_t problem_size;
};

__attribute__((format(printf, 2, 3))) static bool refuse_entry(struct loading *loading, const char *format,
                                                               ...)
{
    char rule[300];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(rule, sizeof(rule), format, arguments);
    va_end(arguments);
    text_repair_utf8(rule);
    snprintf(loading->problem, loading->problem_size, "%s, issuers[%zu]: %s",
             loading->config->token_issuers_file, loading->entry, rule);
    return false;
}

/* The member as a list of texts, where it may also be one text; NULL in *list when it is absent. */
static bool read_texts(struct loading *loading, struct json_object *entry, const char *name,
                       struct json_object **list)
{
    *list = json_member(entry, name);
    if (token_text(entry, name)) {
        struct json_object *one = json_object_new_array();
        json_object_array_add(one, json_object_get(*list));
        json_add(entry, name, one);
        *list = one;
    }
    size_t length = json_object_is_type(*list, json_type_array) ? json_object_array_length(*list) : 0;
    for (size_t i = 0; i < length; i++) {
        if (!json_object_is_type(json_object_array_get_idx(*list, i), json_type_string))
            length = 0;
    }
    return !*list || length > 0 || refuse_entry(loading, "%s must be a text or a list of texts", name);
}

/* A name that is misspelt would be a rule that does not hold. */
static bool check_names(struct loading *loading, struct json_object *entry)
{
    static const char *const known[] = {"issuer",        "algorithms", "audience",     "jwks_file",
                                        "jwks_url",      "require",    "scope_claims", "local_http",
                                        "client_claims", "scopes",     "subjects"};
    json_object_object_foreach(entry, key, value)
    {
        bool found = false;
        (void)value;
        for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
            found = found || !strcmp(known[i], key);
        if (!found)
            return refuse_entry(loading, "there is no setting \"%.100s\"", key);
    }
    return true;
}

static bool read_name(struct loading *loading, struct json_object *entry, struct issuer *issuer)
{
    issuer->name = token_text(entry, "issuer");
    if (!issuer->name || !*issuer->name || strlen(issuer->name) > ISSUER_CHARACTERS)
        return refuse_entry(loading, "issuer must be the iss claim of its tokens, at most %d bytes",
                            ISSUER_CHARACTERS);
    if (!strcmp(issuer->name, loading->config->token_issuer))
        return refuse_entry(loading, "issuer is that of our own tokens, [token] issuer");
    if (issuers_find(loading->issuers, issuer->name))
        return refuse_entry(loading, "issuer is there twice");
    return true;
}

static bool read_algorithms(struct loading *loading, struct json_object *entry, struct issuer *issuer)
{
    struct json_object *list;
    if (!read_texts(loading, entry, "algorithms", &list))
        return false;
    for (size_t i = 0; list && i < json_object_array_length(list); i++) {
        const char *name = json_object_get_string(json_object_array_get_idx(list, i));
        if (!strcmp(name, "RS256"))
            issuer->algorithms[TOKEN_RS256] = true;
        else if (!strcmp(name, "ES256"))
            issuer->algorithms[TOKEN_ES256] = true;
        else
            return refuse_entry(loading, "algorithms may be RS256 and ES256, not \"%.40s\"", name);
    }
    return list || refuse_entry(loading, "algorithms is missing: RS256, ES256 or both");
}

static bool read_keys(struct loading *loading, struct json_object *entry, struct issuer *issuer)
{
    struct json_object *local = json_member(entry, "local_http");
    struct key_place place = {.file = token_text(entry, "jwks_file"),
                              .url = token_text(entry, "jwks_url"),
                              .local_http = json_object_get_boolean(local),
                              .cache_folder = loading->config->token_keys_cache};
    if (local && !json_object_is_type(local, json_type_boolean))
        return refuse_entry(loading, "local_http must be true or false");
    if (!place.file == !place.url)
        return refuse_entry(loading, "one of jwks_file and jwks_url is needed");
    if (place.file && *place.file != '/')
        return refuse_entry(loading, "jwks_file must be an absolute path");
    if (place.url && !fetch_allows(place.url, place.local_http))
        return refuse_entry(loading,
                            "jwks_url must begin with https:// (http only for 127.0.0.1, ::1 or localhost, "
                            "with \"local_http\": true)");
    issuer->keys = key_source_create(&place);
    return true;
}

static bool read_subjects(struct loading *loading, struct json_object *entry, struct issuer *issuer)
{
    const char *name = token_text(entry, "subjects");
    if (!json_member(entry, "subjects"))
        return true;
    if (!name || (strcmp(name, "people") != 0 && strcmp(name, "clients") != 0))
        return refuse_entry(loading, "subjects must be people or clients");
    issuer->subjects = strcmp(name, "people") ? SUBJECTS_CLIENTS : SUBJECTS_PEOPLE;
    return true;
}

/* A token for another service is kept out by its audience; or, where a provider gives none (Cognito), by the
 * client that it was made for. */
static bool check_audience(struct loading *loading, const struct issuer *issuer)
{
    for (size_t i = 0; !issuer->audiences && i < json_object_array_length(issuer->client_claims); i++) {
        const char *name = json_object_get_string(json_object_array_get_idx(issuer->client_claims, i));
        if (strcmp(name, "client_id") && strcmp(name, "azp"))
            return refuse_entry(loading, "without an audience, client_claims may be only client_id and azp");
    }
    return true;
}

static bool read_claim_rules(struct loading *loading, struct json_object *entry, struct issuer *issuer)
{
    if (!json_member(entry, "client_claims"))
        json_add_text(entry, "client_claims", "client_id");
    if (!json_member(entry, "scope_claims"))
        json_add_text(entry, "scope_claims", "scope");
    issuer->required = json_member(entry, "require");
    issuer->scopes = json_member(entry, "scopes");
    if (!read_texts(loading, entry, "audience", &issuer->audiences) ||
        !read_texts(loading, entry, "client_claims", &issuer->client_claims) ||
        !read_texts(loading, entry, "scope_claims", &issuer->scope_claims))
        return false;
    if (issuer->required && !json_object_is_type(issuer->required, json_type_object))
        return refuse_entry(loading, "require must be an object of claims and their values");
    if (!issuer->scopes)
        return check_audience(loading, issuer);
    if (!json_object_is_type(issuer->scopes, json_type_object))
        return refuse_entry(loading, "scopes must be an object of their scopes and ours");
    json_object_object_foreach(issuer->scopes, key, value)
    {
        struct json_object *list;
        (void)value;
        if (!read_texts(loading, issuer->scopes, key, &list))
            return false;
    }
    return check_audience(loading, issuer);
}

static bool read_entry(struct loading *loading, struct json_object *entry)
{
    struct issuer *issuer = &loading->issuers->list[loading->entry];
    if (!json_object_is_type(entry, json_type_object))
        return refuse_entry(loading, "must be an object");
    if (!check_names(loading, entry) || !read_name(loading, entry, issuer) ||
        !read_algorithms(loading, entry, issuer) || !read_claim_rules(loading, entry, issuer) ||
        !read_subjects(loading, entry, issuer) || !read_keys(loading, entry, issuer))
        return false;
    loading->issuers->count++;
    return true;
}

static bool read_list(struct loading *loading)
{
    struct json_object *list = json_member(loading->issuers->document, "issuers");
    size_t count = json_object_is_type(list, json_type_array) ? json_object_array_length(list) : 0;
    if (!json_object_is_type(list, json_type_array) || count > LIMIT_ISSUERS) {
        snprintf(loading->problem, loading->problem_size,
                 "%s: must be {\"issuers\": [...]} with at most %d entries",
                 loading->config->token_issuers_file, LIMIT_ISSUERS);
        return false;
    }
    loading->issuers->list = memory_alloc(count + 1, sizeof(*loading->issuers->list));
    for (; loading->entry < count; loading->entry++) {
        if (!read_entry(loading, json_object_array_get_idx(list, loading->entry)))
            return false;
    }
    return true;
}

static bool read_document(struct loading *loading)
{
    const char *path = loading->config->token_issuers_file, *wrong;
    size_t length;
    char *bytes = read_file(path, LIMIT_ISSUERS_FILE_BYTES, &length, loading->problem, loading->problem_size);
    if (!bytes)
        return false;
    struct json_object *value = NULL;
    bool parsed = json_parse(bytes, length, &value, &wrong);
    memory_free(bytes);
    if (!parsed)
        snprintf(loading->problem, loading->problem_size, "%s: is %s", path, wrong);
    else if (!json_object_is_type(value, json_type_object))
        snprintf(loading->problem, loading->problem_size, "%s: must be a JSON object", path);
    else {
        loading->issuers->document = value;
        return true;
    }
    json_object_put(value);
    return false;
}

struct issuers *issuers_load(const struct config *config, char *problem, size_t problem_size)
{
    struct issuers *issuers = memory_alloc(1, sizeof(*issuers));
    struct loading loading = {
        .config = config, .issuers = issuers, .problem = problem, .problem_size = problem_size};
    if (!*config->token_issuers_file || (read_document(&loading) && read_list(&loading)))
        return issuers;
    issuers_free(issuers);
    return NULL;
}

void issuers_free(struct issuers *issuers)
{
    if (!issuers)
        return;
    for (size_t i = 0; i < issuers->count; i++)
        key_source_destroy(issuers->list[i].keys);
    memory_free(issuers->list);
    json_object_put(issuers->document);
    memory_free(issuers);
}

const struct issuer *issuers_find(const struct issuers *issuers, const char *name)
{
    for (size_t i = 0; i < issuers->count; i++) {
        if (!strcmp(issuers->list[i].name, name))
            return &issuers->list[i];
    }
    return NULL;
}
