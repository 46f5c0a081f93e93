/* One list for a Gorse server; see push_send.h.
 *
 * The client is the one that workers use for the remote recommender, with its rules about TLS, redirects
 * and addresses, but with a longer deadline: Gorse rewrites every cached row of an item that it is sent, so a
 * list of items can take it a minute (33 to 75 items a second were seen).
 *
 * Only a smaller list helps against that, and a server that hangs takes none. Which of the two it is, its
 * health says, which answers at once while lists are being stored: so a list that took too long is told apart
 * from a server that would cost the same time with each half, too.
 *
 * Gorse answers 200 to a list that it stored, and how many rows these were; every other status within 2xx will do,
 * too, since a proxy may answer so, but not without the rows: a web page at a wrong address says 200 to everything,
 * and what it was sent would never be sent again. Everything else is reported with the beginning of the answer's text, which usually
 * names the row that Gorse did not like. The key is wiped from memory after each use, and never part of a
 * message. */
#include "cli/gorse/push_send.h"

#include "base/clock.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/memory.h"
#include "base/random.h"
#include "base/read_file.h"
#include "base/url.h"
#include "cli/command.h"
#include "remote/client.h"

#include <stdio.h>
#include <string.h>

enum { KEY_FILE_BYTES = 4096, HEADER_SIZE = KEY_FILE_BYTES + 16, QUOTE_BYTES = 200 };

/* Seconds for answers that Gorse need not work for. */
enum { HEALTH_SECONDS = 5 };

/* PUT replaces a feedback that is there already, so that the latest counts. */
static const struct {
    const char *path, *method, *name;
} kinds[PUSH_WHAT__MAX] = {
    [PUSH_ITEMS] = {"/api/items", NULL, "items"},
    [PUSH_USERS] = {"/api/users", NULL, "users"},
    [PUSH_FEEDBACK] = {"/api/feedback", "PUT", "feedback"},
};

static bool read_key(struct push_sender *sender)
{
    const char *path = sender->config->remote_api_key_file;
    char problem[400];
    size_t length;
    sender->key =
        *path ? read_file(path, KEY_FILE_BYTES, &length, problem, sizeof(problem)) : memory_copy_text("");
    if (!sender->key) {
        command_say("%s", problem);
        return false;
    }
    sender->key[strcspn(sender->key, "\r\n")] = '\0';
    return true;
}

bool push_sender_open(struct push_sender *sender, const struct config *config, int timeout_s, bool dry_run)
{
    *sender = (struct push_sender){.config = config, .timeout_s = timeout_s};
    if (!*config->remote_url || config->remote_protocol != REMOTE_GORSE) {
        command_say("push needs [remote] protocol = gorse and url, the address of the Gorse server");
        return false;
    }
    if (dry_run)
        return true;
    if (!read_key(sender))
        return false;
    sender->client = client_create(config);
    return true;
}

void push_sender_close(struct push_sender *sender)
{
    client_destroy(sender->client);
    if (sender->key)
        explicit_bzero(sender->key, strlen(sender->key));
    memory_free(sender->key);
    *sender = (struct push_sender){0};
}

/* The beginning of what it answered, fit for a terminal; "" when it said nothing. */
static void quote(const struct client_reply *reply, char text[QUOTE_BYTES + 3])
{
    size_t length = 0;
    for (size_t i = 0; i < reply->length && length < QUOTE_BYTES; i++) {
        unsigned char byte = (unsigned char)reply->bytes[i];
        if (byte >= ' ' && byte < 127)
            text[length++] = (char)byte;
        else if (length && text[length - 1] != ' ')
            text[length++] = ' ';
    }
    text[length] = '\0';
}

static void say_refusal(enum push_what what, size_t count, const char *server,
                        const struct client_reply *reply)
{
    char answer[QUOTE_BYTES + 3];
    quote(reply, answer);
    const char *fix = reply->status == 401 || reply->status == 403
                          ? "; correct the key in [remote] api_key_file"
                      : reply->status == 400 ? "; this list would be refused again, so look into what it says"
                                             : "";
    command_say("cannot send %zu %s to %.*s%s: %s: %s%s%s%s%s", count, kinds[what].name,
                (int)(strlen(server) - (server[strlen(server) - 1] == '/')), server, kinds[what].path,
                remote_outcome_name(reply->outcome), reply->detail, *answer ? ": \"" : "", answer,
                *answer ? "\"" : "", fix);
}

