"""Explanations that are true: of lists and their entries, and of one item that appears or does not."""
import json
import time

import pytest

from harness.catalogue import ITEMS, PAIRS, TRENDING, write_items
from harness.client import Api
from harness.shapes import check_explain, check_object_error, check_plain_error, check_recommendations_answer, check_v1_recommendations

CONTEXTS = {
    631: ("e-garden", {"filters": [{"column": "category", "operator": "=", "value": "garden"}], "quantity": 4}),
    632: ("e-one-each", {"diversity": {"field": "category", "max": 1}, "quantity": 4}),
    633: ("e-seen", {"exclude_viewed_items": {"value": 1, "unit": "hours"}}),
    634: ("e-groups", {"group_by": ["category"], "group_items": 2}),
    635: ("e-exploring", {"exploration": {"share": 0.5, "impressions": 5}, "quantity": 10}),
}


@pytest.fixture(scope="module", autouse=True)
def contexts(stand):
    for number, (key, settings) in CONTEXTS.items():
        stand.tool.context("alpha", number, key, settings)


def explain(api, item, path="/explain", **more):
    return check_explain(api.call("POST", path, {"itemId": item, **more}))


def reasons(body):
    return [reason["reason"] for reason in body["reasons"]]


# ---- Of a list


@pytest.mark.parametrize("name", ["explain", "debug"])
def test_lists_explain_themselves_on_wish(api, name):
    body = check_v1_recommendations(api.v1(user_id="pair0-1", limit=10, **{name: "true"}), explained=True)
    for entry in body["data"]:
        score = entry["explanation"]["score"]
        assert score["final"] == entry["score"] == score["retrieval"], "nothing shaped this list"
        assert score["base"] is not None and entry["explanation"]["source"] == entry["source"]
    plain = check_v1_recommendations(api.v1(user_id="pair0-1", limit=10))
    assert [entry["id"] for entry in plain["data"]] == [entry["id"] for entry in body["data"]]


def test_the_base_is_the_value_behind_the_score(api):
    """recommend.h: relevance scores 0.5 + 0.5 x / (1 + x)."""
    body = check_v1_recommendations(api.v1(user_id="pair0-1", limit=20, explain="true"), explained=True)
    related = [entry for entry in body["data"] if entry["source"] in ("model", "content")]
    for entry in related:
        base = entry["explanation"]["score"]["base"]
        assert entry["score"] == pytest.approx(0.5 + 0.5 * base / (1 + base), rel=1e-4)


def test_shaping_shows_between_retrieval_and_final(api):
    body = check_v1_recommendations(api.v1(user_id="u", context_id=632, explain="true"), explained=True)
    for entry in body["data"]:
        assert entry["explanation"]["score"]["retrieval"] >= entry["score"]
    stages = {stage["stage"]: stage for stage in body["explanation"]["pipeline"]["stages"]}
    assert stages["diversity"]["enabled"] and not stages["rotation"]["enabled"] and not stages["grouping"]["enabled"]


def test_conditions_are_echoed(api, shopper):
    shopper.did("purchase", "ga-01").did("view", "ga-03")
    body = check_v1_recommendations(api.v1(user_id=shopper.id, context_id=631, filter="price>=1", exclude="ga-05", exclude_viewed="true",
                                           explain="true"), explained=True)
    context = body["explanation"]["context"]
    assert context["context_id"] == "631"
    assert context["filters"] == [{"column": "category", "operator": "=", "value": "garden", "logic": "AND"}]
    assert context["request_filters"] == [{"column": "price", "operator": ">=", "value": "1", "logic": "AND"}]
    assert context["exclude_viewed_items"] == {"value": None, "unit": "all time", "interval": None}
    notes = {stage["stage"]: stage["note"] for stage in body["explanation"]["pipeline"]["stages"]}
    assert notes["exclusion"] == "left out: 1 bought, 2 already seen, 1 excluded by the request"
    assert notes["filters"] == "1 conditions of the context, 1 of the request"


def test_the_old_path_explains_too(api):
    body = api.recommendations(user_id="u", quantity=3, explain="true").json()
    assert body["explanation"]["scope"] == "request" and all("explanation" in entry for entry in body["data"])
    check_recommendations_answer(api.recommendations(user_id="u", quantity=3, explain="false"))


def test_groups_are_explained(api):
    body = api.v1(user_id="u", context_id=634, explain="true").json()
    for group in body["data"]:
        for entry in group["items"]:
            assert entry["explanation"]["score"]["final"] == entry["score"]


# ---- Of an item that appears


