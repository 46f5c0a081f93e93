/* Small readers of text; see text.h.
 *
 * strtoll() and strtod() skip blanks, take "0x", "inf" and "nan", and stop at the first byte that they do not
 * know; each reader here first looks that the text holds only what a number may, and then that all of it was
 * used. The process never calls setlocale(), so the point is a point.
 *
 * UTF-8 is checked by the table of well-formed sequences in the Unicode standard (chapter 3, table 3-7),
 * which leaves out overlong forms, surrogates and what lies beyond U+10FFFF: texts that pass can be stored,
 * compared and printed as JSON without a second look. Eight bytes of ASCII are taken at once, since most
 * texts have nothing else.
 *
 * base64url is that of RFC 4648, 5, without padding and canonical: bits of the last letter that belong to no
 * byte must be zero, or one signature could be written in several ways. Comparisons of secrets go through
 * libcrypto's, whose time does not depend on where two texts differ. */
#include "base/text.h"

#include <errno.h>
#include <math.h>
#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

bool text_to_int64(const char *text, int64_t *value)
{
    const char *digits = text + (*text == '-');
    if (!*digits || digits[strspn(digits, "0123456789")])
        return false;
    char *end;
    errno = 0;
    long long number = strtoll(text, &end, 10);
    if (errno || *end)
        return false;
    *value = number;
    return true;
}

/* By hand and not by snprintf(), since ids and times are most of what answers print. */
size_t text_of_uint64(uint64_t number, char text[INTEGER_TEXT_SIZE - 1])
{
    char digits[INTEGER_TEXT_SIZE]; /* the last one first */
    size_t count = 0;
    do {
        digits[count++] = (char)('0' + number % 10);
        number /= 10;
    } while (number);
    for (size_t i = 0; i < count; i++)
        text[i] = digits[count - 1 - i];
    text[count] = '\0';
    return count;
}

size_t text_of_int64(int64_t number, char text[INTEGER_TEXT_SIZE])
{
    if (number >= 0)
        return text_of_uint64((uint64_t)number, text);
    *text = '-';
    return 1 + text_of_uint64(-(uint64_t)number, text + 1);
}

bool text_to_double(const char *text, double *value)
{
    if (!*text || text[strspn(text, "+-.0123456789eE")])
        return false;
    char *end;
    double number = strtod(text, &end);
    if (end == text || *end || !isfinite(number))
        return false;
    *value = number;
    return true;
}

/* Length of the well-formed sequence at bytes, 0 when there is none (Unicode 15, table 3-7). */
static size_t utf8_sequence(const unsigned char *bytes, size_t left)
{
    unsigned char lead = bytes[0];
    if (lead < 0x80)
        return 1;
    if (lead < 0xC2 || lead > 0xF4)
        return 0;
    size_t length = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    if (left < length)
        return 0;
    unsigned char low = 0x80, high = 0xBF;
    if (lead == 0xE0)
        low = 0xA0;
    else if (lead == 0xED)
        high = 0x9F;
    else if (lead == 0xF0)
        low = 0x90;
    else if (lead == 0xF4)
        high = 0x8F;
    if (bytes[1] < low || bytes[1] > high)
        return 0;
    for (size_t i = 2; i < length; i++) {
        if ((bytes[i] & 0xC0) != 0x80)
            return 0;
    }
    return length;
}

/* Eight bytes of ASCII, which is nearly all that comes. */
static bool are_ascii(const unsigned char *bytes)
{
    uint64_t word;
    memcpy(&word, bytes, sizeof(word));
    return !(word & UINT64_C(0x8080808080808080));
}

bool text_is_utf8(const char *bytes, size_t length)
{
    const unsigned char *at = (const unsigned char *)bytes;
    while (length) {
        size_t step = length >= 8 && are_ascii(at) ? 8 : utf8_sequence(at, length);
        if (!step)
            return false;
        at += step;
        length -= step;
    }
    return true;
}

/* Bytes that belong to no character are left out. */
void text_repair_utf8(char *text)
{
    size_t left = strlen(text);
    char *to = text;
    for (const char *at = text; left;) {
        size_t step = utf8_sequence((const unsigned char *)at, left);
        memmove(to, at, step);
        to += step;
        at += step ? step : 1;
        left -= step ? step : 1;
    }
    *to = '\0';
}

