"""The first document: POST /api/recommend/recommend."""
import json
import subprocess

import pytest

from harness import catalogue
from harness.catalogue import EMOJI, ITEMS, PAIRS, POPULAR, QUOTED, TRENDING
from harness.shapes import check_recommend_answer, check_recommend_error, fields_of

PATH = "/api/recommend/recommend"

# The request body of the document, to the letter.
DOCUMENTED = """{
"sequence_data": {
"customer_preferences": {
"categories": ["electronics", "books"],
"price_range": {
"min": 50,
"max": 500
}
},
"browsing_history": ["product_123", "product_456"],
"purchase_history": ["product_789"]
},
"task": "product_recommendation",
"template": "personalized"
}"""
# And of its curl example.
CURL = """{
"sequence_data": {
"customer_preferences": {
"categories": ["electronics"]
}
},
"task": "product_recommendation",
"template": "personalized"
}"""


def ids(answer):
    return [result["item_id"] for result in check_recommend_answer(answer)]


def matches(item_id, categories=None, low=None, high=None):
    """What preferences mean, said once more in another language."""
    metadata = ITEMS[item_id]["metadata"]
    owned = metadata["category"] if isinstance(metadata["category"], list) else [metadata["category"]]
    return ((categories is None or bool(set(owned) & set(categories)))
            and (low is None or metadata["price"] >= low) and (high is None or metadata["price"] <= high))


# ---- What a 200 holds


@pytest.mark.parametrize("body", [DOCUMENTED, CURL], ids=["request body", "curl example"])
def test_the_documents_examples_are_answered_as_documented(everywhere, one_row_each, body):
    results = check_recommend_answer(everywhere.call("POST", PATH, body))
    assert len(results) == 10
    one_row_each(1)


CURL_COMMAND = """curl -X POST "http://localhost:5051/api/recommend/recommend" \\
-H "Authorization: Bearer <jwt-token>" \\
-H "Content-Type: application/json" \\
-d '""" + CURL + "'"


def test_the_documents_curl_command_works_with_only_the_token_put_in(everywhere, one_row_each):
    command = CURL_COMMAND.replace("<jwt-token>", everywhere.token).replace("localhost:5051", f"127.0.0.1:{everywhere.front.port}")
    result = subprocess.run(["bash", "-c", command], capture_output=True, check=True, timeout=30)
    answer = json.loads(result.stdout)
    assert answer["status_code"] == 200 and len(answer["results"]) == 10
    one_row_each(1)


def test_results_show_the_products_as_the_catalogue_has_them(everywhere):
    for result in check_recommend_answer(everywhere.recommend(quantity=100)):
        item = ITEMS[result["item_id"]]
        assert result["name"] == item["name"]
        assert result["metadata"] == item["metadata"]


def test_every_item_can_be_recommended_whatever_its_id_holds(api):
    assert set(ids(api.recommend(quantity=100))) == set(ITEMS)
    assert {QUOTED, EMOJI} <= set(ITEMS)


def test_a_recommendation_id_leads_back_to_its_decision_and_rank(api, stand, database):
    first, second = (check_recommend_answer(api.recommend()) for _ in range(2))
    assert not {r["recommendation_id"] for r in first} & {r["recommendation_id"] for r in second}
    for results in (first, second):
        for result in results:
            decision, rank = divmod(result["recommendation_id"], 128)
            (tenant, logged, count), = database.execute(
                "SELECT tenant_id, results, result_count FROM decisions WHERE decision_id = %s", decision)
            assert tenant == stand.tenant_id("alpha") and count == len(results)
            entry = json.loads(logged)[rank - 1]
            assert entry["item_id"] == result["item_id"]
            assert entry["score"] == pytest.approx(result["score"], abs=1e-5)


