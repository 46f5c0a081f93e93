/* `palate doctor`: the database as the tool and as the worker, and its schema.
 *
 * Both sides connect with their own user, as they do at work. A fault that meets both of them (MariaDB is
 * down) is reported once, at the first; one that meets the worker alone (its password) at the worker.
 * Where MariaDB cannot be reached through its socket, the socket is tried by itself: its errno tells "not
 * running" from "not permitted" and from "another path", which MariaDB's client library reports with one
 * and the same code.
 *
 * With unix_socket authentication only the system user of the same name gets in. So as root the check
 * takes on the web server's user for the time of the connection; other users cannot, and say so. */
#include "cli/doctor/causes.h"
#include "cli/doctor/checks.h"
#include "cli/migrate.h"
#include "storage/schema.h"

#include <errno.h>
#include <mysqld_error.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* Why a socket takes no connection, as errno; 0: it takes them. */
static int try_socket(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if ((size_t)snprintf(address.sun_path, sizeof(address.sun_path), "%s", path) >= sizeof(address.sun_path))
        return ENAMETOOLONG;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return errno;
    int reason = connect(fd, (const struct sockaddr *)(const void *)&address, sizeof(address)) ? errno : 0;
    close(fd);
    return reason;
}

/* One of the two sides, and how to speak of it. */
struct side {
    const struct config *config;
    const char *what, *setting, *file, *rights;
};

static const struct cause *find_cause(const struct side *side, struct database *db)
{
    bool by_tcp = *side->config->database_host;
    int reason = by_tcp ? 0 : try_socket(side->config->database_socket);
    return cause_of_database(database_last_code(db), reason, by_tcp);
}

/* As whom MariaDB took the one that it refused: "Access denied for user 'palate_tool'@'10.0.0.7' (using ...".
 */
static const char *find_account(const struct config *config, const char *said, struct arena *arena)
{
    static const char before[] = "for user ";
    const char *account = strstr(said, before);
    if (!account || account[sizeof(before) - 1] != '\'')
        return arena_format(arena, "'%s'@'localhost'", config->database_user);
    account += sizeof(before) - 1;
    return arena_copy_bytes(arena, account, strcspn(account, " "));
}

static void report_refused(struct doctor *doctor, const struct side *side, const struct cause *cause,
                           const struct error *error)
{
    const struct config *config = side->config;
    struct arena *arena = doctor->arena;
    const struct cause_word words[] = {
        {"user", config->database_user},
        {"account", find_account(config, error->detail, arena)},
        {"database", config->database_name},
        {"socket", config->database_socket},
        {"host", config->database_host},
        {"port", arena_format(arena, "%ld", config->database_port)},
        {"setting", side->setting},
        {"file", *side->file ? side->file : "none is named"},
        {"rights", side->rights},
        {NULL, NULL},
    };
    doctor_report(doctor, DOCTOR_FAIL, side->what, cause_text(cause->fix, words, arena), "%s (%s)",
                  cause_text(cause->text, words, arena), error->detail);
}

/* In clear over a network whoever is on the way reads all of it. */
static void report_connected(struct doctor *doctor, const struct side *side, struct database *db)
{
    const struct config *config = side->config;
    const char *cipher = database_encryption(db);
    if (database_is_exposed(db))
        doctor_report(
            doctor, DOCTOR_WARN, side->what,
            "[database] ssl = on, with ssl_ca where the certificate is MariaDB's own; REQUIRE SSL for the "
            "users",
            "%s@%s, and what goes to %s is not encrypted", config->database_user, config->database_name,
            database_host(db));
    else
        doctor_report(doctor, DOCTOR_OK, side->what, NULL, "%s@%s%s%s%s", config->database_user,
                      config->database_name, cipher ? ", encrypted (" : "", cipher ? cipher : "",
                      cipher ? ")" : "");
}

/* Compares the newest applied schema file with the files. What needs the tables is checked only when they
 * are there. */
