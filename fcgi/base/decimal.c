/* Decimal numbers as texts; see decimal.h.
 *
 * The problem: shops write a price as JSON's 1234.5 or as the text that their page shows: "1,234.50", "1.234,50 €",
 * "EUR 1'234.50", "1 234,50 zł", "9,-". Compared as texts, "100,00" is below "30"; read by strtod(), "9,99" is
 * nothing. And a text that only looks like a number, an article number such as "007" or "5E2", must not become one.
 *
 * The rule, for the whole text:
 *
 *   1. Blanks around it do not count, and a currency may stand before or behind it, with blanks between or without:
 *      a sign (€ $ £ ...), a usual short form (kr, zł, Kč ...), or a code of ISO 4217. A minus may stand before the
 *      digits or before the currency.
 *   2. Digits, with at most one kind of separator for thousands (. , ' ’ or a blank) and one decimal mark (. or ,).
 *      Of two different signs the last one is the decimal mark. The groups behind a separator of thousands have
 *      three digits; between two separators two will do (1,23,456.00 as in India).
 *   3. One point alone is the decimal mark (1.234 is one and a bit, as in JSON). One comma alone is the decimal mark
 *      unless exactly three digits follow and one to three digits, not 0, stand before it: 1,234 is a thousand,
 *      0,500 a half, 9,99 nearly ten.
 *   4. ",-" and ".-" (or a dash) behind the digits mean no fraction, and are the decimal mark: 1.234,- is a thousand.
 *   5. A whole part of several digits does not begin with 0: 007 is a code.
 *
 * Everything else is no number: exponents, ranges ("5-10"), "from 9.99", percentages, units. The rule is the same
 * for files, calls and conditions of filters, so the value of a text never depends on where it came from.
 *
 * Cost: one pass over the text, at most AMOUNT_BYTES. What it does not do: it does not convert currencies, and does
 * not learn from its neighbours in a file which mark a shop uses. */
#include "base/decimal.h"

#include "base/text.h"

#include <string.h>

enum { AMOUNT_BYTES = 64, GROUP_DIGITS = 3, INDIAN_DIGITS = 2 };

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

bool decimal_is_plain(const char *text)
{
    text += *text == '-';
    size_t whole = strspn(text, "0123456789");
    if (!whole || (whole > 1 && *text == '0'))
        return false;
    text += whole;
    if (!*text)
        return true;
    size_t fraction = strspn(text + 1, "0123456789");
    return *text == '.' && fraction && !text[1 + fraction];
}

void decimal_normalize(char *plain)
{
    size_t length = strlen(plain);
    if (strchr(plain, '.')) {
        while (plain[length - 1] == '0')
            length--;
        length -= plain[length - 1] == '.';
        plain[length] = '\0';
    }
    if (!strcmp(plain, "-0"))
        memmove(plain, plain + 1, sizeof("0"));
}

static bool is_whole(const char *text)
{
    return decimal_is_plain(text) && !strchr(text, '.');
}

int decimal_compare(const char *left, double left_value, const char *right, double right_value)
{
    if (left_value != right_value)
        return left_value < right_value ? -1 : 1;
    if (!is_whole(left) || !is_whole(right))
        return 0;
    int sign = *left == '-' ? -1 : 1;
    if (sign != (*right == '-' ? -1 : 1))
        return 0; /* 0 and -0 */
    size_t digits = strlen(left), other = strlen(right);
    if (digits != other)
        return digits < other ? -sign : sign;
    int order = strcmp(left, right);
    return order < 0 ? -sign : order > 0 ? sign : 0;
}

/* ---- Amounts */

/* What may stand around an amount. Codes of ISO 4217 come one behind the other. */
static const char codes[] = "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL "
                            "BSD BTN BWP BYN BZD CAD CDF CHF "
                            "CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS "
                            "GIP GMD GNF GTQ GYD HKD HNL HRK "
                            "HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT "
                            "LAK LBP LKR LRD LSL LYD MAD MDL "
                            "MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB "
                            "PEN PGK PHP PKR PLN PYG QAR RON "
                            "RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS "
                            "TMT TND TOP TRY TTD TWD TZS UAH "
                            "UGX USD UYU UZS VES VND VUV WST XAF XCD XOF XPF YER ZAR ZMW ZWL ";
