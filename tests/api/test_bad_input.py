"""Foreign and broken bytes: each under each front, none a 500 of the worker, none a row in the logs."""
import gzip
import json
import time
import uuid
from urllib.parse import quote

import pytest

from harness.client import Api, chunked, exchange, request, status_of
from harness.shapes import (check_headers, check_object_error, check_plain_error, check_recommend_answer, check_recommend_error,
                            check_recommendations_answer)
from harness.stand import wait_until
from harness.tokens import BOTH

RECOMMEND = "/api/recommend/recommend"
LIMIT = 130048
GOOD = {"sequence_data": {}, "task": "t", "template": "popular"}


def padded(size, **more):
    """A proper body of the first document with exactly that many bytes."""
    body = json.dumps({**GOOD, "user_id": "u", **more, "padding": ""})
    return (body[:-2] + "x" * (size - len(body)) + body[-2:]).encode()


def refused(api, body, status=400, headers=None, code="invalid_json"):
    """Both endpoints refuse the body in their own shapes."""
    check_recommend_error(api.call("POST", RECOMMEND, body, headers), status)
    check_plain_error(api.call("POST", "/recommendations?user_id=u", body, headers), code)


# ---- JSON

NOT_JSON = {
    "nothing but spaces": b"   ",
    "a word": b"hello",
    "an open brace": b"{",
    "cut in a text": b'{"task": "x',
    "cut in a word": b'{"task": tr',
    "cut behind a colon": b'{"task":',
    "something behind the end": b'{"task": "x"} x',
    "two objects": b'{"task": "x"}{"task": "y"}',
    "a comma at the end": b'{"task": "x",}',
    "single quotes": b"{'task': 'x'}",
    "no quotes": b"{task: 1}",
    "a comment": b'{"task": "x" /* y */}',
    "NaN": b'{"sequence_data": {"x": NaN}}',
    "Infinity": b'{"sequence_data": {"x": Infinity}}',
    "minus Infinity": b'{"sequence_data": {"x": -Infinity}}',
    "a number beyond all": b'{"quantity": 1e999}',
    "a number below all": b'{"quantity": -1e999}',
    "a number with a leading zero": b'{"quantity": 010}',
    "a hexadecimal number": b'{"quantity": 0x10}',
    "a number with a plus": b'{"quantity": +1}',
    "a lone high surrogate": b'{"task": "\\ud800"}',
    "a lone low surrogate": b'{"task": "\\udc00"}',
    "surrogates the wrong way round": b'{"task": "\\udc00\\ud800"}',
    "a surrogate before a letter": b'{"task": "\\ud800x"}',
    "an escaped zero": b'{"task": "a\\u0000b"}',
    "an escaped zero in a key": b'{"a\\u0000b": 1}',
    "a zero byte": b'{"task": "a\0b"}',
    "a zero byte behind the end": b'{"task": "a"}\0',
    "invalid UTF-8": b'{"task": "\xff"}',
    "overlong UTF-8": b'{"task": "\xc0\xaf"}',
    "a surrogate in UTF-8": b'{"task": "\xed\xa0\x80"}',
    "UTF-8 cut short": b'{"task": "\xe2\x82"}',
    "UTF-16": '{"task": "x"}'.encode("utf-16"),
    "a bad escape": b'{"task": "\\x41"}',
    "a raw newline in a text": b'{"task": "a\nb"}',
    "10,000 arrays": b'{"sequence_data": ' + b"[" * 10000 + b"]" * 10000 + b"}",
    "10,000 objects": b'{"a":' * 10000 + b"1" + b"}" * 10000,
    "10,000 arrays left open": b"[" * 10000,
    "33 levels": b'{"a":' * 33 + b"1" + b"}" * 33,
    "an array": b"[]",
    "an array of parameters": b'[{"task": "x"}]',
    "null": b"null",
    "a text": b'"task"',
    "a number": b"5",
    "true": b"true",
}


@pytest.mark.parametrize("body", NOT_JSON.values(), ids=NOT_JSON.keys())
def test_what_is_no_json_object_is_refused(everywhere, nothing_logged, body):
    refused(everywhere, body)


