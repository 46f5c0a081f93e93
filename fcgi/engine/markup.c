/* A reader of text that may be HTML; see markup.h.
 *
 * The problem: nothing says whether a description is plain text or HTML, and much of it is neither: an
 * ampersand alone, "size < 40", a tag that was cut in its middle. A parser by the standard (WHATWG
 * HTML, 13.2.5) builds a tree, knows 2,231 entities, and reads "size <medium and the rest" as a tag without
 * end.
 *
 * The idea: only what can hardly be anything else is markup; the rest is text.
 *   - A tag is "<" with a letter, "/", "!" or "?" behind it, up to the next ">" that is not inside quotes.
 *     Where there is no such ">" it is text. Quotes that are never closed do not count as quotes.
 *   - "<!-- ... -->" goes as a whole, and so do <script> and <style> with what is inside.
 *   - An entity is "&" with two or more letters or digits and ";", or a number in the form &#233; or &#xE9;.
 *     Of the named ones only letters matter: their names are the letter and its accent (&uuml; &Eacute;
 *     &scaron;), and since words lose accents (search_words.c), the bare letter will do. All others are a space.
 *   - "&amp;nbsp;" is one entity, not two: texts are escaped twice where two systems each escape them once.
 *   - A tag is a space, as <li>red</li><li>blue</li> are two words; H<sub>2</sub>O is thereby three.
 *
 * Cost: linear. Each search for an end that fails would have to run to the end of the text, and "<a<a<a..."
 * has many; so the first failure of each kind is remembered, and there is none after it. No memory.
 *
 * It does not: build a tree, hide what a style hides, or know tags by name other than script and style. */
#include "engine/markup.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

enum { ENTITY_NAME_MAX = 31 /* the longest name of the standard */, SOFT_HYPHEN = 0xAD };

static bool is_letter(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
}

/* ---- Tags */

/* The ">" that ends the tag, quoted ones left out; NULL: there is none. */
static const char *find_tag_end(struct markup_reader *reader, const char *at)
{
    const char *plain = reader->no_tag_end ? NULL : strchr(at, '>');
    reader->no_tag_end = !plain;
    char quote = '\0';
    for (const char *end = at; plain && !reader->no_quote_end && *end; end++) {
        if (*end == '>' && !quote)
            return end;
        if (quote ? *end == quote : (*end == '"' || *end == '\'') && end[-1] == '=')
            quote = quote ? '\0' : *end;
    }
    reader->no_quote_end = reader->no_quote_end || plain;
    return plain;
}

/* Behind the end tag of an element whose content is no text. */
static const char *skip_element(struct markup_reader *reader, const char *name, size_t length, const char *at)
{
    for (const char *end = at; !reader->no_element_end && (end = strstr(end, "</")); end += 2) {
        if (strncasecmp(end + 2, name, length) != 0)
            continue;
        const char *close = strchr(end, '>');
        if (!close)
            break; /* nor is there one behind the next "</": to look again would make the whole quadratic */
        return close + 1;
    }
    reader->no_element_end = true;
    return at;
}

/* Behind the tag, or comment, that begins here; NULL: none does. */
static const char *skip_tag(struct markup_reader *reader, const char *at)
{
    if (!is_letter(at[1]) && !strchr("!?", at[1]) && !(at[1] == '/' && is_letter(at[2])))
        return NULL;
    if (!reader->no_comment_end && !strncmp(at, "<!--", 4)) {
        const char *comment = strstr(at + 4, "-->");
        if (comment)
            return comment + 3;
        reader->no_comment_end = true;
    }
    const char *end = at[1] ? find_tag_end(reader, at + 1) : NULL;
    static const char *const silent[] = {"script", "style"};
    for (size_t i = 0; end && i < sizeof(silent) / sizeof(silent[0]); i++) {
        size_t length = strlen(silent[i]);
        if (!strncasecmp(at + 1, silent[i], length) && !isalnum((unsigned char)at[1 + length]))
            return skip_element(reader, silent[i], length, end + 1);
    }
    return end ? end + 1 : NULL;
}

