"""Events by the API: every spelling, what is refused, lists with bad entries, reading, and that the next answer knows them."""
import json
import time
from urllib.parse import urlencode

import pytest

from harness.catalogue import ITEMS
from harness.client import Api
from harness.shapes import (check_event, check_event_list, check_events_answer, check_object_error, check_plain_error,
                            check_plain_events_answer, check_recommendations_answer)
from harness.tokens import BOTH, READ, WRITE


@pytest.fixture
def api(quick, mint):
    return Api(quick, mint(scope=BOTH))


@pytest.fixture
def beta(api, mint):
    return api.with_token(mint("beta-client", scope=BOTH))


@pytest.fixture
def user(request):
    """A user of this test alone."""
    return f"events-{request.node.name[:90]}"


def send(api, body, path="/v1/events"):
    return api.call("POST", path, body)


def one(api, **event):
    """Sends one event that must be taken; returns its resource."""
    body = check_events_answer(send(api, event))
    assert body["inserted"] == body["processed"] == 1
    return body["data"][0]


def listed(api, **query):
    return check_event_list(api.call("GET", "/v1/events?" + urlencode(query)))


def stored(database, stand, user, tenant="alpha"):
    return database.execute("SELECT COUNT(*) FROM events WHERE tenant_id = %s AND user_id = %s", stand.tenant_id(tenant), user)[0][0]


# ---- What is taken, and how it comes back


def test_an_event_comes_back_as_it_was_told(api, user):
    event = one(api, user_id=user, item_id="el-01", type="purchase", context_id=101, session_id="s-1", request_id="req-123",
                placement="home", occurred_at=1717200000, metadata={"a": {"b": [1, None, "x"]}}, purchase={"amount": 9.5, "currency": "EUR"})
    assert event["user_id"] == user and event["item_id"] == "el-01" and event["type"] == "purchase"
    assert event["session_id"] == "s-1" and event["request_id"] == "req-123" and event["placement"] == "home"
    assert event["context_id"] == "101" and event["occurred_at"] == 1717200000
    assert event["purchase"] == {"amount": 9.5, "currency": "EUR"}
    assert event["metadata"] == {"a": {"b": [1, None, "x"]}, "context_id": "101", "purchase": event["purchase"]}
    assert abs(event["created"] - time.time()) < 30
    for number in (event["id"], "evt_" + event["id"]):
        answer = api.call("GET", f"/v1/events/{number}")
        assert answer.status == 200 and check_event(answer.json()) == event
    assert listed(api, user_id=user)["data"] == [event]


def test_little_is_needed(api, user):
    event = one(api, user_id=user, item_id="el-01", type="view")
    assert event["metadata"] == {} and abs(event["occurred_at"] - time.time()) < 30
    assert all(event[name] is None for name in ("session_id", "request_id", "context_id", "placement"))


@pytest.mark.parametrize("names, value, field, expected", [
    (("user_id", "userId"), 12345678901234567, "user_id", "12345678901234567"),
    (("item_id", "itemId", "entity_id"), 1001, "item_id", "1001"),
    (("type", "event_type", "eventType", "event_id", "eventId", "event"), "like", "type", "like"),
    (("type", "event_type", "eventType", "event_id", "eventId", "event"), 3, "type", "like"),
    (("type", "eventId"), "3", "type", "like"),
    (("context_id", "contextId"), "homepage", "context_id", "homepage"),
    (("session_id", "sessionId"), "s", "session_id", "s"),
    (("request_id", "requestId"), "r", "request_id", "r"),
    (("occurred_at", "occurredAt", "timestamp", "client_ts", "clientTs"), "2024-06-01T00:00:00.250Z", "occurred_at", 1717200000),
    (("occurred_at", "occurredAt", "timestamp", "client_ts", "clientTs"), 1717200000123, "occurred_at", 1717200000),
    (("occurred_at", "client_ts"), "1717200000", "occurred_at", 1717200000),
])
def test_every_spelling(api, user, names, value, field, expected):
    for name in names:
        event = {"user_id": f"{user[:50]} {name}", "item_id": "el-01", "type": "view"}
        event.pop(field, None)
        assert one(api, **event, **{name: value})[field] == expected


