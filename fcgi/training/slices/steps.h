/* How a training goes on: threads, progress, stopping, and slices.
 *
 * All long computations of the trainer are steps: pieces that write only what is their own. A step ends
 * early when it must stop (Ctrl-C) or when the time of the slice is over; then all later steps do
 * nothing, and what comes out is thrown away. With a journal, what the pieces wrote is stored in it, and the
 * next run, which goes the same way because the trainer is deterministic, reads it instead of computing.
 * A run always does at least one new piece. Private to the trainer. */
#ifndef PALATE_TRAINING_SLICES_STEPS_H
#define PALATE_TRAINING_SLICES_STEPS_H

#include "training/learn/sparse.h"
#include "training/parallel.h"
#include "training/slices/journal.h"
#include "training/trainer.h"

struct trainer_steps {
    unsigned threads;
    trainer_progress *progress; /* NULL: none */
    void *progress_context;
    trainer_stop *stop; /* NULL: never */
    void *stop_context;
    struct trainer_journal *journal; /* NULL: nothing is stored */
    trainer_clock *clock;            /* not NULL with a journal or a deadline */
    int64_t deadline_us;             /* by clock; 0: none */
    bool advanced;                   /* something new was done */
    bool stopped;
    const char *stage; /* of the last step */
    uint64_t done, total;
    uint64_t trials; /* results that were recalled or concluded */
};

/* What a step writes: either count elements of size bytes, or the rows of count items; per_piece of them by
 * each piece, the last may have fewer. */
struct step_part {
    void *bytes;
    size_t size;
    struct sparse_rows *rows;
    size_t count, per_piece;
};

/* Does pieces 0..count-1. stage is a constant, for the progress. */
void steps_run(struct trainer_steps *steps, const char *stage, size_t count, trainer_piece *work,
               void *context, const struct step_part *parts, size_t part_count)
    __attribute__((nonnull(1, 2, 4)));

/* The same for what is not stored: it is begun only when there is time, and then goes to its end (or Ctrl-C),
 * again in each run. */
void steps_run_whole(struct trainer_steps *steps, const char *stage, size_t count, trainer_piece *work,
                     void *context) __attribute__((nonnull(1, 2, 4)));

/* Results that make the steps before them needless: between steps_mark() and steps_conclude() there may be
 * any number of steps; once it is concluded, they are gone from the journal and steps_recall() gives the
 * result at once. name and size must be the same in both. */
bool steps_recall(struct trainer_steps *steps, const char *name, void *bytes, size_t size)
    __attribute__((nonnull, warn_unused_result));
uint64_t steps_mark(const struct trainer_steps *steps) __attribute__((nonnull, warn_unused_result));
void steps_conclude(struct trainer_steps *steps, uint64_t mark, const char *name, const void *bytes,
                    size_t size) __attribute__((nonnull));

#endif
