"""Rules for tests: each is run and can fail, each fuzz target begins with something to read."""
import ast
import os
import re

from sources import blank, files, functions, line_of, read

CHECKS = re.compile(r"\b(?:assert_\w+|fail|fail_msg|expect_\w+|check_expected\w*)\b")
HEAD = re.compile(r"\b(\w+)\([^()]*(?:\([^()]*\)[^()]*)*\)\s*\Z")


def c_bodies(path):
    """By name: the body of each function of a C file, and the line where it begins."""
    text = blank(read(path))
    lines = text.split("\n")
    for start, body in functions(text):
        head = HEAD.search("\n".join(lines[max(0, start - 6):start - 1]))
        if head:
            yield head.group(1), "\n".join(body), start
    for match in re.finditer(r"^#define (\w+)\(((?:.*\\\n)*.*)", text, re.MULTILINE):
        yield match.group(1), match.group(2), line_of(text, match.start())


def reach(calls, found):
    """The names from which, by any way, one of found is called."""
    found, grown = set(found), True
    while grown:
        grown = {name for name, called in calls.items() if name not in found and called & found}
        found |= grown
    return found


def check_c_tests():
    shared = {}
    for path in files("tests/unit", ".h"):
        shared.update({name: body for name, body, _ in c_bodies(path)})
    for path in files("tests/unit", ".c"):
        own, lines = list(c_bodies(path)), read(path).split("\n")
        bodies = {**shared, **{name: body for name, body, _ in own}}
        able = reach({name: set(re.findall(r"\w+", body)) for name, body in bodies.items()},
                     {name for name, body in bodies.items() if CHECKS.search(body)})
        for name, _, line in own:
            is_test = re.search(rf"^static void {name}\(void \*\*state\)", read(path), re.MULTILINE)
            if is_test and name not in able and "lint: tests, " not in " ".join(lines[max(0, line - 4):line]):
                yield f"{path}:{line}: {name}() asserts nothing, so it cannot fail"


def python_functions(path):
    tree = ast.parse(read(path))
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            yield node


def asserts(function):
    for node in ast.walk(function):
        if isinstance(node, (ast.Assert, ast.Raise)):
            return True
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ("raises", "fail", "check_call"):
            return True
    return False


def called(function):
    return {node.func.id if isinstance(node.func, ast.Name) else node.func.attr for node in ast.walk(function)
            if isinstance(node, ast.Call) and isinstance(node.func, (ast.Name, ast.Attribute))}


def check_python_tests():
    for folder in sorted({os.path.dirname(path) for path in files("tests", ".py") if os.path.basename(path).startswith("test_")}):
        known = [(path, node) for path in files(folder, ".py") for node in python_functions(path)]
        able = reach({node.name: called(node) for _, node in known}, {node.name for _, node in known if asserts(node)})
        seen = set()
        for path, node in known:
            if not node.name.startswith("test_") or not os.path.basename(path).startswith("test_"):
                continue
            if node.name not in able:
                yield f"{path}:{node.lineno}: {node.name}() asserts nothing, so it cannot fail"
            if (path, node.name) in seen:
                yield f"{path}:{node.lineno}: a second {node.name}() hides the first"
            seen.add((path, node.name))


def check_fuzz():
    for path in files("tests/fuzz", ".c"):
        target = re.fullmatch(r"tests/fuzz/fuzz_(\w+)\.c", path)
        if not target:
            continue
        source = read(path)
        if not re.search(r"\bLLVMFuzzerTestOneInput\s*\(", source):
            yield f"{path}:1: has no LLVMFuzzerTestOneInput()"
        if not any(os.path.exists("fcgi/" + name) for name in re.findall(r'^#include "([^"]+)"', source, re.MULTILINE)):
            yield f"{path}:1: includes nothing of fcgi/: it must call what runs in production"
        corpus = "tests/fuzz/corpus/" + target.group(1)
        if not os.path.isdir(corpus) or not os.listdir(corpus):
            yield f"{path}:1: {corpus}/ has nothing to begin with"


def check_tests():
    yield from check_c_tests()
    yield from check_python_tests()
    yield from check_fuzz()


RULES = {"tests": ("each test can fail, each fuzz target has seeds", check_tests)}
