"""Filters of requests: the shorthand and structured entries, exact on every item, together with a context's."""
import json

import pytest

from harness.catalogue import EMOJI, ITEMS
from harness.shapes import check_object_error, check_v1_recommendations

CONTEXTS = {
    611: ("f-kitchen-or-garden", {"filters": [{"column": "category", "operator": "IN", "value": ["kitchen", "garden"]}]}),
    612: ("f-or", {"filters": [{"column": "category", "operator": "=", "value": "books"},
                               {"column": "category", "operator": "=", "value": "toys", "logic": "OR"}]}),
}


@pytest.fixture(scope="module", autouse=True)
def contexts(stand):
    for number, (key, settings) in CONTEXTS.items():
        stand.tool.context("alpha", number, key, settings)


def ids(answer):
    return {entry["item_id"] for entry in check_v1_recommendations(answer)["data"]}


def meta(item):
    return ITEMS[item]["metadata"]


def where(condition):
    return {item for item in ITEMS if condition(item)}


def category(item):
    value = meta(item)["category"]
    return value if isinstance(value, list) else [value]


SHORTHAND = [
    (["category:electronics"], lambda item: "electronics" in category(item)),
    (["category=books"], lambda item: "books" in category(item)),
    (["category!=books"], lambda item: "books" not in category(item)),
    (["metadata.category:gifts"], lambda item: "gifts" in category(item)),
    (["price<=10"], lambda item: meta(item)["price"] <= 10),
    (["price>=10", "price<40"], lambda item: 10 <= meta(item)["price"] < 40),
    (["price>100"], lambda item: meta(item)["price"] > 100),
    (["price:40"], lambda item: meta(item)["price"] == 40),
    (["size.width:30"], lambda item: meta(item).get("size", {}).get("width") == 30),
    (["metadata.size.width>=90"], lambda item: meta(item).get("size", {}).get("width", 0) >= 90),
    (["brand:Acme"], lambda item: meta(item).get("brand") == "Acme"),
    (["brand!=Acme"], lambda item: meta(item).get("brand") != "Acme"),
    (["category:books", "OR:brand:Acme"], lambda item: "books" in category(item) or meta(item).get("brand") == "Acme"),
    (["category:books", "AND:brand:Acme"], lambda item: "books" in category(item) and meta(item).get("brand") == "Acme"),
    (["category:books", "brand:Acme", "OR:category:toys", "price>15"],
     lambda item: ("books" in category(item) and meta(item).get("brand") == "Acme")
     or ("toys" in category(item) and meta(item)["price"] > 15)),
    (["OR:category:toys"], lambda item: "toys" in category(item)),
    (["labels:even"], lambda item: "even" in meta(item).get("labels", [])),
    (["labels!=even"], lambda item: "even" not in meta(item).get("labels", [])),
    (["id:el-01"], lambda item: item == "el-01"),
    (["item_id:el-01", "OR:entity_id:el-02"], lambda item: item in ("el-01", "el-02")),
    (["id!=el-01"], lambda item: item != "el-01"),
    (["name:Camera"], lambda item: ITEMS[item]["name"] == "Camera"),
    (["description:One camera"], lambda item: ITEMS[item].get("description") == "One camera"),
    (["created>0"], lambda item: True),
    (["updated_at<100"], lambda item: False),
    (["created>=2001-01-01"], lambda item: True),
    (["created<2001-01-01 00:00:00 UTC"], lambda item: False),
    (["updated_at>=978307200000"], lambda item: True),  # 2001, in milliseconds
    (["nowhere:x"], lambda item: False),
    (["nowhere!=x"], lambda item: True),
    (["category:"], lambda item: False),
    (["metadata.name:a name of the shop's own"], lambda item: "name" in meta(item)),
]


@pytest.mark.parametrize("filters, condition", SHORTHAND, ids=[" ".join(case[0]) for case in SHORTHAND])
def test_shorthand(api, filters, condition):
    assert ids(api.v1(user_id="u", limit=100, filter=filters)) == where(condition)
    assert ids(api.v1(user_id="u", limit=100, filters=filters)) == where(condition)
    answer = api.call("POST", "/v1/recommendations", {"user_id": "u", "limit": 100, "filter": filters})
    assert ids(answer) == where(condition)


def entry(column, operator, value=None, logic=None):
    row = {"column": column, "operator": operator, "value": value, "logic": logic}
    return {key: part for key, part in row.items() if part is not None}


STRUCTURED = [
    ([entry("category", "=", "books")], lambda item: "books" in category(item)),
    ([entry("category", "in", ["books", "toys"])], lambda item: {"books", "toys"} & set(category(item))),
    ([entry("category", "IN", "books, toys")], lambda item: {"books", "toys"} & set(category(item))),
    ([entry("category", "Not In", ["books"])], lambda item: "books" not in category(item)),
    ([entry("name", "LIKE", "C%")], lambda item: ITEMS[item]["name"].startswith("C")),
    ([entry("name", "ilike", "c%")], lambda item: ITEMS[item]["name"].lower().startswith("c")),
    ([entry("name", "NOT LIKE", "C%")], lambda item: not ITEMS[item]["name"].startswith("C")),
    ([entry("name", "NOT ILIKE", "_a%")], lambda item: ITEMS[item]["name"][1].lower() != "a"),
    ([entry("brand", "EXISTS")], lambda item: "brand" in meta(item)),
    ([entry("brand", "not exists")], lambda item: "brand" not in meta(item)),
    ([entry("price", "<", 10), entry("brand", "=", "Acme", "OR")], lambda item: meta(item)["price"] < 10 or meta(item).get("brand") == "Acme"),
    ([entry("price", "<=", "10"), entry("price", ">=", 5, "and")], lambda item: 5 <= meta(item)["price"] <= 10),
    ([], lambda item: True),
]