def test_32_levels_are_still_fine(everywhere):
    nested = json.loads('{"a":' * 30 + "{}" + "}" * 30)
    check_recommend_answer(everywhere.recommend(nested))


@pytest.mark.parametrize("value", [True, 1.5, 7, [], {}, "", "a\nb", "a\rb", "tab\t", "\x1f", "\x7f", "x" * 129, "x" * 10000])
def test_a_user_id_that_is_no_proper_id_is_refused(everywhere, nothing_logged, value):
    body = {"user_id": value}
    check_plain_error(everywhere.call("GET", "/recommendations", body), "validation_error", field="user_id")
    check_plain_error(everywhere.call("POST", "/recommendations", body), "validation_error", field="user_id")


@pytest.mark.parametrize("query", ["a%0Ab", "a%0Db", "%01", "a%00b", "%7F", "", "x" * 129, "x" * 4000])
def test_a_user_id_in_the_query_is_held_to_the_same_rules(everywhere, nothing_logged, query):
    answer = everywhere.call("GET", f"/recommendations?user_id={query}")
    assert answer.status == 400, answer


@pytest.mark.parametrize("query", ["user_id=%ff", "user_id=%c0%af", "user_id=%ed%a0%80", "%ff=1&user_id=u"])
def test_invalid_utf8_in_the_query_is_refused(everywhere, nothing_logged, query):
    answer = everywhere.call("GET", f"/recommendations?{query}")
    assert answer.status == 400, answer


@pytest.mark.parametrize("query", ["user_id=%zz", "user_id=%", "user_id=%4", "user_id=u&%", "user_id=u&&&=&=x&y", "user_id=u;quantity=1",
                                   "user_id=u?quantity=1", "user_id=u&quantity", "&" * 3000 + "user_id=u"])
def test_odd_queries_are_answered_without_a_failure(everywhere, stand, query):
    before = stand.rows()
    answer = everywhere.call("GET", f"/recommendations?{query}")
    assert answer.status in (200, 400, 431), answer
    assert stand.rows() == tuple(count + (answer.status == 200) for count in before)


def test_form_bodies_are_checked_like_json(everywhere, nothing_logged):
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    for body in ("user_id=%ff", "user_id=a%00b", "user_id=a%0Ab", "user_id=", b"user_id=\xff"):
        answer = everywhere.call("POST", "/recommendations", body, form)
        assert answer.status == 400, (body, answer)
        check_plain_error(answer, answer.json()["code"])
    check_recommend_error(everywhere.call("POST", RECOMMEND, "task=a&template=popular&sequence_data=%7B%7D", form), 400)


@pytest.mark.parametrize("content_type", ["text/plain", "application/xml", "multipart/form-data; boundary=x", "application/jsonx",
                                          "text/json", "application", "application/octet-stream", "json", "*/*"])
def test_other_types_of_body_are_refused(everywhere, nothing_logged, content_type):
    refused(everywhere, json.dumps(GOOD), 415, {"Content-Type": content_type}, "unsupported_media_type")


# ---- Sizes


def test_a_body_at_the_limit_is_fine(everywhere, one_row_each):
    check_recommend_answer(everywhere.call("POST", RECOMMEND, padded(LIMIT)))
    check_recommendations_answer(everywhere.call("GET", "/recommendations", padded(LIMIT)))
    one_row_each(2)


@pytest.mark.parametrize("size", [LIMIT + 1, 131072, 131073, 200_000, 3_000_000], ids=str)
def test_a_body_above_the_limit_is_refused(everywhere, nothing_logged, size):
    check_recommend_error(everywhere.call("POST", RECOMMEND, padded(size)), 413)
    check_plain_error(everywhere.call("POST", "/recommendations", padded(size)), "body_too_large")


def test_a_get_with_a_body_above_the_limit_is_refused(everywhere, nothing_logged):
    check_plain_error(everywhere.call("GET", "/recommendations?user_id=u", padded(LIMIT + 1)), "body_too_large")