def test_of_two_spellings_the_first_counts(api, user):
    event = one(api, userId="other", user_id=user, itemId="bo-01", item_id="el-01", entity_id=["never looked at"], type="view",
                eventId=5, occurred_at=1717200000, client_ts="2020-01-01T00:00:00.000Z", session_id=None, sessionId="s")
    assert event["user_id"] == user and event["item_id"] == "el-01" and event["type"] == "view"
    assert event["occurred_at"] == 1717200000 and event["session_id"] == "s"


def test_blank_texts_and_unknown_fields_are_passed_over(api, user):
    event = one(api, user_id=user, item_id="el-01", type="view", request_id="", session_id=" ", placement="", context_id="",
                colour="red", nested={"a": []}, metadata=None)
    assert event["request_id"] is event["session_id"] is event["placement"] is event["context_id"] is None


def test_an_inactive_item_is_known_and_a_deleted_one_is_not(quick, mint, database, stand, user):
    api = Api(quick, mint("change-client", scope=BOTH))
    tenant = stand.tenant_id("change")

    def raise_revision():
        database.execute("UPDATE tenants SET catalogue_revision = catalogue_revision + 1 WHERE tenant_id = %s", tenant)
    state = "UPDATE items SET active = %s, deleted = %s WHERE tenant_id = %s AND item_id = 'ga-05'"
    try:
        database.execute(state, False, False, tenant)
        one(api, user_id=user, item_id="ga-05", type="view")
        database.execute(state, False, True, tenant)
        raise_revision()
        check_object_error(send(api, {"user_id": user, "item_id": "ga-05", "type": "view"}), 400, "unknown_item")
    finally:
        database.execute(state, True, False, tenant)
        raise_revision()


def test_a_withdrawn_item_is_refused_at_once_by_every_worker(pool, mint, stand, database):
    """Workers keep what they know to exist, until the catalogue changes."""
    api = Api(pool, mint("change-client", scope=BOTH))
    tenant = stand.tenant_id("change")
    event = {"user_id": "withdrawn", "item_id": "ga-06", "type": "view"}
    try:
        for _ in range(3):
            for _ in range(20):
                one(api, **event)
            database.execute("UPDATE items SET deleted = %s WHERE tenant_id = %s AND item_id = 'ga-06'", True, tenant)
            database.execute("UPDATE tenants SET catalogue_revision = catalogue_revision + 1 WHERE tenant_id = %s", tenant)
            for _ in range(20):
                check_object_error(send(api, event), 400, "unknown_item")
            database.execute("UPDATE items SET deleted = %s WHERE tenant_id = %s AND item_id = 'ga-06'", False, tenant)
    finally:
        database.execute("UPDATE items SET deleted = FALSE WHERE tenant_id = %s AND item_id = 'ga-06'", tenant)
        database.execute("UPDATE tenants SET catalogue_revision = catalogue_revision + 1 WHERE tenant_id = %s", tenant)


@pytest.mark.parametrize("prefix", ["itm_", "rec_", "rec_itm_"])
def test_an_item_is_found_by_the_ids_of_old_clients(api, user, prefix):
    """The same prefixes as wherever an item is looked up; the event is one of the item that was found."""
    for path in ("/v1/events", "/events"):
        assert send(api, [{"user_id": user, "item_id": f"{prefix}el-01", "type": "view"},
                          {"user_id": user, "query": "tea", "result_item_ids": [f"{prefix}el-02", f"{prefix}no-such"]}], path).status == 200
    assert {(event["type"], event.get("item_id")) for event in listed(api, user_id=user)["data"]} == {
        ("view", "el-01"), ("search", None), ("impression", "el-02")}
    assert len(listed(api, user_id=user, item_id=f"{prefix}el-01")["data"]) == 2
    check_object_error(send(api, {"user_id": user, "item_id": f"{prefix}no-such", "type": "view"}), 400, "unknown_item")
    check_object_error(send(api, {"user_id": user, "item_id": "evt_el-01", "type": "view"}), 400, "unknown_item")


