/* Moments as texts: as data sets and clients write them, and as logs, MariaDB and Gorse read them. Always
 * UTC. */
#ifndef PALATE_BASE_MOMENT_H
#define PALATE_BASE_MOMENT_H

#include <stdbool.h>
#include <stdint.h>

/* Read Unix seconds (below 10^12; decimals allowed), Unix milliseconds (from 10^12 on), or, as text, ISO
 * 8601: 2011-12-09, 2011-12-09T12:50, 2011-12-09 12:50:03.250, with Z, +01, +0100 or +01:00 behind a time;
 * without a zone it is UTC. False for anything else, and for moments before 1970 or after 9999. */
bool moment_of_number(int64_t number, int64_t *milliseconds) __attribute__((nonnull, warn_unused_result));
bool moment_parse(const char *text, int64_t *milliseconds) __attribute__((nonnull, warn_unused_result));

enum moment_style {
    MOMENT_PRECISE, /* 2026-11-30T14:26:23.123Z (RFC 3339) */
    MOMENT_SECONDS, /* 2026-11-30T14:26:23Z */
    MOMENT_SQL,     /* 2026-11-30 14:26:23, for a session whose time zone is UTC */
};

/* Writes a moment; its length without the zero behind. Moments before 1970 count as 1970, those after 9999 as
 * its end. Does not look at the time zone, and costs some divisions. */
enum { MOMENT_SIZE = 25 };
int moment_write(int64_t milliseconds, enum moment_style style, char text[static MOMENT_SIZE]);

#endif
