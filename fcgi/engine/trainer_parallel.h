/* Runs independent pieces of a computation on several threads.
 *
 * Owns the threads for the length of one call. Which thread does which piece is left to chance, so a piece
 * must write only what is its own: then results do not depend on the number of threads. For the tool only. */
#ifndef PALATE_ENGINE_TRAINER_PARALLEL_H
#define PALATE_ENGINE_TRAINER_PARALLEL_H

#include <stddef.h>

enum { TRAINER_THREADS_MAX = 64 };

/* piece 0..count-1; thread 0..threads-1 picks that thread's working memory. */
typedef void trainer_piece(void *context, size_t piece, unsigned thread);

/* Calls work for all pieces and returns when the last has ended. threads is 1..TRAINER_THREADS_MAX; where a
 * thread cannot be started the others do its work. */
void trainer_parallel(unsigned threads, size_t count, trainer_piece *work, void *context)
    __attribute__((nonnull(3)));

/* The wanted number, within 1..TRAINER_THREADS_MAX; 0 is the number of processors that are online. */
unsigned trainer_thread_count(unsigned wanted) __attribute__((warn_unused_result));

#endif
