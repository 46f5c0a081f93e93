/* Fuzzes filters as callers write them: the shorthand, structured entries and lists of both, then compiles
 * what was taken and tests items against it.
 *
 * What must hold: no crash, no more conditions than the limit, an error with a text exactly when nothing was
 * taken, and a compiled filter that says the same of an item twice.
 *
 * Covers: fcgi/recommender/filter_parse.c fcgi/engine/filter.c fcgi/engine/filter_operator.c
 * Covers: fcgi/engine/filter_like.c fcgi/engine/filter_memo.c fcgi/recommender/item_fields.c */
#include "fixture.h"

#include "engine/catalogue.h"
#include "recommender/filter_parse.h"
#include "recommender/item_fields.h"

static struct catalogue *shop(struct arena *arena)
{
    static const char *const metadata[] = {
        "{}", "{\"category\":[\"a\",\"b\"],\"price\":12.5,\"size\":{\"width\":3}}",
        "{\"category\":\"OR\",\"AND\":\"x:y\",\"a\":true,\"\":\"empty\"}"};
    struct catalogue *catalogue = catalogue_create(NULL, NULL);
    for (size_t i = 0; i < sizeof(metadata) / sizeof(metadata[0]); i++) {
        struct engine_item item = {.id = arena_format(arena, "item-%zu", i),
                                   .name = "Name",
                                   .metadata = metadata[i],
                                   .created = 1,
                                   .updated = 2,
                                   .active = true};
        item_fields_parse(arena, metadata[i], &item);
        catalogue_apply(catalogue, &item);
    }
    return catalogue;
}

static void use(struct arena *arena, const struct filter_list *list)
{
    struct catalogue *catalogue = shop(arena);
    must(list->count <= LIMIT_FILTER_CONDITIONS, "more conditions than the limit");
    struct filter *filter = filter_compile(arena, catalogue, list->conditions, list->count);
    for (uint32_t i = 0; i < catalogue_item_count(catalogue); i++)
        must(filter_matches(filter, i) == filter_matches(filter, i), "two answers to one question");
    catalogue_destroy(catalogue);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    struct arena *arena = arena_create();
    struct error error = {0};
    struct filter_parser parser = {.arena = arena, .error = &error, .code = ERROR_INVALID_FILTER};
    struct filter_list list = {0};
    char *text = arena_copy_bytes(arena, (const char *)data + 1, size - 1);
    bool taken = false;
    if (data[0] & 1) {
        struct json_object *json = NULL;
        const char *problem;
        taken = json_parse_arena(arena, text, size - 1, &json, &problem) &&
                filter_parse_any(&parser, json, "filter", &list);
        must(taken || error.code == ERROR_NONE || *error.message, "refused without a word");
    } else if (!memchr(text, '\0', size - 1) && text_is_utf8(text, size - 1)) {
        taken = filter_parse_shorthand(&parser, text, "filter", &list);
        must(taken == (error.code == ERROR_NONE), "an error, and yet taken");
        must(!taken || list.count == 1, "one shorthand is one condition");
    }
    if (taken)
        use(arena, &list);
    arena_destroy(arena);
    return 0;
}
