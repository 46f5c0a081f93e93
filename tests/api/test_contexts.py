"""Stored contexts: filters, grouping, default quantity, viewed items, in both endpoints."""
import json
import re

import pytest

from harness.catalogue import ITEMS, PAIRS, POPULAR, TRENDING
from harness.shapes import check_plain_error, check_recommend_answer, check_recommend_error, check_recommendations_answer


def condition(column, operator, value=None, logic=None):
    row = {"column": column, "operator": operator, "value": value, "logic": logic}
    return {key: entry for key, entry in row.items() if entry is not None}


# number: (key, settings)
CONTEXTS = {
    101: ("electronics-only", {"filters": [condition("category", "=", "electronics")], "quantity": 5}),
    102: ("by-category", {"group_by": ["category"]}),
    103: ("by-category-and-brand", {"group_by": ["category", "brand"], "quantity": 100}),
    104: ("nothing-left", {"filters": [condition("category", "=", "no such category")]}),
    105: ("not-viewed-lately", {"exclude_viewed_items": {"value": 1, "unit": "hours"}}),
    106: ("never-viewed", {"exclude_viewed_items": True}),
    107: ("strict", {"strict": True, "quantity": 7}),
    108: ("kitchen-groups", {"filters": [condition("category", "IN", ["kitchen", "garden"])], "group_by": ["category"], "quantity": 2}),
    109: ("without-anything", {}),
    110: ("one-group", {"group_by": ["category"], "quantity": 1}),
    111: ("small-groups", {"group_by": ["category"], "group_items": 2}),
    112: ("one-of-each", {"quantity": 4, "diversity": {"field": "category", "max": 1}}),
    113: ("varied", {"quantity": 8, "diversity": {"relevance": 0.5}}),
}


@pytest.fixture(scope="module", autouse=True)
def contexts(stand):
    for number, (key, settings) in CONTEXTS.items():
        stand.tool.context("alpha", number, key, settings)
    stand.tool.context("beta", 101, "betas-own", {"quantity": 3})
    stand.tool.context("beta", 301, "only-beta", {"quantity": 3})


def ids(answer):
    return [entry["item_id"] for entry in check_recommendations_answer(answer)["recommendations"]]


def groups(answer):
    return check_recommendations_answer(answer, grouped=True)["recommendations"]


# ---- Which context


@pytest.mark.parametrize("spelling", ["101", "ctx_101", "electronics-only"])
def test_a_context_is_named_by_number_or_key(everywhere, database, spelling):
    answer = everywhere.recommendations(user_id="u", context_id=spelling)
    order = ids(answer)
    assert len(order) == 5 and all(ITEMS[item]["metadata"]["category"] == "electronics" for item in order)
    assert database.execute("SELECT context_id FROM sequences WHERE request_id = %s", answer.request_id) == ((101,),)


@pytest.mark.parametrize("value", [101, 101.0, "101", "ctx_101", "electronics-only"])
def test_a_context_may_stand_in_the_body(everywhere, value):
    assert len(ids(everywhere.call("GET", "/recommendations", {"user_id": "u", "context_id": value}))) == 5


@pytest.mark.parametrize("value", ["999", "ctx_999", "no-such-key", "Electronics-Only", "electronics-onl", "only-beta", "301", "ctx_301",
                                   "0", "4294967295", "ctx_", "'; --", "101 "])
def test_an_unknown_context_is_refused(everywhere, nothing_logged, value):
    check_plain_error(everywhere.recommendations(user_id="u", context_id=value), "context_not_found")


@pytest.mark.parametrize("value", [10.5, True, [], {}, [101]])
def test_a_context_of_a_wrong_type_is_refused(api, nothing_logged, value):
    answer = api.call("POST", "/recommendations", {"user_id": "u", "context_id": value})
    check_plain_error(answer, "validation_error", field="context_id")


@pytest.mark.parametrize("value", [-1, 0, 2 ** 32, 2 ** 53, "-1", "99999999999999999999", "x" * 10000, "a\nb"])
def test_a_context_that_cannot_exist_is_refused(api, nothing_logged, value):
    answer = api.call("POST", "/recommendations", {"user_id": "u", "context_id": value})
    assert answer.status == 400
    check_plain_error(answer, answer.json()["code"])
    assert answer.json()["code"] in ("validation_error", "context_not_found")


def test_another_tenants_context_is_unknown_and_ones_own_counts(api, mint):
    beta = api.with_token(mint("beta-client"))
    assert len(ids(beta.recommendations(user_id="u", context_id=101))) == 3
    assert len(ids(beta.recommendations(user_id="u", context_id="only-beta"))) == 3
    check_plain_error(beta.recommendations(user_id="u", context_id="electronics-only"), "context_not_found")


