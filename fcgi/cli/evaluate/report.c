/* What an evaluation found, as a table, a sentence, JSON and a plot; see report.h.
 *
 * The table is for those who know the measures. The sentence is for the operator who must decide: is
 * personalisation worth it here? It is decided by the interval of the difference in NDCG between us and
 * the better one of the two lists for everybody: worth it when the whole interval lies above 0, not worth
 * it when it lies below, else undecided, with the number of users named, because more of them would decide
 * it. A second half compares with the best plain method when that is item-kNN, so that "better than best
 * sellers" is not taken for "best".
 *
 * All four forms are made from the same struct, so that they cannot disagree. */
#include "cli/evaluate/report.h"

#include "base/json_write.h"
#include "cli/evaluate/plot.h"
#include "cli/format.h"
#include "cli/output_file.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

static const char *const names[] = {
    [METHOD_PALATE] = "Palate",
    [METHOD_POPULAR] = "popularity",
    [METHOD_RECENT] = "recent popularity",
    [METHOD_KNN] = "item-kNN",
};
static_assert(sizeof(names) / sizeof(*names) == METHOD__MAX, "a name for each method");

static double ndcg_of(const struct evaluation *evaluation, enum method method)
{
    return evaluation->methods[method].mean.ndcg;
}

enum method evaluation_best_plain(const struct evaluation *evaluation)
{
    return ndcg_of(evaluation, METHOD_RECENT) > ndcg_of(evaluation, METHOD_POPULAR) ? METHOD_RECENT
                                                                                    : METHOD_POPULAR;
}

enum method evaluation_best_other(const struct evaluation *evaluation)
{
    enum method plain = evaluation_best_plain(evaluation);
    return ndcg_of(evaluation, METHOD_KNN) > ndcg_of(evaluation, plain) ? METHOD_KNN : plain;
}

/* The interval of the difference decides, not the means: on a thousand users a difference of a tenth can
 * be chance. */
enum verdict evaluation_verdict(const struct evaluation *evaluation)
{
    const struct interval *difference = &evaluation->methods[evaluation_best_plain(evaluation)].ndcg;
    if (difference->low > 0)
        return VERDICT_WORTH;
    return difference->high < 0 ? VERDICT_NOT_WORTH : VERDICT_UNDECIDED;
}

/* Written for people who decide by it, so that it says what to do, by how much, and how sure that is. A
 * list for everybody that finds nothing has no percentage to be better by. */
void evaluation_sentence(const struct evaluation *evaluation, char *text, size_t size)
{
    enum method plain = evaluation_best_plain(evaluation), other = evaluation_best_other(evaluation);
    const struct interval *difference = &evaluation->methods[plain].ndcg;
    double ours = ndcg_of(evaluation, METHOD_PALATE), theirs = ndcg_of(evaluation, plain);
    int length = 0;
    if (evaluation_verdict(evaluation) == VERDICT_WORTH && theirs > 0)
        length =
            snprintf(text, size,
                     "Personalisation is worth it here: NDCG@%zu is %.4f, %.0f %% above the best list for "
                     "everybody (%s, %.4f); the difference is %.4f (95 %% interval %.4f to %.4f).",
                     evaluation->k, ours, (ours / theirs - 1) * 100, names[plain], theirs, difference->mean,
                     difference->low, difference->high);
    else if (evaluation_verdict(evaluation) == VERDICT_WORTH)
        length =
            snprintf(text, size,
                     "Personalisation is worth it here: NDCG@%zu is %.4f, while lists for everybody find "
                     "nothing.",
                     evaluation->k, ours);
    else if (evaluation_verdict(evaluation) == VERDICT_NOT_WORTH)
        length = snprintf(
            text, size,
            "Personalisation is not worth it here: NDCG@%zu is %.4f, below the list for everybody "
            "by %s (%.4f); use the strategy \"%s\".",
            evaluation->k, ours, names[plain], theirs, plain == METHOD_RECENT ? "trending" : "popular");
    else
        length = snprintf(text, size,
                          "%s users do not show whether personalisation is worth it here: NDCG@%zu is "
                          "%.4f, that of the best list for everybody (%s) %.4f, and the difference lies "
                          "between %.4f and %.4f.",
                          format_count(evaluation->tested_users).text, evaluation->k, ours, names[plain],
                          theirs, difference->low, difference->high);
    /* The second half is left out where the best plain method is the list for everybody, which the first
     * half was about. */
    if (other == plain || length < 0 || (size_t)length >= size)
        return;
    difference = &evaluation->methods[other].ndcg;
    snprintf(text + length, size - (size_t)length,
             " Against the best plain method (%s, %.4f) it is %s: %+.4f (%+.4f to %+.4f).", names[other],
             ndcg_of(evaluation, other),
             difference->low > 0    ? "better"
             : difference->high < 0 ? "worse"
                                    : "neither surely better nor worse",
             difference->mean, difference->low, difference->high);
}

static void print_method(const struct evaluation *evaluation, enum method method)
{
    const struct method_figures *figures = &evaluation->methods[method];
    printf("%-18s %9.4f %9.4f %9.4f %9.1f %%", names[method], figures->mean.recall, figures->mean.ndcg,
           figures->mean.hit, figures->coverage * 100);
    if (method != METHOD_PALATE)
        printf("   %+.4f  (%+.4f to %+.4f)", figures->ndcg.mean, figures->ndcg.low, figures->ndcg.high);
    putchar('\n');
}

