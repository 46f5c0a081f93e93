"""palate prune: what goes and what stays, by settings and by options; beside running workers, in steps that can be interrupted."""
import re
import signal
import subprocess
import threading
import time
import uuid

import pytest

from harness.client import Api
from harness.shapes import check_recommendations_answer
from harness.stand import BUILD, wait_until

DAYS = 86400


@pytest.fixture
def old(stand, database):
    """Makes rows of a tenant that are so many days old; each has a name of its own."""
    return Old(stand, database)


class Old:
    def __init__(self, stand, database):
        self.execute, self.stand, self.name = database.execute, stand, f"old-{uuid.uuid4()}"

    def request(self, days, tenant="alpha", shadow=False):
        number, name = self.stand.tenant_id(tenant), f"{self.name}-{days}-{tenant}"
        self.execute("INSERT INTO sequences (tenant_id, request_id, endpoint, client_id, user_id, input, created_at)"
                     " VALUES (%s, %s, 'GET /recommendations', 'old', %s, '{}', NOW() - INTERVAL %s DAY)", number, name, self.name, days)
        self.execute("INSERT INTO decisions (tenant_id, sequence_id, settlement_key, recommender, model_generation, result_count, results,"
                     " processing_us, created_at) SELECT tenant_id, sequence_id, UNHEX(MD5(request_id)), 'embedded', 1, 0, '[]', 1, created_at"
                     " FROM sequences WHERE request_id = %s", name)
        if shadow:
            self.execute("INSERT INTO shadow_decisions (tenant_id, decision_id, outcome, result_count, results, remote_us)"
                         " SELECT tenant_id, decision_id, %s, 0, '[]', 1 FROM decisions JOIN sequences USING (tenant_id, sequence_id)"
                         " WHERE request_id = %s", self.name[:32], name)

    def event(self, days, kind, item, tenant="alpha"):
        self.execute("INSERT INTO events (tenant_id, user_id, item_id, event_type_id, occurred_at, session_id, metadata)"
                     " SELECT tenant_id, %s, %s, event_type_id, %s, 'a session', '{}' FROM event_types WHERE tenant_id = %s AND name = %s",
                     self.name, item, int((time.time() - days * DAYS) * 1000), self.stand.tenant_id(tenant), kind)

    def profile(self, days, name, text=""):
        self.execute("INSERT INTO entity_embeddings (tenant_id, entity_type, entity_id, name, updated_at)"
                     " VALUES (%s, 'User', %s, %s, NOW() - INTERVAL %s DAY)", self.stand.tenant_id("alpha"), f"{self.name}-{name}", text, days)

    def kept_list(self, seconds, tenant):
        self.execute("INSERT INTO ranked_lists VALUES (%s, UNHEX(MD5(%s)), '{}', %s)", self.stand.tenant_id(tenant), f"{self.name}{seconds}",
                     int(time.time()) + seconds)

    def requests(self):
        rows = self.execute("SELECT s.request_id, d.decision_id IS NOT NULL FROM sequences s LEFT JOIN decisions d USING (tenant_id, sequence_id)"
                            " WHERE s.user_id = %s", self.name)
        assert all(answered for _, answered in rows)
        return sorted(request.removeprefix(f"{self.name}-") for request, _ in rows)

    def events(self):
        return sorted(self.execute("SELECT item_id, session_id IS NOT NULL FROM events WHERE user_id = %s", self.name))


def prune(stand, *arguments, **options):
    return stand.tool.run("prune", *arguments, **options).stdout


def test_by_default_logs_go_after_ninety_days_and_events_never(stand, old, database):
    for days in (10, 89, 91, 400):
        old.request(days, shadow=True)
        old.event(days, "view", f"item-{days}")
    said = prune(stand)
    assert old.requests() == ["10-alpha", "89-alpha"] and len(old.events()) == 4
    assert database.execute("SELECT COUNT(*) FROM shadow_decisions WHERE outcome = %s", old.name[:32]) == ((2,),)
    orphans = "SELECT COUNT(*) FROM decisions d LEFT JOIN sequences s USING (tenant_id, sequence_id) WHERE s.sequence_id IS NULL"
    assert database.execute(orphans) == ((0,),)
    assert "removed 2 requests with their answers" in said and "events  all are kept" in said


