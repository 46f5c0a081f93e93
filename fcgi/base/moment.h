/* Moments as texts: as data sets and clients write them, and as logs, MariaDB and Gorse read them. Always
 * UTC. */
#ifndef PALATE_BASE_MOMENT_H
#define PALATE_BASE_MOMENT_H

#include <stdbool.h>
#include <stdint.h>

/* Read a moment as exports and clients write it. By text, ISO 8601 and what is written almost like it: a date
 * (2011-12-09, 2011/12/09, 20111209), behind it, after T or a blank, perhaps a time (12, 12:50, 12:50:03.250, 1250,
 * 125003), behind that, perhaps after a blank, a zone (Z, UTC, GMT, +01, +0100, +01:00); without one it is UTC. From
 * 1970 to 9999.
 *
 * By number, or text of a number, whatever unit makes it a moment from 1980 to 2099: Unix seconds, milliseconds,
 * microseconds or nanoseconds, for which decimals are allowed, or a date in digits (20111209, 201112091250,
 * 20111209125003). No number can be two of these. Any other (a day count of a spreadsheet, a place in a list, 0) is
 * refused and not made a moment of 1970. *milliseconds is left alone when false. */
bool moment_of_number(int64_t number, int64_t *milliseconds) __attribute__((nonnull, warn_unused_result));
bool moment_parse(const char *text, int64_t *milliseconds) __attribute__((nonnull, warn_unused_result));

/* Whether a moment (Unix ms) is from 1980 on: what is before is a clock that was never set, or no time at all. */
bool moment_is_plausible(int64_t milliseconds) __attribute__((const, warn_unused_result));

/* What a moment must be, for messages: "occurred_at " MOMENT_RULE. */
#define MOMENT_RULE                                                                                          \
    "must be a time: ISO 8601 (2026-01-31T12:00:00Z), or one from 1980 to 2099 in Unix seconds, ms, us or "  \
    "ns"

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
