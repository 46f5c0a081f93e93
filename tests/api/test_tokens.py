"""Bearer tokens: what is accepted, and everything that must not be."""
import base64
import hashlib
import json
import time

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from harness.client import Api
from harness.shapes import check_plain_error, check_recommend_answer, check_recommend_error, check_recommendations_answer
from harness.tokens import READ, base64url, by_hand, claims_for, sign, sign_bytes

HEADER = {"alg": "HS256", "typ": "JWT"}


def refused(api, token, codes=("invalid_token",)):
    """Both endpoints refuse it, each in its own shape."""
    other = api.with_token(token)
    answer = other.recommendations(user_id="u")
    assert answer.status == 401, answer
    assert answer.json()["code"] in codes, answer
    check_plain_error(answer, answer.json()["code"])
    check_recommend_error(other.recommend(), 401)
    assert token is None or len(token) < 20 or token.encode() not in answer.body


def accepted(api, token):
    other = api.with_token(token)
    check_recommendations_answer(other.recommendations(user_id="u", quantity=1))
    check_recommend_answer(other.recommend(quantity=1))


# ---- Through each front


def test_a_proper_token_is_accepted(everywhere, mint):
    accepted(everywhere, mint())


def test_without_a_token_the_request_is_refused(everywhere, nothing_logged):
    refused(everywhere, None)


@pytest.mark.parametrize("value", ["Basic YTpi", "Bearer", "Bearer ", "bearer", "Token abc", "Bearer a b", "Bearer a, Bearer b", "x",
                                   "Bearer not.a.token", "Bearer ..", "Bearer ...", "Negotiate Bearer"])
def test_other_authorization_headers_are_refused(everywhere, nothing_logged, value):
    answer = everywhere.with_token(None).recommendations({"Authorization": value}, user_id="u")
    check_plain_error(answer, "invalid_token")


def test_a_bare_token_without_its_scheme_is_refused(everywhere, mint, nothing_logged):
    check_plain_error(everywhere.with_token(None).recommendations({"Authorization": mint()}, user_id="u"), "invalid_token")
    check_plain_error(everywhere.with_token(None).recommendations({"Authorization": f"Basic {mint()}"}, user_id="u"), "invalid_token")


def test_two_tokens_are_refused(everywhere, mint, nothing_logged):
    value = f"Bearer {mint()}, Bearer {mint()}"
    check_plain_error(everywhere.with_token(None).recommendations({"Authorization": value}, user_id="u"), "invalid_token")
    # And as two headers, which web servers join.
    received = everywhere.raw(f"GET /recommendations?user_id=u HTTP/1.1\nAuthorization: Bearer {mint()}")
    assert received.split()[1] in (b"400", b"401"), received[:300]


def test_a_token_in_the_query_or_body_is_no_token(everywhere, mint, nothing_logged):
    other = everywhere.with_token(None)
    check_plain_error(other.recommendations(user_id="u", access_token=mint(), authorization=mint()), "invalid_token")
    check_plain_error(other.call("POST", "/recommendations", {"user_id": "u", "access_token": mint()}), "invalid_token")


def test_an_underscore_header_is_no_authorization(everywhere, mint, nothing_logged):
    """lighttpd hands X_Y and X-Y on under one name, so a header HTTP_AUTHORIZATION must not come to count."""
    received = everywhere.with_token(None).raw(f"GET /recommendations?user_id=u HTTP/1.1\nHTTP_AUTHORIZATION: Bearer {mint()}")
    assert received.split()[1] == b"401", received[:300]


def test_the_scheme_may_be_in_any_case(api, mint):
    for scheme in ("bearer", "BEARER", "Bearer"):
        answer = api.with_token(None).recommendations({"Authorization": f"{scheme} {mint()}"}, user_id="u", quantity=1)
        check_recommendations_answer(answer)


# ---- Claims


def test_an_expired_token_is_refused(everywhere, mint, nothing_logged):
    refused(everywhere, mint(exp=int(time.time()) - 60), ("expired_token",))


@pytest.mark.parametrize("late", [0, 20])
def test_clocks_may_differ_a_little(api, mint, late):
    accepted(api, mint(exp=int(time.time()) - late))
    accepted(api, mint(nbf=int(time.time()) + late))


def test_a_token_that_is_not_yet_valid_is_refused(api, mint, nothing_logged):
    refused(api, mint(nbf=int(time.time()) + 90), ("invalid_token", "expired_token"))


@pytest.mark.parametrize("exp", [None, "tomorrow", 1e12, 1.5, -1, 0, True, [4102444800], {}, "4102444800"])
def test_exp_must_be_a_number_in_the_future(api, stand, nothing_logged, exp):
    token = by_hand(HEADER, {**claims_for(), "exp": exp}, stand.secret.encode())
    refused(api, token, ("invalid_token", "expired_token"))


