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
 * A number does not say its unit. But moments of the years 1980 to 2099 are from 3.2e8 to 4.1e9 in seconds, and
 * a thousand, a million and a thousand million times that in the finer units: ranges that lie apart, and dates
 * written in 8, 12 or 14 digits fall between them. So the size of a number tells what it is, and a number
 * outside of all of them is no moment of anything that a shop has sold: 45306, the day count of a spreadsheet,
 * would be noon of a day in 1970, and 20240115 one of August. What is meant by a day count (from 1899 or 1904?) a
 * file does not say, so these are refused rather than guessed.
 *
 * No table, no allocation, the same on every machine. Leap seconds are not counted, as in Unix time: 23:59:60
 * is the first second of the next day. */
#include "base/moment.h"

#include "base/text.h"

#include <math.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

enum { MOMENT_TEXT = 80 }; /* a longer text is none */

static const int64_t last_moment = 253402300799999; /* 9999-12-31T23:59:59.999Z */

/* Unix seconds that a number may mean: from 1980-01-01 to before 2100-01-01. */
static const int64_t first_second = 315532800, end_second = 4102444800;

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

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

/* "Z", "UTC" or "GMT", whatever their case. */
static bool take_utc(const char **at)
{
    static const char *const names[] = {"UTC", "GMT", "Z"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        size_t length = strlen(names[i]);
        if (!strncasecmp(*at, names[i], length)) {
            *at += length;
            return true;
        }
    }
    return false;
}

/* What some write behind the offset, which says all: " UTC", or "[Europe/Berlin]". */
static void take_zone_name(const char **at)
{
    if (!strcasecmp(*at, " UTC") || (**at == '[' && !strcmp(*at + strcspn(*at, "]"), "]")))
        *at += strlen(*at);
}

/* UTC, +hh, +hhmm, +hh:mm, each perhaps behind blanks, or nothing; *minutes east of UTC. */
static bool take_zone(const char **at, int *minutes)
{
    int hour = 0, minute = 0;
    *minutes = 0;
    if (**at == '\0')
        return true;
    *at += strspn(*at, " ");
    if (take_utc(at)) {
        take_zone_name(at);
        return true;
    }
    int sign = **at == '-' ? -1 : 1;
    if (!take(at, '+') && !take(at, '-'))
        return false;
    if (!take_digits(at, 2, &hour))
        return false;
    bool colon = take(at, ':');
    if ((colon || is_digit(**at)) && !take_digits(at, 2, &minute))
        return false;
    *minutes = sign * (hour * 60 + minute);
    take_zone_name(at);
    return hour <= 23 && minute <= 59;
}

/* hh, then, where they follow, mm and ss with a fraction: all with colons between them, or none. */
static bool take_hours(const char **at, int *hour, int *minute, int *second, int64_t *milliseconds)
{
    *minute = *second = 0;
    if (!take_digits(at, 2, hour))
        return false;
    bool colon = take(at, ':');
    if (!colon && !is_digit(**at))
        return true;
    if (!take_digits(at, 2, minute))
        return false;
    if (colon ? !take(at, ':') : !is_digit(**at))
        return true;
    return take_digits(at, 2, second) && take_fraction(at, milliseconds);
}

static bool take_clock(const char **at, int64_t *milliseconds)
{
    int hour, minute, second, zone;
    if (!take_hours(at, &hour, &minute, &second, milliseconds))
        return false;
    bool is_end = hour == 24 && !minute && !second && !*milliseconds; /* of the day, as ISO 8601 allows */
    if ((hour > 23 && !is_end) || minute > 59 ||
        second > 60) /* 60: a leap second is the next minute's first */
        return false;
    if (!take_zone(at, &zone))
        return false;
    *milliseconds += ((int64_t)(hour * 60 + minute - zone) * 60 + second) * 1000;
    return true;
}

/* yyyy-mm-dd, yyyy/mm/dd or yyyymmdd, in milliseconds. */
static bool take_date(const char **at, int64_t *milliseconds)
{
    int year, month, day;
    if (!take_digits(at, 4, &year))
        return false;
    char between = **at == '-' || **at == '/' ? **at : '\0';
    if ((between && !take(at, between)) || !take_digits(at, 2, &month) || (between && !take(at, between)) ||
        !take_digits(at, 2, &day) || !is_date(year, month, day))
        return false;
    *milliseconds = count_days(year, month, day) * 86400000;
    return true;
}

static bool parse_iso(const char *text, int64_t *milliseconds)
{
    int64_t date, clock = 0;
    if (!take_date(&text, &date))
        return false;
    if (*text) {
        if (!take(&text, 'T') && !take(&text, 't') && !take(&text, ' '))
            return false;
        if (!take_clock(&text, &clock))
            return false;
    }
    if (*text || date + clock < 0 || date + clock > last_moment)
        return false;
    *milliseconds = date + clock;
    return true;
}

/* yyyymmdd, or with it hhmm or hhmmss, as a number. */
static bool read_digits(int64_t number, int64_t *milliseconds)
{
    int64_t date = number, clock = 0;
    if (number >= 10000000000000) { /* 14 digits */
        clock = number % 1000000;
        date = number / 1000000;
    } else if (number >= 100000000000) { /* 12 digits */
        clock = number % 10000 * 100;
        date = number / 10000;
    }
    if (date < 19800101 || date > 20991231)
        return false;
    int year = (int)(date / 10000), month = (int)(date / 100 % 100), day = (int)(date % 100);
    int64_t hour = clock / 10000, minute = clock / 100 % 100, second = clock % 100;
    if (!is_date(year, month, day) || hour > 23 || minute > 59 || second > 60)
        return false;
    *milliseconds = (((count_days(year, month, day) * 24 + hour) * 60 + minute) * 60 + second) * 1000;
    return true;
}

bool moment_of_number(int64_t number, int64_t *milliseconds)
{
    int64_t units = 1; /* a second */
    for (int i = 0; i < 4; i++, units *= 1000) {
        if (number < first_second * units || number >= end_second * units)
            continue;
        *milliseconds = units == 1 ? number * 1000 : number / (units / 1000);
        return true;
    }
    return read_digits(number, milliseconds);
}

/* The same for a number with decimals, or with an exponent. */
static bool read_decimal(double number, int64_t *milliseconds)
{
    double units = 1;
    for (int i = 0; i < 4; i++, units *= 1000) {
        if (!(number >= (double)first_second * units && number < (double)end_second * units))
            continue;
        *milliseconds = llround(number / units * 1000);
        return true;
    }
    return false;
}

/* Blanks around it mean nothing. */
static const char *trim(const char *text, char copy[MOMENT_TEXT])
{
    text += strspn(text, " \t");
    size_t length = strlen(text);
    while (length && strchr(" \t", text[length - 1]))
        length--;
    if (length >= MOMENT_TEXT || !text[length])
        return text;
    memcpy(copy, text, length);
    copy[length] = '\0';
    return copy;
}

bool moment_parse(const char *text, int64_t *milliseconds)
{
    double number;
    int64_t whole;
    char copy[MOMENT_TEXT];
    text = trim(text, copy);
    if (text_to_int64(text, &whole))
        return moment_of_number(whole, milliseconds);
    return text_to_double(text, &number) ? read_decimal(number, milliseconds) : parse_iso(text, milliseconds);
}

bool moment_is_plausible(int64_t milliseconds)
{
    return milliseconds >= first_second * 1000;
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
