"""Pages of other origins: a list of those that may read answers, and what they are told."""
import pytest

from harness.client import Api

SHOP, LOCAL, STRANGER = "https://shop.example", "http://localhost:3000", "https://stranger.example"


@pytest.fixture(params=["lighttpd", "apache-fcgid"])
def listed(request, stand, mint):
    """The API of a front with a list of origins."""
    path = stand.configure("origins.conf", http={"allow_origin": f"{SHOP}, {LOCAL}"})
    return Api(stand.front(request.param, "origins", path, workers=2), mint())


def cors(answer):
    return {name: value for name, value in answer.headers.items() if name.startswith("Access-Control")}


CALLS = [("GET", "/v1/items/el-01", 200), ("GET", "/recommendations?user_id=u&quantity=1", 200), ("GET", "/v1/items/no-such", 404),
         ("GET", "/nowhere", 404), ("PATCH", "/v1/recommendations", 405), ("GET", "/openapi.json", 200)]


@pytest.mark.parametrize("method, path, status", CALLS)
def test_an_origin_of_the_list_is_echoed(listed, method, path, status):
    for origin in (SHOP, LOCAL):
        answer = listed.call(method, path, headers={"Origin": origin})
        assert answer.status == status and answer.headers["Vary"] == "Origin"
        assert cors(answer) == {"Access-Control-Allow-Origin": origin, "Access-Control-Expose-Headers": "X-Request-Id, Retry-After, ETag"}


@pytest.mark.parametrize("method, path, status", CALLS)
def test_another_origin_is_told_nothing(listed, method, path, status):
    for origin in (None, STRANGER, "null", SHOP + "/", SHOP.upper(), f"{SHOP}, {LOCAL}"):
        answer = listed.call(method, path, headers={"Origin": origin})
        assert answer.status == status and answer.headers["Vary"] == "Origin" and cors(answer) == {}


def test_errors_of_the_token_are_readable_too(listed):
    answer = listed.with_token("no.token.atall").call("GET", "/v1/items", headers={"Origin": SHOP})
    assert answer.status == 401 and answer.headers["Access-Control-Allow-Origin"] == SHOP


@pytest.mark.parametrize("path", ["/v1/items", "/v1/items/el-01", "/v1/recommendations", "/recommendations", "/api/recommend/recommend", "/oauth2/token", "/", "/auth"])
def test_a_preflight(listed, path):
    headers = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization, content-type"}
    answer = listed.with_token(None).call("OPTIONS", path, headers={"Origin": SHOP, **headers})
    assert answer.status == 204 and answer.body == b"" and answer.headers["Vary"] == "Origin"
    assert answer.headers["Access-Control-Allow-Origin"] == SHOP
    assert answer.headers["Access-Control-Allow-Methods"] == "GET,POST,PATCH,DELETE,OPTIONS"
    names = {name.strip() for name in answer.headers["Access-Control-Allow-Headers"].split(",")}
    assert names >= {"Content-Type", "Authorization", "X-Request-Id", "X-Session-Id", "X-Anonymous-Id", "X-SDK", "X-SDK-Version", "X-Platform"}
    assert int(answer.headers["Access-Control-Max-Age"]) > 0
    answer = listed.with_token(None).call("OPTIONS", path, headers={"Origin": STRANGER, **headers})
    assert answer.status == 204 and cors(answer) == {} and answer.headers["Vary"] == "Origin"


def test_everybody_by_default(everywhere):
    for method, status in (("GET", 200), ("OPTIONS", 204)):
        for origin in (SHOP, None):
            answer = everywhere.call(method, "/v1/items?limit=1", headers={"Origin": origin})
            assert answer.status == status and answer.headers["Access-Control-Allow-Origin"] == "*"
    answer = everywhere.call("OPTIONS", "/v1/items")
    assert answer.headers["Access-Control-Allow-Methods"] == "GET,POST,PATCH,DELETE,OPTIONS" and answer.headers["Vary"] == "Origin"


def test_a_wrong_origin_keeps_the_service_from_starting(stand):
    path = stand.configure("no-origin.conf", http={"allow_origin": f"{SHOP}, {SHOP}/shop"})
    environment, stand.environment = stand.environment, {**stand.environment, "PALATE_CONFIG": str(path)}
    try:
        result = stand.tool.run("tenant", "list", check=False)
    finally:
        stand.environment = environment
    assert result.returncode != 0 and "[http] allow_origin must be" in result.stderr and f'not "{SHOP}/shop"' in result.stderr