def test_a_token_without_exp_is_refused(everywhere, mint, nothing_logged):
    refused(everywhere, mint(exp=None))


@pytest.mark.parametrize("nbf", ["now", 4102444800.5, True, [], {}])
def test_nbf_must_be_a_number_in_the_past(api, stand, nothing_logged, nbf):
    refused(api, by_hand(HEADER, {**claims_for(), "nbf": nbf}, stand.secret.encode()))


def test_exp_and_nbf_may_have_a_fraction(api, mint):
    """RFC 7519, 2; libraries whose clocks count in fractions write them so."""
    accepted(api, mint(exp=4102444800.5))
    accepted(api, mint(nbf=time.time() - 5.5, exp=time.time() + 600.25))


def test_exp_beyond_64_bits_is_refused(api, stand, nothing_logged):
    payload = json.dumps(claims_for()).replace(str(claims_for()["exp"])[:9], "9" * 30)
    refused(api, by_hand(HEADER, payload.encode(), stand.secret.encode()), ("invalid_token", "expired_token"))


@pytest.mark.parametrize("payload", [b"[]", b"null", b"5", b'"text"', b"", b"{", b'{"exp":4102444800}garbage', b"\xff\xfe",
                                     b'{"client_id":"alpha-client","exp":4102444800,"x":' + b"[" * 1000 + b"]" * 1000 + b"}"])
def test_claims_must_be_a_proper_object(api, stand, nothing_logged, payload):
    refused(api, by_hand(HEADER, payload, stand.secret.encode()))


def test_the_client_is_client_id_or_else_sub(api, mint, database):
    for claims in ({"client": "alpha-client", "sub": "someone"}, {"client": None, "sub": "alpha-client"}):
        answer = api.with_token(mint(**claims)).recommendations(user_id="u", quantity=1)
        check_recommendations_answer(answer)
        assert database.execute("SELECT client_id FROM sequences WHERE request_id = %s", answer.request_id) == (("alpha-client",),)


@pytest.mark.parametrize("client", ["nobody", "alpha", "ALPHA-CLIENT", "alpha-client ", "alpha-client' OR '1'='1", "%", "closed-client",
                                    "x" * 129, "x" * 3000])
def test_an_unknown_client_is_refused(api, mint, nothing_logged, client):
    refused(api, mint(client), ("unknown_client", "invalid_token"))


def test_an_unknown_client_is_not_saved_by_its_sub(api, mint, nothing_logged):
    refused(api, mint("nobody", sub="alpha-client"), ("unknown_client",))


def test_a_token_that_names_no_client_is_refused(api, mint, nothing_logged):
    refused(api, mint(None, sub=None), ("invalid_token", "unknown_client"))
    refused(api, mint("", sub=None), ("invalid_token", "unknown_client"))


@pytest.mark.parametrize("claim", [5, True, [], {}, ["alpha-client"]])
def test_a_client_that_is_not_text_is_refused(api, stand, nothing_logged, claim):
    refused(api, by_hand(HEADER, {**claims_for(), "client_id": claim, "sub": claim}, stand.secret.encode()),
            ("invalid_token", "unknown_client"))


# ---- Scopes


@pytest.mark.parametrize("scope", [READ, f"openid {READ} other", [READ], ["other", READ], f"{READ} {READ}"])
def test_the_read_scope_opens_the_second_document(everywhere, mint, scope):
    check_recommendations_answer(everywhere.with_token(mint(scope=scope)).recommendations(user_id="u", quantity=1))


@pytest.mark.parametrize("scope", [None, "", "other", READ + "x", "x" + READ, READ.upper(), READ.split("/")[0], READ.replace("read", "write"),
                                   [], ["other"], {READ: True}, 5, [5], f"{READ},other"])
def test_without_the_read_scope_it_is_closed(api, stand, mint, nothing_logged, scope):
    token = by_hand(HEADER, {**claims_for(), "scope": scope}, stand.secret.encode()) if scope is not None else mint(scope=None)
    answer = api.with_token(token).recommendations(user_id="u")
    if answer.status == 401:  # a scope that is neither text nor a list of texts may make the token unfit as a whole
        assert isinstance(scope, (dict, int)) or scope == [5]
        check_plain_error(answer, "invalid_token")
    else:
        check_plain_error(answer, "insufficient_scope")


def test_a_missing_scope_is_refused_by_every_front_and_method(everywhere, mint, nothing_logged):
    other = everywhere.with_token(mint(scope="other"))
    for method, path in (("GET", "/recommendations"), ("POST", "/recommendations"), ("GET", "/recommendation"), ("POST", "/recommendation")):
        check_plain_error(other.call(method, path + "?user_id=u"), "insufficient_scope")


