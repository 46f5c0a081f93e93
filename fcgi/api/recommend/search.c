/* Parameters of a search; see search.h.
 *
 * A search is a list of recommendations that is ranked for a text (recommender/text_ranker.h) instead of for
 * what the user did. So it reads its own parameters, drops those that a search does not have, and leaves the
 * rest to recommendations: filters, exclusions, pages, the log and the answer's shape are the same. */
#include "api/recommend/search.h"

#include "api/recommend/recommendations_parameters.h"
#include "base/json.h"
#include "recommender/text_ranker.h"
#include "request/parameters.h"

#include <string.h>

/* Camel-case spellings, as JavaScript clients send them, become those with underscores; where both are given,
 * the latter count. */
static void rename_parameters(struct json_object *merged)
{
    static const char *const names[][2] = {{"userId", "user_id"},
                                           {"contextId", "context_id"},
                                           {"contextKey", "context_key"},
                                           {"requestId", "request_id"},
                                           {"sessionId", "session_id"},
                                           {"anonymousId", "anonymous_id"},
                                           {"startingAfter", "starting_after"},
                                           {"queryRetrievalEnabled", "query_retrieval_enabled"},
                                           {"fusionMethod", "fusion_method"},
                                           {"semanticWeight", "semantic_weight"},
                                           {"keywordWeight", "keyword_weight"},
                                           {"keywordFields", "keyword_fields"},
                                           {"includeSuppressed", "include_suppressed"}};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct json_object *value = json_member(merged, names[i][0]);
        if (value && !json_member(merged, names[i][1]))
            json_add(merged, names[i][1], json_object_get(value));
    }
}

/* Trimmed, and not empty. */
static bool read_query(struct request *request, const char **text)
{
    const char *given = NULL;
    struct json_object *value = json_member(request->merged, "query");
    if (!value)
        return error_missing(&request->error, "query");
    if (!parameter_text(value, "query", TEXT_FREE, LIMIT_QUERY_CHARACTERS, &given, &request->error))
        return false;
    given += strspn(given, " \t\r\n");
    size_t length = strlen(given);
    while (length && strchr(" \t\r\n", given[length - 1]))
        length--;
    *text = arena_copy_bytes(request->arena, given, length);
    return length || error_field(&request->error, "query", "must not be empty");
}

/* A share from 0 to 1; a half when it is not given. */
static bool read_weight(struct request *request, const char *name, double *weight)
{
    bool present;
    double given = 0;
    if (!parameter_amount(json_member(request->merged, name), name, &given, &present, &request->error))
        return false;
    if (present && given > 1)
        return error_field(&request->error, name, "must be a number from 0 to 1");
    *weight = present ? given : 0.5;
    return true;
}

/* How the two rankings become one: by reciprocal ranks, or by their scores with weights. */
static bool read_fusion(struct request *request, struct text_wish *wish)
{
    const char *method = "rrf";
    if (!parameter_text(json_member(request->merged, "fusion_method"), "fusion_method", TEXT_FREE,
                        LIMIT_ID_CHARACTERS, &method, &request->error))
        return false;
    wish->weighted = !strcmp(method, "weighted");
    if (!wish->weighted && strcmp(method, "rrf"))
        return error_field(&request->error, "fusion_method", "must be rrf or weighted");
    if (!read_weight(request, "keyword_weight", &wish->word_weight) ||
        !read_weight(request, "semantic_weight", &wish->vector_weight))
        return false;
    return wish->word_weight + wish->vector_weight > 0 ||
           error_field(&request->error, "keyword_weight", "and semantic_weight must not both be 0");
}

/* A column in which words must stand, without the blanks around it; an empty one is passed over. */
static bool add_field(struct request *request, struct text_wish *wish, const char *name, size_t length)
{
    while (length && *name == ' ') {
        name++;
        length--;
    }
    while (length && name[length - 1] == ' ')
        length--;
    if (!length)
        return true;
    if (wish->field_count == TEXT_WISH_FIELDS)
        return error_field(&request->error, "keyword_fields", "must name at most %d columns",
                           TEXT_WISH_FIELDS);
    wish->fields[wish->field_count++] = arena_copy_bytes(request->arena, name, length);
    return true;
}

/* Text with commas, or a list of texts. */
static bool read_fields(struct request *request, struct text_wish *wish)
{
    struct json_object *value = json_member(request->merged, "keyword_fields");
    const char *text = "";
    if (!json_object_is_type(value, json_type_array)) {
        if (!parameter_text(value, "keyword_fields", TEXT_FREE, LIMIT_DESCRIPTION_CHARACTERS, &text,
                            &request->error))
            return false;
        while (*text) {
            size_t length = strcspn(text, ",");
            if (!add_field(request, wish, text, length))
                return false;
            text += length + (text[length] == ',');
        }
        return true;
    }
    for (size_t i = 0; i < json_object_array_length(value); i++) {
        struct json_object *entry = json_object_array_get_idx(value, i);
        if (!entry)
            return error_field(&request->error, "keyword_fields", "must be a list of texts");
        if (!parameter_text(entry, "keyword_fields", TEXT_FREE, LIMIT_NAME_CHARACTERS, &text,
                            &request->error) ||
            !add_field(request, wish, text, strlen(text)))
            return false;
    }
    return true;
}

bool search_check(struct worker *worker, struct request *request)
{
    (void)worker;
    struct recommendations_parameters *parameters = arena_alloc(request->arena, 1, sizeof(*parameters));
    struct text_wish *wish = arena_alloc(request->arena, 1, sizeof(*wish));
    request->parameters = parameters;
    wish->words = true;
    rename_parameters(request->merged);
    json_object_object_del(request->merged, "mode"); /* a search has one */
    json_object_object_del(request->merged, "entity_type");
    parameters->is_newer = true;
    bool good = read_query(request, &wish->text);
    good = parameter_wish(json_member(request->merged, "query_retrieval_enabled"), "query_retrieval_enabled",
                          &wish->words, &request->error) &&
           good;
    good = read_fusion(request, wish) && read_fields(request, wish) && good;
    parameters->wish = wish;
    return recommendations_parameters_read(request, parameters) && good;
}
