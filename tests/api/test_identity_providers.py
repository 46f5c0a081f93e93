"""Tokens of foreign identity providers, in the shapes of Cognito, Keycloak and Auth0, with keys from a server of this test."""
import contextlib
import http.server
import json
import threading
import time
import uuid

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from harness.client import Api
from harness.shapes import check_object_error, check_plain_error, check_recommendations_answer
from harness.stand import free_port
from harness.tokens import READ, base64url, by_hand

WRITE = "neuronsearchlab-api/write"
COGNITO = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEfGhI"
KEYCLOAK = "https://sso.example.org/realms/shop"
AUTH0 = "https://shop.eu.auth0.com/"
FILED = "https://file.example.org/"
PEOPLE = "https://people.example.org/"
SERVICES = "https://services.example.org/"


def number(value, size=None):
    return base64url(value.to_bytes(size or (value.bit_length() + 7) // 8, "big"))


def jwk(key, kid, **more):
    public = key.public_key().public_numbers()
    if isinstance(key, rsa.RSAPrivateKey):
        return {"kty": "RSA", "kid": kid, "use": "sig", "alg": "RS256", "n": number(public.n), "e": number(public.e), **more}
    return {"kty": "EC", "crv": "P-256", "kid": kid, "use": "sig", "x": number(public.x, 32), "y": number(public.y, 32), **more}


class KeyServer:
    """Serves the documents of `sets` by path on 127.0.0.1 and counts how often each was asked for."""

    def __init__(self):
        self.sets, self.asked, self.port, self.server = {}, {}, free_port(), None
        self.delay = 0

    def start(self):
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                outer.asked[self.path] = outer.asked.get(self.path, 0) + 1
                time.sleep(outer.delay)
                answer = outer.sets.get(self.path)
                if isinstance(answer, str):  # a redirect
                    self.send_response(302)
                    self.send_header("Location", answer)
                    self.end_headers()
                    return
                self.send_response(200 if answer is not None else 500)
                self.end_headers()
                with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                    self.wfile.write(answer if isinstance(answer, bytes) else json.dumps(answer).encode())

            def log_message(self, *arguments):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        if self.server:
            self.server.shutdown()
            self.server.server_close()
            self.server = None

    def url(self, path):
        return f"http://127.0.0.1:{self.port}{path}"


@pytest.fixture(scope="module")
def keys():
    return {name: rsa.generate_private_key(65537, 2048) for name in ("cognito", "keycloak", "filed", "next", "foreign")} | {
        "auth0": ec.generate_private_key(ec.SECP256R1())}


@pytest.fixture(scope="module")
def server(keys):
    server = KeyServer()
    server.sets = {
        "/cognito": {"keys": [jwk(keys["cognito"], "c1"), jwk(keys["foreign"], "c0", use="enc")]},
        "/keycloak": {"keys": [jwk(keys["keycloak"], "k1")]},
        "/auth0": {"keys": [jwk(keys["auth0"], "a1")]},
    }
    server.start()
    yield server
    server.stop()


def cache_folder(stand, name):
    folder = stand.root / name
    folder.mkdir()
    folder.chmod(0o1777)
    return folder


def configure(stand, name, issuers, **token):
    stand.write(f"{name}.json", json.dumps({"issuers": issuers}))
    return stand.configure(f"{name}.conf", {"algorithm": "HS256", "secret_file": stand.root / "token.secret",
                                            "issuers_file": stand.root / f"{name}.json", **token})


def cognito_entry(server, path="/cognito"):
    return {"issuer": COGNITO, "algorithms": ["RS256"], "jwks_url": server.url(path), "local_http": True,
            "client_claims": ["client_id"], "require": {"token_use": "access"}}


@pytest.fixture(scope="module")
def front(stand, server, keys):
    stand.write("filed.jwks", json.dumps({"keys": [jwk(keys["filed"], "f1")]}))
    configuration = configure(stand, "providers", [
        cognito_entry(server),
        {"issuer": KEYCLOAK, "algorithms": ["RS256"], "audience": "account", "jwks_url": server.url("/keycloak"), "local_http": True,
         "client_claims": ["azp", "client_id"], "require": {"typ": "Bearer"}, "scope_claims": ["scope", "realm_access.roles"],
         "scopes": {"catalog": READ, "shop-admin": [READ, WRITE]}},
        {"issuer": AUTH0, "algorithms": ["ES256"], "audience": ["https://palate.example/api"], "jwks_url": server.url("/auth0"),
         "local_http": True, "client_claims": ["azp", "sub"], "scope_claims": ["permissions", "scope"], "scopes": {"read:items": READ}},
        {"issuer": FILED, "algorithms": ["RS256"], "audience": "palate", "jwks_file": str(stand.root / "filed.jwks"),
         "client_claims": "aud"},
        {"issuer": PEOPLE, "algorithms": ["RS256"], "audience": "palate", "jwks_file": str(stand.root / "filed.jwks"),
         "client_claims": ["azp"], "scope_claims": ["scope"], "subjects": "people"},
        {"issuer": SERVICES, "algorithms": ["RS256"], "audience": "palate", "jwks_file": str(stand.root / "filed.jwks"),
         "client_claims": ["azp", "sub"], "subjects": "clients"},
    ], keys_cache=cache_folder(stand, "keys-cache"))
    alias = ("client", "alias", "add", "--client", "alpha-client")
    for issuer, name in ((COGNITO, "1h57kf5cpq17m0eml12EXAMPLE"), (KEYCLOAK, "shop-backend"), (AUTH0, "Zr2AbCdEfGhIjKl"),
                         (AUTH0, "Zr2AbCdEfGhIjKl@clients"), (FILED, "palate"),
                         (PEOPLE, "shop-pages"), (SERVICES, "shop-backend"), (SERVICES, "Zr2AbCdEfGhIjKl@clients")):
        stand.tool.run("--config", configuration, *alias, "--issuer", issuer, "--name", name)
    return stand.front("lighttpd", "providers", configuration, workers=4)


# ---- The three shapes, as the providers make them


def times():
    return {"iat": int(time.time()) - 5, "exp": int(time.time()) + 600}


def cognito(key, kid="c1", **more):
    claims = {"sub": "1h57kf5cpq17m0eml12EXAMPLE", "token_use": "access", "scope": f"{READ} {WRITE}", "auth_time": int(time.time()),
              "iss": COGNITO, "version": 2, "jti": str(uuid.uuid4()), "client_id": "1h57kf5cpq17m0eml12EXAMPLE", **times(), **more}
    return jwt.encode({k: v for k, v in claims.items() if v is not None}, key, "RS256", {"kid": kid, "typ": None})


def keycloak(key, kid="k1", **more):
    claims = {"jti": str(uuid.uuid4()), "iss": KEYCLOAK, "aud": "account", "sub": str(uuid.uuid4()), "typ": "Bearer", "azp": "shop-backend",
              "acr": "1", "allowed-origins": ["/*"], "realm_access": {"roles": ["offline_access", "shop-admin", "uma_authorization"]},
              "resource_access": {"account": {"roles": ["manage-account"]}}, "scope": "profile email catalog", "clientHost": "10.0.0.1",
              "email_verified": False, "preferred_username": "service-account-shop-backend", **times(), **more}
    return jwt.encode({k: v for k, v in claims.items() if v is not None}, key, "RS256", {"kid": kid})


def auth0(key, kid="a1", algorithm="ES256", **more):
    claims = {"iss": AUTH0, "sub": "Zr2AbCdEfGhIjKl@clients", "aud": ["https://palate.example/api", f"{AUTH0}userinfo"],
              "azp": "Zr2AbCdEfGhIjKl", "gty": "client-credentials", "scope": "read:items", "permissions": ["read:items", "delete:items"],
              **times(), **more}
    return jwt.encode({k: v for k, v in claims.items() if v is not None}, key, algorithm, {"kid": kid, "typ": "at+jwt"})


def filed(key, kid="f1", **more):
    claims = {"iss": FILED, "sub": "x", "aud": ["other", "palate"], "scope": READ, **times(), **more}
    return jwt.encode({k: v for k, v in claims.items() if v is not None}, key, "RS256", {"kid": kid} if kid else None)


def call(front, token):
    return Api(front, token).recommendations(user_id="u", quantity=1)


def check_refused(front, token, code="invalid_token"):
    check_plain_error(call(front, token), code)


def test_a_cognito_token(front, keys, database):
    for _ in range(8):
        answer = call(front, cognito(keys["cognito"]))
        check_recommendations_answer(answer)
        assert database.execute("SELECT client_id FROM sequences WHERE request_id = %s", answer.request_id) == (("alpha-client",),)


def test_a_keycloak_token(front, keys):
    check_recommendations_answer(call(front, keycloak(keys["keycloak"])))
    check_recommendations_answer(call(front, keycloak(keys["keycloak"], scope="email")))  # by its role
    check_recommendations_answer(call(front, keycloak(keys["keycloak"], realm_access=None)))  # by its scope
    check_plain_error(call(front, keycloak(keys["keycloak"], realm_access={"roles": ["x"]}, scope="email")), "insufficient_scope")
    # Our own names do not count where they are mapped.
    check_plain_error(call(front, keycloak(keys["keycloak"], realm_access=None, scope=READ)), "insufficient_scope")


def test_an_auth0_token(front, keys):
    check_recommendations_answer(call(front, auth0(keys["auth0"])))
    check_recommendations_answer(call(front, auth0(keys["auth0"], azp=None)))  # then by its sub
    check_recommendations_answer(call(front, auth0(keys["auth0"], scope=None)))
    check_plain_error(call(front, auth0(keys["auth0"], scope=None, permissions=["delete:items"])), "insufficient_scope")


def test_a_token_with_keys_from_a_file(front, keys, stand):
    check_recommendations_answer(call(front, filed(keys["filed"])))
    check_recommendations_answer(call(front, filed(keys["filed"], kid=None)))
    check_refused(front, filed(keys["next"], kid="f2"))
    stand.write("filed.jwks", json.dumps({"keys": [jwk(keys["next"], "f2")]}))
    token = filed(keys["next"], kid="f2")
    for _ in range(8):
        check_recommendations_answer(call(front, token))
        check_refused(front, filed(keys["filed"]))
    stand.write("filed.jwks", json.dumps({"keys": [jwk(keys["filed"], "f1")]}))
    for _ in range(8):
        check_refused(front, token)


def test_our_own_tokens_go_on_counting(front, mint):
    check_recommendations_answer(call(front, mint()))
    check_recommendations_answer(call(front, mint(iss="https://somebody.else/")))  # no issuer is configured for ours


@pytest.mark.parametrize("change", [{"token_use": "id"}, {"token_use": None}, {"client_id": None}, {"client_id": 5}, {"client_id": ""},
                                    {"exp": None}, {"exp": 1}, {"nbf": 99999999999}, {"iss": COGNITO + "/"}, {"iss": COGNITO.upper()},
                                    {"client_id": "x" * 256}, {"client_id": ["1h57kf5cpq17m0eml12EXAMPLE"]}, {"sub": ""}])
def test_changed_cognito_tokens_are_refused(front, keys, change):
    answer = call(front, cognito(keys["cognito"], **change))
    assert answer.status == 401 and answer.json()["code"] in ("invalid_token", "expired_token")


@pytest.mark.parametrize("change", [{"aud": None}, {"aud": "other"}, {"aud": []}, {"typ": "ID"}, {"typ": "Refresh"}, {"azp": 7}])
def test_changed_keycloak_tokens_are_refused(front, keys, change):
    check_refused(front, keycloak(keys["keycloak"], **change))


def test_clients_that_nobody_has_named_are_refused(front, keys):
    check_refused(front, cognito(keys["cognito"], client_id="another"), "unknown_client")
    check_refused(front, keycloak(keys["keycloak"], azp="another"), "unknown_client")
    check_refused(front, cognito(keys["cognito"], client_id="alpha-client"), "unknown_client")  # our name is not theirs
    check_refused(front, keycloak(keys["keycloak"], azp="1h57kf5cpq17m0eml12EXAMPLE"), "unknown_client")  # another provider's


def test_no_provider_can_sign_for_another(front, keys, stand):
    for key, kid in (("keycloak", "k1"), ("keycloak", "c1"), ("foreign", "c1"), ("foreign", "c0"), ("foreign", "nobody")):
        check_refused(front, cognito(keys[key], kid))
    check_refused(front, auth0(keys["keycloak"], "k1", "RS256"))
    check_refused(front, auth0(keys["keycloak"], "a1", "RS256"))
    check_refused(front, jwt.encode({"client_id": "alpha-client", "scope": READ, **times()}, keys["cognito"], "RS256", {"kid": "c1"}))
    # Our own secret in their name.
    check_refused(front, jwt.encode({"iss": COGNITO, "client_id": "alpha-client", "scope": READ, **times()}, stand.secret, "HS256"))


def test_their_public_keys_are_no_secrets(front, keys):
    public = keys["cognito"].public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    claims = {"iss": COGNITO, "client_id": "1h57kf5cpq17m0eml12EXAMPLE", "token_use": "access", "scope": READ, **times()}
    for algorithm in ("HS256", "RS256", "none"):
        for secret in (public, public.strip(), json.dumps(jwk(keys["cognito"], "c1")).encode()):
            check_refused(front, by_hand({"alg": algorithm, "typ": "JWT", "kid": "c1"}, claims, secret))


def test_scopes_count_as_far_as_our_client_has_them(front, keys, stand, database):
    """alpha-client may only read, whatever the provider says."""
    stand.tool.run("client", "create", "--tenant", "alpha", "--id", "no-scopes", "--scopes", "other")
    stand.tool.run("client", "alias", "add", "--client", "no-scopes", "--issuer", COGNITO, "--name", "scopeless")
    check_plain_error(call(front, cognito(keys["cognito"], client_id="scopeless")), "insufficient_scope")


def test_revocation_counts_for_their_tokens_too(front, keys, stand):
    name = f"alias-{uuid.uuid4()}"
    stand.tool.run("client", "create", "--tenant", "alpha", "--id", name)
    stand.tool.run("client", "alias", "add", "--client", name, "--issuer", COGNITO, "--name", name)
    assert name in stand.tool.run("client", "alias", "list", "--tenant", "alpha").stdout
    token = cognito(keys["cognito"], client_id=name)
    for _ in range(8):
        assert call(front, token).status == 200
    stand.tool.run("client", "revoke-tokens", name)
    for _ in range(8):
        check_refused(front, token, "unknown_client")
    fresh = cognito(keys["cognito"], client_id=name, iat=int(time.time()) + 2)
    assert call(front, fresh).status == 200
    stand.tool.run("client", "alias", "remove", "--issuer", COGNITO, "--name", name)
    for _ in range(8):
        check_refused(front, fresh, "unknown_client")
    assert stand.tool.run("client", "alias", "remove", "--issuer", COGNITO, "--name", name, check=False).returncode == 1


def test_a_name_of_a_provider_is_one_client(stand, front):
    result = stand.tool.run("client", "alias", "add", "--client", "beta-client", "--issuer", KEYCLOAK, "--name", "shop-backend", check=False)
    assert result.returncode == 1 and "alpha-client already" in result.stderr


# ---- How keys are fetched


def provider(stand, server, name, cache=True, workers=4):
    more = {"keys_cache": cache_folder(stand, f"cache-{name}")} if cache else {}
    return stand.front("lighttpd", name, configure(stand, name, [cognito_entry(server, f"/{name}")], **more), workers=workers)


def test_workers_share_what_one_has_fetched(stand, server, keys, front):
    server.sets["/shared"] = {"keys": [jwk(keys["cognito"], "c1")]}
    other = provider(stand, server, "shared")
    server.delay = 0.3
    try:
        answers = []
        threads = [threading.Thread(target=lambda: answers.append(call(other, cognito(keys["cognito"])).status)) for _ in range(12)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        server.delay = 0
    assert answers == [200] * 12 and server.asked["/shared"] == 1


def test_an_unknown_kid_is_looked_for_once_a_minute(stand, server, keys, front):
    server.sets["/rotated"] = {"keys": [jwk(keys["cognito"], "c1")]}
    other = provider(stand, server, "rotated", cache=False, workers=1)
    assert call(other, cognito(keys["cognito"])).status == 200
    server.sets["/rotated"] = {"keys": [jwk(keys["next"], "c2")]}
    for i in range(10):
        check_refused(other, cognito(keys["next"], f"c{i + 2}"))
    assert server.asked["/rotated"] == 1
    # A worker that has not asked within the minute does.
    other.replace_workers()
    assert call(other, cognito(keys["next"], "c2")).status == 200
    check_refused(other, cognito(keys["cognito"], "c1"))
    assert server.asked["/rotated"] == 2


def test_old_keys_count_while_the_provider_is_away(stand, server, keys, front):
    server.sets["/away"] = {"keys": [jwk(keys["cognito"], "c1")]}
    other = provider(stand, server, "away", workers=2)
    assert call(other, cognito(keys["cognito"])).status == 200
    path, = (stand.root / "cache-away").glob("*.json")
    lock, = (stand.root / "cache-away").glob("*.lock")

    def age(seconds):
        document = json.loads(path.read_text())
        document["fetched_at"] = int(time.time()) - seconds
        path.write_text(json.dumps(document))
        lock.write_text("1")
        other.replace_workers()
    for answer in (None, b"<html>", b"{}", b"x" * 1000000, server.url("/cognito")):  # error, no set, too large, redirect
        server.sets["/away"] = answer
        before = server.asked["/away"]
        age(7200)
        for _ in range(4):
            assert call(other, cognito(keys["cognito"])).status == 200
        assert server.asked["/away"] == before + 1
    age(2 * 86400)
    check_refused(other, cognito(keys["cognito"]))
    server.sets["/away"] = {"keys": [jwk(keys["cognito"], "c1")]}
    age(2 * 86400)
    assert call(other, cognito(keys["cognito"])).status == 200


def test_a_provider_that_hangs_delays_a_request_by_three_seconds_at_most(stand, server, keys, front, mint):
    server.sets["/slow"] = {"keys": [jwk(keys["cognito"], "c1")]}
    other = provider(stand, server, "slow", workers=1)
    server.delay = 8
    try:
        start = time.monotonic()
        check_refused(other, cognito(keys["cognito"]))
        assert 2.5 < time.monotonic() - start < 6
        start = time.monotonic()
        check_refused(other, cognito(keys["cognito"]))
        assert call(other, mint()).status == 200
        assert time.monotonic() - start < 2.5
    finally:
        server.delay = 0


# ---- Whose ids the subjects are


def user_of(database, answer):
    assert answer.status == 200, answer
    return database.execute("SELECT user_id FROM sequences WHERE request_id = %s", answer.request_id)[0][0]


def test_a_person_of_a_provider_may_name_nobody_else(front, keys, database):
    anna = Api(front, filed(keys["filed"], iss=PEOPLE, azp="shop-pages", sub="6f2c-anna", scope=f"{READ} {WRITE}"))
    for _ in range(2):  # the second time the token is remembered
        assert user_of(database, anna.v1()) == user_of(database, anna.v1(user_id="6f2c-anna")) == "6f2c-anna"
        check_object_error(anna.v1(user_id="bob"), 403, "person_token")
        check_object_error(anna.call("DELETE", "/v1/items/el-01"), 403, "person_token")
    check_refused(front, filed(keys["filed"], iss=PEOPLE, azp="shop-pages", sub=None))


@pytest.mark.parametrize("claims", [{"azp": "shop-backend", "sub": "0f3b6a51-8c1e-4f0a-9d57-3a2f1b7c9e11"},
                                    {"azp": None, "sub": "Zr2AbCdEfGhIjKl@clients"}], ids=["Keycloak", "Auth0"])
def test_a_service_account_is_a_client(front, keys, database, claims):
    """Its subject is no end user: it may name anybody, and stands before no visitor."""
    shop = Api(front, filed(keys["filed"], iss=SERVICES, **claims))
    assert user_of(database, shop.v1(user_id="bob")) == "bob"
    assert user_of(database, shop.v1({"X-Anonymous-Id": "a-visitor"})) == "a-visitor"


def test_doctor_asks_whose_ids_they_are(stand):
    entry = {"issuer": "https://i/", "algorithms": ["RS256"], "audience": "a", "jwks_url": "https://i/keys"}
    for subjects, asks in ((None, True), ("people", False), ("clients", False)):
        configuration = configure(stand, "asks", [{**entry, "subjects": subjects}])
        report = stand.tool.run("--config", configuration, "doctor", check=False).stdout
        assert ("whose ids are the sub claims of https://i/?" in report) is asks


# ---- The file


@pytest.mark.parametrize("entry, says", [
    ({"issuer": ""}, "issuer must be"), ({"algorithms": ["HS256"]}, "RS256 and ES256"), ({"algorithms": ["none"]}, "RS256 and ES256"),
    ({"algorithms": None}, "algorithms is missing"), ({"jwks_url": "http://id.example.org/k"}, "https://"),
    ({"jwks_url": "http://127.0.0.1:1/", "local_http": False}, "https://"), ({"jwks_url": "http://127.0.0.1@id.example.org/"}, "https://"),
    ({"jwks_url": "file:///etc/passwd"}, "https://"), ({"jwks_file": "/x"}, "one of jwks_file"), ({"jwks_url": None}, "one of jwks_file"),
    ({"audience": None, "client_claims": ["sub"]}, "without an audience"), ({"scopes": {"a": 5}}, "list of texts"),
    ({"auidence": "x"}, "no setting"), ({"audience": [5]}, "list of texts"), ({"require": []}, "require must be"), ({"subjects": "persons"}, "people or clients"),
    ({"subjects": True}, "people or clients"), (7, "must be an object")])
def test_mistakes_in_the_file_are_named(stand, entry, says):
    good = {"issuer": "https://i/", "algorithms": ["RS256"], "audience": "a", "jwks_url": "https://i/keys", "local_http": True}
    configuration = configure(stand, "mistake", [entry if isinstance(entry, int) else {**good, **entry}])
    result = stand.tool.run("--config", configuration, "doctor", check=False)
    assert result.returncode == 1 and says in result.stdout and "mistake.json, issuers[0]" in result.stdout
    configure(stand, "mistake", [good])
    assert "1 in " in stand.tool.run("--config", configuration, "doctor", check=False).stdout
