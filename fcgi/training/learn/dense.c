/* Blocked elimination and small factorisations; see dense.h.
 *
 * The exact ridge inverts one symmetric, positive definite matrix of up to 6,000 rows. Gauss-Jordan
 * elimination in place does it without pivots, which such matrices do not need (Golub and Van Loan, Matrix
 * Computations, 4.2). Done row by row it would read the whole matrix 6,000 times; in blocks of 64 it reads it
 * 94 times:
 *
 * 1. the block on the diagonal is copied and inverted (invert_block);
 * 2. the panel, the block's inverse times the block's rows, is made once, one row a piece;
 * 3. every other row subtracts its 64 factors times the panel, and takes their place (eliminate_rows).
 *
 * Step 3 has nearly all of the work, n^2 multiplications for each of the n columns. Rows are done four at a
 * time and panel rows eight at a time, so that each value that is read from the panel is used four times and
 * sums stay in registers. The loops are plain C that a compiler turns into vector code, compiled for several
 * processors (DENSE_FAST).
 *
 * A BLAS would be faster. It is not used because its kernels and the order of its sums depend on the
 * processor and on the number of threads, and a model must come out the same, byte for byte, whatever the
 * number of threads.
 *
 * The local ridge's small systems are solved by Cholesky's factorisation, n^3 / 6 multiplications each. */
#include "training/learn/dense.h"

#include "base/memory.h"
#include "training/parallel.h"

#include <math.h>
#include <string.h>

enum { BLOCK = 64, GROUP = 8, TOGETHER = 4, ROWS = 16 /* of a piece of work */ };

/* target -= factor x source */
DENSE_FAST static void subtract_scaled(float *restrict target, const float *restrict source, float factor,
                                       size_t count)
{
    for (size_t i = 0; i < count; i++)
        target[i] -= factor * source[i];
}

/* target += factors x lines, GROUP lines at once, each stride floats after the other. */
DENSE_FAST static void add_group(float *restrict target, const float *restrict lines, size_t stride,
                                 const float factors[GROUP], size_t count)
{
    for (size_t i = 0; i < count; i++) {
        float sum = target[i];
        for (size_t k = 0; k < GROUP; k++)
            sum += factors[k] * lines[k * stride + i];
        target[i] = sum;
    }
}

/* The same for TOGETHER targets, so that a line that was read serves them all; BLOCK factors of each. */
DENSE_FAST static void add_group_together(float *restrict first, float *restrict second,
                                          float *restrict third, float *restrict fourth,
                                          const float *restrict lines, size_t stride, const float *factors,
                                          size_t count)
{
    for (size_t i = 0; i < count; i++) {
        float a = first[i], b = second[i], c = third[i], d = fourth[i];
        for (size_t k = 0; k < GROUP; k++) {
            float value = lines[k * stride + i];
            a += factors[k] * value;
            b += factors[BLOCK + k] * value;
            c += factors[(size_t)2 * BLOCK + k] * value;
            d += factors[(size_t)3 * BLOCK + k] * value;
        }
        first[i] = a;
        second[i] = b;
        third[i] = c;
        fourth[i] = d;
    }
}

/* target += factors (size) x lines */
static void add_lines(float *target, const float *lines, size_t stride, const float *factors, size_t size,
                      size_t count)
{
    size_t k = 0;
    for (; k + GROUP <= size; k += GROUP)
        add_group(target, lines + k * stride, stride, factors + k, count);
    for (; k < size; k++)
        subtract_scaled(target, lines + k * stride, -factors[k], count);
}

/* Gauss-Jordan elimination of a small matrix (size x size, stride BLOCK). A pivot that is not positive says
 * that the matrix is not positive definite: the caller gets false. */
static bool invert_block(float *block, size_t size)
{
    for (size_t k = 0; k < size; k++) {
        float *line = block + k * BLOCK, pivot = line[k];
        if (!(pivot > 0) || !isfinite(pivot))
            return false;
        line[k] = 1;
        for (size_t i = 0; i < size; i++)
            line[i] /= pivot;
        for (size_t i = 0; i < size; i++) {
            float factor = block[i * BLOCK + k];
            if (i == k)
                continue;
            block[i * BLOCK + k] = 0;
            subtract_scaled(block + i * BLOCK, line, factor, size);
        }
    }
    return true;
}

struct elimination {
    float *matrix;
    size_t count;
    size_t first, size;         /* the block on the diagonal */
    float block[BLOCK * BLOCK]; /* its inverse */
    float *panel;               /* the inverse times the block's rows; its own columns are the inverse */
};

