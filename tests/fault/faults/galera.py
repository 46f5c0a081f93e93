"""A Galera cluster of three nodes under load on all, each node lost once in another way.

Three pools of workers, each with another node in front of its list. Each client writes through one pool and looks for what was
acknowledged in the very next answer of another: an event, an item, and the item's withdrawal; and all clients write batches of items of the
same tenant, which meet at its revision. At the end every node is asked for all that was acknowledged.
"""
import collections
import contextlib
import json
import random
import threading
import time
import uuid

from harness import catalogue
from harness.client import request
from harness.tokens import READ, WRITE, claims_for, sign

from faults.cluster import NODES, PROVIDER, ClusterStand
from faults.scenarios import Skip, scenario

BATCH = 10
ANSWER_SECONDS = 75
SILENT_SECONDS = 7  # evs.suspect_timeout, and the group's agreement behind it


class Client(threading.Thread):
    """Asks without pause but for `rest` seconds; keeps what it was answered."""

    def __init__(self, play, number):
        super().__init__(daemon=True)
        self.play, self.number, self.chance = play, number, random.Random(f"galera {play.seed} {number}")
        self.seen = []  # (begin, end, status, whether Retry-After came, what)
        self.events, self.items, self.batches, self.decided, self.stale, self.unsure = set(), set(), [], set(), [], set()

    def ask(self, pool, method, path, body=None, name=None):
        """The parsed answer when it is 200, else None."""
        headers = {"Authorization": f"Bearer {self.play.token}", "Content-Type": "application/json", "X-Request-Id": name or str(uuid.uuid4())}
        begin, status, retry, text = time.monotonic(), 0, False, ""
        answer = None
        with contextlib.suppress(OSError):
            got = request(self.play.ports[pool], method, path, None if body is None else json.dumps(body), headers, ANSWER_SECONDS)
            status, retry, text = got.status, "Retry-After" in got.headers, got.body[:200]
            answer = got.json() if status == 200 else None
        self.seen.append((begin, time.monotonic(), status, retry, f"{method} {path[:60]} {text!r}"))
        return answer

    def note_stale(self, text):
        self.stale.append(text)

    def run(self):
        steps = (self.event, self.item, self.batch, self.decide)
        while not self.play.over.is_set():
            here, there, further = self.chance.sample(range(len(self.play.ports)), 3)
            self.chance.choices(steps, self.play.weights)[0](here, there, further)
            self.play.over.wait(self.play.rest)

    def event(self, here, there, _):
        user = f"did-{uuid.uuid4()}"
        self.unsure.add(user)
        if not self.ask(here, "POST", "/v1/events", {"user_id": user, "item_id": "to-09", "type": "view", "deduplication_id": user}):
            return
        self.events.add(user)
        found = self.ask(there, "GET", f"/v1/events?user_id={user}")
        if found is not None and len(found["data"]) != 1:
            self.note_stale(f"event {user}: {found['data']}")
        again = self.ask(there, "POST", "/v1/events", {"user_id": user, "item_id": "to-09", "type": "view", "deduplication_id": user})
        if again is not None and again["inserted"]:
            self.note_stale(f"event {user} was stored twice")

    def shown(self, pool, key, wanted):
        found = self.ask(pool, "GET", f"/v1/recommendations?user_id=u&filter=made:{key}&limit=5")
        if found is not None and [entry["item_id"] for entry in found["data"]] != wanted:
            self.note_stale(f"item {key}: {found['data']}, not {wanted}")

    def item(self, here, there, further):
        key = f"made-{uuid.uuid4()}"
        if not self.ask(here, "POST", "/v1/items", {"id": key, "name": key, "metadata": {"made": key}}):
            return
        self.items.add(key)
        self.shown(there, key, [key])
        if self.ask(there, "DELETE", f"/v1/items/{key}"):
            self.shown(further, key, [])

    def batch(self, here, *_):
        key = f"batch-{uuid.uuid4()}"
        items = [{"id": f"series-{self.number}-{place}", "name": key, "metadata": {"made": "batch"}} for place in range(BATCH)]
        done = self.ask(here, "POST", "/v1/items?on_conflict=update", items)
        if done is not None:
            self.batches.clear()
        self.batches.append(key)  # one acknowledged, and those behind it whose outcome is open

    def decide(self, here, *_):
        """Every other request also writes a user's row, at which those of all nodes meet."""
        name = str(uuid.uuid4())
        path = self.chance.choice(("/v1/recommendations?user_id=u&limit=3", f"/recommendations?user_id=u&name=changed-{self.chance.randrange(9)}"))
        if self.ask(here, "GET", path, name=name):
            self.decided.add(name)


