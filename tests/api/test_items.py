"""Items: created, updated, read, listed, deleted and searched, below /v1 and at the unversioned paths."""
import contextlib
import http.client
import json
import os
import random
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest

from harness import tokens
from harness.client import Api
from harness.shapes import (check_deleted_answer, check_item, check_item_answer, check_item_search_answer, check_list_answer,
                            check_object_error, check_plain_error)
from harness.tokens import READ, WRITE

BOTH = ("", "/v1")


@pytest.fixture(scope="module")
def shops(stand):
    """Two tenants of these tests alone."""
    for tenant in ("items-one", "items-two"):
        stand.tool.tenant(tenant)
        stand.tool.client(tenant, f"{tenant}-client")


def caller(front, mint, tenant="items-one"):
    return Api(front, mint(f"{tenant}-client", scope=f"{READ} {WRITE}"))


@pytest.fixture
def shop(shops, quick, mint):
    return caller(quick, mint)


@pytest.fixture
def twin(shops, quick, mint):
    """The other tenant, through the same workers."""
    return caller(quick, mint, "items-two")


@pytest.fixture
def shop_everywhere(shops, front, mint):
    return caller(front, mint)


@pytest.fixture
def own(request):
    """A prefix for ids that no other test uses."""
    name = "".join(letter if letter.isalnum() else "-" for letter in request.node.name)
    return f"{name[:60]}-{abs(hash(request.node.nodeid)) % 10000}"


def make(shop, *items, **query):
    answer = shop.call("POST", "/v1/items" + ("?" + urlencode(query) if query else ""), list(items))
    assert answer.status == 200, answer
    return answer.json()["data"]


def check_error(path, answer, status, code, field=None):
    if path.startswith("/v1/"):
        check_object_error(answer, status, code, field)
    else:
        check_plain_error(answer, code, field)
        assert answer.status == status


# ---- Creating


def test_one_item_from_its_making_to_its_end(shop_everywhere, own):
    shop, before = shop_everywhere, int(time.time())
    given = {"id": own, "name": "Lämp \U0001f4a1", "description": "", "metadata": {"price": 1.50, "deep": {"list": [1, None]}}}
    made = check_item_answer(shop.call("POST", "/v1/items", given))
    assert {key: made[key] for key in given} == given and made["active"] is True
    assert before <= made["created"] <= time.time() and made["updated_at"] == made["created"]
    assert check_item_answer(shop.call("GET", f"/v1/items/{own}")) == made
    for number, method in enumerate(("POST", "PATCH")):
        changed = check_item_answer(shop.call(method, f"/v1/items/{own}", {"name": f"Name {number}", "nonsense": 7}))
        assert changed == {**made, "name": f"Name {number}", "updated_at": changed["updated_at"]}
    replaced = check_item_answer(shop.call("PATCH", f"/v1/items/{own}", {"metadata": {"a": 1}, "active": "false", "description": None}))
    assert replaced["metadata"] == {"a": 1} and replaced["active"] is False and replaced["description"] == ""
    assert check_item_answer(shop.call("GET", f"/v1/items/{own}")) == replaced
    check_deleted_answer(shop.call("DELETE", f"/v1/items/{own}"), [own], 1)
    check_deleted_answer(shop.call("DELETE", f"/v1/items/{own}"), [own], 0)
    check_object_error(shop.call("GET", f"/v1/items/{own}"), 404, "item_not_found")
    check_object_error(shop.call("PATCH", f"/v1/items/{own}", {"name": "x"}), 404, "item_not_found")


def test_an_item_that_was_deleted_can_be_made_again(shop, own):
    make(shop, {"id": own, "name": "first", "active": False, "metadata": {"category": own}})
    shop.call("DELETE", f"/v1/items/{own}")
    again = check_item_answer(shop.call("POST", "/v1/items", {"id": own, "name": "second"}))
    assert again["active"] is True and again["metadata"] == {} and again["name"] == "second"
    assert check_list_answer(shop.call("GET", f"/v1/items?category={own}"), "/v1/items")["data"] == []


@pytest.mark.parametrize("alias", ["id", "item_id", "itemId", "entity_id"])
def test_an_id_has_many_names(shop, own, alias):
    assert check_item_answer(shop.call("POST", "/v1/items", {alias: own, "name": "x"}))["id"] == own
    answer = shop.call("POST", "/items", {alias: own, "name": "y"})
    assert answer.json()["itemId"] == own


def test_several_names_of_an_id_must_agree(shop, own):
    item = {"id": 31415926, "itemId": "31415926", "entity_id": None, "name": "x"}
    assert check_item_answer(shop.call("POST", "/v1/items?on_conflict=update", item))["id"] == "31415926"
    for path in ("/v1/items", "/items"):
        check_error(path, shop.call("POST", path, {"id": own, "item_id": own + "x", "name": "x"}), 400, "validation_error", "item_id")


def test_an_id_is_made_when_there_is_none(shop):
    made = make(shop, *[{"name": f"Nameless {number}"} for number in range(50)])
    ids = [item["id"] for item in made]
    assert len(set(ids)) == 50 and all(item.isdecimal() and item[0] != "0" and int(item) < 2 ** 53 for item in ids)
    answer = shop.call("POST", "/items", {"name": "Nameless"})
    assert answer.json()["itemId"].isdecimal()
    check_item_answer(shop.call("GET", f"/v1/items/{answer.json()['itemId']}"))


def test_an_id_that_exists_is_a_conflict_and_a_list_is_all_or_nothing(shop, own):
    make(shop, {"id": f"{own}-2", "name": "there"}, {"id": f"{own}-4", "name": "there"})
    answer = shop.call("POST", "/v1/items", [{"id": f"{own}-{number}", "name": "new"} for number in range(1, 6)])
    check_object_error(answer, 409, "item_already_exists")
    assert answer.json()["error"]["details"] == {"item_ids": [f"{own}-2", f"{own}-4"], "not_stored_item_ids": [f"{own}-{number}" for number in (1, 3, 5)]}
    assert answer.json()["error"]["type"] == "conflict_error"
    for number in (1, 3, 5):
        check_object_error(shop.call("GET", f"/v1/items/{own}-{number}"), 404, "item_not_found")
    assert check_item_answer(shop.call("GET", f"/v1/items/{own}-2"))["name"] == "there"
    check_plain_error(shop.call("POST", "/items?on_conflict=error", {"id": f"{own}-2", "name": "x"}), "item_already_exists")


