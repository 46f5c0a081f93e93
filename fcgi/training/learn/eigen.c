/* Eigenvalues of small symmetric matrices by Jacobi's method (1846), as in Golub and Van Loan, Matrix
 * Computations, 8.5; see eigen.h.
 *
 * Each rotation sets one entry beside the diagonal to 0 and turns two rows and two columns; a sweep visits
 * all entries above the diagonal in a fixed order. Sweeps are repeated until no entry is above 1e-15 of the
 * greatest diagonal entry; convergence is quadratic towards the end, so that a handful of sweeps suffices and
 * 30 is only a bound. The rotations, multiplied together, are the eigenvectors.
 *
 * It is the slowest of the usual methods, about 4 n^3 operations a sweep, and the simplest and most accurate
 * one: right for the one matrix of 80 x 80 that a training has per round. The fixed order makes results
 * repeatable.
 *
 * Whitening: with A = V diag(l) V', the matrix V diag(l)^-1/2 turns columns whose inner products are A into
 * orthonormal ones. Directions with an eigenvalue below 1e-10 of the greatest are noise and become 0. */
#include "training/learn/eigen.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

enum { SWEEPS_MAX = 30, SIZE_MAX_HERE = 128 };

/* t is the smaller root of t^2 + 2 theta t - 1 = 0, the smaller of the two angles, for which the method
 * converges. */
static void rotate_pair(double *matrix, double *vectors, int size, int p, int q)
{
    double theta = (matrix[q * size + q] - matrix[p * size + p]) / (2 * matrix[p * size + q]);
    double t = (theta >= 0 ? 1 : -1) / (fabs(theta) + sqrt(theta * theta + 1));
    double c = 1 / sqrt(t * t + 1), s = t * c;
    for (int k = 0; k < size; k++) {
        double left = matrix[k * size + p], right = matrix[k * size + q];
        matrix[k * size + p] = c * left - s * right;
        matrix[k * size + q] = s * left + c * right;
    }
    for (int k = 0; k < size; k++) {
        double left = matrix[p * size + k], right = matrix[q * size + k];
        matrix[p * size + k] = c * left - s * right;
        matrix[q * size + k] = s * left + c * right;
        left = vectors[k * size + p];
        right = vectors[k * size + q];
        vectors[k * size + p] = c * left - s * right;
        vectors[k * size + q] = s * left + c * right;
    }
}

/* One sweep over all pairs; false when there was nothing to do. */
static bool sweep_pairs(double *matrix, double *vectors, int size)
{
    double scale = 0;
    bool turned = false;
    for (int i = 0; i < size; i++)
        scale = fmax(scale, fabs(matrix[i * size + i]));
    for (int p = 0; p < size; p++)
        for (int q = p + 1; q < size; q++)
            if (fabs(matrix[p * size + q]) > 1e-15 * scale) {
                rotate_pair(matrix, vectors, size, p, q);
                turned = true;
            }
    return turned;
}

static void swap_columns(double *values, double *vectors, int size, int left, int right)
{
    double held = values[left];
    values[left] = values[right];
    values[right] = held;
    for (int k = 0; k < size; k++) {
        held = vectors[k * size + left];
        vectors[k * size + left] = vectors[k * size + right];
        vectors[k * size + right] = held;
    }
}

void eigen_decompose(double *matrix, int size, double *values, double *vectors)
{
    memset(vectors, 0, (size_t)size * (size_t)size * sizeof(*vectors));
    for (int i = 0; i < size; i++) {
        vectors[i * size + i] = 1;
        for (int k = 0; k < i; k++)
            matrix[i * size + k] = matrix[k * size + i] = (matrix[i * size + k] + matrix[k * size + i]) / 2;
    }
    for (int i = 0; i < SWEEPS_MAX && sweep_pairs(matrix, vectors, size); i++)
        ;
    for (int i = 0; i < size; i++)
        values[i] = matrix[i * size + i];
    for (int i = 0; i < size; i++) {
        int best = i;
        for (int k = i + 1; k < size; k++)
            if (values[k] > values[best])
                best = k;
        if (best != i)
            swap_columns(values, vectors, size, i, best);
    }
}

void eigen_whiten(double *matrix, int size, double *whitening)
{
    double values[SIZE_MAX_HERE];
    eigen_decompose(matrix, size, values, whitening);
    for (int i = 0; i < size; i++) {
        double scale = values[i] > 1e-10 * values[0] && values[i] > 0 ? 1 / sqrt(values[i]) : 0;
        for (int k = 0; k < size; k++)
            whitening[k * size + i] *= scale;
    }
}
