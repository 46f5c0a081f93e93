/* The external recommender; see remote.h.
 *
 * The breaker says whether to ask at all, a protocol says what to ask and what the reply means, the client
 * does the exchange. Whatever goes wrong has one name (the table of outcomes), which is what the log, `palate
 * doctor` and the answer's note show; the caller only learns whether there is a list.
 *
 * Every admission to the breaker is followed by a report: a reply that is useless counts as a failure like
 * one that did not come, and a service that asks for a pause (Retry-After) gets it, up to a maximum. */
#include "remote/remote.h"

#include "base/clock.h"
#include "base/memory.h"
#include "remote/breaker.h"
#include "remote/client.h"
#include "remote/protocol.h"

#include <assert.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

struct remote {
    const struct config *config;
    const struct protocol *protocol;
    struct client *client;
    struct breaker *breakers[REMOTE_LISTS]; /* NULL: not opened yet, or it cannot be */
};

static const char *const outcome_names[] = {
    [REMOTE_ANSWERED] = "answered",
    [REMOTE_NOT_CONFIGURED] = "not_configured",
    [REMOTE_NO_STATE] = "no_state_file",
    [REMOTE_NO_LIBRARY] = "no_libcurl",
    [REMOTE_OPEN] = "breaker_open",
    [REMOTE_BUSY] = "busy",
    [REMOTE_UNRESOLVED] = "unresolved",
    [REMOTE_UNREACHABLE] = "unreachable",
    [REMOTE_TLS] = "tls",
    [REMOTE_TIMEOUT] = "timeout",
    [REMOTE_CUT] = "cut_off",
    [REMOTE_TOO_LARGE] = "too_large",
    [REMOTE_REDIRECT] = "redirect",
    [REMOTE_LIMITED] = "rate_limited",
    [REMOTE_STATUS] = "status",
    [REMOTE_WRONG] = "wrong_reply",
};
static_assert(sizeof(outcome_names) / sizeof(outcome_names[0]) == REMOTE_OUTCOME__MAX, "each has a name");

const char *remote_outcome_name(enum remote_outcome outcome)
{
    return (unsigned)outcome < REMOTE_OUTCOME__MAX ? outcome_names[outcome] : "status";
}

struct remote *remote_create(const struct config *config)
{
    struct remote *remote = memory_alloc(1, sizeof(*remote));
    remote->config = config;
    remote->protocol = config->remote_protocol == REMOTE_GORSE ? &protocol_gorse : &protocol_palate;
    remote->client = client_create(config);
    return remote;
}

void remote_destroy(struct remote *remote)
{
    if (!remote)
        return;
    client_destroy(remote->client);
    for (enum remote_list list = 0; list < REMOTE_LISTS; list++)
        breaker_close(remote->breakers[list]);
    memory_free(remote);
}

static struct breaker_rules rules_of(const struct config *config)
{
    return (struct breaker_rules){.failures = (unsigned)config->remote_breaker_failures,
                                  .window_us = config->remote_breaker_window * INT64_C(1000000),
                                  .open_us = config->remote_breaker_open * INT64_C(1000000),
                                  .waiting = (unsigned)config->remote_max_waiting,
                                  /* A little longer than anybody waits. */
                                  .hold_us = config->remote_timeout_ms * INT64_C(1000) + 500000};
}

/* The path of a breaker's state; *room must last as long. */
static const char *state_path(const struct config *config, enum remote_list list, char room[PATH_MAX])
{
    snprintf(room, PATH_MAX, "%s%s", config->remote_state_file, list == REMOTE_OF_SESSION ? ".session" : "");
    return room;
}

static enum remote_list list_of(const struct remote_query *query)
{
    return query->user_id ? REMOTE_OF_USER : REMOTE_OF_SESSION;
}

/* Without the shared state nothing bounds what a hanging service costs: then it is not called. */
static struct breaker *find_breaker(struct remote *remote, enum remote_list list, struct remote_reply *reply)
{
    struct breaker_rules rules = rules_of(remote->config);
    char room[PATH_MAX];
    if (!remote->breakers[list])
        remote->breakers[list] = breaker_open(state_path(remote->config, list, room), &rules, reply->detail,
                                              sizeof(reply->detail));
    return remote->breakers[list];
}

static enum remote_outcome outcome_of_verdict(enum breaker_verdict verdict)
{
    return verdict == BREAKER_FULL ? REMOTE_BUSY : verdict == BREAKER_REFUSED ? REMOTE_OPEN : REMOTE_ANSWERED;
}