def test_equal_ids_in_a_list(shop, own):
    pair = [{"id": own, "name": "first", "active": False}, {"id": own, "name": "last"}]
    check_object_error(shop.call("POST", "/v1/items", pair), 400, "validation_error", "[1].id")
    both = make(shop, *pair, on_conflict="update")
    assert both[0] == both[1] and both[0]["name"] == "last" and both[0]["active"] is False
    assert check_item_answer(shop.call("GET", f"/v1/items/{own}")) == both[0]


def test_an_update_replaces_all_but_whether_it_is_active(shop, own):
    first = make(shop, {"id": own, "name": "x", "description": "d", "metadata": {"a": 1}, "active": False})[0]
    second = check_item_answer(shop.call("POST", "/v1/items?on_conflict=update", {"id": own, "name": "y"}))
    assert second == {**first, "name": "y", "description": "", "metadata": {}, "updated_at": second["updated_at"]}
    assert make(shop, {"id": own, "name": "y", "active": True}, on_conflict="update")[0]["active"] is True


def test_the_largest_list(shop, own):
    items = [{"id": f"{own}-{number:04d}", "name": f"Item {number}", "metadata": {"n": number}} for number in range(1000)]
    answer = shop.call("POST", "/v1/items", items)
    body = check_list_answer(answer, "/v1/items")
    assert [item["id"] for item in body["data"]] == [item["id"] for item in items] and not body["has_more"]
    for item in body["data"]:
        check_item(item)
    check_object_error(shop.call("POST", "/v1/items", items + [{"id": own, "name": "x"}]), 400, "batch_size_exceeded")
    check_object_error(shop.call("GET", f"/v1/items/{own}"), 404)
    check_deleted_answer(shop.call("DELETE", "/v1/items", [{"itemId": item["id"]} for item in items]), [item["id"] for item in items], 1000)
    check_object_error(shop.call("DELETE", "/v1/items", [1] * 1001), 400, "batch_size_exceeded")


def test_a_setting_makes_creating_an_update(stand, shops, mint, own):
    text = (stand.root / "palate.conf").read_text() + "\n[items]\non_conflict = update\n\n[ids]\njson = integer\n"
    shop = caller(stand.front("lighttpd", "updating", stand.write("updating.conf", text), workers=1), mint)
    for name in ("first", "second"):
        item = check_item_answer(shop.call("POST", "/v1/items", {"id": "271828", "name": name}), integers=True)
        assert item["name"] == name and item["id"] == 271828
    check_object_error(shop.call("POST", "/v1/items?on_conflict=error", {"id": 271828, "name": "x"}), 409)
    for text_id in ("0271", "99999999999999999999", own, "9007199254740992"):
        assert check_item_answer(shop.call("POST", "/v1/items", {"id": text_id, "name": "x"}))["id"] == text_id
    assert isinstance(check_item_answer(shop.call("POST", "/v1/items", {"name": "x"}), integers=True)["id"], int)
    assert shop.call("DELETE", "/v1/items/271828").json()["itemIds"] == [271828]


IDS = {"id", "ids", "item_id", "itemId", "itemIds", "item_ids", "entity_id", "user_id"}


def ids_in(value, key=None):
    """Every id of an answer, wherever it stands; those of answers and requests are texts, and no one's ids."""
    if isinstance(value, dict):
        return [one for name, inner in value.items() if name not in ("metadata", "pipeline") for one in ids_in(inner, name)]
    if isinstance(value, list):
        return [one for inner in value for one in ids_in(inner, key)]
    return [value] if key in IDS and value is not None else []


def test_with_the_setting_ids_are_numbers_in_every_answer(stand, mint):
    stand.tool.tenant("numbers")
    stand.tool.client("numbers", "numbers-client")
    text = (stand.root / "palate.conf").read_text() + "\n[ids]\njson = integer\n"
    shop = caller(stand.front("lighttpd", "numbered", stand.write("numbered.conf", text), workers=1), mint, "numbers")
    make(shop, *[{"id": str(1001 + number), "name": f"Lamp {number}"} for number in range(8)])
    event = {"user_id": "77", "item_id": "1001", "type": "view"}
    stored = shop.call("POST", "/v1/events", event).json()["data"][0]["id"]
    assert isinstance(stored, int)
    calls = [("POST", "/v1/events", [event]), ("POST", "/events", [event]), ("GET", "/v1/events", None), ("GET", f"/events/{stored}", None),
             ("POST", "/v1/recommendations", {"user_id": "77", "explain": True, "include_suppressed": True}),
             ("POST", "/recommendations", {"user_id": "77"}), ("POST", "/v1/search", {"query": "lamp", "user_id": "77"}),
             ("POST", "/v1/explain", {"item_id": "1002", "user_id": "77"}), ("GET", "/v1/items", None), ("GET", "/items/search?q=lamp", None),
             ("POST", "/items", [{"id": "1001", "name": "Lamp"}]), ("DELETE", "/items", ["1008", "1007"])]
    for method, path, body in calls:
        answer = shop.call(method, path, body)
        found = ids_in(answer.json())
        assert answer.status == 200 and found and all(isinstance(one, int) for one in found), (path, found, answer.json())
    recommended = shop.call("POST", "/api/recommend/recommend", {"sequence_data": {}, "task": "t", "template": "popular"}).json()
    assert recommended["results"] and all(isinstance(entry["item_id"], int) for entry in recommended["results"])


@pytest.mark.parametrize("base", BOTH)
def test_an_item_may_be_called_search(shops, everywhere, mint, base):
    shop = caller(everywhere.front, mint)
    path = f"{base}/items/search"
    shop.call("DELETE", path)
    check_error(path, shop.call("GET", path), 400, "parameter_missing", "q")
    make(shop, {"id": "search", "name": "Search for gold"})
    assert check_item_answer(shop.call("GET", path))["id"] == "search"
    assert check_item_search_answer(shop.call("GET", f"{path}?q=gold"))["items"]
    assert shop.call("HEAD", path).status == 200
    assert shop.call("PATCH", path, {"name": "Found"}).json()["name"] == "Found"
    check_deleted_answer(shop.call("DELETE", path), ["search"], 1)
    check_error(path, shop.call("GET", path), 400, "parameter_missing", "q")


# ---- The unversioned answers


