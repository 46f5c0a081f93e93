/* What every training shares; see train_build.h. */
#include "cli/train_build.h"

#include "base/text.h"
#include "cli/command.h"
#include "cli/format.h"
#include "cli/interrupt.h"
#include "cli/progress.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const uint64_t MEMORY_MINIMUM = UINT64_C(256) << 20;

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

bool train_resources_check(struct train_resources *resources, struct operands *operands)
{
    if (!resources->threads) {
        long processors = sysconf(_SC_NPROCESSORS_ONLN);
        resources->threads = processors < 1 ? 1 : processors < 256 ? processors : 256;
    }
    if (parse_memory(resources->memory, &resources->memory_bytes))
        return true;
    snprintf(operands->problem, sizeof(operands->problem),
             "--memory must be a whole number and K, M, G or T, at least 256M, "
             "not \"%.60s\"",
             resources->memory);
    return false;
}

struct trainer_options train_build_options(const struct train_resources *resources, int64_t now)
{
    return (struct trainer_options){.now = now,
                                    .generation = 1,
                                    .threads = (unsigned)resources->threads,
                                    .seed = (uint64_t)resources->seed};
}

struct building {
    struct progress progress;
    bool told; /* that it is going to stop */
};

static void show_stage(void *context, const char *stage, uint64_t done, uint64_t total)
{
    struct building *building = context;
    if (building->progress.what != stage) {
        progress_clear(&building->progress);
        progress_start(&building->progress, stage, "steps");
    }
    if (interrupt_happened() && !building->told) {
        progress_clear(&building->progress);
        command_say("stopping when this stage is done; Ctrl-C once more stops at once");
        building->told = true;
    }
    progress_update(&building->progress, done, total, done);
}

bool train_build(struct trainer *trainer)
{
    struct building building = {.told = false};
    trainer_build(trainer, show_stage, &building);
    progress_clear(&building.progress);
    if (interrupt_happened())
        command_say("interrupted; no model was written");
    return !interrupt_happened();
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
    const char *evidence = trainer_evidence(trainer);
    size_t length = strlen(evidence);
    printf("%s%s", evidence, length && evidence[length - 1] != '\n' ? "\n" : "");
    fflush(stdout);
}