def test_a_prefix_makes_no_other_event(api, user):
    event = {"user_id": user, "type": "view", "deduplication_id": f"{user}-once"}
    first, again = (one(api, **event, item_id="el-01"), check_events_answer(send(api, {**event, "item_id": "itm_el-01"})))
    assert again["inserted"] == 0 and again["data"][0]["id"] == first["id"] and again["data"][0]["item_id"] == "el-01"


def test_the_older_answer(api, user):
    body = check_plain_events_answer(send(api, {"userId": user, "itemId": "el-01", "eventId": 1, "client_ts": "2024-06-01T00:00:00.000Z"}, "/events"))
    assert body["message"] == "Event recorded successfully" and body["success"] is True and "ids" not in body
    assert body["inserted"] == body["processed"] == 1
    event = check_event(api.call("GET", f"/events/{body['id']}").json())
    assert event["type"] == "view" and event["user_id"] == user
    assert check_event_list(api.call("GET", f"/events?{urlencode({'user_id': user})}"), "/events")["data"] == [event]


def test_a_list_in_the_older_answer(api, user):
    events = [{"user_id": user, "entity_id": "el-01", "event_type": "view"}, {"user_id": user}, {"user_id": user, "entity_id": "el-02", "event_type": "like"}]
    body = check_plain_events_answer(send(api, events, "/events"))
    assert (body["inserted"], body["processed"]) == (2, 3)
    assert body["ids"][1] is None and body["ids"][0] < body["ids"][2]
    assert [(error["index"], error["code"]) for error in body["errors"]] == [(1, "parameter_missing")]


def test_scopes(api, mint, user):
    event = {"user_id": user, "item_id": "el-01", "type": "view"}
    check_object_error(send(api.with_token(mint(scope=READ)), event), 403, "insufficient_scope")
    check_plain_error(send(api.with_token(mint(scope=READ)), event, "/events"), "insufficient_scope")
    check_object_error(api.with_token(mint(scope=WRITE)).call("GET", "/v1/events"), 403, "insufficient_scope")
    check_events_answer(send(api.with_token(mint(scope=WRITE)), event))


# ---- What is refused


REQUIRED = {"user_id": "u", "item_id": "el-01", "type": "view"}


@pytest.mark.parametrize("change, code, field", [
    ({"user_id": None}, "parameter_missing", "user_id"),
    ({"item_id": None}, "parameter_missing", "item_id"),
    ({"type": None}, "parameter_missing", "type"),
    ({"user_id": ""}, "validation_error", "user_id"),
    ({"user_id": "u" * 129}, "validation_error", "user_id"),
    ({"user_id": "a\nb"}, "validation_error", "user_id"),
    ({"item_id": 1.5}, "validation_error", "item_id"),
    ({"item_id": {"id": 1}}, "validation_error", "item_id"),
    ({"item_id": "no-such"}, "unknown_item", None),
    ({"type": "no-such"}, "unknown_event_type", None),
    ({"type": 999}, "unknown_event_type", None),
    ({"type": 2 ** 53}, "unknown_event_type", None),
    ({"type": -1}, "unknown_event_type", None),
    ({"type": "01"}, "unknown_event_type", None),
    ({"type": "t" * 65}, "validation_error", "type"),
    ({"context_id": "c" * 129}, "validation_error", "context_id"),
    ({"session_id": ["s"]}, "validation_error", "session_id"),
    ({"request_id": "r" * 129}, "validation_error", "request_id"),
    ({"placement": True}, "validation_error", "placement"),
    ({"occurred_at": "yesterday"}, "validation_error", "occurred_at"),
    ({"occurred_at": -5}, "validation_error", "occurred_at"),
    ({"occurred_at": True}, "validation_error", "occurred_at"),
    ({"timestamp": "2024-02-30"}, "validation_error", "timestamp"),
    ({"occurred_at": 1717200000, "client_ts": {}}, "validation_error", "client_ts"),
    ({"metadata": "text"}, "validation_error", "metadata"),
    ({"metadata": [1]}, "validation_error", "metadata"),
    ({"metadata": {"x": "y" * 65536}}, "validation_error", "metadata"),
    ({"view": "no object"}, "validation_error", "view"),
    ({"deduplication_id": "d" * 256}, "validation_error", "deduplication_id"),
    ({"weight": 101}, "validation_error", "weight"),
    ({"weight": "heavy"}, "validation_error", "weight"),
    ({"item_id": None, "query": " "}, "validation_error", "query"),
    ({"item_id": None, "query": 5}, "validation_error", "query"),
    ({"item_id": None, "query": "x", "result_item_ids": "el-01"}, "validation_error", "result_item_ids"),
    ({"item_id": None, "query": "x", "result_item_ids": ["el-01", {}]}, "validation_error", "result_item_ids[1]"),
    ({"item_id": None, "query": "x", "result_item_ids": ["el-01"] * 101}, "validation_error", "result_item_ids"),
])
def test_a_bad_event_alone_is_refused_and_in_a_list_reported(api, user, database, stand, change, code, field):
    bad = {**REQUIRED, **({"user_id": user} if "user_id" not in change else {}), **change}
    check_object_error(send(api, bad), 400, code, field)
    check_plain_error(send(api, bad, "/events"), code, field)
    assert stored(database, stand, user) == 0
    good = {**REQUIRED, "user_id": user}
    body = check_events_answer(send(api, [good, bad, good]))
    assert (body["inserted"], body["processed"], len(body["data"])) == (2, 3, 2)
    assert [(error["index"], error["code"]) for error in body["errors"]] == [(1, code)]
    assert field is None or field in body["errors"][0]["message"]
    assert stored(database, stand, user) == 2


