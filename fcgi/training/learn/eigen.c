/* Jacobi's method (1846), as in Golub and Van Loan, Matrix Computations, 8.5; see eigen.h. */
#include "training/learn/eigen.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

enum { SWEEPS_MAX = 30, SIZE_MAX_HERE = 128 };

static void rotate(double *matrix, double *vectors, int size, int p, int q)
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
static bool sweep(double *matrix, double *vectors, int size)
{
    double scale = 0;
    bool turned = false;
    for (int i = 0; i < size; i++)
        scale = fmax(scale, fabs(matrix[i * size + i]));
    for (int p = 0; p < size; p++)
        for (int q = p + 1; q < size; q++)
            if (fabs(matrix[p * size + q]) > 1e-15 * scale) {
                rotate(matrix, vectors, size, p, q);
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
    for (int i = 0; i < SWEEPS_MAX && sweep(matrix, vectors, size); i++)
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
