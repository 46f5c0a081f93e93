#!/usr/bin/python3
"""The rules of this code base that no compiler knows. Prints one finding a line, "path:line: what is wrong".

check_sources.py RULE       one rule, in the current folder
check_sources.py --list     the rules' names
check_sources.py --title RULE
check_sources.py --all      every rule: its title, then its findings, each behind four spaces

More rules are in rules_*.py. test_check_sources.py shows of each that it finds what it is for.
"""
import os
import re
import sys

sys.dont_write_bytecode = True
import rules_circles  # noqa: E402
import rules_code  # noqa: E402
import rules_documents  # noqa: E402
import rules_headers  # noqa: E402
import rules_once  # noqa: E402
import rules_tests  # noqa: E402
from sources import blank, c_files, files, functions, line_of, read  # noqa: E402

FUNCTION_LINES_MAX = 60
NESTING_MAX = 4
FILE_LINES_MAX = 500
HEADER_COMMENT_WORDS_MIN = 6

# ---- Banned calls

BANNED = {
    "strcpy strcat sprintf vsprintf gets": "may write past the end: use snprintf or an arena",
    "strtok": "keeps hidden state: use strsep",
    "atoi atol atoll atof": "cannot tell an error: use base/text.h",
    "alloca": "has no limit: use an arena",
    "system popen": "runs a shell: nothing here needs one",
    "rand srand random srandom": "can be foreseen: use base/random.h",
    "mysql_query": "takes no parameters: use prepared statements (storage/database.h)",
}
BANNED_BUT_IN = {
    "strtol strtoul strtoll strtoull": (("fcgi/base/text.c",), "is easy to get wrong: use base/text.h"),
    "malloc calloc realloc reallocarray free strdup strndup": (("fcgi/base/memory.c", "tests/unit/base/test_json.c"), "use base/memory.h or an arena"),
    "mysql_real_query": (("fcgi/storage/database.c", "fcgi/storage/connection.c"), "use prepared statements (storage/database.h)"),
    "FCGX_PutStr FCGX_FPrintF FCGX_PutS": (("fcgi/request/transport.c",), "only send_response.c answers the client"),
}
# Parts of the worker have no business on standard output: under CGI it is the client.
SILENT = ("fcgi/api/", "fcgi/request/", "fcgi/token/", "fcgi/recommender/", "fcgi/engine/", "fcgi/storage/", "fcgi/remote/")
PRINTS = re.compile(r"(?<![\w.>])(printf|vprintf|puts|putchar|putchar_unlocked|perror)\s*\(|(?<!\w)(stdout)(?!\w)")
# What a library allocated must be given back by free() where the library offers nothing else: the line or the
# one above then says why, "lint: free, <reason>".
EXCUSE = re.compile(r"lint: (\w+), \w")


def check_banned():
    table = {}
    for names, reason in BANNED.items():
        table.update({name: ((), reason) for name in names.split()})
    for names, (allowed, reason) in BANNED_BUT_IN.items():
        table.update({name: (allowed, reason) for name in names.split()})
    calls = re.compile(r"(?<![\w.>])(" + "|".join(table) + r")\s*\(")
    for path in c_files("fcgi", "tests"):
        source = read(path)
        text, lines = blank(source), source.split("\n")
        for match in calls.finditer(text):
            name, line = match.group(1), line_of(text, match.start())
            excuses = EXCUSE.findall(lines[line - 1]) + (EXCUSE.findall(lines[line - 2]) if line > 1 else [])
            if path not in table[name][0] and name not in excuses:
                yield f"{path}:{line}: {name}() {table[name][1]}"
        if path.startswith(SILENT):
            for match in PRINTS.finditer(text):
                name = match.group(1) or match.group(2)
                yield f"{path}:{line_of(text, match.start())}: {name}: only send_response.c answers the client"


# ---- Layers

