/* Moments as data sets write them. */
#ifndef PALATE_BASE_TIME_TEXT_H
#define PALATE_BASE_TIME_TEXT_H

#include <stdbool.h>
#include <stdint.h>

/* Read Unix seconds (below 10^12; decimals allowed), Unix milliseconds (from 10^12 on), or, as text, ISO
 * 8601: 2011-12-09, 2011-12-09T12:50, 2011-12-09 12:50:03.250, with Z, +01, +0100 or +01:00 behind a time;
 * without a zone it is UTC. False for anything else, and for moments before 1970 or after 9999. */
bool time_of_number(int64_t number, int64_t *milliseconds) __attribute__((nonnull, warn_unused_result));
bool time_parse(const char *text, int64_t *milliseconds) __attribute__((nonnull, warn_unused_result));

#endif
