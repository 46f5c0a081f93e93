"""Delta files: what changed since the model, shared by the workers of a machine; a file that is not right does no harm."""
import contextlib
import json
import os
import pwd
import time

import pytest

from harness import fastcgi
from harness.catalogue import write_items
from harness.tokens import BOTH
from harness.stand import IS_ROOT, wait_until

COUNT = 90


def items(edition, count=COUNT):
    return [{"id": f"d-{number}", "name": f"Thing {number} of edition {edition}", "metadata": {"category": f"c{number % 7}", "price": number}}
            for number in range(count)]


class Place:
    """A tenant, a state folder of its own, and workers one after the other."""

    def __init__(self, stand, tenant, mint):
        self.stand, self.tenant, self.started = stand, tenant, 0
        self.folder = stand.root / tenant
        self.folder.mkdir()
        stand.tool.tenant(tenant)
        stand.tool.run("client", "create", "--tenant", tenant, "--id", f"{tenant}-client", "--scopes", BOTH)
        self.import_items(items(1))
        self.token = mint(f"{tenant}-client", scope=BOTH)
        self.configuration = stand.configure(f"{tenant}.conf", limits={"state_file": self.folder / "limits"})
        self.file = self.folder / f"limits.delta-{stand.tenant_id(tenant)}"

    def import_items(self, list_of_items):
        self.stand.tool.items(self.tenant, write_items(self.stand.root / "import" / f"{self.tenant}.jsonl", list_of_items))

    @contextlib.contextmanager
    def worker(self):
        self.started += 1
        with fastcgi.worker(self.stand, f"{self.tenant}-{self.started}", self.configuration) as worker:
            yield worker

    def ask(self, worker, method, uri, body=None):
        with worker.ask(method, uri, self.token, b"" if body is None else json.dumps(body).encode()) as connection:
            received = fastcgi.read_all(connection)
        content, at = b"", 0
        while at + 8 <= len(received):
            length, padding = int.from_bytes(received[at + 4:at + 6], "big"), received[at + 6]
            content += received[at + 8:at + 8 + length] if received[at + 1] == 6 else b""
            at += 8 + length + padding
        head, _, text = content.partition(b"\r\n\r\n")
        assert head.startswith(b"Status: 20"), content[:500]
        return json.loads(text)

    def names(self, worker):
        answer = self.ask(worker, "GET", "/recommendations?user_id=u&quantity=100")
        return {item["name"] for item in answer["recommendations"]}

    def fresh_names(self):
        """By a new worker; and how many rows the database gave it."""
        with self.worker() as worker:
            self.ask(worker, "GET", "/v1/items?limit=1")  # it is connected
            before = self.rows()
            names = self.names(worker)
            return names, self.rows() - before

    def rows(self):
        return int(self.stand.database.execute("SHOW GLOBAL STATUS LIKE 'Rows_sent'")[0][1])

    def written(self, before=None):
        """Waits for the delta, or for another one than before."""
        def stamp():
            with contextlib.suppress(OSError):
                return self.file.stat().st_ino, self.file.stat().st_mtime_ns
        wait_until(lambda: stamp() and stamp() != before, 10, "a delta is written after the answer")
        return stamp()


@pytest.fixture(scope="module")
def place(stand, mint_once):
    return Place(stand, "deltas", mint_once)


@pytest.fixture(scope="module")
def mint_once(stand):
    from harness import tokens
    return lambda *arguments, **claims: tokens.sign(tokens.claims_for(*arguments, **claims), stand.secret)


def edition_of(names):
    return {name.rpartition(" ")[2] for name in names}


def test_a_fresh_worker_has_all_that_another_pushed(place):
    with place.worker() as worker:
        assert edition_of(place.names(worker)) == {"1"}
        first = place.written()
        for _ in range(2):  # together more than a writer leaves unread
            place.ask(worker, "POST", "/v1/items?on_conflict=update", items(2))
        place.written(first)
        names, rows = place.fresh_names()
        assert edition_of(names) == {"2"} and rows < COUNT / 4
        # One change more is not worth a delta, and is seen all the same.
        place.ask(worker, "PATCH", "/v1/items/d-3", {"name": "Thing 3 of edition 3"})
        names, rows = place.fresh_names()
        assert "3" in edition_of(names) and rows < COUNT / 4
        place.ask(worker, "DELETE", "/v1/items/d-4")
        assert "4" not in {name.split()[1] for name in place.names(worker)}
    assert "4" not in {name.split()[1] for name in place.fresh_names()[0]}
    assert all(path.stat().st_mode & 0o777 == 0o600 for path in place.folder.iterdir() if ".delta" in path.name)


