/* Words to items; see text_search.h.
 *
 * The problem: find what a person means who types "kettel" or "lant" into a search box, in a catalogue of
 * which most lies in the model file and the rest, in the worst case all of it, was changed since.
 *
 * The idea: for each word q of the query, look up the catalogue's words w that are like it, and give each
 * item the best of what its words are worth. The item's score is the sum over the query, as a share of what
 * an item that has every word in full would get:
 *
 *   score = sum_q max_w likeness(q, w) x weight(w, item) x rarity(q)  /  sum_q rarity(q)
 *
 *   likeness   1 for the same word, 0.9 for a plural s, 0.7 x length / length for a beginning, 0.6 and 0.4
 * for one and two wrong letters (word_distance.c) weight     BM25F's saturated frequency (text_weight.c),
 * read from the index as 1 to 255 rarity     ln(1 + (N - n + 0.5) / (n + 0.5)) for a word that n of N items
 * have: the inverse document frequency of BM25 (Robertson and Zaragoza, The Probabilistic Relevance
 * Framework, 2009, with Lucene's 1 +). A word that no item has counts as if one had it.
 *
 * There are three indexes of one form: the model's, the delta's (both word_index.c) and that of what this
 * process has on its heap (live_words.c). An item counts in exactly one: of the postings of the lower two
 * those of items that a level above has changed are skipped. Wrong letters are only looked for where no item
 * has the very word, as "damp" is not a slip for "lamp" in a catalogue that has both.
 *
 * Cost: the postings of the words found, one look at eight bytes of each word on the heap for a beginning, and
 * one at a mask of each word for wrong letters; then a heap of the best hits. Memory: 13 bytes an item of the
 * catalogue. Words counted in some columns only are an exception: no index knows a word's column, so each hit
 * is split again.
 *
 * It does not: stem beyond the plural s, know synonyms, or care for the order of words. */
#include "engine/text_search.h"

#include "base/work_budget.h"
#include "engine/live_words.h"
#include "engine/search_words.h"
#include "engine/text_weight.h"
#include "engine/word_distance.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    PREFIX_WORDS_MAX = 500, /* a beginning that so many words share says little */
    COLUMN_MATCHES = 256,   /* different words of one item's columns that a query meets */
    COVERS_EXACTLY = UINT8_MAX,
    STEP_POSTINGS = 8, /* of what one step of work goes through */
    STEP_WORDS = 64,
    STEP_MATCHES = 16,
    STORED = CATALOGUE_HEAP, /* levels that are in files: the model and the delta */
};

struct query_word {
    struct search_word word;
    uint32_t mask;
    bool is_known; /* some item has exactly this word */
    float rarity;  /* inverse document frequency */
};

struct search {
    const struct text_query *query;
    struct arena *arena;
    const struct word_index *stored[STORED]; /* by level; NULL: none */
    const struct live_words *live;
    uint32_t item_count; /* of the catalogue */
    struct query_word words[TEXT_SEARCH_WORDS];
    size_t word_count;
    float *totals;   /* by item */
    float *best;     /* by item: of the current word of the query */
    uint8_t *covers; /* by item: how many words of the query it has, or COVERS_EXACTLY */
    uint32_t *touched;
    size_t touched_count;
};

/* ---- Postings */

static void touch(struct search *search, uint32_t item, float score)
{
    if (score <= 0) /* of a damaged file */
        return;
    if (search->best[item] == 0)
        search->touched[search->touched_count++] = item;
    if (score > search->best[item])
        search->best[item] = score;
}

/* Is the posting's item still as this level has it? Also keeps out what a damaged file makes up. */
static bool holds(const struct search *search, int level, uint32_t item)
{
    return item < search->item_count && (int)catalogue_level(search->query->catalogue, item) == level;
}

static void add_stored_word(struct search *search, const struct query_word *wanted, int level,
                            uint32_t number)
{
    const char *text = word_index_text(search->stored[level], number);
    float factor = word_likeness(&wanted->word, wanted->is_known, text, strlen(text)) * wanted->rarity;
    struct word_postings postings = {0};
    if (factor > 0)
        postings = word_index_postings(search->stored[level], number);
    if (!work_budget_take(1 + postings.count / STEP_POSTINGS))
        return;
    for (size_t i = 0; i < postings.count; i++) {
        if (holds(search, level, postings.items[i]))
            touch(search, postings.items[i], factor * (float)postings.weights[i] / UINT8_MAX);
    }
}

static void add_live_word(struct search *search, const struct query_word *wanted, uint32_t number)
{
    const char *text = live_words_text(search->live, number);
    float factor = word_likeness(&wanted->word, wanted->is_known, text, strlen(text)) * wanted->rarity;
    struct live_posting posting;
    size_t cursor = 0;
    while (factor > 0 && live_words_next(search->live, number, &cursor, &posting))
        touch(search, posting.item, factor * (float)posting.weight / UINT8_MAX);
    work_budget_take(1 + cursor / STEP_POSTINGS);
}

