/* Lines of a configuration file that libinih would read as something else than stands there. */
#ifndef PALATE_BASE_CONFIG_LINES_H
#define PALATE_BASE_CONFIG_LINES_H

enum { LIMIT_CONFIG_LINE_BYTES = 190 };

/* What is wrong with the first such line, as the end of "FILE, line N: ...", and its number from 1 in *line.
 * NULL: there is none; then *line says nothing. */
const char *config_find_bad_line(const char *text, int *line) __attribute__((nonnull, warn_unused_result));

#endif
