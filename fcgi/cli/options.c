/* Options of a command as a table; see options.h.
 *
 * getopt_long() does the reading, so that options may be shortened, stand behind operands and be written
 * with = or a space, as users of other programs expect. What it lacks is added here: types and bounds,
 * options that are needed, options given twice, the number of operands, and a sentence for each mistake
 * instead of messages printed by the library.
 *
 * Every rule has a code of its own from CODE_FIRST on, which is above all characters, so that getopt's
 * answer leads back to the rule. A rule whose name is one letter is also put into the string of short
 * options.
 *
 * Nothing is printed and nothing is allocated: texts point into argv, and a problem is a text in the
 * caller's struct. That is what lets unit tests go through every command's options. */
#include "cli/options.h"

#include "base/memory.h"
#include "base/text.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { CODE_FIRST = 1000 };

enum options_outcome options_reject(struct operands *operands, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(operands->problem, sizeof(operands->problem), format, arguments);
    va_end(arguments);
    return OPTIONS_WRONG;
}

static const char *find_dashes(const struct option_rule *rule)
{
    return rule->name[1] ? "--" : "-";
}

/* Stores the value where the rule says. The types of the table are the only link to the command's struct. */
static enum options_outcome store_value(const struct option_rule *rule, const char *value, void *options,
                                        struct operands *operands)
{
    char *place = (char *)options + rule->offset;
    if (rule->type == OPTION_FLAG) {
        *(bool *)(void *)place = true;
    } else if (rule->type == OPTION_TEXT) {
        *(const char **)(void *)place = value;
    } else {
        int64_t number;
        if (!text_to_int64(value, &number) || number < rule->minimum || number > rule->maximum)
            return options_reject(
                operands, "%s%s must be a whole number from %" PRId64 " to %" PRId64 ", not \"%.60s\"",
                find_dashes(rule), rule->name, rule->minimum, rule->maximum, value);
        *(int64_t *)(void *)place = number;
    }
    return OPTIONS_OK;
}

/* letters: ":h" and those of the rules. */
static void make_table(const struct options_shape *shape, struct option *table, char *letters)
{
    *letters++ = ':';
    *letters++ = 'h';
    if (shape->rule_count > OPTIONS_MAXIMUM)
        memory_exhausted(); /* a mistake of ours that no test could miss */
    for (size_t i = 0; i < shape->rule_count; i++) {
        table[i] =
            (struct option){.name = shape->rules[i].name,
                            .has_arg = shape->rules[i].type == OPTION_FLAG ? no_argument : required_argument,
                            .val = CODE_FIRST + (int)i};
        if (shape->rules[i].name[1])
            continue;
        *letters++ = shape->rules[i].name[0];
        if (shape->rules[i].type != OPTION_FLAG)
            *letters++ = ':';
    }
    *letters = '\0';
    table[shape->rule_count] = (struct option){.name = "help", .val = 'h'};
}

/* The rule that getopt's code means. */
static size_t rule_of(const struct options_shape *shape, int code)
{
    size_t index = 0;
    if (code >= CODE_FIRST)
        return (size_t)(code - CODE_FIRST);
    while (shape->rules[index].name[0] != code || shape->rules[index].name[1])
        index++;
    return index;
}

static enum options_outcome read_options(const struct options_shape *shape, int argc, char **argv,
                                         void *options, bool *given, struct operands *operands)
{
    struct option table[OPTIONS_MAXIMUM + 2] = {{0}};
    char letters[2 * OPTIONS_MAXIMUM + 3];
    make_table(shape, table, letters);
    opterr = 0;
    optind = 0; /* glibc: begin a new command line */
    int code;
    while ((code = getopt_long(argc, argv, letters, table, NULL)) != -1) {
        if (code == 'h')
            return OPTIONS_HELP;
        if (code == ':')
            return options_reject(operands, "%.60s needs a value", argv[optind - 1]);
        if (code == '?')
            return optopt ? options_reject(operands, "unknown or misused option %.60s", argv[optind - 1])
                          : options_reject(operands, "unknown option %.60s", argv[optind - 1]);
        size_t index = rule_of(shape, code);
        if (given[index])
            return options_reject(operands, "%s%s is given twice", find_dashes(&shape->rules[index]),
                                  shape->rules[index].name);
        given[index] = true;
        enum options_outcome outcome = store_value(&shape->rules[index], optarg, options, operands);
        if (outcome != OPTIONS_OK)
            return outcome;
    }
    return OPTIONS_OK;
}

/* Options may stand behind operands: getopt_long() moves the operands to the end of argv, where they are
 * found from optind on. */
enum options_outcome options_parse(const struct options_shape *shape, int argc, char **argv, void *options,
                                   struct operands *operands)
{
    bool given[OPTIONS_MAXIMUM] = {false};
    *operands = (struct operands){0};
    enum options_outcome outcome = read_options(shape, argc, argv, options, given, operands);
    if (outcome != OPTIONS_OK)
        return outcome;
    operands->values = argv + optind;
    operands->count = argc - optind;
    if (operands->count < shape->operands_minimum)
        return options_reject(operands, "%s is missing", shape->operands);
    if (shape->operands_maximum >= 0 && operands->count > shape->operands_maximum)
        return options_reject(operands, "\"%.60s\" is one word too many",
                              operands->values[shape->operands_maximum]);
    for (size_t i = 0; i < shape->rule_count; i++) {
        if (shape->rules[i].required && !given[i])
            return options_reject(operands, "%s%s is missing", find_dashes(&shape->rules[i]),
                                  shape->rules[i].name);
    }
    return OPTIONS_OK;
}
