/* Words to items; see text_search.h. */
#include "engine/text_search.h"

#include "engine/search_words.h"
#include "engine/text_weight.h"
#include "engine/word_distance.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    PREFIX_BYTES_MIN = 3,
    NEAR_BYTES_MIN = 4,
    NEAR_TWICE_BYTES_MIN = 8,
    PREFIX_WORDS_MAX = 500, /* a beginning that so many words share says little */
    LIVE_MATCHES = 64,      /* different words of one changed item that a query meets */
};

static const float plural_weight = 0.9F, prefix_weight = 0.7F, near_weight = 0.6F, twice_weight = 0.4F;

struct word {
    char text[SEARCH_WORD_BYTES + 1]; /* a zero behind */
    size_t length;
};

struct query_word {
    struct word word;
    uint32_t mask;
    bool is_known; /* some item has exactly this word */
    float rarity;  /* inverse document frequency */
};

struct search {
    const struct text_query *query;
    const struct model *model; /* NULL: none */
    struct query_word words[TEXT_SEARCH_WORDS];
    size_t word_count;
    float *totals; /* by item */
    float *best;   /* by item: of the word in hand */
    uint32_t *touched;
    size_t touched_count;
};

/* ---- What a word of the catalogue is to a word of the query: 0 nothing, 1 the same. */

static bool differs_by_plural(const struct word *longer, const char *text, size_t length)
{
    return longer->length == length + 1 && longer->text[length] == 's' && length >= 2 &&
           !memcmp(longer->text, text, length);
}

static float likeness(const struct query_word *wanted, const char *text, size_t length)
{
    const struct word *word = &wanted->word;
    if (word->length == length && !memcmp(word->text, text, length))
        return 1;
    if (differs_by_plural(word, text, length) ||
        (length == word->length + 1 && length > 2 && text[length - 1] == 's' &&
         !memcmp(word->text, text, word->length)))
        return plural_weight;
    if (word->length >= PREFIX_BYTES_MIN && length > word->length && !memcmp(word->text, text, word->length))
        return prefix_weight * (float)word->length / (float)length;
    if (wanted->is_known || word->length < NEAR_BYTES_MIN)
        return 0;
    if (words_are_near(word->text, word->length, text, length, 1))
        return near_weight;
    if (word->length >= NEAR_TWICE_BYTES_MIN && words_are_near(word->text, word->length, text, length, 2))
        return twice_weight;
    return 0;
}

/* ---- Items of the model, by its index */