/* One exchange with a path below the server's address. */
static bool exchange(struct push_sender *sender, const char *path, const char *method, const char *body,
                     int timeout_s, struct client_reply *reply)
{
    char url[LIMIT_REMOTE_URL_BYTES], header[HEADER_SIZE], id[UUID_TEXT_SIZE];
    const char *base = sender->config->remote_url;
    size_t length = strlen(base);
    while (length && base[length - 1] == '/')
        length--;
    snprintf(url, sizeof(url), "%.*s%s", (int)length, base, path);
    snprintf(header, sizeof(header), "X-API-Key: %s", sender->key);
    random_uuid(id);
    const char *const headers[] = {*sender->key ? header : NULL, NULL};
    struct client_request request = {.url = url,
                                     .body = body,
                                     .method = method,
                                     .headers = headers,
                                     .request_id = id,
                                     .is_given_up = command_is_interrupted,
                                     .deadline_us = clock_monotonic_us() + timeout_s * INT64_C(1000000)};
    bool taken = client_exchange(sender->client, &request, reply) ||
                 (reply->outcome == REMOTE_STATUS && reply->status > 200 && reply->status < 300);
    explicit_bzero(header, sizeof(header));
    return taken;
}

/* Any answer will do: a proxy in front may know no such path. */
static bool is_alive(struct push_sender *sender)
{
    struct client_reply reply;
    int patience = sender->timeout_s < HEALTH_SECONDS ? sender->timeout_s : HEALTH_SECONDS;
    return exchange(sender, "/api/health/live", NULL, NULL, patience, &reply) || reply.status;
}

/* Gorse says how many rows it has stored. A web page that says 200 to everything has stored none. */
static bool says_stored(const struct client_reply *reply)
{
    struct json_object *answer = NULL, *rows;
    const char *problem;
    bool says = json_parse_any_number(reply->bytes, reply->length, &answer, &problem) &&
                json_object_object_get_ex(answer, "RowAffected", &rows);
    json_object_put(answer);
    return says;
}

/* Counts the request also in a dry run, which makes none, so that its report says how many there would be. */
enum push_outcome push_send(struct push_sender *sender, enum push_what what, const char *list, size_t count)
{
    struct client_reply reply;
    if (!count)
        return PUSH_TAKEN;
    sender->requests++;
    if (!sender->client)
        return PUSH_TAKEN;
    if (exchange(sender, kinds[what].path, kinds[what].method, list, sender->timeout_s, &reply)) {
        if (says_stored(&reply))
            return PUSH_TAKEN;
        command_say("%s answered %ld to %zu %s, but not as Gorse does (no RowAffected): is url the address "
                    "of a server "
                    "of Gorse?",
                    sender->config->remote_url, reply.status, count, kinds[what].name);
        return PUSH_FAILED;
    }
    /* Beyond the next exchange the reply's bytes are gone; of a list that was late there are none. */
    bool late = reply.outcome == REMOTE_TIMEOUT && count > 1 && !command_is_interrupted() && is_alive(sender);
    if (late && !command_is_interrupted())
        return PUSH_LATE;
    if (command_is_interrupted())
        command_say("interrupted; the next run goes on where this one ended");
    else
        say_refusal(what, count, sender->config->remote_url, &reply);
    return PUSH_FAILED;
}

bool push_forget(struct push_sender *sender, const char *user_id)
{
    struct client_reply reply;
    struct arena *arena = arena_create();
    const char *path = arena_format(arena, "/api/user/%s", url_encode(arena, user_id));
    bool done = exchange(sender, path, "DELETE", NULL, sender->timeout_s, &reply) ||
                (reply.outcome == REMOTE_STATUS && reply.status == 404);
    arena_destroy(arena);
    if (!done)
        command_say("cannot make %s forget the user: %s: %s; erase again when it can be reached",
                    sender->config->remote_url, remote_outcome_name(reply.outcome), reply.detail);
    return done;
}