void evaluation_print(const struct evaluation *evaluation)
{
    char sentence[800], heads[3][24];
    static const char *const measures[3] = {"Recall", "NDCG", "HR"};
    for (int i = 0; i < 3; i++)
        snprintf(heads[i], sizeof(heads[i]), "%s@%zu", measures[i], evaluation->k);
    printf("%s, split %s: learned from %s events of %s users in %s; %s users tested, who wanted %s items; %s "
           "items in all\n\n",
           evaluation->events_path, split_name(evaluation->split).text,
           format_count(evaluation->train_events).text, format_count(evaluation->train_users).text,
           format_seconds(evaluation->train_seconds).text, format_count(evaluation->tested_users).text,
           format_count(evaluation->wanted_items).text, format_count(evaluation->items).text);
    printf("%-18s %9s %9s %9s %11s   %s\n", "", heads[0], heads[1], heads[2], "coverage",
           "Palate's NDCG ahead by (95 % interval)");
    for (enum method method = 0; method < METHOD__MAX; method++)
        print_method(evaluation, method);
    evaluation_sentence(evaluation, sentence, sizeof(sentence));
    printf("\n%s\n", sentence);
}

static void write_interval(struct json_writer *out, const char *name, const struct interval *interval)
{
    json_writer_object(out, name);
    json_writer_double(out, "mean", interval->mean);
    json_writer_double(out, "low", interval->low);
    json_writer_double(out, "high", interval->high);
    json_writer_end(out);
}

static void write_methods(struct json_writer *out, const struct evaluation *evaluation)
{
    json_writer_list(out, "methods");
    for (enum method method = 0; method < METHOD__MAX; method++) {
        const struct method_figures *figures = &evaluation->methods[method];
        json_writer_object(out, NULL);
        json_writer_text(out, "name", names[method]);
        json_writer_double(out, "recall", figures->mean.recall);
        json_writer_double(out, "ndcg", figures->mean.ndcg);
        json_writer_double(out, "hit_rate", figures->mean.hit);
        json_writer_double(out, "coverage", figures->coverage);
        if (method != METHOD_PALATE) {
            write_interval(out, "palate_recall_ahead", &figures->recall);
            write_interval(out, "palate_ndcg_ahead", &figures->ndcg);
        }
        json_writer_end(out);
    }
    json_writer_end(out);
}

static const char *evaluation_json(struct arena *arena, const struct evaluation *evaluation)
{
    static const char *const verdicts[] = {
        [VERDICT_WORTH] = "worth", [VERDICT_UNDECIDED] = "undecided", [VERDICT_NOT_WORTH] = "not worth"};
    struct json_writer *out = json_writer_create(arena);
    char sentence[800];
    evaluation_sentence(evaluation, sentence, sizeof(sentence));
    json_writer_object(out, NULL);
    json_writer_text(out, "split", split_name(evaluation->split).text);
    json_writer_integer(out, "k", (int64_t)evaluation->k);
    json_writer_integer(out, "items", (int64_t)evaluation->items);
    json_writer_integer(out, "train_events", (int64_t)evaluation->train_events);
    json_writer_integer(out, "train_users", (int64_t)evaluation->train_users);
    json_writer_integer(out, "tested_users", (int64_t)evaluation->tested_users);
    json_writer_integer(out, "wanted_items", (int64_t)evaluation->wanted_items);
    json_writer_double(out, "train_seconds", evaluation->train_seconds);
    write_methods(out, evaluation);
    json_writer_text(out, "best_for_everybody", names[evaluation_best_plain(evaluation)]);
    json_writer_text(out, "best_baseline", names[evaluation_best_other(evaluation)]);
    json_writer_text(out, "personalisation", verdicts[evaluation_verdict(evaluation)]);
    json_writer_text(out, "sentence", sentence);
    json_writer_end(out);
    return json_indent(arena, json_writer_result(out));
}

bool evaluation_write_json(const struct evaluation *evaluation, const char *path)
{
    struct output_file output;
    if (!output_file_open(&output, path))
        return false;
    struct arena *arena = arena_create();
    fprintf(output.stream, "%s\n", evaluation_json(arena, evaluation));
    arena_destroy(arena);
    return output_file_commit(&output);
}

bool evaluation_write_plot(const struct evaluation *evaluation, const char *path)
{
    struct output_file output;
    double recall[METHOD__MAX], ndcg[METHOD__MAX], hit[METHOD__MAX];
    char subtitle[200], labels[3][80];
    for (enum method method = 0; method < METHOD__MAX; method++) {
        recall[method] = evaluation->methods[method].mean.recall;
        ndcg[method] = evaluation->methods[method].mean.ndcg;
        hit[method] = evaluation->methods[method].mean.hit;
    }
    const struct plot_panel panels[] = {{labels[0], recall}, {labels[1], ndcg}, {labels[2], hit}};
    snprintf(labels[0], sizeof(labels[0]), "Recall@%zu (share found)", evaluation->k);
    snprintf(labels[1], sizeof(labels[1]), "NDCG@%zu (early finds count more)", evaluation->k);
    snprintf(labels[2], sizeof(labels[2]), "HR@%zu (users with a find)", evaluation->k);
    snprintf(subtitle, sizeof(subtitle), "split %s, %s users tested, %s items; longer is better",
             split_name(evaluation->split).text, format_count(evaluation->tested_users).text,
             format_count(evaluation->items).text);
    if (!output_file_open(&output, path))
        return false;
    plot_write(output.stream, &(struct plot){.title = "How well lists foresee what users take next",
                                             .subtitle = subtitle,
                                             .names = names,
                                             .name_count = METHOD__MAX,
                                             .panels = panels,
                                             .panel_count = 3});
    return output_file_commit(&output);
}
