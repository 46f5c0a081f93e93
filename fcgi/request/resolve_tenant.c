/* The token's client becomes a tenant; see resolve_tenant.h.
 *
 * Mostly one statement answers four questions: is the client known and enabled and its token not revoked,
 * which tenant is it, how often may it call, and, where the route's check has asked for it, what is stored of
 * the person or item that the request is about. Each would be a round trip of its own; together they are one
 * read by primary keys.
 *
 * The rate limit stands behind it, because whose limit it is is only known then, and counts refused scopes
 * too: a client that tries what it may not is still calling. Last comes the tenant's share of the workers: only
 * what is going to be answered counts as a request of the tenant. */
#include "request/resolve_tenant.h"

#include "base/clock.h"
#include "base/random.h"
#include "request/authenticate.h"
#include "request/rate_limit.h"
#include "request/tenant_share.h"

#include <string.h>

/* When a request that is refused for its tenant's share should come again, in seconds: a long one takes about as
 * long as the least. By chance, so that those who were refused together do not come again together: a burst fills
 * the queues of all workers, and under mod_fcgid whoever finds none free waits for a second. */
enum { SHARE_RETRY_LEAST_S = 1, SHARE_RETRY_MOST_S = 3 };

/* A provider's scopes count only as far as the client of ours has been granted them, and so do those of a token
 * of ours that is older than the last change of what its client has been granted. */
static bool check_grant(struct worker *worker, struct request *request, const struct found_client *client)
{
    const char *wanted = scope_wanted(worker->config, request->route->access), *granted = client->scopes;
    if (!wanted || (!granted && request->claims.issued_at >= client->scopes_since))
        return true;
    if (!granted && !clients_read_scopes(worker->db, request->arena, client->tenant.id, client->client_id,
                                         &granted, &request->error))
        return false;
    if (scope_is_among(granted, wanted, strlen(wanted)))
        return true;
    return error_set(&request->error, ERROR_INSUFFICIENT_SCOPE,
                     "The client has not been granted the scope %s", wanted);
}

/* Who is allowed to write, whatever the route: read routes have side effects, too. Whether a token from before
 * the last change of its client's scopes may is not worth a query. */
static bool may_write(const struct worker *worker, const struct request *request,
                      const struct found_client *client)
{
    const char *wanted = worker->config->token_scope_write, *granted = client->scopes;
    return !request->claims.is_person && scope_is_among(request->claims.scopes, wanted, strlen(wanted)) &&
           (granted ? scope_is_among(granted, wanted, strlen(wanted))
                    : request->claims.issued_at >= client->scopes_since);
}

/* By client and not by address: behind a shop's server all its customers have one. */
static bool check_rate(struct worker *worker, struct request *request, const struct found_client *client)
{
    const struct rate rate = {client->rate_per_minute, client->rate_burst};
    if (!worker->rate_limit || rate_limit_take(worker->rate_limit, RATE_REQUESTS, client->client_id, rate,
                                               clock_monotonic_us(), &request->retry_after))
        return true;
    return error_set(&request->error, ERROR_RATE_LIMITED, "The client asks more often than it may");
}

static bool check_share(struct worker *worker, struct request *request)
{
    if (!worker->share || tenant_share_begin(worker->share, request->tenant.id, clock_monotonic_us()))
        return true;
    unsigned char chance;
    random_fill(&chance, sizeof(chance));
    request->retry_after = SHARE_RETRY_LEAST_S + chance % (SHARE_RETRY_MOST_S - SHARE_RETRY_LEAST_S + 1);
    return error_set(&request->error, ERROR_TENANT_BUSY, TENANT_BUSY_MESSAGE);
}

bool resolve_tenant(struct worker *worker, struct request *request)
{
    const struct client_claim claim = {.issuer = request->claims.issuer,
                                       .client_id = request->claims.client_id,
                                       .issued_at = request->claims.issued_at,
                                       .entity = request->entity,
                                       .wants_events = request->wants_events};
    struct found_client client;
    bool found = false;
    if (!access_has_tenant(request->route->access))
        return true;
    if (!clients_find_tenant(worker->db, request->arena, &claim, &client, &found, &request->error))
        return false;
    if (!found)
        return error_set(&request->error, ERROR_UNKNOWN_CLIENT,
                         "The token's client is unknown or disabled, or its tokens were revoked");
    request->tenant = client.tenant;
    request->embedding = client.embedding;
    request->recent = client.recent;
    request->may_write = may_write(worker, request, &client);
    request->claims.client_id = client.client_id;
    return check_rate(worker, request, &client) && check_grant(worker, request, &client) &&
           check_share(worker, request);
}