# ---- Forgeries


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "nOnE", "", None, 5, "hs256", "HS384", "HS512", "RS256", "ES256", "PS256",
                                       "EdDSA", "HS256 ", "HS2560"])
def test_another_algorithm_in_the_header_is_refused(api, stand, nothing_logged, algorithm):
    header = {"alg": algorithm, "typ": "JWT"}
    token = by_hand(header, claims_for(), stand.secret.encode())
    refused(api, token)
    refused(api, token.rsplit(".", 1)[0] + ".")
    refused(api, token.rsplit(".", 1)[0])


@pytest.mark.parametrize("algorithm, digest", [("HS384", hashlib.sha384), ("HS512", hashlib.sha512)])
def test_the_right_secret_with_another_algorithm_is_refused(api, stand, nothing_logged, algorithm, digest):
    refused(api, sign(claims_for(), stand.secret, algorithm))
    refused(api, by_hand(HEADER, claims_for(), stand.secret.encode(), digest))


@pytest.mark.parametrize("secret", [b"", b"\0", b"wrong" * 10, b"secret"])
def test_another_secret_is_refused(everywhere, nothing_logged, secret):
    refused(everywhere, by_hand(HEADER, claims_for(), secret))


def test_the_secrets_own_newline_is_not_part_of_it(api, stand, nothing_logged):
    refused(api, by_hand(HEADER, claims_for(), stand.secret.encode() + b"\n"))


@pytest.mark.parametrize("header", [
    {"alg": "HS256", "crit": ["exp"]}, {"alg": "HS256", "crit": []}, {"alg": "HS256", "typ": "JWT", "crit": ["b64"], "b64": True},
    {"typ": "JWT"}, [], "HS256", None, b"", b"{", b"{}", b'{"alg":"HS256"}x', b"\xff"])
def test_unfit_headers_are_refused(api, stand, nothing_logged, header):
    refused(api, by_hand(header, claims_for(), stand.secret.encode()))


def test_of_two_algorithms_none_can_slip_through(api, stand, nothing_logged):
    for header in (b'{"alg":"HS256","alg":"none"}', b'{"alg":"none","alg":"none"}', b'{"alg":"HS256","Alg":"none","alg":"HS512"}'):
        refused(api, by_hand(header, claims_for(), stand.secret.encode()))
        refused(api, by_hand(header, claims_for(), stand.secret.encode()).rsplit(".", 1)[0] + ".")


@pytest.mark.parametrize("spoil", [
    lambda t: t[:-1], lambda t: t[:-4], lambda t: t + "A", lambda t: t + "=", lambda t: t + "==", lambda t: t + ".", lambda t: "." + t,
    lambda t: t + "." + t, lambda t: t + t, lambda t: t.rsplit(".", 1)[0], lambda t: t.rsplit(".", 1)[0] + ".",
    lambda t: t.replace(".", ".."), lambda t: t.replace(".", ". "), lambda t: t + "%3D", lambda t: t[1:],
    lambda t: t.split(".")[0] + "=." + t.split(".", 1)[1], lambda t: t + "\u00e9", lambda t: t + "+", lambda t: t + "/",
    lambda t: t.swapcase(), lambda t: t[::-1], lambda t: "\"" + t + "\""])
def test_a_spoiled_token_is_refused(api, mint, nothing_logged, spoil):
    other = api.with_token(None)
    value = f"Bearer {spoil(mint())}".encode("utf-8")
    check_plain_error(other.recommendations({"Authorization": value}, user_id="u"), "invalid_token")