@pytest.mark.parametrize("path", ["/explain", "/v1/explain"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_both_paths_and_methods(everywhere, nothing_logged, path, method):
    body = check_explain(everywhere.call(method, path, {"itemId": PAIRS[0][1], "userId": "pair0-1"}))
    assert body["url"] == path


def test_by_query(api, nothing_logged):
    body = check_explain(api.call("GET", "/explain?item_id=el-01&user_id=u&context_id=631"))
    assert reasons(body) == ["filtered"] and body["context_id"] == 631


def test_the_answer_is_that_of_the_list(api, shopper):
    shopper.did("view", PAIRS[0][0])
    listed = check_v1_recommendations(api.v1(user_id=shopper.id, limit=100))["data"]
    for entry in listed[:8] + listed[-3:]:
        body = explain(api, entry["id"], userId=shopper.id, limit=100)
        assert body["appears"] and body["rank"] == body["list_rank"] == entry["rank"]
        assert body["score"] == entry["score"] == body["breakdown"]["ranked_score"]
        assert body["source"] == entry["source"] and body["name"] == entry["name"]
        assert body["list_length"] == len(listed) and body["page"]["lowest_score"] == listed[-1]["score"]


def test_without_a_user(api, mint):
    body = explain(api.with_token(mint(sub=None)), TRENDING)
    assert body["user_id"] is None and body["rank"] == 1 and body["source"] == "trending_backfill"
    assert body["breakdown"]["recent_popularity"] > 0


def test_prefixed_ids_are_found(api):
    for prefix in ("itm_", "rec_", "rec_itm_"):
        assert explain(api, f"{prefix}el-01", userId="u")["item_id"] == "el-01"
    assert reasons(explain(api, "evt_el-01", userId="u")) == ["unknown"]  # an event is no item


def test_items_like_an_item(api):
    body = explain(api, PAIRS[0][1], userId=PAIRS[0][0], entity_type="Item")
    assert body["rank"] == 1 and body["entity_type"] == "Item"
    assert reasons(explain(api, PAIRS[0][0], userId=PAIRS[0][0], entity_type="Item")) == ["seed"]


def test_an_item_in_a_group(api):
    group = check_v1_recommendations(api.v1(user_id="u", context_id=634), grouped=True)["data"][1]
    body = explain(api, group["items"][1]["id"], userId="u", contextId=634)
    assert body["appears"] and body["rank"] == 2 and body["group"] == group["group"]
    shown = {item["id"] for item in group["items"]}
    hidden = next(item for item in ITEMS if ITEMS[item]["metadata"]["category"] == group["group"] and item not in shown)
    assert not explain(api, hidden, userId="u", contextId=634)["appears"]


# ---- Of an item that does not appear


def test_unknown(api):
    body = explain(api, "no-such-item", userId="u")
    assert reasons(body) == ["unknown"] and body["score"] is None and body["breakdown"] == {}
    assert "no such item" in body["error"] and "error" not in explain(api, "el-01", userId="u")


def test_filtered_by_which_condition(api):
    body = explain(api, "el-01", userId="u", contextId=631, filter=["price>=1", "brand:Nobody", "stock<0"])
    assert reasons(body) == ["filtered"] * 3
    assert [(reason["source"], reason["condition"]["column"]) for reason in body["reasons"]] == [
        ("context", "category"), ("request", "brand"), ("request", "stock")]
    assert body["reasons"][1]["condition"] == {"column": "brand", "operator": "=", "value": "Nobody", "logic": "AND"}
    assert body["score"] is not None, "what it would have had"


def test_already_seen(api, shopper):
    shopper.did("view", "el-05")
    body = explain(api, "el-05", userId=shopper.id, contextId=633, limit=100)
    assert reasons(body) == ["already_seen"]
    assert body["reasons"][0]["window"] == {"value": 1, "unit": "hours", "interval": "1 hours"}
    assert explain(api, "el-05", userId=shopper.id, limit=100)["appears"]


def test_purchased_and_excluded(api, shopper):
    shopper.did("purchase", "el-05")
    assert reasons(explain(api, "el-05", userId=shopper.id)) == ["purchased"]
    assert reasons(explain(api, "el-05", userId=shopper.id, exclude=["el-05"])) == ["purchased", "excluded"]
    assert reasons(explain(api, "el-06", userId=shopper.id, exclude="el-06", exclude_viewed=True)) == ["excluded"]


def test_below_the_page(api):
    listed = check_v1_recommendations(api.v1(user_id="u", limit=100))["data"]
    body = explain(api, listed[40]["id"], userId="u", limit=10)
    assert reasons(body) == ["below_page"] and body["list_rank"] == 41
    reason = body["reasons"][0]
    assert reason["rank"] == 41 and reason["score"] == listed[40]["score"] and reason["page_lowest_score"] == listed[9]["score"]


def test_its_place_went_to_diversity(api):
    plain = check_v1_recommendations(api.v1(user_id="u", limit=4))["data"]
    varied = {entry["id"] for entry in check_v1_recommendations(api.v1(user_id="u", context_id=632))["data"]}
    pushed = [entry["id"] for entry in plain if entry["id"] not in varied]
    for item in pushed:
        assert reasons(explain(api, item, userId="u", contextId=632)) == ["diversity"]
    assert explain(api, sorted(varied)[0], userId="u", contextId=632)["appears"]


def test_inactive_and_deleted(quick, mint, stand, database):
    changing = Api(quick, mint("change-client"))
    name = f"e-{time.time_ns()}"
    path = stand.root / "import/explain.jsonl"
    row = {"id": name, "name": "Explained", "metadata": {"category": "explained"}}
    stand.tool.items("change", write_items(path, [row]))
    assert explain(changing, name, userId="u", filter="category:explained")["appears"]
    stand.tool.items("change", write_items(path, [{**row, "active": False}]))
    body = explain(changing, name, userId="u", filter="category:explained")
    assert reasons(body) == ["inactive"]
    assert reasons(explain(changing, f"itm_{name}", userId="u", filter="category:explained")) == ["inactive"]
    number = stand.tenant_id("change")
    database.execute("UPDATE items SET deleted = TRUE WHERE tenant_id = %s AND item_id = %s", number, name)
    assert reasons(explain(changing, name, userId="u", filter="category:explained")) == ["deleted"]


def test_another_tenants_item_is_unknown(api, mint, stand):
    name = f"theirs-{time.time_ns()}"
    path = stand.root / "import/explain-theirs.jsonl"
    stand.tool.items("change", write_items(path, [{"id": name, "name": "Secret", "metadata": {"category": "theirs"}}]))
    body = explain(api, name, userId="u")
    assert reasons(body) == ["unknown"] and body["name"] == ""
    theirs = explain(api.with_token(mint("change-client")), name, userId="u", filter="category:theirs")
    assert theirs["name"] == "Secret" and theirs["appears"]


def test_explaining_counts_no_impression(api, database, nothing_logged):
    before = database.execute("SELECT COALESCE(SUM(impressions), 0) FROM explored_items")
    for item in ("el-01", "mu-10"):
        explain(api, item, userId="u", contextId=635)
    assert database.execute("SELECT COALESCE(SUM(impressions), 0) FROM explored_items") == before


# ---- Refused


@pytest.mark.parametrize("body, code", [({}, "parameter_missing"), ({"itemId": ""}, "validation_error"), ({"itemId": []}, "validation_error"),
                                        ({"itemId": "x", "filter": "bad"}, "invalid_filter"), ({"itemId": "x", "limit": 0}, "invalid_limit"),
                                        ({"itemId": "x", "userId": {}}, "validation_error"), ({"itemId": "x", "contextId": 999}, "context_not_found")])
def test_wrong_questions_are_refused(api, nothing_logged, body, code):
    check_plain_error(api.call("POST", "/explain", body), code)
    check_object_error(api.call("POST", "/v1/explain", body), 400, code)


def test_the_read_scope_is_enough_and_needed(api, mint, nothing_logged):
    check_object_error(api.with_token(mint(scope="other")).call("POST", "/v1/explain", {"itemId": "el-01"}), 403, "insufficient_scope")
    assert json.dumps(explain(api, "el-01", userId="u"))


def test_what_was_kept_out_is_listed_on_wish(api, shopper):
    shopper.did("purchase", TRENDING)
    everything = [entry["id"] for entry in check_v1_recommendations(api.v1(user_id="nobody-at-all", limit=5))["data"]]
    other = next(item for item in everything if item != TRENDING)
    query = {"user_id": shopper.id, "limit": 100, "exclude": other, "filter": f"id!={everything[-1]}"}
    body = check_v1_recommendations(api.v1(**query, include_suppressed="true"), more={"suppressed"})
    kept_out = {entry["item_id"]: entry["reason"] for entry in body["suppressed"]}
    assert kept_out.get(TRENDING) == "purchased" and kept_out.get(other) == "excluded"
    assert {entry["id"] for entry in body["data"]}.isdisjoint(kept_out)
    assert set(kept_out.values()) <= {"purchased", "excluded", "filtered"}
