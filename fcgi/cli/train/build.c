/* What every training shares, whatever it reads from; see build.h.
 *
 * Memory is bounded by naming, not by failing: the trainer can say how much it will need once the inputs
 * are read, and a run that needs more than it may use ends before it begins to compute, with the number
 * that would do. The default is half of what this process may have: of the machine's memory, or of the
 * limit of its control group where that is lower, since a container that takes more is killed without a
 * message. The other half is left to MariaDB and the workers.
 *
 * The model does not depend on memory or threads, only on the inputs and the seed. */
#include "cli/train/build.h"

#include "base/text.h"
#include "cli/command.h"
#include "cli/format.h"
#include "cli/progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const uint64_t MEMORY_MINIMUM = UINT64_C(64) << 20;

/* A whole number and one of K, M, G, T, as powers of 1024; shifts that would overflow are refused. */
static bool parse_memory(const char *text, uint64_t *bytes)
{
    static const char units[] = "KMGT";
    char digits[16];
    int64_t number;
    size_t length = strlen(text);
    const char *unit = length ? strchr(units, text[length - 1]) : NULL;
    if (!unit || !*unit || length > sizeof(digits))
        return false;
    memcpy(digits, text, length - 1);
    digits[length - 1] = '\0';
    int shift = 10 * (int)(unit - units + 1);
    if (!text_to_int64(digits, &number) || number < 0 || number > INT64_MAX >> shift)
        return false;
    *bytes = (uint64_t)number << shift;
    return *bytes >= MEMORY_MINIMUM;
}

/* What the group of processes may use at most, where there are such groups and such a bound. */
static uint64_t group_memory(void)
{
    char line[32] = "";
    int64_t bytes;
    FILE *file = fopen("/sys/fs/cgroup/memory.max", "re");
    if (!file)
        return UINT64_MAX;
    bool read = fgets(line, sizeof(line), file);
    fclose(file);
    line[strcspn(line, "\n")] = '\0';
    return read && text_to_int64(line, &bytes) && bytes > 0 ? (uint64_t)bytes : UINT64_MAX;
}

static uint64_t default_memory(void)
{
    /* Where the system does not say, 8 GiB are taken for the machine's memory. */
    long pages = sysconf(_SC_PHYS_PAGES), size = sysconf(_SC_PAGESIZE);
    uint64_t machine = pages > 0 && size > 0 ? (uint64_t)pages * (uint64_t)size : UINT64_C(8) << 30;
    uint64_t group = group_memory(), half = (machine < group ? machine : group) / 2;
    return half > MEMORY_MINIMUM ? half : MEMORY_MINIMUM;
}

bool train_resources_check(struct train_resources *resources, struct operands *operands)
{
    if (!resources->threads) {
        long processors = sysconf(_SC_NPROCESSORS_ONLN);
        resources->threads = processors < 1 ? 1 : processors < 256 ? processors : 256;
    }
    if (!resources->memory) {
        resources->memory_bytes = default_memory();
        return true;
    }
    if (parse_memory(resources->memory, &resources->memory_bytes))
        return true;
    snprintf(operands->problem, sizeof(operands->problem),
             "--memory must be a whole number and K, M, G or T, at least 64M, "
             "not \"%.60s\"",
             resources->memory);
    return false;
}

static bool must_stop(void *context)
{
    (void)context;
    return command_is_interrupted();
}

struct trainer_options train_build_options(const struct train_resources *resources, int64_t now)
{
    return (struct trainer_options){.now = now,
                                    .generation = 1,
                                    .threads = (unsigned)resources->threads,
                                    .seed = (uint64_t)resources->seed,
                                    .memory = resources->memory_bytes,
                                    .stop = must_stop};
}

bool train_fits(const struct trainer *trainer)
{
    uint64_t needed = trainer_memory_needed(trainer, 1), allowed = trainer_options(trainer)->memory;
    if (!allowed || needed <= allowed)
        return true;
    uint64_t mebibytes = (needed >> 20) + 1;
    command_say(
        "training takes up to %s of memory for so many items and events, more than the %s that it may "
        "use; give --memory %" PRIu64 "M where the machine has so much",
        format_bytes(mebibytes << 20).text, format_bytes(allowed).text, mebibytes);
    return false;
}

/* The trainer calls it with the name of each stage; a new name begins a new line of progress. */
static void show_stage(void *context, const char *stage, uint64_t done, uint64_t total)
{
    struct progress *progress = context;
    if (progress->what != stage) {
        progress_clear(progress);
        progress_start(progress, stage, "steps");
    }
    progress_update(progress, done, total, done);
}

bool train_build(struct trainer *trainer)
{
    struct progress progress = {.what = NULL};
    bool built = trainer_build(trainer, show_stage, &progress);
    progress_clear(&progress);
    if (command_is_interrupted())
        command_say("interrupted; no model was written");
    return built && !command_is_interrupted();
}

bool train_write(struct trainer *trainer, const char *path)
{
    int failure = trainer_write(trainer, path);
    if (failure)
        command_say("cannot write the model file %s: %s", path, strerror(failure));
    return !failure;
}

void train_report(const struct trainer *trainer, const char *label, const char *origin, const char *path,
                  double seconds)
{
    struct trainer_statistics statistics = trainer_statistics(trainer);
    printf("%s%s%s items, %s users, %s events in %s: %s of %s\n", label, origin,
           format_count(statistics.items).text, format_count(statistics.users).text,
           format_count(statistics.events).text, format_seconds(seconds).text, path,
           format_bytes(statistics.bytes).text);
    if (statistics.ignored_events)
        printf("%s%s events left out (items that are not in the catalogue or not "
               "active, or no positive "
               "weight)\n",
               label, format_count(statistics.ignored_events).text);
    if (statistics.robots)
        printf(
            "%s%s events of %s users left out: no person has so many in a day (`palate doctor` names them)\n",
            label, format_count(statistics.robot_events).text, format_count(statistics.robots).text);
    const char *evidence = trainer_evidence(trainer);
    size_t length = strlen(evidence);
    printf("%s%s", evidence, length && evidence[length - 1] != '\n' ? "\n" : "");
    fflush(stdout);
}
