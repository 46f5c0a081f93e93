"""Pages of one ranked list: disjoint, complete, and stable for five minutes whatever happens meanwhile."""
import time
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest

from harness.catalogue import ITEMS, write_items
from harness.client import Api
from harness.shapes import check_object_error, check_recommendations_answer, check_v1_recommendations

CONTEXTS = {
    621: ("p-groups", {"group_by": ["category", "brand"], "group_items": 2}),
    622: ("p-varied", {"diversity": {"field": "category", "max": 3, "relevance": 0.7}}),
    623: ("p-exploring", {"exploration": {"share": 0.3, "impressions": 5}}),
    624: ("p-rotating", {"rotation": {"hours": 1, "strength": 0.9}}),
}


@pytest.fixture(scope="module", autouse=True)
def contexts(stand):
    for tenant in ("alpha", "change"):
        for number, (key, settings) in CONTEXTS.items():
            stand.tool.context(tenant, number, key, settings)


@pytest.fixture
def changing(quick, mint):
    return Api(quick, mint("change-client"))


def page(api, after=None, grouped=False, **query):
    if after is not None:
        query["starting_after"] = after
    return check_v1_recommendations(api.v1(**query), grouped=grouped)


def ids(body):
    return [entry["id"] for entry in body["data"]]


def follow(api, between=lambda number: None, grouped=False, **query):
    """All pages, one after the other; between(n) runs behind the n-th."""
    pages, after = [], None
    while True:
        body = page(api, after, grouped, **query)
        pages.append(body)
        after = body["next_cursor"]
        if after is None:
            return pages
        assert after == body["data"][-1]["id"] and len(pages) < 100
        between(len(pages))


def joined(pages):
    return [item for body in pages for item in ids(body)]


