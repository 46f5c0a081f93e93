"""The second document: GET /recommendations and its other spellings."""
import json
import uuid

import pytest

from harness.catalogue import EMOJI, ITEMS, PAIRS, POPULAR, QUOTED, TRENDING
from harness.client import Api
from harness.shapes import UUID4, check_plain_error, check_recommendations_answer
from harness.tokens import BOTH


def ids(answer):
    return [entry["item_id"] for entry in check_recommendations_answer(answer)["recommendations"]]


def stored(database, stand, entity, kind="User"):
    rows = database.execute("SELECT name, description FROM entity_embeddings WHERE tenant_id = %s AND entity_type = %s"
                            " AND entity_id = %s", stand.tenant_id("alpha"), kind, entity)
    return rows[0] if rows else None


# ---- What a 200 holds


def test_the_document_is_answered_as_documented(everywhere, one_row_each):
    user = f"user-456-{everywhere.front.kind}"
    body = check_recommendations_answer(everywhere.recommendations(user_id=user, name="Avery", description="VIP shopper"))
    assert body["embedding"] == {"entity_id": user, "entity_type": "User", "name": "Avery", "description": "VIP shopper",
                                 "metadata": {"team_id": "alpha"}}
    assert body["count"] == 20 and body["limit"] == 20
    assert all(entry["group"] is None for entry in body["recommendations"])
    one_row_each(1)


def test_entries_show_the_items_as_the_catalogue_has_them(api):
    body = check_recommendations_answer(api.recommendations(user_id="reader", quantity=100))
    assert {entry["item_id"] for entry in body["recommendations"]} == set(ITEMS)
    for entry in body["recommendations"]:
        item = ITEMS[entry["item_id"]]
        assert entry["name"] == item["name"] and entry["description"] == item.get("description", "")
        assert entry["item"]["metadata"] == item["metadata"] or entry["item"]["metadata"] == entry["metadata"]
        texts = {"name": item["name"], "description": item.get("description", "")}
        expected = {**{key: text for key, text in texts.items() if text}, **item["metadata"]}
        assert entry["metadata"] == expected


def test_a_name_in_the_shops_metadata_is_left_alone(api):
    body = check_recommendations_answer(api.recommendations(user_id="reader", quantity=100))
    entry = next(entry for entry in body["recommendations"] if entry["item_id"] == "1001")
    assert entry["name"] == "Pencil 1" and entry["metadata"]["name"] == "a name of the shop's own"


def test_the_logs_hold_request_and_answer(api, stand, database):
    answer = api.recommendations(user_id="logged-user", quantity=7, surface="home page")
    body = check_recommendations_answer(answer)
    (tenant, endpoint, client, user, template, given, results, count), = database.execute(
        "SELECT s.tenant_id, endpoint, client_id, user_id, template, input, results, result_count FROM sequences s"
        " JOIN decisions d USING (tenant_id, sequence_id) WHERE request_id = %s", answer.request_id)
    assert (tenant, endpoint, client, user, template) == (
        stand.tenant_id("alpha"), "GET /recommendations", "alpha-client", "logged-user", None)
    assert json.loads(given)["surface"] == "home page"
    assert count == 7
    assert [entry["item_id"] for entry in json.loads(results)] == [entry["item_id"] for entry in body["recommendations"]]


def test_equal_requests_have_equal_answers_but_for_ids_and_times(api):
    def stable():
        body = check_recommendations_answer(api.recommendations(user_id="pair0-1", quantity=50))
        return {key: value for key, value in body.items() if key not in ("request_id", "processing_time_ms")}
    assert stable() == stable()


# ---- Where parameters may stand


