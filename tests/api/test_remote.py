"""The remote recommender: asked over HTTP, never trusted, never able to hurt. harness/fake_remote.py is the service."""
import contextlib
import datetime
import ipaddress
import json
import re
import shutil
import signal
import statistics
import time
from concurrent.futures import ThreadPoolExecutor

import jsonschema
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from harness.catalogue import ITEMS, write_items
from harness.client import Api
from harness.fake_remote import FakeRemote, results
from harness.shapes import check_plain_error, check_recommend_answer, check_recommend_error, check_recommendations_answer
from harness.stand import CHECKOUT, IS_ROOT, WEB_GROUP, wait_until

TIMEOUT_MS, SLACK = 800, 1.5  # seconds on top of it: sanitizers, the web server, a busy machine
GOOD = results(("mu-03", 0.9), ("bo-05", 0.8), ("ga-07", 0.5))

CONTEXTS = {
    501: ("remote-strict", {"recommender": "remote", "on_failure": "error", "quantity": 3}),
    502: ("remote-lenient", {"recommender": "remote", "on_failure": "embedded", "quantity": 3}),
    503: ("remote-garden", {"recommender": "remote", "quantity": 4,
                            "filters": [{"column": "category", "operator": "=", "value": "garden"}]}),
    504: ("remote-grouped", {"recommender": "remote", "quantity": 2, "group_by": ["category"], "group_items": 2}),
    505: ("remote-diverse", {"recommender": "remote", "quantity": 3, "diversity": {"field": "category", "max": 1}}),
    506: ("local", {"quantity": 5}),
    507: ("shadowed", {"quantity": 3, "shadow": "remote"}),
    508: ("remote-unviewed", {"recommender": "remote", "quantity": 3, "exclude_viewed_items": True}),
}


@pytest.fixture(scope="module", autouse=True)
def contexts(stand):
    for number, (key, settings) in CONTEXTS.items():
        for tenant in ("alpha", "change"):
            stand.tool.context(tenant, number, key, settings)


@pytest.fixture(scope="module")
def states(stand):
    """A directory in which the workers may make their state files."""
    folder = stand.root / "states"
    folder.mkdir()
    if IS_ROOT:
        shutil.chown(folder, WEB_GROUP, WEB_GROUP)
    return folder


@pytest.fixture(scope="module")
def fake():
    with FakeRemote() as service:
        yield service


class Remote:
    """Fronts whose workers have the service as remote recommender; a configuration of their own for each name."""

    def __init__(self, stand, states, service, mint):
        self.stand, self.states, self.service, self.mint = stand, states, service, mint
        self.started = set()

    def close(self):
        """Stops the fronts of one test; the one called "remote" stays for all."""
        for name, kind in list(self.stand.fronts):
            if name not in ("front", "remote") and (name, kind) in self.started:
                self.stand.fronts.pop((name, kind)).stop()

    def state(self, name):
        return self.states / f"{name}.state"

    def settings(self, name, **more):
        return {"url": self.service.url("/list"), "http_hosts": "127.0.0.1", "timeout_ms": TIMEOUT_MS, "max_waiting": 8,
                "breaker_failures": 16, "state_file": self.state(name), **more}

    def api(self, kind, name="remote", client="alpha-client", recommender="embedded", workers=None, **more):
        path = self.stand.root / f"remote-{name}.conf"
        if not path.exists():
            self.stand.configure(path.name, recommender={"kind": recommender}, remote=self.settings(name, **more))
        self.started.add((name, kind))
        return Api(self.stand.front(kind, name, path, workers or (None if name == "remote" else 4)), self.mint(client))

    def reset(self):
        """Closes every breaker: behind its format the state is all zero, as in a new file."""
        for path in self.states.iterdir():
            with open(path, "r+b") as file:
                file.seek(8)
                file.write(bytes(path.stat().st_size - 8))


@pytest.fixture
def remote(stand, states, fake, mint):
    fake.mode, fake.answer = "list", GOOD
    fake.requests.clear()
    fake.released.clear()
    made = Remote(stand, states, fake, mint)
    made.reset()
    yield made
    made.close()


@pytest.fixture
def pooled(remote, pool):
    return remote.api(pool.kind)


@pytest.fixture
def quickly(remote):
    return remote.api("lighttpd")


def entries(answer):
    return check_recommendations_answer(answer)["recommendations"]


def shown(answer):
    return [(entry["item_id"], entry["source"]) for entry in entries(answer)]


def log_line(api, answer):
    def find():
        return [line for line in api.front.log().splitlines() if f"id={answer.request_id} " in line]
    return wait_until(find, 5, "the request's line is in the log")[0]