def test_unversioned_answers(shop_everywhere, own):
    shop = shop_everywhere
    answer = shop.call("POST", "/items", {"itemId": own, "title": "A title", "tags": ["x"], "url": "y"})
    body = answer.json()
    assert answer.status == 200 and body.pop("processing_time_ms") >= 0
    assert body == {"message": "Item upserted successfully", "success": True, "itemId": own}
    answer = shop.call("POST", "/items", [{"itemId": own, "name": "b"}, {"entity_id": own + "2", "name": "c"}])
    assert answer.status == 200 and answer.json()["itemIds"] == [own, own + "2"] and answer.json()["success"] is True
    for method in ("PATCH", "POST"):
        answer = shop.call(method, f"/items/{own}", {"active": False})
        body = answer.json()
        assert answer.status == 200 and body["message"] and body["itemId"] == own and body["active"] is False
        check_item({key: value for key, value in body.items() if key not in ("message", "itemId", "processing_time_ms")})
    assert check_item_answer(shop.call("GET", f"/items/{own}"))["name"] == "b"
    check_list_answer(shop.call("GET", "/items?limit=1"), "/items")
    check_plain_error(shop.call("PATCH", f"/items/{own}", {}), "empty_update")
    check_plain_error(shop.call("PATCH", f"/items/{own}-none", {"active": True}), "item_not_found")
    check_plain_error(shop.call("POST", "/items", {"itemId": own}), "parameter_missing", "name")
    check_deleted_answer(shop.call("DELETE", f"/items/{own}"), [own], 1)


@pytest.mark.parametrize("base", BOTH)
def test_deleting_by_a_body(shop_everywhere, own, base):
    shop = shop_everywhere
    make(shop, *[{"id": f"{own}{number}", "name": "x"} for number in range(4)], {"id": "16180339", "name": "x"}, on_conflict="update")
    check_deleted_answer(shop.call("DELETE", f"{base}/items", {"itemId": f"{own}0"}), [f"{own}0"], 1)
    ids = [f"{own}1", "16180339", f"{own}-none", f"{own}2", f"{own}2", f"{own}3"]
    body = [{"itemId": ids[0]}, {"id": 16180339}, {"item_id": ids[2]}, {"entity_id": ids[3]}, ids[4], ids[5]]
    check_deleted_answer(shop.call("DELETE", f"{base}/items", body), ids, 4)
    check_error(f"{base}/items", shop.call("DELETE", f"{base}/items", {}), 400, "parameter_missing", "itemId")
    check_error(f"{base}/items", shop.call("DELETE", f"{base}/items"), 400, "parameter_missing", "itemId")
    check_error(f"{base}/items", shop.call("DELETE", f"{base}/items", []), 400, "validation_error", "body")


@pytest.mark.parametrize("base", BOTH)
def test_prefixes_of_old_clients_are_looked_past_by_readers(shop, own, base):
    make(shop, {"id": own, "name": "x"}, {"id": f"itm_{own}y", "name": "y"})
    for prefix in ("itm_", "rec_", "rec_itm_"):
        assert check_item_answer(shop.call("GET", f"{base}/items/{prefix}{own}"))["id"] == own
    assert check_item_answer(shop.call("GET", f"{base}/items/itm_{own}y"))["id"] == f"itm_{own}y"
    for foreign in ("evt_", "ctx_"):  # an event or a context is no item
        assert shop.call("GET", f"{base}/items/{foreign}{own}").status == 404


@pytest.mark.parametrize("base", BOTH)
def test_a_change_does_not_guess(shop, own, base):
    """Only itm_ is looked past, which a published client puts before every id; all else must be the item that was named."""
    make(shop, {"id": own, "name": "kept"})
    for named in (f"rec_{own}", f"rec_itm_{own}", f"ctx_{own}", f"evt_{own}"):
        for method in ("PATCH", "POST"):
            check_error(f"{base}/items/", shop.call(method, f"{base}/items/{named}", {"name": "other"}), 404, "item_not_found")
        check_deleted_answer(shop.call("DELETE", f"{base}/items/{named}"), [named], 0)
        check_deleted_answer(shop.call("DELETE", f"{base}/items", [{"itemId": named}]), [named], 0)
    assert check_item_answer(shop.call("GET", f"{base}/items/{own}"))["name"] == "kept"
    assert shop.call("PATCH", f"{base}/items/itm_{own}", {"name": "named"}).json()["name"] == "named"
    check_deleted_answer(shop.call("DELETE", f"{base}/items/itm_{own}"), [f"itm_{own}"], 1)
    check_deleted_answer(shop.call("DELETE", f"{base}/items/itm_{own}"), [f"itm_{own}"], 0)


@pytest.mark.parametrize("base", BOTH)
@pytest.mark.parametrize("prefix", ["itm_", "itm_itm_", "rec_", "rec_itm_"])
def test_a_change_sent_again_does_not_reach_another_item(shop, own, base, prefix):
    """An item that was deleted still answers to its own id: nothing behind the prefix is touched, by path or by list."""
    behind = [f"itm_{own}", own] if prefix == "itm_itm_" else [own]
    make(shop, {"id": prefix + own, "name": "gone"}, *[{"id": item, "name": "kept"} for item in behind])
    check_deleted_answer(shop.call("DELETE", f"{base}/items/{prefix}{own}"), [prefix + own], 1)
    check_deleted_answer(shop.call("DELETE", f"{base}/items/{prefix}{own}"), [prefix + own], 0)
    check_deleted_answer(shop.call("DELETE", f"{base}/items", [prefix + own, {"id": prefix + own}]), [prefix + own] * 2, 0)
    check_error(f"{base}/items/", shop.call("PATCH", f"{base}/items/{prefix}{own}", {"name": "other"}), 404, "item_not_found")
    for item in behind:
        assert check_item_answer(shop.call("GET", f"{base}/items/{item}"))["name"] == "kept"


# ---- Ids that only imports have


@pytest.mark.parametrize("base", BOTH)
@pytest.mark.parametrize("item", ["st'q\"%41", "st-\U0001f381", "a b", "a+b", "ü", "-first", "x" * 128, "ж" * 128])
def test_ids_of_imports_are_read_by_percent_encoding(shop_everywhere, stand, tmp_path, base, item):
    shop = shop_everywhere
    path = tmp_path / "one.jsonl"
    path.write_text(json.dumps({"id": item, "name": "An import"}) + "\n", encoding="utf-8")
    stand.tool.items("items-one", path)
    where = f"{base}/items/{quote(item, safe='')}"
    assert check_item_answer(shop.call("GET", where))["id"] == item
    assert shop.call("PATCH", where, {"name": "Changed"}).json()["name"] == "Changed"
    check_deleted_answer(shop.call("DELETE", where), [item], 1)


