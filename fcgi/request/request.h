/* One request on its way through the steps, and the worker that carries it.
 *
 * Which step fills what: parse_request the part "asked", authenticate "claims", read_parameters "sent",
 * resolve_tenant "tenant", the route's check "parameters", the route's answer "answer". Everything lives in
 * the worker's arena and is gone after the request. */
#ifndef PALATE_REQUEST_REQUEST_H
#define PALATE_REQUEST_REQUEST_H

#include "base/arena.h"
#include "base/config.h"
#include "base/error.h"
#include "base/limits.h"
#include "request/transport.h"
#include "storage/clients.h"
#include "storage/database.h"
#include "token/claims.h"

#include <json-c/json.h>
#include <stdbool.h>
#include <stdint.h>

struct json_list;
struct json_writer;
struct rate_limit;
struct recommender;
struct request;
struct route;
struct tenant_share;
struct token_verifier;

/* What a worker owns from its start to its end. */
struct worker {
    struct config *config;
    struct database *db;
    struct arena *arena;
    struct recommender *recommender;
    struct rate_limit *rate_limit; /* NULL: no client is limited */
    struct tenant_share *share;    /* NULL: a tenant may have all workers */
    const struct route *routes;
    struct token_verifier *verifier;
    /* Run after each answer to a known tenant, for what need not be done before it; NULL: nothing. */
    void (*upkeep)(struct worker *, const struct request *);
};

/* The shape of an endpoint's errors. */
enum error_style {
    STYLE_MESSAGE, /* {"error": text, "message": text, "code": text, "details"?} : unversioned paths */
    STYLE_DETAIL,  /* {"detail": text, "errors"?}: POST /api/recommend/recommend */
    STYLE_OBJECT,  /* {"error": {type, code, message, details?, request_id}}: paths below /v1 */
    STYLE_OAUTH,   /* {"error": code, "error_description": text}: RFC 6749, 5.2 */
};

/* What a route wants of the caller. The strictest is what a forgotten entry means. At a route of ..._OWN and
 * ACCESS_TOKEN a token may also be for one person: such a route keeps to that person (person_may_name). */
enum access {
    ACCESS_WRITE, /* a client's good token with the write scope */
    ACCESS_READ,  /* a client's good token with the read scope */
    ACCESS_WRITE_OWN,
    ACCESS_READ_OWN,
    ACCESS_TOKEN,   /* a good token; [token] recommend_scope may ask for the read scope */
    ACCESS_METRICS, /* the token of [metrics], which is no tenant's */
    ACCESS_OPEN,    /* nothing: no token is looked at, no tenant is known */
};

/* Whether a route's caller is a client of some tenant. */
static inline bool access_has_tenant(enum access access)
{
    return access < ACCESS_METRICS;
}

/* What a route takes as its body. */
enum body_kind {
    BODY_MERGED, /* an object or a form, merged over the query; LIMIT_BODY_BYTES */
    BODY_LIST,   /* the same, LIMIT_ENTRY_BYTES, or an array, LIMIT_LIST_BODY_BYTES */
    BODY_ALONE,  /* an object or a form, and nothing of the query, where secrets do not belong; of anybody, so
                    LIMIT_CREDENTIALS_BYTES */
    BODY_NONE,   /* nothing: what comes is not looked at */
};

struct route {
    const char *method; /* NULL ends the table */
    const char *path;   /* its last segment may be "{id}": any one segment. Exact paths come first */
    /* Reads the merged parameters into request->parameters; costs no query. */
    bool (*check)(struct worker *, struct request *);
    /* Does the work and sets request->answer; what is stored is answered before COMMIT, so that nothing is
     * left to do between it and the sending. */
    bool (*answer)(struct worker *, struct request *);
    enum access access;
    enum error_style style;
    enum body_kind body;
};

enum {
    REQUEST_STEPS = 7,
    REQUEST_LATER = 2,
    REQUEST_ID_SIZE = LIMIT_ID_CHARACTERS + 1,
    STATUS_NOT_MODIFIED = 304
};

struct request {
    struct arena *arena;
    struct transport *transport;
    int64_t started_us;
    bool ids_are_integers; /* [ids] json: in its answer */
    struct error error;
    char id[REQUEST_ID_SIZE];
    bool id_is_given; /* by the header X-Request-Id */

    /* asked: what the head says */
    const char *method, *path;
    char *query;               /* behind the '?', not decoded; "": none */
    const struct route *route; /* NULL: none */
    const char *allow;         /* methods of a known path, for Allow */
    bool is_preflight;         /* OPTIONS of a known path */
    const char *path_id;       /* the segment that "{id}" stood for, percent-decoded; NULL: none */

    /* sent */
    bool body_is_read;          /* to its end, or as far as it is worth reading */
    struct json_object *merged; /* query and body, body wins; an object */
    struct json_object *body;   /* the JSON body alone, an object; NULL: none */
    struct json_list *list;     /* the body as an array, of BODY_LIST; NULL: none */

    struct claims claims;
    struct tenant tenant;
    bool may_write;   /* with the scope for it, and the grant of it, and not for one person alone */
    void *parameters; /* the route's own, from its check */
    /* Set by the check: whose stored row is wanted along with the tenant, and whether the events are. */
    struct entity entity;
    bool wants_events;
    struct found_embedding embedding;
    struct recent_events recent;

    /* answer */
    const char *answer; /* JSON text, of the arena or constant */
    /* In place of it, where it is long and has texts in other places; NULL: none. */
    const struct json_writer *long_answer;
    const char *content_type;  /* NULL: application/json */
    int answer_status;         /* 0: 200; or STATUS_NOT_MODIFIED, which has no body */
    const char *etag;          /* with its quotes; NULL: none. Answers with one may be kept */
    const char *cache_control; /* NULL: no-store */
    int retry_after;           /* seconds, with ERROR_RATE_LIMITED and status 503; 0: not known */
    const char *error_details; /* an object as JSON text, whose members an error's details have; NULL: none */
    size_t result_count;
    size_t items_written; /* stored, changed or deleted; for the upkeep after the answer */
    const char *note;     /* for the log line: recommender, degraded ...; NULL: none */
    struct later {        /* what is left to do once the answer has been sent; request_do_later() */
        void (*run)(struct worker *, void *context);
        void *context;
    } later[REQUEST_LATER];
    size_t later_count;

    int64_t step_us[REQUEST_STEPS];
};

/* Leaves something to be done when the answer has been sent, in the order in which it was left; at most
 * REQUEST_LATER things. The context must live as long as the request. */
void request_do_later(struct request *request, void (*run)(struct worker *, void *context), void *context)
    __attribute__((nonnull(1, 2)));

/* A writer for the request's answer: its ids are texts or numbers as [ids] json says. */
struct json_writer *request_writer(const struct request *request)
    __attribute__((nonnull, returns_nonnull, warn_unused_result));

/* Whether the path is below /v1: resources have the newer shapes there. */
bool request_is_v1(const struct request *request) __attribute__((nonnull));

/* Takes the caller's id for the request from elsewhere than the header, which has precedence. False when it
 * is not 1 to LIMIT_ID_CHARACTERS printable characters without spaces; nothing changes then. */
bool request_set_id(struct request *request, const char *id) __attribute__((nonnull));

/* Serves one request: runs the steps, stops at the first error, always answers, always logs one line,
 * and resets the worker's arena. */
void request_serve(struct worker *worker, struct transport *transport) __attribute__((nonnull));

/* Microseconds since the request arrived. */
int64_t request_elapsed_us(const struct request *request) __attribute__((nonnull));

#endif
