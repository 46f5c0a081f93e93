/* From texts to learned vectors by ridge regression; see vectors.h.
 *
 * A new item has a text and no events. So a linear map from hashed features of texts (engine/text_vector.h)
 * to the learned space is fitted on the items that have events, and the workers apply it to whatever is new:
 *
 *     W = (F' C F + lambda I)^-1 F' C V
 *
 * F are the features of a sample of items, V their learned vectors of length 1, and C weighs an item with n
 * users by n / (n + kappa), since the vector of an item that hardly anybody had says little. Features have
 * length 1, so lambda = 10 is ten items' worth of doubt.
 *
 * The vectors that the model stores are the blend n : kappa of what was learned and what the text says, of
 * length 1 again. An item with many users is itself; one with none is its description.
 *
 * The sample has at most about 20,000 items, taken at equal distances in the order of ids, since 512 features
 * need no more. Cost: sample x features^2 additions, and one inversion of features x features (dense.c).
 *
 * With too little to learn from there is no map, and the items' plain text vectors stand in. */
#include "base/memory.h"
#include "engine/item_vector.h"
#include "engine/text_vector.h"
#include "training/learn/dense.h"
#include "training/learn/vectors.h"

#include <string.h>

enum { FEATURES = ITEM_VECTOR_FEATURES, SIZE = ENGINE_VECTOR_SIZE, SAMPLE = 20000, PIECE = 16 };
static const double kappa = 5;     /* events at which the text counts half */
static const double strength = 10; /* of the ridge; each item's features have length 1 */

struct regression {
    const struct trainer *trainer;
    const struct learning *learning;
    const float *learned; /* by item: SIZE, normalised */
    float *vectors;       /* by item: SIZE, the result */
    uint32_t *sample;     /* items that it is learned from */
    size_t sample_count;
    float *features; /* by place in the sample: FEATURES */
    float *system;   /* FEATURES x (FEATURES + SIZE) */
    float *map;      /* FEATURES x SIZE */
};

DENSE_FAST static void add_scaled(float *restrict target, const float *restrict source, float factor,
                                  size_t count)
{
    for (size_t i = 0; i < count; i++)
        target[i] += factor * source[i];
}

static float share_of(const struct learning *learning, uint32_t item)
{
    double count = learning->item_counts[item];
    return (float)(count / (count + kappa));
}

/* The fields were kept in pieces. */
static void read_features(const struct trainer *trainer, uint32_t rank, float *features)
{
    const struct trainer_item *own = &trainer->items[trainer->trained.order[rank]];
    struct engine_field *fields = memory_alloc(own->field_count, sizeof(*fields));
    for (size_t i = 0; i < own->field_count; i++) {
        const struct trainer_field *field = &trainer->fields[own->field_first + i];
        fields[i] = (struct engine_field){.path = intern_text(trainer->paths, field->path),
                                          .text = intern_text(trainer->texts, field->text),
                                          .number = field->number};
    }
    struct engine_item item = {.name = own->name,
                               .description = own->description,
                               .fields = fields,
                               .field_count = own->field_count};
    text_vector_hash(&item, features, FEATURES);
    memory_free(fields);
}

/* Items with events, evenly from all. */
static void draw_sample(struct regression *regression)
{
    uint32_t items = regression->learning->item_count, known = 0, met = 0;
    for (uint32_t item = 0; item < items; item++)
        known += regression->learning->item_counts[item] > 0;
    uint32_t every = known / SAMPLE + 1;
    regression->sample = memory_alloc(known / every + 1, sizeof(*regression->sample));
    for (uint32_t item = 0; item < items; item++)
        if (regression->learning->item_counts[item] && met++ % every == 0)
            regression->sample[regression->sample_count++] = item;
}

static void read_piece(void *context, size_t piece, unsigned thread)
{
    const struct regression *regression = context;
    (void)thread;
    for (size_t i = piece * PIECE; i < (piece + 1) * PIECE && i < regression->sample_count; i++)
        read_features(regression->trainer, regression->sample[i], regression->features + i * FEATURES);
}