/* Some rows (not of the block) at once. */
static void eliminate_together(const struct elimination *elimination, float *const rows[TOGETHER])
{
    size_t count = elimination->count, first = elimination->first, size = elimination->size, k = 0;
    float factors[TOGETHER][BLOCK];
    for (size_t row = 0; row < TOGETHER; row++) {
        for (size_t i = 0; i < size; i++)
            factors[row][i] = -rows[row][first + i];
        memset(rows[row] + first, 0, size * sizeof(float));
    }
    for (; k + GROUP <= size; k += GROUP)
        add_group_together(rows[0], rows[1], rows[2], rows[3], elimination->panel + k * count, count,
                           &factors[0][k], count);
    for (size_t row = 0; row < TOGETHER; row++)
        add_lines(rows[row], elimination->panel + k * count, count, factors[row] + k, size - k, count);
}

static void eliminate_row(const struct elimination *elimination, float *line)
{
    size_t count = elimination->count, first = elimination->first, size = elimination->size;
    float factors[BLOCK];
    for (size_t k = 0; k < size; k++)
        factors[k] = -line[first + k];
    memset(line + first, 0, size * sizeof(float));
    /* cppcheck-suppress uninitvar ; a block has at least one row, so the factors that are read are set */
    add_lines(line, elimination->panel, count, factors, size, count);
}

/* The block's own rows become the panel; the others are gathered into fours, and what is left of a piece is
 * done one by one. */
static void eliminate_rows(void *context, size_t piece, unsigned thread)
{
    const struct elimination *elimination = context;
    size_t count = elimination->count, first = elimination->first, size = elimination->size, waiting = 0;
    float *rows[TOGETHER];
    (void)thread;
    for (size_t row = piece * ROWS; row < (piece + 1) * ROWS && row < count; row++) {
        float *line = elimination->matrix + row * count;
        if (row >= first && row < first + size) {
            memcpy(line, elimination->panel + (row - first) * count, count * sizeof(float));
            continue;
        }
        rows[waiting++] = line;
        if (waiting == TOGETHER) {
            eliminate_together(elimination, rows);
            waiting = 0;
        }
    }
    for (size_t i = 0; i < waiting; i++)
        eliminate_row(elimination, rows[i]);
}

static void make_panel_row(void *context, size_t row, unsigned thread)
{
    struct elimination *elimination = context;
    size_t count = elimination->count, first = elimination->first;
    float *line = elimination->panel + row * count;
    (void)thread;
    memset(line, 0, count * sizeof(float));
    add_lines(line, elimination->matrix + first * count, count, elimination->block + row * BLOCK,
              elimination->size, count);
    memcpy(line + first, elimination->block + row * BLOCK, elimination->size * sizeof(float));
}

bool dense_invert(float *matrix, size_t count, unsigned threads)
{
    struct elimination *elimination = memory_alloc(1, sizeof(*elimination));
    bool good = true;
    elimination->matrix = matrix;
    elimination->count = count;
    elimination->panel = memory_alloc(count * BLOCK, sizeof(float));
    for (size_t first = 0; first < count && good; first += BLOCK) {
        size_t size = count - first < BLOCK ? count - first : BLOCK;
        elimination->first = first;
        elimination->size = size;
        for (size_t k = 0; k < size; k++)
            memcpy(elimination->block + k * BLOCK, matrix + (first + k) * count + first,
                   size * sizeof(float));
        good = invert_block(elimination->block, size);
        if (!good)
            break;
        trainer_parallel(threads, size, make_panel_row, elimination);
        trainer_parallel(threads, (count + ROWS - 1) / ROWS, eliminate_rows, elimination);
    }
    memory_free(elimination->panel);
    memory_free(elimination);
    return good;
}

/* Rows of the upper triangle U, matrix = U'U: each row is one pass over those above it. */
static bool factor_cholesky(float *matrix, size_t count)
{
    for (size_t row = 0; row < count; row++) {
        float *line = matrix + row * count;
        for (size_t above = 0; above < row; above++)
            subtract_scaled(line + row, matrix + above * count + row, matrix[above * count + row],
                            count - row);
        if (!(line[row] > 0) || !isfinite(line[row]))
            return false;
        float root = sqrtf(line[row]);
        for (size_t i = row; i < count; i++)
            line[i] /= root;
    }
    return true;
}

bool dense_solve(float *matrix, size_t count, float *right)
{
    if (!factor_cholesky(matrix, count))
        return false;
    for (size_t row = 0; row < count; row++) { /* U' y = right */
        right[row] /= matrix[row * count + row];
        subtract_scaled(right + row + 1, matrix + row * count + row + 1, right[row], count - row - 1);
    }
    for (size_t row = count; row-- > 0;) { /* U x = y */
        float sum = right[row];
        for (size_t i = row + 1; i < count; i++)
            sum -= matrix[row * count + i] * right[i];
        right[row] = sum / matrix[row * count + row];
    }
    return true;
}
