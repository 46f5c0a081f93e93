"""What `palate import` writes, and what it leaves: bad lines kept whole, nothing stored where too many are bad, figures of what happened."""
import json

import pytest

from harness.client import Api
from harness.tokens import BOTH

TENANT = "writing"


@pytest.fixture(scope="module")
def shop(stand):
    stand.tool.tenant(TENANT)
    stand.tool.client(TENANT, "writing-client")
    return stand.tenant_id(TENANT)


@pytest.fixture
def load(stand, shop, tmp_path):
    """Imports text as a file: (exit status, all that it says)."""
    def run(content, *more, what="items", name="file.csv"):
        (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content.encode())
        done = stand.tool.run("import", what, tmp_path / name, "--tenant", TENANT, *more, check=False)
        return done.returncode, done.stdout + done.stderr
    return run


def table(ids, columns="id,name"):
    return columns + "\n" + "".join(f"{item},Thing {item}\n" for item in ids)


def test_what_somebody_switched_off_after_the_feed_did_stays_off(stand, shop, load, database, quick, mint):
    """Switched off by the feed, on by somebody, off by somebody: the last word is somebody's."""
    api = Api(quick, mint("writing-client", scope=BOTH))
    whole = [f"w{number}" for number in range(10)]

    def shown(item):
        return database.execute("SELECT active AND NOT deleted FROM items WHERE tenant_id = %s AND item_id = %s", shop, item)[0][0]
    assert load(table(whole), "--sync")[0] == 0
    assert load(table(whole[2:]), "--sync")[0] == 0 and not shown("w0")
    for active in (True, False):
        assert api.call("PATCH", "/v1/items/w0", {"active": active}).status == 200
    assert api.call("DELETE", "/v1/items/w1").status == 200
    assert api.call("POST", "/v1/items", {"id": "w1", "name": "Made anew", "active": False}).status == 200
    assert load(table(whole), "--sync")[0] == 0
    assert not shown("w0") and not shown("w1")


def test_the_report_counts_what_happened(load):
    assert load(table(["r1", "r2", "r3"]))[0] == 0
    text = load("id,name\nr1,Thing r1\nr2,Other\nr4,New\nr4,New\n")[1]
    assert "4 items read" in text and "1 created, 1 changed, 1 unchanged" in text, text
    assert "0 created, 0 changed, 3 unchanged" in load("id,name\nr1,Thing r1\nr2,Other\nr4,New\n")[1]


def test_a_dry_run_says_what_would_come_of_the_file(load, shop, database):
    assert load(table([f"d{number}" for number in range(40)]), "--sync", "--force")[0] == 0
    feed = "id,name\nd0,Other\nnew,New\n" + "".join(f"d{number},Thing d{number}\n" for number in range(1, 38))

    def all_items():
        return list(database.execute("SELECT item_id, name, active, revision FROM items WHERE tenant_id = %s", shop))
    before = all_items()
    status, text = load(feed, "--sync", "--dry-run")
    assert status == 0 and "1 created, 1 changed, 37 unchanged" in text and "2 items that the file no longer has would be" in text, text
    assert all_items() == before
    status, text = load(table(["d1"]), "--sync", "--dry-run")
    assert status == 1 and "--force" in text and all_items() == before
    assert "1 created, 1 changed, 37 unchanged" in load(feed, "--sync")[1]


@pytest.mark.parametrize("name, content, bad", [
    ("long.jsonl", '{"id": "l1", "name": "Good"}\n{"id": "l2", "name": "%s"}\n{"id": "l3"}\n', '{"id": "l3"}\n'),
    ("long.csv", 'id,name\nl1,Good\nl2,%s\n,None\n', 'id,name\n,None\n'), ("half.csv", 'id,name\nl1,Good\nl2,"half\n%s"\n,None\n', 'id,name\n,None\n')])
def test_a_line_that_is_too_long_is_not_taken_for_the_one_before_it(load, tmp_path, name, content, bad):
    status, text = load(content % ("x" * (1024 * 1024)), "--skip-bad", "3", name=name)
    kept = (tmp_path / f"{name}.bad").read_text()
    assert status == 3 and kept.endswith(bad) and "Good" not in kept and "1 bad lines are not kept" in text, text


