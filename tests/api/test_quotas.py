"""Quotas of a tenant: what would exceed one is 403 and stores nothing; what takes away passes; doctor warns before."""
import itertools
import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from harness.client import Api
from harness.shapes import check_object_error, check_plain_error, check_v1_recommendations
from harness.tokens import BOTH

NUMBERS = itertools.count(1)


@pytest.fixture
def shop(stand, quick, mint):
    """A tenant of its own, with a way to limit it."""
    return Shop(stand, quick, mint)


class Shop(Api):
    def __init__(self, stand, front, mint):
        self.stand, self.key = stand, f"quota-{next(NUMBERS)}"
        stand.tool.tenant(self.key)
        stand.tool.client(self.key, f"{self.key}-client")
        super().__init__(front, mint(f"{self.key}-client", scope=BOTH))

    def limit(self, *arguments):
        return self.stand.tool.run("tenant", "limit", self.key, *arguments).stdout

    def items(self, *ids, metadata=None):
        return self.call("POST", "/v1/items?on_conflict=update", [{"id": id, "name": id, "metadata": metadata or {}} for id in ids])

    def has(self, table="items WHERE NOT deleted"):
        condition = "AND" if "WHERE" in table else "WHERE"
        return self.stand.database.execute(f"SELECT COUNT(*) FROM {table} {condition} tenant_id = %s", self.stand.tenant_id(self.key))[0][0]


def test_items(shop):
    shop.limit("--items", "3")
    assert shop.items("a", "b").status == 200
    answer = shop.items("c", "d")
    check_object_error(answer, 403, "quota_exceeded")
    assert answer.json()["error"]["message"] == "This tenant may have 3 items, and with this would have 4"
    assert shop.has() == 2 and shop.has("items") == 2
    assert shop.items("b", "c").status == 200, "of these only one is new"
    check_plain_error(shop.call("POST", "/items", {"id": "d", "name": "d"}), "quota_exceeded")
    assert shop.call("PATCH", "/v1/items/a", {"name": "A"}).status == 200
    assert shop.call("DELETE", "/v1/items/a").status == 200
    assert shop.items("d").status == 200, "a deleted item counts no more"


def test_writers_at_once_stop_at_the_quota(shop):
    shop.limit("--items", "3")
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda id: shop.items(id).status, "abcdefgh"))
    assert (answers.count(200), answers.count(403), shop.has()) == (3, 5, 3)


def test_a_lowered_quota_lets_smaller_catalogues_pass(shop):
    shop.items("a", "b", "c", metadata={"text": "x" * 1000})
    assert "more than it may" in shop.limit("--items", "1", "--metadata-bytes", "500")
    assert shop.items("a", metadata={"text": "short"}).status == 200
    check_object_error(shop.items("a", metadata={"text": "x" * 500}), 403, "quota_exceeded")
    assert shop.call("DELETE", "/v1/items", ["b", "c"]).status == 200
    shop.limit("--items", "0", "--metadata-bytes", "0")
    assert shop.items("b", "c", "d", "e", metadata={"text": "x" * 1000}).status == 200


def test_bytes_of_metadata(shop):
    shop.limit("--metadata-bytes", "200")
    assert shop.items("a", metadata={"text": "x" * 100}).status == 200
    answer = shop.call("PATCH", "/v1/items/a", {"metadata": {"text": "é" * 100}})
    check_object_error(answer, 403, "quota_exceeded")
    assert "bytes of metadata" in answer.json()["error"]["message"]
    assert shop.call("PATCH", "/v1/items/a", {"metadata": {"text": "x" * 150}}).status == 200


def test_an_import_keeps_to_them_too(shop, stand):
    shop.limit("--items", "2")
    path = stand.root / "import" / f"{shop.key}.jsonl"
    path.write_text("".join(json.dumps({"id": f"i-{number}", "name": "x"}) + "\n" for number in range(3)))
    result = stand.tool.run("import", "items", path, "--tenant", shop.key, check=False)
    assert result.returncode == 1 and "may have 2 items, and with this would have 3" in result.stderr and shop.has() == 0
    path.write_text("".join(path.read_text().splitlines(keepends=True)[:2]))
    stand.tool.items(shop.key, path)
    assert shop.has() == 2


