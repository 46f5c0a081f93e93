"""Compares what the client saw with what MariaDB holds. Nothing is broken here; the load has ended before."""
import json
import time
from collections import Counter

from harness.stand import wait_until

from faults.load import LOST

DECIDES = ("post", "get", "filtered", "found", "lenient", "strict")


class Marks:
    """Where the logs stood, so that an audit reads only what has come since."""

    def __init__(self, world):
        execute = world.database.execute
        self.sequence, = execute("SELECT COALESCE(MAX(sequence_id), 0) FROM sequences")[0]
        self.decision, = execute("SELECT COALESCE(MAX(decision_id), 0) FROM decisions")[0]


def calm(world):
    """Waits until every worker waits for a request and none has a transaction open; returns how many did not come to that."""
    def stuck():
        rows = world.database.execute("SELECT COUNT(*) FROM information_schema.innodb_trx")
        return world.busy() or ([0] * rows[0][0])
    end = time.monotonic() + 20
    while (left := stuck()) and time.monotonic() < end:
        time.sleep(0.1)
    return len(left)


def logged(world, marks):
    """{request_id: [(sequence_id, decision_id or None, ids or None)]}, and the decisions without a sequence; of the load's tenant."""
    # Joined here: on statistics that have not caught up with the load MariaDB would compare every row with every other.
    answers = {}
    for tenant, sequence, decision, results in world.database.execute(
            "SELECT tenant_id, sequence_id, decision_id, results FROM decisions WHERE decision_id > %s AND tenant_id = %s",
            marks.decision, world.tenant):
        answers.setdefault((tenant, sequence), []).append((decision, [entry["item_id"] for entry in json.loads(results)]))
    found = {}
    for tenant, sequence, request in world.database.execute(
            "SELECT tenant_id, sequence_id, request_id FROM sequences WHERE sequence_id > %s AND tenant_id = %s", marks.sequence, world.tenant):
        for decision, ids in answers.pop((tenant, sequence), [(None, None)]):
            found.setdefault(request, []).append((sequence, decision, ids))
    return found, answers


def check_logs(world, marks, records):
    found, orphans = logged(world, marks)
    asked = {record["id"]: record for record in records}
    report = Counter()
    for record in records:
        rows = found.get(record["id"], [])
        if record["outcome"] == "ok" and record["kind"] in DECIDES:
            report["answers_logged_wrongly"] += len(rows) != 1 or rows[0][1] is None or rows[0][2] != record["ids"]
        elif record["outcome"] in LOST:
            report["lost"] += record["kind"] in DECIDES
            report["unanswered"] += len(rows)
            report["lost_twice"] += len(rows) > 1 or (bool(rows) and record["outcome"] == "unreached")
        else:
            report["rows_without_an_answer"] += len(rows)
    report["rows_without_a_request"] = sum(request not in asked for request in found)
    report["halves"] = sum(decision is None for rows in found.values() for _, decision, _ in rows)
    report["halves"] += sum(map(len, orphans.values()))
    report["rows"] = sum(map(len, found.values()))
    return report


def stored(world, table, column, keys):
    """How many rows each key has in a table; a few hundred keys a query."""
    counts = Counter()
    for at in range(0, len(keys), 500):
        some = keys[at:at + 500]
        rows = world.database.execute(f"SELECT {column}, COUNT(*) FROM {table} WHERE tenant_id = %s AND {column} IN ("
                                      + ", ".join(["%s"] * len(some)) + f") GROUP BY {column}", world.tenant, *some)
        counts.update(dict(rows))
    return counts