/* ---- Words of the indexes. One that is found twice does no harm: an item's best counts. */

static void add_same(struct search *search, const struct query_word *wanted, const struct search_word *word)
{
    uint32_t number;
    for (int level = 0; level < STORED; level++) {
        if (search->stored[level] && word_index_find(search->stored[level], word->text, &number))
            add_stored_word(search, wanted, level, number);
    }
    if (live_words_find(search->live, word->text, word->length, &number))
        add_live_word(search, wanted, number);
}

static void add_plural_and_singular(struct search *search, const struct query_word *wanted)
{
    struct search_word word = wanted->word;
    word.text[word.length++] = 's';
    add_same(search, wanted, &word);
    word = wanted->word;
    if (word.length < 3 || word.text[word.length - 1] != 's')
        return;
    word.text[--word.length] = '\0';
    add_same(search, wanted, &word);
}

/* In a file they lie side by side. */
static bool begins_with(const struct word_index *index, uint32_t number, const struct search_word *word)
{
    return number < index->count && !strncmp(word_index_text(index, number), word->text, word->length);
}

static void add_model_beginning(struct search *search, const struct query_word *wanted)
{
    const struct word_index *index = search->stored[CATALOGUE_MODEL];
    uint32_t first = word_index_seek(index, wanted->word.text);
    for (uint32_t number = first; number - first < PREFIX_WORDS_MAX; number++) {
        if (!begins_with(index, number, &wanted->word))
            break;
        add_stored_word(search, wanted, CATALOGUE_MODEL, number);
    }
}

/* Words that changed items have. */
struct found_word {
    const char *text;
    uint32_t number;
    bool is_live; /* else the delta's */
};

static bool has_items(const struct search *search, uint32_t number)
{
    struct word_postings postings = word_index_postings(search->stored[CATALOGUE_DELTA], number);
    for (size_t i = 0; i < postings.count; i++) {
        if (holds(search, CATALOGUE_DELTA, postings.items[i]))
            return true;
    }
    return false;
}

/* The first of the delta's, which are in order, at most PREFIX_WORDS_MAX. */
static size_t find_delta_beginning(const struct search *search, const struct search_word *word,
                                   struct found_word *found)
{
    const struct word_index *index = search->stored[CATALOGUE_DELTA];
    size_t count = 0;
    if (!index)
        return 0;
    for (uint32_t number = word_index_seek(index, word->text);
         count < PREFIX_WORDS_MAX && begins_with(index, number, word); number++) {
        work_budget_take(1);
        if (has_items(search, number))
            found[count++] = (struct found_word){word_index_text(index, number), number, false};
    }
    return count;
}

static size_t find_live_beginning(const struct search *search, const struct search_word *word,
                                  uint32_t *found)
{
    const uint64_t *heads = live_words_heads(search->live);
    uint32_t words = live_words_count(search->live);
    size_t count = 0;
    uint64_t head = live_words_head(word->text);
    uint64_t mask = word->length < 8 ? ~(UINT64_MAX >> 8 * word->length) : UINT64_MAX;
    struct live_posting posting;
    for (uint32_t number = 0; number < words; number++) {
        size_t cursor = 0;
        if ((heads[number] & mask) == head &&
            !strncmp(live_words_text(search->live, number), word->text, word->length) &&
            live_words_next(search->live, number, &cursor, &posting))
            found[count++] = number;
    }
    return count;
}

static int compare_found(const void *left, const void *right)
{
    return strcmp(((const struct found_word *)left)->text, ((const struct found_word *)right)->text);
}

/* On the heap they have to be looked for. Its numbers come from the order in which a worker saw changes, and
 * which of them are in a delta from when it was written; so of both together, where there are too many words,
 * the first in bytewise order count, and those without an item do not: all workers then answer alike. */
static void add_changed_beginning(struct search *search, const struct query_word *wanted)
{
    uint32_t *live = arena_alloc(search->arena, live_words_count(search->live), sizeof(*live));
    size_t live_count = find_live_beginning(search, &wanted->word, live), distinct = 0;
    struct found_word *found = arena_alloc(search->arena, live_count + PREFIX_WORDS_MAX, sizeof(*found));
    size_t count = find_delta_beginning(search, &wanted->word, found);
    for (size_t i = 0; i < live_count; i++)
        found[count++] = (struct found_word){live_words_text(search->live, live[i]), live[i], true};
    if (count > PREFIX_WORDS_MAX)
        qsort(found, count, sizeof(*found), compare_found);
    for (size_t i = 0; i < count; i++) {
        distinct += !i || strcmp(found[i].text, found[i - 1].text) != 0;
        if (distinct > PREFIX_WORDS_MAX)
            return;
        if (found[i].is_live)
            add_live_word(search, wanted, found[i].number);
        else
            add_stored_word(search, wanted, CATALOGUE_DELTA, found[i].number);
    }
}

