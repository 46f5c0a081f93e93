/* Tests of cli/doctor_access: who may do what with files, and what fixes it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cli/doctor/access.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char root[] = "/tmp/palate-access-XXXXXX";
static struct arena *arena;
static struct web_user user; /* as root somebody else, for whom modes count; otherwise oneself */

static char *at(const char *name)
{
    return arena_format(arena, "%s/%s", root, name);
}

static void make_folder(const char *name, mode_t mode)
{
    assert_int_equal(mkdir(at(name), 0700), 0);
    assert_int_equal(chmod(at(name), mode), 0);
}

static void make_file(const char *name, mode_t mode)
{
    int fd = open(at(name), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    close(fd);
    assert_int_equal(chmod(at(name), mode), 0);
}

static int prepare(void **state)
{
    const struct passwd *self = getpwuid(geteuid());
    (void)state;
    arena = arena_create();
    assert_non_null(mkdtemp(root));
    assert_int_equal(chmod(root, 0755), 0);
    assert_non_null(self);
    assert_true(web_user_find(&user, geteuid() ? self->pw_name : "nobody", arena));
    make_folder("open", 0755);
    make_folder("shut", 0700);
    make_file("open/free", 0644);
    make_file("open/kept", 0000);
    make_file("shut/free", 0644);
    assert_int_equal(symlink(at("shut/free"), at("open/link")), 0);
    if (geteuid()) {
        assert_int_equal(chmod(at("shut"), 0000), 0);
        assert_int_equal(chmod(at("open"), 0555), 0);
    }
    return 0;
}

static int remove_all(void **state)
{
    static const char *const files[] = {"open/free", "open/kept", "shut/free", "open/link"};
    (void)state;
    assert_int_equal(chmod(at("shut"), 0700), 0);
    assert_int_equal(chmod(at("open"), 0700), 0);
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
        assert_int_equal(unlink(at(files[i])), 0);
    assert_int_equal(rmdir(at("open")), 0);
    assert_int_equal(rmdir(at("shut")), 0);
    assert_int_equal(rmdir(root), 0);
    arena_destroy(arena);
    return 0;
}

static void test_what_the_user_may(void **state)
{
    static const struct {
        const char *path;
        enum access_need need;
        int error;
        const char *culprit;
        enum access_need lacks;
    } rows[] = {
        {"open/free", NEED_READ, 0, NULL, NEED_READ},
        {"open", NEED_ENTER, 0, NULL, NEED_ENTER},
        {"open/kept", NEED_READ, EACCES, "open/kept", NEED_READ},
        {"open/free", NEED_RUN, EACCES, "open/free", NEED_RUN},
        {"open/free", NEED_ENTER, EACCES, "open/free", NEED_ENTER},
        {"open", NEED_CHANGE, EACCES, "open", NEED_CHANGE},
        {"open/new", NEED_APPEND, EACCES, "open", NEED_CHANGE},
        {"open/kept", NEED_APPEND, EACCES, "open/kept", NEED_APPEND},
        {"shut/free", NEED_READ, EACCES, "shut", NEED_ENTER},
        {"open/gone", NEED_READ, ENOENT, "open/gone", NEED_READ},
        {"gone/log", NEED_APPEND, ENOENT, "gone", NEED_CHANGE},
        {"gone/deeper/log", NEED_APPEND, ENOENT, "gone", NEED_ENTER},
        {"gone", NEED_CHANGE, ENOENT, "gone", NEED_CHANGE},
        {"open/free/log", NEED_READ, EACCES, "open/free", NEED_ENTER},
    };
    enum { COUNT = sizeof(rows) / sizeof(rows[0]) };
    struct access_question questions[COUNT];
    char problem[200];
    (void)state;
    for (size_t i = 0; i < COUNT; i++)
        questions[i] = (struct access_question){.what = "", .path = at(rows[i].path), .need = rows[i].need};
    assert_true(access_check(&user, questions, COUNT, arena, problem, sizeof(problem)));
    for (size_t i = 0; i < COUNT; i++) {
        if (questions[i].error != rows[i].error)
            fail_msg("%s: %s, not %s", rows[i].path, strerror(questions[i].error), strerror(rows[i].error));
        if (!rows[i].error)
            continue;
        assert_string_equal(questions[i].culprit, at(rows[i].culprit));
        assert_int_equal(questions[i].lacks, rows[i].lacks);
    }
}

/* Only whoever may look behind the link knows where it leads. */
static void test_a_link_is_followed_to_what_refuses(void **state)
{
    struct access_question question = {.what = "", .path = at("open/link"), .need = NEED_READ};
    char problem[200];
    (void)state;
    assert_true(access_check(&user, &question, 1, arena, problem, sizeof(problem)));
    assert_int_equal(question.error, EACCES);
    assert_string_equal(question.culprit, geteuid() ? at("open/link") : at("shut"));
}

static void test_asking_leaves_this_process_as_it_is(void **state)
{
    uid_t before = geteuid();
    struct access_question question = {.what = "", .path = root, .need = NEED_ENTER};
    char problem[200];
    (void)state;
    assert_true(access_check(&user, &question, 1, arena, problem, sizeof(problem)));
    assert_true(web_user_enter(&user));
    assert_int_equal(geteuid(), user.uid);
    web_user_leave();
    assert_int_equal(geteuid(), before);
}

static void test_nobody_of_that_name(void **state)
{
    struct web_user none;
    (void)state;
    assert_false(web_user_find(&none, "palate-no-such-user", arena));
    assert_null(none.name);
}

static void test_fixes(void **state)
{
    struct web_user somebody = {.name = "web", .group = "webs", .uid = 12345, .gid = 12345};
    struct access_question question = {.what = "",
                                       .path = "",
                                       .need = NEED_READ,
                                       .error = EACCES,
                                       .culprit = at("open/kept"),
                                       .lacks = NEED_READ};
    (void)state;
    assert_string_equal(access_fix(&question, &somebody, arena),
                        arena_format(arena,
                                     "chgrp webs %s && chmod g+r %s, or without root: setfacl -m u:web:r %s",
                                     question.culprit, question.culprit, question.culprit));
    assert_string_equal(
        access_fix_as_owner(&question, &somebody, arena),
        arena_format(arena, "chown web %s && chmod u+rw %s", question.culprit, question.culprit));
    question.lacks = NEED_RUN;
    assert_string_equal(access_fix(&question, &somebody, arena),
                        arena_format(arena, "chmod a+rx %s", question.culprit));
    question.lacks = NEED_READ;
    somebody.groups[0] = getegid();
    somebody.group_count = 1;
    assert_string_equal(access_fix(&question, &somebody, arena),
                        arena_format(arena, "chmod g+r %s", question.culprit));
    somebody.uid = geteuid();
    assert_string_equal(access_fix(&question, &somebody, arena),
                        arena_format(arena, "chmod u+r %s", question.culprit));
    question = (struct access_question){.what = "",
                                        .path = "",
                                        .need = NEED_APPEND,
                                        .error = ENOENT,
                                        .culprit = "/x/log",
                                        .lacks = NEED_CHANGE};
    assert_string_equal(access_fix(&question, &somebody, arena), "install -d -o web -g webs -m 2750 /x/log");
    assert_string_equal(access_fix_as_owner(&question, &somebody, arena), "install -d -o web -m 2750 /x/log");
    question.lacks = NEED_ENTER;
    assert_string_equal(access_fix(&question, &somebody, arena),
                        "install -d -g webs -m 2750 /x/log, or correct the path");
    question.lacks = NEED_READ;
    assert_non_null(strstr(access_fix(&question, &somebody, arena), "make the file"));
}

static void test_description(void **state)
{
    const struct passwd *self = getpwuid(geteuid());
    char *text = access_describe(at("open/free"), arena);
    (void)state;
    assert_int_equal(strncmp(text, self->pw_name, strlen(self->pw_name)), 0);
    assert_non_null(strstr(text, " 0644"));
    assert_string_equal(access_verb(NEED_CHANGE), "make files in");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_the_user_may),
        cmocka_unit_test(test_a_link_is_followed_to_what_refuses),
        cmocka_unit_test(test_asking_leaves_this_process_as_it_is),
        cmocka_unit_test(test_nobody_of_that_name),
        cmocka_unit_test(test_fixes),
        cmocka_unit_test(test_description),
    };
    return cmocka_run_group_tests(tests, prepare, remove_all);
}