def check_writes(world, records):
    """A write may have been sent several times. Acknowledged once, all its rows are there, once each; lost, all or none; refused each
    time, none."""
    report = Counter()
    for kind, table, column in (("item", "items", "item_id"), ("event", "events", "user_id"), ("events", "events", "user_id")):
        tries = {}
        for record in records:
            if record["kind"] == kind:
                tries.setdefault(record["key"], []).append(record)
        counts = stored(world, table, column, list(tries))
        for key, sent in tries.items():
            size, outcomes = sent[0]["size"], {record["outcome"] for record in sent}
            report["repeated"] += len(sent) - 1
            if "ok" in outcomes:
                report["writes"] += 1
                report["writes_not_once"] += counts[key] != size
            elif outcomes & set(LOST):
                report["writes_lost"] += 1
                report["writes_not_once"] += counts[key] not in (0, size)
            else:
                report["writes_refused_but_kept"] += counts[key]
    return report


def check_series(world, records):
    """Batches that change the same items again and again: all of them carry the name that was last acknowledged, or all that of one sent
    whose outcome the client was not told."""
    report, series = Counter(), {}
    for record in records:
        if record["kind"] == "items":
            series.setdefault(record["series"], []).append(record)
    for name, sent in series.items():
        sent.sort(key=lambda record: record["begin"])
        good = [record["key"] for record in sent if record["outcome"] == "ok"]
        lost = {record["key"] for record in sent if record["outcome"] in LOST}
        rows = world.database.execute("SELECT name, COUNT(*) FROM items WHERE tenant_id = %s AND item_id LIKE %s AND NOT deleted"
                                      " GROUP BY name", world.tenant, f"{name}-__")
        report["writes"] += len(set(good))
        report["repeated"] += len(sent) - len({record["key"] for record in sent})
        allowed = [((key, sent[0]["size"]),) for key in {*good[-1:], *lost}]
        report["writes_not_once"] += len(rows) > 1 or (bool(good) and rows not in allowed)
    return report


VIOLATIONS = ("answers_logged_wrongly", "lost_twice", "rows_without_an_answer", "rows_without_a_request", "halves", "writes_not_once",
              "writes_refused_but_kept", "wrong", "stuck", "surplus_workers")


def surplus_workers(world):
    """Workers beyond their pool: those that a web server has forgotten."""
    def surplus():
        return sum(max(0, len(front.workers()) - front.pool) for front in world.fronts())
    try:
        wait_until(lambda: not surplus(), 5, "no worker too many")
    except AssertionError:
        pass
    return surplus()


def audit(world, marks, records):
    """Everything that must be 0 (VIOLATIONS), and what is counted beside it."""
    report = Counter({name: 0 for name in VIOLATIONS})
    report["stuck"] = calm(world)
    report.update(check_logs(world, marks, records))
    report.update(check_writes(world, records))
    report.update(check_series(world, records))
    outcomes = Counter(record["outcome"] for record in records)
    for name in ("ok", "wrong", "refused", *LOST):
        report[name] = outcomes[name]
    report["surplus_workers"] = surplus_workers(world)
    report["requests"] = len(records)
    return report


def recovery(records, ends, margin):
    """Seconds from each cause's end to its last trace: to the first good answer, or the start of the last request that began after the
    end and failed, whichever is later. Returns {front: the worst of all ends}, and {front: the slowest answer begun after an end}. Requests that want the
    remote recommender or nothing depend on its circuit breaker and stand under the name "breaker"."""
    worst, slowest = {}, {}
    groups = {}
    for record in records:
        if record["kind"] != "intruder" and record["front"] != "hand":
            groups.setdefault("breaker" if record["kind"] == "strict" else record["front"], []).append(record)
    for front, mine in sorted(groups.items()):
        for end in ends:
            after = [record for record in mine if end <= record["begin"] <= end + margin]
            good = [record["end"] - end for record in mine if record["outcome"] == "ok" and record["end"] >= end]
            # One that waited in the web server until the next cause struck is that one's.
            bad = [record["begin"] - end for record in after
                   if record["outcome"] != "ok" and (end == ends[-1] or record["end"] <= end + margin)]
            took = max(min(good, default=margin), max(bad, default=0.0))
            worst[front] = max(worst.get(front, 0.0), took)
            slow = max((record["end"] - record["begin"] for record in after if record["outcome"] == "ok"), default=0.0)
            slowest[front] = max(slowest.get(front, 0.0), slow)
    return worst, slowest