/* The mask first: it rules out nearly all words. */
static void add_near(struct search *search, const struct query_word *wanted)
{
    int limit = wanted->word.letters >= WORD_NEAR_TWICE_LETTERS_MIN ? 4 : 2;
    for (int level = 0; level < STORED; level++) {
        const struct word_index *index = search->stored[level];
        for (uint32_t number = 0; index && number < index->count; number++) {
            if (__builtin_popcount(index->masks[number] ^ wanted->mask) <= limit)
                add_stored_word(search, wanted, level, number);
        }
    }
    const uint32_t *masks = live_words_masks(search->live);
    for (uint32_t number = 0; number < live_words_count(search->live); number++) {
        if (__builtin_popcount(masks[number] ^ wanted->mask) <= limit)
            add_live_word(search, wanted, number);
    }
}

static void search_word(struct search *search, const struct query_word *wanted)
{
    size_t words = live_words_count(search->live);
    for (int level = 0; level < STORED; level++)
        words += search->stored[level] ? search->stored[level]->count : 0;
    search->touched_count = 0;
    if (!work_budget_take(1 + words / STEP_WORDS))
        return;
    add_same(search, wanted, &wanted->word);
    add_plural_and_singular(search, wanted);
    if (wanted->word.letters >= WORD_PREFIX_LETTERS_MIN) {
        if (search->stored[CATALOGUE_MODEL])
            add_model_beginning(search, wanted);
        add_changed_beginning(search, wanted);
    }
    if (!wanted->is_known && wanted->word.letters >= WORD_NEAR_LETTERS_MIN)
        add_near(search, wanted);
    for (size_t i = 0; i < search->touched_count; i++) {
        uint32_t item = search->touched[i];
        search->totals[item] += search->best[item];
        search->covers[item]++;
        search->best[item] = 0;
    }
}

/* ---- The query */

/* Items that have the word. */
static size_t count_items(const struct search *search, const struct search_word *word)
{
    size_t count = 0;
    uint32_t number;
    struct live_posting posting;
    for (int level = 0; level < STORED; level++) {
        struct word_postings postings = {0};
        if (search->stored[level] && word_index_find(search->stored[level], word->text, &number))
            postings = word_index_postings(search->stored[level], number);
        for (size_t i = 0; i < postings.count; i++)
            count += holds(search, level, postings.items[i]);
    }
    if (live_words_find(search->live, word->text, word->length, &number)) {
        for (size_t cursor = 0; live_words_next(search->live, number, &cursor, &posting);)
            count++;
    }
    return count;
}

static bool read_word(void *context, const char *text, size_t length)
{
    struct search *search = context;
    for (size_t i = 0; i < search->word_count; i++) {
        if (search_word_is(&search->words[i].word, text, length))
            return true;
    }
    struct query_word *wanted = &search->words[search->word_count++];
    *wanted = (struct query_word){.word = search_word_make(text, length)};
    wanted->mask = word_mask(wanted->word.text);
    size_t count = count_items(search, &wanted->word);
    double items = catalogue_item_count(search->query->catalogue);
    double with = count ? fmin((double)count, items) : 1;
    wanted->is_known = count;
    wanted->rarity = (float)log(1 + (items - with + 0.5) / (with + 0.5));
    return search->word_count < TEXT_SEARCH_WORDS;
}

/* Items whose id, or an article number, is the whole query. */
static void find_exact(struct search *search)
{
    const char *text = search->query->text + strspn(search->query->text, " ");
    size_t length = strlen(text);
    struct query_word code = {.rarity = 1, .is_known = true};
    char joined[SEARCH_WORD_BYTES + 1] = {TEXT_WEIGHT_CODE};
    uint32_t item;
    while (length && text[length - 1] == ' ')
        length--;
    search->touched_count = 0;
    if (length && catalogue_find(search->query->catalogue, text, length, &item))
        touch(search, item, 1);
    length = search_words_join(text, joined + 1);
    if (length) {
        code.word = search_word_make(joined, length + 1);
        add_same(search, &code, &code.word);
    }
    for (size_t i = 0; i < search->touched_count; i++) {
        item = search->touched[i];
        search->covers[item] = COVERS_EXACTLY;
        search->best[item] = 0;
    }
}

/* ---- Words in some columns only */

struct column_match {
    struct search_word word;
    size_t wanted; /* place in search.words */
    float factor, frequency;
};

struct column_matches {
    const struct search *search;
    struct column_match matches[COLUMN_MATCHES];
    size_t count;
};

