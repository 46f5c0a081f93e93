/* Coordinate search on the held-out part; see choose.h.
 *
 * The problem: which exponents, decays, strengths and weights suit this shop? Sparse and dense data, data
 * with times and without, want different ones, and nobody shall have to tune anything.
 *
 * The search goes one coordinate at a time over a small fixed grid, first for each member alone (gram,
 * transition, ridge), then for the weights of their blend, up to three rounds. Every trial is measured as the
 * mean NDCG@20 over the held-out users (score.c).
 *
 * A held-out part can lie: it is a sample, and it is not drawn as the future is. So a change must be worth
 * more than its noise. With d_u the difference of user u's values, the new value is taken only if
 *
 *     mean(d) > caution * standard error(d)
 *
 * where both are compared with the value that the coordinate started from. Caution is 2 for members, 1 for
 * the blend, to which one may come easily since to blend is the careful choice, and 4 where the part was
 * drawn at random instead of by time. The users are the same in every trial, so the differences are paired,
 * and their standard error is far below that of the means.
 *
 * A coordinate is not tried again while nothing else has changed. Every trial's values are stored in the
 * journal, so that a training in slices does not repeat one (training/slices/steps.h). What was tried is kept
 * as text, the evidence, which `palate inspect` prints.
 *
 * Cost: about a hundred trials; where rows of members are stored, one trial is a pass over the held-out
 * users. What it does not do: no gradient, no random search, no parameter for which a grid of five was not
 * enough on the data sets in docs/engine.md. */
#include "training/choose/choose.h"

#include "base/memory.h"
#include "training/learn/gram.h"
#include "training/learn/ridge.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { GRID_MAX = 8, BLEND_ROUNDS = 3 };

struct chooser {
    struct holdout holdout;
    struct configuration configuration;
    struct members members;
    struct blend blend;
    struct sparse_rows caches[MEMBER__MAX];
    double *scales;
    float *trend;
    float *values;    /* each user's, of what is tried */
    float *reference; /* and of the best so far */
    double best;
    struct evidence *evidence;
    struct trainer_steps *steps;
    double decayed, exponent, half_life; /* what the learning set and trend were computed for */
    double caution;                      /* standard errors that a change must be worth */
    const char *known[16];               /* coordinates tuned since the last change */
    size_t known_count;
};

