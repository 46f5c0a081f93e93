"""An event that is sent again is stored once, whatever happens in between; nothing that was acknowledged is lost."""
import contextlib
import http.client
import json
import os
import random
import signal
import subprocess
import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest

from harness.client import Api
from harness.commit_proxy import CommitProxy
from harness.shapes import check_events_answer, check_object_error, check_plain_error
from harness.stand import BUILD, LOCK_TIMEOUT, wait_until
from harness.tokens import BOTH


@pytest.fixture
def api(quick, mint):
    return Api(quick, mint(scope=BOTH))


@pytest.fixture
def pooled(pool, mint):
    return Api(pool, mint(scope=BOTH))


@pytest.fixture
def user():
    return f"once-{uuid.uuid4()}"


def send(api, body):
    return api.call("POST", "/v1/events", body)


def stored(database, stand, user):
    return database.execute("SELECT COUNT(*) FROM events WHERE tenant_id = %s AND user_id = %s", stand.tenant_id("alpha"), user)[0][0]


def batch(user, size=200, **more):
    """Distinct events, each with the client's own time."""
    items = ("el-01", "bo-01", "ga-01", "1001", "mu-01")
    return [{"user_id": user, "item_id": items[number % 5], "type": "view", "client_ts": f"2024-06-01T00:{number // 60:02}:{number % 60:02}.000Z",
             **more} for number in range(size)]


# ---- What makes an event the same


@pytest.mark.parametrize("live_first", [True, False])
def test_a_live_event_and_its_row_in_a_file(api, user, database, stand, tmp_path, live_first):
    """One, where both have the id of the order's line; else nothing tells them from a second purchase."""
    events = [{"user_id": user, "item_id": "el-01", "type": "purchase", "occurred_at": 1717200000, "deduplication_id": f"{user}-1"},
              {"user_id": user, "item_id": "el-02", "type": "purchase", "occurred_at": 1717200000}]
    path = tmp_path / "history.jsonl"
    path.write_text("".join(json.dumps(event) + "\n" for event in events))
    for live in (live_first, not live_first):
        if live:
            check_events_answer(send(api, events))
        else:
            stand.tool.events("alpha", path)
    counts = database.execute("SELECT item_id, COUNT(*) FROM events WHERE tenant_id = %s AND user_id = %s GROUP BY item_id", stand.tenant_id("alpha"), user)
    assert dict(counts) == {"el-01": 1, "el-02": 2}


@pytest.mark.parametrize("name", ["deduplication_id", "deduplicationId", "idempotency_key", "idempotencyKey", "message_id", "messageId"])
def test_a_deduplication_id_makes_it_the_same(api, user, database, stand, name):
    event = {"user_id": user, "item_id": "el-01", "type": "view", name: user}
    first = check_events_answer(send(api, event))
    again = check_events_answer(send(api, {**event, "occurred_at": 1717200005}))
    assert (first["inserted"], again["inserted"], again["processed"]) == (1, 0, 1)
    assert again["data"] == first["data"]
    assert stored(database, stand, user) == 1


def test_a_repeated_event_is_answered_as_it_is_stored(api, user):
    event = {"user_id": user, "item_id": "el-01", "type": "view", "deduplication_id": user, "occurred_at": 1717200000, "session_id": "s",
             "request_id": "r", "context_id": "101", "placement": "home", "metadata": {"a": 1}, "view": {"seconds": 3}}
    first = check_events_answer(send(api, event))
    for more in ({}, {"occurred_at": 1717200001, "session_id": "t", "request_id": "q", "context_id": "7", "placement": "cart", "metadata": {"b": 2}, "view": None},
                 {"session_id": None, "request_id": None, "context_id": None, "placement": None, "metadata": None}):
        for body in ({**event, **more}, [{**event, **more}]):
            assert check_events_answer(send(api, body))["data"] == first["data"]
    assert api.call("GET", f"/v1/events/{first['data'][0]['id']}").json() == first["data"][0]