@pytest.mark.parametrize("base", BOTH)
@pytest.mark.parametrize("segment", ["x" * 129, "a%01b", "%7F", "%FF", "%", "%4"])
def test_what_no_id_can_be_is_refused(shop, base, segment):
    for method, body in (("GET", None), ("PATCH", {"name": "x"}), ("POST", {"name": "x"}), ("DELETE", None)):
        answer = shop.call(method, f"{base}/items/{segment}", body)
        if answer.headers["X-Request-Id"]:  # else the web server itself refused it
            check_error(f"{base}/items/", answer, 400, "invalid_id")
        assert answer.status == 400


@pytest.mark.parametrize("base", BOTH)
def test_the_pattern_of_a_path_is_an_id_like_any_other(shop_everywhere, base):
    for method, body in (("GET", None), ("HEAD", None), ("PATCH", {"name": "x"})):
        assert shop_everywhere.call(method, f"{base}/items/{{id}}", body).status == 404
    assert shop_everywhere.call("DELETE", f"{base}/items/{{id}}").status == 200  # gone, as asked
    assert shop_everywhere.call("GET", f"{base}/events/{{id}}").status == 400


@pytest.mark.parametrize("item", ["-a", "_a", "a b", "ü", "a/b", "a.b", "x" * 129, "", "a\u0001", " "])
def test_v1_makes_only_plain_ids(shop, item):
    check_object_error(shop.call("POST", "/v1/items", {"id": item, "name": "x"}), 400, "validation_error", "id")
    check_object_error(shop.call("POST", "/v1/items", [{"name": "x"}, {"itemId": item, "name": "x"}]), 400, "validation_error")


# ---- What is wrong in a body


WRONG = {"number": 7, "text": "x", "list": [1], "object": {"a": 1}, "true": True, "huge text": "x" * 70000, "fraction": 1.5,
         "zero": "a\u0000b", "empty": ""}
FIELDS = {"id": ("text", "number"), "name": ("text",), "description": ("text", "empty"), "metadata": ("object",), "active": ("true",)}


@pytest.mark.parametrize("kind", WRONG)
@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("base", BOTH)
def test_unknown_shapes_of_every_field(shop, own, base, field, kind):
    path, item = f"{base}/items", {"id": own, "name": "x"}
    answers = [("", shop.call("POST", f"{path}?on_conflict=update", {**item, field: WRONG[kind]})),
               ("[1].", shop.call("POST", f"{path}?on_conflict=update", [item, {**item, field: WRONG[kind]}]))]
    if field != "id":
        make(shop, item, on_conflict="update")
        answers.append(("", shop.call("PATCH", f"{path}/{own}", {field: WRONG[kind]})))
    for prefix, answer in answers:
        if kind in FIELDS[field]:
            assert answer.status == 200, answer
        elif kind == "zero":
            check_error(path, answer, 400, "invalid_json")
        else:
            check_error(path, answer, 400, "validation_error", prefix + field)


@pytest.mark.parametrize("base", BOTH)
def test_a_null_is_as_if_it_were_not_there(shop, own, base):
    item = {"id": own, "itemId": None, "name": "x", "description": None, "metadata": None, "active": None}
    assert shop.call("POST", f"{base}/items", item).status == 200
    stored = check_item_answer(shop.call("GET", f"/v1/items/{own}"))
    assert stored["description"] == "" and stored["metadata"] == {} and stored["active"] is True
    check_error(f"{base}/items", shop.call("POST", f"{base}/items", {**item, "name": None}), 400, "parameter_missing", "name")
    check_error(f"{base}/items", shop.call("PATCH", f"{base}/items/{own}", {"name": None, "active": None}), 400, "empty_update")


BODIES = {"null": "null", "number": "7", "text": '"x"', "true": "true", "broken": "{", "nothing": "", "list of nothing": "[]",
          "list of a number": "[70707]", "list of a list": "[[]]", "list of null": "[null]", "surrogate": '{"name":"\\ud800"}',
          "not a number": '{"name":"x","metadata":{"a":NaN}}', "too deep": '{"name":"x","metadata":' + '{"a":' * 40 + "1" + "}" * 41,
          "not UTF-8": b'{"name":"\xff"}'}


@pytest.mark.parametrize("kind", BODIES)
@pytest.mark.parametrize("base", BOTH)
def test_unknown_shapes_of_a_whole_body(shop, own, base, kind):
    make(shop, {"id": own, "name": "x"})
    for method, path in (("POST", f"{base}/items"), ("PATCH", f"{base}/items/{own}"), ("POST", f"{base}/items/{own}"), ("DELETE", f"{base}/items")):
        answer = shop.call(method, path, BODIES[kind])
        if (method, kind) == ("DELETE", "list of a number"):
            check_deleted_answer(answer, ["70707"], 0)
            continue
        assert answer.status == 400, (method, answer)
        (check_object_error(answer, 400) if base else check_plain_error(answer, answer.json()["code"]))


def test_limits_are_reached_and_not_passed(shop, own):
    fits = {"id": own, "name": "ж" * 500, "description": "ж" * 10000, "metadata": {"a": "x" * (65536 - len('{"a":""}'))}}
    made = make(shop, fits)[0]
    assert {key: made[key] for key in fits} == fits
    assert check_item_answer(shop.call("GET", f"/v1/items/{own}")) == made
    assert check_item_answer(shop.call("PATCH", f"/v1/items/{own}", json.dumps(fits, ensure_ascii=False)))["metadata"] == fits["metadata"]
    for field, value in (("name", "ж" * 501), ("description", "ж" * 10001), ("metadata", {"a": "x" * 65536})):
        check_object_error(shop.call("POST", "/v1/items", [{**fits, "id": own + "x", field: value}]), 400, "validation_error", f"[0].{field}")
    nested = '{"a":' * 29 + "1" + "}" * 29  # with the two levels of the list and the item, and one of reserve
    assert shop.call("POST", "/v1/items", '[{"id":"%sd","name":"x","metadata":%s}]' % (own, nested)).status == 200


def test_a_thousand_large_items_travel_in_one_list(shop, own):
    """About 5 MiB: more than one packet of array binding."""
    items = [{"id": f"{own}-{number}", "name": "x", "description": "word " * 900} for number in range(1000)]
    check_list_answer(shop.call("POST", "/v1/items", items), "/v1/items")
    check_object_error(shop.call("POST", "/v1/items", [{"name": "x" * (7 * 1024 * 1024)}]), 413)
    shop.call("DELETE", "/v1/items", [item["id"] for item in items])


# ---- Rights


