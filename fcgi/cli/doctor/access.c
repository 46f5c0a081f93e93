/* What another user may do with files; see access.h.
 *
 * Modes alone do not answer that: groups, access control lists, directories above, read-only mounts and
 * security modules all have a say. So the kernel is asked: a child process takes on the user's ids for
 * good and calls access() on each part of each path, from the root on. The first part that refuses is the
 * culprit, which is what the operator has to change, and is sent back through a pipe together with what it
 * lacks. The parent keeps its rights and works on.
 *
 * Links are resolved by the parent, since their target lies below other directories, which the user may
 * not even be able to look at.
 *
 * The fix is chosen by what is there: an owner's bit where the user owns the file, a group's where it has
 * the group, an access control list where the file must stay another's. A home directory is never given to
 * the web server's group; it gets an entry for that one user. */
#include "cli/doctor/access.h"

#include <errno.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* Below it are the users of the system, as in /etc/login.defs of every distribution. */
enum { FIRST_PERSON = 1000 };

bool web_user_find(struct web_user *user, const char *name, struct arena *arena)
{
    const struct passwd *entry = getpwnam(name);
    *user = (struct web_user){0};
    if (!entry)
        return false;
    user->uid = entry->pw_uid;
    user->gid = entry->pw_gid;
    user->name = arena_copy_text(arena, name);
    const struct group *group = getgrgid(user->gid);
    user->group = group ? arena_copy_text(arena, group->gr_name) : arena_format(arena, "%u", user->gid);
    user->group_count = WEB_USER_GROUPS;
    if (getgrouplist(name, user->gid, user->groups, &user->group_count) < 0)
        user->group_count = WEB_USER_GROUPS; /* more than that: the first ones */
    return true;
}

/* The order is the only one that works: groups can be set as root alone, so the user's id goes last. */
bool web_user_become(const struct web_user *user)
{
    if (getuid() == user->uid && geteuid() == user->uid)
        return true;
    return !setgroups((size_t)user->group_count, user->groups) && !setgid(user->gid) && !setuid(user->uid);
}

/* The effective ids alone: MariaDB's unix_socket looks at these, and the saved ones lead back. */
bool web_user_enter(const struct web_user *user)
{
    if (geteuid() == user->uid)
        return true;
    if (setegid(user->gid))
        return false;
    if (!seteuid(user->uid))
        return true;
    web_user_leave();
    return false;
}

void web_user_leave(void)
{
    if (seteuid(getuid()) || setegid(getgid()))
        abort(); /* going on as somebody else would be worse */
}

/* errno, or 0: access() goes by the real ids, which the child has changed. */
static int refused(int mode, const char *path)
{
    return access(path, mode) ? errno : 0;
}

/* What the last part of a path must allow. */
static int try_end(const char *path, enum access_need need)
{
    static const int modes[NEED__MAX] = {[NEED_READ] = R_OK,
                                         [NEED_RUN] = R_OK | X_OK,
                                         [NEED_ENTER] = X_OK,
                                         [NEED_CHANGE] = W_OK | X_OK,
                                         [NEED_APPEND] = W_OK};
    struct stat status;
    int error = refused(modes[need], path);
    bool folder = need == NEED_ENTER || need == NEED_CHANGE;
    if (!error && folder && !stat(path, &status) && !S_ISDIR(status.st_mode))
        return ENOTDIR;
    return error;
}

/* As this process. The errno, and in *length how much of the path is the culprit. */
static int try_path(const char *path, enum access_need need, size_t *length, enum access_need *lacks)
{
    char part[PATH_MAX];
    int error;
    size_t size = strlen(path), folder = 0;
    *length = size;
    *lacks = need;
    if (size >= sizeof(part))
        return ENAMETOOLONG;
    for (size_t i = 1; i < size; i++) {
        if (path[i] != '/')
            continue;
        snprintf(part, sizeof(part), "%.*s", (int)i, path);
        folder = i;
        if ((error = try_end(part, NEED_ENTER))) {
            *length = i;
            *lacks = error == ENOENT && need == NEED_APPEND && !strchr(path + i + 1, '/') ? NEED_CHANGE
                                                                                          : NEED_ENTER;
            return error;
        }
    }
    error = try_end(path, need);
    if (need != NEED_APPEND || error != ENOENT || !folder)
        return error;
    *length = folder;
    *lacks = NEED_CHANGE;
    snprintf(part, sizeof(part), "%.*s", (int)folder, path);
    return try_end(part, NEED_CHANGE);
}

struct trial {
    int error;
    enum access_need lacks;
    size_t length;
};

/* In the child: never returns, and leaves alone what the parent has open. */
static _Noreturn void answer_all(const struct web_user *user, const struct access_question *questions,
                                 size_t count, int out)
{
    if (!web_user_become(user))
        _exit(1);
    for (size_t i = 0; i < count; i++) {
        struct trial trial;
        memset(&trial, 0, sizeof(trial));
        trial.error = try_path(questions[i].path, questions[i].need, &trial.length, &trial.lacks);
        if (write(out, &trial, sizeof(trial)) != sizeof(trial))
            _exit(2);
    }
    _exit(0);
}

/* A pipe may hand over part of a struct. */
static bool read_trial(int in, struct trial *trial)
{
    size_t total = 0;
    while (total < sizeof(*trial)) {
        ssize_t got = read(in, (char *)trial + total, sizeof(*trial) - total);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return false;
        total += (size_t)got;
    }
    return true;
}

