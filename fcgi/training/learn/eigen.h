/* Eigenvalues of small symmetric matrices of doubles, by rows. For the tool only. */
#ifndef PALATE_TRAINING_LEARN_EIGEN_H
#define PALATE_TRAINING_LEARN_EIGEN_H

/* Eigenvalues in falling order, and eigenvectors as the columns of vectors (size x size), by Jacobi's cyclic
 * rotations. matrix is overwritten; of entries that differ across the diagonal the mean is taken. */
void eigen_decompose(double *matrix, int size, double *values, double *vectors) __attribute__((nonnull));

/* A matrix W with W' matrix W = 1 on the directions in which the matrix is not nearly zero, and 0 on the
 * others. matrix is overwritten. */
void eigen_whiten(double *matrix, int size, double *whitening) __attribute__((nonnull));

#endif
