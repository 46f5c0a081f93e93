/* `palate doctor --url`: one real recommendation, under a client of its own that is removed after. */
#ifndef PALATE_CLI_DOCTOR_REQUEST_H
#define PALATE_CLI_DOCTOR_REQUEST_H

#include "cli/doctor/http.h"

/* Makes the client, checks that its token is taken, requests a list, compares the model that answered with
 * the tenant's file, calls check_more while each exchange still carries the token, and removes the client,
 * whatever has happened and also after an interrupt. Without a database, a schema, an active tenant or a key
 * that signs no request can be made. False: check_more was not called. */
bool doctor_check_request(struct service *service, void (*check_more)(struct service *service))
    __attribute__((nonnull));

#endif
