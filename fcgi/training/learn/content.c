/* Likeness of items by their texts: sparse vectors and their nearest neighbours; see content.h.
 *
 * Each item is a bag of words: of its name, its description and its fields that are not numbers, the latter
 * once plain and once with their path, so that "brand: Apple" and a story about an apple differ. Words are
 * hashed into 2^18 signed buckets (Weinberger et al., ICML 2009), which needs no dictionary; the sign makes
 * collisions cancel on average. A word counts sqrt(tf) x idf with idf = log((1 + n) / holders), and vectors
 * have length 1, so that their inner product is the cosine. Words that more than a tenth of the items have
 * (and more than 1,000) are left out: they say nothing and would cost most of the time.
 *
 * Neighbours are exact: the inverted lists of the item's words are added up in a working row. What is stored
 * are the width strongest, chosen by likeness times kappa / (kappa + users of the target), so that room goes
 * to items which behaviour says little about; the stored value is the plain likeness.
 *
 * Cost: the sum over words of the square of their holders; 8 bytes a stored entry. What it does not do: no
 * stems, no synonyms, no embedding; the learned vectors (vectors.c) are for those. */
#include "training/learn/content.h"

#include "base/hash.h"
#include "base/memory.h"
#include "engine/search_words.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    BUCKETS = 1 << 18, /* signed feature hashing, Weinberger et al. 2009 */
    ITEM_WORDS_MAX = 4096,
    COMMON_MIN = 1000, /* a word of fewer items is never left out */
    PIECE = 64,
};
static const double common_share = 0.1;

struct feature {
    uint32_t bucket;
    float value;
};

struct content {
    uint32_t item_count;
    const uint32_t *users; /* by item */
    double kappa;
    size_t *starts; /* by item, into features */
    struct feature *features;
    size_t feature_count, feature_capacity;
    size_t *bucket_starts; /* inverted: into bucket_items */
    struct weighted_item *bucket_items;
    struct working_row *working;
    struct sparse_rows *rows;
};

/* Of one item; the top bit of a word is its sign. */
struct words {
    uint32_t hashes[ITEM_WORDS_MAX];
    size_t count;
};

static void add_word(struct words *words, const char *word, size_t length, const char *path)
{
    uint64_t hash = hash_bytes(HASH_START, path ? path : "", path ? strlen(path) : 0);
    hash = hash_bytes(hash, path ? "\1" : "\0", 1);
    hash = hash_spread(hash_bytes(hash, word, length));
    if (words->count < ITEM_WORDS_MAX)
        words->hashes[words->count++] = (uint32_t)(hash >> 32) % BUCKETS | (uint32_t)(hash << 31);
}

/* Where the words of one text go. */
struct text {
    struct words *words;
    const char *path; /* NULL but for fields */
};

static bool add_text_word(void *context, const char *word, size_t length)
{
    const struct text *text = context;
    add_word(text->words, word, length, NULL);
    if (text->path)
        add_word(text->words, word, length, text->path);
    return text->words->count < ITEM_WORDS_MAX;
}

/* What a word is, engine/search_words.h says, for likeness as for search: without markup, accents and case.
 */
static void add_text(struct words *words, const char *text, const char *path)
{
    search_words_split(text, add_text_word, &(struct text){.words = words, .path = path});
}

static int compare_words(const void *left, const void *right)
{
    uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
    return (a > b) - (a < b);
}

/* A description that repeats the name counts once. */
static void add_name(struct words *words, const char *name)
{
    size_t described = words->count, kept = described;
    if (described)
        qsort(words->hashes, described, sizeof(*words->hashes), compare_words);
    add_text(words, name, NULL);
    for (size_t i = described; i < words->count; i++)
        if (!described ||
            !bsearch(&words->hashes[i], words->hashes, described, sizeof(*words->hashes), compare_words))
            words->hashes[kept++] = words->hashes[i];
    words->count = kept;
}

/* Square roots of the counts, signed. */
static void add_features(struct content *content, struct words *words)
{
    if (words->count)
        qsort(words->hashes, words->count, sizeof(*words->hashes), compare_words);
    for (size_t i = 0, run; i < words->count; i += run) {
        for (run = 1; i + run < words->count && words->hashes[i + run] == words->hashes[i];)
            run++;
        if (content->feature_count == content->feature_capacity) {
            content->feature_capacity = content->feature_capacity * 2 + 4096;
            content->features =
                memory_resize(content->features, content->feature_capacity, sizeof(struct feature));
        }
        float value = sqrtf((float)run);
        content->features[content->feature_count++] = (struct feature){
            .bucket = words->hashes[i] % BUCKETS, .value = words->hashes[i] >> 31 ? -value : value};
    }
}

