/* Dense algebra for symmetric, positive definite matrices of floats. For the tool only.
 *
 * Plain loops, compiled for several processors: fast enough for what the trainer needs, with no library whose
 * choice of kernels or threads could change results. */
#ifndef PALATE_TRAINING_LEARN_DENSE_H
#define PALATE_TRAINING_LEARN_DENSE_H

#include <stdbool.h>
#include <stddef.h>

/* On a function of plain loops: compiled for several kinds of processors. */
#if defined(__x86_64__) && !defined(__SANITIZE_ADDRESS__)
#define DENSE_FAST                                                                                           \
    __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default"), optimize("O3")))
#else
#define DENSE_FAST __attribute__((optimize("O3")))
#endif

/* Inverts the whole matrix (count x count) in place by Gauss-Jordan elimination in blocks, which needs no
 * pivots for such matrices. False, and the matrix is spoilt, when it is not positive definite. */
bool dense_invert(float *matrix, size_t count, unsigned threads) __attribute__((nonnull, warn_unused_result));

/* Solves matrix x = right in place by Cholesky's factorisation; the matrix is overwritten, only its upper
 * triangle by rows is read. False when it is not positive definite. */
bool dense_solve(float *matrix, size_t count, float *right) __attribute__((nonnull, warn_unused_result));

#endif
