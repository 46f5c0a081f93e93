"""Feeding a Gorse server and comparing with it: `palate export gorse`, `palate push`, `palate compare`."""
import json
import re
import signal
import subprocess
import time
import xml.etree.ElementTree as ElementTree
from concurrent.futures import ThreadPoolExecutor

import pytest

from harness.catalogue import ITEMS, write_events, write_items
from harness.fake_remote import FakeRemote, whole
from harness.stand import BUILD, wait_until

KEY = "gorse secret"
RFC_3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
SLASH = {"id": "a/b", "name": "Slash", "metadata": {"category": "toys"}}


class FakeGorse(FakeRemote):
    """Keeps what it is told as Gorse does: items and users by their id, feedback by type, user and item."""

    def __init__(self):
        super().__init__()
        self.mode, self.items, self.users, self.feedback = "gorse", {}, {}, {}
        self.fail_at, self.failure, self.checks_keys, self.list_at_once = None, "error", True, 1000000

    def reset(self):
        self.requests.clear()
        self.checks_keys, self.list_at_once = True, 1000000
        self.items, self.users, self.feedback, self.fail_at, self.mode = {}, {}, {}, None, "gorse"

    def store(self, asked):
        rows = asked.json()
        assert isinstance(rows, list) and rows and len(asked.body) == int(asked.headers["content-length"])
        for row in rows:
            assert "Timestamp" not in row or RFC_3339.fullmatch(row["Timestamp"]), row
        if (asked.method, asked.target) == ("POST", "/api/items"):
            self.items.update({row["ItemId"]: row for row in rows})
        elif (asked.method, asked.target) == ("POST", "/api/users"):
            self.users.update({row["UserId"]: row for row in rows})
        elif (asked.method, asked.target) == ("PUT", "/api/feedback"):
            keys = [(row["FeedbackType"], row["UserId"], row["ItemId"]) for row in rows]
            assert len(set(keys)) == len(keys)
            self.feedback.update(zip(keys, rows, strict=True))
        else:
            raise AssertionError(f"{asked.method} {asked.target}")
        return {"RowAffected": len(rows)}

    def do_gorse(self, connection, asked):
        """As Gorse 0.5.11: its health asks for no key and is said at once, errors are plain text, items take their time."""
        if asked.target == "/api/health/live":
            connection.sendall(whole({"Ready": True}))
            return True
        if self.checks_keys and asked.headers.get("x-api-key") != KEY:
            connection.sendall(whole("unauthorized", "401 Unauthorized", "Content-Type: text/plain; charset=utf-8"))
            return True
        if asked.target == "/api/items" and len(asked.json()) > self.list_at_once:
            self.wait(1.5)
            return False
        if self.fail_at is not None and len(self.requests) >= self.fail_at:
            return getattr(self, "do_" + self.failure)(connection, asked)
        # The doctor asks for recommendations; a session has none before the items came again.
        answer = "null" if "/api/session/" in asked.target else [] if asked.method == "GET" else self.store(asked)
        connection.sendall(whole(answer))
        return True

    def do_stored_and_hangs(self, connection, asked):
        """Takes the list, and never says so."""
        self.store(asked)
        return self.do_hang(connection, asked)

    def sent(self):
        """Rows in each kind of request, in their order."""
        return [(asked.target.rsplit("/", 1)[1], len(asked.json())) for asked in self.requests if asked.method != "GET"]


@pytest.fixture(scope="module")
def gorse():
    with FakeGorse() as service:
        yield service


