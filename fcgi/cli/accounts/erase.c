/* `palate user erase` and `palate user receipts`; see erase.h.
 *
 * Everything here is removed, and the receipt written, in one transaction: either everything is gone and the
 * receipt says how many rows of what, or nothing is. The remote recommender has a copy of events and users
 * (`palate push`), or has been told ids with requests, and is told next: a Gorse server by DELETE of each id,
 * which there takes the feedback, too. The receipt says that it was not told until it was, so a run that is
 * killed in between claims nothing; erasing again tells it again. */
#include "cli/accounts/erase.h"

#include "base/json_write.h"
#include "cli/accounts/receipt.h"
#include "cli/gorse/push_send.h"
#include "cli/gorse/rows.h"
#include "storage/push_positions.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

struct erasing {
    struct session *session;
    const struct user_options *options;
    struct admin_tenant tenant;
    struct user_trace trace;
    uint64_t removed[USER_PART__MAX];
    uint64_t receipt;
    bool has_remote, is_told; /* a remote recommender that may know the user, and whether it forgets */
};

/* ---- The remote recommender */

/* One is configured, or was sent events before. */
static bool find_remote(struct erasing *erasing, bool *elsewhere)
{
    struct session *session = erasing->session;
    struct error error = {0};
    const char *url = session->config->remote_url;
    if (!push_position_elsewhere(session->db, erasing->tenant.id, url, elsewhere, &error)) {
        session_failed(session, &error, "look where events were sent");
        return false;
    }
    erasing->has_remote = *url || *elsewhere;
    return true;
}

static bool tell_gorse(struct erasing *erasing)
{
    struct push_sender sender;
    signal(SIGPIPE, SIG_IGN); /* the server may hang up */
    bool told = push_sender_open(&sender, erasing->session->config, PUSH_TIMEOUT_DEFAULT, false);
    for (size_t i = 0; told && i < erasing->trace.ids.count; i++) {
        const char *id = erasing->trace.ids.texts[i];
        told = !gorse_takes_id(id) || push_forget(&sender, id);
    }
    push_sender_close(&sender);
    return told;
}

static void tell_remote(struct erasing *erasing, bool elsewhere)
{
    const struct config *config = erasing->session->config;
    if (*config->remote_url && config->remote_protocol == REMOTE_GORSE)
        erasing->is_told = tell_gorse(erasing);
    else if (*config->remote_url)
        command_say("%s was not told: its protocol has no way to; it may have kept ids of requests",
                    config->remote_url);
    if (!elsewhere)
        return;
    command_say("events of this tenant were sent to another server before, which was not told");
    erasing->is_told = false;
}

/* ---- The receipt */

/* What is kept: counts, and no id. */
static const char *write_removed(const struct erasing *erasing)
{
    struct json_writer *out = json_writer_create(erasing->session->arena);
    json_writer_object(out, NULL);
    for (int part = 0; part < USER_PART__MAX; part++)
        json_writer_integer(out, user_part_name((enum user_part)part), (int64_t)erasing->removed[part]);
    json_writer_integer(out, "anonymous_ids", (int64_t)erasing->trace.ids.count - 1);
    json_writer_integer(out, "session_ids", (int64_t)erasing->trace.sessions.count);
    json_writer_text(out, "remote", !erasing->has_remote ? "none" : erasing->is_told ? "told" : "not_told");
    json_writer_end(out);
    return json_writer_result(out);
}

static bool note_receipt(struct erasing *erasing)
{
    struct session *session = erasing->session;
    struct receipt_key key;
    struct error error = {0};
    unsigned char hash[ERASURE_HASH_BYTES];
    if (!receipt_key_load(session, &key))
        return false;
    receipt_hash(&key, session->arena, erasing->options->tenant, erasing->options->user_id, hash);
    if (admin_erasures_key(session->db, session->arena, erasing->tenant.id, receipt_key_hash, &key, &error) &&
        admin_erasure_insert(session->db, erasing->tenant.id, hash, write_removed(erasing), &erasing->receipt,
                             &error))
        return true;
    session_failed(session, &error, "note the receipt; nothing was removed");
    return false;
}

