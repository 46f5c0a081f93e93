/* What every training shares, whatever it reads from: the resources it may use,
 * building with progress, and what is said at the end.
 *
 * Owns nothing. Does not read items or events. */
#ifndef PALATE_CLI_TRAIN_BUILD_H
#define PALATE_CLI_TRAIN_BUILD_H

#include "cli/options.h"
#include "training/trainer.h"

/* Put into a struct of options; the rules below fill it. */
struct train_resources {
    int64_t threads;       /* 0: as many as there are processors */
    const char *memory;    /* as given; NULL: half of what the machine, or this group of processes, has */
    uint64_t memory_bytes; /* of it */
    int64_t seed;
};

#define TRAIN_RESOURCES_DEFAULT                                                                              \
    {                                                                                                        \
        .threads = 0, .seed = 1                                                                              \
    }

/* NOLINTBEGIN(bugprone-macro-parentheses): offsetof() takes no member in parentheses. */
#define TRAIN_RESOURCES_RULES(type, member)                                                                  \
    {"threads", OPTION_NUMBER, offsetof(type, member.threads), false, 1, 256},                               \
        {"memory", OPTION_TEXT, offsetof(type, member.memory), false, 0, 0},                                 \
    {                                                                                                        \
        "seed", OPTION_NUMBER, offsetof(type, member.seed), false, 0, INT64_MAX                              \
    }
/* NOLINTEND(bugprone-macro-parentheses) */

#define TRAIN_RESOURCES_HELP                                                                                 \
    "  --threads N      1 to 256; default: the number of processors\n"                                       \
    "  --memory 4G      what training may use: a whole number and K, M, G or T, at least 64M; default: "     \
    "half\n"                                                                                                 \
    "                   of the machine's. The model does not depend on it; when it is too little, the\n"     \
    "                   needed amount is named\n"                                                            \
    "  --seed 1         of everything that is drawn; the same seed gives the "                               \
    "same model\n"

/* Reads resources->memory into memory_bytes and sets threads; false after
 * writing operands->problem. */
bool train_resources_check(struct train_resources *resources, struct operands *operands)
    __attribute__((nonnull, warn_unused_result));

/* The trainer's options. now: Unix seconds. */
struct trainer_options train_build_options(const struct train_resources *resources, int64_t now)
    __attribute__((nonnull, warn_unused_result));

/* Is there memory enough for what was read? False after naming what is needed. */
bool train_fits(const struct trainer *trainer) __attribute__((nonnull, warn_unused_result));

/* trainer_build() with progress. False after Ctrl-C, which has been said, and when the time of a slice is
 * over, which has not. */
bool train_build(struct trainer *trainer) __attribute__((nonnull, warn_unused_result));

/* trainer_write(); false after saying why. */
bool train_write(struct trainer *trainer, const char *path) __attribute__((nonnull, warn_unused_result));

/* "LABEL ORIGIN 5,000 items, 300 users, 9,000 events in 3.2 s: PATH of 2.0
 * MiB", a second line, also with the label, about what was left out, and how
 * the configuration was chosen. label and origin are "" or end with a space. */
void train_report(const struct trainer *trainer, const char *label, const char *origin, const char *path,
                  double seconds) __attribute__((nonnull));

#endif