@pytest.mark.parametrize("body, code", [
    ("", "parameter_missing"), ("{}", "parameter_missing"), ("[]", "validation_error"), ("null", "invalid_json"), ("7", "invalid_json"),
    ('"text"', "invalid_json"), ("{", "invalid_json"), ('[{"user_id": "a\\u0000"}]', "invalid_json"), ('{"user_id": "\\ud800"}', "invalid_json"),
    (json.dumps([REQUIRED] * 201), "batch_size_exceeded"),
])
def test_bodies_that_are_no_events(everywhere, mint, body, code):
    api = everywhere.with_token(mint(scope=BOTH))
    check_object_error(send(api, body), 400, code)
    check_plain_error(send(api, body, "/events"), code)


SHAPES = {"null": None, "number": 7, "fraction": 1.5, "negative": -1, "true": True, "text": "text", "empty text": "", "list": [], "object": {},
          "list of lists": [[[]]], "deep": {"a": {"b": {"c": []}}}, "long": "x" * 100000, "huge number": 10 ** 15, "zeros": "0" * 50}
FIELDS = ["user_id", "userId", "anonymous_id", "anonymousId", "item_id", "itemId", "entity_id", "type", "event_type", "eventType", "event_id", "eventId", "event", "context_id",
          "contextId", "session_id", "sessionId", "request_id", "requestId", "placement", "occurred_at", "occurredAt", "timestamp", "client_ts",
          "clientTs", "metadata", "view", "deduplication_id", "deduplicationId", "idempotency_key", "idempotencyKey", "message_id", "messageId",
          "weight", "query", "result_item_ids"]


@pytest.mark.parametrize("field", FIELDS)
def test_any_shape_in_any_field(api, user, field):
    """No shape is a fault of ours, and what is refused is refused for a field that is named."""
    events = [{**REQUIRED, "user_id": user, field: shape} for shape in SHAPES.values()]
    alone = [{field: shape, **({} if field in ("query",) else {"query": "q"}), "user_id": user} for shape in SHAPES.values()]
    for event in events + alone:
        answer = send(api, event)
        if answer.status == 200:
            check_events_answer(answer)
            continue
        if answer.status == 409:  # the id is that of another one of these
            check_object_error(answer, 409, "deduplication_conflict")
            continue
        check_object_error(answer, 400)
        error = answer.json()["error"]
        fields = error.get("details", {}).get("fieldErrors", {})
        named = fields or any(name in error["message"] for name in FIELDS)
        assert named, answer
    body = check_events_answer(send(api, events + list(SHAPES.values())))
    wrong = {error["index"] for error in body["errors"]}
    assert set(range(len(events), len(events) + len(SHAPES))) <= wrong
    stated = [send(api, event).status for event in events]
    assert [index in wrong for index in range(len(events))] == [status in (400, 409) for status in stated]


