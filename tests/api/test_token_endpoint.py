"""The token endpoint: every way in which a client may ask, what it gets, and how it is stopped."""
import base64
import hashlib
import json
import os
import time
from urllib.parse import quote, urlencode

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from harness.client import Api, request
from harness.shapes import check_plain_error, check_recommendations_answer
from harness.stand import IS_ROOT
from harness.tokens import READ

WRITE = "neuronsearchlab-api/write"
PATHS = ("/oauth2/token", "/auth/token", "/v1/oauth2/token", "/v1/auth/token")
FORM = "application/x-www-form-urlencoded"
GRANT = {"grant_type": "client_credentials"}


def secret_of(result):
    return result.stdout.split("client_secret")[1].split()[0]


@pytest.fixture(scope="module")
def client(stand):
    """(id, secret) of a client of alpha with both scopes, whose name needs percent-encoding."""
    name = "token:client/ü%41+x"
    result = stand.tool.run("client", "create", "--tenant", "alpha", "--id", name)
    return name, secret_of(result)


@pytest.fixture
def plain(stand, request):
    """The same of a client of this test alone, with a plain name."""
    name = f"plain-{abs(hash(request.node.name)) % 10**8}-{os.getpid()}"
    return name, secret_of(stand.tool.run("client", "create", "--tenant", "alpha", "--id", name))


def basic(name, secret):
    return {"Authorization": "Basic " + base64.b64encode(f"{name}:{secret}".encode()).decode()}


def encoded(name, secret):
    return basic(quote(name, safe=""), quote(secret, safe=""))


def ask(front, form=None, headers=None, path="/oauth2/token", **fields):
    """With form the fields as a form, else fields as JSON; None of both: no body."""
    extra = dict(headers or {})
    body = None
    if form is not None:
        body, extra["Content-Type"] = urlencode(form).encode(), FORM
    elif fields:
        body, extra["Content-Type"] = json.dumps(fields).encode(), "application/json"
    return request(front.port, "POST", path, body, extra)


def check_token(answer, scope=f"{READ} {WRITE}", ttl=3600):
    assert answer.status == 200, answer
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Content-Type"] == "application/json"
    body = answer.json()
    assert set(body) == {"access_token", "token_type", "expires_in", "scope"}
    assert (body["token_type"], body["expires_in"], body["scope"]) == ("Bearer", ttl, scope)
    return body["access_token"]


def check_oauth_error(answer, status, name):
    assert answer.status == status, answer
    assert answer.headers["Cache-Control"] == "no-store"
    assert set(answer.json()) == {"error", "error_description"}
    assert answer.json()["error"] == name
    if status == 401:
        assert answer.headers["WWW-Authenticate"].startswith("Basic")


def usable(front, token):
    return Api(front, token).recommendations(user_id="u", quantity=1)


# ---- Forms of the request


def test_basic_and_a_form_through_each_front(front, client, stand):
    token = check_token(ask(front, GRANT, encoded(*client)))
    check_recommendations_answer(usable(front, token))
    claims = jwt.decode(token, stand.secret, ["HS256"])
    assert claims["client_id"] == claims["sub"] == client[0]
    assert claims["exp"] - claims["iat"] == 3600 and abs(claims["iat"] - time.time()) < 30
    assert claims["scope"] == f"{READ} {WRITE}" and len(claims["jti"]) == 36
    assert "iss" not in claims and "aud" not in claims


@pytest.mark.parametrize("path", PATHS)
def test_each_path_answers_and_has_options(quick, plain, path):
    check_token(ask(quick, GRANT, basic(*plain), path))
    answer = request(quick.port, "OPTIONS", path)
    assert answer.status == 204 and answer.headers["Allow"] == "POST, OPTIONS"
    answer = request(quick.port, "GET", path)
    assert answer.status == 405 and answer.json()["error"] == "invalid_request"


@pytest.mark.parametrize("path", ["/", "/auth", "/v1", "/v1/auth"])
def test_options_of_the_paths_above(front, path):
    answer = request(front.port, "OPTIONS", path)
    assert answer.status == 204 and answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Allow"] == "OPTIONS" and answer.headers["Access-Control-Allow-Headers"]
    assert request(front.port, "GET", path).status == 404


@pytest.mark.parametrize("names", [("client_id", "client_secret"), ("clientId", "clientSecret"), ("username", "password")])
def test_json_in_each_spelling_with_and_without_the_grant(quick, client, names):
    fields = dict(zip(names, client))
    for grant in ({}, GRANT, {"grantType": "client_credentials"}, {"grant_type": None}):
        check_token(ask(quick, path="/auth/token", **fields, **grant))
    check_token(ask(quick, {**fields, **GRANT}))


