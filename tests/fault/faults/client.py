"""Starts and ends the load (load.py) and reads what it recorded."""
import json
import subprocess
import sys
import time
from pathlib import Path

MIX = {"post": 12, "get": 12, "filtered": 8, "lenient": 4, "item": 2, "items": 1, "event": 2, "events": 2, "intruder": 2}


class Load:
    """The load of one scenario; a context manager. fronts: [(name, port)]; fields of the job are in load.py; rate: in place of the world's."""

    def __init__(self, world, name, fronts, kinds=None, allowed=(), rate=None):
        kinds = dict(kinds or MIX)
        world.plays += 1  # no two loads ask with the same ids
        self.path = world.stand.root / f"load-{name}-{time.monotonic_ns()}.jsonl"
        self.path.touch()
        self.job = {"name": name, "seed": f"{world.seed} {world.plays}", "fronts": fronts, "clients": world.clients, "pace": (rate or world.rate) / world.clients,
                    "kinds": list(kinds.items()), "allowed": list(allowed), "token": world.token, "categories": world.categories,
                    "out": str(self.path)}

    def __enter__(self):
        self.process = subprocess.Popen([sys.executable, str(Path(__file__).with_name("load.py"))], stdin=subprocess.PIPE, text=True)
        self.process.stdin.write(json.dumps(self.job) + "\n")
        self.process.stdin.flush()
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        """No more requests; returns when those under way have ended."""
        if self.process.poll() is None:
            self.process.stdin.close()
            self.process.wait(120)

    def records(self):
        lines = self.path.read_text(encoding="utf-8").split("\n")
        return [json.loads(line) for line in lines[:-1]]
