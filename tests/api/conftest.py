"""Fixtures of the black-box tests. README.md says how they fit together."""
import signal
import time

import pytest

pytest.register_assert_rewrite("harness")  # before anything of it is imported

from harness import catalogue, tokens  # noqa: E402
from harness.client import Api  # noqa: E402
from harness.stand import KINDS, Stand  # noqa: E402

TENANTS = ("alpha", "beta", "bare", "change", "closed")


ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def pytest_configure(config):
    # Each of them ends the tests as Ctrl-C does, so that the servers are stopped, too.
    for number in ENDING:
        signal.signal(number, signal.default_int_handler)


def pytest_make_parametrize_id(val, argname):
    """Long values would make unreadable test names."""
    if isinstance(val, (str, bytes)) and len(val) > 40:
        return f"{argname} of {len(val)}"
    return None


def plant(stand, folder):
    """The tenants: alpha with everything, beta with equal ids that mean something else, bare without a model, change whose
    catalogue tests may alter, closed that has been shut off."""
    now = int(time.time())
    items = catalogue.write_items(folder / "items.jsonl")
    for tenant in TENANTS:
        stand.tool.tenant(tenant)
        stand.tool.client(tenant, f"{tenant}-client")
    for tenant in ("alpha", "bare", "change", "closed"):
        stand.tool.items(tenant, items)
        stand.tool.events(tenant, catalogue.write_events(folder / f"{tenant}.csv", catalogue.purchases(now)))
    foreign = [{**item, "name": f"Beta {item['name']}", "metadata": {**item["metadata"], "category": "beta"}}
               for item in catalogue.items()]
    stand.tool.items("beta", catalogue.write_items(folder / "beta.jsonl", foreign))
    pairs = (("el-01", "el-07"), ("bo-01", "bo-07"))
    stand.tool.events("beta", catalogue.write_events(folder / "beta.csv", catalogue.purchases(now, pairs)))
    for tenant in ("alpha", "beta", "change"):
        stand.tool.train(tenant)
    stand.tool.run("tenant", "disable", "closed")


@pytest.fixture(scope="session")
def stand():
    installation = Stand()
    try:
        installation.start()
        folder = installation.root / "import"
        folder.mkdir()
        plant(installation, folder)
        yield installation
    finally:
        for number in ENDING:  # nothing may come between now
            signal.signal(number, signal.SIG_IGN)
        installation.close()


@pytest.fixture(scope="session")
def database(stand):
    return stand.database


@pytest.fixture(params=KINDS)
def front(request, stand):
    """Each of the four fronts: for what depends on the web server."""
    return stand.front(request.param)


@pytest.fixture(params=("apache-fcgid", "lighttpd"))
def pool(request, stand):
    """The two fronts with a pool of workers."""
    return stand.front(request.param)


@pytest.fixture
def quick(stand):
    """The fastest front: for what the web server cannot matter to."""
    return stand.front("lighttpd")


@pytest.fixture
def mint(stand):
    """Makes proper tokens: mint(client=..., any claim=...)."""
    return lambda *arguments, **claims: tokens.sign(tokens.claims_for(*arguments, **claims), stand.secret)


@pytest.fixture
def everywhere(front, mint):
    """The API as alpha's client calls it, through each front."""
    return Api(front, mint())


@pytest.fixture
def api(quick, mint):
    """The API as alpha's client calls it, through the fastest front."""
    return Api(quick, mint())


@pytest.fixture
def nothing_logged(stand):
    """Fails the test when it has left a row in either log, of any tenant."""
    before = stand.rows()
    yield
    assert stand.rows() == before, "a refused request left a row in the logs"


@pytest.fixture
def one_row_each(stand):
    """Fails the test unless every 200 left exactly one sequence and one decision: call it with the number of 200s."""
    before = stand.rows()

    def check(answers):
        after = stand.rows()
        assert (after[0] - before[0], after[1] - before[1]) == (answers, answers)
        halves = stand.database.execute(
            "SELECT COUNT(*) FROM sequences s LEFT JOIN decisions d USING (tenant_id, sequence_id)"
            " WHERE d.decision_id IS NULL")[0][0]
        orphans = stand.database.execute(
            "SELECT COUNT(*) FROM decisions d LEFT JOIN sequences s USING (tenant_id, sequence_id)"
            " WHERE s.sequence_id IS NULL")[0][0]
        assert (halves, orphans) == (0, 0)

    return check


@pytest.fixture
def shopper(request, stand):
    """A user id that no other test uses, with a way to record events: shopper.did("purchase", "el-01")."""
    return Shopper(stand, f"shopper-{request.node.name[:80]}")


class Shopper:
    def __init__(self, stand, user):
        self.stand, self.id = stand, user

    def did(self, kind, item, ago=60, tenant="alpha"):
        """Records an event `ago` seconds ago, straight in the database; makes the event type when it is missing."""
        number = self.stand.tenant_id(tenant)
        types = self.stand.database.execute(
            "SELECT event_type_id FROM event_types WHERE tenant_id = %s AND name = %s", number, kind)
        if not types:
            self.stand.database.execute(
                "INSERT INTO event_types SELECT %s, COALESCE(MAX(event_type_id), 0) + 1, %s, %s, %s FROM event_types"
                " WHERE tenant_id = %s", number, kind, 100 if kind == "purchase" else 10, kind == "purchase", number)
            return self.did(kind, item, ago, tenant)
        self.stand.database.execute(
            "INSERT INTO events (tenant_id, user_id, item_id, event_type_id, occurred_at) VALUES (%s, %s, %s, %s, %s)",
            number, self.id, item, types[0][0], int((time.time() - ago) * 1000))
        return self
