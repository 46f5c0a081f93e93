/* Signed feature hashing of words and trigrams; see text_vector.h.
 *
 * Sums are integers (square roots in 1/256), so the result does not depend on the order of additions or on
 * fused multiply-add; only two correctly rounded operations follow. */
#include "engine/text_vector.h"

#include "base/hash.h"
#include "base/memory.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    MAX_FEATURES = 64 * 1024, /* bounds the work for an item with very many long fields */
    MAX_WORD_BYTES = 64,      /* longer ones are cut */
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

static bool is_letter(unsigned char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9') || byte >= 0x80;
}

static char fold_letter(char byte)
{
    return byte >= 'A' && byte <= 'Z' ? (char)(byte + ('a' - 'A')) : byte;
}

/* path is NULL but for fields. */
static void add_text(struct features *features, const char *text, const char *path)
{
    char word[MAX_WORD_BYTES + 2] = "^";
    size_t length = 1, end = strnlen(text, TEXT_VECTOR_MAX_BYTES);
    for (size_t i = 0; i <= end; i++) {
        char letter = i < end ? fold_letter(text[i]) : ' ';
        if (is_letter((unsigned char)letter)) {
            if (length <= MAX_WORD_BYTES)
                word[length++] = letter;
        } else if (length > 1) {
            word[length++] = '$';
            add_word(features, word, length, path);
            length = 1;
        }
    }
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
