"""Plays one scenario: load, cause, quiet, audit. And makes the figures of many."""
import random
import time
from collections import Counter

from faults.audit import VIOLATIONS, Marks, audit, recovery
from faults.client import Load
from faults.report import figure
from faults.scenarios import SCENARIOS, Scene
import faults.galera  # noqa: F401  more scenarios
import faults.junk  # noqa: F401

LEAD, WATCH = 1.0, 3.0  # seconds of load before a cause and after its end
RECOVERY_BOUND = 1.0
# breaker_open_s and timeout_ms of the configuration, 1 + 0.4, since a try that began just before the end may still fail; the rest is the
# machine's.
BREAKER_BOUND = 2.0
# Of the figures that a cause notes, by the end of their names.
# The first that fits: one worker grows by a body of 6 MB at most and 8 MiB.
NOTE_BOUNDS = {"workers_left": "<= 0", "files_left": "<= 0", "p99_times": "<= 3", "largest_growth_mib": "<= 14", "growth_mib": "<= 64",
               "answered_otherwise": "<= 0", "cluster_lost": "<= 0", "cluster_halves": "<= 0", "cluster_twice": "<= 0", "cluster_stale": "<= 0",
               "cluster_errors": "<= 0", "good_failed": "<= 0", "good_p99_ms": "<= 250"}


class Outcome:
    """What came of a scenario. start, end, begin, ends: CLOCK_MONOTONIC; records: of the client; report: of the audit."""

    def __init__(self, name, scene, start, end, records, report, margin):
        self.name, self.start, self.end, self.begin, self.ends = name, start, end, scene.begin, scene.ends
        self.records, self.report, self.notes = records, report, scene.notes
        self.recovery, self.slowest = recovery(records, self.ends, margin)
        self.margin = margin

    def violations(self):
        return sum(self.report[name] for name in VIOLATIONS)

    def spans(self):
        """When the cause was at work, as far as its ends tell: from its begin, or two seconds after the end before, to each end."""
        spans, begin = [], self.begin
        for end in self.ends:
            spans.append((min(begin, end), end))
            begin = end + self.margin
        return spans

    def problems(self):
        """In words, for whoever has to look."""
        found = [f"{name}: {self.report[name]}" for name in VIOLATIONS if self.report[name]]
        for why, count in Counter(record["why"] for record in self.records if record["outcome"] == "wrong").most_common(3):
            found.append(f"{count} times wrong: {why[:400]}")
        if self.report["unanswered"] > self.report["lost"]:
            found.append("more rows without an answer than answers lost")
        return found


def play(world, name, scale, lead=LEAD, watch=WATCH):
    function, options = SCENARIOS[name]
    chance = random.Random(f"{world.seed} {name}")
    fronts = options["fronts"](world) if "fronts" in options else world.ports()
    margin = options.get("margin", WATCH)
    marks = Marks(world)
    start = time.monotonic()
    with Load(world, name, fronts, options.get("kinds"), options.get("allowed", ()), options.get("rate")) as load:
        time.sleep(lead)
        scene = Scene(world, load, scale, chance)
        function(scene)
        time.sleep(options.get("watch", watch))
        end = time.monotonic()
        load.stop()
    records = load.records() + scene.extra
    return Outcome(name, scene, start, end, records, audit(world, marks, records), margin)


def figures_of(outcomes, memory_before, memory_after, growth):
    """The list that results/latest.json holds. growth: MiB, of the private memory of eight workers through all causes."""
    total = Counter()
    for outcome in outcomes:
        total.update(outcome.report)
    figures = [figure("requests", total["requests"], "requests"), figure("answers", total["ok"], "answers"),
               figure("refused", total["refused"], "answers"),
               figure("lost", total["lost"], "answers"),
               figure("unanswered", total["unanswered"], "row pairs", f"<= {total['lost']}"),
               figure("writes", total["writes"], "writes"),
               figure("repeated", total["repeated"], "writes sent again")]
    figures += [figure(f"violations.{name}", total[name], "cases", "<= 0") for name in VIOLATIONS]
    for outcome in outcomes:
        for key, value in outcome.notes.items():
            bound = next((bound for end, bound in NOTE_BOUNDS.items() if key.endswith(end)), None)
            figures.append(figure(f"{outcome.name}.{key}", value, "", bound))
        for front, seconds in outcome.recovery.items():
            if outcome.ends:
                bound = BREAKER_BOUND if front == "breaker" else RECOVERY_BOUND
                figures.append(figure(f"{outcome.name}.recovery.{front}", round(seconds, 3), "s", f"<= {bound}"))
                figures.append(figure(f"{outcome.name}.slowest_after.{front}", round(outcome.slowest[front], 3), "s"))
    for name, memory in (("before", memory_before), ("after", memory_after)):
        pss = sorted(kib for kib, _ in memory.values())
        figures.append(figure(f"memory.pss_median_{name}", round(pss[len(pss) // 2] / 1024, 2), "MiB"))
        figures.append(figure(f"memory.pss_largest_{name}", round(pss[-1] / 1024, 2), "MiB", "<= 12" if name == "after" else None))
        figures.append(figure(f"descriptors.largest_{name}", max(files for _, files in memory.values()), "files", "<= 16"))
    figures.append(figure("memory.private_growth_of_8", round(growth, 1), "MiB", "<= 64"))
    return figures
