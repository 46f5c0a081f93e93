/* The configuration file; see config.h.
 *
 * The table below is the only list of settings: the parser, `palate settings`, the example file and the page
 * in docs/ all go by it, so a setting is one row here and one member of struct config. A row says where its
 * value goes (offsetof) and what is allowed, and store_value() is the only place that reads a value; rules
 * that concern several settings or the look of one are checked afterwards, in load_config(), in the order in
 * which a person would want to hear of them.
 *
 * The INI itself is read by libinih, which is lenient where a configuration must not be; what it would read as
 * something else than stands there, config_lines.c refuses before it sees it. */
#include "base/config.h"

#include "base/config_lines.h"
#include "base/host_list.h"
#include "base/memory.h"
#include "base/origins.h"
#include "base/read_file.h"
#include "base/text.h"
#include "base/url.h"

#include <ini.h>
#include <openssl/crypto.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* NOLINTBEGIN(bugprone-macro-parentheses): offsetof() takes no member in parentheses. */
#define TEXT(group, key, member, value, is_secret, text)                                                     \
    {                                                                                                        \
        .section = group, .name = key, .type = SETTING_TEXT, .offset = offsetof(struct config, member),      \
        .preset = value, .secret = is_secret, .help = text                                                   \
    }
#define NUMBER(group, key, member, value, least, most, text)                                                 \
    {                                                                                                        \
        .section = group, .name = key, .type = SETTING_NUMBER, .offset = offsetof(struct config, member),    \
        .preset = value, .minimum = least, .maximum = most, .help = text                                     \
    }
/* Its words stand in the order of the member's enum; of two for a bool, the second means true. */
#define CHOICE(group, key, member, value, text, ...)                                                         \
    {                                                                                                        \
        .section = group, .name = key, .type = SETTING_CHOICE, .offset = offsetof(struct config, member),    \
        .size = sizeof(((struct config *)NULL)->member), .preset = value, .help = text,                      \
        .choices = (const char *const[])                                                                     \
        {                                                                                                    \
            __VA_ARGS__, NULL                                                                                \
        }                                                                                                    \
    }
/* NOLINTEND(bugprone-macro-parentheses) */