def test_a_get_may_have_a_json_body_and_it_wins(everywhere):
    body = check_recommendations_answer(everywhere.call(
        "GET", "/recommendations?user_id=from-query&quantity=3&name=Query", {"user_id": "from-body", "quantity": 5}))
    assert body["embedding"]["entity_id"] == "from-body"
    assert body["embedding"]["name"] == "Query"
    assert body["count"] == 5


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("path", ["/recommendations", "/recommendation"])
def test_both_methods_and_spellings_are_the_same(everywhere, method, path):
    by_query = check_recommendations_answer(everywhere.call(method, path + "?user_id=anyone&quantity=2"))
    by_body = check_recommendations_answer(everywhere.call(method, path, {"user_id": "anyone", "quantity": 2}))
    assert by_query["recommendations"] == by_body["recommendations"]
    assert by_query["count"] == 2


def test_a_form_body_is_read_too(everywhere):
    answer = everywhere.call("POST", "/recommendations?quantity=9", "user_id=a+form%20%26+%F0%9F%8E%81&quantity=4",
                             {"Content-Type": "application/x-www-form-urlencoded"})
    body = check_recommendations_answer(answer)
    assert body["embedding"]["entity_id"] == "a form & \U0001f381" and body["count"] == 4


def test_null_counts_as_absent(api):
    body = check_recommendations_answer(api.call("GET", "/recommendations?user_id=from-query&quantity=3",
                                                 {"user_id": None, "quantity": None, "name": None}))
    assert body["embedding"]["entity_id"] == "from-query" and body["count"] == 3


def test_of_equal_keys_the_last_one_counts(everywhere):
    body = check_recommendations_answer(everywhere.call("GET", "/recommendations?user_id=a&quantity=ten&user_id=b&quantity=2"))
    assert body["embedding"]["entity_id"] == "b" and body["count"] == 2


@pytest.mark.parametrize("user", ["O'Hara", '"; DROP TABLE items; --', "100%", "%41", "a+b c&d=e", "\U0001f381 Zoë", "12345", "x" * 128,
                                  "\U0001f381" * 128, "../../etc/passwd", "<b>", "\\", "null"])
def test_user_ids_are_taken_to_the_letter(api, stand, database, user):
    for answer in (api.recommendations(user_id=user, quantity=1), api.call("POST", "/recommendations", {"user_id": user, "name": "x", "quantity": 1})):
        assert check_recommendations_answer(answer)["embedding"]["entity_id"] == user
        assert database.execute("SELECT user_id FROM sequences WHERE request_id = %s", answer.request_id) == ((user,),)
    assert stored(database, stand, user) is not None


# ---- Who


def test_the_user_falls_back_to_sub(everywhere, mint):
    body = check_recommendations_answer(everywhere.with_token(mint(sub="the-subject")).recommendations())
    assert body["embedding"]["entity_id"] == "the-subject"


def test_without_any_user_the_request_is_refused(everywhere, mint, nothing_logged):
    check_plain_error(everywhere.with_token(mint(sub=None)).recommendations(), "validation_error", field="user_id")


def test_a_users_events_steer(api, shopper):
    shopper.did("purchase", PAIRS[0][0])
    order = ids(api.recommendations(user_id=shopper.id, quantity=100))
    assert order[0] == PAIRS[0][1]


@pytest.mark.parametrize("seed, partner", PAIRS)
def test_a_view_steers_as_well(api, shopper, seed, partner):
    shopper.did("view", seed)
    assert [item for item in ids(api.recommendations(user_id=shopper.id)) if item != seed][0] == partner


def test_bought_items_are_never_recommended(everywhere, shopper):
    bought = {"el-01", POPULAR, TRENDING, QUOTED, EMOJI}
    for item in bought:
        shopper.did("purchase", item)
    assert set(ids(everywhere.recommendations(user_id=shopper.id, quantity=100))) == set(ITEMS) - bought


def test_viewed_items_may_be_recommended(api, shopper):
    shopper.did("view", "el-05")
    assert set(ids(api.recommendations(user_id=shopper.id, quantity=100))) == set(ITEMS)


def test_users_with_events_and_without_are_told_apart(api):
    known = check_recommendations_answer(api.recommendations(user_id="pair0-1"))
    assert known["cold_start_fallback_used"] is False
    unknown = check_recommendations_answer(api.recommendations(user_id=f"never-seen-{uuid.uuid4()}"))
    assert unknown["cold_start_fallback_used"] is True
    assert unknown["embedding_info"]["source"] == "default" and unknown["embedding_info"]["used_default"] is True
    assert unknown["recommendations"][0]["item_id"] == TRENDING


