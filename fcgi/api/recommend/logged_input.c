/* What the log keeps of a request's parameters; see logged_input.h.
 *
 * The problem: a request may bring what is not for a log. Clients put their token into the query
 * (?access_token=...), as RFC 6750 lets them do elsewhere; a body may hold 127 KiB of histories or of members
 * that nobody reads, and the log is the largest table there is, kept for months and shown to end users.
 *
 * The idea: a list of what is known, not one of what is bad. Of the parameters those are written that some
 * recommending endpoint reads, and of what lies inside of them, again, only members with a meaning. The
 * endpoints have one list together, since most of them share most of it, and a parameter of another one tells
 * as much about a client as its own. What remains is a filter on a field that is named like a secret: its
 * value is left out, in a structured condition and in a shorthand alike.
 *
 * The size: the text is written as it is, and only if it is too long written anew, with half as many entries a
 * list and half as much of each text as in the try before, until it fits. Histories are ordered from old to
 * new, so a list is cut at its front; ids have 512 bytes at most, and texts are not cut below that while
 * there is still a list to cut. With no entries and texts of no bytes the names alone are left, a third of what
 * may be, so it ends.
 *
 * Cost: a walk over the members with a look-up among some fifty names each; a request that is too long is
 * written up to fifteen times, each time less than before. Nesting is followed by a list of levels of its
 * own, because what callers send must not decide how deep we call ourselves.
 *
 * What it does not do: it does not look into values. Who writes a password into a search gets it logged. */
#include "api/recommend/logged_input.h"

#include "base/limits.h"
#include "base/text.h"

#include <ctype.h>
#include <string.h>

enum { ENTRIES = 512, TEXT_BYTES = 4096, ID_BYTES = 512, NUMBER_BYTES = 64, LEVELS = 8 };

/* Parameters of the recommending endpoints, with every spelling. */
/* clang-format off */
static const char *const known[] = {
    "sequence_data", "task", "template", "quantity", "limit", "user_id", "userId", "anonymous_id",
    "anonymousId", "entity_type", "context_id", "context_key", "contextId", "contextKey", "name",
    "description", "mode", "window_days", "candidate_limit", "served_cap", "cursor", "starting_after",
    "startingAfter", "scope", "filter", "filters", "exclude", "exclude_viewed", "debug", "explain",
    "include_suppressed", "includeSuppressed", "surface", "rerank_mode", "rerank_depth", "request_id",
    "requestId", "session_id", "sessionId", "sdk", "sdk_version", "platform", "query",
    "query_retrieval_enabled", "queryRetrievalEnabled", "fusion_method", "fusionMethod", "keyword_weight",
    "keywordWeight", "semantic_weight", "semanticWeight", "keyword_fields", "keywordFields",
};
/* clang-format on */

/* What has a meaning inside of sequence_data, scope, filters and exclude_viewed. */
static const char *const known_inside[] = {
    "customer_preferences", "categories", "price_range", "min",      "max",   "strict", "browsing_history",
    "purchase_history",     "filters",    "column",      "operator", "value", "logic",  "unit",
};

/* An object or a list that is being written. */
struct level {
    struct json_object *value;
    struct json_object_iterator member, end; /* of an object */
    size_t next;                             /* of a list */
};

struct logging {
    struct arena *arena;
    struct json_writer *out;
    size_t entries, text_bytes; /* of a list, of a text */
    bool in_filter;             /* within a parameter that holds conditions */
    bool was_cut;
    struct level levels[LEVELS];
    size_t depth;
};

static bool is_among(const char *const *names, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (names[i][0] == name[0] && !strcmp(names[i], name))
            return true;
    }
    return false;
}

static const char *copy_letters(struct arena *arena, const char *text)
{
    char *letters = arena_copy_text(arena, text), *to = letters;
    for (; *text; text++) {
        if (isalpha((unsigned char)*text))
            *to++ = (char)tolower((unsigned char)*text);
    }
    *to = '\0';
    return letters;
}

/* "apiKey", "api-key" and "metadata.api_key" are one name: letters alone are compared. */
static bool is_like_secret(struct arena *arena, const char *text)
{
    static const char *const words[] = {"token",  "secret",     "passw",  "pwd",
                                        "apikey", "credential", "cookie", "authorization"};
    const char *letters = copy_letters(arena, text);
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (strstr(letters, words[i]))
            return true;
    }
    return false;
}

