/* Moments as data sets and logs write them. */
#ifndef PALATE_BASE_TIME_TEXT_H
#define PALATE_BASE_TIME_TEXT_H

#include <stdbool.h>
#include <stdint.h>

/* Read Unix seconds (below 10^12; decimals allowed), Unix milliseconds (from 10^12 on), or, as text, ISO
 * 8601: 2011-12-09, 2011-12-09T12:50, 2011-12-09 12:50:03.250, with Z, +01, +0100 or +01:00 behind a time;
 * without a zone it is UTC. False for anything else, and for moments before 1970 or after 9999. */
bool time_of_number(int64_t number, int64_t *milliseconds) __attribute__((nonnull, warn_unused_result));
bool time_parse(const char *text, int64_t *milliseconds) __attribute__((nonnull, warn_unused_result));

/* Writes a moment as RFC 3339 has it, in UTC: 2026-11-30T14:26:23.123Z. Moments before 1970 count as 1970,
 * those after 9999 as its end. Does not look at the time zone, and costs some divisions. */
enum { TIME_TEXT_SIZE = 25 };
void time_format(int64_t milliseconds, char text[static TIME_TEXT_SIZE]);

#endif