def decision(stand, answer):
    """Recommender and list of the decision that this answer left."""
    rows = stand.database.execute(
        "SELECT d.recommender, d.results FROM decisions d JOIN sequences s USING (tenant_id, sequence_id) WHERE s.request_id = %s",
        answer.request_id)
    assert len(rows) == 1
    return rows[0][0], json.loads(rows[0][1])


def timed(call):
    start = time.monotonic()
    answer = call()
    return answer, time.monotonic() - start


# ---- Right answers


def test_its_list_is_shown_and_logged(pooled, stand, one_row_each):
    answer = pooled.recommendations(user_id="remote-1", context_id=501)
    assert [(entry["item_id"], entry["score"], entry["source"]) for entry in entries(answer)] == [
        ("mu-03", 0.9, "remote"), ("bo-05", 0.8, "remote"), ("ga-07", 0.5, "remote")]
    assert decision(stand, answer) == ("remote", [
        {"item_id": "mu-03", "score": 0.9, "source": "remote"}, {"item_id": "bo-05", "score": 0.8, "source": "remote"},
        {"item_id": "ga-07", "score": 0.5, "source": "remote"}])
    assert re.search(r" remote remote_us=\d+ dropped=0 filled=0 ", log_line(pooled, answer))
    first = check_recommend_answer(pooled.recommend({"browsing_history": ["el-01"]}, template="remote-strict"))
    assert [entry["item_id"] for entry in first] == ["mu-03", "bo-05", "ga-07"]
    one_row_each(2)


def test_slow_but_in_time_is_fine(pooled, fake, one_row_each):
    fake.mode = "slow"
    answer, taken = timed(lambda: pooled.recommendations(user_id="slow", context_id=501))
    assert [source for _, source in shown(answer)] == ["remote"] * 3
    assert 0.4 <= taken < 0.4 + SLACK
    one_row_each(1)


def test_contexts_without_it_never_ask_it(pooled, fake):
    assert "remote" not in dict(shown(pooled.recommendations(user_id="local", context_id=506))).values()
    assert fake.requests == []


def test_an_installation_may_have_it_everywhere(remote, fake):
    api = remote.api("lighttpd", "everywhere", recommender="remote")
    assert [source for _, source in shown(api.recommendations(user_id="x", quantity=3))] == ["remote"] * 3
    first = check_recommend_answer(api.recommend({}, quantity=2))
    assert [entry["item_id"] for entry in first] == ["mu-03", "bo-05"]
    assert len(fake.requests) == 2


def test_connections_are_kept(remote, fake):
    api = remote.api("lighttpd", "one-worker", workers=1)
    for _ in range(5):
        entries(api.recommendations(user_id="kept", context_id=501))
    assert len({asked.connection for asked in fake.requests}) == 1


@pytest.mark.parametrize("mode", ["close", "once"])
def test_a_lost_connection_is_tried_once_more_when_nothing_had_arrived(pooled, fake, mode, one_row_each):
    fake.mode = mode
    for _ in range(3):
        assert [source for _, source in shown(pooled.recommendations(user_id="again", context_id=501))] == ["remote"] * 3
    one_row_each(3)


