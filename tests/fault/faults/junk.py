"""Causes that come from outside: bodies made to cost memory, and a flood of requests that nobody vouches for."""
import contextlib
import socket
import threading
import time
from collections import Counter
from pathlib import Path

from faults import jobs
from faults.scenarios import scenario

MIB = 1024 * 1024
BLOCK = b"x" * (256 * 1024)
CROWD_A_SECOND = 2000  # connections that are opened anew in a second
CROWD_LEAST = 2000  # more than lighttpd has room for by itself
REQUESTS = {"post": 12, "get": 12, "filtered": 8, "item": 2, "event": 2}


def repeated(entry, size):
    return b"[" + b",".join([entry] * (size // (len(entry) + 1))) + b"]"


def item_with(metadata):
    return b'[{"id":"junk","name":"x","metadata":{"a":' + metadata + b"}}]"


class Sender:
    """Threads that send junk as fast as it is answered. Each kind is (method, path, token, body or its length, expected statuses)."""

    def __init__(self, ports, kinds, pause=0.0):
        self.ports, self.kinds, self.pause = ports, kinds, pause
        self.sent, self.wrong, self.over = Counter(), Counter(), threading.Event()
        self.threads = [threading.Thread(target=self.run, args=(name, port), daemon=True) for name in kinds for _, port in ports]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        for thread in self.threads:
            thread.join(60)

    def run(self, name, port):
        while not self.over.is_set():
            with contextlib.suppress(OSError):
                status = self.send(port, *self.kinds[name][:4])
                self.sent[name] += 1
                if status not in self.kinds[name][4]:
                    self.wrong[f"{name}: {status}"] += 1
            self.over.wait(self.pause)

    @staticmethod
    def send(port, method, path, token, body):
        length = body if isinstance(body, int) else len(body)
        head = f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {length}\r\nConnection: close\r\n"
        if token:
            head += f"Authorization: Bearer {token}\r\n"
        with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
            connection.sendall(head.encode() + b"\r\n")
            if isinstance(body, int):
                for at in range(0, body, len(BLOCK)):
                    connection.sendall(BLOCK[:body - at])
            else:
                connection.sendall(body)
            answer = connection.recv(64)
        return int(answer.split()[1]) if answer.startswith(b"HTTP/1.1 ") else 0


def status_field(pid, name):
    """KiB of a line of /proc/PID/status."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(name):
            return int(line.split()[1])
    raise OSError(name)


class Peaks(threading.Thread):
    """Looks at what processes hold of their own; a context manager. Mapped files are no part of it: workers share those, and a worker that is
    new meets them while it is looked at."""

    def __init__(self, pids):
        super().__init__(daemon=True)
        self.over = threading.Event()
        self.first, self.most = {}, {}
        self.pids = pids
        self.look()

    def look(self):
        for pid in self.pids:
            with contextlib.suppress(OSError):
                size = status_field(pid, "RssAnon")
                self.first.setdefault(pid, size)
                self.most[pid] = max(self.most.get(pid, 0), size)

    def run(self):
        while not self.over.wait(0.05):
            self.look()

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.join()

    def largest_growth(self):
        """MiB, of the process that grew most."""
        return round(max([0, *(most - self.first[pid] for pid, most in self.most.items())]) / 1024, 1)


@scenario(watch=2)
def bomb_bodies(scene):
    """Bodies of 6 MB that are 1.5 GB as a tree, from nobody, with a forged token and with a good one, beside the load."""
    good = scene.world.token
    forged = good[:-6] + "AAAAAA"
    bomb, entry = repeated(b"{}", 6_000_000), item_with(repeated(b"{}", 1_000_000))
    kinds = {"anonymous": ("POST", "/v1/items", None, bomb, (401,)), "forged": ("POST", "/v1/events", forged, bomb, (401,)),
             "list": ("POST", "/v1/items", good, bomb, (400,)), "entry": ("POST", "/v1/events", good, entry, (400,)),
             "object": ("POST", "/recommendations", good, b'{"a":' + repeated(b"{}", 130_000) + b"}", (400,)),
             "items": ("POST", "/v1/items", good, b"[" + b",".join([item_with(repeated(b"{}", 16_000))[1:-1]] * 350) + b"]", (400,))}
    with Peaks(scene.world.workers()) as peaks, Sender(scene.world.ports(), kinds, pause=0.2) as sender:
        time.sleep(max(4, 20 * scene.scale))
    scene.ended()
    scene.note(sent=sum(sender.sent.values()), answered_otherwise=sum(sender.wrong.values()), largest_growth_mib=peaks.largest_growth())


def percentile(records, share):
    times = sorted(record["end"] - record["begin"] for record in records)
    return round(times[int(share * (len(times) - 1))] * 1000, 1) if times else 0.0


def flood(scene, kind, seconds):
    ports = [(name, port) for name, port in scene.world.ports() if name == kind]
    forged = scene.world.token[:-6] + "AAAAAA"
    kinds = {"large": ("POST", "/v1/items", None, 60_000_000, (401, 413)), "bombs": ("POST", "/v1/items", None, repeated(b"{}", 6_000_000), (401,)),
             "forged": ("GET", "/v1/recommendations?user_id=u", forged, b"", (401,)),
             "tokens": ("POST", "/oauth2/token", None, b'{"client_id":"x","client_secret":"y"}', (401, 429)),
             "nowhere": ("POST", "/nowhere", None, b"{}", (404,))}
    begin = time.monotonic()
    with Peaks(scene.world.workers()) as peaks, jobs.crowd(ports[0][1], scene.times(10_000, CROWD_LEAST), CROWD_A_SECOND) as crowd, Sender(ports, kinds, pause=0.01) as sender:
        time.sleep(max(2, seconds * scene.scale))
        end = time.monotonic()
    scene.ended()
    good = [record for record in scene.load.records() if begin <= record["begin"] <= end]
    right = [record for record in good if record["outcome"] == "ok"]
    goal = "good" if kind == "lighttpd" else "beside"  # under Apache the figures are stated, without a goal
    scene.note(**{"sent": sum(sender.sent.values()), "answered_otherwise": sum(sender.wrong.values()), "left_open": crowd.counts["held"],
                  "opened": crowd.counts["opened"], "seconds": round(end - begin), "good_a_second": round(len(good) / (end - begin), 1), f"{goal}_failed": len(good) - len(right), "p50_ms": percentile(right, 0.5), f"{goal}_p99_ms": percentile(right, 0.99),
                  "largest_growth_mib": peaks.largest_growth()})


@scenario(kinds=REQUESTS, fronts=lambda world: [(name, port) for name, port in world.ports() if name == "lighttpd"], rate=50)
def anonymous_flood(scene):
    """Bodies of 60 MB, bombs, forged tokens, wrong secrets without end, 10,000 connections that are left, beside 50 requests a second."""
    flood(scene, "lighttpd", 300)


@scenario(kinds=REQUESTS, fronts=lambda world: [(name, port) for name, port in world.ports() if name == "apache-fcgid"], rate=50)
def anonymous_flood_apache(scene):
    """The same against Apache, for a minute."""
    flood(scene, "apache-fcgid", 60)