@pytest.mark.parametrize("limit", [1, 7, 33, 65, 66])
def test_pages_are_the_list_cut(api, limit):
    whole = ids(page(api, user_id="pair0-1", limit=100))
    pages = follow(api, user_id="pair0-1", limit=limit)
    assert joined(pages) == whole
    assert all(len(body["data"]) == limit for body in pages[:-1]) and len(pages) == -(-len(whole) // limit)


def test_scores_go_on_falling(api):
    scores = [entry["score"] for body in follow(api, user_id="pair0-1", limit=9) for entry in body["data"]]
    assert scores == sorted(scores, reverse=True)


def test_pages_do_not_change_when_the_user_does_something(api, shopper):
    whole = ids(page(api, user_id=shopper.id, limit=100))
    events = iter(("purchase", "view") * 10)
    pages = follow(api, lambda number: shopper.did(next(events), whole[-number]), user_id=shopper.id, limit=10)
    assert joined(pages) == whole
    assert ids(page(api, user_id=shopper.id, limit=100)) != whole, "while a first page shows it at once"


def test_pages_through_different_workers(pool, mint):
    api = Api(pool, mint())
    whole = ids(page(api, user_id="pair1-2", limit=100))
    assert joined(follow(api, lambda number: pool.replace_workers() if number == 2 else None, user_id="pair1-2", limit=20)) == whole


def test_the_last_page_has_nothing_behind_it(api):
    whole = ids(page(api, user_id="u", limit=100))
    body = page(api, whole[-1], user_id="u", limit=10)
    assert body["data"] == [] and body["has_more"] is False


def test_an_unknown_cursor_is_an_empty_page(everywhere):
    body = page(everywhere, "no-such-item", user_id="u", limit=10)
    assert body["data"] == [] and body["has_more"] is False


@pytest.mark.parametrize("value", ["x" * 129, "a\nb"])
def test_a_malformed_cursor_is_refused(api, nothing_logged, value):
    check_object_error(api.call("POST", "/v1/recommendations", {"user_id": "u", "starting_after": value}), 400, "invalid_cursor")


@pytest.mark.parametrize("value", [True, [], {}, 1.5])
def test_a_cursor_of_a_wrong_type_is_refused(api, nothing_logged, value):
    check_object_error(api.call("POST", "/v1/recommendations", {"starting_after": value}), 400, "invalid_cursor")


def test_a_prefixed_cursor_is_the_same(api):
    first = page(api, user_id="u", limit=5)
    assert ids(page(api, "rec_" + first["next_cursor"], user_id="u", limit=5)) == ids(page(api, first["next_cursor"], user_id="u", limit=5))


def test_the_limit_may_change_on_the_way(api):
    whole = ids(page(api, user_id="u2", limit=100))
    first = page(api, user_id="u2", limit=3)
    second = page(api, first["next_cursor"], user_id="u2", limit=30)
    assert ids(first) + ids(second) == whole[:33]


def test_another_question_is_another_list(api):
    mine = page(api, user_id="u3", limit=5)
    garden = page(api, user_id="u3", limit=5, filter="category:garden")
    for body, query in ((mine, {}), (garden, {"filter": "category:garden"})):
        again = page(api, body["next_cursor"], user_id="u3", limit=5, **query)
        assert not set(ids(again)) & set(ids(body))
    assert page(api, garden["next_cursor"], user_id="u3", limit=100, filter="category:garden")["quantity"] == 5


def test_every_page_is_a_decision(api, one_row_each):
    assert len(follow(api, user_id="counted", limit=30)) == 3
    one_row_each(3)


def test_groups_have_pages(api):
    whole = [group["group"] for group in page(api, grouped=True, user_id="u", context_id=621, limit=100)["data"]]
    pages = follow(api, grouped=True, user_id="u", context_id=621, limit=4)
    assert [group["group"] for body in pages for group in body["data"]] == whole
    assert len(whole) > 12


@pytest.mark.parametrize("context", [622, 624])
def test_shaped_lists_have_pages(changing, context):
    user = f"shaped-{uuid.uuid4()}"
    pages = follow(changing, user_id=user, context_id=context, limit=8)
    assert len(joined(pages)) == len(set(joined(pages))) >= len(ITEMS)
    scores = [entry["score"] for body in pages for entry in body["data"]]
    assert scores == sorted(scores, reverse=True)


def test_exploration_loses_nothing(changing):
    pages = follow(changing, user_id=f"explored-{uuid.uuid4()}", context_id=623, limit=10)
    assert sum(entry["source"] == "exploration" for entry in pages[0]["data"]) == 3
    assert len(joined(pages)) == len(set(joined(pages))) >= len(ITEMS)


# ---- What happened to the items meanwhile


def alter(stand, rows):
    path = stand.root / f"import/paging-{uuid.uuid4()}.jsonl"
    stand.tool.items("change", write_items(path, rows))


def test_what_may_not_be_shown_any_more_is_left_out_and_the_page_is_full(changing, stand):
    stamp = str(time.time_ns())
    rows = [{"id": f"pg-{stamp}-{number:02d}", "name": f"Paged {number}", "metadata": {"category": f"pg-{stamp}", "price": number}}
            for number in range(30)]
    alter(stand, rows)
    query = {"user_id": "u", "filter": [f"category:pg-{stamp}", "price<100"], "limit": 10}
    whole = ids(page(changing, **{**query, "limit": 100}))
    first = page(changing, **query)
    inactive, dear, new_name = whole[10], whole[12], whole[14]
    by_id = {row["id"]: row for row in rows}
    alter(stand, [{**by_id[inactive], "active": False}, {**by_id[dear], "metadata": {"category": f"pg-{stamp}", "price": 500}},
                  {**by_id[new_name], "name": "Renamed"}])
    second = page(changing, first["next_cursor"], **query)
    assert ids(second) == [item for item in whole[10:22] if item not in (inactive, dear)]
    assert {entry["id"]: entry["name"] for entry in second["data"]}[new_name] == "Renamed"
    assert second["has_more"] is True
    # Only what may be shown counts for has_more.
    alter(stand, [{**by_id[item], "active": False} for item in whole[22:]])
    assert ids(page(changing, second["next_cursor"], **query)) == []
    assert page(changing, first["next_cursor"], **query)["has_more"] is False


def test_the_page_goes_on_behind_an_item_that_is_gone(changing, stand):
    first = page(changing, user_id="behind", limit=10)
    gone = first["next_cursor"]
    whole = ids(page(changing, user_id="behind", limit=100))
    row = next(item for item in ITEMS.values() if item["id"] == gone)
    alter(stand, [{**row, "active": False}])
    try:
        assert ids(page(changing, gone, user_id="behind", limit=10)) == whole[10:20]
    finally:
        alter(stand, [row])


# ---- How long


def test_lists_are_forgotten_after_five_minutes(api, database, stand, shopper):
    first = page(api, user_id=shopper.id, limit=10)
    number = stand.tenant_id("alpha")
    kept = database.execute("SELECT MAX(expires_at) FROM ranked_lists WHERE tenant_id = %s", number)[0][0]
    assert 295 <= kept - time.time() <= 301
    database.execute("UPDATE ranked_lists SET expires_at = %s WHERE tenant_id = %s", int(time.time()) - 1, number)
    shopper.did("purchase", first["data"][0]["id"])
    second = page(api, first["next_cursor"], user_id=shopper.id, limit=10)
    fresh = ids(page(api, user_id=shopper.id, limit=100))
    place = fresh.index(first["next_cursor"])
    assert ids(second) == fresh[place + 1:place + 11], "ranked anew"


def test_expired_lists_are_deleted_in_passing(api, database, stand):
    number = stand.tenant_id("alpha")
    for key in range(100):
        database.execute("REPLACE INTO ranked_lists VALUES (%s, %s, '{}', 1)", number, key.to_bytes(16, "big"))
    for _ in range(200):
        page(api, user_id="cleaner", limit=1)
        if not database.execute("SELECT COUNT(*) FROM ranked_lists WHERE tenant_id = %s AND expires_at = 1", number)[0][0]:
            return
    pytest.fail("200 answers later there are still expired lists")


def test_a_damaged_list_is_ranked_anew(api, database, stand):
    first = page(api, user_id="damaged", limit=10)
    whole = ids(page(api, user_id="damaged", limit=100))
    for damage in ("", "[]", "{}", '{"items": 7}', '{"recommender":"x","items":[[1]],"groups":[]}'):
        page(api, user_id="damaged", limit=10)
        database.execute("UPDATE ranked_lists SET list = %s WHERE tenant_id = %s", damage, stand.tenant_id("alpha"))
        assert ids(page(api, first["next_cursor"], user_id="damaged", limit=10)) == whole[10:20]


def test_short_lists_are_not_kept(api, database):
    before = database.execute("SELECT COUNT(*) FROM ranked_lists")
    page(api, user_id=f"short-{uuid.uuid4()}", limit=100)
    assert database.execute("SELECT COUNT(*) FROM ranked_lists")[0][0] <= before[0][0]


def test_a_failed_answer_keeps_no_list(api, database, nothing_logged):
    before = database.execute("SELECT COUNT(*) FROM ranked_lists")
    with database.locked("decisions"):
        assert api.v1(user_id=f"failed-{uuid.uuid4()}", limit=5).status == 500
    assert database.execute("SELECT COUNT(*) FROM ranked_lists")[0][0] <= before[0][0]


def test_the_old_path_has_no_pages(api, database):
    before = database.execute("SELECT COUNT(*) FROM ranked_lists")[0][0]
    first = check_recommendations_answer(api.recommendations(user_id="old", quantity=5))
    again = check_recommendations_answer(api.recommendations(user_id="old", quantity=5, starting_after=first["data"][-1]["id"]))
    assert again["data"] == first["data"]
    assert database.execute("SELECT COUNT(*) FROM ranked_lists")[0][0] <= before


def test_equal_questions_at_once_keep_one_list(api, database, stand):
    """Many workers write the same row."""
    database.execute("DELETE FROM ranked_lists WHERE tenant_id = %s", stand.tenant_id("alpha"))
    with ThreadPoolExecutor(16) as threads:
        answers = list(threads.map(lambda _: ids(page(api, user_id="crowd", limit=10)), range(64)))
    assert all(answer == answers[0] for answer in answers)
    assert database.execute("SELECT COUNT(*) FROM ranked_lists WHERE tenant_id = %s", stand.tenant_id("alpha")) == ((1,),)
