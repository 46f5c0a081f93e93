/* Last step: the answer or the error becomes status, headers and JSON. The only writer to the client. */
#ifndef PALATE_REQUEST_SEND_RESPONSE_H
#define PALATE_REQUEST_SEND_RESPONSE_H

#include "request/request.h"

/* Sends and ends the request; *status is what was sent. False when the client has gone. */
bool send_response(struct worker *worker, struct request *request, int *status) __attribute__((nonnull));

#endif