/* The first word of the index that is not before text. */
static uint32_t find_word(const struct model *model, const char *text)
{
    uint32_t low = 0, high = model_word_count(model);
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (strcmp(model_word(model, middle), text) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void touch(struct search *search, uint32_t item, float score)
{
    if (score <= 0) /* of a damaged file */
        return;
    if (search->best[item] == 0)
        search->touched[search->touched_count++] = item;
    if (score > search->best[item])
        search->best[item] = score;
}

static void add_postings(struct search *search, uint32_t number, float factor)
{
    struct model_postings postings = model_word_postings(search->model, number);
    uint32_t items = model_item_count(search->model);
    for (size_t i = 0; i < postings.count; i++) {
        uint32_t item = postings.items[i];
        if (item < items && !catalogue_is_changed(search->query->catalogue, item))
            touch(search, item, factor * (float)postings.weights[i] / UINT8_MAX);
    }
}

static void add_word_number(struct search *search, const struct query_word *wanted, uint32_t number)
{
    const char *text = model_word(search->model, number);
    float factor = likeness(wanted, text, strlen(text));
    if (factor > 0)
        add_postings(search, number, factor * wanted->rarity);
}

/* The word itself and those that begin with it lie side by side. */
static uint32_t add_beginning(struct search *search, const struct query_word *wanted, uint32_t first)
{
    uint32_t number = first, end = model_word_count(search->model);
    for (; number < end && number - first < PREFIX_WORDS_MAX; number++) {
        if (strncmp(model_word(search->model, number), wanted->word.text, wanted->word.length))
            break;
        add_word_number(search, wanted, number);
    }
    return number;
}

/* Every other word, the mask first: it rules out nearly all of them. */
static void add_near(struct search *search, const struct query_word *wanted, uint32_t first, uint32_t end)
{
    const uint32_t *masks = model_word_masks(search->model);
    int limit = wanted->word.length >= NEAR_TWICE_BYTES_MIN ? 4 : 2;
    for (uint32_t number = 0; number < model_word_count(search->model); number++) {
        bool done = number >= first && number < end;
        if (!done && __builtin_popcount(masks[number] ^ wanted->mask) <= limit)
            add_word_number(search, wanted, number);
    }
}

static void add_singular(struct search *search, const struct query_word *wanted)
{
    struct word word = wanted->word;
    if (word.length < 3 || word.text[word.length - 1] != 's')
        return;
    word.text[--word.length] = '\0';
    uint32_t number = find_word(search->model, word.text);
    if (number < model_word_count(search->model) && !strcmp(model_word(search->model, number), word.text))
        add_word_number(search, wanted, number);
}

static void search_model(struct search *search, const struct query_word *wanted)
{
    uint32_t first = find_word(search->model, wanted->word.text);
    uint32_t end = add_beginning(search, wanted, first);
    if (!wanted->is_known && wanted->word.length >= NEAR_BYTES_MIN)
        add_near(search, wanted, first, end);
    else
        add_singular(search, wanted);
}

/* ---- Items that changed since */

struct live_match {
    struct word word;
    float factor, frequency;
};

struct live_item {
    const struct query_word *wanted;
    struct live_match matches[LIVE_MATCHES];
    size_t count;
};

static bool is_word(const struct word *word, const char *text, size_t length)
{
    return word->length == length && !memcmp(word->text, text, length);
}

static struct word make_word(const char *text, size_t length)
{
    struct word word = {.length = length};
    memcpy(word.text, text, length);
    return word;
}

static void meet_word(void *context, const char *word, size_t length, float frequency)
{
    struct live_item *live = context;
    float factor = likeness(live->wanted, word, length);
    if (factor == 0)
        return;
    for (size_t i = 0; i < live->count; i++) {
        if (is_word(&live->matches[i].word, word, length)) {
            live->matches[i].frequency += frequency;
            return;
        }
    }
    if (live->count < LIVE_MATCHES)
        live->matches[live->count++] = (struct live_match){make_word(word, length), factor, frequency};
}

/* What a word of the query is worth in an item as it is given. */
static float weigh_content(const struct query_word *wanted, const struct engine_item *content)
{
    struct live_item live = {.wanted = wanted};
    float best = 0;
    text_weight_visit_item(content, meet_word, &live);
    for (size_t i = 0; i < live.count; i++)
        best = fmaxf(best, live.matches[i].factor * text_weight_of(live.matches[i].frequency));
    return best * wanted->rarity;
}

static void search_live(struct search *search, const struct query_word *wanted, uint32_t item)
{
    struct engine_item content;
    if (!catalogue_is_active(search->query->catalogue, item))
        return;
    catalogue_get(search->query->catalogue, item, &content);
    float weight = weigh_content(wanted, &content);
    if (weight > 0)
        touch(search, item, weight);
}

/* Calls each for every item whose words are not in the index. */
static void each_live(struct search *search, struct query_word *wanted,
                      void each(struct search *, struct query_word *, uint32_t item))
{
    const struct catalogue *catalogue = search->query->catalogue;
    uint32_t item, added = search->model ? model_item_count(search->model) : 0;
    for (size_t cursor = 0; catalogue_next_changed(catalogue, &cursor, &item);)
        each(search, wanted, item);
    for (item = added; item < catalogue_item_count(catalogue); item++)
        each(search, wanted, item);
}

static void add_live(struct search *search, struct query_word *wanted, uint32_t item)
{
    search_live(search, wanted, item);
}

static void look_for_same(void *context, const char *word, size_t length, float frequency)
{
    struct query_word *wanted = context;
    (void)frequency;
    wanted->is_known = wanted->is_known || is_word(&wanted->word, word, length);
}

static void know_live(struct search *search, struct query_word *wanted, uint32_t item)
{
    struct engine_item content;
    if (wanted->is_known || !catalogue_is_active(search->query->catalogue, item))
        return;
    catalogue_get(search->query->catalogue, item, &content);
    text_weight_visit_item(&content, look_for_same, wanted);
}

/* ---- The query */

/* How many items have a word says how much it tells; for one that the index lacks as if one had it. */
static void weigh_word(struct search *search, struct query_word *wanted)
{
    double items = catalogue_item_count(search->query->catalogue), with = 1;
    if (search->model) {
        uint32_t number = find_word(search->model, wanted->word.text);
        bool same = number < model_word_count(search->model) &&
                    !strcmp(model_word(search->model, number), wanted->word.text);
        wanted->is_known = same;
        with = same ? (double)model_word_postings(search->model, number).count : 1;
    }
    each_live(search, wanted, know_live);
    with = with < items ? with : items;
    wanted->rarity = (float)log(1 + (items - with + 0.5) / (with + 0.5));
}

static void read_word(void *context, const char *text, size_t length)
{
    struct search *search = context;
    if (search->word_count == TEXT_SEARCH_WORDS)
        return;
    for (size_t i = 0; i < search->word_count; i++) {
        if (is_word(&search->words[i].word, text, length))
            return;
    }
    struct query_word *wanted = &search->words[search->word_count++];
    *wanted = (struct query_word){.word = make_word(text, length)};
    wanted->mask = word_mask(wanted->word.text);
    weigh_word(search, wanted);
}

static void search_word(struct search *search, struct query_word *wanted)
{
    search->touched_count = 0;
    if (search->model)
        search_model(search, wanted);
    each_live(search, wanted, add_live);
    for (size_t i = 0; i < search->touched_count; i++) {
        uint32_t item = search->touched[i];
        search->totals[item] += search->best[item];
        search->best[item] = 0;
    }
}

/* The item with nothing but the columns that were asked for. */
static void keep_columns(const struct text_query *query, struct engine_item *content, uint32_t item,
                         struct engine_field *fields)
{
    struct engine_item whole;
    catalogue_get(query->catalogue, item, &whole);
    *content = (struct engine_item){.id = whole.id, .fields = fields};
    for (size_t i = 0; i < query->field_count; i++) {
        const char *path, *text;
        enum catalogue_column_kind kind = catalogue_column_kind(query->fields[i], &path);
        if (kind == CATALOGUE_COLUMN_NAME)
            content->name = whole.name;
        else if (kind == CATALOGUE_COLUMN_DESCRIPTION)
            content->description = whole.description;
        else if (catalogue_first_text(query->catalogue, item, query->fields[i], &text))
            fields[content->field_count++] =
                (struct engine_field){.path = "", .text = text, .number = (double)NAN};
    }
}

/* The index knows not from which column a word is: so what it found is weighed again. */
static float weigh_columns(const struct search *search, struct engine_field *fields, uint32_t item)
{
    struct engine_item content;
    float total = 0;
    keep_columns(search->query, &content, item, fields);
    for (size_t i = 0; i < search->word_count; i++)
        total += weigh_content(&search->words[i], &content);
    return total;
}

static int compare_hits(const void *left, const void *right, void *context)
{
    const struct text_hit *a = left, *b = right;
    const struct catalogue *catalogue = context;
    if (a->score != b->score)
        return a->score < b->score ? 1 : -1;
    return strcmp(catalogue_id(catalogue, a->item), catalogue_id(catalogue, b->item));
}

size_t text_search(const struct text_query *query, struct arena *arena, struct text_hit *hits)
{
    struct search search = {.query = query, .model = catalogue_model(query->catalogue)};
    uint32_t items = catalogue_item_count(query->catalogue);
    float whole = 0;
    size_t count = 0;
    search_words_split(query->text, read_word, &search);
    if (!search.word_count || !items)
        return 0;
    search.totals = arena_alloc(arena, items, sizeof(float));
    search.best = arena_alloc(arena, items, sizeof(float));
    search.touched = arena_alloc(arena, items, sizeof(uint32_t));
    struct text_hit *found = arena_alloc(arena, items, sizeof(*found));
    for (size_t i = 0; i < search.word_count; i++) {
        search_word(&search, &search.words[i]);
        whole += search.words[i].rarity;
    }
    struct engine_field *fields = arena_alloc(arena, query->field_count + 1, sizeof(*fields));
    for (uint32_t item = 0; item < items; item++) {
        float total = search.totals[item];
        if (total > 0 && query->field_count)
            total = weigh_columns(&search, fields, item);
        if (total > 0 && filter_is_eligible(query->catalogue, query->filters, query->filter_count, item))
            found[count++] = (struct text_hit){item, total / whole};
    }
    qsort_r(found, count, sizeof(*found), compare_hits, (void *)(uintptr_t)query->catalogue);
    count = count < query->limit ? count : query->limit;
    memcpy(hits, found, count * sizeof(*hits));
    return count;
}
