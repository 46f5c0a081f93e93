"""Rotating the secret of HS256 under running workers, and changing what a client may: without a restart, from the next request on."""
import base64
import secrets
import time

import jwt
import pytest

from harness import tokens
from harness.client import Api, request
from harness.shapes import check_object_error, check_plain_error
from harness.stand import wait_until
from harness.tokens import BOTH, READ, WRITE

ROUNDS = 12  # answers looked at where every worker must agree


@pytest.fixture
def rotated(stand):
    """A front in the sandbox with a secret file of its own: (front, path, the secret that it begins with)."""
    secret = secrets.token_hex(32)
    path = stand.write("rotated.secret", secret + "\n")
    configuration = stand.configure("rotated.conf", token={"algorithm": "HS256", "secret_file": path}, worker={"sandbox": "required"})
    front = stand.front("lighttpd", "secrets", configuration, workers=4)
    yield front, path, secret
    front.stop()
    del stand.fronts["secrets", "lighttpd"]


def statuses(front, secret, count=ROUNDS):
    token = tokens.sign(tokens.claims_for(), secret)
    answers = [Api(front, token).call("GET", "/v1/items/el-01") for _ in range(count)]
    print([answer.body for answer in answers if answer.status != 200][:1], front.log()[-1500:])
    return {answer.status for answer in answers}


def test_two_secrets_count_and_the_first_signs(stand, rotated):
    front, path, old = rotated
    new = secrets.token_hex(32)
    made = stand.tool.run("client", "create", "--tenant", "alpha", "--id", "rotating", "--scopes", READ).stdout
    basic = base64.b64encode(("rotating:" + made.split()[3]).encode()).decode()

    def issued():
        answer = request(front.port, "POST", "/oauth2/token", b"grant_type=client_credentials",
                         {"Authorization": f"Basic {basic}", "Content-Type": "application/x-www-form-urlencoded"})
        return answer.json()["access_token"]

    def signed_by(token, secret):
        try:
            return bool(jwt.decode(token, secret, algorithms=["HS256"]))
        except jwt.InvalidSignatureError:
            return False
    assert statuses(front, old) == {200} and statuses(front, new) == {401} and signed_by(issued(), old)
    workers = set(front.workers())
    path.write_text(f"{new}\n{old}\n")
    # At once, in every worker: no pause between the writing and the first token.
    assert statuses(front, new) == {200} and statuses(front, old) == {200}
    assert all(signed_by(issued(), new) for _ in range(ROUNDS))
    assert statuses(front, f"{new}\n{old}") == {200}, "as it was before there were two"
    path.write_text(f"{new}\n")
    time.sleep(1.1)
    assert statuses(front, old) == {401}, "what was remembered goes with its secret"
    assert statuses(front, new) == {200} and set(front.workers()) == workers, "without a restart"


def test_a_file_that_is_spoiled_or_replaced_changes_nothing(rotated):
    front, path, old = rotated
    assert statuses(front, old) == {200}
    for text in ("", "short\n", "-----BEGIN PUBLIC KEY-----\n" + 40 * "x"):
        path.write_text(text)
        assert statuses(front, "short", 2) == {401} and statuses(front, old, 4) == {200}
    wait_until(lambda: "the token secret of before still counts" in front.log(), 5, "it is logged")
    path.write_text(old + "\n")
    assert statuses(front, old) == {200}


def test_scopes_of_a_client_act_on_the_next_request(stand, pool, mint):
    client = f"scoped-{pool.kind}"
    stand.tool.run("client", "create", "--tenant", "alpha", "--id", client)
    api = Api(pool, mint(client, scope=BOTH, iat=int(time.time())))
    event = {"user_id": "scoped", "item_id": "el-01", "type": "view"}

    def write():
        return [api.call("POST", "/v1/events", event) for _ in range(4)]
    assert {answer.status for answer in write()} == {200}
    stand.tool.run("client", "scopes", client, READ)
    for answer in write():
        check_object_error(answer, 403, "insufficient_scope")
    assert api.call("GET", "/v1/items/el-01").status == 200
    stand.tool.run("client", "scopes", client, "")
    check_object_error(api.call("GET", "/v1/items/el-01"), 403, "insufficient_scope")
    check_plain_error(api.recommendations(user_id="u"), "insufficient_scope")
    stand.tool.run("client", "scopes", client, f"{READ} {WRITE}")
    assert {answer.status for answer in write()} == {200}


def test_wrong_scopes_are_refused(stand):
    for arguments in ([], ["alpha-client"], ["alpha-client", "a\tb"], ["alpha-client", "x" * 501], ["alpha-client", "a", "b"]):
        assert stand.tool.run("client", "scopes", *arguments, check=False).returncode == 2, arguments
    assert stand.tool.run("client", "scopes", "nobody-client", READ, check=False).returncode == 1