size_t text_count_characters(const char *text)
{
    size_t count = 0;
    for (; *text; text++)
        count += ((unsigned char)*text & 0xC0) != 0x80;
    return count;
}

bool text_has_control(const char *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        unsigned char byte = (unsigned char)bytes[i];
        if (byte < 0x20 || byte == 0x7F)
            return true;
    }
    return false;
}

size_t text_blank_bytes(const char *text)
{
    static const char *const wide[] = {
        "\xC2\xA0",     "\xE1\x9A\x80", "\xE2\x80\x80", "\xE2\x80\x81", "\xE2\x80\x82", "\xE2\x80\x83",
        "\xE2\x80\x84", "\xE2\x80\x85", "\xE2\x80\x86", "\xE2\x80\x87", "\xE2\x80\x88", "\xE2\x80\x89",
        "\xE2\x80\x8A", "\xE2\x80\x8B", "\xE2\x80\x8C", "\xE2\x80\x8D", "\xE2\x80\xA8", "\xE2\x80\xA9",
        "\xE2\x80\xAF", "\xE2\x81\x9F", "\xE2\x81\xA0", "\xE3\x80\x80", "\xEF\xBB\xBF"};
    if (*text == ' ' || (*text >= '\t' && *text <= '\r'))
        return 1;
    for (size_t i = 0; i < sizeof(wide) / sizeof(*wide); i++) {
        if (!strncmp(text, wide[i], strlen(wide[i])))
            return strlen(wide[i]);
    }
    return 0;
}

bool text_is_blank(const char *text)
{
    for (size_t length; (length = text_blank_bytes(text));)
        text += length;
    return !*text;
}

static int base64url_value(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '-' ? 62 : c == '_' ? 63 : -1;
}

bool text_decode_base64url(const char *text, size_t length, unsigned char *out, size_t *out_length)
{
    unsigned bits = 0, bit_count = 0;
    size_t written = 0;
    for (size_t i = 0; i < length; i++) {
        int value = base64url_value(text[i]);
        if (value < 0)
            return false;
        bits = (bits << 6 | (unsigned)value) & 0xFFFF;
        bit_count += 6;
        if (bit_count >= 8) {
            bit_count -= 8;
            out[written++] = (unsigned char)(bits >> bit_count);
        }
    }
    *out_length = written;
    return length % 4 != 1 && (bits & ((1U << bit_count) - 1)) == 0;
}

void text_encode_base64url(const unsigned char *bytes, size_t length, char *out)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    for (size_t bit = 0; bit < length * 8; bit += 6) {
        unsigned pair = (unsigned)bytes[bit / 8] << 8;
        if (bit / 8 + 1 < length)
            pair |= bytes[bit / 8 + 1];
        *out++ = digits[pair >> (10 - bit % 8) & 63];
    }
    *out = '\0';
}

void text_encode_hex(const unsigned char *bytes, size_t length, char *out)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < length; i++) {
        out[2 * i] = digits[bytes[i] >> 4];
        out[2 * i + 1] = digits[bytes[i] & 15];
    }
    out[2 * length] = '\0';
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool text_decode_form(char *text)
{
    for (char *at = text; *at; at++)
        *at = *at == '+' ? ' ' : *at;
    return text_decode_percent(text);
}

/* In place, since what is decoded is never longer. %00 is refused: C would see the text end there, and a
 * check and a query might see different texts. */
bool text_decode_percent(char *text)
{
    char *out = text;
    for (; *text; text++) {
        char c = *text;
        if (c == '%') {
            int high = hex_value(text[1]);
            int low = high < 0 ? -1 : hex_value(text[2]);
            if (low < 0 || (high == 0 && low == 0))
                return false;
            c = (char)(high << 4 | low);
            text += 2;
        }
        *out++ = c;
    }
    *out = '\0';
    return true;
}

bool text_equals_secretly(const void *a, size_t a_length, const void *b, size_t b_length)
{
    return a_length == b_length && CRYPTO_memcmp(a, b, a_length) == 0;
}
