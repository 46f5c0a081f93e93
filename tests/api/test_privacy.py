"""What is stored about one end user: all of it can be read, and removed, and nothing of anybody else."""
import datetime
import hashlib
import hmac
import json
import shutil
import uuid

import pytest

from harness.client import Api
from harness.fake_remote import FakeRemote, whole
from harness.shapes import check_events_answer, check_recommendations_answer, check_v1_recommendations
from harness.tokens import BOTH

TABLES = ("events", "entity_embeddings", "sequences")


@pytest.fixture
def person(stand, api):
    """A user with events, a profile and requests, and a neighbour with the same."""
    name = f"person-{uuid.uuid4()}"
    for user in (name, f"{name}-not"):
        rows = f"user_id,item_id,type,occurred_at\n{user},el-01,view,2026-01-01T00:00:00Z\n{user},el-02,purchase,2026-01-02T00:00:00Z\n"
        path = stand.root / "import" / f"{user}.csv"
        path.write_text(rows)
        stand.tool.events("alpha", path)
        check_recommendations_answer(api.recommendations(user_id=user, name="A Person", quantity=3))
    return name


def count(database, user):
    columns = {"events": "user_id", "entity_embeddings": "entity_id", "sequences": "user_id"}
    return {table: database.execute(f"SELECT COUNT(*) FROM {table} WHERE {columns[table]} = %s", user)[0][0] for table in TABLES}


def receipt_key(stand):
    path = stand.models / "receipt.key"
    assert path.stat().st_mode & 0o077 == 0
    return path.read_bytes().strip()


def export(stand, user, tenant="alpha"):
    return json.loads(stand.tool.run("user", "export", "--tenant", tenant, user).stdout)


def test_the_export_has_everything(stand, person):
    body = export(stand, person)
    assert body["tenant"] == "alpha" and body["user_id"] == person
    assert [(event["item_id"], event["type"]) for event in body["events"]] == [("el-01", "view"), ("el-02", "purchase")]
    assert [row["name"] for row in body["profile"]] == ["A Person"]
    assert len(body["requests"]) == 1
    request = body["requests"][0]
    assert request["input"]["user_id"] == person and len(request["results"]) == 3
    assert body["shadow_decisions"] == []


# What the export shows, as the database itself says it: names, texts that are JSON, and where the rows are.
EXPORTED = {
    "events": ("event_id user_id item_id type occurred_at quantity weight session_id request_id context_id placement metadata received_at",
               "e.event_id, e.user_id, e.item_id, t.name, e.occurred_at, e.quantity, e.factor, e.session_id, e.request_id, e.context_id, e.placement,"
               " e.metadata, CONVERT_TZ(e.received_at, @@time_zone, '+00:00') FROM events e JOIN event_types t USING (tenant_id, event_type_id)"
               " WHERE e.user_id = %s ORDER BY e.event_id"),
    "profile": ("user_id name description created_at updated_at",
                "entity_id, name, description, CONVERT_TZ(created_at, @@time_zone, '+00:00'), CONVERT_TZ(updated_at, @@time_zone, '+00:00')"
                " FROM entity_embeddings WHERE entity_type = 'User' AND entity_id = %s"),
    "requests": ("sequence_id user_id request_id endpoint client_id task template context_id input created_at decision_id recommender"
                 " model_generation results",
                 "s.sequence_id, s.user_id, s.request_id, s.endpoint, s.client_id, s.task, s.template, s.context_id, s.input,"
                 " CONVERT_TZ(s.created_at, @@time_zone, '+00:00'), d.decision_id, d.recommender, d.model_generation, d.results"
                 " FROM sequences s JOIN decisions d USING (tenant_id, sequence_id) WHERE s.user_id = %s ORDER BY s.sequence_id"),
    "shadow_decisions": ("decision_id outcome results created_at",
                         "h.decision_id, h.outcome, h.results, CONVERT_TZ(h.created_at, @@time_zone, '+00:00') FROM shadow_decisions h"
                         " JOIN decisions d USING (tenant_id, decision_id) JOIN sequences s USING (tenant_id, sequence_id) WHERE s.user_id = %s"),
}