def test_basic_with_json_and_with_both_kinds_of_credentials(quick, plain):
    check_token(ask(quick, headers=basic(*plain), audience="ignored", grant_type="client_credentials"))
    check_token(ask(quick, {**GRANT, "client_id": "other", "client_secret": "wrong"}, basic(*plain)))
    check_token(ask(quick, {**GRANT, "client_id": plain[0], "client_secret": plain[1]}, {"Authorization": "Bearer expired"}))


def test_basic_raw_counts_before_decoded(quick, stand):
    """Raw values that would mean something else when they are decoded."""
    name = f"a%2Bb+c{os.getpid()}"
    secret = secret_of(stand.tool.run("client", "create", "--tenant", "alpha", "--id", name))
    for headers in (basic(name, secret), encoded(name, secret)):
        check_token(ask(quick, GRANT, headers))
    check_oauth_error(ask(quick, GRANT, basic(name.replace("%2B", "+"), secret)), 401, "invalid_client")


@pytest.mark.parametrize("scope, granted", [
    (READ, READ), (f"{WRITE} {READ}", f"{WRITE} {READ}"), (f" {READ}  {READ} ", READ), ("", f"{READ} {WRITE}"), (None, f"{READ} {WRITE}")])
def test_scopes_are_granted_as_asked(quick, plain, scope, granted, stand):
    answer = ask(quick, headers=basic(*plain), scope=scope, grant_type="client_credentials")
    claims = jwt.decode(check_token(answer, granted), stand.secret, ["HS256"])
    assert claims["scope"] == granted


@pytest.mark.parametrize("scope", ["other", f"{READ} other", READ + "x", READ[:-1], f"{READ},{WRITE}", f"{READ}\t{WRITE}", READ.upper()])
def test_a_scope_that_was_not_granted_is_invalid(quick, plain, scope):
    check_oauth_error(ask(quick, {**GRANT, "scope": scope}, basic(*plain)), 400, "invalid_scope")


def test_a_client_gets_no_more_than_its_scopes(quick, stand):
    name = f"reader-{os.getpid()}"
    secret = secret_of(stand.tool.run("client", "create", "--tenant", "alpha", "--id", name, "--scopes", READ))
    check_token(ask(quick, GRANT, basic(name, secret)), READ)
    check_oauth_error(ask(quick, {**GRANT, "scope": WRITE}, basic(name, secret)), 400, "invalid_scope")


# ---- Refusals


@pytest.mark.parametrize("form, name", [
    ({}, "invalid_request"), ({"scope": READ}, "invalid_request"), ({"grant_type": ""}, "unsupported_grant_type"),
    ({"grant_type": "password"}, "unsupported_grant_type"), ({"grant_type": "authorization_code"}, "unsupported_grant_type"),
    ({"grant_type": "client_credentials "}, "unsupported_grant_type")])
def test_other_grants_are_refused(quick, plain, form, name):
    check_oauth_error(ask(quick, form, basic(*plain)), 400, name)


@pytest.mark.parametrize("change", [
    lambda n, s: (n, s[:-1]), lambda n, s: (n, s + "A"), lambda n, s: (n, s.swapcase()), lambda n, s: (n + "x", s),
    lambda n, s: (n.upper(), s), lambda n, s: ("nobody", s), lambda n, s: (n, "x"), lambda n, s: ("x" * 129, s), lambda n, s: (s, n),
    lambda n, s: ("' OR 1=1 -- ", s), lambda n, s: (n, "x" * 5000), lambda n, s: ("alpha-client", s), lambda n, s: ("%", s)])
def test_a_wrong_secret_and_an_unknown_client_look_alike(quick, plain, change):
    good = change(*plain)
    answers = [ask(quick, GRANT, basic(*good)), ask(quick, {**GRANT, "client_id": good[0], "client_secret": good[1]}),
               ask(quick, clientId=good[0], clientSecret=good[1])]
    for answer in answers:
        check_oauth_error(answer, 401, "invalid_client")
        assert answer.body == answers[0].body
    assert good[1] not in answers[0].body.decode() or len(good[1]) < 3


@pytest.mark.parametrize("header", ["Basic", "Basic ", "Basic !!!", "Basic " + base64.b64encode(b"nocolon").decode(), "Basic Og==",
                                    "Basic " + base64.b64encode(b"a:\xff").decode(), "Basic " + base64.b64encode(b"a\0b:c").decode(),
                                    "Basic " + base64.b64encode(b":secret").decode(), "Basic YTpi=YTpi", "Bearer x", "x"])
def test_unreadable_credentials_are_refused(quick, header):
    check_oauth_error(ask(quick, GRANT, {"Authorization": header}), 401, "invalid_client")
    check_oauth_error(ask(quick, GRANT), 401, "invalid_client")