class Pusher:
    """A tenant of its own, and the tool with a configuration that names the fake server."""

    def __init__(self, stand, gorse, tenant):
        self.stand, self.gorse, self.tenant = stand, gorse, tenant
        key = stand.write("push.key", KEY + "\n")
        self.configuration = stand.configure(
            f"{tenant}.conf", remote={"url": gorse.url("/"), "protocol": "gorse", "http_hosts": "127.0.0.1", "api_key_file": key,
                                      "connect_timeout_ms": 5000, "state_file": stand.root / "push.state"})
        stand.tool.tenant(tenant)
        self.folder = stand.root / "import" / tenant
        self.folder.mkdir()

    def items(self, *rows):
        self.stand.tool.items(self.tenant, write_items(self.folder / "items.jsonl", rows))

    def events(self, *rows, kind="purchase"):
        self.stand.tool.events(self.tenant, write_events(self.folder / "events.csv", rows, kind))

    def arguments(self, *more):
        return "--config", self.configuration, "push", "--tenant", self.tenant, *more

    def run(self, *more, code=0):
        result = self.stand.tool.run(*self.arguments(*more), check=False)
        assert result.returncode == code, (result.returncode, result.stdout, result.stderr)
        return result

    def start(self, *more):
        return subprocess.Popen([BUILD / "palate", *map(str, self.arguments(*more))], env=self.stand.environment, text=True,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def position(self):
        rows = self.stand.database.execute("SELECT event_id, moves FROM push_positions WHERE tenant_id = %s",
                                           self.stand.tenant_id(self.tenant))
        return rows[0] if rows else None


@pytest.fixture
def pusher(request, stand, gorse):
    gorse.reset()
    return Pusher(stand, gorse, request.node.originalname.replace("test_", "")[:40].replace("_", "-"))


NOW = int(time.time())
PURCHASES = [(f"user-{number}", f"el-{number:02d}", NOW - 1000 + number) for number in range(1, 8)]


def filled(pusher):
    pusher.items(*[ITEMS[f"el-{number:02d}"] for number in range(1, 8)])
    pusher.events(*PURCHASES)
    return pusher


def moment(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


# ---- Export


def lines(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_export_writes_what_gorse_imports(pusher, stand):
    pusher.items({**ITEMS["el-01"], "created_at": 1330605296}, {**ITEMS["bo-02"], "active": False}, ITEMS['st\'q"%41'], SLASH)
    pusher.events(("ann", "el-01", NOW - 300), ("ann", "el-01", NOW - 100), ("ann", "el-01", NOW - 200), ("b b", "gone", NOW - 50))
    pusher.events(("ann", "el-01", NOW - 400), ("zoe", "a/b", NOW - 90), ("sl/ash", "el-01", NOW), kind="view")
    pusher.events(("ann", "bo-02", NOW - 10), kind="impression")
    folder = stand.root / "gorse-export"
    result = stand.tool.run("export", "gorse", "--tenant", pusher.tenant, "--dir", folder)
    assert result.stdout == f"{pusher.tenant}: 3 items, 3 users and 3 feedback in {folder}\n"
    assert "1 items, 2 events" in result.stderr
    assert sorted(path.name for path in folder.iterdir()) == ["feedback.jsonl", "items.jsonl", "users.jsonl"]
    items = {row["ItemId"]: row for row in lines(folder / "items.jsonl")}
    assert set(items) == {"el-01", "bo-02", 'st\'q"%41'}
    camera = items["el-01"]
    assert camera.pop("Timestamp").endswith("Z")
    assert camera == {"ItemId": "el-01", "IsHidden": False, "Categories": ["electronics"], "Comment": "Camera",
                      "Labels": ["labels:ele", "labels:odd", "brand:Birch"]}
    assert items["bo-02"]["IsHidden"] is True
    assert items['st\'q"%41']["Categories"] == ["stationery", "gifts"]
    assert lines(folder / "users.jsonl") == [{"UserId": user, "Labels": [], "Comment": ""} for user in ("ann", "b b", "zoe")]
    assert lines(folder / "feedback.jsonl") == [
        {"FeedbackType": "view", "UserId": "ann", "ItemId": "el-01", "Value": 1, "Timestamp": moment(NOW - 400), "Comment": ""},
        {"FeedbackType": "purchase", "UserId": "ann", "ItemId": "el-01", "Value": 3, "Timestamp": moment(NOW - 100), "Comment": ""},
        {"FeedbackType": "purchase", "UserId": "b b", "ItemId": "gone", "Value": 1, "Timestamp": moment(NOW - 50), "Comment": ""}]


def test_export_of_the_whole_shop_is_of_that_tenant_only(stand):
    folder = stand.root / "gorse-alpha"
    stand.tool.run("export", "gorse", "--tenant", "alpha", "--dir", folder)
    number = stand.tenant_id("alpha")
    assert {row["ItemId"] for row in lines(folder / "items.jsonl")} == set(ITEMS)
    pairs = stand.database.execute(
        "SELECT DISTINCT user_id, item_id FROM events JOIN event_types USING (tenant_id, event_type_id)"
        " WHERE tenant_id = %s AND is_purchase", number)
    written = {(row["UserId"], row["ItemId"]) for row in lines(folder / "feedback.jsonl") if row["FeedbackType"] == "purchase"}
    assert written == set(pairs)
    users = {row[0] for row in stand.database.execute("SELECT DISTINCT user_id FROM events WHERE tenant_id = %s", number)}
    told = {row["UserId"] for row in lines(folder / "users.jsonl")}
    assert {user for user, _ in pairs if "/" not in user} <= told <= users, "who only saw or disliked things is not told of"


def test_export_that_fails_leaves_nothing(stand):
    folder = stand.root / "gorse-fails"
    folder.mkdir()
    (folder / "items.jsonl").write_text("before")
    (folder / "feedback.jsonl").mkdir()
    result = stand.tool.run("export", "gorse", "--tenant", "alpha", "--dir", folder, check=False)
    assert result.returncode == 1 and "it is a folder" in result.stderr
    assert sorted(path.name for path in folder.iterdir()) == ["feedback.jsonl", "items.jsonl"]
    assert (folder / "items.jsonl").read_text() == "before"


# ---- Push


def test_push_sends_everything_and_then_only_what_is_new(pusher, gorse):
    filled(pusher)
    result = pusher.run()
    assert result.stdout == f"{pusher.tenant}: sent 7 items, 7 users and 7 feedback to {gorse.url('/')} in 3 requests\n"
    assert result.stderr == ""
    assert gorse.sent() == [("items", 7), ("users", 7), ("feedback", 7)]
    assert gorse.items["el-03"]["Comment"] == ITEMS["el-03"]["name"] and gorse.items["el-03"]["Categories"] == ["electronics"]
    assert gorse.feedback["purchase", "user-3", "el-03"]["Timestamp"] == moment(NOW - 997)
    gorse.requests.clear()
    assert "sent 0 items, 0 users and 0 feedback" in pusher.run().stdout
    assert gorse.requests == []
    pusher.items({**ITEMS["el-03"], "name": "Another radio", "active": False}, ITEMS["bo-01"], ITEMS["el-04"])
    pusher.events(("user-3", "el-03", NOW), ("new", "bo-01", NOW), ("new", "el-02", NOW), kind="view")
    assert "sent 2 items, 1 users and 3 feedback" in pusher.run().stdout
    assert gorse.sent() == [("items", 2), ("users", 1), ("feedback", 3)]
    assert (gorse.items["el-03"]["Comment"], gorse.items["el-03"]["IsHidden"]) == ("Another radio", True)
    assert set(gorse.users) == {f"user-{number}" for number in range(1, 8)} | {"new"}
    assert len(gorse.feedback) == 10 and ("view", "user-3", "el-03") in gorse.feedback


def test_push_hides_what_was_deleted(pusher, stand, gorse):
    filled(pusher).run()
    number = stand.tenant_id(pusher.tenant)
    stand.database.execute("UPDATE tenants SET catalogue_revision = catalogue_revision + 1 WHERE tenant_id = %s", number)
    stand.database.execute("UPDATE items SET deleted = TRUE, revision = (SELECT catalogue_revision FROM tenants WHERE tenant_id = %s)"
                           " WHERE tenant_id = %s AND item_id = 'el-05'", number, number)
    gorse.requests.clear()
    pusher.run()
    assert gorse.sent() == [("items", 1)]
    assert gorse.items["el-05"]["IsHidden"] is True and gorse.items["el-05"]["Comment"] == ""


@pytest.mark.parametrize("fail_at, failure", [(1, "error"), (2, "limited"), (4, "cut"), (5, "garbage"), (6, "nothing")])
def test_push_goes_on_after_a_failure(stand, gorse, fail_at, failure):
    gorse.reset()
    pusher = filled(Pusher(stand, gorse, f"resume-{failure}"))
    gorse.fail_at, gorse.failure = fail_at, failure
    result = pusher.run("--batch", "3", code=1)
    assert "cannot send" in result.stderr and KEY not in result.stderr + result.stdout
    taken = gorse.sent()[:fail_at - 1]
    gorse.fail_at = None
    gorse.requests.clear()
    pusher.run("--batch", "3")
    whole_run = [("items", 3), ("items", 3), ("items", 1), ("users", 3), ("feedback", 3), ("users", 3), ("feedback", 3),
                 ("users", 1), ("feedback", 1)]
    # Users and feedback of a batch belong together: the users go again when their feedback failed.
    done = len(taken) - (1 if taken and taken[-1][0] == "users" else 0)
    assert gorse.sent() == whole_run[done:]
    assert (len(gorse.items), len(gorse.users), len(gorse.feedback)) == (7, 7, 7)


def test_a_refused_key_or_list_is_told(pusher, stand, gorse):
    filled(pusher)
    stand.write("push.key", "wrong\n")
    result = pusher.run(code=1)
    assert "status 401" in result.stderr and "api_key_file" in result.stderr and pusher.position() is None
    stand.write("push.key", KEY + "\n")
    gorse.do_refuse = lambda connection, asked: connection.sendall(whole("no such\x1b[31m label", "400 Bad Request"))
    gorse.fail_at, gorse.failure = 1, "refuse"
    result = pusher.run(code=1)
    assert 'status 400: "no such [31m label"' in result.stderr and pusher.position() is None


def test_a_page_that_says_200_has_taken_nothing(pusher, gorse):
    filled(pusher)
    gorse.do_welcome = lambda connection, asked: connection.sendall(whole("<html>welcome</html>")) or True
    gorse.fail_at, gorse.failure = 1, "welcome"
    result = pusher.run(code=1)
    assert "no RowAffected" in result.stderr and pusher.position() is None
    assert "days ahead" in pusher.run("--since", "2098-01-01", code=2).stderr and pusher.position() is None


def test_a_killed_push_repeats_one_list_and_loses_none(pusher, gorse):
    filled(pusher)
    gorse.fail_at, gorse.failure = 5, "stored_and_hangs"
    process = pusher.start("--batch", "3")
    wait_until(lambda: len(gorse.requests) == 5, 20, "the fifth list arrives")
    busy = pusher.run(code=4)
    assert "another push is at work" in busy.stdout and busy.stderr == ""
    process.send_signal(signal.SIGKILL)
    process.communicate()
    gorse.fail_at = None
    before = dict(gorse.feedback)
    assert len(before) == 3 and pusher.position()[0] == 0
    gorse.requests.clear()
    result = wait_until(lambda: (run := pusher.stand.tool.run(*pusher.arguments("--batch", "3"), check=False)).returncode != 4 and run,
                        10, "the server has noticed that the connection with the lock is gone")
    assert result.returncode == 0
    assert gorse.sent() == [("users", 3), ("feedback", 3), ("users", 3), ("feedback", 3), ("users", 1), ("feedback", 1)]
    assert len(gorse.feedback) == 7 and all(gorse.feedback[key] == row for key, row in before.items())


def test_an_interrupted_push_ends_at_once(pusher, gorse):
    filled(pusher)
    gorse.fail_at, gorse.failure = 2, "hang"
    process = pusher.start("--batch", "3")
    wait_until(lambda: len(gorse.requests) == 2, 20, "the second list arrives")
    began = time.monotonic()
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=30)
    assert time.monotonic() - began < 2, "a second, and what a busy machine adds"
    assert process.returncode == 1 and "interrupted" in said and "cannot send" not in said
    gorse.fail_at = None
    gorse.requests.clear()
    pusher.run("--batch", "3")
    assert gorse.sent()[:2] == [("items", 3), ("items", 1)]


def test_lists_that_gorse_is_too_slow_for_are_halved(pusher, gorse):
    filled(pusher)
    gorse.list_at_once = 2
    result = pusher.run("--batch", "4", "--timeout", "1")
    assert "Gorse did not finish with 4 items in 1 s; lists of 2 are tried" in result.stderr
    assert gorse.sent()[:5] == [("items", 4), ("items", 2), ("items", 2), ("items", 2), ("items", 1)]
    assert (len(gorse.items), len(gorse.feedback)) == (7, 7)


def test_a_server_that_hangs_is_told_from_a_slow_one(pusher, gorse):
    filled(pusher)
    gorse.mode = "hang"
    result = pusher.run("--timeout", "1", code=1)
    assert "timeout" in result.stderr and "are tried" not in result.stderr
    assert gorse.sent() == [("items", 7)]


def test_lists_of_items_begin_with_a_hundred(pusher, gorse):
    pusher.items(*[{"id": f"i{number}", "name": "x"} for number in range(101)])
    pusher.run()
    assert gorse.sent() == [("items", 100), ("items", 1)]


def test_quantities_and_repeats_are_values(pusher, stand, gorse):
    """Also those that were sent before: a feedback replaces the one that Gorse has."""
    pusher.items(ITEMS["el-01"])
    pusher.events(("ann", "el-01", NOW - 300), ("ann", "el-01", NOW - 200))
    pusher.events(("ann", "el-01", NOW - 100), kind="view")
    stand.database.execute("UPDATE events SET quantity = 5 WHERE tenant_id = %s AND occurred_at = %s",
                           stand.tenant_id(pusher.tenant), (NOW - 300) * 1000)
    pusher.run()
    bought, viewed = ("purchase", "ann", "el-01"), ("view", "ann", "el-01")
    assert (gorse.feedback[bought]["Value"], gorse.feedback[viewed]["Value"]) == (6, 1)
    pusher.events(("ann", "el-01", NOW - 50), ("bob", "el-01", NOW - 40))
    gorse.requests.clear()
    pusher.run()
    assert gorse.sent() == [("users", 1), ("feedback", 2)]
    assert (gorse.feedback[bought]["Value"], gorse.feedback[bought]["Timestamp"]) == (7, moment(NOW - 50))
    pusher.run("--since", "1970-01-01", "--batch", "1")
    assert (gorse.feedback[bought]["Value"], gorse.feedback[viewed]["Value"]) == (7, 1)


def test_an_item_is_there_when_it_is_first_sold(pusher, stand, gorse):
    pusher.items(ITEMS["el-01"], {**ITEMS["el-02"], "created": 1330605296}, ITEMS["bo-01"])
    pusher.events(("ann", "el-01", NOW - 90000), ("bob", "el-01", NOW - 80000), ("bob", "el-02", NOW - 80000))
    pusher.events(("ann", "bo-01", NOW - 95000), kind="view")
    pusher.run()
    added = stand.database.execute("SELECT created_at FROM items WHERE tenant_id = %s AND item_id = 'bo-01'",
                                   stand.tenant_id(pusher.tenant))[0][0]
    assert [gorse.items[item]["Timestamp"] for item in ("el-01", "el-02", "bo-01")] == [
        moment(NOW - 90000), "2012-03-01T12:34:56Z", moment(added)]


def test_since_holds_when_the_run_is_cut_short(pusher, gorse):
    filled(pusher).run()
    gorse.fail_at, gorse.failure = 1, "error"
    gorse.requests.clear()
    pusher.run("--since", "1970-01-01", code=1)
    gorse.fail_at = None
    gorse.requests.clear()
    pusher.run()
    assert gorse.sent() == [("items", 7), ("users", 7), ("feedback", 7)]


def test_a_dry_run_sends_and_notes_nothing(pusher, gorse):
    filled(pusher)
    assert "would send 7 items, 7 users and 7 feedback" in pusher.run("--dry-run").stdout
    assert gorse.requests == [] and pusher.position() is None
    pusher.run()
    assert "would send 0 items, 0 users and 0 feedback" in pusher.run("--dry-run").stdout


def test_since_goes_back_and_forth(pusher, gorse):
    filled(pusher).run()
    gorse.requests.clear()
    pusher.run("--since", "1970-01-01")
    assert gorse.sent() == [("items", 7), ("users", 7), ("feedback", 7)]
    pusher.items(ITEMS["bo-01"])
    pusher.events(("late", "bo-01", NOW))
    gorse.requests.clear()
    pusher.run("--since", str(NOW + 86400))
    assert gorse.requests == []
    assert "sent 0 items, 0 users and 0 feedback" in pusher.run().stdout
    pusher.items(ITEMS["bo-02"])
    pusher.run()
    assert gorse.sent() == [("items", 1)] and set(gorse.items) >= {"bo-02"}


def test_events_that_are_being_stored_are_waited_for(pusher, stand, gorse):
    """A transaction has numbers already; others with higher ones are committed before it."""
    filled(pusher)
    number = stand.tenant_id(pusher.tenant)
    other = stand.database.connect()
    insert = ("INSERT INTO events (tenant_id, user_id, item_id, event_type_id, occurred_at)"
              " SELECT %s, %s, 'el-01', event_type_id, %s FROM event_types WHERE tenant_id = %s AND name = 'view'")
    try:
        other.begin()
        with other.cursor() as cursor:
            cursor.execute(insert, (number, "slow", NOW * 1000, number))
        stand.database.execute(insert, number, "quick", NOW * 1000, number)
        with ThreadPoolExecutor(1) as executor:
            running = executor.submit(pusher.run)
            time.sleep(2.5)
            assert not running.done()
            other.commit()
            assert "9 users and 9 feedback" in running.result().stdout
    finally:
        other.close()
    assert {("view", "slow", "el-01"), ("view", "quick", "el-01")} <= set(gorse.feedback)


def test_push_needs_a_gorse_server(stand):
    result = stand.tool.run("push", "--tenant", "alpha", check=False)
    assert result.returncode == 1 and "[remote] protocol = gorse" in result.stderr


def test_doctor_says_how_far_push_is_behind(pusher, stand):
    def told():
        output = stand.tool.run("--config", pusher.configuration, "doctor", check=False).stdout
        return [line for line in output.splitlines() if "  push: " in line and f" {pusher.tenant}: " in line]
    filled(pusher)
    assert told() == []
    pusher.run()
    assert len(told()) == 1 and told()[0].startswith("ok    push: ") and "0 items and 0 events behind" in told()[0]
    pusher.items(ITEMS["bo-01"], ITEMS["bo-02"])
    pusher.events(("late", "bo-01", NOW))
    assert told()[0].startswith("ok") and "2 items and 1 events behind" in told()[0]
    stand.database.execute("UPDATE push_positions SET completed_at = NOW() - INTERVAL 3 DAY WHERE tenant_id = %s",
                           stand.tenant_id(pusher.tenant))
    assert told()[0].startswith("warn")


def test_doctor_says_when_nothing_was_pushed_and_any_key_will_do(pusher, stand, gorse):
    address = {"url": gorse.url(f"/{pusher.tenant}"), "protocol": "gorse", "http_hosts": "127.0.0.1",
               "api_key_file": stand.write("push.key", KEY + "\n"), "state_file": stand.root / "doctor.state"}
    configuration = stand.configure("doctor-gorse.conf", remote=address)

    def told():
        return stand.tool.run("--config", configuration, "doctor", "--worker", configuration, check=False).stdout
    before = told()
    assert re.search(r"warn  push: nothing was ever pushed to http", before)
    assert "ok    key of Gorse: " in before
    gorse.checks_keys = False
    assert re.search(r"warn  key of Gorse: .*any key", told())


# ---- Compare


class Planter:
    """Decisions with shadows, and what users did then."""

    def __init__(self, stand, tenant):
        self.stand, self.tenant = stand, tenant
        stand.tool.tenant(tenant)
        self.number, self.made = stand.tenant_id(tenant), 0

    def decide(self, user, shown, shadow, ago=3600, outcome="answered", entity_type="User", **entry):
        """A decision `ago` seconds ago."""
        self.made += 1
        execute = self.stand.database.execute
        shown = json.dumps([{"item_id": item, "score": 0.5, "source": "model", **entry} for item in shown])
        shadow = json.dumps([{"item_id": item, "score": 0.5} for item in shadow])
        execute("INSERT INTO sequences (tenant_id, request_id, endpoint, client_id, user_id, entity_type, input)"
                " VALUES (%s, UUID(), 'GET /recommendations', 'c', %s, %s, %s)", self.number, user, entity_type,
                json.dumps({"entity_type": entity_type}))
        sequence = execute("SELECT LAST_INSERT_ID()")[0][0]
        execute("INSERT INTO decisions (tenant_id, sequence_id, settlement_key, recommender, model_generation, result_count, results,"
                " processing_us, created_at) VALUES (%s, %s, UNHEX(MD5(UUID())), 'embedded', 1, 1, %s, 1, NOW(6) - INTERVAL %s SECOND)",
                self.number, sequence, shown, ago)
        decision = execute("SELECT LAST_INSERT_ID()")[0][0]
        execute("INSERT INTO shadow_decisions (tenant_id, decision_id, outcome, result_count, results, remote_us)"
                " VALUES (%s, %s, %s, 1, %s, 1)", self.number, decision, outcome, shadow)

    def click(self, user, item, ago=1800, kind="view"):
        self.stand.database.execute(
            "INSERT INTO events (tenant_id, user_id, item_id, event_type_id, occurred_at)"
            " SELECT %s, %s, %s, event_type_id, %s FROM event_types WHERE tenant_id = %s AND name = %s",
            self.number, user, item, int((time.time() - ago) * 1000), self.number, kind)

    def run(self, *more, code=0):
        result = self.stand.tool.run("compare", "--tenant", self.tenant, *more, check=False)
        assert result.returncode == code, (result.returncode, result.stdout, result.stderr)
        return result.stdout if code == 0 else result.stderr


@pytest.fixture
def planter(request, stand):
    return Planter(stand, request.node.originalname.replace("test_", "")[:40].replace("_", "-"))


OURS, THEIRS = ["a", "b", "c", "d"], ["w", "x", "y", "z"]


def row(output, label):
    found = [line for line in output.splitlines() if line.startswith(label)]
    assert len(found) == 1, output
    return [word.replace(",", "") for word in found[0][len(label):].split()]


def test_compare_finds_the_planted_winner(planter, stand):
    for number in range(12):
        planter.decide(f"u{number}", OURS, THEIRS)
        for item in THEIRS if number < 10 else OURS:
            planter.click(f"u{number}", item)
        planter.click(f"u{number}", "unrelated")
    plot = stand.root / "compare.svg"
    output = planter.run("--plot", plot)
    assert "12 decisions with both lists; left out: 0 without a list" in output
    assert row(output, "overlap of the first 10") == ["0.0000"]
    assert row(output, "rank-biased overlap (p = 0.90)") == ["0.0000"]
    # Both lists have four items and nothing in common, so all eight are in the interleaved one.
    assert row(output, "clicks on its picks, lists interleaved") == ["8", "40"]
    assert row(output, "users who clicked more of them") == ["2", "10"]
    assert "12 decisions were followed by a click within 24 hours; 0 users are tied; sign test p = 0.0386" in output
    assert output.splitlines()[-1].startswith("The remote recommender's lists would have been clicked more: by 10 users against 2")
    drawing = ElementTree.parse(plot).getroot()
    texts = [element.text for element in drawing.iter("{http://www.w3.org/2000/svg}text")]
    assert "embedded" in texts and "remote" in texts and "0.8333" in texts and "0.1667" in texts


def test_compare_measures_likeness(planter):
    planter.decide(None, ["a", "b", "c", "d"], ["b", "a", "c", "d"])
    planter.decide(None, ["a", "b", "c", "d"], ["e", "f", "g", "h"])
    output = planter.run()
    assert row(output, "overlap of the first 10") == ["0.5000"]
    assert row(output, "rank-biased overlap (p = 0.90)") == ["0.4500"]
    assert output.splitlines()[-1] == "Nothing can be said yet: within 24 hours no item of either list was clicked."
    assert row(planter.run("-k", "1"), "overlap of the first 1") == ["0.0000"]


def test_compare_counts_a_click_once_and_in_its_time_only(planter):
    for ago in (90000, 7200, 3600):
        planter.decide("once", OURS, THEIRS, ago=ago)
    planter.click("once", "x", ago=1800)             # of the last decision only
    planter.click("once", "x", ago=1700)             # the same place again
    planter.click("once", "a", ago=91000)            # before all of them
    planter.click("once", "a", ago=1600, kind="impression")
    planter.decide("late", OURS, THEIRS, ago=100000)
    planter.click("late", "a", ago=100000 - 25 * 3600 + 60)
    planter.click("late", "a", ago=100000 - 86400 - 60)
    output = planter.run()
    assert row(output, "clicks on its picks, lists interleaved") == ["0", "1"]
    assert row(output, "users who clicked more of them") == ["0", "1"]
    assert output.splitlines()[-1].startswith("These clicks do not show which lists are better")
    assert row(planter.run("--hours", "25"), "clicks on its picks, lists interleaved") == ["1", "1"]
    assert "4 decisions with both lists" in output
    assert "2 decisions with both lists" in planter.run("--days", "1")


def test_compare_tells_a_user_from_an_item_of_the_same_id(planter):
    for ago in (9000, 7200, 5400):
        planter.decide("15030", OURS, THEIRS, ago=ago, entity_type="Item" if ago == 7200 else "User")
    planter.click("15030", "x", ago=6000)            # after the item's decision, but it is the first one's
    planter.click("15030", "y", ago=1800)            # of the last decision only
    output = planter.run()
    assert "3 decisions with both lists" in output
    assert row(output, "clicks on its picks, lists interleaved") == ["0", "2"]
    assert row(output, "users who clicked more of them") == ["0", "1"]


def test_compare_leaves_out_what_cannot_be_compared(planter):
    planter.decide("u", OURS, THEIRS)
    planter.decide("u", OURS, [], outcome="timeout")
    planter.decide("u", OURS, THEIRS, group="g")
    planter.decide("u", OURS, [])
    planter.decide("u", OURS, THEIRS, ago=8 * 86400)
    assert "1 decisions with both lists; left out: 1 without a list of the remote recommender, 2 in groups" in planter.run()


def test_compare_without_a_shadow_says_what_to_do(planter):
    assert '{"shadow": "remote"}' in planter.run(code=1)


def test_compare_sees_its_own_tenant_only(planter, stand):
    other = Planter(stand, "compare-other")
    planter.decide("u", OURS, THEIRS)
    other.decide("u", OURS, OURS)
    other.click("u", "x")
    output = planter.run()
    assert row(output, "overlap of the first 10") == ["0.0000"] and "Nothing can be said yet" in output
