"""Workers over time: signals, lost connections, models that come and go, and changes that must show at once."""
import os
import shutil
import signal
import subprocess
import time
import uuid

import pytest

from harness import catalogue
from harness.catalogue import ITEMS, PAIRS, POPULAR, TRENDING
from harness.client import Api
from harness.shapes import check_headers, check_plain_error, check_recommend_answer, check_recommendations_answer
from harness.stand import BUILD, wait_until
from test_transactions import blocked, in_background

ROUNDS = 10  # answers looked at where every worker must agree


def ids(answer):
    return [entry["item_id"] for entry in check_recommendations_answer(answer)["recommendations"]]


@pytest.fixture
def pooled(pool, mint):
    return Api(pool, mint())


@pytest.fixture
def changing(quick, mint):
    """The API of the tenant whose catalogue may be changed."""
    return Api(quick, mint("change-client"))


# ---- Signals


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGUSR1, signal.SIGHUP])
def test_a_signal_ends_idle_workers_within_a_second(pooled, number):
    check_recommendations_answer(pooled.recommendations(user_id="u"))
    old = pooled.front.workers()
    assert old
    time.sleep(0.3)
    pooled.front.signal_workers(number, old)
    wait_until(lambda: not set(old) & set(pooled.front.workers()), 1.5, "idle workers end")
    pooled.front.settle()
    check_recommendations_answer(pooled.recommendations(user_id="u"))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGUSR1, signal.SIGHUP])
def test_a_signal_lets_a_busy_worker_finish(pooled, database, one_row_each, number):
    with database.locked("decisions"):
        future = in_background(pooled.recommendations)
        blocked(database)
        old = pooled.front.workers()
        pooled.front.signal_workers(number, old)
        wait_until(lambda: len(set(old) & set(pooled.front.workers())) <= 1, 1.5, "the idle workers end")
        assert len(set(old) & set(pooled.front.workers())) == 1, "the busy one stays"
    check_recommendations_answer(future.result())
    wait_until(lambda: not set(old) & set(pooled.front.workers()), 1.5, "the worker ends after its answer")
    pooled.front.settle()
    one_row_each(1)


def test_a_worker_that_ends_answers_first_what_is_in_its_queue(stand, mint, database):
    """lighttpd has put requests into the queue of its only worker, which is at work when it is told to end."""
    api = Api(stand.front("lighttpd", "queue", workers=1), mint())
    check_recommendations_answer(api.recommendations(user_id="u"))
    with database.locked("decisions"):
        futures = [in_background(api.recommendations)]
        blocked(database)
        futures += [in_background(api.recommendations) for _ in range(5)]
        time.sleep(0.3)
        old = api.front.workers()
        api.front.signal_workers(signal.SIGTERM, old)
    for future in futures:
        check_recommendations_answer(future.result())
    wait_until(lambda: not set(old) & set(api.front.workers()), 1.5, "the worker ends")
    api.front.settle()
    check_recommendations_answer(api.recommendations(user_id="u"))


def test_the_worker_takes_no_orders_from_its_arguments(stand):
    """A query without = becomes arguments of a CGI program (RFC 3875, 4.4)."""
    plain = stand.run_cgi(REQUEST_URI="/nowhere")
    for arguments in (["--help"], ["--config", "/etc/passwd"], ["-d", "x", "--version"]):
        answer = stand.run_cgi(*arguments, REQUEST_URI="/nowhere?" + "+".join(arguments))
        check_plain_error(answer, "not_found")
        assert answer.json() == plain.json()


def test_a_worker_without_a_usable_configuration_answers_nothing_good(stand):
    for path in ("/nonexistent/palate.conf", str(stand.root)):
        environment = {"PATH": "/usr/bin:/bin", "GATEWAY_INTERFACE": "CGI/1.1", "REQUEST_METHOD": "GET", "REQUEST_URI": "/recommendations",
                       "SERVER_PROTOCOL": "HTTP/1.1", "PALATE_CONFIG": path}
        result = subprocess.run([BUILD / "palate.fcgi"], env=environment, stdin=subprocess.DEVNULL, capture_output=True, timeout=30)
        assert path.encode() in result.stderr, "the log names the file"
        assert b"Status: 200" not in result.stdout
        assert result.returncode != 0 or b"Status: 500" in result.stdout


