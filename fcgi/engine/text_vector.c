/* Signed feature hashing of words and trigrams; see text_vector.h.
 *
 * The problem: an item that was added a minute ago has no events, only a text. To recommend it beside items
 * like it, texts have to be compared, with all others, in a few milliseconds, and by worker and trainer
 * alike.
 *
 * The idea: features of the text are its words and the runs of three bytes in them ("^kettle$" has "^ke",
 * "ket", "ett" ...), so that "kettles" is near "kettle" and compound words are near their parts. A word of a
 * field also counts once with the field's path: "orange" the colour is not "orange" the taste. Each feature
 * is hashed to one of the vector's places and to a sign, and adds
 *
 *   sign x weight x sqrt(times that it occurs)      weight: 2 for a word, 1 for three bytes of one
 *
 * there; the sum is normalised. With random signs the product of two such vectors is, in the mean, that of
 * the full vectors of features (Weinberger, Dasgupta, Langford, Smola, Attenberg, ICML 2009); with 64 places
 * its error is about 1/8, which is why recommender/text_ranker.c takes nothing below 0.35 for likeness.
 *
 * Cost: linear in the text but for one sort of its features; ENGINE_VECTOR_SIZE floats are kept. At most
 * MAX_FEATURES count, and MAX_TEXT_WORDS of a text.
 *
 * Sums are integers (square roots in 1/256), so the result does not depend on the order of additions or on
 * fused multiply-add; only two correctly rounded operations follow.
 *
 * It does not: know that a sofa is a couch (the learned vectors do, item_vector.h), or how rare a word is. */
#include "engine/text_vector.h"

#include "base/hash.h"
#include "base/memory.h"
#include "engine/search_words.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    MAX_FEATURES = 64 * 1024, /* bounds the work for an item with very many long fields */
    MAX_TEXT_WORDS = 4096,    /* of one text: more than any description has */
    NAME_TIMES = 2,           /* how often a name counts */
    WORD_WEIGHT = 2,          /* against 1 for one of its trigrams */
    ROOT_UNIT = 256,
};

/* A feature is a hash, whose lowest bit says whether it is a word. */
struct features {
    uint64_t *hashes;
    size_t count;
    size_t capacity;
};

static void add_feature(struct features *features, uint64_t hash, bool is_word)
{
    if (features->count == MAX_FEATURES)
        return;
    if (features->count == features->capacity) {
        features->capacity = features->capacity * 2 + 256;
        features->hashes = memory_resize(features->hashes, features->capacity, sizeof(*features->hashes));
    }
    features->hashes[features->count++] = (hash & ~UINT64_C(1)) | is_word;
}

/* word has a '^' before and a '$' behind, which count in its trigrams. */
static void add_word(struct features *features, const char *word, size_t length, const char *path)
{
    add_feature(features, hash_bytes(HASH_START, word, length), true);
    if (path)
        add_feature(features, hash_bytes(hash_bytes(HASH_START, path, strlen(path) + 1), word, length), true);
    for (size_t i = 0; i + 3 <= length; i++)
        add_feature(features, hash_bytes(HASH_START, word + i, 3), false);
}

struct text {
    struct features *features;
    const char *path; /* NULL but for fields */
    size_t words;
};

static bool add_text_word(void *context, const char *letters, size_t length)
{
    struct text *text = context;
    char word[SEARCH_WORD_BYTES + 2] = "^";
    memcpy(word + 1, letters, length);
    word[length + 1] = '$';
    add_word(text->features, word, length + 2, text->path);
    return ++text->words < MAX_TEXT_WORDS && text->features->count < MAX_FEATURES;
}

static void add_text(struct features *features, const char *text, const char *path)
{
    search_words_split(text, add_text_word, &(struct text){.features = features, .path = path});
}

static void add_item(struct features *features, const struct engine_item *item)
{
    for (int i = 0; i < NAME_TIMES && item->name; i++)
        add_text(features, item->name, NULL);
    if (item->description)
        add_text(features, item->description, NULL);
    for (size_t i = 0; i < item->field_count && features->count < MAX_FEATURES; i++)
        if (isnan(item->fields[i].number))
            add_text(features, item->fields[i].text, item->fields[i].path);
}

static int compare_hashes(const void *left, const void *right)
{
    uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;
    return (a > b) - (a < b);
}

static void add_to_sums(int64_t *sums, int dimensions, uint64_t feature, size_t count)
{
    uint64_t mixed = hash_spread(feature);
    int64_t weight = (int64_t)(sqrt((double)count) * ROOT_UNIT);
    if (feature & 1)
        weight *= WORD_WEIGHT;
    sums[(mixed >> 32) % (uint64_t)dimensions] += mixed >> 63 ? -weight : weight;
}

static void normalise(const int64_t *sums, float *vector, int dimensions)
{
    int64_t squares = 0;
    for (int i = 0; i < dimensions; i++)
        squares += sums[i] * sums[i];
    double norm = sqrt((double)squares);
    for (int i = 0; i < dimensions; i++)
        vector[i] = squares ? (float)((double)sums[i] / norm) : 0;
}

void text_vector_hash(const struct engine_item *item, float *vector, int dimensions)
{
    struct features features = {0};
    int64_t sums[TEXT_VECTOR_DIMENSIONS_MAX] = {0};
    add_item(&features, item);
    if (features.count)
        qsort(features.hashes, features.count, sizeof(*features.hashes), compare_hashes);
    for (size_t i = 0, run; i < features.count; i += run) {
        for (run = 1; i + run < features.count && features.hashes[i + run] == features.hashes[i];)
            run++;
        add_to_sums(sums, dimensions, features.hashes[i], run);
    }
    memory_free(features.hashes);
    normalise(sums, vector, dimensions);
}

void text_vector_compute(const struct engine_item *item, float vector[ENGINE_VECTOR_SIZE])
{
    text_vector_hash(item, vector, ENGINE_VECTOR_SIZE);
}

/* Eight sums side by side, always joined in the same order: fast without leave to reorder additions. */
float text_vector_cosine(const float left[ENGINE_VECTOR_SIZE], const float right[ENGINE_VECTOR_SIZE])
{
    enum { LANES = 8 };
    static_assert(ENGINE_VECTOR_SIZE % LANES == 0, "no rest");
    float sums[LANES] = {0}, sum = 0;
    for (int i = 0; i < ENGINE_VECTOR_SIZE; i += LANES)
        for (int lane = 0; lane < LANES; lane++)
            sums[lane] += left[i + lane] * right[i + lane];
    for (int lane = 0; lane < LANES; lane++)
        sum += sums[lane];
    return isfinite(sum) ? sum : 0;
}