# ---- Reading


@pytest.fixture(scope="module")
def history(stand):
    """A user with fourteen events, two of each of seven kinds of difference."""
    return "events-history"


@pytest.fixture
def told(api, history):
    """The history's events, sent once."""
    base = 1700000000
    events = [{"user_id": history, "item_id": item, "type": kind, "occurred_at": base + number * 100, "session_id": f"history-s{number % 3}",
               "request_id": f"history-r{number // 4}", "deduplication_id": f"history-{number}"}
              for number, (item, kind) in enumerate([(item, kind) for item in ("el-01", "bo-01") for kind in
                                                     ("view", "click", "like", "add_to_cart", "purchase", "conversion", "impression")])]
    body = check_events_answer(send(api, events))
    return body["data"]


@pytest.mark.parametrize("query, keep", [
    ({}, lambda event: True),
    ({"type": "like"}, lambda event: event["type"] == "like"),
    ({"type": "5"}, lambda event: event["type"] == "purchase"),
    ({"type": "no-such"}, lambda event: False),
    ({"item_id": "bo-01"}, lambda event: event["item_id"] == "bo-01"),
    ({"session_id": "history-s1"}, lambda event: event["session_id"] == "history-s1"),
    ({"request_id": "history-r2"}, lambda event: event["request_id"] == "history-r2"),
    ({"request_id": "history-r2", "session_id": "history-s2"}, lambda event: (event["request_id"], event["session_id"]) == ("history-r2", "history-s2")),
    ({"occurred_after": 1700000500}, lambda event: event["occurred_at"] >= 1700000500),
    ({"occurred_before": 1700000500}, lambda event: event["occurred_at"] <= 1700000500),
    ({"occurred_after": "2023-11-14T22:15:00Z", "occurred_before": 1700000500000, "item_id": "el-01"}, lambda event: 1700000100 <= event["occurred_at"] <= 1700000500),
])
def test_filters_and_pages(api, history, told, query, keep):
    expected = [event for event in told if keep(event)]
    for more in ({"user_id": history}, {"user_id": history, "order": "asc"}):
        assert listed(api, limit=100, **more, **query)["data"] == expected
    assert listed(api, limit=100, user_id=history, order="desc", **query)["data"] == expected[::-1]
    for order, wanted in (("asc", expected), ("desc", expected[::-1])):
        found, cursor = [], {}
        while True:
            page = listed(api, limit=3, user_id=history, order=order, **cursor, **query)
            found += page["data"]
            assert len(page["data"]) == 3 or not page["has_more"]
            if not page["has_more"]:
                break
            cursor = {"starting_after": "evt_" + page["next_cursor"]}
        assert found == wanted


def test_filters_without_a_user(api, told):
    """Each of them looks up by an index of its own."""
    ids = {event["id"] for event in told}
    for query in ({"session_id": "history-s1"}, {"request_id": "history-r2"}, {"item_id": "bo-01", "starting_after": str(int(told[0]["id"]) - 1)}):
        for order in ("asc", "desc"):
            if order == "desc" and "starting_after" in query:
                query = {"item_id": "bo-01", "starting_after": str(int(told[-1]["id"]) + 1)}
            name = next(iter(query))
            expected = [event["id"] for event in told if event[name] == query[name]]
            assert [event["id"] for event in listed(api, limit=100, order=order, **query)["data"] if event["id"] in ids] == (
                expected if order == "asc" else expected[::-1])
    everything = listed(api, limit=100, starting_after=str(int(told[0]["id"]) - 1))["data"]
    assert [event for event in everything if event["id"] in ids] == told


