"""Each check of lint is shown a small tree that it passes, and one with a planted fault that it must find."""
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

LINT = Path(__file__).resolve().parent
CHECKOUT = LINT.parent.parent
sys.path.insert(0, str(LINT))
import check_sources  # noqa: E402
import rules_once  # noqa: E402

HEADER = '''/* What is thought: it owns nothing and does not think twice. */
#ifndef PALATE_ENGINE_THINK_H
#define PALATE_ENGINE_THINK_H

/* The number after this one. */
int think_next(int number);
%s
#endif
'''
VERSION = '#define PALATE_VERSION "1.2.3"\n'
SOURCE = '''/* Thinks; see think.h. */
#include "engine/think.h"

int think_next(int number)
{
    return number + 1;
}
%s'''
LIMITS = '''/* Every maximum of this tree, with its reason. */
#ifndef PALATE_BASE_LIMITS_H
#define PALATE_BASE_LIMITS_H

enum {
    /* As many as there are. */
    LIMIT_THOUGHTS = 3,
%s};

#endif
'''
DATABASE = '''/* The database, and nothing but the database. */
#ifndef PALATE_STORAGE_DATABASE_H
#define PALATE_STORAGE_DATABASE_H

struct database { int handle; };

#endif
'''
STORAGE = '''/* Reads items. */
#include "storage/database.h"

#define NAMED "name = ?"

static const struct statement FIND_ITEM = {
    "SELECT name FROM items WHERE %s AND " NAMED};

bool items_find(struct database *db)
{
    return query_find(&query, db, &FIND_ITEM, error, tenant->id, f(1, 2));
}
'''
SCHEMA = '''CREATE TABLE items (
    tenant_id INT UNSIGNED NOT NULL,
    name VARCHAR(10) NOT NULL%s
) ENGINE=%s;
'''
TEST = '''/* Tests of think. */
#include "engine/think.h"

static void thinks(void **state)
{
    (void)state;
    %s
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(thinks)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
'''

# A tree without faults.
GOOD = {
    "fcgi/engine/think.h": HEADER % "",
    "fcgi/engine/think.c": SOURCE % "",
    "fcgi/base/limits.h": LIMITS % "",
    "fcgi/base/first.c": '/* Limits at work. */\n#include "base/limits.h"\n\nstatic const int first = LIMIT_THOUGHTS;\n',
    "fcgi/storage/database.h": DATABASE,
    "fcgi/storage/items.c": STORAGE % "tenant_id = ?",
    "sql/001-first.sql": SCHEMA % (",\n    PRIMARY KEY (tenant_id, name)", "InnoDB"),
    "tests/unit/engine/test_think.c": TEST % "assert_int_equal(think_next(1), 2);",
    "tests/fuzz/fuzz_think.c": '#include "engine/think.h"\nint LLVMFuzzerTestOneInput(const char *bytes, unsigned long size)\n'
                               "{\n    return bytes[size];\n}\n",
    "tests/fuzz/corpus/think/one": "1",
    "tests/api/test_think.py": "def test_thinks():\n    assert 1 + 1 == 2\n",
    "docs/think.md": "All about fcgi/engine/think.c.\n",
}


def code(text):
    return {"fcgi/engine/think.c": SOURCE % ("\n" + text)}


def storage(text):
    return {"fcgi/storage/items.c": STORAGE % "tenant_id = ?" + "\n" + text}


def declared(text):
    return {"fcgi/engine/think.h": HEADER % ("\n" + text + "\n")}


MANY = "static int many(int a)\n{\n" + "    a++;\n" * 58 + "    return a;\n}\n"
DEEP = ("static int deep(int a)\n{\n" + "".join("    " * (level + 1) + "if (a)\n" for level in range(5)) + "    " * 6 + "a++;\n"
        "    return a;\n}\n")
TABLE = "enum mood { MOOD_GOOD, MOOD_BAD, MOOD__MAX };\n%sstatic const int moods[%s] = {%s};\n"

