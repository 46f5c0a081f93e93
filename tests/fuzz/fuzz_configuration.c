/* Fuzzes what the operator writes: palate.conf, the file of identity providers, the settings of a context.
 *
 * The first byte chooses which; for palate.conf it also chooses the side that loads it. What must hold: a
 * sentence exactly when it is refused; numbers within their bounds; a configuration that is written again
 * says the same.
 *
 * Covers: fcgi/base/config.c fcgi/base/origins.c fcgi/base/url.c
 * Covers: fcgi/token/issuers.c fcgi/recommender/context_settings.c */
#include "fixture.h"

#include "base/config.h"
#include "recommender/context_settings.h"
#include "token/issuers.h"

#include <stddef.h>

enum { PROBLEM_SIZE = 1000 };

static const struct number {
    const char *name;
    size_t offset;
    long least, most;
} numbers[] = {
    {"[database]\nport", offsetof(struct config, database_port), 1, 65535},
    {"timeout", offsetof(struct config, database_timeout), 1, 300},
    {"[token]\nttl", offsetof(struct config, token_ttl), 60, 86400},
    {"leeway", offsetof(struct config, token_leeway), 0, 300},
    {"[remote]\ntimeout_ms", offsetof(struct config, remote_timeout_ms), 1, 60000},
    {"reply_bytes", offsetof(struct config, remote_reply_bytes), 1024, 16777216},
    {"max_waiting", offsetof(struct config, remote_max_waiting), 1, 64},
    {"[limits]\ntoken_attempts", offsetof(struct config, limits_token_attempts), 0, 100000},
};

static const struct text {
    const char *name;
    size_t offset;
} texts[] = {
    {"[database]\nname", offsetof(struct config, database_name)},
    {"host", offsetof(struct config, database_host)},
    {"[token]\nissuer", offsetof(struct config, token_issuer)},
    {"audience", offsetof(struct config, token_audience)},
    {"scope_read", offsetof(struct config, token_scope_read)},
    {"[http]\nbase_path", offsetof(struct config, http_base_path)},
    {"allow_origin", offsetof(struct config, http_allow_origin)},
    {"[remote]\nurl", offsetof(struct config, remote_url)},
    {"http_hosts", offsetof(struct config, remote_http_hosts)},
    {"state_file", offsetof(struct config, remote_state_file)},
};

/* Choices between two words. */
static const struct choice {
    const char *name;
    size_t offset;
    const char *words[2];
} choices[] = {
    {"[items]\non_conflict", offsetof(struct config, items_conflict_update), {"error", "update"}},
    {"[recommender]\nkind", offsetof(struct config, recommender_is_remote), {"embedded", "remote"}},
};

static bool choice_of(const struct config *config, const struct choice *choice)
{
    return *(const bool *)(const void *)((const char *)config + choice->offset);
}

static long number_of(const struct config *config, const struct number *number)
{
    return *(const long *)(const void *)((const char *)config + number->offset);
}

static const char *text_of(const struct config *config, const struct text *text)
{
    return *(char *const *)(const void *)((const char *)config + text->offset);
}

/* The file that every configuration needs. */
static const char *secret_file(void)
{
    static const char secret[] = "a secret of this target, long enough: 0123456789\n";
    static char path[64];
    if (!*path) {
        int fd = memfd_create("secret", MFD_CLOEXEC);
        must(fd >= 0 && write(fd, secret, sizeof(secret) - 1) == sizeof(secret) - 1, "the secret's file");
        snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    }
    return path;
}

static struct config *load(struct arena *arena, const char *bytes, size_t length, enum config_side side)
{
    int fd;
    char problem[PROBLEM_SIZE] = "";
    const char *path = file_of(arena, bytes, length, &fd);
    struct config *config = config_load(path, side, problem, sizeof(problem));
    close(fd);
    must(!config == (*problem != '\0'), "a sentence exactly when it is refused");
    must(config || strlen(problem) < sizeof(problem) - 1, "a whole sentence");
    if (!config)
        check_text(problem);
    return config;
}

static const char *write_config(struct arena *arena, const struct config *config)
{
    const char *text = arena_format(arena, "[token]\nsecret_file = %s\n", secret_file());
    for (size_t i = 0; i < COUNT(numbers); i++)
        text = arena_format(arena, "%s%s = %ld\n", text, numbers[i].name, number_of(config, &numbers[i]));
    for (size_t i = 0; i < COUNT(texts); i++)
        text = arena_format(arena, "%s%s =%s\n", text, texts[i].name, text_of(config, &texts[i]));
    for (size_t i = 0; i < COUNT(choices); i++)
        text = arena_format(arena, "%s%s = %s\n", text, choices[i].name,
                            choices[i].words[choice_of(config, &choices[i])]);
    return text;
}