def test_a_large_body_that_is_no_json_is_too_large_all_the_same(everywhere, nothing_logged):
    refused(everywhere, b"[" * 200_000, 413, code="body_too_large")


def test_a_long_address_is_refused(everywhere, nothing_logged):
    for size in (8300, 20000):
        answer = everywhere.call("GET", "/recommendations?user_id=u&padding=" + "x" * size)
        assert answer.status in (400, 414, 431), answer


def test_many_parameters_are_fine_or_refused(everywhere):
    body = json.dumps({**GOOD, **{f"p{n}": n for n in range(5000)}})
    assert everywhere.call("POST", RECOMMEND, body).status in (200, 400)


# ---- Chunked bodies


def test_a_chunked_body_is_read_like_any_other(everywhere, one_row_each):
    head = f"POST {RECOMMEND} HTTP/1.1\nTransfer-Encoding: chunked\nContent-Type: application/json"
    small = json.dumps(GOOD).encode()
    for body, size in ((small, 7), (small, 4096), (padded(LIMIT), 4096)):
        received = everywhere.raw(head, chunked(body, size))
        assert status_of(received) == 200, received[:500]
    one_row_each(3)


@pytest.mark.parametrize("size", [LIMIT + 1, 131073, 1_000_000], ids=str)
def test_a_chunked_body_above_the_limit_is_refused(everywhere, nothing_logged, size):
    head = f"POST {RECOMMEND} HTTP/1.1\nTransfer-Encoding: chunked\nContent-Type: application/json"
    received = everywhere.raw(head, chunked(padded(size), 65536))
    assert status_of(received) == 413, received[:500]
    assert b'"detail"' in received and b"Invalid request parameters" in received


SMALL = json.dumps(GOOD).encode()
MALFORMED_CHUNKS = {
    "no line end behind a chunk": b"%x\r\n%sZZ\r\n0\r\n\r\n" % (len(SMALL), SMALL),
    "a size that is no number": b"zz\r\n" + SMALL + b"\r\n0\r\n\r\n",
    "a negative size": b"-5\r\n" + SMALL + b"\r\n0\r\n\r\n",
    "a size beyond all": b"ffffffffffffffffff\r\n" + SMALL + b"\r\n0\r\n\r\n",
    "no size at all": SMALL,
}


@pytest.mark.parametrize("body", MALFORMED_CHUNKS.values(), ids=MALFORMED_CHUNKS.keys())
def test_malformed_chunks_are_refused(everywhere, nothing_logged, body):
    head = f"POST {RECOMMEND} HTTP/1.1\nTransfer-Encoding: chunked\nContent-Type: application/json"
    status = status_of(everywhere.raw(head, body, half_close=True))
    # lighttpd may just close the connection; mod_fcgid answers 500 itself to a body that it cannot read to its end.
    allowed = {"lighttpd": (0, 400, 413), "apache-fcgid": (400, 413, 500)}.get(everywhere.front.kind, (400, 413))
    assert status in allowed


@pytest.mark.parametrize("cut", [1, 20, len(SMALL)])
def test_a_chunked_body_cut_short_is_refused(everywhere, nothing_logged, cut):
    head = f"POST {RECOMMEND} HTTP/1.1\nTransfer-Encoding: chunked\nContent-Type: application/json"
    status = status_of(everywhere.raw(head, b"%x\r\n" % len(SMALL) + SMALL[:cut], half_close=True))
    assert status in {"lighttpd": (0, 400), "apache-fcgid": (400, 500)}.get(everywhere.front.kind, (400,))


def test_both_lengths_at_once_never_become_two_requests(everywhere, stand):
    before = stand.rows()
    head = f"POST {RECOMMEND} HTTP/1.1\nTransfer-Encoding: chunked\nContent-Length: {len(SMALL)}\nContent-Type: application/json"
    status = status_of(everywhere.raw(head, chunked(SMALL)))
    assert status in (200, 400)
    assert stand.rows() == tuple(count + (status == 200) for count in before)


