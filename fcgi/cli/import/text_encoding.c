/* The encoding of a file; see text_encoding.h.
 *
 * The problem: a shop's files come as UTF-8 with or without a byte order mark, from Excel as UTF-16 or as
 * Windows-1252, and nothing in them says which. Read as UTF-8, "Küche" of a Windows-1252 file is broken; read as
 * Windows-1252, "Küche" of an UTF-8 file becomes "KÃ¼che" in every row, and nobody is told.
 *
 * The rule: UTF-16 shows itself by its byte order mark, or by zero bytes, of which text in UTF-8 has none. Any other
 * file is ASCII until the first byte above 127. If that begins a valid sequence of UTF-8, the file is UTF-8:
 * Windows-1252 text that looks so is two signs such as "Ã¼" next to each other, which no language writes. Else the
 * file is Windows-1252, the one 8-bit encoding that Excel writes in western countries; its five unassigned bytes are
 * taken as ISO 8859-1 has them, so that every byte is a character. What is decided stays decided: a broken sequence
 * in a file that began as UTF-8 is a bad row, and not a change of encoding.
 *
 * Sources: the WHATWG Encoding Standard for Windows-1252 and UTF-16 (unpaired surrogates become U+FFFD).
 *
 * Cost: one pass over the bytes. What it does not do: it does not tell Windows-1250 or ISO 8859-15 from
 * Windows-1252; such files must be converted first (iconv), and the command says which encoding it took. */
#include "cli/import/text_encoding.h"

#include "base/text.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { REPLACEMENT = 0xFFFD, SURROGATE = 0xD800, LOW_SURROGATE = 0xDC00, BEYOND_16_BITS = 0x10000 };

const char *text_encoding_name(enum text_encoding encoding)
{
    static const char *const names[ENCODING__MAX] = {[ENCODING_ASCII] = "ASCII",
                                                     [ENCODING_UTF8] = "UTF-8",
                                                     [ENCODING_UTF16_LITTLE] = "UTF-16",
                                                     [ENCODING_UTF16_BIG] = "UTF-16",
                                                     [ENCODING_WINDOWS_1252] = "Windows-1252"};
    return encoding < ENCODING__MAX ? names[encoding] : "?";
}

static size_t put_character(char *out, uint32_t code)
{
    if (code < 0x80) {
        out[0] = (char)code;
        return 1;
    }
    if (code < 0x800) {
        out[0] = (char)(0xC0 | code >> 6);
        out[1] = (char)(0x80 | (code & 0x3F));
        return 2;
    }
    if (code < BEYOND_16_BITS) {
        out[0] = (char)(0xE0 | code >> 12);
        out[1] = (char)(0x80 | (code >> 6 & 0x3F));
        out[2] = (char)(0x80 | (code & 0x3F));
        return 3;
    }
    out[0] = (char)(0xF0 | code >> 18);
    out[1] = (char)(0x80 | (code >> 12 & 0x3F));
    out[2] = (char)(0x80 | (code >> 6 & 0x3F));
    out[3] = (char)(0x80 | (code & 0x3F));
    return 4;
}

static uint32_t of_windows_1252(unsigned char byte)
{
    static const uint16_t high[32] = {0x20AC, 0x81,   0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021,
                                      0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0x8D,   0x017D, 0x8F,
                                      0x90,   0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014,
                                      0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x9D,   0x017E, 0x0178};
    return byte >= 0x80 && byte < 0xA0 ? high[byte - 0x80] : byte;
}

/* ---- Finding out */

/* The names of encodings in XML declarations. ASCII: the name says nothing that the bytes do not say better: some
 * programs name UTF-16 and write UTF-8. ISO 8859-1 is read as Windows-1252, as the WHATWG has it. */
