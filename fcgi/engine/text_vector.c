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
 * Cost: linear in the text; ENGINE_VECTOR_SIZE floats are kept. At most MAX_FEATURES count, and MAX_TEXT_WORDS
 * of a text. How often a feature occurs is counted in a table by its hash (open addressing, linear probing, at
 * most half full), whose places follow a key of this process, so that no text can be written that makes every
 * probe a long one.
 *
 * Sums are integers (square roots in 1/256), so the result does not depend on the order of additions, nor on
 * that key, or on fused multiply-add; only two correctly rounded operations follow.
 *
 * It does not: know that a sofa is a couch (the learned vectors do, item_vector.h), or how rare a word is. */
#include "engine/text_vector.h"

#include "base/hash.h"
#include "base/memory.h"
#include "engine/search_words.h"

#include <assert.h>
#include <math.h>
#include <string.h>

enum {
    MAX_FEATURES = 64 * 1024, /* bounds the work for an item with very many long fields */
    MAX_TEXT_WORDS = 4096,    /* of one text: more than any description has */
    NAME_TIMES = 2,           /* how often a name counts */
    WORD_WEIGHT = 2,          /* against 1 for one of its trigrams */
    ROOT_UNIT = 256,
};

/* A feature is a hash, whose lowest bit says whether it is a word. */
struct feature {
    uint64_t hash;
    uint32_t times; /* that it occurs; 0: the slot is free */
};

struct features {
    uint64_t key;
    struct feature *slots;
    size_t slot_count; /* 0 or a power of two */
    size_t distinct;
    size_t count; /* with repetitions */
};

static struct feature *find_slot(const struct features *features, uint64_t hash)
{
    size_t mask = features->slot_count - 1, slot = (size_t)hash_finish(hash ^ features->key) & mask;
    while (features->slots[slot].times && features->slots[slot].hash != hash)
        slot = (slot + 1) & mask;
    return &features->slots[slot];
}

static void grow_slots(struct features *features)
{
    enum { FIRST_SLOTS = 1024 };
    struct feature *former = features->slots;
    size_t former_count = features->slot_count;
    features->slot_count = former_count ? former_count * 2 : FIRST_SLOTS;
    features->slots = memory_alloc(features->slot_count, sizeof(*features->slots));
    for (size_t i = 0; i < former_count; i++)
        if (former[i].times)
            *find_slot(features, former[i].hash) = former[i];
    memory_free(former);
}

static void add_feature(struct features *features, uint64_t hash, bool is_word)
{
    if (features->count == MAX_FEATURES)
        return;
    if (features->distinct * 2 >= features->slot_count)
        grow_slots(features);
    struct feature *feature = find_slot(features, (hash & ~UINT64_C(1)) | is_word);
    features->distinct += !feature->times;
    features->count++;
    feature->hash = (hash & ~UINT64_C(1)) | is_word;
    feature->times++;
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

/* The sums of one vector. */
struct sums {
    int64_t values[TEXT_VECTOR_DIMENSIONS_MAX];
    uint64_t dimensions;
};

static void add_to_sums(struct sums *sums, const struct feature *feature)
{
    uint64_t mixed = hash_spread(feature->hash);
    int64_t weight = (int64_t)(sqrt((double)feature->times) * ROOT_UNIT);
    if (feature->hash & 1)
        weight *= WORD_WEIGHT;
    sums->values[(mixed >> 32) % sums->dimensions] += mixed >> 63 ? -weight : weight;
}

static void normalise(const struct sums *sums, float *vector)
{
    int64_t squares = 0;
    for (uint64_t i = 0; i < sums->dimensions; i++)
        squares += sums->values[i] * sums->values[i];
    double norm = sqrt((double)squares);
    for (uint64_t i = 0; i < sums->dimensions; i++)
        vector[i] = squares ? (float)((double)sums->values[i] / norm) : 0;
}

static void sum_features(const struct features *features, float *vector, int dimensions)
{
    struct sums sums = {.dimensions = (uint64_t)dimensions};
    for (size_t i = 0; i < features->slot_count; i++)
        if (features->slots[i].times)
            add_to_sums(&sums, &features->slots[i]);
    normalise(&sums, vector);
}

void text_vector_hash_both(const struct engine_item *item, float *vector, float *more, int dimensions)
{
    struct features features = {.key = hash_process_key()};
    add_item(&features, item);
    if (vector)
        sum_features(&features, vector, ENGINE_VECTOR_SIZE);
    if (more)
        sum_features(&features, more, dimensions);
    memory_free(features.slots);
}

void text_vector_hash(const struct engine_item *item, float *vector, int dimensions)
{
    text_vector_hash_both(item, NULL, vector, dimensions);
}

void text_vector_compute(const struct engine_item *item, float vector[ENGINE_VECTOR_SIZE])
{
    text_vector_hash_both(item, vector, NULL, 0);
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
