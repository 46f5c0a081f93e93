/* The one error type: what the client learns, and what only the log says. The first error wins.
 *
 * Code that fails fills in an error and returns false; only request/send_response.c turns it into an
 * answer, in the endpoint's own shape. Branch on the code, never on a message. */
#ifndef PALATE_BASE_ERROR_H
#define PALATE_BASE_ERROR_H

#include "base/limits.h"

#include <stdbool.h>
#include <stddef.h>

enum error_code {
    ERROR_NONE,
    ERROR_INVALID_REQUEST,    /* 400: the transport is wrong: lengths, encodings */
    ERROR_INVALID_JSON,       /* 400 */
    ERROR_VALIDATION,         /* 400: a field breaks its rule */
    ERROR_PARAMETER_MISSING,  /* 400: a required field is absent */
    ERROR_INVALID_ID,         /* 400: an id in the path is malformed */
    ERROR_INVALID_LIMIT,      /* 400 */
    ERROR_INVALID_CURSOR,     /* 400 */
    ERROR_INVALID_FILTER,     /* 400 */
    ERROR_INVALID_SCOPE_JSON, /* 400: the parameter `scope` of recommendations, not a token's scope */
    ERROR_BATCH_SIZE,         /* 400: too many entries in a list */
    ERROR_EMPTY_UPDATE,       /* 400: nothing to change */
    ERROR_UNKNOWN_EVENT_TYPE, /* 400 */
    ERROR_UNKNOWN_ITEM,       /* 400: an event names an item that is not in the catalogue */
    ERROR_CONTEXT_NOT_FOUND,  /* 400 */
    ERROR_TOO_EXPENSIVE,      /* 400: takes more work than a request may (base/work_budget.h) */
    ERROR_OAUTH_REQUEST,      /* 400: invalid_request of RFC 6749, 5.2; so are the next three */
    ERROR_OAUTH_GRANT_TYPE,   /* 400: unsupported_grant_type */
    ERROR_OAUTH_SCOPE,        /* 400: invalid_scope */
    ERROR_OAUTH_CLIENT,       /* 401: invalid_client */
    ERROR_INVALID_TOKEN,      /* 401 */
    ERROR_EXPIRED_TOKEN,      /* 401 */
    ERROR_UNKNOWN_CLIENT,     /* 401: no active tenant for the token's claims */
    ERROR_INSUFFICIENT_SCOPE, /* 403 */
    ERROR_PERSON_TOKEN,       /* 403: a token for a person, and what is asked is not that person's */
    ERROR_QUOTA_EXCEEDED,     /* 403: the tenant would have more than its quota (storage/quotas.h) */
    ERROR_NOT_FOUND,          /* 404: no such route */
    ERROR_ITEM_NOT_FOUND,     /* 404 */
    ERROR_EVENT_NOT_FOUND,    /* 404 */
    ERROR_METHOD_NOT_ALLOWED, /* 405 */
    ERROR_ITEM_EXISTS,        /* 409 */
    ERROR_EVENT_CONFLICT,     /* 409: the deduplication id is that of another event */
    ERROR_BODY_TOO_LARGE,     /* 413 */
    ERROR_URI_TOO_LONG,       /* 414 */
    ERROR_UNSUPPORTED_TYPE,   /* 415 */
    ERROR_RATE_LIMITED,       /* 429 */
    ERROR_DATABASE,           /* 500 */
    ERROR_DATABASE_RETRY,     /* 500 if it happens again: deadlock or lock wait, the transaction is gone */
    ERROR_CONFIGURATION,      /* 500 */
    ERROR_NOT_READY,          /* 503: GET /ready alone */
    ERROR_REMOTE,             /* 500: the remote recommender failed and nothing stands in */
    ERROR_TENANT_BUSY,        /* 503: the tenant holds its share of the workers */
    ERROR_OVERLOADED,         /* 503: others keep the machine busy; the same request may do well later */
    ERROR_CLIENT_GONE,        /* 503, which nobody sees: who asked has gone, or the web server has */
    ERROR__MAX
};

/* With ERROR_TENANT_BUSY, which is found out before a request begins and while it works. */
#define TENANT_BUSY_MESSAGE "So many requests of this tenant take long that others would have to wait"

struct error_problem {
    const char *field; /* name as the caller wrote it, e.g. "sequence_data.browsing_history[3]" */
    char problem[192]; /* the rule, for people */
};

struct error {
    enum error_code code;
    char message[240]; /* public */
    char detail[400];  /* for the log only: never a token, a body or a secret */
    struct error_problem problems[LIMIT_PROBLEMS];
    size_t problem_count;
};

/* HTTP status and stable snake-case name of a code. */
int error_status(enum error_code code);
const char *error_name(enum error_code code) __attribute__((returns_nonnull));

/* Sets code and public message unless an error is there already. Always returns false, so that a
 * function can end with `return error_set(...)`. Here as below, what does not fit is cut, and what the cut
 * leaves of a character is taken out: the text is UTF-8. */
bool error_set(struct error *error, enum error_code code, const char *format, ...)
    __attribute__((format(printf, 3, 4), nonnull(1, 3)));

/* Adds what only the log may say. Later calls are ignored. Returns false. */
bool error_detail(struct error *error, const char *format, ...)
    __attribute__((format(printf, 2, 3), nonnull));

/* Notes that a field breaks a rule (code ERROR_VALIDATION). field must outlive the error (a literal or
 * arena text). Problems above LIMIT_PROBLEMS are counted no more. Returns false. */
bool error_field(struct error *error, const char *field, const char *format, ...)
    __attribute__((format(printf, 3, 4), nonnull));

/* Notes that a required field is absent (code ERROR_PARAMETER_MISSING where it is the first problem). */
bool error_missing(struct error *error, const char *field) __attribute__((nonnull));

/* Back to ERROR_NONE, for a second try. */
void error_clear(struct error *error) __attribute__((nonnull));

#endif
