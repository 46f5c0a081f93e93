/* Numbers for people: thousands with commas, bytes in powers of 1024, times in the two largest units; see
 * format.h.
 *
 * Results are small structs with the text in them, so that several can stand in one printf() and none has
 * to be freed. */
#include "cli/format.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct format_text format_count(uint64_t count)
{
    struct format_text out = {{0}};
    char digits[24];
    int length = snprintf(digits, sizeof(digits), "%" PRIu64, count);
    char *to = out.text;
    for (int i = 0; i < length; i++) {
        if (i && (length - i) % 3 == 0)
            *to++ = ',';
        *to++ = digits[i];
    }
    return out;
}

struct format_text format_bytes(uint64_t bytes)
{
    static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB"};
    struct format_text out = {{0}};
    double amount = (double)bytes;
    size_t unit = 0;
    while (amount >= 1024 && unit < 4) {
        amount /= 1024;
        unit++;
    }
    snprintf(out.text, sizeof(out.text), unit ? "%.1f %s" : "%.0f %s", amount, units[unit]);
    return out;
}

struct format_text format_seconds(double seconds)
{
    struct format_text out = {{0}};
    if (!(seconds >= 0))
        seconds = 0;
    if (seconds < 10)
        snprintf(out.text, sizeof(out.text), "%.1f s", seconds);
    else if (seconds < 60)
        snprintf(out.text, sizeof(out.text), "%.0f s", seconds);
    else if (seconds < 3600)
        snprintf(out.text, sizeof(out.text), "%d min %d s", (int)seconds / 60, (int)seconds % 60);
    else
        snprintf(out.text, sizeof(out.text), "%.0f h %d min", (double)(int64_t)(seconds / 3600),
                 (int)((int64_t)seconds % 3600 / 60));
    return out;
}