def test_a_body_that_comes_drop_by_drop_is_waited_for(everywhere, one_row_each):
    def drops(head, body):
        yield head.encode()
        for piece in (body[:5], body[5:6], body[6:]):
            time.sleep(0.2)
            yield piece
    start = f"POST {RECOMMEND} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: Bearer {everywhere.token}\r\n"
    for head, body in ((f"Content-Length: {len(SMALL)}\r\n\r\n", SMALL), ("Transfer-Encoding: chunked\r\n\r\n", chunked(SMALL, 8))):
        received = exchange(everywhere.front.port, drops(start + head, body))
        assert status_of(received) == 200, received[:300]
    one_row_each(2)


# ---- Content-Length


@pytest.mark.parametrize("length", ["-1", "-5", "abc", "12abc", "1e3", "0x10", "99999999999999999999", "18446744073709551616", "1.5", "5, 6"])
def test_an_impossible_length_is_refused(everywhere, nothing_logged, length):
    received = everywhere.raw(f"POST {RECOMMEND} HTTP/1.1\nContent-Type: application/json\nContent-Length: {length}", SMALL, half_close=True)
    assert status_of(received) in (0, 400, 413), received[:300]


def test_two_different_lengths_are_refused(everywhere, nothing_logged):
    received = everywhere.raw(f"POST {RECOMMEND} HTTP/1.1\nContent-Type: application/json\nContent-Length: 5\nContent-Length: {len(SMALL)}",
                              SMALL, half_close=True)
    assert status_of(received) in (0, 400), received[:300]


def test_a_length_that_is_too_small_cuts_the_body(everywhere, nothing_logged):
    received = everywhere.raw(f"POST {RECOMMEND} HTTP/1.1\nContent-Type: application/json\nContent-Length: {len(SMALL) - 1}", SMALL)
    assert status_of(received) == 400, received[:300]


@pytest.mark.parametrize("sent", [0, 1, len(SMALL)])
def test_a_body_shorter_than_its_length_is_refused(everywhere, nothing_logged, sent):
    received = everywhere.raw(f"POST {RECOMMEND} HTTP/1.1\nContent-Type: application/json\nContent-Length: {len(SMALL) + 10}", SMALL[:sent],
                              half_close=True)
    # The web servers notice before a worker is asked: lighttpd closes the connection, mod_fcgid answers 500.
    allowed = {"lighttpd": (0, 400), "apache-fcgid": (400, 500), "htaccess": (400, 500)}.get(everywhere.front.kind, (400,))
    assert status_of(received) in allowed, received[:300]


def test_a_post_without_any_length_has_no_body(everywhere, nothing_logged):
    received = everywhere.raw(f"POST {RECOMMEND} HTTP/1.1\nContent-Type: application/json")
    assert status_of(received) in (400, 411), received[:300]


# ---- What web servers do not let through, given to the worker by hand


@pytest.fixture
def post(stand, mint):
    """Runs the worker as a CGI program that was sent a POST."""
    return lambda body=b"", **variables: stand.run_cgi(body=body, **{
        "REQUEST_METHOD": "POST", "REQUEST_URI": "/recommendations?user_id=u", "HTTP_AUTHORIZATION": f"Bearer {mint()}",
        "CONTENT_TYPE": "application/json", "CONTENT_LENGTH": str(len(body)), **variables})


@pytest.mark.parametrize("length", ["9", "100", "130048"])
def test_a_whole_object_in_a_body_that_is_too_short_is_refused(post, nothing_logged, length):
    check_plain_error(post(b"{}", CONTENT_LENGTH=length), "invalid_request")


@pytest.mark.parametrize("length", ["-1", "+2", "2x", "0x2", " 2", "2 ", "1e0", "99999999999999999999", "2.0", "2,2"])
def test_an_impossible_length_is_refused_by_the_worker(post, nothing_logged, length):
    answer = post(b"{}", CONTENT_LENGTH=length)
    check_plain_error(answer, answer.json()["code"])
    assert answer.json()["code"] in ("invalid_request", "body_too_large")