/* ---- Entities */

/* Bytes of name or number before the ";"; 0: that is no entity. */
static size_t measure_entity(const char *name)
{
    size_t length = *name == '#' ? 1 : 0;
    while (length < ENTITY_NAME_MAX && isalnum((unsigned char)name[length]))
        length++;
    return length >= 2 && name[length] == ';' ? length : 0;
}

static bool is_character(uint32_t number)
{
    return number > ' ' && number <= 0x10FFFF && (number < 0xD800 || number > 0xDFFF);
}

/* 16 for what is no digit. */
static uint32_t digit_value(char byte)
{
    int low = tolower((unsigned char)byte);
    return isdigit(low) ? (uint32_t)(low - '0') : isxdigit(low) ? (uint32_t)(low - 'a' + 10) : 16;
}

/* A space where the digits are wrong or no character has the number. */
static uint32_t read_number(const char *digits)
{
    uint32_t base = *digits == 'x' || *digits == 'X' ? 16 : 10, letter = 0;
    for (digits += base == 16; *digits != ';' && letter <= 0x10FFFF; digits++) {
        if (digit_value(*digits) >= base)
            return ' ';
        letter = letter * base + digit_value(*digits);
    }
    return is_character(letter) ? letter : ' ';
}

static uint32_t read_name(const char *name, size_t length)
{
    static const char *const accents[] = {"uml",   "acute", "grave", "circ", "tilde", "ring", "cedil",
                                          "caron", "slash", "strok", "macr", "breve", "ogon", "dot"};
    static const struct {
        const char *name;
        uint32_t letter;
    } letters[] = {{"szlig", 0xDF},      {"aelig", 0xE6},      {"AElig", 0xE6}, {"oelig", 0x153},
                   {"OElig", 0x153},     {"eth", 0xF0},        {"ETH", 0xF0},   {"thorn", 0xFE},
                   {"THORN", 0xFE},      {"inodot", 'i'},      {"imath", 'i'},  {"shy", SOFT_HYPHEN},
                   {"zwj", SOFT_HYPHEN}, {"zwnj", SOFT_HYPHEN}};
    for (size_t i = 0; i < sizeof(accents) / sizeof(accents[0]); i++) {
        if (strlen(accents[i]) == length - 1 && !strncmp(name + 1, accents[i], length - 1))
            return (unsigned char)*name;
    }
    for (size_t i = 0; i < sizeof(letters) / sizeof(letters[0]); i++) {
        if (strlen(letters[i].name) == length && !strncmp(name, letters[i].name, length))
            return letters[i].letter;
    }
    return ' ';
}

/* ---- */

/* The next code point of well-formed UTF-8. */
static uint32_t read_letter(const char **text)
{
    const unsigned char *at = (const unsigned char *)*text;
    unsigned more = at[0] < 0x80 ? 0 : at[0] < 0xE0 ? 1 : at[0] < 0xF0 ? 2 : 3, used = 1;
    uint32_t letter = more ? at[0] & (0x3Fu >> more) : at[0];
    for (; used <= more && at[used]; used++)
        letter = letter << 6 | (at[used] & 0x3F);
    *text += used;
    return letter;
}

uint32_t markup_next(struct markup_reader *reader)
{
    const char *at = reader->at;
    if (*at == '<' && (at = skip_tag(reader, at))) {
        reader->at = at;
        return ' ';
    }
    if (*reader->at == '&') {
        const char *name = reader->at + 1;
        if (!strncmp(name, "amp;", 4) && measure_entity(name + 4))
            name += 4;
        size_t length = measure_entity(name);
        if (length) {
            reader->at = name + length + 1;
            return *name == '#' ? read_number(name + 1) : read_name(name, length);
        }
    }
    return *reader->at ? read_letter(&reader->at) : 0;
}
