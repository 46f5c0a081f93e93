/* One request on its way through the steps, and the worker that carries it.
 *
 * Which step fills what: parse_request the part "asked", authenticate "claims", resolve_tenant "tenant",
 * the route's check "parameters", the route's answer "answer". Everything lives in the worker's arena and
 * is gone after the request. */
#ifndef PALATE_REQUEST_REQUEST_H
#define PALATE_REQUEST_REQUEST_H

#include "base/arena.h"
#include "base/config.h"
#include "base/error.h"
#include "base/limits.h"
#include "request/transport.h"
#include "storage/clients.h"
#include "storage/database.h"

#include <json-c/json.h>
#include <stdbool.h>
#include <stdint.h>

struct recommender;
struct request;
struct route;

/* What a worker owns from its start to its end. */
struct worker {
    struct config *config;
    struct database *db;
    struct arena *arena;
    struct recommender *recommender;
    const struct route *routes;
};

/* The shape of an endpoint's errors. */
enum error_style {
    STYLE_MESSAGE, /* {"error": text, "message": text, "code": text, "details"?} : unversioned paths */
    STYLE_DETAIL,  /* {"detail": text, "errors"?}: POST /api/recommend/recommend */
};

struct route {
    const char *method; /* NULL ends the table */
    const char *path;
    /* Reads the merged parameters into request->parameters; costs no query. */
    bool (*check)(struct worker *, struct request *);
    /* Does the work and calls request_answer(). */
    bool (*answer)(struct worker *, struct request *);
    bool needs_read_scope;
    enum error_style style;
};

struct claims {
    const char *client_id; /* the claim that names the API client: client_id, else sub */
    const char *subject;   /* sub, NULL when absent */
    const char *scopes;    /* separated by spaces, "" when absent */
};

enum { REQUEST_STEPS = 6, REQUEST_ID_SIZE = LIMIT_ID_CHARACTERS + 1 };

struct request {
    struct arena *arena;
    struct transport *transport;
    int64_t started_us;
    struct error error;
    char id[REQUEST_ID_SIZE];

    /* asked */
    const char *method, *path;
    const struct route *route;  /* NULL: none */
    const char *allow;          /* methods of a known path, for Allow */
    bool is_preflight;          /* OPTIONS of a known path */
    struct json_object *merged; /* query and body, body wins; an object */

    struct claims claims;
    struct tenant tenant;
    void *parameters; /* the route's own, from its check */

    /* answer */
    const char *answer; /* JSON text */
    size_t result_count;
    const char *note; /* for the log line: recommender, degraded ...; NULL: none */

    int64_t step_us[REQUEST_STEPS];
};

/* Sets the answer to the text of a JSON value; called before COMMIT, so that nothing is left to do
 * between it and the sending. Takes the value over. */
void request_answer(struct request *request, struct json_object *value) __attribute__((nonnull));

/* Microseconds since the request arrived. */
int64_t request_elapsed_us(const struct request *request) __attribute__((nonnull));

#endif