static const struct setting settings[] = {
    TEXT("database", "socket", database_socket, "/run/mysqld/mysqld.sock", false, "Unix socket of MariaDB"),
    TEXT("database", "host", database_host, "", false,
         "host of MariaDB in place of the socket; or up to 8 nodes of a Galera cluster, a, b, c"),
    NUMBER("database", "port", database_port, "3306", 1, 65535, "port of MariaDB on that host, or each"),
    TEXT("database", "name", database_name, "palate", false, "database"),
    TEXT("database", "user", database_user, "palate_worker", false,
         "user of the workers; see sql/grants.sql"),
    TEXT("database", "password", database_password, "", true,
         "its password; better is password_file, and nothing for unix_socket authentication"),
    TEXT("database", "password_file", database_password_file, "", false,
         "file whose first line is the password; readable by the workers' user alone"),
    NUMBER("database", "connect_timeout", database_connect_timeout, "3", 1, 60, "seconds to connect"),
    NUMBER("database", "timeout", database_timeout, "10", 1, 300,
           "seconds for one statement, for the client as for the server"),
    NUMBER("database", "lock_timeout", database_lock_timeout, "3", 1, 60,
           "seconds to wait for a row lock; waits that last longer are tried once more, then answered 500"),
    CHOICE("database", "ssl", database_ssl, "off",
           "TLS to the host: off, or on, which refuses a server without it; a socket needs none", "off",
           "on"),
    TEXT("database", "ssl_ca", database_ssl_ca, "", false,
         "PEM of the authorities that may vouch for the host, to be changed in place; empty: the system's"),
    CHOICE("database", "ssl_verify", database_ssl_verify, "yes",
           "yes: the certificate must be valid and the host's; no: any, which keeps out only who listens",
           "no", "yes"),
    TEXT("tool", "database_user", tool_database_user, "palate_tool", false,
         "user of the command line tool, which owns the schema"),
    TEXT("tool", "database_password_file", tool_database_password_file, "", false,
         "file whose first line is its password; must not be readable by the workers"),
    TEXT("tool", "receipt_key_file", tool_receipt_key_file, "", false,
         "key of receipts of erasures, made when needed; empty: receipt.key in [model] directory"),
    CHOICE("token", "algorithm", token_algorithm, "HS256",
           "HS256 (secret_file), RS256 or ES256 (public_key_file); tokens of any other are refused", "HS256",
           "RS256", "ES256"),
    TEXT("token", "secret_file", token_secret_file, "", false,
         "HS256: file with the secret, at least 32 bytes; one newline at its end is ignored; two such lines: "
         "docs/tokens.md"),
    TEXT("token", "public_key_file", token_public_key_file, "", false,
         "RS256, ES256: public key in PEM; RSA of at least 2048 bits, or P-256"),
    TEXT("token", "private_key_file", token_private_key_file, "", false,
         "RS256, ES256: private key in PEM for `palate token`, and for POST /oauth2/token where workers may "
         "read it"),
    NUMBER("token", "ttl", token_ttl, "3600", 60, 86400,
           "seconds that a token of POST /oauth2/token is valid"),
    TEXT("token", "issuers_file", token_issuers_file, "", false,
         "JSON file with foreign identity providers whose tokens are taken, too; see docs/tokens.md"),
    TEXT("token", "keys_cache", token_keys_cache, "", false,
         "directory that workers may write: they share there the keys they fetch from such providers"),
    TEXT("token", "issuer", token_issuer, "", false, "when set, the iss claim must be exactly this"),
    TEXT("token", "audience", token_audience, "", false, "when set, the aud claim must be or contain this"),
    NUMBER("token", "leeway", token_leeway, "30", 0, 300, "seconds that clocks may differ, for exp and nbf"),
    TEXT("token", "scope_read", token_scope_read, "neuronsearchlab-api/read", false,
         "scope that reading needs: recommendations, search, lists"),
    TEXT("token", "scope_write", token_scope_write, "neuronsearchlab-api/write", false,
         "scope that changing items and sending events needs"),
    CHOICE("token", "recommend_scope", token_recommend_reads, "none",
           "scope that POST /api/recommend/recommend needs: none or read", "none", "read"),
    CHOICE("ids", "json", ids_are_integers, "string",
           "how answers print ids that are digits only: string, or integer for clients that want numbers",
           "string", "integer"),
    CHOICE("items", "on_conflict", items_conflict_update, "error",
           "POST /v1/items of an id that exists: error (409), or update", "error", "update"),
    TEXT("model", "directory", model_directory, "/var/lib/palate/models", false,
         "where `palate train` puts model files and workers map them"),
    TEXT("http", "base_path", http_base_path, "", false,
         "prefix in front of every path, such as /shop, when Palate is not at the root of the host"),
    TEXT(
        "http", "allow_origin", http_allow_origin, "*", false,
        "pages that may read answers: * (all), or origins such as https://shop.example, separated by commas"),
    CHOICE("recommender", "kind", recommender_is_remote, "embedded",
           "who ranks unless a context says: embedded, or remote (needs [remote] url)", "embedded", "remote"),
    TEXT("remote", "url", remote_url, "", false,
         "address of your own model server: https://HOST[:PORT][/PATH]; for gorse without /api"),
    CHOICE("remote", "protocol", remote_protocol, "palate", "palate (docs/remote-protocol.md) or gorse",
           "palate", "gorse"),
    TEXT("remote", "api_key_file", remote_api_key_file, "", false,
         "file whose first line is sent as bearer token (palate) or X-API-Key (gorse)"),
    TEXT("remote", "ca_file", remote_ca_file, "", false,
         "PEM of the authorities that may vouch for the host, to be changed in place; empty: the system's"),
    TEXT("remote", "http_hosts", remote_http_hosts, "", false,
         "hosts that may be asked without TLS, separated by commas, such as 127.0.0.1"),
    CHOICE("remote", "allow_redirects", remote_follows_redirects, "no",
           "yes: follow 307 and 308 to the same host", "no", "yes"),
    NUMBER("remote", "connect_timeout_ms", remote_connect_timeout_ms, "300", 1, 60000,
           "milliseconds to connect, TLS included"),
    NUMBER("remote", "timeout_ms", remote_timeout_ms, "1500", 1, 60000,
           "milliseconds for the whole exchange, a retry included"),
    NUMBER("remote", "reply_bytes", remote_reply_bytes, "1048576", 1024, 16777216, "largest reply"),
    CHOICE("remote", "on_failure", remote_may_fail, "error",
           "when it does not answer well: error (500, nothing logged) or embedded", "error", "embedded"),
    CHOICE("remote", "fill", remote_fill, "embedded",
           "what fills a list that it left too short: embedded, trending or none", "embedded", "trending",
           "none"),
    CHOICE("remote", "shadow", remote_in_shadow, "none",
           "remote: query it too, after the embedded recommender's answer has been sent, and log its list",
           "none", "remote"),
    TEXT("remote", "state_file", remote_state_file, "", false,
         "file that the workers of a machine share, made by them in a directory of theirs; needed with url"),
    NUMBER("remote", "breaker_failures", remote_breaker_failures, "4", 1, 16,
           "it is left alone when so many of the last 2 x so many exchanges failed"),
    NUMBER("remote", "breaker_window_s", remote_breaker_window, "10", 1, 3600,
           "seconds without an exchange after which earlier failures are forgotten"),
    NUMBER("remote", "breaker_open_s", remote_breaker_open, "5", 1, 300,
           "seconds for which it is left alone; then one request at a time tries"),
    NUMBER("remote", "max_waiting", remote_max_waiting, "4", 1, 64,
           "workers that may wait for it at a time; at most half of the pool"),
    TEXT("limits", "state_file", limits_state_file, "", false,
         "file that the workers of a machine share to count, made by them, with others beside it, in a "
         "directory of theirs; empty: each counts alone, and there are no limits"),
    NUMBER("limits", "token_attempts", limits_token_attempts, "0", 0, 100000,
           "tokens that a client may ask for in a minute, and as often with a wrong secret; 0: any number"),
    NUMBER("limits", "tenant_share", limits_tenant_share, "50", 1, 100,
           "percent of a web server's workers, and of the processors, that one tenant may hold with long "
           "requests while others are at work; needs state_file; 100: all"),
    NUMBER("limits", "work_ms", limits_work_ms, "2000", 10, 60000,
           "milliseconds of a processor that ranking or searching may take for one request; above it the "
           "answer is 400 too_expensive"),
    TEXT("metrics", "token_sha256", metrics_token_sha256, "", false,
         "SHA-256 of the token that GET /metrics wants, as `palate metrics token` prints it; empty: "
         "it refuses everybody"),
    NUMBER("retention", "logs_days", retention_logs_days, "90", 0, 36500,
           "days after which `palate prune` removes requests, answers and empty rows of users; 0: never"),
    NUMBER("retention", "events_days", retention_events_days, "0", 0, 36500,
           "days after which it removes events but purchases; 0: never, since models are learned from them"),
    NUMBER("retention", "disk_gib", retention_disk_gib, "0", 0, 1048576,
           "GiB that the database may take: `palate doctor` says in how many days it will; 0: not told"),
    CHOICE("worker", "sandbox", worker_sandbox, "best-effort",
           "what workers give up (docs/security.md): required, best-effort (what the kernel offers) or off",
           "off", "best-effort", "required"),
    CHOICE("events", "unknown_type", events_accept_types, "reject",
           "reject or accept events of a type that the tenant does not have; accept adds the type, as "
           "weighty as a view",
           "reject", "accept"),
    CHOICE("events", "unknown_item", events_accept_items, "reject",
           "reject or accept events on items that are not in the catalogue", "reject", "accept"),
    TEXT("log", "file", log_file, "", false,
         "file that workers append a line to for each request, made by them in a directory of theirs; empty: "
         "the web server's error log"),
};

