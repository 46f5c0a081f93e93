/* `palate migrate`: applies the numbered schema files; see migrate.h.
 *
 * Files go forward only: NNN-name.sql is applied once, in the order of the numbers, and its number is
 * noted in the database. A file that failed is not noted. MariaDB commits each change of a table at once,
 * so a file cannot be undone as a whole; that is said in the help and again in the message of a failure,
 * with where it stopped.
 *
 * Two checks keep a schema from being mixed up: a database newer than the files belongs to a newer
 * program, and a file below the newest applied one that was never applied was made for a schema that is no
 * more. A lock of the database keeps two migrations apart, as two machines behind one database may start
 * one at the same time. */
#include "cli/migrate.h"

#include "base/memory.h"
#include "base/read_file.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { SCHEMA_FILE_BYTES = 1024 * 1024, LOCK_SECONDS = 10 };

static const char help[] =
    "usage: palate migrate [--dir DIR] [--dry-run]\n"
    "\n"
    "Applies the schema files NNN-*.sql that the database does not have yet, in the order of their numbers.\n"
    "\n"
    "  --dir DIR   where the files are; " INSTALLED_SQL_HELP "  --dry-run   only say what would be applied\n"
    "\n"
    "MariaDB commits each change of a table at once. So a file that fails may be applied in part; it is not\n"
    "noted as applied. Make a backup first.\n"
    "\n"
    "example: palate migrate --dir sql\n"
    "\n"
    "exit codes: 0 done or nothing to do, 1 failed, 2 wrong usage\n";

static const struct option_rule rules[] = {
    {"dir", OPTION_TEXT, offsetof(struct migrate_options, directory), false, 0, 0},
    {"dry-run", OPTION_FLAG, offsetof(struct migrate_options, dry_run), false, 0, 0},
};
static const struct options_shape shape = {rules, sizeof(rules) / sizeof(rules[0]), 0, 0, ""};

enum options_outcome migrate_options_parse(int argc, char **argv, void *given, struct operands *operands)
{
    struct migrate_options *options = given;
    *options = (struct migrate_options){.directory = ""};
    return options_parse(&shape, argc, argv, options, operands);
}

unsigned schema_file_version(const char *name)
{
    size_t length = strlen(name);
    if (strspn(name, "0123456789") != 3 || name[3] != '-' || length < 9 || strcmp(name + length - 4, ".sql"))
        return 0;
    return (unsigned)((name[0] - '0') * 100 + (name[1] - '0') * 10 + (name[2] - '0'));
}

/* A folder with two files of one number is refused: which of them was applied could not be told from the
 * number that is noted. */
bool schema_files_list(struct schema_files *files, const char *directory, char *problem, size_t problem_size)
{
    *files = (struct schema_files){0};
    installed_file_find_sql(directory, files->directory);
    DIR *folder = opendir(files->directory);
    if (!folder) {
        snprintf(problem, problem_size, "cannot read the folder of schema files %s: %s (name it with --dir)",
                 files->directory, strerror(errno));
        return false;
    }
    bool done = true;
    for (struct dirent *entry; done && (entry = readdir(folder));) {
        unsigned version = schema_file_version(entry->d_name);
        if (!version)
            continue;
        if (files->names[version]) {
            snprintf(problem, problem_size, "%s has two files with the number %03u: %s and %s",
                     files->directory, version, files->names[version], entry->d_name);
            done = false;
        } else {
            files->names[version] = memory_copy_text(entry->d_name);
            files->newest = version > files->newest ? version : files->newest;
        }
    }
    closedir(folder);
    if (done && !files->newest) {
        snprintf(problem, problem_size,
                 "%s holds no schema files (001-NAME.sql); name their folder with --dir", files->directory);
        return false;
    }
    return done;
}

void schema_files_free(struct schema_files *files)
{
    for (unsigned i = 0; i <= SCHEMA_VERSION_MAX; i++)
        memory_free(files->names[i]);
    *files = (struct schema_files){0};
}

static bool apply_file(struct session *session, const struct schema_files *files, unsigned version)
{
    char path[4096], problem[400];
    size_t length;
    struct error error = {0};
    const char *name = files->names[version];
    if ((size_t)snprintf(path, sizeof(path), "%s/%s", files->directory, name) >= sizeof(path)) {
        command_say("the path of %s is too long", name);
        return false;
    }
    char *sql = read_file(path, SCHEMA_FILE_BYTES, &length, problem, sizeof(problem));
    if (!sql) {
        command_say("%s", problem);
        return false;
    }
    bool done = database_run_script(session->db, sql, &error);
    memory_free(sql);
    if (!done)
        command_say(
            "%s failed: %s. What the file did before that point stays (MariaDB commits each change of a "
            "table at once) and the file is not noted as applied: undo that part or restore a backup, then "
            "migrate again",
            path, error.detail);
    else if (!admin_schema_note(session->db, version, name, &error)) {
        session_failed(session, &error, "note %s as applied, though it is", name);
        done = false;
    }
    return done;
}

/* A file that is missing between applied ones would be applied to a schema that it was not made for. */
static bool check_order(const struct schema_files *files, const bool *applied, unsigned newest)
{
    if (newest > files->newest) {
        command_say("the database has schema %03u, newer than the files in %s (%03u): use the palate that "
                    "belongs to it",
                    newest, files->directory, files->newest);
        return false;
    }
    for (unsigned i = 1; i < newest; i++) {
        if (files->names[i] && !applied[i]) {
            command_say(
                "%s was never applied, but the newer schema %03u was: give the file a number above it",
                files->names[i], newest);
            return false;
        }
    }
    return true;
}

/* Applies the files above the newest applied one. Each is reported as soon as it is done, so that an
 * interruption leaves no doubt about which were. */
static int apply_missing(struct session *session, const struct schema_files *files, bool dry_run)
{
    bool applied[SCHEMA_VERSION_MAX + 1];
    unsigned newest, count = 0;
    struct error error = {0};
    if (!admin_schema_read(session->db, applied, &newest, &error))
        return session_failed(session, &error, "read the schema's version");
    if (!check_order(files, applied, newest))
        return TOOL_FAILED;
    for (unsigned i = newest + 1; i <= files->newest; i++) {
        if (!files->names[i])
            continue;
        if (!dry_run && !apply_file(session, files, i))
            return TOOL_FAILED;
        printf("%s %s\n", dry_run ? "would apply" : "applied", files->names[i]);
        fflush(stdout);
        count++;
    }
    if (!count)
        printf("nothing to do: the schema is at %03u, the newest\n", newest);
    return TOOL_DONE;
}

static int migrate_locked(struct session *session, const struct schema_files *files, bool dry_run)
{
    bool taken;
    struct error error = {0};
    if (!admin_lock_take(session->db, "migrate", LOCK_SECONDS, &taken, &error))
        return session_failed(session, &error, "take the lock for migrations");
    if (!taken)
        return command_failed("another `palate migrate` is at work on this database; wait for its end");
    int code = apply_missing(session, files, dry_run);
    admin_lock_release(session->db, "migrate");
    return code;
}

static int migrate_database(struct session *session, const void *given)
{
    const struct migrate_options *options = given;
    struct schema_files files;
    char problem[400];
    int code = schema_files_list(&files, options->directory, problem, sizeof(problem))
                   ? migrate_locked(session, &files, options->dry_run)
                   : command_failed("%s", problem);
    schema_files_free(&files);
    return code;
}

static const struct verb verbs[] = {
    {NULL, migrate_options_parse, sizeof(struct migrate_options), .work = migrate_database}};
const struct command migrate_command = {"migrate", help, VERBS(verbs)};