# Each may use only what has a lower number; those of one number do not know each other.
LAYERS = {"": 6, "api": 5, "cli": 5, "request": 4, "recommender": 4, "training": 4, "token": 3, "engine": 2, "storage": 2, "remote": 2, "base": 1}
# Headers that only some may use; a name that ends with / stands for the folder.
RESERVED = {
    "storage/query.h": ("storage/",),
    "storage/database_internal.h": ("storage/database.c", "storage/query.c", "storage/bulk.c"),
    "training/": ("training/", "cli/"),
    "engine/model_internal.h": ("engine/",),
    "engine/model_format.h": ("engine/", "training/"),
    # token/claims.h is the face of its room.
    **{f"token/{name}.h": ("token/",) for name in ("issuer_claims", "jwks", "key_cache", "key_source", "read_token", "remember_token",
                                                   "token_key", "verify_token")},
    "token/issuers.h": ("token/", "cli/"),
    "jwt.h": ("token/verify_token.c", "token/issue_token.c"),
    "mysql.h": ("storage/", "palate_fcgi.c"),
    "fcgiapp.h": ("request/transport.c", "palate_fcgi.c"),
    "curl/": ("remote/", "cli/"),
}
# The engine is pure: it is told everything.
IMPURE = re.compile(r"<(json-c/|mysql|curl/|jwt|fcgi|sys/socket|sys/random)|\"base/(clock|config|json|log|random|read_file)\.h\"")
# Functions of storage/ that the worker links and never calls.
ADMIN = re.compile(r"\b(admin_\w+)\s*\(")
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.MULTILINE)


def layer(path):
    return path.split("/")[0] if "/" in path else ""


def check_include(inside, name, quoted):
    here, there = layer(inside), layer(name)
    if quoted and there not in LAYERS:
        return f'"{name}" must be written from fcgi/, as a known layer'
    if quoted and here != there and LAYERS[there] >= LAYERS[here]:
        return f'{here or "main"} must not use {there or "a main"}: "{name}"'
    for reserved, users in RESERVED.items():
        if name.startswith(reserved) and not inside.startswith(users):
            return f"{name} is only for {', '.join(users)}"
    if here == "engine" and IMPURE.search(f'"{name}"' if quoted else f"<{name}>"):
        return f"the engine is pure, it must not use {name}"
    return None


def check_layers():
    for path in c_files("fcgi"):
        inside = path[len("fcgi/"):]
        if layer(inside) not in LAYERS:
            yield f"{path}:1: {layer(inside)}/ is no known layer"
            continue
        text = blank(read(path), keep_strings=True)
        for match in INCLUDE.finditer(text):
            wrong = check_include(inside, match.group(2), match.group(1) == '"')
            if wrong:
                yield f"{path}:{line_of(text, match.start())}: {wrong}"
        for match in () if inside.startswith(("storage/", "cli/")) else ADMIN.finditer(text):
            yield f"{path}:{line_of(text, match.start())}: {match.group(1)}() is only for cli/: the worker's database user may not do it"


# ---- Sizes

CONTROL = re.compile(r"( *)(?:\} )?(?:if|else|for|while|switch|do)\b")


def check_sizes():
    for path in c_files("fcgi", "tests"):
        text = blank(read(path))
        if text.count("\n") > FILE_LINES_MAX:
            yield f"{path}:1: {text.count(chr(10))} lines; {FILE_LINES_MAX} are enough for a file"
        for start, body in functions(text):
            if len(body) + 2 > FUNCTION_LINES_MAX:
                yield f"{path}:{start}: a function of {len(body) + 2} lines; {FUNCTION_LINES_MAX} are enough"
            for number, line in enumerate(body, start + 1):
                control = CONTROL.match(line)
                if control and len(control.group(1)) // 4 > NESTING_MAX:
                    yield f"{path}:{number}: more than {NESTING_MAX} levels deep: make the inner ones a function"
                    break


# ---- First comments and include guards

