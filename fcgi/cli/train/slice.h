/* `palate train --time-budget`: a training in slices, whose state lies in a file between two runs.
 *
 * Owns the state file while it is open. Does not read inputs and does not build. */
#ifndef PALATE_CLI_TRAIN_SLICE_H
#define PALATE_CLI_TRAIN_SLICE_H

#include "training/slices/state.h"

#include <stdbool.h>
#include <stdint.h>

struct train_slice {
    int64_t deadline_us; /* monotonic; 0: there are no slices, and every function but open does nothing */
    uint64_t key;
    const char *path; /* of the state */
    struct trainer_journal *journal;
};

/* Reads "50s", "10m" or "2h" as microseconds; false when it is nothing like that, or less than a second. */
bool train_budget_parse(const char *text, int64_t *budget_us) __attribute__((nonnull, warn_unused_result));

/* A number for what a state belongs to: this program, and what is added to it. */
uint64_t train_slice_key(void) __attribute__((warn_unused_result));
uint64_t train_slice_key_add(uint64_t key, const void *bytes, size_t size)
    __attribute__((nonnull, warn_unused_result));

/* Opens the state file; deadline_us 0 opens nothing. path must outlive it. False after saying why. */
bool train_slice_open(struct train_slice *slice, const char *path, uint64_t key, int64_t deadline_us)
    __attribute__((nonnull, warn_unused_result));

/* The trainer of an earlier run with its inputs; NULL: there is none that fits. */
struct trainer *train_slice_resume(struct train_slice *slice, const struct trainer_options *options)
    __attribute__((nonnull, warn_unused_result));

/* Stores the inputs of a new training. False after saying why. */
bool train_slice_begin(struct train_slice *slice, struct trainer *trainer)
    __attribute__((nonnull, warn_unused_result));

/* Before the build. */
void train_slice_attach(struct train_slice *slice, struct trainer *trainer) __attribute__((nonnull));

/* After a build that ended early: says how far it is, or what went wrong. An enum tool_exit. label: as in
 * train_report(). */
int train_slice_pause(struct train_slice *slice, const struct trainer *trainer, const char *label)
    __attribute__((nonnull));

/* Closes; done: the model is written, and the state is not needed any more. */
void train_slice_close(struct train_slice *slice, bool done) __attribute__((nonnull));

#endif