static const struct {
    const char *name;
    enum text_encoding encoding;
} declared_names[] = {
    {"UTF-8", ENCODING_UTF8},          {"UTF8", ENCODING_UTF8},
    {"UTF-16", ENCODING_ASCII},        {"UTF-16LE", ENCODING_ASCII},
    {"UTF-16BE", ENCODING_ASCII},      {"US-ASCII", ENCODING_ASCII},
    {"ASCII", ENCODING_ASCII},         {"ISO-8859-1", ENCODING_WINDOWS_1252},
    {"latin1", ENCODING_WINDOWS_1252}, {"windows-1252", ENCODING_WINDOWS_1252},
    {"cp1252", ENCODING_WINDOWS_1252},
};
enum { DECLARED_NAMES = sizeof(declared_names) / sizeof(declared_names[0]) };

bool text_encoding_is_known(const char *name)
{
    for (size_t i = 0; i < DECLARED_NAMES; i++) {
        if (!strcasecmp(name, declared_names[i].name))
            return true;
    }
    return false;
}

/* What an XML declaration in the first bytes says. */
static enum text_encoding read_declaration(const char *bytes, size_t length)
{
    enum { DECLARATION_BYTES = 256 };
    char text[DECLARATION_BYTES];
    if (length < strlen("<?xml ") || memcmp(bytes, "<?xml", strlen("<?xml")))
        return ENCODING_ASCII;
    snprintf(text, sizeof(text), "%.*s", (int)(length < sizeof(text) ? length : sizeof(text) - 1), bytes);
    char *end = strstr(text, "?>"), *at = strstr(text, "encoding");
    if (!end || !at || at > end)
        return ENCODING_ASCII;
    *end = '\0';
    at += strlen("encoding");
    at += strspn(at, " \t\r\n=");
    at += *at == '"' || *at == '\'';
    at[strcspn(at, "\"'")] = '\0';
    for (size_t i = 0; i < DECLARED_NAMES; i++) {
        if (!strcasecmp(at, declared_names[i].name))
            return declared_names[i].encoding;
    }
    return ENCODING_ASCII;
}

/* How many of the first bytes are a mark, which also says the encoding. */
static size_t read_mark(struct text_decoder *decoder, const unsigned char *bytes, size_t length)
{
    if (length >= 3 && !memcmp(bytes, "\xEF\xBB\xBF", 3)) {
        decoder->encoding = ENCODING_UTF8;
        return 3;
    }
    if (length >= 2 && (!memcmp(bytes, "\xFF\xFE", 2) || !memcmp(bytes, "\xFE\xFF", 2))) {
        decoder->encoding = *bytes == 0xFF ? ENCODING_UTF16_LITTLE : ENCODING_UTF16_BIG;
        return 2;
    }
    /* Without a mark: the names of columns are ASCII, so every second byte is zero. */
    if (length >= 4 && !bytes[1] && !bytes[3] && bytes[0] && bytes[2])
        decoder->encoding = ENCODING_UTF16_LITTLE;
    else if (length >= 4 && !bytes[0] && !bytes[2] && bytes[1] && bytes[3])
        decoder->encoding = ENCODING_UTF16_BIG;
    else
        decoder->encoding = read_declaration((const char *)bytes, length);
    return 0;
}

/* The bytes of a sequence that the end of the buffer has cut, at most 3: not yet to be judged. */
static size_t cut_bytes(const unsigned char *bytes, size_t length)
{
    for (size_t back = 1; back <= 3 && back <= length; back++) {
        unsigned char byte = bytes[length - back];
        size_t wanted = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : byte >= 0xC0 ? 2 : 1;
        if (byte < 0x80)
            return 0;
        if (byte >= 0xC0)
            return wanted > back ? back : 0;
    }
    return 0;
}

/* By the first run of bytes that are not ASCII. */
static enum text_encoding judge(const unsigned char *bytes, size_t length, bool last)
{
    size_t start = 0, end;
    while (start < length && bytes[start] < 0x80)
        start++;
    for (end = start; end < length && bytes[end] >= 0x80;)
        end++;
    size_t cut = end == length && !last ? cut_bytes(bytes, length) : 0;
    if (end - cut <= start)
        return ENCODING_ASCII; /* there is none, or its first sequence is not whole yet */
    return text_is_utf8((const char *)bytes + start, end - cut - start) ? ENCODING_UTF8
                                                                        : ENCODING_WINDOWS_1252;
}

/* ---- Decoding */