def test_the_request_obeys_the_schema(quickly, fake, shopper, stand):
    schema = json.loads((CHECKOUT / "docs/remote-protocol.schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    asked = jsonschema.Draft202012Validator({**schema, "oneOf": [{"$ref": "#/$defs/request"}]})
    reply = jsonschema.Draft202012Validator({**schema, "oneOf": [{"$ref": "#/$defs/reply"}]})
    shopper.did("view", "el-01", ago=300).did("purchase", "el-03", ago=200).did("impression", "el-04", ago=100)
    preferences = {"categories": ["music"], "price_range": {"min": 1, "max": None}, "strict": False}
    quickly.recommendations(user_id=shopper.id, context_id=503)
    quickly.recommendations(user_id="el-05", entity_type="Item", context_id=501)
    quickly.recommendations(user_id=shopper.id, context_id=508)
    quickly.recommend({"customer_preferences": preferences, "browsing_history": ["el-01", 1001], "purchase_history": ["bo-01"]},
                      template="remote-strict", user_id="named", quantity=7, task="any task")
    quickly.recommend({}, template="remote-garden")
    bodies = [one.json() for one in fake.requests]
    for body in bodies:
        asked.validate(body)
        with pytest.raises(jsonschema.ValidationError):
            reply.validate(body)
    reply.validate(GOOD)
    reply.validate({"status_code": 200, "results": [{"recommendation_id": 12, "score": 0.5, "rank": 1}]})
    of_user, of_item, unviewed, first, _ = bodies
    assert of_user["user_id"] == shopper.id and of_user["tenant"] == "alpha" and of_user["context_id"] == 503
    assert of_user["sequence_data"] == {"browsing_history": ["el-01"], "purchase_history": ["el-03"]}
    assert of_user["filters"] == [{"column": "category", "operator": "=", "value": "garden", "logic": "AND"}]
    assert of_user["exclude"] == ["el-03"] and of_user["quantity"] == 4
    assert of_item["template"] == "similar" and of_item["exclude"] == ["el-05"] and "user_id" not in of_item
    assert set(unviewed["exclude"]) == {"el-01", "el-03"}  # what was only shown is not viewed
    assert first["sequence_data"]["customer_preferences"] == preferences and first["user_id"] == "named"
    assert (first["task"], first["quantity"], first["exclude"]) == ("any task", 7, ["bo-01"])


def test_the_headers_carry_id_and_deadline(quickly, fake):
    answer = quickly.recommendations(user_id="headers", context_id=501)
    headers = fake.requests[0].headers
    assert headers["x-request-id"] == answer.request_id == fake.requests[0].json()["request_id"]
    assert TIMEOUT_MS - 100 <= int(headers["x-deadline-ms"]) <= TIMEOUT_MS
    assert "authorization" not in headers and "expect" not in headers


def test_the_callers_token_never_leaves(remote, stand, fake):
    key = stand.write("remote.key", "the key of the service\n")
    api = remote.api("lighttpd", "keyed", api_key_file=key)
    entries(api.recommendations(user_id="keyed", context_id=501))
    assert fake.requests[0].headers["authorization"] == "Bearer the key of the service"
    assert api.token not in repr(fake.requests)


# ---- Distrust


def test_what_may_not_be_shown_is_dropped(remote, fake, stand, one_row_each):
    api = remote.api("lighttpd", client="change-client")
    stand.tool.items("change", write_items(stand.root / "import/off.jsonl", [{**ITEMS["ga-08"], "active": False}]))
    try:
        stand.database.execute(
            "INSERT INTO events (tenant_id, user_id, item_id, event_type_id, occurred_at) SELECT tenant_id, 'distrust', 'ga-06',"
            " event_type_id, %s FROM event_types WHERE tenant_id = %s AND is_purchase LIMIT 1",
            int(time.time() * 1000) - 60000, stand.tenant_id("change"))
        fake.answer = results(
            ("unknown", 0.99), ("ga-08", 0.98), ("el-01", 0.97), ("ga-06", 0.96), ("ga-05", 0.95), ("ga-05", 0.94), ("ga-03", 5.0),
            ("GA-04", 0.9), ("ga-04 ", 0.9), ("ga-07", float("nan")), ("ga-01", float("inf")), ("ga-09", -3), ("x" * 5000, 0.5))
        answer = api.recommendations(user_id="distrust", context_id=503)
        got = [(entry["item_id"], entry["score"], entry["source"]) for entry in entries(answer)]
        assert got[:3] == [("ga-03", 1, "remote"), ("ga-05", 0.95, "remote"), ("ga-09", 0, "remote")]
        assert len(got) == 4 and got[3][2] != "remote" and got[3][1] == 0 and got[3][0] not in ("ga-06", "ga-08")
        assert all(ITEMS[item]["metadata"]["category"] == "garden" for item, _, _ in got)
        assert " dropped=10 filled=1 " in log_line(api, answer)
        assert decision(stand, answer)[0] == "remote"
    finally:
        stand.tool.items("change", write_items(stand.root / "import/on.jsonl", [ITEMS["ga-08"]]))
    one_row_each(1)


@pytest.mark.parametrize("fill, sources", [
    ("embedded", {"remote", "model", "content", "trending_backfill", "popular", "fill"}), ("trending", {"remote", "trending_backfill"}),
    ("none", {"remote"})])
def test_a_list_that_is_too_short_is_filled_as_the_setting_says(remote, fake, fill, sources):
    api = remote.api("lighttpd", f"fill-{fill}", fill=fill, recommender="remote")
    fake.answer = results(("mu-03", 0.4))
    got = shown(api.recommendations(user_id="pair0-1", quantity=2))
    assert got[0] == ("mu-03", "remote")
    assert len(got) == (1 if fill == "none" else 2) and {source for _, source in got} <= sources
    fake.answer = results()
    assert len(shown(api.recommendations(user_id="pair0-1", quantity=5))) == (0 if fill == "none" else 5)


def test_items_that_match_preferences_come_first(quickly, fake):
    fake.answer = results(("el-01", 0.9), ("mu-03", 0.2), ("bo-05", 0.8), ("mu-05", 0.1))
    answer = check_recommend_answer(quickly.recommend({"customer_preferences": {"categories": ["music"]}}, template="remote-strict",
                                                      quantity=4))
    assert [(entry["item_id"], entry["score"]) for entry in answer] == [
        ("mu-03", 0.6), ("mu-05", 0.55), ("el-01", 0.45), ("bo-05", 0.4)]


def test_its_list_is_grouped_and_diversified_like_any(quickly, fake):
    fake.answer = results(("mu-03", 0.9), ("mu-05", 0.8), ("bo-05", 0.7), ("mu-07", 0.6), ("ga-01", 0.5), ("bo-06", 0.4))
    groups = check_recommendations_answer(quickly.recommendations(user_id="grouped", context_id=504), grouped=True)["recommendations"]
    assert [(group["group"], [entry["item_id"] for entry in group["items"]]) for group in groups] == [
        ("music", ["mu-03", "mu-05"]), ("books", ["bo-05", "bo-06"])]
    diverse = [item for item, _ in shown(quickly.recommendations(user_id="diverse", context_id=505))]
    assert diverse == ["mu-03", "bo-05", "ga-01"]
    assert [asked.json()["quantity"] for asked in fake.requests] == [1000, 62]


def test_both_shapes_of_a_reply_are_read(quickly, fake):
    fake.answer = {"status_code": 200, "results": [{"recommendation_id": 1002, "score": 0.8, "rank": 1},
                                                   {"recommendation_id": "bo-05", "score": 0.9, "rank": 2}]}
    assert shown(quickly.recommendations(user_id="shape", context_id=501))[:2] == [("bo-05", "remote"), ("1002", "remote")]


def test_another_palate_can_be_the_service(remote, stand, quick, mint):
    key = stand.write("other.key", mint() + "\n")
    api = remote.api("lighttpd", "palate-before-palate", recommender="remote", api_key_file=key,
                     url=f"http://127.0.0.1:{quick.port}/api/recommend/recommend")
    direct = check_recommend_answer(Api(quick, mint()).recommend({"browsing_history": ["bo-01"]}, quantity=5))
    through = check_recommend_answer(api.recommend({"browsing_history": ["bo-01"]}, quantity=5))
    assert [(entry["item_id"], entry["score"]) for entry in through] == [(entry["item_id"], entry["score"]) for entry in direct]


# ---- Gorse


def test_gorse_is_asked_in_its_own_words(remote, fake, stand):
    key = stand.write("gorse.key", "gorse key\n")
    api = remote.api("lighttpd", "gorse", protocol="gorse", url=fake.url(), api_key_file=key)
    # A cached ranking, and behind it fallbacks whose scores are counts and Unix times: the order is Gorse's.
    fake.answer = [{"Id": "mu-03", "Score": 0.5}, {"Id": "bo-05", "Score": 37}, {"Id": "ga-07", "Score": 1764500000}]
    answer = entries(api.recommendations(user_id="a user/..", context_id=501))
    assert [(entry["item_id"], entry["score"]) for entry in answer[:3]] == [("mu-03", 1), ("bo-05", 0.952381), ("ga-07", 0.909091)]
    fake.answer = ["ga-03", "ga-04", "el-01"]
    assert [item for item, source in shown(api.recommendations(user_id="u", context_id=503)) if source == "remote"] == [
        "ga-03", "ga-04"]
    api.recommend({"browsing_history": ["el-01"], "purchase_history": ["bo-01"]}, template="remote-strict")
    user, garden, session = fake.requests
    assert (user.method, user.target) == ("GET", "/api/recommend/a%20user%2F%2E%2E?n=3")
    assert user.headers["x-api-version"] == "2" and user.headers["x-api-key"] == "gorse key" and user.body == b""
    assert garden.target == "/api/recommend/u?n=4&category=garden"
    assert (session.method, session.target) == ("POST", "/api/session/recommend?n=3")  # what it was given it leaves out by itself
    assert [(one["FeedbackType"], one["ItemId"]) for one in session.json()] == [("purchase", "bo-01"), ("view", "el-01")]


def test_gorse_without_lists_for_sessions(remote, fake, stand):
    """null, an empty list and 404 are no failures of the service; and sessions that do fail leave users their lists."""
    api = remote.api("lighttpd", "sessionless", protocol="gorse", url=fake.url(), breaker_failures=2)

    def session():
        return api.recommend({"browsing_history": ["el-01"]}, template="remote-lenient")

    def user():
        return [source for _, source in shown(api.recommendations(user_id="u", context_id=501))]
    for mode, answer in (("no_sessions", ["mu-03", "bo-05", "ga-07"]), ("list", "null"), ("list", [])):
        fake.mode, fake.answer = mode, answer
        for _ in range(8):
            check_recommend_answer(session())
            assert "degraded" not in log_line(api, session())
    fake.mode, fake.answer = "broken_sessions", ["mu-03", "bo-05", "ga-07"]
    for _ in range(8):
        check_recommend_answer(session())
    assert "degraded=breaker_open" in log_line(api, session())
    assert user() == ["remote"] * 3


# ---- Failures

FAILURES = {
    "hang": "timeout", "drip": "timeout", "error": "status", "limited": "rate_limited", "redirect": "redirect", "moved": "redirect",
    "text": "wrong_reply", "shape": "wrong_reply", "short": "wrong_reply", "huge": "too_large", "flood": "too_large",
    "headers": "too_large", "long": "cut_off", "cut": "cut_off", "nothing": "cut_off", "garbage": "cut_off",
}


@pytest.mark.parametrize("mode", FAILURES)
def test_a_failure_is_a_500_that_leaves_nothing(pooled, remote, fake, mode, nothing_logged):
    fake.mode = mode
    answer, taken = timed(lambda: pooled.recommendations(user_id="failed", context_id=501))
    check_plain_error(answer, "internal_error")
    assert taken < TIMEOUT_MS / 1000 + SLACK
    assert f"remote {FAILURES[mode]}: " in log_line(pooled, answer)
    remote.reset()
    answer, taken = timed(lambda: pooled.recommend({}, template="remote-strict"))
    check_recommend_error(answer, 500)
    assert taken < TIMEOUT_MS / 1000 + SLACK


@pytest.mark.parametrize("mode", FAILURES)
def test_a_failure_is_made_up_for(pooled, fake, stand, mode, one_row_each):
    fake.mode = mode
    answer, taken = timed(lambda: pooled.recommendations(user_id="made-up", context_id=502))
    assert len(shown(answer)) == 3 and "remote" not in dict(shown(answer)).values()
    assert taken < TIMEOUT_MS / 1000 + SLACK
    assert f" embedded degraded={FAILURES[mode]} " in log_line(pooled, answer)
    assert decision(stand, answer)[0] == "embedded (remote failed)"
    assert len(fake.requests) == (2 if mode == "nothing" else 1), "nothing is tried again once something has arrived"
    one_row_each(1)


def test_nobody_listening(remote, stand, one_row_each):
    api = remote.api("lighttpd", "nobody", url="http://127.0.0.1:1/")
    answer, taken = timed(lambda: api.recommendations(user_id="nobody", context_id=502))
    assert decision(stand, answer)[0] == "embedded (remote failed)" and taken < SLACK
    assert "degraded=unreachable" in log_line(api, answer)
    one_row_each(1)


def test_no_such_host(remote, one_row_each):
    api = remote.api("lighttpd", "no-host", url="http://nothing.invalid/", http_hosts="nothing.invalid")
    answer, taken = timed(lambda: api.recommendations(user_id="no-host", context_id=502))
    assert re.search("degraded=(unresolved|timeout)", log_line(api, answer)) and taken < TIMEOUT_MS / 1000 + SLACK
    one_row_each(1)


def test_a_redirect_within_the_host_is_followed_when_allowed(remote, fake, one_row_each):
    api = remote.api("lighttpd", "redirecting", allow_redirects="yes")
    fake.mode = "moved"
    assert [source for _, source in shown(api.recommendations(user_id="moved", context_id=501))] == ["remote"] * 3
    assert [asked.method for asked in fake.requests] == ["POST", "POST"] and fake.requests[1].target == "/moved-here"
    one_row_each(1)


def test_a_redirect_to_another_host_is_never_followed(remote, fake, nothing_logged):
    api = remote.api("lighttpd", "redirecting", allow_redirects="yes")
    fake.mode = "redirect"
    check_plain_error(api.recommendations(user_id="moved", context_id=501), "internal_error")
    assert len(fake.requests) == 1


def test_a_state_file_that_cannot_be_made_keeps_it_from_being_asked(remote, fake, one_row_each):
    api = remote.api("lighttpd", "stateless", state_file="/nonexistent/state")
    answer = api.recommendations(user_id="stateless", context_id=502)
    assert "degraded=no_state_file" in log_line(api, answer) and fake.requests == []
    one_row_each(1)


def test_a_context_without_a_service_fails_as_it_says(api, nothing_logged):
    check_plain_error(api.recommendations(user_id="none", context_id=501), "internal_error")


def test_no_transaction_is_open_while_it_is_slow(quickly, fake, database):
    fake.mode = "slow"
    with ThreadPoolExecutor(1) as other:
        future = other.submit(lambda: quickly.recommendations(user_id="slowly", context_id=501))
        wait_until(lambda: fake.requests, 5, "it has been asked")
        assert database.execute("SELECT COUNT(*) FROM information_schema.innodb_trx") == ((0,),)
        check_recommendations_answer(future.result())


# ---- TLS


def certificate(folder, name, issuer=None, host="127.0.0.1", days=(-1, 1)):
    """Makes NAME.pem and NAME.key; without an issuer (a pair as returned) an authority. Returns (certificate, key, files)."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.datetime.now(datetime.timezone.utc)
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    builder = (x509.CertificateBuilder().subject_name(subject).issuer_name(issuer[0].subject if issuer else subject)
               .public_key(key.public_key()).serial_number(x509.random_serial_number())
               .not_valid_before(now + datetime.timedelta(days=days[0])).not_valid_after(now + datetime.timedelta(days=days[1]))
               .add_extension(x509.BasicConstraints(ca=not issuer, path_length=None), critical=True))
    if issuer:
        builder = builder.add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(host))]), critical=False)
    made = builder.sign(issuer[1] if issuer else key, hashes.SHA256())
    files = folder / f"{name}.pem", folder / f"{name}.key"
    files[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    files[1].write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                                           serialization.NoEncryption()))
    return made, key, files


@pytest.fixture(scope="module")
def authority(stand):
    folder = stand.root / "remote-tls"
    folder.mkdir()
    return folder, certificate(folder, "authority")


@pytest.mark.parametrize("name, made, good", [
    ("good", {}, True), ("expired", {"days": (-9, -1)}, False), ("other-host", {"host": "127.0.0.2"}, False),
    ("other-authority", None, False)])
def test_only_a_proper_certificate_is_trusted(remote, authority, stand, name, made, good, one_row_each):
    folder, root = authority
    issuer = certificate(folder, "stranger") if made is None else root
    _, _, files = certificate(folder, name, issuer, **(made or {}))
    with FakeRemote(files) as service:
        service.mode, service.answer = "list", GOOD
        api = remote.api("lighttpd", f"tls-{name}", url=service.url("/list"), ca_file=folder / "authority.pem", http_hosts="")
        answer, taken = timed(lambda: api.recommendations(user_id="tls", context_id=502))
        assert decision(stand, answer)[0] == ("remote" if good else "embedded (remote failed)")
        assert good or "degraded=tls" in log_line(api, answer)
        assert taken < TIMEOUT_MS / 1000 + SLACK
        assert bool(service.requests) == good, "nothing is said before the certificate has been checked"
    one_row_each(1)


# ---- The circuit breaker


def test_retry_after_is_kept(quickly, fake):
    fake.mode = "limited"
    quickly.recommendations(user_id="limited", context_id=502)
    fake.mode = "list"
    until = time.monotonic() + 1.5
    while time.monotonic() < until:
        assert "breaker_open" in log_line(quickly, quickly.recommendations(user_id="limited", context_id=502))
    assert len(fake.requests) == 1
    wait_until(lambda: shown(quickly.recommendations(user_id="limited", context_id=502))[0][1] == "remote", 5, "it is asked again")


def test_it_opens_for_all_workers_and_closes_again(remote, pool, fake):
    api = remote.api(pool.kind, "breaking", breaker_failures=3, breaker_open_s=1)
    fake.mode = "error"
    for _ in range(12):
        api.recommendations(user_id="breaking", context_id=502)
    assert len(fake.requests) == 3, "whichever worker it was"
    fake.mode = "list"
    wait_until(lambda: shown(api.recommendations(user_id="breaking", context_id=502))[0][1] == "remote", 5, "it is tried again")
    assert len(fake.requests) == 4


def test_only_so_many_workers_wait(remote, pool, fake):
    api = remote.api(pool.kind, "waiting", max_waiting=2, timeout_ms=20000)
    fake.mode = "hold"
    with ThreadPoolExecutor(2) as others:
        waiting = [others.submit(lambda: api.recommendations(user_id="waiting", context_id=502)) for _ in range(2)]
        try:
            wait_until(lambda: len(fake.requests) == 2, 10, "two wait")
            for number in range(4):
                assert "degraded=busy" in log_line(api, api.recommendations(user_id=f"w{number}", context_id=502))
        finally:
            fake.released.set()
    assert all(" remote " in log_line(api, answer.result()) for answer in waiting)
    assert len(fake.requests) == 2, "those that found no place did not ask"


def test_places_of_killed_workers_are_free_again(remote, fake):
    api = remote.api("lighttpd", "killed", max_waiting=1, timeout_ms=20000)
    fake.mode = "hang"
    with ThreadPoolExecutor(1) as other:
        future = other.submit(lambda: api.recommendations(user_id="killed", context_id=502))
        wait_until(lambda: fake.requests, 5, "one waits")
        assert "degraded=busy" in log_line(api, api.recommendations(user_id="next", context_id=502))
        api.front.signal_workers(signal.SIGKILL)
        future.result()
    api.front.settle()
    fake.mode = "list"
    assert shown(api.recommendations(user_id="next", context_id=502))[0][1] == "remote"


def percentile(values, share):
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def measure(api, seconds, workers):
    """Latencies of embedded answers, asked by so many at a time."""
    end = time.monotonic() + seconds

    def one(number):
        took = []
        while time.monotonic() < end:
            answer, taken = timed(lambda: api.recommendations(user_id=f"load-{number}", context_id=506))
            assert answer.status == 200
            took.append(taken)
        return took
    with ThreadPoolExecutor(workers) as many:
        return [taken for list_of_one in many.map(one, range(workers)) for taken in list_of_one]


@contextlib.contextmanager
def callers(api, context, number=4):
    """So many callers of a context in the background; yields the list of their answers, each with the moment of its end."""
    answers, running = [], [True]

    def ask():
        while running:
            answer = api.recommendations(user_id="caller", context_id=context)
            assert answer.status == 200
            answers.append((time.monotonic(), answer))
            time.sleep(0.02)
    with ThreadPoolExecutor(number) as many:
        futures = [many.submit(ask) for _ in range(number)]
        try:
            yield answers
        finally:
            running.clear()
            for future in futures:
                future.result()


def opened_after(api, start, answers):
    """Seconds until the first answer for which nobody was asked any more."""
    log = api.front.log()
    refused = set(re.findall(r" id=(\S+) .* degraded=breaker_open ", log))
    return min(moment - start for moment, answer in answers if answer.request_id in refused)


def test_a_hanging_service_does_not_slow_the_others_down(remote, pool, fake):
    """Default limits. Rounds take turns in which the same number of callers ask a local context, and one of the hanging service."""
    api = remote.api(pool.kind, "loaded", workers={"lighttpd": 8}.get(pool.kind, 32), timeout_ms=1500, max_waiting=4,
                     breaker_failures=4, breaker_open_s=5)
    with ThreadPoolExecutor(api.front.pool) as warm:  # mod_fcgid starts workers only as they are missed
        list(warm.map(lambda number: api.recommendations(user_id=f"warm-{number}", context_id=506), range(4 * api.front.pool)))
    measure(api, 1, 8)
    fake.mode, calm, stormy, opened = "hang", [], [], []
    for attempt in range(6):
        with callers(api, 506):
            calm += measure(api, 4, 2)
        remote.reset()
        with callers(api, 502) as answers:
            start = time.monotonic()
            stormy += measure(api, 4, 2)
        opened.append(opened_after(api, start, answers))
        if attempt >= 1 and percentile(stormy, 0.99) <= 1.3 * percentile(calm, 0.99):
            break
    before, after = percentile(calm, 0.99), percentile(stormy, 0.99)
    print(f"{pool.kind}: p50 {statistics.median(calm) * 1000:.1f} -> {statistics.median(stormy) * 1000:.1f} ms, p99 "
          f"{before * 1000:.1f} -> {after * 1000:.1f} ms, open after {max(opened):.2f} s, {len(calm)} + {len(stormy)} answers")
    assert max(opened) < 2, "the breaker opens within two seconds"
    assert after <= 1.3 * before


# ---- The shadow


def shadows(stand, answer):
    return stand.database.execute(
        "SELECT sd.outcome, sd.results, sd.result_count, sd.remote_us FROM shadow_decisions sd JOIN decisions d USING (tenant_id,"
        " decision_id) JOIN sequences s USING (tenant_id, sequence_id) WHERE s.request_id = %s", answer.request_id)


@pytest.mark.parametrize("kind", ["apache-fcgid", "lighttpd", "apache-cgi"])
def test_the_shadow_is_logged_and_never_shown(remote, stand, fake, kind, one_row_each):
    api = remote.api(kind)
    fake.answer = results(("mu-03", 0.9), ("unknown", 0.85), ("bo-05", 0.8))
    answer = api.recommendations(user_id="shadowed", context_id=507)
    assert "remote" not in dict(shown(answer)).values() and decision(stand, answer)[0] == "embedded"
    rows = wait_until(lambda: shadows(stand, answer), 5, "its list is logged")
    assert rows[0][0] == "answered" and rows[0][2] == 2
    assert json.loads(rows[0][1]) == [{"item_id": "mu-03", "score": 0.9}, {"item_id": "bo-05", "score": 0.8}]
    one_row_each(1)


@pytest.mark.parametrize("kind", ["apache-fcgid", "lighttpd", "apache-cgi"])
def test_nobody_waits_for_the_shadow(remote, stand, fake, kind):
    api = remote.api(kind)
    api.recommendations(user_id="warm", context_id=506)
    fake.mode = "slow"
    answers, plain = [], []
    for number in range(8):
        plain.append(timed(lambda: api.recommendations(user_id=f"quick-{number}", context_id=506))[1])
        answer, taken = timed(lambda: api.recommendations(user_id=f"quick-{number}", context_id=507))
        entries(answer)
        answers.append((answer, taken))
    assert statistics.median(taken for _, taken in answers) - statistics.median(plain) < 0.3, "the service takes 0.4 s"
    for answer, _ in answers:
        wait_until(lambda: shadows(stand, answer), 5, "its list is logged")


def test_a_shadow_that_fails_is_noted(remote, stand, fake):
    api = remote.api("lighttpd")
    fake.mode = "error"
    answer = api.recommendations(user_id="shadow-fails", context_id=507)
    assert wait_until(lambda: shadows(stand, answer), 5, "it is noted")[0][:2] == ("status", "[]")


def test_while_the_breaker_is_open_no_process_is_made(remote, stand, fake):
    """Each shadow has a process with a connection of its own. And what the worker does after an answer is done beside the shadow."""
    api = remote.api("lighttpd", "shadow-broken", workers=1, breaker_failures=1, breaker_open_s=60)
    fake.mode = "error"
    answer = api.v1(user_id="shadow-fails", context_id=507)
    assert wait_until(lambda: shadows(stand, answer), 5, "it is noted")[0][0] == "status"

    def counts():
        return stand.database.execute("SHOW GLOBAL STATUS LIKE 'Connections'"), len(fake.requests)
    before, number = counts(), stand.tenant_id("alpha")
    stand.database.execute("REPLACE INTO ranked_lists VALUES (%s, 'expired', '{}', 1)", number)
    for _ in range(200):
        answer = api.v1(user_id="shadow-fails", context_id=507)
        assert wait_until(lambda answer=answer: shadows(stand, answer), 5, "it is noted")[0] == ("breaker_open", "[]", 0, 0)
        if not stand.database.execute("SELECT COUNT(*) FROM ranked_lists WHERE tenant_id = %s AND list_key = 'expired'", number)[0][0]:
            break
    else:
        pytest.fail("200 answers later the expired list is still there")
    assert counts() == before


def test_the_first_document_has_a_shadow_too(remote, stand, fake):
    api = remote.api("lighttpd", "shadow-everywhere", shadow="remote")
    answer = api.recommend({"browsing_history": ["el-01"]}, quantity=3)
    check_recommend_answer(answer)
    assert wait_until(lambda: shadows(stand, answer), 5, "its list is logged")[0][0] == "answered"
    assert fake.requests[0].json()["sequence_data"] == {"browsing_history": ["el-01"]}


# ---- The doctor


def doctor(stand, remote, name, **more):
    path = stand.configure(f"doctor-{name}.conf", remote=remote.settings(name, **more))
    return stand.tool.run("--config", path, "doctor", "--worker", stand.worker, check=False)


def test_doctor_sees_a_service_that_answers(remote, stand, fake):
    result = doctor(stand, remote, "remote")
    assert result.returncode == 0, result.stdout
    assert re.search(r"ok    remote recommender: http://127.0.0.1:\d+/list answers with 3 ids \(.*connected [\d.]+ ms", result.stdout)
    assert "ok    circuit breaker: " in result.stdout


def test_doctor_wonders_at_a_gorse_that_has_nothing(remote, stand, fake):
    fake.mode, fake.answer = "no_sessions", []
    result = doctor(stand, remote, "gorse-empty", protocol="gorse", url=fake.url())
    assert result.returncode == 0, result.stdout
    assert re.search(r"warn  remote recommender: .*answers with no ids.*\n +fix: .*palate push", result.stdout), result.stdout
    assert re.search(r"warn  lists for sessions: .*\n +fix: .*item-to-item", result.stdout), result.stdout
    fake.mode, fake.answer = "list", ["mu-03", "bo-05"]
    result = doctor(stand, remote, "gorse-full", protocol="gorse", url=fake.url())
    assert "answers with 2 ids" in result.stdout and "warn  " not in "\n".join(line for line in result.stdout.splitlines() if "remote" in line or "sessions" in line)


@pytest.mark.parametrize("mode", ["hang", "error", "text", "redirect"])
def test_doctor_says_how_it_fails_and_how_to_fix_it(remote, stand, fake, mode):
    fake.mode = mode
    result = doctor(stand, remote, "remote")
    assert result.returncode == 1
    assert re.search(rf"FAIL  remote recommender: http://\S+: {FAILURES[mode]}: .+\n +fix: .+", result.stdout), result.stdout


def test_doctor_makes_no_state_file(remote, stand, fake):
    result = doctor(stand, remote, "untouched")
    assert "is not there yet" in result.stdout and not remote.state("untouched").exists()