def test_the_sequence_log_holds_what_was_asked(api, database):
    answer = api.recommend({"browsing_history": ["el-01"], "made_up": [1, {"x": None}]}, task="a task", user_id="u-1",
                           surface="home")
    decision = check_recommend_answer(answer)[0]["recommendation_id"] // 128
    (endpoint, client, user, task, template, context, request_id, given), = database.execute(
        "SELECT endpoint, client_id, user_id, task, template, context_id, request_id, input FROM sequences"
        " JOIN decisions USING (tenant_id, sequence_id) WHERE decision_id = %s", decision)
    assert (endpoint, client, user, task, template, context) == (
        "POST /api/recommend/recommend", "alpha-client", "u-1", "a task", "personalized", None)
    assert request_id == answer.request_id
    given = json.loads(given)
    assert given["sequence_data"] == {"browsing_history": ["el-01"]}, "and nothing that nobody reads"
    assert given["surface"] == "home"


def test_no_entity_and_no_event_comes_from_this_endpoint(api, database):
    count = "SELECT (SELECT COUNT(*) FROM entity_embeddings), (SELECT COUNT(*) FROM events)"
    before = database.execute(count)
    ids(api.recommend({"purchase_history": ["el-01"]}, user_id="nobody-new"))
    assert database.execute(count) == before


def test_equal_requests_have_equal_answers_but_for_ids(api):
    def stable():
        results = check_recommend_answer(api.recommend({"browsing_history": ["el-03", "bo-04"]}, quantity=50))
        return [{**result, "recommendation_id": 0} for result in results]
    assert stable() == stable()


def test_no_scope_is_needed(api, mint):
    ids(api.with_token(mint(scope=None)).recommend())


# ---- How many


@pytest.mark.parametrize("more, count", [
    ({}, 10), ({"quantity": 1}, 1), ({"quantity": 23}, 23), ({"quantity": 100}, len(ITEMS)), ({"quantity": "7"}, 7),
    ({"quantity": 10.0}, 10), ({"quantity": 2e1}, 20), ({"limit": 4}, 4), ({"limit": "100"}, len(ITEMS)),
    ({"quantity": 5, "limit": 9}, 5), ({"quantity": None}, 10), ({"quantity": None, "limit": 3}, 3)])
def test_quantity_or_limit_says_how_many(api, more, count):
    assert len(ids(api.recommend(**more))) == count


@pytest.mark.parametrize("name", ["quantity", "limit"])
@pytest.mark.parametrize("value", [0, -1, 101, 1e9, "ten", 10.5, "10.5", "0", "101", "-1", True, [], {}, [10], 2 ** 63 - 2, "1" * 400])
def test_a_wrong_quantity_is_refused(api, nothing_logged, name, value):
    check_recommend_error(api.recommend(**{name: value}), 400, field=name)


def test_quantity_in_the_query_string_counts_unless_the_body_has_one(api):
    body = {"sequence_data": {}, "task": "t", "template": "popular"}
    assert len(ids(api.call("POST", PATH + "?quantity=3", body))) == 3
    assert len(ids(api.call("POST", PATH + "?quantity=3", {**body, "quantity": 4}))) == 4


# ---- Required fields and types


@pytest.mark.parametrize("field", ["sequence_data", "task", "template"])
def test_required_fields_are_required(everywhere, nothing_logged, field):
    body = {"sequence_data": {}, "task": "product_recommendation", "template": "personalized"}
    del body[field]
    check_recommend_error(everywhere.call("POST", PATH, body), 400, field=field)
    check_recommend_error(everywhere.call("POST", PATH, {**body, field: None}), 400, field=field)


def test_all_missing_fields_are_named_at_once(api, nothing_logged):
    answer = api.call("POST", PATH, {})
    check_recommend_error(answer, 400)
    assert set(fields_of(answer)) == {"sequence_data", "task", "template"}


def test_an_empty_body_is_no_parameters(everywhere, nothing_logged):
    for body in (None, b""):
        answer = everywhere.call("POST", PATH, body)
        check_recommend_error(answer, 400, field="sequence_data")


@pytest.mark.parametrize("field, value", [
    *(("sequence_data", value) for value in ([[]], "text", 1, True)),
    *((field, value) for field in ("task", "template") for value in ("", 1, 1.5, True, [], {}, ["a"], "a\nb", "a\tb", "x" * 101)),
    *(("user_id", value) for value in ("", 7, True, [], {}, "a\nb", "x" * 129, "x" * 10000)),
])
def test_wrong_types_are_refused(api, nothing_logged, field, value):
    body = {"sequence_data": {}, "task": "t", "template": "popular", field: value}
    check_recommend_error(api.call("POST", PATH, body), 400, field=field)


