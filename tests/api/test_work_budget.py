"""The budget of work that a request has, what happens above it, and that nobody works for a client that has gone."""
import contextlib
import http.client
import json
import os
import signal
import time
from pathlib import Path

import pytest

from harness import fastcgi
from harness.catalogue import write_items
from harness.client import Api
from harness.fastcgi import cpu_seconds
from harness.shapes import check_object_error, check_plain_error, check_recommend_error, check_v1_recommendations
from harness.stand import processes_of, wait_until
from test_transactions import in_background

ITEMS, TEXT = 120, "ab " * 3300
# Each reads 120 texts of 10,000 letters, sixteen words of states for each: together some seconds.
HEAVY = [{"column": "description", "operator": "LIKE", "value": "%" + "_x" * 490 + str(number), "logic": "OR"} for number in range(50)]
CHEAP = {"column": "cheap", "operator": "=", "value": "yes"}
# Milliseconds: far below what such a request takes; between that and what a pause takes; far above it.
SMALL, MIDDLE, LARGE = 100, 200, 60000


def items(cheap):
    return [{"id": f"heavy-{number}", "name": f"Thing {number}", "description": f"{number} {TEXT}", "metadata": {"cheap": cheap}}
            for number in range(ITEMS)]


@pytest.fixture(scope="module", autouse=True)
def heavy(stand):
    folder = stand.root / "heavy"
    folder.mkdir()
    stand.tool.tenant("heavy")
    stand.tool.client("heavy", "heavy-client")
    stand.tool.items("heavy", write_items(folder / "items.jsonl", items("yes")))
    stand.tool.context("heavy", 1, "heavy", {"filters": HEAVY})


def limited(stand, kind, milliseconds, workers=1):
    path = stand.configure(f"work-{milliseconds}.conf", limits={"work_ms": milliseconds})
    return stand.front(kind, f"work-{milliseconds}", path, workers)


@pytest.fixture
def small(stand, mint):
    """The API of a worker that gives a request 100 ms."""
    return Api(limited(stand, "lighttpd", SMALL), mint("heavy-client"))


def load_catalogue(api):
    """Without an entry in the logs."""
    assert api.call("GET", "/v1/items/search?q=thing").status == 200


def expensive(call, *arguments, **more):
    """Calls again while other processes leave the worker less than a fifth of a processor: 503 is right then, and not what is tested."""
    for _ in range(10):
        answer = call(*arguments, **more)
        if answer.status != 503:
            return answer
    return pytest.skip("no processor is left for this test")


def heavy_request(api, **more):
    return api.call("POST", "/v1/recommendations", {"user_id": "u", "filters": HEAVY, **more}, timeout=60)


# ---- Above the budget

EXPENSIVE = [
    ("/v1/recommendations", {"user_id": "u", "filters": HEAVY}),
    ("/v1/recommendations", {"user_id": "u", "filters": HEAVY, "mode": "auto"}),
    ("/v1/recommendations", {"user_id": "heavy-1", "entity_type": "Item", "filters": HEAVY}),
    ("/v1/search", {"query": "thing", "filters": HEAVY}),
    ("/v1/explain", {"itemId": "heavy-1", "filters": HEAVY}),
    ("/recommendations", {"user_id": "u", "filters": HEAVY}),
    ("/search", {"query": "thing", "filters": HEAVY}),
    ("/explain", {"itemId": "heavy-1", "filters": HEAVY}),
]


@pytest.mark.parametrize("path, body", EXPENSIVE, ids=[f"{path} {','.join(body)}" for path, body in EXPENSIVE])
def test_what_takes_too_much_work_is_refused_and_not_logged(small, nothing_logged, path, body):
    answer = expensive(small.call, "POST", path, body)
    if path.startswith("/v1/"):
        check_object_error(answer, 400, "too_expensive")
    else:
        check_plain_error(answer, "too_expensive")


def test_the_first_document_says_it_in_its_own_shape(small, nothing_logged):
    check_recommend_error(expensive(small.recommend, template="heavy"), 400, "request")


def test_whatever_is_cheap_is_answered(small):
    """By the same worker, on the same items, between expensive requests."""
    for _ in range(3):
        check_object_error(expensive(heavy_request, small), 400, "too_expensive")
        assert len(check_v1_recommendations(small.v1(user_id="u", limit=10))["data"]) == 10