static const char *const signs[] = {"US$", "R$",  "A$", "C$",   "€",   "$",   "£",  "¥",   "₹",
                                    "₩",   "₽", "₺",  "₴",    "₪",   "₫",   "₱",  "฿",   "₦",
                                    "₡",   "₲",   "₸",  "zł",   "Kč",  "kr.", "kr", "Fr.", "Ft",
                                    "lei", "лв.", "лв", "руб.", "руб", "Rs.", "Rs"};
enum { SIGNS = sizeof(signs) / sizeof(signs[0]), CODE_LETTERS = 3 };

/* Bytes of the blank that a text begins with, or (last) of the one before its end; 0: none. */
static size_t blank_bytes(const char *text, size_t length, bool last)
{
    static const char *const blanks[] = {" ", "\t", "\xC2\xA0", "\xE2\x80\xAF", "\xE2\x80\x89"};
    for (size_t i = 0; i < sizeof(blanks) / sizeof(blanks[0]); i++) {
        size_t size = strlen(blanks[i]);
        if (size <= length && !memcmp(last ? text + length - size : text, blanks[i], size))
            return size;
    }
    return 0;
}

/* In capitals; the usual ones in small letters, too, where they are no words ("3 all", "12 cup", "2 top"). */
static bool is_code(const char *text)
{
    static const char usual[] =
        "aud brl cad chf cny czk dkk eur gbp huf inr jpy mxn nok nzd pln ron sek usd zar ";
    char code[CODE_LETTERS + 2] = {text[0], text[1], text[2], ' '};
    if (memchr(code, ' ', CODE_LETTERS))
        return false;
    if (strstr(codes, code))
        return true;
    for (size_t i = 0; i < CODE_LETTERS; i++)
        code[i] = (char)(code[i] >= 'A' && code[i] <= 'Z' ? code[i] - 'A' + 'a' : code[i]);
    return strstr(usual, code);
}

/* Bytes of the currency that a text begins with, or (last) ends with; 0: none. */
static size_t currency_bytes(const char *text, size_t length, bool last)
{
    if (length >= CODE_LETTERS && is_code(last ? text + length - CODE_LETTERS : text))
        return CODE_LETTERS;
    for (size_t i = 0; i < SIGNS; i++) {
        size_t size = strlen(signs[i]);
        if (size <= length && !memcmp(last ? text + length - size : text, signs[i], size))
            return size;
    }
    return 0;
}

/* A part of a text that gets shorter from both ends. */
struct part {
    const char *text;
    size_t length;
};

static bool take_bytes(struct part *part, size_t bytes, bool last)
{
    part->text += last ? 0 : bytes;
    part->length -= bytes;
    return bytes;
}

static void trim_blanks(struct part *part)
{
    while (take_bytes(part, blank_bytes(part->text, part->length, false), false) ||
           take_bytes(part, blank_bytes(part->text, part->length, true), true))
        ;
}

static bool take_minus(struct part *part)
{
    static const char minus[] = "\xE2\x88\x92"; /* U+2212 */
    if (part->length && *part->text == '-')
        return take_bytes(part, 1, false);
    return part->length > sizeof(minus) - 1 && !memcmp(part->text, minus, sizeof(minus) - 1) &&
           take_bytes(part, sizeof(minus) - 1, false);
}

/* ",-" and its like: the mark, which is the decimal mark then; '\0': there is none. */
static char drop_dash(struct part *part)
{
    static const char *const dashes[] = {"--", "-", "\xE2\x80\x93", "\xE2\x80\x94"};
    for (size_t i = 0; i < sizeof(dashes) / sizeof(dashes[0]); i++) {
        size_t size = strlen(dashes[i]);
        if (part->length <= size + 1 || memcmp(part->text + part->length - size, dashes[i], size))
            continue;
        char mark = part->text[part->length - size - 1];
        bool is_mark = mark == ',' || mark == '.';
        part->length -= is_mark ? size + 1 : 0;
        return is_mark ? mark : '\0';
    }
    return '\0';
}

