/* Fuzzes what reads the replies of a remote recommender, and what it is asked, with the functions that
 * workers use.
 *
 * The first byte chooses the protocol and the direction; of a question the lines are user, category, an item
 * seen and an item not wanted. What must hold for any bytes: no crash; ids that are text of 1 to 128
 * characters without controls; scores that are finite, 0 to 1, and never rise; no more entries than the
 * limit; a reason where there is no reply; questions to the address of the configuration and nowhere else,
 * their body JSON.
 *
 * Covers: fcgi/remote/protocol.c fcgi/remote/protocol_gorse.c fcgi/remote/protocol_palate.c */
#include "fixture.h"

#include "remote/protocol.h"

#include <math.h>

enum { OF_GORSE = 1, ASKED = 2 };

static void check_entry(const struct remote_entry *entry, const struct remote_entry *before)
{
    size_t length = strlen(entry->item_id);
    must(length && text_is_utf8(entry->item_id, length) && !text_has_control(entry->item_id, length) &&
             text_count_characters(entry->item_id) <= LIMIT_ID_CHARACTERS,
         "an id that is none");
    must(isfinite(entry->score) && entry->score >= 0 && entry->score <= 1, "score out of range");
    must(!before || entry->score <= before->score, "scores rise");
}

static void read_reply(const struct protocol *protocol, struct arena *arena, const struct input *input)
{
    struct remote_reply reply = {0};
    if (!protocol->read(arena, input->bytes, input->length, &reply)) {
        must(*reply.detail, "no reason");
        return;
    }
    must(reply.count + reply.dropped <= LIMIT_REMOTE_ENTRIES, "too many entries");
    for (size_t i = 0; i < reply.count; i++)
        check_entry(&reply.entries[i], i ? &reply.entries[i - 1] : NULL);
}

/* The next line when it can be an id, as it was checked long before. */
static const char *read_id(struct input *input, struct arena *arena)
{
    const char *line = input_line(input, arena);
    size_t length = strlen(line);
    bool good = length && text_is_utf8(line, length) && !text_has_control(line, length) &&
                text_count_characters(line) <= LIMIT_ID_CHARACTERS;
    return good ? line : NULL;
}

static void check_question(struct arena *arena, const struct remote_query *query,
                           const struct protocol_request *request, const char *base)
{
    size_t length = strlen(base);
    must(!strncmp(request->url, base, length) && strlen(request->url) <= LIMIT_REMOTE_URL_BYTES,
         "our address");
    must(!request->url[length] || request->url[length] == '/', "our host and path");
    const char *path = request->url + length;
    must(!strpbrk(path, "#@\\ ") && !strstr(path, "..") && !strstr(path, "//"), "a path without turns");
    must(!strchr(path, '?') || !strchr(strchr(path, '?') + 1, '?'), "one query");
    for (size_t i = 0; request->headers[i]; i++)
        must(!text_has_control(request->headers[i], strlen(request->headers[i])), "headers of one line");
    if (!request->body)
        return;
    struct json_object *body = json_again(arena, request->body), *user = json_member(body, "user_id");
    must(!user || !strcmp(json_object_get_string(user), query->user_id), "the user who asked");
}

static void ask(const struct protocol *protocol, struct arena *arena, struct input *input)
{
    static const char base[] = "https://model.example:8443/a";
    struct protocol_request request;
    struct remote_query query = {.request_id = "r",
                                 .tenant = "shop",
                                 .task = "t",
                                 .template_name = "personalized",
                                 .sequence_data = "{}",
                                 .quantity = 10};
    query.user_id = read_id(input, arena);
    query.category = read_id(input, arena);
    struct remote_event seen = {.item_id = read_id(input, arena), .at = 1700000000};
    const char *exclude = read_id(input, arena);
    query.history = &seen;
    query.history_count = seen.item_id != NULL;
    query.exclude = &exclude;
    query.exclude_count = exclude != NULL;
    protocol->compose(arena, base, "key", &query, &request);
    check_question(arena, &query, &request, base);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input input = {.bytes = (const char *)data, .length = size};
    struct arena *arena = arena_create();
    unsigned how = input_byte(&input);
    const struct protocol *protocol = how & OF_GORSE ? &protocol_gorse : &protocol_palate;
    if (how & ASKED)
        ask(protocol, arena, &input);
    else
        read_reply(protocol, arena, &input);
    arena_destroy(arena);
    return 0;
}
