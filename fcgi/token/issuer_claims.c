/* Foreign claims; see issuer_claims.h.
 *
 * Each identity provider puts the client's name and its roles elsewhere: Keycloak in azp and
 * realm_access.roles, Auth0 in azp and a text of scopes, Entra in appid and a list, Cognito in client_id
 * without any audience. So the file of issuers names the claims, and this file reads them; their scopes
 * become ours only by the table of the same file.
 *
 * The signature has been checked already, so the provider has said all this; what is checked here is whether
 * it was said to us: by the audience, by required claims, and where a provider has no audience by the
 * client's name. The rules err towards refusing: the first client claim that is there counts, even if it is
 * broken, and a word of a scope is never cut out of a longer entry. */
#include "token/issuer_claims.h"

#include "base/json.h"
#include "base/text.h"
#include "token/read_token.h"
#include "token/verify_token.h"

#include <string.h>

enum { ALIAS_CHARACTERS = 255 }; /* what the column client_aliases.alias holds */

static bool list_holds(struct json_object *list, const char *text)
{
    for (size_t i = 0; text && i < json_object_array_length(list); i++) {
        if (!strcmp(json_object_get_string(json_object_array_get_idx(list, i)), text))
            return true;
    }
    return false;
}

/* The audience of ours that the token names, or NULL. Where we have none configured, a token that names a
 * single one says only whom it is for. */
static const char *find_audience(const struct issuer *issuer, struct json_object *payload)
{
    struct json_object *audience = json_member(payload, "aud");
    const char *text = token_text(payload, "aud");
    if (text || !json_object_is_type(audience, json_type_array))
        return text && (!issuer->audiences || list_holds(issuer->audiences, text)) ? text : NULL;
    for (size_t i = 0; issuer->audiences && i < json_object_array_length(audience); i++) {
        struct json_object *entry = json_object_array_get_idx(audience, i);
        if (json_object_is_type(entry, json_type_string) &&
            list_holds(issuer->audiences, json_object_get_string(entry)))
            return json_object_get_string(entry);
    }
    return NULL;
}

/* Compared as JSON values: true and "true" are different claims. */
static bool has_required(const struct issuer *issuer, struct json_object *payload)
{
    if (!issuer->required)
        return true;
    json_object_object_foreach(issuer->required, name, wanted)
    {
        struct json_object *value;
        if (!json_object_object_get_ex(payload, name, &value) || !json_object_equal(value, wanted))
            return false;
    }
    return true;
}

static bool is_name(const char *text, size_t maximum)
{
    return text && *text && text_count_characters(text) <= maximum && !text_has_control(text, strlen(text));
}

/* The first of the claims that is there counts, so that no later one can stand in for it. */
static const char *find_client(const struct issuer *issuer, struct json_object *payload)
{
    for (size_t i = 0; i < json_object_array_length(issuer->client_claims); i++) {
        const char *name = json_object_get_string(json_object_array_get_idx(issuer->client_claims, i));
        if (!json_member(payload, name))
            continue;
        return strcmp(name, "aud") ? token_text(payload, name) : find_audience(issuer, payload);
    }
    return NULL;
}

/* A claim by its name; else, with dots, a member of a member: realm_access.roles. */
static struct json_object *find_claim(struct arena *arena, struct json_object *payload, const char *path)
{
    struct json_object *claim = json_member(payload, path);
    char *rest = arena_copy_text(arena, path);
    if (claim || !strchr(path, '.'))
        return claim;
    claim = payload;
    for (char *name; (name = strsep(&rest, "."));) {
        if (!json_object_is_type(claim, json_type_object))
            return NULL;
        claim = json_member(claim, name);
    }
    return claim;
}

static const char *add_scope(const struct issuer *issuer, struct arena *arena, const char *scopes,
                             const char *foreign)
{
    if (!issuer->scopes)
        return arena_format(arena, "%s%s%s", scopes, *scopes ? " " : "", foreign);
    struct json_object *ours = json_member(issuer->scopes, foreign);
    for (size_t i = 0; ours && i < json_object_array_length(ours); i++)
        scopes = arena_format(arena, "%s%s%s", scopes, *scopes ? " " : "",
                              json_object_get_string(json_object_array_get_idx(ours, i)));
    return scopes;
}

/* A text of words or a list of texts, each a scope of theirs. A word never has a space, so that no entry of
 * a list can smuggle in a second one. */
static const char *read_scope_claim(const struct issuer *issuer, struct arena *arena,
                                    struct json_object *claim, const char *scopes)
{
    if (json_object_is_type(claim, json_type_string)) {
        char *rest = arena_copy_text(arena, json_object_get_string(claim));
        for (char *word; (word = strsep(&rest, " "));)
            scopes = *word ? add_scope(issuer, arena, scopes, word) : scopes;
    }
    for (size_t i = 0; json_object_is_type(claim, json_type_array) && i < json_object_array_length(claim);
         i++) {
        struct json_object *entry = json_object_array_get_idx(claim, i);
        const char *text = json_object_get_string(entry);
        if (json_object_is_type(entry, json_type_string) && *text && !strchr(text, ' '))
            scopes = add_scope(issuer, arena, scopes, text);
    }
    return scopes;
}

static const char *read_scopes(const struct issuer *issuer, struct arena *arena, struct json_object *payload)
{
    const char *scopes = "";
    for (size_t i = 0; i < json_object_array_length(issuer->scope_claims); i++) {
        const char *path = json_object_get_string(json_object_array_get_idx(issuer->scope_claims, i));
        scopes = read_scope_claim(issuer, arena, find_claim(arena, payload, path), scopes);
    }
    return scopes;
}

bool issuer_read_claims(const struct issuer *issuer, struct arena *arena, struct json_object *payload,
                        struct claims *claims, struct error *error)
{
    bool has_issued;
    if (!has_required(issuer, payload))
        return token_refuse(error, "a claim that its issuer's tokens must have is missing or differs");
    if (issuer->audiences && !find_audience(issuer, payload))
        return token_refuse(error, "aud names none of those configured for its issuer");
    claims->issuer = issuer->name;
    claims->client_id = find_client(issuer, payload);
    if (!is_name(claims->client_id, ALIAS_CHARACTERS))
        return token_refuse(error, "none of its issuer's client_claims names a client");
    claims->subject = token_text(payload, "sub");
    if (claims->subject && !is_name(claims->subject, LIMIT_ID_CHARACTERS))
        return token_refuse(error, "sub is empty, too long or has control characters");
    claims->is_person = issuer->subjects == SUBJECTS_PEOPLE;
    claims->is_client = issuer->subjects == SUBJECTS_CLIENTS;
    if (claims->is_person && !claims->subject)
        return token_refuse(error, "its issuer's subjects are people, and it has no sub");
    if (!token_time(payload, "iat", false, &claims->issued_at, &has_issued))
        claims->issued_at = 0;
    claims->scopes = read_scopes(issuer, arena, payload);
    return true;
}
