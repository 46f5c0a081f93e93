"""Reading the sources for the rules: which files there are, text without comments, functions, declarations, constants."""
import functools
import os
import re


def files(top, *endings):
    for folder, folders, names in os.walk(top):
        folders[:] = sorted(name for name in folders if name not in (".git", "__pycache__")
                            and os.path.normpath(os.path.join(folder, name)) not in ("build", "run"))
        for name in sorted(names):
            if name.endswith(endings):
                yield os.path.normpath(os.path.join(folder, name))


def read(path):
    with open(path, encoding="utf-8", errors="surrogateescape") as file:
        return file.read()


TOKEN = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:[^"\\\n]|\\.)*"|\'(?:[^\'\\\n]|\\.)*\'', re.DOTALL)


def blank(text, keep_strings=False):
    """The text with comments, and the insides of strings, blanked; lines and columns stay."""
    def replace(match):
        token = match.group()
        if token[0] == '"' or token[0] == "'":
            return token if keep_strings else token[0] + " " * (len(token) - 2) + token[-1]
        return re.sub(r"[^\n]", " ", token)
    return TOKEN.sub(replace, text)


def line_of(text, position):
    return text.count("\n", 0, position) + 1


def c_files(*tops):
    for top in tops:
        yield from files(top, ".c", ".h")


def comments(text):
    """Each comment of C source, with the line where it begins."""
    for match in TOKEN.finditer(text):
        if match.group().startswith("/"):
            yield match.group(), line_of(text, match.start())


def functions(text):
    """(first line, lines of the body) of each function in blanked source that is formatted as ours."""
    lines, start = text.split("\n"), None
    for number, line in enumerate(lines, 1):
        if line.rstrip() == "{":
            start = number
        elif line.rstrip() == "}" and start:
            yield start, lines[start:number - 1]
            start = None


DECLARATION = re.compile(r"^(?!typedef|static|extern)([a-z][\w \*\n]*?[\s\*])(\w+)\(([^;{}]*?)\)\s*"
                         r"((?:__attribute__\(\((?:[^()]|\([^()]*\))*\)\)\s*)*);", re.MULTILINE)


def declarations(text):
    """(result, name, parameters, attributes, position) of each function that a blanked header declares."""
    for match in DECLARATION.finditer(text):
        result, name, parameters, attributes = (re.sub(r"\s+", " ", part).strip() for part in match.groups())
        yield result, name, parameters, attributes, match.start()


@functools.lru_cache(maxsize=None)
def words(path):
    """The words of a C file outside of comments and strings."""
    return frozenset(re.findall(r"\w+", blank(read(path))))
