/* Fuzzes what people type into a search box, and the texts of items that are found by it.
 *
 * The first byte chooses: a question to the catalogue; to the database's index; an item (its name, a line
 * end, its description, a line end, its metadata) as words of that index. What must hold: hits that are
 * items, each once, the best first; nothing in a question for the database but words, brackets and signs of
 * ours.
 *
 * Covers: fcgi/engine/text_search.c fcgi/engine/search_words.c fcgi/engine/word_distance.c
 * Covers: fcgi/recommender/item_words.c fcgi/recommender/item_fields.c */
#include "fixture.h"

#include "engine/catalogue.h"
#include "engine/search_words.h"
#include "engine/text_search.h"
#include "recommender/item_fields.h"
#include "recommender/item_words.h"

enum { LIMIT = 20, TENANT = 7 };

static struct catalogue *shop(struct arena *arena)
{
    static const char *const names[][2] = {{"Red mug", "A mug, red, for tea and coffee"},
                                           {"Blue mug", "The same in blue"},
                                           {"Espresso machine", "For caf\xC3\xA9s"},
                                           {"\xE6\x9D\xB1\xE4\xBA\xAC", "A map of Tokyo"},
                                           {"Stra\xC3\x9F"
                                            "e",
                                            "\xD0\xA7\xD0\xB0\xD0\xB9"}};
    struct catalogue *catalogue = catalogue_create(NULL);
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
    size_t count = text_search(&query, arena, hits);
    must(count <= LIMIT && count <= catalogue_item_count(catalogue), "no more hits than items");
    for (size_t i = 0; i < count; i++) {
        must(hits[i].item < catalogue_item_count(catalogue) && hits[i].score > 0 && hits[i].score <= 1,
             "an item");
        must(!i || hits[i].score <= hits[i - 1].score, "the best first");
        for (size_t j = 0; j < i; j++)
            must(hits[i].item != hits[j].item, "each once");
    }
}

static void fuzz_index(struct arena *arena, const char *text)
{
    for (int all = 0; all < 2; all++) {
        size_t words;
        const char *question = item_words_question(arena, TENANT, text, all, &words);
        must(words <= LIMIT_SEARCH_WORDS && !words == !*question, "no more words than the limit");
        must(question[strspn(question, "+(*) abcdefghijklmnopqrstuvwxyz0123456789")] == '\0',
             "nothing but words");
        for (const char *at = question; (at = strchr(at, '(')); at++)
            must(!strncmp(at, "(7x", 3), "words of one tenant");
    }
}

static void fuzz_item(struct arena *arena, char *text)
{
    char *name = strsep(&text, "\n"), *description = text ? strsep(&text, "\n") : NULL;
    const char *metadata = text ? text : "{}", *problem;
    struct json_object *json = NULL;
    struct engine_item item = {.id = "x", .name = name, .metadata = metadata};
    if (!json_parse_arena(arena, metadata, strlen(metadata), &json, &problem))
        json = NULL;
    const char *words =
        item_words(arena, TENANT, "category, brand,tags", name, description ? description : "", json);
    must(strlen(words) <= LIMIT_ITEM_WORDS_BYTES, "no more words than the limit");
    must(words[strspn(words, " abcdefghijklmnopqrstuvwxyz0123456789")] == '\0', "nothing but words");
    must(!*words || !strncmp(words, "7x", 2), "words of one tenant");
    item_fields_parse(arena, metadata, &item);
    must(item.field_count <= ITEM_FIELDS_MAX, "no more fields than the limit");
    for (size_t i = 0; i < item.field_count; i++)
        must(item.fields[i].path && item.fields[i].text, "a path and a text");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_create();
    struct input input = {.bytes = (const char *)data, .length = size};
    unsigned which = input_byte(&input) % 3;
    char *text = input_text(&input, arena);
    if (text_is_utf8(text, strlen(text))) {
        if (which == 0)
            fuzz_question(arena, text);
        if (which == 1)
            fuzz_index(arena, text);
        if (which == 2)
            fuzz_item(arena, text);
    }
    arena_destroy(arena);
    return 0;
}