@pytest.mark.parametrize("base", BOTH)
def test_scopes(shop, shops, quick, mint, own, base):
    make(shop, {"id": own, "name": "x"})
    reader, writer = (Api(quick, mint("items-one-client", scope=scope)) for scope in (READ, WRITE))
    for method, path, body in (("POST", "/items", {"name": "x"}), ("PATCH", f"/items/{own}", {"name": "y"}), ("POST", f"/items/{own}", {"name": "y"}),
                               ("DELETE", f"/items/{own}", None), ("DELETE", "/items", {"itemId": own})):
        check_error(f"{base}/", reader.call(method, base + path, body), 403, "insufficient_scope")
        check_error(f"{base}/", shop.with_token(None).call(method, base + path, body), 401, "invalid_token")
    for path in ("/items", f"/items/{own}", "/items/search?q=x"):
        check_error(f"{base}/", writer.call("GET", base + path), 403, "insufficient_scope")
        assert reader.call("GET", base + path).status == 200
    assert check_item_answer(shop.call("GET", f"/v1/items/{own}"))["name"] == "x"


def test_options_and_other_methods(shop):
    for path in ("/v1/items", "/items", "/v1/items/7", "/items/7", "/items/search", "/v1/items/search"):
        assert shop.with_token(None).call("OPTIONS", path).status == 204
        answer = shop.call("PUT", path, {})
        assert answer.status == 405 and "GET" in answer.headers["Allow"]


# ---- Two tenants


def test_equal_ids_of_two_tenants_never_meet(shop, twin, own):
    ids = [f"{own}-{number}" for number in range(3)]
    make(shop, *[{"id": item, "name": "one's", "metadata": {"category": own}} for item in ids])
    make(twin, *[{"id": item, "name": "two's", "metadata": {"category": own}} for item in ids])
    for api, name in ((shop, "one's"), (twin, "two's")):
        assert check_item_answer(api.call("GET", f"/v1/items/{ids[0]}"))["name"] == name
        listed = check_list_answer(api.call("GET", f"/v1/items?category={own}"), "/v1/items")["data"]
        assert [(item["id"], item["name"]) for item in listed] == [(item, name) for item in ids]
        found = check_item_search_answer(api.call("GET", f"/items/search?q={own}"))
        assert found["total"] == 3 and {item["name"] for item in found["items"]} == {name}
    tag = shop.call("GET", f"/v1/items/{ids[0]}").headers["ETag"]
    shop.call("PATCH", f"/v1/items/{ids[1]}", {"active": False})
    check_deleted_answer(shop.call("DELETE", "/v1/items", [ids[2], ids[0]]), [ids[2], ids[0]], 2)
    assert [item["active"] for item in check_list_answer(twin.call("GET", f"/v1/items?category={own}"), "/v1/items")["data"]] == [True] * 3
    check_object_error(shop.call("GET", f"/v1/items/{ids[0]}", headers={"If-None-Match": tag}), 404)
    make(twin, {"id": f"{own}-only-two", "name": "x"})
    for method, body in (("GET", None), ("PATCH", {"name": "y"})):
        check_object_error(shop.call(method, f"/v1/items/{own}-only-two", body), 404, "item_not_found")
    check_deleted_answer(shop.call("DELETE", f"/v1/items/{own}-only-two"), [f"{own}-only-two"], 0)
    assert check_item_answer(twin.call("GET", f"/v1/items/{own}-only-two"))["name"] == "x"


# ---- Reading


def test_an_etag_saves_the_body_until_the_item_changes(shop_everywhere, own):
    shop = shop_everywhere
    make(shop, {"id": own, "name": "x"})
    for path in (f"/v1/items/{own}", f"/items/{own}"):
        first = shop.call("GET", path)
        tag = first.headers["ETag"]
        assert tag.startswith('"') and first.headers["Cache-Control"] == "private, no-cache"
        for given in (tag, f"W/{tag}", f'"other", {tag}', "*"):
            answer = shop.call("GET", path, headers={"If-None-Match": given})
            assert answer.status == 304 and answer.body == b"" and answer.headers["ETag"] == tag
        for given in ('"other"', tag[:-1], tag.strip('"'), ""):
            assert shop.call("GET", path, headers={"If-None-Match": given}).status == 200
        head = shop.call("HEAD", path)
        assert head.status == 200 and head.body == b"" and head.headers["ETag"] == tag
        assert shop.call("HEAD", path, headers={"If-None-Match": tag}).status == 304
        shop.call("PATCH", path, {"name": "y"})
        changed = shop.call("GET", path, headers={"If-None-Match": tag})
        assert changed.status == 200 and changed.headers["ETag"] != tag
    assert shop.call("HEAD", f"/v1/items/{own}-none").status == 404


def pages(shop, path, **query):
    """All items of a list, page by page."""
    found, cursor = [], None
    while True:
        answer = shop.call("GET", f"{path}?" + urlencode({**query, **({"starting_after": cursor} if cursor else {})}))
        body = check_list_answer(answer, path)
        found += body["data"]
        cursor = body["next_cursor"]
        if not body["has_more"]:
            return found
        assert cursor == body["data"][-1]["id"]


def test_pages_have_every_item_once_in_the_order_of_bytes(shop_everywhere, own):
    shop = shop_everywhere
    names = [f"{own}{end}" for end in ("-", "0", "10", "2", "A", "B", "_", "a", "aa", "b")]
    make(shop, *[{"id": item, "name": item, "active": item[-1] != "b", "metadata": {"category": own}} for item in reversed(names)])
    for path in ("/v1/items", "/items"):
        for limit in (1, 3, 10, 11):
            assert [item["id"] for item in pages(shop, path, limit=limit, category=own)] == names
    everything = [item["id"] for item in pages(shop, "/v1/items", limit=100)]
    assert everything == sorted(everything, key=lambda item: item.encode()) and set(names) <= set(everything)
    after = check_list_answer(shop.call("GET", f"/v1/items?category={own}&starting_after={own}10x"), "/v1/items")
    assert [item["id"] for item in after["data"]] == names[3:]
    shop.call("DELETE", "/v1/items", names)
    assert pages(shop, "/v1/items", category=own) == []


@pytest.mark.parametrize("limit, count", [("1", 1), ("2.9", 2), ("100", 100), ("101", 100), ("999999", 100), (None, 20)])
def test_page_sizes(shop, own, limit, count):
    make(shop, *[{"id": f"{own}-{number}", "name": "x", "metadata": {"category": own}} for number in range(101)])
    query = {"category": own, **({"limit": limit} if limit else {})}
    body = check_list_answer(shop.call("GET", "/v1/items?" + urlencode(query)), "/v1/items")
    assert len(body["data"]) == count and body["has_more"]
    shop.call("DELETE", "/v1/items", [f"{own}-{number}" for number in range(101)])