@pytest.mark.parametrize("query, code, field", [
    ({"limit": 0}, "invalid_limit", None), ({"limit": "many"}, "invalid_limit", None), ({"starting_after": "abc"}, "invalid_cursor", None),
    ({"starting_after": "012"}, "invalid_cursor", None), ({"starting_after": "-1"}, "invalid_cursor", None),
    ({"starting_after": "9" * 30}, "invalid_cursor", None), ({"order": "down"}, "validation_error", "order"),
    ({"occurred_after": "soon"}, "validation_error", "occurred_after"), ({"user_id": "u" * 129}, "validation_error", "user_id"),
    ({"user_id": ""}, "validation_error", "user_id"),
])
def test_lists_that_cannot_be(api, query, code, field):
    check_object_error(api.call("GET", "/v1/events?" + urlencode(query)), 400, code, field)
    check_plain_error(api.call("GET", "/events?" + urlencode(query)), code, field)


@pytest.mark.parametrize("number", ["abc", "0", "-1", "01", "evt_", "evt_x", "9" * 25, "itm_5", "1%2F2", "1%20"])
def test_ids_that_are_none(api, number):
    check_object_error(api.call("GET", f"/v1/events/{number}"), 400, "invalid_id")
    check_plain_error(api.call("GET", f"/events/{number}"), "invalid_id")


def test_an_event_that_is_not_there(api):
    check_object_error(api.call("GET", "/v1/events/9000000000000000000"), 404, "event_not_found")
    check_plain_error(api.call("GET", "/events/9000000000000000000"), "event_not_found")


def test_limits_are_lowered(api, user):
    for _ in range(2):
        check_events_answer(send(api, [{"user_id": user, "item_id": "el-01", "type": "view"}] * 60))
    page = listed(api, user_id=user, limit=500)
    assert len(page["data"]) == 100 and page["has_more"]
    assert len(listed(api, user_id=user)["data"]) == 20
    assert len(listed(api, user_id=user, limit=2.9)["data"]) == 2


# ---- Searches


def test_a_search_is_an_event_and_its_results_are_impressions(api, user):
    search = {"user_id": user, "query": "  red  shoes", "result_item_ids": ["el-01", 1001, "no-such", "bo-01"], "session_id": "s"}
    event = one(api, **search)
    assert event["type"] == "search" and "item_id" not in event
    assert event["metadata"] == {"query": "red  shoes", "result_item_ids": ["el-01", "1001", "no-such", "bo-01"]}
    found = listed(api, user_id=user)["data"]
    assert found[0] == event
    assert [(entry["type"], entry["item_id"], entry["session_id"]) for entry in found[1:]] == [
        ("impression", item, "s") for item in ("el-01", "1001", "bo-01")]
    body = check_events_answer(send(api, [dict(search, result_item_ids=[]), {**REQUIRED, "user_id": user, "query": "ignored"}]))
    assert [entry["type"] for entry in body["data"]] == ["search", "view"]


def test_a_search_sent_twice_is_stored_once_with_all_its_results(api, user, database, stand):
    search = {"user_id": user, "query": "shoes", "result_item_ids": ["el-01", "el-01"], "deduplication_id": user}
    first = one(api, **search)
    body = check_events_answer(send(api, search))
    assert body["inserted"] == 0 and body["data"] == [first]
    assert stored(database, stand, user) == 3


# ---- Clocks


def test_a_time_more_than_a_day_ahead_is_that_of_the_arrival(api, user):
    now = time.time()
    for ahead, counts in ((365 * 86400, 0), (86400 + 60, 0), (86400 - 60, 86400 - 60), (-86400, -86400)):
        told = one(api, user_id=user, item_id="el-01", type="view", occurred_at=int(now + ahead))["occurred_at"]
        assert abs(told - (now + counts)) < 30


def test_a_wrong_clock_hides_no_later_purchase(api, user):
    """A list reads the newest 200 events, by their time."""
    next_year = int(time.time()) + 365 * 86400
    send(api, [{"user_id": user, "item_id": "el-02", "type": "view", "occurred_at": next_year} for _ in range(200)])
    one(api, user_id=user, item_id="ga-01", type="purchase")
    assert bought(api, user, "ga-01")


def test_an_imported_time_ahead_is_left_out_and_counted(stand, user, database):
    """A file says nothing of when such an event was."""
    path = stand.root / "import" / "ahead.csv"
    path.write_text(f"user_id,item_id,type,occurred_at\n{user},el-01,view,{int(time.time()) + 2 * 86400}\n{user},el-02,view,2099-01-01\n"
                    f"{user},el-03,view,{int(time.time()) + 3600}\n")
    for _ in range(2):
        assert "2 events were left out" in stand.tool.run("import", "events", path, "--tenant", "alpha").stdout
    assert [item for item, in database.execute("SELECT item_id FROM events WHERE user_id = %s", user)] == ["el-03"]