def test_a_tenant_and_an_age_can_be_named(stand, old):
    for tenant in ("alpha", "beta", "closed"):
        old.request(3, tenant)
    prune(stand, "--older", "2d", "--tenant", "alpha", "--dry-run")
    assert len(old.requests()) == 3
    prune(stand, "--older", "2d", "--tenant", "alpha")
    assert old.requests() == ["3-beta", "3-closed"]
    prune(stand, "--older", "50h", "--what", "logs")
    assert old.requests() == []


def test_a_dry_run_says_how_many_rows_of_which_tables_would_go(stand, old):
    prune(stand, "--older", "200d", "--what", "logs,events,lists,users")
    for days in (201, 202):
        old.request(days, shadow=days == 201)
    old.request(203, "beta")
    old.event(300, "view", "el-02")
    old.event(300, "purchase", "el-01")
    old.profile(300, "nobody")
    old.profile(300, "somebody", "with a name")
    old.kept_list(-10, "alpha")
    arguments = ("--older", "200d", "--what", "logs,events,lists,users")
    said = re.sub(r", of before .*", "", prune(stand, *arguments, "--dry-run")).splitlines()
    assert said == ["logs    would remove 3 rows of sequences, 3 of decisions, 1 of shadow_decisions",
                    "events  would remove 1 rows of events, change 1 of events",
                    "lists   would remove 1 rows of ranked_lists", "users   would remove 1 rows of entity_embeddings"]
    assert len(old.requests()) == 3 and len(old.events()) == 2, "nothing has gone"
    one = prune(stand, *arguments, "--dry-run", "--tenant", "beta").splitlines()[0]
    assert one.startswith("logs    would remove 1 rows of sequences, 1 of decisions, 0 of shadow_decisions, of before ")
    prune(stand, *arguments)
    left = prune(stand, *arguments, "--dry-run")
    assert not re.search(r"[1-9]\d* (rows )?of [a-z]", re.sub(r" of before .*", "", left)), left


def test_what_was_bought_stays_known(stand, old, api):
    old.event(500, "view", "el-02")
    old.event(500, "purchase", "el-01")
    old.event(500, "purchase", "el-01")
    old.event(3, "view", "el-03")
    prune(stand, "--older", "365d", "--what", "events")
    assert old.events() == [("el-01", 0), ("el-01", 0), ("el-03", 1)], "purchases stay, without what else was known of them"
    shown = [entry["item_id"] for entry in check_recommendations_answer(api.recommendations(user_id=old.name, quantity=100))["data"]]
    assert "el-01" not in shown and "el-02" in shown


def test_ten_thousand_events_of_one_moment(stand, old, database):
    """As an import without times makes them: a step takes its share of them all the same."""
    moment = int((time.time() - 700 * DAYS) * 1000)
    database.execute("INSERT INTO events (tenant_id, user_id, item_id, event_type_id, occurred_at)"
                     " SELECT %s, %s, seq, (SELECT MIN(event_type_id) FROM event_types WHERE tenant_id = %s AND NOT is_purchase), %s"
                     " FROM seq_1_to_10000", stand.tenant_id("alpha"), old.name, stand.tenant_id("alpha"), moment)
    assert "removed 10,000 events" in prune(stand, "--older", "650d", "--what", "events")


def test_settings_say_how_long(stand, old):
    old.request(200)
    old.event(200, "view", "el-01")
    old.event(20, "view", "el-02")
    kept = stand.configure("prune-never.conf", retention={"logs_days": 0})
    prune_with(kept, stand)
    assert old.requests() == ["200-alpha"] and len(old.events()) == 2
    prune_with(stand.configure("prune-events.conf", retention={"logs_days": 300, "events_days": 100}), stand)
    assert old.requests() == ["200-alpha"] and [item for item, _ in old.events()] == ["el-02"]


def prune_with(configuration, stand):
    subprocess.run([BUILD / "palate", "--config", configuration, "prune"], env=stand.environment, check=True, capture_output=True, timeout=60)


def test_lists_of_tenants_that_nobody_asks_for(stand, old, database):
    for tenant in ("beta", "closed"):
        old.kept_list(-10, tenant)
        old.kept_list(100, tenant)
    prune(stand, "--older", "36500d")
    for tenant in ("beta", "closed"):
        rows = database.execute("SELECT expires_at > UNIX_TIMESTAMP() FROM ranked_lists WHERE tenant_id = %s", stand.tenant_id(tenant))
        assert set(rows) == {(1,)}


