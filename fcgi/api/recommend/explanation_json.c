/* Explanations as JSON; see explanation_json.h. */
#include "api/recommend/explanation_json.h"

#include "base/json_write.h"

#include <string.h>

/* One stage of a pipeline: {stage, enabled, status, pipeline_id, config, note, item_events}. */
static struct json_object *explanation_stage(const char *stage, bool enabled, const char *note)
{
    struct json_object *json = json_object_new_object();
    json_add_text(json, "stage", stage);
    json_add_boolean(json, "enabled", enabled);
    json_add_text(json, "status", enabled ? "applied" : "skipped");
    json_add(json, "pipeline_id", NULL);
    json_add(json, "config", json_object_new_object());
    json_add_text(json, "note", note);
    json_add(json, "item_events", json_object_new_array());
    return json;
}

struct json_object *explanation_stages(struct arena *arena, const struct recommendation_query *query,
                                       const struct ranking_trace *trace, size_t shown)
{
    const struct context_settings *context = query->context;
    size_t of_context = context ? context->filter_count : 0;
    bool grouped = context && context->group_count > 0;
    struct json_object *stages = json_object_new_array();
    const struct {
        const char *stage;
        bool enabled;
        const char *note;
    } list[] = {
        {"retrieval", true, arena_format(arena, "%zu of the user's interactions were used", trace->history)},
        {"filters", of_context + query->filter_count > 0,
         arena_format(arena, "%zu conditions of the context, %zu of the request", of_context,
                      query->filter_count)},
        {"exclusion", trace->purchased + trace->viewed + trace->unwanted > 0,
         arena_format(arena, "left out: %zu bought, %zu already seen, %zu excluded by the request",
                      trace->purchased, trace->viewed, trace->unwanted)},
        {"ranking", true,
         arena_format(arena, "%zu %s in the ranked list", trace->ranked, grouped ? "groups" : "items")},
        {"rotation", trace->rotated, "moves down what was shown recently and not clicked"},
        {"diversity", trace->varied, "replaces items that are too much like others in the list"},
        {"exploration", trace->explored > 0,
         arena_format(arena, "%zu places hold items that are new", trace->explored)},
        {"grouping", grouped, "cuts the list into groups of equal values"},
        {"page", true, arena_format(arena, "%zu of at most %zu shown", shown, query->quantity)},
    };
    for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++)
        json_object_array_add(stages, explanation_stage(list[i].stage, list[i].enabled, list[i].note));
    return stages;
}

const char *explanation_of_source(const char *source)
{
    static const struct {
        const char *source, *words;
    } known[] = {
        {"model", "People who did what this user did also chose it"},
        {"content", "Its texts are like those of what this user chose"},
        {"trending_backfill", "It is popular these days"},
        {"popular", "It is popular over all time"},
        {"newest", "It is new in the catalogue"},
        {"exploration", "It is new and is given a chance"},
        {"keyword", "It has the words that were searched for"},
        {"semantic", "It is near to what was searched for"},
        {"hybrid", "It has the words that were searched for, and is near to them"},
        {"remote", "The remote recommender ranked it"},
    };
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (!strcmp(source, known[i].source))
            return known[i].words;
    }
    return "No particular reason; it fills the list";
}

static struct json_object *group_by_json(const struct context_settings *context)
{
    struct json_object *list = json_object_new_array();
    for (size_t i = 0; context && i < context->group_count; i++)
        json_object_array_add(list, json_object_new_string(context->group_by[i]));
    return list;
}

static struct json_object *context_json(const struct recommendations_view *view)
{
    struct json_object *json = json_object_new_object();
    const struct found_context *found = view->parameters->found;
    const struct context_settings *context = found ? &found->settings : NULL;
    json_add(json, "context_id", found ? json_object_new_int64(found->id) : NULL);
    json_add_text(json, "mode", view->section ? "auto" : "single");
    json_add(json, "filters",
             request_filters_json(context ? context->filters : NULL, context ? context->filter_count : 0));
    json_add(json, "request_filters", request_filters_json(view->query->filters, view->query->filter_count));
    json_add(json, "group_by", group_by_json(context));
    json_add(json, "exclude_viewed_items", recommendations_viewed_json(view->query));
    json_add(json, "auto_section",
             view->section && view->section->id ? json_object_new_string(view->section->id) : NULL);
    return json;
}

static struct json_object *pipeline_json(const struct recommendations_view *view,
                                         const struct recommendation_list *list)
{
    struct json_object *json = json_object_new_object();
    json_add(json, "id", NULL);
    json_add(json, "stages",
             explanation_stages(view->request->arena, view->query, &list->trace,
                                list->item_count + list->group_count));
    return json;
}

static void add_common(struct json_object *json, const struct recommendations_view *view,
                       const struct recommendation_list *list)
{
    json_add(json, "context", context_json(view));
    json_add(json, "pipeline", pipeline_json(view, list));
    json_add(json, "experiments", json_object_new_array());
    json_add(json, "user_segments", json_object_new_array());
}

static const char *note_of(const struct recommendations_view *view, const struct recommendation_list *list)
{
    const struct text_trace *text = &list->trace.text;
    if (!view->parameters->wish)
        return list->has_history ? "Ranked by what is known of this user, live"
                                 : "Nothing is known of this user: ranked by popularity";
    return arena_format(view->request->arena, "%s candidates: %zu by words, %zu by vectors%s",
                        text->by_words && text->by_vectors ? "Hybrid"
                        : text->by_words                   ? "Keyword"
                                                           : "Semantic",
                        text->by_words, text->by_vectors,
                        list->has_history ? "; moved a little by what is known of this user" : "");
}

struct json_object *explanation_of_request(const struct recommendations_view *view,
                                           const struct recommendation_list *list)
{
    struct json_object *json = json_object_new_object();
    json_add_text(json, "scope", "request");
    json_add_text(json, "note", note_of(view, list));
    add_common(json, view, list);
    json_add(json, "embedding", recommendations_embedding_info(view, list));
    return json;
}

/* base: the engine's raw value; retrieval: its score; there is no ranker behind it; final: as shown. */
static struct json_object *score_json(const struct recommendation *item)
{
    struct json_object *json = json_object_new_object();
    json_add(json, "final", json_new_number(item->score));
    json_add(json, "base", item->has_parts ? json_new_number(item->raw) : NULL);
    json_add(json, "cosine_distance", NULL);
    json_add(json, "retrieval", item->has_parts ? json_new_number(item->ranked_score) : NULL);
    json_add(json, "ranker", NULL);
    return json;
}

struct json_object *explanation_of_item(const struct recommendations_view *view,
                                        const struct recommendation_list *list,
                                        const struct recommendation *item, size_t rank)
{
    struct json_object *json = json_object_new_object(), *because = json_object_new_array();
    struct json_object *embedding = recommendations_embedding_info(view, list);
    const char *words = explanation_of_source(item->source);
    json_object_array_add(because, json_object_new_string(words));
    json_add_text(embedding, "scoring_vector", list->has_history ? "interactions" : "none");
    json_add_text(json, "item_id", item->id);
    json_add_integer(json, "rank", (int64_t)rank);
    json_add_text(json, "summary", words);
    json_add(json, "shown_because", because);
    json_add_text(json, "source", item->source);
    json_add(json, "score", score_json(item));
    json_add(json, "embedding", embedding);
    json_add(json, "rules", json_object_new_array());
    add_common(json, view, list);
    return json;
}
