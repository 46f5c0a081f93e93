/* What a comparison found, as figures, a sentence and a plot; see compare_report.h.
 *
 * The sentence names the bias with the result. Only the embedded recommender's lists were shown, which
 * alone makes for clicks on them, so "embedded" is a weaker finding than "remote" at the same p, and a
 * draw is no proof that the two are equal. The verdict is by the sign test over users at 5 %. */
#include "cli/evaluate/compare_report.h"

#include "cli/evaluate/compare_measures.h"
#include "cli/evaluate/plot.h"
#include "cli/format.h"
#include "cli/output_file.h"

#include <inttypes.h>
#include <stdio.h>

enum { EMBEDDED, REMOTE };

static double find_p_value(const struct comparison *comparison)
{
    return compare_sign_test(comparison->users[EMBEDDED], comparison->users[REMOTE]);
}

enum compare_verdict comparison_verdict(const struct comparison *comparison)
{
    if (!comparison->users[EMBEDDED] && !comparison->users[REMOTE])
        return comparison->tied_users ? COMPARE_UNDECIDED : COMPARE_NO_CLICKS;
    if (find_p_value(comparison) * 100 >= COMPARE_SIGNIFICANT_PERCENT)
        return COMPARE_UNDECIDED;
    return comparison->users[EMBEDDED] > comparison->users[REMOTE] ? COMPARE_EMBEDDED : COMPARE_REMOTE;
}

void comparison_sentence(const struct comparison *comparison, char *text, size_t size)
{
    struct format_text embedded = format_count(comparison->users[EMBEDDED]);
    struct format_text remote = format_count(comparison->users[REMOTE]);
    switch (comparison_verdict(comparison)) {
    case COMPARE_NO_CLICKS:
        snprintf(text, size,
                 "Nothing can be said yet: within %" PRId64 " hours no item of either list was clicked.",
                 comparison->hours);
        break;
    case COMPARE_REMOTE:
        snprintf(text, size,
                 "The remote recommender's lists would have been clicked more: by %s users against %s (sign "
                 "test p = %.2g), although only the embedded one's were shown.",
                 remote.text, embedded.text, find_p_value(comparison));
        break;
    case COMPARE_EMBEDDED:
        snprintf(text, size,
                 "The embedded recommender's lists were clicked more: by %s users against %s (sign test p = "
                 "%.2g); but only they were shown, which alone makes for clicks.",
                 embedded.text, remote.text, find_p_value(comparison));
        break;
    default:
        snprintf(text, size,
                 "These clicks do not show which lists are better: %s users speak for the embedded "
                 "recommender, %s for the remote one, %s for neither (sign test p = %.2g).",
                 embedded.text, remote.text, format_count(comparison->tied_users).text,
                 find_p_value(comparison));
    }
}

static void print_row(const char *label, uint64_t embedded, uint64_t remote)
{
    printf("%-44s %12s %12s\n", label, format_count(embedded).text, format_count(remote).text);
}

void comparison_print(const struct comparison *comparison)
{
    char sentence[500];
    printf("%s, last %" PRId64 " days: %s decisions with both lists", comparison->tenant, comparison->days,
           format_count(comparison->decisions).text);
    printf("; left out: %s without a list of the remote recommender, %s in groups or with an empty list\n\n",
           format_count(comparison->unanswered).text, format_count(comparison->left_out).text);
    printf("overlap of the first %-3" PRId64 " %34.4f\n", comparison->k, comparison->overlap);
    printf("rank-biased overlap (p = 0.%d) %28.4f\n\n", COMPARE_RBO_PERCENT, comparison->rbo);
    printf("%-44s %12s %12s\n", "", "embedded", "remote");
    print_row("clicks on its picks, lists interleaved", comparison->clicks[EMBEDDED],
              comparison->clicks[REMOTE]);
    print_row("users who clicked more of them", comparison->users[EMBEDDED], comparison->users[REMOTE]);
    printf("%s decisions were followed by a click within %" PRId64 " hours; %s users are tied; sign test p = "
           "%.4f\n\n",
           format_count(comparison->clicked).text, comparison->hours,
           format_count(comparison->tied_users).text, find_p_value(comparison));
    comparison_sentence(comparison, sentence, sizeof(sentence));
    puts(sentence);
}

/* Of all; nothing of nothing is 0. */
static void compute_shares(const uint64_t counts[2], double out[2])
{
    double all = (double)counts[EMBEDDED] + (double)counts[REMOTE];
    for (int i = 0; i < 2; i++)
        out[i] = all > 0 ? (double)counts[i] / all : 0;
}

bool comparison_plot(const struct comparison *comparison, const char *path)
{
    /* Shares, since the numbers of clicks and users have nothing in common that one axis could show. */
    static const char *const names[] = {"embedded", "remote"};
    double clicks[2], users[2];
    char title[200], subtitle[200];
    struct output_file output;
    compute_shares(comparison->clicks, clicks);
    compute_shares(comparison->users, users);
    const struct plot_panel panels[] = {{"share of clicks, interleaved", clicks},
                                        {"share of users who prefer it", users}};
    snprintf(title, sizeof(title), "%s: embedded against remote", comparison->tenant);
    snprintf(subtitle, sizeof(subtitle),
             "%s decisions, overlap@%" PRId64 " %.3f, RBO %.3f, sign test p = %.3g",
             format_count(comparison->decisions).text, comparison->k, comparison->overlap, comparison->rbo,
             find_p_value(comparison));
    if (!output_file_open(&output, path))
        return false;
    plot_write(output.stream, &(struct plot){title, subtitle, names, 2, panels, 2});
    return output_file_commit(&output);
}