def test_each_exported_value_is_that_of_the_database(stand, database, person):
    database.execute("UPDATE events SET quantity = 4000000000, factor = 0.3, session_id = 's', request_id = 'r', context_id = 'c',"
                     " placement = 'p', metadata = '{\"a\": [1.5, null, \"é\"]}' WHERE user_id = %s AND item_id = 'el-02'", person)
    database.execute("INSERT INTO shadow_decisions (tenant_id, decision_id, outcome, result_count, results, remote_us)"
                     " SELECT d.tenant_id, d.decision_id, 'answered', 1, '[{\"item_id\": \"el-01\", \"score\": 0.5}]', 1"
                     " FROM sequences s JOIN decisions d USING (tenant_id, sequence_id) WHERE s.user_id = %s", person)
    body = export(stand, person)
    for part, (names, sql) in EXPORTED.items():
        rows = [dict(zip(names.split(), row, strict=True)) for row in database.execute(f"SELECT {sql}", person)]
        for row in rows:
            for name, value in row.items():
                if name in ("metadata", "input", "results") and value is not None:
                    row[name] = json.loads(value)
                elif isinstance(value, datetime.datetime):
                    row[name] = value.isoformat(" ", "microseconds")
        assert rows and body[part] == rows
    assert body["events"][1]["quantity"] == 4000000000 and body["events"][0]["occurred_at"] == 1767225600000


def test_a_stranger_has_nothing(stand):
    body = export(stand, "nobody-ever")
    assert [body[part] for part in ("events", "profile", "requests", "shadow_decisions")] == [[], [], [], []]


def test_erasing_leaves_nothing_and_harms_nobody(stand, database, person):
    neighbour = count(database, f"{person}-not")
    decisions = "SELECT COUNT(*) FROM decisions d LEFT JOIN sequences s USING (tenant_id, sequence_id) WHERE s.sequence_id IS NULL"
    before = database.execute(decisions)[0][0]
    receipt = json.loads(stand.tool.run("user", "erase", "--tenant", "alpha", person).stdout)
    assert receipt["user_id"] == person
    assert (receipt["removed"]["events"], receipt["removed"]["profile"], receipt["removed"]["requests"]) == (2, 1, 1)
    assert set(count(database, person).values()) == {0}
    assert database.execute(decisions)[0][0] == before, "no answer is left without its request"
    assert count(database, f"{person}-not") == neighbour
    kept = database.execute("SELECT HEX(user_hash), removed FROM erasures WHERE erasure_id = %s", receipt["receipt"])[0]
    plain = hashlib.sha256(b"alpha\0" + person.encode()).digest()
    assert kept[0].lower() == hmac.new(receipt_key(stand), plain, hashlib.sha256).hexdigest()
    assert json.loads(kept[1]) == receipt["removed"] and receipt["removed"]["remote"] == "none"
    found = json.loads(stand.tool.run("user", "receipts", "--tenant", "alpha", person).stdout)
    assert (found["receipt"], found["removed"]) == (receipt["receipt"], receipt["removed"])
    assert export(stand, person)["events"] == []


def test_equal_users_of_two_tenants_are_two(stand, database, mint, person, quick):
    check_recommendations_answer(Api(quick, mint("beta-client")).recommendations(user_id=person))
    stand.tool.run("user", "erase", "--tenant", "alpha", person)
    assert count(database, person)["sequences"] == 1
    assert len(export(stand, person, "beta")["requests"]) == 1


