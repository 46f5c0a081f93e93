"""Auto mode: one section a call, a cursor that chains them, nothing twice."""
import base64
import json

import pytest

from harness.catalogue import ITEMS, PAIRS, TRENDING
from harness.shapes import check_object_error, check_v1_recommendations


def section(api, cursor=None, **query):
    if cursor is not None:
        query["cursor"] = cursor
    return check_v1_recommendations(api.v1(mode="auto", **query), auto=True)


def chain(api, between=lambda number: None, **query):
    bodies, cursor = [], None
    while True:
        bodies.append(section(api, cursor, **query))
        cursor = bodies[-1]["next_cursor"]
        if cursor is None:
            return bodies
        assert len(bodies) < 60
        between(len(bodies))


def ids(body):
    return [entry["id"] for entry in body["data"]]


def decode(cursor):
    return json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))


def encode(value):
    text = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(text).decode().rstrip("=")


def test_a_chain_from_activity_to_what_is_new(api, shopper, one_row_each):
    shopper.did("like", PAIRS[0][0], ago=600).did("view", PAIRS[2][0], ago=300)
    bodies = chain(api, user_id=shopper.id, limit=3)
    sections = [body["section"]["section_id"] for body in bodies]
    # bo-05 and the like have no neighbours of their own: only sections that are not empty come.
    assert sections[0] == "recent_activity" and sections[-2:] == ["trending", "new"]
    assert len(set(sections)) == len(sections)
    shown = [item for body in bodies for item in ids(body)]
    assert len(set(shown)) == len(shown), "no item in two sections"
    assert bodies[0]["section"]["title"] == "Based on your recent activity"
    assert bodies[0]["section"]["reason"] == {"type": "recent_activity", "window_days": 14}
    assert {PAIRS[0][1], PAIRS[2][1]} & set(ids(bodies[0]))
    assert decode(bodies[0]["next_cursor"]) == {"v": 1, "window_days": 14, "served": ["recent_activity"]}
    one_row_each(len(bodies))


def test_sections_are_anchored_on_what_was_touched(api, shopper):
    """One item fits the whole activity, so the partners of the two anchors are left for their own sections."""
    shopper.did("like", PAIRS[0][0], ago=600).did("view", PAIRS[2][0], ago=300)
    bodies = chain(api, user_id=shopper.id, limit=1)
    anchored = {body["section"]["section_id"]: body for body in bodies if body["section"]["section_id"].startswith("item:")}
    first = ids(bodies[0])[0]
    left = {pair[0]: pair[1] for pair in (PAIRS[0], PAIRS[2]) if pair[1] != first}
    for anchor, partner in left.items():
        body = anchored[f"item:{anchor}"]
        assert ids(body) == [partner]
        word = "Because you liked" if anchor == PAIRS[0][0] else "We see you viewed"
        assert body["section"]["title"] == f"{word} {ITEMS[anchor]['name']}"
        assert body["section"]["reason"] == {"type": "similar_item", "window_days": 14, "item_id": anchor}
        assert body["embedding_info"]["source"] == "item"


def test_without_activity_there_is_what_is_trending_and_new(api):
    bodies = chain(api, user_id="never-did-anything", limit=5)
    assert [body["section"]["section_id"] for body in bodies] == ["trending", "new"]
    assert ids(bodies[0])[0] == TRENDING
    assert not set(ids(bodies[0])) & set(ids(bodies[1]))


def test_old_activity_does_not_count(api, shopper):
    shopper.did("view", PAIRS[0][0], ago=20 * 86400)
    assert section(api, user_id=shopper.id)["section"]["section_id"] == "trending"
    body = section(api, user_id=shopper.id, window_days=30)
    assert body["section"]["section_id"] == "recent_activity" and body["section"]["reason"]["window_days"] == 30
    again = section(api, body["next_cursor"], user_id=shopper.id, window_days=1)
    assert again["section"]["reason"]["window_days"] == 30, "the cursor's window wins"


def test_nothing_at_all(api, one_row_each):
    body = section(api, user_id="u", filter="category:nothing")
    assert body["section"] is None and body["data"] == [] and body["done"] is True and body["next_cursor"] is None
    one_row_each(1)


def test_served_everything(api):
    cursor = encode({"v": 1, "window_days": 14, "served": ["trending", "new"]})
    body = section(api, cursor, user_id="never-did-anything")
    assert body["section"] is None and body["done"] is True


