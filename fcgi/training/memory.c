/* How much memory a training takes at most; see trainer_memory_needed() in trainer.h.
 *
 * On shared hosting a process that takes too much is killed without a word, so the tool must know before it
 * begins. The estimate adds up the sizes of all that is allocated at one time, from the sizes of the inputs
 * alone, separately for the phases that do not overlap: reading, choosing, and computing the final rows. The
 * need is the largest phase. Within a phase, what is released before the next block is allocated counts once.
 *
 * The constants mirror the allocations of the files named beside them; whoever changes an allocation there
 * changes its term here. Pages of a block that are never written do not count for the system, so what is
 * really used is mostly less: the estimate errs on the safe side. */
#include "engine/item_vector.h"
#include "training/choose/holdout.h"
#include "training/internal.h"
#include "training/learn/content.h"
#include "training/learn/cooccurrence.h"
#include "training/learn/ridge.h"

static const uint64_t program_bytes = UINT64_C(24) << 20;
static const uint64_t cache_bytes = UINT64_C(128) << 20;

static uint64_t least(uint64_t left, uint64_t right)
{
    return left < right ? left : right;
}

static uint64_t greatest(uint64_t left, uint64_t right)
{
    return left > right ? left : right;
}

struct sizes {
    uint64_t items, users, events;
    uint64_t inputs;    /* items and their texts */
    uint64_t learning;  /* one set */
    uint64_t entry_row; /* all items' rows of the greatest width */
    uint64_t content;   /* all likenesses */
    uint64_t threads;   /* their working memory */
};

static struct sizes sizes_of(const struct trainer *trainer, unsigned threads)
{
    uint64_t items = intern_count(trainer->ids), events = trainer->event_count + trainer->uncounted_events;
    uint64_t users = trainer->users ? intern_count(trainer->users) : trainer->user_count;
    struct sizes sizes = {.items = items, .users = users, .events = events};
    uint64_t texts = arena_used(trainer->arena) + intern_bytes(trainer->texts);
    sizes.inputs = program_bytes + texts + intern_bytes(trainer->ids) + intern_bytes(trainer->paths) +
                   items * (sizeof(struct trainer_item) + 128) +
                   trainer->field_count * (sizeof(struct trainer_field) + 64);
    sizes.learning = 26 * events + 12 * users + 16 * items;
    sizes.entry_row = items * least(items, MEMBER_ROW_MAX) * sizeof(struct weighted_item);
    sizes.content = items * least(items, CONTENT_ROW_MAX) * sizeof(struct weighted_item) + 4 * texts;
    sizes.threads = threads * (items * 17 + users * 9 + (UINT64_C(1) << 18));
    return sizes;
}

/* The exact ridge holds the Gram matrix and its inverse; the local one holds solutions for each strength and
 * the one being sorted into rows, or the pairs that are counted beforehand, whichever is more. */
static uint64_t ridge_bytes(const struct sizes *sizes, uint64_t strengths)
{
    uint64_t items = sizes->items;
    if (items <= RIDGE_EXACT_MAX)
        return 2 * items * items * sizeof(float) + strengths * sizes->entry_row;
    uint64_t pairs = items * COOCCURRENCE_MAX * sizeof(struct weighted_item);
    uint64_t solved = items * RIDGE_NEIGHBOURS * sizeof(float);
    uint64_t rows = items * RIDGE_NEIGHBOURS * sizeof(struct weighted_item);
    return (strengths + 1) * solved + greatest(sizes->events > 3000000 ? pairs : 0, (strengths + 1) * rows);
}

static uint64_t ridge_row_bytes(const struct sizes *sizes)
{
    return sizes->items <= RIDGE_EXACT_MAX ? sizes->entry_row
                                           : sizes->items * RIDGE_NEIGHBOURS * sizeof(struct weighted_item);
}

/* Splitting needs the whole and the rest of the events at once; measuring needs rows of members and the
 * caches of held-out users' scores. */
static uint64_t choice_bytes(const struct sizes *sizes)
{
    uint64_t users = least(sizes->users, HOLDOUT_USERS_MAX);
    uint64_t caches = MEMBER__MAX * least(cache_bytes, users * sizes->items * sizeof(struct weighted_item));
    uint64_t splitting = 2 * sizes->learning + 10 * sizes->events;
    uint64_t measuring = sizes->learning + sizes->threads +
                         greatest(ridge_bytes(sizes, 3), ridge_row_bytes(sizes) + sizes->entry_row + caches);
    return greatest(splitting, measuring);
}

/* As training/learn/vectors.c and training/learn/textmap.c take it: columns, sums of users, features of
 * texts. */
static uint64_t vector_bytes(const struct sizes *sizes)
{
    enum { COLUMNS_BYTES = 1300, SUMS_BYTES = 320, USERS = 1 << 17, SAMPLE = 20000 };
    uint64_t features = ITEM_VECTOR_FEATURES * sizeof(float);
    return sizes->items * COLUMNS_BYTES + least(sizes->users, USERS) * SUMS_BYTES +
           least(sizes->items, SAMPLE) * features + UINT64_C(3) * ITEM_VECTOR_FEATURES * features;
}

/* Either the last ridge, or the blending of finished rows, or the vectors beside the rows is the largest. */
static uint64_t final_bytes(const struct sizes *sizes)
{
    uint64_t transitions =
        sizes->items * least(sizes->items, TRANSITION_ROW_MAX) * sizeof(struct weighted_item);
    uint64_t finished = sizes->entry_row + transitions + sizes->content;
    uint64_t blending = ridge_row_bytes(sizes) + 2 * sizes->entry_row + finished;
    return sizes->learning + sizes->threads +
           greatest(greatest(ridge_bytes(sizes, 1), blending), finished + vector_bytes(sizes));
}

uint64_t trainer_memory_needed(const struct trainer *trainer, unsigned threads)
{
    struct sizes sizes = sizes_of(trainer, threads);
    uint64_t grouped = 16 * sizes.events + 8 * sizes.users;
    uint64_t reading =
        36 * sizes.events + (trainer->users ? intern_bytes(trainer->users) : 0) + 8 * sizes.users;
    uint64_t building = grouped + sizes.content + greatest(choice_bytes(&sizes), final_bytes(&sizes));
    return sizes.inputs + greatest(reading, building);
}
