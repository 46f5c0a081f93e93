/* `palate settings`: every setting, as a commented configuration file or as the page docs/configuration.md.
 */
#ifndef PALATE_CLI_SETTINGS_H
#define PALATE_CLI_SETTINGS_H

#include "cli/verb.h"

#include <stdio.h>

/* Writes every setting with its default, bounds and help as a configuration file in which each line is a
 * comment: with the marks removed, it is a configuration that says what holds anyway. */
void settings_write_file(FILE *out) __attribute__((nonnull));

/* The same as a page in Markdown, a heading for each section, no line longer than 110 columns. */
void settings_write_markdown(FILE *out) __attribute__((nonnull));

extern const struct command settings_command;

#endif
