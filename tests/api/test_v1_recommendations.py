"""GET /v1/recommendations: parameters in all their spellings, the answer field by field, exclusions."""
import json
import time
import uuid

import pytest

from harness.catalogue import EMOJI, ITEMS, PAIRS, POPULAR, QUOTED, TRENDING, write_items
from harness.client import Api
from harness.shapes import UUID4, check_object_error, check_plain_error, check_recommendations_answer, check_v1_recommendations

CONTEXTS = {
    601: ("v1-garden", {"filters": [{"column": "category", "operator": "=", "value": "garden"}], "quantity": 3}),
    602: ("v1-groups", {"group_by": ["category"], "group_items": 3}),
    603: ("v1-seen", {"exclude_viewed_items": {"value": 2, "unit": "days"}}),
}


@pytest.fixture(scope="module", autouse=True)
def contexts(stand):
    for number, (key, settings) in CONTEXTS.items():
        stand.tool.context("alpha", number, key, settings)


def ids(answer, **how):
    return [entry["item_id"] for entry in check_v1_recommendations(answer, **how)["data"]]


# ---- The answer


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_the_answer_has_every_field(everywhere, one_row_each, method):
    answer = everywhere.call(method, "/v1/recommendations", {"user_id": "reader", "limit": 5})
    body = check_v1_recommendations(answer)
    assert body["quantity"] == body["limit"] == 5
    for entry in body["data"]:
        assert entry["metadata"] == ITEMS[entry["id"]]["metadata"], "below /v1 metadata is what the shop gave"
    one_row_each(1)


def test_both_paths_rank_alike(api):
    old = [entry["item_id"] for entry in check_recommendations_answer(api.recommendations(user_id="pair0-1", quantity=50))["data"]]
    assert ids(api.v1(user_id="pair0-1", limit=50)) == old


def test_the_log_names_the_path(api, database):
    answer = api.v1({"X-Session-Id": "s-1", "X-SDK": "tests"}, user_id="v1-logged", limit=4)
    check_v1_recommendations(answer)
    endpoint, user, given, count = database.execute(
        "SELECT endpoint, user_id, input, result_count FROM sequences JOIN decisions USING (tenant_id, sequence_id)"
        " WHERE request_id = %s", answer.request_id)[0]
    assert (endpoint, user, count) == ("GET /v1/recommendations", "v1-logged", 4)
    assert json.loads(given)["session_id"] == "s-1" and json.loads(given)["sdk"] == "tests"


def test_groups_are_counted_by_limit(api):
    body = check_v1_recommendations(api.v1(user_id="u", context_id=602, limit=3), grouped=True)
    assert body["quantity"] == 3 and body["has_more"] is True
    assert all(len(group["items"]) <= 3 for group in body["data"])


def test_no_items_is_an_empty_list(api, one_row_each):
    body = check_v1_recommendations(api.v1(user_id="u", filter="category:nothing"))
    assert body["data"] == [] and body["has_more"] is False
    one_row_each(1)


def test_controls_are_echoed(api):
    body = check_v1_recommendations(api.v1(user_id="u", surface="home", rerank_mode="auto", rerank_depth=50), more={"applied_controls"})
    assert body["applied_controls"] == {"surface": "home", "rerank_mode": "auto", "rerank_depth": "50", "source": "request"}


def test_names_and_descriptions_are_stored(api, database, stand):
    user = f"named-{uuid.uuid4()}"
    check_v1_recommendations(api.v1(user_id=user, name="Avery", description="VIP"))
    assert database.execute("SELECT name, description FROM entity_embeddings WHERE tenant_id = %s AND entity_id = %s",
                            stand.tenant_id("alpha"), user) == (("Avery", "VIP"),)


# ---- Who


def user_of(database, answer):
    check_v1_recommendations(answer)
    return database.execute("SELECT user_id FROM sequences WHERE request_id = %s", answer.request_id)[0][0]