enum {
    SETTING_COUNT = sizeof(settings) / sizeof(settings[0]),
    LIMIT_CONFIG_FILE_BYTES = 65536,
    URL_LENGTH_MAX = 180, /* leaves room for a path and a user's id; see LIMIT_REMOTE_URL_BYTES */
};

const char *token_algorithm_name(enum token_algorithm algorithm)
{
    static const char *const names[TOKEN_ALGORITHM__MAX] = {
        [TOKEN_HS256] = "HS256", [TOKEN_RS256] = "RS256", [TOKEN_ES256] = "ES256"};
    return names[algorithm];
}

static char **text_of(struct config *config, const struct setting *setting)
{
    return (char **)(void *)((char *)config + setting->offset);
}

static long *number_of(struct config *config, const struct setting *setting)
{
    return (long *)(void *)((char *)config + setting->offset);
}

/* Secrets are overwritten, so that they are not found in freed memory. */
static void free_text(char *text, bool secret)
{
    if (text && secret)
        OPENSSL_cleanse(text, strlen(text));
    memory_free(text);
}

static const struct setting *find_setting(const char *section, const char *name)
{
    for (size_t i = 0; i < SETTING_COUNT; i++) {
        if (!strcmp(settings[i].section, section) && !strcmp(settings[i].name, name))
            return &settings[i];
    }
    return NULL;
}

