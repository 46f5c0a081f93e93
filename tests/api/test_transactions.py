"""A 200 exists exactly when its sequence and its decision are stored; anything else leaves neither."""
import contextlib
import os
import signal
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from harness.client import Api, Answer
from harness.shapes import check_plain_error, check_recommend_answer, check_recommend_error, check_recommendations_answer
from harness.stand import LOCK_TIMEOUT, wait_until

CALLS = {
    "first document": lambda api: api.recommend({"browsing_history": ["el-01"]}, quantity=5),
    "second document": lambda api: api.recommendations(user_id="pair0-1", quantity=5),
}
CHECKS = {
    "first document": (check_recommend_answer, lambda answer: check_recommend_error(answer, 500)),
    "second document": (check_recommendations_answer, lambda answer: check_plain_error(answer, "internal_error")),
}


@pytest.fixture(params=CALLS)
def call(request):
    return CALLS[request.param]


@pytest.fixture
def good(request, call):
    return CHECKS[request.node.callspec.params["call"]][0]


@pytest.fixture
def failed(request, call):
    return CHECKS[request.node.callspec.params["call"]][1]


@pytest.fixture
def pooled(pool, mint):
    return Api(pool, mint())


def in_background(call, *arguments):
    """Runs a call in a thread; .result() gives its value."""
    with_one = ThreadPoolExecutor(1)
    future = with_one.submit(call, *arguments)
    with_one.shutdown(wait=False)
    return future


def blocked(database):
    """Waits until a worker hangs in the insert of its decision, which comes last."""
    wait_until(lambda: database.waiting("INSERT INTO decisions"), 10, "a worker waits for the lock")


# ---- One failure at a time


def test_a_failing_recommender_leaves_nothing(everywhere, call, good, failed, database, one_row_each):
    with database.revoked("items"):
        failed(call(everywhere))
    good(call(everywhere))
    one_row_each(1)


def test_events_that_cannot_be_read_leave_nothing(everywhere, database, one_row_each):
    with database.revoked("events"):
        check_plain_error(everywhere.recommendations(user_id="pair0-1"), "internal_error")
    check_recommendations_answer(everywhere.recommendations(user_id="pair0-1"))
    one_row_each(1)


@pytest.mark.parametrize("table", ["sequences", "decisions"])
def test_a_log_that_cannot_be_written_leaves_nothing(api, call, good, failed, database, one_row_each, table):
    database.execute(f"REVOKE INSERT ON palate.{table} FROM 'palate_worker'@'localhost'")
    try:
        failed(call(api))
    finally:
        database.execute(f"GRANT INSERT ON palate.{table} TO 'palate_worker'@'localhost'")
    good(call(api))
    one_row_each(1)


def test_an_entity_that_cannot_be_stored_leaves_nothing(api, database, stand, one_row_each):
    with database.revoked("entity_embeddings"):
        check_plain_error(api.recommendations(user_id="unstorable", name="x"), "internal_error")
    count = "SELECT COUNT(*) FROM entity_embeddings WHERE entity_id = 'unstorable'"
    assert database.execute(count) == ((0,),)
    one_row_each(0)


def test_an_override_of_a_failed_request_is_not_kept(api, database, one_row_each):
    with database.locked("decisions"):
        check_plain_error(api.recommendations(user_id="override-rolled-back", name="never stored"), "internal_error")
    count = "SELECT COUNT(*) FROM entity_embeddings WHERE entity_id = 'override-rolled-back'"
    assert database.execute(count) == ((0,),)
    one_row_each(0)


def test_a_lock_that_lasts_too_long_is_waited_for_twice_and_then_given_up(pooled, call, good, failed, database, one_row_each):
    with database.locked("decisions"):
        start = time.monotonic()
        failed(call(pooled))
        taken = time.monotonic() - start
    assert 2 * LOCK_TIMEOUT - 0.2 <= taken < 2 * LOCK_TIMEOUT + 3
    good(call(pooled))
    one_row_each(1)


def test_a_lock_that_goes_in_time_is_waited_for(pooled, call, good, database, one_row_each):
    with database.locked("decisions"):
        future = in_background(call, pooled)
        blocked(database)
    good(future.result())
    one_row_each(1)


def test_a_lock_time_out_is_tried_once_more(pooled, call, good, database, one_row_each):
    """The lock goes in the second try: the first one's rows must be gone, the second one's stay."""
    with database.locked("decisions"):
        future = in_background(call, pooled)
        blocked(database)
        time.sleep(LOCK_TIMEOUT + 0.4)
        blocked(database)
    good(future.result())
    one_row_each(1)


def test_row_locks_are_treated_alike(api, call, good, failed, database, stand, one_row_each):
    """An open transaction that holds the end of the tenant's log."""
    with database.rows_locked("SELECT * FROM decisions WHERE tenant_id >= %s FOR UPDATE", stand.tenant_id("alpha")):
        failed(call(api))
    good(call(api))
    one_row_each(1)


