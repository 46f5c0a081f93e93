/* Where a file of the installation is: beside this program, as on shared hosting, where all of Palate lies in
 * one folder; else where `make install` puts it. */
#ifndef PALATE_CLI_INSTALLED_FILE_H
#define PALATE_CLI_INSTALLED_FILE_H

enum { INSTALLED_PATH_SIZE = 4096 };

/* Writes the path of `name` ("sql", "setup/setup") beside this program when it is there, else
 * PREFIX/FOLDER/NAME (folder: "lib/palate"), which may not be there. */
void installed_file_find(const char *name, const char *folder, char path[static INSTALLED_PATH_SIZE])
    __attribute__((nonnull));

/* Writes this program's own path; "" when it is not known or too long. */
void installed_file_self(char path[static INSTALLED_PATH_SIZE]) __attribute__((nonnull));

#define PALATE_SQL_DIR PALATE_PREFIX "/share/palate/sql"

/* For help texts. */
#define INSTALLED_SQL_HELP                                                                                   \
    "default: $PALATE_SQL_DIR, else ./sql,\n"                                                                \
    "                else the folder sql beside this program, else " PALATE_SQL_DIR "\n"

/* Writes the folder of the SQL files, the numbered schema files and grants.sql: `named`, or where that is ""
 * the first of the above that is there. */
void installed_file_find_sql(const char *named, char folder[static INSTALLED_PATH_SIZE])
    __attribute__((nonnull));

#endif
