/* GET /metrics: what the workers of this machine have done, in Prometheus' text form (exposition format 0.0.4),
 * for the bearer of the token of [metrics]. Asks no database. */
#ifndef PALATE_API_METRICS_H
#define PALATE_API_METRICS_H

#include "request/request.h"

bool metrics_check(struct worker *worker, struct request *request);
bool metrics_answer(struct worker *worker, struct request *request);

#endif