static bool enter_breaker(struct remote *remote, enum remote_list list, struct breaker_ticket *ticket,
                          struct remote_reply *reply)
{
    struct breaker *breaker = *remote->config->remote_url ? find_breaker(remote, list, reply) : NULL;
    if (!*remote->config->remote_url)
        reply->outcome = REMOTE_NOT_CONFIGURED;
    else if (!breaker)
        reply->outcome = REMOTE_NO_STATE;
    else {
        enum breaker_verdict verdict = breaker_enter(breaker, clock_monotonic_us(), ticket);
        if (verdict == BREAKER_ADMITTED)
            return true;
        reply->outcome = outcome_of_verdict(verdict);
    }
    return false;
}

enum remote_outcome remote_refusal(struct remote *remote, enum remote_list list)
{
    struct remote_reply reply;
    if (!*remote->config->remote_url)
        return REMOTE_NOT_CONFIGURED;
    const struct breaker *breaker = find_breaker(remote, list, &reply);
    if (!breaker)
        return REMOTE_NO_STATE;
    return outcome_of_verdict(breaker_preview(breaker, clock_monotonic_us()));
}

/* The exchange and what it means. */
static void run_exchange(struct remote *remote, const struct remote_query *query, struct arena *arena,
                         struct client_reply *raw, struct remote_reply *reply)
{
    struct protocol_request composed;
    const struct config *config = remote->config;
    int64_t deadline = clock_monotonic_us() + config->remote_timeout_ms * INT64_C(1000);
    remote->protocol->compose(arena, config->remote_url, config->remote_api_key, query, &composed);
    struct client_request request = {.url = composed.url,
                                     .body = composed.body,
                                     .headers = composed.headers,
                                     .request_id = query->request_id,
                                     .deadline_us = deadline};
    client_exchange(remote->client, &request, raw);
    reply->outcome = raw->outcome;
    reply->status = raw->status;
    memcpy(reply->detail, raw->detail, sizeof(reply->detail));
    if (raw->outcome == REMOTE_STATUS && remote->protocol->is_empty &&
        remote->protocol->is_empty(query, raw->status)) {
        reply->outcome = REMOTE_ANSWERED;
        reply->detail[0] = '\0';
        return;
    }
    if (raw->outcome == REMOTE_ANSWERED && !remote->protocol->read(arena, raw->bytes, raw->length, reply)) {
        reply->outcome = REMOTE_WRONG;
        reply->count = 0;
    }
}

bool remote_ask(struct remote *remote, const struct remote_query *query, struct arena *arena,
                struct remote_reply *reply)
{
    struct breaker_ticket ticket;
    struct client_reply raw;
    int64_t started = clock_monotonic_us();
    *reply = (struct remote_reply){0};
    if (!enter_breaker(remote, list_of(query), &ticket, reply))
        return false;
    run_exchange(remote, query, arena, &raw, reply);
    int64_t now = clock_monotonic_us();
    int64_t pause_us = raw.retry_after_s < BREAKER_PAUSE_MAX_US / 1000000 ? raw.retry_after_s * 1000000
                                                                          : BREAKER_PAUSE_MAX_US;
    bool good = reply->outcome == REMOTE_ANSWERED;
    reply->elapsed_us = now - started;
    breaker_leave(remote->breakers[list_of(query)], &ticket, now, good, good ? 0 : pause_us);
    return good;
}

void remote_try(struct remote *remote, const struct remote_query *query, struct arena *arena,
                struct remote_probe *probe)
{
    struct client_reply raw;
    int64_t started = clock_monotonic_us();
    *probe = (struct remote_probe){0};
    run_exchange(remote, query, arena, &raw, &probe->reply);
    probe->reply.elapsed_us = clock_monotonic_us() - started;
    probe->resolved_us = raw.resolved_us;
    probe->connected_us = raw.connected_us;
    probe->secured_us = raw.secured_us;
    probe->answered_us = raw.answered_us;
}

bool remote_view_breaker(const struct config *config, enum remote_list list, struct breaker_view *view)
{
    char room[PATH_MAX];
    struct breaker_rules rules = rules_of(config);
    return breaker_inspect(state_path(config, list, room), &rules, clock_monotonic_us(), view);
}

bool remote_describe_breaker(const struct config *config, enum remote_list list, char *text, size_t size)
{
    struct breaker_rules rules = rules_of(config);
    struct breaker_view view;
    if (!remote_view_breaker(config, list, &view))
        return false;
    if (view.open && view.left_us > 0)
        snprintf(text, size, "open for another %.1f s; %u workers wait", (double)view.left_us / 1e6,
                 view.waiting);
    else if (view.open)
        snprintf(text, size, "half-open: the next request tries; %u workers wait", view.waiting);
    else
        snprintf(text, size, "closed; %u of the last %u outcomes were failures; %u workers wait",
                 view.failures, 2 * rules.failures, view.waiting);
    return true;
}
