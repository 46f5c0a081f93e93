/* Whose an erasure was; see receipt.h.
 *
 * A plain hash of an id says whose it was to anybody who can guess ids: customer numbers are a few million,
 * which is a second's work. So the hash is keyed (HMAC, RFC 2104) with a secret that is not in the database.
 * What is keyed is the plain hash of versions before 0.2, so that their receipts can be keyed, too, though
 * nobody knows the ids any more.
 *
 * The key is made when it is first needed. Two commands at a time would make two, and the receipts of one of
 * them could never be found again; so a lock of the database stands around it. */
#include "cli/accounts/receipt.h"

#include "base/memory.h"
#include "base/random.h"
#include "base/read_file.h"
#include "base/text.h"
#include "base/write_file.h"
#include "storage/schema.h"

#include <assert.h>
#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { LOCK_SECONDS = 10, KEY_FILE_BYTES = 4096 };
static_assert(ERASURE_HASH_BYTES == SHA256_DIGEST_LENGTH, "a receipt has the hash whole");

static const char *find_path(struct session *session)
{
    const struct config *config = session->config;
    return *config->tool_receipt_key_file
               ? config->tool_receipt_key_file
               : arena_format(session->arena, "%s/receipt.key", config->model_directory);
}

static bool make_key(const char *path)
{
    unsigned char bytes[RECEIPT_KEY_BYTES / 2];
    char line[RECEIPT_KEY_BYTES + 2];
    struct write_file file;
    int problem = write_file_begin(&file, path);
    if (!problem) {
        random_fill(bytes, sizeof(bytes));
        text_encode_hex(bytes, sizeof(bytes), line);
        line[RECEIPT_KEY_BYTES] = '\n';
        if (write_fully(file.descriptor, line, RECEIPT_KEY_BYTES + 1)) {
            problem = write_file_commit(&file, 0600);
        } else {
            problem = errno;
            write_file_abandon(&file);
        }
        OPENSSL_cleanse(bytes, sizeof(bytes));
        OPENSSL_cleanse(line, sizeof(line));
    }
    if (problem)
        command_say("cannot make the key of receipts, %s: %s; [tool] receipt_key_file names another place",
                    path, strerror(problem));
    return !problem;
}

static bool read_key(const char *path, struct receipt_key *key)
{
    char problem[400];
    size_t length;
    char *text = read_file(path, KEY_FILE_BYTES, &length, problem, sizeof(problem));
    if (!text) {
        command_say("%s", problem);
        return false;
    }
    bool good = strcspn(text, "\r\n") == RECEIPT_KEY_BYTES;
    memcpy(key->text, text, good ? RECEIPT_KEY_BYTES : 0);
    key->text[good ? RECEIPT_KEY_BYTES : 0] = '\0';
    OPENSSL_cleanse(text, length);
    memory_free(text);
    if (!good)
        command_say("%s must have %d characters in its first line, as openssl rand -hex 32 prints them", path,
                    RECEIPT_KEY_BYTES);
    return good;
}

bool receipt_key_load(struct session *session, struct receipt_key *key)
{
    static const char lock[] = "receipt.key";
    const char *path = find_path(session);
    struct error error = {0};
    bool taken = false;
    if (!access(path, F_OK))
        return read_key(path, key);
    if (!admin_lock_take(session->db, lock, LOCK_SECONDS, &taken, &error)) {
        session_failed(session, &error, "take the lock for the key of receipts");
        return false;
    }
    if (!taken) {
        command_say("another command makes the key of receipts; try again");
        return false;
    }
    bool good = (!access(path, F_OK) || make_key(path)) && read_key(path, key);
    admin_lock_release(session->db, lock);
    return good;
}

void receipt_key_hash(void *context, unsigned char hash[ERASURE_HASH_BYTES])
{
    const struct receipt_key *key = context;
    unsigned char keyed[EVP_MAX_MD_SIZE];
    unsigned length;
    if (!HMAC(EVP_sha256(), key->text, RECEIPT_KEY_BYTES, hash, ERASURE_HASH_BYTES, keyed, &length))
        memory_exhausted();
    memcpy(hash, keyed, ERASURE_HASH_BYTES);
}

/* The zero keeps "a" + "bc" apart from "ab" + "c". */
void receipt_hash(const struct receipt_key *key, struct arena *arena, const char *tenant_key,
                  const char *user_id, unsigned char hash[ERASURE_HASH_BYTES])
{
    struct receipt_key copy = *key;
    size_t tenant = strlen(tenant_key) + 1, user = strlen(user_id);
    unsigned char *bytes = arena_alloc(arena, tenant + user, 1);
    memcpy(bytes, tenant_key, tenant);
    memcpy(bytes + tenant, user_id, user);
    SHA256(bytes, tenant + user, hash);
    receipt_key_hash(&copy, hash);
}