@pytest.fixture
def namesake(stand, api, person, database):
    """Three requests about an item that has the person's id; a function that finds them and their decisions."""
    for _ in range(3):
        check_recommendations_answer(api.recommendations(user_id=person, entity_type="Item", quantity=3))
    return lambda: database.execute(
        "SELECT COUNT(*), COUNT(d.decision_id) FROM sequences s LEFT JOIN decisions d USING (tenant_id, sequence_id)"
        " WHERE s.tenant_id = %s AND s.entity_type = 'Item' AND s.user_id = %s", stand.tenant_id("alpha"), person)[0]


def test_requests_about_an_item_of_the_same_id_are_not_exported(stand, person, namesake):
    assert namesake() == (3, 3)
    requests = export(stand, person)["requests"]
    assert [request["input"].get("entity_type") for request in requests] == [None]


def test_requests_about_an_item_of_the_same_id_are_not_erased(stand, database, person, namesake):
    number, = database.execute("SELECT decision_id FROM decisions d JOIN sequences s USING (tenant_id, sequence_id)"
                               " WHERE s.user_id = %s ORDER BY decision_id DESC LIMIT 1", person)[0]
    database.execute("INSERT INTO shadow_decisions (tenant_id, decision_id, outcome, result_count, results, remote_us)"
                     " VALUES (%s, %s, 'answered', 0, '[]', 1)", stand.tenant_id("alpha"), number)
    assert export(stand, person)["shadow_decisions"] == []
    receipt = json.loads(stand.tool.run("user", "erase", "--tenant", "alpha", person).stdout)
    assert (receipt["removed"]["requests"], receipt["removed"]["shadow_decisions"]) == (1, 0)
    assert namesake() == (3, 3)
    assert database.execute("SELECT COUNT(*) FROM shadow_decisions WHERE decision_id = %s", number) == ((1,),)


def test_a_request_of_a_persons_token_is_that_persons_whatever_its_type(stand, database, quick, mint, person):
    check_recommendations_answer(Api(quick, mint(sub=person)).recommendations(entity_type="Item", quantity=3))
    assert [request["input"].get("entity_type") for request in export(stand, person)["requests"]] == [None, "Item"]
    stand.tool.run("user", "erase", "--tenant", "alpha", person)
    assert set(count(database, person).values()) == {0}


def test_the_next_answer_knows_the_user_no_more(stand, api, person):
    def history_used():
        return not check_recommendations_answer(api.recommendations(user_id=person))["cold_start_fallback_used"]
    assert history_used()
    stand.tool.run("user", "erase", "--tenant", "alpha", person)
    assert not history_used()


def test_wrong_use_is_told(stand):
    assert stand.tool.run("user", "erase", "nobody", check=False).returncode == 2
    assert stand.tool.run("user", "erase", "--tenant", "nowhere", "nobody", check=False).returncode == 1
    assert stand.tool.run("user", "erase", "--tenant", "alpha", "", check=False).returncode == 2


# ---- Visitors' ids and sessions


def erase(stand, user, tenant="alpha"):
    return json.loads(stand.tool.run("user", "erase", "--tenant", tenant, user).stdout)


def places(database, *names):
    """Where the names stand: each column of each table of the database that can hold text, but for keys that are hashes."""
    columns = database.execute("SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'palate'"
                               " AND data_type IN ('varchar', 'char', 'text', 'mediumtext', 'longtext', 'enum', 'binary', 'varbinary')")
    found = set()
    for table, column in columns:
        for name in names:
            if database.execute(f"SELECT COUNT(*) FROM `{table}` WHERE LOCATE(%s, `{column}`)", name)[0][0]:
                found.add((table, column, name))
    return found


@pytest.fixture
def shop(quick, mint):
    return Api(quick, mint(sub="alpha-client", scope=BOTH))


@pytest.fixture
def trained_again(stand):
    """Trains alpha on what is there now; its first model comes back, since other tests know what that one recommends."""
    path = stand.models / f"tenant-{stand.tenant_id('alpha')}.palate"
    kept = path.with_suffix(".kept")
    shutil.copy2(path, kept)
    yield lambda: stand.tool.train("alpha")
    kept.replace(path)


