"""What a running worker has given up. That it still does its work there is shown by every other test: all workers of this suite are
in the sandbox, also those that reconnect and that map a new model."""
from pathlib import Path

import pytest

from harness.client import Api
from harness.shapes import check_recommend_error, check_recommendations_answer


def status_of(pid):
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}


def locked_workers(front, mint):
    """Those in the sandbox: all that have served a request, and so have read their configuration."""
    api = Api(front, mint())
    for _ in range(3 * front.pool):
        check_recommendations_answer(api.recommendations(user_id="u", quantity=1))
    return [pid for pid in front.workers() if status_of(pid)["Seccomp"] == "2"]


def test_workers_have_given_up_what_they_do_not_need(pool, mint):
    workers = locked_workers(pool, mint)
    assert workers
    for pid in workers:
        assert status_of(pid)["NoNewPrivs"] == "1"
        limits = Path(f"/proc/{pid}/limits").read_text()
        assert [line.split()[4] for line in limits.splitlines() if line.startswith("Max core file size")] == ["0"]


@pytest.mark.parametrize("mode", ["required", "off"])
def test_the_sandbox_is_as_configured(stand, mint, mode):
    path = stand.root / f"sandbox-{mode}.conf"
    text = (stand.root / "palate.conf").read_text()
    stand.write(path.name, f"{text}\n[worker]\nsandbox = {mode}\n")
    front = stand.front("lighttpd", f"sandbox-{mode}", path, workers=2)
    assert bool(locked_workers(front, mint)) == (mode == "required")


def test_another_word_is_refused(stand):
    text = (stand.root / "palate.conf").read_text()
    path = stand.write("sandbox-wrong.conf", f"{text}\n[worker]\nsandbox = maybe\n")
    answer = stand.run_cgi(PALATE_CONFIG=str(path), REQUEST_URI="/recommendations")
    assert answer.status == 500
    assert "sandbox" in stand.tool.run("doctor", check=False).stdout