@pytest.mark.parametrize("sequence_data, field", [
    ({"customer_preferences": [7]}, "sequence_data.customer_preferences"),
    ({"customer_preferences": "books"}, "sequence_data.customer_preferences"),
    ({"customer_preferences": {"categories": 5}}, "sequence_data.customer_preferences.categories"),
    ({"customer_preferences": {"categories": {}}}, "sequence_data.customer_preferences.categories"),
    ({"customer_preferences": {"categories": ["books", 5]}}, "sequence_data.customer_preferences.categories[1]"),
    ({"customer_preferences": {"price_range": [1, 2]}}, "sequence_data.customer_preferences.price_range"),
    ({"customer_preferences": {"price_range": 5}}, "sequence_data.customer_preferences.price_range"),
    ({"customer_preferences": {"price_range": {"min": "cheap"}}}, "sequence_data.customer_preferences.price_range.min"),
    ({"customer_preferences": {"price_range": {"max": []}}}, "sequence_data.customer_preferences.price_range.max"),
    ({"customer_preferences": {"price_range": {"min": -1}}}, "sequence_data.customer_preferences.price_range.min"),
    ({"customer_preferences": {"price_range": {"max": -0.5}}}, "sequence_data.customer_preferences.price_range.max"),
    ({"customer_preferences": {"strict": "yes"}}, "sequence_data.customer_preferences.strict"),
    ({"customer_preferences": {"strict": 1}}, "sequence_data.customer_preferences.strict"),
    *(({history: value}, f"sequence_data.{history}") for history in ("browsing_history", "purchase_history")
      for value in ("el-01", 5, {}, {"el-01": 1}, True)),
    *(({history: ["a", "b", 3, bad]}, f"sequence_data.{history}[3]") for history in ("browsing_history", "purchase_history")
      for bad in (1.5, True, [], {}, "", "a\nb", "x" * 129)),
])
def test_wrong_types_inside_sequence_data_are_named(api, nothing_logged, sequence_data, field):
    check_recommend_error(api.recommend(sequence_data), 400, field=field)


def test_a_price_range_that_ends_before_it_begins_is_refused(everywhere, nothing_logged):
    answer = everywhere.recommend({"customer_preferences": {"price_range": {"min": 100, "max": 99.99}}})
    check_recommend_error(answer, 400)
    assert any(field.startswith("sequence_data.customer_preferences.price_range") for field in fields_of(answer))


@pytest.mark.parametrize("history", ["browsing_history", "purchase_history"])
def test_a_history_has_at_most_a_thousand_ids(api, stand, history):
    assert ids(api.recommend({history: [f"unknown-{n}" for n in range(1000)]}))
    before = stand.rows()
    answer = api.recommend({history: [f"unknown-{n}" for n in range(1001)]})
    check_recommend_error(answer, 400, field=f"sequence_data.{history}")
    assert stand.rows() == before


# ---- Preferences order, and fill


@pytest.mark.parametrize("preferences, rule", [
    ({"categories": ["electronics"]}, {"categories": ["electronics"]}),
    ({"categories": "electronics"}, {"categories": ["electronics"]}),
    ({"categories": ["books", "gifts"]}, {"categories": ["books", "gifts"]}),
    ({"price_range": {"min": 300}}, {"low": 300}),
    ({"price_range": {"max": 5.5}}, {"high": 5.5}),
    ({"price_range": {"min": 40, "max": 90}}, {"low": 40, "high": 90}),
    ({"price_range": {"min": 0, "max": 0}}, {"low": 0, "high": 0}),
    ({"categories": ["electronics", "music"], "price_range": {"min": 100, "max": 200}},
     {"categories": ["electronics", "music"], "low": 100, "high": 200}),
])
def test_items_that_match_the_preferences_come_first_and_others_fill(api, preferences, rule):
    wanted = {item for item in ITEMS if matches(item, **rule)}
    assert 0 < len(wanted) < len(ITEMS)
    results = check_recommend_answer(api.recommend({"customer_preferences": preferences}, quantity=100))
    assert {result["item_id"] for result in results} == set(ITEMS)
    first, rest = results[:len(wanted)], results[len(wanted):]
    assert {result["item_id"] for result in first} == wanted
    assert rest[0]["score"] < first[-1]["score"], "what only fills has lower scores"
    # And the same with a short list, which has no room for others.
    assert set(ids(api.recommend({"customer_preferences": preferences}, quantity=1))) <= wanted