@pytest.fixture
def known(stand, shop, database):
    """A person who came as a visitor, logged in within one session, and was there again; and a neighbour with all of it, too."""
    mark = uuid.uuid4().hex
    names = {}
    for who in ("ann", "bob"):
        user, visitor, first, second = (f"{who}-{name}-{mark}" for name in ("user", "visitor", "first", "second"))
        names[who] = (user, visitor, first, second)
        check_v1_recommendations(shop.v1({"X-Anonymous-Id": visitor, "X-Session-Id": first}))
        check_v1_recommendations(shop.v1(anonymous_id=visitor, session_id=first, name="A Visitor", mode="single", limit=2))
        check_v1_recommendations(shop.v1(user_id="el-01", entity_type="Item", session_id=first))
        event = {"item_id": "el-01", "type": "view", "session_id": first}
        check_events_answer(shop.call("POST", "/v1/events", {**event, "anonymous_id": visitor}))
        check_events_answer(shop.call("POST", "/v1/events", {**event, "user_id": visitor}, {"X-Anonymous-Id": visitor}))
        check_v1_recommendations(shop.v1({"X-Anonymous-Id": visitor}, user_id=user, session_id=first, name="A Name"))
        check_events_answer(shop.call("POST", "/v1/events", [{**event, "user_id": user, "session_id": second, "deduplication_id": user},
                                                             {"user_id": user, "query": f"words of {user}", "result_item_ids": ["el-02"]}]))
        answer = shop.call("POST", "/v1/search", {"query": f"tea for {user}", "user_id": user, "session_id": second})
        assert answer.status == 200
        database.execute("INSERT INTO shadow_decisions (tenant_id, decision_id, outcome, result_count, results, remote_us)"
                         " SELECT d.tenant_id, d.decision_id, %s, 0, '[]', 1 FROM sequences s JOIN decisions d USING (tenant_id, sequence_id)"
                         " WHERE s.user_id = %s LIMIT 1", f"of {who}", user)
    return names


def test_a_visitor_who_logged_in_is_exported_with_the_user(stand, known):
    user, visitor, first, second = known["ann"]
    body = export(stand, user)
    assert (body["anonymous_ids"], sorted(body["session_ids"])) == ([visitor], [first, second])
    assert [event["user_id"] for event in body["events"]] == [user] * 3 + [visitor] * 2
    assert sorted(str(request["user_id"]) for request in body["requests"]) == sorted([user] * 2 + [visitor] * 2 + ["el-01"])
    assert {row["user_id"] for row in body["profile"]} == {user, visitor} and len(body["shadow_decisions"]) == 1


def test_nothing_of_a_user_is_left_in_any_column(stand, database, known, trained_again):
    assert {name for _, _, name in places(database, *known["ann"])} == set(known["ann"]), "the search finds what is there"
    before = places(database, *known["bob"])
    receipt = erase(stand, known["ann"][0])
    assert (receipt["anonymous_ids"], sorted(receipt["session_ids"]), receipt["kept_ids"]) == ([known["ann"][1]], sorted(known["ann"][2:]), [])
    assert places(database, *known["ann"]) == set()
    assert places(database, *known["bob"]) == before - {place for place in before if place[0] == "ranked_lists"}
    assert database.execute("SELECT outcome FROM shadow_decisions WHERE outcome IN ('of ann', 'of bob') ORDER BY decision_id DESC LIMIT 1") == (("of bob",),)
    orphans = "SELECT COUNT(*) FROM decisions d LEFT JOIN sequences s USING (tenant_id, sequence_id) WHERE s.sequence_id IS NULL"
    assert database.execute(orphans) == ((0,),)
    trained_again()
    for model in stand.models.rglob("*"):
        assert not model.is_file() or not any(name.encode() in model.read_bytes() for name in known["ann"])


