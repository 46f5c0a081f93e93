"""What is stored about one end user: all of it can be read, and removed, and nothing of anybody else."""
import datetime
import hashlib
import json
import uuid

import pytest

from harness.client import Api
from harness.shapes import check_recommendations_answer

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
    "events": ("event_id item_id type occurred_at quantity weight session_id request_id context_id placement metadata received_at",
               "e.event_id, e.item_id, t.name, e.occurred_at, e.quantity, e.factor, e.session_id, e.request_id, e.context_id, e.placement,"
               " e.metadata, CONVERT_TZ(e.received_at, @@time_zone, '+00:00') FROM events e JOIN event_types t USING (tenant_id, event_type_id)"
               " WHERE e.user_id = %s ORDER BY e.event_id"),
    "profile": ("name description created_at updated_at",
                "name, description, CONVERT_TZ(created_at, @@time_zone, '+00:00'), CONVERT_TZ(updated_at, @@time_zone, '+00:00')"
                " FROM entity_embeddings WHERE entity_type = 'User' AND entity_id = %s"),
    "requests": ("sequence_id request_id endpoint client_id task template context_id input created_at decision_id recommender"
                 " model_generation results",
                 "s.sequence_id, s.request_id, s.endpoint, s.client_id, s.task, s.template, s.context_id, s.input,"
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
    assert kept[0].lower() == hashlib.sha256(b"alpha\0" + person.encode()).hexdigest()
    assert json.loads(kept[1]) == receipt["removed"]
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
