"""A load that is a process of its own, so that neither its threads nor its files are those of the one who looks at the others.

The program gets what to do as a line of JSON on standard input, goes on until the end of it, and then prints its counts as JSON.
"""
import json
import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parent


class Job:
    """The process, from the outside; a context manager. counts: after its end."""

    def __init__(self, program, job, end_timeout):
        self.program, self.job, self.end_timeout = program, job, end_timeout
        self.counts, self.process = {}, None

    def __enter__(self):
        self.process = subprocess.Popen([sys.executable, str(FOLDER / self.program)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.process.stdin.write(json.dumps(self.job) + "\n")
        self.process.stdin.flush()
        return self

    def __exit__(self, *_):
        out, _ = self.process.communicate(timeout=self.end_timeout)
        self.counts = json.loads(out)


def greedy(port, token, paths, connections=64):
    return Job("greedy.py", {"port": port, "token": token, "paths": paths, "connections": connections}, 120)


def crowd(port, connections, a_second):
    return Job("crowd.py", {"port": port, "connections": connections, "a_second": a_second}, 60)
