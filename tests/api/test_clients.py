"""What published clients and common languages send: words for a wish, values that nobody filled in, PHP's empty arrays; and types that clients read."""
import json
import subprocess
import time

import pytest

from harness.catalogue import ITEMS
from harness.client import Api, request
from harness.openapi import operations
from harness.shapes import check_event, check_explain, check_object_error, check_plain_error, check_v1_recommendations
from harness.stand import CHECKOUT
from harness.tokens import BOTH

RECOMMEND = "/api/recommend/recommend"


@pytest.fixture
def changing(quick, mint):
    return Api(quick, mint("change-client", scope=BOTH))


# ---- Wishes


@pytest.mark.parametrize("word, wished", [("full", True), ("basic", True), ("1", True), ("True", True), ("none", False), ("0", False), ("", False)])
def test_a_wish_may_be_any_clients_word(api, word, wished):
    for path in ("/v1/recommendations", "/recommendations"):
        body = api.call("GET", f"{path}?user_id=u&limit=2&explain={word}").json()
        assert ("explanation" in body) is wished, (path, word)
    body = api.call("POST", "/v1/search", {"query": "lamp", "explain": word, "debug": "0"}).json()
    assert ("explanation" in body) is wished
    assert ("suppressed" in api.v1(user_id="u", include_suppressed=word).json()) is wished


@pytest.mark.parametrize("word", ["banana", "yes please", "2", ["true"], {}])
def test_another_word_is_refused_with_those_that_are_known(api, nothing_logged, word):
    check_object_error(api.call("POST", "/v1/recommendations", {"user_id": "u", "explain": word}), 400, "validation_error", "explain")
    check_plain_error(api.call("POST", "/recommendations", {"user_id": "u", "explain": word}), "validation_error", field="explain")
    answer = api.call("POST", "/v1/search", {"query": "lamp", "explain": word})
    check_object_error(answer, 400, "validation_error", "explain")
    assert all(known in answer.body.decode() for known in ("true", "full", "basic", "none"))


# ---- How many, how far back


@pytest.mark.parametrize("name", ["quantity", "limit"])
def test_too_many_are_lowered_on_the_older_path_too(api, name):
    for value in (101, 200, "1e3"):
        assert api.recommendations(user_id="u", **{name: value}).json()["limit"] == 100
    for value in (0, -5, 2.5, "many"):
        check_plain_error(api.recommendations(user_id="u", **{name: value}), "validation_error", field=name)


def test_a_hundred_years_are_a_window(api):
    assert api.v1(user_id="u", mode="auto", window_days=36500).status == 200
    check_object_error(api.v1(user_id="u", mode="auto", window_days=36501), 400, "validation_error", "window_days")


# ---- What is not filled in


def test_what_is_not_filled_in_is_absent(api):
    plain = [entry["id"] for entry in api.v1(user_id="u", limit=5).json()["data"]]
    empty = "scope=&filter=&filters=&context_id=&context_key=&starting_after=&mode=&cursor=&window_days=&exclude=&exclude_viewed=&request_id=" \
            "&entity_type=&session_id=&quantity=&surface=%20&debug="
    for path in ("/v1/recommendations", "/recommendations"):
        answer = api.call("GET", f"{path}?user_id=u&limit=5&{empty}")
        assert answer.status == 200 and [entry["id"] for entry in answer.json()["data"]] == plain, answer
    assert api.call("POST", "/v1/search", {"query": "lamp", "scope": "", "filter": "", "context_id": " ", "starting_after": ""}).status == 200
    listed = api.call("GET", "/v1/items?limit=5").json()["data"]
    assert api.call("GET", "/v1/items?limit=5&starting_after=&category=&created_after=").json()["data"] == listed
    assert api.call("GET", "/v1/events?limit=&starting_after=&item_id=&type=&occurred_after=").status == 200


def test_filters_that_are_filled_in_still_count(api):
    some = api.call("GET", "/v1/recommendations?user_id=u&filter=&filter=category:garden&filter=").json()["data"]
    assert some and {entry["metadata"]["category"] for entry in some} == {"garden"}