@pytest.mark.parametrize("query, code, field", [("limit=0", "invalid_limit", None), ("limit=ten", "invalid_limit", None), ("limit=-1", "invalid_limit", None),
                                                ("created_after=0", "validation_error", "created_after"), ("created_before=x", "validation_error", "created_before"),
                                                ("created_after=1.5", "validation_error", "created_after"), ("starting_after=" + "x" * 129, "validation_error", "starting_after"),
                                                ("category=" + "x" * 256, "validation_error", "category")])
@pytest.mark.parametrize("base", BOTH)
def test_wrong_questions_for_a_list(shop, base, query, code, field):
    check_error(f"{base}/items", shop.call("GET", f"{base}/items?{query}"), 400, code, field)


def test_lists_by_the_time_of_creation(shop, own, database, stand):
    make(shop, *[{"id": f"{own}-{number}", "name": "x", "metadata": {"category": own}} for number in range(4)])
    for number in range(4):
        database.execute("UPDATE items SET created_at = %s WHERE tenant_id = %s AND item_id = %s", 1000 + number, stand.tenant_id("items-one"), f"{own}-{number}")
    for query, numbers in (("created_after=1001", [1, 2, 3]), ("created_before=1001", [0, 1]), ("created_after=1001&created_before=1002", [1, 2]),
                           ("created_after=1003&created_before=1002", [])):
        for more in ("", f"&category={own}"):
            ids = [item["id"] for item in check_list_answer(shop.call("GET", f"/v1/items?limit=100&{query}{more}"), "/v1/items")["data"]]
            assert [item for item in ids if item.startswith(f"{own}-")] == [f"{own}-{number}" for number in numbers]


@pytest.mark.parametrize("category", ["plain", "Ünï", "a\"b'c\\d", "7", "x" * 255, " pad ", "PLAIN"])
def test_a_category_is_compared_exactly(shop, own, category):
    make(shop, {"id": f"{own}-1", "name": "x", "metadata": {"category": category}}, {"id": f"{own}-2", "name": "x", "metadata": {"category": category + "."}},
         {"id": f"{own}-3", "name": "x", "metadata": {"nested": {"category": category}}})
    assert [item["id"] for item in pages(shop, "/v1/items", category=category) if item["id"].startswith(own)] == [f"{own}-1"]


def test_a_category_that_no_index_can_hold_does_no_harm(shop, own):
    for category in ("x" * 256, ["a", "b"], {"a": "b"}, None, True):
        item = {"id": own, "name": "x", "metadata": {"category": category}}
        made = check_item_answer(shop.call("POST", "/v1/items?on_conflict=update", item))
        assert made["metadata"] == {"category": category}


def handler_reads(database):
    return sum(int(value) for name, value in database.execute("SHOW GLOBAL STATUS LIKE 'Handler_read%%'")
               if name in ("Handler_read_key", "Handler_read_next", "Handler_read_prev", "Handler_read_rnd"))


def test_page_1000_costs_what_page_1_costs(stand, shops, quick, mint, database):
    """Counted in rows that the database touches, so that a busy machine changes nothing."""
    stand.tool.tenant("items-many")
    stand.tool.client("items-many", "items-many-client")
    shop = caller(quick, mint, "items-many")
    database.execute("INSERT INTO items (tenant_id, item_id, name, metadata, revision, created_at, updated_at, deleted)"
                     " SELECT %s, LPAD(seq, 8, '0'), 'x', IF(seq %% 2, '{\"category\":\"odd\"}', '{\"category\":\"even\"}'), seq, 1000 + seq, 1000,"
                     " seq %% 5 = 0 FROM seq_1_to_27000", stand.tenant_id("items-many"))

    def cost(query):
        shop.call("GET", query)  # prepared statements and caches are warm
        before = handler_reads(database)
        body = check_list_answer(shop.call("GET", query), "/v1/items")
        assert len(body["data"]) == 10 and body["has_more"]
        return handler_reads(database) - before, body["data"][0]["id"]

    for more in ("", "&category=odd", "&created_after=1&created_before=999999999"):
        first, _ = cost(f"/v1/items?limit=10{more}")
        step = 25 if more == "&category=odd" else 12.5  # four of five are alive, every second is odd
        last, item = cost(f"/v1/items?limit=10&starting_after={int(999 * step):08d}{more}")
        assert int(item) > 999 * step - 1
        assert last <= 1.3 * first and first < 40, (more, first, last)


# ---- Searching


@pytest.fixture(scope="module")
def found_shop(stand, shops):
    token = tokens.sign(tokens.claims_for("items-two-client", scope=f"{READ} {WRITE}"), stand.secret)
    shop = Api(stand.front("lighttpd"), token)
    make(shop, {"id": "s-1", "name": "Red cotton T-shirt", "description": "Soft and light", "metadata": {"category": "clothing", "brand": "Acmé", "hidden": "xyzzy"}},
         {"id": "s-2", "name": "Blue shirt", "description": "Not red, not cotton", "metadata": {"category": "clothing", "tags": ["summer", "linen"]}, "active": False},
         {"id": "s-3", "name": "TV 4K 55\"", "description": "An OLED with the HDMI", "metadata": {"category": "electronics", "tags": "screen"}},
         {"id": "s-4", "name": "Crème brûlée torch", "description": "Größe: für Straße", "metadata": {}},
         {"id": "s-5", "name": "Чайник ЭЛЕКТРИЧЕСКИЙ", "description": "红色衬衫", "metadata": {"brand": 4711}},
         {"id": "s-6", "name": "Κρέμα", "description": "<p style=\"x\"><span>Fine&nbsp;thing</span></p>",
          "metadata": {"sku": "ABX 99-1", "ean": 4006381333931}}, on_conflict="update")
    return shop


@pytest.mark.parametrize("question, ids", [
    ("shirt", {"s-1", "s-2"}), ("SHIRT", {"s-1", "s-2"}), ("shi", {"s-1", "s-2"}), ("red shirt", {"s-1", "s-2"}), ("red cotton soft", {"s-1"}),
    ("tv", {"s-3"}), ("t", {"s-1"}), ("4k", {"s-3"}), ("55", {"s-3"}), ("the", {"s-3"}), ("an", {"s-3"}), ("and", {"s-1"}),
    ("acme", {"s-1"}), ("ACMÉ", {"s-1"}), ("linen", {"s-2"}), ("screen", {"s-3"}), ("electronics", {"s-3"}), ("xyzzy", {"s-1"}),
    ("creme BRULEE", {"s-4"}), ("strasse", {"s-4"}), ("groesse", {"s-4"}), ("gross", {"s-4"}), ("чайник", {"s-5"}), ("элект", {"s-5"}), ("衬衫", {"s-5"}),
    ("色衬", {"s-5"}), ("4711", {"s-5"}), ("471", {"s-5"}), ("red zebra", {"s-1", "s-2"}), ("zebra", set()), ("!?*", set()), ("+red -cotton", {"s-1", "s-2"}),
    ("\"red", {"s-1", "s-2"}), ("shirt*)(", {"s-1", "s-2"}), ("2xshirt", set()), ("hirt", {"s-1", "s-2"}), ("shrit", {"s-1", "s-2"}), ("s-5", {"s-5"}), ("ЧАЙНИК", {"s-5"}),
    ("ΚΡΕΜΑ", {"s-6"}), ("κρέμα", {"s-6"}), ("span", set()), ("nbsp", set()), ("style", set()), ("abx991", {"s-6"}), ("ABX-99/1", {"s-6"}),
    ("4006381333931", {"s-6"})])