struct reader {
    struct config *config;
    char *problem;
    size_t problem_size;
};

/* Sets the member, a bool or an enum, to the place of the value among the words. */
static bool store_choice(struct reader *reader, const struct setting *setting, const char *value)
{
    char *member = (char *)reader->config + setting->offset, words[LIMIT_CONFIG_LINE_BYTES] = "";
    size_t length = 0;
    for (int i = 0; setting->choices[i]; i++) {
        if (!strcmp(value, setting->choices[i])) {
            if (setting->size == sizeof(bool))
                *(bool *)(void *)member = i != 0;
            else
                *(int *)(void *)member = i;
            return true;
        }
        const char *before = !i ? "" : setting->choices[i + 1] ? ", " : " or ";
        length +=
            (size_t)snprintf(words + length, sizeof(words) - length, "%s%s", before, setting->choices[i]);
    }
    snprintf(reader->problem, reader->problem_size, "[%s] %s must be %s, not \"%s\"", setting->section,
             setting->name, words, value);
    return false;
}

static bool store_value(struct reader *reader, const struct setting *setting, const char *value)
{
    if (setting->type == SETTING_CHOICE)
        return store_choice(reader, setting, value);
    if (setting->type == SETTING_TEXT) {
        char **text = text_of(reader->config, setting);
        free_text(*text, setting->secret);
        *text = memory_copy_text(value);
        return true;
    }
    int64_t number;
    if (!text_to_int64(value, &number) || number < setting->minimum || number > setting->maximum) {
        snprintf(reader->problem, reader->problem_size,
                 "[%s] %s must be a whole number from %ld to %ld, not \"%s\"", setting->section,
                 setting->name, setting->minimum, setting->maximum, value);
        return false;
    }
    *number_of(reader->config, setting) = (long)number;
    return true;
}

/* libinih's handler: 0 stops at this line. */
static int on_setting(void *user, const char *section, const char *name, const char *value)
{
    struct reader *reader = user;
    if (reader->problem[0])
        return 0;
    const struct setting *setting = find_setting(section, name);
    /* A setting of the version before, whose file must not stop this one: searches look into all metadata. */
    if (!strcmp(section, "items") && !strcmp(name, "search_metadata"))
        return 1;
    if (!setting) {
        snprintf(reader->problem, reader->problem_size,
                 "unknown setting [%s] %s; `palate settings` lists them all", section, name);
        return 0;
    }
    return store_value(reader, setting, value) ? 1 : 0;
}

