/* Fourth step: the token's client becomes a tenant. Fails closed. */
#ifndef PALATE_REQUEST_RESOLVE_TENANT_H
#define PALATE_REQUEST_RESOLVE_TENANT_H

#include "request/request.h"

/* Fills request->tenant. Errors: 429 for one that asks too often; 503 for a tenant that has its share of workers; 401 for an unknown or disabled client or
 * tenant, 500 when the database cannot be asked (the token may well be good, so the caller should try again,
 * not log in again). */
bool resolve_tenant(struct worker *worker, struct request *request) __attribute__((nonnull));

#endif
