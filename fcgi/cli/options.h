/* Options of a command as a table: getopt_long with types, bounds and clear sentences.
 *
 * Texts point into argv. Does not print. */
#ifndef PALATE_CLI_OPTIONS_H
#define PALATE_CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum option_type {
    OPTION_TEXT,   /* const char * */
    OPTION_NUMBER, /* int64_t within minimum and maximum */
    OPTION_FLAG,   /* bool; takes no value */
};

struct option_rule {
    const char *name; /* without "--"; a name of one letter is given as "-k" */
    enum option_type type;
    size_t offset; /* in the command's own struct of options */
    bool required;
    int64_t minimum, maximum;
};

struct options_shape {
    const struct option_rule *rules;
    size_t rule_count;
    int operands_minimum, operands_maximum; /* -1: any number */
    const char *operands;                   /* what they are, for messages: "FILE" */
};

enum options_outcome { OPTIONS_OK, OPTIONS_HELP, OPTIONS_WRONG };

enum { OPTIONS_PROBLEM_SIZE = 200, OPTIONS_MAXIMUM = 16 };

struct operands {
    char **values;
    int count;
    char problem[OPTIONS_PROBLEM_SIZE]; /* set by OPTIONS_WRONG */
};

/* Reads argv[1..]; argv[0] is the command's name. options keeps its presets where nothing is given. An
 * option that is given twice is wrong, `--help` and `-h` end the reading, "--" ends the options. */
enum options_outcome options_parse(const struct options_shape *shape, int argc, char **argv, void *options,
                                   struct operands *operands) __attribute__((nonnull, warn_unused_result));

/* Writes operands->problem, for a command that checks more than the table can say; returns OPTIONS_WRONG. */
enum options_outcome options_reject(struct operands *operands, const char *format, ...)
    __attribute__((format(printf, 2, 3), nonnull));

#endif