@pytest.mark.parametrize("preferences, rule", [
    ({"categories": ["electronics"]}, {"categories": ["electronics"]}),
    ({"price_range": {"min": 40, "max": 90}}, {"low": 40, "high": 90}),
    ({"categories": ["garden"], "price_range": {"max": 40}}, {"categories": ["garden"], "high": 40}),
    ({"categories": ["no such category"]}, {"categories": ["no such category"]}),
])
def test_strict_preferences_are_exact_filters(everywhere, preferences, rule):
    wanted = {item for item in ITEMS if matches(item, **rule)}
    answer = everywhere.recommend({"customer_preferences": {**preferences, "strict": True}}, quantity=100)
    assert set(ids(answer)) == wanted


def test_a_shop_without_the_wanted_category_still_answers_well(api):
    answer = api.recommend({"customer_preferences": {"categories": ["no such category"]}})
    assert len(ids(answer)) == 10


@pytest.mark.parametrize("preferences", [{}, {"categories": []}, {"price_range": {}}, {"categories": None, "price_range": None},
                                         {"price_range": {"min": None, "max": None}}, {"strict": False}])
def test_preferences_may_be_empty(api, preferences):
    assert len(ids(api.recommend({"customer_preferences": preferences}))) == 10


def test_no_preference_lets_a_bought_item_come_back(api):
    answer = api.recommend({"customer_preferences": {"categories": ["electronics"]}, "purchase_history": ["el-03"]}, quantity=100)
    assert set(ids(answer)) == set(ITEMS) - {"el-03"}


# ---- Histories steer


@pytest.mark.parametrize("seed, partner", [pair for both in PAIRS for pair in (both, both[::-1])])
@pytest.mark.parametrize("history", ["browsing_history", "purchase_history"])
def test_what_was_bought_together_comes_first(api, history, seed, partner):
    results = [item for item in ids(api.recommend({history: [seed]})) if item != seed]
    assert results[0] == partner


def test_ids_may_be_integers(api):
    assert [item for item in ids(api.recommend({"browsing_history": [1001]})) if item != "1001"][0] == "1002"
    assert "1001" not in ids(api.recommend({"purchase_history": [1001]}, quantity=100))


def test_bought_items_never_come_back(everywhere):
    bought = ["el-01", "bo-01", POPULAR, TRENDING, QUOTED, EMOJI, "1003"]
    assert set(ids(everywhere.recommend({"purchase_history": bought}, quantity=100))) == set(ITEMS) - set(bought)


@pytest.mark.parametrize("template", ["personalized", "trending", "popular", "similar", "new"])
def test_bought_items_never_come_back_under_any_template(api, template):
    answer = api.recommend({"purchase_history": [POPULAR, TRENDING, "el-01"]}, template=template, quantity=100)
    assert not {POPULAR, TRENDING, "el-01"} & set(ids(answer))


def test_a_purchase_weighs_more_than_a_view(api):
    for (a, partner_a), (b, partner_b) in [(PAIRS[0], PAIRS[1]), (PAIRS[1], PAIRS[0])]:
        order = ids(api.recommend({"browsing_history": [a], "purchase_history": [b]}, quantity=100))
        assert order.index(partner_b) < order.index(partner_a)


