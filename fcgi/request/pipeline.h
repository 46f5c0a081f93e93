/* The steps of a request, in order. */
#ifndef PALATE_REQUEST_PIPELINE_H
#define PALATE_REQUEST_PIPELINE_H

#include "request/request.h"

/* Serves one request: runs the steps, stops at the first error, always answers, always logs one line,
 * and resets the worker's arena. */
void pipeline_serve(struct worker *worker, struct transport *transport) __attribute__((nonnull));

#endif