class Watch(threading.Thread):
    """Notes when a node sees its group lose a member: on a machine that is busy enough, groups lose some that nobody has touched."""

    def __init__(self, play, node):
        super().__init__(daemon=True)
        self.play, self.node, self.losses = play, node, []

    def run(self):
        before = 0
        while not self.play.over.wait(0.2):
            size = int(self.node.status("cluster_size") or 0)
            if 0 < size < before:  # 0: this node is the one that is away
                self.losses.append(time.monotonic())
            before = size


class Play:
    """A cluster with its pools, and the load on it; a context manager."""

    def __init__(self, seed=1, clients=9, workers=4, rest=0.02, timeouts=""):
        self.seed, self.rest, self.over = seed, rest, threading.Event()
        self.weights = (4, 3, 4, 2)  # of a client's steps
        self.stand = ClusterStand(timeouts)
        self.nodes = self.stand.database.nodes
        self.causes = []  # (begin, end): until the group has got over it
        try:
            self.start(workers)
        except BaseException:
            self.stand.close()
            raise
        self.clients = [Client(self, number) for number in range(clients)]
        self.watches = [Watch(self, node) for node in self.nodes.values()]

    def start(self, workers):
        stand = self.stand
        stand.start()
        stand.tool.tenant("shop")
        stand.tool.run("client", "create", "--tenant", "shop", "--id", "shop-client", "--scopes", f"{READ} {WRITE}")
        stand.tool.items("shop", catalogue.write_items(stand.root / "items.jsonl"))
        stand.tool.train("shop")
        self.tenant = stand.tenant_id("shop")
        self.token = sign(claims_for("shop-client", scope=f"{READ} {WRITE}", exp=int(time.time()) + 6 * 3600), stand.secret)
        fronts = [stand.front("lighttpd", f"front{node}", stand.configure(f"node{node}.conf", first=node), workers) for node in NODES]
        self.ports = [front.port for front in fronts]

    def __enter__(self):
        for thread in (*self.clients, *self.watches):
            thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        for client in self.clients:
            client.join(ANSWER_SECONDS)
        self.stand.close()

    @contextlib.contextmanager
    def clash(self):
        """Only items, without a pause: most write sets meet another node's, which MariaDB does not always say (storage/database.c)."""
        usual = self.weights, self.rest
        self.weights, self.rest = (0, 1, 2, 0), 0
        yield
        self.weights, self.rest = usual

    def end_load(self):
        self.over.set()
        for client in self.clients:
            client.join(ANSWER_SECONDS)

    # ---- Causes

    def cause(self, others, lose, size=2):
        """Returns the seconds until the others had put the node out of the group."""
        begin = time.monotonic()
        lose()
        took = self.stand.database.wait_size(size, others)
        self.causes.append((begin, time.monotonic()))
        return took

    def rejoin(self, node):
        self.stand.database.wait_size(3, NODES)
        node.wait_synced()

    def kill(self, calm):
        node = self.nodes[1]
        took = self.cause((2, 3), node.kill)
        time.sleep(calm)
        node.launch_again()
        self.rejoin(node)
        return took

    def lose_for_a_time(self, number, way, calm):
        node = self.nodes[number]
        others = [other for other in NODES if other != number]
        with contextlib.ExitStack() as stack:
            took = self.cause(others, lambda: stack.enter_context(getattr(node, way)()))
            time.sleep(calm)
        self.rejoin(node)
        return took

    # ---- Afterwards

    def seen(self):
        return [entry for client in self.clients for entry in client.seen]

    def unplanned(self):
        """Times in which the group lost a node by itself, as causes are; the group takes some seconds to see it."""
        losses = sorted(loss for watch in self.watches for loss in watch.losses)
        return [(loss - SILENT_SECONDS, loss) for loss in losses if not any(start <= loss <= stop + SILENT_SECONDS for start, stop in self.causes)]

    def in_a_cause(self, begin, end):
        """Whether a request overlapped a time in which the group had lost a node and not yet got over it; a second more for workers that
        look for another node."""
        return any(begin <= stop + 1 and end >= start for start, stop in self.causes + self.unplanned())

    def errors(self):
        """What is neither 200 nor, within a cause, a 503 that says when to come again."""
        return [what for begin, end, status, retry, what in self.seen() if not
                (status == 200 or (status == 503 and retry and self.in_a_cause(begin, end)))]

    def count(self):
        """Compares all nodes with what was acknowledged: a Counter of what must be 0, and of how much there was."""
        report = collections.Counter()
        for node in self.nodes.values():
            def rows(sql, *values, node=node):
                return node.execute(sql, *values, database="palate", init_command="SET wsrep_sync_wait = 7")
            stored = collections.Counter(dict(rows("SELECT user_id, COUNT(*) FROM events WHERE tenant_id = %s GROUP BY user_id", self.tenant)))
            items = {key for key, in rows("SELECT item_id FROM items WHERE tenant_id = %s AND item_id LIKE 'made-%%'", self.tenant)}
            decided = collections.Counter(dict(rows(
                "SELECT s.request_id, COUNT(d.decision_id) FROM sequences s LEFT JOIN decisions d ON d.tenant_id = s.tenant_id"
                " AND d.sequence_id = s.sequence_id WHERE s.tenant_id = %s GROUP BY s.sequence_id", self.tenant)))
            report["halves"] += sum(count != 1 for count in decided.values())
            for client in self.clients:
                report["lost"] += sum(stored[user] == 0 for user in client.events) + sum(decided[name] == 0 for name in client.decided)
                report["lost"] += len(client.items - items)
                report["twice"] += sum(stored[user] > 1 for user in client.unsure)
                names = rows("SELECT name, COUNT(*) FROM items WHERE tenant_id = %s AND item_id LIKE %s GROUP BY name", self.tenant,
                             f"series-{client.number}-%")
                report["halves"] += len(names) > 1 or any(count != BATCH for _, count in names)
                report["lost"] += bool(client.batches) and any(name not in client.batches for name, _ in names)
        report["stale"] = sum(len(client.stale) for client in self.clients)
        report["errors"] = len(self.errors())
        report["answers"] = sum(entry[2] == 200 for entry in self.seen())
        report["unplanned"] = len(self.unplanned())
        report["refused"] = sum(entry[2] == 503 for entry in self.seen())
        return report


