"""A token for a person reads and writes what is that person's, and nothing else, whatever its scopes: it may be in a browser."""
import uuid

import pytest

from harness.client import Api
from harness.shapes import (check_event_list, check_events_answer, check_object_error, check_plain_error, check_recommend_answer,
                            check_recommend_error, check_recommendations_answer, check_v1_recommendations)
from harness.tokens import BOTH, READ

SHARED = [("GET", "/v1/items"), ("GET", "/v1/items/el-01"), ("HEAD", "/v1/items"), ("GET", "/v1/items/search?q=x"), ("POST", "/v1/items"),
          ("PATCH", "/v1/items/el-01"), ("DELETE", "/v1/items/el-01"), ("DELETE", "/v1/items")]


@pytest.fixture
def anna():
    return f"anna-{uuid.uuid4()}"


def person_of(stand, front, user, scopes=BOTH):
    return Api(front, stand.tool.run("token", "--client", "alpha-client", "--sub", user, "--scope", scopes).stdout.strip())


@pytest.fixture
def person(stand, quick, anna):
    """The API as the tool's token for anna calls it."""
    return person_of(stand, quick, anna)


@pytest.fixture
def shop(quick, mint):
    return Api(quick, mint(scope=BOTH))


def user_of(database, answer):
    return database.execute("SELECT user_id FROM sequences WHERE request_id = %s", answer.request_id)[0][0]


def test_it_sees_its_own_lists(stand, front, database, anna):
    own = person_of(stand, front, anna)
    for answer in (own.recommendations(), own.recommendations(user_id=anna), own.v1(), own.v1(user_id=anna), own.v1({"X-Anonymous-Id": "bob"}),
                   own.recommend(), own.recommend(user_id=anna), own.call("POST", "/v1/search", {"query": "tea"})):
        assert answer.status == 200 and user_of(database, answer) == anna
    check_plain_error(own.recommendations(user_id="bob"), "person_token")
    check_object_error(own.call("POST", "/v1/events", {"user_id": "bob", "item_id": "el-01", "type": "view"}), 403, "person_token")


def test_nobody_elses(person, nothing_logged):
    for answer in (person.v1(user_id="bob"), person.v1(userId="bob"), person.call("POST", "/v1/recommendations", {"user_id": "bob"}),
                   person.v1(user_id="bob", mode="auto"), person.call("POST", "/v1/search", {"query": "tea", "user_id": "bob"}),
                   person.call("POST", "/v1/explain", {"item_id": "el-01", "user_id": "bob"})):
        check_object_error(answer, 403, "person_token")
    for answer in (person.recommendations(user_id="bob"), person.call("POST", "/recommendation", {"user_id": "bob"}),
                   person.call("GET", "/explain?item_id=el-01&user_id=bob")):
        check_plain_error(answer, "person_token")
    check_recommend_error(person.recommend(user_id="bob"), 403)


def test_lists_for_items_are_nobodys(person):
    assert check_recommendations_answer(person.recommendations(user_id="el-01", entity_type="Item", quantity=3))["count"] == 3


@pytest.mark.parametrize("method, path", SHARED + [(method, path[3:]) for method, path in SHARED])
def test_the_catalogue_is_the_shops(person, method, path):
    answer = person.call(method, path, {"id": "el-01", "name": "Mine"} if method in ("POST", "PATCH") else None)
    assert answer.status == 403
    if method != "HEAD":
        assert "person_token" in answer.body.decode()


def test_it_records_its_own_events_alone(person, anna, database):
    mine, others = ({"user_id": user, "item_id": "el-01", "type": "view"} for user in (anna, f"{anna}-not"))
    assert check_events_answer(person.call("POST", "/v1/events", mine))["inserted"] == 1
    for body in (others, [others], [mine, others], [others, {}]):
        check_object_error(person.call("POST", "/v1/events", body), 403, "person_token")
    assert database.execute("SELECT COUNT(*) FROM events WHERE user_id LIKE %s", f"{anna}%") == ((1,),)


def test_it_uses_up_nobody_elses_deduplication_ids(person, shop, anna):
    """Numbers of orders can be guessed: whoever sends one first would keep the shop's own event out."""
    event = {"item_id": "el-01", "type": "purchase", "deduplication_id": f"order of {anna}"}
    ids = [check_events_answer(api.call("POST", "/v1/events", {**event, "user_id": user}))["data"][0]["id"]
           for api, user in ((person, anna), (shop, f"{anna}-not"), (person, anna))]
    assert ids[0] == ids[2] != ids[1], "sent again it is the same"


def test_it_reads_its_own_events_alone(person, shop, anna):
    ids = {}
    for user in (anna, f"{anna}-not"):
        event = {"user_id": user, "item_id": "el-01", "type": "view", "session_id": anna}
        ids[user] = check_events_answer(shop.call("POST", "/v1/events", event))["data"][0]["id"]
    for query in ("", f"?user_id={anna}", f"?session_id={anna}", "?order=desc&limit=100"):
        assert {entry["user_id"] for entry in check_event_list(person.call("GET", f"/v1/events{query}"))["data"]} == {anna}
    check_object_error(person.call("GET", f"/v1/events?user_id={anna}-not"), 403, "person_token")
    check_plain_error(person.call("GET", f"/events?user_id={anna}-not"), "person_token")
    assert person.call("GET", f"/v1/events/{ids[anna]}").status == 200
    for number in (ids[f"{anna}-not"], 2 ** 60):
        check_object_error(person.call("GET", f"/v1/events/{number}"), 403, "person_token")


def test_a_scope_is_needed_all_the_same(stand, quick, anna):
    reader = person_of(stand, quick, anna, READ)
    check_object_error(reader.call("POST", "/v1/events", {"user_id": anna, "item_id": "el-01", "type": "view"}), 403, "insufficient_scope")
    check_v1_recommendations(reader.v1())


def test_the_tools_token_for_a_client_may_name_anybody(stand, quick):
    client = Api(quick, stand.tool.run("token", "--client", "alpha-client", "--scope", BOTH).stdout.strip())
    check_recommendations_answer(client.recommendations(user_id="bob"))
    assert client.call("GET", "/v1/items").status == 200


def test_a_shops_own_token_with_a_subject_goes_on_as_it_was(api):
    """A shop that signs its tokens itself may put any name into sub: only palate_subject makes it a person's."""
    check_recommendations_answer(api.recommendations(user_id="bob"))


# ---- The first document


def test_any_valid_token_gets_the_first_documents_list_unless_it_is_set(stand, quick, mint):
    check_recommend_answer(Api(quick, mint(scope="")).recommend())
    token = {"algorithm": "HS256", "secret_file": stand.root / "token.secret", "recommend_scope": "read"}
    strict = stand.front("lighttpd", "recommend-scope", stand.configure("recommend-scope.conf", token), workers=1)
    check_recommend_error(Api(strict, mint(scope="")).recommend(), 403)
    check_recommend_answer(Api(strict, mint(scope=READ)).recommend())