def test_an_endless_body_of_unknown_length_is_refused(post, nothing_logged):
    answer = post(b" " * 1_000_000, CONTENT_LENGTH=None, HTTP_TRANSFER_ENCODING="chunked")
    check_plain_error(answer, "body_too_large")


def test_the_limit_holds_for_bodies_of_unknown_length_too(post, one_row_each):
    check_recommendations_answer(post(padded(LIMIT), CONTENT_LENGTH=None, HTTP_TRANSFER_ENCODING="chunked"))
    check_plain_error(post(padded(LIMIT + 1), CONTENT_LENGTH=None, HTTP_TRANSFER_ENCODING="chunked"), "body_too_large")
    one_row_each(1)


def test_an_address_has_at_most_8190_bytes(post, one_row_each):
    start = "/recommendations?user_id=u&quantity=1&padding="
    check_recommendations_answer(post(REQUEST_URI=start + "x" * (8190 - len(start))))
    check_plain_error(post(REQUEST_URI=start + "x" * (8191 - len(start))), "uri_too_long")
    check_plain_error(post(REQUEST_URI=start + "x" * 100_000), "uri_too_long")
    check_recommend_error(post(REQUEST_URI=f"{RECOMMEND}?padding=" + "x" * 8190), 414)  # in each endpoint's own shape
    check_object_error(post(REQUEST_URI="/v1/items?padding=" + "x" * 8190), 414)
    one_row_each(1)


@pytest.mark.parametrize("variables", [{"REQUEST_URI": None}, {"REQUEST_URI": ""}, {"REQUEST_METHOD": ""}, {"REQUEST_URI": "recommendations"},
                                       {"REQUEST_URI": "?user_id=u"}, {"REQUEST_URI": "http://"}, {"REQUEST_URI": "http:///"},
                                       {"REQUEST_URI": "*"}, {"REQUEST_URI": "/\x01"}, {"REQUEST_METHOD": "POST\n"},
                                       {"REQUEST_METHOD": "x" * 5000}, {"REQUEST_URI": "/" * 5000}],
                         ids=lambda variables: repr(variables)[:40])
def test_an_address_that_is_none_is_refused(post, nothing_logged, variables):
    answer = post(**variables)
    assert 400 <= answer.status < 500, answer
    check_headers(answer)


# ---- The transport


@pytest.mark.parametrize("line", ["GET /recommendations", "GET  /recommendations HTTP/1.1", "GET /recommendations HTTP/9.9", "\x00\x01\x02",
                                  "GET /recommend\x00ations HTTP/1.1", "/recommendations", "GET /recommendations?user_id=a b HTTP/1.1"])
def test_request_lines_that_are_none_do_no_harm(everywhere, stand, line):
    """Apache serves HTTP/9.9, lighttpd a space in the query: then it is a request like any other."""
    before = stand.rows()
    status = status_of(everywhere.raw(line, half_close=True))
    assert status < 500 or status in (501, 505), status
    assert stand.rows() == tuple(count + (status == 200) for count in before)


def test_a_header_that_is_none_does_no_harm(everywhere, nothing_logged):
    for header in ("No colon here", "Name with spaces: x", ": empty", "X-Bad\x00Name: x"):
        status = status_of(everywhere.raw(f"GET /recommendations HTTP/1.1\n{header}"))
        assert status < 500, header


def test_a_proxy_header_and_friends_do_no_harm(everywhere):
    answer = everywhere.recommendations({"Proxy": "http://127.0.0.1:1", "X-Forwarded-For": "x" * 500, "Content-Encoding": "gzip",
                                         "Expect": ""}, user_id="u", quantity=1)
    assert answer.status in (200, 400, 415, 417)


def test_the_worker_goes_on_after_all_that(everywhere, one_row_each):
    """Comes last: everything above went to the same workers."""
    answers = [everywhere.recommendations(user_id="u", quantity=1) for _ in range(10)]
    for answer in answers:
        check_recommendations_answer(answer)
    one_row_each(10)


# ---- What is looked at first: cheap refusals come before dear ones


