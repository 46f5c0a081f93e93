/* Where the SQL files are: the numbered schema files and grants.sql. */
#ifndef PALATE_CLI_SCHEMA_FOLDER_H
#define PALATE_CLI_SCHEMA_FOLDER_H

#include "cli/installed_file.h"

enum { SCHEMA_FOLDER_SIZE = INSTALLED_PATH_SIZE };

#define PALATE_SQL_DIR PALATE_PREFIX "/share/palate/sql"

/* For help texts. */
#define SCHEMA_FOLDER_HELP                                                                                   \
    "default: $PALATE_SQL_DIR, else ./sql,\n"                                                                \
    "                else the folder sql beside this program, else " PALATE_SQL_DIR "\n"

/* Writes the folder to use: named, or where that is "" the first of the above that is there. On shared
 * hosting the tool and its files lie together wherever the user has put them. */
void schema_folder_find(const char *named, char folder[static SCHEMA_FOLDER_SIZE]) __attribute__((nonnull));

#endif
