"""Training in slices from the database, where events and items go on changing in between."""
import contextlib
import random
import signal
import subprocess
import time

import pytest

from harness import catalogue
from harness.stand import BUILD, wait_until

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


# ---- A training whose connection lies idle, or is lost


@pytest.fixture(scope="module")
def idle_shop(stand):
    stand.tool.tenant("paused")
    stand.tool.items("paused", catalogue.write_items(stand.root / "import/paused.jsonl"))
    yield
    stand.tool.run("tenant", "disable", "paused")


@pytest.fixture
def paused_training(stand, database, idle_shop):
    """A training of its own tenant that has its locks and then stands still, as one that computes for long does."""
    @contextlib.contextmanager
    def begin():
        with database.locked("models"):
            training = subprocess.Popen([BUILD / "palate", "train", "--tenant", "paused"], env=stand.environment, text=True,
                                        stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            wait_until(lambda: tool_connections(database, "%generation%"), 10, "it waits for the table of models")
            training.send_signal(signal.SIGSTOP)
        try:
            yield training
        finally:
            training.send_signal(signal.SIGCONT)
            training.communicate(timeout=60)
    return begin


def tool_connections(database, statement="%"):
    rows = database.execute("SELECT id FROM information_schema.processlist WHERE user = 'palate_tool' AND COALESCE(info, '') LIKE %s",
                            statement)
    return [row[0] for row in rows]


def test_a_training_outlives_a_server_that_drops_idle_connections(stand, database, paused_training):
    database.execute("SET GLOBAL wait_timeout = 1")
    try:
        with paused_training() as training:
            time.sleep(2.2)
            assert tool_connections(database)
    finally:
        database.execute("SET GLOBAL wait_timeout = DEFAULT")
    assert training.returncode == 0
    assert database.execute("SELECT COUNT(*) FROM models WHERE tenant_id = %s", stand.tenant_id("paused")) == ((1,),)


def test_a_second_training_is_refused_though_the_first_has_lost_its_connection(stand, database, paused_training):
    with paused_training():
        for number in tool_connections(database):
            database.execute(f"KILL CONNECTION {number}")
        wait_until(lambda: not tool_connections(database), 5, "the lock in the database is gone")
        second = stand.tool.run("train", "--tenant", "paused", check=False)
        assert second.returncode == 1 and "another `palate train` is at work on the tenant paused" in second.stderr
    stand.tool.train("paused")
