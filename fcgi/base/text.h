/* Small readers and writers of text: numbers, UTF-8, base64url, hexadecimal. None allocates. */
#ifndef PALATE_BASE_TEXT_H
#define PALATE_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The whole text as a decimal integer: an optional minus, then digits, nothing else; false otherwise
 * or when it does not fit. */
bool text_to_int64(const char *text, int64_t *value) __attribute__((nonnull, warn_unused_result));

/* The whole text as a finite decimal number (no hexadecimal, no "inf", no spaces). */
bool text_to_double(const char *text, double *value) __attribute__((nonnull, warn_unused_result));

/* Write a decimal integer and a zero, ten times as fast as printf; return the characters before the zero. */
enum { INTEGER_TEXT_SIZE = 22 };
size_t text_of_uint64(uint64_t number, char text[INTEGER_TEXT_SIZE - 1]) __attribute__((nonnull));
size_t text_of_int64(int64_t number, char text[INTEGER_TEXT_SIZE]) __attribute__((nonnull));

/* Well-formed UTF-8 (no surrogates, no overlong forms, at most U+10FFFF). */
bool text_is_utf8(const char *bytes, size_t length) __attribute__((nonnull, warn_unused_result));

/* Takes out of the text what is not well-formed: what is left of a character that was cut in two. */
void text_repair_utf8(char *text) __attribute__((nonnull));

/* Characters in well-formed UTF-8 text. */
size_t text_count_characters(const char *text) __attribute__((nonnull, warn_unused_result));

/* True when a control character (U+0000 to U+001F, U+007F) is among the bytes. */
bool text_has_control(const char *bytes, size_t length) __attribute__((nonnull, warn_unused_result));

/* The bytes of the blank that a text begins with: what Unicode calls white space, or a mark without a width. 0: it
 * begins with none. */
size_t text_blank_bytes(const char *text) __attribute__((nonnull, warn_unused_result));

/* Whether a text is empty or only of blanks. */
bool text_is_blank(const char *text) __attribute__((nonnull, warn_unused_result));

/* Decodes base64url without padding (RFC 7515) into out (room for length * 3 / 4 + 3 bytes). Refuses what
 * is not canonical: foreign characters, padding, unused bits that are not zero. */
bool text_decode_base64url(const char *text, size_t length, unsigned char *out, size_t *out_length)
    __attribute__((nonnull, warn_unused_result));

/* The reverse: writes length * 4 / 3, rounded up, characters and a zero. */
void text_encode_base64url(const unsigned char *bytes, size_t length, char *out) __attribute__((nonnull));

/* Writes 2 * length digits and a zero. */
void text_encode_hex(const unsigned char *bytes, size_t length, char *out) __attribute__((nonnull));

/* Undoes percent-encoding and '+' in place; false on a broken escape or a zero byte. */
bool text_decode_form(char *text) __attribute__((nonnull, warn_unused_result));

/* The same for a path, where a plus is a plus. */
bool text_decode_percent(char *text) __attribute__((nonnull, warn_unused_result));

/* Equal length and, compared in constant time, equal bytes. */
bool text_equals_secretly(const void *a, size_t a_length, const void *b, size_t b_length)
    __attribute__((nonnull, warn_unused_result));

#endif