@pytest.mark.parametrize("filters, condition", STRUCTURED, ids=[json.dumps(case[0])[:60] for case in STRUCTURED])
def test_structured(api, filters, condition):
    scope = {"filters": filters, "something": "else"}
    assert ids(api.v1(user_id="u", limit=100, scope=json.dumps(scope))) == where(condition)
    assert ids(api.call("POST", "/v1/recommendations", {"user_id": "u", "limit": 100, "scope": scope})) == where(condition)
    assert ids(api.call("POST", "/v1/recommendations", {"user_id": "u", "limit": 100, "filters": filters})) == where(condition)


def test_scope_filter_and_filters_are_one_bracket_in_this_order(api):
    """toys OR (books AND Acme): the OR of `filter` joins it to what scope said."""
    body = {"user_id": "u", "limit": 100, "scope": {"filters": [entry("category", "=", "toys")]},
            "filter": "OR:category:books", "filters": ["brand:Acme"]}
    expected = where(lambda item: "toys" in category(item) or ("books" in category(item) and meta(item).get("brand") == "Acme"))
    assert ids(api.call("POST", "/v1/recommendations", body)) == expected


def test_the_contexts_bracket_holds_as_well(api):
    found = ids(api.v1(user_id="u", limit=100, context_id=611, filter=["brand:Acme", "OR:category:books"]))
    assert found == where(lambda item: {"kitchen", "garden"} & set(category(item)) and meta(item).get("brand") == "Acme")
    found = ids(api.v1(user_id="u", limit=100, context_id=612, filter="brand:Acme"))
    assert found == where(lambda item: {"books", "toys"} & set(category(item)) and meta(item).get("brand") == "Acme")


@pytest.mark.parametrize("filters", [["id:" + EMOJI], ["price>800"], ["category:stationery", "price>=3"]])
def test_a_filter_that_leaves_few_still_fills_from_them(api, filters):
    """Even for a user whose history says nothing about them."""
    body = check_v1_recommendations(api.v1(user_id="pair0-1", limit=20, filter=filters))
    assert body["quantity"] == len(ids(api.v1(user_id="nobody-at-all", limit=100, filter=filters))) > 0
    assert body["has_more"] is False


@pytest.mark.parametrize("value", ["nonsense", "=x", ":x", "!x", "a!b", "AND", "<", "created>=soon"])
def test_wrong_shorthand_is_refused(api, nothing_logged, value):
    check_object_error(api.v1(user_id="u", filter=value), 400, "invalid_filter")


@pytest.mark.parametrize("value, code", [
    ("{", "invalid_scope_json"), ("[7]", "invalid_scope_json"), ("7", "invalid_scope_json"),
    ('{"filters": {}}', "invalid_filter"), ('{"filters": [7]}', "invalid_filter"), ('{"filters": [{}]}', "invalid_filter"),
    ('{"filters": [{"column": "a", "operator": "~", "value": 1}]}', "invalid_filter"),
    ('{"filters": [{"column": "a", "operator": "="}]}', "invalid_filter"),
    ('{"filters": [{"column": "a", "operator": "=", "value": [1]}]}', "invalid_filter"),
    ('{"filters": [{"column": "", "operator": "=", "value": 1}]}', "invalid_filter"),
    ('{"filters": [{"column": "a", "operator": "=", "value": 1, "logic": "XOR"}]}', "invalid_filter"),
])
def test_a_wrong_scope_is_refused(api, nothing_logged, value, code):
    check_object_error(api.v1(user_id="u", scope=value), 400, code)


@pytest.mark.parametrize("value", [7, True, 1.5, [7], [[]], [None], {"column": 1}, {}])
def test_wrong_types_are_refused(api, nothing_logged, value):
    for name in ("filter", "filters"):
        check_object_error(api.call("POST", "/v1/recommendations", {"user_id": "u", name: value}), 400, "invalid_filter")


@pytest.mark.parametrize("more", [{"filter": []}, {"filters": []}, {"scope": '{"filters":[]}'}, {"scope": {}}, {"scope": None}, {"scope": ""}, {"scope": []}, {"filter": ""}, {"filters": ["", " "]}])
def test_what_sdks_send_for_nothing_is_nothing(api, more):
    assert ids(api.call("POST", "/v1/recommendations", {"user_id": "u", "limit": 100, **more})) == set(ITEMS)


def test_filters_have_limits(api, nothing_logged):
    many = [f"price>{number}" for number in range(51)]
    check_object_error(api.call("POST", "/v1/recommendations", {"filter": many}), 400, "invalid_filter")
    check_object_error(api.call("POST", "/v1/recommendations", {"filter": "a:" + "x" * 1001}), 400, "invalid_filter")
    check_object_error(api.call("POST", "/v1/recommendations", {"filter": "a" * 501 + ":x"}), 400, "invalid_filter")


def test_at_the_limits_it_works(api):
    assert ids(api.call("POST", "/v1/recommendations", {"limit": 100, "filter": ["price>=0"] * 50})) == set(ITEMS)
