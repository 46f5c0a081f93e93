/* The encoding of a file, found out from its bytes, and its text as UTF-8. Does not read files. */
#ifndef PALATE_CLI_IMPORT_TEXT_ENCODING_H
#define PALATE_CLI_IMPORT_TEXT_ENCODING_H

#include <stdbool.h>
#include <stddef.h>

enum text_encoding {
    ENCODING_ASCII, /* so far: what other bytes mean is not known yet */
    ENCODING_UTF8,  /* or broken: bytes stay as they are */
    ENCODING_UTF16_LITTLE,
    ENCODING_UTF16_BIG,
    ENCODING_WINDOWS_1252,
    ENCODING__MAX
};

/* The name, for people. */
const char *text_encoding_name(enum text_encoding encoding) __attribute__((returns_nonnull, const));

/* Whether the name in an XML declaration is one of those that text_decode() knows. */
bool text_encoding_is_known(const char *name) __attribute__((nonnull, pure, warn_unused_result));

struct text_decoder {
    enum text_encoding encoding;
    bool begun;             /* the first bytes have been seen */
    unsigned char carry[4]; /* of a character whose end has not come yet */
    size_t carry_length;
};

enum {
    DECODED_BYTES_MAX = 3,
    DECODED_MORE = 16
}; /* room for n bytes: DECODED_BYTES_MAX * n + DECODED_MORE */

/* Decodes the next bytes of a file to UTF-8, and finds the encoding out while it does: by a byte order mark, which
 * is left out; by an XML declaration; by zero bytes, which ASCII text in UTF-16 has in every second place; else by the first bytes that are
 * not ASCII, which are UTF-8 or, where they are not, Windows-1252. last says that no more bytes come. Returns the
 * bytes written. */
size_t text_decode(struct text_decoder *decoder, const char *bytes, size_t length, bool last, char *out)
    __attribute__((nonnull, warn_unused_result));

#endif
