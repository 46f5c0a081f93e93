/* A reader of text that may be HTML; see markup.h.
 *
 * The problem: nothing says whether a description is plain text or HTML, and much of it is neither: an
 * ampersand alone, "size < 40", a tag that was cut in its middle. A parser by the standard (WHATWG
 * HTML, 13.2.5) builds a tree, knows 2,231 entities, and reads "size <medium and the rest" as a tag without
 * end.
 *
 * The idea: only what can hardly be anything else is markup; the rest is text.
 *   - A tag is "<" with a letter, "/", "!" or "?" behind it, up to the next ">" that is not inside quotes.
 *     Where there is no such ">" it is text, but for a tag with an attribute that has a quote ('<span class="x'),
 *     which is one that was cut, and with it the text. Quotes that are never closed do not count as quotes.
 *   - "<!-- ... -->" goes as a whole, and so do <script> and <style> with what is inside; without an end
 *     they go up to the end of the text, as in a browser. <![CDATA[ and ]]> are no tag: what is inside is text.
 *   - An entity is "&" with two or more letters or digits and ";", or a number in the form &#233; or &#xE9;.
 *     Of the named ones only letters matter: their names are the letter and its accent (&uuml; &Eacute;
 *     &scaron;), and since words lose accents (search_words.c), the bare letter will do; and those of Greek.
 *     All others are a space. The commonest are understood without ";", as browsers do ("&nbsp").
 *   - "&amp;nbsp;" is one entity, not two: texts are escaped twice where two systems each escape them once. So
 *     "&lt;p&gt;" is a tag as well, by the rule for "<" above, without quotes.
 *   - A tag is a space, as <li>red</li><li>blue</li> are two words; H<sub>2</sub>O is thereby three.
 *
 * Cost: linear. Each search for an end that fails would have to run to the end of the text, and "<a<a<a..."
 * has many; so the first failure of each kind is remembered, and there is none after it. No memory.
 *
 * It does not: build a tree, hide what a style hides, or know tags by name other than script and style. */
#include "engine/markup.h"

#include "engine/letter.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

enum { ENTITY_NAME_MAX = 31 /* the longest name of the standard */, SOFT_HYPHEN = 0xAD, GREEK_ALPHA = 0x3B1 };

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
static const char *skip_element(const char *name, size_t length, const char *at)
{
    for (const char *end = at; (end = strstr(end, "</")); end += 2) {
        if (!strncasecmp(end + 2, name, length)) {
            const char *close = strchr(end, '>');
            return close ? close + 1 : end + strlen(end);
        }
    }
    return at + strlen(at);
}

/* Is the tag that has no end one with an attribute in quotes: a name, blanks, a name, = and a quote? */
static bool is_cut_tag(const char *name)
{
    const char *at = name;
    while (isalnum((unsigned char)*at))
        at++;
    size_t blanks = strspn(at, " \t\r\n");
    const char *attribute = at + blanks;
    at = attribute;
    while (isalnum((unsigned char)*at) || *at == '-' || *at == ':' || *at == '_')
        at++;
    return blanks && at > attribute && at[0] == '=' && (at[1] == '"' || at[1] == '\'');
}

/* Behind the tag, or comment, that begins here; NULL: none does. */
static const char *skip_tag(struct markup_reader *reader, const char *at)
{
    if (!is_letter(at[1]) && !strchr("!?", at[1]) && !(at[1] == '/' && is_letter(at[2])))
        return NULL;
    static const char character_data[] = "<![CDATA[";
    if (!strncmp(at, character_data, sizeof(character_data) - 1))
        return at + sizeof(character_data) - 1;
    if (!strncmp(at, "<!--", 4)) {
        const char *comment = strstr(at + 4, "-->");
        return comment ? comment + 3 : at + strlen(at);
    }
    const char *end = at[1] ? find_tag_end(reader, at + 1) : NULL;
    if (!end)
        return is_cut_tag(at + 1) ? at + strlen(at) : NULL;
    static const char *const silent[] = {"script", "style"};
    for (size_t i = 0; i < sizeof(silent) / sizeof(silent[0]); i++) {
        size_t length = strlen(silent[i]);
        if (!strncasecmp(at + 1, silent[i], length) && !isalnum((unsigned char)at[1 + length]))
            return skip_element(silent[i], length, end + 1);
    }
    return end + 1;
}