def check_headers():
    for path in c_files("fcgi"):
        text = read(path)
        first = re.match(r"/\*.*?\*/", text, re.DOTALL)
        if not first:
            yield f"{path}:1: begins with no comment that says what it owns"
        elif path.endswith(".h") and len(re.findall(r"\w+", first.group())) < HEADER_COMMENT_WORDS_MIN:
            yield f"{path}:1: the first comment has less than {HEADER_COMMENT_WORDS_MIN} words: what it owns, what it does not do"
        if path.endswith(".h"):
            guard = "PALATE_" + re.sub(r"\W", "_", path[len("fcgi/"):]).upper()
            if not re.search(rf"^#ifndef {guard}\n#define {guard}\n.*^#endif\n\Z", text, re.DOTALL | re.MULTILINE):
                yield f"{path}:1: the include guard must be {guard}"


# ---- SQL

# Texts that may name a tenant's table without naming the tenant, each with its reason. What is no longer
# needed must go.
WITHOUT_TENANT = {
    ("fcgi/storage/clients.c", "FIND_CLIENT"): "finds the tenant; client_id is unique in the installation",
    ("fcgi/storage/clients.c", "FIND_CLIENT_ENTITY"): "finds the tenant as FIND_CLIENT does, and the entity's row with the tenant_id found",
    ("fcgi/storage/clients.c", "FIND_CLIENT_EVENTS"): "finds the tenant as FIND_CLIENT does, and the user's row and events with the tenant_id found",
    ("fcgi/storage/clients.c", "FIND_CLIENT_ALIAS"): "finds the tenant; issuer and alias are unique in the installation",
    ("fcgi/storage/clients.c", "FIND_SECRETS"): "finds the tenant; client_id is unique in the installation",
    ("fcgi/storage/clients.c", "READ_CLIENT"): "finds the client for the operator; client_id is unique in the installation",
    ("fcgi/storage/client_aliases.c", "FIND_ALIAS"): "finds the alias for the operator; unique in the installation",
    ("fcgi/storage/tenants.c", "FIND_TENANT"): "finds the tenant by its unique key",
    ("fcgi/storage/tenants.c", "INSERT_TENANT"): "makes the tenant, which gets its number by it",
    ("fcgi/storage/tenants.c", "LIST_TENANTS"): "lists all tenants for the operator",
    ("fcgi/storage/quotas.c", "LIST_LIMITED"): "lists those that have quotas for the operator's GET /metrics",
}
LITERAL = r"\"(?:[^\"\\\n]|\\.)*\""
PIECES = rf"(?:(?:{LITERAL}|[A-Z][A-Z_0-9]+)\s*)+"
SQL_CONSTANT = re.compile(r"\bstruct statement (\w+)((?:\[[^\]]*\])*)\s*=\s*(\{.*?\});", re.DOTALL)
SQL_MACRO = re.compile(rf"^#define (\w+)[ \t]+((?:\\\n|[ \t]|{LITERAL}|[A-Z][A-Z_0-9]+)+)$", re.MULTILINE)
COMPOUND = re.compile(r";|\bBEGIN NOT ATOMIC\b")  # what stands around the statements of a compound one
STATEMENT = re.compile(r"\s*(SELECT|INSERT|UPDATE|DELETE|REPLACE|TRUNCATE)\b")


def tenant_tables():
    tables = []
    for path in files("sql", ".sql"):
        for name, body in re.findall(r"CREATE TABLE (?:IF NOT EXISTS )?(\w+) \((.*?)^\)", read(path), re.DOTALL | re.MULTILINE):
            if re.search(r"^\s*tenant_id\b", body, re.MULTILINE):
                tables.append(name)
    return tables


def names_tenant(sql, uses):
    """Whether each use of a tenant's table is bound to a tenant."""
    insert = re.match(r"\s*(?:INSERT|REPLACE)\b[^(]*\(([^)]*)\)", sql)
    bound = len(re.findall(r"\btenant_id\s*(?:=|IN\b)", sql))
    if insert:
        return bool(re.search(r"\btenant_id\b", insert.group(1))) and bound >= uses - 1
    condition = sql.find("WHERE")
    return condition >= 0 and bool(re.search(r"\btenant_id\s*(?:=|IN\b)", sql[condition:])) and bound >= uses


