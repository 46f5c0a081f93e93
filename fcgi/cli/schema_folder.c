/* The folder of the SQL files; see schema_folder.h. */
#include "cli/schema_folder.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* False where the program's own path is not known or too long. */
static bool find_beside_program(char folder[static SCHEMA_FOLDER_SIZE])
{
    static const char name[] = "/sql";
    ssize_t length = readlink("/proc/self/exe", folder, SCHEMA_FOLDER_SIZE - sizeof(name));
    if (length <= 0 || (size_t)length >= SCHEMA_FOLDER_SIZE - sizeof(name))
        return false;
    folder[length] = '\0';
    char *slash = strrchr(folder, '/');
    if (!slash)
        return false;
    memcpy(slash, name, sizeof(name));
    return access(folder, X_OK) == 0;
}

void schema_folder_find(const char *named, char folder[static SCHEMA_FOLDER_SIZE])
{
    const char *variable = getenv("PALATE_SQL_DIR");
    if (!*named && variable)
        named = variable;
    if (!*named && access("sql", X_OK) == 0)
        named = "sql";
    if (!*named && find_beside_program(folder))
        return;
    snprintf(folder, SCHEMA_FOLDER_SIZE, "%s", *named ? named : PALATE_SQL_DIR);
}
