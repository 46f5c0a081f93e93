"""What is measured: a private MariaDB with the demonstration shop, Palate under both web servers and as CGI, the yardsticks, the peer.

The stand of the black-box tests gives MariaDB, the tool and the fronts; here they serve release builds.
"""
import atexit
import contextlib
import csv
import gzip
import http.client
import json
import lzma
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[3]
BENCH = CHECKOUT / "tests" / "bench"
BUILD = Path(CHECKOUT, os.environ.get("BUILD", "build")).resolve()
WORKER = CHECKOUT / "cgi-bin/palate.fcgi" if BUILD == CHECKOUT / "build" else BUILD / "palate.fcgi"
SHOP = CHECKOUT / "etc/demo/shop"
ENDPOINTS = ("post", "get")
FRONTS = ("lighttpd", "apache")
KINDS = {"lighttpd": "lighttpd", "apache": "apache-fcgid", "cgi": "apache-cgi"}
# lighttpd queues, so a few workers a core do; mod_fcgid lets a request that finds no worker free wait a second.
POOL = {"lighttpd": 8, "apache": 128, "cgi": 1}
DATABASE_OPTIONS = "--max-connections=700\n--innodb-buffer-pool-size=512M\n"
READ = "neuronsearchlab-api/read"


def build_folder():
    """The stand wants tool and worker in one folder; make puts the worker of the default build elsewhere."""
    folder = Path(tempfile.mkdtemp(prefix="palate-bench-", dir="/tmp"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    for name, program in (("palate", BUILD / "palate"), ("palate.fcgi", WORKER)):
        if not program.exists():
            sys.exit(f"{program} is not built; run `make bench`")
        (folder / name).symlink_to(program)
    return folder


links = build_folder()
os.environ["PALATE_BUILD"] = str(links)
sys.path.insert(0, str(CHECKOUT / "tests" / "api"))
from harness import stand as stands  # noqa: E402
from harness.tokens import claims_for, sign  # noqa: E402

stands.LOCK_TIMEOUT, stands.STATEMENT_TIMEOUT = 3, 10  # the product's defaults


def read_shop():
    with gzip.open(SHOP / "items.jsonl.gz", "rt", encoding="utf-8") as file:
        items = [json.loads(line) for line in file]
    with lzma.open(SHOP / "purchases.csv.xz", "rt", encoding="utf-8", newline="") as file:
        events = [(row["user_id"], row["item_id"]) for row in csv.DictReader(file)]
    return items, events


class Peer:
    """The Python service, in the arrangement that was fastest in a short trial."""

    ARRANGEMENTS = (("threads, 2 processes", "yes", 2), ("event loop, 2 processes", "no", 2), ("event loop, 4 processes", "no", 4))

    def __init__(self, world, model):
        self.world, self.model, self.process, self.arrangement = world, model, None, None

    def start(self, arrangement):
        self.stop()
        self.arrangement, threads, processes = arrangement
        database = self.world.stand.database
        self.port = stands.free_port()
        environment = {**os.environ, "PEER_MODEL": str(self.model), "PEER_SOCKET": str(database.socket), "PEER_USER": "palate_worker",
                       "PEER_PASSWORD": database.passwords["palate_worker"], "PEER_SECRET": self.world.stand.secret, "PEER_TENANT": "1",
                       "PEER_POOL": "16", "PEER_THREADS": threads, "PYTHONDONTWRITEBYTECODE": "1", "OMP_NUM_THREADS": "1"}
        log = open(self.world.stand.root / "peer.log", "a", encoding="utf-8")
        self.process = subprocess.Popen(
            ["/usr/bin/python3", "-m", "uvicorn", "app:app", "--app-dir", BENCH / "peer", "--workers", str(processes), "--loop", "uvloop",
             "--http", "httptools", "--no-access-log", "--log-level", "warning", "--host", "127.0.0.1", "--port", str(self.port)],
            env=environment, stdout=log, stderr=log, start_new_session=True, cwd=self.world.stand.root)
        log.close()
        stands.wait_until(self.answers, 60, "the peer answers")
        time.sleep(1)  # the other processes load their model too

    def answers(self):
        with contextlib.suppress(OSError, http.client.HTTPException):
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
            connection.request("GET", "/")
            return connection.getresponse().status == 404
        return False

    def stop(self):
        if self.process and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGTERM)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait(10)
        self.process = None


class World:
    def __init__(self):
        self.stand = stands.Stand()
        self.fronts, self.peer = {}, None
        self.requests = self.stand.root / "requests"
        self.exchanges = self.stand.root / "exchanges"
        self.logs = self.stand.root / "logs"
        for folder in (self.requests, self.exchanges, self.logs):
            folder.mkdir()
        self.logs.chmod(0o1777)

    def open(self):
        self.stand.database.directory.mkdir(exist_ok=True)
        (self.stand.database.directory / "mariadb.options").write_text(DATABASE_OPTIONS)
        self.stand.start()
        tool = self.stand.tool
        tool.tenant("shop")
        tool.client("shop", "shop-client")
        tool.items("shop", SHOP / "items.jsonl.gz")
        tool.events("shop", SHOP / "purchases.csv.xz")
        tool.train("shop")
        self.items, self.events = read_shop()
        self.token = sign(claims_for("shop-client", exp=int(time.time()) + 86400), self.stand.secret)
        self.write_requests()
        for name in FRONTS:
            self.start_front("palate", name, WORKER)
        self.record()
        for name in FRONTS:
            self.start_front("yardstick", name, BUILD / "yardstick/worker")

    def configuration(self, name):
        """A palate.conf of its own for each front, with a log of its own."""
        path = self.stand.configure(f"{name}.conf", {"algorithm": "HS256", "secret_file": self.stand.root / "token.secret"})
        path.write_text(path.read_text() + f"[log]\nfile = {self.logs / name}.log\n")
        return path

    def start_front(self, who, name, program):
        front = stands.Front(self.stand, KINDS[name], f"{who}-{name}", self.configuration(f"{who}-{name}"), POOL[name])
        database = self.stand.database
        front.environment.update(
            PALATE_WORKER=str(program), PALATE_FRONT_ENV="YARDSTICK_SOCKET YARDSTICK_USER YARDSTICK_PASSWORD YARDSTICK_SECRET "
            "YARDSTICK_EXCHANGES", YARDSTICK_SOCKET=str(database.socket), YARDSTICK_USER="palate_worker",
            YARDSTICK_PASSWORD=database.passwords["palate_worker"], YARDSTICK_SECRET=self.stand.secret,
            YARDSTICK_EXCHANGES=str(self.exchanges))
        self.fronts[who, name] = self.stand.fronts[f"{who}-{name}", KINDS[name]] = front
        front.start()

    def write_requests(self):
        """The same requests for everybody: described customers, and users of the shop."""
        draw, ids = random.Random(1), [item["id"] for item in self.items]
        users = sorted({user for user, _ in self.events})
        categories = sorted({item["metadata"]["category"] for item in self.items})
        posts, gets = [], []
        for _ in range(500):
            body = {"sequence_data": {"customer_preferences": {"categories": draw.sample(categories, 2),
                                                               "price_range": {"min": 1, "max": draw.randrange(5, 50)}},
                                      "browsing_history": draw.sample(ids, 6), "purchase_history": draw.sample(ids, 4)},
                    "task": "product_recommendation", "template": "personalized", "quantity": 10}
            posts.append(json.dumps(body))
            gets.append(f"?user_id={draw.choice(users)}&quantity=20")
        self.write_lines("post", [f"POST\t/api/recommend/recommend\t{body}" for body in posts])
        self.write_lines("get", [f"GET\t/recommendations{query}\t" for query in gets])
        for mode in ("constant", "token", "durable"):
            self.write_lines(f"{mode}-post", [f"POST\t/{mode}/post\t{body}" for body in posts])
            self.write_lines(f"{mode}-get", [f"GET\t/{mode}/get{query}\t" for query in gets])

    def write_lines(self, name, lines):
        (self.requests / name).write_text("\n".join(lines) + "\n", encoding="utf-8")

    def ask(self, port, line):
        method, path, body = line.split("\t")
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        connection.request(method, path, body or None, {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"})
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        assert answer.status == 200, f"{method} {path}: {answer.status} {text[:500]}"
        return text

    def record(self):
        """Of 51 exchanges the one of median size: the yardsticks write and send as much."""
        for name in ENDPOINTS:
            found, port = [], self.fronts["palate", "lighttpd"].port
            for line in (self.requests / name).read_text(encoding="utf-8").splitlines()[:51]:
                answer = self.ask(port, line)
                row = self.stand.database.execute(
                    "SELECT s.endpoint, s.client_id, s.user_id, s.task, s.template, s.context_id, s.input, d.recommender,"
                    " d.model_generation, d.result_count, d.results FROM decisions d JOIN sequences s"
                    " ON s.tenant_id = d.tenant_id AND s.sequence_id = d.sequence_id ORDER BY d.decision_id DESC LIMIT 1")[0]
                found.append((len(answer) + len(row[6]) + len(row[10]), *("" if value is None else str(value) for value in row),
                              answer.decode()))
            exchange = sorted(found)[len(found) // 2][1:]
            assert not any("\n" in text for text in exchange)
            (self.exchanges / name).write_text("\n".join(exchange), encoding="utf-8")
            self.sizes = {**getattr(self, "sizes", {}), name: {"input": len(exchange[6].encode()), "results": len(exchange[10].encode()),
                                                               "answer": len(exchange[11].encode())}}

    def make_peer(self):
        path = self.stand.root / "peer-model.npz"
        subprocess.run(["/usr/bin/python3", "-c", "import json, sys, model; given = json.load(sys.stdin);"
                        "model.build(given['items'], given['events'], sys.argv[1])", path], cwd=BENCH / "peer", check=True, text=True,
                       input=json.dumps({"items": self.items, "events": self.events}),
                       env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"})
        self.peer = Peer(self, path)
        return self.peer

    def close(self):
        try:
            if self.peer:
                self.peer.stop()
        finally:
            self.stand.close()
