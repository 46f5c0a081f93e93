"""`make fault` in short, for every day: each cause at a small scale, with the sanitizer build. The whole is tests/fault/run."""
import sys
from pathlib import Path

import pytest

FAULT = Path(__file__).resolve().parent
sys.path[:0] = [str(FAULT), str(FAULT.parent / "api")]

from email.message import Message  # noqa: E402

from faults import load, play, scenarios  # noqa: E402
from faults.world import World  # noqa: E402
from harness.client import Answer  # noqa: E402

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


def test_connections_that_are_left_keep_nobody_out(world):
    """2,000 of them, beside junk, for two seconds: more than lighttpd has places for unless it is told, and then all wait for a minute."""
    outcome = play.play(world, "anonymous_flood", 0.005, lead=0.5, watch=0.5)
    assert outcome.notes["left_open"] == 2000 and outcome.notes["good_failed"] == 0 and not outcome.problems(), (outcome.notes, outcome.problems())
    assert outcome.notes["good_p99_ms"] < 5000, outcome.notes


@pytest.mark.parametrize("body", (b"", b"<!DOCTYPE HTML>"))
def test_the_web_servers_500_is_not_taken_for_a_workers(body):
    """mod_fcgid keeps X-Request-Id when a worker dies between its answer and the record that ends it."""
    headers = Message()
    headers["X-Request-Id"] = "r"
    load.check_worker(0, "GET", "/recommendations", Answer(500, headers, body))
    with pytest.raises(AssertionError):
        load.check_worker(0, "GET", "/recommendations", Answer(200, headers, body))
