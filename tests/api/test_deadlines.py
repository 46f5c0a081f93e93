"""What a statement may cost in MariaDB: it ends there with its time."""
import contextlib
import time

from harness.shapes import check_plain_error, check_recommendations_answer
from harness.stand import STATEMENT_TIMEOUT

CONTEXT = 451


@contextlib.contextmanager
def slow_contexts(database, seconds):
    """Each look-up of a context takes so long in the server."""
    database.execute("RENAME TABLE contexts TO contexts_kept")
    database.execute(f"CREATE VIEW contexts AS SELECT * FROM contexts_kept WHERE SLEEP({seconds}) = 0")
    try:
        yield
    finally:
        database.execute("DROP VIEW contexts")
        database.execute("RENAME TABLE contexts_kept TO contexts")


def test_a_statement_that_nobody_waits_for_ends_in_the_server_too(api, stand, database, one_row_each):
    stand.tool.context("alpha", CONTEXT, "slow-context", {"quantity": 3})
    check_recommendations_answer(api.recommendations(user_id="u", context_id=CONTEXT))
    with slow_contexts(database, 3 * STATEMENT_TIMEOUT):
        start = time.monotonic()
        check_plain_error(api.recommendations(user_id="u", context_id=CONTEXT), "internal_error")
        assert time.monotonic() - start < STATEMENT_TIMEOUT, "the server says so, before the client gives up"
        assert not database.waiting("contexts")
    check_recommendations_answer(api.recommendations(user_id="u", context_id=CONTEXT))
    one_row_each(2)