@pytest.mark.parametrize("told, moment", [
    ("2019-10-01 00:00:00 UTC", 1569888000), ("2014-10-21 10:21:12 -0400", 1413901272), ("20141021T142112Z", 1413901272),
    (1413901272000000, 1413901272), (1413901272000000000, 1413901272), (20141021, 1413849600), ("2014-10-21", 1413849600)])
def test_times_as_exports_write_them(api, user, told, moment):
    assert one(api, user_id=user, item_id="el-01", type="view", occurred_at=told)["occurred_at"] == moment


@pytest.mark.parametrize("told", [0, 81, 45306, "45306", 45306.5, 20241301, 4102444800, "2014-10-21 10:21:12 CET"])
def test_a_number_that_is_no_plausible_time_is_refused(api, user, told):
    check_object_error(send(api, {"user_id": user, "item_id": "el-01", "type": "view", "occurred_at": told}), 400, "validation_error", "occurred_at")


def test_0_is_no_lower_bound(api, user):
    event = one(api, user_id=user, item_id="el-01", type="view", occurred_at=1413901272)
    assert listed(api, user_id=user, occurred_after=0)["data"] == [event]
    check_object_error(api.call("GET", f"/v1/events?user_id={user}&occurred_after=81"), 400, "validation_error", "occurred_after")


# ---- The very next answer


def bought(api, user, item):
    answer = check_recommendations_answer(api.recommendations(user_id=user, quantity=100))
    return item not in {entry["item_id"] for entry in answer["recommendations"]}


def test_a_purchase_shows_in_the_next_answer_of_any_worker(pool, mint):
    api = Api(pool, mint(scope=BOTH))
    items = [item for item in ITEMS if item.isascii() and "'" not in item]
    for number in range(100):
        user, item = f"next-{pool.kind}-{number % 7}", items[number % len(items)]
        if not bought(api, user, item):
            one(api, user_id=user, item_id=item, type="purchase")
            assert bought(api, user, item), f"round {number}"


def test_a_view_steers_the_next_answer_of_any_worker(pool, mint):
    """el-01 and el-02 are bought together and with nothing else; so are the others of the pairs."""
    api = Api(pool, mint(scope=BOTH))
    for number in range(100):
        item, partner = (("el-01", "el-02"), ("ga-01", "ga-02"), ("1001", "1002"), ("mu-01", "to-01"))[number % 4]
        user = f"steer-{pool.kind}-{number}"
        one(api, user_id=user, item_id=item, type="view")
        best = [entry["item_id"] for entry in check_recommendations_answer(api.recommendations(user_id=user, quantity=3))["recommendations"]]
        assert partner in [entry for entry in best if entry != item][:1], f"round {number}: {best}"


def test_a_factor_turns_a_view_into_dislike(api, user):
    """Of two users with the same view, the one with a negative factor is not led to its partner."""
    def rank(weight):
        name = f"{user}{weight}"
        one(api, user_id=name, item_id="el-01", type="view", weight=weight)
        entries = check_recommendations_answer(api.recommendations(user_id=name, quantity=100))["recommendations"]
        return [entry["item_id"] for entry in entries].index("el-02")
    assert rank(1) <= 1 < 10 < rank("-5")


# ---- Settings and types


@pytest.fixture(scope="module")
def lenient(stand):
    """A front that accepts what it does not know."""
    text = (stand.root / "palate.conf").read_text() + "\n[events]\nunknown_type = accept\nunknown_item = accept\n"
    return stand.front("lighttpd", "lenient", stand.write("lenient.conf", text), workers=4)


