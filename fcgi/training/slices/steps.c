/* Steps, and what is stored of them; see steps.h.
 *
 * A step is a loop over pieces that write only what is their own. That makes three things simple at once:
 * threads, since pieces need no order (training/parallel.c); stopping, since a step can end behind any piece;
 * and slices, since what a range of pieces wrote can be stored and read again.
 *
 * With a journal, a step first reads the ranges that earlier runs stored under its tag, then goes on from
 * there, storing what was done every five seconds: that is what a kill can cost. The tag is a hash of the
 * step's name and its number of pieces; steps come in the same order in every run, because the training is
 * deterministic, so the name need not be unique.
 *
 * A result (steps_conclude) replaces all records since its mark: once a trial's values are known, the pieces
 * that led to it are not needed. So the journal stays as large as what is not concluded yet.
 *
 * When a step has stopped, all later ones return at once, and what they would have written stays as it was
 * allocated: zeros. The caller looks at steps->stopped once, at the end, and throws everything away. */
#include "training/slices/steps.h"

#include "base/hash.h"

#include <string.h>

static const int64_t save_every_us = 5 * INT64_C(1000000); /* what a kill can cost */

struct running {
    struct trainer_steps *steps;
    trainer_piece *work;
    void *context;
    size_t count;
    int64_t until_us; /* 0: no limit */
};

static uint64_t tag_of(const char *kind, const char *name, uint64_t number)
{
    uint64_t tag = hash_bytes(HASH_START, kind, strlen(kind) + 1);
    tag = hash_bytes(tag, name, strlen(name) + 1);
    return hash_bytes(tag, &number, sizeof(number));
}

static bool is_over(const struct trainer_steps *steps)
{
    return (steps->stop && steps->stop(steps->stop_context)) ||
           (steps->deadline_us && steps->clock() >= steps->deadline_us);
}

static bool must_halt(void *context)
{
    const struct running *running = context;
    return is_over(running->steps) || (running->until_us && running->steps->clock() >= running->until_us);
}

static void run_piece(void *context, size_t piece, unsigned thread)
{
    const struct running *running = context;
    const struct trainer_steps *steps = running->steps;
    if (thread == 0 && steps->progress)
        steps->progress(steps->progress_context, steps->stage, piece, running->count);
    running->work(running->context, piece, thread);
}

/* ---- storing */

static size_t end_of(const struct step_part *part, size_t piece)
{
    return piece * part->per_piece < part->count ? piece * part->per_piece : part->count;
}

static void store_part(struct trainer_journal *journal, const struct step_part *part, size_t first,
                       size_t end)
{
    if (!part->rows) {
        journal_write(journal, (const char *)part->bytes + first * part->size, (end - first) * part->size);
        return;
    }
    journal_write(journal, part->rows->lengths + first, (end - first) * sizeof(*part->rows->lengths));
    for (size_t item = first; item < end; item++)
        journal_write(journal, sparse_rows_of(part->rows, (uint32_t)item),
                      part->rows->lengths[item] * sizeof(*part->rows->entries));
}

static void load_part(struct trainer_journal *journal, const struct step_part *part, size_t first, size_t end)
{
    if (!part->rows) {
        journal_read(journal, (char *)part->bytes + first * part->size, (end - first) * part->size);
        return;
    }
    journal_read(journal, part->rows->lengths + first, (end - first) * sizeof(*part->rows->lengths));
    for (size_t item = first; item < end; item++) {
        if (part->rows->lengths[item] > sparse_rows_capacity(part->rows, (uint32_t)item))
            part->rows->lengths[item] = 0; /* cannot be: its checksum is right */
        journal_read(journal, sparse_rows_of(part->rows, (uint32_t)item),
                     part->rows->lengths[item] * sizeof(*part->rows->entries));
    }
}

