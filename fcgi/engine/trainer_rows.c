/* Chooses the configuration and blends the members into the model's rows; see trainer.h. */
#include "base/memory.h"
#include "engine/trainer_choose.h"
#include "engine/trainer_content.h"
#include "engine/trainer_gram.h"
#include "engine/trainer_internal.h"
#include "engine/trainer_parallel.h"
#include "engine/trainer_ridge.h"

#include <math.h>
#include <string.h>

enum { ROW_MAX = MEMBER_ROW_MAX, TRANSITION_MAX = 100, CONTENT_MAX = 300, PIECE = 64 };

static const double content_kappa = 100; /* decides which likenesses there is room for */

struct blending {
    const struct members *members;
    const enum member *which; /* those blended into one row */
    size_t which_count;
    float weights[MEMBER__MAX];
    struct working_row *working;
    struct sparse_rows rows;
    trainer_progress *progress;
    void *context;
};

static void blend_piece(void *context, size_t piece, unsigned thread)
{
    struct blending *blending = context;
    struct working_row *row = &blending->working[thread];
    size_t total = blending->rows.item_count;
    if (blending->progress && thread == 0)
        blending->progress(blending->context, "rows", piece * PIECE, total);
    for (size_t item = piece * PIECE; item < (piece + 1) * PIECE && item < total; item++) {
        for (size_t i = 0; i < blending->which_count; i++) {
            enum member member = blending->which[i];
            if (blending->weights[member] != 0)
                members_add_row(blending->members, member, (uint32_t)item, blending->weights[member], row);
        }
        sparse_rows_store(&blending->rows, (uint32_t)item, row, blending->members->trend);
        sparse_rows_sort(&blending->rows, (uint32_t)item);
        working_row_clear(row);
    }
}

/* Into one block without gaps. */
static void pack(const struct sparse_rows *rows, struct trained_rows *packed)
{
    uint64_t count = 0;
    packed->starts = memory_alloc((size_t)rows->item_count + 1, sizeof(*packed->starts));
    for (uint32_t item = 0; item < rows->item_count; item++)
        packed->starts[item + 1] = count += rows->lengths[item];
    packed->targets = memory_alloc(count, sizeof(*packed->targets));
    packed->weights = memory_alloc(count, sizeof(*packed->weights));
    for (uint32_t item = 0; item < rows->item_count; item++) {
        for (uint32_t i = 0; i < rows->lengths[item]; i++) {
            struct weighted_item entry = rows->entries[item * rows->width + i];
            packed->targets[packed->starts[item] + i] = entry.item;
            packed->weights[packed->starts[item] + i] = entry.weight;
        }
    }
}

static void blend_rows(struct blending *blending, unsigned threads, size_t width, const enum member *which,
                       size_t count, struct trained_rows *packed)
{
    struct sparse_rows *rows = &blending->rows;
    blending->which = which;
    blending->which_count = count;
    sparse_rows_create(rows, blending->members->learning->item_count, width);
    trainer_parallel(threads, (rows->item_count + (size_t)PIECE - 1) / PIECE, blend_piece, blending);
    pack(rows, packed);
    sparse_rows_release(rows);
}

static void blend_all(struct trained *trained, const struct members *members,
                      const double scales[MEMBER__MAX], unsigned threads, trainer_progress *progress,
                      void *context)
{
    static const enum member behaviour[] = {MEMBER_GRAM, MEMBER_HOP, MEMBER_RIDGE},
                             order[] = {MEMBER_TRANSITION}, texts[] = {MEMBER_CONTENT};
    struct working_row working[TRAINER_THREADS_MAX];
    struct blending blending = {
        .members = members, .working = working, .progress = progress, .context = context};
    for (int m = 0; m < MEMBER__MAX; m++)
        blending.weights[m] = (float)(members->configuration->weights[m] / scales[m]);
    for (unsigned i = 0; i < threads; i++)
        working_row_create(&working[i], members->learning->item_count);
    blend_rows(&blending, threads, ROW_MAX, behaviour, 3, &trained->rows);
    blend_rows(&blending, threads, TRANSITION_MAX, order, 1, &trained->transitions);
    blend_rows(&blending, threads, CONTENT_MAX, texts, 1, &trained->contents);
    for (unsigned i = 0; i < threads; i++)
        working_row_release(&working[i]);
}

static void keep_settings(struct trained *trained, const struct configuration *configuration,
                          const double scales[MEMBER__MAX])
{
    trained->settings = (struct model_settings){
        .history_half_life = (float)configuration->history_half_life,
        .transition_recency = (float)configuration->transition_recency,
        .content_kappa = (float)configuration->content_kappa,
        .content_weight = (float)(configuration->weights[MEMBER_CONTENT] / scales[MEMBER_CONTENT]),
    };
}

void trainer_build_rows(struct trainer *trainer, trainer_progress *progress, void *context)
{
    struct trained *trained = &trainer->trained;
    unsigned threads = trainer_thread_count(trainer->options.threads);
    struct learning *learning = learning_create(trainer, NULL, 0);
    struct evidence evidence = {0};
    struct sparse_rows content, ridge = {0}, gram;
    struct members members;
    double scales[MEMBER__MAX];
    content_compute(trainer, learning, content_kappa, CONTENT_MAX, threads, &content, progress, context);
    struct configuration configuration =
        configuration_choose(trainer, &content, scales, &evidence, progress, context);
    learning_decay(learning, configuration.decay_half_life);
    members_create(&members, learning, &configuration);
    members.content = &content;
    trained->trend = memory_alloc(learning->item_count, sizeof(*trained->trend));
    trend_compute(learning, configuration.trend_exponent, configuration.trend_half_life, trained->trend);
    members.trend = trained->trend;
    float *shares = memory_alloc(learning->item_count, sizeof(*shares));
    for (uint32_t item = 0; item < learning->item_count; item++)
        shares[item] = content_share(configuration.content_kappa, learning->item_counts[item]);
    members.content_shares = shares;
    if (configuration.weights[MEMBER_RIDGE] > 0) {
        ridge_compute(&members, &configuration.ridge_strength, 1, threads, &ridge, progress, context);
        members.ridge = &ridge;
    }
    gram_compute(&members, MEMBER_ROW_MAX, threads, &gram);
    members.gram = &gram;
    blend_all(trained, &members, scales, threads, progress, context);
    keep_settings(trained, &configuration, scales);
    trained->evidence = evidence.text;
    if (progress)
        progress(context, "rows", learning->item_count, learning->item_count);
    members_release(&members);
    memory_free(shares);
    sparse_rows_release(&ridge);
    sparse_rows_release(&gram);
    sparse_rows_release(&content);
    learning_destroy(learning);
}