static void meet_word(void *context, const char *word, size_t length, float frequency)
{
    struct column_matches *met = context;
    bool known = false;
    work_budget_take(1 + (met->count + met->search->word_count) / STEP_MATCHES);
    for (size_t i = 0; i < met->count; i++) {
        if (search_word_is(&met->matches[i].word, word, length)) {
            met->matches[i].frequency += frequency;
            known = true;
        }
    }
    for (size_t i = 0; i < met->search->word_count && !known; i++) {
        float factor =
            word_likeness(&met->search->words[i].word, met->search->words[i].is_known, word, length);
        if (factor > 0 && met->count < COLUMN_MATCHES)
            met->matches[met->count++] =
                (struct column_match){search_word_make(word, length), i, factor, frequency};
    }
}

/* The item with nothing but the columns of the query. */
static struct engine_item keep_columns(const struct text_query *query, uint32_t item,
                                       struct engine_field *fields)
{
    struct engine_item whole;
    catalogue_get(query->catalogue, item, &whole);
    struct engine_item content = {.id = whole.id, .fields = fields};
    for (size_t i = 0; i < query->field_count; i++) {
        const char *path, *text;
        enum catalogue_column_kind kind = catalogue_column_kind(query->fields[i], &path);
        if (kind == CATALOGUE_COLUMN_NAME)
            content.name = whole.name;
        else if (kind == CATALOGUE_COLUMN_DESCRIPTION)
            content.description = whole.description;
        else if (catalogue_first_text(query->catalogue, item, query->fields[i], &text))
            fields[content.field_count++] =
                (struct engine_field){.path = "", .text = text, .number = (double)NAN};
    }
    return content;
}

/* Weighs a hit again by its columns, and counts the words that it has there. */
static void weigh_columns(struct search *search, struct engine_field *fields, uint32_t item)
{
    struct engine_item content = keep_columns(search->query, item, fields);
    struct column_matches met = {.search = search, .count = 0};
    float best[TEXT_SEARCH_WORDS] = {0};
    text_weight_visit_item(&content, meet_word, &met);
    for (size_t i = 0; i < met.count; i++) {
        const struct column_match *match = &met.matches[i];
        best[match->wanted] = fmaxf(best[match->wanted], match->factor * text_weight_of(match->frequency));
    }
    search->totals[item] = 0;
    search->covers[item] = 0;
    for (size_t i = 0; i < search->word_count; i++) {
        search->totals[item] += best[i] * search->words[i].rarity;
        if (best[i] > 0)
            search->covers[item]++;
    }
}

/* ---- The hits */

static size_t collect_hits(struct search *search, struct text_hit *hits, size_t *total)
{
    const struct text_query *query = search->query;
    struct engine_field *fields = arena_alloc(search->arena, query->field_count + 1, sizeof(*fields));
    size_t count = 0;
    float whole = 0;
    for (size_t i = 0; i < search->word_count; i++)
        whole += search->words[i].rarity;
    for (uint32_t item = 0; item < search->item_count; item++) {
        /* The columns of an item are split again, so only of those that may be shown. */
        if (!search->covers[item] || !work_budget_take(1) ||
            !filter_is_eligible(query->catalogue, query->filters, query->filter_count, item))
            continue;
        if (query->field_count)
            weigh_columns(search, fields, item);
        struct text_hit hit = {.item = item, .is_exact = search->covers[item] == COVERS_EXACTLY};
        if (!search->covers[item] || (query->every_word && search->covers[item] < search->word_count))
            continue;
        hit.score = hit.is_exact ? 1 : search->totals[item] / whole;
        count = text_hits_keep(query->catalogue, hits, count, query->limit, hit);
        ++*total;
    }
    text_hits_sort(query->catalogue, hits, count);
    return count;
}

size_t text_search(const struct text_query *query, struct arena *arena, struct text_hit *hits, size_t *total)
{
    struct search search = {.query = query, .arena = arena, .live = catalogue_words(query->catalogue)};
    const struct model *model = catalogue_model(query->catalogue);
    uint32_t items = search.item_count = catalogue_item_count(query->catalogue);
    size_t uncounted = 0;
    search.stored[CATALOGUE_MODEL] = model ? model_words(model) : NULL;
    search.stored[CATALOGUE_DELTA] = catalogue_delta_words(query->catalogue);
    total = total ? total : &uncounted;
    *total = 0;
    if (!items)
        return 0;
    search_words_split(query->text, read_word, &search);
    search.totals = arena_alloc(arena, items, sizeof(float));
    search.best = arena_alloc(arena, items, sizeof(float));
    search.covers = arena_alloc(arena, items, sizeof(uint8_t));
    search.touched = arena_alloc(arena, items, sizeof(uint32_t));
    for (size_t i = 0; i < search.word_count; i++)
        search_word(&search, &search.words[i]);
    if (!query->field_count)
        find_exact(&search);
    return collect_hits(&search, hits, total);
}