static void store_pieces(struct trainer_steps *steps, uint64_t tag, size_t first, size_t end,
                         const struct step_part *parts, size_t part_count)
{
    const uint64_t range[2] = {first, end};
    journal_begin(steps->journal, tag);
    journal_write(steps->journal, range, sizeof(range));
    for (size_t i = 0; i < part_count; i++)
        store_part(steps->journal, &parts[i], end_of(&parts[i], first), end_of(&parts[i], end));
    journal_end(steps->journal);
    if (journal_error(steps->journal))
        steps->stopped = true;
}

/* The pieces that were done in earlier runs. */
static size_t load_pieces(struct trainer_steps *steps, uint64_t tag, size_t count,
                          const struct step_part *parts, size_t part_count)
{
    uint64_t size, range[2];
    size_t done = 0;
    for (;;) {
        uint64_t place = journal_place(steps->journal);
        if (done == count || !journal_enter(steps->journal, tag, &size))
            return done;
        journal_read(steps->journal, range, sizeof(range));
        if (range[0] != done || range[1] <= done || range[1] > count) {
            journal_go_back(steps->journal, place);
            return done; /* of another step with the same name */
        }
        for (size_t i = 0; i < part_count; i++)
            load_part(steps->journal, &parts[i], end_of(&parts[i], done), end_of(&parts[i], range[1]));
        done = range[1];
    }
}

void steps_run(struct trainer_steps *steps, const char *stage, size_t count, trainer_piece *work,
               void *context, const struct step_part *parts, size_t part_count)
{
    struct running running = {.steps = steps, .work = work, .context = context, .count = count};
    uint64_t tag = tag_of("step", stage, count);
    if (steps->stopped)
        return;
    steps->stage = stage;
    size_t done = steps->journal ? load_pieces(steps, tag, count, parts, part_count) : 0;
    while (done < count && !steps->stopped) {
        size_t first = done;
        steps->done = done;
        steps->total = count;
        steps->stopped = steps->advanced && is_over(steps);
        if (steps->stopped)
            break;
        running.until_us = steps->journal ? steps->clock() + save_every_us : 0;
        done = trainer_parallel_until(steps->threads, done, count, run_piece, must_halt, &running);
        steps->advanced = true;
        steps->done = done;
        if (steps->journal)
            store_pieces(steps, tag, first, done, parts, part_count);
    }
}

static bool must_stop(void *context)
{
    const struct running *running = context;
    return running->steps->stop && running->steps->stop(running->steps->stop_context);
}

/* What it writes is too large to be worth storing, or quick enough to compute again. */
void steps_run_whole(struct trainer_steps *steps, const char *stage, size_t count, trainer_piece *work,
                     void *context)
{
    struct running running = {.steps = steps, .work = work, .context = context, .count = count};
    steps->stopped = steps->stopped || (steps->advanced && is_over(steps));
    if (steps->stopped)
        return;
    steps->stage = stage;
    if (trainer_parallel_until(steps->threads, 0, count, run_piece, must_stop, &running) < count)
        steps->stopped = true;
}

bool steps_recall(struct trainer_steps *steps, const char *name, void *bytes, size_t size)
{
    uint64_t found;
    if (!steps->journal || steps->stopped ||
        !journal_enter(steps->journal, tag_of("result", name, size), &found))
        return false;
    journal_read(steps->journal, bytes, size);
    steps->trials++;
    return true;
}

uint64_t steps_mark(const struct trainer_steps *steps)
{
    return steps->journal ? journal_place(steps->journal) : 0;
}

void steps_conclude(struct trainer_steps *steps, uint64_t mark, const char *name, const void *bytes,
                    size_t size)
{
    steps->trials += !steps->stopped;
    if (!steps->journal || steps->stopped)
        return;
    journal_go_back(steps->journal, mark);
    journal_begin(steps->journal, tag_of("result", name, size));
    journal_write(steps->journal, bytes, size);
    journal_end(steps->journal);
    if (journal_error(steps->journal))
        steps->stopped = true;
}