/* Presets go through the same check as values, so a table with a wrong one fails in every test. */
static void set_presets(struct reader *reader)
{
    for (size_t i = 0; i < SETTING_COUNT; i++)
        store_value(reader, &settings[i], settings[i].preset);
}

static bool parse_settings(struct reader *reader, const char *path, const char *text)
{
    int line;
    const char *bad = config_find_bad_line(text, &line);
    if (bad) {
        snprintf(reader->problem, reader->problem_size, "%s, line %d: %s", path, line, bad);
        return false;
    }
    line = ini_parse_string(text, on_setting, reader);
    if (line == 0)
        return true;
    char what[200];
    snprintf(what, sizeof(what), "%s",
             reader->problem[0] ? reader->problem : "not `name = value` or `[section]`");
    text_repair_utf8(what);
    snprintf(reader->problem, reader->problem_size, "%s, line %d: %s", path, line, what);
    return false;
}

/* The first line of a password file replaces *password. */
static bool read_password(struct reader *reader, const char *path, char **password)
{
    if (!*path)
        return true;
    size_t length;
    char *text = read_file(path, 4096, &length, reader->problem, reader->problem_size);
    if (!text)
        return false;
    text[strcspn(text, "\r\n")] = '\0';
    free_text(*password, true);
    *password = text;
    return true;
}

/* Whether it is fit for its algorithm is token/token_key.c's question; here it only has to be there. */
static bool read_token_key(struct reader *reader)
{
    struct config *config = reader->config;
    bool symmetric = config->token_algorithm == TOKEN_HS256;
    const char *setting = symmetric ? "secret_file" : "public_key_file";
    const char *path = symmetric ? config->token_secret_file : config->token_public_key_file;
    if (!*path) {
        snprintf(reader->problem, reader->problem_size, "%s: [token] %s is needed for %s", config->path,
                 setting, token_algorithm_name(config->token_algorithm));
        return false;
    }
    config->token_key =
        read_file(path, 16384, &config->token_key_length, reader->problem, reader->problem_size);
    if (!config->token_key)
        return false;
    if (symmetric && config->token_key_length && config->token_key[config->token_key_length - 1] == '\n')
        config->token_key[--config->token_key_length] = '\0';
    return true;
}

static bool refuse(struct reader *reader, const char *rule)
{
    snprintf(reader->problem, reader->problem_size, "%s: %s", reader->config->path, rule);
    return false;
}

static bool check_origins(struct reader *reader)
{
    const char *entry;
    int length;
    if (origins_check(reader->config->http_allow_origin, &entry, &length))
        return true;
    snprintf(reader->problem, reader->problem_size,
             "%s: [http] allow_origin must be *, or origins separated by commas, each as browsers write it: "
             "scheme://host[:port] in lower case, without path and default port; not \"%.*s\"",
             reader->config->path, length, entry);
    return false;
}

static bool check_addresses(struct reader *reader)
{
    struct host_list hosts;
    const char *base = reader->config->http_base_path;
    size_t length = strlen(base);
    bool good = !length || (base[0] == '/' && base[length - 1] != '/');
    return (good || refuse(reader, "[http] base_path must begin with / and not end with it")) &&
           (host_list_read(reader->config->database_host, &hosts) ||
            refuse(reader, "[database] host must be one, or up to 8 with a comma between each")) &&
           check_origins(reader);
}

/* A token in its place would be one that everybody who may read the file has. */
static bool check_metrics(struct reader *reader)
{
    const char *hash = reader->config->metrics_token_sha256;
    size_t length = strlen(hash);
    return !length || (length == 64 && strspn(hash, "0123456789abcdef") == length) ||
           refuse(reader, "[metrics] token_sha256 must be the 64 digits that `palate metrics token` prints, "
                          "not the token");
}