def test_whom_it_is_about_is_never_guessed(api, nothing_logged):
    check_object_error(api.call("GET", "/v1/recommendations?user_id="), 400, "validation_error", "user_id")
    check_object_error(api.call("GET", "/v1/events?user_id="), 400, "validation_error", "user_id")
    check_object_error(api.call("GET", "/v1/explain?item_id="), 400, "validation_error", "item_id")


# ---- PHP


def test_phps_empty_array_is_an_empty_object(api, changing, quick, mint):
    name = f"php-{time.time_ns()}"
    item = changing.call("POST", "/v1/items", {"id": name, "name": "From PHP", "metadata": []}).json()
    assert item["metadata"] == {} and changing.call("PATCH", f"/v1/items/{name}", {"metadata": []}).json()["metadata"] == {}
    listed = changing.call("POST", "/v1/items?on_conflict=update", [{"id": name, "name": "From PHP", "metadata": []}]).json()
    assert listed["data"][0]["metadata"] == {}
    events = Api(quick, mint(scope=BOTH)).call("POST", "/v1/events", [
        {"user_id": name, "item_id": "el-01", "type": "purchase", "purchase": [], "metadata": []}, {"user_id": name, "item_id": "el-01", "type": "view", "metadata": []}]).json()
    assert [event["metadata"] for event in map(check_event, events["data"])] == [{"purchase": {}}, {}]
    assert api.call("POST", "/v1/search", {"query": "lamp", "scope": []}).status == 200
    assert api.call("GET", "/v1/recommendations?user_id=u&scope=%5B%5D").status == 200
    for data in ([], {"customer_preferences": []}, {"customer_preferences": {"price_range": [], "categories": []}}):
        assert api.call("POST", RECOMMEND, {"sequence_data": data, "task": "t", "template": "popular"}).status == 200, data


def test_a_list_with_entries_is_no_object(api, changing, nothing_logged):
    check_object_error(changing.call("POST", "/v1/items", {"name": "x", "metadata": [1]}), 400, "validation_error", "metadata")
    check_object_error(api.call("POST", "/v1/recommendations", {"user_id": "u", "scope": [[]]}), 400, "invalid_scope_json")


# ---- Types that clients read


def test_types_are_those_of_the_published_document(api):
    body = check_v1_recommendations(api.v1(user_id="u", exclude_viewed=json.dumps({"value": 3, "unit": "weeks"})))
    assert body["excluded_viewed_items"] == {"value": 3, "unit": "weeks", "interval": "3 weeks"}
    section = api.v1(user_id="u", mode="auto", explain="full").json()
    assert section["explanation"]["context"]["auto_section"] == section["section"] and section["section"]["section_id"]


def test_stages_say_what_they_did_in_four_words(api):
    stages = {stage["stage"]: stage for stage in check_explain(api.call("POST", "/explain", {"itemId": "el-01", "userId": "nobody-at-all"}))["pipeline_stages"]}
    assert (stages["retrieval"]["status"], stages["ranking"]["status"]) == ("skipped", "passed")
    assert (stages["rotation"]["status"], stages["grouping"]["enabled"], stages["filters"]["status"]) == ("disabled", False, "skipped")
    few = api.call("POST", "/explain", {"itemId": "el-01", "userId": "u", "filter": "id:el-01"}).json()["pipeline_stages"]
    assert few[-1]["status"] == "partial" and few[1]["status"] == "passed"


# ---- What a page needs, and no more

ALWAYS = {"object", "id", "entity_id", "item_id", "rank", "score"}


@pytest.mark.parametrize("path", ["/v1/recommendations", "/recommendations", "/v1/search"])
def test_entries_have_the_fields_that_are_named(api, path):
    about = {"query": ITEMS["el-01"]["name"], "limit": 3} if path == "/v1/search" else {"user_id": "u", "limit": 3}
    for given in ("name,metadata", ["name", "metadata"], " name , metadata ,id"):
        body = api.call("POST", path, {**about, "fields": given}).json()
        assert body["data"] and body["data"] == body["recommendations"]
        assert all(set(entry) == ALWAYS | {"name", "metadata"} for entry in body["data"]), given
    assert all(set(entry) == ALWAYS | {"item"} and entry["item"]["metadata"] for entry in api.call("POST", path, {**about, "fields": "item"}).json()["data"])
    for wrong in ("price", ["name", 7], "Name", {}):
        answer = api.call("POST", path, {**about, "fields": wrong})
        assert answer.status == 400 and "fields" in answer.body.decode(), answer