# ---- The stored entity row


def test_a_row_of_the_entity_is_made_only_for_a_text(api, stand, database):
    user = f"made-{uuid.uuid4()}"
    for given in ({}, {"name": ""}, {"description": "", "name": ""}):
        body = check_recommendations_answer(api.recommendations(user_id=user, quantity=1, **given))
        assert body["embedding"]["name"] == "" and body["embedding"]["description"] == ""
        assert stored(database, stand, user) is None
    check_recommendations_answer(api.recommendations(user_id=user, quantity=1, description="VIP"))
    assert stored(database, stand, user) == ("", "VIP")


def test_overrides_are_stored_and_come_back(everywhere, stand, database):
    user = f"kept-{uuid.uuid4()}"
    text = "VIP\nlikes \"tea\" \U0001f375 100%"
    check_recommendations_answer(everywhere.call("POST", "/recommendations", {"user_id": user, "name": "Avery", "description": text}))
    assert stored(database, stand, user) == ("Avery", text)
    body = check_recommendations_answer(everywhere.recommendations(user_id=user))
    assert (body["embedding"]["name"], body["embedding"]["description"]) == ("Avery", text)
    # One of them replaced, the other left alone.
    body = check_recommendations_answer(everywhere.recommendations(user_id=user, name="Avery II"))
    assert (body["embedding"]["name"], body["embedding"]["description"]) == ("Avery II", text)
    assert stored(database, stand, user) == ("Avery II", text)


def test_overrides_of_a_user_with_events_come_back_too(api, shopper, stand, database):
    """The events are read along with the tenant, and the row apart where it holds more than nothing."""
    shopper.did("view", PAIRS[0][0])
    for given, kept in (({}, ("", "")), ({"name": "Avery"}, ("Avery", "")), ({}, ("Avery", "")), ({"description": "VIP"}, ("Avery", "VIP")),
                        ({"name": ""}, ("", "VIP")), ({"description": ""}, ("", "")), ({}, ("", ""))):
        body = check_recommendations_answer(api.recommendations(user_id=shopper.id, **given))
        assert (body["embedding"]["name"], body["embedding"]["description"]) == kept == (stored(database, stand, shopper.id) or ("", ""))
        assert PAIRS[0][1] in [entry["item_id"] for entry in body["recommendations"][:2]]


def statements_of(database, api, user):
    """What one answer asks MariaDB, once the user's row is there and every statement is prepared."""
    def executed():
        return int(database.execute("SHOW GLOBAL STATUS LIKE 'Com_stmt_execute'")[0][1])
    for _ in range(16):
        ids(api.recommendations(user_id=user))
    before = executed()
    for _ in range(8):
        ids(api.recommendations(user_id=user))
    return (executed() - before) / 8


def test_an_answer_asks_the_database_two_or_three_times(api, shopper, database):
    assert statements_of(database, api, f"never-seen-{uuid.uuid4()}") == 3, "nobody is found with events, then alone, then the log"
    shopper.did("view", PAIRS[0][0])
    assert statements_of(database, api, shopper.id) == 2


def test_what_a_type_of_events_weighs_shows_at_once(pool, mint, shopper, stand):
    """Eight workers keep the weights; a type that is new, changed or gone is in every next answer."""
    api, kind = Api(pool, mint()), "type-of-a-day"

    def partner_of(seed):
        partner = dict(PAIRS)[seed]
        return [{item: place for place, item in enumerate(ids(api.recommendations(user_id=shopper.id, quantity=100)))}[partner] for _ in range(12)]

    shopper.did("view", PAIRS[0][0]).did("view", PAIRS[2][0], ago=50)
    without = max(partner_of(PAIRS[1][0]))
    stand.tool.run("event-type", "set", kind, "--tenant", "alpha", "--weight", 90)
    shopper.did(kind, PAIRS[1][0], ago=30)
    assert set(partner_of(PAIRS[1][0])) == {0}
    stand.tool.run("event-type", "set", kind, "--tenant", "alpha", "--weight", -90)
    assert min(partner_of(PAIRS[1][0])) > without
    stand.tool.run("event-type", "delete", kind, "--tenant", "alpha")
    assert set(partner_of(PAIRS[1][0])) == {without}