static void evidence_add(struct evidence *evidence, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void evidence_add(struct evidence *evidence, const char *format, ...)
{
    va_list arguments;
    if (evidence->capacity - evidence->size < 1024) {
        evidence->capacity = evidence->capacity * 2 + 4096;
        evidence->text = memory_resize(evidence->text, evidence->capacity, 1);
    }
    va_start(arguments, format);
    int length =
        vsnprintf(evidence->text + evidence->size, evidence->capacity - evidence->size, format, arguments);
    va_end(arguments);
    if (length > 0)
        evidence->size += (size_t)length < evidence->capacity - evidence->size
                              ? (size_t)length
                              : evidence->capacity - evidence->size - 1;
}

/* Where the search starts, and what a tenant gets for whom nothing can be measured: exponents known from the
 * literature (docs/engine.md). */
static struct configuration configuration_default(void)
{
    return (struct configuration){
        .gram_user = 0.8,
        .gram_source = 0.5,
        .gram_target = 0.3,
        .gram_power = 1,
        .ridge_strength = 6,
        .transition_window = 3,
        .transition_decay = 0.6,
        .transition_backward = 0.3,
        .transition_source = 0.5,
        .transition_target = 0.25,
        .transition_recency = 0.7,
        .trend_exponent = 0.75,
        .trend_half_life = 15,
        .content_kappa = 100,
        .weights = {[MEMBER_GRAM] = 1, [MEMBER_CONTENT] = 0.5},
    };
}

/* ---- one coordinate */

/* The standard error of the mean difference between two lists of users' values. */
static double standard_error(const float *left, const float *right, uint32_t count)
{
    double sum = 0, squares = 0;
    for (uint32_t i = 0; i < count; i++) {
        double difference = (double)left[i] - (double)right[i];
        sum += difference;
        squares += difference * difference;
    }
    return count > 1 ? sqrt(fmax(squares / count - sum / count * sum / count, 0) / (count - 1)) : 0;
}

typedef double measure_function(struct chooser *chooser);

/* Was it tuned before, and nothing changed since? */
static bool is_known(const struct chooser *chooser, const char *name)
{
    for (size_t i = 0; i < chooser->known_count; i++)
        if (strcmp(chooser->known[i], name) == 0)
            return true;
    return false;
}

static void remember_coordinate(struct chooser *chooser, const char *name, bool changed)
{
    if (changed)
        chooser->known_count = 0;
    if (chooser->known_count < sizeof(chooser->known) / sizeof(*chooser->known))
        chooser->known[chooser->known_count++] = name;
}

/* Tries the values of the grid, each from the one that is set; keeps the best that beats it by more than the
 * standard error. */
static void tune_coordinate(struct chooser *chooser, const char *name, double *value, const double *grid,
                            size_t count, measure_function *measure)
{
    double start = *value, chosen = *value, base = chooser->best;
    if (is_known(chooser, name))
        return;
    uint32_t users = chooser->holdout.user_count;
    float *first = memory_alloc(users, sizeof(*first));
    memcpy(first, chooser->reference, users * sizeof(*first));
    evidence_add(chooser->evidence, "%-20s %g: %.5f", name, start, chooser->best);
    for (size_t i = 0; i < count; i++) {
        if (grid[i] == start)
            continue;
        *value = grid[i];
        double result = measure(chooser);
        evidence_add(chooser->evidence, "  %g: %.5f", grid[i], result);
        if (result > chooser->best &&
            result - base > chooser->caution * standard_error(chooser->values, first, users)) {
            chooser->best = result;
            chosen = grid[i];
            memcpy(chooser->reference, chooser->values, users * sizeof(*first));
        }
    }
    *value = chosen;
    evidence_add(chooser->evidence, "  -> %g\n", chosen);
    remember_coordinate(chooser, name, chosen != start);
    memory_free(first);
}

#define TUNE(chooser, field, measure, ...)                                                                   \
    tune_coordinate(chooser, #field, &(chooser)->configuration.field, (const double[]){__VA_ARGS__},         \
                    sizeof((const double[]){__VA_ARGS__}) / sizeof(double), measure)

static void start_from(struct chooser *chooser, measure_function *measure)
{
    chooser->known_count = 0;
    chooser->best = measure(chooser);
    memcpy(chooser->reference, chooser->values, chooser->holdout.user_count * sizeof(float));
}

/* ---- members alone */

/* Computes what depends on the configuration, as far as it has changed. */
static void refresh_members(struct chooser *chooser)
{
    const struct configuration *c = &chooser->configuration;
    if (chooser->exponent != c->trend_exponent || chooser->half_life != c->trend_half_life)
        trend_compute(chooser->holdout.learning, c->trend_exponent, c->trend_half_life, chooser->trend);
    chooser->exponent = c->trend_exponent;
    chooser->half_life = c->trend_half_life;
    if (chooser->decayed != c->decay_half_life)
        learning_decay(chooser->holdout.learning, c->decay_half_life);
    chooser->decayed = c->decay_half_life;
    members_update(&chooser->members);
}

/* One trial: fills values, unless an earlier slice did, and gives their mean. */
static double try_configuration(struct chooser *chooser, measure_function *compute)
{
    size_t size = chooser->holdout.user_count * sizeof(*chooser->values);
    if (!steps_recall(chooser->steps, "trial", chooser->values, size)) {
        uint64_t mark = steps_mark(chooser->steps);
        refresh_members(chooser);
        compute(chooser);
        steps_conclude(chooser->steps, mark, "trial", chooser->values, size);
    }
    return holdout_mean(&chooser->holdout, chooser->values);
}

static double compute_member(struct chooser *chooser, enum member member)
{
    return holdout_measure_member(&chooser->holdout, &chooser->members, member, chooser->trend,
                                  chooser->values);
}

static double compute_gram(struct chooser *chooser)
{
    return compute_member(chooser, MEMBER_GRAM);
}

static double measure_gram(struct chooser *chooser)
{
    return try_configuration(chooser, compute_gram);
}

static double compute_transition(struct chooser *chooser)
{
    return compute_member(chooser, MEMBER_TRANSITION);
}

static double measure_transition(struct chooser *chooser)
{
    return try_configuration(chooser, compute_transition);
}

/* Power and level work on finished rows, so each trial computes all rows. */
static double compute_gram_rows(struct chooser *chooser)
{
    struct sparse_rows rows;
    chooser->members.gram = NULL;
    gram_compute(&chooser->members, MEMBER_ROW_MAX, chooser->steps, &rows);
    chooser->members.gram = &rows;
    double result = compute_gram(chooser);
    chooser->members.gram = NULL;
    sparse_rows_release(&rows);
    return result;
}

static double measure_gram_rows(struct chooser *chooser)
{
    return try_configuration(chooser, compute_gram_rows);
}

static double compute_ridge(struct chooser *chooser)
{
    return compute_member(chooser, MEMBER_RIDGE);
}

static double measure_ridge(struct chooser *chooser)
{
    return try_configuration(chooser, compute_ridge);
}

static bool has_times(const struct chooser *chooser)
{
    return chooser->holdout.kind == HOLDOUT_WINDOW;
}

static bool has_order(const struct chooser *chooser)
{
    return chooser->holdout.kind == HOLDOUT_WINDOW || chooser->holdout.kind == HOLDOUT_LAST;
}

static void choose_gram(struct chooser *chooser)
{
    evidence_add(chooser->evidence, "member gram\n");
    start_from(chooser, measure_gram);
    for (int round = 0; round < 2; round++) {
        TUNE(chooser, gram_user, measure_gram, 0, 0.25, 0.5, 0.8, 1);
        TUNE(chooser, gram_source, measure_gram, 0.3, 0.5, 0.7, 1);
        TUNE(chooser, gram_target, measure_gram, 0.2, 0.3, 0.4, 0.5, 0.6);
        if (has_times(chooser)) {
            TUNE(chooser, trend_half_life, measure_gram, 7, 15, 30, 60);
            TUNE(chooser, trend_exponent, measure_gram, 0, 0.25, 0.5, 0.75, 1);
        }
    }
    if (has_times(chooser))
        TUNE(chooser, decay_half_life, measure_gram, 90, 180, 365);
    if (has_order(chooser))
        TUNE(chooser, history_half_life, measure_gram, 3, 8, 20, 50);
}

static void choose_transition(struct chooser *chooser)
{
    if (!has_order(chooser))
        return;
    evidence_add(chooser->evidence, "member transition\n");
    start_from(chooser, measure_transition);
    for (int round = 0; round < (has_times(chooser) ? 1 : 2); round++) {
        TUNE(chooser, transition_window, measure_transition, 1, 2, 3, 4, 8);
        TUNE(chooser, transition_decay, measure_transition, 0.4, 0.6, 0.8, 1);
        TUNE(chooser, transition_backward, measure_transition, 0, 0.15, 0.3, 0.5, 1);
        TUNE(chooser, transition_source, measure_transition, 0, 0.25, 0.5, 0.75, 1);
        TUNE(chooser, transition_target, measure_transition, 0, 0.25, 0.4, 0.5);
        TUNE(chooser, transition_recency, measure_transition, 0.5, 0.6, 0.7, 0.8, 0.9);
    }
}

/* Leaves the finished rows in members. */
static void finish_gram(struct chooser *chooser, struct sparse_rows *kept)
{
    start_from(chooser, measure_gram_rows);
    TUNE(chooser, gram_power, measure_gram_rows, 0.8, 1, 1.25, 1.5);
    TUNE(chooser, gram_level, measure_gram_rows, 0, 0.25, 0.5, 1);
    refresh_members(chooser);
    gram_compute(&chooser->members, MEMBER_ROW_MAX, chooser->steps, kept);
    chooser->members.gram = kept;
}

/* All strengths are solved at once, on one Gram matrix, and the best one's rows are kept in members. */
static void choose_ridge(struct chooser *chooser, struct sparse_rows *kept)
{
    static const double strengths[] = {2, 6, 18};
    enum { COUNT = sizeof(strengths) / sizeof(*strengths) };
    struct sparse_rows rows[COUNT];
    size_t chosen = 0;
    double best = -1;
    refresh_members(chooser);
    ridge_compute(&chooser->members, strengths, COUNT, chooser->steps, rows);
    evidence_add(chooser->evidence, "member ridge\nridge_strength      ");
    for (size_t i = 0; i < COUNT; i++) {
        chooser->members.ridge = &rows[i];
        double result = measure_ridge(chooser);
        evidence_add(chooser->evidence, "  %g: %.5f", strengths[i], result);
        if (result > best) {
            best = result;
            chosen = i;
        }
    }
    evidence_add(chooser->evidence, "  -> %g\n", strengths[chosen]);
    chooser->configuration.ridge_strength = strengths[chosen];
    *kept = rows[chosen];
    for (size_t i = 0; i < COUNT; i++)
        if (i != chosen)
            sparse_rows_release(&rows[i]);
    chooser->members.ridge = kept;
    start_from(chooser, measure_ridge);
    TUNE(chooser, ridge_target, measure_ridge, 0, 0.1, 0.2, 0.3);
}

/* ---- the blend */

static double compute_blend(struct chooser *chooser)
{
    const struct configuration *c = &chooser->configuration;
    for (int m = 0; m < MEMBER__MAX; m++)
        chooser->blend.weights[m] = c->weights[m] / chooser->scales[m];
    chooser->blend.content_kappa = c->content_kappa;
    chooser->blend.trend = chooser->trend;
    return holdout_measure(&chooser->holdout, &chooser->blend, chooser->values);
}

static double measure_blend(struct chooser *chooser)
{
    return try_configuration(chooser, compute_blend);
}

static void cache_members(struct chooser *chooser)
{
    refresh_members(chooser);
    for (int m = 0; m < MEMBER__MAX; m++) {
        holdout_cache(&chooser->holdout, &chooser->members, (enum member)m, &chooser->caches[m]);
        chooser->scales[m] = holdout_scale(&chooser->caches[m]);
        chooser->blend.caches[m] = &chooser->caches[m];
        evidence_add(chooser->evidence, "scale of %s: %g\n", member_name((enum member)m), chooser->scales[m]);
    }
}

static void choose_blend(struct chooser *chooser)
{
    evidence_add(chooser->evidence, "blend\n");
    chooser->caution = 1; /* to blend is the careful choice */
    start_from(chooser, measure_blend);
    for (int round = 0; round < BLEND_ROUNDS; round++) {
        double before = chooser->best;
        TUNE(chooser, weights[MEMBER_RIDGE], measure_blend, 0, 0.25, 0.5, 1, 2, 4, 8);
        TUNE(chooser, weights[MEMBER_HOP], measure_blend, 0, -0.2, -0.1, 0.1, 0.25, 0.5, 1);
        if (has_order(chooser))
            TUNE(chooser, weights[MEMBER_TRANSITION], measure_blend, 0, 0.1, 0.25, 0.5, 1, 2, 4);
        TUNE(chooser, weights[MEMBER_CONTENT], measure_blend, 0.05, 0.1, 0.2, 0.5, 1, 2);
        TUNE(chooser, content_kappa, measure_blend, 1, 5, 20, 100);
        if (has_times(chooser)) {
            TUNE(chooser, trend_half_life, measure_blend, 4, 7, 15, 30, 60);
            TUNE(chooser, trend_exponent, measure_blend, 0, 0.25, 0.5, 0.75, 1, 1.25);
        }
        if (chooser->best <= before)
            break;
    }
    evidence_add(chooser->evidence, "held-out NDCG@%d: %.5f\n", HOLDOUT_DEPTH, chooser->best);
}

/* For the evidence only: how far each member gets by itself. */
static void measure_alone(struct chooser *chooser)
{
    for (int m = 0; m < MEMBER__MAX; m++) {
        struct configuration kept = chooser->configuration;
        memset(chooser->configuration.weights, 0, sizeof(chooser->configuration.weights));
        chooser->configuration.weights[m] = 1;
        evidence_add(chooser->evidence, "%s alone: %.5f\n", member_name((enum member)m),
                     measure_blend(chooser));
        chooser->configuration = kept;
    }
}

static void choose_all(struct chooser *chooser)
{
    struct sparse_rows ridge = {0}, gram = {0};
    choose_gram(chooser);
    choose_transition(chooser);
    choose_ridge(chooser, &ridge);
    finish_gram(chooser, &gram);
    cache_members(chooser);
    measure_alone(chooser);
    choose_blend(chooser);
    sparse_rows_release(&ridge);
    sparse_rows_release(&gram);
}

static void describe_holdout(struct evidence *evidence, const struct holdout *holdout)
{
    evidence_add(evidence, "held out: %s, %u users measured", holdout_kind_name(holdout->kind),
                 holdout->kind == HOLDOUT_NONE ? 0 : holdout->user_count);
    if (holdout->kind == HOLDOUT_WINDOW)
        evidence_add(evidence, ", %d days", holdout->window_days);
    evidence_add(evidence, "\n");
}

static void choose_configuration(struct chooser *chooser, const struct trainer *trainer,
                                 const struct sparse_rows *content)
{
    struct holdout *holdout = &chooser->holdout;
    holdout_create(holdout, trainer, chooser->steps);
    if (holdout->kind == HOLDOUT_RANDOM)
        chooser->caution = 4; /* what was not drawn by time says less of what comes next */
    describe_holdout(chooser->evidence, holdout);
    chooser->trend = memory_alloc(holdout->learning->item_count, sizeof(float));
    chooser->values = memory_alloc(holdout->user_count, sizeof(float));
    chooser->reference = memory_alloc(holdout->user_count, sizeof(float));
    members_create(&chooser->members, holdout->learning, &chooser->configuration);
    chooser->members.content = content;
    chooser->members.trend = chooser->trend;
    if (holdout->kind == HOLDOUT_NONE)
        cache_members(chooser);
    else
        choose_all(chooser);
    for (int m = 0; m < MEMBER__MAX; m++)
        sparse_rows_release(&chooser->caches[m]);
    members_release(&chooser->members);
    memory_free(chooser->trend);
    memory_free(chooser->values);
    memory_free(chooser->reference);
    holdout_release(holdout);
}

/* The whole choice as it is stored between slices. */
struct choice {
    struct configuration configuration;
    double scales[MEMBER__MAX];
    char evidence[32 * 1024];
};

struct configuration configuration_choose(const struct trainer *trainer, struct trainer_steps *steps,
                                          const struct sparse_rows *content, double scales[MEMBER__MAX],
                                          struct evidence *evidence)
{
    struct chooser chooser = {.configuration = configuration_default(),
                              .scales = scales,
                              .evidence = evidence,
                              .caution = 2,
                              .half_life = -1,
                              .steps = steps};
    struct choice *choice = memory_alloc(1, sizeof(*choice));
    if (steps_recall(steps, "choice", choice, sizeof(*choice))) {
        memcpy(scales, choice->scales, sizeof(choice->scales));
        evidence_add(evidence, "%s", ""); /* never NULL */
        evidence->text = memory_resize(evidence->text, sizeof(choice->evidence), 1);
        evidence->capacity = sizeof(choice->evidence);
        memcpy(evidence->text, choice->evidence, sizeof(choice->evidence));
        evidence->size = strnlen(evidence->text, sizeof(choice->evidence) - 1);
        chooser.configuration = choice->configuration;
    } else {
        uint64_t mark = steps_mark(steps);
        choose_configuration(&chooser, trainer, content);
        choice->configuration = chooser.configuration;
        memcpy(choice->scales, scales, sizeof(choice->scales));
        if (evidence->size < sizeof(choice->evidence)) {
            memcpy(choice->evidence, evidence->text, evidence->size);
            steps_conclude(steps, mark, "choice", choice, sizeof(*choice));
        }
    }
    memory_free(choice);
    return chooser.configuration;
}
