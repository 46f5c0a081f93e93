/* The token's client becomes a tenant; see resolve_tenant.h. */
#include "request/resolve_tenant.h"

bool resolve_tenant(struct worker *worker, struct request *request)
{
    bool found = false;
    if (request->route->access == ACCESS_OPEN)
        return true;
    if (!clients_find_tenant(worker->db, request->arena, request->claims.client_id, &request->tenant, &found,
                             &request->error))
        return false;
    if (!found) {
        request->tenant = (struct tenant){0};
        return error_set(&request->error, ERROR_UNKNOWN_CLIENT, "The token's client is unknown or disabled");
    }
    return true;
}
