/* GET /v1/events and GET /v1/events/{id}, and the same without version: events as they are stored.
 *
 * Event ids are decimal digits; those of an earlier generation, "evt_" and digits, are taken, too. */
#ifndef PALATE_API_EVENTS_LIST_H
#define PALATE_API_EVENTS_LIST_H

#include "request/request.h"

bool events_list_check(struct worker *worker, struct request *request) __attribute__((nonnull));
bool events_list_answer(struct worker *worker, struct request *request) __attribute__((nonnull));
bool event_read_check(struct worker *worker, struct request *request) __attribute__((nonnull));
bool event_read_answer(struct worker *worker, struct request *request) __attribute__((nonnull));

/* An event's id as text: digits without a leading zero, with or without "evt_". */
bool event_id_parse(const char *text, uint64_t *id) __attribute__((nonnull, warn_unused_result));

#endif
