/* The external recommender: a service that is asked over HTTP, and never trusted.
 *
 * remote_ask() is the one door. It takes at most [remote] timeout_ms, costs nothing but a look at shared
 * memory while the circuit breaker is open, and returns either a list of ids with scores or the reason why
 * there is none. It holds no database connection and knows no catalogue: which of the ids may be shown is for
 * the caller to decide (recommender/remote_recommender.h). */
#ifndef PALATE_REMOTE_REMOTE_H
#define PALATE_REMOTE_REMOTE_H

#include "base/arena.h"
#include "base/config.h"
#include "remote/breaker.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum remote_outcome {
    REMOTE_ANSWERED,
    /* Not asked. */
    REMOTE_NOT_CONFIGURED, /* [remote] url is not set */
    REMOTE_NO_STATE,       /* the state file cannot be used */
    REMOTE_NO_LIBRARY,     /* libcurl cannot be loaded */
    REMOTE_OPEN,           /* the circuit breaker is open */
    REMOTE_BUSY,           /* as many wait as may */
    /* Asked in vain: these count for the breaker. */
    REMOTE_UNRESOLVED,  /* no address for the host */
    REMOTE_UNREACHABLE, /* refused, no route */
    REMOTE_TLS,         /* no proof that it is the host, or no common protocol */
    REMOTE_TIMEOUT,
    REMOTE_CUT,       /* the reply ended early, or is no HTTP */
    REMOTE_TOO_LARGE, /* more than [remote] reply_bytes, or endless headers */
    REMOTE_REDIRECT,
    REMOTE_LIMITED, /* 429 */
    REMOTE_STATUS,  /* another status than 200 */
    REMOTE_WRONG,   /* 200, but not what the protocol says */
    REMOTE_OUTCOME__MAX
};
/* "answered", "timeout", ...: for logs. At most 14 characters. */
const char *remote_outcome_name(enum remote_outcome outcome) __attribute__((returns_nonnull, const));

/* Something the person did. */
struct remote_event {
    const char *item_id;
    int64_t at; /* Unix seconds */
    bool purchased;
};

struct remote_query {
    const char *request_id, *tenant;
    const char *task, *template_name;
    const char *user_id;       /* NULL: none was named */
    uint32_t context_id;       /* 0: none */
    const char *sequence_data; /* JSON text of an object */
    const char *filters;       /* the same of a list of {column, operator, value, logic}; NULL: none */
    const char *category;      /* the one that the filters ask for; NULL: none or several */
    const struct remote_event *history; /* oldest first */
    size_t history_count;
    const char *const *exclude; /* ids that would be thrown away */
    size_t exclude_count;
    size_t own_exclude_count; /* of these, what a service cannot know by itself: the request's own */
    size_t quantity;
};

struct remote_entry {
    const char *item_id; /* of the arena */
    double score;        /* 0..1 */
};

struct remote_reply {
    enum remote_outcome outcome;
    struct remote_entry *entries; /* best first, scores never rise; ids may repeat and need not exist */
    size_t count;
    size_t dropped; /* entries that were none: no id, no finite score */
    long status;    /* 0: none came */
    int64_t elapsed_us;
    char detail[200]; /* for the log: never a key or a body */
};

struct remote;

/* Connects nowhere yet. config must outlive it. */
struct remote *remote_create(const struct config *config)
    __attribute__((nonnull, returns_nonnull, warn_unused_result));
/* NULL is fine. */
void remote_destroy(struct remote *remote);

/* Asks; true when reply->outcome is REMOTE_ANSWERED. */
bool remote_ask(struct remote *remote, const struct remote_query *query, struct arena *arena,
                struct remote_reply *reply) __attribute__((nonnull));

/* What is asked for: each has a breaker of its own, so that a service without lists for sessions still has those for
 * users. The breaker of sessions is [remote] state_file with ".session" behind it. */
enum remote_list { REMOTE_OF_USER, REMOTE_OF_SESSION, REMOTE_LISTS };

/* Why remote_ask() would not ask now, from a look that changes nothing; REMOTE_ANSWERED: it would. */
enum remote_outcome remote_refusal(struct remote *remote, enum remote_list list)
    __attribute__((nonnull, warn_unused_result));

/* For `palate doctor`: asks past the breaker, and says how long each step took (microseconds from the start;
 * 0: not reached). */
struct remote_probe {
    struct remote_reply reply;
    int64_t resolved_us, connected_us, secured_us, answered_us;
};
void remote_try(struct remote *remote, const struct remote_query *query, struct arena *arena,
                struct remote_probe *probe) __attribute__((nonnull));

/* The state of the breaker; false as below. */
bool remote_view_breaker(const struct config *config, enum remote_list list, struct breaker_view *view)
    __attribute__((nonnull, warn_unused_result));

/* The state of the breaker in words, for people; false: there is no state file yet, or it cannot be read. */
bool remote_describe_breaker(const struct config *config, enum remote_list list, char *text, size_t size)
    __attribute__((nonnull, warn_unused_result));

#endif