# ---- Quantity


@pytest.mark.parametrize("query, count", [({}, 5), ({"quantity": 2}, 2), ({"limit": 3}, 3), ({"quantity": 100}, 10)])
def test_the_contexts_quantity_is_only_the_default(api, query, count):
    assert len(ids(api.recommendations(user_id="u", context_id=101, **query))) == count


def test_a_context_without_settings_changes_nothing(api):
    assert ids(api.recommendations(user_id="u", context_id=109)) == ids(api.recommendations(user_id="u"))


def test_a_filter_that_nothing_passes_gives_an_empty_list(everywhere, one_row_each):
    assert ids(everywhere.recommendations(user_id="u", context_id=104)) == []
    one_row_each(1)


# ---- Filters are exact: each is compared with the same rule in Python


def values(item, column):
    """All values of a column, as texts and numbers."""
    row = ITEMS[item]
    if column in ("id", "item_id", "entity_id"):
        return [item]
    if column in ("name", "description"):
        return [row[column]] if row.get(column) else []
    node = row["metadata"]
    for part in column.removeprefix("metadata.").split("."):
        node = node.get(part, []) if isinstance(node, dict) else []
    return node if isinstance(node, list) else [node]


def compare(one, other, operator):
    try:
        one, other = float(one), float(other)
    except ValueError:
        if operator != "=":
            return False  # bounds are of numbers alone
        one, other = str(one).encode(), str(other).encode()
    return {"=": one == other, "<": one < other, "<=": one <= other, ">": one > other, ">=": one >= other}[operator]


def like(text, pattern, flags=0):
    parts = ["." if mark == "_" else ".*" if mark == "%" else re.escape(mark) for mark in pattern]
    return re.fullmatch("".join(parts), str(text), flags | re.DOTALL) is not None


def holds(item, column, operator, value=None, logic=None):
    owned = values(item, column)
    positive = operator.removeprefix("NOT ").replace("!=", "=")
    wanted = value if isinstance(value, list) else [value]
    if positive == "EXISTS":
        result = bool(owned)
    elif positive == "IN":
        result = any(compare(one, other, "=") for one in owned for other in wanted)
    elif positive in ("LIKE", "ILIKE"):
        result = any(like(one, value, re.IGNORECASE if positive == "ILIKE" else 0) for one in owned)
    else:
        result = any(compare(one, value, positive) for one in owned)
    return result == (positive == operator)


def eligible(rows):
    """AND binds tighter than OR."""
    found = set()
    for item in ITEMS:
        terms = []
        for row in rows:
            if row.get("logic") == "OR" and terms:
                terms.append(holds(item, **row))
            elif terms:
                terms[-1] = terms[-1] and holds(item, **row)
            else:
                terms.append(holds(item, **row))
        if any(terms):
            found.add(item)
    return found


FILTERS = {
    "equal": [condition("category", "=", "books")],
    "equal is to the letter": [condition("brand", "=", "ACME")],
    "with metadata in front": [condition("metadata.category", "=", "books")],
    "not equal": [condition("category", "!=", "books")],
    "not equal of a missing field": [condition("brand", "!=", "Acme")],
    "equal of a number": [condition("price", "=", 40)],
    "equal of a number as text": [condition("price", "=", "40")],
    "less": [condition("price", "<", 12.25)],
    "less or equal": [condition("price", "<=", 12.25)],
    "greater": [condition("price", ">", 90)],
    "greater or equal": [condition("price", ">=", 90)],
    "numbers are compared as numbers": [condition("price", "<", 9)],
    "a text is within no bound": [condition("brand", "<", "Birch")],
    "like": [condition("name", "LIKE", "C%")],
    "like with one character": [condition("name", "LIKE", "_amer_")],
    "like is to the letter": [condition("name", "LIKE", "c%")],
    "not like": [condition("name", "NOT LIKE", "%e%")],
    "ilike": [condition("name", "ILIKE", "c%")],
    "in": [condition("category", "IN", ["books", "toys"])],
    "in of numbers": [condition("price", "IN", [3, 6, "9"])],
    "not in": [condition("category", "NOT IN", ["books", "toys", "garden"])],
    "not in of a missing field": [condition("brand", "NOT IN", ["Acme", "Birch"])],
    "in of an empty list": [condition("category", "IN", [])],
    "exists": [condition("brand", "EXISTS")],
    "not exists": [condition("brand", "NOT EXISTS")],
    "any value of a list": [condition("labels", "=", "even")],
    "no value of a list": [condition("labels", "!=", "even")],
    "category as a list": [condition("category", "=", "gifts")],
    "a nested key": [condition("size.width", ">", 50)],
    "the id": [condition("item_id", "IN", ["el-01", "1001", "st'q\"%41", "st-\U0001f381", "unknown"])],
    "a name with quotes": [condition("name", "=", "Ink \"black\" 100%")],
    "an unknown column": [condition("no_such_key", "=", "x")],
    "and": [condition("category", "=", "books"), condition("price", ">", 20)],
    "or": [condition("category", "=", "books"), condition("category", "=", "toys", "OR")],
    "and binds tighter": [condition("category", "=", "books"), condition("category", "=", "toys", "OR"),
                          condition("price", "<", 10, "AND")],
    "or of ands": [condition("category", "=", "books"), condition("price", "<", 20), condition("category", "=", "music", "OR"),
                   condition("price", ">", 500, "AND")],
    "or in the first row means nothing": [condition("category", "=", "books", "OR"), condition("stock", "<", 4)],
}


