"""Paths and methods: 404, 405, HEAD, OPTIONS."""
import pytest

from harness import openapi
from harness.client import Api, status_of
from harness.shapes import check_headers, check_object_error, check_plain_error, check_recommend_error, check_recommendations_answer

RECOMMEND = "/api/recommend/recommend"
METHODS = {RECOMMEND: {"POST"}, "/recommendations": {"GET", "POST"}, "/recommendation": {"GET", "POST"}}


def allowed(answer):
    return {method.strip() for method in answer.headers["Allow"].split(",")}


@pytest.mark.parametrize("path", ["/", "/nowhere", "/api", "/api/recommend", "/api/recommend/recommendations", "/recommend",
                                  "/recommendationss", "/Recommendations", "/RECOMMENDATIONS", "/api/recommend/recommend/x",
                                  "/recommendations/x", "/recommendations.json", "/index.html", "/favicon.ico", "/palate.fcgi",
                                  "/palate.fcgi/recommendations", "/cgi-bin/palate.fcgi", "/robots.txt", "/v1", "/v10/items"])
def test_an_unknown_path_is_not_found(everywhere, nothing_logged, path):
    for method in ("GET", "POST"):
        check_plain_error(everywhere.call(method, path), "not_found")


@pytest.mark.parametrize("path", ["/v1/nothing", "/v1/recommendationss", "/v1/items/a/b"])
def test_below_v1_an_unknown_path_has_the_shape_of_v1(everywhere, nothing_logged, path):
    for method in ("GET", "POST"):
        check_object_error(everywhere.call(method, path), 404, "not_found")


@pytest.mark.parametrize("path", ["/recommendations/", "//recommendations", "/./recommendations", "/x/../recommendations",
                                  "/api//recommend/recommend", "/api/recommend/recommend/", "/api/./recommend/recommend",
                                  "/recommendation%73", "/%72ecommendations", "/api%2Frecommend/recommend", "/recommendations%00",
                                  "/recommendations%3Fuser_id=u", "/recommendations;x", "/recommendations%20", "/recommendations\\",
                                  "/%2e/recommendations", "/x/%2e%2e/recommendations"])
def test_a_path_that_is_not_plain_is_not_found(everywhere, nothing_logged, path):
    received = everywhere.raw(f"GET {path}?user_id=u HTTP/1.1")
    # The servers answer some of them themselves: 400 or 403 for what they hold to be an attack.
    assert status_of(received) in (400, 403, 404), received[:400]


@pytest.mark.parametrize("path", ["/v1/items/", "/v1/items/a/", "/v1/./items", "/v1/items?x=" + "y" * 8170])
def test_below_v1_an_address_that_is_not_plain_has_the_shape_of_v1(everywhere, nothing_logged, path):
    answer = everywhere.call("GET", path)
    if answer.request_id:  # else the server itself has refused it
        check_object_error(answer, 414 if "?" in path else 404)


@pytest.mark.parametrize("path", [".htaccess", "palate.conf", ".git/config"])
def test_no_file_is_ever_served(everywhere, nothing_logged, path):
    answer = everywhere.call("GET", f"/{path}")
    assert answer.status in (403, 404)
    assert b"PALATE_CONFIG" not in answer.body


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "PROPFIND"])
@pytest.mark.parametrize("path", METHODS)
def test_another_method_of_a_known_path_is_refused_with_allow(everywhere, nothing_logged, method, path):
    answer = everywhere.call(method, path)
    check_plain_error(answer, "method_not_allowed") if path != RECOMMEND else check_recommend_error(answer, 405)
    assert METHODS[path] <= allowed(answer) <= METHODS[path] | {"OPTIONS"}


def test_the_first_document_has_no_get(everywhere, nothing_logged):
    answer = everywhere.call("GET", RECOMMEND)
    check_recommend_error(answer, 405)
    assert "POST" in allowed(answer) and "GET" not in allowed(answer)


@pytest.mark.parametrize("path", METHODS)
def test_head_is_refused_without_a_body(everywhere, nothing_logged, path):
    answer = everywhere.call("HEAD", path)
    assert answer.status == 405 and answer.body == b""
    assert METHODS[path] <= allowed(answer)