# Rule: planted files, and what a finding must say. None in place of the files' text takes one away.
PLANTED = [
    ("share", code("static const int many[] = {\n" + "    1,\n" * 30 + "};\n"), "lines have a comment; 14 % are the least"),
    ("once", code("static void f(void)\n{\n    tree = json_tokener_parse_ex(reader, text, 3);\n}\n"), "has its one place: fcgi/base/json.c"),
    ("version", {"fcgi/base/version.h": VERSION, "CHANGELOG.md": "# Changes\n\n## 1.2.2\n"}, "CHANGELOG.md:3: must name the version of fcgi/base/version.h, 1.2.3"),
    ("version", {"fcgi/base/version.h": VERSION.replace("1.2.3", "1.2")}, "must be three numbers"),
    ("banned", code("static void f(char *a, const char *b)\n{\n    strcpy(a, b);\n}\n"), "think.c:11: strcpy() may write"),
    ("banned", code("static void f(void *a)\n{\n    free(a);\n}\n"), "free() use base/memory.h"),
    ("banned", code("static void f(void)\n{\n    printf(\"x\");\n}\n"), "printf: only send_response.c"),
    ("banned", storage("static int f(void *a)\n{\n    return mysql_query(a, \"\");\n}\n"), "mysql_query() takes no parameters"),
    ("layers", code('#include "storage/database.h"\n'), "engine must not use storage"),
    ("layers", code("static int f(void)\n{\n    return admin_item_list(1);\n}\n"), "admin_item_list() is only for cli/"),
    ("layers", {"fcgi/storage/items.c": STORAGE % "tenant_id = ?" + '#include "api/items.h"\n'}, "storage must not use api"),
    ("layers", code("#include <json-c/json.h>\n"), "the engine is pure"),
    ("layers", {"fcgi/odd/x.c": "/* Odd. */\n"}, "odd/ is no known layer"),
    ("circles", {"fcgi/engine/muse.h": '#include "engine/dream.h"\n', "fcgi/engine/dream.c": '#include "engine/think.h"\n',
                 "fcgi/engine/think.c": '#include "engine/muse.h"\n'}, "engine/dream -> engine/think -> engine/muse -> engine/dream"),
    ("circles", {"fcgi/engine/think.h": '#include "engine/muse.h"\n', "fcgi/engine/muse.c": '#include "engine/think.h"\n'},
     "engine/muse -> engine/think -> engine/muse"),
    ("sizes", code(MANY), "a function of 61 lines"),
    ("sizes", code(DEEP), "more than 4 levels deep"),
    ("sizes", code("\n" * 500), "500 are enough for a file"),
    ("headers", {"fcgi/engine/think.h": HEADER.replace("THINK_H", "THUNK_H") % ""}, "the include guard must be PALATE_ENGINE_THINK_H"),
    ("headers", {"fcgi/engine/think.h": (HEADER % "").replace("it owns nothing and does not think twice", "yes")}, "less than 6 words"),
    ("headers", {"fcgi/engine/think.c": "int x;\n"}, "begins with no comment"),
    ("sql", {"fcgi/storage/items.c": STORAGE % "name = ?"}, "does not bind each tenant's table to a tenant_id"),
    ("statements", {"fcgi/storage/items.c": STORAGE % "tenant_id = ? AND active = ?"}, "FIND_ITEM has 3 marks and gets 2 parameters"),
    ("statements", storage("const struct statement OTHER = {\"SELECT 1\"};\n"), "OTHER must be static const"),
    ("mirror", {"tests/unit/engine/test_thunk.c": TEST % "fail();"}, "there is no fcgi/engine/thunk.c"),
    ("mirror", {"tests/unit/engine/test_think.c": (TEST % "fail();").replace("cmocka_unit_test(thinks)", "")}, "thinks() is never run"),
    ("text", code("/* TO" + "DO */\n"), "do it, or open an issue"),
    ("text", code("int a; \n"), "white space at the end"),
    ("text", code("/* /wo" + "rk/main */\n"), "a path of one machine"),
    ("contracts", declared("/* Reads. */\nint think_read(const char *text);"), "think_read() takes pointers: nonnull"),
    ("contracts", declared("/* Makes. */\nint think_create(int size);"), "think_create() can fail or makes something"),
    ("contracts", declared("/* Says. */\nint think_say(struct error *error) __attribute__((nonnull));"), "warn_unused_result"),
    ("contracts", declared("/* Says. */\nvoid think_say(const char *format, ...) __attribute__((nonnull));"), "takes a format"),
    ("contracts", {"fcgi/engine/think.h": (HEADER % "").replace("/* The number after this one. */", "enum { NUMBER }")},
     "think_next() has no comment"),
    ("used", declared("/* Forgotten. */\nint think_alone(int number);"), "think_alone() is used by nobody else"),
    ("used", {"fcgi/base/first.c": "/* Nothing. */\n"}, "LIMIT_THOUGHTS is used by nobody"),
    ("includes", {"fcgi/engine/think.c": (SOURCE % "").replace('#include "eng', '#include <stdio.h>\n#include "eng')}, "must be included first"),
    ("includes", code('#include "base/limits.h"\n'), 'nothing of "base/limits.h" is used'),
    ("includes", code('#include "engine/think.h"\n'), "included twice"),
    ("exceptions", code("/* NOLINTNEXTLINE */\nstatic int a;\n"), "an exception needs its name and its reason"),
    ("exceptions", code("/* lint: free, */\n"), "an exception needs its name and its reason"),
    ("exceptions", code('#pragma GCC diagnostic ignored "-Wall"\n'), "an exception needs its name and its reason"),
    ("state", code("static int calls;\n"), "the engine keeps nothing between two calls"),
    ("state", storage("static int calls;\n"), "a comment must say why"),
    ("state", storage("static int f(void)\n{\n    static int calls;\n    return calls++;\n}\n"), "a comment must say why"),
    ("state", storage("int calls = 0;\n"), "any file can change it"),
    ("tables", code(TABLE % ("", "MOOD__MAX", "[MOOD_GOOD] = 1")), "moods[] has no entry for MOOD_BAD"),
    ("tables", code(TABLE % ("", "MOOD__MAX", "1, 2")), "must begin with [NAME] ="),
    ("tables", code(TABLE % ("", "", "[MOOD_GOOD] = 1, [MOOD_BAD] = 2")), "must be moods[MOOD__MAX]"),
    ("comments", code("/* if (number > 1)\n *     number++; */\n/* number = 2; */\n"), "code in a comment: number = 2;"),
    ("comments", code("/* think_next(3); */\n"), "code in a comment: think_next(3);"),
    ("built", code("#define LEAVE(x) if (x) return 0\n"), "a macro must not leave"),
    ("built", storage('static const char *a = "SELECT name FROM items WHERE name = \'%s\'";\n'), "SQL is never made with a format"),
    ("built", storage('static void f(char *a)\n{\n    snprintf(a, 9, "{\\"id\\": \\"%s\\"}", a);\n}\n'), "JSON is never made with a format"),
    ("built", storage('static int f(struct error *e)\n{\n    return !strncmp(e->detail, "x", 1);\n}\n'), "branch on the code"),
    ("tests", {"tests/unit/engine/test_think.c": TEST % "think_next(1);"}, "thinks() asserts nothing"),
    ("tests", {"tests/api/test_think.py": "def test_thinks():\n    print(1 + 1)\n"}, "test_thinks() asserts nothing"),
    ("tests", {"tests/api/test_think.py": "def test_a():\n    assert 1\n\ndef test_a():\n    assert 2\n"}, "a second test_a() hides the first"),
    ("tests", {"tests/fuzz/corpus/think/one": None}, "has nothing to begin with"),
    ("tests", {"tests/fuzz/fuzz_think.c": '#include "engine/think.h"\n'}, "has no LLVMFuzzerTestOneInput()"),
    ("tests", {"tests/fuzz/fuzz_think.c": "int LLVMFuzzerTestOneInput(void);\n"}, "includes nothing of fcgi/"),
    ("names", {"docs/think.md": "See fcgi/engine/thought.c.\n"}, "docs/think.md:1: there is no fcgi/engine/thought.c"),
    ("names", code("/* See thought.h. */\n"), "there is no thought.h"),
    ("width", {"docs/think.md": "word " * 23 + "\n"}, "docs/think.md:1: 115 columns, more than 110"),
    ("width", {"README.md": "line\n" * 121}, "README.md:121: a front page has at most 120 lines"),
    ("limits", {"fcgi/base/limits.h": LIMITS % "\n    LIMIT_WORDS = 4,\n"}, "LIMIT_WORDS needs its reason"),
    ("schema", {"sql/003-third.sql": ""}, "sql/003-third.sql:1: expected 002-NAME.sql"),
    ("schema", {"sql/001-first.sql": SCHEMA % ("", "InnoDB")}, "items has no primary key"),
    ("schema", {"sql/001-first.sql": SCHEMA % (",\n    PRIMARY KEY (tenant_id)", "MyISAM")}, "items must say ENGINE=InnoDB"),
]


