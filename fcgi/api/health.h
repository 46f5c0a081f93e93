/* GET /health and GET /ready, for load balancers and supervisors: open to all, and say nothing that a stranger
 * could use.
 *
 * health: this worker answers; no database is asked. ready: the database answers this machine and has the schema
 * that its workers need, else 503 (not_ready) with details. The age of the newest model is told and decides
 * nothing, since an old model still answers with the catalogue as it is now. */
#ifndef PALATE_API_HEALTH_H
#define PALATE_API_HEALTH_H

#include "request/request.h"

bool health_check(struct worker *worker, struct request *request);
bool health_answer(struct worker *worker, struct request *request);
bool ready_answer(struct worker *worker, struct request *request);

#endif