static void check_config(struct arena *arena, const struct config *config)
{
    for (size_t i = 0; i < COUNT(numbers); i++)
        must(number_of(config, &numbers[i]) >= numbers[i].least &&
                 number_of(config, &numbers[i]) <= numbers[i].most,
             "a number within its bounds");
    must(config->token_key && config->token_key_length, "a key");
    const char *text = write_config(arena, config);
    struct config *again = load(arena, text, strlen(text), CONFIG_TOOL);
    must(again || config->recommender_is_remote || config->remote_in_shadow,
         "a configuration that can be read again");
    for (size_t i = 0; again && i < COUNT(numbers); i++)
        must(number_of(config, &numbers[i]) == number_of(again, &numbers[i]), "the same number");
    for (size_t i = 0; again && i < COUNT(texts); i++)
        must(!strcmp(text_of(config, &texts[i]), text_of(again, &texts[i])), "the same text");
    for (size_t i = 0; again && i < COUNT(choices); i++)
        must(choice_of(config, &choices[i]) == choice_of(again, &choices[i]), "the same choice");
    config_free(again);
}

static void fuzz_config(struct arena *arena, const struct input *input, enum config_side side)
{
    char *head = arena_format(arena, "[token]\nsecret_file = %s\n", secret_file());
    size_t length = strlen(head) + input->length;
    char *text = arena_alloc(arena, length + 1, 1);
    memcpy(text, head, strlen(head));
    if (input->length)
        memcpy(text + strlen(head), input->bytes, input->length);
    struct config *config = load(arena, text, length, side);
    if (config) {
        must(!memchr(text, '\0', length), "settings behind a zero byte are not passed over");
        check_config(arena, config);
    }
    config_free(config);
}

static void fuzz_issuers(struct arena *arena, const struct input *input)
{
    static char empty[] = "", issuer[] = "https://palate.example";
    int fd;
    char problem[PROBLEM_SIZE] = "";
    char *path = arena_copy_text(arena, file_of(arena, input->bytes, input->length, &fd));
    struct config config = {.token_issuers_file = path, .token_keys_cache = empty, .token_issuer = issuer};
    struct issuers *issuers = issuers_load(&config, problem, sizeof(problem));
    close(fd);
    must(!issuers == (*problem != '\0'), "a sentence exactly when it is refused");
    if (!issuers)
        check_text(problem);
    must(!issuers || issuers->count <= LIMIT_ISSUERS, "no more issuers than the limit");
    for (size_t i = 0; issuers && i < issuers->count; i++) {
        const struct issuer *entry = &issuers->list[i];
        must(entry->name && *entry->name && issuers_find(issuers, entry->name) == entry, "a name of its own");
        must(strcmp(entry->name, issuer), "not our own name");
        must(entry->keys && entry->client_claims && entry->scope_claims && !entry->algorithms[TOKEN_HS256] &&
                 (entry->algorithms[TOKEN_RS256] || entry->algorithms[TOKEN_ES256]),
             "keys, and what they are for");
    }
    issuers_free(issuers);
}

static void fuzz_context(struct arena *arena, const struct input *input)
{
    struct json_object *json = NULL;
    const char *problem;
    struct context_settings settings;
    struct error error = {0};
    if (!json_parse_arena(arena, input->bytes, input->length, &json, &problem))
        return;
    bool good = context_settings_parse(arena, json, &settings, &error);
    check_error(&error, !good);
    if (!good)
        return;
    must(settings.quantity >= 0 && settings.quantity <= LIMIT_QUANTITY, "a quantity within the limit");
    must(settings.filter_count <= LIMIT_FILTER_CONDITIONS && settings.group_count <= LIMIT_GROUP_FIELDS,
         "no more filters and groups than the limit");
    must(settings.group_items >= 1 && settings.group_items <= LIMIT_GROUP_ITEMS, "items of a group");
    must(settings.diversity.relevance >= 0 && settings.diversity.relevance <= 1, "a share");
    must(settings.viewed.seconds >= 0, "a window");
    for (size_t i = 0; i < settings.group_count; i++)
        check_text(settings.group_by[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_create();
    struct input input = {.bytes = (const char *)data, .length = size};
    unsigned which = input_byte(&input);
    if (which % 4 == 0 || which % 4 == 3)
        fuzz_config(arena, &input, which % 4 ? CONFIG_TOOL : CONFIG_WORKER);
    if (which % 4 == 1)
        fuzz_issuers(arena, &input);
    if (which % 4 == 2)
        fuzz_context(arena, &input);
    arena_destroy(arena);
    return 0;
}
