/* Items and questions as words of the search index; see item_words.h. */
#include "recommender/item_words.h"

#include "base/json.h"
#include "base/limits.h"
#include "engine/search_words.h"

#include <stdio.h>
#include <string.h>

/* Raised when engine/search_words.c or this file spells differently than before. */
enum { SPELLING_VERSION = 1 };

enum {
    PLACES_FIRST = 512,
    /* As many words of the shortest kind ("1xa ") as fit, so that half of the places stay free. */
    PLACES_MOST = 32768,
    TENANT_BYTES = 12,
};

struct collector {
    char tenant[TENANT_BYTES]; /* "7x" */
    size_t tenant_length;
    char text[LIMIT_ITEM_WORDS_BYTES];
    size_t length;
    uint16_t places[PLACES_MOST]; /* open addressing: where a word begins, + 1; 0: free */
    size_t place_count;           /* how many of them are in use: most items have few words */
    size_t words;
    bool repeat; /* words are written although they are known */
};

static uint32_t hash_bytes(const char *bytes, size_t length)
{
    uint32_t hash = 2166136261u;
    for (size_t i = 0; i < length; i++)
        hash = (hash ^ (unsigned char)bytes[i]) * 16777619u;
    return hash ^ hash >> 15;
}

/* The word's place: the one where it is, or a free one. */
static uint16_t *find_place(struct collector *collector, const char *word, size_t length)
{
    size_t place = hash_bytes(word, length) % collector->place_count;
    for (;; place = (place + 1) % collector->place_count) {
        size_t begin = collector->places[place];
        if (!begin)
            return &collector->places[place];
        const char *known = collector->text + begin - 1 + collector->tenant_length;
        if (!strncmp(known, word, length) && known[length] == ' ')
            return &collector->places[place];
    }
}

static void clear_places(struct collector *collector, size_t count)
{
    collector->place_count = count;
    memset(collector->places, 0, count * sizeof(*collector->places));
}

static void grow_places(struct collector *collector)
{
    clear_places(collector, collector->place_count * 4);
    for (size_t begin = 0; begin < collector->length;) {
        const char *word = collector->text + begin + collector->tenant_length;
        size_t length = (size_t)((const char *)memchr(word, ' ', SEARCH_WORD_BYTES + 1) - word);
        *find_place(collector, word, length) = (uint16_t)(begin + 1);
        begin += collector->tenant_length + length + 1;
    }
}

static bool collect_word(void *context, const char *word, size_t length)
{
    struct collector *collector = context;
    size_t needed = collector->tenant_length + length + 1;
    uint16_t *place = find_place(collector, word, length);
    if ((*place && !collector->repeat) || collector->length + needed > LIMIT_ITEM_WORDS_BYTES)
        return true;
    *place = (uint16_t)(collector->length + 1);
    char *at = collector->text + collector->length;
    memcpy(at, collector->tenant, collector->tenant_length);
    memcpy(at + collector->tenant_length, word, length);
    at[needed - 1] = ' ';
    collector->length += needed;
    if (++collector->words * 2 > collector->place_count && collector->place_count < PLACES_MOST)
        grow_places(collector);
    return true;
}

/* NOLINTNEXTLINE(misc-no-recursion): at most LIMIT_JSON_DEPTH levels. */
static void collect_value(struct collector *collector, struct json_object *value)
{
    switch (json_object_get_type(value)) {
    case json_type_string:
    case json_type_int:
    case json_type_double:
        search_words_split(json_object_get_string(value), collect_word, collector);
        return;
    case json_type_array:
        for (size_t i = 0; i < json_object_array_length(value); i++)
            collect_value(collector, json_object_array_get_idx(value, i));
        return;
    case json_type_object: {
        json_object_object_foreach(value, key, member)
        {
            (void)key;
            collect_value(collector, member);
        }
        return;
    }
    default:
        return;
    }
}

static void collect_metadata(struct arena *arena, struct collector *collector, const char *keys,
                             struct json_object *metadata)
{
    while (*keys) {
        keys += strspn(keys, ", \t");
        size_t length = strcspn(keys, ",");
        size_t end = length;
        while (end && (keys[end - 1] == ' ' || keys[end - 1] == '\t'))
            end--;
        if (end)
            collect_value(collector, json_member(metadata, arena_copy_bytes(arena, keys, end)));
        keys += length;
    }
}

static size_t print_tenant(char tenant[TENANT_BYTES], uint32_t tenant_id)
{
    return (size_t)snprintf(tenant, TENANT_BYTES, "%ux", (unsigned)tenant_id);
}

const char *item_words(struct arena *arena, uint32_t tenant_id, const char *search_metadata, const char *name,
                       const char *description, struct json_object *metadata)
{
    struct collector collector; /* not set as a whole: of the text only what is written is read */
    collector.length = 0;
    collector.words = 0;
    clear_places(&collector, PLACES_FIRST);
    collector.repeat = false;
    collector.tenant_length = print_tenant(collector.tenant, tenant_id);
    search_words_split(name, collect_word, &collector);
    collector.repeat = true;
    search_words_split(name, collect_word, &collector);
    collector.repeat = false;
    collect_metadata(arena, &collector, search_metadata, metadata);
    search_words_split(description, collect_word, &collector);
    return arena_copy_bytes(arena, collector.text, collector.length);
}

uint32_t item_words_recipe(const char *search_metadata)
{
    return hash_bytes(search_metadata, strlen(search_metadata)) + SPELLING_VERSION;
}

struct question {
    struct arena *arena;
    uint32_t tenant_id;
    const char *sign; /* "+": must be there */
    const char *text;
    size_t count;
};

/* The word itself stands beside what begins with it, so that it counts for more. */
static bool ask_word(void *context, const char *word, size_t length)
{
    struct question *question = context;
    unsigned tenant = (unsigned)question->tenant_id;
    if (question->count == LIMIT_SEARCH_WORDS)
        return true;
    question->count++;
    question->text = arena_format(question->arena, "%s%s(%ux%.*s %ux%.*s*) ", question->text, question->sign,
                                  tenant, (int)length, word, tenant, (int)length, word);
    return true;
}

const char *item_words_question(struct arena *arena, uint32_t tenant_id, const char *text, bool all,
                                size_t *count)
{
    struct question question = {.arena = arena, .tenant_id = tenant_id, .sign = all ? "+" : "", .text = ""};
    search_words_split(text, ask_word, &question);
    *count = question.count;
    return question.text;
}