ORDER = [
    # (what, method, path, body, content type, token, expected code)
    ("path before token", "GET", "/nowhere", None, None, "bad", "not_found"),
    ("path before method", "PUT", "/nowhere", None, None, "good", "not_found"),
    ("path before length", "POST", "/nowhere", padded(LIMIT + 1), None, "bad", "not_found"),
    ("method before token", "PUT", "/recommendations", None, None, "bad", "method_not_allowed"),
    ("method before type", "PUT", "/recommendations", b"x", "text/plain", "bad", "method_not_allowed"),
    ("type before length", "POST", "/recommendations", padded(LIMIT + 1), "text/plain", "bad", "unsupported_media_type"),
    ("type before token", "POST", "/recommendations", b"x", "text/plain", "bad", "unsupported_media_type"),
    ("length before syntax", "POST", "/recommendations", b"[" * (LIMIT + 1), None, "bad", "body_too_large"),
    ("length before token", "POST", "/recommendations", padded(LIMIT + 1), None, "bad", "body_too_large"),
    ("token before syntax", "POST", "/recommendations", b"{", None, "bad", "invalid_token"),
    ("token before the query", "GET", "/recommendations?user_id=%zz", None, None, "bad", "invalid_token"),
    ("scope before syntax", "POST", "/recommendations", b"{", None, "no scope", "insufficient_scope"),
    ("syntax before tenant", "POST", "/recommendations", b"{", None, "no client", "invalid_json"),
    ("token before scope and parameters", "POST", "/recommendations", b'{"quantity": "ten"}', None, "bad", "invalid_token"),
    ("scope before parameters", "POST", "/recommendations", b'{"quantity": "ten"}', None, "no scope", "insufficient_scope"),
    ("scope before tenant", "POST", "/recommendations", b"{}", None, "no scope, no client", "insufficient_scope"),
    ("parameters before tenant", "POST", "/recommendations", b'{"quantity": "ten"}', None, "no client", "validation_error"),
    ("tenant before context", "POST", "/recommendations", b'{"user_id": "u", "context_id": 999}', None, "no client", "unknown_client"),
]


@pytest.mark.parametrize("what, method, path, body, content_type, token, code", ORDER, ids=[row[0] for row in ORDER])
def test_refusals_come_in_order(api, mint, nothing_logged, what, method, path, body, content_type, token, code):
    values = {"good": mint(), "bad": "bad", "no scope": mint(scope="x"), "no scope, no client": mint("nobody", scope="x"),
              "no client": mint("nobody")}
    other = api.with_token(values[token])
    check_plain_error(other.call(method, path, body, {"Content-Type": content_type} if content_type else None), code)


def test_the_first_document_refuses_in_the_same_order(api, nothing_logged):
    other = api.with_token("bad")
    check_recommend_error(other.call("POST", RECOMMEND, b"x", {"Content-Type": "text/plain"}), 415)
    check_recommend_error(other.call("POST", RECOMMEND, padded(LIMIT + 1)), 413)
    check_recommend_error(other.call("POST", RECOMMEND, b"{"), 401)
    check_recommend_error(api.call("POST", RECOMMEND, b"{"), 400)


def test_no_answer_repeats_what_was_sent(api, mint, nothing_logged):
    """Errors name fields and rules, not values: a value may be somebody's secret."""
    mark = "S3CR3T-marker"
    for answer in (api.recommendations(user_id="u", quantity=mark), api.call("POST", RECOMMEND, {"task": 5, mark: mark}),
                   api.with_token(mint(mark)).recommendations(user_id="u"), api.call("POST", RECOMMEND, '{"' + mark),
                   request(api.front.port, "GET", "/recommendations", headers={"Authorization": f"Bearer {mark}"})):
        assert 400 <= answer.status < 500
        check_headers(answer)
        assert mark.encode() not in answer.body


