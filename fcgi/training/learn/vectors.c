/* Learned vectors of items by randomised subspace iteration; see vectors.h.
 *
 * The problem: two items that nobody had together can still be alike, by what their users had besides. A
 * vector for each item, such that the inner product of two says how alike they are, serves where rows of
 * neighbours say nothing: new items, diversity, search.
 *
 * With A = D_u^-1/2 X D_i^-1/2, the leading right singular vectors of A, each times its singular value, are
 * the best such vectors of a given size. They are found by iterating on a random start of WIDTH columns
 * (Halko, Martinsson and Tropp, SIAM Review 2011, algorithm 4.4):
 *
 *     Q <- orthonormalise(random)
 *     ROUNDS times:  Q <- orthonormalise(A' A Q)
 *     then the small eigenproblem of Q' A' A Q turns the basis into singular vectors
 *
 * The first singular vector is known beforehand: the square root of the degrees, that is popularity. It is
 * taken out of every product, so that likeness does not mean "both sell well". Columns beyond the wanted
 * number only speed up convergence and are dropped. Orthonormalising goes over the small matrix of inner
 * products and its whitening (eigen.c), which needs one pass and no pivoting.
 *
 * A' A is never made: each product goes from items to users and back, by chunks of users, so that memory is
 * items x WIDTH and not users x WIDTH. Cost: ROUNDS + 1 times 2 x WIDTH additions an interaction.
 *
 * Every sum is made in an order that does not depend on threads: users and items own their rows, and the
 * small matrices are summed by pieces of fixed size. Each round is kept in the journal in place of the one
 * before. */
#include "training/learn/vectors.h"

#include "base/hash.h"
#include "base/memory.h"
#include "training/learn/dense.h"
#include "training/learn/eigen.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum {
    WIDTH = ENGINE_VECTOR_SIZE + 16, /* a few more than are wanted make those exact */
    SQUARE = WIDTH * WIDTH,
    ROUNDS = 6,
    CHUNK = 1 << 17, /* users whose sums are held at one time */
    PIECE = 512,
    ITEMS_MIN = 4,
};

struct iteration {
    const struct learning *learning;
    float *user_scales, *item_scales; /* degree^-1/2 */
    float *basis;                     /* item_count x WIDTH, orthonormal columns */
    float *product;                   /* the matrix' squared times the basis */
    float *sums;                      /* CHUNK x WIDTH: of users first, first + 1 ... */
    size_t *cursors;                  /* by item: the next place in item_users */
    uint32_t first, end;
    double *partial; /* by piece: WIDTH x WIDTH */
    const float *left, *right;
    const double *change; /* WIDTH x WIDTH */
};

/* target += factor x source, WIDTH of them */
DENSE_FAST static void add_scaled(float *restrict target, const float *restrict source, float factor)
{
    for (size_t i = 0; i < WIDTH; i++)
        target[i] += factor * source[i];
}

static size_t pieces_of(uint32_t count)
{
    return ((size_t)count + PIECE - 1) / PIECE;
}

/* ---- the matrix times the basis, and back */

static void sum_users(void *context, size_t piece, unsigned thread)
{
    const struct iteration *iteration = context;
    const struct learning *learning = iteration->learning;
    (void)thread;
    for (size_t place = piece * PIECE; place < (piece + 1) * PIECE; place++) {
        size_t user = iteration->first + place;
        float *sum = iteration->sums + place * WIDTH;
        if (user >= iteration->end)
            break;
        memset(sum, 0, WIDTH * sizeof(*sum));
        for (size_t i = learning->user_starts[user]; i < learning->user_starts[user + 1]; i++) {
            uint32_t item = learning->items[i];
            add_scaled(sum, iteration->basis + (size_t)item * WIDTH,
                       learning->strengths[i] * iteration->item_scales[item]);
        }
    }
}

static void sum_items(void *context, size_t piece, unsigned thread)
{
    const struct iteration *iteration = context;
    const struct learning *learning = iteration->learning;
    (void)thread;
    for (size_t item = piece * PIECE; item < (piece + 1) * PIECE && item < learning->item_count; item++) {
        size_t place = iteration->cursors[item], end = learning->item_starts[item + 1];
        for (; place < end && learning->item_users[place] < iteration->end; place++) {
            uint32_t user = learning->item_users[place];
            float scale = iteration->user_scales[user];
            add_scaled(iteration->product + item * WIDTH,
                       iteration->sums + (size_t)(user - iteration->first) * WIDTH,
                       learning->item_strengths[place] * scale * scale * iteration->item_scales[item]);
        }
        iteration->cursors[item] = place;
    }
}

