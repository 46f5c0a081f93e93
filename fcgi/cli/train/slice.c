/* Slices of a training; see slice.h.
 *
 * The problem: on shared hosting a process may run for a minute, and a training takes ten. So a training
 * is cut into runs: each works until its time is over and leaves its state in a file; the next one,
 * started by cron, goes on there. The model is the one that a single run would have made.
 *
 * The state holds the inputs as the first slice read them and every finished piece of work
 * (training/slices/). It is of use only to the same program with the same inputs and the same seed: all of
 * these go into a number, the key, which is stored with it. A state with another key, or one older than
 * seven days, is dropped and the training begins again. The file is locked while a run works on it, so
 * that two runs of cron do not meet.
 *
 * A run goes through open, resume or begin, attach, build, and then pause (the time is over) or close.
 * Without a time budget open does nothing, and neither do the others, so that callers have one course for
 * both.
 *
 * The program is told from another by its file's size and time: another build may compute otherwise, and a
 * state that mixes two builds would give a model that neither makes. */
#include "cli/train/slice.h"

#include "base/clock.h"
#include "base/hash.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/format.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static const int64_t STATE_DAYS_MAX = 7;
#define HOUR_US (INT64_C(3600) * 1000000)

bool train_budget_parse(const char *text, int64_t *budget_us)
{
    static const struct {
        const char *name;
        int64_t us;
    } units[] = {{"ms", 1000}, {"s", 1000000}, {"m", INT64_C(60) * 1000000}, {"h", HOUR_US}};
    char digits[12];
    int64_t number;
    size_t length = strspn(text, "0123456789");
    if (length >= sizeof(digits))
        return false;
    memcpy(digits, text, length);
    digits[length] = '\0';
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        if (strcmp(text + length, units[i].name) != 0)
            continue;
        if (!text_to_int64(digits, &number) || number < 1 || number > 100 * HOUR_US / units[i].us)
            return false;
        *budget_us = number * units[i].us;
        return true;
    }
    return false;
}

uint64_t train_slice_key_add(uint64_t key, const void *bytes, size_t size)
{
    return hash_bytes(key, bytes, size);
}

/* Another build of the program may compute otherwise. */
uint64_t train_slice_key(void)
{
    struct stat status;
    uint64_t key = HASH_START;
    if (stat("/proc/self/exe", &status) == 0) {
        key = hash_bytes(key, &status.st_size, sizeof(status.st_size));
        key = hash_bytes(key, &status.st_mtim, sizeof(status.st_mtim));
    }
    return key;
}

bool train_slice_open(struct train_slice *slice, const char *path, uint64_t key, int64_t deadline_us)
{
    int error = 0;
    *slice = (struct train_slice){.deadline_us = deadline_us, .key = key, .path = path};
    if (!deadline_us)
        return true;
    slice->journal = journal_open(path, &error);
    if (slice->journal)
        return true;
    if (error == EWOULDBLOCK)
        command_say("another run is at work on %s; wait for its end", path);
    else
        command_say("cannot open the state %s: %s", path, strerror(error));
    return false;
}

struct trainer *train_slice_resume(struct train_slice *slice, const struct trainer_options *options)
{
    if (!slice->journal)
        return NULL;
    return trainer_load(slice->journal, slice->key, options->now - STATE_DAYS_MAX * 86400, options);
}

static bool said_error(const struct train_slice *slice)
{
    if (!slice->journal || !journal_error(slice->journal))
        return false;
    command_say("cannot keep the state in %s: %s; make room, or remove it to begin again", slice->path,
                strerror(journal_error(slice->journal)));
    return true;
}

bool train_slice_begin(struct train_slice *slice, struct trainer *trainer)
{
    return !slice->journal || trainer_save(trainer, slice->journal, slice->key) || !said_error(slice);
}

void train_slice_attach(struct train_slice *slice, struct trainer *trainer)
{
    if (slice->journal)
        trainer_slice(trainer, slice->journal, clock_monotonic_us, slice->deadline_us);
}

int train_slice_pause(struct train_slice *slice, const struct trainer *trainer, const char *label)
{
    struct trainer_place place = trainer_place(trainer);
    if (said_error(slice) || !slice->journal)
        return TOOL_FAILED;
    printf("%snot done yet: at \"%s\", %s of %s pieces, %s configurations tried; the same command goes on "
           "(state in "
           "%s)\n",
           label, place.stage, format_count(place.done).text, format_count(place.total).text,
           format_count(place.trials).text, slice->path);
    fflush(stdout);
    return command_is_interrupted() ? TOOL_FAILED : TOOL_DONE;
}

void train_slice_close(struct train_slice *slice, bool done)
{
    if (slice->journal && done)
        journal_remove(slice->journal);
    else
        journal_close(slice->journal);
    slice->journal = NULL;
}
