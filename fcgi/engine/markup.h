/* Text as a person would read it: HTML tags and entities are no letters of it.
 *
 * Shops write descriptions in an editor that makes HTML, so "span", "style" and "nbsp" would be the commonest
 * words of a catalogue, and everything written in the same editor would be alike. Owns nothing. */
#ifndef PALATE_ENGINE_MARKUP_H
#define PALATE_ENGINE_MARKUP_H

#include <stdbool.h>
#include <stdint.h>

struct markup_reader {
    const char *at; /* well-formed UTF-8 that ends with a zero */
    /* What was looked for in vain up to the end of the text is not looked for again. */
    bool no_tag_end, no_quote_end, no_escaped_end;
};

/* The next code point; a space for a tag, a comment and an entity that is no letter; 0 at the end. */
uint32_t markup_next(struct markup_reader *reader) __attribute__((nonnull));

#endif
