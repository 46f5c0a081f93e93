/* `palate setup`; see setup.h.
 *
 * What an installation is made of are other programs' files and commands: a web server's, cron's, the
 * database's. That is a shell's work. The script lies beside the tool (shared hosting), else where
 * `make install` put it; it gets the tool's path in the environment, and calls it for everything that is
 * Palate's own. */
#include "cli/setup.h"

#include "base/config.h"
#include "base/memory.h"
#include "cli/installed_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct words {
    int count;
    char **values;
};

/* The script reads its options itself, --help too. */
static enum options_outcome keep_words(int argc, char **argv, void *given, struct operands *operands)
{
    *(struct words *)given = (struct words){argc, argv};
    *operands = (struct operands){0};
    return OPTIONS_OK;
}

static int run_script(struct session *session, const void *given)
{
    const struct words *words = given;
    const char *config_path = session->tool->config_path;
    char shell[] = "bash"; /* execv() takes words that it might write to */
    char own[INSTALLED_PATH_SIZE], script[INSTALLED_PATH_SIZE];
    const char *named = getenv("PALATE_CONFIG");
    if (strcmp(config_path, CONFIG_DEFAULT_PATH) && (!named || strcmp(config_path, named)))
        return command_misused("setup", "it writes the configuration itself: leave out --config");
    installed_file_self(own);
    installed_file_find("setup/setup", "share/palate", script);
    if (access(script, R_OK))
        return command_failed("%s is missing: `make install` puts it there", script);
    char **argv = memory_alloc((size_t)words->count + 2, sizeof(*argv));
    argv[0] = shell;
    argv[1] = script;
    for (int i = 1; i < words->count; i++)
        argv[i + 1] = words->values[i];
    setenv("PALATE_TOOL", own, 1);
    execv("/bin/bash", argv);
    int reason = errno;
    memory_free(argv);
    return command_failed("cannot run /bin/bash: %s", strerror(reason));
}

static const struct verb verbs[] = {
    {NULL, keep_words, sizeof(struct words), .work = run_script, .without_session = true}};
const struct command setup_command = {"setup", "", VERBS(verbs)};
