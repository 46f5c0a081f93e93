"""The client under whose load everything fails: it asks steadily, checks each answer and records all of them.

A process of its own, so that the faults' own work does not slow it. The first line of standard input is what to do (JSON, made by
client.py), the end of standard input ends it; what has been asked is still waited for. Each line that it writes is one request:

    {"id", "kind", "front", "begin", "end", "outcome", "status", "ids", "key", "size", "series", "why"}

begin, end: CLOCK_MONOTONIC, seconds. key, size, series: of a write, what it is to be found by, how many rows it makes, and whose rows it
changes (audit.py).

outcome  ok         200, from a worker, exactly the answer that was expected
         wrong      an answer from a worker that must never be given
         refused    a worker's proper refusal: 500, nothing may have been stored
         front      the web server's own 5xx: the worker's answer, if there was one, is lost
         cut        sent, and nothing or half of an answer came back
         unreached  nobody listened: it was never sent
"""
import http.client
import json
import random
import sys
import threading
import time
import uuid
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "api"))
from harness import openapi  # noqa: E402
from harness.client import request  # noqa: E402

ANSWER_SECONDS = 75  # longer than either web server waits for a worker
LOST = ("front", "cut", "unreached")  # what has no answer of a worker
EVENTS, ITEMS = 10, 20  # in a batch
WRITES = {"item": 1, "event": 1, "events": EVENTS, "items": ITEMS}
TRIES = 5  # as often a batch is sent until it is acknowledged


class Wrong(Exception):
    """An answer that must never be given."""


def expect_set(found, expected):
    if len(found) != len(set(found)):
        raise Wrong("an item stands there twice")
    if set(found) != set(expected):
        raise Wrong(f"superfluous {sorted(set(found) - set(expected))[:3]}, missing {sorted(set(expected) - set(found))[:3]}")


def is_refusal(answer):
    """A worker's own 500. mod_fcgid's, for a worker that died between its answer and the record that ends it, keeps that one's
    X-Request-Id, but is HTML or empty."""
    try:
        return bool({"detail", "error"} & set(answer.json()))
    except (ValueError, TypeError):
        return False


def check_worker(port, method, target, answer):
    """Holds an answer to the document where a worker gave it."""
    if answer.status != 500 or is_refusal(answer):
        openapi.check(port, method, target, answer)


class Kinds:
    """One function for each kind of request: returns (method, path, body, check); check(parsed body) returns the ids shown."""

    def __init__(self, job, chance, number):
        self.categories, self.chance, self.number = job["categories"], chance, number
        self.key = ""  # what the last write is to be found by

    def user(self):
        return f"user-{self.chance.randrange(200)}"

    def post(self):
        """The first document: a strict preference is an exact filter, so the ten items of the category and nothing else."""
        category = self.chance.choice(sorted(self.categories))
        data = {"customer_preferences": {"categories": [category], "strict": True}, "browsing_history": ["el-01", "bo-01"]}
        body = {"sequence_data": data, "task": "product_recommendation", "template": "personalized", "quantity": 20}

        def check(answer):
            if answer["status_code"] != 200:
                raise Wrong("status_code")
            ids = [result["item_id"] for result in answer["results"]]
            expect_set(ids, self.categories[category])
            return ids
        return "POST", "/api/recommend/recommend", body, check

    def listed(self, expected):
        def check(answer):
            entries = answer["recommendations"] if "recommendations" in answer else answer["data"]
            ids = [entry["item_id"] for entry in entries]
            expect_set(ids, expected)
            return ids
        return check

    def get(self):
        """The second document: the context shows the garden; every request writes a row that others write too."""
        return "GET", f"/recommendations?user_id={self.user()}&context_id=101&name=changed-{self.chance.randrange(9)}", None, \
            self.listed(self.categories["garden"])

    def filtered(self):
        category = self.chance.choice(sorted(self.categories))
        return "GET", f"/v1/recommendations?user_id={self.user()}&filter=category:{category}&limit=20", None, \
            self.listed(self.categories[category])

    def lenient(self):
        """A remote recommender first, the embedded one when it fails: always the kitchen, always all of it."""
        return "GET", f"/recommendations?user_id={self.user()}&context_id=102", None, self.listed(self.categories["kitchen"])

    def strict(self):
        """A remote recommender or nothing; whatever it says, only what is in the kitchen may be shown."""
        return "GET", f"/recommendations?user_id={self.user()}&context_id=103", None, self.listed(self.categories["kitchen"])

    def new_key(self, start):
        return f"{start}-{uuid.UUID(int=self.chance.getrandbits(128), version=4)}"

    def item(self):
        self.key = self.new_key("made")
        made = {"id": self.key, "name": self.key, "metadata": {"category": "made", "made": self.key}}

        def check(answer):
            if answer["id"] != self.key or answer["name"] != self.key:
                raise Wrong("another item")
            return None
        return "POST", "/v1/items", made, check

    def found(self):
        """Read your writes: the item that was just acknowledged is in the next answer, alone."""
        return "GET", f"/v1/recommendations?user_id={self.user()}&filter=made:{self.key}&limit=5", None, self.listed([self.key])

    def stored(self, count):
        """inserted is not looked at: after a lost connection the worker finds events there that it has stored itself."""
        def check(answer):
            if answer["processed"] != count or len({entry["id"] for entry in answer["data"]}) != count:
                raise Wrong("not all of it")
            return None
        return check

    def event(self):
        self.key = self.new_key("did")
        event = {"user_id": self.key, "item_id": "to-09", "type": "view", "deduplication_id": self.key}
        return "POST", "/v1/events", event, self.stored(1)

    def events(self):
        """A batch, of one user so that it is found again."""
        self.key = self.new_key("did")
        batch = [{"user_id": self.key, "item_id": f"to-{place + 1:02}", "type": "click", "deduplication_id": f"{self.key}-{place}"}
                 for place in range(EVENTS)]
        return "POST", "/v1/events", batch, self.stored(EVENTS)

    def items(self):
        """A batch, always of the same items of this client, so that all of them must carry the same newest name."""
        self.key = self.new_key("batch")
        batch = [{"id": f"{self.series()}-{place:02}", "name": self.key, "metadata": {"category": "batch"}} for place in range(ITEMS)]

        def check(answer):
            if [(item["id"], item["name"]) for item in answer["data"]] != [(item["id"], self.key) for item in batch]:
                raise Wrong("other items")
            return None
        return "POST", "/v1/items?on_conflict=update", batch, check

    def series(self):
        return f"batch-{self.number:02}"

    def intruder(self):
        """A bad token is refused whatever is broken: it needs no database."""
        return "GET", "/recommendations?user_id=u", None, None


