"""The cause "galera" of `make fault` in short, with the sanitizer build: a cluster whose nodes are missed sooner than by default."""
import sys
import time
from pathlib import Path

FAULT = Path(__file__).resolve().parent
sys.path[:0] = [str(FAULT), str(FAULT.parent / "api")]

from faults.cluster import QUICK  # noqa: E402
from faults.galera import MUST_BE_ZERO, Play, examples  # noqa: E402


def test_what_a_node_acknowledged_is_seen_by_all_and_outlives_it():
    """Without galera-4 this fails: `make packages FOR=check` brings it, and what nobody plays holds nowhere."""
    with Play(clients=6, workers=2, rest=0.05, timeouts=QUICK) as play:
        with play.clash():
            time.sleep(3)
        play.kill(0.5)
        play.lose_for_a_time(2, "frozen", 0.5)
        play.lose_for_a_time(3, "partitioned", 0.5)
        time.sleep(1)
        play.end_load()
        said = play.stand.tool.run("doctor", check=False).stdout
        assert "Galera cluster: 3 nodes, this is node-1" in said and said.count("is ready, as the node node-") == 3, said
        report = play.count()
        assert report["answers"] > 50
        assert not any(report[name] for name in MUST_BE_ZERO), (dict(report), examples(play))
        assert all(entry[2] in (200, 503) for entry in play.seen()), examples(play)