def test_mended_lines_are_imported_like_others(load, shop, database, tmp_path):
    """Also of a file with another separator, encoding and line end, and with a byte that no text has."""
    assert load("ID;Title;Farbe\r\nm1;Blau;k\u00fchl\r\n;Gr\u00fcn;\u00f6de\r\nm3;R\u00f6\0t;x;y\r\n".encode("cp1252"), "--skip-bad", "2")[0] == 3
    bad = (tmp_path / "file.csv.bad").read_text()
    assert bad == "ID;Title;Farbe\n;Gr\u00fcn;\u00f6de\nm3;R\u00f6 t;x;y\n"
    assert load(bad.replace("\n;", "\nm2;").replace(";y", ""))[0] == 0
    stored = database.execute("SELECT item_id, name, metadata FROM items WHERE tenant_id = %s AND item_id LIKE 'm_' ORDER BY item_id", shop)
    assert list(stored) == [
        ("m1", "Blau", '{"Farbe":"k\u00fchl"}'), ("m2", "Gr\u00fcn", '{"Farbe":"\u00f6de"}'), ("m3", "R\u00f6 t", '{"Farbe":"x"}')]


def test_elements_of_an_array_are_lines_to_be_mended(load, shop, database, tmp_path):
    """As programs indent them: each is one line of JSON lines, whatever it spanned."""
    load(json.dumps([{"id": "j1", "name": "One"}, {"id": "j2", "metadata": {"a": [1, 2]}}], indent=2).replace("\n", "\r\n"), "--skip-bad", "1", name="a.json")
    bad = (tmp_path / "a.json.bad").read_text()
    status, text = load(bad.replace('"j2",', '"j2", "name": "Two",'), name="mended.json")
    assert status == 0 and "1 created" in text, (bad, text)


def test_a_file_of_bad_lines_is_refused_before_anything_is_read(load, shop, database, tmp_path):
    (tmp_path / "file.csv.bad").write_text("half mended")
    status, text = load(table(["n1"]), "--skip-bad", "2")
    assert status == 1 and "move it away" in text and (tmp_path / "file.csv.bad").read_text() == "half mended"
    assert not database.execute("SELECT 1 FROM items WHERE tenant_id = %s AND item_id = 'n1'", shop)


@pytest.mark.parametrize("more", [("--skip-bad", "1"), ("--skip-bad", "2", "--dry-run")])
def test_where_nothing_is_stored_no_file_of_bad_lines_is_left(load, tmp_path, more):
    """Such a file would say that the rest is stored, and stand in the way of the next attempt."""
    status, text = load("id,name\nx1,One\n,Two\n,Three\n", *more)
    assert status in (1, 3) and "mend them there" not in text and not list(tmp_path.glob("*.bad*"))


@pytest.mark.parametrize("more, stored", [(("--skip-bad", "1"), 0), (("--skip-bad", "2"), 2)])
def test_events_with_too_many_bad_lines_are_not_stored(load, shop, database, tmp_path, more, stored):
    row = "u,i,view,2024-01-0{}\n"
    status, text = load("user_id,item_id,type,occurred_at\n" + row.format(1) + "u,i,view,never\n" + row.format(2) + "u,,view,2024-01-03\n",
                        *more, what="events", name="events.csv")
    assert status == (3 if stored else 1), text
    assert database.execute("SELECT COUNT(*) FROM events WHERE tenant_id = %s", shop)[0][0] == stored
    assert (tmp_path / "events.csv.bad").exists() == bool(stored)


def test_a_quote_left_open_counts_as_all_that_it_swallows(load, shop, database):
    rows = "".join(f"q{number},Thing {number}\n" for number in range(3, 60))
    for content in ('id,name\nq1,a\nq2,"b\n' + rows, 'id,name\nq1,a\nq2,"b\n' + rows + 'q60,c"x"\nq61,d\n'):
        status, text = load(content, "--skip-bad", "5")
        assert status == 1 and "more than 5 bad lines" in text, text
    assert not database.execute("SELECT 1 FROM items WHERE tenant_id = %s AND item_id LIKE 'q%%'", shop)
    assert load(content, "--skip-bad", "60")[0] == 3


def test_an_id_stands_for_one_event(load, shop, database):
    """The number of an order stands in each of its lines: all but the first were passed over as repetitions."""
    head = "user_id,item_id,type,occurred_at,deduplication_id\n"
    status, text = load(head + "ann,A,purchase,2026-03-01,order-1\nann,B,purchase,2026-03-01,order-1\n", what="events", name="orders.csv")
    assert status == 1 and "orders.csv:3: deduplication_id is that of another event" in text, text
    status, text = load(head + "bob,A,purchase,2026-03-01,order-2\nbob,A,purchase,2026-03-02,order-2\n", what="events", name="orders.csv")
    assert status == 0 and "1 inserted" in text, text


def test_a_catalogues_option_is_none_of_a_history(load):
    status, text = load("user_id,item_id,type,occurred_at\n", "--sync", what="events")
    assert status == 2 and "items" in text
