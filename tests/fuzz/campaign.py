"""Fuzz targets: what there is, running one, its coverage. For run and test_fuzz.py.

What a target is for stands in the first comment of fuzz_TARGET.c: "Covers: FILE...", and where it needs them "Dictionary: NAME" and
"Longest: BYTES".
"""
import json
import os
import re
import shutil
import subprocess
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
CHECKOUT = HERE.parent.parent
CORPUS = HERE / "corpus"
LONGEST = 4096      # bytes of an input, where the target says nothing
SECONDS_EACH = 20   # that one input may take
MEMORY = 1024       # MiB; what is freed is kept back for a while, so that its use is seen, and counts
LINES = 60          # percent of its sources that a target reaches, or it has gone blind: a format has changed, a seed is too long

# Sixteen megabytes of freed memory are watched for use, and short traces are kept: half the time, and memory that stays flat.
SANITIZERS = {"ASAN_OPTIONS": "quarantine_size_mb=16:malloc_context_size=8:detect_leaks=1", "UBSAN_OPTIONS": "print_stacktrace=1"}


class Failed(Exception):
    """What went wrong, as text for people."""


def build_folder():
    given = os.environ.get("PALATE_BUILD")
    return Path(given).resolve().parent if given else (CHECKOUT / os.environ.get("BUILD", "build")).resolve()


def names():
    return sorted(path.stem.removeprefix("fuzz_") for path in HERE.glob("fuzz_*.c"))


def make(*goals):
    environment = {name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL")}
    made = subprocess.run(["make", "--no-print-directory", "-s", f"-j{os.cpu_count()}", f"BUILD={build_folder()}", *goals], cwd=CHECKOUT,
                          env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", check=False)
    if made.returncode:
        raise Failed(f"make {' '.join(goals)} failed:\n{made.stdout[-4000:]}")


class Target:
    def __init__(self, name):
        head = (HERE / f"fuzz_{name}.c").read_text(encoding="utf-8").split("*/")[0]
        self.name = name
        self.covers = [word for line in re.findall(r"Covers: (.*)", head) for word in line.split()]
        words = (re.findall(r"Dictionary: (\w+)", head) or [name])[0]
        self.dictionary = HERE / "dictionaries" / f"{words}.dict"
        self.longest = int((re.findall(r"Longest: (\d+)", head) or [LONGEST])[0])
        self.folder = build_folder() / "fuzz"
        self.program = self.folder / f"fuzz_{name}"
        self.stored, self.grown, self.crashes = CORPUS / name, self.folder / "corpus" / name, self.folder / "crashes"
        for folder in (self.grown, self.crashes):
            folder.mkdir(parents=True, exist_ok=True)
        if name == "model":
            self.add_models()

    def add_models(self):
        """A good model of today's trainer, in the ways in which the target reads one; it must fit into an input."""
        made = self.folder / "seed.model"
        told_to([self.folder / "seed_model", made])
        for way, name in ((b"\0", "sealed"), (b"\1", "as-it-is"), (b"\4", "with-changes"), (b"\6", "with-map")):
            (self.grown / f"good-{name}").write_bytes(way + made.read_bytes())
        if made.stat().st_size >= self.longest:
            raise Failed(f"{made} has {made.stat().st_size} bytes, more than an input of fuzz_model.c (Longest: {self.longest})")

    def old_crashes(self):
        return sorted(self.crashes.glob(f"{self.name}-*"))

    def options(self):
        options = [f"-max_len={self.longest}", f"-timeout={SECONDS_EACH}", f"-rss_limit_mb={MEMORY}", "-print_final_stats=1",
                   f"-artifact_prefix={self.crashes}/{self.name}-"]
        return options + ([f"-dict={self.dictionary}"] if self.dictionary.exists() else [])

    def start(self, *arguments):
        return subprocess.Popen([self.program, *self.options(), *arguments], cwd=self.folder, stdin=subprocess.DEVNULL,
                                stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, errors="replace", env={**os.environ, **SANITIZERS})

    def run(self, arguments, progress=None, every=10):
        """Runs to the end; {executions, seconds, rate, edges, memory}. progress(executions, edges) is called now and then."""
        process, last, shown, began = self.start(*arguments), [], time.monotonic(), time.monotonic()
        found = {"executions": 0, "edges": 0, "memory": 0}
        for line in process.stderr:
            last = (last + [line.rstrip()])[-60:]
            state = re.match(r"#(\d+)\s.*\bcov: (\d+)", line)
            if state:
                found["executions"], found["edges"] = int(state[1]), int(state[2])
            final = re.match(r"stat::(number_of_executed_units|peak_rss_mb): +(\d+)", line)
            if final:
                found["executions" if final[1].startswith("number") else "memory"] = int(final[2])
            if progress and time.monotonic() - shown >= every:
                shown = time.monotonic()
                progress(found["executions"], found["edges"])
        if process.wait():
            told = [line for line in last if not line.startswith(("#", '"', "stat::"))]
            raise Failed(f"{self.name} has ended with status {process.returncode}; its input is in {self.crashes}:\n" + "\n".join(told[-45:]))
        found["seconds"] = time.monotonic() - began
        found["rate"] = found["executions"] / max(found["seconds"], 0.001)
        return found

    def replay(self):
        """Every stored input, once; a leak of any of them counts."""
        if not any(self.stored.iterdir()):
            raise Failed(f"{self.name} has no stored inputs")
        return self.run(["-runs=0", self.stored])

    def fuzz(self, seconds=0, executions=0, progress=None):
        return self.run([f"-max_total_time={seconds}" if seconds else f"-runs={executions}", "-reload=0", self.grown, self.stored], progress)

    def merge(self):
        """Adds to the stored inputs those of the grown ones that reach a line of their own; few and small ones first."""
        return self.run(["-merge=1", "-use_counters=0", self.stored, self.grown])

    def lines(self):
        """(reached, all) lines of the files that the target is for, by what is stored and grown."""
        folder = build_folder() / "coverage"
        raw, merged = folder / f"{self.name}.profraw", folder / f"{self.name}.profdata"
        program = folder / f"fuzz_{self.name}"
        told_to([program, "-runs=0", f"-max_len={self.longest}", self.stored, self.grown], LLVM_PROFILE_FILE=str(raw))
        told_to([tool("llvm-profdata"), "merge", "-sparse", raw, "-o", merged])
        told = told_to([tool("llvm-cov"), "export", "-summary-only", program, f"-instr-profile={merged}",
                        *(CHECKOUT / path for path in self.covers)])
        raw.unlink()
        total = json.loads(told)["data"][0]["totals"]["lines"]
        return total["covered"], total["count"]


def told_to(command, **more):
    """What the command writes to its standard output; its last words are those of the failure."""
    done = subprocess.run(command, cwd=build_folder(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          env={**os.environ, **more}, text=True, errors="replace", check=False)
    if done.returncode:
        raise Failed(f"{Path(command[0]).name} has ended with status {done.returncode}: {done.stderr[-1000:]}")
    return done.stdout


def tool(name):
    """A tool of LLVM, which Debian also installs with its version behind the name. It must be of the compiler's version."""
    found = shutil.which(name) or next((path for version in range(30, 13, -1) if (path := shutil.which(f"{name}-{version}"))), None)
    if not found:
        raise Failed(f"{name} is missing; install it with: etc/demo/packages fuzz")
    return found