MUST_BE_ZERO = ("lost", "halves", "twice", "stale", "errors")


def examples(play):
    """A few of what went wrong, for whoever has to look."""
    stale = [text for client in play.clients for text in client.stale]
    return [*stale[:3], *play.errors()[:5]]


@scenario(rate=10, watch=0)
def galera(scene):
    """A cluster of three nodes with load on all: one killed, one frozen, one cut off and back, in turn."""
    if not PROVIDER.exists():
        raise Skip("galera-4 is not installed")
    took = collections.defaultdict(list)
    with Play(scene.world.seed) as play:
        time.sleep(max(3, 10 * scene.scale))
        for _ in range(scene.times(3)):
            took["killed"].append(play.kill(3))
            took["frozen"].append(play.lose_for_a_time(2, "frozen", 3))
            took["cut"].append(play.lose_for_a_time(3, "partitioned", 3))
            time.sleep(3)
        play.end_load()
        report, wrong = play.count(), examples(play)
    scene.note(**{f"nodes_{way}": len(times) for way, times in took.items()}, put_out_s=round(max(map(max, took.values())), 1),
               cluster_answers=report["answers"], cluster_refused=report["refused"],
               nodes_lost_by_themselves=report["unplanned"],
               **{f"cluster_{name}": report[name] for name in MUST_BE_ZERO})
    # What is lost, half or twice is wrong in any case; the others are bounds of figures (faults/play.py).
    assert not any(report[name] for name in ("lost", "halves", "twice")), (dict(report), wrong)
