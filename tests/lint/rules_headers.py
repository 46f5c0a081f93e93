"""Rules for headers: what they promise is written down for the compiler, and somebody uses it."""
import os
import re

from sources import blank, c_files, declarations, line_of, read, words

# What gives back takes NULL, as free() does.
GIVES_BACK = re.compile(r"_(destroy|free|close)$")
# Called through a table alone, whose type says what they take; their header's first comment says what they do.
HANDLER = {"struct worker *worker, struct request *request", "const struct tool *tool, int argc, char **argv"}
MAKES = re.compile(r"_(create|open|load|new|copy)(_|$)")
TELLS_ERROR = re.compile(r"struct error \*error\b|char \*\*?problem\b")

# Each of these takes NULL wherever it has a pointer.
TAKES_NULL = {
    "work_budget_set": "a request that nobody can give up",
    "viewed_window_choose": "a request without a window of its own, or without a context",
    "quota_of": "a tenant without quotas",
    "delta_origin_of": "a catalogue without a model",
    "jwks_find": "a token without kid, an issuer without keys",
    "filter_all_match": "no filters, with a count of 0",
}
# Each of these may be called for its effect alone.
RESULT_NOT_NEEDED = {
    "error_set": "always false, so that a function can end with it",
    "error_detail": "as error_set",
    "error_field": "as error_set",
    "error_missing": "as error_set",
    "command_misused": "one exit status, so that a function can end with it",
    "query_fetch": "error->code tells, too, and a lock is released by reading that it was",
    "session_failed": "as command_misused",
    "token_refuse": "as error_set",
}


def contract(result, name, parameters, attributes):
    """What a declaration lacks."""
    if "..." in parameters and "format" in parameters and "format(" not in attributes:
        yield "takes a format: __attribute__((format(printf, ...)))"
    if parameters in HANDLER:
        return
    if "*" in parameters and "nonnull" not in attributes and not GIVES_BACK.search(name) and name not in TAKES_NULL:
        yield "takes pointers: nonnull, or nonnull(...) where some may be NULL"
    loses = TELLS_ERROR.search(parameters) or MAKES.search(name)
    if result != "void" and loses and "warn_unused_result" not in attributes and name not in RESULT_NOT_NEEDED:
        yield "can fail or makes something: warn_unused_result"


def check_contracts():
    known = set()
    for path in c_files("fcgi"):
        if not path.endswith(".h"):
            continue
        source = read(path)
        text = blank(source)
        for result, name, parameters, attributes, position in declarations(text):
            known.add(name)
            for lack in contract(result, name, parameters, attributes):
                yield f"{path}:{line_of(text, position)}: {name}() {lack}"
            above = re.sub(r"(?:^#define [^\n]*\n)+\Z", "", source[:position], flags=re.MULTILINE).rstrip()
            if not above.endswith(("*/", ";")) and parameters not in HANDLER:
                yield f"{path}:{line_of(text, position)}: {name}() has no comment that says what it does"
    for name in sorted((set(TAKES_NULL) | set(RESULT_NOT_NEEDED)) - known if known else ()):
        yield f"tests/lint/rules_headers.py:1: there is no {name}() any more: remove the exception"


CONSTANT = re.compile(r"^#define (\w+)|^\s+([A-Z][A-Z0-9_]+)\b(?=\s*(?:=|,|$))", re.MULTILINE)


def check_used():
    sources = list(c_files("fcgi", "tests"))
    for path in sources:
        if not path.endswith(".h") or not path.startswith("fcgi/"):
            continue
        text, own = blank(read(path)), {path, path[:-1] + "c"}
        outside = set().union(*(words(other) for other in sources if other not in own))
        for _, name, _, _, position in declarations(text):
            if name not in outside:
                yield f"{path}:{line_of(text, position)}: {name}() is used by nobody else: make it static, or test it"
        anywhere = outside | (words(path[:-1] + "c") if path[:-1] + "c" in sources else set())
        for match in CONSTANT.finditer(text):
            name = match.group(1) or match.group(2)
            if name.endswith(("__MAX", "_H")) or name in anywhere:
                continue
            if len(re.findall(rf"\b{name}\b", text)) < 2:
                yield f"{path}:{line_of(text, match.start())}: {name} is used by nobody"


NAMES = (r"\b(\w+)\(", r"#define (\w+)", r"\b(?:struct|enum|union) (\w+)(?= \{|;)", r"\b([A-Z][A-Z0-9_]{2,})\b",
         r"typedef[^;]*?\*?(\w+)(?:\(|;)", r"extern [^;]*?(\w+)(?:\[[^;]*)?;", r"[ *](\w+)(?:\[[^\]]*\])*[,;]")
INCLUDE = re.compile(r'^#include "([^"]+)"', re.MULTILINE)


def check_includes():
    offers = {}
    for path in c_files("fcgi"):
        source = read(path)
        included = INCLUDE.findall(source)
        first = re.search(r'^#include ["<]([^">]+)', source, re.MULTILINE)
        own = path[len("fcgi/"):-1] + "h"
        if path.endswith(".c") and os.path.exists("fcgi/" + own) and (not first or first.group(1) != own):
            yield f'{path}:1: "{own}" must be included first, so that it is known to stand alone'
        for name in included:
            header = "fcgi/" + name
            if name == own or not os.path.exists(header):
                continue
            if header not in offers:
                text = blank(read(header))
                offers[header] = {found for pattern in NAMES for found in re.findall(pattern, text)}
            if not offers[header] & words(path):
                line = line_of(source, source.index(f'#include "{name}"'))
                yield f'{path}:{line}: nothing of "{name}" is used'
        for name in {name for name in included if included.count(name) > 1}:
            yield f'{path}:1: "{name}" is included twice'


RULES = {
    "contracts": ("headers: nonnull, warn_unused_result, format, comments", check_contracts),
    "used": ("headers: what they offer is used elsewhere", check_used),
    "includes": ("own header first, nothing included in vain", check_includes),
}
