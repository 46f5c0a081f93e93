/* Moments as texts; see moment.h.
 *
 * The C library would do it, but not well: strptime() takes neither fractions nor every way of writing a zone
 * and says nothing of February 30th, mktime() depends on the process's time zone, and even gmtime_r() takes
 * the lock of the time zone's data, for every row of an import and every log line. So the calendar is
 * computed here, with the algorithms of Howard Hinnant, "chrono-compatible low-level date algorithms"
 * (days_from_civil, civil_from_days): years begin in March, which puts the leap day at a year's end, and the
 * 400 years after which the Gregorian calendar repeats are an era of 146,097 days. The days of such a year
 * before its month m (March is 0) are (153 m + 2) / 5, which counts the months' 31 and 30 days as they
 * alternate.
 *
 * Whole numbers only, no table, no allocation, the same on every machine. Leap seconds are not counted, as in
 * Unix time: 23:59:60 is the first second of the next day. */
#include "base/moment.h"

#include "base/text.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

static const int64_t last_moment = 253402300799999; /* 9999-12-31T23:59:59.999Z */

/* Exactly count digits. */
static bool take_digits(const char **at, int count, int *number)
{
    *number = 0;
    for (int i = 0; i < count; i++) {
        char c = **at;
        if (c < '0' || c > '9')
            return false;
        *number = *number * 10 + (c - '0');
        ++*at;
    }
    return true;
}

static bool take(const char **at, char c)
{
    if (**at != c)
        return false;
    ++*at;
    return true;
}

/* days_from_civil: days since 1970-01-01 of a date. */
static int64_t count_days(int year, int month, int day)
{
    int y = month <= 2 ? year - 1 : year;
    int era = y / 400;
    int year_of_era = y - era * 400;
    int day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    int day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return (int64_t)era * 146097 + day_of_era - 719468;
}

static bool is_date(int year, int month, int day)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (month < 1 || month > 12 || day < 1)
        return false;
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return day <= days[month - 1] + (month == 2 && leap);
}

/* .250 or ,250; more digits than three are cut. */
static bool take_fraction(const char **at, int64_t *milliseconds)
{
    if (**at != '.' && **at != ',')
        return true;
    size_t count = strspn(++*at, "0123456789");
    int64_t scale = 100;
    for (size_t i = 0; i < count; i++) {
        *milliseconds += ((*at)[i] - '0') * scale;
        scale /= 10;
    }
    *at += count;
    return count > 0;
}

/* Z, +hh, +hhmm, +hh:mm or nothing; *minutes east of UTC. */
static bool take_zone(const char **at, int *minutes)
{
    int hour = 0, minute = 0;
    *minutes = 0;
    if (**at == '\0' || take(at, 'Z') || take(at, 'z'))
        return true;
    int sign = **at == '-' ? -1 : 1;
    if (!take(at, '+') && !take(at, '-'))
        return false;
    if (!take_digits(at, 2, &hour))
        return false;
    bool colon = take(at, ':');
    if ((colon || **at) && !take_digits(at, 2, &minute))
        return false;
    *minutes = sign * (hour * 60 + minute);
    return hour <= 23 && minute <= 59;
}

static bool take_clock(const char **at, int64_t *milliseconds)
{
    int hour, minute, second = 0, zone;
    if (!take_digits(at, 2, &hour) || !take(at, ':') || !take_digits(at, 2, &minute))
        return false;
    if (take(at, ':') && (!take_digits(at, 2, &second) || !take_fraction(at, milliseconds)))
        return false;
    if (hour > 23 || minute > 59 || second > 60) /* 60: a leap second counts as the next minute's first */
        return false;
    if (!take_zone(at, &zone))
        return false;
    *milliseconds += ((int64_t)(hour * 60 + minute - zone) * 60 + second) * 1000;
    return true;
}

static bool parse_iso(const char *text, int64_t *milliseconds)
{
    int year, month, day;
    int64_t clock = 0;
    if (!take_digits(&text, 4, &year) || !take(&text, '-') || !take_digits(&text, 2, &month) ||
        !take(&text, '-') || !take_digits(&text, 2, &day) || !is_date(year, month, day))
        return false;
    if (*text) {
        if (!take(&text, 'T') && !take(&text, 't') && !take(&text, ' '))
            return false;
        if (!take_clock(&text, &clock))
            return false;
    }
    *milliseconds = count_days(year, month, day) * 86400000 + clock;
    return !*text;
}

bool moment_of_number(int64_t number, int64_t *milliseconds)
{
    if (number < 0 || number > last_moment)
        return false;
    *milliseconds = number < 1000000000000 ? number * 1000 : number;
    return *milliseconds <= last_moment;
}

bool moment_parse(const char *text, int64_t *milliseconds)
{
    double number;
    int64_t whole;
    if (text_to_int64(text, &whole))
        return moment_of_number(whole, milliseconds);
    if (text_to_double(text, &number)) {
        if (fabs(number) > (double)last_moment)
            return false;
        *milliseconds = llround(number < 1e12 ? number * 1000 : number);
    } else if (!parse_iso(text, milliseconds)) {
        return false;
    }
    return *milliseconds >= 0 && *milliseconds <= last_moment;
}

/* civil_from_days: the other way round. */
static void split_days(int64_t days, int64_t *year, int64_t *month, int64_t *day)
{
    int64_t shifted = days + 719468; /* from 0000-03-01 on; never negative here */
    int64_t era = shifted / 146097, day_of_era = shifted % 146097;
    int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t from_march = (5 * day_of_year + 2) / 153;
    *day = day_of_year - (153 * from_march + 2) / 5 + 1;
    *month = from_march < 10 ? from_march + 3 : from_march - 9;
    *year = era * 400 + year_of_era + (*month <= 2);
}

/* The last digits of a number, and what stands between it and the next part, whose place is returned. */
static char *put_digits(char *at, int count, int64_t number, char behind)
{
    at[count] = behind;
    for (int i = count - 1; i >= 0; i--) {
        at[i] = (char)('0' + number % 10);
        number /= 10;
    }
    return at + count + 1;
}

int moment_write(int64_t milliseconds, enum moment_style style, char text[static MOMENT_SIZE])
{
    char *at = text;
    int64_t year, month, day;
    if (milliseconds < 0)
        milliseconds = 0;
    if (milliseconds > last_moment)
        milliseconds = last_moment;
    int64_t clock = milliseconds % 86400000;
    split_days(milliseconds / 86400000, &year, &month, &day);
    at = put_digits(at, 4, year, '-');
    at = put_digits(at, 2, month, '-');
    at = put_digits(at, 2, day, style == MOMENT_SQL ? ' ' : 'T');
    at = put_digits(at, 2, clock / 3600000, ':');
    at = put_digits(at, 2, clock / 60000 % 60, ':');
    at = put_digits(at, 2, clock / 1000 % 60, style == MOMENT_PRECISE ? '.' : 'Z');
    if (style == MOMENT_PRECISE)
        at = put_digits(at, 3, clock % 1000, 'Z');
    at -= style == MOMENT_SQL; /* it has no zone */
    *at = '\0';
    return (int)(at - text);
}
