"""Training in slices from the database, where events and items go on changing in between."""
import random
import time

import pytest

from harness import catalogue

TENANT = "slices"


def body(path):
    """The bytes behind the header, which holds moment and generation."""
    data = path.read_bytes()
    return data[int.from_bytes(data[16:20], "little"):]


def purchases(users, seed):
    draw = random.Random(seed)
    ids, now = sorted(catalogue.ITEMS), int(time.time())
    return [(f"buyer-{seed}-{user}", ids[(user * 7 + int(12 * draw.random() ** 2)) % len(ids)], now - 3600 - draw.randrange(80 * catalogue.DAY))
            for user in range(users) for _ in range(8)]


@pytest.fixture
def files(stand, tmp_path):
    """Where the model and the state of a tenant with many events are."""
    tmp_path.chmod(0o755)
    stand.tool.tenant(TENANT)
    stand.tool.items(TENANT, catalogue.write_items(tmp_path / "items.jsonl"))
    stand.tool.events(TENANT, catalogue.write_events(tmp_path / "events.csv", purchases(300, 1)))
    number = stand.database.execute("SELECT tenant_id FROM palate.tenants WHERE tenant_key = %s", TENANT)[0][0]
    yield stand.models / f"tenant-{number}.palate", stand.models / f"tenant-{number}.state"
    stand.tool.run("tenant", "disable", TENANT)


def run_slice(stand, state, budget="1s"):
    said = stand.tool.run("train", "--tenant", TENANT, "--time-budget", budget).stdout
    assert said.startswith(f"{TENANT}: not done yet: at ") == state.exists(), said
    return said


def test_slices_give_the_model_of_when_they_began(stand, files, tmp_path):
    model, state = files
    stand.tool.train(TENANT)
    whole, before = body(model), model.read_bytes()
    slices = 1
    run_slice(stand, state, "1ms")  # which is over on the fastest machine before the second piece
    assert state.exists() and model.read_bytes() == before
    assert state.stat().st_mode & 0o777 == 0o600
    stand.tool.events(TENANT, catalogue.write_events(tmp_path / "more.csv", purchases(50, 2)))
    first = catalogue.items()[0]
    stand.tool.items(TENANT, catalogue.write_items(tmp_path / "changed.jsonl", [{**first, "name": "Another name"}]))
    while state.exists():
        slices += 1
        assert slices < 200
        run_slice(stand, state)
    assert slices > 1
    assert body(model) == whole and model.read_bytes() != before
    stand.tool.train(TENANT)
    assert body(model) != whole


def test_another_training_ends_the_state(stand, tmp_path):
    """Else a model of older inputs would take the place of a newer one."""
    rows = stand.database.execute("SELECT tenant_id FROM palate.tenants WHERE tenant_key = %s", TENANT)
    if not rows:
        pytest.skip("runs behind the test above")
    model, state = (stand.models / f"tenant-{rows[0][0]}.{ending}" for ending in ("palate", "state"))
    stand.tool.run("tenant", "enable", TENANT)
    try:
        run_slice(stand, state, "1ms")
        assert state.exists()
        stand.tool.events(TENANT, catalogue.write_events(tmp_path / "late.csv", purchases(60, 3)))
        stand.tool.train(TENANT)
        newest = body(model)
        slices = 0
        while state.exists():
            slices += 1
            assert slices < 200
            run_slice(stand, state)
        assert body(model) == newest
    finally:
        stand.tool.run("tenant", "disable", TENANT)