def test_who_is_meant(api, mint, database):
    person, shop, nobody = (api.with_token(token) for token in (mint(sub="a-person"), mint(sub="alpha-client"), mint(sub=None)))
    assert user_of(database, person.v1()) == "a-person"
    assert user_of(database, person.v1(user_id="named")) == "named"
    assert user_of(database, person.v1(userId="camel")) == "camel"
    assert user_of(database, person.v1(anonymous_id="anon")) == "a-person"
    assert user_of(database, shop.v1()) == "alpha-client"
    assert user_of(database, shop.v1(anonymous_id="anon")) == "anon", "the subject of a shop's token is no visitor"
    assert user_of(database, shop.v1({"X-Anonymous-Id": "by-header"})) == "by-header"
    assert user_of(database, shop.v1({"X-Anonymous-Id": "by-header"}, anonymousId="by-query")) == "by-query"
    assert user_of(database, nobody.v1(anonymous_id="anon")) == "anon"
    assert user_of(database, nobody.v1()) is None


def test_nobody_gets_what_is_popular(api, mint):
    body = check_v1_recommendations(api.with_token(mint(sub=None)).v1())
    assert body["cold_start_fallback_used"] is True and body["data"][0]["item_id"] == TRENDING


def test_numbers_are_ids(api, database):
    answer = api.call("POST", "/v1/recommendations", {"user_id": 4711})
    assert user_of(database, answer) == "4711"


def test_events_steer(api, shopper):
    shopper.did("view", PAIRS[0][0])
    body = check_v1_recommendations(api.v1(user_id=shopper.id))
    assert [entry["id"] for entry in body["data"] if entry["id"] != PAIRS[0][0]][0] == PAIRS[0][1]
    assert body["embedding_info"]["source"] == "db" and body["embedding_info"]["averaged_interactions"] == 1


@pytest.mark.parametrize("seed", ["el-01", "itm_el-01", "rec_itm_el-01", "rec_el-01"])
def test_items_like_an_item(api, seed):
    order = ids(api.v1(user_id=seed, entity_type="Item", limit=100))
    assert order[0] == "el-02" and "el-01" not in order


def test_an_item_has_to_be_named(api, nothing_logged):
    check_object_error(api.v1(entity_type="Item"), 400, "parameter_missing", field="user_id")


# ---- How many


@pytest.mark.parametrize("query, limit", [({}, 20), ({"limit": 3}, 3), ({"limit": "7.9"}, 7), ({"limit": 101}, 100), ({"limit": 1e9}, 100),
                                          ({"quantity": 4}, 4), ({"quantity": 200}, 100), ({"limit": 2, "quantity": 9}, 2)])
def test_limit_wins_and_is_lowered(api, query, limit):
    body = check_v1_recommendations(api.v1(user_id="counter", **query))
    assert body["limit"] == limit and body["quantity"] == min(limit, len(ITEMS))


@pytest.mark.parametrize("name", ["limit", "quantity"])
@pytest.mark.parametrize("value", [0, -1, 0.5, "ten", "NaN", "1e1000", "0x10"])
def test_a_wrong_limit_is_refused(api, nothing_logged, name, value):
    check_object_error(api.v1(user_id="u", **{name: value}), 400, "invalid_limit")


def test_a_context_says_how_many_and_which(api):
    for name, value in (("context_id", "601"), ("context_id", "ctx_601"), ("context_id", "v1-garden"), ("context_key", "v1-garden"),
                        ("contextId", "601")):
        order = ids(api.v1(user_id="u", **{name: value}))
        assert len(order) == 3 and all(item.startswith("ga-") for item in order)
    check_object_error(api.v1(user_id="u", context_id="nowhere"), 400, "context_not_found")


# ---- Request ids


