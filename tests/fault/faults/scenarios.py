"""The causes, one function each. A cause gets the scene, breaks something while the load goes on, and says when it has ended.

scene.ended()   the cause is over from now on: recovery is measured from here. May be called several times.
scene.note(**)  figures of its own for the table
scene.times(n)  n at full scale, at least `least`
"""
import contextlib
import os
import shutil
import signal
import socket
import struct
import time
import uuid
import zlib

import pymysql
from harness.catalogue import write_items
from harness.fake_remote import results, whole
from harness.stand import BUILD, Front, wait_until
from harness.tokens import READ, claims_for, sign

from faults import jobs

SCENARIOS = {}


class Skip(Exception):
    """This machine cannot do it; the text says why."""


def scenario(**options):
    """kinds: the mix of requests; rate: requests a second at most, else the world's; allowed: statuses that count as a refusal; fronts: a function of the world; watch: seconds that the
    load goes on after the end; margin: for how long after an end what fails is laid to it."""
    def register(function):
        SCENARIOS[function.__name__] = (function, options)
        return function
    return register


class Scene:
    def __init__(self, world, load, scale, chance):
        self.world, self.load, self.scale, self.chance = world, load, scale, chance
        self.begin, self.ends, self.notes, self.extra = time.monotonic(), [], {}, []

    def ended(self):
        self.ends.append(time.monotonic())

    def note(self, **figures):
        self.notes.update(figures)

    def times(self, count, least=1):
        return max(least, round(count * self.scale))

    def asked_by_hand(self, name, begin, outcome="cut"):
        """A request that the cause itself made and got no answer to."""
        self.extra.append({"id": name, "kind": "post", "front": "hand", "begin": begin, "end": time.monotonic(), "outcome": outcome,
                           "status": 0, "ids": None, "key": "", "size": 0, "series": "", "why": "by hand"})


@scenario(watch=0)
def nothing(scene):
    """No fault: the load by itself."""
    time.sleep(max(3, 15 * scene.scale))


# ---- Processes


def hit_workers(scene, number, count, pause):
    hits = 0
    while hits < count:
        for front in scene.world.fronts():
            pids = front.workers()
            if pids and hits < count:
                at_work = sorted(set(scene.world.busy()) & set(pids))  # mostly they are idle
                with contextlib.suppress(ProcessLookupError):
                    os.kill(scene.chance.choice(at_work or pids), number)
                    hits += 1
        time.sleep(pause)
    scene.ended()
    return hits


@scenario()
def kill_workers(scene):
    """kill -9 of 1,000 workers, whatever they are doing."""
    scene.note(kills=hit_workers(scene, signal.SIGKILL, scene.times(1000, 20), 0.1))


@scenario()
def end_workers(scene):
    """SIGTERM to 200 workers: who is at work finishes it."""
    scene.note(signals=hit_workers(scene, signal.SIGTERM, scene.times(200, 10), 0.2))


WRITE_MIX = {"get": 4, "post": 2, "item": 2, "event": 2, "events": 6, "items": 6}


@scenario(kinds=WRITE_MIX, margin=1.9)
def kill_writers(scene):
    """kill -9 of workers within batches of items and of events, held there by a locked table; the client sends them again."""
    world, kills = scene.world, 0
    for number in range(scene.times(60, 6)):
        with world.database.locked(("items", "events")[number % 2]):
            time.sleep(0.1 + scene.chance.random() * 0.3)
            for pid in world.busy() or scene.chance.sample(world.workers(), 8):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
                    kills += 1
        time.sleep(0.3)
    scene.ended()
    scene.note(kills=kills)


@scenario(margin=1.9)
def end_pools(scene):
    """SIGTERM to all workers of both pools at once, 10 times, as a deployment does it that replaces the worker's file."""
    for _ in range(scene.times(10, 3)):
        for front in scene.world.fronts():
            front.signal_workers(signal.SIGTERM)
        scene.ended()
        time.sleep(2 + scene.chance.random())


