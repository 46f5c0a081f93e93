"""With MariaDB stopped, refusals that need no database still come, everything else is a proper 500, and nothing needs help afterwards."""
import time

import pytest

from harness.client import Api, chunked, status_of
from harness.shapes import check_plain_error, check_recommend_answer, check_recommend_error, check_recommendations_answer
from harness.stand import STATEMENT_TIMEOUT
from test_bad_input import LIMIT, NOT_JSON, ORDER, RECOMMEND, padded


@pytest.fixture(scope="module")
def stopped(stand):
    """MariaDB is down; every worker had a connection before."""
    stand.database.stop()
    yield
    stand.database.start()


@pytest.fixture
def cut_off(everywhere, stopped):
    return everywhere


def test_valid_requests_fail_in_their_endpoints_shape(cut_off):
    for _ in range(3):
        check_recommend_error(cut_off.recommend(), 500)
        check_plain_error(cut_off.recommendations(user_id="u"), "internal_error")


def test_who_cannot_be_looked_up_is_not_called_unknown(cut_off, mint):
    check_plain_error(cut_off.with_token(mint("nobody")).recommendations(user_id="u"), "internal_error")
    check_recommend_error(cut_off.with_token(mint("nobody")).recommend(), 500)


def test_routes_and_methods_are_known(cut_off):
    check_plain_error(cut_off.call("GET", "/nowhere"), "not_found")
    check_plain_error(cut_off.call("PUT", "/recommendations"), "method_not_allowed")
    check_recommend_error(cut_off.call("GET", RECOMMEND), 405)
    assert cut_off.call("HEAD", "/recommendations").status == 405
    assert cut_off.with_token(None).call("OPTIONS", "/recommendations").status == 204


@pytest.mark.parametrize("body", NOT_JSON.values(), ids=NOT_JSON.keys())
def test_broken_json_is_refused(cut_off, body):
    check_recommend_error(cut_off.call("POST", RECOMMEND, body), 400)


def test_sizes_and_types_are_refused(cut_off):
    check_recommend_error(cut_off.call("POST", RECOMMEND, padded(LIMIT + 1)), 413)
    check_plain_error(cut_off.call("POST", "/recommendations", padded(200_000)), "body_too_large")
    check_plain_error(cut_off.call("POST", "/recommendations", "x", {"Content-Type": "text/plain"}), "unsupported_media_type")
    head = f"POST {RECOMMEND} HTTP/1.1\nTransfer-Encoding: chunked\nContent-Type: application/json"
    assert status_of(cut_off.raw(head, chunked(padded(LIMIT + 1)))) == 413


def test_tokens_and_scopes_are_refused(cut_off, mint):
    check_plain_error(cut_off.with_token(None).recommendations(user_id="u"), "invalid_token")
    check_plain_error(cut_off.with_token("a.b.c").recommendations(user_id="u"), "invalid_token")
    check_plain_error(cut_off.with_token(mint(exp=1)).recommendations(user_id="u"), "expired_token")
    check_plain_error(cut_off.with_token(mint(scope="other")).recommendations(user_id="u"), "insufficient_scope")
    check_recommend_error(cut_off.with_token(None).recommend(), 401)


@pytest.mark.parametrize("value", [0, -1, 1.5, "ten"])
def test_parameters_are_refused(cut_off, value):
    check_plain_error(cut_off.recommendations(user_id="u", quantity=value), "validation_error", field="quantity")
    check_recommend_error(cut_off.recommend(quantity=value), 400, field="quantity")


def test_other_parameters_are_refused(cut_off, mint):
    check_plain_error(cut_off.call("POST", "/recommendations", {"user_id": 5}), "validation_error", field="user_id")
    check_plain_error(cut_off.recommendations(user_id="u", entity_type="Thing"), "validation_error", field="entity_type")
    check_plain_error(cut_off.with_token(mint(sub=None)).recommendations(), "validation_error", field="user_id")
    check_recommend_error(cut_off.call("POST", RECOMMEND, {}), 400, field="task")


@pytest.mark.parametrize("what, method, path, body, content_type, token, code", [row for row in ORDER if "tenant before" not in row[0]],
                         ids=[row[0] for row in ORDER if "tenant before" not in row[0]])
def test_the_order_of_refusals_is_the_same(stopped, api, mint, what, method, path, body, content_type, token, code):
    values = {"good": mint(), "bad": "bad", "no scope": mint(scope="x"), "no scope, no client": mint("nobody", scope="x"),
              "no client": mint("nobody")}
    answer = api.with_token(values[token]).call(method, path, body, {"Content-Type": content_type} if content_type else None)
    check_plain_error(answer, code)


def test_when_the_database_is_back_the_next_request_is_answered(front, stand, mint):
    """Each worker had lost its connection, and none is started anew."""
    stand.database.start()
    api = Api(front, mint())
    check_recommendations_answer(api.recommendations(user_id="u"))  # connected
    stand.database.stop()
    try:
        check_recommend_error(api.recommend(), 500)
        workers = set(front.workers())
    finally:
        stand.database.start()
    before = stand.rows()
    check_recommend_answer(api.recommend())
    check_recommendations_answer(api.recommendations(user_id="u"))
    assert stand.rows() == (before[0] + 2, before[1] + 2)
    assert not workers or workers & set(front.workers())


def test_a_database_that_hangs_is_not_waited_for_without_end(api, stand, one_row_each):
    """It accepts and never answers, which is worse than being down."""
    check_recommendations_answer(api.recommendations(user_id="u"))
    with stand.database.frozen():
        for call in (lambda: check_plain_error(api.recommendations(user_id="u"), "internal_error"),
                     lambda: check_recommend_error(api.recommend(), 500)):
            start = time.monotonic()
            call()
            assert time.monotonic() - start < 3 * STATEMENT_TIMEOUT + 1
    check_recommendations_answer(api.recommendations(user_id="u"))
    check_recommend_answer(api.recommend())
    one_row_each(3)
