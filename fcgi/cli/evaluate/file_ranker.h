/* What the service would answer for users whose events are in a file: a model, a catalogue and the ranking.
 *
 * Owns the mapped model and its catalogue. Reads no files but the model; does not know what the lists are
 * for. */
#ifndef PALATE_CLI_EVALUATE_FILE_RANKER_H
#define PALATE_CLI_EVALUATE_FILE_RANKER_H

#include "cli/evaluate/event_set.h"
#include "engine/catalogue.h"

enum { FILE_RANKER_LIST_MAXIMUM = 10000 };
#define FILE_RANKER_NOBODY UINT32_MAX

struct file_ranker;

/* Opens the model; set must outlive the ranker and be finished. NULL after saying why. */
struct file_ranker *file_ranker_open(const char *path, const struct event_set *set)
    __attribute__((nonnull, warn_unused_result));
void file_ranker_close(struct file_ranker *ranker); /* NULL is fine */

const struct catalogue *file_ranker_catalogue(const struct file_ranker *ranker)
    __attribute__((nonnull, returns_nonnull));

/* Writes up to k catalogue indices, best first, and returns their number. The user's newest
 * LIMIT_RECENT_EVENTS events of each kind are the history, weighed by engine_history_of_event(); items that the
 * user has any event with are left out unless include_seen. FILE_RANKER_NOBODY has no history: the list is
 * the one that everybody unknown gets. */
size_t file_ranker_rank(struct file_ranker *ranker, uint32_t user, size_t k, bool include_seen,
                        uint32_t *indices) __attribute__((nonnull, warn_unused_result));

#endif