@scenario(margin=1.9)
def kill_web_server(scene):
    """kill -9 of both web servers, 5 times each, and a new start as an init system would do it; their workers must not be left over."""
    left, world = 0, scene.world
    for _ in range(scene.times(5)):
        for front in world.fronts():
            before = set(front.workers())
            assert world.kill_front(front)
            with contextlib.suppress(AssertionError):
                wait_until(lambda before=before, front=front: not before & set(front.workers()), 3, "the workers end")
            left += len(before & set(front.workers()))
            front.script("start", front.kind, front.directory, front.port)
            time.sleep(1)
        scene.ended()
        time.sleep(2)
    scene.note(workers_left=left)


# ---- MariaDB


@scenario(margin=1.5)
def kill_database(scene):
    """kill -9 of MariaDB, 20 times, each time started again at once."""
    count, down = scene.times(20), 0.0
    for _ in range(count):
        begin = time.monotonic()
        scene.world.kill_database()
        scene.world.restart_database()
        scene.ended()
        down = max(down, scene.ends[-1] - begin)
        time.sleep(1.5 + scene.chance.random())
    scene.note(kills=count, longest_down_s=round(down, 2))


@scenario()
def stop_database(scene):
    """SIGSTOP to MariaDB for 30 s: it accepts and never answers."""
    seconds = max(4, 30 * scene.scale)
    with scene.world.database.frozen():
        time.sleep(seconds)
    scene.ended()
    scene.note(seconds=seconds)


@scenario()
def cut_connections(scene):
    """KILL of every connection of the workers, again and again for 10 s."""
    killed, end = 0, time.monotonic() + max(3, 10 * scene.scale)
    while time.monotonic() < end:
        killed += scene.world.database.kill_connections()
        time.sleep(0.02)
    scene.ended()
    scene.note(kills=killed)


@scenario(margin=1.7)
def lock_waits(scene):
    """Tables locked, rows locked, commits held up, each longer than a worker waits for a lock."""
    database = scene.world.database
    for _ in range(scene.times(3)):
        for lock in (lambda: database.locked("decisions"), database.commits_blocked, lambda: database.locked("items"),
                     lambda: database.rows_locked("SELECT * FROM decisions WHERE tenant_id >= %s FOR UPDATE", scene.world.tenant)):
            with lock():
                time.sleep(2.5)
            scene.ended()
            time.sleep(1.8)


@scenario()
def deadlocks(scene):
    """A transaction that takes the workers' locks in the other order, and has done more, so that MariaDB undoes theirs."""
    world, database = scene.world, scene.world.database
    before, tries = database.deadlocks(), scene.times(60, 5)
    ballast = world.stand.tenant_id("ballast")
    for _ in range(tries):
        other = database.connect()
        try:
            other.begin()
            with contextlib.suppress(pymysql.Error), other.cursor() as cursor:
                cursor.execute("SET innodb_lock_wait_timeout = 2")
                cursor.execute("UPDATE events SET quantity = quantity + 1 WHERE tenant_id = %s", (ballast,))
                cursor.execute("SELECT decision_id FROM decisions WHERE tenant_id >= %s ORDER BY decision_id DESC LIMIT 1 FOR UPDATE",
                               (world.tenant,))
                wait_until(lambda: database.waiting("INSERT INTO decisions"), 2, "a worker waits")
                cursor.execute("SELECT COUNT(*) FROM entity_embeddings WHERE tenant_id = %s FOR UPDATE", (world.tenant,))
        except AssertionError:
            pass
        finally:
            with contextlib.suppress(pymysql.Error):
                other.rollback()
            other.close()
        time.sleep(0.1)
    scene.ended()
    scene.note(deadlocks=database.deadlocks() - before)


@scenario()
def full_database_disk(scene):
    """No byte left under MariaDB until 50 requests have been refused, or for a minute."""
    world = scene.world
    if not world.database_disk:
        raise Skip("needs root and a loop device")
    filler = world.database.directory / "filler"
    try:
        fill(filler)
        def refused():
            return sum(record["outcome"] == "refused" for record in scene.load.records())
        until, before = time.monotonic() + max(15, 60 * scene.scale), refused()
        while time.monotonic() < until and refused() < before + 50:
            time.sleep(0.25)
            fill(filler)
        scene.note(refusals=refused() - before)
    finally:
        filler.unlink(missing_ok=True)
    scene.ended()


