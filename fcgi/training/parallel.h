/* Runs independent pieces of a computation on several threads.
 *
 * Owns the threads for the length of one call. Which thread does which piece is left to chance, so a piece
 * must write only what is its own: then results do not depend on the number of threads. For the tool only. */
#ifndef PALATE_TRAINING_PARALLEL_H
#define PALATE_TRAINING_PARALLEL_H

#include <stdbool.h>
#include <stddef.h>

enum { TRAINER_THREADS_MAX = 64 };

/* piece 0..count-1; thread 0..threads-1 picks that thread's working memory. */
typedef void trainer_piece(void *context, size_t piece, unsigned thread);

/* Asked by every thread before it takes another piece: true when no more are to be taken. */
typedef bool trainer_halt(void *context);

/* Calls work for all pieces and returns when the last has ended. threads is 1..TRAINER_THREADS_MAX; where a
 * thread cannot be started the others do its work. */
void trainer_parallel(unsigned threads, size_t count, trainer_piece *work, void *context)
    __attribute__((nonnull(3)));

/* The same from piece first on, until halt says so: the pieces before the one that is returned are done, and
 * no others. At least one is, where first < count. */
size_t trainer_parallel_until(unsigned threads, size_t first, size_t count, trainer_piece *work,
                              trainer_halt *halt, void *context)
    __attribute__((nonnull(4, 5), warn_unused_result));

/* The wanted number, within 1..TRAINER_THREADS_MAX; 0 is the number of processors that are online. */
unsigned trainer_thread_count(unsigned wanted) __attribute__((warn_unused_result));

#endif