/* Some lines of the normal equations. */
static void sum_piece(void *context, size_t piece, unsigned thread)
{
    const struct regression *regression = context;
    (void)thread;
    for (size_t line = piece * PIECE; line < (piece + 1) * PIECE; line++) {
        float *left = regression->system + line * (FEATURES + SIZE);
        for (size_t i = 0; i < regression->sample_count; i++) {
            const float *features = regression->features + i * FEATURES;
            uint32_t item = regression->sample[i];
            float factor = features[line] * share_of(regression->learning, item);
            if (factor == 0)
                continue;
            add_scaled(left, features, factor, FEATURES);
            add_scaled(left + FEATURES, regression->learned + (size_t)item * SIZE, factor, SIZE);
        }
    }
}

static bool solve_map(struct regression *regression, unsigned threads)
{
    float *matrix = memory_alloc((size_t)FEATURES * FEATURES, sizeof(*matrix));
    for (size_t line = 0; line < FEATURES; line++) {
        memcpy(matrix + line * FEATURES, regression->system + line * (FEATURES + SIZE),
               FEATURES * sizeof(*matrix));
        matrix[line * FEATURES + line] += (float)strength;
    }
    bool good = dense_invert(matrix, FEATURES, threads);
    for (size_t line = 0; line < FEATURES && good; line++)
        for (size_t k = 0; k < FEATURES; k++)
            add_scaled(regression->map + line * SIZE, regression->system + k * (FEATURES + SIZE) + FEATURES,
                       matrix[line * FEATURES + k], SIZE);
    memory_free(matrix);
    return good;
}

/* n of its own vector to kappa of what the text says. */
static void blend_piece(void *context, size_t piece, unsigned thread)
{
    const struct regression *regression = context;
    float features[FEATURES], said[SIZE];
    (void)thread;
    for (size_t item = piece * PIECE; item < (piece + 1) * PIECE && item < regression->learning->item_count;
         item++) {
        float *vector = regression->vectors + item * SIZE,
              share = share_of(regression->learning, (uint32_t)item);
        read_features(regression->trainer, (uint32_t)item, features);
        item_vector_map(regression->map, features, said);
        for (size_t i = 0; i < SIZE; i++)
            vector[i] = share * regression->learned[item * SIZE + i] + (1 - share) * said[i];
        item_vector_normalise(vector);
    }
}

static size_t pieces_of(size_t count)
{
    return (count + PIECE - 1) / PIECE;
}

static void map_texts(struct regression *regression, struct trainer_steps *steps)
{
    draw_sample(regression);
    regression->features = memory_alloc(regression->sample_count * FEATURES, sizeof(float));
    regression->system = memory_alloc((size_t)FEATURES * (FEATURES + SIZE), sizeof(float));
    steps_run_whole(steps, "vectors", pieces_of(regression->sample_count), read_piece, regression);
    steps_run_whole(steps, "vectors", pieces_of(FEATURES), sum_piece, regression);
    if (!steps->stopped && !solve_map(regression, steps->threads))
        memset(regression->map, 0, ITEM_VECTOR_MAP_BYTES);
    steps_run_whole(steps, "vectors", pieces_of(regression->learning->item_count), blend_piece, regression);
    memory_free(regression->sample);
    memory_free(regression->features);
    memory_free(regression->system);
}

void trainer_build_vectors(struct trainer *trainer, const struct learning *learning)
{
    struct trained *trained = &trainer->trained;
    size_t items = learning->item_count;
    float *learned = memory_alloc(items * SIZE, sizeof(*learned));
    trained->item_vectors = memory_alloc(items * SIZE, sizeof(*learned));
    if (vectors_learn(learning, trainer->options.seed, &trainer->steps, learned)) {
        trained->text_map = memory_alloc(ITEM_VECTOR_MAP_BYTES, 1);
        for (size_t item = 0; item < items; item++)
            item_vector_normalise(learned + item * SIZE);
        struct regression regression = {.trainer = trainer,
                                        .learning = learning,
                                        .learned = learned,
                                        .vectors = trained->item_vectors,
                                        .map = trained->text_map};
        map_texts(&regression, &trainer->steps);
    } else {
        for (uint32_t rank = 0; rank < items; rank++)
            memcpy(trained->item_vectors + rank * (size_t)SIZE, trainer->items[trained->order[rank]].vector,
                   SIZE * sizeof(float));
    }
    memory_free(learned);
}
