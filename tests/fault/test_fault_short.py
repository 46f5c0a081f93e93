"""`make fault` in short, for every day: each cause at a small scale, with the sanitizer build. The whole is tests/fault/run."""
import sys
from pathlib import Path

import pytest

FAULT = Path(__file__).resolve().parent
sys.path[:0] = [str(FAULT), str(FAULT.parent / "api")]

from faults import play, scenarios  # noqa: E402
from faults.world import World  # noqa: E402

SCALE = 0.02
# The rest lasts too long for every day, or repeats in many steps what tests/api looks at one by one.
SHORT = ("kill_workers", "kill_writers", "end_workers", "kill_web_server", "kill_database", "stop_database", "cut_connections", "deadlocks", "full_model_disk",
         "swapped_models", "remote_hangs", "remote_sends_wrong_scores", "early_closers")


@pytest.fixture(scope="module")
def world():
    made = World(rate=60, clients=8)
    try:
        yield made
    finally:
        made.close()


@pytest.mark.parametrize("name", SHORT)
def test_every_answer_has_its_rows_and_nothing_else_has(world, name):
    try:
        outcome = play.play(world, name, SCALE, lead=0.5, watch=1.5)
    except scenarios.Skip as reason:
        pytest.skip(str(reason))
    assert outcome.report["ok"] > 0
    assert not outcome.problems(), (outcome.problems(), dict(outcome.report))