def test_a_later_page_has_a_budget_too(stand, small, one_row_each):
    """Of a list that was kept while its filter was cheap."""
    filters = [CHEAP, *HEAVY[:49]]
    body = check_v1_recommendations(heavy_request(small, filters=filters, limit=5))
    stand.tool.items("heavy", write_items(stand.root / "heavy" / "dear.jsonl", items("no")))
    answer = expensive(heavy_request, small, filters=filters, limit=5, starting_after=body["next_cursor"])
    check_object_error(answer, 400, "too_expensive")
    one_row_each(1)


def test_a_worker_that_is_held_up_blames_the_machine(stand, mint, nothing_logged):
    """Stopped in the middle of its work for longer than the budget: 503, as what it did by itself would have been no reason to refuse."""
    api = Api(limited(stand, "lighttpd", MIDDLE), mint("heavy-client"))
    load_catalogue(api)
    (pid,) = api.front.workers()
    before = cpu_seconds(pid)
    future = in_background(heavy_request, api)
    wait_until(lambda: cpu_seconds(pid) > before + 0.05, 10, "the worker is at work")
    os.kill(pid, signal.SIGSTOP)
    try:
        time.sleep(6 * MIDDLE / 1000)
    finally:
        os.kill(pid, signal.SIGCONT)
    answer = future.result()
    check_object_error(answer, 503, "overloaded")
    assert int(answer.headers["Retry-After"]) >= 1


# ---- Nobody waits any more


@pytest.fixture(scope="module")
def alone(stand):
    """A worker that nothing but its web server can stop."""
    path = stand.configure("work-alone.conf", limits={"work_ms": LARGE})
    with fastcgi.worker(stand, "work-alone", path) as worker:
        yield worker


def ask(worker, method, uri, mint, body=b""):
    """Asks, and reads the answer; the first record's head is cut off."""
    with worker.ask(method, uri, mint("heavy-client"), body) as connection:
        return fastcgi.read_all(connection)[8:]


def begin_heavy(worker, mint):
    """A heavy request that the worker is in the middle of."""
    assert ask(worker, "GET", "/v1/items/search?q=thing", mint).startswith(b"Status: 200"), "loads the catalogue"
    before = cpu_seconds(worker.pid)
    connection = worker.ask("POST", "/v1/recommendations", mint("heavy-client"), json.dumps({"user_id": "u", "filters": HEAVY}).encode())
    wait_until(lambda: cpu_seconds(worker.pid) > before + 0.1, 10, "the worker is at work")
    return connection


def test_a_worker_stops_when_its_connection_is_closed(alone, mint, nothing_logged):
    begin_heavy(alone, mint).close()
    before = cpu_seconds(alone.pid)
    assert ask(alone, "GET", "/v1/items/heavy-1", mint).startswith(b"Status: 200")
    assert cpu_seconds(alone.pid) - before < 1, "the heavy request takes several seconds"
    assert alone.log.read_text().count("error=client_gone") == 1


def test_a_worker_stops_when_its_request_is_aborted(alone, mint, nothing_logged):
    with begin_heavy(alone, mint) as connection:
        before = cpu_seconds(alone.pid)
        fastcgi.send(connection, fastcgi.ABORT_REQUEST)
        fastcgi.read_all(connection)
    assert cpu_seconds(alone.pid) - before < 1, "the heavy request takes several seconds"
    wait_until(lambda: alone.log.read_text().count("error=client_gone") == 2, 10, "the log says so")


@pytest.mark.parametrize("kind", ["apache-fcgid", "lighttpd"])
def test_a_worker_in_the_middle_of_its_work_ends_with_its_web_server(stand, mint, kind, nothing_logged):
    front = limited(stand, kind, LARGE)
    api = Api(front, mint("heavy-client"))
    load_catalogue(api)
    (pid,) = front.workers()
    before = cpu_seconds(pid)
    future = in_background(heavy_request, api)
    wait_until(lambda: cpu_seconds(pid) > before + 0.1, 10, "the worker is at work")
    for server in processes_of(f"/usr/sbin/{'apache2' if kind == 'apache-fcgid' else kind}"):
        with contextlib.suppress(OSError):
            if os.fsencode(front.directory) in Path(f"/proc/{server}/cmdline").read_bytes():
                os.kill(server, signal.SIGKILL)
    while front.workers():
        with contextlib.suppress(OSError):
            assert cpu_seconds(pid) - before < 2, "the worker ends, though its work takes several seconds"
        time.sleep(0.02)
    with pytest.raises((http.client.HTTPException, OSError)):
        future.result()