/* By chunks of users, whose sums are forgotten. An item's users come in rising order. */
static void multiply_matrix(struct iteration *iteration, struct trainer_steps *steps)
{
    const struct learning *learning = iteration->learning;
    memset(iteration->product, 0, (size_t)learning->item_count * WIDTH * sizeof(float));
    memcpy(iteration->cursors, learning->item_starts, learning->item_count * sizeof(*iteration->cursors));
    for (uint32_t first = 0; first < learning->user_count; first += CHUNK) {
        uint32_t left = learning->user_count - first;
        iteration->first = first;
        iteration->end = first + (left < CHUNK ? left : CHUNK);
        steps_run_whole(steps, "vectors", pieces_of(iteration->end - first), sum_users, iteration);
        steps_run_whole(steps, "vectors", pieces_of(learning->item_count), sum_items, iteration);
    }
}

/* ---- orthonormal columns */

static void multiply_piece(void *context, size_t piece, unsigned thread)
{
    const struct iteration *iteration = context;
    double *partial = iteration->partial + piece * SQUARE;
    (void)thread;
    memset(partial, 0, SQUARE * sizeof(*partial));
    for (size_t item = piece * PIECE; item < (piece + 1) * PIECE && item < iteration->learning->item_count;
         item++) {
        const float *left = iteration->left + item * WIDTH, *right = iteration->right + item * WIDTH;
        for (size_t i = 0; i < WIDTH; i++)
            for (size_t k = 0; k < WIDTH; k++)
                partial[i * WIDTH + k] += (double)left[i] * (double)right[k];
    }
}

/* left' right */
static void multiply_columns(struct iteration *iteration, struct trainer_steps *steps, const float *left,
                             const float *right, double *matrix)
{
    size_t pieces = pieces_of(iteration->learning->item_count);
    iteration->left = left;
    iteration->right = right;
    steps_run_whole(steps, "vectors", pieces, multiply_piece, iteration);
    memset(matrix, 0, SQUARE * sizeof(*matrix));
    for (size_t piece = 0; piece < pieces; piece++)
        for (size_t i = 0; i < SQUARE; i++)
            matrix[i] += iteration->partial[piece * SQUARE + i];
}

static void change_piece(void *context, size_t piece, unsigned thread)
{
    const struct iteration *iteration = context;
    (void)thread;
    for (size_t item = piece * PIECE; item < (piece + 1) * PIECE && item < iteration->learning->item_count;
         item++) {
        const float *source = iteration->product + item * WIDTH;
        double changed[WIDTH] = {0};
        for (size_t k = 0; k < WIDTH; k++)
            for (size_t i = 0; i < WIDTH; i++)
                changed[i] += (double)source[k] * iteration->change[k * WIDTH + i];
        for (size_t i = 0; i < WIDTH; i++)
            iteration->basis[item * WIDTH + i] = (float)changed[i];
    }
}

/* The direction of popularity: degree^1/2, of length 1. */
static void remove_popularity(struct iteration *iteration)
{
    const struct learning *learning = iteration->learning;
    double along[WIDTH] = {0}, squares = 0;
    for (uint32_t item = 0; item < learning->item_count; item++) {
        double root = learning->item_counts[item] ? sqrt((double)learning->item_degrees[item]) : 0;
        squares += root * root;
        for (size_t i = 0; i < WIDTH; i++)
            along[i] += root * (double)iteration->product[(size_t)item * WIDTH + i];
    }
    for (uint32_t item = 0; item < learning->item_count && squares > 0; item++) {
        double root = learning->item_counts[item] ? sqrt((double)learning->item_degrees[item]) : 0;
        for (size_t i = 0; i < WIDTH; i++)
            iteration->product[(size_t)item * WIDTH + i] -= (float)(root * along[i] / squares);
    }
}

