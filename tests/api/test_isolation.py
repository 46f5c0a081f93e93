"""Tenants with equal ids of everything: none ever sees, counts or changes what is another's."""
import json

import pytest

from harness.catalogue import ITEMS, write_items
from harness.shapes import check_plain_error, check_recommend_answer, check_recommend_error, check_recommendations_answer


@pytest.fixture
def beta(everywhere, mint):
    return everywhere.with_token(mint("beta-client"))


def test_equal_item_ids_are_different_items(everywhere, beta):
    for api, prefix in ((everywhere, ""), (beta, "Beta ")):
        body = check_recommendations_answer(api.recommendations(user_id="u", quantity=100))
        assert {entry["item_id"]: entry["name"] for entry in body["recommendations"]} == {
            item: prefix + row["name"] for item, row in ITEMS.items()}
        for result in check_recommend_answer(api.recommend(quantity=100)):
            assert result["name"] == prefix + ITEMS[result["item_id"]]["name"]


def test_the_answer_names_the_tenant(everywhere, beta):
    for api, tenant in ((everywhere, "alpha"), (beta, "beta")):
        body = check_recommendations_answer(api.recommendations(user_id="u", quantity=1))
        assert body["embedding"]["metadata"] == {"team_id": tenant}


def test_each_learns_from_its_own_purchases_only(everywhere, beta):
    for api, partner in ((everywhere, "el-02"), (beta, "el-07")):
        results = check_recommend_answer(api.recommend({"browsing_history": ["el-01"]}))
        assert [result["item_id"] for result in results if result["item_id"] != "el-01"][0] == partner
        body = check_recommendations_answer(api.recommendations(user_id="el-01", entity_type="Item", quantity=1))
        assert body["recommendations"][0]["item_id"] == partner


def test_categories_are_ones_own(beta):
    preferences = {"categories": ["electronics"], "strict": True}
    assert check_recommend_answer(beta.recommend({"customer_preferences": preferences})) == []
    preferences = {"categories": ["beta"], "strict": True}
    assert len(check_recommend_answer(beta.recommend({"customer_preferences": preferences}, quantity=100))) == len(ITEMS)


def test_events_of_an_equal_user_id_stay_where_they_are(everywhere, beta, shopper):
    shopper.did("purchase", "el-03", tenant="alpha")
    shopper.did("purchase", "el-04", tenant="beta")
    for api, own, other in ((everywhere, "el-03", "el-04"), (beta, "el-04", "el-03")):
        body = check_recommendations_answer(api.recommendations(user_id=shopper.id, quantity=100))
        found = {entry["item_id"] for entry in body["recommendations"]}
        assert own not in found and other in found


def test_stored_names_of_an_equal_user_id_stay_where_they_are(everywhere, beta):
    check_recommendations_answer(everywhere.recommendations(user_id="twin", name="alpha's", quantity=1))
    check_recommendations_answer(beta.recommendations(user_id="twin", name="beta's", quantity=1))
    for api, name in ((everywhere, "alpha's"), (beta, "beta's")):
        assert check_recommendations_answer(api.recommendations(user_id="twin", quantity=1))["embedding"]["name"] == name


def test_ids_that_differ_in_a_space_are_different_users(api, shopper, stand, database):
    """SQL compares texts with trailing spaces as equal, unless the collation says otherwise."""
    shopper.did("purchase", "el-03")
    for user, there in ((shopper.id, False), (shopper.id + " ", True), (shopper.id.upper(), True)):
        body = check_recommendations_answer(api.recommendations(user_id=user, name=f"[{user}]", quantity=100))
        assert ("el-03" in {entry["item_id"] for entry in body["recommendations"]}) is there
    assert check_recommendations_answer(api.recommendations(user_id=shopper.id))["embedding"]["name"] == f"[{shopper.id}]"


def test_each_writes_into_its_own_logs(everywhere, beta, stand, database):
    before = stand.rows("alpha"), stand.rows("beta")
    check_recommendations_answer(everywhere.recommendations(user_id="u"))
    check_recommend_answer(beta.recommend())
    check_recommend_answer(beta.recommend())
    after = stand.rows("alpha"), stand.rows("beta")
    assert [(b[0] - a[0], b[1] - a[1]) for a, b in zip(before, after)] == [(1, 1), (2, 2)]
    mixed = database.execute("SELECT COUNT(*) FROM sequences s JOIN decisions d USING (sequence_id) WHERE s.tenant_id <> d.tenant_id")
    assert mixed == ((0,),)


def test_one_worker_serves_both_in_turn(quick, mint, beta, everywhere):
    """The same few processes have both tenants' models mapped."""
    for _ in range(8):
        for api, prefix in ((everywhere, ""), (beta, "Beta ")):
            body = check_recommendations_answer(api.recommendations(user_id="u", quantity=3))
            assert all(entry["name"] == prefix + ITEMS[entry["item_id"]]["name"] for entry in body["recommendations"])


def test_a_tenant_that_is_shut_off_is_refused(everywhere, mint, nothing_logged):
    closed = everywhere.with_token(mint("closed-client"))
    check_plain_error(closed.recommendations(user_id="u"), "unknown_client")
    check_recommend_error(closed.recommend(), 401)


def test_shutting_off_counts_at_once_and_can_be_undone(api, mint, database):
    bare = api.with_token(mint("bare-client"))
    for switch in ("UPDATE tenants SET active = {} WHERE tenant_key = 'bare'", "UPDATE api_clients SET active = {} WHERE client_id = 'bare-client'"):
        check_recommendations_answer(bare.recommendations(user_id="u"))
        database.execute(switch.format("FALSE"))
        try:
            for _ in range(10):
                check_plain_error(bare.recommendations(user_id="u"), "unknown_client")
        finally:
            database.execute(switch.format("TRUE"))
        check_recommendations_answer(bare.recommendations(user_id="u"))


def test_many_tenants_in_turn(stand, api, mint, tmp_path):
    """Twenty, with models and without, in turn; tests/unit/recommender/test_catalogues.c has as many as a worker keeps at most."""
    names = [f"one-of-many-{number}" for number in range(20)]
    for number, name in enumerate(names):
        stand.tool.tenant(name)
        stand.tool.client(name, f"{name}-client")
        stand.tool.items(name, write_items(tmp_path / "items.jsonl", [{"id": "only", "name": f"Item of {name}", "metadata": {}}]))
        if number % 2:
            stand.tool.train(name)
    for _ in range(3):
        for name in names:
            results = check_recommend_answer(api.with_token(mint(f"{name}-client")).recommend())
            assert [result["name"] for result in results] == [f"Item of {name}"]


def test_a_decision_never_holds_another_tenants_items(database, stand):
    """Over everything that the whole test run has logged so far, but for tenants whose logs a test has written itself: they have no items."""
    catalogues = {}
    for tenant, item in database.execute("SELECT tenant_id, item_id FROM items"):
        catalogues.setdefault(tenant, set()).add(item)
    for tenant, results in database.execute("SELECT tenant_id, results FROM decisions ORDER BY decision_id DESC LIMIT 3000"):
        if tenant in catalogues:
            assert {entry["item_id"] for entry in json.loads(results)} <= catalogues[tenant]
