"""What a body may cost: nothing before its sender's token is known to be good, and then no more memory than its text and 8 MiB.
And what an answer may: no worker, however slowly it is read."""
import json
import socket
import time
from contextlib import ExitStack
from pathlib import Path

import pytest

from harness.client import Api, request
from harness.shapes import check_object_error, check_plain_error
from harness.stand import BUILD, Front
from harness.tokens import READ, WRITE

MIB = 1024 * 1024
SANITIZED = b"__asan_init" in (BUILD / "palate.fcgi").read_bytes()
# Beside the body itself. With sanitizers each small piece of memory has a red zone around it and freed memory is kept for a while.
ROOM = (80 if SANITIZED else 8) * MIB


def list_of(entry, size):
    """A list of that text again and again, of about so many bytes."""
    return b"[" + b",".join([entry] * (size // (len(entry) + 1))) + b"]"


BOMB = list_of(b"{}", 6_000_000)  # as one tree 1.5 GB


def items(count, **more):
    return json.dumps([{"id": f"bodies-{number}", "name": "A \"thing\"", **more} for number in range(count)]).encode()


def events(count, **more):
    return json.dumps([{"user_id": "bodies", "item_id": "el-01", "type": "view", "context_id": "home", **more} for _ in range(count)]).encode()


def in_entry(text):
    return b'[{"id":"bodies-1","name":"x","metadata":{"a":' + text + b"}}]"


@pytest.fixture(scope="module")
def bodies(stand):
    """A tenant of its own: other tests know what the catalogues of the others hold."""
    stand.tool.tenant("bodies")
    stand.tool.run("client", "create", "--tenant", "bodies", "--id", "bodies-client", "--scopes", f"{READ} {WRITE}")
    stand.tool.items("bodies", stand.root / "import" / "items.jsonl")
    yield
    stand.tool.run("tenant", "disable", "bodies")


@pytest.fixture
def writer(bodies, mint):
    return mint("bodies-client", scope=f"{READ} {WRITE}")


@pytest.fixture(scope="module")
def lonely(stand):
    """A front with a single worker, whose memory is measured. What it has freed a sanitizer keeps only for a moment."""
    options = {"ASAN_OPTIONS": stand.environment["ASAN_OPTIONS"] + ":quarantine_size_mb=1"}
    front = Front(stand, "lighttpd", "bodies", stand.root / "palate.conf", workers=1)
    front.environment.update(options)
    stand.fronts["bodies", "lighttpd"] = front
    front.start()
    return front


def kib(worker, name):
    lines = Path(f"/proc/{worker}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name))


@pytest.fixture
def peak(lonely):
    """Sends a request; returns its status and how many bytes more the worker had at its peak than before."""
    def grown(path, body, token, kind="application/json"):
        api = Api(lonely, token)
        for small in (b"{}", b"[{}]"):  # all that it keeps for later is there
            api.call("POST", path, small, {"Content-Type": kind})
        worker, = lonely.workers()
        Path(f"/proc/{worker}/clear_refs").write_text("5")  # its peak is what it has now
        before = kib(worker, "VmHWM")
        status = api.call("POST", path, body, {"Content-Type": kind}).status
        assert lonely.workers() == [worker]
        return status, (kib(worker, "VmHWM") - before) * 1024
    return grown


def test_a_bomb_without_a_token_is_thrown_away(pool, stand):
    """Under each front with workers that go on; the others refuse so large a body themselves, or end their worker with it."""
    before = stand.rows()
    for token in (None, "bad"):
        begin = time.monotonic()
        check_object_error(Api(pool, token).call("POST", "/v1/items", BOMB), 401)
        assert time.monotonic() - begin < 2
    assert stand.rows() == before


ANYBODY = {
    "items": ("/v1/items", BOMB, 401),
    "events": ("/v1/events", BOMB, 401),
    "a recommendation": ("/recommendations", b'{"a":' + list_of(b"{}", 130_000) + b"}", 401),
    "a token": ("/oauth2/token", b'{"grant_type":"client_credentials","a":' + list_of(b"{}", 16_000) + b"}", 401),
    "a larger one for a token": ("/oauth2/token", b'{"a":' + list_of(b"{}", 130_000) + b"}", 413),
    "what takes no body": ("/openapi.json", BOMB, 405),
}


@pytest.mark.parametrize("what", ANYBODY)
def test_what_anybody_may_send_costs_little(peak, nothing_logged, what):
    path, body, status = ANYBODY[what]
    got, memory = peak(path, body, None)
    assert got == status
    assert memory < 6 * MIB, f"{memory / MIB:.1f} MiB"


SENT = {
    "a bomb of items": ("/v1/items", BOMB, 400),
    "a bomb of events": ("/v1/events", BOMB, 400),
    "a bomb in an entry": ("/v1/items", in_entry(list_of(b"{}", 1_000_000)), 400),
    "a bomb of keys": ("/v1/items", in_entry(b"{" + b",".join(b'"%x":1' % n for n in range(100_000)) + b"}"), 400),
    "heavy entries": ("/v1/items?on_conflict=update", b"[" + b",".join([in_entry(list_of(b"{}", 17_000))[1:-1]] * 30) + b"]", 200),
    "a bomb as an object": ("/recommendations", b'{"a":' + list_of(b"{}", 130_000) + b"}", 400),
    "a bomb as text": ("/recommendations?user_id=u", json.dumps({"scope": list_of(b"{}", 129_000).decode()}).encode(), 400),
    "a bomb as a form": ("/recommendations", "&".join(f"{n:x}" for n in range(26_000)).encode(), 400),
    "large items": ("/v1/items?on_conflict=update", items(1000, description='"word" ' * 600), 200),
    "events with payloads": ("/v1/events", events(200, view={"a": "x" * 28_000}), 200),
}


@pytest.mark.parametrize("what", SENT)
def test_a_body_costs_its_text_and_eight_mebibytes(peak, writer, what):
    path, body, status = SENT[what]
    got, memory = peak(path, body, writer, "application/x-www-form-urlencoded" if what.endswith("form") else "application/json")
    assert got == status
    assert memory < len(body) + ROOM, f"{memory / MIB:.1f} MiB for a body of {len(body) / MIB:.1f} MiB"


def test_a_bomb_is_told_what_it_is(api, writer):
    api = api.with_token(writer)
    bomb = list_of(b"{}", 100_000)
    for path, body in (("/v1/items", in_entry(bomb)), ("/v1/events", b"[{}," + bomb + b"]")):
        answer = api.call("POST", path, body)
        check_object_error(answer, 400, "invalid_json")
        assert "50,000" in answer.json()["error"]["message"]
    check_plain_error(api.call("POST", "/recommendations", b'{"a":' + bomb + b"}"), "invalid_json")
    check_object_error(api.call("POST", "/v1/items", BOMB), 400, "batch_size_exceeded")
    check_object_error(api.call("POST", "/v1/items", in_entry(b'"' + b"x" * MIB + b'"')), 413, "body_too_large")


def test_results_of_a_refused_search_shift_no_others(api, writer, shopper):
    """Of a list with a search that is refused and one that is not, the second one's results became nothing, or the first one's."""
    api = api.with_token(writer)
    search = {"user_id": shopper.id, "query": "lamp", "result_item_ids": ["el-01", "el-02"]}
    answer = api.call("POST", "/v1/events", [{**search, "result_item_ids": ["no-1", "no-2"], "weight": "bad"}, search])
    assert answer.json()["inserted"] == 1 and len(answer.json()["errors"]) == 1
    shown = api.call("GET", f"/v1/events?user_id={shopper.id}&type=impression").json()["data"]
    assert sorted(event["item_id"] for event in shown) == ["el-01", "el-02"]


# ---- Answers


@pytest.mark.parametrize("kind", ["apache-fcgid", "lighttpd"])
def test_whoever_reads_nothing_holds_no_worker(stand, kind):
    """Beyond what the kernel keeps for a client that is far away: segments as small as that keep its buffer small here, too."""
    front = stand.front(kind, "unread", workers=1)
    assert len(request(front.port, "GET", "/openapi.json").body) > 150_000
    with ExitStack() as stack:
        for _ in range(4):
            client = stack.enter_context(socket.socket())
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 536)
            client.connect(("127.0.0.1", front.port))
            client.sendall(b"GET /openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n")
            time.sleep(0.2)
        assert request(front.port, "GET", "/health", timeout=5).status == 200