def test_a_deadlock_is_tried_once_more(api, database, stand, one_row_each):
    """The other transaction has changed more rows, so the worker's is the one that MariaDB rolls back."""
    other = database.connect()
    other.begin()
    with other.cursor() as cursor:
        cursor.execute("DELETE FROM events WHERE tenant_id = %s", (stand.tenant_id("closed"),))
        cursor.execute("SELECT decision_id FROM decisions WHERE tenant_id >= %s FOR UPDATE", (stand.tenant_id("alpha"),))
        before = database.deadlocks()
        future = in_background(lambda: api.recommendations(user_id="deadlocked", name="stored in the second try"))
        blocked(database)
        cursor.execute("SELECT name FROM entity_embeddings WHERE entity_id = 'deadlocked' FOR UPDATE")
        assert cursor.fetchall() == (), "the worker's first try has been rolled back"
    other.rollback()
    other.close()
    check_recommendations_answer(future.result())
    assert database.deadlocks() > before
    one_row_each(1)


def test_a_commit_that_is_held_up_too_long_is_given_up(pooled, call, good, failed, database, one_row_each):
    with database.commits_blocked():
        failed(call(pooled))
    good(call(pooled))
    one_row_each(1)


def test_a_connection_killed_in_its_commit_leaves_all_or_nothing(pooled, call, good, failed, database, one_row_each):
    """Nobody is told whether that COMMIT came through: the worker has to look."""
    with database.commits_blocked():
        future = in_background(call, pooled)
        wait_until(lambda: database.waiting("COMMIT"), 10, "a worker hangs in its COMMIT")
        assert database.kill_connections()
    answer = future.result()
    (good if answer.status == 200 else failed)(answer)
    one_row_each(int(answer.status == 200))


def test_a_connection_killed_in_the_middle_leaves_nothing(pooled, call, good, failed, database, one_row_each):
    with database.locked("decisions"):
        future = in_background(call, pooled)
        blocked(database)
        assert database.kill_connections()
        failed(future.result())
    good(call(pooled))
    one_row_each(1)


def test_a_worker_killed_in_the_middle_leaves_nothing(pooled, call, good, database, one_row_each):
    with database.locked("decisions"):
        future = in_background(call, pooled)
        blocked(database)
        pooled.front.signal_workers(signal.SIGKILL)
        with contextlib.suppress(OSError, ConnectionError):
            assert future.result().status in (500, 502, 503)
        wait_until(lambda: not database.waiting("INSERT INTO decisions"), 10, "the server notices that its client is gone")
    pooled.front.settle()
    good(call(pooled))
    one_row_each(1)


def test_a_client_that_goes_away_leaves_whole_rows(pooled, database):
    user = f"gone-{pooled.front.kind}"
    request = (f"GET /recommendations?user_id={user} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {pooled.token}\r\n\r\n").encode()
    for _ in range(5):
        connection = socket.create_connection(("127.0.0.1", pooled.front.port))
        connection.sendall(request)
        connection.close()
    time.sleep(2)  # mod_fcgid may sleep for a second before it asks a worker
    sequences, = database.execute("SELECT COUNT(*), COUNT(decision_id) FROM sequences LEFT JOIN decisions USING (tenant_id, sequence_id)"
                                  " WHERE user_id = %s", user)
    assert sequences[0] == sequences[1] <= 5
    check_recommendations_answer(pooled.recommendations(user_id="u"))


# ---- Ranking comes before the transaction


@pytest.fixture
def ranking_waits(stand, database, mint, quick):
    """A call for one new user whose ranking hangs until the block is over: it reads the log, and that is locked."""
    stand.tool.context("change", 441, "rank-first", {"rotation": {"hours": 1}, "quantity": 5})
    api = Api(quick, mint("change-client"))

    @contextlib.contextmanager
    def begin(user, count=1):
        calls = []
        with database.locked("decisions"):
            calls += [in_background(lambda: api.recommendations(user_id=user, name="a new one", context_id=441)) for _ in range(count)]
            wait_until(lambda: database.waiting("JSON_TABLE(d.results") == count, 10, "all of them rank")
            yield calls
    return begin


def test_nothing_is_locked_while_a_list_is_ranked(ranking_waits, database, stand, one_row_each):
    with ranking_waits("ranked-first") as calls:
        assert database.execute("SELECT COUNT(*) FROM information_schema.innodb_trx") == ((0,),)
        database.execute("INSERT INTO entity_embeddings (tenant_id, entity_type, entity_id) VALUES (%s, 'User', 'ranked-first')",
                         stand.tenant_id("change"))
    check_recommendations_answer(calls[0].result())
    assert database.execute("SELECT name FROM entity_embeddings WHERE entity_id = 'ranked-first'") == (("a new one",),)
    one_row_each(1)


