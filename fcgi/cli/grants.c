/* `palate grants`: the rights of the workers' database user, as SQL; see grants.h.
 *
 * sql/grants.sql is the one list of rights and can be run as it is where the names are the usual ones.
 * Elsewhere database, users and host have other names, and a list that is edited by hand soon differs. So
 * the names are replaced here, in one pass over the text, so that a name that contains another one is not
 * replaced again; and they are quoted as SQL, because a user's name may hold any character.
 *
 * Nothing is executed: to give rights is the database administrator's task, who should see what is given. */
#include "cli/grants.h"

#include "base/config.h"
#include "base/memory.h"
#include "base/read_file.h"
#include "cli/installed_file.h"

#include <stdio.h>
#include <string.h>

enum { GRANTS_BYTES = 1024 * 1024 };

static const char help[] =
    "usage: palate grants [--from HOST] [--dir DIR]\n"
    "\n"
    "Prints the rights that the workers' database user needs, as SQL for the database's administrator: the\n"
    "list in grants.sql for the user and the database of the configuration. It changes nothing itself, and\n"
    "reads no password. Run it after `palate migrate`.\n"
    "\n"
    "  --from HOST   the host that workers connect from, as in the user's account: localhost (the default,\n"
    "                for MariaDB's socket), an address, or a pattern such as 10.0.0.%\n"
    "  --dir DIR     where grants.sql is; " INSTALLED_SQL_HELP "\n"
    "Where tool and workers have one user, as on most shared hosts, there is nothing to grant.\n"
    "\n"
    "example: palate grants --from 10.0.0.% | mariadb --user root --password\n"
    "\n"
    "exit codes: 0 done or nothing to do, 1 failed, 2 wrong usage\n";

enum options_outcome grants_options_parse(int argc, char **argv, void *given, struct operands *operands)
{
    struct grants_options *options = given;
    static const struct option_rule rules[] = {
        {"from", OPTION_TEXT, offsetof(struct grants_options, from), false, 0, 0},
        {"dir", OPTION_TEXT, offsetof(struct grants_options, directory), false, 0, 0}};
    static const struct options_shape shape = {rules, 2, 0, 0, ""};
    *options = (struct grants_options){.directory = "", .from = "localhost"};
    enum options_outcome outcome = options_parse(&shape, argc, argv, options, operands);
    if (outcome != OPTIONS_OK || *options->from)
        return outcome;
    return options_reject(operands, "--from must name a host");
}

/* A name in quotes, which are doubled inside. A backslash means itself or not, as the server's sql_mode has
 * it, and a control character could end a comment: no name with one of them is written. */
static const char *quote_name(struct arena *arena, char mark, const char *name)
{
    char *quoted = arena_alloc(arena, 2 * strlen(name) + 3, 1), *to = quoted;
    *to++ = mark;
    for (; *name; name++) {
        if ((unsigned char)*name < ' ' || *name == 0x7F || *name == '\\')
            return NULL;
        if (*name == mark)
            *to++ = mark;
        *to++ = *name;
    }
    *to = mark;
    return quoted;
}

struct replacement {
    const char *old, *new;
};

/* In one pass: what has been put in is not looked at again. */
static const char *replace_all(struct arena *arena, const char *text, const struct replacement *pairs,
                               size_t count)
{
    const char *result = "";
    for (;;) {
        const char *first = NULL;
        size_t which = 0;
        for (size_t i = 0; i < count; i++) {
            const char *found = strstr(text, pairs[i].old);
            if (found && (!first || found < first)) {
                first = found;
                which = i;
            }
        }
        if (!first)
            return arena_format(arena, "%s%s", result, text);
        result = arena_format(arena, "%s%.*s%s", result, (int)(first - text), text, pairs[which].new);
        text = first + strlen(pairs[which].old);
    }
}

/* Refuses a text without the usual worker's account, which is not grants.sql, or one in which a
 * replacement would silently do nothing. */
const char *grants_write(struct arena *arena, const char *sql, const struct grants_names *names,
                         char *problem, size_t problem_size)
{
    static const char worker_account[] = "'palate_worker'@'localhost'";
    const char *const plain[] = {names->database, names->worker, names->tool, names->from};
    const char *quoted[sizeof(plain) / sizeof(plain[0])];
    for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++) {
        quoted[i] = quote_name(arena, i ? '\'' : '`', plain[i]);
        if (quoted[i])
            continue;
        snprintf(problem, problem_size,
                 "the name \"%s\" holds a backslash or control character, which cannot be written in a way "
                 "that every server reads alike: choose another name",
                 plain[i]);
        return NULL;
    }
    if (!strstr(sql, worker_account)) {
        snprintf(problem, problem_size, "holds no rights of %s: this is not Palate's grants.sql",
                 worker_account);
        return NULL;
    }
    /* The database's name stands in the text only between blanks and ".*", so that it is not found inside
     * other words. */
    const struct replacement pairs[] = {
        {worker_account, arena_format(arena, "%s@%s", quoted[1], quoted[3])},
        {"'palate_tool'@'localhost'", arena_format(arena, "%s@%s", quoted[2], quoted[3])},
        {" palate.* ", arena_format(arena, " %s.* ", quoted[0])},
    };
    sql = replace_all(arena, sql, pairs, sizeof(pairs) / sizeof(pairs[0]));
    return arena_format(arena, "USE %s;\n\n%s", quoted[0], sql);
}

static int print_rights(struct arena *arena, const struct config *config,
                        const struct grants_options *options)
{
    char folder[INSTALLED_PATH_SIZE], problem[400];
    size_t length;
    struct grants_names names = {config->database_name, config->database_user, config->tool_database_user,
                                 options->from};
    installed_file_find_sql(options->directory, folder);
    const char *path = arena_format(arena, "%s/grants.sql", folder);
    char *sql = read_file(path, GRANTS_BYTES, &length, problem, sizeof(problem));
    if (!sql)
        return command_failed("%s (name the folder of grants.sql with --dir)", problem);
    const char *text = grants_write(arena, sql, &names, problem, sizeof(problem));
    memory_free(sql);
    if (!text)
        return command_failed("%s: %s", path, problem);
    fputs(text, stdout);
    return TOOL_DONE;
}

/* Reads the configuration itself: the session's way needs key files that only the workers may read. */
static int print_grants(struct session *session, const void *given)
{
    const struct grants_options *options = given;
    char problem[400];
    struct config *config =
        config_load(session->tool->config_path, CONFIG_FILE_ALONE, problem, sizeof(problem));
    if (!config)
        return command_failed("%s (use --config FILE or PALATE_CONFIG to name another configuration)",
                              problem);
    int code = TOOL_DONE;
    if (!strcmp(config->database_user, config->tool_database_user)) {
        command_say("nothing to grant: [database] user and [tool] database_user are both %s, which owns the "
                    "database and so has all rights already. With a user of their own, workers would have "
                    "only those that they need",
                    config->database_user);
    } else {
        struct arena *arena = arena_create();
        code = print_rights(arena, config, options);
        arena_destroy(arena);
    }
    config_free(config);
    return code;
}

static const struct verb verbs[] = {{NULL, grants_options_parse, sizeof(struct grants_options),
                                     .work = print_grants, .without_session = true}};
const struct command grants_command = {"grants", help, VERBS(verbs)};
