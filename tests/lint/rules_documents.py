"""Rules for what is written about the code: names of files in comments and documents, reasons of limits, numbers of schema files."""
import os
import re

from sources import blank, c_files, comments, files, read

IN_TEXT = re.compile(r"(?<![\w/.:<-])((?:fcgi|tests|sql|etc|docs|cgi-bin)/[\w./-]*\w)(?![\w/<*{-])")
IN_COMMENT = re.compile(r"(?<![\w/.*<-])((?:\w+/)*\w+\.[ch])\b")
DOCUMENT_WIDTH, FRONT_PAGE = 110, 120
# What is named but not there, each with its reason.
NOT_IN_GIT = {
    "cgi-bin/palate.fcgi": "built",
}


def check_names():
    for path in files(".", ".md", "Makefile", ".sh", "run", "check"):
        if "/results/" in path or "/corpus/" in path or path.startswith("tests/lint/"):
            continue
        for number, line in enumerate(read(path).split("\n"), 1):
            for name in IN_TEXT.findall(line):
                # NAME and the like stand for something; results are made.
                made = name in NOT_IN_GIT or "/results/" in name or re.search(r"[A-Z]{4}", name)
                # A stem stands for what begins with it.
                folder, stem = os.path.split(name)
                begins = os.path.isdir(folder) and any(other.startswith(stem) for other in os.listdir(folder))
                if not made and not os.path.exists(name) and not begins:
                    yield f"{path}:{number}: there is no {name}"
    for path in c_files("fcgi"):
        for comment, line in comments(read(path)):
            for name in IN_COMMENT.findall(comment):
                if not any(os.path.exists(os.path.join(folder, name)) for folder in ("", "fcgi", os.path.dirname(path), "/usr/include")):
                    yield f"{path}:{line}: there is no {name}; from another folder it is FOLDER/{os.path.basename(name)}"


def check_width():
    """Sections that programs measure and write are theirs."""
    for path in [name for name in os.listdir(".") if name.endswith(".md")] + list(files("docs", ".md")):
        measured = False
        lines = read(path).rstrip("\n").split("\n")
        for number, line in enumerate(lines, 1):
            measured = line.startswith("<!-- measured:") or measured and not line.startswith("<!-- /measured:")
            if len(line) > DOCUMENT_WIDTH and not measured:
                yield f"{path}:{number}: {len(line)} columns, more than {DOCUMENT_WIDTH}"
        if path == "README.md" and len(lines) > FRONT_PAGE:
            yield f"{path}:{len(lines)}: a front page has at most {FRONT_PAGE} lines; the manual is in docs/"


def check_limits():
    path = "fcgi/base/limits.h"
    source = read(path)
    explained = True
    for number, line in enumerate(source.split("\n"), 1):
        if "/*" in line or "*/" in line:
            explained = True
        elif not line.strip():
            explained = False
        elif re.match(r"    [A-Z]\w+ =", line) and not explained:
            yield f"{path}:{number}: {line.split()[0]} needs its reason above it, or above its group"
    if not re.search(r"^    LIMIT_\w+ =", blank(source), re.MULTILINE):
        yield f"{path}:1: no limit was found: the rule has lost its subject"


def check_schema():
    found = sorted(name for name in os.listdir("sql") if re.match(r"\d", name))
    for number, name in enumerate(found, 1):
        if not re.fullmatch(rf"{number:03}-[a-z0-9-]+\.sql", name):
            yield f"sql/{name}:1: expected {number:03}-NAME.sql: schema files are numbered without a gap"
            break
    for path in files("sql", ".sql"):
        text = re.sub(r"--[^\n]*", "", read(path))
        for match in re.finditer(r"\bCREATE TABLE (?:IF NOT EXISTS )?(\w+) \((.*?)^\)([^;]*);", text, re.DOTALL | re.MULTILINE):
            line = text.count("\n", 0, match.start()) + 1
            if "PRIMARY KEY" not in match.group(2):
                yield f"{path}:{line}: {match.group(1)} has no primary key"
            if not re.search(r"ENGINE\s*=\s*InnoDB", match.group(3)):
                yield f"{path}:{line}: {match.group(1)} must say ENGINE=InnoDB: transactions depend on it"


RULES = {
    "names": ("files that comments and documents name exist", check_names),
    "width": ("documents fit the screen, README.md the front page", check_width),
    "limits": ("each limit has its reason", check_limits),
    "schema": ("schema files without gaps, tables with keys and InnoDB", check_schema),
}
