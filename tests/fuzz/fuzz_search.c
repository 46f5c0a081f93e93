/* Fuzzes what people type into a search box, and the texts of items that are found by it.
 *
 * The first byte chooses: a query to the catalogue; an item (its name, a line end, its description, a line
 * end, its metadata) as words and as an entry of the overlay's index. What must hold: hits that are items,
 * each once, the best first; words that are UTF-8, not empty and not too long; an item that is found by each
 * of its own words; labels that are equal to what they were folded from.
 *
 * Covers: fcgi/engine/text_search.c fcgi/engine/search_words.c fcgi/engine/word_distance.c
 * Covers: fcgi/engine/markup.c fcgi/engine/live_words.c fcgi/engine/text_weight.c
 * Covers: fcgi/engine/label.c fcgi/engine/letter.c
 * Covers: fcgi/recommender/item_fields.c */
#include "fixture.h"

#include "engine/catalogue.h"
#include "engine/label.h"
#include "engine/search_words.h"
#include "engine/text_search.h"
#include "recommender/item_fields.h"

enum { LIMIT = 20 };

static struct catalogue *shop(struct arena *arena)
{
    static const char *const names[][2] = {{"Red mug", "A mug, red, for tea and coffee"},
                                           {"Blue mug", "The same in blue"},
                                           {"Espresso machine", "For caf\xC3\xA9s"},
                                           {"\xE6\x9D\xB1\xE4\xBA\xAC", "A map of Tokyo"},
                                           {"Stra\xC3\x9F"
                                            "e",
                                            "\xD0\xA7\xD0\xB0\xD0\xB9"}};
    struct catalogue *catalogue = catalogue_create(NULL, NULL);
    for (size_t i = 0; i < COUNT(names); i++) {
        struct engine_item item = {.id = arena_format(arena, "item-%zu", i),
                                   .name = names[i][0],
                                   .description = names[i][1],
                                   .metadata = "{\"category\":\"mugs\",\"tags\":[\"red\",\"12\"]}",
                                   .created = 1,
                                   .updated = 2,
                                   .active = true};
        item_fields_parse(arena, item.metadata, &item);
        catalogue_apply(catalogue, &item);
    }
    return catalogue;
}

static void fuzz_question(struct arena *arena, const char *text)
{
    static struct catalogue *catalogue;
    if (!catalogue)
        catalogue = shop(arena);
    struct text_hit hits[LIMIT];
    struct text_query query = {.catalogue = catalogue, .text = text, .limit = LIMIT};
    size_t count = text_search(&query, arena, hits, NULL);
    must(count <= LIMIT && count <= catalogue_item_count(catalogue), "no more hits than items");
    for (size_t i = 0; i < count; i++) {
        must(hits[i].item < catalogue_item_count(catalogue) && hits[i].score > 0 && hits[i].score <= 1,
             "an item");
        must(!i || hits[i].score <= hits[i - 1].score, "the best first");
        for (size_t j = 0; j < i; j++)
            must(hits[i].item != hits[j].item, "each once");
    }
}

static bool check_word(void *context, const char *word, size_t length)
{
    struct arena *arena = context;
    must(length && length <= SEARCH_WORD_BYTES && text_is_utf8(word, length), "a word");
    char *text = arena_copy_bytes(arena, word, length);
    char joined[SEARCH_WORD_BYTES];
    must(length == SEARCH_WORD_BYTES || search_words_join(text, joined), "a word is made of words");
    return true;
}

/* A label is folded once for all, and equal to what it was made of. */
static void fuzz_label(struct arena *arena, const char *text, const char *other)
{
    const char *folded = label_fold(arena, text), *second = label_fold(arena, other);
    must(text_is_utf8(folded, strlen(folded)), "a label is text");
    must(!strcmp(label_fold(arena, folded), folded) && !label_compare(text, folded), "a label is itself");
    int order = label_compare(text, second), wanted = strcmp(folded, second);
    must((order < 0) == (wanted < 0) && (order > 0) == (wanted > 0), "labels are ordered as they are folded");
}

static void fuzz_item(struct arena *arena, char *text)
{
    char *name = strsep(&text, "\n"), *description = text ? strsep(&text, "\n") : NULL;
    const char *metadata = text ? text : "{}";
    struct engine_item item = {.id = "x", .name = name, .description = description, .metadata = metadata};
    item.active = true;
    fuzz_label(arena, name, description ? description : "");
    item_fields_parse(arena, metadata, &item);
    must(item.field_count <= ITEM_FIELDS_MAX, "no more fields than the limit");
    for (size_t i = 0; i < item.field_count; i++)
        must(item.fields[i].path && item.fields[i].text, "a path and a text");
    search_words_split(name, check_word, arena);
    struct catalogue *catalogue = catalogue_create(NULL, NULL);
    struct text_hit hit;
    struct text_query query = {.catalogue = catalogue, .text = name, .limit = 1};
    char joined[SEARCH_WORD_BYTES];
    for (int times = 0; times < 2; times++) { /* the second replaces the first */
        catalogue_apply(catalogue, &item);
        if (search_words_join(name, joined))
            must(text_search(&query, arena, &hit, NULL) == 1, "an item is found by its name");
    }
    catalogue_destroy(catalogue);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_create();
    struct input input = {.bytes = (const char *)data, .length = size};
    unsigned which = input_byte(&input) % 3; /* 1 was another target: the corpus keeps its bytes */
    char *text = input_text(&input, arena);
    if (text_is_utf8(text, strlen(text))) {
        if (which < 2)
            fuzz_question(arena, text);
        if (which == 2)
            fuzz_item(arena, text);
    }
    arena_destroy(arena);
    return 0;
}
