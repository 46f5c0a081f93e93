/* How much work one request may cause, and who still waits for it.
 *
 * Code that loops over a catalogue, a text or a list says with work_budget_take() how much it has done, and
 * leaves its loop when the answer is false: what it has found is then worthless, and its callers leave theirs
 * as soon, up to work_budget_stop(), which makes an error of it. So a budget never changes a result, it only
 * prevents one. A step is about as much as testing an item against a simple condition: some ten nanoseconds.
 *
 * A process serves one request at a time, so there is one budget. Without work_budget_set(), as in the tool
 * and in a shadow's process, there is no limit. */
#ifndef PALATE_BASE_WORK_BUDGET_H
#define PALATE_BASE_WORK_BUDGET_H

#include "base/error.h"

#include <stdint.h>

/* At most so many steps are done between two looks at the clocks, but for the last ones taken. */
enum { WORK_STEPS_BETWEEN_LOOKS = 16384 };

/* Why there should be no more work, but for what has been done: ERROR_CLIENT_GONE or ERROR_TENANT_BUSY; ERROR_NONE:
 * go on. Called every few ten milliseconds while there is work. */
typedef enum error_code work_refusal(void *context);

/* The budget of the next request, in milliseconds of processor time; refusal may be NULL. Counts from the first
 * work_budget_start() on. */
void work_budget_set(long milliseconds, work_refusal *refusal, void *context);

/* No limit any more. */
void work_budget_clear(void);

/* From here on work counts, until work_budget_stop(). What is between a stop and the next start is not the
 * request's to pay for: reading the changes of a catalogue, waiting for a remote recommender. */
void work_budget_start(void);

/* False when the budget is spent, with an error unless there is one:
 * ERROR_TOO_EXPENSIVE  the request alone has used as much processor time as it may
 * ERROR_OVERLOADED     five times that has passed, and it got less than its budget of the processor
 * ERROR_CLIENT_GONE    nobody waits for an answer any more
 * ERROR_TENANT_BUSY    it takes long, and its tenant has its share of the workers */
bool work_budget_stop(struct error *error) __attribute__((nonnull, warn_unused_result));

/* So much work has been done. False: leave it. */
bool work_budget_take(size_t steps);

/* Steps taken since work_budget_set(), whether or not the budget is spent; for tests, which measure what
 * things cost by it. */
uint64_t work_budget_taken(void);

#endif