def test_the_header_wins_over_the_parameter(everywhere):
    assert check_v1_recommendations(everywhere.v1(request_id="by-query"))["request_id"] == "by-query"
    assert check_v1_recommendations(everywhere.v1(requestId="by-query"))["request_id"] == "by-query"
    both = everywhere.v1({"X-Request-Id": "by-header"}, request_id="by-query")
    assert check_v1_recommendations(both)["request_id"] == "by-header"
    assert UUID4.fullmatch(check_v1_recommendations(everywhere.v1(request_id="two words"))["request_id"])


# ---- What is not wanted


def test_excluded_ids_never_come(everywhere):
    everything = ids(everywhere.v1(user_id="u", limit=100))
    unwanted = everything[:7]
    for query in ({"exclude": ",".join(unwanted)}, {"exclude": unwanted}, {"exclude": unwanted + ["no-such-item"]}):
        assert ids(everywhere.v1(user_id="u", limit=100, **query)) == everything[7:]
    answer = everywhere.call("POST", "/v1/recommendations", {"user_id": "u", "limit": 100, "exclude": unwanted})
    assert ids(answer) == everything[7:]


def test_old_path_excludes_too(api):
    entries = check_recommendations_answer(api.recommendations(user_id="u", quantity=100, exclude=f"{POPULAR},{TRENDING}"))["data"]
    assert {POPULAR, TRENDING}.isdisjoint(entry["id"] for entry in entries)


def test_prefixed_and_odd_ids_can_be_excluded(api):
    answer = api.call("POST", "/v1/recommendations", {"user_id": "u", "limit": 100, "exclude": ["itm_el-01", QUOTED, EMOJI, 1001]})
    assert {"el-01", QUOTED, EMOJI, "1001"}.isdisjoint(ids(answer))


def test_500_ids_may_be_excluded(api, nothing_logged):
    many = [f"id-{number}" for number in range(501)]
    check_object_error(api.call("POST", "/v1/recommendations", {"user_id": "u", "exclude": many}), 400, "validation_error", field="exclude")
    check_object_error(api.call("POST", "/v1/recommendations", {"user_id": "u", "exclude": ",".join(many)}), 400, field="exclude")


def test_all_500_count(api):
    keep = sorted(ITEMS)[:3]
    unwanted = ([f"id-{number}" for number in range(500)] + sorted(set(ITEMS) - set(keep)))[-500:]
    answer = api.call("POST", "/v1/recommendations", {"user_id": "u", "limit": 100, "exclude": unwanted})
    assert sorted(ids(answer)) == keep


@pytest.mark.parametrize("value", [True, {}, {"a": 1}, [[]], [None], [True], ["x" * 129], ["a\nb"], 1.5])
def test_a_wrong_exclude_is_refused(api, nothing_logged, value):
    check_object_error(api.call("POST", "/v1/recommendations", {"user_id": "u", "exclude": value}), 400, field="exclude")


@pytest.mark.parametrize("value, hidden", [(True, True), ({"value": 1, "unit": "hours"}, True), ({"value": 5, "unit": "minutes"}, False),
                                           (False, False)])
def test_viewed_items_are_left_out_on_wish(api, shopper, value, hidden):
    shopper.did("view", "el-05", ago=1800)
    answer = api.call("POST", "/v1/recommendations", {"user_id": shopper.id, "limit": 100, "exclude_viewed": value})
    assert ("el-05" not in ids(answer)) is hidden
    by_query = api.v1(user_id=shopper.id, limit=100, exclude_viewed=json.dumps(value))
    assert ("el-05" not in ids(by_query)) is hidden


def test_the_requests_window_replaces_the_contexts(api, shopper):
    shopper.did("view", "el-05", ago=86400)
    assert "el-05" not in ids(api.v1(user_id=shopper.id, limit=100, context_id=603))
    assert "el-05" in ids(api.v1(user_id=shopper.id, limit=100, context_id=603, exclude_viewed="false"))
    body = check_v1_recommendations(api.v1(user_id=shopper.id, context_id=603))
    assert body["excluded_viewed_items"] == {"value": 2, "unit": "days", "interval": "2 days"}