@pytest.mark.parametrize("base", BOTH)
def test_what_a_search_finds(found_shop, base, question, ids):
    body = check_item_search_answer(found_shop.call("GET", f"{base}/items/search?" + urlencode({"q": question})))
    mine = [item["id"] for item in body["items"] if item["id"].startswith("s-")]
    assert set(mine) == ids and len(mine) == len(ids), body
    assert body["query"] == question


def test_a_search_ranks_and_counts(found_shop):
    body = check_item_search_answer(found_shop.call("GET", "/items/search?q=red&limit=1"))
    assert body["total"] == 2 and body["total_exact"] is True and [item["id"] for item in body["items"]] == ["s-1"] and body["limit"] == 1
    assert body["items"][0]["active"] is True
    inactive = check_item_search_answer(found_shop.call("GET", "/items/search?q=blue"))["items"]
    assert [(item["id"], item["active"]) for item in inactive] == [("s-2", False)]


@pytest.mark.parametrize("base", BOTH)
@pytest.mark.parametrize("query, code, field", [("", "parameter_missing", "q"), ("q=", "validation_error", "q"), ("q=x&limit=0", "invalid_limit", None),
                                                ("q=" + "x" * 501, "validation_error", "q")])
def test_wrong_questions_for_a_search(shop, base, query, code, field):
    check_error(f"{base}/items", shop.call("GET", f"{base}/items/search?{query}"), 400, code, field)


def test_a_search_knows_every_change_at_once(shop, own):
    word = "q" + "".join(letter for letter in own.lower() if letter.isalnum())[-20:]
    ids = lambda text: {item["id"] for item in check_item_search_answer(shop.call("GET", f"/items/search?q={text}"))["items"]}  # noqa: E731
    make(shop, {"id": own, "name": f"{word}one"})
    assert ids(word) == {own}
    shop.call("PATCH", f"/v1/items/{own}", {"name": f"{word}two"})
    assert ids(f"{word}one") == set() and ids(f"{word}two") == {own}
    shop.call("PATCH", f"/v1/items/{own}", {"metadata": {"tags": [f"{word}three"]}})
    assert ids(f"{word}three") == {own}
    shop.call("DELETE", f"/v1/items/{own}")
    assert ids(word) == set()
    make(shop, {"id": own, "name": f"{word}four"})
    assert ids(word) == {own}


def test_imports_reach_the_search(shop, stand, tmp_path, own):
    path = tmp_path / "items.jsonl"
    path.write_text("".join(json.dumps({"id": f"{own}-{number}", "name": f"Imported zz{number}", "metadata": {"colour": "ochre"}}) + "\n" for number in range(3)))
    stand.tool.items("items-one", path)
    total = lambda text: check_item_search_answer(shop.call("GET", f"/items/search?q={text}"))["total"]  # noqa: E731
    assert total("imported") == 3 and total("zz1") == 1 and total("ochre") == 3
    stand.tool.train("items-one")
    assert total("imported") == 3 and total("zz1") == 1 and total("ochre") == 3
    shop.call("DELETE", "/v1/items", [f"{own}-{number}" for number in range(3)])
    assert total("imported") == 0


def test_withdrawn_items_are_found_through_training_changes_and_returns(shop, stand, own):
    word = "w" + "".join(letter for letter in own.lower() if letter.isalnum())[-20:]
    ids = lambda text: {item["id"]: item["active"] for item in check_item_search_answer(shop.call("GET", f"/items/search?q={text}"))["items"]}  # noqa: E731
    make(shop, {"id": f"{own}-1", "name": f"{word} on"}, {"id": f"{own}-2", "name": f"{word} off", "active": False})
    assert ids(word) == {f"{own}-1": True, f"{own}-2": False}
    stand.tool.train("items-one")  # the model knows nothing of what is withdrawn
    assert ids(word) == {f"{own}-1": True, f"{own}-2": False}
    shop.call("PATCH", f"/v1/items/{own}-1", {"active": False})
    shop.call("PATCH", f"/v1/items/{own}-2", {"active": True})
    assert ids(word) == {f"{own}-1": False, f"{own}-2": True}
    shop.call("PATCH", f"/v1/items/{own}-1", {"name": f"{word}renamed"})
    assert ids(f"{word}renamed")[f"{own}-1"] is False
    shop.call("DELETE", "/v1/items", [f"{own}-1", f"{own}-2"])
    assert ids(word) == {}


# ---- Many at once


def test_overlapping_updates_through_many_workers_all_succeed(shops, pool, mint, database, stand):
    """Eight callers push overlapping batches in opposite orders; one state remains, which one of them sent last."""
    shop, own = caller(pool, mint), f"overlap-{pool.kind}"

    def push(number):
        items = [{"id": f"{own}-{item}", "name": f"of {number}", "metadata": {"by": number}} for item in range(number * 5, number * 5 + 100)]
        statuses = []
        for turn in range(4):
            statuses.append(shop.call("POST", "/items", items if (number + turn) % 2 else items[::-1]).status)
        return statuses

    with ThreadPoolExecutor(8) as callers:
        assert [status for statuses in callers.map(push, range(8)) for status in statuses] == [200] * 32
    tenant = stand.tenant_id("items-one")
    rows = database.execute("SELECT item_id, name, JSON_VALUE(metadata, '$.by'), revision FROM items WHERE tenant_id = %s AND item_id LIKE %s", tenant, f"{own}-%")
    assert len(rows) == 135
    for item, name, by, _ in rows:
        assert name == f"of {by}" and int(by) * 5 <= int(item.rsplit("-", 1)[1]) < int(by) * 5 + 100
    shop.call("DELETE", "/v1/items", [row[0] for row in rows])