/* Whether a member of the object is kept. Conditions on a field like a secret keep all but its value. */
static bool is_kept(struct logging *logging, struct json_object *object, const char *name)
{
    if (logging->depth == 1)
        return is_among(known, sizeof(known) / sizeof(known[0]), name);
    if (!is_among(known_inside, sizeof(known_inside) / sizeof(known_inside[0]), name))
        return false;
    struct json_object *column = json_member(object, "column");
    return strcmp(name, "value") != 0 || !json_object_is_type(column, json_type_string) ||
           !is_like_secret(logging->arena, json_object_get_string(column));
}

static void write_text(struct logging *logging, const char *key, const char *text)
{
    bool is_column = key && !strcmp(key, "column");
    if (logging->in_filter && !is_column && is_like_secret(logging->arena, text)) {
        json_writer_null(logging->out, key);
        return;
    }
    if (strlen(text) > logging->text_bytes) {
        char *start = arena_copy_bytes(logging->arena, text, logging->text_bytes);
        text_repair_utf8(start);
        text = start;
        logging->was_cut = true;
    }
    json_writer_text(logging->out, key, text);
}

/* json-c keeps a number as it was written, be it with a thousand digits. */
static void write_scalar(struct logging *logging, const char *key, struct json_object *value)
{
    if (json_object_is_type(value, json_type_string))
        write_text(logging, key, json_object_get_string(value));
    else if (json_object_is_type(value, json_type_double) && strlen(json_text(value)) > NUMBER_BYTES)
        json_writer_double(logging->out, key, json_object_get_double(value));
    else
        json_writer_json(logging->out, key, value);
}

/* Opens an object or a list, and goes into it; deeper than anything known lies, it stays empty. */
static void open_level(struct logging *logging, const char *key, struct json_object *value)
{
    struct level level = {.value = value};
    if (json_object_is_type(value, json_type_array)) {
        size_t count = json_object_array_length(value);
        level.next = count > logging->entries ? count - logging->entries : 0;
        logging->was_cut = logging->was_cut || level.next;
        json_writer_list(logging->out, key);
    } else {
        level.member = json_object_iter_begin(value);
        level.end = json_object_iter_end(value);
        json_writer_object(logging->out, key);
    }
    if (logging->depth == LEVELS)
        json_writer_end(logging->out);
    else
        logging->levels[logging->depth++] = level;
}

/* Steps to the next value of the innermost level; NULL in *value: it is at its end. */
static void step_level(struct logging *logging, const char **key, struct json_object **value)
{
    struct level *level = &logging->levels[logging->depth - 1];
    *key = NULL;
    *value = NULL;
    if (json_object_is_type(level->value, json_type_array)) {
        while (!*value && level->next < json_object_array_length(level->value))
            *value = json_object_array_get_idx(level->value, level->next++);
        return;
    }
    while (!*value && !json_object_iter_equal(&level->member, &level->end)) {
        *key = json_object_iter_peek_name(&level->member);
        if (is_kept(logging, level->value, *key))
            *value = json_object_iter_peek_value(&level->member);
        json_object_iter_next(&level->member);
    }
}

static const char *write_within(struct arena *arena, struct json_object *merged, size_t entries,
                                size_t text_bytes)
{
    static const char *const filters[] = {"scope", "filter", "filters"};
    struct logging logging = {
        .arena = arena, .out = json_writer_create(arena), .entries = entries, .text_bytes = text_bytes};
    const char *key;
    struct json_object *value;
    open_level(&logging, NULL, merged);
    while (logging.depth) {
        step_level(&logging, &key, &value);
        if (logging.depth == 1 && key && value)
            logging.in_filter = is_among(filters, sizeof(filters) / sizeof(filters[0]), key);
        if (!value) {
            if (logging.depth == 1 && logging.was_cut)
                json_writer_boolean(logging.out, "truncated", true);
            json_writer_end(logging.out);
            logging.depth--;
        } else if (json_object_is_type(value, json_type_object) ||
                   json_object_is_type(value, json_type_array)) {
            open_level(&logging, key, value);
        } else {
            write_scalar(&logging, key, value);
        }
    }
    return json_writer_result(logging.out);
}

const char *logged_input_write(struct arena *arena, struct json_object *merged)
{
    size_t entries = SIZE_MAX, text_bytes = SIZE_MAX;
    for (;;) {
        const char *text = write_within(arena, merged, entries, text_bytes);
        if (strlen(text) <= LIMIT_LOGGED_BYTES)
            return text;
        bool first = entries == SIZE_MAX;
        text_bytes = first ? TEXT_BYTES : text_bytes > ID_BYTES || !entries ? text_bytes / 2 : text_bytes;
        entries = first ? ENTRIES : entries / 2;
    }
}