/* A remote recommender that is half configured would fail each request, so it keeps Palate from starting. */
static bool check_remote(struct reader *reader)
{
    const struct config *config = reader->config;
    const char *rule;
    struct url url;
    if (!*config->remote_url && !config->recommender_is_remote && !config->remote_in_shadow)
        return true;
    if (!*config->remote_url)
        rule = "url is needed where the remote recommender is used";
    else if (strlen(config->remote_url) > URL_LENGTH_MAX || !url_read(config->remote_url, &url))
        rule = "url must be https://HOST[:PORT][/PATH] without user, query and fragment";
    else if (!url_is_allowed(&url, config->remote_http_hosts))
        rule = "url must begin with https://, or its host be listed in http_hosts";
    else if (*config->remote_state_file != '/')
        rule =
            "state_file is needed with url: an absolute path in a directory where the workers may make files";
    else
        return true;
    snprintf(reader->problem, reader->problem_size, "%s: [remote] %s", config->path, rule);
    return false;
}

/* The tool works as the owner of the schema, with its own user and password. */
static bool use_tool_user(struct reader *reader)
{
    struct config *config = reader->config;
    config->is_tool = true;
    memory_free(config->database_user);
    config->database_user = memory_copy_text(config->tool_database_user);
    free_text(config->database_password, true);
    config->database_password = memory_copy_text("");
    return read_password(reader, config->tool_database_password_file, &config->database_password);
}

/* What stands behind a zero byte would be passed over without a word. */
static bool check_bytes(struct reader *reader, const char *text, size_t length)
{
    bool has_zero = memchr(text, '\0', length);
    return (!has_zero && text_is_utf8(text, length)) ||
           refuse(reader, has_zero ? "holds a zero byte; write it as plain text again"
                                   : "is not valid UTF-8; convert it");
}

static bool load_config(struct reader *reader, enum config_side side)
{
    struct config *config = reader->config;
    size_t length;
    char *text =
        read_file(config->path, LIMIT_CONFIG_FILE_BYTES, &length, reader->problem, reader->problem_size);
    if (!text)
        return false;
    set_presets(reader);
    config->remote_api_key = memory_copy_text("");
    bool parsed = check_bytes(reader, text, length) && parse_settings(reader, config->path, text);
    free_text(text, true);
    if (!parsed || !check_addresses(reader) || !check_metrics(reader) || !check_remote(reader))
        return false;
    if (side == CONFIG_FILE_ALONE)
        return true;
    if (!read_token_key(reader))
        return false;
    if (side == CONFIG_TOOL)
        return use_tool_user(reader);
    return read_password(reader, config->database_password_file, &config->database_password) &&
           read_password(reader, config->remote_api_key_file, &config->remote_api_key);
}

struct config *config_load(const char *path, enum config_side side, char *problem, size_t problem_size)
{
    struct reader reader = {
        .config = memory_alloc(1, sizeof(struct config)), .problem = problem, .problem_size = problem_size};
    problem[0] = '\0';
    reader.config->path = memory_copy_text(path);
    if (load_config(&reader, side))
        return reader.config;
    config_free(reader.config);
    return NULL;
}

void config_free(struct config *config)
{
    if (!config)
        return;
    for (size_t i = 0; i < SETTING_COUNT; i++) {
        if (settings[i].type == SETTING_TEXT)
            free_text(*text_of(config, &settings[i]), settings[i].secret);
    }
    if (config->token_key)
        OPENSSL_cleanse(config->token_key, config->token_key_length);
    memory_free(config->token_key);
    free_text(config->remote_api_key, true);
    memory_free(config->path);
    memory_free(config);
}

const struct setting *config_settings(size_t *count)
{
    *count = SETTING_COUNT;
    return settings;
}
