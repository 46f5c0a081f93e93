"""What a context wants done to a ranking over time: rotation by the decision log, exploration of new items."""
import pytest

from harness.catalogue import write_items
from harness.client import Api
from harness.shapes import check_recommendations_answer

SHARE, GRANTED, QUANTITY = 0.2, 4, 10
CONTEXTS = {
    401: ("rotating", {"rotation": {"hours": 1, "strength": 0.9}, "quantity": 5}),
    402: ("exploring", {"exploration": {"share": SHARE, "impressions": GRANTED}, "quantity": QUANTITY}),
    403: ("exploring-garden", {"exploration": {"share": 0.5, "impressions": 1}, "quantity": 4,
                               "filters": [{"column": "category", "operator": "=", "value": "garden"}]}),
}


@pytest.fixture(scope="module", autouse=True)
def contexts(stand):
    for number, (key, settings) in CONTEXTS.items():
        stand.tool.context("change", number, key, settings)


@pytest.fixture
def changing(quick, mint):
    return Api(quick, mint("change-client"))


def entries(answer):
    return check_recommendations_answer(answer)["recommendations"]


def ids(answer):
    return [entry["item_id"] for entry in entries(answer)]


def test_what_was_shown_in_vain_sinks(changing):
    first = ids(changing.recommendations(user_id="returning", context_id=401))
    second = ids(changing.recommendations(user_id="returning", context_id=401))
    assert not set(first) & set(second)


def test_others_still_see_what_one_user_has_seen(changing):
    first = ids(changing.recommendations(user_id="one", context_id=401))
    assert ids(changing.recommendations(user_id="other", context_id=401)) == first


def test_what_was_shown_beside_an_item_of_the_same_id_does_not_sink(changing):
    shown = ids(changing.recommendations(user_id="namesake", entity_type="Item", context_id=401))
    first = ids(changing.recommendations(user_id="not-a-namesake", context_id=401))
    assert set(shown) & set(first), "else nothing could sink"
    assert ids(changing.recommendations(user_id="namesake", context_id=401)) == first
    assert ids(changing.recommendations(user_id="namesake", entity_type="Item", context_id=401)) == shown


def test_without_rotation_a_user_sees_the_same_again(changing):
    assert ids(changing.recommendations(user_id="same", quantity=5)) == ids(changing.recommendations(user_id="same", quantity=5))


def test_scores_never_rise_in_a_shaped_list(changing):
    for context in (401, 402, 403):
        for number in range(3):
            scores = [entry["score"] for entry in entries(changing.recommendations(user_id=f"s{number}", context_id=context))]
            assert scores == sorted(scores, reverse=True)


def test_the_stated_share_of_places_is_explored(changing, one_row_each):
    for number in range(10):
        shown = entries(changing.recommendations(user_id=f"share-{number}", context_id=402))
        assert len(shown) == QUANTITY == len({entry["item_id"] for entry in shown})
        assert sum(entry["source"] == "exploration" for entry in shown) == SHARE * QUANTITY
        assert shown[0]["source"] != "exploration"
    one_row_each(10)


def test_the_same_request_id_explores_the_same(changing, database, stand):
    lists = []
    for _ in range(2):
        database.execute("DELETE FROM explored_items")
        lists.append(ids(changing.recommendations(user_id="again", context_id=402, headers={"X-Request-Id": "the-same"})))
    assert lists[0] == lists[1]


def test_a_new_item_gets_its_first_impressions(changing, stand, database):
    new = [f"novelty-{number}" for number in range(3)]
    write_items(stand.root / "import/novelties.jsonl",
                [{"id": name, "name": f"Novelty {name}", "metadata": {"category": "novelties"}} for name in new])
    stand.tool.items("change", stand.root / "import/novelties.jsonl")
    database.execute("INSERT INTO explored_items SELECT tenant_id, item_id, 1000 FROM items WHERE tenant_id = %s"
                     " AND item_id NOT LIKE 'novelty-%%' ON DUPLICATE KEY UPDATE impressions = 1000", stand.tenant_id("change"))
    shown = dict.fromkeys(new, 0)
    rounds = int(len(new) * GRANTED / (SHARE * QUANTITY))
    for number in range(rounds):
        for entry in entries(changing.recommendations(user_id=f"novel-{number}", context_id=402)):
            if entry["source"] == "exploration":
                shown[entry["item_id"]] += 1
    assert shown == dict.fromkeys(new, GRANTED)
    counted = dict(database.execute("SELECT item_id, impressions FROM explored_items WHERE item_id LIKE 'novelty-%%'"))
    assert counted == shown


def test_exploration_stays_inside_the_filters(changing):
    for number in range(5):
        shown = entries(changing.recommendations(user_id=f"garden-{number}", context_id=403))
        assert {entry["metadata"]["category"] for entry in shown} == {"garden"}
        assert len(shown) == 4


def test_a_failed_answer_counts_no_impression(changing, database, nothing_logged):
    before = database.execute("SELECT COALESCE(SUM(impressions), 0) FROM explored_items")
    with database.locked("decisions"):
        assert changing.recommendations(user_id="failed", context_id=402).status == 500
    assert database.execute("SELECT COALESCE(SUM(impressions), 0) FROM explored_items") == before