@pytest.mark.parametrize("value", ["yes", 1, [], {}, {"unit": "days"}, {"value": 0, "unit": "days"}, {"value": 1, "unit": "years"}])
def test_a_wrong_window_is_refused(api, nothing_logged, value):
    answer = api.call("POST", "/v1/recommendations", {"user_id": "u", "exclude_viewed": value})
    check_object_error(answer, 400, "validation_error")


# ---- Wrong shapes at every position

SHAPES = [None, 7, -1, 1.5, True, "", "x" * 20000, [], ["x"], [[]], {}, {"a": {"b": []}}, 10 ** 18]
NAMES = ["user_id", "context_id", "context_key", "limit", "quantity", "starting_after", "entity_type", "name", "description", "mode",
         "cursor", "window_days", "candidate_limit", "served_cap", "filter", "filters", "scope", "request_id", "session_id",
         "anonymous_id", "surface", "rerank_mode", "rerank_depth", "debug", "explain", "include_suppressed", "exclude", "exclude_viewed"]


@pytest.mark.parametrize("name", NAMES)
def test_no_shape_of_a_parameter_fails(api, name):
    for shape in SHAPES:
        for mode in ({}, {"mode": "auto"}):
            answer = api.call("POST", "/v1/recommendations", {"user_id": "shapes", **mode, name: shape})
            assert answer.status in (200, 400), (name, shape, answer)
            if answer.status == 400:
                check_object_error(answer, 400)
                assert name.replace("_", "") in answer.json()["error"]["message"].replace("_", "") or "context" in name, answer


def test_the_old_path_has_old_errors(api, nothing_logged):
    check_plain_error(api.recommendations(user_id="u", filter="nonsense"), "invalid_filter")
    check_plain_error(api.recommendations(user_id="u", scope="{"), "invalid_scope_json")
    check_plain_error(api.recommendations(user_id="u", mode="auto", cursor="!"), "invalid_cursor")


def test_scope_of_the_token(api, mint, nothing_logged):
    check_object_error(api.with_token(mint(scope="other")).v1(), 403, "insufficient_scope")
    check_object_error(api.with_token(None).v1(), 401, "invalid_token")


# ---- Two tenants with equal ids


def test_tenants_do_not_meet(api, mint, database, stand):
    beta = api.with_token(mint("beta-client"))
    mine = check_v1_recommendations(api.v1({"X-Request-Id": "crossing"}, user_id="pair0-1", limit=5))
    theirs = check_v1_recommendations(beta.v1({"X-Request-Id": "crossing"}, user_id="pair0-1", limit=5))
    assert all(entry["metadata"]["category"] != "beta" for entry in mine["data"])
    assert all(entry["metadata"]["category"] == "beta" for entry in theirs["data"])
    following = check_v1_recommendations(beta.v1(user_id="pair0-1", limit=5, starting_after=mine["next_cursor"]))
    assert all(entry["metadata"]["category"] == "beta" for entry in following["data"])
    assert database.execute("SELECT COUNT(DISTINCT tenant_id) FROM ranked_lists WHERE tenant_id IN (%s, %s)",
                            stand.tenant_id("alpha"), stand.tenant_id("beta")) == ((2,),)


# ---- What changes shows at once


def test_changes_show_in_the_next_answer(quick, mint, stand):
    changing = Api(quick, mint("change-client"))
    path = stand.root / "import/v1-changes.jsonl"
    stamp = str(int(time.time() * 1000))
    for price, count in ((5, 1), (50, 0), (5, 1)):
        write_items(path, [{"id": f"v1-{stamp}", "name": "Changing", "metadata": {"category": "v1-changing", "price": price}}])
        stand.tool.items("change", path)
        order = ids(changing.v1(user_id="u", filter=["category:v1-changing", "price<10"]))
        assert len(order) == count