# ---- Connections


def test_lost_idle_connections_are_replaced_unnoticed(pooled, database, one_row_each):
    for _ in range(ROUNDS):
        check_recommendations_answer(pooled.recommendations(user_id="u"))
    for _ in range(3):
        assert database.kill_connections()
        for _ in range(ROUNDS):
            check_recommendations_answer(pooled.recommendations(user_id="u"))
            check_recommend_answer(pooled.recommend())
    one_row_each(ROUNDS + 3 * 2 * ROUNDS)


# ---- Read your writes: events


def test_an_event_counts_in_the_next_answer(everywhere, shopper):
    order = ids(everywhere.recommendations(user_id=shopper.id, quantity=100))
    assert "el-01" in order
    shopper.did("view", PAIRS[0][0], ago=1)
    assert [item for item in ids(everywhere.recommendations(user_id=shopper.id)) if item != PAIRS[0][0]][0] == PAIRS[0][1]
    shopper.did("purchase", PAIRS[0][1], ago=0)
    assert PAIRS[0][1] not in ids(everywhere.recommendations(user_id=shopper.id, quantity=100))


def test_imported_events_count_in_the_next_answer(pooled, stand):
    user = f"imported-{uuid.uuid4()}"
    assert "ga-01" in ids(pooled.recommendations(user_id=user, quantity=100))
    stand.tool.events("alpha", catalogue.write_events(stand.root / "import/more.csv", [(user, "ga-01", time.time() - 5)]))
    for _ in range(ROUNDS):
        order = ids(pooled.recommendations(user_id=user, quantity=100))
        assert "ga-01" not in order and order[0] == "ga-02"


def test_a_purchase_is_known_behind_200_newer_events(api, shopper):
    shopper.did("purchase", "el-01", ago=10_000_000)
    for number in range(200):
        shopper.did("view", "bo-02" if number % 2 else "bo-03", ago=1000 + number)
    assert "el-01" not in ids(api.recommendations(user_id=shopper.id, quantity=100))
    shopper.did("purchase", "el-02", ago=0)
    assert "el-02" not in ids(api.recommendations(user_id=shopper.id, quantity=100))


# ---- Read your writes: items


def change(stand, *rows):
    stand.tool.items("change", catalogue.write_items(stand.root / "import/change.jsonl", list(rows)))


def seen(api, item, **query):
    """The entry of an item in a full list, None when it is not there."""
    entries = check_recommendations_answer(api.recommendations(user_id="u", quantity=100, **query))["recommendations"]
    return next((entry for entry in entries if entry["item_id"] == item), None)


def test_a_deactivated_item_is_gone_and_comes_back(changing, stand):
    item = ITEMS["ki-05"]
    for active in (False, True, False, True):
        change(stand, {**item, "active": active})
        for _ in range(ROUNDS):
            assert (seen(changing, "ki-05") is not None) is active


def test_a_changed_item_is_shown_as_it_is_now(changing, stand):
    change(stand, {**ITEMS["ki-06"], "name": "Renamed", "description": "anew", "metadata": {"category": "moved", "price": 123.5}})
    for _ in range(ROUNDS):
        entry = seen(changing, "ki-06")
        assert (entry["name"], entry["description"]) == ("Renamed", "anew")
        assert entry["item"]["metadata"]["price"] == 123.5 and "brand" not in entry["item"]["metadata"]


def test_filters_see_changed_items_as_they_are_now(changing, stand):
    change(stand, {**ITEMS["ki-07"], "metadata": {"category": "moved here", "price": 77}})
    for _ in range(ROUNDS):
        preferences = {"categories": ["moved here"], "strict": True}
        results = check_recommend_answer(changing.recommend({"customer_preferences": preferences}))
        assert [result["item_id"] for result in results] == ["ki-07"]
        preferences = {"categories": ["kitchen"], "strict": True}
        results = check_recommend_answer(changing.recommend({"customer_preferences": preferences}, quantity=100))
        assert "ki-07" not in [result["item_id"] for result in results]


