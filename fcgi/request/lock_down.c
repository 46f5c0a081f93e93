/* The paths that stay; see lock_down.h.
 *
 * base/sandbox.c knows how; this file knows what. Everything that a worker may open after its start has a row
 * here, and a setting that names a new file must get one, or workers find it missing under Landlock and only
 * there. Files that others replace (logs by logrotate, keys by their provider, models by `palate train`)
 * stand for their folders: a rule for the file would be one for its inode, which is gone after the first
 * replacement. */
#include "request/lock_down.h"

#include "base/sandbox.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PATHS_MAX = 64 };

/* The folder in which a file is made again after it was renamed or removed: a state file, or the log. */
static const char *folder_of(struct arena *arena, const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? arena_copy_bytes(arena, path, (size_t)(slash - path)) : "";
}

bool lock_down(struct arena *arena, const struct config *config, const struct token_verifier *verifier,
               char *problem, size_t problem_size)
{
    static bool done; /* cannot be undone */
    static const char boot_id[] = "/proc/sys/kernel/random/boot_id";
    const char *named = getenv("PALATE_CONFIG");
    const struct sandbox_path named_paths[] = {{config->model_directory, SANDBOX_READ},
                                               {config->remote_ca_file, SANDBOX_READ},
                                               {config->database_ssl_ca, SANDBOX_READ},
                                               {folder_of(arena, config->remote_state_file), SANDBOX_CHANGE},
                                               {config->token_private_key_file, SANDBOX_READ},
                                               {config->token_secret_file, SANDBOX_READ},
                                               {config->token_keys_cache, SANDBOX_CHANGE},
                                               {folder_of(arena, config->limits_state_file), SANDBOX_CHANGE},
                                               {folder_of(arena, config->log_file), SANDBOX_APPEND},
                                               /* that delta files are of this start (engine/delta.h) */
                                               {access(boot_id, R_OK) == 0 ? boot_id : "", SANDBOX_READ}};
    struct sandbox_path paths[PATHS_MAX] = {0};
    size_t count = sizeof(named_paths) / sizeof(named_paths[0]);
    memcpy(paths, named_paths, sizeof(named_paths));
    struct sandbox_report report;
    if (done)
        return true;
    for (size_t i = 0; count < PATHS_MAX; i++) {
        const char *file = token_verifier_key_file(verifier, i);
        if (!file)
            break;
        paths[count++].path = folder_of(arena, file); /* it may be replaced */
    }
    done =
        sandbox_enter(config->worker_sandbox, named && *named, paths, count, &report, problem, problem_size);
    return done;
}
