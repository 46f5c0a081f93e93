/* A training that is done in slices: its inputs and what was computed of them, in one file.
 *
 * The inputs are kept as they were when the first slice read them, so that what changes in between does not
 * matter; users as numbers alone. The file is good for one program and one set of inputs, which the caller
 * sums up in a key. Removed when the model is written. For the tool only.
 *
 * Order of calls: journal_open, then trainer_load, or trainer_create with all inputs and trainer_save; then
 * trainer_slice, trainer_build; journal_remove when it was built and written, else journal_close. */
#ifndef PALATE_TRAINING_SLICES_STATE_H
#define PALATE_TRAINING_SLICES_STATE_H

#include "training/slices/journal.h"
#include "training/trainer.h"

/* The trainer that an earlier run saved under this key, with its inputs; NULL: there is none, or it is older
 * than oldest (Unix seconds). Of options, threads, memory and stop count; the others are as they were. */
struct trainer *trainer_load(struct trainer_journal *journal, uint64_t key, int64_t oldest,
                             const struct trainer_options *options)
    __attribute__((nonnull, warn_unused_result));

/* Stores the inputs. False: journal_error() tells why. */
bool trainer_save(struct trainer *trainer, struct trainer_journal *journal, uint64_t key)
    __attribute__((nonnull, warn_unused_result));

/* trainer_build() now ends, soon after clock() has come to deadline_us, with false, having stored what it
 * did; the journal must outlive the build. */
void trainer_slice(struct trainer *trainer, struct trainer_journal *journal, trainer_clock *clock,
                   int64_t deadline_us) __attribute__((nonnull));

#endif
