"""What a statement may cost in MariaDB: it ends there with its time, and a list reads no more rows than it shows."""
import contextlib
import time

import pytest

from harness.client import Api
from harness.shapes import check_event_list, check_object_error, check_plain_error, check_recommendations_answer
from harness.stand import STATEMENT_TIMEOUT

CONTEXT = 451
MANY = 20_000


@contextlib.contextmanager
def slow(database, table):
    """Each look-up of a row takes longer than a statement may."""
    database.execute(f"RENAME TABLE {table} TO kept_table")
    database.execute(f"CREATE VIEW {table} AS SELECT * FROM kept_table WHERE SLEEP({3 * STATEMENT_TIMEOUT}) = 0")
    try:
        yield
    finally:
        database.execute(f"DROP VIEW {table}")
        database.execute(f"RENAME TABLE kept_table TO {table}")


def test_a_statement_that_nobody_waits_for_ends_in_the_server_too(api, stand, database, one_row_each):
    stand.tool.context("alpha", CONTEXT, "slow-context", {"quantity": 3})
    check_recommendations_answer(api.recommendations(user_id="u", context_id=CONTEXT))
    with slow(database, "contexts"):
        start = time.monotonic()
        check_plain_error(api.recommendations(user_id="u", context_id=CONTEXT), "internal_error")
        assert time.monotonic() - start < STATEMENT_TIMEOUT, "the server says so, before the client gives up"
        assert not database.waiting("contexts")
    check_recommendations_answer(api.recommendations(user_id="u", context_id=CONTEXT))
    one_row_each(2)


# ---- Lists


@pytest.fixture(scope="module")
def busy_shop(stand):
    """A tenant with many events, three of them of a rare item and of a rare type."""
    stand.tool.tenant("busy-shop")
    stand.tool.client("busy-shop", "busy-client")
    tenant = stand.tenant_id("busy-shop")
    stand.database.execute("INSERT INTO event_types (tenant_id, event_type_id, name, weight) VALUES (%s, 99, 'rare-type', 1)", tenant)
    for item, kind, count in (("common", 1, MANY), ("rare-item", 1, 3), ("common", 99, 3), ("common", 1, 100)):
        stand.database.execute("INSERT INTO events (tenant_id, user_id, item_id, event_type_id, occurred_at) SELECT %s, CONCAT('u-', seq), %s, %s,"
                               f" 1700000000000 + seq FROM seq_1_to_{count}", tenant, item, kind)
    return "busy-client"


def rows_read(database):
    return sum(int(count) for _, count in database.execute(
        "SHOW GLOBAL STATUS WHERE Variable_name IN ('Handler_read_key', 'Handler_read_next', 'Handler_read_prev', 'Handler_read_rnd_next')"))


@pytest.mark.parametrize("query, expected", [("item_id=rare-item", 3), ("type=rare-type", 3), ("item_id=common&type=view", 10), ("", 10)])
@pytest.mark.parametrize("order", ["asc", "desc"])
def test_a_list_of_events_reads_what_it_shows(busy_shop, quick, mint, database, query, expected, order):
    api = Api(quick, mint(busy_shop))
    page = f"/v1/events?{query}&limit=10&order={order}"
    check_event_list(api.call("GET", page))  # statements are prepared
    before = rows_read(database)
    assert len(check_event_list(api.call("GET", page))["data"]) == expected
    read = rows_read(database) - before
    assert read < 300, f"{read} rows for a page of {expected}"


def test_a_list_that_takes_too_long_is_the_requests_fault(busy_shop, quick, mint, database):
    api = Api(quick, mint(busy_shop))
    with slow(database, "event_types"):
        check_object_error(api.call("GET", "/v1/events?limit=10"), 400, "too_expensive")
    assert check_event_list(api.call("GET", "/v1/events?limit=10"))["data"]