def test_a_refused_request_stores_no_override(api, stand, database, nothing_logged):
    user = f"refused-{uuid.uuid4()}"
    check_plain_error(api.recommendations(user_id=user, name="X", quantity="ten"), "validation_error", field="quantity")
    check_plain_error(api.recommendations(user_id=user, name="X", context_id="no-such-context"), "context_not_found")
    assert stored(database, stand, user) is None


@pytest.mark.parametrize("field, good, bad", [("name", "n" * 500, "n" * 501), ("name", "\U0001f381" * 500, "\U0001f381" * 501),
                                              ("description", "d\n" * 5000, "d" * 10001),
                                              ("description", "\U0001f381" * 10000, "\U0001f381" * 10001)],
                         ids=["name", "name of emoji", "description", "description of emoji"])
def test_overrides_have_limits_in_characters(api, stand, field, good, bad):
    body = check_recommendations_answer(api.call("POST", "/recommendations", {"user_id": "limits", field: good}))
    assert body["embedding"][field] == good
    before = stand.rows()
    check_plain_error(api.call("POST", "/recommendations", {"user_id": "limits", field: bad}), "validation_error", field=field)
    assert stand.rows() == before


@pytest.mark.parametrize("field, value", [(field, value) for field in ("name", "description") for value in (5, 1.5, True, [], {}, ["x"])])
def test_overrides_must_be_text(api, nothing_logged, field, value):
    check_plain_error(api.call("POST", "/recommendations", {"user_id": "u", field: value}), "validation_error", field=field)


# ---- Items as entities


def test_an_item_gets_items_like_it(everywhere):
    for seed, partner in (PAIRS[0], PAIRS[3][::-1]):
        body = check_recommendations_answer(everywhere.recommendations(user_id=seed, entity_type="Item", quantity=100))
        order = [entry["item_id"] for entry in body["recommendations"]]
        assert order[0] == partner
        assert set(order) == set(ITEMS) - {seed}, "the seed is never returned"
        assert body["embedding"]["entity_type"] == "Item" and body["embedding"]["entity_id"] == seed


def test_who_may_only_read_overrides_an_items_texts_in_that_answer_alone(api, everywhere, stand, database):
    texts = {"name": "Other name", "description": "Other text"}
    for reader in (api, everywhere):
        body = check_recommendations_answer(reader.recommendations(user_id="ga-04", entity_type="Item", quantity=1, **texts))
        assert {name: body["embedding"][name] for name in texts} == texts
        body = check_recommendations_answer(reader.recommendations(user_id="ga-04", entity_type="Item", quantity=1))
        assert body["embedding"]["name"] == ITEMS["ga-04"]["name"]
    assert (stored(database, stand, "ga-04", "Item") or ("", "")) == ("", "")


def test_an_item_shows_the_catalogues_texts_until_they_are_overridden(api, mint, stand, database):
    api = api.with_token(mint(scope=BOTH))
    body = check_recommendations_answer(api.recommendations(user_id="ga-05", entity_type="Item", quantity=1))
    assert body["embedding"]["name"] == ITEMS["ga-05"]["name"]
    assert body["embedding"]["description"] == ITEMS["ga-05"]["description"]
    check_recommendations_answer(api.recommendations(user_id="ga-05", entity_type="Item", quantity=1, name="Other name"))
    body = check_recommendations_answer(api.recommendations(user_id="ga-05", entity_type="Item", quantity=1))
    assert body["embedding"]["name"] == "Other name"
    assert stored(database, stand, "ga-05", "Item")[0] == "Other name"