def fill(path):
    """Writes until the disk is full."""
    with contextlib.suppress(OSError), open(path, "ab", buffering=0) as file:
        block = b"\xa5" * (1 << 20)
        while len(block) >= 512:
            try:
                while file.write(block) == len(block):
                    pass
            except OSError:
                pass
            block = block[:len(block) // 8]


# ---- The model


def replace(path, data):
    """As `palate train` does it: never in place."""
    new = path.with_name("fault.tmp")
    new.write_bytes(data)
    new.chmod(0o644)
    os.rename(new, path)


def generations(world, since):
    return {row[0] for row in world.database.execute("SELECT DISTINCT model_generation FROM decisions WHERE created_at >= %s", since)}


def database_time(world):
    return world.database.execute("SELECT CURRENT_TIMESTAMP(6)")[0][0]


@scenario()
def full_model_disk(scene):
    """No byte left under the model directory: training fails and says so, the old model goes on, nothing half made stays."""
    world = scene.world
    if not world.model_disk:
        raise Skip("needs root and a tmpfs")
    path, filler = world.model_path(), world.stand.models / "filler"
    before = set(world.stand.models.iterdir())
    failed = 0
    for _ in range(scene.times(5)):
        fill(filler)  # again each time: a worker may have let go of an older model
        failed += world.stand.tool.run("train", "--tenant", "shop", check=False).returncode != 0
        time.sleep(0.5)
    left = set(world.stand.models.iterdir()) - before - {filler}
    filler.unlink()
    scene.ended()
    assert failed and not left and path == world.model_path() and path.exists(), (failed, left)
    world.stand.tool.train("shop")
    scene.note(trainings_refused=failed, files_left=len(left))


def with_version(data, version):
    """The same file as a later release would write it, its checksum right: only the version is refused."""
    head_bytes = struct.unpack_from("<I", data, 16)[0]
    head = bytearray(data[:head_bytes])
    struct.pack_into("<I", head, 8, version)
    struct.pack_into("<I", head, 92, 0)
    struct.pack_into("<I", head, 92, zlib.crc32(head))
    return bytes(head) + data[head_bytes:]


DAMAGE = {
    "truncated": lambda data: data[:len(data) // 2],
    "cut by a byte": lambda data: data[:-1],
    "corrupted": lambda data: data[:20] + bytes([data[20] ^ 1]) + data[21:],
    "zeros": lambda data: b"\0" * len(data),
    "future version": lambda data: with_version(data, struct.unpack_from("<I", data, 8)[0] + 1),
    "missing": lambda data: None,
}


@scenario(margin=1.9)
def damaged_models(scene):
    """A truncated, corrupted, future-versioned and missing model under new and old workers; then a good one by training."""
    world, refused = scene.world, 0
    for damage in DAMAGE.values():
        path = world.model_path()
        kept = path.read_bytes()
        data = damage(kept)
        if data is None:
            path.unlink()
        else:
            replace(path, data)
        time.sleep(0.5)
        for front in world.fronts():
            front.signal_workers(signal.SIGTERM)
        time.sleep(1.5)
        moment = database_time(world)
        time.sleep(1)
        refused += 0 in generations(world, moment)
        world.stand.tool.train("shop")
        scene.ended()
        time.sleep(0.5)
        moment = database_time(world)
        time.sleep(1)
        newest, = world.database.execute("SELECT MAX(generation) FROM models WHERE tenant_id = %s", world.tenant)[0]
        time.sleep(0.5)
        assert generations(world, moment) == {newest}, "half a second after its training every answer is from the new model"
    assert refused == len(DAMAGE), "workers that start on a bad model answer without one"
    scene.note(models_refused=refused)


@scenario()
def swapped_models(scene):
    """Another model put in place 100 times in a minute: two trained ones by turns, since a training takes longer than that."""
    world, count = scene.world, scene.times(100, 3)
    path, models = world.model_path(), []
    for _ in range(2):
        world.stand.tool.train("shop")
        models.append(path.read_bytes())
    begin, moment = time.monotonic(), database_time(world)
    for number in range(count):
        replace(path, models[number % 2])
        time.sleep(max(0.0, begin + (number + 1) * 0.6 - time.monotonic()))
    replace(path, models[1])
    scene.ended()
    seconds, used = time.monotonic() - begin, generations(world, moment)
    assert len(used) == 2 and 0 not in used, f"both models answer, and nothing else: {used}"
    scene.note(swaps_per_minute=round(60 * count / seconds), generations_used=len(used))


# ---- The remote recommender

REMOTE_MIX = {"post": 2, "get": 1, "lenient": 6, "strict": 6}


def remote_misbehaves(scene, modes, answers=(None,)):
    """Each of the modes for a moment; after it, good replies again."""
    remote = scene.world.remote
    good = remote.answer
    remote.requests.clear()
    try:
        for mode in modes:
            for answer in answers:
                remote.mode, remote.answer = mode, good if answer is None else answer
                time.sleep(max(1.5, 5 * scene.scale / len(answers)))
            remote.mode, remote.answer = "list", good
            scene.ended()
            time.sleep(2.5)
    finally:
        remote.mode, remote.answer = "list", good
        asked = len(remote.requests)
    scene.note(asked=asked)


@scenario(kinds=REMOTE_MIX, margin=2.4)
def remote_hangs(scene):
    """It takes the question and never answers."""
    remote_misbehaves(scene, ["hang"])


@scenario(kinds=REMOTE_MIX, margin=2.4)
def remote_drips(scene):
    """It answers a byte at a time."""
    remote_misbehaves(scene, ["drip"])


@scenario(kinds=REMOTE_MIX, margin=2.4)
def remote_lies_about_length(scene):
    """It announces more than it sends, less than it sends, or closes in the middle."""
    remote_misbehaves(scene, ["long", "short", "cut"])


@scenario(kinds=REMOTE_MIX, margin=2.4)
def remote_sends_100_mb(scene):
    """100 MB, announced and not announced, and headers without end."""
    remote_misbehaves(scene, ["huge", "flood", "headers"])


@scenario(kinds=REMOTE_MIX, margin=2.4)
def remote_sends_wrong_json(scene):
    """HTML, another shape, no HTTP at all, nothing."""
    remote_misbehaves(scene, ["text", "shape", "garbage", "nothing"])


WRONG_SCORES = [b'{"results": [{"item_id": "ki-01", "score": NaN}, {"item_id": "ki-02", "score": 1e999}, {"item_id": "ki-03", "score": -5}]}',
                b'{"results": [{"item_id": "ki-01", "score": "high"}, {"item_id": "el-01", "score": 7}, {"item_id": 5, "score": 1}]}',
                b'{"results": [{"item_id": "ki-01", "score": 0.1}, {"item_id": "ki-01", "score": 0.9}, {"item_id": "' + b"x" * 5000 + b'"}]}']


@scenario(kinds=REMOTE_MIX, margin=2.4)
def remote_sends_wrong_scores(scene):
    """Scores that are no numbers, out of range or of strangers' items: never shown, the rest is filled up."""
    remote = scene.world.remote
    remote.do_bytes = lambda connection, asked: connection.sendall(whole(remote.answer))
    remote_misbehaves(scene, ["bytes"], [*WRONG_SCORES, results(), results(("bo-01", 0.9), ("no-such", 1))])


# ---- Clocks and clients

FAKETIME = ("/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1", "/usr/lib/aarch64-linux-gnu/faketime/libfaketime.so.1")


def clock_front(world):
    """A lighttpd of its own whose workers read the time of day through libfaketime. The file it reads lies where they may read."""
    library = next((path for path in FAKETIME if os.path.exists(path)), None)
    if not library or world.sanitized:
        raise Skip("needs the package faketime, and the release build" if not library else "libfaketime and sanitizers exclude each other")
    set_clock(world, 0)
    environment = {"LD_PRELOAD": library, "FAKETIME_TIMESTAMP_FILE": str(world.stand.models / "clock"), "FAKETIME_NO_CACHE": "1",
                   "FAKETIME_DONT_FAKE_MONOTONIC": "1", "FAKETIME_DONT_RESET": "1"}
    front = Front(world.stand, "lighttpd", "clock", world.configuration, 4)
    folder = front.directory / "lighttpd"
    folder.mkdir(parents=True)
    program, script = folder / "clock.fcgi", world.root / "clock-worker"
    shutil.copy(BUILD / "palate.fcgi", program)
    exports = "".join(f"export {name}='{value}'\n" for name, value in environment.items())
    script.write_text(f"#!/bin/sh\n{exports}exec '{program}'\n")
    for path in (program, script):
        path.chmod(0o755)
    front.environment["PALATE_WORKER"] = str(script)
    world.stand.fronts["clock", "lighttpd"] = front
    front.start()
    return [("lighttpd", front.port)]


def set_clock(world, seconds):
    replace(world.stand.models / "clock", f"{seconds:+d}\n".encode())


@scenario(fronts=clock_front, allowed=(401,), margin=1.5)
def clock_jumps(scene):
    """The workers' clocks jump by minutes, hours and days, to and fro. Tokens may be refused as too old; nothing else changes."""
    jumps = 0
    for _ in range(scene.times(2)):
        for seconds in (600, -600, 3600, -3600, 172800, -172800):
            set_clock(scene.world, seconds)
            time.sleep(0.7)
            jumps += 1
        set_clock(scene.world, 0)
        scene.ended()
        time.sleep(1.6)
    scene.note(jumps=jumps)


def request_bytes(world, name):
    body = b'{"sequence_data": {}, "task": "product_recommendation", "template": "popular", "quantity": 5}'
    return (f"POST /api/recommend/recommend HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {world.token}\r\nX-Request-Id: {name}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n").encode() + body


@scenario()
def slow_clients(scene):
    """64 clients that send a byte a second, half of them in the head, half in the body, then go away: no worker waits for them."""
    connections = []
    for number in range(64):
        _, port = scene.world.ports()[number % 2]
        begin, name = time.monotonic(), str(uuid.UUID(int=scene.chance.getrandbits(128), version=4))
        whole_request = request_bytes(scene.world, name)
        connection = socket.create_connection(("127.0.0.1", port), timeout=5)
        at = 10 if number % 4 < 2 else whole_request.index(b"\r\n\r\n") + 8
        connection.sendall(whole_request[:at])
        connections.append((connection, whole_request[at:], name, begin))
    for second in range(max(4, int(20 * scene.scale))):
        for connection, rest, _, _ in connections:
            with contextlib.suppress(OSError):
                connection.sendall(rest[second:second + 1])
        time.sleep(1)
    for connection, _, name, begin in connections:
        connection.close()
        scene.asked_by_hand(name, begin)
    scene.ended()
    scene.note(clients=len(connections))


@scenario()
def early_closers(scene):
    """500 clients that send a whole request and close, at once or a few milliseconds later: each leaves both rows or none."""
    count = scene.times(500, 50)
    for number in range(count):
        _, port = scene.world.ports()[number % 2]
        begin, name = time.monotonic(), str(uuid.UUID(int=scene.chance.getrandbits(128), version=4))
        with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
            connection.sendall(request_bytes(scene.world, name))
            time.sleep(scene.chance.random() * 0.01)
        scene.asked_by_hand(name, begin)
        time.sleep(0.02)
    scene.ended()
    scene.note(clients=count)


# ---- Greed

GREEDY_POOLS = {"lighttpd": 8, "apache-fcgid": 32}
GREEDY_ITEMS, GREEDY_LETTERS = 4000, 2000
# On each of its items 50 patterns that all but match at every place; and a remote recommender that always answers just in time.
GREEDY_CONTEXTS = {
    201: ("patterns", {"quantity": 1, "filters": [{"column": "text", "operator": "LIKE", "value": "%" + "_" * 160 + f"{number:02}Q", "logic": "OR"}
                                                  for number in range(50)]}),
    202: ("late", {"quantity": 1, "recommender": "remote", "on_failure": "embedded"}),
}


def plant_greedy(world):
    """The greedy tenant, once, with texts that are all different."""
    if hasattr(world, "greedy_token"):
        return
    tool = world.stand.tool
    tool.tenant("greedy")
    tool.client("greedy", "greedy-client")
    items = [{"id": f"g-{number}", "name": f"Thing {number}", "metadata": {"text": "a" * GREEDY_LETTERS + str(number)}} for number in range(GREEDY_ITEMS)]
    tool.items("greedy", write_items(world.root / "import" / "greedy.jsonl", items))
    for number, (key, settings) in GREEDY_CONTEXTS.items():
        tool.context("greedy", number, key, settings)
    tool.train("greedy")
    world.greedy_token = sign(claims_for("greedy-client", scope=READ, exp=int(time.time()) + 6 * 3600), world.stand.secret)


def shared_fronts(world):
    """Both web servers again, with workers that count together and no other bound on those that wait for the remote recommender."""
    plant_greedy(world)
    states = world.stand.root / "states"
    path = world.stand.configure("greedy.conf", limits={"state_file": states / "limits"}, remote={
        "url": world.remote.url("/list"), "http_hosts": "127.0.0.1", "timeout_ms": 1000, "max_waiting": 64, "breaker_failures": 16,
        "state_file": states / "greedy.state"})
    fronts = [world.stand.front(kind, "greedy", path, workers) for kind, workers in GREEDY_POOLS.items()]
    return [(front.kind, front.port) for front in fronts]


def slowest_hundredth(scene, front, begin, end):
    """p99 in milliseconds of the requests to a front that began in that time."""
    times = sorted(record["end"] - record["begin"] for record in scene.load.records()
                   if record["front"] == front and begin <= record["begin"] < end)
    return 1000 * times[int(len(times) * 0.99)]


# On a machine so busy that each answer takes 100 ms the other tenant may come to its own share, too.
@scenario(fronts=shared_fronts, kinds={"post": 1, "get": 1, "filtered": 1}, allowed=(503,), rate=100, watch=1.0)
def greedy_tenant(scene):
    """One tenant asks as expensively as it may over 64 connections; another's p99 at 50 requests a second stays under three times what it
    is alone, with 8 workers under lighttpd and 32 under Apache. Refused connections come again as Retry-After says."""
    world, seconds = scene.world, max(4.0, 20 * scene.scale)
    world.remote.do_late = lambda connection, asked: (time.sleep(0.3), connection.sendall(whole(world.remote.answer)))
    mode, world.remote.mode = world.remote.mode, "late"
    paths = [f"/recommendations?user_id=greedy&context_id={number}" for number in GREEDY_CONTEXTS]
    for kind in GREEDY_POOLS:
        front = world.front(kind, "greedy")
        with jobs.greedy(front.port, world.greedy_token, paths):
            time.sleep(5)  # Apache starts workers only as they are needed
        time.sleep(1)
        memory, begin = world.private_mib(front), time.monotonic()
        time.sleep(seconds)
        middle = time.monotonic()
        with jobs.greedy(front.port, world.greedy_token, paths) as greedy:
            time.sleep(seconds)
            end = time.monotonic()
        scene.ended()
        time.sleep(1)  # what began before the end has its answer by then
        alone, beside = slowest_hundredth(scene, kind, begin, middle), slowest_hundredth(scene, kind, middle, end)
        name = kind.split("-")[0]
        scene.note(**{f"{name}_p99_alone_ms": round(alone, 1), f"{name}_p99_beside_ms": round(beside, 1),
                      f"{name}_p99_times": round(beside / alone, 2), f"{name}_greedy_answered": greedy.counts.get("200", 0) + greedy.counts.get("400", 0),
                      f"{name}_greedy_refused": greedy.counts.get("503", 0), f"{name}_growth_mib": round(world.private_mib(front) - memory, 1)})
    world.remote.mode = mode
    scene.note(other_refused=sum(record["status"] == 503 for record in scene.load.records()))