static void check_schema(struct doctor *doctor)
{
    struct schema_files files = {0};
    bool applied[SCHEMA_VERSION_MAX + 1];
    unsigned newest;
    char problem[400];
    struct error error = {0};
    bool is_read = admin_schema_read(doctor->db, applied, &newest, &error);
    bool listed = schema_files_list(&files, doctor->options.sql_directory, problem, sizeof(problem));
    /* Where the files are not there to compare with, a schema of any number will do for the checks that
     * follow. */
    doctor->is_migrated = is_read && newest && (!listed || newest >= files.newest);
    if (!is_read)
        doctor_report(doctor, DOCTOR_FAIL, "schema",
                      arena_format(doctor->arena, "GRANT ALL PRIVILEGES ON %s.* to the tool's user",
                                   doctor->tool->database_name),
                      "cannot be read: %s", error.detail);
    else if (!newest)
        doctor_report(doctor, DOCTOR_FAIL, "schema", "palate migrate",
                      "the database is empty; what needs its tables is not checked");
    else if (!listed)
        doctor_report(doctor, DOCTOR_WARN, "schema", "name the folder of the schema files with --dir",
                      "is at %03u, but the files to compare with are missing: %s", newest, problem);
    else if (newest < files.newest)
        doctor_report(doctor, DOCTOR_FAIL, "schema", "palate migrate",
                      "is at %03u, the files at %03u; what needs its tables is not checked", newest,
                      files.newest);
    else if (newest > files.newest)
        doctor_report(doctor, DOCTOR_FAIL, "schema", "use the palate that belongs to the database",
                      "is at %03u, newer than the files (%03u)", newest, files.newest);
    else
        doctor_report(doctor, DOCTOR_OK, "schema", NULL, "is at %03u, the newest", newest);
    schema_files_free(&files);
}

static void list_tenants(struct doctor *doctor)
{
    struct error error = {0};
    if (!admin_tenant_list(doctor->db, doctor->arena, &doctor->tenants, &doctor->tenant_count, &error)) {
        doctor->tenant_count = 0;
        doctor_report(doctor, DOCTOR_FAIL, "tenants", "palate migrate", "cannot be read: %s", error.detail);
    }
    doctor->generations = arena_alloc(doctor->arena, doctor->tenant_count + 1, sizeof(*doctor->generations));
}

void doctor_check_tool_database(struct doctor *doctor)
{
    struct error error = {0};
    const struct config *config = doctor->tool;
    const struct side side = {.config = config,
                              .what = "database as the tool",
                              .setting = "[tool] database_password_file",
                              .file = config->tool_database_password_file,
                              .rights = arena_format(doctor->arena,
                                                     "GRANT ALL PRIVILEGES ON %s.* TO '%s'@'localhost'",
                                                     config->database_name, config->database_user)};
    doctor->db = database_create(config);
    if (!database_connect(doctor->db, &error)) {
        doctor->tool_fault = database_last_code(doctor->db);
        report_refused(doctor, &side, find_cause(&side, doctor->db), &error);
        database_destroy(doctor->db);
        doctor->db = NULL;
        return;
    }
    report_connected(doctor, &side, doctor->db);
    doctor_check_server(doctor);
    doctor_check_cluster(doctor);
    check_schema(doctor);
    if (doctor->is_migrated)
        list_tenants(doctor);
}

static void report_one_user(struct doctor *doctor)
{
    doctor_report(
        doctor, DOCTOR_WARN, "database users",
        arena_format(doctor->arena,
                     "where the host allows a second user, make one, name it in [database] user and "
                     "password_file, then: %s",
                     doctor_grants_fix(doctor)),
        "%s is both the tool's and the workers': a hole in a worker reaches the whole schema",
        doctor->worker->database_user);
}

/* By unix_socket only the workers' own system user gets in. */
static bool is_by_socket(const struct doctor *doctor)
{
    return !*doctor->worker->database_password && !*doctor->worker->database_host;
}

/* A fault that the tool met as well has been reported there. Lacking rights on an empty database are no
 * fault yet: they are given after the schema is made. */
static void check_connected(struct doctor *doctor, const struct side *side, struct database *db)
{
    struct error error = {0};
    if (database_connect(db, &error)) {
        report_connected(doctor, side, db);
        if (doctor->is_migrated || !doctor->db)
            doctor_check_rights(doctor, db);
        return;
    }
    unsigned code = database_last_code(db);
    const struct cause *cause = find_cause(side, db);
    /* Rights come after the schema. */
    if (doctor->db && !doctor->is_migrated && code == ER_DBACCESS_DENIED_ERROR)
        return;
    if (is_by_socket(doctor) && !doctor->web.name && !cause->shared)
        doctor_report(
            doctor, DOCTOR_WARN, side->what,
            "with unix_socket authentication, run doctor as root or as the web server's user to check "
            "this",
            "%s", error.detail);
    else if ((!cause->shared && !doctor->one_user) || code != doctor->tool_fault)
        report_refused(doctor, side, cause, &error);
}

void doctor_check_worker_database(struct doctor *doctor)
{
    const struct config *config = doctor->worker;
    const struct side side = {.config = config,
                              .what = "database as the worker",
                              .setting = "[database] password_file",
                              .file = config->database_password_file,
                              .rights = doctor_grants_fix(doctor)};
    if (doctor->one_user)
        report_one_user(doctor);
    struct database *db = database_create(config);
    bool entered = doctor->web.name && web_user_enter(&doctor->web);
    check_connected(doctor, &side, db);
    if (entered)
        web_user_leave();
    database_destroy(db);
}