@pytest.fixture(scope="module")
def filter_contexts(stand):
    """One context for each row of FILTERS; returns their numbers."""
    numbers = {}
    for number, (name, rows) in enumerate(FILTERS.items(), 1000):
        stand.tool.context("alpha", number, f"filter-{number}", {"filters": rows})
        numbers[name] = number
    return numbers


@pytest.mark.parametrize("name", FILTERS)
def test_filters_let_exactly_the_right_items_through(api, filter_contexts, name):
    wanted = eligible(FILTERS[name])
    got = ids(api.recommendations(user_id="u", context_id=filter_contexts[name], quantity=100))
    assert set(got) == wanted
    # A filter never starves a short list, whoever asks.
    got = ids(api.recommendations(user_id="pair0-1", context_id=filter_contexts[name], quantity=3))
    bought = set(PAIRS[0])
    assert set(got) <= wanted - bought and len(got) == min(3, len(wanted - bought))


def test_filters_hold_for_items_as_entities(api):
    order = ids(api.recommendations(user_id="el-01", entity_type="Item", context_id=101, quantity=100))
    assert set(order) == {item for item in ITEMS if item.startswith("el-")} - {"el-01"}


# ---- Grouping


def test_groups_hold_their_items_best_first(everywhere, one_row_each):
    found = groups(everywhere.recommendations(user_id="u", context_id="by-category", quantity=20))
    assert {group["group"] for group in found} >= {"electronics", "books", "garden", "toys", "kitchen", "music", "stationery"}
    for group in found:
        for entry in group["items"]:
            first = values(entry["item_id"], "category")[:1] or ["(none)"]
            assert first == [group["group"]]
    one_row_each(1)


def test_quantity_counts_groups(api):
    body = check_recommendations_answer(api.recommendations(user_id="u", context_id="by-category", quantity=3), grouped=True)
    assert body["count"] == 3 and body["limit"] == 3
    body = check_recommendations_answer(api.recommendations(user_id="u", context_id="one-group"), grouped=True)
    assert body["count"] == 1
    assert body["recommendations"][0]["item_id"] == TRENDING, "the best group is the best item's"


def test_keys_of_several_fields_are_joined_and_missing_ones_named(api):
    found = {group["group"]: group for group in groups(api.recommendations(user_id="u", context_id=103))}
    expected = {}
    for item in ITEMS:
        key = " | ".join(str((values(item, column) or ["(none)"])[0]) for column in ("category", "brand"))
        expected.setdefault(key, set()).add(item)
    assert set(found) == set(expected)
    for key, group in found.items():
        got = {entry["item_id"] for entry in group["items"]}
        assert got <= expected[key] and len(got) == min(10, len(expected[key]))


def test_filters_hold_inside_groups(api):
    found = groups(api.recommendations(user_id="u", context_id="kitchen-groups"))
    assert {group["group"] for group in found} == {"kitchen", "garden"}


def test_a_context_can_keep_groups_small(api):
    for group in groups(api.recommendations(user_id="u", context_id="small-groups")):
        assert len(group["items"]) <= 2


def test_bought_items_are_not_in_groups_either(api, shopper):
    shopper.did("purchase", TRENDING).did("purchase", "el-03")
    found = groups(api.recommendations(user_id=shopper.id, context_id="by-category"))
    assert not {TRENDING, "el-03"} & {entry["item_id"] for group in found for entry in group["items"]}


def test_the_decision_log_names_the_groups(api, database):
    answer = api.recommendations(user_id="u", context_id="kitchen-groups")
    found = groups(answer)
    (results,), = database.execute("SELECT results FROM decisions JOIN sequences USING (tenant_id, sequence_id)"
                                   " WHERE request_id = %s", answer.request_id)
    logged = json.loads(results)
    assert {entry["group"] for entry in logged} == {group["group"] for group in found}