def test_an_unknown_item_still_gets_an_answer(api):
    body = check_recommendations_answer(api.recommendations(user_id="no-such-item", entity_type="Item"))
    assert body["count"] == 20


def test_an_item_and_a_user_of_equal_id_are_two_entities(api, mint, stand, database):
    api = api.with_token(mint(scope=BOTH))
    check_recommendations_answer(api.recommendations(user_id="ga-06", entity_type="User", name="a person", quantity=1))
    check_recommendations_answer(api.recommendations(user_id="ga-06", entity_type="Item", name="a thing", quantity=1))
    assert stored(database, stand, "ga-06", "User")[0] == "a person"
    assert stored(database, stand, "ga-06", "Item")[0] == "a thing"


@pytest.mark.parametrize("value", ["user", "ITEM", "Users", "Thing", " User", 1, True, ["User"]])
def test_another_entity_type_is_refused(api, nothing_logged, value):
    answer = api.call("POST", "/recommendations", {"user_id": "u", "entity_type": value})
    check_plain_error(answer, "validation_error", field="entity_type")


# ---- How many


@pytest.mark.parametrize("query, count", [({}, 20), ({"quantity": 1}, 1), ({"quantity": "10"}, 10), ({"quantity": 100}, len(ITEMS)),
                                          ({"limit": 3}, 3), ({"quantity": 2, "limit": 9}, 2), ({"quantity": "10.0"}, 10)])
def test_quantity_or_limit_says_how_many(api, query, count):
    body = check_recommendations_answer(api.recommendations(user_id="counter", **query))
    assert body["count"] == count
    assert body["limit"] == int(float(query.get("quantity", query.get("limit", 20))))


@pytest.mark.parametrize("name", ["quantity", "limit"])
@pytest.mark.parametrize("value", [0, -1, "ten", 10.5, "1e1000", "0x10", "10 ", "NaN", "1" * 400])
def test_a_wrong_quantity_is_refused(api, nothing_logged, name, value):
    check_plain_error(api.recommendations(user_id="counter", **{name: value}), "validation_error", field=name)


@pytest.mark.parametrize("value", [0, -1, "ten"])
def test_a_wrong_quantity_is_refused_by_every_front(everywhere, nothing_logged, value):
    check_plain_error(everywhere.recommendations(user_id="counter", quantity=value), "validation_error", field="quantity")
    check_plain_error(everywhere.call("GET", "/recommendations", {"user_id": "counter", "quantity": value}), "validation_error",
                      field="quantity")


# ---- Request ids


def test_every_answer_has_a_request_id_of_its_own(everywhere):
    first, second = (everywhere.recommendations(user_id="u", quantity=1).request_id for _ in range(2))
    assert UUID4.fullmatch(first) and UUID4.fullmatch(second) and first != second


def test_the_callers_request_id_is_kept(everywhere, database):
    mine = f"trace/{uuid.uuid4()};~!"
    answer = everywhere.recommendations({"X-Request-Id": mine}, user_id="u", quantity=1)
    assert answer.request_id == mine == check_recommendations_answer(answer)["request_id"]
    assert database.execute("SELECT COUNT(*) FROM sequences WHERE request_id = %s", mine) == ((1,),)
    # Also where there is no body with request_id.
    assert everywhere.call("POST", "/api/recommend/recommend", {}, {"X-Request-Id": mine}).request_id == mine
    assert everywhere.call("GET", "/nowhere", None, {"X-Request-Id": mine}).request_id == mine


@pytest.mark.parametrize("bad", ["two words", "x" * 129, "Zo\u00eb", "", "a\tb"])
def test_an_unfit_request_id_is_replaced(api, bad):
    answer = api.recommendations({"X-Request-Id": bad.encode("utf-8")}, user_id="u", quantity=1)
    assert UUID4.fullmatch(check_recommendations_answer(answer)["request_id"])
    assert api.recommendations({"X-Request-Id": "x" * 128}, user_id="u", quantity=1).request_id == "x" * 128