def test_eight_slow_requests_for_one_new_user_are_answered(ranking_waits, database, one_row_each):
    with ranking_waits("eight-at-once", 8) as calls:
        pass
    for call in calls:
        check_recommendations_answer(call.result())
    assert database.execute("SELECT COUNT(*) FROM entity_embeddings WHERE entity_id = 'eight-at-once'") == ((1,),)
    one_row_each(8)


# ---- Many


class Crowd:
    """Threads that call both endpoints in turn until told to stop; counts what they got."""

    def __init__(self, apis, threads):
        self.apis, self.count = apis, threads
        self.lock, self.over = threading.Lock(), threading.Event()
        self.statuses, self.surprises = {}, []

    def one(self, api, name):
        try:
            answer = CALLS[name](api)
        except OSError as problem:
            answer = Answer(0, None, str(problem).encode())
        with self.lock:
            key = (name, answer.status)
            self.statuses[key] = self.statuses.get(key, 0) + 1
            if answer.status not in (0, 200, 500, 502, 503):
                self.surprises.append(answer)

    def run(self, each):
        """`each` requests of each kind, spread over the fronts."""
        jobs = [(self.apis[number % len(self.apis)], name) for number in range(each) for name in CALLS]
        with ThreadPoolExecutor(self.count) as threads:
            list(threads.map(lambda job: self.one(*job), jobs))

    def until_over(self):
        def loop(number):
            while not self.over.is_set():
                self.one(self.apis[number % len(self.apis)], list(CALLS)[number // len(self.apis) % len(CALLS)])
        self.threads = [threading.Thread(target=loop, args=(number,)) for number in range(self.count)]
        for thread in self.threads:
            thread.start()

    def stop(self):
        self.over.set()
        for thread in self.threads:
            thread.join()

    def total(self, good):
        with self.lock:
            return sum(count for (_, status), count in self.statuses.items() if (status == 200) == good)


@pytest.fixture
def crowd(stand, mint):
    return Crowd([Api(stand.front("apache-fcgid"), mint()), Api(stand.front("lighttpd"), mint())], 4)


def test_a_thousand_requests_of_each_kind_leave_a_thousand_rows_of_each(crowd, one_row_each):
    crowd.run(1000)
    assert crowd.statuses == {("first document", 200): 1000, ("second document", 200): 1000}
    one_row_each(2000)


def test_two_hundred_failures_leave_no_row_and_no_half(crowd, database, one_row_each):
    """Recommender failures, connections killed at any moment and lock waits among good requests; after them all is well again."""
    def recommender_fails():
        with database.revoked("items"):
            time.sleep(0.3)

    def connections_die():
        for _ in range(40):
            database.kill_connections()
            time.sleep(0.01)

    def locks_last():
        with database.locked("decisions"):
            time.sleep(2 * LOCK_TIMEOUT + 0.5)

    crowd.until_over()
    caused = dict.fromkeys((recommender_fails, connections_die, locks_last), 0)
    try:
        end = time.monotonic() + 60
        while time.monotonic() < end and (crowd.total(good=False) < 200 or not all(caused.values())):
            for vandal in caused:
                before = crowd.total(good=False)
                vandal()
                time.sleep(0.1)
                caused[vandal] += crowd.total(good=False) - before
    finally:
        crowd.stop()
    assert not crowd.surprises, crowd.surprises[:3]
    assert crowd.total(good=False) >= 200 and all(caused.values()), (crowd.statuses, caused)
    assert crowd.total(good=True) > 0
    one_row_each(crowd.total(good=True))
    calm = Crowd(crowd.apis, 4)
    calm.run(20)
    assert calm.total(good=True) == 40, calm.statuses


def test_workers_killed_while_they_wait_leave_no_row(crowd, database, one_row_each):
    """kill -9 where it cannot hit between COMMIT and the answer: every worker hangs in a lock."""
    def lost(api):
        with contextlib.suppress(OSError):
            answer = CALLS["first document"](api)
            assert answer.status != 200, answer
    for api in crowd.apis:
        with database.locked("decisions"):
            calls = [in_background(lost, api) for _ in range(3)]
            wait_until(lambda: database.waiting("INSERT INTO decisions") >= 1, 10, "workers wait for the lock")
            end = time.monotonic() + LOCK_TIMEOUT * 2 + 10
            while not all(call.done() for call in calls) and time.monotonic() < end:
                for pid in api.front.workers():
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(pid, signal.SIGKILL)
                time.sleep(0.2)
            for call in calls:
                call.result()
            # Both rows and COMMIT are one statement: let go too early, the lock would let it through for nobody.
            wait_until(lambda: not database.waiting("INSERT INTO decisions"), 10, "the server notices that its clients are gone")
    one_row_each(0)
    for api in crowd.apis:
        api.front.settle()
        assert CALLS["first document"](api).status == 200