DAMAGE = {
    "empty": lambda data: b"",
    "text": lambda data: b"this is no delta\n" * 1000,
    "half": lambda data: data[:len(data) // 2],
    "one byte more": lambda data: data + b"\0",
    "a flipped bit in its head": lambda data: data[:40] + bytes([data[40] ^ 1]) + data[41:],
    "zeros": lambda data: bytes(len(data)),
    "noise behind its head": lambda data: data[:4096] + os.urandom(len(data) - 4096),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_delta_does_no_harm(place, damage):
    place.fresh_names()
    place.written()
    good = place.file.read_bytes()
    new = place.file.with_name("new")
    new.write_bytes(DAMAGE[damage](good))
    new.rename(place.file)
    names, _ = place.fresh_names()
    if damage != "noise behind its head":  # which may give wrong answers, as no worker writes it
        assert edition_of(names) <= {"2", "3"} and len(names) >= COUNT - 1
    place.file.unlink(missing_ok=True)


def test_a_delta_from_before_a_backup_was_put_back_is_removed(place, database):
    tenant = place.stand.tenant_id("deltas")
    place.fresh_names()
    before_it = place.written()
    database.execute("UPDATE items SET name = 'of the backup', revision = 1 WHERE tenant_id = %s", tenant)
    (before,), = database.execute("SELECT catalogue_revision FROM tenants WHERE tenant_id = %s", tenant)
    database.execute("UPDATE tenants SET catalogue_revision = 1 WHERE tenant_id = %s", tenant)
    assert place.fresh_names()[0] == {"of the backup"}
    assert place.written(before_it)
    database.execute("UPDATE tenants SET catalogue_revision = %s WHERE tenant_id = %s", before, tenant)
    assert place.fresh_names()[0] == {"of the backup"}


def test_a_delta_of_another_tenant_is_not_used(place, stand, mint_once):
    other = Place(stand, "deltas2", mint_once)
    other.import_items([{**item, "name": "foreign 9"} for item in items(9)])
    other.fresh_names()
    other.written()
    place.file.unlink(missing_ok=True)
    os.link(other.file, place.file)
    os.utime(place.file, (time.time() - 3600,) * 2)
    names, _ = place.fresh_names()
    assert names and "foreign 9" not in names


def test_a_model_makes_the_delta_begin_anew(place):
    place.import_items(items(5))
    assert edition_of(place.fresh_names()[0]) == {"5"}
    place.written()
    with place.worker() as worker:
        place.names(worker)
        place.stand.tool.train("deltas")
        place.ask(worker, "PATCH", "/v1/items/d-3", {"name": "Thing 3 of edition 6"})
        assert edition_of(place.names(worker)) == {"5", "6"}
    assert edition_of(place.fresh_names()[0]) == {"5", "6"}


def test_words_of_withdrawn_items_are_found_by_a_fresh_worker(place):
    place.import_items([{"id": f"w-{number}", "name": f"Oldword {number}", "active": False, "metadata": {"category": "gone"}} for number in range(60)])
    with place.worker() as worker:
        assert place.ask(worker, "GET", "/v1/items/search?q=oldword")["total"] == 60
    withdrawn = place.folder / place.file.name.replace("delta", "withdrawn")
    wait_until(withdrawn.exists, 10, "a delta of withdrawn items is written")
    with place.worker() as worker:
        place.ask(worker, "GET", "/v1/items?limit=1")
        before = place.rows()
        assert place.ask(worker, "GET", "/v1/items/search?q=oldword")["total"] == 60
        assert place.rows() - before < 30


def test_doctor_and_metrics_tell_their_size(place):
    place.fresh_names()
    result = place.stand.tool.run("doctor", check=False)
    # Of the installation's own state file, beside which other tests have left theirs.
    assert "deltas: " in result.stdout and "items behind its catalogue" in result.stdout, result.stdout
    with place.worker() as worker, worker.ask("GET", "/metrics", place.stand.metrics_token) as connection:
        page = fastcgi.read_all(connection).decode("latin-1")
    line = next(line for line in page.splitlines() if line.startswith('palate_delta_bytes{tenant="deltas"}'))
    assert int(line.split()[1]) == place.file.stat().st_size


@pytest.mark.skipif(not IS_ROOT, reason="only root can make files of the workers' user")
def test_an_import_leaves_a_delta_for_the_workers(stand, place, mint_once, monkeypatch):
    shop = Place(stand, "deltas3", mint_once)
    shop.fresh_names()  # a worker has run: the state file is there
    web = pwd.getpwnam("www-data").pw_uid
    os.chown(shop.folder / "limits", web, -1)
    shop.folder.chmod(0o777)
    for path in shop.folder.iterdir():
        if "delta" in path.name:
            path.unlink()
    monkeypatch.setitem(stand.environment, "PALATE_CONFIG", str(shop.configuration))
    shop.import_items(items(2, 300))
    assert shop.file.stat().st_uid == web and (shop.folder / "limits.deltas").stat().st_uid == web
    os.chown(shop.file, 0, 0)  # as this worker runs as root
    names, rows = shop.fresh_names()
    assert edition_of(names) == {"2"} and rows < 40


def test_many_tenants_without_a_model_in_turn_read_nothing_again(stand, place, database, mint_once):
    """One more than there used to be room for would read its catalogue and popularity with each request."""
    first, tokens = place.stand.tenant_id("deltas"), []
    for number in range(20):
        key = f"turn{number}"
        database.execute("INSERT INTO tenants (tenant_key, name, catalogue_key, catalogue_revision) SELECT %s, name, %s, catalogue_revision"
                         " FROM tenants WHERE tenant_id = %s", key, 1000 + number, first)
        database.execute("INSERT INTO api_clients (tenant_id, client_id, secret_salt, secret_hash, scopes) SELECT %s, %s, secret_salt, secret_hash, scopes FROM api_clients"
                         " WHERE client_id = 'deltas-client'", stand.tenant_id(key), key)
        database.execute("INSERT INTO items (tenant_id, item_id, name, metadata, revision, created_at, updated_at) SELECT %s, item_id, %s,"
                         " metadata, revision, created_at, updated_at FROM items WHERE tenant_id = %s AND NOT deleted", stand.tenant_id(key), key, first)
        tokens.append(mint_once(key, scope=BOTH))
    with place.worker() as worker:
        def all_in_turn():
            before = place.rows()
            for number, token in enumerate(tokens):
                place.token = token
                assert place.names(worker) == {f"turn{number}"}
            return place.rows() - before
        own, place.token = place.token, None
        try:
            assert all_in_turn() > 20 * COUNT / 2
            assert all_in_turn() < 20 * 10
        finally:
            place.token = own