def test_the_log_has_one_line_for_each_request_and_no_secret_in_it(everywhere):
    """Neither token nor body nor query; the line is found by the request id."""
    mark, token = f"S3CR3T-{uuid.uuid4()}", everywhere.token
    numbers = [str(uuid.uuid4()) for _ in range(4)]
    calls = [("POST", RECOMMEND, {**GOOD, "user_id": mark}), ("GET", f"/recommendations?user_id={mark}", None),
             ("POST", "/recommendations", {"user_id": mark, "quantity": mark}), ("POST", RECOMMEND, '{"' + mark)]
    statuses = [everywhere.call(method, path, body, {"X-Request-Id": number}).status
                for number, (method, path, body) in zip(numbers, calls)]
    assert statuses == [200, 200, 400, 400]
    wait_until(lambda: all(number in everywhere.front.log() for number in numbers), 5, "the log has the requests")
    lines = everywhere.front.log().splitlines()
    for number, status in zip(numbers, statuses):
        own = [line for line in lines if number in line]
        assert len(own) == 1 and f" {status} " in own[0]
    assert mark not in everywhere.front.log() and token.split(".")[2] not in everywhere.front.log()


@pytest.mark.parametrize("blank", [" ", "   ", "\u00a0", "\u3000 \u200b"])
def test_blanks_alone_are_no_id(quick, mint, nothing_logged, blank):
    """A page that forgot to fill in its user would make one person of all visitors."""
    api = Api(quick, mint(scope=BOTH))
    for body in ({"user_id": blank}, {"entity_id": blank, "entity_type": "Item"}, {"anonymous_id": blank}):
        check_object_error(api.call("POST", "/v1/recommendations", body), 400)
    check_object_error(api.call("POST", "/v1/recommendations", {"user_id": blank}), 400, "validation_error", "user_id")
    check_object_error(api.call("POST", "/v1/search", {"query": "x", "user_id": blank}), 400)
    check_object_error(api.call("POST", "/v1/explain", {"item_id": blank, "user_id": "u"}), 400)
    check_object_error(api.call("POST", "/v1/items", {"id": blank, "name": "x"}), 400)
    check_object_error(api.call("GET", "/v1/items/" + quote(blank)), 404)
    check_plain_error(api.call("POST", "/items", {"id": blank, "name": "x"}), "validation_error", "id")
    for event in ({"user_id": blank, "item_id": "el-01", "type": "view"}, {"user_id": "u", "item_id": blank, "type": "view"}):
        check_object_error(api.call("POST", "/v1/events", event), 400)
    call = {"sequence_data": {}, "task": "t", "template": "popular"}
    check_recommend_error(api.call("POST", "/api/recommend/recommend", {**call, "user_id": blank}), 400)
    check_recommend_error(api.call("POST", "/api/recommend/recommend", {**call, "sequence_data": {"purchase_history": [blank]}}), 400)


@pytest.mark.parametrize("encoding", ["gzip", "br", "zstd"])
def test_an_encoded_body_is_refused_by_its_name(everywhere, nothing_logged, encoding):
    for path, body in ((RECOMMEND, GOOD), ("/recommendations", {"user_id": "u"}), ("/v1/recommendations", {"user_id": "u"}), ("/v1/items", [])):
        answer = everywhere.call("POST", path, gzip.compress(json.dumps(body).encode()), {"Content-Encoding": encoding})
        assert answer.status == 415 and encoding in answer.body.decode(), answer


def test_no_encoding_and_a_byte_order_mark_are_passed_over(everywhere, mint):
    """As .NET and PowerShell write it; also in front of a list."""
    mark = b"\xef\xbb\xbf"
    answer = everywhere.call("POST", "/v1/recommendations", {"user_id": "u"}, {"Content-Encoding": "identity"})
    assert answer.status == 200, answer
    check_recommend_answer(everywhere.call("POST", RECOMMEND, mark + json.dumps(GOOD).encode()))
    check_recommendations_answer(everywhere.call("POST", "/recommendations", mark + b'{"user_id": "u"}'))
    check_object_error(everywhere.call("POST", "/v1/recommendations", mark + mark + b'{"user_id": "u"}'), 400, "invalid_json")
    answer = everywhere.with_token(mint(scope=BOTH)).call("POST", "/v1/events", mark + b"[]")
    assert answer.status == 400 and answer.json()["error"]["code"] != "invalid_json", answer
