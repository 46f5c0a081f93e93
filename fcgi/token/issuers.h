/* Foreign identity providers: the file [token] issuers_file that lists them, read once and checked.
 *
 *     {"issuers": [{"issuer": "https://id.example.org/realms/shop", "algorithms": ["RS256"],
 *                   "audience": ["palate"], "jwks_url": "https://id.example.org/realms/shop/certs",
 *                   "client_claims": ["azp", "client_id"], "require": {"typ": "Bearer"},
 *                   "scope_claims": ["scope", "realm_access.roles"],
 *                   "scopes": {"catalog-reader": "neuronsearchlab-api/read"}, "subjects": "people"}]}
 *
 * What a verified token of a provider says is issuer_claims.h; its keys are key_source.h. */
#ifndef PALATE_TOKEN_ISSUERS_H
#define PALATE_TOKEN_ISSUERS_H

#include "base/config.h"
#include "token/key_source.h"

#include <json-c/json.h>
#include <stdbool.h>

/* Whose ids the sub claims of a provider are. */
enum subjects {
    SUBJECTS_UNSET, /* nobody has said: as people for what is asked without a user, but not restricted */
    SUBJECTS_PEOPLE,
    SUBJECTS_CLIENTS, /* service accounts: Keycloak's have a UUID there, Auth0's ID@clients */
};

struct issuer {
    const char *name; /* exactly the iss claim */
    bool algorithms[TOKEN_ALGORITHM__MAX];
    struct key_source *keys;
    /* Lists of texts, and objects; each NULL where the file has none. */
    struct json_object *audiences;     /* any of them must be in aud */
    struct json_object *client_claims; /* never NULL: the first that is there names the client */
    struct json_object *required;      /* claims that must have exactly that text or boolean */
    struct json_object *scope_claims;  /* never NULL: names, with dots for members of members */
    struct json_object *scopes;        /* their scope -> ours, one or a list; NULL: ours as they are */
    enum subjects subjects;
};

struct issuers {
    struct issuer *list;
    size_t count;
    struct json_object *document; /* what the lists are parts of */
};

/* Reads what the configuration names; without a name the list is empty. NULL after writing a sentence with
 * file, entry and rule to problem. */
struct issuers *issuers_load(const struct config *config, char *problem, size_t problem_size)
    __attribute__((nonnull, warn_unused_result));

/* NULL is fine. */
void issuers_free(struct issuers *issuers);

/* NULL: there is none of that name. */
const struct issuer *issuers_find(const struct issuers *issuers, const char *name)
    __attribute__((nonnull, warn_unused_result));

#endif