@pytest.mark.parametrize("other", [{"user_id": "another"}, {"item_id": "el-02"}, {"type": "click"}, {"item_id": None, "type": None, "query": "shoes"}])
def test_its_id_does_for_no_other_event(api, user, database, stand, other):
    event = {"user_id": user, "item_id": "el-01", "type": "view", "deduplication_id": user}
    first = check_events_answer(send(api, event))
    other = {**event, **other}
    check_object_error(send(api, other), 409, "deduplication_conflict")
    check_plain_error(api.call("POST", "/events", other), "deduplication_conflict")
    body = check_events_answer(send(api, [other, event, {**event, "deduplication_id": f"{user}-2"}]))
    assert [(entry["index"], entry["code"]) for entry in body["errors"]] == [(0, "deduplication_conflict")]
    assert body["data"][0] == first["data"][0] and (body["inserted"], body["processed"]) == (1, 3)
    assert stored(database, stand, user) == 2 and not stored(database, stand, "another")


def test_two_events_with_one_id_in_one_list(api, user, database, stand):
    event = {"user_id": user, "item_id": "el-01", "type": "view", "deduplication_id": user}
    body = check_events_answer(send(api, [event, {**event, "item_id": "el-02"}]))
    assert [entry["index"] for entry in body["errors"]] == [1] and len(body["data"]) == 1
    assert stored(database, stand, user) == 1


def test_a_search_that_is_refused_leaves_no_impression(api, user, database, stand):
    """Nor does one that is sent again with more results: both would be known by the search's id alone."""
    search = {"user_id": user, "query": "shoes", "result_item_ids": ["el-01"], "deduplication_id": user}
    check_events_answer(send(api, search))
    other = {**search, "user_id": f"{user}-2", "result_item_ids": ["el-01", "el-02", "el-03"]}
    check_object_error(send(api, other), 409, "deduplication_conflict")
    more = {**other, "deduplication_id": f"{user}-2"}
    body = check_events_answer(send(api, [other, {**search, "result_item_ids": ["el-01", "el-02"]}, more]))
    assert [entry["index"] for entry in body["errors"]] == [0] and (body["inserted"], body["processed"]) == (1, 3)
    assert (stored(database, stand, user), stored(database, stand, f"{user}-2")) == (2, 4)


def test_all_spellings_of_the_id_are_one(api, user, database, stand):
    for name in ("deduplication_id", "idempotencyKey", "message_id"):
        check_events_answer(send(api, {"user_id": user, "item_id": "el-01", "type": "view", name: user}))
    assert stored(database, stand, user) == 1


def test_the_same_id_twice_in_one_list_is_one_event(api, user, database, stand):
    event = {"user_id": user, "item_id": "el-01", "type": "view", "deduplication_id": user}
    body = check_events_answer(send(api, [event, event, event]))
    assert (body["inserted"], body["processed"]) == (1, 3)
    assert len({entry["id"] for entry in body["data"]}) == 1
    assert stored(database, stand, user) == 1


def test_the_clients_time_makes_it_the_same(api, user, database, stand):
    event = {"user_id": user, "item_id": "el-01", "type": "view", "occurred_at": 1717200000, "client_ts": "2024-06-01T00:00:00.123Z",
             "session_id": "s", "request_id": "r"}
    first = check_events_answer(send(api, event))
    for same in (event, [event], {**event, "type": 1, "userId": "ignored"}, {**event, "metadata": {"a": 1}}):
        again = check_events_answer(send(api, same))
        assert again["inserted"] == 0 and again["data"][0]["id"] == first["data"][0]["id"]
    others = ({"item_id": "el-02"}, {"type": "click"}, {"occurred_at": 1717200001}, {"client_ts": "2024-06-01T00:00:00.124Z"},
              {"session_id": "t"}, {"request_id": None})
    for other in others:
        assert check_events_answer(send(api, {**event, **other}))["inserted"] == 1
    assert stored(database, stand, user) == 1 + len(others)