def test_filters_and_exclusions_hold_in_every_section(api, shopper):
    shopper.did("view", PAIRS[0][0])
    bodies = chain(api, user_id=shopper.id, limit=4, filter="category:electronics", exclude="el-09")
    for body in bodies:
        assert all(item.startswith("el-") and item != "el-09" for item in ids(body))


def test_bought_items_stay_away_from_every_section(api, shopper):
    shopper.did("purchase", PAIRS[0][0])
    assert all(PAIRS[0][0] not in ids(body) for body in chain(api, user_id=shopper.id, limit=10))


def test_events_in_between_do_not_bring_a_section_back(api, shopper):
    shopper.did("view", PAIRS[0][0]).did("view", PAIRS[1][0])
    bodies = chain(api, lambda number: shopper.did("view", PAIRS[0][0], ago=0), user_id=shopper.id, limit=2)
    sections = [body["section"]["section_id"] for body in bodies]
    assert len(set(sections)) == len(sections)


def test_candidate_limit_and_served_cap(api, shopper):
    for pair in PAIRS:
        shopper.did("view", pair[0])
    every = [body["section"]["section_id"] for body in chain(api, user_id=shopper.id, limit=1)]
    assert sum(name.startswith("item:") for name in every) >= 3
    fewer = [body["section"]["section_id"] for body in chain(api, user_id=shopper.id, limit=1, candidate_limit=1)]
    assert sum(name.startswith("item:") for name in fewer) <= 1
    assert len(chain(api, user_id=shopper.id, limit=1, served_cap=2)) == 2
    assert len(chain(api, user_id=shopper.id, limit=1, served_cap=1)) == 1


@pytest.mark.parametrize("cursor", ["", "!", "abc", encode(b"{}"), encode(b"[]"), encode(b"nonsense"), encode({"v": 2, "window_days": 14, "served": []}),
                                    encode({"v": 1, "window_days": 0, "served": []}), encode({"v": 1, "window_days": "14", "served": []}),
                                    encode({"v": 1, "window_days": 14}), encode({"v": 1, "window_days": 14, "served": [1]}),
                                    encode({"v": 1, "window_days": 14, "served": ["x" * 200]}),
                                    encode({"v": 1, "window_days": 14, "served": ["x"] * 101}), encode({"v": 1, "window_days": 10 ** 6, "served": []})])
def test_a_malformed_cursor_is_refused(api, nothing_logged, cursor):
    check_object_error(api.v1(mode="auto", user_id="u", cursor=cursor), 400, "invalid_cursor")


@pytest.mark.parametrize("name, value", [("mode", "other"), ("mode", "AUTO"), ("window_days", 0), ("window_days", "x"), ("window_days", 36501),
                                         ("candidate_limit", 0), ("candidate_limit", 1001), ("served_cap", 0), ("served_cap", 101)])
def test_wrong_parameters_are_refused(api, nothing_logged, name, value):
    check_object_error(api.v1(**{"mode": "auto", "user_id": "u", name: value}), 400, "validation_error", field=name)


def test_a_foreign_cursor_shows_nothing_foreign(api, mint, shopper):
    shopper.did("view", PAIRS[0][0])
    cursor = section(api, user_id=shopper.id, limit=3)["next_cursor"]
    body = section(api.with_token(mint("beta-client")), cursor, user_id=shopper.id, limit=3)
    assert all(entry["metadata"]["category"] == "beta" for entry in body["data"])


def test_a_cursor_with_sections_that_never_were_is_harmless(api):
    cursor = encode({"v": 1, "window_days": 14, "served": ["item:'; DROP", "\U0001f381"]})
    assert section(api, cursor, user_id="never-did-anything")["section"]["section_id"] == "trending"


def test_the_unversioned_path_has_sections_too(everywhere):
    answer = everywhere.recommendations(mode="auto", user_id="never-did-anything", quantity=3)
    body = answer.json()
    assert answer.status == 200 and body["mode"] == "auto" and body["url"] == "/recommendations"
    assert body["section"]["section_id"] == "trending" and body["done"] is False and body["count"] == 3
    body = everywhere.recommendations(mode="auto", user_id="never-did-anything", quantity=3, cursor=body["next_cursor"]).json()
    assert body["section"]["section_id"] == "new" and body["done"] is True and body["next_cursor"] is None


def test_items_have_sections(api):
    bodies = chain(api, user_id=PAIRS[0][0], entity_type="Item", limit=2)
    assert bodies[0]["section"]["section_id"] == f"item:{PAIRS[0][0]}"
    assert ids(bodies[0])[0] == PAIRS[0][1]
