/* Secrets that follow one another; see own_secrets.h.
 *
 * The problem: a shared secret that is replaced at one moment refuses every token that is out, and workers that
 * are told of it one after the other refuse each other's. So a secret has a successor before it ends: while the
 * file holds two lines, tokens of both count, and new ones are signed by the first. When the last token of the
 * one before has expired, its line goes.
 *
 * Workers must learn of it without being started anew, and of a withdrawn secret without waiting. Once a second,
 * at the next token, they look at the file's inode, size and times, which costs a microsecond, and read it when
 * one of them has changed; and at once when a signature fits none of the secrets, since another worker may have
 * signed it with a new one. So there is no moment at which one worker refuses what another has issued.
 *
 * In the sandbox a worker may read the file that was there at its start (a rule is for an inode), so the file is
 * to be written and not replaced. One that was replaced cannot be read: that is logged, and the secrets before
 * count until the workers are started anew. A file that is read while it is written holds too little, or a part:
 * it is refused for its length, or read again after its next change. */
#include "token/own_secrets.h"

#include "base/log.h"
#include "base/memory.h"
#include "base/read_file.h"
#include "token/token_key.h"

#include <openssl/crypto.h>
#include <string.h>
#include <sys/stat.h>

enum { SECRET_FILE_BYTES = 16384, LOOK_EVERY_US = 1000000 };

struct own_secrets {
    const struct config *config;
    char *text; /* what the secrets are parts of; NULL: not HS256 */
    size_t length;
    struct secret secrets[SECRETS_MAX];
    size_t count;
    struct stat seen; /* of the file at the last look; all zero: none */
    int64_t looked_us;
    uint64_t generation;
};

size_t own_secrets_split(const char *text, size_t length, struct secret secrets[SECRETS_MAX])
{
    const struct secret whole = {text, length};
    const char *end = memchr(text, '\n', length);
    size_t first = end ? (size_t)(end - text) : length, second = end ? length - first - 1 : 0;
    secrets[0] = whole;
    if (first < TOKEN_SECRET_BYTES_MIN || second < TOKEN_SECRET_BYTES_MIN || memchr(end + 1, '\n', second))
        return 1;
    secrets[0] = (struct secret){text, first};
    secrets[1] = (struct secret){end + 1, second};
    secrets[2] = whole;
    return SECRETS_MAX;
}

static void free_text(char *text, size_t length)
{
    if (text)
        OPENSSL_cleanse(text, length);
    memory_free(text);
}

char *own_secrets_read(const struct config *config, size_t *length, char *problem, size_t problem_size)
{
    char *text = read_file(config->token_secret_file, SECRET_FILE_BYTES, length, problem, problem_size);
    if (!text)
        return NULL;
    if (*length && text[*length - 1] == '\n')
        text[--*length] = '\0';
    struct config found = *config;
    found.token_key = text;
    found.token_key_length = *length;
    if (token_key_check(&found, problem, problem_size))
        return text;
    free_text(text, *length);
    return NULL;
}

/* Owns the text from now on. */
static void use_text(struct own_secrets *own, char *text, size_t length)
{
    free_text(own->text, own->length);
    own->text = text;
    own->length = length;
    own->count = own_secrets_split(text, length, own->secrets);
    own->generation++;
}

struct own_secrets *own_secrets_create(const struct config *config)
{
    struct own_secrets *own = memory_alloc(1, sizeof(*own));
    own->config = config;
    if (config->token_algorithm == TOKEN_HS256)
        use_text(own, memory_copy_bytes(config->token_key, config->token_key_length),
                 config->token_key_length);
    return own;
}

void own_secrets_destroy(struct own_secrets *own)
{
    if (!own)
        return;
    free_text(own->text, own->length);
    memory_free(own);
}

static bool is_same_file(const struct stat *a, const struct stat *b)
{
    return a->st_ino == b->st_ino && a->st_dev == b->st_dev && a->st_size == b->st_size &&
           a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec &&
           a->st_ctim.tv_sec == b->st_ctim.tv_sec && a->st_ctim.tv_nsec == b->st_ctim.tv_nsec;
}

bool own_secrets_refresh(struct own_secrets *own, int64_t now_us, bool at_once)
{
    const char *path = own->config->token_secret_file;
    char problem[400];
    struct stat status;
    size_t length;
    if (!own->text || !*path || (!at_once && now_us - own->looked_us < LOOK_EVERY_US))
        return false;
    own->looked_us = now_us;
    if (stat(path, &status) || is_same_file(&status, &own->seen))
        return false;
    own->seen = status;
    if (!status.st_size)
        return false; /* it is being written: there is more at the next look */
    char *text = own_secrets_read(own->config, &length, problem, sizeof(problem));
    if (!text) {
        log_line("palate: the token secret of before still counts: %s; write into the file in place, or "
                 "reload the "
                 "web server",
                 problem);
        return false;
    }
    if (length == own->length && !CRYPTO_memcmp(text, own->text, length)) {
        free_text(text, length);
        return false;
    }
    use_text(own, text, length);
    return true;
}

const struct secret *own_secrets_list(const struct own_secrets *own, size_t *count)
{
    *count = own->count;
    return own->secrets;
}

uint64_t own_secrets_generation(const struct own_secrets *own)
{
    return own->generation;
}