@pytest.mark.parametrize("value", [5, True, [], {}, ["client_credentials"], 1e300])
@pytest.mark.parametrize("field", ["client_id", "clientSecret", "password", "username", "grant_type", "grantType", "scope"])
def test_fields_of_other_types_are_named(quick, field, value):
    answer = ask(quick, **{field: value})
    check_oauth_error(answer, 400, "invalid_request")
    assert field in answer.json()["error_description"]


@pytest.mark.parametrize("body", [b"[]", b"null", b"7", b"{", b'"x"', b"[{}]", b"\xff", b'{"client_id":"a\\u0000"}', b"x" * 200000])
def test_other_bodies_are_invalid_requests(quick, plain, body):
    answer = request(quick.port, "POST", "/oauth2/token", body, {"Content-Type": "application/json", **basic(*plain)})
    assert answer.status in (400, 413), answer
    check_oauth_error(answer, answer.status, "invalid_request")


def test_a_body_has_at_most_sixteen_kibibytes(quick, plain):
    """Anybody may send one, so it is not what other routes take."""
    form = urlencode(GRANT)
    for size, status in ((16 * 1024, 200), (16 * 1024 + 1, 413)):
        body = f"{form}&padding=".ljust(size, "x")
        answer = request(quick.port, "POST", "/oauth2/token", body, {"Content-Type": "application/x-www-form-urlencoded", **basic(*plain)})
        assert answer.status == status, answer
    check_oauth_error(answer, 413, "invalid_request")


def test_a_secret_in_the_address_is_not_looked_at(quick, plain):
    query = urlencode({**GRANT, "client_id": plain[0], "client_secret": plain[1]})
    check_oauth_error(ask(quick, {}, path=f"/oauth2/token?{query}"), 400, "invalid_request")
    check_oauth_error(ask(quick, GRANT, path=f"/oauth2/token?{query}"), 401, "invalid_client")


def test_other_types_are_refused(quick, plain):
    answer = request(quick.port, "POST", "/oauth2/token", b"<a/>", {"Content-Type": "text/xml", **basic(*plain)})
    check_oauth_error(answer, 415, "invalid_request")


def test_no_row_and_no_secret_is_left_behind(quick, plain, nothing_logged):
    check_token(ask(quick, GRANT, basic(*plain)))
    ask(quick, {**GRANT, "client_id": plain[0], "client_secret": "a-wrong-secret"})
    assert plain[1] not in quick.log() and "a-wrong-secret" not in quick.log()


# ---- Rotation and revocation


def test_rotation_without_overlap_ends_the_old_secret(quick, plain, stand):
    name, old = plain
    new = secret_of(stand.tool.run("client", "rotate", name))
    check_oauth_error(ask(quick, GRANT, basic(name, old)), 401, "invalid_client")
    check_token(ask(quick, GRANT, basic(name, new)))


def test_two_secrets_count_until_the_overlap_ends(quick, plain, stand, database):
    name, old = plain
    new = secret_of(stand.tool.run("client", "rotate", name, "--overlap", "7d"))
    for secret in (old, new, old):
        check_token(ask(quick, GRANT, basic(name, secret)))
    until, = database.execute("SELECT previous_until FROM api_clients WHERE client_id = %s", name)[0]
    assert abs(until - time.time() - 7 * 86400) < 60
    newest = secret_of(stand.tool.run("client", "rotate", name, "--overlap", "1h"))
    check_oauth_error(ask(quick, GRANT, basic(name, old)), 401, "invalid_client")  # two at most
    for secret in (new, newest):
        check_token(ask(quick, GRANT, basic(name, secret)))
    database.execute("UPDATE api_clients SET previous_until = %s WHERE client_id = %s", int(time.time()) - 1, name)
    check_oauth_error(ask(quick, GRANT, basic(name, new)), 401, "invalid_client")
    check_token(ask(quick, GRANT, basic(name, newest)))


@pytest.mark.parametrize("stop, start", [("disable", "enable"), ("revoke", "enable")])
def test_a_client_that_was_shut_off_is_refused_at_once(quick, plain, stand, stop, start):
    """By every worker, also those that remember its token."""
    token = check_token(ask(quick, GRANT, basic(*plain)))
    for _ in range(16):
        assert usable(quick, token).status == 200
    stand.tool.run("client", stop, plain[0])
    for _ in range(16):
        check_plain_error(usable(quick, token), "unknown_client")
    check_oauth_error(ask(quick, GRANT, basic(*plain)), 401, "invalid_client")
    stand.tool.run("client", start, plain[0])
    assert usable(quick, token).status == (200 if stop == "disable" else 401)
    assert usable(quick, check_token(ask(quick, GRANT, basic(*plain)))).status == 200