def until_done(shop, method, path, body):
    """What a client does: sends again until it gets an answer that is not a fault of the server's."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        with contextlib.suppress(OSError, http.client.HTTPException):
            answer = shop.call(method, path, body)
            if answer.status < 500:
                return answer
        time.sleep(0.05)
    raise AssertionError("never done")


def test_a_batch_whose_worker_is_killed_is_stored_whole_or_not_at_all(shops, pool, mint, database, stand):
    """Each batch is sent by several at once, a worker is killed in its middle, and everybody sends again."""
    shop, tenant, chance, killed = caller(pool, mint), stand.tenant_id("items-one"), random.Random(5), 0
    count = lambda table, own: database.execute(  # noqa: E731
        f"SELECT COUNT(*) FROM {table} WHERE tenant_id = %s AND item_id LIKE %s", tenant, f"{own}-%")[0][0]
    with ThreadPoolExecutor(4) as threads:
        for turn in range(12):
            own, create = f"killed-{pool.kind}-{turn}", turn % 2 == 0
            items = [{"id": f"{own}-{number:03}", "name": f"Killed {number}"} for number in range(300)]
            calls = [threads.submit(until_done, shop, "POST", "/v1/items" if create else "/items", items) for _ in range(1 + turn % 3)]
            time.sleep(chance.random() * 0.06)
            with contextlib.suppress(IndexError, ProcessLookupError):
                os.kill(chance.choice(pool.workers()), signal.SIGKILL)
                killed += 1
            assert count("items", own) in (0, 300), "nobody sees a part"
            statuses = [call.result().status for call in calls]
            assert set(statuses) <= ({200, 201, 409} if create else {200, 201}), statuses
            assert count("items", own) == 300
    assert killed >= 10
    pool.settle()


def test_of_equal_creations_at_once_exactly_one_succeeds(shops, pool, mint):
    shop = caller(pool, mint)
    for turn in range(10):
        with ThreadPoolExecutor(8) as callers:
            answers = list(callers.map(lambda number: shop.call("POST", "/v1/items", [{"id": f"race-{pool.kind}-{turn}", "name": str(number)}]), range(8)))
        assert sorted(answer.status for answer in answers) == [200] + [409] * 7


# ---- What was written is seen by the next request, in whatever worker


ROUNDS, CALLERS = 500, 4  # for each of the two fronts


@pytest.fixture(scope="module")
def trained(stand, shops, tmp_path_factory):
    """A tenant with a model, so that changes have to be laid over it."""
    stand.tool.tenant("items-live")
    stand.tool.client("items-live", "items-live-client")
    path = tmp_path_factory.mktemp("live") / "items.jsonl"
    path.write_text("".join(json.dumps({"id": f"model-{number}", "name": f"Item {number}", "metadata": {"price": 1, "category": "old"}}) + "\n" for number in range(12)))
    stand.tool.items("items-live", path)
    stand.tool.train("items-live")


def processor_time(front):
    """Clock ticks that each worker has used."""
    ticks = {}
    for pid in front.workers():
        with contextlib.suppress(OSError):
            ticks[pid] = sum(map(int, Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[11:13]))
    return ticks


def test_a_change_shows_in_the_next_answer_of_any_worker(trained, pool, mint, stand):
    """Each caller changes its own items and asks at once; the callers together keep many workers busy, so that the request
    which asks is served by another worker than the one which changed."""
    shop, slipped, workers = caller(pool, mint, "items-live"), [], threading.Barrier(CALLERS)

    def live(user):
        answer = shop.call("GET", f"/recommendations?user_id={user}&quantity=100")
        assert answer.status == 200, answer
        return {entry["item_id"]: entry["metadata"] for entry in answer.json()["recommendations"]}

    def rounds(number):
        workers.wait()
        mine = [f"model-{number * 3 + at}" for at in range(3)]
        for item in mine:  # the front before may have left them in any state
            assert shop.call("POST", "/v1/items?on_conflict=update", {"id": item, "name": "x", "active": True}).status == 200
        for turn in range(ROUNDS // CALLERS):
            item, kind = mine[turn % 3], ("deactivate", "price", "category", "delete", "new")[turn % 5]
            change(number, turn, item, kind)

    def change(number, turn, item, kind):
        if kind == "deactivate":
            assert shop.call("PATCH", f"/v1/items/{item}", {"active": False}).status == 200
            slip(item in live("u"), turn, kind)
            assert shop.call("PATCH", f"/items/{item}", {"active": True}).status == 200
            slip(item not in live("u"), turn, "activate")
        elif kind in ("price", "category"):
            metadata = {"price": turn + 1000, "category": f"c{turn}"}
            assert shop.call("POST", f"/v1/items/{item}", {"metadata": metadata}).status == 200
            seen = live("u").get(item, {})
            slip(any(seen.get(key) != value for key, value in metadata.items()), turn, kind)
        elif kind == "delete":
            assert shop.call("DELETE", f"/v1/items/{item}").json()["deletedCount"] == 1
            slip(item in live("u"), turn, kind)
            assert shop.call("POST", "/v1/items", {"id": item, "name": "again"}).status == 200
            slip(item not in live("u"), turn, "make again")
        else:
            fresh = f"new-{number}-{turn}"
            assert shop.call("POST", "/v1/items", {"id": fresh, "name": "New", "metadata": {"category": "new"}}).status == 200
            slip(fresh not in live("u"), turn, kind)
            shop.call("DELETE", "/items", {"itemId": fresh})
            slip(fresh in live("u"), turn, "delete by a body")

    def slip(wrong, turn, kind):
        if wrong:
            slipped.append((turn, kind))

    before = processor_time(pool)
    with ThreadPoolExecutor(CALLERS) as callers:
        list(callers.map(rounds, range(CALLERS)))
    assert slipped == []
    after = processor_time(pool)
    assert sum(after[worker] > before.get(worker, 0) for worker in after) >= 3, "several workers took part"


def test_an_update_keeps_metadata_that_cannot_be_read(stand, shop, own, database):
    """As an import of 0.1.0 may have left it."""
    make(shop, {"id": own, "name": "Card"})
    database.execute("UPDATE items SET metadata = %s WHERE tenant_id = %s AND item_id = %s", '{"iccid":89490200001234567890}', stand.tenant_id("items-one"), own)
    check_item_answer(shop.call("PATCH", f"/v1/items/{own}", {"name": "SIM card"}))
    kept = database.execute("SELECT name, metadata FROM items WHERE tenant_id = %s AND item_id = %s", stand.tenant_id("items-one"), own)
    assert kept == (("SIM card", '{"iccid":89490200001234567890}'),)
