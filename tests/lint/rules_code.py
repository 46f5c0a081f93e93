"""Rules for what stands inside of functions and files: state, tables, macros, SQL in the making, code that was commented out."""
import re

from sources import blank, c_files, comments, line_of, read

# A variable of a file or of a function that lives as long as the process and can change.
LASTING = re.compile(r"^( *)(?:static\s+(?!const\b|inline\b|_Noreturn\b)(?:[^()=;{\n\"]|__attribute__\(\(\w+\)\))*?(?<!const )\w+(?:\[[^\]]*\])*\s*(?:=[^=][^\n]*|;))$",
                     re.MULTILINE)
# A variable that another file can reach.
REACHABLE = re.compile(r"^(?!static|extern|typedef|return|goto|struct [\w ]+;|enum\b|union [\w ]+;|const\b)[a-z][\w \*]*\s\*?\w+(?:\[[^\]]*\])*\s*(?:=[^=].*|;)$",
                       re.MULTILINE)


def explained(lines, number):
    """Whether a comment stands on the line, above it, or above the statics that stand above it."""
    if "/*" in lines[number - 1]:
        return True
    number -= 1
    while number > 0 and re.match(r"\s*static\b[^(]*[;,]$", lines[number - 1]):
        number -= 1
    return number > 0 and lines[number - 1].rstrip().endswith("*/")


def check_state():
    for path in c_files("fcgi"):
        source = read(path)
        text, lines = blank(source), source.split("\n")
        for match in LASTING.finditer(text):
            line = line_of(text, match.start())
            if re.search(r"\*const \w+(\[[^\]]*\])*\s*=", match.group()):
                continue
            if path.startswith("fcgi/engine/"):
                yield f"{path}:{line}: the engine keeps nothing between two calls: {match.group().strip()}"
            elif not explained(lines, line):
                yield f"{path}:{line}: outlives the request: a comment must say why that is right: {match.group().strip()}"
        for match in REACHABLE.finditer(text):
            yield f"{path}:{line_of(text, match.start())}: any file can change it: make it static: {match.group().strip()}"


ENUM = re.compile(r"\benum(?: \w+)? \{([^{}]*?)\b(\w+__MAX)\b\s*,?\s*\}")
TABLE = re.compile(r"\b(\w+)\[(\w*)\](?:\[[^\]]*\])*\s*=\s*\{")


def enumerations(texts):
    """By the last name, X__MAX: the names of an enumeration's constants."""
    return {match.group(2): re.findall(r"\b([A-Z]\w+)\b", re.sub(r"=[^,]*", "", match.group(1)))
            for text in texts.values() for match in ENUM.finditer(text)}


def inside_braces(text, start):
    depth, end = 1, start
    while depth and end < len(text):
        depth += {"{": 1, "}": -1}.get(text[end], 0)
        end += 1
    return text[start:end - 1]


def check_tables():
    """A table by an enumeration has that many entries and names each, so that neither can drift; one that leaves some out says so."""
    texts = {path: blank(read(path)) for path in c_files("fcgi")}
    enums = enumerations(texts)
    last = {name: end for end, names in enums.items() for name in names}
    for path, text in texts.items():
        lines = read(path).split("\n")
        for match in TABLE.finditer(text):
            body = inside_braces(text, match.end())
            named = re.findall(r"(?:^|[,{])\s*\[(\w+)\]", body)
            line, size = line_of(text, match.start()), match.group(2)
            if size in enums and not named and body.strip() not in ("", "0", "false"):
                yield f"{path}:{line}: the entries of {match.group(1)}[{size}] must begin with [NAME] ="
            if not named or named[0] not in last:
                continue
            end = last[named[0]]
            asserted = re.search(rf"static_assert\([^;]*\b{match.group(1)}\b[^;]*== {end}\b", text)
            if size != end and not (size == "" and asserted):
                yield f"{path}:{line}: {match.group(1)}[{size}] must be {match.group(1)}[{end}], or have a static_assert of it"
            missing = sorted(set(enums[end]) - set(named))
            if missing and "lint: tables, " not in " ".join(lines[max(0, line - 4):line]):
                yield f"{path}:{line}: {match.group(1)}[] has no entry for {', '.join(missing)}"


