"""What somebody did stays known, however much was shown or looked at since; and one robot does not decide what is popular."""
import random
import uuid

import pytest

from harness.client import Api
from harness.shapes import check_v1_recommendations
from harness.catalogue import write_items
from harness.tokens import BOTH

ITEMS = [f"h{number:03d}" for number in range(320)]


@pytest.fixture(scope="module")
def history_shop(stand):
    stand.tool.tenant("histories")
    stand.tool.client("histories", "histories-client")
    stand.tool.items("histories", write_items(stand.root / "import" / "histories.jsonl", [{"id": item, "name": f"Thing {item}"} for item in ITEMS]))


@pytest.fixture
def shop(history_shop, quick, mint):
    return Api(quick, mint("histories-client", scope=BOTH))


@pytest.fixture
def user():
    return f"h-{uuid.uuid4()}"


def send(shop, events):
    for first in range(0, len(events), 200):
        assert shop.call("POST", "/v1/events", events[first:first + 200]).json()["inserted"] >= len(events[first:first + 200])


def shown(shop, user, items, **more):
    found = set()
    for item in items:
        body = check_v1_recommendations(shop.call("POST", "/v1/recommendations", {"user_id": user, "filter": f"id={item}", **more}))
        found |= {entry["id"] for entry in body["data"]}
    return found


def events(user, kind, items, at=1717200000):
    return [{"user_id": user, "item_id": item, "type": kind, "occurred_at": at + number} for number, item in enumerate(items)]


@pytest.mark.parametrize("later", ["impressions", "views", "searches"])
def test_what_was_bought_stays_known(shop, user, later):
    bought = ITEMS[:5]
    send(shop, events(user, "purchase", bought))
    if later == "searches":
        send(shop, [{"user_id": user, "query": "thing", "result_item_ids": ITEMS[100:200]}, {"user_id": user, "query": "things", "result_item_ids": ITEMS[200:300]}])
    else:
        send(shop, events(user, later[:-1], ITEMS[10:310] * 2, 1717300000))
    assert shown(shop, user, bought) == set()
    assert shown(shop, user, ITEMS[300:303]) == set(ITEMS[300:303])


def test_impressions_are_no_history(shop, user):
    send(shop, events(user, "impression", ITEMS[:30]))
    body = check_v1_recommendations(shop.call("POST", "/v1/recommendations", {"user_id": user}))
    assert body["cold_start_fallback_used"] is True


def test_what_weighs_more_than_a_view_has_a_window_of_its_own(shop, user):
    liked = ITEMS[7]
    send(shop, events(user, "like", [liked]) + events(user, "view", ITEMS[10:310], 1717300000))
    answer = shop.call("POST", "/v1/explain", {"user_id": user, "item_id": ITEMS[8]}).json()
    assert "201 of" in str(answer) or any("201" in stage["note"] for stage in answer["pipeline_stages"])


def test_the_whole_window_counts_as_viewed(shop, user, stand, tmp_path):
    first = ITEMS[3]
    path = tmp_path / "many.csv"
    path.write_text("user_id,item_id,type,occurred_at\n" + f"{user},{first},view,1600000000\n"
                    + "".join(f"{user},{ITEMS[10 + number % 5]},view,{1600000100 + number}\n" for number in range(11000)))
    stand.tool.events("histories", path)
    assert shown(shop, user, [first]) == {first}
    assert shown(shop, user, [first], exclude_viewed=True) == set()


def test_what_was_only_shown_counts_as_viewed_when_a_context_says_so(shop, user, stand):
    send(shop, events(user, "impression", ITEMS[:3]) + events(user, "view", ITEMS[3:4]))
    assert shown(shop, user, ITEMS[:4], exclude_viewed=True) == set(ITEMS[:3])
    assert shown(shop, user, ITEMS[:4], exclude_viewed={"unit": "all time", "impressions": True}) == set()
    stand.tool.context("histories", 7, "shown-counts", {"exclude_viewed_items": {"unit": "all time", "impressions": True}})
    assert shown(shop, user, ITEMS[:4], context_id=7) == set()


def test_one_robot_does_not_decide_what_is_popular(shop, stand, tmp_path):
    """Before a training, from the newest events, and behind it."""
    rows = [f"human{number},{ITEMS[20 + number % 2]},purchase,{1793000000 + number * 1000}" for number in range(60)]
    rows += [f"robot,{ITEMS[30]},view,{1793000000 + number * 20}" for number in range(1500)]
    (tmp_path / "robot.csv").write_text("user_id,item_id,type,occurred_at\n" + "\n".join(rows) + "\n")
    stand.tool.events("histories", tmp_path / "robot.csv")
    stand.tool.train("histories")
    for template in ("popular", "trending"):
        body = {"sequence_data": {}, "task": "t", "template": template, "quantity": 3}
        results = [entry["item_id"] for entry in shop.call("POST", "/api/recommend/recommend", body).json()["results"]]
        assert set(results[:2]) == {ITEMS[20], ITEMS[21]}, results