/* The basis becomes the product's columns made orthonormal. */
static void orthonormalise(struct iteration *iteration, struct trainer_steps *steps)
{
    double gram[WIDTH * WIDTH], change[WIDTH * WIDTH];
    remove_popularity(iteration);
    multiply_columns(iteration, steps, iteration->product, iteration->product, gram);
    eigen_whiten(gram, WIDTH, change);
    iteration->change = change;
    steps_run_whole(steps, "vectors", pieces_of(iteration->learning->item_count), change_piece, iteration);
}

/* ---- all of it */

static void create_iteration(struct iteration *iteration, const struct learning *learning, uint64_t seed)
{
    size_t items = learning->item_count;
    *iteration = (struct iteration){.learning = learning};
    iteration->user_scales = memory_alloc(learning->user_count, sizeof(float));
    iteration->item_scales = memory_alloc(items, sizeof(float));
    iteration->basis = memory_alloc(items * WIDTH, sizeof(float));
    iteration->product = memory_alloc(items * WIDTH, sizeof(float));
    iteration->sums = memory_alloc((size_t)CHUNK * WIDTH, sizeof(float));
    iteration->cursors = memory_alloc(items, sizeof(*iteration->cursors));
    iteration->partial = memory_alloc(pieces_of(learning->item_count) * WIDTH * WIDTH, sizeof(double));
    for (uint32_t user = 0; user < learning->user_count; user++)
        iteration->user_scales[user] = 1 / sqrtf(learning->user_degrees[user]);
    for (size_t item = 0; item < items; item++) {
        iteration->item_scales[item] = 1 / sqrtf(learning->item_degrees[item]);
        for (size_t i = 0; i < WIDTH && learning->item_counts[item]; i++)
            iteration->product[item * WIDTH + i] =
                (float)((double)(hash_draw(hash_draw(seed ^ item) + i) >> 11) * 0x1p-52 - 1);
    }
}

static void release_iteration(struct iteration *iteration)
{
    memory_free(iteration->user_scales);
    memory_free(iteration->item_scales);
    memory_free(iteration->basis);
    memory_free(iteration->product);
    memory_free(iteration->sums);
    memory_free(iteration->cursors);
    memory_free(iteration->partial);
}

/* The basis after all rounds; each round is stored in the place of the one before. */
static void iterate_basis(struct iteration *iteration, struct trainer_steps *steps)
{
    char name[32];
    size_t bytes = (size_t)iteration->learning->item_count * WIDTH * sizeof(float);
    uint64_t mark = steps_mark(steps);
    int done = ROUNDS + 1;
    /* The latest round that an earlier slice finished; 0 when there is none, and then the start is
     * orthonormalised first. */
    for (; done > 0; done--) {
        snprintf(name, sizeof(name), "vectors %d", done);
        if (steps_recall(steps, name, iteration->basis, bytes))
            break;
    }
    for (; done <= ROUNDS; done++) {
        if (done)
            multiply_matrix(iteration, steps);
        orthonormalise(iteration, steps);
        snprintf(name, sizeof(name), "vectors %d", done + 1);
        steps_conclude(steps, mark, name, iteration->basis, bytes);
    }
}

bool vectors_learn(const struct learning *learning, uint64_t seed, struct trainer_steps *steps,
                   float *vectors)
{
    struct iteration iteration;
    double matrix[WIDTH * WIDTH], values[WIDTH], turn[WIDTH * WIDTH];
    size_t items = learning->item_count;
    memset(vectors, 0, items * ENGINE_VECTOR_SIZE * sizeof(*vectors));
    if (items < ITEMS_MIN || !learning_size(learning))
        return false;
    create_iteration(&iteration, learning, seed);
    iterate_basis(&iteration, steps);
    multiply_matrix(&iteration, steps);
    multiply_columns(&iteration, steps, iteration.basis, iteration.product, matrix);
    eigen_decompose(matrix, WIDTH, values, turn);
    for (size_t item = 0; item < items; item++) {
        for (size_t i = 0; i < ENGINE_VECTOR_SIZE; i++) {
            double sum = 0;
            for (size_t k = 0; k < WIDTH; k++)
                sum += (double)iteration.basis[item * WIDTH + k] * turn[k * WIDTH + i];
            vectors[item * ENGINE_VECTOR_SIZE + i] = (float)(sum * sqrt(fmax(values[i], 0)));
        }
    }
    release_iteration(&iteration);
    /* With popularity taken out, a shop in which everybody had the same has nothing left to learn from. */
    return values[0] > 1e-6;
}