def test_a_signature_in_non_canonical_base64url_is_refused(api, mint, nothing_logged):
    """The last character of 32 bytes in base64url holds two bits of nothing: only one of four spellings is proper."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    token = mint()
    at = alphabet.index(token[-1])
    assert at % 4 == 0
    for other in (1, 2, 3):
        refused(api, token[:-1] + alphabet[at + other])


def test_each_changed_bit_of_the_claims_is_noticed(api, stand, nothing_logged):
    header, payload, signature = sign(claims_for("beta-client"), stand.secret).split(".")
    changed = base64.urlsafe_b64decode(payload + "==").replace(b"beta-client", b"alpha-clien")
    refused(api, f"{header}.{base64url(changed)}.{signature}")


def test_a_token_has_at_most_8000_bytes(api, stand, mint, nothing_logged):
    size = len(mint(filler=""))
    big = mint(filler="x" * ((8000 - size) * 3 // 4 - 8))
    assert 7950 < len(big) <= 8000
    huge = mint(filler="x" * ((8000 - size) * 3 // 4 + 40))
    assert 8000 < len(huge) < 8100
    # No room for both in a lighttpd header block, so the worker itself is asked through Apache.
    other = Api(stand.front("apache-fcgid"), None)
    answer = other.with_token(huge).call("POST", "/api/recommend/recommend", {"sequence_data": 5, "task": "t", "template": "t"})
    check_recommend_error(answer, 401)
    answer = other.with_token(big).call("POST", "/api/recommend/recommend", {"sequence_data": 5, "task": "t", "template": "t"})
    check_recommend_error(answer, 400)


# ---- Public keys


def pem(key):
    return key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


@pytest.fixture(scope="module")
def keys():
    return {"RS256": rsa.generate_private_key(public_exponent=65537, key_size=2048), "ES256": ec.generate_private_key(ec.SECP256R1())}


@pytest.fixture(scope="module", params=["RS256", "ES256"])
def public(request, stand, keys):
    """(API of a front that checks with a public key, algorithm, private key); it also wants issuer and audience."""
    algorithm, key = request.param, keys[request.param]
    stand.write(f"{algorithm}.pem", pem(key).decode())
    configuration = stand.configure(f"{algorithm}.conf", {
        "algorithm": algorithm, "public_key_file": stand.root / f"{algorithm}.pem", "issuer": "https://issuer.example/",
        "audience": "recommendations"})
    front = stand.front("lighttpd", algorithm.lower(), configuration, workers=2)
    return Api(front, None), algorithm, key


def proper(**more):
    return claims_for(**{"iss": "https://issuer.example/", "aud": "recommendations", **more})


def test_a_token_signed_with_the_private_key_is_accepted(public):
    api, algorithm, key = public
    accepted(api, sign(proper(), key, algorithm))
    accepted(api, sign(proper(aud=["other", "recommendations"]), key, algorithm))
    accepted(api, sign(proper(), key, algorithm, {"kid": "some-key"}))


def test_issuer_and_audience_must_be_the_configured_ones(public, nothing_logged):
    api, algorithm, key = public
    for claims in ({"iss": None}, {"iss": "https://issuer.example"}, {"iss": "https://other.example/"}, {"aud": None}, {"aud": "other"},
                   {"aud": []}, {"aud": ["other"]}, {"aud": "recommendations "}, {"aud": ["other", ["recommendations"]]}):
        refused(api, sign_bytes(json.dumps(proper(**claims)).encode(), key, algorithm))


def test_another_private_key_is_refused(public, nothing_logged):
    api, algorithm, _ = public
    other = rsa.generate_private_key(65537, 2048) if algorithm == "RS256" else ec.generate_private_key(ec.SECP256R1())
    refused(api, sign(proper(), other, algorithm))


def test_the_public_key_is_no_secret(public, nothing_logged):
    """The classic confusion: HMAC with the bytes of the public key."""
    api, algorithm, key = public
    for secret in (pem(key), pem(key).strip(), pem(key) + b"\n", b"".join(pem(key).splitlines()[1:-1])):
        for name, digest in (("HS256", hashlib.sha256), ("HS384", hashlib.sha384), ("HS512", hashlib.sha512), (algorithm, hashlib.sha256)):
            refused(api, by_hand({"alg": name, "typ": "JWT"}, proper(), secret, digest))


def test_no_other_algorithm_gets_past_a_public_key(public, keys, stand, nothing_logged):
    api, algorithm, key = public
    other = {"RS256": "ES256", "ES256": "RS256"}[algorithm]
    refused(api, sign(proper(), keys[other], other))
    refused(api, sign(proper(), stand.secret, "HS256"))
    if algorithm == "RS256":
        for name in ("RS384", "RS512", "PS256"):
            refused(api, sign(proper(), key, name))
    for name in ("none", "None", ""):
        token = by_hand({"alg": name, "typ": "JWT"}, proper(), b"")
        refused(api, token)
        refused(api, token.rsplit(".", 1)[0] + ".")


def test_unfit_signatures_are_refused(public, nothing_logged):
    api, algorithm, key = public
    token = sign(proper(), key, algorithm)
    signed, signature = token.rsplit(".", 1)
    raw = base64.urlsafe_b64decode(signature + "==")
    spoiled = [b"", b"\0" * len(raw), b"\xff" * len(raw), raw[:-1], raw + b"\0", raw[::-1], bytes([raw[0] ^ 1]) + raw[1:]]
    if algorithm == "ES256":
        half = len(raw) // 2
        spoiled += [raw[half:] + raw[:half],
                    encode_dss_signature(int.from_bytes(raw[:half], "big"), int.from_bytes(raw[half:], "big"))]
    for value in spoiled:
        refused(api, f"{signed}.{base64url(value)}")


def test_claims_are_checked_with_public_keys_too(public, nothing_logged):
    api, algorithm, key = public
    refused(api, sign(proper(exp=None), key, algorithm))
    refused(api, sign(proper(exp=int(time.time()) - 60), key, algorithm), ("expired_token",))
    refused(api, sign(proper(), key, algorithm, {"crit": ["exp"]}))