def test_what_others_have_as_well_is_kept(stand, shop, database):
    """A browser that two people use, and a shop that calls each session "web"."""
    mark = uuid.uuid4().hex
    ann, bob, browser = (f"{name}-{mark}" for name in ("ann", "bob", "browser"))
    for user in (ann, bob):
        check_v1_recommendations(shop.v1({"X-Anonymous-Id": browser, "X-Session-Id": f"web-{mark}"}, user_id=user))
    check_v1_recommendations(shop.v1({"X-Anonymous-Id": f"visitor-{mark}", "X-Session-Id": f"web-{mark}"}))
    check_v1_recommendations(shop.v1({"X-Anonymous-Id": browser}))
    receipt = erase(stand, ann)
    assert (receipt["anonymous_ids"], receipt["session_ids"], sorted(receipt["kept_ids"])) == ([], [], sorted([browser, f"web-{mark}"]))
    assert database.execute("SELECT COUNT(*) FROM sequences WHERE LOCATE(%s, input)", mark) == ((3,),)


def test_nobody_is_forgotten_by_sending_the_id_as_ones_own(stand, shop, database):
    mark = uuid.uuid4().hex
    ann, bob = f"ann-{mark}", f"bob-{mark}"
    check_events_answer(shop.call("POST", "/v1/events", {"user_id": bob, "item_id": "el-01", "type": "view"}))
    check_v1_recommendations(shop.v1({"X-Anonymous-Id": bob}, user_id=ann))
    assert erase(stand, ann)["anonymous_ids"] == []
    assert count(database, bob)["events"] == 1
    check_v1_recommendations(shop.v1({"X-Anonymous-Id": bob}, user_id=ann))
    erase(stand, bob)
    assert places(database, bob) == set() and count(database, ann)["sequences"] == 1


def test_nothing_is_left_where_an_id_was_sent_that_did_not_count(stand, shop, database):
    """Spellings that lose against another one, and those that an endpoint does not know, are logged as well."""
    mark = uuid.uuid4().hex
    ann, bob = f"ann-{mark}", f"bob-{mark}"
    check_v1_recommendations(shop.v1(user_id=bob))
    lists = [shop.v1(user_id=ann, userId=bob), shop.recommendations(user_id=ann, userId=bob), shop.recommend(userId=bob),
             shop.v1(user_id="el-01", userId=bob, entity_type="Item"), shop.v1(user_id=bob, entity_type="Item")]
    assert {answer.status for answer in lists} == {200}
    erase(stand, bob)
    left = database.execute("SELECT entity_type, user_id, JSON_VALUE(input, '$.user_id') FROM sequences WHERE LOCATE(%s, input)", bob)
    assert left == (("Item", bob, bob),), "a list about an item of that id is nobody's"
    assert count(database, ann)["sequences"] == 2


@pytest.mark.parametrize("name_him", [lambda shop, user: shop.v1(user_id=user), lambda shop, user: shop.recommendations(user_id=user),
                                      lambda shop, user: shop.call("POST", "/v1/events", {"user_id": user, "item_id": "el-01", "type": "purchase"})],
                         ids=["a list", "an older list", "an event"])
def test_an_anonymous_id_never_names_a_known_user(shop, database, name_him):
    user = f"known-{uuid.uuid4()}"

    def named(answer):
        check_v1_recommendations(answer)
        return database.execute("SELECT user_id, named_as FROM sequences WHERE request_id = %s", answer.request_id)[0]

    assert named(shop.v1({"X-Anonymous-Id": user})) == (user, "visitor")
    assert name_him(shop, user).status == 200
    assert named(shop.v1(user_id=user)) == (user, "user")
    for answer in (shop.v1({"X-Anonymous-Id": user}), shop.v1(anonymous_id=user), shop.v1(anonymousId=user)):
        assert named(answer) == (None, None)
        assert database.execute("SELECT LOCATE(%s, input) FROM sequences WHERE request_id = %s", user, answer.request_id) == ((0,),)


