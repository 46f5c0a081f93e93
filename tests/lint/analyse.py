#!/usr/bin/python3
"""Static analysis of each C source by itself, with the Makefile's own flags: analyse.py clang-tidy | gcc

clang-tidy: fcgi/ and tests/, as .clang-tidy says. gcc: fcgi/, with -fanalyzer and warnings that are too slow or too strict for every
build. Prints one finding a line, "path:line: what is wrong". Two at a time; results are kept under BUILD/lint, by the contents of the
source and of everything that it includes, so that only what has changed is analysed again.
"""
import functools
import hashlib
import json
import os
import re
import shlex
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

sys.dont_write_bytecode = True
from sources import files  # noqa: E402

JOBS = 2
# Left out: -Wswitch-enum and -Wswitch-default deny each other, and -Wswitch, which is always on, finds the forgotten constant;
# -Wfloat-equal: equal scores are told apart by their ids, so they are compared exactly; -Wbad-function-cast: a cast is a cast;
# -Wanalyzer-shift-count-overflow: measures vectors wrongly, and -Wshift-count-overflow, which is always on, finds the constants;
# -Wanalyzer-fd-leak (gcc 13 and later; those before note beside a finding that they do not know it): takes what a child keeps until it
# becomes another program or ends for a leak.
GCC = shlex.split("""-fanalyzer -Wno-analyzer-shift-count-overflow -Wno-analyzer-fd-leak -Walloca -Wcast-align=strict -Wcast-qual -Wdate-time -Wdouble-promotion -Wduplicated-branches
    -Wduplicated-cond -Wformat=2 -Wjump-misses-init -Wlogical-op -Wmissing-declarations -Wmissing-prototypes -Wnested-externs
    -Wnull-dereference -Wold-style-definition -Wpointer-arith -Wredundant-decls -Wstack-usage=131072 -Wstrict-prototypes
    -Wtrampolines -Wundef -Wunused-macros -Wvla -Wwrite-strings""")
FINDING = re.compile(r"^(.+?):(\d+):\d+: (?:fatal )?(?:warning|error): (.*)$")


def output(*command):
    environment = {name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL")}
    environment.update(LC_ALL="C.UTF-8")
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
                          env=environment, check=False).stdout


@functools.lru_cache(maxsize=None)
def flags():
    """The Makefile's, without what writes files or makes a finding end the analysis."""
    given = shlex.split(output("make", "-s", "--no-print-directory", "flags"))
    cmocka = shlex.split(output("pkg-config", "--cflags", "cmocka"))
    return [flag for flag in given + cmocka if flag not in ("-MMD", "-MP", "-Werror", "-pie") and not flag.startswith("-Wl,")]


def command(tool, source):
    if tool == "gcc":
        return ["gcc", *flags(), *GCC, "-c", "-o", "/dev/null", source]
    return ["clang-tidy", "--quiet", source, "--", *flags()]


@functools.lru_cache(maxsize=None)
def content(path):
    try:
        with open(path, "rb") as file:
            return hashlib.sha256(file.read()).hexdigest()
    except OSError:
        return "none"


@functools.lru_cache(maxsize=None)
def surroundings(tool):
    """All that a result depends on besides the sources."""
    configuration = []
    for path in (".clang-tidy", "tests/.clang-tidy") if tool == "clang-tidy" else ():
        with open(path, encoding="utf-8") as file:
            configuration += [line for line in file if not line.lstrip().startswith("#")]
    return "\n".join([output(tool, "--version"), *command(tool, ""), *configuration])


def fingerprint(tool, needed):
    digest = hashlib.sha256(surroundings(tool).encode())
    for path in needed:
        digest.update(f"{path} {content(path)}\n".encode())
    return digest.hexdigest()


def includes(source):
    return sorted(set(output("gcc", *flags(), "-M", source).replace("\\\n", " ").partition(":")[2].split()))


def analyse(tool, source):
    findings = set()
    for line in output(*command(tool, source)).split("\n"):
        match = FINDING.match(line)
        if match:
            findings.add((os.path.relpath(match.group(1)), int(match.group(2)), match.group(3)))
        elif re.match(r"(error|gcc: |cc1: (?!note: unrecognized)|Error)", line):
            findings.add((source, 1, line))
    return sorted(findings)


def kept_or_new(tool, source):
    place = os.path.join(os.environ.get("BUILD") or "build", "lint", tool, source.replace("/", ".") + ".json")
    try:
        with open(place, encoding="utf-8") as file:
            kept = json.load(file)
        if kept["fingerprint"] == fingerprint(tool, kept["needed"]):
            return [tuple(finding) for finding in kept["findings"]]
    except (OSError, ValueError, KeyError):
        pass
    needed, findings = includes(source), analyse(tool, source)
    os.makedirs(os.path.dirname(place), exist_ok=True)
    with open(place + ".new", "w", encoding="utf-8") as file:
        json.dump({"fingerprint": fingerprint(tool, needed), "needed": needed, "findings": findings}, file)
    os.replace(place + ".new", place)
    return findings


def main(arguments):
    if arguments not in (["clang-tidy"], ["gcc"]):
        print(__doc__, file=sys.stderr)
        return 2
    tool = arguments[0]
    sources = [path for top in (("fcgi",) if tool == "gcc" else ("fcgi", "tests")) for path in files(top, ".c")]
    with ThreadPoolExecutor(JOBS) as pool:
        results = pool.map(lambda source: kept_or_new(tool, source), sources)
    findings = sorted({finding for result in results for finding in result})
    for path, line, problem in findings:
        print(f"{path}:{line}: {problem}")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
