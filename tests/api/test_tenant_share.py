"""With several tenants at work none holds more than its share of the workers with requests that take long."""
import struct
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from harness.client import Api
from harness.fake_remote import FakeRemote, results
from harness.shapes import check_object_error, check_plain_error, check_recommend_error, check_recommendations_answer
from harness.stand import wait_until

WORKERS, SHARE = 8, 4
CONTEXT = 611


@pytest.fixture(scope="module")
def shared(stand):
    """A pool whose workers count together; long requests wait for a remote recommender, of which only alpha has one."""
    folder = stand.root / "share"
    folder.mkdir()
    folder.chmod(0o777)
    with FakeRemote() as service:
        service.answer = results(("mu-03", 0.9))
        path = stand.configure("share.conf", limits={"state_file": folder / "limits"},
                               remote={"url": service.url(), "http_hosts": "127.0.0.1", "timeout_ms": 15000, "max_waiting": 64,
                                       "breaker_failures": 16, "state_file": folder / "remote"})
        stand.tool.context("alpha", CONTEXT, "slow", {"recommender": "remote", "on_failure": "embedded", "quantity": 3})
        front = stand.front("lighttpd", "share", path, WORKERS)
        front.workers_seen = lambda: sum(owner != 0 for owner, *_ in struct.iter_unpack("QQQQ", (folder / "limits.workers").read_bytes()[64:]))
        yield front, service
        service.released.set()
        stand.fronts.pop(("share", "lighttpd")).stop()


def test_one_tenant_cannot_hold_all_workers(shared, stand, mint):
    front, service = shared
    greedy, other = (Api(front, mint(f"{tenant}-client")) for tenant in ("alpha", "beta"))

    def ask_slowly():
        return greedy.recommendations(user_id="greedy", context_id=CONTEXT)

    with ThreadPoolExecutor(32) as threads:
        def everybody_has_served():
            list(threads.map(lambda _: other.recommendations(user_id="u", quantity=1), range(32)))
            return front.workers_seen() == WORKERS
        wait_until(everybody_has_served, 10, "every worker has had a request")
        service.mode = "slow"
        check_recommendations_answer(ask_slowly())
        service.requests.clear()
        service.mode = "hold"
        waiting = [threads.submit(ask_slowly) for _ in range(2 * WORKERS)]

        def share_is_used_up():
            held = len(service.requests)
            if held < SHARE:
                waiting.append(threads.submit(ask_slowly))
            return held >= SHARE
        wait_until(share_is_used_up, 10, "as many as may are waiting")
        for _ in range(20):
            begin = time.monotonic()
            check_recommendations_answer(other.recommendations(user_id="u", quantity=1))
            assert time.monotonic() - begin < 2
        logged = stand.rows("alpha")
        refused = ask_slowly()
        check_plain_error(refused, "tenant_busy")
        times = {ask_slowly().headers["Retry-After"] for _ in range(20)}
        assert len(times) > 1 and times <= {"1", "2", "3"}, "those who were refused together do not come again together"
        check_object_error(greedy.call("GET", "/v1/items"), 503, "tenant_busy")
        check_recommend_error(greedy.recommend(), 503)
        assert stand.rows("alpha") == logged
        assert len(service.requests) == SHARE
        service.mode = "list"
        service.released.set()
        answers = [future.result() for future in waiting]
    assert {answer.status for answer in answers} == {200, 503}
    check_recommendations_answer(ask_slowly())