def test_a_new_item_can_be_recommended_at_once(changing, stand):
    time.sleep(1.1)  # the catalogue's age has seconds
    new = f"new-{uuid.uuid4()}"
    change(stand, {"id": new, "name": "Trumpet 99", "description": "A trumpet for novelties", "metadata": {"category": "novelties"}})
    for _ in range(ROUNDS):
        results = check_recommend_answer(changing.recommend(template="new"))
        assert results[0]["item_id"] == new
    assert seen(changing, new) is not None
    # By its content, too: somebody who looked at it gets the one that is worded alike.
    twin = f"twin-{uuid.uuid4()}"
    change(stand, {"id": twin, "name": "Trumpet 98", "description": "A trumpet for novelties", "metadata": {"category": "novelties"}})
    results = check_recommend_answer(changing.recommend({"browsing_history": [new]}, template="similar"))
    assert results[0]["item_id"] == twin


def test_a_deleted_item_is_gone(changing, stand, database):
    number = stand.tenant_id("change")
    change(stand, {"id": "doomed", "name": "Doomed", "metadata": {"category": "toys"}})
    assert seen(changing, "doomed") is not None
    other = database.connect()
    other.begin()
    with other.cursor() as cursor:
        cursor.execute("UPDATE tenants SET catalogue_revision = catalogue_revision + 1 WHERE tenant_id = %s", (number,))
        cursor.execute("UPDATE items SET deleted = TRUE, revision = (SELECT catalogue_revision FROM tenants WHERE tenant_id = %s)"
                       " WHERE tenant_id = %s AND item_id = 'doomed'", (number, number))
    other.commit()
    other.close()
    for _ in range(ROUNDS):
        assert seen(changing, "doomed") is None


def test_changes_show_in_plain_cgi_as_well(stand, mint):
    api = Api(stand.front("apache-cgi"), mint("change-client"))
    change(stand, {**ITEMS["ki-08"], "active": False})
    assert seen(api, "ki-08") is None
    change(stand, {**ITEMS["ki-08"], "active": True})  # a file that does not say so would leave it off
    assert seen(api, "ki-08") is not None


# ---- Models


def generation(database, answer):
    check_recommendations_answer(answer)
    return database.execute("SELECT model_generation FROM decisions JOIN sequences USING (tenant_id, sequence_id) WHERE request_id = %s",
                            answer.request_id)[0][0]


def test_running_workers_pick_up_a_new_model(pooled, stand, database, mint):
    api = pooled.with_token(mint("change-client"))
    old = {generation(database, api.recommendations(user_id="u")) for _ in range(ROUNDS)}
    processes = set(pooled.front.workers())
    stand.tool.train("change")
    (newest,), = database.execute("SELECT MAX(generation) FROM models WHERE tenant_id = %s", stand.tenant_id("change"))
    assert len(old) == 1 and newest > old.pop()
    assert {generation(database, api.recommendations(user_id="u")) for _ in range(ROUNDS)} == {newest}
    assert processes & set(pooled.front.workers()), "without a new start"


def test_a_new_model_knows_what_has_been_bought_since(changing, stand):
    seed, partner = "mu-05", "el-08"
    before = check_recommend_answer(changing.recommend({"browsing_history": [seed]}))
    assert before[0]["item_id"] != partner
    rows = [(f"since-{buyer}", item, time.time() - 86400 * buyer - 60) for buyer in range(40) for item in (seed, partner)]
    stand.tool.events("change", catalogue.write_events(stand.root / "import/since.csv", sorted(rows, key=lambda row: row[2])))
    stand.tool.train("change")
    after = [result["item_id"] for result in check_recommend_answer(changing.recommend({"browsing_history": [seed]}))]
    assert [item for item in after if item != seed][0] == partner


def test_without_a_model_the_database_answers(everywhere, database, mint):
    api = everywhere.with_token(mint("bare-client"))
    assert generation(database, api.recommendations(user_id="u")) == 0
    assert set(ids(api.recommendations(user_id="u", quantity=100))) == set(ITEMS)
    results = [result["item_id"] for result in check_recommend_answer(api.recommend(template="popular"))]
    assert results[0] == POPULAR
    results = [result["item_id"] for result in check_recommend_answer(api.recommend(template="trending"))]
    assert results[0] == TRENDING
    check_recommendations_answer(api.recommendations(user_id="el-01", entity_type="Item"))
    preferences = {"categories": ["toys"], "strict": True}
    results = check_recommend_answer(api.recommend({"customer_preferences": preferences}, quantity=100))
    assert {result["item_id"] for result in results} == {item for item in ITEMS if item.startswith("to-")}


