"""Shared hosting: .htaccess under what hosts allow and have set."""
import json

import pytest

from harness.client import Api, chunked, request, status_of
from harness.stand import Front

# What .htaccess files may say: what is asked for, what the page of many a host says, and what control panels write.
HOSTS = {
    "the least": ("FileInfo Options=ExecCGI", "FollowSymLinks"),
    "bare Options": ("AuthConfig FileInfo Options", "FollowSymLinks"),
    "MultiViews and Indexes on": ("AuthConfig FileInfo Options", "FollowSymLinks MultiViews Indexes"),
    "a list without MultiViews": ("AuthConfig FileInfo Indexes Limit Options=ExecCGI,Includes,IncludesNOEXEC,SymLinksIfOwnerMatch",
                                  "SymLinksIfOwnerMatch IncludesNOEXEC"),
    "everything": ("All", "All"),
}
FIRST = {"sequence_data": {"customer_preferences": {"categories": ["electronics"]}}, "task": "product_recommendation",
         "template": "personalized"}


@pytest.fixture(params=HOSTS)
def host(request, stand):
    """A front of its own with that host's rules, and the API as alpha's client calls it there."""
    front = Front(stand, "htaccess", f"host-{list(HOSTS).index(request.param)}", stand.root / "palate.conf", 4)
    front.environment["PALATE_FRONT_OVERRIDE"], front.environment["PALATE_FRONT_OPTIONS"] = HOSTS[request.param]
    front.start()
    yield front
    front.stop()


def test_every_kind_of_request_reaches_the_worker(host, mint):
    api = Api(host, mint())
    assert api.call("POST", "/api/recommend/recommend", FIRST).status == 200
    for path in ("/recommendations?user_id=u", "/recommendations?user_id=u&quantity=3"):
        assert api.call("GET", path).status == 200
    # What a file's name, a directory's index or a variant of one could catch.
    for path in ("/", "/palate", "/palate.fcgi", "/index.html", "/.htaccess"):
        assert api.call("GET", path).status in (403, 404)
    # Chunked, and above what mod_fcgid lets through: as plain CGI.
    body = json.dumps(FIRST).encode()
    head = "POST /api/recommend/recommend HTTP/1.1\nContent-Type: application/json\nTransfer-Encoding: chunked"
    assert status_of(api.raw(head, chunked(body, 50))) == 200
    for size in (140_000, 200_000):
        answer = api.call("POST", "/api/recommend/recommend", {**FIRST, "template": "x" * size})
        assert answer.status == 413, answer
        assert answer.headers["Content-Type"].startswith("application/json")
    assert "not allowed here" not in host.log()


def test_without_a_token_it_is_401(host):
    assert request(host.port, "GET", "/recommendations?user_id=u").status == 401
