"""What changed since the model is shared by workers in delta files: answers are those of a worker that has none, which reads all of it
from the database."""
import os
import random

import pytest

from harness.client import Api
from harness.stand import Front
from harness.tokens import BOTH

CLIENT = "deltas-{}"
WORDS = ["lamp", "kettle", "mug", "chair", "lantern", "damp", "guitar", "birch", "oak", "red"]
QUERIES = ["lamp", "lam", "kettel", "mug1", "x-7", "books", "red", "gui"]


@pytest.fixture(scope="module")
def plain_front(stand):
    """Without a state file, so without deltas."""
    front = Front(stand, "lighttpd", "plain-front", stand.configure("plain.conf", limits={}), workers=1)
    stand.fronts["plain-front", "lighttpd"] = front
    front.start()
    return front


@pytest.fixture(params=["trained", "untrained"])
def tenant(request, stand):
    """With a model and without; of its own, since items stay behind."""
    name = f"deltas-{request.param}"
    stand.tool.tenant(name)
    stand.tool.client(name, CLIENT.format(name))
    stand.tool.items(name, stand.root / "import" / "items.jsonl")
    stand.tool.events(name, stand.root / "import" / "change.csv")
    if request.param == "trained":
        stand.tool.train(name)
    return name


def make_items(draw, count):
    """New ones, and other contents for those of the model; each id once."""
    made = {}
    for _ in range(count):
        known = f"{draw.choice(['el', 'bo', 'ki', 'mu', 'to'])}-{draw.randrange(1, 11):02}"
        number = draw.randrange(200)
        item = known if draw.random() < 0.3 else f"x-{number}"
        made[item] = {"id": item, "name": f"{' '.join(draw.choices(WORDS, k=3))}{draw.randrange(20)}", "active": draw.random() > 0.1,
                      "description": " ".join(draw.choices(WORDS, k=8)),
                      "metadata": {"category": draw.choice(["books", "lamps"]), "price": draw.randrange(50), "tags": draw.choices(WORDS, k=2)}}
    return list(made.values())


def answers(api, seed):
    """To a few questions, the same for the same seed."""
    draw = random.Random(seed)
    told = []
    for _ in range(3):
        query = {"query": " ".join(draw.choices(QUERIES, k=draw.choice([1, 2]))), "limit": 50,
                 **draw.choice([{}, {"filter": "category:books"}, {"filter": "category:lamps"}, {"include_inactive": True}])}
        found = api.call("POST", "/v1/search", query)
        listed = api.call("GET", f"/v1/recommendations?type={draw.choice(['popular', 'trending', 'newest'])}&limit=50")
        assert found.status == listed.status == 200, (found, listed)
        told.append((query, found.json()["data"], [entry["item_id"] for entry in listed.json()["data"]]))
    return told


def test_answers_are_those_without_a_delta(stand, quick, plain_front, mint, tenant):
    draw = random.Random(tenant)
    shared, alone = (Api(front, mint(CLIENT.format(tenant), scope=BOTH)) for front in (quick, plain_front))
    before = {path.name: path.stat().st_ino for path in (stand.root / "state").glob("limits.delta-*")}
    for step in range(8):
        pushed = shared.call("POST", "/v1/items?on_conflict=update", make_items(draw, draw.choice([5, 60])))
        assert pushed.status == 200, pushed
        assert answers(shared, step) == answers(alone, step)
    deltas = [path for path in (stand.root / "state").glob("limits.delta-*") if before.get(path.name) != path.stat().st_ino]
    assert deltas, "no delta was written"
    for path in deltas:  # noise in the place of the good one, of the same user: found by its header, and not used
        noise, good = path.with_name("noise"), path.stat()
        noise.write_bytes(random.Random(1).randbytes(good.st_size))
        os.chown(noise, good.st_uid, good.st_gid)
        noise.rename(path)
    assert shared.call("POST", "/v1/items?on_conflict=update", make_items(draw, 5)).status == 200
    assert answers(shared, 99) == answers(alone, 99)
