"""How often a client may ask: 429 with Retry-After, by client, off by default, shared by all workers; attempts at tokens."""
import base64
import time

import pytest

from harness.client import Api, request
from harness.shapes import check_object_error, check_plain_error, check_recommend_error, check_recommendations_answer


@pytest.fixture(scope="module")
def limited(stand):
    """A configuration with a state file; clients of alpha of which one is limited."""
    folder = stand.root / "limits-state"
    folder.mkdir()
    folder.chmod(0o777)
    path = stand.configure("limits.conf", limits={"state_file": folder / "limits", "token_attempts": 5})
    for client in ("limited-client", "free-client"):
        stand.tool.client("alpha", client)
    stand.tool.run("client", "limit", "limited-client", "--per-minute", "6", "--burst", "8")
    return lambda kind: stand.front(kind, "limits", path)


@pytest.mark.parametrize("kind", ["lighttpd", "apache-fcgid"])
def test_the_burst_passes_and_the_rest_waits(stand, limited, mint, kind):
    stand.tool.run("client", "limit", "limited-client", "--per-minute", "0")
    stand.tool.run("client", "limit", "limited-client", "--per-minute", "6", "--burst", "8" if kind == "lighttpd" else "9")
    api = Api(limited(kind), mint("limited-client"))
    answers = [api.recommendations(user_id="u", quantity=1) for _ in range(16)]
    passed = [answer for answer in answers if answer.status == 200]
    refused = [answer for answer in answers if answer.status != 200]
    assert len(refused) >= 6 and (kind != "lighttpd" or len(passed) >= 8), [answer.status for answer in answers]
    check_recommendations_answer(answers[0]) if kind == "lighttpd" else None
    for answer in refused:
        check_plain_error(answer, "rate_limited")
        assert 1 <= int(answer.headers["Retry-After"]) <= 10
    check_object_error(api.call("GET", "/v1/items"), 429, "rate_limited")
    check_recommend_error(api.recommend(), 429)
    free = Api(limited(kind), mint("free-client"))
    assert all(free.recommendations(user_id="u", quantity=1).status == 200 for _ in range(16))


def test_after_the_pause_it_goes_on(stand, limited, mint):
    stand.tool.client("alpha", "patient-client")
    stand.tool.run("client", "limit", "patient-client", "--per-minute", "60", "--burst", "1")
    api = Api(limited("lighttpd"), mint("patient-client"))
    assert api.recommendations(user_id="u").status == 200
    answer = api.recommendations(user_id="u")
    assert answer.status == 429
    time.sleep(int(answer.headers["Retry-After"]) + 0.1)
    assert api.recommendations(user_id="u").status == 200


def test_a_limit_is_lifted_at_once(stand, limited, mint):
    stand.tool.client("alpha", "lifted-client")
    stand.tool.run("client", "limit", "lifted-client", "--per-minute", "1", "--burst", "1")
    api = Api(limited("lighttpd"), mint("lifted-client"))
    api.recommendations(user_id="u")
    assert api.recommendations(user_id="u").status == 429
    stand.tool.run("client", "limit", "lifted-client", "--per-minute", "0")
    assert all(api.recommendations(user_id="u").status == 200 for _ in range(5))


def test_without_a_state_file_nobody_is_limited(stand, mint):
    path = stand.configure("uncounted.conf", limits={})
    stand.tool.client("alpha", "uncounted-client")
    done = stand.tool.run("--config", path, "client", "limit", "uncounted-client", "--per-minute", "1", "--burst", "1")
    assert "state_file" in done.stderr
    front = stand.front("lighttpd", "uncounted", path, workers=2)
    assert all(Api(front, mint("uncounted-client")).recommendations(user_id="u").status == 200 for _ in range(5))


def test_secrets_cannot_be_guessed_fast(limited):
    front = limited("lighttpd")
    body = b"grant_type=client_credentials&client_id=guessed&client_secret=wrong"
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    answers = [request(front.port, "POST", "/oauth2/token", body, headers) for _ in range(8)]
    assert [answer.status for answer in answers] == [401] * 5 + [429] * 3
    assert int(answers[-1].headers["Retry-After"]) >= 1 and answers[-1].json()["error"] == "temporarily_unavailable"
    other = body.replace(b"guessed", b"another")
    assert request(front.port, "POST", "/oauth2/token", other, headers).status == 401


def try_secret(front, client, secret):
    """By HTTP Basic, as it stands."""
    pair = base64.b64encode(f"{client}:{secret}".encode()).decode()
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Authorization": f"Basic {pair}"}
    return request(front.port, "POST", "/oauth2/token", b"grant_type=client_credentials", headers)


def test_who_guesses_does_not_lock_the_client_out(stand, limited):
    """Wrong tries are counted by themselves, and as the client's however its id is encoded: 5, 10 or 15 in a minute would be three limits."""
    made = stand.tool.run("client", "create", "--tenant", "alpha", "--id", "guessed-at")
    secret = made.stdout.split("client_secret")[1].split()[0]
    front = limited("lighttpd")
    wrong = [try_secret(front, name, "x" * 43).status for name in ("guessed-at", "guessed%2Dat", "%67uessed-at") for _ in range(3)]
    assert wrong == [401] * 5 + [429] * 4
    assert [try_secret(front, name, secret).status for name in ("guessed-at", "guessed%2Dat") * 3] == [200] * 5 + [429]
    assert try_secret(front, "guessed-at", "y" * 43).status == 429


def test_wrong_limits_are_refused(stand):
    for arguments in (["limited-client"], ["limited-client", "--per-minute", "-1"], ["limited-client", "--per-minute", "10", "--burst", "601"],
                      ["--per-minute", "10"]):
        assert stand.tool.run("client", "limit", *arguments, check=False).returncode == 2
    assert stand.tool.run("client", "limit", "nobody-client", "--per-minute", "5", check=False).returncode == 1
