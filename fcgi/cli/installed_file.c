/* Files of the installation; see installed_file.h.
 *
 * Beside the program comes first: on shared hosting the tool and its files lie together wherever the user has
 * put them, and a checkout is run without being installed. /proc/self/exe says where the program is, whatever
 * name or link it was called by. */
#include "cli/installed_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void installed_file_self(char path[static INSTALLED_PATH_SIZE])
{
    ssize_t length = readlink("/proc/self/exe", path, INSTALLED_PATH_SIZE);
    path[length > 0 && length < INSTALLED_PATH_SIZE ? length : 0] = '\0';
}

void installed_file_find(const char *name, const char *folder, char path[static INSTALLED_PATH_SIZE])
{
    char self[INSTALLED_PATH_SIZE];
    installed_file_self(self);
    char *slash = strrchr(self, '/');
    if (slash) {
        slash[1] = '\0';
        int length = snprintf(path, INSTALLED_PATH_SIZE, "%s%s", self, name);
        if (length < INSTALLED_PATH_SIZE && access(path, F_OK) == 0)
            return;
    }
    snprintf(path, INSTALLED_PATH_SIZE, PALATE_PREFIX "/%s/%s", folder, name);
}

/* The folder can be named, since a package may lay the files elsewhere; a folder named sql in the current
 * directory comes before the installed one, so that a checkout's tool uses the checkout's files. */
void installed_file_find_sql(const char *named, char folder[static INSTALLED_PATH_SIZE])
{
    const char *variable = getenv("PALATE_SQL_DIR");
    if (!*named && variable)
        named = variable;
    if (!*named && access("sql", X_OK) == 0)
        named = "sql";
    if (*named)
        snprintf(folder, INSTALLED_PATH_SIZE, "%s", named);
    else
        installed_file_find("sql", "share/palate", folder);
}
