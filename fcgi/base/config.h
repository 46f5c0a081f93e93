/* The configuration file: INI, one table of settings, unknown keys refused with their line.
 *
 * config_load() reads the file and the key files that it names, checks every bound, and returns a struct that
 * is never changed afterwards. */
#ifndef PALATE_BASE_CONFIG_H
#define PALATE_BASE_CONFIG_H

#include "base/sandbox.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* Read when neither --config nor PALATE_CONFIG names another. */
#define CONFIG_DEFAULT_PATH "/etc/palate/palate.conf"

enum token_algorithm { TOKEN_HS256, TOKEN_RS256, TOKEN_ES256, TOKEN_ALGORITHM__MAX };

enum remote_protocol { REMOTE_PALATE, REMOTE_GORSE };

/* Who fills a list that the remote recommender left too short. */
enum remote_fill { REMOTE_FILL_EMBEDDED, REMOTE_FILL_TRENDING, REMOTE_FILL_NONE };

/* Which side loads it: the worker must not need (or be able to read) what only the tool uses. */
enum config_side {
    CONFIG_WORKER,
    CONFIG_TOOL,
    CONFIG_FILE_ALONE, /* for what needs names only: no file of a key or password is read; users are as
                          written */
};

/* Texts are never NULL; "" means not set. Numbers are within the bounds of the settings table. */
struct config {
    char *path; /* of the file itself */

    char *database_socket;
    char *database_host;
    long database_port;
    char *database_name;
    char *database_user;
    char *database_password;
    char *database_password_file;
    long database_connect_timeout; /* seconds */
    long database_timeout;         /* seconds for one statement */
    long database_lock_timeout;    /* seconds for a row lock */

    char *database_ssl_ca;

    char *tool_database_user;
    char *tool_database_password_file;
    char *tool_receipt_key_file;

    char *token_secret_file;
    char *token_public_key_file;
    char *token_private_key_file;
    char *token_issuer;
    char *token_audience;
    long token_leeway; /* seconds */
    long token_ttl;    /* seconds */
    char *token_issuers_file;
    char *token_keys_cache;
    char *token_scope_read;
    char *token_scope_write;

    char *model_directory;
    char *http_base_path;
    char *http_allow_origin;
    char *limits_state_file;
    long limits_token_attempts; /* a minute */
    long limits_tenant_share;   /* percent of the workers */
    long limits_work_ms;        /* of a processor, for one request */
    char *metrics_token_sha256; /* 64 digits; "": nobody may read the metrics */
    long retention_logs_days;   /* 0: for ever; so are the next two */
    long retention_events_days;
    long retention_disk_gib; /* 0: not told */
    char *remote_url;
    char *remote_api_key_file;
    char *remote_ca_file;
    char *remote_http_hosts;
    long remote_connect_timeout_ms;
    long remote_timeout_ms;
    long remote_reply_bytes;
    char *remote_state_file;
    long remote_breaker_failures;
    long remote_breaker_window; /* seconds */
    long remote_breaker_open;   /* seconds */
    long remote_max_waiting;
    char *log_file;

    bool is_tool; /* loaded as CONFIG_TOOL */

    /* Choices among words. */
    bool database_ssl, database_ssl_verify;
    bool ids_are_integers;      /* ids of digits only are printed as JSON numbers */
    bool items_conflict_update; /* creating an item that exists updates it */
    enum token_algorithm token_algorithm;
    bool token_recommend_reads; /* POST /api/recommend/recommend needs token_scope_read */
    enum sandbox_mode worker_sandbox;
    bool events_accept_types, events_accept_items; /* unknown ones */
    bool recommender_is_remote;
    enum remote_protocol remote_protocol;
    enum remote_fill remote_fill;
    bool remote_follows_redirects;
    bool remote_may_fail; /* on_failure: the embedded recommender stands in */
    bool remote_in_shadow;

    /* What the named files hold. */
    char *token_key; /* HS256: the secret; else the public key in PEM; token_key_length bytes */
    size_t token_key_length;
    char *remote_api_key; /* "": none; the workers' side only */
};

/* Loads path (for the tool also what [tool] names, and its database user in place of the worker's).
 * On failure returns NULL and writes one sentence that names file, line, setting and rule to problem. */
struct config *config_load(const char *path, enum config_side side, char *problem, size_t problem_size)
    __attribute__((nonnull, warn_unused_result));

/* Wipes secrets. NULL is fine. */
void config_free(struct config *config);

enum setting_type { SETTING_TEXT, SETTING_NUMBER, SETTING_CHOICE };

/* A row of the table of settings, for `palate settings`, which describes them. */
struct setting {
    const char *section, *name;
    enum setting_type type;
    size_t offset;              /* in struct config */
    const char *preset;         /* what holds where the file says nothing; "": not set */
    long minimum, maximum;      /* numbers only */
    const char *const *choices; /* of a choice: the allowed words, then NULL */
    size_t size;                /* of a choice's member, a bool or an enum */
    bool secret;
    const char *help; /* for people; no full stop at its end */
};

/* The table: *count rows, those of a section together. */
const struct setting *config_settings(size_t *count) __attribute__((nonnull, returns_nonnull));

const char *token_algorithm_name(enum token_algorithm algorithm) __attribute__((returns_nonnull));

#endif
