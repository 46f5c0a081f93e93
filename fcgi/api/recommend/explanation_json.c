/* Explanations as JSON; see explanation_json.h.
 *
 * Nothing is computed here: the ranking has left a trace (recommender/recommender.h), and this puts it into
 * the newer API's words. That API has more parts than Palate, such as rules, experiments and a second ranker;
 * they are there, empty or null, since its clients read them. */
#include "api/recommend/explanation_json.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Notes are a number or three and some words. */
enum { NOTE_SIZE = 160 };

/* What a stage did, in the four words of that API. */
enum stage_status {
    STAGE_PASSED,
    STAGE_DISABLED, /* switched off: the context does not ask for it */
    STAGE_SKIPPED,  /* on, but there was nothing to do */
    STAGE_PARTIAL,  /* on, and it could do a part only */
};

__attribute__((format(printf, 4, 5))) static void
write_stage(struct json_writer *out, const char *stage, enum stage_status status, const char *format, ...)
{
    static const char *const words[] = {"passed", "disabled", "skipped", "partial"};
    char note[NOTE_SIZE];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(note, sizeof(note), format, arguments);
    va_end(arguments);
    json_writer_object(out, NULL);
    json_writer_text(out, "stage", stage);
    json_writer_boolean(out, "enabled", status != STAGE_DISABLED);
    json_writer_text(out, "status", words[status]);
    json_writer_null(out, "pipeline_id");
    json_writer_written(out, "config", "{}");
    json_writer_text(out, "note", note);
    json_writer_written(out, "item_events", "[]");
    json_writer_end(out);
}

static enum stage_status passed_if(bool did_anything)
{
    return did_anything ? STAGE_PASSED : STAGE_SKIPPED;
}

static enum stage_status enabled_if(bool on)
{
    return on ? STAGE_PASSED : STAGE_DISABLED;
}

void explanation_write_stages(struct json_writer *out, const char *key,
                              const struct recommendation_query *query, const struct ranking_trace *trace,
                              size_t shown)
{
    const struct context_settings *context = query->context;
    size_t of_context = context ? context->filter_count : 0;
    bool grouped = context && context->group_count > 0;
    bool explores = context && context->exploration.share > 0;
    json_writer_list(out, key);
    write_stage(out, "retrieval", passed_if(trace->history), "%zu of the user's interactions were used",
                trace->history);
    write_stage(out, "filters", passed_if(of_context + query->filter_count),
                "%zu conditions of the context, %zu of the request", of_context, query->filter_count);
    write_stage(out, "exclusion", passed_if(trace->purchased + trace->viewed + trace->unwanted),
                "left out: %zu bought, %zu already seen, %zu excluded by the request", trace->purchased,
                trace->viewed, trace->unwanted);
    write_stage(out, "ranking", passed_if(trace->ranked), "%zu %s in the ranked list", trace->ranked,
                grouped ? "groups" : "items");
    write_stage(out, "rotation", enabled_if(trace->rotated),
                "moves down what was shown recently and not clicked");
    write_stage(out, "diversity", enabled_if(trace->varied),
                "replaces items that are too much like others in the list");
    write_stage(out, "exploration", explores ? passed_if(trace->explored) : STAGE_DISABLED,
                "%zu places hold items that are new", trace->explored);
    write_stage(out, "grouping", enabled_if(grouped), "cuts the list into groups of equal values");
    write_stage(out, "page", shown && shown < query->quantity ? STAGE_PARTIAL : passed_if(shown),
                "%zu of at most %zu shown", shown, query->quantity);
    json_writer_end(out);
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

/* What a list and each of its entries say alike: where the request's rules came from, and the stages. */
static void write_common(struct json_writer *out, const struct recommendations_view *view,
                         const struct recommendation_list *list)
{
    const struct recommendation_query *query = view->query;
    const struct found_context *found = view->parameters->found;
    const struct context_settings none = {0}, *context = found ? &found->settings : &none;
    json_writer_object(out, "context");
    json_writer_text(out, "context_id", found ? arena_format(view->request->arena, "%u", found->id) : NULL);
    json_writer_text(out, "mode", view->section ? "auto" : "single");
    request_filters_write(out, "filters", context->filters, context->filter_count);
    request_filters_write(out, "request_filters", query->filters, query->filter_count);
    json_writer_texts(out, "group_by", context->group_by, context->group_count);
    recommendations_write_viewed(out, "exclude_viewed_items", query);
    recommendations_write_section(out, "auto_section", view->section);
    json_writer_end(out);
    json_writer_object(out, "pipeline");
    json_writer_null(out, "id");
    explanation_write_stages(out, "stages", query, &list->trace, list->item_count + list->group_count);
    json_writer_end(out);
    json_writer_written(out, "experiments", "[]");
    json_writer_written(out, "user_segments", "[]");
}

void explanation_write_request(struct json_writer *out, const char *key,
                               const struct recommendations_view *view,
                               const struct recommendation_list *list)
{
    const struct text_trace *text = &list->trace.text;
    const char *note = list->has_history ? "Ranked by what is known of this user, live"
                                         : "Nothing is known of this user: ranked by popularity";
    if (view->parameters->wish)
        note = arena_format(view->request->arena, "%s candidates: %zu by words, %zu by vectors%s",
                            text->by_words && text->by_vectors ? "Hybrid"
                            : text->by_words                   ? "Keyword"
                                                               : "Semantic",
                            text->by_words, text->by_vectors,
                            list->has_history ? "; moved a little by what is known of this user" : "");
    json_writer_object(out, key);
    json_writer_text(out, "scope", "request");
    json_writer_text(out, "note", note);
    write_common(out, view, list);
    recommendations_write_embedding_info(out, "embedding", view, list, NULL);
    json_writer_end(out);
}

void explanation_write_item(struct json_writer *out, const char *key, const struct recommendations_view *view,
                            const struct recommendation_list *list, const struct recommendation *item,
                            size_t rank)
{
    const char *words = explanation_of_source(item->source);
    json_writer_object(out, key);
    json_writer_id(out, "item_id", item->id);
    json_writer_integer(out, "rank", (int64_t)rank);
    json_writer_text(out, "summary", words);
    json_writer_texts(out, "shown_because", &words, 1);
    json_writer_text(out, "source", item->source);
    /* base: the engine's raw value; retrieval: its score; there is no ranker behind it; final: as shown. */
    json_writer_object(out, "score");
    json_writer_number(out, "final", item->score);
    json_writer_number_or_null(out, "base", item->has_parts, item->raw);
    json_writer_null(out, "cosine_distance");
    json_writer_number_or_null(out, "retrieval", item->has_parts, item->ranked_score);
    json_writer_null(out, "ranker");
    json_writer_end(out);
    recommendations_write_embedding_info(out, "embedding", view, list,
                                         list->has_history ? "interactions" : "none");
    json_writer_written(out, "rules", "[]");
    write_common(out, view, list);
    json_writer_end(out);
}