def test_rows_of_users_without_texts(stand, old, database):
    old.profile(100, "plain")
    old.profile(100, "named", "Ada")
    old.profile(10, "young")
    prune(stand, "--what", "users")
    left = database.execute("SELECT entity_id FROM entity_embeddings WHERE entity_id LIKE %s", f"{old.name}-%")
    assert sorted(row[0].removeprefix(f"{old.name}-") for row in left) == ["named", "young"]


def test_two_at_a_time(stand, database):
    with database.connect() as other, other.cursor() as cursor:
        cursor.execute("SELECT GET_LOCK(CONCAT('palate.', MD5(DATABASE()), '.prune'), 0)")
        if cursor.fetchone() != (1,):
            pytest.fail("the lock has another name")
        result = stand.tool.run("prune", check=False)
    assert result.returncode == 4 and "another `palate prune` is at work" in result.stderr


class Caller(threading.Thread):
    """Requests one after the other; how long each took."""

    def __init__(self, name, api):
        super().__init__()
        self.name, self.api, self.seconds, self.stopped = name, api, [], threading.Event()
        self.start()

    def run(self):
        while not self.stopped.is_set():
            started = time.monotonic()
            answer = self.api.recommendations(user_id=f"{self.name}-{len(self.seconds)}", quantity=3, name="A name")
            assert answer.status == 200
            self.seconds.append(time.monotonic() - started)

    def stop(self):
        self.stopped.set()
        self.join()
        return self.seconds


def test_nobody_waits_while_100_000_rows_go_and_an_interrupted_run_goes_on(stand, old, database, quick, mint):
    tenant, rows = stand.tenant_id("alpha"), 50_000  # and as many answers
    database.execute("INSERT INTO sequences (tenant_id, request_id, endpoint, client_id, user_id, input, created_at)"
                     " SELECT %s, seq, 'GET /recommendations', 'old', %s, '{}', NOW() - INTERVAL 200 DAY - INTERVAL seq SECOND"
                     f" FROM seq_1_to_{rows}", tenant, old.name)
    database.execute("INSERT INTO decisions (tenant_id, sequence_id, settlement_key, recommender, model_generation, result_count, results,"
                     " processing_us) SELECT tenant_id, sequence_id, UNHEX(MD5(sequence_id)), 'embedded', 1, 0, '[]', 1"
                     " FROM sequences WHERE tenant_id = %s AND user_id = %s", tenant, old.name)
    count = "SELECT COUNT(*) FROM sequences WHERE user_id = %s"
    waits = "SHOW GLOBAL STATUS LIKE 'Innodb_row_lock_waits'"
    waited = database.execute(waits)
    callers = [Caller(name, Api(quick, mint())) for name in ("one", "another")]
    first = subprocess.Popen([BUILD / "palate", "prune"], env=stand.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    wait_until(lambda: database.execute(count, old.name)[0][0] < rows, 30, "something goes")
    first.send_signal(signal.SIGTERM)
    said = first.communicate(timeout=30)[1]
    left = database.execute(count, old.name)[0][0]
    assert first.returncode == 1 and "interrupted" in said and 0 < left < rows
    removed = re.search(r"removed ([\d,]+) requests", prune(stand))[1].replace(",", "")
    assert int(removed) >= left, "the second run goes on"
    seconds = [second for caller in callers for second in caller.stop()]
    assert database.execute(count, old.name) == ((0,),)
    assert database.execute(waits) == waited, "no statement has waited for a row"
    assert len(seconds) > 100 and sorted(seconds)[len(seconds) * 99 // 100] < 0.5, "the rest may be a busy machine's"


def test_doctor_says_how_it_grows_and_whether_it_is_pruned(stand, old):
    stand.tool.run("prune")
    good = stand.tool.run("doctor", check=False).stdout
    assert "ok    growth: the database takes " in good and "ok    retention: logs are kept for 90 days; the oldest request is " in good
    old.request(100)
    path = stand.configure("full.conf", retention={"disk_gib": 1, "logs_days": 30})
    told = subprocess.run([BUILD / "palate", "--config", path, "doctor"], env=stand.environment, capture_output=True, text=True, timeout=120).stdout
    assert "growth: the database takes" in told and "; 1 GiB are reached in " in told
    assert "warn  retention: logs are kept for 30 days; the oldest request is 100 days old\n      fix: run `palate prune` every night" in told
    stand.tool.run("prune")