def test_event_types(stand, mint):
    front = stand.front("lighttpd", "quota-types", stand.configure("quota-types.conf", events={"unknown_type": "accept", "unknown_item": "accept"}), 1)
    shop = Shop(stand, front, mint)
    before = shop.has("event_types")
    shop.limit("--event-types", str(before + 1))
    def event(kind):
        return {"user_id": "u", "item_id": "i", "type": kind}
    assert shop.call("POST", "/v1/events", event("first")).status == 200
    check_object_error(shop.call("POST", "/v1/events", event("second")), 403, "quota_exceeded")
    answer = shop.call("POST", "/v1/events", [event("third"), event("first"), event("view")])
    assert answer.status == 200 and [entry["code"] for entry in answer.json()["errors"]] == ["quota_exceeded"]
    assert shop.has("event_types") == before + 1 and shop.has("events") == 3
    result = stand.tool.run("event-type", "set", "fourth", "--weight", "5", "--tenant", shop.key, check=False)
    assert result.returncode == 1 and "event types, and would have" in result.stderr
    stand.tool.run("event-type", "set", "first", "--weight", "5", "--tenant", shop.key)


def test_contexts(shop, stand):
    shop.limit("--contexts", "1")
    stand.tool.context(shop.key, 1, "one", {})
    stand.tool.context(shop.key, 1, "one", {"quantity": 3})
    result = stand.tool.run("context", "set", "--tenant", shop.key, "--id", "2", "--key", "two", "--settings", "{}", check=False)
    assert result.returncode == 1 and "1 contexts, and would have 2" in result.stderr


def test_kept_lists(shop):
    shop.items(*(f"i-{number}" for number in range(30)))
    shop.limit("--lists", "2")
    for user in ("a", "b", "a"):
        check_v1_recommendations(shop.v1(user_id=user, limit=5))
    check_object_error(shop.v1(user_id="c", limit=5), 403, "quota_exceeded")
    check_v1_recommendations(shop.v1(user_id="c", limit=50))  # nothing follows, so nothing is kept
    check_v1_recommendations(shop.v1(user_id="a", limit=5, starting_after="i-1"))
    assert shop.has("ranked_lists") == 2


def test_a_request_costs_no_more_statements(shop, database):
    """Neither with quotas nor without is anything counted where nothing is written but the logs."""
    def statements():
        return int(database.execute("SHOW GLOBAL STATUS LIKE 'Com_stmt_execute'")[0][1])
    shop.items("a")
    shop.v1(user_id="u")
    def cost():
        before = statements()
        for _ in range(20):
            assert shop.v1(user_id="u").status == 200
        return statements() - before
    without = cost()
    shop.limit("--items", "5", "--metadata-bytes", "1000", "--event-types", "50", "--contexts", "5")
    shop.v1(user_id="u")
    assert cost() < without + 20 // 2  # one more a request would be 20; a worker that starts prepares its own


def test_limits_are_shown_and_kept(shop):
    assert "any number" in shop.limit()
    shop.limit("--items", "7", "--lists", "9")
    shown = shop.limit("--contexts", "3")
    rows = {line[:26].strip(): line.split()[-1] for line in shown.splitlines()[1:]}
    assert rows["items"] == "7" and rows["lists kept for later pages"] == "9" and rows["contexts"] == "3"


def test_doctor_warns_from_eighty_percent_on(shop, stand):
    shop.items("a", "b", "c", "d")
    shop.limit("--items", "5", "--contexts", "5")
    said = stand.tool.run("doctor", check=False).stdout
    assert f"warn  quota of {shop.key}: 4 of 5 items, 80 %\n      fix: palate tenant limit {shop.key}" in said
    assert f"ok    quota of {shop.key}: 0 of 5 contexts, 0 %" in said
    shop.limit("--items", "0", "--contexts", "0")