static void read_texts(struct content *content, const struct trainer *trainer)
{
    uint32_t count = content->item_count;
    struct words *words = memory_alloc(1, sizeof(*words));
    content->starts = memory_alloc((size_t)count + 1, sizeof(*content->starts));
    for (uint32_t rank = 0; rank < count; rank++) {
        const struct trainer_item *item = &trainer->items[trainer->trained.order[rank]];
        words->count = 0;
        add_text(words, item->description, NULL);
        add_name(words, item->name);
        for (size_t i = item->field_first; i < item->field_first + item->field_count; i++)
            if (isnan(trainer->fields[i].number))
                add_text(words, intern_text(trainer->texts, trainer->fields[i].text),
                         intern_text(trainer->paths, trainer->fields[i].path));
        add_features(content, words);
        content->starts[rank + 1] = content->feature_count;
    }
    memory_free(words);
}

/* Times idf, then each item's features to length 1. Common words get 0. The length is taken after common words
 * are out, so that a long description full of them is not punished. */
static void weigh_features(struct content *content)
{
    uint32_t count = content->item_count;
    uint32_t *holders = memory_alloc(BUCKETS, sizeof(*holders));
    for (size_t i = 0; i < content->feature_count; i++)
        holders[content->features[i].bucket]++;
    for (uint32_t item = 0; item < count; item++) {
        double squares = 0;
        for (size_t i = content->starts[item]; i < content->starts[item + 1]; i++) {
            struct feature *feature = &content->features[i];
            double have = holders[feature->bucket];
            bool common = have > COMMON_MIN && have > common_share * count;
            feature->value *= common ? 0 : (float)log((1.0 + count) / have);
            squares += (double)feature->value * (double)feature->value;
        }
        for (size_t i = content->starts[item]; i < content->starts[item + 1]; i++)
            if (squares > 0)
                content->features[i].value /= (float)sqrt(squares);
    }
    memory_free(holders);
}

static void invert_features(struct content *content)
{
    size_t *starts = memory_alloc(BUCKETS + 1, sizeof(*starts));
    content->bucket_items = memory_alloc(content->feature_count, sizeof(*content->bucket_items));
    for (size_t i = 0; i < content->feature_count; i++)
        starts[content->features[i].bucket + 1] += content->features[i].value != 0;
    for (size_t i = 0; i < BUCKETS; i++)
        starts[i + 1] += starts[i];
    for (uint32_t item = 0; item < content->item_count; item++)
        for (size_t i = content->starts[item]; i < content->starts[item + 1]; i++)
            if (content->features[i].value != 0)
                content->bucket_items[starts[content->features[i].bucket]++] =
                    (struct weighted_item){.weight = content->features[i].value, .item = item};
    memmove(starts + 1, starts, BUCKETS * sizeof(*starts));
    starts[0] = 0;
    content->bucket_starts = starts;
}

static void find_alike(const struct content *content, uint32_t item, struct working_row *row)
{
    for (size_t i = content->starts[item]; i < content->starts[item + 1]; i++) {
        struct feature feature = content->features[i];
        if (feature.value == 0)
            continue;
        for (size_t k = content->bucket_starts[feature.bucket];
             k < content->bucket_starts[feature.bucket + 1]; k++)
            working_row_add(row, content->bucket_items[k].item,
                            feature.value * content->bucket_items[k].weight);
    }
    if (row->used[item])
        row->values[item] = 0;
}

/* Picks by likeness times share, stores the likeness. */
static void compute_piece(void *context, size_t piece, unsigned thread)
{
    struct content *content = context;
    struct working_row *row = &content->working[thread];
    for (size_t item = piece * PIECE; item < (piece + 1) * PIECE && item < content->item_count; item++) {
        struct weighted_item *entries = sparse_rows_of(content->rows, (uint32_t)item);
        find_alike(content, (uint32_t)item, row);
        for (size_t i = 0; i < row->count; i++)
            row->values[row->items[i]] *= content_share(content->kappa, content->users[row->items[i]]);
        size_t count = working_row_best(row, content->rows->width, true);
        for (size_t i = 0; i < count; i++) {
            entries[i] = row->best[i];
            entries[i].weight /= content_share(content->kappa, content->users[entries[i].item]);
        }
        content->rows->lengths[item] = (uint32_t)count;
        working_row_clear(row);
    }
}

void content_compute(const struct trainer *trainer, const uint32_t *users, double kappa, size_t width,
                     struct trainer_steps *steps, struct sparse_rows *rows)
{
    struct working_row working[TRAINER_THREADS_MAX];
    uint32_t count = intern_count(trainer->ids);
    struct content content = {
        .item_count = count, .users = users, .kappa = kappa, .working = working, .rows = rows};
    const struct step_part part = {.rows = rows, .count = count, .per_piece = PIECE};
    sparse_rows_create(rows, count, width);
    read_texts(&content, trainer);
    weigh_features(&content);
    invert_features(&content);
    for (unsigned i = 0; i < steps->threads; i++)
        working_row_create(&working[i], count);
    steps_run(steps, "texts", (count + (size_t)PIECE - 1) / PIECE, compute_piece, &content, &part, 1);
    for (unsigned i = 0; i < steps->threads; i++)
        working_row_release(&working[i]);
    memory_free(content.starts);
    memory_free(content.features);
    memory_free(content.bucket_starts);
    memory_free(content.bucket_items);
}