def test_what_was_bought_stays_known_behind_many_impressions(shop, user, stand, tmp_path):
    send(shop, events(user, "purchase", ITEMS[:5]))
    rows = "".join(f"{user},{ITEMS[10 + number % 300]},impression,{1717300000 + number}\n" for number in range(11000))
    (tmp_path / "shown.csv").write_text("user_id,item_id,type,occurred_at\n" + rows)
    stand.tool.events("histories", tmp_path / "shown.csv")
    assert shown(shop, user, ITEMS[:5]) == set() and shown(shop, user, ITEMS[300:303]) == set(ITEMS[300:303])


def test_doctor_names_robots(shop, stand, tmp_path):
    rows = [f"crawler,{ITEMS[40]},view,{1793000000 + number * 100}" for number in range(2300)]
    rows += [f"burst,{ITEMS[41]},view,{1793000000 + number}" for number in range(2001)]
    rows += [f"looker,{ITEMS[42]},impression,{1793000000 + number}" for number in range(2500)]
    rows += [f"busy,{ITEMS[43]},purchase,{1793000000 + number * 40}" for number in range(900)]
    (tmp_path / "rates.csv").write_text("user_id,item_id,type,occurred_at\n" + "\n".join(rows) + "\n")
    stand.tool.events("histories", tmp_path / "rates.csv")
    line = next(line for line in stand.tool.run("doctor", check=False).stdout.splitlines() if "robots of histories" in line)
    assert line.startswith("warn  ") and "crawler (864)" in line and "burst (2,001)" in line
    assert "looker" not in line and "busy" not in line


def kinds_of(number):
    """The events of a user, the oldest first: few and many, of one kind and of several, with one item often and with many once."""
    views, carts, bought = (number * 7) % 50, (number * 5) % 30, (number * 3) % 40
    if number % 3 == 0:
        views, carts, bought = 30 * (number % 12), 25 * (number % 11), 40 * (number % 8)
    kinds = ["view"] * views + ["add_to_cart"] * carts + ["purchase"] * bought
    draw = random.Random(number)
    draw.shuffle(kinds)
    return [(kind, f"r{draw.randrange(120) if number % 2 else draw.randrange(300):03d}") for kind in kinds]


def test_live_lists_are_those_of_files(stand, quick, mint, tmp_path):
    """One history and one ranking: user by user, some of them with several hundred events."""
    stand.tool.tenant("one-ranking")
    stand.tool.client("one-ranking", "one-ranking-client")
    stand.tool.items("one-ranking", write_items(tmp_path / "items.jsonl", [{"id": f"r{n:03d}", "name": f"Thing {n}"} for n in range(300)]))
    users = {f"r-{number}": kinds_of(number) for number in range(24)}
    assert sum(len(rows) > 200 for rows in users.values()) >= 5
    assert sum(sum(kind == "purchase" for kind, _ in rows) > 200 for rows in users.values()) >= 2
    rows = [f"{user},{item},{kind},{1717200000 + place * 7200}" for user, events in users.items() for place, (kind, item) in enumerate(events)]
    (tmp_path / "events.csv").write_text("user_id,item_id,type,occurred_at\n" + "\n".join(rows) + "\n")
    (tmp_path / "users.txt").write_text("".join(f"{user}\n" for user in users))
    stand.tool.events("one-ranking", tmp_path / "events.csv")
    said = stand.tool.run("train", "--tenant", "one-ranking").stdout
    model = next(word for line in said.splitlines() for word in line.replace(":", " ").split() if word.endswith(".palate"))
    stand.tool.run("recommend", "--model", model, "--events", tmp_path / "events.csv", "--users", tmp_path / "users.txt",
                   "--output", tmp_path / "lists.txt")
    of_files = {line.split()[0]: line.split()[1:] for line in (tmp_path / "lists.txt").read_text().splitlines()}
    api = Api(quick, mint("one-ranking-client", scope=BOTH))
    for user, events in users.items():
        live = api.call("POST", "/v1/recommendations", {"user_id": user, "exclude_viewed": True, "quantity": 20}).json()["data"]
        assert [entry["id"] for entry in live] == of_files[user], (user, len(events))
        bought = api.call("POST", "/v1/recommendations", {"user_id": user, "quantity": 100}).json()["data"]
        assert not {entry["id"] for entry in bought} & {item for kind, item in events if kind == "purchase"}, user