def test_head_of_an_unknown_path_is_not_found(everywhere, nothing_logged):
    assert everywhere.call("HEAD", "/nowhere").status == 404


@pytest.mark.parametrize("path", METHODS)
def test_options_needs_no_token(everywhere, nothing_logged, path):
    headers = {"Origin": "https://shop.example", "Access-Control-Request-Method": "POST"}
    answer = everywhere.with_token(None).call("OPTIONS", path, None, headers)
    assert answer.status == 204 and answer.body == b""
    assert METHODS[path] <= allowed(answer)
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert all(method in answer.headers["Access-Control-Allow-Methods"] for method in METHODS[path])
    names = answer.headers["Access-Control-Allow-Headers"].lower()
    assert "authorization" in names and "content-type" in names
    assert answer.request_id


def test_options_of_an_unknown_path_is_not_found(everywhere, nothing_logged):
    check_plain_error(everywhere.with_token(None).call("OPTIONS", "/nowhere"), "not_found")


@pytest.mark.parametrize("method", ["FOO", "get", "TRACE", "CONNECT", "GETX", "QUERY"])
def test_invented_methods_do_no_harm(everywhere, nothing_logged, method):
    received = everywhere.raw(f"{method} /recommendations?user_id=u HTTP/1.1")
    if method == "TRACE" and everywhere.front.kind == "htaccess" and status_of(received) == 200:
        # Whether TRACE is answered is the host's TraceEnable, which an .htaccess file cannot set; no worker is asked.
        assert b"message/http" in received
        return
    assert status_of(received) in (400, 404, 405, 501), received[:300]


def test_the_query_is_no_part_of_the_path(everywhere):
    for query in ("?", "?user_id=u&x=/../..//%2e", "?user_id=u?x"):
        assert everywhere.call("GET", "/recommendations" + query).status == 200


def test_the_absolute_form_of_an_address_is_understood(everywhere):
    received = everywhere.raw("GET http://localhost/recommendations?user_id=u&quantity=1 HTTP/1.1")
    assert status_of(received) == 200, received[:300]


def test_http_1_0_is_served(everywhere):
    received = everywhere.raw("GET /recommendations?user_id=u&quantity=1 HTTP/1.0", close=False)
    assert status_of(received) == 200, received[:300]


def test_requests_of_one_connection_do_not_mix(everywhere, one_row_each):
    first = "GET /recommendations?user_id=first&quantity=1 HTTP/1.1\nHost: localhost\nAuthorization: Bearer " + everywhere.token
    pipelined = "\r\n".join(first.split("\n")) + "\r\n\r\n"
    received = everywhere.raw(pipelined.replace("\r\n", "\n") + "GET /recommendations?user_id=second&quantity=1 HTTP/1.1")
    assert received.count(b"HTTP/1.1 200") == 2
    assert received.index(b'"first"') < received.index(b'"second"')
    one_row_each(2)


def test_answers_are_not_kept_by_browsers_as_another_type(everywhere):
    answer = everywhere.recommendations(user_id="u", quantity=1)
    check_recommendations_answer(answer)
    check_headers(answer)
    if answer.headers["Content-Length"]:
        assert int(answer.headers["Content-Length"]) == len(answer.body)


def test_below_a_base_path_only_that_is_served(stand, mint):
    text = (stand.root / "palate.conf").read_text() + "\n[http]\nbase_path = /shop\n"
    front = stand.front("lighttpd", "below", stand.write("below.conf", text), workers=1)
    openapi.base_paths[front.port] = "/shop"
    api = Api(front, mint())
    check_recommendations_answer(api.call("GET", "/shop/recommendations?user_id=u&quantity=1"))
    for path in ("/recommendations", "/shop", "/shop/", "/shoprecommendations", "/shop/shop/recommendations", "/SHOP/recommendations"):
        check_plain_error(api.call("GET", path + "?user_id=u"), "not_found")
    assert api.call("OPTIONS", "/shop/recommendations").status == 204
