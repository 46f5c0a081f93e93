/* What another user may do with files: a child process becomes that user and tries.
 *
 * So groups, ACLs and read-only file systems count as the kernel counts them. Changes nothing. */
#ifndef PALATE_CLI_DOCTOR_ACCESS_H
#define PALATE_CLI_DOCTOR_ACCESS_H

#include "base/arena.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum { WEB_USER_GROUPS = 64 };

struct web_user {
    const char *name; /* NULL: nobody */
    const char *group;
    uid_t uid;
    gid_t gid, groups[WEB_USER_GROUPS];
    int group_count;
};

/* False when there is no user of that name. Texts live in the arena. */
bool web_user_find(struct web_user *user, const char *name, struct arena *arena)
    __attribute__((nonnull, warn_unused_result));

/* Makes this process that user for good; false when it may not. For a child before it does its work. */
bool web_user_become(const struct web_user *user) __attribute__((nonnull, warn_unused_result));

/* The effective user alone, and back: for what the kernel tells others about a process, such as who it is at
 * the other end of a socket. False when it may not, and then nothing has changed. */
bool web_user_enter(const struct web_user *user) __attribute__((nonnull, warn_unused_result));
void web_user_leave(void);

enum access_need {
    NEED_READ,   /* a file */
    NEED_RUN,    /* a file */
    NEED_ENTER,  /* a folder */
    NEED_CHANGE, /* a folder, in which files are made */
    NEED_APPEND, /* a file, or its folder where it is not there yet */
    NEED__MAX
};

struct access_question {
    const char *what; /* what it is needed for */
    const char *path; /* absolute */
    enum access_need need;
    /* The answer. */
    int error;              /* errno; 0: granted */
    const char *culprit;    /* the first part of the path that refuses, or path; NULL: granted */
    enum access_need lacks; /* of the culprit */
};

/* Tries all as the user. False when that cannot be done: problem is a sentence. */
bool access_check(const struct web_user *user, struct access_question *questions, size_t count,
                  struct arena *arena, char *problem, size_t problem_size)
    __attribute__((nonnull, warn_unused_result));

/* "read", "enter", ... */
const char *access_verb(enum access_need need) __attribute__((returns_nonnull, const));

/* Owner, group and mode of what is there: "root:root 0640". */
char *access_describe(const char *path, struct arena *arena)
    __attribute__((nonnull, returns_nonnull, warn_unused_result));

/* The command that fixes a refused question. */
char *access_fix(const struct access_question *question, const struct web_user *user, struct arena *arena)
    __attribute__((nonnull, returns_nonnull, warn_unused_result));

/* The same for a user who is to own what was tried, whoever has its group: cron's. */
char *access_fix_as_owner(const struct access_question *question, const struct web_user *user,
                          struct arena *arena) __attribute__((nonnull, returns_nonnull, warn_unused_result));

#endif