DAMAGE = {
    "empty": lambda data: b"",
    "one byte": lambda data: data[:1],
    "only its head": lambda data: data[:64],
    "half": lambda data: data[:len(data) // 2],
    "all but a byte": lambda data: data[:-1],
    "one byte more": lambda data: data + b"\0",
    "a flipped bit in its head": lambda data: data[:20] + bytes([data[20] ^ 1]) + data[21:],
    "zeros": lambda data: b"\0" * len(data),
    "all ones": lambda data: b"\xff" * len(data),
    "text": lambda data: b"this is no model\n" * 1000,
}


@pytest.fixture
def model_file(stand, database):
    """Path of the newest model of the tenant `change`; put back as it was afterwards."""
    (name,), = database.execute("SELECT file_name FROM models WHERE tenant_id = %s ORDER BY generation DESC LIMIT 1",
                                stand.tenant_id("change"))
    path = stand.models / name
    assert path.is_file()
    kept = path.read_bytes()
    yield path
    replace(path, kept)


def replace(path, data):
    """As careful writers do it: a mapped file is never changed in place."""
    new = path.with_name("test.tmp")
    new.write_bytes(data)
    new.chmod(0o644)
    shutil.copymode(path, new) if path.exists() else None
    os.rename(new, path)


@pytest.fixture
def fresh(stand, mint):
    """The API of the tenant `change` where each request has a process of its own, which maps the model anew."""
    return Api(stand.front("apache-cgi"), mint("change-client"))


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE.keys())
def test_a_damaged_model_is_refused_and_the_database_answers(fresh, model_file, database, one_row_each, damage):
    replace(model_file, damage(model_file.read_bytes()))
    answer = fresh.recommendations(user_id="u", quantity=100)
    assert generation(database, answer) == 0
    assert len(ids(answer)) > 50
    check_recommend_answer(fresh.recommend(template="popular"))
    one_row_each(2)


def test_no_flipped_bit_makes_a_worker_crash(fresh, model_file, stand):
    """Bodies are not summed up when they are mapped; whatever stands there must be survived. A crash would be Apache's HTML page."""
    kept = model_file.read_bytes()
    for number in range(60):
        at = (number * 2654435761 + 131) % len(kept)
        replace(model_file, kept[:at] + bytes([kept[at] ^ (1 << number % 8)]) + kept[at + 1:])
        answer = fresh.recommend({"browsing_history": ["el-01", "bo-01"]}, template=("personalized", "similar")[number % 2])
        check_headers(answer)
        assert answer.status in (200, 500), at


def test_another_tenants_model_is_refused(fresh, model_file, stand, database):
    (name,), = database.execute("SELECT file_name FROM models WHERE tenant_id = %s ORDER BY generation DESC LIMIT 1", stand.tenant_id("beta"))
    replace(model_file, (stand.models / name).read_bytes())
    body = check_recommendations_answer(fresh.recommendations(user_id="u", quantity=100))
    assert not [entry["name"] for entry in body["recommendations"] if entry["name"].startswith("Beta ")]


def test_a_missing_model_is_no_failure(fresh, model_file, database):
    kept = model_file.read_bytes()
    model_file.unlink()
    assert generation(database, fresh.recommendations(user_id="u")) == 0
    replace(model_file, kept)


def test_a_running_worker_keeps_its_model_when_the_file_is_damaged(changing, model_file, database):
    before = {generation(database, changing.recommendations(user_id="u")) for _ in range(ROUNDS)}
    replace(model_file, b"damaged")
    assert {generation(database, changing.recommendations(user_id="u")) for _ in range(ROUNDS)} == before


def test_after_the_damage_a_new_model_fixes_it(changing, model_file, stand, database):
    replace(model_file, b"damaged")
    changing.front.replace_workers()
    assert {generation(database, changing.recommendations(user_id="u")) for _ in range(ROUNDS)} == {0}
    stand.tool.train("change")
    (newest,), = database.execute("SELECT MAX(generation) FROM models WHERE tenant_id = %s", stand.tenant_id("change"))
    assert {generation(database, changing.recommendations(user_id="u")) for _ in range(ROUNDS)} == {newest}
