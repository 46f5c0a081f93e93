"""Ids in paths reach the worker as they are, under each web server as its distribution configures it: lighttpd with Debian's
lighttpd.conf, Apache with what Debian's apache2.conf denies."""
import json
from urllib.parse import quote

import pytest

from harness.client import Api, exchange, status_of
from harness.shapes import check_item_answer
from harness.stand import Front
from harness.tokens import READ, WRITE

IDS = ["back~", "x.inc", "x.php", "x.pl", "x.fcgi", ".htaccess", ".htpasswd", "index.html", "index.php", "a/b", "a//b", "/", "a\\b",
       "a;b", "a b", "a+b", "a%b", "a%2Fb", "a?b", "a#b", "a&b=c", "a:b", "a,b", "a'b", 'a"b', "a@b", "a<b>", "a[b]", "a|b", "...",
       "..a", "a..", "æøå", "日本", "😀", "*", "=", "~"]
DOTS = [".", ".."]  # clients resolve them in a path, unless they are encoded


@pytest.fixture(scope="module")
def odd_shop(stand, tmp_path_factory):
    """A tenant whose catalogue was imported: imports take any id."""
    stand.tool.tenant("odd")
    stand.tool.client("odd", "odd-client")
    path = tmp_path_factory.mktemp("odd") / "items.jsonl"
    path.write_text("".join(json.dumps({"id": item, "name": f"Item {item}"}) + "\n" for item in [*IDS, *DOTS]), encoding="utf-8")
    stand.tool.items("odd", path)


@pytest.fixture
def odd(odd_shop, front, mint):
    return Api(front, mint("odd-client", scope=f"{READ} {WRITE}"))


def check_read(odd, item, path):
    answer = odd.call("GET", path)
    if odd.front.kind == "htaccess" and "/" in item:
        assert answer.status == 404  # Apache's own: only the server's configuration can set AllowEncodedSlashes
    else:
        assert check_item_answer(answer)["id"] == item


@pytest.mark.parametrize("item", IDS)
def test_an_id_in_a_path_is_the_same_under_each_server(odd, item):
    check_read(odd, item, f"/v1/items/{quote(item, safe='')}")


@pytest.mark.parametrize("item", [*IDS, *DOTS])
def test_what_is_percent_encoded_without_need_too(odd, item):
    check_read(odd, item, "/v1/items/" + "".join(f"%{byte:02X}" for byte in item.encode()))


@pytest.fixture
def shared_lighttpd(stand):
    """A lighttpd where only one host is Palate's."""
    front = Front(stand, "lighttpd", "one-of-many", stand.root / "palate.conf", workers=2)
    front.environment["PALATE_FRONT_HOST"] = r"^api\.example\.org(:[0-9]+)?$"
    front.environment["PALATE_FRONT_ANY"] = "yes"
    stand.fronts["one-of-many", "lighttpd"] = front
    front.start()
    (front.directory / "lighttpd" / "empty" / "page.html").write_text("a page of another site")
    (front.directory / "lighttpd" / "empty" / "page.html~").write_text("a copy that nobody may see")
    yield front
    front.stop()
    del stand.fronts["one-of-many", "lighttpd"]


def test_other_hosts_of_the_same_lighttpd_stay_as_they_were(shared_lighttpd, odd_shop, mint):
    api = Api(shared_lighttpd, mint("odd-client", scope=f"{READ} {WRITE}"))
    for host in ("api.example.org", "api.example.org:8080", "API.example.org"):
        assert check_item_answer(api.call("GET", "/v1/items/back~", headers={"Host": host}))["id"] == "back~"
    for host in ("www.example.org", "apixexample.org", "api.example.org.other.example"):
        def status(path):
            return status_of(exchange(api.front.port, f"GET {path} HTTP/1.0\r\nHost: {host}\r\n\r\n".encode()))
        assert [status(path) for path in ("/page.html", "/page.html~", "/v1/items/back~")] == [200, 403, 403]


def test_a_comma_in_a_list_is_part_of_an_id(odd_shop, quick, mint):
    api = Api(quick, mint("odd-client", scope=READ))
    answer = api.call("POST", "/v1/recommendations", {"user_id": "u", "limit": 100, "exclude": ["a,b"]})
    shown = {entry["id"] for entry in answer.json()["data"]}
    assert "a,b" not in shown and {"a/b", "a;b"} <= shown