# ---- Viewed items


def test_items_viewed_inside_the_window_are_left_out(everywhere, shopper):
    shopper.did("view", "el-04", ago=600).did("view", "el-05", ago=7200)
    body = check_recommendations_answer(everywhere.recommendations(user_id=shopper.id, context_id=105, quantity=100))
    assert {entry["item_id"] for entry in body["recommendations"]} == set(ITEMS) - {"el-04"}
    assert body["excluded_viewed_items"]["value"] == 1 and body["excluded_viewed_items"]["unit"] == "hours"


def test_all_viewed_items_are_left_out_where_the_context_says_so(api, shopper):
    shopper.did("view", "el-04", ago=600).did("view", "el-05", ago=86400 * 300)
    body = check_recommendations_answer(api.recommendations(user_id=shopper.id, context_id=106, quantity=100))
    assert {entry["item_id"] for entry in body["recommendations"]} == set(ITEMS) - {"el-04", "el-05"}
    assert body["excluded_viewed_items"] is not None


def test_without_such_a_setting_none_is_reported(api):
    assert check_recommendations_answer(api.recommendations(user_id="u", context_id=101))["excluded_viewed_items"] is None


# ---- In the first document


def recommend_ids(answer):
    return [result["item_id"] for result in check_recommend_answer(answer)]


def test_a_template_may_be_a_contexts_key(everywhere, database):
    answer = everywhere.recommend(template="electronics-only")
    order = recommend_ids(answer)
    assert len(order) == 5 and all(item.startswith("el-") for item in order)
    assert database.execute("SELECT template, context_id FROM sequences WHERE request_id = %s", answer.request_id) == (
        ("electronics-only", 101),)
    assert len(recommend_ids(everywhere.recommend(template="electronics-only", quantity=100))) == 10


def test_the_histories_steer_within_the_context(api):
    order = recommend_ids(api.recommend({"browsing_history": ["el-01"]}, template="electronics-only"))
    assert [item for item in order if item != "el-01"][0] == "el-02"


def test_a_strict_context_makes_preferences_filters(api):
    preferences = {"categories": ["garden"]}
    order = recommend_ids(api.recommend({"customer_preferences": preferences}, template="strict", quantity=100))
    assert set(order) == {item for item in ITEMS if item.startswith("ga-")}
    assert len(recommend_ids(api.recommend({"customer_preferences": preferences}, template="strict"))) == 7


def test_another_tenants_key_is_an_unknown_template(everywhere, nothing_logged):
    check_recommend_error(everywhere.recommend(template="only-beta"), 400)


# ---- Changes


def test_a_changed_context_counts_at_once_for_every_worker(api, stand):
    for number, category in enumerate(("books", "toys", "music")):
        stand.tool.context("alpha", 120, "changing", {"filters": [condition("category", "=", category)], "quantity": number + 1})
        for _ in range(12):
            order = ids(api.recommendations(user_id="u", context_id=120))
            assert len(order) == number + 1
            assert {ITEMS[item]["metadata"]["category"] for item in order} == {category}


def test_the_planted_filters_tell_items_apart():
    """Guards the filter tests: their rules select neither all nor, but where meant, none."""
    sizes = {name: len(eligible(rows)) for name, rows in FILTERS.items()}
    assert [name for name, size in sizes.items() if size in (0, len(ITEMS))] == [
        "equal is to the letter", "a text is within no bound", "like is to the letter", "in of an empty list", "an unknown column"]
    assert POPULAR in ITEMS


# ---- Diversity

def test_a_cap_shows_one_of_each_category(api):
    entries = check_recommendations_answer(api.recommendations(context_id=112))["recommendations"]
    categories = [entry["metadata"]["category"] for entry in entries]
    assert len(categories) == 4 == len(set(categories))


def test_a_cap_gives_way_before_the_list_gets_short(api):
    assert len(ids(api.recommendations(context_id=112, quantity=50))) == 50


def test_diversity_keeps_preferences_in_front(api):
    answer = api.recommend({"customer_preferences": {"categories": ["garden"]}}, template="one-of-each")
    results = check_recommend_answer(answer)
    assert [entry["metadata"]["category"] for entry in results] == ["garden"] * 4


def test_likeness_changes_the_order_and_nothing_else(api):
    plain, varied = ids(api.recommendations(quantity=8)), ids(api.recommendations(context_id=113))
    assert len(varied) == 8 and varied[0] == plain[0] and varied != plain