def test_whose_events_are_older_than_the_difference_is_known_unless_the_log_says_visitor(shop, shopper, database):
    shopper.did("purchase", "el-01")
    assert database.execute("SELECT named_as FROM events WHERE user_id = %s", shopper.id) == ((None,),)
    shown = shop.v1({"X-Anonymous-Id": shopper.id})
    assert database.execute("SELECT user_id FROM sequences WHERE request_id = %s", shown.request_id) == ((None,),)
    visitor = f"visitor-{uuid.uuid4()}"
    check_v1_recommendations(shop.v1({"X-Anonymous-Id": visitor}))
    database.execute("UPDATE events SET user_id = %s WHERE user_id = %s", visitor, shopper.id)
    shown = shop.v1({"X-Anonymous-Id": visitor})
    assert database.execute("SELECT user_id FROM sequences WHERE request_id = %s", shown.request_id) == ((visitor,),)


def test_a_visitors_own_events_count_in_the_visitors_lists(shop, database):
    visitor = f"visitor-{uuid.uuid4()}"
    event = {"item_id": "el-01", "type": "purchase"}
    check_events_answer(shop.call("POST", "/v1/events", {**event, "anonymous_id": visitor}))
    check_events_answer(shop.call("POST", "/v1/events", {**event, "item_id": "ga-01", "user_id": visitor}, {"X-Anonymous-Id": visitor}))
    shown = {entry["item_id"] for entry in check_v1_recommendations(shop.v1({"X-Anonymous-Id": visitor}, limit=100))["data"]}
    assert shown and not shown & {"el-01", "ga-01"}
    assert database.execute("SELECT DISTINCT named_as FROM events WHERE user_id = %s", visitor) == (("visitor",),)


# ---- Receipts, and the remote recommender


def test_older_receipts_are_keyed_too(stand, database, person):
    plain = hashlib.sha256(b"alpha\0" + person.encode()).digest()
    database.execute("INSERT INTO erasures (tenant_id, user_hash, removed) VALUES (%s, %s, '{\"events\": 7}')", stand.tenant_id("alpha"), plain)
    assert '"events": 7' in stand.tool.run("user", "receipts", "--tenant", "alpha", person).stdout
    assert database.execute("SELECT COUNT(*) FROM erasures WHERE user_hash = %s OR NOT keyed", plain) == ((0,),)
    assert stand.tool.run("user", "receipts", "--tenant", "alpha", f"{person}-not").stdout == ""


@pytest.mark.parametrize("status, told", [("200 OK", True), ("404 Not Found", True), ("503 Service Unavailable", False), (None, False)])
def test_a_gorse_server_is_told_or_the_receipt_says_that_it_was_not(stand, database, known, status, told):
    user, visitor, *_ = known["ann"]
    with FakeRemote() as gorse:
        gorse.do_gorse = lambda connection, asked: connection.sendall(whole({"RowAffected": 1}, status)) or True
        gorse.mode = "gorse" if status else "nothing"
        configuration = stand.configure("forget.conf", remote={"url": gorse.url(), "protocol": "gorse", "http_hosts": "127.0.0.1",
                                                               "state_file": stand.root / "forget.state"})
        result = stand.tool.run("--config", configuration, "user", "erase", "--tenant", "alpha", user, check=False)
        asked = [(request.method, request.target) for request in gorse.requests]
    receipt = json.loads(result.stdout)
    assert (result.returncode, receipt["removed"]["remote"]) == ((0, "told") if told else (3, "not_told")), result.stderr
    assert asked[:1] == [("DELETE", f"/api/user/{user}")] and (not told or asked[1:] == [("DELETE", f"/api/user/{visitor}")])
    kept, = database.execute("SELECT removed FROM erasures WHERE erasure_id = %s", receipt["receipt"])[0]
    assert json.loads(kept)["remote"] == receipt["removed"]["remote"]
    assert places(database, user, visitor) == set()
