/* The folder of the SQL files; see schema_folder.h. */
#include "cli/schema_folder.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

void schema_folder_find(const char *named, char folder[static SCHEMA_FOLDER_SIZE])
{
    const char *variable = getenv("PALATE_SQL_DIR");
    if (!*named && variable)
        named = variable;
    if (!*named && access("sql", X_OK) == 0)
        named = "sql";
    if (*named)
        snprintf(folder, SCHEMA_FOLDER_SIZE, "%s", named);
    else
        installed_file_find("sql", "share/palate", folder);
}