@pytest.mark.parametrize("history", ["browsing_history", "purchase_history"])
def test_later_entries_weigh_more_than_earlier_ones(api, history):
    """What belongs to an entry scores higher when the entry comes later."""
    (a, partner_a), (b, partner_b) = PAIRS[0], PAIRS[1]
    scores = []
    for order in ([a, b], [b, a]):
        results = check_recommend_answer(api.recommend({history: order}))
        scores.append({result["item_id"]: result["score"] for result in results})
    assert scores[0][partner_b] > scores[1][partner_b] and scores[1][partner_a] > scores[0][partner_a]


def test_unknown_ids_are_ignored_but_logged(api, database):
    plain = ids(api.recommend({"browsing_history": ["el-01"]}))
    answer = api.recommend({"browsing_history": ["el-01", "no-such-item"], "purchase_history": ["no-such-purchase"]})
    assert ids(answer) == plain
    (given,), = database.execute("SELECT input FROM sequences WHERE request_id = %s", answer.request_id)
    assert json.loads(given)["sequence_data"]["purchase_history"] == ["no-such-purchase"]


def test_without_anything_known_the_list_is_long_and_sensible(api):
    order = ids(api.recommend({}))
    assert len(order) == 10
    assert TRENDING in order[:2]


# ---- Templates


def test_popular_is_by_all_time_popularity(api):
    assert ids(api.recommend(template="popular"))[0] == POPULAR


def test_trending_is_by_recent_popularity(api):
    order = ids(api.recommend(template="trending", quantity=100))
    assert order[0] == TRENDING
    assert order.index(POPULAR) > 5


@pytest.mark.parametrize("template", ["trending", "popular", "new"])
def test_preferences_hold_under_every_template(api, template):
    preferences = {"categories": ["kitchen"], "strict": True}
    assert set(ids(api.recommend({"customer_preferences": preferences}, template=template, quantity=100))) == {
        item for item in ITEMS if matches(item, categories=["kitchen"])}


@pytest.mark.parametrize("sequence_data, partner", [
    ({"browsing_history": ["bo-01", "el-01"]}, "el-02"),
    ({"browsing_history": ["el-01", "bo-01"]}, "ki-01"),
    ({"purchase_history": ["bo-01", "ga-01"]}, "ga-02"),
])
def test_similar_is_to_the_last_item(api, sequence_data, partner):
    order = ids(api.recommend(sequence_data, template="similar"))
    assert order[0] == partner
    seed = [entry for history in sequence_data.values() for entry in history][-1]
    assert seed not in order


@pytest.mark.parametrize("template", ["Personalized", "no-such-template", "personalized ", "' OR 1=1 -- ", "%", "é", "999"])
def test_an_unknown_template_is_refused(everywhere, nothing_logged, template):
    check_recommend_error(everywhere.recommend(template=template), 400)


def test_any_task_will_do(api):
    for task in ("product_recommendation", "anything else", "task \"quoted\" 100% \U0001f381", "x" * 100):
        assert ids(api.recommend(task=task))


# ---- Other forms of the same request


def test_a_missing_content_type_counts_as_json(everywhere):
    answer = everywhere.raw(f"POST {PATH} HTTP/1.1\nContent-Length: {len(CURL)}", CURL.encode())
    assert b" 200 " in answer.split(b"\r\n", 1)[0], answer[:500]


@pytest.mark.parametrize("content_type", ["application/json", "application/json; charset=utf-8", "Application/JSON ; charset=UTF-8"])
def test_json_types_are_accepted(api, content_type):
    assert ids(api.call("POST", PATH, CURL, {"Content-Type": content_type}))


def test_of_equal_keys_the_last_one_counts(everywhere):
    body = '{"sequence_data": 5, "sequence_data": {}, "task": "t", "template": "none", "template": "popular", "quantity": 1, "quantity": 3}'
    assert len(ids(everywhere.call("POST", PATH, body))) == 3


def test_unknown_parameters_are_ignored(api):
    assert ids(api.recommend(colour="red", nothing=None, deep={"a": [1, 2, {"b": "c"}]}))


def test_the_planted_answers_are_distinct():
    """Guards the tests above: every pair's items occur in that pair only."""
    assert len({item for pair in PAIRS for item in pair}) == 2 * len(PAIRS)
    assert not {POPULAR, TRENDING} & {item for pair in catalogue.PAIRS for item in pair}