def test_vectors_come_where_they_are_wanted(api):
    full = api.recommendations(user_id="u", quantity=20)
    assert all(len(entry["embedding"]) == 64 for entry in full.json()["data"]), "its document shows them"
    less = api.recommendations(user_id="u", quantity=20, embedding="false")
    assert not any("embedding" in entry for entry in less.json()["data"]) and less.json()["embedding"]["entity_id"] == "u"
    assert len(less.body) < 0.6 * len(full.body)
    plain, wished = api.v1(user_id="u").json()["data"], api.v1(user_id="u", embedding="true").json()["data"]
    assert not any("embedding" in entry for entry in plain)
    assert [entry["embedding"] for entry in wished] == [entry["embedding"] for entry in full.json()["data"]]
    assert all(set(entry) == ALWAYS | {"embedding"} for entry in api.v1(user_id="u", fields="embedding").json()["data"])


def test_the_other_document_takes_fields_too(api):
    call = {"sequence_data": {}, "task": "t", "template": "popular"}
    results = api.call("POST", RECOMMEND, {**call, "fields": "name"}).json()["results"]
    assert results and all(set(entry) == {"recommendation_id", "score", "rank", "item_id", "name"} for entry in results)
    answer = api.call("POST", RECOMMEND, {**call, "fields": "banana"})
    assert answer.status == 400 and "fields" in answer.body.decode()


# ---- A list that is refused


def test_a_list_in_conflict_says_what_exists_and_what_was_not_stored(changing):
    old, new = (f"conflict-{kind}-{time.time_ns()}" for kind in ("old", "new"))
    item = {"name": "x", "metadata": {}}
    assert changing.call("POST", "/v1/items", {"id": old, **item}).status == 200
    answer = changing.call("POST", "/v1/items", [{"id": old, **item}, {"id": new, **item}])
    check_object_error(answer, 409, "item_already_exists")
    error = answer.json()["error"]
    assert error["details"] == {"item_ids": [old], "not_stored_item_ids": [new]}
    assert "1 of 2" in error["message"] and "on_conflict=update" in error["message"]
    assert changing.call("GET", f"/v1/items/{new}").status == 404
    answer = changing.call("POST", "/v1/items", {"id": old, **item})
    assert answer.status == 409 and answer.json()["error"]["details"] == {"item_ids": [old]}
    assert changing.call("POST", "/v1/items?on_conflict=update", [{"id": old, **item}, {"id": new, **item}]).status == 200


# ---- Where it listens


@pytest.mark.parametrize("port, warned", [(5061, True), (6667, True), (10080, True), (5051, False), (506, False), (8080, False)])
def test_ports_that_browsers_refuse_are_told(port, warned):
    script = f'. "{CHECKOUT}/etc/demo/lib.sh"; warn_of_port {port}'
    told = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True).stdout
    assert (str(port) in told and "Browsers" in told) is warned, told


@pytest.mark.parametrize("path, style", [("/v1/items/{id}", "V1"), ("/items/{id}", "Plain"), ("/v1/events/{id}", "V1"), ("/v1/recommendations", "V1"),
                                         ("/recommendations", "Plain"), (RECOMMEND, "Detail"), ("/oauth2/token", "Oauth")])
def test_preflights_answer_as_the_document_says(quick, path, style):
    """A generator's ids are dots, too, and its addresses are long."""
    listed = operations(path)["options"]["responses"]
    assert listed["414"]["$ref"].endswith(f"/{style}UriTooLong")
    given = path.replace("{id}", "a%2Fb")
    assert request(quick.port, "OPTIONS", given).status == 204
    if given != path:
        assert request(quick.port, "OPTIONS", path.replace("{id}", "..")).status == 404 and "404" in listed