static void print_receipt(const struct erasing *erasing)
{
    const struct user_trace *trace = &erasing->trace;
    struct json_writer *out = json_writer_create(erasing->session->arena);
    json_writer_object(out, NULL);
    json_writer_integer(out, "receipt", (int64_t)erasing->receipt);
    json_writer_text(out, "tenant", erasing->options->tenant);
    json_writer_text(out, "user_id", erasing->options->user_id);
    json_writer_texts(out, "anonymous_ids", trace->ids.texts + 1, trace->ids.count - 1);
    json_writer_texts(out, "session_ids", trace->sessions.texts, trace->sessions.count);
    json_writer_texts(out, "kept_ids", trace->shared.texts, trace->shared.count);
    json_writer_written(out, "removed", write_removed(erasing));
    json_writer_end(out);
    printf("%s\n", json_writer_result(out));
}

/* ---- The two verbs */

static bool remove_all(struct erasing *erasing)
{
    struct session *session = erasing->session;
    struct error error = {0};
    if (!admin_user_trace(session->db, session->arena, erasing->tenant.id, erasing->options->user_id,
                          &erasing->trace, &error)) {
        session_failed(session, &error, "find what belongs to the user; nothing was removed");
        return false;
    }
    if (admin_user_erase(session->db, erasing->tenant.id, &erasing->trace, erasing->removed, &error))
        return true;
    session_failed(session, &error, "erase the user; nothing was removed");
    return false;
}

static int finish_erasure(struct erasing *erasing, bool elsewhere)
{
    struct session *session = erasing->session;
    struct error error = {0};
    if (erasing->has_remote)
        tell_remote(erasing, elsewhere);
    if (erasing->is_told && !admin_erasure_change(session->db, erasing->tenant.id, erasing->receipt,
                                                  write_removed(erasing), &error)) {
        erasing->is_told = false;
        session_failed(session, &error, "note that the remote recommender was told");
    }
    print_receipt(erasing);
    return erasing->has_remote && !erasing->is_told ? TOOL_REJECTED : TOOL_DONE;
}

int erase_user(struct session *session, const void *given)
{
    struct erasing erasing = {.session = session, .options = given};
    bool elsewhere = false;
    if (!session_find_tenant(session, erasing.options->tenant, &erasing.tenant) ||
        !find_remote(&erasing, &elsewhere) || !session_begin(session))
        return TOOL_FAILED;
    if (!remove_all(&erasing) || !note_receipt(&erasing))
        return TOOL_FAILED;
    int code = session_commit(session, "the erasure");
    return code == TOOL_DONE ? finish_erasure(&erasing, elsewhere) : code;
}

int list_receipts(struct session *session, const void *given)
{
    const struct user_options *options = given;
    struct admin_tenant tenant;
    struct receipt_key key;
    struct error error = {0};
    unsigned char hash[ERASURE_HASH_BYTES];
    struct erasure *list = NULL;
    size_t count = 0;
    if (!session_find_tenant(session, options->tenant, &tenant) || !receipt_key_load(session, &key))
        return TOOL_FAILED;
    receipt_hash(&key, session->arena, options->tenant, options->user_id, hash);
    if (!session_begin(session))
        return TOOL_FAILED;
    if (!admin_erasures_key(session->db, session->arena, tenant.id, receipt_key_hash, &key, &error) ||
        !admin_erasures_find(session->db, session->arena, tenant.id, hash, &list, &count, &error))
        return session_failed(session, &error, "read the receipts");
    int code = session_commit(session, "the keys of old receipts");
    for (size_t i = 0; code == TOOL_DONE && i < count; i++)
        printf("{\"receipt\": %" PRIu64 ", \"erased_at\": \"%s\", \"removed\": %s}\n", list[i].id,
               list[i].erased_at, list[i].removed);
    return code;
}