# ---- Code in comments, returns in macros, texts that are built where they must not be

CODE = re.compile(r"^(?:(?:if|for|while|switch) \(.*[;{]|(?:return|goto|break|continue)\b[^.]*;|[\w>.\[\]*-]+ [-+|&*/]?= [^.]*;"
                  r"|[a-z_]+\(.*\);|#(?:include|define|if|endif)\b.*|(?:static|const|struct|int|size_t|char|bool) [^.]*;)$")
RETURNS = re.compile(r"^#[ \t]*define (?:.*\\\n)*.*\b(?:return|goto)\b.*", re.MULTILINE)
MADE_SQL = re.compile(r'"\s*(?:SELECT|INSERT|UPDATE|DELETE|REPLACE)\b[^"\n]*%[-.*0-9a-z]')
MADE_JSON = re.compile(r'printf\s*\([^;]*"(?:[^"\\\n]|\\.)*[{,]\s*\\"\w+\\"\s*:\s*(?:\\")?%')
BY_TEXT = re.compile(r"\bstr(?:n?case)?n?(?:cmp|str)\s*\([^;]*(?:->|\.)(?:message|detail)\b")


def check_comments():
    for path in c_files("fcgi", "tests"):
        for comment, start in comments(read(path)):
            for number, line in enumerate(comment.split("\n"), start):
                bare = re.sub(r"^\s*/?\*+|\*/$|^\s*//", "", line)
                # Four spaces begin an example.
                if not bare.startswith("    ") and CODE.match(bare.strip()):
                    yield f"{path}:{number}: code in a comment: {bare.strip()}"


COMMENTED_MIN = 14  # percent of the lines of C in fcgi/


def check_share():
    """How much is explained, over the whole house: a file alone may need nothing."""
    total = commented = 0
    for path in c_files("fcgi"):
        source = read(path)
        total += source.count("\n")
        commented += len({number + start for text, start in comments(source) for number in range(text.count("\n") + 1)})
    if commented * 100 < COMMENTED_MIN * total:
        yield f"fcgi:1: {commented} of {total} lines have a comment; {COMMENTED_MIN} % are the least"


def check_built():
    for path in c_files("fcgi"):
        text, bare = blank(read(path), keep_strings=True), blank(read(path))
        wrong = [(RETURNS, bare, "a macro must not leave the function that uses it"),
                 (MADE_SQL, text, "SQL is never made with a format: bind what varies"),
                 (BY_TEXT, bare, "branch on the code of an error, never on its text")]
        if not path.startswith("fcgi/cli/"):
            wrong.append((MADE_JSON, text, "JSON is never made with a format: use base/json_write.h"))
        for pattern, where, problem in wrong:
            for match in pattern.finditer(where):
                line = line_of(where, match.start())
                if "lint: built, " not in " ".join(read(path).split("\n")[max(0, line - 3):line]):
                    yield f"{path}:{line}: {problem}"


# ---- Exceptions

EXCUSED = re.compile(r"NOLINT(?!END)\w*|cppcheck-suppress|#[ \t]*pragma GCC diagnostic ignored|\blint: \w+,")
REASON = re.compile(r"NOLINT\w*\([\w.,-]+\): \w+.* \w+|cppcheck-suppress \w+ ; \w+.* \w+|\blint: \w+, \w+.* \w+")


def check_exceptions():
    for path in c_files("fcgi", "tests"):
        lines = read(path).split("\n")
        for number, line in enumerate(lines, 1):
            if not EXCUSED.search(line) or REASON.search(line):
                continue
            # A pragma has its reason in a comment above.
            above = lines[number - 2].rstrip() if number > 1 else ""
            if not ("pragma" in line and (above.endswith("*/") or "pragma GCC diagnostic push" in above)):
                yield f"{path}:{number}: an exception needs its name and its reason beside it: {line.strip()}"


RULES = {
    "exceptions": ("exceptions from lint have their reason", check_exceptions),
    "state": ("what outlives a request says why; the engine has none", check_state),
    "tables": ("a table by an enumeration names each of its constants", check_tables),
    "comments": ("no code in comments", check_comments),
    "share": (f"comments on {COMMENTED_MIN} % of the lines or more", check_share),
    "built": ("no SQL or JSON by format, no return in a macro", check_built),
}