/* A link's target lies elsewhere, below other folders: who asks can resolve it, the user perhaps not. */
static const char *resolve(const char *path, struct arena *arena)
{
    char real[PATH_MAX];
    return realpath(path, real) ? arena_copy_text(arena, real) : path;
}

/* The pipe is read while the child works; a child that could not become the user sends nothing. */
bool access_check(const struct web_user *user, struct access_question *questions, size_t count,
                  struct arena *arena, char *problem, size_t problem_size)
{
    int pipes[2], status = 0;
    size_t answered = 0;
    for (size_t i = 0; i < count; i++)
        questions[i].path = resolve(questions[i].path, arena);
    if (pipe(pipes)) {
        snprintf(problem, problem_size, "no pipe: %s", strerror(errno));
        return false;
    }
    pid_t child = fork();
    if (child < 0) {
        snprintf(problem, problem_size, "no child process: %s", strerror(errno));
        close(pipes[0]);
        close(pipes[1]);
        return false;
    }
    if (child == 0)
        answer_all(user, questions, count, pipes[1]);
    close(pipes[1]);
    for (struct trial trial; answered < count && read_trial(pipes[0], &trial); answered++) {
        struct access_question *question = &questions[answered];
        question->error = trial.error;
        question->lacks = trial.lacks;
        question->culprit = trial.error ? arena_copy_bytes(arena, question->path, trial.length) : NULL;
    }
    close(pipes[0]);
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    if (answered < count)
        snprintf(problem, problem_size, "this process cannot become the user %s", user->name);
    return answered == count;
}

const char *access_verb(enum access_need need)
{
    static const char *const verbs[NEED__MAX] = {[NEED_READ] = "read",
                                                 [NEED_RUN] = "run",
                                                 [NEED_ENTER] = "enter",
                                                 [NEED_CHANGE] = "make files in",
                                                 [NEED_APPEND] = "write to"};
    return verbs[need];
}

char *access_describe(const char *path, struct arena *arena)
{
    struct stat status;
    if (stat(path, &status))
        return arena_copy_text(arena, strerror(errno));
    const struct passwd *owner = getpwuid(status.st_uid);
    char *name = owner ? arena_copy_text(arena, owner->pw_name) : arena_format(arena, "%u", status.st_uid);
    const struct group *group = getgrgid(status.st_gid);
    return group ? arena_format(arena, "%s:%s %04o", name, group->gr_name, status.st_mode & 07777U)
                 : arena_format(arena, "%s:%u %04o", name, status.st_gid, status.st_mode & 07777U);
}

static bool has_group(const struct web_user *user, gid_t gid)
{
    for (int i = 0; i < user->group_count; i++) {
        if (user->groups[i] == gid)
            return true;
    }
    return false;
}

static char *fix_missing(const struct access_question *question, const struct web_user *user,
                         struct arena *arena)
{
    if (question->lacks == NEED_CHANGE)
        return arena_format(arena, "install -d -o %s -g %s -m 2750 %s", user->name, user->group,
                            question->culprit);
    if (question->lacks == NEED_ENTER)
        return arena_format(arena, "install -d -g %s -m 2750 %s, or correct the path", user->group,
                            question->culprit);
    return arena_copy_text(arena, "make the file, or correct its name in the configuration");
}

char *access_fix_as_owner(const struct access_question *question, const struct web_user *user,
                          struct arena *arena)
{
    const char *path = question->culprit;
    const char *rights = question->lacks == NEED_READ || question->lacks == NEED_APPEND ? "rw" : "rwx";
    if (question->error == ENOENT)
        return question->lacks == NEED_READ
                   ? arena_copy_text(arena, "make the file, or correct its name in the configuration")
                   : arena_format(arena, "install -d -o %s -m 2750 %s", user->name, path);
    return arena_format(arena, "chown %s %s && chmod u+%s %s", user->name, path, rights, path);
}

char *access_fix(const struct access_question *question, const struct web_user *user, struct arena *arena)
{
    static const char *const letters[NEED__MAX] = {[NEED_READ] = "r",
                                                   [NEED_RUN] = "rx",
                                                   [NEED_ENTER] = "x",
                                                   [NEED_CHANGE] = "rwx",
                                                   [NEED_APPEND] = "rw"};
    const char *path = question->culprit, *rights = letters[question->lacks];
    struct stat status;
    if (question->error == ENOENT)
        return fix_missing(question, user, arena);
    if (question->error == ENOTDIR)
        return arena_format(arena, "%s must be a directory", path);
    if ((question->error != EACCES && question->error != EPERM) || stat(path, &status))
        return arena_format(arena, "%s: %s", path, strerror(question->error));
    if (status.st_uid == user->uid)
        return arena_format(arena, "chmod u+%s %s", rights, path);
    if (has_group(user, status.st_gid))
        return arena_format(arena, "chmod g+%s %s", rights, path);
    if (question->lacks == NEED_RUN)
        return arena_format(arena, "chmod a+rx %s", path);
    /* A person's own directory stays in that one's own group. */
    if (S_ISDIR(status.st_mode) && status.st_uid >= FIRST_PERSON && question->lacks == NEED_ENTER)
        return arena_format(arena, "setfacl -m u:%s:x %s", user->name, path);
    return arena_format(arena, "chgrp %s %s && chmod g+%s %s, or without root: setfacl -m u:%s:%s %s",
                        user->group, path, rights, path, user->name, rights, path);
}
