/* The secrets of HS256: the one that signs, those that tokens may have been signed with, and what [token]
 * secret_file holds now.
 *
 * A file of two lines, each of at least 32 bytes, is two secrets: the first signs and both verify, so that one
 * secret can follow another while tokens of the one before still count. Its whole text verifies as well, as it
 * did before there were two. Every other file is one secret, with its newlines. */
#ifndef PALATE_TOKEN_OWN_SECRETS_H
#define PALATE_TOKEN_OWN_SECRETS_H

#include "base/config.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SECRETS_MAX = 3 };

/* Part of another text. */
struct secret {
    const char *bytes;
    size_t length;
};

/* The secrets of a file's text without the newline at its end; how many, at least one. The first signs. */
size_t own_secrets_split(const char *text, size_t length, struct secret secrets[SECRETS_MAX])
    __attribute__((nonnull, warn_unused_result));

/* The file as it is now, without the newline at its end; to be wiped and freed. NULL: it cannot be read, or
 * holds no fit secret; problem is a sentence. */
char *own_secrets_read(const struct config *config, size_t *length, char *problem, size_t problem_size)
    __attribute__((nonnull, warn_unused_result));

struct own_secrets;

/* Those of a configuration, which must outlive it; none but for HS256. */
struct own_secrets *own_secrets_create(const struct config *config)
    __attribute__((nonnull, returns_nonnull, warn_unused_result));
/* Wipes them. NULL is fine. */
void own_secrets_destroy(struct own_secrets *own);

/* Looks whether the file is another than at the last look, and takes what it holds then; at most once a second
 * unless at_once. What cannot be used is logged and changes nothing. True: there are other secrets now. */
bool own_secrets_refresh(struct own_secrets *own, int64_t now_us, bool at_once) __attribute__((nonnull));

/* As of the last look; valid until the next. */
const struct secret *own_secrets_list(const struct own_secrets *own, size_t *count)
    __attribute__((nonnull, returns_nonnull, warn_unused_result));

/* Another number whenever there are other secrets. */
uint64_t own_secrets_generation(const struct own_secrets *own) __attribute__((nonnull, warn_unused_result));

#endif