def test_unknown_types_and_items_can_be_accepted(lenient, mint, user, api, stand, database):
    accepting = Api(lenient, mint(scope=BOTH))
    event = one(accepting, user_id=user, item_id="not-yet-there", type="hover", hover={"seconds": 3})
    assert event["type"] == "hover" and event["item_id"] == "not-yet-there" and event["hover"] == {"seconds": 3}
    assert one(api, user_id=user, item_id="el-01", type="hover")["type"] == "hover"
    row = database.execute("SELECT weight, is_purchase FROM event_types WHERE tenant_id = %s AND name = 'hover'", stand.tenant_id("alpha"))
    assert row == ((10, 0),)
    check_object_error(send(api, {"user_id": user, "item_id": "not-yet-there", "type": "hover"}), 400, "unknown_item")
    body = check_events_answer(send(accepting, [{"user_id": user, "item_id": "x", "type": f"kind {number}"} for number in range(20)]))
    assert body["inserted"] == 20 and len({entry["type"] for entry in body["data"]}) == 20


def test_types_are_the_operators(stand, api, user):
    run = stand.tool.run
    assert [line.split()[1] for line in run("event-type", "list", "--tenant", "alpha").stdout.splitlines()[1:9]] == [
        "view", "click", "like", "add_to_cart", "purchase", "conversion", "impression", "search"]
    assert run("event-type", "set", "dislike", "--tenant", "alpha", check=False).returncode == 1
    run("event-type", "set", "dislike", "--tenant", "alpha", "--weight", "-60", "--number", "77")
    assert one(api, user_id=user, item_id="el-01", type=77)["type"] == "dislike"
    assert run("event-type", "set", "other", "--tenant", "alpha", "--weight", "1", "--number", "77", check=False).returncode == 1
    assert run("event-type", "set", "dislike", "--tenant", "alpha", "--number", "78", check=False).returncode == 1
    assert run("event-type", "set", "12", "--tenant", "alpha", "--weight", "1", check=False).returncode == 2
    assert run("event-type", "set", "dislike", "--tenant", "alpha", "--weight", "101", check=False).returncode == 2
    assert not bought(api, user, "el-01")
    run("event-type", "set", "dislike", "--tenant", "alpha", "--purchase", "yes")
    assert bought(api, user, "el-01")
    assert "77" in run("event-type", "list", "--tenant", "alpha").stdout
    run("event-type", "delete", "dislike", "--tenant", "alpha")
    assert run("event-type", "delete", "dislike", "--tenant", "alpha", check=False).returncode == 1
    check_object_error(send(api, {"user_id": user, "item_id": "el-01", "type": "dislike"}), 400, "unknown_event_type")
    assert [event["type"] for event in listed(api, user_id=user)["data"]] == ["77"]


# ---- Two tenants


def test_events_stay_with_their_tenant(api, beta, user, stand, database):
    mine = [one(api, user_id=user, item_id="el-01", type="view", session_id=user, request_id=user, deduplication_id=user) for _ in range(1)]
    theirs = [one(beta, user_id=user, item_id="el-01", type="view", session_id=user, request_id=user, deduplication_id=user)]
    assert mine[0]["id"] != theirs[0]["id"], "an equal key is another tenant's"
    for own, foreign, caller, other in ((mine, theirs, api, beta), (theirs, mine, beta, api)):
        for path in ("/v1/events/", "/v1/events/evt_"):
            assert caller.call("GET", path + own[0]["id"]).status == 200
            check_object_error(caller.call("GET", path + foreign[0]["id"]), 404, "event_not_found")
        check_plain_error(caller.call("GET", "/events/" + foreign[0]["id"]), "event_not_found")
        for query in ({"user_id": user}, {"session_id": user}, {"request_id": user}, {"user_id": user, "order": "desc"},
                      {"user_id": user, "starting_after": min(mine[0]["id"], theirs[0]["id"], key=int)}):
            found = [event["id"] for event in listed(caller, limit=100, **query)["data"]]
            assert foreign[0]["id"] not in found
    stand.tool.run("event-type", "set", "secret", "--tenant", "beta", "--weight", "5", "--number", "500")
    for name in ("secret", 500):
        check_object_error(send(api, {"user_id": user, "item_id": "el-01", "type": name}), 400, "unknown_event_type")
    check_object_error(send(api.with_token("x" + api.token), {"user_id": user, "item_id": "el-01", "type": "view"}), 401)