def joined(pieces, macros):
    """The text of neighbouring literals and of macros that stand for such."""
    text = ""
    for piece in re.findall(rf"{LITERAL}|\w+", pieces):
        inner = {name: body for name, body in macros.items() if name != piece}
        text += piece[1:-1] if piece[0] == '"' else joined(macros.get(piece, ""), inner)
    return text


def sql_texts(path):
    """Name ("a string" for what is no statement), text and line of everything in a file that may be SQL."""
    text = blank(read(path), keep_strings=True)
    macros = dict(SQL_MACRO.findall(text))
    for match in SQL_CONSTANT.finditer(text):
        for pieces in re.findall(PIECES, re.sub(r"\[\w+\]", "", match.group(3))):
            yield match.group(1), joined(pieces, macros), line_of(text, match.start())
    for match in SQL_MACRO.finditer(text):
        yield match.group(1), joined(match.group(2), macros), line_of(text, match.start())
    rest = text
    for known in (SQL_CONSTANT, SQL_MACRO):
        rest = known.sub(lambda match: re.sub(r"[^\n]", " ", match.group()), rest)
    for match in re.finditer(PIECES, rest):
        yield "a string", joined(match.group(), macros), line_of(rest, match.start())


def check_sql():
    tables = tenant_tables()
    use = re.compile(r"\b(?:FROM|JOIN|INTO|UPDATE|TABLE)\s+(?:" + "|".join(tables) + r")\b")
    excused, seen = set(), 0
    for path in c_files("fcgi") if tables else ():
        for name, sql, line in ((name, part, line) for name, text, line in sql_texts(path) for part in COMPOUND.split(text)):
            uses = len(use.findall(sql))
            if not uses or not STATEMENT.match(sql):
                continue
            seen += 1
            if names_tenant(sql, uses):
                continue
            if (path, name) in WITHOUT_TENANT:
                excused.add((path, name))
            else:
                yield f"{path}:{line}: {name} does not bind each tenant's table to a tenant_id: {sql[:60]}"
    for path, name in sorted(set(WITHOUT_TENANT) - excused):
        yield f"{path}:1: {name} needs no exception any more: remove it from tests/lint/check_sources.py"
    if not seen:
        yield "fcgi/storage:1: no SQL on tenants' tables was found: the rule has lost its subject"


# ---- Statements

# A connection knows a statement by its address, so that must stand for one text for ever.
NOT_CONSTANT = {("fcgi/storage/schema.c", "statement"): "the text is the caller's, and the connection is closed at once"}
# How many arguments stand in front of the parameters, and which of them is the statement.
CALLS = {"query_run": (4, 2), "query_find": (4, 2), "query_stream": (4, 2), "query_commit": (4, 1), "database_execute": (3, 1)}
CALL = re.compile(r"\b(" + "|".join(CALLS) + r")\(")


def arguments_of(text, start):
    """The arguments of a call whose parenthesis opens right before start."""
    depth, arguments = 0, [""]
    for character in text[start:]:
        if character in ")]}":
            depth -= 1
            if depth < 0:
                break
        if character in "([{":
            depth += 1
        if character == "," and not depth:
            arguments.append("")
        else:
            arguments[-1] += character
    return [argument.strip() for argument in arguments]


def check_statements():
    seen = 0
    for path in c_files("fcgi"):
        text = blank(read(path), keep_strings=True)
        marks = {name: sql.count("?") for name, sql, _ in sql_texts(path)}
        for match in SQL_CONSTANT.finditer(text):
            constant = text[:match.start()].endswith("static const ") and match.group(1).isupper()
            if not constant and (path, match.group(1)) not in NOT_CONSTANT:
                yield f"{path}:{line_of(text, match.start())}: {match.group(1)} must be static const, its name in capitals"
        for match in CALL.finditer(blank(read(path))):
            before, which = CALLS[match.group(1)]
            given = arguments_of(blank(read(path)), match.end())
            for name in re.findall(r"&([A-Z][A-Z_0-9]+)$|&([A-Z][A-Z_0-9]+) :", given[which] if len(given) >= before else ""):
                name = name[0] or name[1]
                seen += 1
                if len(given) - before != marks.get(name, -1):
                    yield (f"{path}:{line_of(text, match.start())}: {name} has {marks.get(name, 'no')} marks "
                           f"and gets {len(given) - before} parameters")
    if not seen:
        yield "fcgi/storage:1: no statement was found: the rule has lost its subject"