/* Digits and separators, each separator as one byte: a blank, an apostrophe, a point or a comma. */
static bool read_signs(const struct part *part, char out[AMOUNT_BYTES])
{
    static const char apostrophe[] = "\xE2\x80\x99";
    size_t length = 0;
    for (size_t i = 0; i < part->length;) {
        const char *at = part->text + i;
        size_t blank = blank_bytes(at, part->length - i, false);
        bool curly = part->length - i >= 3 && !memcmp(at, apostrophe, 3);
        if (!blank && !curly && !is_digit(*at) && *at != '.' && *at != ',' && *at != '\'')
            return false;
        out[length++] = blank ? ' ' : curly ? '\'' : *at;
        i += blank ? blank : curly ? 3 : 1;
    }
    out[length] = '\0';
    return length > 0;
}

/* Where the decimal mark stands, by rules 2 and 3; NULL: the number is whole. */
static const char *find_mark(const char *text)
{
    const char *point = strrchr(text, '.'), *comma = strrchr(text, ',');
    if (point && comma)
        return point > comma ? point : comma;
    const char *mark = point ? point : comma;
    if (!mark || strchr(text, *mark) != mark)
        return NULL; /* none, or one that stands several times and so separates thousands */
    size_t before = strspn(text, "0123456789");
    bool thousands = comma && text + before == mark && before <= GROUP_DIGITS && text[0] != '0' && before &&
                     strlen(mark + 1) == GROUP_DIGITS;
    return thousands ? NULL : mark;
}

/* Copies the digits of the whole part and leaves its separators out; false where they separate no thousands. */
static bool copy_whole(const char *text, const char *end, char **out)
{
    char separator = '\0';
    for (const char *at = text; at < end;) {
        size_t digits = strspn(at, "0123456789");
        digits = (size_t)(end - at) < digits ? (size_t)(end - at) : digits;
        bool first = at == text, final = at + digits == end;
        if (first ? !final && (digits < 1 || digits > GROUP_DIGITS)
                  : digits != GROUP_DIGITS && (final || digits != INDIAN_DIGITS || separator != ','))
            return false;
        memcpy(*out, at, digits);
        *out += digits;
        at += digits;
        if (final)
            return true;
        if (separator && *at != separator)
            return false;
        separator = *at++;
    }
    return text == end; /* ".5" has no whole part; "1," has a separator and nothing behind it */
}

bool decimal_parse_amount(const char *text, double *amount)
{
    struct part part = {text, strnlen(text, AMOUNT_BYTES)};
    char compact[AMOUNT_BYTES], number[AMOUNT_BYTES + 3], *out = number;
    if (part.length >= AMOUNT_BYTES)
        return false;
    trim_blanks(&part);
    bool minus = take_minus(&part);
    trim_blanks(&part);
    size_t before = currency_bytes(part.text, part.length, false);
    take_bytes(&part, before, false);
    if (!before)
        take_bytes(&part, currency_bytes(part.text, part.length, true), true);
    trim_blanks(&part);
    minus = minus || take_minus(&part);
    const char dropped = drop_dash(&part);
    if (!read_signs(&part, compact) || (dropped && strchr(compact, dropped)))
        return false;
    const char *mark = dropped ? NULL : find_mark(compact), *end = mark ? mark : compact + strlen(compact);
    if (mark && (!mark[1] || mark[1 + strspn(mark + 1, "0123456789")]))
        return false;
    if (minus)
        *out++ = '-';
    char *whole = out;
    if (!copy_whole(compact, end, &out) || (out - whole > 1 && *whole == '0'))
        return false;
    if (out == whole)
        *out++ = '0';
    size_t fraction = mark ? strlen(mark) : 0;
    if (mark) {
        memcpy(out, mark, fraction);
        *out = '.';
    }
    out[fraction] = '\0';
    return text_to_double(number, amount);
}
