/* `palate setup`; see setup.h.
 *
 * What an installation is made of are other programs' files and commands: a web server's, cron's, the
 * database's. That is a shell's work. The script lies beside the tool (shared hosting), else where
 * `make install` put it; it is told where the tool is, and asks it for everything that is Palate's own. */
#include "cli/setup.h"

#include "base/config.h"
#include "base/memory.h"
#include "cli/installed_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int setup_run(const struct tool *tool, int argc, char **argv)
{
    char shell[] = "bash"; /* execv() takes words that it might write to */
    char own[INSTALLED_PATH_SIZE], script[INSTALLED_PATH_SIZE];
    const char *named = getenv("PALATE_CONFIG");
    if (strcmp(tool->config_path, CONFIG_DEFAULT_PATH) && (!named || strcmp(tool->config_path, named)))
        return command_misused("setup", "it writes the configuration itself: leave out --config");
    installed_file_self(own);
    installed_file_find("setup/setup", "share/palate", script);
    if (access(script, R_OK))
        return command_failed("%s is missing: `make install` puts it there", script);
    char **words = memory_alloc((size_t)argc + 2, sizeof(*words));
    words[0] = shell;
    words[1] = script;
    for (int i = 1; i < argc; i++)
        words[i + 1] = argv[i];
    setenv("PALATE_TOOL", own, 1);
    execv("/bin/bash", words);
    int reason = errno;
    memory_free(words);
    return command_failed("cannot run /bin/bash: %s", strerror(reason));
}