def test_equal_events_of_one_list_are_several_and_stay_so(api, user, database, stand):
    event = {"user_id": user, "item_id": "el-01", "type": "view", "client_ts": "2024-06-01T00:00:00.123Z"}
    first = check_events_answer(send(api, [event] * 3))
    assert first["inserted"] == 3 and len({entry["id"] for entry in first["data"]}) == 3
    again = check_events_answer(send(api, [event] * 3))
    assert again["inserted"] == 0 and again["data"] == first["data"]
    more = check_events_answer(send(api, [event] * 5))
    assert more["inserted"] == 2 and more["data"][:3] == first["data"]
    assert stored(database, stand, user) == 5


def test_without_either_every_event_counts(api, user, database, stand):
    event = {"user_id": user, "item_id": "el-01", "type": "view", "occurred_at": 1717200000}
    for _ in range(3):
        assert check_events_answer(send(api, event))["inserted"] == 1
    assert stored(database, stand, user) == 3


def test_a_list_that_is_new_in_part(api, user, database, stand):
    events = batch(user, 60)
    first = check_events_answer(send(api, events[10:30]))
    body = check_events_answer(send(api, events))
    assert (body["inserted"], body["processed"]) == (40, 60)
    assert body["data"][10:30] == first["data"]
    assert stored(database, stand, user) == 60


def test_a_large_list_takes_several_inserts(api, user, database, stand):
    """200 events of up to 26 KiB of metadata each are more than one packet may hold."""
    events = batch(user, metadata={"text": "x" * 26000})
    first = check_events_answer(send(api, events))
    assert first["inserted"] == 200 and [int(event["id"]) for event in first["data"]] == sorted(int(event["id"]) for event in first["data"])
    assert check_events_answer(send(api, events))["data"] == first["data"]
    assert stored(database, stand, user) == 200


# ---- Concurrently, and with deaths