static uint32_t unit_at(const unsigned char *bytes, bool little)
{
    return little ? bytes[0] | (uint32_t)bytes[1] << 8 : (uint32_t)bytes[0] << 8 | bytes[1];
}

static bool is_surrogate(uint32_t unit, uint32_t first)
{
    return unit >= first && unit < first + (LOW_SURROGATE - SURROGATE);
}

/* The character that begins here and the bytes it takes, of at least two; 0: more must come. */
static size_t read_utf16(const unsigned char *bytes, size_t length, bool little, bool last, uint32_t *code)
{
    *code = unit_at(bytes, little);
    if (!is_surrogate(*code, SURROGATE)) {
        *code = is_surrogate(*code, LOW_SURROGATE) ? (uint32_t)REPLACEMENT : *code;
        return 2;
    }
    if (length < 4 && !last)
        return 0;
    uint32_t low = length < 4 ? 0 : unit_at(bytes + 2, little);
    bool paired = is_surrogate(low, LOW_SURROGATE);
    *code =
        paired ? BEYOND_16_BITS + ((*code - SURROGATE) << 10) + (low - LOW_SURROGATE) : (uint32_t)REPLACEMENT;
    return paired ? 4 : 2;
}

static size_t decode_utf16(struct text_decoder *decoder, const unsigned char *bytes, size_t length, bool last,
                           char *out)
{
    bool little = decoder->encoding == ENCODING_UTF16_LITTLE;
    size_t used = 0, written = 0, taken;
    uint32_t code;
    while (used + 1 < length && (taken = read_utf16(bytes + used, length - used, little, last, &code))) {
        written += put_character(out + written, code);
        used += taken;
    }
    decoder->carry_length = length - used;
    memcpy(decoder->carry, bytes + used, decoder->carry_length);
    if (last && decoder->carry_length) {
        decoder->carry_length = 0;
        written += put_character(out + written, REPLACEMENT);
    }
    return written;
}

static size_t decode_windows_1252(const unsigned char *bytes, size_t length, char *out)
{
    size_t written = 0;
    for (size_t i = 0; i < length; i++)
        written += put_character(out + written, of_windows_1252(bytes[i]));
    return written;
}

/* A part in one of the encodings, behind the mark. */
static size_t decode_part(struct text_decoder *decoder, const unsigned char *bytes, size_t length, bool last,
                          char *out)
{
    if (decoder->encoding == ENCODING_UTF16_LITTLE || decoder->encoding == ENCODING_UTF16_BIG)
        return decode_utf16(decoder, bytes, length, last, out);
    if (decoder->encoding == ENCODING_ASCII)
        decoder->encoding = judge(bytes, length, last);
    if (decoder->encoding == ENCODING_WINDOWS_1252)
        return decode_windows_1252(bytes, length, out);
    /* A sequence that is cut while nothing is decided waits for its end. */
    size_t kept = decoder->encoding == ENCODING_ASCII && !last ? cut_bytes(bytes, length) : 0;
    memcpy(decoder->carry, bytes + length - kept, kept);
    decoder->carry_length = kept;
    memcpy(out, bytes, length - kept);
    return length - kept;
}

size_t text_decode(struct text_decoder *decoder, const char *bytes, size_t length, bool last, char *out)
{
    const unsigned char *from = (const unsigned char *)bytes;
    unsigned char joined[sizeof(decoder->carry) * 2];
    size_t written = 0;
    if (!decoder->begun && length) {
        decoder->begun = true;
        size_t mark = read_mark(decoder, from, length);
        from += mark;
        length -= mark;
    }
    /* What was cut is joined with as much as may end it; what is then left over of the next bytes is decoded as usual. */
    while (decoder->carry_length && (length || last)) {
        size_t carried = decoder->carry_length, taken = length < 1 ? 0 : 1;
        memcpy(joined, decoder->carry, carried);
        memcpy(joined + carried, from, taken);
        decoder->carry_length = 0;
        from += taken;
        length -= taken;
        written += decode_part(decoder, joined, carried + taken, last && !length, out + written);
        if (!taken)
            break;
    }
    return length ? written + decode_part(decoder, from, length, last, out + written) : written;
}
