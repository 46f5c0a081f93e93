/* POST /v1/events and /events: one event, or a list of up to LIMIT_EVENT_BATCH.
 *
 * Of a list the good entries are stored and the bad ones reported by their index, since clients send a list
 * again until it is taken; a single bad event is refused. An event that was sent before is no error: it is
 * answered with the id that it has, and not counted as inserted. */
#ifndef PALATE_API_EVENTS_EVENTS_H
#define PALATE_API_EVENTS_EVENTS_H

#include "request/request.h"

bool events_check(struct worker *worker, struct request *request) __attribute__((nonnull));
bool events_answer(struct worker *worker, struct request *request) __attribute__((nonnull));

#endif