class Client(threading.Thread):
    """One client of one front; asks at most job["pace"] times a second."""

    def __init__(self, job, number, out):
        super().__init__()
        self.job, self.out = job, out
        self.front, self.port = job["fronts"][number % len(job["fronts"])]
        self.chance = random.Random(f"{job['seed']} {job['name']} {number}")
        self.kinds = Kinds(job, self.chance, number)
        self.names, self.weights = zip(*job["kinds"])

    def run(self):
        pause = 1 / self.job["pace"]
        over = self.job["over"]
        over.wait(self.chance.random() * pause)
        while not over.is_set():
            begin = time.monotonic()
            kind = self.chance.choices(self.names, self.weights)[0]
            done = self.ask_again(kind) if kind in WRITES else self.ask(kind) == "ok"
            if kind == "item" and done and not over.is_set():
                self.ask("found")
            over.wait(max(0.0, begin + pause - time.monotonic()))

    def ask_again(self, kind):
        """A write as clients do it that can repeat it: the same until it is acknowledged."""
        made = getattr(self.kinds, kind)()
        for _ in range(TRIES if kind != "item" else 1):
            outcome = self.ask(kind, made)
            if outcome in ("ok", "wrong"):
                return outcome == "ok"
            self.job["over"].wait(0.2)
        return False

    def ask(self, kind, made=None):
        method, path, body, check = made or getattr(self.kinds, kind)()
        name = str(uuid.UUID(int=self.chance.getrandbits(128), version=4))
        token = self.job["token"] if kind != "intruder" else "no.token.atall"
        headers = {"Authorization": f"Bearer {token}", "X-Request-Id": name}
        if body is not None:
            headers["Content-Type"], body = "application/json", json.dumps(body)
        note = {"id": name, "kind": kind, "front": self.front, "begin": time.monotonic(), "status": 0, "ids": None, "why": "",
                "key": self.kinds.key if kind in WRITES else "", "size": WRITES.get(kind, 0),
                "series": self.kinds.series() if kind == "items" else ""}
        try:
            answer = request(self.port, method, path, body, headers, ANSWER_SECONDS, check_worker)
        except AssertionError as problem:  # and the client goes on
            note["outcome"], note["why"] = "wrong", str(problem)
        except ConnectionRefusedError:
            note["outcome"] = "unreached"
        except (OSError, http.client.HTTPException) as problem:
            note["outcome"], note["why"] = "cut", type(problem).__name__
        else:
            note["status"] = answer.status
            note["outcome"], note["ids"], note["why"] = self.judge(kind, name, answer, check)
        note["end"] = time.monotonic()
        self.out.write(json.dumps(note) + "\n")
        return note["outcome"]

    def judge(self, kind, name, answer, check):
        if answer.request_id is None:
            return ("front", None, "") if answer.status >= 500 else ("wrong", None, f"{answer!r}")
        if answer.request_id != name:
            return "wrong", None, f"the answer of {answer.request_id}"
        if kind == "intruder" and answer.status != 500:
            return ("ok" if answer.status == 401 else "wrong"), None, ""
        if answer.status == 500:
            return ("refused" if is_refusal(answer) else "front"), None, ""
        if answer.status in self.job["allowed"]:
            return "refused", None, str(answer.status)
        if answer.status != 200:
            return "wrong", None, f"{answer!r}"
        try:
            return "ok", check(answer.json()), ""
        except (Wrong, ValueError, KeyError, TypeError) as problem:
            return "wrong", None, f"{type(problem).__name__}: {problem}"


class Out:
    def __init__(self, path):
        self.file, self.lock = open(path, "a", encoding="utf-8", buffering=1), threading.Lock()

    def write(self, line):
        with self.lock:
            self.file.write(line)


def main():
    job = json.loads(sys.stdin.readline())
    job["over"] = threading.Event()
    out = Out(job["out"])
    clients = [Client(job, number, out) for number in range(job["clients"])]
    for client in clients:
        client.start()
    sys.stdin.read()
    job["over"].set()
    for client in clients:
        client.join()


if __name__ == "__main__":
    main()