# ---- Unit tests

def check_mirror():
    for path in files("tests/unit", ".c"):
        match = re.fullmatch(r"tests/unit/(.+)/test_(\w+)\.c", path)
        if not match:
            yield f"{path}:1: unit tests are named tests/unit/FOLDER/test_NAME.c"
            continue
        folder, name = match.groups()
        names = os.listdir(f"fcgi/{folder}") if os.path.isdir(f"fcgi/{folder}") else []
        # A family of sources may have one test (NAME_*.c), and a source several (test_NAME_*.c).
        stems = {other[:-2] for other in names if other.endswith((".c", ".h"))}
        if not any(name == stem or stem.startswith(name + "_") or name.startswith(stem + "_") for stem in stems):
            yield f"{path}:1: there is no fcgi/{folder}/{name}.c"
        if not re.search(r"\bcmocka_run_group_tests(_name)?\s*\(", read(path)):
            yield f"{path}:1: has no cmocka_run_group_tests()"
        tests = set(re.findall(r"^static void (\w+)\(void \*\*state\)", read(path), re.MULTILINE))
        for test in sorted(tests):
            if len(re.findall(rf"\b{test}\b", read(path))) < 2:
                yield f"{path}:1: {test}() is never run"


# ---- Left-overs

def check_text():
    machine = re.compile(r"(?<![\w.])/(?:wo" + r"rk|tmp/(?:wt|b)-|home/(?!you\b|me\b))")
    words = re.compile(r"\b(" + "|".join(("TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK")) + r")\b")
    endings = (".c", ".h", ".py", ".sql", ".sh", ".conf", ".md", ".yml", ".cnf", ".example", "Makefile", ".htaccess", "run", "check")
    for path in files(".", *endings):
        with open(path, "rb") as file:
            if b"\0" in file.read(4096):
                continue
        for number, line in enumerate(read(path).split("\n"), 1):
            if line != line.rstrip():
                yield f"{path}:{number}: white space at the end"
            if "\t" in line and path.endswith((".c", ".h")):
                yield f"{path}:{number}: a tab"
            word = words.search(line)
            if word:
                yield f"{path}:{number}: {word.group(1)}: do it, or open an issue"
            if machine.search(line):
                yield f"{path}:{number}: a path of one machine"


RULES = {
    "banned": ("no banned calls", check_banned),
    "layers": ("layers by #include", check_layers),
    "sizes": (f"functions up to {FUNCTION_LINES_MAX} lines, {NESTING_MAX} levels, files {FILE_LINES_MAX}", check_sizes),
    "headers": ("first comments and include guards", check_headers),
    "sql": ("each SQL text of a tenant's table names the tenant", check_sql),
    "statements": ("statements are constant and get as many parameters as they have marks", check_statements),
    "mirror": ("unit tests mirror sources and run each test", check_mirror),
    "text": ("no left-overs, no trailing white space, no tabs", check_text),
    **rules_circles.RULES,
    **rules_headers.RULES,
    **rules_once.RULES,
    **rules_code.RULES,
    **rules_tests.RULES,
    **rules_documents.RULES,
}


def main(arguments):
    if arguments == ["--list"]:
        print("\n".join(RULES))
    elif len(arguments) == 2 and arguments[0] == "--title" and arguments[1] in RULES:
        print(RULES[arguments[1]][0])
    elif arguments == ["--all"]:
        for title, check in RULES.values():
            print(title, *check(), sep="\n    ", flush=True)
    elif len(arguments) == 1 and arguments[0] in RULES:
        findings = list(RULES[arguments[0]][1]())
        for finding in findings:
            print(finding)
        return 1 if findings else 0
    else:
        print(__doc__, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
