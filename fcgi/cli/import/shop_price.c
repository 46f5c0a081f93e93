/* What a product costs; see shop_price.h.
 *
 * A sale that ended years ago stays in an export, since nobody takes its price out: so the dates beside it decide. The
 * dates are those of the shop's own clock, which an export does not tell, and are read as UTC. */
#include "cli/import/shop_price.h"

#include "base/moment.h"
#include "base/text.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

static const int64_t day_ms = 86400000;

/* The parts of "1/31/24, 1:20 PM", or of its date alone, as numbers: how many there are. 0: it is something else. */
static size_t read_american(const char *text, int64_t parts[5], bool *afternoon)
{
    static const char ends[] = "//,: ",
                      narrow[] = "\xE2\x80\xAF"; /* newer systems write it before AM and PM */
    size_t count = 0;
    *afternoon = false;
    for (; count < sizeof(ends) - 1; count++) {
        char digits[5] = "";
        size_t length = strspn(text, "0123456789");
        bool is_date_alone = count == 2 && !text[length];
        bool is_narrow = ends[count] == ' ' && !strncmp(text + length, narrow, sizeof(narrow) - 1);
        if (!length || length >= sizeof(digits) ||
            (text[length] != ends[count] && !is_date_alone && !is_narrow))
            return 0;
        memcpy(digits, text, length);
        if (!text_to_int64(digits, &parts[count]))
            return 0;
        if (is_date_alone)
            return 3;
        text += length + (is_narrow ? sizeof(narrow) - 1 : 1);
        text += *text == ' ';
    }
    *afternoon = !strcasecmp(text, "PM");
    return *afternoon || !strcasecmp(text, "AM") ? count : 0;
}

bool shop_price_moment(const char *text, int64_t *milliseconds)
{
    int64_t parts[5] = {0};
    bool afternoon;
    char iso[32];
    if (moment_parse(text, milliseconds))
        return true;
    if (!read_american(text, parts, &afternoon))
        return false;
    snprintf(iso, sizeof(iso), "%04d-%02d-%02d %02d:%02d", (int)parts[2] + (parts[2] < 100 ? 2000 : 0),
             (int)parts[0], (int)parts[1], (int)(parts[3] % 12) + (afternoon ? 12 : 0), (int)parts[4]);
    return moment_parse(iso, milliseconds);
}

/* A day, without a time. */
static bool is_day(const char *text)
{
    return !strpbrk(text, ":T") && strlen(text) <= sizeof("2024-01-31") - 1;
}

static bool lasts(const char *from, const char *to, int64_t now)
{
    int64_t moment;
    if (from && shop_price_moment(from, &moment) && now < moment)
        return false;
    return !to || !shop_price_moment(to, &moment) || now < moment + (is_day(to) ? day_ms : 0);
}

bool shop_price_is_sale(const struct shop_sale *sale, int64_t now)
{
    char from[64];
    const char *slash = sale->dates ? strchr(sale->dates, '/') : NULL;
    size_t length = slash ? (size_t)(slash - sale->dates) : 0;
    if (!slash || length >= sizeof(from))
        return lasts(sale->from, sale->to, now);
    memcpy(from, sale->dates, length);
    from[length] = '\0';
    return lasts(from, slash + 1, now);
}

static bool is_capital(char c)
{
    return c >= 'A' && c <= 'Z';
}

bool shop_price_currency(const char *price, char code[static 4])
{
    size_t length = strlen(price), first = 0;
    while (is_capital(price[first]))
        first++;
    const char *found = first == 3 ? price : NULL;
    if (!first && length > 3 && is_capital(price[length - 1]) && is_capital(price[length - 2]) &&
        is_capital(price[length - 3]) && !is_capital(price[length - 4]))
        found = price + length - 3;
    if (!found)
        return false;
    memcpy(code, found, 3);
    code[3] = '\0';
    return true;
}