/* The same for a tag whose signs are entities: at is behind its "&lt;". */
static const char *skip_escaped_tag(struct markup_reader *reader, const char *at)
{
    if (reader->no_escaped_end ||
        (!is_letter(at[0]) && !(at[0] && strchr("!?", at[0])) && !(at[0] == '/' && is_letter(at[1]))))
        return NULL;
    const char *end = strstr(at, "&gt;");
    reader->no_escaped_end = !end;
    return end ? end + 4 : NULL;
}

/* ---- Entities */

/* Is this name of length bytes the known one? The first letter nearly always tells. */
static bool is_name(const char *name, size_t length, const char *known)
{
    return *name == *known && strlen(known) == length && !memcmp(name, known, length);
}

/* Bytes of name or number, without a ";"; 0: that is no entity. */
static size_t measure_entity(const char *name)
{
    static const char *const bare[] = {"nbsp", "amp", "lt", "gt", "quot"};
    size_t length = *name == '#' ? 1 : 0;
    while (length < ENTITY_NAME_MAX && isalnum((unsigned char)name[length]))
        length++;
    if (name[length] == ';')
        return length >= 2 ? length : 0;
    for (size_t i = 0; i < sizeof(bare) / sizeof(bare[0]); i++) {
        if (is_name(name, length, bare[i]))
            return length;
    }
    return 0;
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

/* A Greek letter, small or large; a space: none. */
static uint32_t read_greek(const char *name, size_t length)
{
    static const char *const greek[] = {"alpha",   "beta", "gamma", "delta",  "epsilon", "zeta", "eta",
                                        "theta",   "iota", "kappa", "lambda", "mu",      "nu",   "xi",
                                        "omicron", "pi",   "rho",   "-",      "sigma",   "tau",  "upsilon",
                                        "phi",     "chi",  "psi",   "omega"};
    for (size_t i = 0; i < sizeof(greek) / sizeof(greek[0]); i++) {
        if (tolower((unsigned char)*name) == *greek[i] && is_name(name + 1, length - 1, greek[i] + 1))
            return GREEK_ALPHA + (uint32_t)i;
    }
    return ' ';
}

static uint32_t read_name(const char *name, size_t length)
{
    static const char *const accents[] = {"uml",   "acute", "grave", "circ", "tilde", "ring", "cedil",
                                          "caron", "slash", "strok", "macr", "breve", "ogon", "dot"};
    static const struct {
        const char *name;
        uint32_t letter;
    } letters[] = {{"szlig", 0xDF},      {"aelig", 0xE6},       {"AElig", 0xE6}, {"oelig", 0x153},
                   {"OElig", 0x153},     {"eth", 0xF0},         {"ETH", 0xF0},   {"thorn", 0xFE},
                   {"THORN", 0xFE},      {"inodot", 'i'},       {"imath", 'i'},  {"shy", SOFT_HYPHEN},
                   {"zwj", SOFT_HYPHEN}, {"zwnj", SOFT_HYPHEN}, {"sdot", ' '},   {"ordf", 0xAA},
                   {"ordm", 0xBA},       {"sup1", '1'},         {"sup2", '2'},   {"sup3", '3'},
                   {"micro", 0x3BC},     {"sigmaf", 0x3C3}};
    for (size_t i = 0; i < sizeof(letters) / sizeof(letters[0]); i++) {
        if (is_name(name, length, letters[i].name))
            return letters[i].letter;
    }
    for (size_t i = 0; i < sizeof(accents) / sizeof(accents[0]); i++) {
        if (is_name(name + 1, length - 1, accents[i]))
            return (unsigned char)*name;
    }
    return read_greek(name, length);
}

/* ---- */

/* The entity whose name begins here; 0: there is none. */
static uint32_t read_entity(struct markup_reader *reader, const char *name)
{
    if (!strncmp(name, "amp;", 4) && measure_entity(name + 4))
        name += 4;
    size_t length = measure_entity(name);
    if (!length)
        return 0;
    const char *end = name + length + (name[length] == ';');
    bool opens = length == 2 && !strncmp(name, "lt", length);
    const char *tag_end = opens ? skip_escaped_tag(reader, end) : NULL;
    reader->at = tag_end ? tag_end : end;
    return *name == '#' ? read_number(name + 1) : read_name(name, length);
}

uint32_t markup_next(struct markup_reader *reader)
{
    const char *end = *reader->at == '<' ? skip_tag(reader, reader->at) : NULL;
    if (end) {
        reader->at = end;
        return ' ';
    }
    uint32_t letter = *reader->at == '&' ? read_entity(reader, reader->at + 1) : 0;
    if (letter)
        return letter;
    return *reader->at ? letter_read(&reader->at) : 0;
}