def test_revoked_tokens_are_refused_and_new_ones_are_not(quick, plain, stand):
    tokens = [check_token(ask(quick, GRANT, basic(*plain))) for _ in range(3)]
    for token in tokens:
        for _ in range(8):
            assert usable(quick, token).status == 200
    stand.tool.run("client", "revoke-tokens", plain[0])
    fresh = check_token(ask(quick, GRANT, basic(*plain)))  # in the same second
    minted = stand.tool.run("token", "--client", plain[0]).stdout.strip()
    for _ in range(8):
        for token in tokens:
            check_plain_error(usable(quick, token), "unknown_client")
        assert usable(quick, fresh).status == usable(quick, minted).status == 200


def test_a_token_without_iat_is_refused_once_tokens_were_revoked(quick, plain, stand, mint):
    token = mint(plain[0])
    assert usable(quick, token).status == 200
    stand.tool.run("client", "revoke-tokens", plain[0])
    check_plain_error(usable(quick, token), "unknown_client")
    check_plain_error(usable(quick, mint(plain[0], iat=True)), "unknown_client")


def test_a_client_of_a_closed_tenant_gets_no_token(quick, stand):
    name = f"late-{os.getpid()}"
    secret = secret_of(stand.tool.run("client", "create", "--tenant", "closed", "--id", name))
    check_oauth_error(ask(quick, GRANT, basic(name, secret)), 401, "invalid_client")


# ---- Keys


def private_pem(key):
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()).decode()


def public_pem(key):
    return key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()


@pytest.fixture(scope="module", params=["RS256", "ES256"])
def asymmetric(request, stand):
    """(front whose workers sign with that algorithm, algorithm)"""
    algorithm = request.param
    key = rsa.generate_private_key(65537, 2048) if algorithm == "RS256" else ec.generate_private_key(ec.SECP256R1())
    name = f"issue-{algorithm}"
    stand.write(f"{name}.pem", public_pem(key))
    stand.write(f"{name}.key", private_pem(key))
    configuration = stand.configure(f"{name}.conf", {
        "algorithm": algorithm, "public_key_file": stand.root / f"{name}.pem", "private_key_file": stand.root / f"{name}.key",
        "issuer": "https://palate.example/", "audience": "palate", "ttl": 600})
    return stand.front("lighttpd", name.lower(), configuration, workers=2), algorithm


def test_issued_tokens_can_be_verified_with_the_published_key(asymmetric, client):
    front, algorithm = asymmetric
    token = check_token(ask(front, GRANT, encoded(*client)), ttl=600)
    answer = request(front.port, "GET", "/.well-known/jwks.json")
    assert answer.status == 200 and answer.headers["Cache-Control"] == "public, max-age=3600"
    key, = answer.json()["keys"]
    assert key["use"] == "sig" and key["alg"] == algorithm and "d" not in key
    assert jwt.get_unverified_header(token) == {"alg": algorithm, "typ": "JWT", "kid": key["kid"]}
    parsed = jwt.PyJWK(key)
    claims = jwt.decode(token, parsed.key, [algorithm], audience="palate", issuer="https://palate.example/")
    assert claims["client_id"] == client[0] and claims["exp"] - claims["iat"] == 600
    assert usable(front, token).status == 200
    assert request(front.port, "HEAD", "/.well-known/jwks.json").status == 200
    # RFC 7638.
    members = {"RS256": ("e", "kty", "n"), "ES256": ("crv", "kty", "x", "y")}[algorithm]
    text = json.dumps({name: key[name] for name in members}, separators=(",", ":"), sort_keys=True)
    assert base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode() == key["kid"]


def test_a_shared_secret_is_not_published(quick):
    check_plain_error(request(quick.port, "GET", "/.well-known/jwks.json"), "not_found")


@pytest.mark.skipif(not IS_ROOT, reason="the workers run as this user, who may read the key")
def test_without_a_readable_key_the_endpoint_says_so(stand, client):
    key = rsa.generate_private_key(65537, 2048)
    stand.write("locked.pem", public_pem(key))
    stand.write("locked.key", private_pem(key), workers=False)
    configuration = stand.configure("locked.conf", {
        "algorithm": "RS256", "public_key_file": stand.root / "locked.pem", "private_key_file": stand.root / "locked.key"})
    front = stand.front("lighttpd", "locked", configuration, workers=1)
    for credentials in (client, ("nobody", "x")):
        answer = ask(front, GRANT, encoded(*credentials))
        check_oauth_error(answer, 500, "server_error")
        assert "doctor" in answer.json()["error_description"] and "locked.key" not in answer.body.decode()
    result = stand.tool.run("--config", configuration, "doctor", check=False)
    assert "POST /oauth2/token" in result.stdout and "chgrp" in result.stdout