def plant(folder, contents):
    for name, text in contents.items():
        path = folder / name
        if text is None:
            path.unlink()
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)


def findings(rule, folder):
    """Without those that miss what only the whole project has."""
    done = subprocess.run([sys.executable, str(LINT / "check_sources.py"), rule], cwd=folder, capture_output=True, text=True, check=False)
    assert not done.stderr, done.stderr
    return [line for line in done.stdout.splitlines() if "exception any more" not in line and "remove the exception" not in line]


@pytest.fixture
def tree(tmp_path):
    plant(tmp_path, GOOD)
    return tmp_path


@pytest.mark.parametrize("rule", check_sources.RULES)
def test_rule_passes_what_is_good(tree, rule):
    assert findings(rule, tree) == []


@pytest.mark.parametrize("rule, planted, wanted", PLANTED, ids=[f"{rule}-{number}" for number, (rule, _, _) in enumerate(PLANTED)])
def test_rule_finds_what_is_planted(tree, rule, planted, wanted):
    plant(tree, planted)
    found = findings(rule, tree)
    assert any(wanted in line for line in found), found


@pytest.mark.parametrize("row", rules_once.ONCE, ids=lambda row: row.what)
def test_a_second_place_is_found(tree, row):
    plant(tree, {"fcgi/engine/second.c": "/* Does again what is done elsewhere. */\n" + row.example + "\n"})
    assert any(f"fcgi/engine/second.c:2: {row.what} has its one place" in finding for finding in findings("once", tree))
    plant(tree, {"fcgi/engine/second.c": None, row.places[0] if row.places[0].endswith(".c") else row.places[0] + "second.c": row.example + "\n"})
    assert findings("once", tree) == []


