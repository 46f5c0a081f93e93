/* Eigenvalues of matrices that are made from known ones. */
#include "../../engine/fixture.h"

#include "training/learn/eigen.h"

enum { SIZE = 12 };

/* turn diag(values) turn' for a turn by Householder's reflection. */
static void make_matrix(const double values[SIZE], double matrix[SIZE * SIZE])
{
    double normal[SIZE], squares = 0;
    for (int i = 0; i < SIZE; i++) {
        normal[i] = 1 + i % 3 - 0.3 * i;
        squares += normal[i] * normal[i];
    }
    for (int i = 0; i < SIZE; i++)
        for (int k = 0; k < SIZE; k++) {
            double sum = 0;
            for (int m = 0; m < SIZE; m++)
                sum += ((i == m) - 2 * normal[i] * normal[m] / squares) * values[m] *
                       ((k == m) - 2 * normal[k] * normal[m] / squares);
            matrix[i * SIZE + k] = sum;
        }
}

static void known_values_are_found(void **state)
{
    (void)state;
    const double given[SIZE] = {3, 0, -2, 7, 7, 1e-3, 12, 0.5, 0, 4, 1, 2};
    const double sorted[SIZE] = {12, 7, 7, 4, 3, 2, 1, 0.5, 1e-3, 0, 0, -2};
    double matrix[SIZE * SIZE], copy[SIZE * SIZE], values[SIZE], vectors[SIZE * SIZE];
    make_matrix(given, matrix);
    memcpy(copy, matrix, sizeof(copy));
    eigen_decompose(copy, SIZE, values, vectors);
    for (int i = 0; i < SIZE; i++) {
        assert_true(fabs(values[i] - (sorted[i])) < 1e-12);
        for (int row = 0; row < SIZE; row++) {
            double product = 0;
            for (int k = 0; k < SIZE; k++)
                product += matrix[row * SIZE + k] * vectors[k * SIZE + i];
            assert_true(fabs(product - (sorted[i] * vectors[row * SIZE + i])) < 1e-11);
        }
        for (int other = 0; other < SIZE; other++) {
            double dot = 0;
            for (int k = 0; k < SIZE; k++)
                dot += vectors[k * SIZE + i] * vectors[k * SIZE + other];
            assert_true(fabs(dot - (i == other)) < 1e-12);
        }
    }
}

static void whitening_makes_one_of_it(void **state)
{
    (void)state;
    const double given[SIZE] = {3, 0, 2, 7, 7, 1e-3, 12, 0.5, 0, 4, 1, 2}; /* two are zero */
    double matrix[SIZE * SIZE], copy[SIZE * SIZE], whitening[SIZE * SIZE];
    make_matrix(given, matrix);
    memcpy(copy, matrix, sizeof(copy));
    eigen_whiten(copy, SIZE, whitening);
    for (int i = 0; i < SIZE; i++)
        for (int k = 0; k < SIZE; k++) {
            double sum = 0;
            for (int a = 0; a < SIZE; a++)
                for (int b = 0; b < SIZE; b++)
                    sum += whitening[a * SIZE + i] * matrix[a * SIZE + b] * whitening[b * SIZE + k];
            assert_true(fabs(sum - (i == k && i < SIZE - 2)) < 1e-9);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_values_are_found),
        cmocka_unit_test(whitening_makes_one_of_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