def until_stored(api, events):
    """What a client does: sends again until it is told that the events are stored."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        with contextlib.suppress(OSError, http.client.HTTPException):
            answer = send(api, events)
            if answer.status == 200:
                return check_events_answer(answer)
            assert answer.status >= 500, answer
        time.sleep(0.05)
    raise AssertionError("never stored")


def test_one_batch_sent_by_many_at_once_while_workers_die(pooled, database, stand):
    """Each batch goes out one to five times at the same moment, through eight workers, one of which is killed in between."""
    chance, end, rounds = random.Random(3), time.monotonic() + 25, 0
    killed = 0
    with ThreadPoolExecutor(8) as threads:
        while rounds < 12 or (time.monotonic() < end and rounds < 30):
            user = f"once-{uuid.uuid4()}"
            events = batch(user, chance.choice((1, 50, 200)))
            times = 1 + rounds % 5
            calls = [threads.submit(until_stored, pooled, events) for _ in range(times)]
            time.sleep(chance.random() * 0.03)
            with contextlib.suppress(IndexError, ProcessLookupError):
                os.kill(chance.choice(pooled.front.workers()), signal.SIGKILL)
                killed += 1
            bodies = [call.result() for call in calls]
            assert stored(database, stand, user) == len(events), f"round {rounds}"
            assert len({tuple(event["id"] for event in body["data"]) for body in bodies}) == 1, "everybody is told the same ids"
            rounds += 1
    assert killed >= 10
    pooled.front.settle()


def test_batches_that_cross_each_other_all_succeed(pooled, database, stand):
    """The same events in opposite orders at once: deadlocks, which nobody may notice."""
    before = database.deadlocks()
    end = time.monotonic() + 40
    while database.deadlocks() < before + 3 and time.monotonic() < end:
        user = f"once-{uuid.uuid4()}"
        events = [{**event, "deduplication_id": f"{user}-{number}"} for number, event in enumerate(batch(user, 120))]
        with ThreadPoolExecutor(6) as threads:
            bodies = list(threads.map(lambda order: check_events_answer(send(pooled, order)), [events, events[::-1]] * 3))
        assert stored(database, stand, user) == len(events)
        assert sum(body["inserted"] for body in bodies) == len(events)
    assert database.deadlocks() > before, "the test has lost its subject"


def test_connections_cut_in_the_middle_lose_nothing(pooled, database, stand):
    stop = threading.Event()

    def cut():
        while not stop.wait(0.15):
            database.kill_connections()
    cutter = threading.Thread(target=cut)
    cutter.start()
    try:
        users = [f"once-{uuid.uuid4()}" for _ in range(24)]
        with ThreadPoolExecutor(4) as threads:
            list(threads.map(lambda user: until_stored(pooled, batch(user, 40)), users))
    finally:
        stop.set()
        cutter.join()
    assert [stored(database, stand, user) for user in users] == [40] * len(users)


def test_a_table_that_is_locked_too_long_is_an_error_and_leaves_nothing(api, user, database, stand):
    with database.locked("events"):
        start = time.monotonic()
        check_object_error(send(api, batch(user, 3)), 500, "internal_error")
        assert time.monotonic() - start < 6 * LOCK_TIMEOUT + 3
    assert stored(database, stand, user) == 0
    assert check_events_answer(send(api, batch(user, 3)))["inserted"] == 3


def test_a_worker_killed_before_its_commit_leaves_nothing(pooled, user, database, stand):
    with ThreadPoolExecutor(1) as threads:
        with database.commits_blocked():
            call = threads.submit(send_quietly, pooled, batch(user, 50))
            wait_until(lambda: database.waiting("INSERT IGNORE"), 10, "a worker waits for its COMMIT")
            for pid in pooled.front.workers():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        call.result()
    pooled.front.settle()
    assert stored(database, stand, user) in (0, 50), "all or nothing"
    until_stored(pooled, batch(user, 50))
    assert stored(database, stand, user) == 50


def send_quietly(api, events):
    with contextlib.suppress(OSError, http.client.HTTPException):
        return send(api, events)
    return None


# ---- A COMMIT whose answer is lost


def ask_through(stand, proxy_path, token, events):
    """One call to a worker run as plain CGI whose database is behind the proxy."""
    text = (stand.root / "palate.conf").read_text()
    configuration = stand.write("proxy-events.conf", text.replace(str(stand.database.socket), str(proxy_path)))
    body = json.dumps(events).encode()
    environment = {name: value for name, value in stand.environment.items() if name.endswith("SAN_OPTIONS")}
    result = subprocess.run([BUILD / "palate.fcgi"], input=body, capture_output=True, timeout=60, env={
        **environment, "PATH": os.environ["PATH"], "PALATE_CONFIG": str(configuration), "REQUEST_METHOD": "POST", "REQUEST_URI": "/v1/events",
        "CONTENT_LENGTH": str(len(body)), "CONTENT_TYPE": "application/json", "HTTP_AUTHORIZATION": f"Bearer {token}"})
    head, _, rest = result.stdout.partition(b"\r\n\r\n")
    assert head.startswith(b"Status: "), result.stderr
    return int(head.split()[1]), json.loads(rest)


INSERT = b"INSERT IGNORE INTO events"
LARGE = {"text": "x" * 26000}  # 40 of these need more than one statement, so a transaction


@pytest.mark.parametrize("moment", ["after", "before"])
def test_a_lost_insert_is_sent_again(stand, mint, user, database, moment):
    """A small list is one statement, and its own transaction."""
    path = stand.root / f"events-{moment}.sock"
    with CommitProxy(path, stand.database.socket, moment, INSERT) as proxy:
        answer, body = ask_through(stand, path, mint(scope=BOTH), batch(user, 20))
    assert proxy.cuts == 1 and answer == 200
    assert stored(database, stand, user) == 20
    ids = [int(event["id"]) for event in body["data"]]
    assert database.execute("SELECT COUNT(*) FROM events WHERE event_id BETWEEN %s AND %s AND user_id = %s", ids[0], ids[-1], user) == ((20,),)


@pytest.mark.parametrize("moment", ["after", "before"])
def test_a_lost_insert_of_a_single_event_is_sent_again(stand, mint, user, database, moment):
    """Nothing in the event makes it the same, and yet it is stored once."""
    path = stand.root / f"events-single-{moment}.sock"
    with CommitProxy(path, stand.database.socket, moment, INSERT) as proxy:
        answer, body = ask_through(stand, path, mint(scope=BOTH), {"user_id": user, "item_id": "el-01", "type": "view"})
    assert proxy.cuts == 1 and answer == 200
    assert database.execute("SELECT event_id FROM events WHERE user_id = %s", user) == ((int(body["data"][0]["id"]),),)


@pytest.mark.parametrize("moment, status, rows", [("after", 200, 40), ("before", 500, 0)])
def test_a_lost_commit_is_settled(stand, mint, user, database, moment, status, rows):
    path = stand.root / f"events-large-{moment}.sock"
    with CommitProxy(path, stand.database.socket, moment) as proxy:
        answer, body = ask_through(stand, path, mint(scope=BOTH), batch(user, 40, metadata=LARGE))
    assert proxy.cuts == 1 and answer == status
    assert stored(database, stand, user) == rows
    if status == 200:
        assert body["inserted"] == 40


def test_a_lost_commit_is_not_taken_for_done_since_another_event_got_its_number(stand, mint, user, api, database):
    """So it goes where numbers are given again: in a Galera cluster that has put a node out, or behind a server that was killed."""
    other = f"other-{user}"
    check_events_answer(send(api, batch(other, 1)))
    (number,), = database.execute("SELECT AUTO_INCREMENT FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'events'")

    def take_number():
        database.execute("INSERT INTO events (tenant_id, event_id, user_id, item_id, event_type_id, occurred_at, deduplication)"
                         " SELECT tenant_id, %s, user_id, item_id, event_type_id, occurred_at, UNHEX(MD5(user_id)) FROM events WHERE user_id = %s",
                         number, other)
    path = stand.root / "events-number.sock"
    with CommitProxy(path, stand.database.socket, "before", between=take_number) as proxy:
        answer, _ = ask_through(stand, path, mint(scope=BOTH), batch(user, 40, metadata=LARGE))
    assert database.execute("SELECT user_id FROM events WHERE event_id = %s", number) == ((other,),)
    assert (proxy.cuts, answer, stored(database, stand, user)) == (1, 500, 0)


def test_a_lost_commit_of_events_that_were_there_before(stand, mint, user, api, database):
    first = check_events_answer(send(api, batch(user, 40, metadata=LARGE)))
    path = stand.root / "events-repeated.sock"
    with CommitProxy(path, stand.database.socket, "before") as proxy:
        answer, body = ask_through(stand, path, mint(scope=BOTH), batch(user, 40, metadata=LARGE))
    assert proxy.cuts == 1 and answer == 200 and body["inserted"] == 0
    assert [event["id"] for event in body["data"]] == [event["id"] for event in first["data"]]
    assert stored(database, stand, user) == 40


@pytest.mark.parametrize("size, metadata", [(20, None), (40, LARGE)])
def test_nobody_is_told_before_it_is_committed(api, user, database, stand, size, metadata):
    with ThreadPoolExecutor(1) as threads:
        with database.commits_blocked():
            call = threads.submit(send, api, batch(user, size, metadata=metadata))
            wait_until(lambda: database.waiting("INSERT IGNORE") or database.waiting("COMMIT"), 10, "a worker waits for its COMMIT")
            time.sleep(LOCK_TIMEOUT / 2)
            assert not call.done()
        assert check_events_answer(call.result())["inserted"] == size
    assert stored(database, stand, user) == size