def test_each_rule_has_a_planted_fault():
    assert {rule for rule, _, _ in PLANTED} == set(check_sources.RULES)


# ---- The tools: one fault for each, in a tree with the project's own settings.

NULL = "static int f(int number)\n{\n    int *place = number ? &number : 0;\n    return *place;\n}\n"
TOOLS = [
    ("formatting (clang-format)", code("static int   spaced;\n"), "think.c:9: not as clang-format has it"),
    ("static analysis of the whole (cppcheck)", code("static int f(void)\n{\n    int a[2] = {0, 1};\n    return a[2];\n}\n"),
     "arrayIndexOutOfBounds"),
    ("static analysis, and stricter warnings (gcc)", code(NULL.replace("static int f", "int think_null")), "dereference of NULL"),
    ("static analysis, and stricter warnings (gcc)", code("int think_more(void)\n{\n    return 1;\n}\n"), "think.c:9: no previous prototype"),
    ("static analysis, and bad habits (clang-tidy)", code(NULL.replace("static int f", "int think_null")), "clang-analyzer-core.NullDereference"),
    ("static analysis, and bad habits (clang-tidy)", {"tests/unit/engine/test_x.c": "int f(char *a);\nint f(char *a)\n{\n"
     "    return __builtin_strcmp(a, \"x\") < 2;\n}\n"}, "bugprone-suspicious-string-compare"),
    ("shell scripts parse (bash)", {"etc/broken": "#!/bin/bash\nif true; then\n"}, "unexpected end of file"),
    ("shell scripts without mistakes (shellcheck)", {"etc/broken": "#!/bin/bash\ncd /nowhere\nrm -- $1\nfor a in $(ls); do b=(a $a); done\n"},
     "SC2206"),
    ("Python files parse (python3)", {"tests/broken.py": "def f(:\n"}, "tests/broken.py: invalid syntax"),
]


def run_lint(folder, path=None):
    """By check: ok or its findings; and the last line."""
    environment = {**os.environ, "BUILD": str(folder / "build")}
    environment.update({"PATH": path} if path else {})
    done = subprocess.run([str(LINT / "run"), str(folder)], env=environment, capture_output=True, text=True, check=False)
    results, title = {}, None
    for line in done.stdout.splitlines():
        if line.startswith("    "):
            results[title] += line
        else:
            title = line[:66].strip()
            results[title] = line[66:]
    last = done.stdout.splitlines()[-1]
    assert (done.returncode == 0) == last.endswith(" 0 failed")
    return results, last


def project(folder):
    for name in ("Makefile", ".clang-format", ".clang-tidy", "tests/.clang-tidy"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(CHECKOUT / name, folder / name)


def test_tools_find_what_is_planted(tree):
    project(tree)
    clean, _ = run_lint(tree)
    for number, (title, planted, wanted) in enumerate(TOOLS):
        if clean[title].lstrip().startswith("skipped: it takes clang-format"):
            continue
        before = {name: GOOD.get(name) for name in planted}
        plant(tree, planted)
        found, last = run_lint(tree)
        assert wanted not in clean[title]
        assert wanted in found[title], (number, found[title])
        assert not last.endswith(" 0 failed")
        plant(tree, before)
    assert run_lint(tree)[0] == clean


def test_a_missing_tool_is_a_failure(tree, tmp_path):
    project(tree)
    tools = tmp_path / "bin"
    tools.mkdir()
    for name in ("bash", "cat", "dirname", "find", "gcc", "head", "make", "pkg-config", "python3", "sed", "tr", "xargs", "env"):
        (tools / name).symlink_to(shutil.which(name, path="/usr/bin:/bin"))
    found, last = run_lint(tree, str(tools))
    missing = [title for title, said in found.items() if "is missing; install it with" in said]
    assert missing == ["formatting (clang-format)", "static analysis of the whole (cppcheck)",
                       "static analysis, and bad habits (clang-tidy)", "shell scripts without mistakes (shellcheck)"]
    assert not last.endswith(" 0 failed")
