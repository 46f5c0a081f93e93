"""A worker of the version before runs beside the new schema: an upgrade migrates first and replaces the workers after that.

The worker is built from the tag, in a checkout of its own, against the database that this version's tool has migrated. Where there
is no history there is nothing to build it from. With the next version the tag moves on, and what only the version before needed may go."""
import shutil
import subprocess

import pytest

from harness.client import Api
from harness.stand import CHECKOUT, Front
from harness.tokens import BOTH

TAG = "v0.1.0"
OLDER = "older-client"


@pytest.fixture(scope="module")
def older_worker(stand):
    """The worker of the version before, as its own Makefile makes it."""
    if not shutil.which("git") or subprocess.run(["git", "-C", CHECKOUT, "rev-parse", "--verify", "--quiet", f"{TAG}^{{commit}}"],
                                                 capture_output=True).returncode:
        pytest.skip(f"there is no history here to build {TAG} from")
    tree = stand.root / "older"
    tree.mkdir()
    archive = subprocess.run(["git", "-C", CHECKOUT, "archive", TAG], capture_output=True, check=True).stdout
    subprocess.run(["tar", "-x", "-C", tree], input=archive, check=True)
    built = subprocess.run(["make", "-s", "-j2", "-C", tree, "BUILD=build", "cgi-bin/palate.fcgi"], capture_output=True, text=True)
    assert built.returncode == 0, built.stderr
    return tree / "cgi-bin/palate.fcgi"


@pytest.fixture(scope="module")
def older_front(stand, older_worker):
    stand.tool.client("change", OLDER)
    stand.tool.context("change", 601, "older-rotating", {"rotation": {"hours": 1, "strength": 0.9}, "quantity": 5})
    # Without the settings that it does not know.
    front = Front(stand, "lighttpd", "older-front", stand.configure("older.conf", metrics={}, limits={"state_file": stand.root / "state/limits"}), workers=2)
    front.environment["PALATE_WORKER"] = str(older_worker)
    stand.fronts["older-front", "lighttpd"] = front
    front.start()
    return front


@pytest.fixture
def older(older_front, mint, monkeypatch):
    """The API through that worker, whose answers are those of its own document."""
    monkeypatch.setattr("harness.openapi.check", lambda *_: None)
    return Api(older_front, mint(OLDER, scope=BOTH))


@pytest.fixture
def newer(quick, mint):
    return Api(quick, mint(OLDER, scope=BOTH))


def good(answer):
    assert answer.status == 200, answer
    return answer.json()


def ids(answer):
    return [entry["item_id"] for entry in good(answer)["recommendations"]]


def test_recommendations_and_their_log(older, database):
    good(older.recommend({"browsing_history": ["el-01"]}, user_id="old-user", quantity=3, entity_type="Item"))
    user = older.recommendations(user_id="old-user", quantity=3)
    item = older.v1(user_id="el-01", entity_type="Item", limit=3)
    assert len(ids(user)) == 3 and good(item)["data"]
    rows = database.execute("SELECT user_id, entity_type, COUNT(*) FROM sequences WHERE client_id = %s GROUP BY user_id, entity_type"
                            " ORDER BY user_id", OLDER)
    assert rows == (("el-01", "Item", 1), ("old-user", "User", 2)), "what it logs without a type gets the right one"


def test_both_versions_rotate_by_what_both_have_shown(older, newer):
    lists = [set(ids(api.recommendations(user_id="old-and-new", context_id=601))) for api in (older, newer, older)]
    assert not lists[0] & lists[1] and not lists[1] & lists[2] and not lists[0] & lists[2]


def test_events_of_either_count_in_both(older, newer):
    good(older.call("POST", "/v1/events", [{"user_id": "old-events", "item_id": "el-01", "type": "purchase", "occurred_at": 1700000000}]))
    good(newer.call("POST", "/v1/events", [{"user_id": "old-events", "item_id": "el-02", "type": "purchase", "occurred_at": 1700000001}]))
    for api in (older, newer):
        assert {event["item_id"] for event in good(api.call("GET", "/v1/events?user_id=old-events"))["data"]} == {"el-01", "el-02"}
        assert not {"el-01", "el-02"} & set(ids(api.recommendations(user_id="old-events", quantity=100)))


def test_items_of_either_are_seen_by_both(older, newer):
    for api, name in ((older, "written-by-old"), (newer, "written-by-new")):
        good(api.call("POST", "/v1/items", [{"id": name, "name": f"Zebrafinch {name}", "metadata": {"category": "garden"}}]))
        for reader in (older, newer):
            assert good(reader.call("GET", f"/v1/items/{name}"))["name"] == f"Zebrafinch {name}"
            assert name in [item["id"] for item in good(reader.call("GET", f"/v1/items?limit=1&starting_after={name[:-1]}"))["data"]]
            assert name in [item["id"] for item in good(reader.call("POST", "/v1/search", {"query": "zebrafinch"}))["data"]]
    good(older.call("PATCH", "/v1/items/written-by-new", {"name": "Kiwi"}))
    assert good(newer.call("GET", "/v1/items/written-by-new"))["name"] == "Kiwi"
    for name in ("written-by-old", "written-by-new"):
        good(older.call("DELETE", f"/v1/items/{name}"))
        assert newer.call("GET", f"/v1/items/{name}").status == 404


def test_its_search_by_words_still_answers(older):
    good(older.call("POST", "/v1/items", [{"id": "old-words", "name": "Axolotl lamp"}]))
    assert [item["id"] for item in good(older.call("GET", "/v1/items/search?q=axolotl"))["items"]] == ["old-words"]
    good(older.call("DELETE", "/v1/items/old-words"))
